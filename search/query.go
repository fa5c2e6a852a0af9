package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"opsbook/content"
)

// Limits of what is used of a query; the rest is ignored.
const (
	maxQueryBytes = 1000
	maxQueryWords = 32
	maxRepeats    = 2 // of a word
	maxExcluded   = 8
)

// parsed is a query taken apart.
type parsed struct {
	words      []token // in order; parts of compounds, never their joined form
	quoted     []bool  // by word: in a phrase, so it means itself only
	phrases    []span  // of words, which a page must contain
	not        [][]string
	kind       content.Kind
	tag        string
	in         string
	unfinished bool // the last word may have more letters to come
}

// span is a range of query words.
type span struct{ from, to int }

// parse takes text apart. What is malformed is taken as words: an open quote, an
// unknown kind, an operator without an operand.
func parse(text string) parsed {
	var q parsed
	if len(text) > maxQueryBytes {
		text = text[:maxQueryBytes]
	}
	for at := 0; at < len(text); {
		if r, size := utf8.DecodeRuneInString(text[at:]); unicode.IsSpace(r) {
			q.unfinished = false
			at += size
			continue
		}
		negative := text[at] == '-' && at+1 < len(text) && text[at+1] != '-'
		start := at
		if negative {
			start++
		}
		if inner, closed := quotation(text[start:]); closed {
			q.add(text, start+1, start+1+inner, negative, true)
			q.unfinished = false
			at = start + inner + 2
			continue
		}
		end := start + 1
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if r == '"' || unicode.IsSpace(r) {
				break
			}
			end += size
		}
		if negative || !q.filter(text[start:end]) {
			added := q.add(text, start, end, negative, false)
			q.unfinished = added
		}
		at = end
	}
	return q
}

// quotation returns the length of the text between the quotation marks that s begins with.
func quotation(s string) (length int, closed bool) {
	if !strings.HasPrefix(s, `"`) {
		return 0, false
	}
	length = strings.IndexByte(s[1:], '"')
	return length, length >= 0
}

// filter takes kind:, tag: and in: and reports whether item is one of them.
func (q *parsed) filter(item string) bool {
	key, value, found := strings.Cut(item, ":")
	if !found || value == "" {
		return false
	}
	switch strings.ToLower(key) {
	case "kind":
		kind := content.Kind(strings.TrimSuffix(strings.ToLower(value), "s"))
		if !slices.Contains(content.Kinds[:], kind) {
			return false
		}
		q.kind = kind
	case "tag":
		q.tag = value
	case "in":
		q.in = value
	default:
		return false
	}
	return true
}

// add takes the words of text[start:end] and reports whether there were any to search for.
func (q *parsed) add(text string, start, end int, negative, quoted bool) bool {
	words := plainTokens(text[start:end])
	if negative {
		if len(words) > 0 && len(q.not) < maxExcluded {
			q.not = append(q.not, texts(words))
		}
		return false
	}
	from := len(q.words)
	for _, w := range words {
		if len(q.words) == maxQueryWords {
			break
		}
		if !quoted && q.repeats(w.text) == maxRepeats {
			continue
		}
		w.start, w.end = w.start+start, w.end+start
		q.words = append(q.words, w)
		q.quoted = append(q.quoted, quoted)
	}
	if quoted && from < len(q.words) {
		q.phrases = append(q.phrases, span{from, len(q.words)})
	}
	return from < len(q.words)
}

// repeats returns how often the query has a word already.
func (q *parsed) repeats(word string) int {
	n := 0
	for _, w := range q.words {
		if w.text == word {
			n++
		}
	}
	return n
}

// narrow takes the filters given beside the text.
func (q *parsed) narrow(query Query) {
	if query.Kind != "" {
		q.kind = query.Kind
	}
	if query.Tag != "" {
		q.tag = query.Tag
	}
	if query.In != "" {
		q.in = query.In
	}
	q.tag = foldLetters(q.tag)
	q.in = strings.Trim(q.in, "/")
}

// admits reports whether the filters let a page through.
func (q *parsed) admits(p *content.Page) bool {
	if q.kind != "" && p.Kind != q.kind {
		return false
	}
	if q.in != "" && p.Path != q.in && !strings.HasPrefix(p.Path, q.in+"/") {
		return false
	}
	return q.tag == "" || slices.ContainsFunc(p.Tags, func(t string) bool { return foldLetters(t) == q.tag })
}

// last reports whether word i is one that the reader may still be typing.
func (q *parsed) last(i int) bool { return q.unfinished && i == len(q.words)-1 }

// plainTokens returns the words of s without the joined forms of compounds.
func plainTokens(s string) []token {
	return slices.DeleteFunc(tokenize(s), func(t token) bool { return t.parts > 0 })
}

func texts(tokens []token) []string {
	list := make([]string, len(tokens))
	for i, t := range tokens {
		list[i] = t.text
	}
	return list
}
