package search

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// vocabulary is every word of the pages: what a reader's word can mean, be the
// beginning of, or be a misspelling of. It is immutable.
type vocabulary struct {
	words []word              // sorted by text
	stems map[string][]string // words that share a stem, sorted
}

// word is an entry of the vocabulary.
type word struct {
	text    string
	pages   int32 // that contain it in any field
	top     int32 // that contain it in title, headings or path
	fields  uint8 // bit f is set where it occurs in field f; of a word whose pages changed, possibly too many
	runes   uint8
	letters uint64 // one bit a letter, see letterSet
}

// in reports whether any page has the word in a field.
func (w *word) in(f field) bool { return w.fields&(1<<f) != 0 }

// use is how a page, or several, use a word.
type use struct {
	pages, top int32
	fields     uint8
}

// newVocabulary returns the vocabulary of pages that use words as counted.
func newVocabulary(uses map[string]use) *vocabulary {
	v := &vocabulary{stems: map[string][]string{}}
	return v.with(uses)
}

// with returns a vocabulary in which the given uses have been added; counts may be negative.
// Words that no page uses any more are gone.
func (v *vocabulary) with(uses map[string]use) *vocabulary {
	changed := slices.Sorted(maps.Keys(uses))
	w := &vocabulary{
		words: make([]word, 0, len(v.words)+len(changed)),
		stems: maps.Clone(v.stems),
	}
	old := v.words
	for _, text := range changed {
		n, found := slices.BinarySearchFunc(old, text, compareWord)
		w.words = append(w.words, old[:n]...)
		old = old[n:]
		entry := word{text: text, runes: uint8(min(len([]rune(text)), 255)), letters: letterSet(text)}
		if found {
			entry, old = old[0], old[1:]
		}
		u := uses[text]
		entry.pages += u.pages
		entry.top += u.top
		entry.fields |= u.fields
		switch {
		case entry.pages > 0:
			w.words = append(w.words, entry)
			if !found {
				s := stem(text)
				w.stems[s] = append(slices.Clip(w.stems[s]), text)
			}
		case found:
			s := stem(text)
			w.stems[s] = slices.DeleteFunc(slices.Clone(w.stems[s]), func(t string) bool { return t == text })
		}
	}
	w.words = append(w.words, old...)
	return w
}

func compareWord(w word, text string) int { return cmp.Compare(w.text, text) }

// word returns the entry of a word, nil when no page has it.
func (v *vocabulary) word(text string) *word {
	if n, found := slices.BinarySearchFunc(v.words, text, compareWord); found {
		return &v.words[n]
	}
	return nil
}

// family returns the words that share a stem with text, which need not be known
// itself. The plural of an abbreviation, as in slos, is a relative too.
func (v *vocabulary) family(text string) []string {
	list := v.stems[stem(text)]
	if one, plural := strings.CutSuffix(text, "s"); plural && len(one) > 1 && v.word(text) == nil && v.word(one) != nil {
		list = append(slices.Clip(list), one)
	}
	return list
}

// inflected reports whether two words of one stem differ by a grammatical ending
// only: reviews and reviewing, but not object and objective.
func inflected(a, b string) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	ending := func(s string) bool {
		if len(s) > 2 && n > 0 && s[0] == a[n-1] {
			s = s[1:] // scan, scanned
		}
		switch s {
		case "", "s", "es", "ed", "d", "e", "ing", "ings", "y", "ies", "ied", "er", "ers", "r", "rs":
			return true
		}
		return false
	}
	return ending(a[n:]) && ending(b[n:])
}

// likelyCompletions returns longer words that begin with prefix, the most used
// ones, at most limit.
func (v *vocabulary) likelyCompletions(prefix string, limit int) []string {
	from, found := slices.BinarySearchFunc(v.words, prefix, compareWord)
	if found {
		from++
	}
	to := from
	for to < len(v.words) && strings.HasPrefix(v.words[to].text, prefix) {
		to++
	}
	list := slices.Clone(v.words[from:to])
	slices.SortFunc(list, func(a, b word) int {
		return cmp.Or(cmp.Compare(b.prominence(), a.prominence()), cmp.Compare(a.text, b.text))
	})
	texts := make([]string, min(len(list), limit))
	for i := range texts {
		texts[i] = list[i].text
	}
	return texts
}

// prominence says how likely it is that a word is looked for: one that stands in
// titles and headings more than one that does not.
func (w *word) prominence() int32 { return w.pages + 5*w.top }

// stem returns the stem of an English word (Porter 2). Words with digits and
// words of up to three letters are their own stems: SLOs is a plural, DNS is not.
func stem(text string) string {
	if len(text) <= 3 || strings.ContainsFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return text
	}
	env := snowballstem.NewEnv(american(text))
	english.Stem(env)
	return env.Current()
}

// american returns a word in American spelling: organisation and organization share a stem.
func american(text string) string {
	if len(text) < 6 {
		return text
	}
	for _, r := range [...][2]string{{"isation", "ization"}, {"ising", "izing"}, {"ised", "ized"}, {"ises", "izes"}, {"ise", "ize"}, {"yse", "yze"}, {"ysing", "yzing"}} {
		if stem, found := strings.CutSuffix(strings.TrimSuffix(text, "s"), r[0]); found {
			return stem + r[1]
		}
	}
	if strings.Contains(text[2:], "our") {
		return text[:2] + strings.Replace(text[2:], "our", "or", 1)
	}
	return text
}

// letterSet returns a set of the letters of text. Two words within n edits of each
// other differ in at most 2n elements.
func letterSet(text string) uint64 {
	var set uint64
	for _, r := range text {
		set |= 1 << (uint(r) % 64)
	}
	return set
}

func lettersApart(a, b uint64) int { return bits.OnesCount64(a ^ b) }
