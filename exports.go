package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/site/transfer"
)

// teamFlags say which team of which database is meant, and over which content
// its answers are read.
type teamFlags struct {
	layers
	data, team string
}

func (f *teamFlags) define(set *flag.FlagSet) {
	f.layers.define(set)
	set.StringVar(&f.data, "data", "", "`folder` of the database (default: the user's data folder, opsbook/)")
	set.StringVar(&f.team, "team", "", "`slug` of the team, as in its address")
}

// open builds the library and opens the database, which must be there unless it
// may be created. The caller closes the store.
func (f *teamFlags) open(ctx context.Context, p *program, create bool) (*store.Store, *content.Library, error) {
	if f.team == "" {
		return nil, nil, errors.New("which team? --team SLUG, as in its address")
	}
	if f.data == "" {
		var err error
		if f.data, err = store.DefaultDir(p.lookup); err != nil {
			return nil, nil, err
		}
	}
	if !create && !store.Exists(f.data) {
		return nil, nil, fmt.Errorf("--data %s: there is no database", f.data)
	}
	lib, err := f.build(ctx)
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, f.data)
	return st, lib, err
}

// export writes what a team has answered.
func export(ctx context.Context, p *program, args []string) (err error) {
	var f teamFlags
	set := p.newFlags("export")
	f.define(set)
	format := set.String("format", "json", "`form` of the file: json, csv or md")
	day := set.String("at", "", "as it stood at the end of this `day`, such as 2026-11-24")
	rest, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("export takes no arguments, only flags: %q", rest)
	}
	var at time.Time
	if *day != "" {
		if at, err = content.EndOfDay(*day); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	if *format != "json" && *format != "csv" && *format != "md" {
		return fmt.Errorf("--format %s: want json, csv or md", *format)
	}
	st, lib, err := f.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	team, err := st.TeamAt(ctx, f.team)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("--team %s: there is no such team", f.team)
	}
	if err != nil {
		return err
	}
	d, err := transfer.Export(ctx, st, lib, team, at, time.Now(), true)
	if err != nil {
		return err
	}
	switch *format {
	case "csv":
		return d.WriteCSV(p.stdout)
	case "md":
		return d.WriteMarkdown(p.stdout, lib)
	}
	return d.WriteJSON(p.stdout)
}

// importFile adds to a team what a file holds, all of it or nothing, and prints
// what that changes.
func importFile(ctx context.Context, p *program, args []string) (err error) {
	var f teamFlags
	set := p.newFlags("import")
	f.define(set)
	dry := set.Bool("dry-run", false, "only print what would change")
	create := set.Bool("create", false, "create the team from a JSON file where it does not exist")
	files, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return errors.New("import which file? opsbook import --team payments answers.json")
	}
	data, err := readAtMost(files[0], transfer.MaxSize+1)
	if err != nil {
		return err
	}
	st, lib, err := f.open(ctx, p, *create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	now := time.Now()
	d, problems := transfer.Read(data, now)
	team, err := st.TeamAt(ctx, f.team)
	if errors.Is(err, store.ErrNotFound) && *create {
		team, err = newTeam(f.team, d)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = errors.New("there is no such team; --create makes it from a JSON export")
	}
	if err != nil && !problems.Any() {
		return fmt.Errorf("--team %s: %w", f.team, err)
	}
	plan, err := transfer.Compare(ctx, st, lib, team, d, problems)
	if err != nil {
		return err
	}
	if err := plan.WriteText(p.stdout, files[0]); err != nil {
		return err
	}
	if plan.Problems.Any() {
		return errReported
	}
	if *dry {
		return nil
	}
	err = st.Import(ctx, team, plan.Import(now, ""), now, "")
	if errors.Is(err, store.ErrConflict) {
		return errors.New("somebody answered or planned something meanwhile, so nothing was imported; run it again")
	}
	if err == nil {
		_, err = fmt.Fprintf(p.stdout, "Imported into %s.\n", f.team)
	}
	return err
}

// readAtMost reads the first n bytes of a file.
func readAtMost(name string, n int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, n))
}

// newTeam is the team that a document describes, under another slug.
func newTeam(slug string, d *transfer.Document) (store.Team, error) {
	profile := store.Profile{Name: strings.TrimSpace(d.Team.Name), Description: d.Team.Description, Groups: d.Team.Groups}
	if content.Slug(slug) != slug || len(slug) > 60 {
		return store.Team{}, fmt.Errorf("a slug has small letters, digits and single hyphens, such as %q, and at most 60 bytes", cmp.Or(content.Slug(slug), "payments"))
	}
	if problem := profile.Problem(); problem != "" {
		return store.Team{}, fmt.Errorf("only a JSON export says what a team is called: %s", problem)
	}
	return store.NewTeam(slug, profile), nil
}
