package search

import (
	"context"
	"math"
)

// ranking holds the weights by which pages are ranked. They are few and coarse: the
// quality they give is a plateau, and fifty judged queries do not choose decimals.
type ranking struct {
	weight [numFields]float64 // of one mention in a field
	b      [numFields]float64 // how much a field's length counts, 0 to 1
	k1     float64            // mentions, in units of text, that give half of what a word can give

	inflected  float64 // weights of forms, where the word as typed has 1
	derived    float64
	unfinished float64 // a longer word, where the typed one is unknown
	following  float64 // the same, where it follows the word before somewhere
	elsewhere  float64 // times unfinished: the same, where others follow and this does not
	longer     float64 // a longer word, where the typed one is known
	corrected  float64
	synonym    float64
	near       float64 // a word of nearly the same meaning
	joined     float64

	proximity    float64 // of two words near each other against a word by itself
	coordination float64 // exponent of the share of the query that a page has
	titleIs      float64 // factor where the title is the query
	least        float64 // share of the best score that a page needs to be a result

	rare    float64
	refined int // pages that are looked at word by word
}

func defaultRanking() ranking {
	return ranking{
		weight: [numFields]float64{title: 10, headings: 4, urlPath: 3, description: 2, tags: 3, text: 1, code: .7},
		b:      [numFields]float64{title: .3, headings: .6, urlPath: .3, description: .5, tags: .3, text: .5, code: .5},
		k1:     8,

		inflected: .6, derived: .2,
		unfinished: .6, following: .9, elsewhere: .2, longer: .2,
		corrected: .9, synonym: .9, near: .3, joined: 1,

		proximity: .8, coordination: .2, titleIs: 1.5, least: .05,
		rare: .03, refined: 40,
	}
}

func (rk *ranking) synonymWeight(near bool) float64 {
	if near {
		return rk.near
	}
	return rk.synonym
}

// score sets rq.scores by BM25F, the form of BM25 for texts with fields
// (Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond,
// Foundations and Trends in Information Retrieval 3(4), 2009): mentions are added up
// over fields before they are damped, so that a word in title and text counts as
// one word mentioned often, not as two words.
//
//	tf(c, p) = Σ over fields f, forms w of c:  weight(f) · weight(w) · freq(w, f, p) / (1 − b(f) + b(f) · len(f, p) / mean len(f))
//	bm25f(p) = Σ over concepts c:  idf(c) · (k1 + 1) · tf(c, p) / (k1 + tf(c, p))
//	idf(c)   = ln(1 + (N − n + ½) / (n + ½))
//	score(p) = bm25f(p) · (Σ idf(c) · best(c, p) / Σ idf(c)) ^ coordination
//
// All forms of a concept are one word with one document frequency n, so a rare
// synonym is no more telling than a common one. A page counts in n as much as the
// best form that it has, best(c, p). N is the number of pages. Words that are too
// common to matter take no part unless the query has no others.
func (rq *request) score(ctx context.Context) error {
	ix, rk := rq.ix, &rq.ix.rank
	rq.scores = make([]float64, len(ix.pages))
	covered := make([]float64, len(ix.pages))
	tf := make([]float64, len(ix.pages))
	best := make([]float64, len(ix.pages))
	total := 0.0
	for i := range rq.concepts {
		c := &rq.concepts[i]
		if c.stop {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		clear(tf)
		clear(best)
		for _, f := range c.forms {
			err := rq.mentions(ctx, f, func(slot int32, fd field, n int) {
				tf[slot] += f.weight * ix.weigh(slot, fd, n)
				best[slot] = max(best[slot], f.weight)
			})
			if err != nil {
				return err
			}
		}
		c.idf = idf(best)
		total += c.idf
		for slot, t := range tf {
			if t > 0 {
				rq.scores[slot] += c.idf * damp(t, rk.k1)
				covered[slot] += c.idf * best[slot]
			}
		}
	}
	for slot, s := range rq.scores {
		if s > 0 {
			rq.scores[slot] = s * math.Pow(covered[slot]/total, rk.coordination)
		}
	}
	return nil
}

// weigh returns what n mentions in a field of a page are worth.
func (ix *Index) weigh(slot int32, f field, n int) float64 {
	b := ix.rank.b[f]
	return ix.rank.weight[f] * float64(n) / (1 - b + b*float64(ix.sizes[slot][f])/ix.mean[f])
}

func damp(tf, k1 float64) float64 { return (k1 + 1) * tf / (k1 + tf) }

// idf returns the weight of a concept that each page has as much as given.
func idf(best []float64) float64 {
	all, n := float64(len(best)), 0.0
	for _, b := range best {
		n += b
	}
	n = min(n, all)
	return math.Log(1 + (all-n+.5)/(n+.5))
}
