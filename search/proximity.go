package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// window is how many words apart two words may be to count as near each other.
const window = 5

// leastSighted is the weight that a form needs to be looked for word by word: what
// counts less is too many words for too little.
const leastSighted = .1

// sighting is a form of a concept, found on a page.
type sighting struct {
	place
	concept int
	weight  float64
}

// refinement is what a look at a page's words added to its score.
type refinement struct {
	sightings []sighting // in order of field, passage and position
	proximity float64
	title     bool // the query is the title
}

// refine adds to the scores of the given pages what only places tell: words near each
// other, and a title that is the query.
func (rq *request) refine(ctx context.Context, slots []int32) error {
	if err := rq.locate(ctx, slots); err != nil {
		return err
	}
	rk := &rq.ix.rank
	names := rq.names()
	for _, slot := range slots {
		r := rq.refined[slot]
		r.proximity = rk.proximity * rq.proximity(r.sightings)
		r.title = rq.saysAll(r.sightings) && rq.isTitle(rq.ix.pages[slot].Title, names)
		rq.scores[slot] += r.proximity
		if r.title {
			rq.scores[slot] *= rk.titleIs
		}
		rq.refined[slot] = r
	}
	return nil
}

// locate finds the concepts' forms on the given pages.
func (rq *request) locate(ctx context.Context, slots []int32) error {
	if len(slots) == 0 {
		return nil
	}
	ix := rq.ix
	sightings := make(map[int32][]sighting, len(slots))
	nums := make([]uint64, len(slots))
	for i, slot := range slots {
		nums[i] = ix.nums[slot]
		sightings[slot] = nil
	}
	slices.Sort(nums)
	for i := range rq.concepts {
		c := &rq.concepts[i]
		for _, f := range c.forms {
			if c.stop || f.weight < leastSighted {
				continue
			}
			see := func(slot int32, p place) {
				if list, wanted := sightings[slot]; wanted {
					sightings[slot] = append(list, sighting{p, i, f.weight})
				}
			}
			if err := rq.see(ctx, f, nums, see); err != nil {
				return fmt.Errorf("read index: %w", err)
			}
		}
	}
	for slot, list := range sightings {
		slices.SortFunc(list, func(a, b sighting) int {
			return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.passage, b.passage), cmp.Compare(a.pos, b.pos),
				cmp.Compare(a.concept, b.concept), cmp.Compare(a.weight, b.weight), cmp.Compare(a.end, b.end))
		})
		rq.refined[slot] = refinement{sightings: list}
	}
	return nil
}

// see calls visit with the places of a form in the given documents, of a phrase in all.
func (rq *request) see(ctx context.Context, f form, nums []uint64, visit func(slot int32, p place)) error {
	if len(f.words) > 1 {
		found, err := rq.phrase(ctx, f)
		if err != nil {
			return err
		}
		for fd, spots := range found {
			for s, x := range spots {
				visit(s.slot, place{field(fd), s.passage, s.pos, x.start, x.end})
			}
		}
		return nil
	}
	w := rq.ix.words.word(f.words[0])
	for _, fd := range placed {
		if w == nil || !w.in(fd) {
			continue
		}
		if err := rq.ix.places(ctx, w.text, fd, nums, visit); err != nil {
			return err
		}
	}
	return nil
}

// proximity returns what a page gets for having neighbours of the query near each
// other: for each pair, a mention worth 1/d² for words d apart, damped as mentions
// are, times the lesser idf of the two (Rasolofo & Savoy, Term Proximity Scoring for
// Keyword-Based Retrieval Systems, 2003). Common words between two others make them
// no less neighbours; the wrong order counts as one word more between them.
func (rq *request) proximity(list []sighting) float64 {
	rk := &rq.ix.rank
	next, gap := rq.neighbours()
	tf := make([]float64, len(rq.concepts))
	for i, a := range list {
		for _, b := range list[i+1:] {
			d := int(b.pos - a.pos)
			if b.field != a.field || b.passage != a.passage || d > window {
				break
			}
			first := a.concept
			switch {
			case d == 0:
				continue
			case next[a.concept] == b.concept:
				d = max(1, d-gap[first]+1)
			case next[b.concept] == a.concept:
				first = b.concept
				d++
			default:
				continue
			}
			tf[first] += a.weight * b.weight * rk.weight[a.field] / float64(d*d)
		}
	}
	sum := 0.0
	for i, t := range tf {
		if t > 0 {
			sum += min(rq.concepts[i].idf, rq.concepts[next[i]].idf) * damp(t, rk.k1)
		}
	}
	return sum
}

// neighbours returns for each concept which one follows it, common words left out, and
// how far away that is; -1 for the last.
func (rq *request) neighbours() (next, gap []int) {
	next, gap = make([]int, len(rq.concepts)), make([]int, len(rq.concepts))
	follows := -1
	for i := len(rq.concepts) - 1; i >= 0; i-- {
		next[i], gap[i] = follows, follows-i
		if !rq.concepts[i].stop {
			follows = i
		}
	}
	return next, gap
}

// names returns the keys of the query and of what else may be said for all of it.
func (rq *request) names() map[string]bool {
	words := make([]string, len(rq.concepts))
	for i := range rq.concepts {
		words[i] = rq.concepts[i].text
	}
	names := map[string]bool{sayingKey(words): true}
	for _, o := range rq.ix.thes.others(words) {
		if !o.near {
			names[sayingKey(o.words)] = true
		}
	}
	return names
}

// isTitle reports whether a title is one of the names of the query, or begins it
// with an unfinished last word.
func (rq *request) isTitle(title string, names map[string]bool) bool {
	words := texts(plainTokens(title))
	if names[sayingKey(words)] {
		return true
	}
	if !rq.query.unfinished || len(words) != len(rq.concepts) {
		return false
	}
	for i, w := range words {
		typed := rq.concepts[i].text
		begun := rq.query.last(i) && len(typed) > 1 && strings.HasPrefix(w, typed)
		if !begun && stem(w) != stem(typed) {
			return false
		}
	}
	return true
}
