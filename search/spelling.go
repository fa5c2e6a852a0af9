package search

import (
	"cmp"
	"slices"
)

// Limits of spelling correction. A shorter word has too many neighbours that mean
// something else.
const (
	minCorrected      = 4 // letters of a word that may be one edit off
	minCorrectedTwice = 8 // letters of a word that may be two edits off
	maxCorrections    = 3
)

// corrections returns known words that differ from an unknown one by one edit (a
// letter missing, doubled, wrong, or two swapped), or where there is none and the
// word is long by two, best first. Abbreviations and words with digits are names: the
// caller does not ask for them.
func (v *vocabulary) corrections(text string) []string {
	typed := []rune(text)
	if len(typed) < minCorrected {
		return nil
	}
	near := v.near(typed, 1)
	if len(near) == 0 && len(typed) >= minCorrectedTwice {
		near = v.near(typed, 2)
	}
	return near[:min(len(near), maxCorrections)]
}

// near returns the words within limit edits of typed, the likeliest first.
func (v *vocabulary) near(typed []rune, limit int) []string {
	type candidate struct {
		text  string
		edits int
		score int32
	}
	letters := letterSet(string(typed))
	var found []candidate
	for i := range v.words {
		w := &v.words[i]
		if apart := int(w.runes) - len(typed); apart > limit || apart < -limit || w.runes < minCorrected-1 ||
			lettersApart(w.letters, letters) > 2*limit {
			continue
		}
		other := []rune(w.text)
		edits := distance(typed, other, limit)
		if edits > limit {
			continue
		}
		score := w.prominence()
		if other[0] != typed[0] {
			score /= 10 // slips are rare at the first letter (Pollock & Zamora 1984)
		}
		found = append(found, candidate{w.text, edits, score})
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.edits, b.edits), cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text))
	})
	texts := make([]string, len(found))
	for i, c := range found {
		texts[i] = c.text
	}
	return texts
}

// distance returns the number of edits between a and b: insertions, deletions,
// substitutions and swaps of neighbours (optimal string alignment), or limit+1
// where there are more than limit.
func distance(a, b []rune, limit int) int {
	var rows [3][maxWordBytes + 2]int
	if len(b) > maxWordBytes || len(a) > maxWordBytes {
		return limit + 1
	}
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// maxNear is how many words are offered where nothing was found.
const maxNear = 5

// near returns words of the pages, and terms of the glossary, that resemble words
// which no page has.
func (rq *request) near() []string {
	var list []string
	add := func(s string) {
		if len(list) < maxNear && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	for _, c := range rq.concepts {
		if len(c.forms) > 0 {
			continue
		}
		typed := []rune(c.text)
		if len(typed) < minCorrected-1 {
			continue
		}
		limit := 1 + len(typed)/minCorrected // further than where a word is corrected unasked
		for _, t := range rq.ix.thes.names {
			if distance(typed, []rune(foldLetters(t)), limit) <= limit {
				add(t)
			}
		}
		for _, w := range rq.ix.words.near(typed, limit) {
			add(w)
		}
	}
	return list
}
