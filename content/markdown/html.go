package markdown

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rawBlock is a block of raw HTML, sanitised and balanced.
type rawBlock struct {
	ast.BaseBlock
	html []byte
	text string // its plain text, for search and contents
}

var kindRawBlock = ast.NewNodeKind("RawBlock")

func (*rawBlock) Kind() ast.NodeKind           { return kindRawBlock }
func (b *rawBlock) Dump(src []byte, level int) { ast.DumpHelper(b, src, level, nil, nil) }

// rawInline is one of the few inline tags that are allowed.
type rawInline struct {
	ast.BaseInline
	tag   string // "kbd", "/kbd", "br"
	title string // of abbr
}

var kindRawInline = ast.NewNodeKind("RawInline")

func (*rawInline) Kind() ast.NodeKind           { return kindRawInline }
func (r *rawInline) Dump(src []byte, level int) { ast.DumpHelper(r, src, level, nil, nil) }

// inlineTags are the tags that may stand inside a line.
var inlineTags = []string{"br", "kbd", "sub", "sup", "mark", "del", "ins", "abbr"}

// newPolicy returns the allow-list for blocks of raw HTML: structure and
// text-level elements, no style, class, id or events.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "figure", "figcaption",
		"ul", "ol", "li", "dl", "dt", "dd", "details", "summary",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"strong", "b", "em", "i", "u", "s", "small", "q", "cite", "dfn", "var", "samp", "kbd", "sub", "sup", "mark", "del", "ins", "abbr")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("title").OnElements("abbr")
	p.AllowAttrs("open").Matching(bluemonday.SpaceSeparatedTokens).OnElements("details")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}

// policy is read-only after it is made, as bluemonday promises.
var policy = newPolicy()

// html returns the source of an HTML block.
func (d *Doc) html(n *ast.HTMLBlock) []byte {
	b := slices.Clone(n.Lines().Value(d.Source))
	if n.HasClosure() {
		b = append(b, n.ClosureLine.Value(d.Source)...)
	}
	return b
}

// rewriteHTML replaces raw HTML by what the allow-list leaves of it.
func (d *Doc) rewriteHTML(resolve Resolver) {
	var blocks []*ast.HTMLBlock
	inlines := map[ast.Node][]*ast.RawHTML{}
	var parents []ast.Node
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			blocks = append(blocks, n)
		case *ast.RawHTML:
			if inlines[n.Parent()] == nil {
				parents = append(parents, n.Parent())
			}
			inlines[n.Parent()] = append(inlines[n.Parent()], n)
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	for _, b := range blocks {
		d.rewriteBlock(b, resolve)
	}
	for _, p := range parents {
		d.rewriteInlines(inlines[p])
	}
	slices.SortStableFunc(d.Warnings, func(a, b Warning) int { return a.Line - b.Line })
}

func (d *Doc) rewriteBlock(b *ast.HTMLBlock, resolve Resolver) {
	line := d.Line(b)
	nodes, err := html.ParseFragment(bytes.NewReader(d.html(b)), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil { // nesting beyond x/net's limit, for example
		d.Warnings = append(d.Warnings, Warning{line, "HTML that cannot be parsed is left out: " + err.Error()})
		b.Parent().RemoveChild(b.Parent(), b)
		return
	}
	dropped := map[string]bool{}
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	d.reduce(root, resolve, line, dropped)
	var raw bytes.Buffer
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&raw, n); err != nil {
			d.Warnings = append(d.Warnings, Warning{line, "HTML that cannot be written is left out: " + err.Error()})
		}
	}
	d.warnDropped(line, dropped)
	clean := policy.SanitizeBytes(raw.Bytes())
	b.Parent().ReplaceChild(b.Parent(), b, &rawBlock{html: clean, text: nodeText(root)})
}

// allowedTags are the elements that reduce keeps; the policy is the law, this
// list only lets us name what was dropped and resolve links before it.
var allowedTags = strings.Fields("p br hr h2 h3 h4 h5 h6 blockquote pre code figure figcaption ul ol li dl dt dd details summary " +
	"table caption thead tbody tfoot tr th td strong b em i u s small q cite dfn var samp kbd sub sup mark del ins abbr a img")

// reduce drops what is not allowed below n, keeping its text, and resolves links.
func (d *Doc) reduce(n *html.Node, resolve Resolver, line int, dropped map[string]bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode || c.Type == html.DoctypeNode:
			n.RemoveChild(c)
		case c.Type == html.ElementNode && opaque(c):
			dropped[c.Data] = true
			n.RemoveChild(c)
		case c.Type == html.ElementNode && !slices.Contains(allowedTags, c.Data):
			dropped[c.Data] = true
			next = c.FirstChild
			if next == nil {
				next = c.NextSibling
			}
			for k := c.FirstChild; k != nil; k = c.FirstChild {
				c.RemoveChild(k)
				n.InsertBefore(k, c)
			}
			n.RemoveChild(c)
		case c.Type == html.ElementNode:
			d.reduceElement(c, resolve, line)
			d.reduce(c, resolve, line, dropped)
		}
		c = next
	}
}

// opaque reports whether an element's content is not text for readers.
func opaque(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Iframe, atom.Object, atom.Embed, atom.Template, atom.Noscript,
		atom.Svg, atom.Math, atom.Textarea, atom.Select, atom.Title, atom.Noembed, atom.Noframes, atom.Xmp, atom.Plaintext:
		return true
	}
	return n.Namespace != ""
}

// reduceElement resolves the link or image that n is.
func (d *Doc) reduceElement(n *html.Node, resolve Resolver, line int) {
	for i, a := range n.Attr {
		image := n.DataAtom == atom.Img && a.Key == "src"
		if !image && (n.DataAtom != atom.A || a.Key != "href") {
			continue
		}
		t := resolve(a.Val, image, line)
		switch {
		case image && t.Outside:
			alt := attr(n, "alt")
			if alt == "" {
				alt = t.URL
			}
			n.Data, n.DataAtom = "a", atom.A
			n.Attr = []html.Attribute{{Key: "href", Val: t.URL}, {Key: "rel", Val: "external noopener"}}
			n.AppendChild(&html.Node{Type: html.TextNode, Data: alt})
			return
		case t.URL == "":
			n.Attr = slices.Delete(slices.Clone(n.Attr), i, i+1)
		default:
			n.Attr = slices.Clone(n.Attr)
			n.Attr[i].Val = t.URL
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "rel" })
			if t.Outside {
				n.Attr = append(n.Attr, html.Attribute{Key: "rel", Val: "external noopener"})
			}
		}
		return
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func (d *Doc) warnDropped(line int, dropped map[string]bool) {
	for _, tag := range slices.Sorted(maps.Keys(dropped)) {
		d.Warnings = append(d.Warnings, Warning{line, "HTML element <" + tag + "> is left out"})
	}
}

// rewriteInlines pairs the inline tags of one block and drops the rest. A tag
// without its partner is dropped too, so that what is written is balanced.
func (d *Doc) rewriteInlines(raws []*ast.RawHTML) {
	var open []*rawInline
	keep := map[*ast.RawHTML]*rawInline{}
	source := map[*rawInline]*ast.RawHTML{}
	for _, r := range raws {
		tag, ok := parseTag(r.Segments.Value(d.Source))
		if !ok {
			continue
		}
		if name, closing := strings.CutPrefix(tag.tag, "/"); closing {
			if len(open) > 0 && open[len(open)-1].tag == name {
				keep[r] = tag
				keep[source[open[len(open)-1]]] = open[len(open)-1]
				open = open[:len(open)-1]
			}
			continue
		}
		if tag.tag == "br" {
			keep[r] = tag
			continue
		}
		source[tag] = r
		open = append(open, tag)
	}
	for _, r := range raws {
		if tag := keep[r]; tag != nil {
			r.Parent().ReplaceChild(r.Parent(), r, tag)
			continue
		}
		written := strings.TrimSpace(string(r.Segments.Value(d.Source)))
		if !strings.HasPrefix(written, "<!--") {
			d.Warnings = append(d.Warnings, Warning{d.lineAt(r.Segments.At(0).Start), "HTML tag " + short(written) + " is left out"})
		}
		r.Parent().RemoveChild(r.Parent(), r)
	}
}

// short cuts a tag for a message.
func short(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// parseTag reads one inline tag; ok is false for tags that are not allowed.
func parseTag(raw []byte) (tag *rawInline, ok bool) {
	z := html.NewTokenizer(bytes.NewReader(raw))
	tt := z.Next()
	t := z.Token()
	if !slices.Contains(inlineTags, t.Data) {
		return nil, false
	}
	switch tt {
	case html.StartTagToken, html.SelfClosingTagToken:
		tag = &rawInline{tag: t.Data}
		for _, a := range t.Attr {
			if t.Data == "abbr" && a.Key == "title" {
				tag.title = a.Val
			}
		}
		return tag, true
	case html.EndTagToken:
		return &rawInline{tag: "/" + t.Data}, t.Data != "br"
	}
	return nil, false
}

// nodeText returns the text below n, blocks separated by spaces.
func nodeText(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func textOfHTML(b []byte) string {
	nodes, err := html.ParseFragment(bytes.NewReader(b), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return ""
	}
	var parts []string
	for _, n := range nodes {
		parts = append(parts, nodeText(n))
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
