package markdown

import (
	"strconv"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// nodeRenderer writes what differs from goldmark's own HTML. Whatever comes from
// a page is escaped here, except rawBlock, which the allow-list has cleaned.
type nodeRenderer struct{}

func (r nodeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHeading, r.heading)
	reg.Register(ast.KindImage, r.image)
	reg.Register(ast.KindFencedCodeBlock, r.fencedCode)
	reg.Register(ast.KindCodeBlock, r.indentedCode)
	reg.Register(ast.KindHTMLBlock, skip)
	reg.Register(ast.KindRawHTML, skip)
	reg.Register(extast.KindTable, r.table)
	reg.Register(extast.KindTableCell, r.tableCell)
	reg.Register(extast.KindTaskCheckBox, r.taskMark)
	reg.Register(kindCallout, r.callout)
	reg.Register(kindRawBlock, r.rawBlock)
	reg.Register(kindRawInline, r.rawInline)
	reg.Register(kindTerm, r.term)
}

// skip writes nothing: by the time of rendering all raw HTML has been replaced.
func skip(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

func escape(w util.BufWriter, s string) { _, _ = w.Write(util.EscapeHTML([]byte(s))) }

func (nodeRenderer) heading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	tag := "h" + strconv.Itoa(h.Level)
	id, _ := h.AttributeString("id")
	anchor, _ := id.([]byte)
	if entering {
		_, _ = w.WriteString("<" + tag)
		if len(anchor) > 0 {
			_, _ = w.WriteString(` id="`)
			escape(w, string(anchor))
			_ = w.WriteByte('"')
		}
		_ = w.WriteByte('>')
		if alias, ok := h.AttributeString("alias"); ok {
			_, _ = w.WriteString(`<span id="`)
			escape(w, string(alias.([]byte)))
			_, _ = w.WriteString(`"></span>`)
		}
		return ast.WalkContinue, nil
	}
	if len(anchor) > 0 {
		_, _ = w.WriteString(`<a class="anchor" href="#`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape(anchor, false)))
		_, _ = w.WriteString(`" tabindex="-1" aria-hidden="true">#</a>`)
	}
	_, _ = w.WriteString("</" + tag + ">\n")
	return ast.WalkContinue, nil
}

func (nodeRenderer) image(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	img := n.(*ast.Image)
	_, _ = w.WriteString(`<img src="`)
	_, _ = w.Write(util.EscapeHTML(util.URLEscape(img.Destination, true)))
	_, _ = w.WriteString(`" alt="`)
	escape(w, PlainText(img, src))
	_ = w.WriteByte('"')
	for _, name := range []string{"width", "height"} {
		if v, ok := img.AttributeString(name); ok {
			_, _ = w.WriteString(" " + name + `="`)
			escape(w, attributeText(v))
			_ = w.WriteByte('"')
		}
	}
	if len(img.Title) > 0 {
		_, _ = w.WriteString(` title="`)
		escape(w, string(img.Title))
		_ = w.WriteByte('"')
	}
	_, _ = w.WriteString(` loading="lazy">`)
	return ast.WalkSkipChildren, nil
}

// A wide table scrolls inside its own region, which the keyboard can reach.
func (nodeRenderer) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

// tableCell writes a cell; an empty corner is no header of anything.
func (nodeRenderer) tableCell(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "td"
	if n.Parent().Kind() == extast.KindTableHeader && n.HasChildren() {
		tag = "th"
	}
	if !entering {
		_, _ = w.WriteString("</" + tag + ">\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("<" + tag)
	if a := n.(*extast.TableCell).Alignment; a != extast.AlignNone {
		_, _ = w.WriteString(` align="` + a.String() + `"`)
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}

func (nodeRenderer) taskMark(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	if n.(*extast.TaskCheckBox).IsChecked {
		_, _ = w.WriteString(`<span class="task" role="img" aria-label="done">☑</span> `)
	} else {
		_, _ = w.WriteString(`<span class="task" role="img" aria-label="to do">☐</span> `)
	}
	return ast.WalkContinue, nil
}

func (nodeRenderer) callout(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	c := n.(*callout)
	if c.foldable {
		if !entering {
			_, _ = w.WriteString("</details>\n")
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString("<details")
		if c.kind != "" {
			_, _ = w.WriteString(` class="callout ` + c.kind + `"`)
		}
		if c.open {
			_, _ = w.WriteString(" open")
		}
		_, _ = w.WriteString("><summary>")
		escape(w, c.title)
		_, _ = w.WriteString("</summary>\n")
		return ast.WalkContinue, nil
	}
	if !entering {
		_, _ = w.WriteString("</div>\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<div class="callout ` + c.kind + `" role="note"><p class="title">`)
	escape(w, c.title)
	_, _ = w.WriteString("</p>\n")
	return ast.WalkContinue, nil
}

func (nodeRenderer) rawBlock(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="raw">`)
		_, _ = w.Write(n.(*rawBlock).html)
		_, _ = w.WriteString("</div>\n")
	}
	return ast.WalkSkipChildren, nil
}

func (nodeRenderer) rawInline(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	t := n.(*rawInline)
	_, _ = w.WriteString("<" + t.tag)
	if t.title != "" {
		_, _ = w.WriteString(` title="`)
		escape(w, t.title)
		_ = w.WriteByte('"')
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}
