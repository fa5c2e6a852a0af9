package search

import (
	"maps"
	"slices"
	"strings"

	"opsbook/content"
)

// maxSaying is the most words that a synonym may have.
const maxSaying = 6

// thesaurus knows which sayings mean the same: the terms of the glossary with
// their abbreviations and synonyms, and the lists of this package. It is immutable.
type thesaurus struct {
	groups []group
	byKey  map[string][]int         // groups by the key of a saying, see sayingKey
	keys   []string                 // of byKey, sorted
	terms  map[string]*content.Term // of the Library by key
	names  []string                 // of the Library's terms
}

// group is what may be said for each other.
type group struct {
	sayings [][]string
	near    bool // in meaning only: counts for less
}

// saying is words that may be said for others.
type saying struct {
	words []string
	near  bool
}

// newThesaurus returns the thesaurus of a Library's glossary. The terms of extra
// are vocabulary only, where the glossary does not have them.
func newThesaurus(glossary, extra []content.Term) *thesaurus {
	th := &thesaurus{byKey: map[string][]int{}, terms: map[string]*content.Term{}}
	own := map[string]bool{}
	for i := range glossary {
		t := &glossary[i]
		own[t.Term] = true
		th.names = append(th.names, t.Term)
		th.addTerm(t)
		for _, name := range append([]string{t.Term}, t.Also...) {
			if key := sayingKey(texts(plainTokens(name))); key != "" && th.terms[key] == nil {
				th.terms[key] = t
			}
		}
	}
	for i := range extra {
		if !own[extra[i].Term] {
			th.addTerm(&extra[i])
		}
	}
	for line := range strings.Lines(abbreviations) {
		th.add(strings.Split(strings.TrimSpace(line), " = "), false)
	}
	for line := range strings.Lines(nearSynonyms) {
		th.add(strings.Split(strings.TrimSpace(line), " = "), true)
	}
	th.keys = slices.Sorted(maps.Keys(th.byKey))
	return th
}

func (th *thesaurus) addTerm(t *content.Term) {
	th.add(append([]string{t.Term}, t.Also...), false)
}

// add adds a group. Sayings that differ in spaces, hyphens or endings only are one.
func (th *thesaurus) add(names []string, near bool) {
	g := group{near: near}
	seen := map[string]bool{}
	for _, name := range names {
		words := texts(plainTokens(name))
		key := sayingKey(words)
		if key == "" || len(words) > maxSaying || seen[key] {
			continue
		}
		seen[key] = true
		g.sayings = append(g.sayings, words)
		th.byKey[key] = append(th.byKey[key], len(th.groups))
	}
	th.groups = append(th.groups, g)
}

// sayingKey returns what sayings have in common that differ in spaces, hyphens or
// endings only: post-mortems and postmortem.
func sayingKey(words []string) string { return stem(strings.Join(words, "")) }

// others returns what may be said for words.
func (th *thesaurus) others(words []string) []saying {
	return th.collect(th.byKey[sayingKey(words)], words)
}

// begun returns what may be said for the sayings that words, the last one unfinished, begin,
// and those sayings themselves.
func (th *thesaurus) begun(words []string) []saying {
	prefix := strings.Join(words, "")
	n, found := slices.BinarySearch(th.keys, prefix)
	if found {
		n++ // finished
	}
	var list []saying
	for ; n < len(th.keys) && len(list) < 2*maxBegun && strings.HasPrefix(th.keys[n], prefix); n++ {
		list = append(list, th.collect(th.byKey[th.keys[n]], nil)...)
	}
	return list
}

// collect returns the sayings of groups that may be said for words.
func (th *thesaurus) collect(groups []int, words []string) []saying {
	var list []saying
	for _, g := range groups {
		for _, s := range th.groups[g].sayings {
			if !th.groups[g].kinds(words, s) && !slices.ContainsFunc(list, func(o saying) bool { return slices.Equal(o.words, s) }) {
				list = append(list, saying{s, th.groups[g].near})
			}
		}
	}
	return list
}

// kinds reports whether a and b are the same, one a kind of the other, or both kinds of a
// third saying of the group: who asks for a customer liaison does not mean an internal
// one, and who asks for a liaison finds both without help.
func (g *group) kinds(a, b []string) bool {
	if len(a) == 0 {
		return false
	}
	if contains(a, b) || contains(b, a) {
		return true
	}
	return slices.ContainsFunc(g.sayings, func(s []string) bool { return contains(a, s) && contains(b, s) })
}

// contains reports whether a says everything that b says.
func contains(a, b []string) bool {
	return strings.Contains(" "+strings.Join(a, " ")+" ", " "+strings.Join(b, " ")+" ") || sayingKey(a) == sayingKey(b)
}

// knows reports whether a word is a saying, so that it is not misspelt.
func (th *thesaurus) knows(word string) bool { return th.byKey[sayingKey([]string{word})] != nil }

// term returns the Library's term that words name or ask for, as in "what is an
// SLO"; nil where they name none.
func (th *thesaurus) term(words []string) *content.Term {
	t := th.terms[sayingKey(words)]
	if words[0] != "what" {
		return t
	}
	for t == nil && len(words) > 1 && stopWord(token{text: words[0]}) {
		words = words[1:]
		t = th.terms[sayingKey(words)]
	}
	return t
}
