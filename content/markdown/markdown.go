// Package markdown parses and renders the Markdown dialect of the library:
// CommonMark, GFM tables, strikethrough and autolinks, task lists as text marks,
// footnotes, definition lists, GitHub alerts, MkDocs admonitions and attribute
// lists, and raw HTML reduced to an allow-list. It knows nothing of pages or
// layers: a Resolver says what a link means.
//
// Parse and Render are safe for concurrent use; a Doc belongs to one goroutine.
package markdown

import (
	"bytes"
	"io"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Target is what a link or image means, as a Resolver says.
type Target struct {
	URL     string // written to the page; empty: the text stays and the link goes
	Outside bool   // leads to another host: marked, and never loaded as an image
}

// Resolver answers what the destination of a link or image means. Line is its
// line in the source given to Parse, from 1.
type Resolver func(dest string, image bool, line int) Target

// Doc is a parsed document.
type Doc struct {
	Root     ast.Node
	Source   []byte
	Headings []Heading
	Warnings []Warning // dropped HTML, in order of lines
	lines    []int     // byte offset of each line's start
}

// Heading is a heading of a document, of any level.
type Heading struct {
	Node     *ast.Heading
	Level    int
	Text     string            // plain
	Anchor   string            // unique in the document
	GitHub   string            // the anchor GitHub would give, where it differs
	Explicit bool              // the anchor was written as {#id}
	Repeated string            // the id that was written, where it was taken already
	Attrs    map[string]string // level, weight, expires, practice, scale; must as "class"
	Line     int
}

// Warning is something a reader will not see as its author wrote it.
type Warning struct {
	Line    int
	Message string
}

// Markdown holds the parser and the renderer. It is immutable.
type Markdown struct {
	parser   parser.Parser
	renderer renderer.Renderer
}

// New returns a Markdown ready for use.
func New() *Markdown {
	md := goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"})),
			extension.TaskList,
			extension.Footnote,
			extension.DefinitionList,
		),
		goldmark.WithParserOptions(
			parser.WithAttribute(),
			parser.WithBlockParsers(util.Prioritized(admonitionParser{}, 650)),
			parser.WithInlineParsers(util.Prioritized(attributeListParser{}, 50)),
		),
		goldmark.WithRendererOptions(
			renderer.WithNodeRenderers(util.Prioritized(nodeRenderer{}, 100)),
		),
	)
	return &Markdown{parser: md.Parser(), renderer: md.Renderer()}
}

// Parse parses src and passes every link and image to resolve.
func (m *Markdown) Parse(src []byte, resolve Resolver) *Doc {
	d := &Doc{Source: src, lines: lineStarts(src)}
	d.Root = m.parser.Parse(text.NewReader(src))
	d.rewriteAlerts()
	d.joinDetails()
	d.rewriteHTML(resolve)
	d.nameHeadings()
	d.rewriteLinks(resolve)
	return d
}

// Render writes nodes, which stay where they are in their document.
func (m *Markdown) Render(w io.Writer, d *Doc, nodes ...ast.Node) error {
	for _, n := range nodes {
		if err := m.renderer.Render(w, d.Source, n); err != nil {
			return err
		}
	}
	return nil
}

// Line returns the line of the first source byte below n, from 1.
func (d *Doc) Line(n ast.Node) int {
	if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
		return d.lineAt(n.Lines().At(0).Start)
	}
	if t, ok := n.(*ast.Text); ok {
		return d.lineAt(t.Segment.Start)
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if line := d.Line(c); line > 0 {
			return line
		}
	}
	if n.Type() == ast.TypeInline && n.Parent() != nil && n.Parent().Type() == ast.TypeBlock {
		return d.Line(shallow{n.Parent()})
	}
	return 0
}

// shallow hides a node's children, so that Line asks for its own lines only.
type shallow struct{ ast.Node }

func (shallow) FirstChild() ast.Node { return nil }

func (d *Doc) lineAt(offset int) int {
	lo, hi := 0, len(d.lines)
	for lo < hi {
		mid := (lo + hi) / 2
		if d.lines[mid] <= offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, b := range src {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// rewriteLinks gives links and images their final addresses. What has none
// keeps its text; an image of another host becomes a link to it.
func (d *Doc) rewriteLinks(resolve Resolver) {
	var nodes []ast.Node
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink:
			if entering {
				nodes = append(nodes, n)
			}
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	for _, n := range nodes {
		switch n := n.(type) {
		case *ast.Link:
			d.rewriteLink(n, resolve)
		case *ast.Image:
			d.rewriteImage(n, resolve)
		case *ast.AutoLink:
			url := string(n.URL(d.Source))
			if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
				url = "mailto:" + url
			}
			t := resolve(url, false, d.Line(n))
			if t.URL == "" {
				n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(n.Label(d.Source)))
				continue
			}
			link := ast.NewLink()
			link.Destination = []byte(t.URL)
			markOutside(link, t)
			link.AppendChild(link, ast.NewString(n.Label(d.Source)))
			n.Parent().ReplaceChild(n.Parent(), n, link)
		}
	}
}

func (d *Doc) rewriteLink(n *ast.Link, resolve Resolver) {
	t := resolve(string(n.Destination), false, d.Line(n))
	if t.URL == "" {
		unwrap(n)
		return
	}
	n.Destination = []byte(t.URL)
	markOutside(n, t)
}

func (d *Doc) rewriteImage(n *ast.Image, resolve Resolver) {
	t := resolve(string(n.Destination), true, d.Line(n))
	switch {
	case t.URL == "":
		unwrap(n)
	case t.Outside:
		link := ast.NewLink()
		link.Destination = []byte(t.URL)
		markOutside(link, t)
		label := PlainText(n, d.Source)
		if label == "" {
			label = t.URL
		}
		if insideLink(n) {
			n.Parent().ReplaceChild(n.Parent(), n, ast.NewString([]byte(label)))
			return
		}
		link.AppendChild(link, ast.NewString([]byte(label)))
		n.Parent().ReplaceChild(n.Parent(), n, link)
	default:
		n.Destination = []byte(t.URL)
	}
}

func insideLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

func markOutside(n ast.Node, t Target) {
	if t.Outside {
		n.SetAttributeString("rel", []byte("external noopener"))
	}
}

// unwrap puts n's children in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		n.RemoveChild(n, c)
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
}

// PlainText returns the text of n without markup, blocks separated by newlines.
// Code blocks are left out; code spans are text.
func PlainText(n ast.Node, src []byte) string {
	var b strings.Builder
	writePlain(&b, n, src)
	return strings.TrimSpace(b.String())
}

func writePlain(b *strings.Builder, n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.Text:
		b.Write(util.UnescapePunctuations(resolveEntities(n.Segment.Value(src))))
		if n.SoftLineBreak() || n.HardLineBreak() {
			b.WriteByte(' ')
		}
		return
	case *ast.String:
		b.Write(n.Value)
		return
	case *ast.AutoLink:
		b.Write(n.Label(src))
		return
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				b.Write(bytes.ReplaceAll(t.Segment.Value(src), []byte("\n"), []byte(" ")))
			}
		}
		return
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.RawHTML, *ast.HTMLBlock, *extast.FootnoteBacklink, *extast.FootnoteLink:
		return
	case *rawBlock:
		b.WriteString(n.text)
		b.WriteByte('\n')
		return
	case *callout:
		b.WriteString(n.title)
		b.WriteByte('\n')
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		writePlain(b, c, src)
	}
	if n.Type() == ast.TypeBlock {
		separate(b, n)
	}
}

// separate ends a block: cells of a row by a space, other blocks by a newline.
func separate(b *strings.Builder, n ast.Node) {
	if b.Len() == 0 {
		return
	}
	if n.Kind() == extast.KindTableCell {
		b.WriteByte(' ')
		return
	}
	b.WriteByte('\n')
}

func resolveEntities(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 {
		return b
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(b))
}

// Code returns the text of all code blocks below n.
func Code(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if entering {
				b.Write(n.Lines().Value(src))
			}
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	return b.String()
}
