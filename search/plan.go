package search

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
)

// A concept is one word of the query with every form in which a page may say it.
type concept struct {
	token
	stop  bool // too common to say what a page is about
	forms []form
	idf   float64 // how telling it is, set by score
}

// A form is a word, or several next to each other, that stands for a concept.
type form struct {
	words   []string
	weight  float64 // of one mention, where the word itself has 1
	why     Reason
	inflect bool // the last word may have any grammatical ending
}

// Reason says why a form stands for a word of the query.
type Reason string

// The reasons, from the surest on.
const (
	AsTyped    Reason = "as typed"
	Inflected  Reason = "inflected"
	Derived    Reason = "same stem"
	Joined     Reason = "written together or apart"
	Synonym    Reason = "synonym"
	Corrected  Reason = "corrected"
	Unfinished Reason = "unfinished"
)

// Limits of what a word is expanded to.
const (
	maxCompletions = 24
	maxGuesses     = 8 // completions of a single letter
	maxBegun       = 4 // sayings that several words, the last unfinished, begin
	maxForms       = 40
	maxJoined      = 4 // words written as one
	minJoined      = 4 // letters of an unfinished one
	minHalved      = 6 // letters of a word that may be two
)

// replacement is a correction of the query's text.
type replacement struct {
	start, end int
	text       string
}

// plan fills rq.concepts and returns the corrections it made.
func (rq *request) plan(ctx context.Context, exact bool) ([]replacement, error) {
	q := &rq.query
	rq.concepts = make([]concept, len(q.words))
	onlyStops := !slices.ContainsFunc(q.words, func(t token) bool { return !stopWord(t) })
	var made []replacement
	for i, t := range q.words {
		c := &rq.concepts[i]
		c.token = t
		c.stop = stopWord(t) && !onlyStops && !q.quoted[i]
		if err := rq.expand(ctx, i); err != nil {
			return nil, err
		}
		if len(c.forms) == 0 && !exact && !q.quoted[i] && !t.upper && !rq.ix.thes.knows(t.text) {
			if to := rq.correct(c); to != "" {
				made = append(made, replacement{t.start, t.end, to})
			}
		}
	}
	if err := rq.sayings(ctx); err != nil {
		return nil, err
	}
	for i := range rq.concepts {
		rq.concepts[i].finish()
	}
	return made, nil
}

// expand adds the forms of word i by itself: as typed, its relatives, what it
// may become when it is finished, the two words it may be written as.
func (rq *request) expand(ctx context.Context, i int) error {
	ix, c := rq.ix, &rq.concepts[i]
	known := ix.words.word(c.text) != nil
	if known {
		c.add(form{words: []string{c.text}, weight: 1, why: AsTyped})
	}
	if rq.query.quoted[i] {
		return nil
	}
	for _, w := range ix.words.family(c.text) {
		if inflected(c.text, w) {
			c.add(form{words: []string{w}, weight: ix.rank.inflected, why: Inflected})
		} else {
			c.add(form{words: []string{w}, weight: ix.rank.derived, why: Derived})
		}
	}
	if rq.query.last(i) && (len(c.text) > 1 || i == 0) {
		if err := rq.complete(ctx, i, known || ix.thes.knows(c.text)); err != nil {
			return err
		}
	}
	return rq.halve(ctx, c)
}

// halve adds the two words that word c may be written as, where a page does.
func (rq *request) halve(ctx context.Context, c *concept) error {
	if c.stop || len(c.text) < minHalved {
		return nil
	}
	for n := 2; n <= len(c.text)-2; n++ {
		halves := []string{c.text[:n], c.text[n:]}
		if rq.ix.words.word(halves[0]) == nil || rq.ix.words.word(halves[1]) == nil {
			continue
		}
		has, err := rq.pagesWith(ctx, halves)
		if err != nil {
			return err
		}
		if len(has) > 0 {
			c.add(form{words: halves, weight: rq.ix.rank.joined, why: Joined})
		}
	}
	return nil
}

// complete adds the words that begin with word i. Those that stand somewhere
// right after the word before it are what the reader is most likely typing.
func (rq *request) complete(ctx context.Context, i int, known bool) error {
	ix, c := rq.ix, &rq.concepts[i]
	limit := maxCompletions
	if len(c.text) == 1 {
		limit = maxGuesses
	}
	likely := ix.words.likelyCompletions(c.text, limit)
	if known {
		for _, w := range likely {
			c.add(form{words: []string{w}, weight: ix.rank.longer, why: Unfinished})
		}
		return nil
	}
	follows, most := make([]int, len(likely)), 0
	if i > 0 && !rq.concepts[i-1].stop {
		for n, w := range likely {
			has, err := rq.pagesWith(ctx, []string{rq.concepts[i-1].text, w})
			if err != nil {
				return err
			}
			follows[n] = len(has)
			most = max(most, len(has))
		}
	}
	for n, w := range likely {
		weight := ix.rank.unfinished
		switch {
		case follows[n] > 0:
			weight = max(weight, ix.rank.following*math.Sqrt(float64(follows[n])/float64(most)))
		case most > 0:
			weight *= ix.rank.elsewhere
		}
		c.add(form{words: []string{w}, weight: weight, why: Unfinished})
	}
	return nil
}

// correct adds the words that an unknown one may be misspelt for and returns
// the likeliest, which it takes for the word from then on.
func (rq *request) correct(c *concept) string {
	ix := rq.ix
	candidates := ix.words.corrections(c.text)
	if len(candidates) == 0 {
		return ""
	}
	for _, w := range candidates {
		c.add(form{words: []string{w}, weight: ix.rank.corrected, why: Corrected})
		for _, f := range ix.words.family(w) {
			if inflected(w, f) {
				c.add(form{words: []string{f}, weight: ix.rank.corrected * ix.rank.inflected, why: Corrected})
			}
		}
	}
	c.text = candidates[0]
	return c.text
}

// sayings adds to the words of each run what may be said in place of the whole
// run: one word, or a synonym of any number of words.
func (rq *request) sayings(ctx context.Context) error {
	words := make([]string, len(rq.concepts))
	for i := range rq.concepts {
		words[i] = rq.concepts[i].text
	}
	for from := range words {
		for to := from + 1; to <= min(len(words), from+maxSaying); to++ {
			if rq.query.quoted[to-1] {
				break
			}
			if to == from+1 && rq.concepts[from].stop {
				continue
			}
			if err := rq.saying(ctx, words[from:to], rq.concepts[from:to], rq.query.last(to-1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// saying adds what may be said in place of words, which are concepts.
func (rq *request) saying(ctx context.Context, words []string, concepts []concept, last bool) error {
	ix := rq.ix
	add := func(said []string, weight float64, why Reason) {
		for i := range concepts {
			concepts[i].add(form{words: said, weight: weight, why: why, inflect: true})
		}
	}
	several := len(words) > 1
	if several && len(words) <= maxJoined {
		one := strings.Join(words, "")
		if ix.words.word(one) != nil {
			add([]string{one}, ix.rank.joined, Joined)
		}
		if last && len(one) >= minJoined {
			for _, w := range ix.words.likelyCompletions(one, maxBegun) {
				add([]string{w}, ix.rank.unfinished, Unfinished)
			}
		}
	}
	if err := rq.synonyms(ctx, words, add); err != nil {
		return err
	}
	if last && (several || len(words[0]) >= minJoined && ix.words.word(words[0]) == nil) {
		for _, o := range ix.thes.begun(words) {
			add(o.words, ix.rank.following*ix.rank.synonymWeight(o.near), Synonym)
		}
	}
	return nil
}

// synonyms adds what means the same as words. What means nearly the same is added only
// where hardly any page has the words themselves.
func (rq *request) synonyms(ctx context.Context, words []string, add func(said []string, weight float64, why Reason)) error {
	ix := rq.ix
	for _, o := range ix.thes.others(words) {
		if o.near {
			has, err := rq.pagesWith(ctx, words)
			if err != nil {
				return err
			}
			if float64(len(has)) > ix.rank.rare*float64(len(ix.pages)) {
				continue
			}
		}
		add(o.words, ix.rank.synonymWeight(o.near), Synonym)
	}
	return nil
}

// add adds a form, or raises the weight of the one that has the same words.
func (c *concept) add(f form) {
	if f.weight <= 0 || len(f.words) == 0 {
		return
	}
	for i := range c.forms {
		if slices.Equal(c.forms[i].words, f.words) {
			if f.weight > c.forms[i].weight {
				c.forms[i] = f
			}
			return
		}
	}
	c.forms = append(c.forms, f)
}

// finish keeps the weightiest forms only.
func (c *concept) finish() {
	slices.SortStableFunc(c.forms, func(a, b form) int { return cmp.Compare(b.weight, a.weight) })
	c.forms = c.forms[:min(len(c.forms), maxForms)]
}

// stopWord reports whether a word says nothing about a topic. An abbreviation in
// capitals is none: IT, US, CAN.
func stopWord(t token) bool {
	return !t.upper && strings.Contains(stopWords, " "+t.text+" ")
}

const stopWords = " a about after all also am an and any are as at be because been but by can could did do does doing for from get got had " +
	"has have he her here him his how i if in into is it its just like may me might my need no not now of on or our out over should " +
	"so some such than that the their them then there these they this those to too up us use used uses using was way we were what when " +
	"where which while who whom whose why will with would you your "

func (f form) text() string { return strings.Join(f.words, " ") }
