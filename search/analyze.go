package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of a word. Longer ones are hashes and encoded data that nobody types.
const (
	maxWordBytes = 64
	maxParts     = 6 // of a compound, to be indexed joined as well
	maxCapitals  = 6 // letters of an abbreviation
)

// token is one word of a text, folded: lower case, without accents.
type token struct {
	text       string
	start, end int  // bytes in the text
	pos        int  // from 1; a compound stands where its first part stands
	parts      int  // of a compound: how many of the tokens that follow are its parts; else 0
	upper      bool // written in capitals only, or with a digit: an abbreviation or a name
}

// tokenize splits text into words, for text that people in operations write: a word
// keeps its digits (p99, k8s, 5xx); a compound is taken in parts and joined, so that
// on-call, oncall and "on call" find each other, as do CI/CD and cicd, long_query_time
// and its words; a number keeps its point (99.99, 14.4); --flags lose their dashes;
// C++ and C# stay what they are; SLOs are SLO. Words are not stemmed: the vocabulary
// knows which words share a stem, so that the word written by the reader can count
// for more than its relatives. Invalid UTF-8 separates words.
func tokenize(text string) []token { return appendTokens(nil, text) }

// appendTokens appends the words of text to tokens.
func appendTokens(tokens []token, text string) []token {
	pos := 1
	for i := 0; i < len(text); {
		r, size := decode(text, i)
		if !wordRune(r) {
			i += size
			continue
		}
		start := i
		if ideograph(r) {
			// Scripts without spaces: each sign is a word, and the order of signs a phrase.
			i += size
			tokens = append(tokens, token{text: fold(text[start:i]), start: start, end: i, pos: pos})
			pos++
			continue
		}
		i = compoundEnd(text, i)
		before := len(tokens)
		tokens = appendCompound(tokens, text, start, i, pos)
		pos += positions(tokens[before:])
	}
	return tokens
}

// positions returns how many positions the tokens of one compound take.
func positions(tokens []token) int {
	if len(tokens) > 1 {
		return len(tokens) - 1
	}
	return len(tokens)
}

// compoundEnd returns where the run of words joined by single connectors that starts at i ends.
func compoundEnd(text string, i int) int {
	for i < len(text) {
		r, size := decode(text, i)
		if wordRune(r) && !ideograph(r) {
			i += size
			continue
		}
		next, _ := decode(text, i+size)
		if !connector(r) || !wordRune(next) || ideograph(next) || r == ',' && !digitsAround(text, i) {
			break
		}
		i += size
	}
	// c++, g++, c#, f#: only after a single letter.
	if rest := text[i:]; strings.HasPrefix(rest, "++") && !wordAt(text, i+2) {
		return i + 2
	} else if strings.HasPrefix(rest, "#") && !wordAt(text, i+1) {
		return i + 1
	}
	return i
}

// appendCompound appends the words of text[start:end]: one, or a compound's
// joined form followed by its parts.
func appendCompound(tokens []token, text string, start, end, pos int) []token {
	whole := text[start:end]
	upper := abbreviation(whole)
	if w, ok := single(whole); ok {
		if w == "" || len(w) > maxWordBytes {
			return tokens
		}
		return append(tokens, token{text: w, start: start, end: end, pos: pos, upper: upper})
	}
	first := len(tokens)
	tokens = append(tokens, token{start: start, end: end, pos: pos, upper: upper})
	for _, p := range split(whole) {
		w := fold(whole[p[0]:p[1]])
		if w == "" || len(w) > maxWordBytes {
			continue
		}
		tokens = append(tokens, token{text: w, start: start + p[0], end: start + p[1], pos: pos, upper: upper})
		pos++
	}
	parts := tokens[first+1:]
	var joined strings.Builder
	for _, t := range parts {
		joined.WriteString(t.text)
	}
	if len(parts) < 2 || len(parts) > maxParts || joined.Len() > maxWordBytes {
		copy(tokens[first:], parts)
		return tokens[:len(tokens)-1]
	}
	tokens[first].text, tokens[first].parts = joined.String(), len(parts)
	return tokens
}

// single returns the word that s is when it is not a compound: without
// connectors, a number with points, a contraction, or a name such as C++.
func single(s string) (string, bool) {
	if strings.HasSuffix(s, "++") || strings.HasSuffix(s, "#") {
		if utf8.RuneCountInString(strings.TrimRight(s, "+#")) == 1 {
			return strings.ToLower(s), true
		}
		s = strings.TrimRight(s, "+#")
	}
	digits, inner, hump := true, false, 0
	wasUpper := true
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
		case r == '.' || r == ',':
			inner = true
		case silent(r):
			digits = false
		case connector(r):
			return "", false
		default:
			digits = false
			if unicode.IsUpper(r) && !wasUpper {
				hump++
			}
		}
		wasUpper = unicode.IsUpper(r)
	}
	if inner && !digits || hump >= 2 {
		return "", false
	}
	if digits {
		return strings.ReplaceAll(fold(s), ",", ""), true
	}
	if one, plural := strings.CutSuffix(s, "s"); plural && len(one) > 1 && strings.ToUpper(one) == one {
		s = one // SLOs, VMs
	}
	return fold(s), true
}

// split returns the byte ranges of a compound's parts: at connectors, and at the
// humps of a name with three or more (CrashLoopBackOff, but not GitHub).
func split(s string) [][2]int {
	var parts [][2]int
	start, hump := 0, -1
	flush := func(end int) {
		if start < end {
			parts = append(parts, [2]int{start, end})
		}
	}
	prev := rune(-1)
	for i, r := range s {
		switch {
		case silent(r):
		case connector(r):
			flush(i)
			start, hump = i+utf8.RuneLen(r), -1
		case unicode.IsUpper(r) && unicode.IsLower(prev) && (hump >= 0 || humps(s[i:]) >= 2):
			flush(i)
			start, hump = i, i
		}
		prev = r
	}
	flush(len(s))
	return parts
}

// humps counts the capitals in the word that s begins with which start a hump,
// the first letter included.
func humps(s string) int {
	n := 0
	wasUpper := false
	for _, r := range s {
		if connector(r) {
			break
		}
		if unicode.IsUpper(r) && !wasUpper {
			n++
		}
		wasUpper = unicode.IsUpper(r)
	}
	return n
}

// fold returns a word in lower case without accents, apostrophes or a possessive s.
func fold(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '\'' || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "'s"), "’s")
	return strings.Map(func(r rune) rune {
		if silent(r) {
			return -1
		}
		return r
	}, foldLetters(s))
}

// foldLetters lowers s and takes it apart (NFKD) to leave accents out. Letters
// that do not decompose but that people type as others are replaced.
func foldLetters(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch r = unicode.ToLower(r); {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ı':
			b.WriteByte('i')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// abbreviation reports whether s is a name rather than a word that could be
// misspelt: with a digit, or a few capitals. A long word in capitals is shouted.
func abbreviation(s string) bool {
	lower := strings.ContainsFunc(s, unicode.IsLower)
	letters := utf8.RuneCountInString(s)
	return strings.ContainsFunc(s, unicode.IsDigit) || !lower && letters > 1 && letters <= maxCapitals
}

func decode(s string, i int) (rune, int) {
	if i >= len(s) {
		return -1, 0
	}
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

func wordAt(s string, i int) bool {
	r, _ := decode(s, i)
	return wordRune(r)
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// connector reports whether r joins two words into a compound.
func connector(r rune) bool {
	switch r {
	case '-', '_', '.', '/', '+', '&', ',', '\u2010', '\u2011':
		return true
	}
	return silent(r)
}

// silent reports whether r stands within a word without being part of it:
// apostrophes, a soft hyphen, the joiners of zero width.
func silent(r rune) bool {
	return r == '\'' || r == '’' || r == '\u00ad' || r == '\u200c' || r == '\u200d'
}

func digitsAround(s string, i int) bool {
	return i > 0 && i+1 < len(s) && '0' <= s[i-1] && s[i-1] <= '9' && '0' <= s[i+1] && s[i+1] <= '9'
}

// ideograph reports whether r belongs to a script written without spaces.
func ideograph(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
