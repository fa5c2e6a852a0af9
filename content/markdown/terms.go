package markdown

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// term is a word of the glossary in the text: a button that opens its meaning.
type term struct {
	ast.BaseInline
	id      string
	segment text.Segment
}

var kindTerm = ast.NewNodeKind("Term")

func (*term) Kind() ast.NodeKind           { return kindTerm }
func (t *term) Dump(src []byte, level int) { ast.DumpHelper(t, src, level, nil, nil) }

// TermFinder finds the first word of a glossary at or after from in a line of
// text; ok is false where there is none.
type TermFinder func(line []byte, from int) (start, end int, id string, ok bool)

// MarkTerms marks the first use of each term under each level-2 heading, at most
// limit of them, and returns the ids of those it marked, each once. Headings,
// links, code and callout titles stay as they are.
func (d *Doc) MarkTerms(limit int, find TermFinder) []string {
	var ids []string
	marked := map[string]bool{} // in the document
	seen := map[string]bool{}   // under this heading
	left := limit
	var texts []*ast.Text
	flush := func() {
		for _, t := range texts {
			left -= d.markText(t, left, find, seen, func(id string) {
				if !marked[id] {
					marked[id] = true
					ids = append(ids, id)
				}
			})
		}
		texts = nil
		clear(seen)
	}
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level <= 2 {
				flush()
			}
			return ast.WalkSkipChildren, nil
		case *ast.Link, *ast.CodeSpan, *ast.Image, *extast.TableHeader, *extast.FootnoteList, *extast.DefinitionTerm:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			texts = append(texts, n)
		}
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	flush()
	return ids
}

// markText splits a text node at its terms and returns how many it marked.
func (d *Doc) markText(t *ast.Text, limit int, find TermFinder, seen map[string]bool, note func(id string)) int {
	count, from := 0, 0
	for count < limit {
		line := t.Segment.Value(d.Source)
		start, end, id, ok := find(line, from)
		if !ok {
			break
		}
		if seen[id] {
			from = end
			continue
		}
		seen[id] = true
		note(id)
		count++
		at := t.Segment.Start
		parent := t.Parent()
		if start > 0 {
			parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(at, at+start)))
		}
		parent.InsertBefore(parent, t, &term{id: id, segment: text.NewSegment(at+start, at+end)})
		t.Segment = text.NewSegment(at+end, t.Segment.Stop)
		from = 0
	}
	return count
}

func (nodeRenderer) term(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		t := n.(*term)
		_, _ = w.WriteString(`<button type="button" class="term" popovertarget="term-`)
		escape(w, t.id)
		_, _ = w.WriteString(`">`)
		escape(w, string(t.segment.Value(src)))
		_, _ = w.WriteString("</button>")
	}
	return ast.WalkContinue, nil
}
