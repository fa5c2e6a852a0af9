package content

import (
	"opsbook/content/markdown"

	"github.com/yuin/goldmark/ast"
)

// readSteps returns the steps of a learning path: the first link to a page in
// each item of its top-level lists, in order, each page once.
func readSteps(p *Page, doc *markdown.Doc) []Step {
	var steps []Step
	seen := map[string]bool{}
	for n := doc.Root.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() != ast.KindList {
			continue
		}
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			if s, ok := firstStep(p, item, doc.Source); ok && !seen[s.Path] {
				seen[s.Path] = true
				steps = append(steps, s)
			}
		}
	}
	return steps
}

func firstStep(p *Page, item ast.Node, src []byte) (step Step, ok bool) {
	_ = ast.Walk(item, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, isLink := n.(*ast.Link)
		if !isLink || !entering || ok {
			return ast.WalkContinue, nil
		}
		l := parseLink(p.File, string(link.Destination))
		if l.Outside || l.Path == "" {
			return ast.WalkContinue, nil
		}
		step, ok = Step{Path: l.Path, Text: markdown.PlainText(link, src)}, true
		return ast.WalkStop, nil
	}) // the walker above returns no error
	return step, ok
}
