package search

import (
	"context"
	"fmt"
	"slices"

	"opsbook/content"
)

// checkedHits is how far down an author's query may find its page.
const checkedHits = 3

// Check returns a problem for every query that a page's front matter names and
// that does not find the page among the first three. It indexes the library for it.
func Check(ctx context.Context, lib *content.Library) ([]content.Problem, error) {
	ix, err := Build(ctx, lib)
	if err != nil {
		return nil, err
	}
	var problems []content.Problem
	for _, p := range lib.Pages() {
		for _, q := range p.Queries {
			res, err := ix.Search(ctx, Query{Text: q, Limit: checkedHits})
			if err != nil {
				return nil, fmt.Errorf("search for %q: %w", q, err)
			}
			if !slices.ContainsFunc(res.Hits, func(h Hit) bool { return h.Page == p }) {
				problems = append(problems, content.Problem{File: p.SourceFile(), Line: 1, Message: fmt.Sprintf("the query %q does not find this page among the first %d: %s", q, checkedHits, names(res.Hits))})
			}
		}
	}
	return problems, ix.Close()
}

// names lists what was found instead.
func names(hits []Hit) string {
	if len(hits) == 0 {
		return "nothing is found"
	}
	text := "found are"
	for i, h := range hits {
		if i > 0 {
			text += ","
		}
		text += " " + h.Page.Path
	}
	return text
}
