package content

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// playbookSections are what a playbook is made of, in order.
var playbookSections = []string{"When to use this", "Impact", "First five minutes", "Diagnose", "Mitigate", "Do not", "Verify", "Escalate", "Afterwards"}

// Check returns every problem of the library at now, sorted by file and line:
// what Build met, and what only the whole library can tell.
func (l *Library) Check(now time.Time) []Problem {
	c := checker{lib: l, problems: slices.Clone(l.problems)}
	pages := l.order
	if l.Welcome != nil {
		pages = append(slices.Clone(pages), l.Welcome)
	}
	for _, p := range pages {
		c.page(p, now)
	}
	for _, t := range l.glossary {
		if t.Page != "" && !c.exists(t.Page) {
			c.add(path.Join(c.base(t.Layer), glossaryFile), t.line, false, "the term %s names the page %s, which does not exist", t.Term, t.Page)
		}
	}
	slices.SortFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(c.problems)
}

// checker gathers problems.
type checker struct {
	lib      *Library
	problems []Problem
}

func (c *checker) add(file string, line int, warning bool, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: file, Line: line, Message: fmt.Sprintf(format, args...), Warning: warning})
}

func (c *checker) exists(target string) bool {
	_, ok := c.lib.Resolve(target)
	return ok
}

// base returns the folder of a layer by its name.
func (c *checker) base(layer string) string {
	if layer == Embedded().Name {
		return Embedded().base
	}
	return layer
}

// page checks one page.
func (c *checker) page(p *Page, now time.Time) {
	file := p.SourceFile()
	for _, problem := range p.problems {
		problem.File = file
		c.problems = append(c.problems, problem)
	}
	if first, _, _ := strings.Cut(p.Path, "/"); slices.Contains(Reserved, first) {
		c.add(file, 0, false, "the path /%s belongs to the system: rename the file or its folder", p.Path)
	}
	if p.Layer == Embedded().Name && (p.titleFromName || p.Description == "") {
		c.add(file, 1, false, "a page of the library needs a title and a description")
	}
	if !p.ReviewBy.IsZero() && now.After(p.ReviewBy.AddDate(0, 0, 1)) {
		c.add(file, 1, true, "the review was due on %s", p.ReviewBy.Format(time.DateOnly))
	}
	c.links(p, file)
	for _, n := range p.Next {
		if !c.exists(n.Page) {
			c.add(file, 1, false, "next names %s, which does not exist", n.Page)
		}
	}
	for _, s := range p.Steps {
		if !c.exists(s.Path) {
			c.add(file, 0, false, "the step %s does not exist", s.Path)
		}
	}
	if p.Kind == Playbook {
		c.playbook(p, file)
	}
}

// links checks a page's links, images and anchors.
func (c *checker) links(p *Page, file string) {
	for _, link := range p.Links {
		switch {
		case link.Outside && link.Image:
			c.add(file, link.Line, true, "the image %s is on another host and shown as a link", link.Written)
		case link.Outside && !allowedURL(link.Written):
			c.add(file, link.Line, true, "the link %s is not http, https or mailto and is left out", link.Written)
		case link.Outside:
		case link.Image:
			if _, ok := c.lib.findFile(p, link); !ok {
				c.add(file, link.Line, false, "the image %s does not exist", link.Written)
			}
		default:
			c.link(p, link, file)
		}
	}
}

// link checks one link within the library.
func (c *checker) link(p *Page, link Link, file string) {
	target := p
	if link.Path != "" {
		found, ok := c.lib.findPage(p, link)
		if !ok {
			if _, isFile := c.lib.findFile(p, link); !isFile {
				c.add(file, link.Line, false, "the link %s leads nowhere", link.Written)
			}
			return
		}
		target = c.lib.Page(found)
	} else if !strings.HasPrefix(link.Written, "#") {
		return // the home page
	}
	if target == nil || link.Anchor == "" {
		return
	}
	if _, ok := target.findAnchor(link.Anchor); !ok {
		c.add(file, link.Line, false, "the link %s names a heading that %s does not have", link.Written, target.File)
	}
}

// playbook warns of sections that a playbook leaves out.
func (c *checker) playbook(p *Page, file string) {
	has := map[string]bool{}
	for _, h := range p.Headings {
		if h.Level == 2 {
			has[strings.ToLower(h.Text)] = true
		}
	}
	for _, s := range playbookSections {
		if !has[strings.ToLower(s)] {
			c.add(file, 0, true, "a playbook without the section “%s”", s)
		}
	}
}

// WriteProblems writes problems for people, a line each and a sum.
func WriteProblems(w io.Writer, problems []Problem, pages int) error {
	var b strings.Builder
	errs := 0
	for _, p := range problems {
		at := p.File
		if p.Line > 0 {
			at = fmt.Sprintf("%s:%d", at, p.Line)
		}
		mark := "warning: "
		if !p.Warning {
			errs++
			mark = ""
		}
		fmt.Fprintf(&b, "%s: %s%s\n", at, mark, p.Message)
	}
	fmt.Fprintf(&b, "%d pages checked, %d errors, %d warnings\n", pages, errs, len(problems)-errs)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteProblemsJSON writes problems as a JSON list of {file, line, level, message}.
func WriteProblemsJSON(w io.Writer, problems []Problem) error {
	type row struct {
		File    string `json:"file"`
		Line    int    `json:"line"`  // 0: the whole file
		Level   string `json:"level"` // error or warning
		Message string `json:"message"`
	}
	rows := make([]row, 0, len(problems))
	for _, p := range problems {
		level := "error"
		if p.Warning {
			level = "warning"
		}
		rows = append(rows, row{p.File, p.Line, level, p.Message})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}
