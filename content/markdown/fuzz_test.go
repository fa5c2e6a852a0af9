package markdown

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// written are the elements that a page's body may have.
var written = strings.Fields("a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark " +
	"ol p pre q s samp section small span strong sub summary sup table tbody td tfoot th thead tr u ul var")

// FuzzRender holds that nothing but the elements above comes out, without event
// handlers, styles or addresses that run, and that blocks are balanced.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"> [!NOTE]\n> x\n", "!!! tip \"a\"\n    b\n", "<details><summary>s</summary>\n\nx\n\n</details>\n", "<table><td>a", "a <kbd>b</kbd> <sub>c",
		"![a](https://x.y/z.png) [b](javascript:c) <d@e.f>\n", "# h {#i .j onclick=k style=\"l\"}\n", "```sh title=\"m\" {1}\nn\n```\n", "o[^1]\n\n[^1]: p\n",
		"|q|\n|:-:|\n|r|\n", "- [x] s\n", "t\n: u\n", "<svg onload=v></svg><math><mtext></p><style></math>", "<a href=\"&#106;avascript:w\">x</a>\n",
	} {
		f.Add(s)
	}
	m := New()
	f.Fuzz(func(t *testing.T, src string) {
		d := m.Parse([]byte(src), local)
		var b bytes.Buffer
		if err := m.Render(&b, d, d.Root); err != nil {
			t.Fatal(err)
		}
		z := html.NewTokenizer(bytes.NewReader(b.Bytes()))
		var open []string
		for {
			tt := z.Next()
			if tt == html.ErrorToken {
				break
			}
			tok := z.Token()
			switch tt {
			case html.StartTagToken, html.SelfClosingTagToken:
				if !slices.Contains(written, tok.Data) {
					t.Fatalf("element %q in %s", tok.Data, b.String())
				}
				for _, a := range tok.Attr {
					value := strings.ToLower(strings.TrimSpace(a.Val))
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") && a.Key != "alt" && a.Key != "title" {
						t.Fatalf("attribute %s=%q in %s", a.Key, a.Val, b.String())
					}
				}
				if tt == html.StartTagToken && !slices.Contains([]string{"br", "hr", "img"}, tok.Data) {
					open = append(open, tok.Data)
				}
			case html.EndTagToken:
				if len(open) == 0 || open[len(open)-1] != tok.Data {
					t.Fatalf("</%s> closes %v in %s", tok.Data, open, b.String())
				}
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 {
			t.Fatalf("%v left open in %s", open, b.String())
		}
	})
}
