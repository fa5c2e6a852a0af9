package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"opsbook/content"
)

// Sizes of a snippet.
const (
	snippetBytes = 220
	leadBytes    = 60 // before the first word that is marked, at most
	maxMarked    = 16 // words given for a page
)

// codeShare is what a word in code is worth beside one in prose when it comes to
// what a reader is shown: prose explains.
const codeShare = 0.7

// hits returns the pages in slots as hits.
func (rq *request) hits(ctx context.Context, slots []int32, explain bool) ([]Hit, error) {
	var missing []int32
	for _, slot := range slots {
		if _, ok := rq.refined[slot]; !ok {
			missing = append(missing, slot)
		}
	}
	if err := rq.locate(ctx, missing); err != nil {
		return nil, err
	}
	hits := make([]Hit, len(slots))
	for i, slot := range slots {
		hits[i] = rq.hit(slot)
	}
	if !explain {
		return hits, nil
	}
	return hits, rq.explain(ctx, slots, hits)
}

func (rq *request) hit(slot int32) Hit {
	p := rq.ix.pages[slot]
	list := rq.refined[slot].sightings
	parts := passages(p)
	n := rq.bestPassage(list, len(parts))
	lead := n
	if rq.saysAll(list) {
		lead = 0
	}
	return Hit{
		Page:    p,
		Anchor:  parts[lead].anchor,
		Heading: parts[lead].heading,
		Snippet: rq.snippet(p, parts[n], n, list),
		Words:   surfaces(p, parts, list),
		Score:   rq.scores[slot],
	}
}

// saysAll reports whether the title has the whole query: then the page is the answer, not a
// section of it.
func (rq *request) saysAll(list []sighting) bool {
	has := make([]bool, len(rq.concepts))
	for _, s := range list {
		if s.field == title {
			has[s.concept] = true
		}
	}
	for i, c := range rq.concepts {
		if !has[i] && !c.stop {
			return false
		}
	}
	return true
}

// bestPassage returns the number of the passage that says most of the query, the
// first of equals; 0 where none does.
func (rq *request) bestPassage(list []sighting, passages int) int {
	tf := make([][]float64, passages)
	for _, s := range list {
		if s.field != headings && s.field != text && s.field != code {
			continue
		}
		if tf[s.passage] == nil {
			tf[s.passage] = make([]float64, len(rq.concepts))
		}
		share := s.weight * rq.ix.rank.weight[s.field]
		if s.field == code {
			share *= codeShare
		}
		tf[s.passage][s.concept] += share
	}
	best, most := 0, 0.0
	for n, mentions := range tf {
		sum := 0.0
		for i, t := range mentions {
			// Damped sooner than for a page: a passage that says all words once beats one
			// that says one word often.
			sum += rq.concepts[i].idf * damp(t, 2)
		}
		if sum > most {
			best, most = n, sum
		}
	}
	return best
}

// snippet returns the part of a passage that says most of the query; where it says
// nothing, how the passage begins, or the page's description.
func (rq *request) snippet(p *content.Page, part passage, n int, list []sighting) []Fragment {
	from := cmp.Or(part.text, part.code, p.Description)
	if n == 0 && p.Description != "" {
		from = p.Description
	}
	var shown []sighting
	at, most := 0, 0.0
	for _, c := range [...]struct {
		field field
		text  string
	}{{text, part.text}, {code, part.code}, {description, p.Description}} {
		var marks []sighting
		for _, s := range list {
			if s.field == c.field && (int(s.passage) == n || c.field == description && n == 0) {
				marks = append(marks, s)
			}
		}
		start, value := rq.window(marks)
		if c.field == code {
			value *= codeShare
		}
		if value > most {
			from, shown, at, most = c.text, marks, start, value
		}
	}
	start := leadIn(from, at)
	return fragments(from, start, cutBefore(from, start+snippetBytes), shown)
}

// window returns where the run of marks begins that says most of the query and fits
// into a snippet, and how much it says. It puts marks in order.
func (rq *request) window(marks []sighting) (start int, most float64) {
	slices.SortFunc(marks, func(a, b sighting) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	said := make([]float64, len(rq.concepts))
	for i, m := range marks {
		clear(said)
		for _, o := range marks[i:] {
			if o.end-m.start > snippetBytes-leadBytes {
				break
			}
			said[o.concept] = max(said[o.concept], o.weight)
		}
		sum := 0.0
		for c, weight := range said {
			sum += weight * rq.concepts[c].idf
		}
		if sum > most {
			start, most = int(m.start), sum
		}
	}
	return start, most
}

// leadIn returns where an excerpt begins that shows what stands at: at the start of the
// line or sentence if that is near, else at a word.
func leadIn(s string, at int) int {
	from := max(0, at-leadBytes)
	if from > 0 {
		from += max(0, strings.IndexAny(s[from:at], " \n")+1)
	}
	for from < at && !utf8.RuneStart(s[from]) {
		from++
	}
	best := from
	for _, end := range [...]string{". ", "? ", "! ", "\n"} {
		if i := strings.LastIndex(s[from:at], end); i >= 0 {
			best = max(best, from+i+len(end))
		}
	}
	return best
}

// cutBefore returns where the last word ends that fits into s[:to].
func cutBefore(s string, to int) int {
	if to >= len(s) {
		return len(s)
	}
	if i := strings.LastIndexAny(s[:to], " \n"); i > to-leadBytes {
		return i
	}
	for !utf8.RuneStart(s[to]) {
		to--
	}
	return to
}

// fragments returns s[from:to] with its marks, on one line.
func fragments(s string, from, to int, marks []sighting) []Fragment {
	var list []Fragment
	add := func(text string, mark bool) {
		if text != "" {
			list = append(list, Fragment{strings.ReplaceAll(text, "\n", " "), mark})
		}
	}
	at := from
	lead := ""
	if from > 0 {
		lead = "… "
	}
	for _, m := range marks {
		start, end := int(m.start), int(m.end)
		if start < at || end > to {
			continue
		}
		add(lead+s[at:start], false)
		add(s[start:end], true)
		at, lead = end, ""
	}
	rest := lead + s[at:to]
	if to < len(s) {
		rest += " …"
	}
	add(rest, false)
	return list
}

// surfaces returns the words found on a page as it writes them, in lower case.
func surfaces(p *content.Page, parts []passage, list []sighting) []string {
	var words []string
	for _, s := range list {
		var in string
		switch s.field {
		case title:
			in = p.Title
		case description:
			in = p.Description
		case headings:
			in = parts[s.passage].heading
		case text:
			in = parts[s.passage].text
		case code:
			in = parts[s.passage].code
		}
		word := strings.ToLower(in[s.start:s.end])
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
		if len(words) == maxMarked {
			break
		}
	}
	return words
}
