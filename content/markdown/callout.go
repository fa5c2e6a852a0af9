package markdown

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// callout is a note beside the text: a GitHub alert, a MkDocs admonition, or a
// <details> element whose content is Markdown.
type callout struct {
	ast.BaseBlock
	kind     string // note, tip, important, warning, caution; empty for a plain <details>
	title    string
	foldable bool
	open     bool
}

var kindCallout = ast.NewNodeKind("Callout")

func (*callout) Kind() ast.NodeKind { return kindCallout }

func (c *callout) Dump(src []byte, level int) {
	ast.DumpHelper(c, src, level, map[string]string{"kind": c.kind, "title": c.title}, nil)
}

// calloutKinds maps what authors write to our five kinds. The right column is
// also the default title, capitalised.
var calloutKinds = map[string]string{
	"note": "note", "info": "note", "abstract": "note", "summary": "note", "tldr": "note", "example": "note", "quote": "note",
	"tip": "tip", "hint": "tip", "success": "tip", "check": "tip", "done": "tip",
	"important": "important", "question": "note", "help": "note", "faq": "note",
	"warning": "warning", "attention": "warning",
	"caution": "caution", "danger": "caution", "error": "caution", "failure": "caution", "fail": "caution", "bug": "caution",
}

// admonitionParser reads "!!! note "Title"" and "??? note", followed by lines
// indented by four spaces.
type admonitionParser struct{}

var admonitionHead = regexp.MustCompile(`^(!!!|\?\?\?\+?)[ \t]*([\pL][\pL\pN_-]*)?((?:[ \t]+[\pL][\pL\pN_-]*)*)[ \t]*(?:"(.*)")?[ \t]*\r?\n?$`)

func (admonitionParser) Trigger() []byte { return []byte{'!', '?'} }

func (admonitionParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if pc.BlockOffset() < 0 {
		return nil, parser.NoChildren
	}
	line, _ := reader.PeekLine()
	m := admonitionHead.FindSubmatch(line[pc.BlockOffset():])
	if m == nil || (len(m[2]) == 0 && len(m[4]) == 0) {
		return nil, parser.NoChildren
	}
	word := strings.ToLower(string(m[2]))
	kind, ok := calloutKinds[word]
	if !ok {
		kind = "note"
	}
	c := &callout{kind: kind, title: string(m[4]), foldable: m[1][0] == '?', open: bytes.HasSuffix(m[1], []byte{'+'})}
	if c.title == "" {
		c.title = capitalise(word)
	}
	reader.Advance(len(line) - newlineLen(line))
	return c, parser.HasChildren
}

func (admonitionParser) Continue(_ ast.Node, reader text.Reader, pc parser.Context) parser.State {
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		return parser.Continue | parser.HasChildren
	}
	pos, padding := util.IndentPosition(line, reader.LineOffset(), 4)
	if pos < 0 {
		return parser.Close
	}
	reader.AdvanceAndSetPadding(pos, padding)
	return parser.Continue | parser.HasChildren
}

func (admonitionParser) Close(ast.Node, text.Reader, parser.Context) {}
func (admonitionParser) CanInterruptParagraph() bool                 { return true }
func (admonitionParser) CanAcceptIndentedLine() bool                 { return false }

func newlineLen(line []byte) int {
	if bytes.HasSuffix(line, []byte{'\n'}) {
		return 1
	}
	return 0
}

func capitalise(s string) string {
	if s == "" {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// attributeListParser swallows the attribute lists "{: …}" that Python-Markdown
// puts after links and images.
type attributeListParser struct{}

func (attributeListParser) Trigger() []byte { return []byte{'{'} }

func (attributeListParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if len(line) < 3 || line[1] != ':' {
		return nil
	}
	end := bytes.IndexByte(line, '}')
	if end < 0 {
		return nil
	}
	block.Advance(end + 1)
	return ast.NewString(nil)
}

var alertHead = regexp.MustCompile(`^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*$`)

// rewriteAlerts turns block quotes that begin with [!NOTE] and its kin into callouts.
func (d *Doc) rewriteAlerts() {
	var quotes []*ast.Blockquote
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if q, ok := n.(*ast.Blockquote); ok && entering {
			quotes = append(quotes, q)
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	for _, q := range quotes {
		p, ok := q.FirstChild().(*ast.Paragraph)
		if !ok || p.Lines().Len() == 0 {
			continue
		}
		first := p.Lines().At(0)
		m := alertHead.FindSubmatch(bytes.TrimRight(first.Value(d.Source), " \t\r\n"))
		if m == nil {
			continue
		}
		kind := strings.ToLower(string(m[1]))
		dropBefore(p, first.Stop)
		if p.FirstChild() == nil {
			q.RemoveChild(q, p)
		}
		c := &callout{kind: kind, title: capitalise(kind)}
		adopt(c, q)
		q.Parent().ReplaceChild(q.Parent(), q, c)
	}
}

// dropBefore removes the inline children of p that end before the source offset.
func dropBefore(p ast.Node, offset int) {
	for c := p.FirstChild(); c != nil; c = p.FirstChild() {
		if t, ok := c.(*ast.Text); ok && t.Segment.Start >= offset {
			return
		}
		if _, ok := c.(*ast.Text); !ok {
			return
		}
		p.RemoveChild(p, c)
	}
}

// adopt moves all children of from to the end of to.
func adopt(to, from ast.Node) {
	for c := from.FirstChild(); c != nil; c = from.FirstChild() {
		from.RemoveChild(from, c)
		to.AppendChild(to, c)
	}
}

var (
	detailsOpen  = regexp.MustCompile(`(?is)^\s*<details(\s[^>]*)?>\s*(?:<summary>(.*?)</summary>)?\s*$`)
	detailsClose = regexp.MustCompile(`(?is)^\s*</details>\s*$`)
)

// joinDetails wraps the Markdown between <details> and </details>, which
// CommonMark parses as two separate blocks of HTML.
func (d *Doc) joinDetails() {
	var parents []ast.Node
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && n.Kind() == ast.KindHTMLBlock && (len(parents) == 0 || parents[len(parents)-1] != n.Parent()) {
			parents = append(parents, n.Parent())
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	for _, p := range parents {
		d.joinDetailsIn(p)
	}
}

// joinDetailsIn goes once through the children of parent. A closing tag ends the
// innermost opening before it.
func (d *Doc) joinDetailsIn(parent ast.Node) {
	var open []*ast.HTMLBlock
	for n := parent.FirstChild(); n != nil; {
		next := n.NextSibling()
		if block, ok := n.(*ast.HTMLBlock); ok {
			switch text := d.html(block); {
			case detailsOpen.Match(text):
				open = append(open, block)
			case detailsClose.Match(text) && len(open) > 0:
				d.fold(parent, open[len(open)-1], block)
				open = open[:len(open)-1]
			}
		}
		n = next
	}
}

// fold makes a callout of what stands between the two tags.
func (d *Doc) fold(parent ast.Node, open, closing *ast.HTMLBlock) {
	m := detailsOpen.FindSubmatch(d.html(open))
	title := textOfHTML(m[2])
	if title == "" {
		title = "Details"
	}
	c := &callout{title: title, foldable: true, open: bytes.Contains(bytes.ToLower(m[1]), []byte("open"))}
	for n := open.NextSibling(); n != closing; n = open.NextSibling() {
		parent.RemoveChild(parent, n)
		c.AppendChild(c, n)
	}
	parent.RemoveChild(parent, closing)
	parent.ReplaceChild(parent, open, c)
}
