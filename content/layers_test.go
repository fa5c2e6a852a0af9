package content

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
