package content

import (
	"fmt"
	"os"
	"path/filepath"
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

func TestLaterLayersWin(t *testing.T) {
	t.Parallel()
	ours := Memory("ours", map[string]string{
		"guides/x.md": "---\ntitle: Ours\n---\n", "guides/y.md": "---\ntitle: Y\n---\n", "guides/z.md": "---\ntitle: Z\n---\n",
		"index.md": "---\ntitle: Welcome to ours\n---\n", "glossary.yaml": "- term: SLO\n  text: ours\n- term: Toil\n  text: ours\n",
	})
	mine := Memory("mine", map[string]string{
		"guides/x.md": "---\ntitle: Mine\n---\n", "guides/y.md": "", "guides/z.md": "---\ntitle: [broken]\n---\n",
		"index.md": "---\ntitle: Welcome to mine\n---\n", "glossary.yaml": "- term: slo\n  text: mine\n",
	})
	lib := Build(nil, Options{}, ours, mine)
	if got := lib.Page("guides/x").Title; got != "Mine" {
		t.Errorf("overlay title = %q, want Mine", got)
	}
	if lib.Page("guides/y") != nil {
		t.Error("an empty file does not hide the page below")
	}
	if got := lib.Page("guides/z"); got == nil || got.Title != "Z" {
		t.Errorf("a broken overlay page: %+v, want the layer below", got)
	}
	if lib.Welcome == nil || lib.Welcome.Title != "Welcome to mine" {
		t.Errorf("welcome = %+v", lib.Welcome)
	}
	var texts []string
	for _, term := range lib.Glossary() {
		texts = append(texts, term.Term+" "+term.Text)
	}
	if !slices.Equal(texts, []string{"slo mine", "Toil ours"}) {
		t.Errorf("glossary = %q", texts)
	}
	if got := messages(lib.Check(now)); len(got) != 1 || !strings.HasPrefix(got[0], "mine/guides/z.md:2 title") {
		t.Errorf("problems = %q", got)
	}
}

func TestUnchangedPagesAreReused(t *testing.T) {
	t.Parallel()
	docs := map[string]string{"a.md": "# A\n", "b.md": "# B\n", "c.md": "# C\n"}
	one := library(docs)
	delete(docs, "c.md")
	docs["b.md"] = "# B, new\n"
	docs["d.md"] = "# D\n"
	two := Build(one, Options{}, Memory("mine", docs))
	if one.Page("a") != two.Page("a") {
		t.Error("an unchanged page was parsed again")
	}
	if got := Diff(one, two); !slices.Equal(got, []string{"b", "c", "d"}) {
		t.Errorf("diff = %q, want b, c, d", got)
	}
}

func TestBrokenEditKeepsTheLastGoodVersion(t *testing.T) {
	t.Parallel()
	one := library(map[string]string{"a.md": "---\ntitle: Good\n---\nText\n"})
	two := Build(one, Options{}, Memory("mine", map[string]string{"a.md": "---\ntitle: [bad]\n---\nText\n"}))
	p := two.Page("a")
	if p.Title != "Good" || len(p.Broken) == 0 {
		t.Errorf("page = %q broken %v, want the good version with a note", p.Title, p.Broken)
	}
	three := Build(two, Options{}, Memory("mine", map[string]string{"a.md": "---\ntitle: Better\n---\nText\n"}))
	if p := three.Page("a"); p.Title != "Better" || p.Broken != nil {
		t.Errorf("after the repair: %q broken %v", p.Title, p.Broken)
	}
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	docs := map[string]string{"a.md": "---\ntitle: A\ndraft: true\n---\n"}
	if library(docs).Page("a") != nil {
		t.Error("a draft is served")
	}
	if Build(nil, Options{Drafts: true}, Memory("mine", docs)).Page("a") == nil {
		t.Error("with drafts it is not")
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

func TestMkDocs(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{
		"mkdocs.yml": `site_name: Our handbook
nav:
  - Home: index.md
  - Begin: start.md
  - On-Call:
    - Being there: oncall/being.md
    - oncall/alerts.md
  - Elsewhere: https://example.com
markdown_extensions:
  - pymdownx.emoji:
      emoji_index: !!python/name:materialx.emoji.twemoji
`,
		"index.md":         "Welcome\n",
		"start.md":         "# Other title\n\n[being](/oncall/being/#a-b) [x](oncall/being.md/#a-b) ![i](img/x.png)\n",
		"oncall/being.md":  "## A b\n",
		"oncall/alerts.md": "# Alerts\n",
		"oncall/loose.md":  "# Loose\n",
		"img/x.png":        "png",
	})
	if lib.Title != "Our handbook" {
		t.Errorf("title = %q", lib.Title)
	}
	var got []string
	for _, n := range lib.Sections() {
		got = append(got, n.Title+" /"+n.Path)
	}
	if want := []string{"Oncall /oncall", "Begin /start", "On-Call /on-call"}; !slices.Equal(got, want) {
		t.Errorf("sections = %q, want %q", got, want)
	}
	if got := lib.Page("start").Title; got != "Begin" {
		t.Errorf("title = %q, want that of the navigation", got)
	}
	if got := messages(lib.Check(now)); len(got) != 0 {
		t.Errorf("problems = %q", got)
	}
	body, err := lib.Render(lib.Page("start"))
	if err != nil || strings.Count(string(body.HTML), `href="/oncall/being#a-b"`) != 2 || !strings.Contains(string(body.HTML), `src="/img/x.png"`) {
		t.Errorf("body = %s, %v", body.HTML, err)
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

func TestReservedPathsAndOverdueReviews(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{"search/x.md": "# X\n", "a.md": "---\ntitle: A\nreview_by: 2026-11-01\n---\n", "playbooks/p.md": "# P\n\n## Diagnose\n"})
	all := strings.Join(messages(lib.Check(now)), "\n")
	for _, want := range []string{"the path /search/x belongs to the system", "the review was due on 2026-11-01", "a playbook without the section “Mitigate”"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "“Diagnose”") {
		t.Errorf("a section that is there is missed:\n%s", all)
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

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	write("a.md", "# A\n")
	write("img/x.png", "png")
	write(".git/config.md", "# hidden\n")
	write("run.js", "alert(1)")
	write("..data/k.md", "# k8s\n")
	for link, target := range map[string]string{"out.txt": secret, "in.md": "a.md"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	folder := NewFolder(dir)
	one, err := folder.Scan()
	if err != nil {
		t.Fatal(err)
	}
	lib := Build(nil, Options{}, one)
	var got []string
	for _, p := range lib.Pages() {
		got = append(got, p.Path)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "in"}) || !slices.Equal(lib.Files(), []string{"img/x.png"}) {
		t.Errorf("pages %q, files %q", got, lib.Files())
	}
	if again, err := folder.Scan(); err != nil || again != one {
		t.Errorf("an unchanged folder is a new source: %v", err)
	}
	write("a.md", "# A, longer\n")
	two, err := folder.Scan()
	if err != nil || two == one || string(two.Docs["a.md"]) != "# A, longer\n" {
		t.Errorf("a changed file is not seen: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "img", "x.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := lib.Open("img/x.png"); !os.IsNotExist(err) {
		t.Errorf("open of a file that is gone: %v", err)
	}
	if three, err := folder.Scan(); err != nil || len(three.Files) != 0 {
		t.Errorf("a removed file is still there: %v", err)
	}
	if _, err := NewFolder(filepath.Join(dir, "nowhere")).Scan(); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestEmbeddedLibraryIsClean(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Embedded())
	for _, p := range lib.Check(now) {
		t.Errorf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	for _, p := range lib.Pages() {
		if _, err := lib.Render(p); err != nil {
			t.Errorf("%s: %v", p.File, err)
		}
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

func TestHostilePagesAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"quotes": strings.Repeat(">", 1_900_000),
		"lists":  strings.Repeat("- ", 900_000) + "a",
		"mixed":  "Text\n\n" + strings.Repeat("> * + ", 300_000),
	} {
		lib := library(map[string]string{"a.md": text})
		if p := lib.Page("a"); p == nil || len(p.Broken) != 1 || !strings.Contains(p.Broken[0].Message, "nested deeper") {
			t.Errorf("%s: not refused", name)
		}
	}
	library(map[string]string{"a.md": strings.Repeat("<details>\n\n", 100_000)}) // ends
	for _, text := range []string{"Title\n" + strings.Repeat("-", 500) + "\n", strings.Repeat("* ", 300) + "\n"} {
		if p := library(map[string]string{"a.md": text}).Page("a"); p.Broken != nil {
			t.Errorf("a rule is refused: %v", p.Broken)
		}
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

func TestDraftsLeaveWhatIsBelow(t *testing.T) {
	t.Parallel()
	below := Memory("ours", map[string]string{"a.md": "# Published\n"})
	above := Memory("mine", map[string]string{"a.md": "---\ntitle: Draft\ndraft: true\n---\n", "b.md": "---\ndraft: true\norder: soon\n---\nSecret\n"})
	lib := Build(nil, Options{}, below, above)
	if p := lib.Page("a"); p == nil || p.Title != "Published" {
		t.Errorf("a draft hides what is published: %+v", p)
	}
	if lib.Page("b") != nil {
		t.Error("a draft that cannot be read is published")
	}
	if lib = Build(nil, Options{Drafts: true}, below, above); lib.Page("a").Title != "Draft" || lib.Page("b") == nil {
		t.Error("with drafts they are not served")
	}
}

func TestOneAddressForTwoFiles(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Memory("ours", map[string]string{"g/index.md": "# Ours\n"}), Memory("mine", map[string]string{"g.md": "# Mine\n", "h.md": "# H\n", "h/index.md": "# H too\n"}))
	if got := lib.Page("g").Title; got != "Mine" {
		t.Errorf("g.md over g/index.md: %q", got)
	}
	if all := strings.Join(messages(lib.Check(now)), "\n"); !strings.Contains(all, "has the same address as h.md") {
		t.Errorf("problems = %s", all)
	}
}
