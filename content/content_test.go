package content

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// now is the day on which the tests check and score.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// library builds a library of one layer in memory.
func library(docs map[string]string) *Library {
	return Build(nil, Options{}, Memory("mine", docs))
}

// messages returns problems as "file:line message".
func messages(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s:%d %s", p.File, p.Line, p.Message))
	}
	return out
}

func TestFrontMatter(t *testing.T) {
	t.Parallel()
	p := library(map[string]string{"guides/x.md": `---
title: "A: b"
description: One.
level: advanced
tags: [a, b]
order: 20
owner: sre
review_by: 2027-06-30
aliases: [/old/x.md, old]
next:
  - {ask: "Why?", page: guides/y}
  - guides/z.md
queries: ["one two", "14.4"]
sources:
  - {title: T, url: "https://example.com"}
  - Just a book
severity: SEV-2
minutes: 6
unknown: {kept: yes}
---
# A: b

Text
`}).Page("guides/x")
	if p == nil || p.Title != "A: b" || p.Level != "advanced" || p.Order != 20 || p.Minutes != 6 || p.Severity != "SEV-2" {
		t.Fatalf("page = %+v", p)
	}
	if !p.ReviewBy.Equal(time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("review_by = %v", p.ReviewBy)
	}
	if !slices.Equal(p.Aliases, []string{"old/x", "old"}) {
		t.Errorf("aliases = %q", p.Aliases)
	}
	if !slices.Equal(p.Next, []Choice{{"Why?", "guides/y"}, {"", "guides/z"}}) {
		t.Errorf("next = %+v", p.Next)
	}
	if !slices.Equal(p.Sources, []Reference{{"T", "https://example.com"}, {"Just a book", ""}}) {
		t.Errorf("sources = %+v", p.Sources)
	}
}

func TestFrontMatterErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"title: [a]":                                 "2 title: want text",
		"title: T\norder: soon":                      "3 order: want a whole number",
		"title: T\norder: 1.5":                       "3 order: want a whole number",
		"title: T\ntags: a":                          "3 tags: want a list",
		"title: T\ntags: [[a]]":                      "3 tags: want a list of texts",
		"title: T\nreview_by: tomorrow":              "3 review_by: want a date",
		"title: T\nlevel: expert":                    "3 level: want one of",
		"title: T\nkind: poem":                       "3 kind: want one of",
		"title: T\ndraft: maybe":                     "3 draft: want true or false",
		"title: T\nnext: [{ask: x}]":                 "3 next: want a path",
		"title: T\nsources: [{url: 'javascript:x'}]": "3 sources: url must begin",
		"title: T\ntitle: U":                         "3",
		"title: 'open":                               "front matter",
		"- a\n- b":                                   "2 front matter: is not a list of keys",
		"title: &a T\nowner: *a":                     "3 owner: uses a YAML alias",
	} {
		lib := library(map[string]string{"a.md": "---\n" + yaml + "\n---\nText\n"})
		got := messages(lib.Check(now))
		if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%q: problems = %q, want %q", yaml, got, want)
		}
		if p := lib.Page("a"); p == nil || len(p.Broken) == 0 {
			t.Errorf("%q: no page says what is wrong", yaml)
		}
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"a.md":             "---\ntitle: From front matter\n---\n# Heading\n",
		"b.md":             "Text\n\n# From *heading*\n",
		"post_mortem-x.md": "Text",
		"crlf.md":          "\xef\xbb\xbf---\r\ntitle: Windows\r\n---\r\nText\r\n",
		"rule.md":          "---\nno front matter, a rule\n",
	})
	for path, want := range map[string]string{"a": "From front matter", "b": "From heading", "post_mortem-x": "Post mortem x", "crlf": "Windows", "rule": "Rule"} {
		if p := lib.Page(path); p == nil || p.Title != want {
			t.Errorf("title of %s = %+v, want %q", path, p, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"guides/new.md":   "---\ntitle: New\naliases: [guides/old, guides/real]\n---\n",
		"guides/real.md":  "---\ntitle: Real\naliases: [guides/older]\n---\n",
		"guides/Upper.md": "---\ntitle: Upper\n---\n",
		"one.md":          "---\ntitle: One\naliases: [same]\n---\n",
		"two.md":          "---\ntitle: Two\naliases: [same]\n---\n",
		"case.md":         "# C\n",
		"Case.md":         "# C\n",
	})
	for path, want := range map[string]string{"guides/old": "guides/new", "guides/real": "guides/real", "guides/older": "guides/real", "GUIDES/upper": "guides/Upper", "guides": "guides", "Guides": "guides", "nothing": ""} {
		if got, _ := lib.Resolve(path); got != want {
			t.Errorf("Resolve(%q) = %q, want %q", path, got, want)
		}
	}
	all := strings.Join(messages(lib.Check(now)), "\n")
	for _, want := range []string{"two.md:1 the alias same is claimed by one.md too", "differs only in case"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
}

func TestNavigation(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"guides/index.md":   "---\ntitle: Guides\norder: 1\n---\n",
		"guides/b/index.md": "---\ntitle: Second\norder: 20\n---\n",
		"guides/b/x.md":     "---\ntitle: X\norder: 20\n---\n",
		"guides/b/y.md":     "---\ntitle: Y\norder: 10\n---\n",
		"guides/a/z.md":     "---\ntitle: Z\n---\n",
		"playbooks/p.md":    "---\ntitle: P\n---\n",
	})
	var got []string
	for _, p := range lib.Pages() {
		got = append(got, p.Path)
	}
	want := []string{"guides", "guides/b", "guides/b/y", "guides/b/x", "guides/a/z", "playbooks/p"}
	if !slices.Equal(got, want) {
		t.Errorf("order = %q, want %q", got, want)
	}
	before, after := lib.Neighbours(lib.Page("guides/b/x"))
	if before.Path != "guides/b/y" || after.Path != "guides/a/z" {
		t.Errorf("around guides/b/x: %s and %s", before.Path, after.Path)
	}
	var crumbs []string
	for _, n := range lib.Crumbs("guides/b/x") {
		crumbs = append(crumbs, n.Title)
	}
	if !slices.Equal(crumbs, []string{"Guides", "Second"}) {
		t.Errorf("crumbs = %q", crumbs)
	}
	if n := lib.Node("guides/a"); n == nil || n.Page != nil || n.Title != "A" {
		t.Errorf("a folder without index.md = %+v", n)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	docs := map[string]string{
		"a/one.md":     "## CI/CD & more\n\n## Plain\n\n[up](../b/two.md) [me](#plain) [gh](#cicd--more) [alias](../old.md#x) [dir](../b/index.md) [case](../B/Two.md) [file](data.csv) [home](/)\n",
		"a/data.csv":   "x",
		"b/index.md":   "# B\n",
		"b/two.md":     "---\naliases: [old]\n---\n## X\n",
		"a/broken.md":  "[a](nope.md)\n\n[b](one.md#nope) ![c](nope.png)\n\n[d](../../escape.md) ![e](https://example.com/x.png) [f](javascript:x) [g](ftp://x/y)\n",
		"a/sub/img.md": "![x](../pic.png)",
		"a/pic.png":    "png",
	}
	lib := Build(nil, Options{Prefix: "/ops"}, Memory("mine", docs))
	body, err := lib.Render(lib.Page("a/one"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`href="/ops/b/two"`, `href="#plain"`, `href="#ci-cd-more"`, `href="/ops/b/two#x"`, `href="/ops/b"`, `href="/ops/a/data.csv"`, `href="/ops/"`} {
		if !strings.Contains(string(body.HTML), want) {
			t.Errorf("no %s in %s", want, body.HTML)
		}
	}
	var got []string
	for _, p := range lib.Check(now) {
		if strings.HasSuffix(p.File, "broken.md") {
			got = append(got, fmt.Sprintf("%d %v %s", p.Line, p.Warning, p.Message))
		}
	}
	want := []string{
		"1 false the link nope.md leads nowhere",
		"3 false the image nope.png does not exist",
		"3 false the link one.md#nope names a heading that a/one.md does not have",
		"5 true the image https://example.com/x.png is on another host and shown as a link",
		"5 false the link ../../escape.md leads nowhere",
		"5 true the link ftp://x/y is not http, https or mailto and is left out",
		"5 true the link javascript:x is not http, https or mailto and is left out",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if back := lib.Backlinks("b/two"); len(back) != 1 || back[0].Path != "a/one" {
		t.Errorf("backlinks = %v", back)
	}
}

func TestKnowledgeCheck(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{"g.md": "Text\n\n## Check yourself\n\n### What is 1 + `1`?\n\n- [ ] One\n- [x] **Two**\n- [ ] Three\n\nBecause.\n\n### Not a question\n\nProse\n"})
	p := lib.Page("g")
	body, err := lib.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	if p.Questions != 1 || len(body.Questions) != 1 {
		t.Fatalf("questions = %d, rendered %+v", p.Questions, body.Questions)
	}
	q := body.Questions[0]
	if q.Text != "What is 1 + <code>1</code>?" || len(q.Choices) != 3 || !q.Choices[1].Right || q.Choices[1].Text != "<strong>Two</strong>" || q.Explanation != "<p>Because.</p>\n" {
		t.Errorf("question = %+v", q)
	}
	if strings.Contains(string(body.HTML), "Two") || !strings.Contains(string(body.HTML), "Prose") {
		t.Errorf("body = %s", body.HTML)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"paths/p.md": "Read [this](../g/x.md) first.\n\n1. [One](../g/a.md), then [two](../g/b.md)\n2. **[Three](../g/b.md#x)**\n3. No link\n4. [Again](../g/a.md)\n5. [Out](https://example.com)\n",
		"g/a.md":     "# A\n", "g/b.md": "# B\n\n## X\n", "g/x.md": "# X\n",
	})
	got := lib.Page("paths/p").Steps
	if want := []Step{{"g/a", "One"}, {"g/b", "Three"}}; !slices.Equal(got, want) {
		t.Errorf("steps = %+v, want %+v", got, want)
	}
}

func TestSections(t *testing.T) {
	t.Parallel()
	p := library(map[string]string{"g.md": "# T\n\nIntro.\n\n## One\n\nText `code` [link](x.md).\n\n```sh\nls -l\n```\n\n### Deep\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Two\n"}).Page("g")
	want := []Section{
		{Text: "Intro."},
		{Anchor: "one", Heading: "One", Level: 2, Text: "Text code link.", Code: "ls -l\n"},
		{Anchor: "deep", Heading: "Deep", Level: 3, Parent: "One", Text: "a b \n1 2"},
		{Anchor: "two", Heading: "Two", Level: 2},
	}
	if !slices.Equal(p.Sections, want) {
		t.Errorf("sections = %+v\nwant %+v", p.Sections, want)
	}
}

func TestHeadingLevelsAreNotSkipped(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{"g.md": "# T\n\n#### Deep\n\n# Another\n\n### Sub\n"})
	body, err := lib.Render(lib.Page("g"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<h2 id="deep">`, `<h2 id="another">`, `<h3 id="sub">`} {
		if !strings.Contains(string(body.HTML), want) {
			t.Errorf("no %s in %s", want, body.HTML)
		}
	}
	if strings.Contains(string(body.HTML), "<h1") {
		t.Errorf("a second h1 in %s", body.HTML)
	}
}

func TestTermsAreMarkedOnce(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"glossary.yaml": "- term: SLO\n  also: [service level objective]\n  text: A target.\n- term: RED\n  text: Rate.\n- term: Toil\n  text: Work.\n  page: g/own\n",
		"g/a.md":        "The SLO, the SLO and red toil.\n\n## SLO\n\nA service level objective, `SLO`, [SLO](own.md) and TOIL.\n",
		"g/own.md":      "Toil and the slo.\n",
	})
	body, err := lib.Render(lib.Page("g/a"))
	if err != nil {
		t.Fatal(err)
	}
	got := string(body.HTML)
	if n := strings.Count(got, `popovertarget="term-slo"`); n != 2 {
		t.Errorf("SLO is marked %d times, want once a section: %s", n, got)
	}
	if strings.Contains(got, "term-red") || strings.Count(got, `popovertarget="term-toil"`) != 2 || len(body.Terms) != 2 {
		t.Errorf("terms = %+v in %s", body.Terms, got)
	}
	if body, err = lib.Render(lib.Page("g/own")); err != nil || len(body.Terms) != 0 {
		t.Errorf("a page marks the term it explains, or a lower-case abbreviation: %s", body.HTML)
	}
}

func TestTermsOfOneAnchorAreToldApart(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range "!?.,;:+#%&=@" {
		fmt.Fprintf(&b, "- term: \"C%c\"\n  text: x\n- term: \"%c\"\n  text: y\n", c, c)
	}
	seen := map[string]bool{}
	for _, term := range library(map[string]string{"glossary.yaml": b.String()}).Glossary() {
		if term.Anchor == "" || seen[term.Anchor] {
			t.Errorf("%s has the anchor %q", term.Term, term.Anchor)
		}
		seen[term.Anchor] = true
	}
	if len(seen) != 24 {
		t.Errorf("%d anchors for 24 terms", len(seen))
	}
}
