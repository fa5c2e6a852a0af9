package markdown

import (
	"bytes"
	"strings"
	"testing"
)

// local resolves every link to itself; hosts are outside.
func local(dest string, _ bool, _ int) Target {
	if strings.HasPrefix(dest, "javascript:") {
		return Target{}
	}
	return Target{URL: dest, Outside: strings.Contains(dest, "://")}
}

func render(t *testing.T, src string) string {
	t.Helper()
	m := New()
	d := m.Parse([]byte(src), local)
	var b bytes.Buffer
	if err := m.Render(&b, d, d.Root); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string
		not       []string
	}{
		{"github alert", "> [!WARNING]\n> Mind *this*.\n>\n> More.\n", []string{`<div class="callout warning"`, "<em>this</em>", "<p>More.</p>"}, []string{"[!WARNING]", "blockquote"}},
		{"alert with nothing else", "> [!NOTE]\n", []string{`callout note`}, []string{"[!"}},
		{"plain quote", "> [!OTHER]\n> x\n", []string{"<blockquote>"}, []string{"callout"}},
		{"admonition", "!!! tip \"Read & learn\"\n     Five **spaces**.\n\n    - list\n\nAfter.\n", []string{`callout tip`, "Read &amp; learn", "<strong>spaces</strong>", "<li>list</li>", "<p>After.</p>"}, []string{"!!!"}},
		{"admonition without a space", "!!!info \"Clear\"\n    Text\n", []string{`callout note`, "Clear", "Text"}, nil},
		{"unknown kind is a note", "!!! frobnicate\n    Text\n", []string{`callout note`, "Frobnicate"}, nil},
		{"foldable, open, with classes", "???+aside hide-arrow \"Audience\"\n\n    Text\n", []string{`<details class="callout note" open><summary>Audience</summary>`}, []string{"hide-arrow"}},
		{"exclamations are text", "!!! \n\nWow!!! Great\n", []string{"Wow!!! Great"}, []string{"callout"}},
		{"details around markdown", "<details>\n<summary>More</summary>\n\n**bold**\n\n</details>\n\nAfter\n", []string{"<details><summary>More</summary>", "<strong>bold</strong>", "</details>\n<p>After"}, nil},
		{"details in details", "<details>\n<summary>A</summary>\n\n<details>\n<summary>B</summary>\n\nx\n\n</details>\n\ny\n\n</details>\n", []string{"<details><summary>A</summary>\n<details><summary>B</summary>\n<p>x</p>\n</details>\n<p>y</p>\n</details>"}, nil},
		{"title in another alphabet", "!!! übung\n    x\n", []string{">Übung<"}, nil},
		{"empty corner of a table", "| |b|\n|-|:-:|\n|1|2|\n", []string{"<td></td>", `<th align="center">b</th>`, `<td align="center">2</td>`}, []string{"<th></th>"}},
		{"attribute lists", "[x](https://example.com/){:target=\"_blank\" } y", []string{`<a href="https://example.com/" rel="external noopener">x</a> y`}, []string{"target"}},
		{"script block", "<script>alert(1)</script>\n\nx\n", []string{"<p>x</p>"}, []string{"alert", "script"}},
		{"attributes go", `<table class="c" style="x" onclick="y"><tr><td id=a colspan=2>cell`, []string{`<td colspan="2">cell</td>`, "</table>"}, []string{"class=\"c", "style", "onclick", "id="}},
		{"unknown elements keep their text", "<div><custom>kept</custom></div>\n", []string{"kept"}, []string{"custom", "<div>kept"}},
		{"unsafe link in html", "<p><a href=\"javascript:alert(1)\">t</a></p>\n", []string{"t"}, []string{"javascript"}},
		{"inline tags pair", "a <kbd>K</kbd> b <sub>open <b>no</b>", []string{"<kbd>K</kbd>", "open no"}, []string{"<sub>", "<b>"}},
		{"br", "a<br/>b<BR>c", []string{"a<br>b<br>c"}, nil},
		{"remote image is a link", "![Alt](https://example.com/x.png)", []string{`<a href="https://example.com/x.png" rel="external noopener">Alt</a>`}, []string{"<img"}},
		{"remote image in a link", "[![Alt](https://example.com/x.png)](/p)", []string{`<a href="/p">Alt</a>`}, []string{"<img"}},
		{"image", "![A \"b\"](x.png)", []string{`<img src="x.png" alt="A &quot;b&quot;" loading="lazy">`}, nil},
		{"script link", "[x](javascript:alert(1)) <javascript:alert(1)>", []string{"x "}, []string{"href"}},
		{"tasks are marks", "- [x] done\n- [ ] open\n", []string{"☑", "☐"}, []string{"<input"}},
		{"code has classes", "```sh\necho \"hi\" # note\n```\n", []string{`data-lang="sh"`, `<span class="c"># note`, `<span class="s">&#34;hi&#34;`}, []string{"style="}},
		{"code title and lines", "```yaml title=\"a<b\" {2}\na: 1\nb: 2\n```\n", []string{`<p class="title">a&lt;b</p>`, "<mark>"}, nil},
		{"unknown language", "```nosuch\n<x>\n```\n", []string{"&lt;x&gt;"}, nil},
		{"heading attributes", "## A {#b .must style=\"x\" onclick=y}\n", []string{`<h2 id="b">`}, []string{"style", "onclick", "must"}},
		{"footnotes", "x[^1]\n\n[^1]: note\n", []string{"note", "fn:1"}, nil},
		{"definition list", "Term\n: Meaning\n", []string{"<dt>Term</dt>", "<dd>Meaning</dd>"}, nil},
		{"table region", "|a|b|\n|-|-:|\n|1|2|\n", []string{`<div class="table"`, `<td align="right">2</td>`, "</tbody>\n</table></div>"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(render(t, tt.src), "&quot;hi&quot;", "&#34;hi&#34;")
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("no %q in\n%s", w, got)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(got, n) {
					t.Errorf("%q in\n%s", n, got)
				}
			}
		})
	}
}

func TestAnchors(t *testing.T) {
	d := New().Parse([]byte("# Top\n## CI/CD & more\n## Über uns\n## 日本語 と\n## CI/CD & more\n## !!!\n## Fixed {#ci-cd-more-2}\n### `code` *em*\n"), local)
	want := []string{"top", "ci-cd-more", "über-uns", "日本語-と", "ci-cd-more-3", "section", "ci-cd-more-2", "code-em"}
	for i, h := range d.Headings {
		if h.Anchor != want[i] {
			t.Errorf("heading %q: anchor %q, want %q", h.Text, h.Anchor, want[i])
		}
	}
	if got := d.Headings[1].GitHub; got != "cicd--more" {
		t.Errorf("GitHub anchor %q, want cicd--more", got)
	}
}

func TestWarningsNameLines(t *testing.T) {
	d := New().Parse([]byte("a\n\n<center>x</center>\n\nb <blink>c</blink>\n"), local)
	var got []int
	for _, w := range d.Warnings {
		got = append(got, w.Line)
	}
	if len(got) != 3 || got[0] != 3 || got[1] != 5 {
		t.Errorf("warning lines = %v, want 3, 5, 5: %v", got, d.Warnings)
	}
}
