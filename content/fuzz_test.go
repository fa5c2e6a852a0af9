package content

import (
	"strings"
	"testing"
)

// corpus seeds the fuzzers with every construct of the format.
var corpus = []string{
	list,
	"---\ntitle: T\nnext: [a, {ask: b, page: c}]\nsources: [x]\n---\n# T\n\n[a](b.md#c) ![d](e.png)\n",
	"---\ntitle: T\n---\n!!! note \"x\"\n    - a\n\n      b\n\n> [!TIP]\n> y\n\n<details>\n<summary>s</summary>\n\n*m*\n\n</details>\n",
	"## Check yourself\n\n### Q?\n\n- [x] a\n- [ ] b\n\nWhy\n",
	"a[^1] <kbd>x</kbd> <b onclick=x>y</b>\n\n[^1]: z\n\n| a |\n|---|\n| b |\n\nTerm\n: Def\n\n```sh title=\"x\" {1-2}\nls\n```\n",
	"<table><tr><td>a\n\nb</td></tr></table>\n\n[x](javascript:y) <script>z</script>\n",
}

// FuzzPage parses and renders anything: no panic, and nothing that runs.
func FuzzPage(f *testing.F) {
	for _, s := range corpus {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lib := library(map[string]string{"guides/x.md": text})
		_ = lib.Check(now)
		p := lib.Page("guides/x")
		if p == nil || p.Broken != nil {
			return
		}
		body, err := lib.Render(p)
		if err != nil {
			t.Fatal(err)
		}
		lower := strings.ToLower(string(body.HTML))
		for _, bad := range []string{"<script", "<iframe", "<style", "href=\"javascript:", "<input", "<form"} {
			if strings.Contains(lower, bad) {
				t.Errorf("%q in %s", bad, body.HTML)
			}
		}
	})
}

// FuzzFrontMatter reads any YAML: a page, or problems that name its lines.
func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{"title: T", "title: [x]\norder: 1e9", "a: &b [*b]", "? x\n: y", "next: [{ask: 1, page: 2}]", "scales: {a: [b, c]}\nbands: [{min: x}]", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		lib := library(map[string]string{"checklists/x.md": "---\n" + yaml + "\n---\n### A {#a}\n"})
		for _, p := range lib.Check(now) {
			if p.Message == "" || p.File == "" {
				t.Errorf("a problem without file or message: %+v", p)
			}
		}
	})
}

// FuzzChecklist reads any attributes, and scores what comes of them.
func FuzzChecklist(f *testing.F) {
	for _, s := range []string{"### A {#a level=1 .must weight=2}", "### A {#a weight=1e308}\n### B {#b weight=NaN}", "## S {x=y}\n### {#}", "### A {#a expires=1 practice=\"x\"}"} {
		f.Add(s, "yes")
	}
	f.Fuzz(func(t *testing.T, text, state string) {
		lib := library(map[string]string{"checklists/x.md": "---\ntitle: T\nlevels: [a, b, c]\n---\n## S\n\n" + text + "\n"})
		p := lib.Page("checklists/x")
		if p == nil || p.Checklist == nil {
			return
		}
		answers := map[string]Answer{}
		for _, it := range p.Checklist.Items() {
			answers[it.ID] = Answer{State: State(state)}
		}
		s := p.Checklist.Score(answers, now)
		if !(s.Share >= 0 && s.Share <= 1) || !(s.Coverage >= 0 && s.Coverage <= 1) || s.Level > 3 {
			t.Errorf("score = %+v", s)
		}
		if _, err := lib.Render(p); err != nil {
			t.Error(err)
		}
	})
}
