package content

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"opsbook/content/markdown"
)

// maxTerms is how many words a page marks for the glossary, so that it stays small
// and readable.
const maxTerms = 12

// termIndex finds glossary terms in text.
type termIndex struct {
	pattern *regexp.Regexp // of all names, longest first; nil without any
	byName  map[string]int // lower case: index in the glossary
	exact   map[string]bool
}

// newTermIndex prepares the terms for finding. Abbreviations such as SLO are
// found in their own spelling only: "red" is not RED.
func newTermIndex(terms []Term) *termIndex {
	x := &termIndex{byName: map[string]int{}, exact: map[string]bool{}}
	var names []string
	for i, t := range terms {
		for _, name := range append([]string{t.Term}, t.Also...) {
			key := strings.ToLower(name)
			if _, taken := x.byName[key]; taken || len(name) < 3 {
				continue
			}
			x.byName[key] = i
			names = append(names, regexp.QuoteMeta(name))
			if abbreviated(name) {
				x.exact[name] = true
			}
		}
	}
	if len(names) == 0 {
		return x
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	x.pattern = regexp.MustCompile(`(?i)\b(?:` + strings.Join(names, "|") + `)\b`)
	return x
}

// abbreviated reports whether a name is written in capitals.
func abbreviated(name string) bool {
	upper := 0
	for _, r := range name {
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper > 1
}

// finder returns a finder that leaves out the terms a page explains itself.
func (x *termIndex) finder(terms []Term, page string) markdown.TermFinder {
	return func(line []byte, from int) (start, end int, id string, ok bool) {
		for x.pattern != nil && from < len(line) {
			m := x.pattern.FindIndex(line[from:])
			if m == nil {
				return 0, 0, "", false
			}
			start, end = from+m[0], from+m[1]
			name := string(line[start:end])
			i, known := x.byName[strings.ToLower(name)]
			if known && terms[i].Page != page && (x.exact[name] || !abbreviated(terms[i].nameLike(name))) {
				return start, end, terms[i].Anchor, true
			}
			from = end
		}
		return 0, 0, "", false
	}
}

// nameLike returns the term's name that equals s but for case.
func (t *Term) nameLike(s string) string {
	if strings.EqualFold(t.Term, s) {
		return t.Term
	}
	for _, name := range t.Also {
		if strings.EqualFold(name, s) {
			return name
		}
	}
	return ""
}
