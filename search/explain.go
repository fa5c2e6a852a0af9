package search

import "context"

// Explanation says why a page has its score: Proximity is added to the sum of the
// Words' scores times Coordination, and Title multiplies the whole.
type Explanation struct {
	Words        []WordScore
	Coordination float64 // factor for the share of the query that the page has
	Proximity    float64 // for words near each other
	Title        float64 // factor where the title is the query, else 1
}

// WordScore is what a word of the query contributes.
type WordScore struct {
	Word   string  // as it was searched
	Common bool    // left out, being too common
	IDF    float64 // how telling it is
	Score  float64
	Forms  []FormScore // found on the page
}

// FormScore is a form of a word that was found.
type FormScore struct {
	Form   string
	Why    Reason
	Weight float64 // of a mention, where the word itself has 1
	Fields []FieldCount
}

// FieldCount is how often a form stands in a field of the page.
type FieldCount struct {
	Field string
	Count int
}

// explain fills Why of the hits, which are the pages in slots.
func (rq *request) explain(ctx context.Context, slots []int32, hits []Hit) error {
	ix, rk := rq.ix, &rq.ix.rank
	at := make(map[int32]int, len(slots))
	sums := make([]float64, len(slots))
	for i, slot := range slots {
		at[slot] = i
		hits[i].Why = &Explanation{Proximity: rq.refined[slot].proximity, Title: 1}
		if rq.refined[slot].title {
			hits[i].Why.Title = rk.titleIs
		}
	}
	for _, c := range rq.concepts {
		tf := make([]float64, len(slots))
		forms := make([][]FormScore, len(slots))
		for _, f := range c.forms {
			if c.stop {
				continue
			}
			counts := make([][]FieldCount, len(slots))
			err := rq.mentions(ctx, f, func(slot int32, fd field, n int) {
				if i, shown := at[slot]; shown {
					tf[i] += f.weight * ix.weigh(slot, fd, n)
					counts[i] = append(counts[i], FieldCount{fd.String(), n})
				}
			})
			if err != nil {
				return err
			}
			for i, fields := range counts {
				if fields != nil {
					forms[i] = append(forms[i], FormScore{f.text(), f.why, f.weight, fields})
				}
			}
		}
		for i := range hits {
			score := c.idf * damp(tf[i], rk.k1)
			sums[i] += score
			hits[i].Why.Words = append(hits[i].Why.Words, WordScore{c.text, c.stop, c.idf, score, forms[i]})
		}
	}
	for i := range hits {
		why := hits[i].Why
		why.Coordination = (hits[i].Score/why.Title - why.Proximity) / sums[i]
	}
	return nil
}
