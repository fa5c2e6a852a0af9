package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/search"
)

// version prints what this binary is.
func version(_ context.Context, p *program, args []string) error {
	if _, err := p.parse(p.newFlags("version"), args); err != nil {
		return err
	}
	b := build()
	lib := content.Build(nil, content.Options{}, content.Embedded())
	fmt.Fprintf(p.stdout, "opsbook %s, commit %s, %s, %d pages\n", b.version, b.commit, b.goVersion, len(lib.Pages()))
	return nil
}

// check lints content and prints what it finds.
func check(ctx context.Context, p *program, args []string) error {
	var l layers
	set := p.newFlags("check")
	l.define(set)
	format := set.String("format", "text", "`form` of the answer: text or json")
	dirs, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if *format != "text" && *format != "json" {
		return fmt.Errorf("--format %s: want text or json", *format)
	}
	l.content = append(l.content, dirs...)
	l.drafts = true
	lib, err := l.build(ctx)
	if err != nil {
		return err
	}
	problems := lib.Check(time.Now())
	failed, err := search.Check(ctx, lib)
	if err != nil {
		return fmt.Errorf("check the queries: %w", err)
	}
	problems = append(problems, failed...)
	if *format == "json" {
		err = content.WriteProblemsJSON(p.stdout, problems)
	} else {
		err = content.WriteProblems(p.stdout, problems, len(lib.Pages()))
	}
	if err != nil {
		return err
	}
	for _, problem := range problems {
		if !problem.Warning {
			return errReported
		}
	}
	return nil
}

// find searches the layers and prints the hits.
func find(ctx context.Context, p *program, args []string) error {
	var l layers
	set := p.newFlags("search")
	l.define(set)
	limit := set.Int("limit", 10, "at most this `number` of hits")
	words, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errors.New("search for what? opsbook search disk full")
	}
	lib, err := l.build(ctx)
	if err != nil {
		return err
	}
	index, err := search.Build(ctx, lib)
	if err != nil {
		return err
	}
	res, err := index.Search(ctx, search.Query{Text: strings.Join(words, " "), Limit: max(1, *limit)})
	if err != nil {
		return err
	}
	if err := res.WriteText(p.stdout); err != nil {
		return err
	}
	if len(res.Hits) == 0 {
		return errReported
	}
	return nil
}

// read prints a page's Markdown, without its front matter.
func read(ctx context.Context, p *program, args []string) error {
	var l layers
	set := p.newFlags("read")
	l.define(set)
	paths, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if len(paths) != 1 {
		return errors.New("read what? opsbook read playbooks/disk-full")
	}
	lib, err := l.build(ctx)
	if err != nil {
		return err
	}
	path := strings.TrimSuffix(strings.Trim(paths[0], "/"), ".md")
	canonical, _ := lib.Resolve(path)
	page := lib.Page(canonical)
	if page == nil {
		return fmt.Errorf("there is no page %q; opsbook search %s may find it", paths[0], strings.ReplaceAll(path, "/", " "))
	}
	fmt.Fprint(p.stdout, page.Text())
	return nil
}
