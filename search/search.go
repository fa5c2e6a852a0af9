// Package search finds pages of a Library. Bleve keeps the postings; what a
// query means and how pages are ranked is decided here, because readers type
// half words, misspelt words and their own organisation's acronyms.
//
// A query goes through these steps, each in a file of its own:
//
//	query.go      text to words, phrases and filters
//	plan.go       each word to a concept: all the forms in which a page may say it
//	score.go      BM25F over the forms' postings, a score for each page
//	proximity.go  the best pages again, by words near each other
//	passage.go    the section that answers, a snippet of it, the words to mark
//
// An Index answers over one Library and is immutable; Update returns a new one.
package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"opsbook/content"
)

// Query is what a reader asks. Text may hold "quoted phrases", -words that a page
// must not contain, and the filters kind:playbook, tag:slo and in:guides/reliability;
// anything malformed is taken as words. The last word counts as unfinished unless a
// space or a closing quote follows it. Text may be of any length and need not be valid
// UTF-8; the first 1,000 bytes and 32 words of it are used.
type Query struct {
	Text    string
	Kind    content.Kind // pages of this kind only; beats a kind: in Text, as the next two do
	Tag     string       // pages with this tag only
	In      string       // pages below this path only, and the page itself
	Limit   int          // hits at most; 0 means 20
	Offset  int          // hits to leave out
	Exact   bool         // no word is corrected
	Explain bool         // fill Hit.Why
}

// Results are the answer to a Query.
type Results struct {
	Hits      []Hit
	Total     int           // pages that match
	Corrected string        // the text with its misspelt words corrected, as it was searched; "" where none were
	Term      *content.Term // of the Library's glossary, where the query is exactly a term or another name for one
	Near      []string      // where nothing was found: words and terms that resemble the query
	Tips      bool          // the query has no words to search for
}

// Hit is a page that matches, led to by its best section.
type Hit struct {
	Page    *content.Page
	Anchor  string // of the section; "" for the top of the page
	Heading string // of the section; "" for the top of the page
	Snippet []Fragment
	Words   []string // as the page writes them, lower case: what to mark on the page
	Score   float64  // comparable within one answer only
	Why     *Explanation
}

// Fragment is a piece of plain text, to be escaped by whoever prints it.
type Fragment struct {
	Text string
	Mark bool // a word of the query
}

const defaultLimit = 20

// request is one Search while it runs.
type request struct {
	ix       *Index
	query    parsed
	concepts []concept
	scores   []float64 // by slot; 0: no match
	phrases  map[string]*spots
	refined  map[int32]refinement
}

// Search answers a query. The error is that of the context or of the index itself;
// there are no wrong queries.
func (ix *Index) Search(ctx context.Context, query Query) (Results, error) {
	if err := ctx.Err(); err != nil {
		return Results{}, err
	}
	rq := &request{ix: ix, query: parse(query.Text), phrases: map[string]*spots{}, refined: map[int32]refinement{}}
	rq.query.narrow(query)
	var res Results
	if len(rq.query.words) == 0 {
		res.Tips = true
		return res, nil
	}
	res.Term = ix.thes.term(texts(rq.query.words))
	corrections, err := rq.plan(ctx, query.Exact)
	if err != nil {
		return Results{}, err
	}
	res.Corrected = correct(query.Text, corrections)
	ranked, err := rq.rank(ctx)
	if err != nil {
		return Results{}, err
	}
	res.Total = len(ranked)
	if res.Total == 0 {
		res.Near = rq.near()
		return res, nil
	}
	limit := cmp.Or(max(query.Limit, 0), defaultLimit)
	shown := ranked[min(max(query.Offset, 0), len(ranked)):]
	res.Hits, err = rq.hits(ctx, shown[:min(limit, len(shown))], query.Explain)
	return res, err
}

// rank returns the slots of all pages that match, best first.
func (rq *request) rank(ctx context.Context) ([]int32, error) {
	if err := rq.score(ctx); err != nil {
		return nil, err
	}
	if err := rq.filter(ctx); err != nil {
		return nil, err
	}
	var found []int32
	for slot, s := range rq.scores {
		if s > 0 {
			found = append(found, int32(slot))
		}
	}
	best := func(a, b int32) int {
		return cmp.Or(cmp.Compare(rq.scores[b], rq.scores[a]), cmp.Compare(a, b))
	}
	slices.SortFunc(found, best)
	// Always the same number, so that the second page of results continues the first.
	top := found[:min(len(found), rq.ix.rank.refined)]
	if err := rq.refine(ctx, top); err != nil {
		return nil, err
	}
	slices.SortFunc(top, best)
	for n, slot := range found {
		if rq.scores[slot] < rq.ix.rank.least*rq.scores[found[0]] {
			return found[:n], nil
		}
	}
	return found, nil
}

// filter takes the pages out that the query's filters, phrases and -words exclude.
func (rq *request) filter(ctx context.Context) error {
	q := &rq.query
	for slot, p := range rq.ix.pages {
		if !q.admits(p) {
			rq.scores[slot] = 0
		}
	}
	for _, s := range q.phrases {
		has, err := rq.pagesWith(ctx, texts(q.words[s.from:s.to]))
		if err != nil {
			return err
		}
		for slot := range rq.scores {
			if !has[int32(slot)] {
				rq.scores[slot] = 0
			}
		}
	}
	for _, words := range q.not {
		has, err := rq.pagesWith(ctx, words)
		if err != nil {
			return err
		}
		for slot := range has {
			rq.scores[slot] = 0
		}
	}
	return nil
}

// pagesWith returns the slots of the pages that contain the words, next to each other.
func (rq *request) pagesWith(ctx context.Context, words []string) (map[int32]bool, error) {
	has := map[int32]bool{}
	err := rq.mentions(ctx, form{words: words}, func(slot int32, _ field, _ int) { has[slot] = true })
	return has, err
}

// correct returns text with its misspelt words replaced, "" where there are none.
func correct(text string, corrections []replacement) string {
	if len(corrections) == 0 {
		return ""
	}
	var b strings.Builder
	at := 0
	for _, c := range corrections {
		b.WriteString(text[at:c.start])
		b.WriteString(c.text)
		at = c.end
	}
	b.WriteString(text[at:])
	return b.String()
}
