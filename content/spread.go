package content

import (
	"cmp"
	"math"
	"time"
)

// Counts says how many people gave each answer to one item.
type Counts map[State]int

// Spread says how far apart the answers of several people to one item are.
//
// The distance of two answers is the difference of their values, so that "yes"
// and "no" are 1 apart, as are the ends of a scale; "not applicable" is 1 from
// every other answer, because whether an item applies at all is the first thing
// to agree on.
type Spread struct {
	N        int     // answers, "not applicable" included
	Range    float64 // the largest distance of two of them; 0: all say the same
	Variance float64 // half the mean square of the distances of all pairs, each with itself too
	Mean     float64 // of the values, "not applicable" left out
	Lowest   State   // the worst answer given, "not applicable" left out; empty: none
	Highest  State   // the best
}

// Unanimous reports whether somebody answered, and all say the same.
func (s Spread) Unanimous() bool { return s.N > 0 && s.Range == 0 }

// Spread returns how far apart the answers to an item are. What does not answer
// the item, such as a position that its scale has lost, is left out.
func (c *Checklist) Spread(it *Item, counts Counts) Spread {
	var s Spread
	var sum, weight float64
	for state, n := range counts {
		if !c.counts(it, state, n) {
			continue
		}
		s.N += n
		for other, m := range counts {
			if !c.counts(it, other, m) {
				continue
			}
			d := c.distance(it, state, other)
			s.Range = max(s.Range, d)
			s.Variance += float64(n) * float64(m) * d * d / 2
		}
		if state == NotApplicable {
			continue
		}
		v := c.worth(it, state)
		sum, weight = sum+v*float64(n), weight+float64(n)
		if s.Lowest == "" || v < c.worth(it, s.Lowest) {
			s.Lowest = state
		}
		if s.Highest == "" || v > c.worth(it, s.Highest) {
			s.Highest = state
		}
	}
	if s.N > 0 {
		s.Variance /= float64(s.N) * float64(s.N)
	}
	if weight > 0 {
		s.Mean = sum / weight
	}
	return s
}

// counts reports whether n people gave an answer that the item takes.
func (c *Checklist) counts(it *Item, s State, n int) bool { return n > 0 && s != "" && c.Valid(it, s) }

// worth is the value of an answer that has not aged.
func (c *Checklist) worth(it *Item, s State) float64 {
	return c.Value(it, Answer{State: s}, time.Time{})
}

// distance is how far apart two answers are, from 0 to 1.
func (c *Checklist) distance(it *Item, a, b State) float64 {
	switch {
	case a == b:
		return 0
	case a == NotApplicable, b == NotApplicable:
		return 1
	}
	return math.Abs(c.worth(it, a) - c.worth(it, b))
}

// Compare orders by disagreement: the largest range first, and among equal ranges
// the largest variance, which is larger where more people are apart.
func (s Spread) Compare(other Spread) int {
	// Sums over a map carry rounding in another order each time.
	if math.Abs(s.Range-other.Range) > 1e-9 {
		return cmp.Compare(other.Range, s.Range)
	}
	if math.Abs(s.Variance-other.Variance) > 1e-9 {
		return cmp.Compare(other.Variance, s.Variance)
	}
	return 0
}

// Divided reports whether a talk is due before any low mean: two answers are at
// least two thirds of the scale apart, which is 4 of the 6 steps from 1 to 7.
func (s Spread) Divided() bool { return s.Range >= 2.0/3-1e-9 }

// Points returns a value in the steps of an item's scale, from 1 to the number of
// its choices; without a scale it stays as it is, from 0 to 1.
func (c *Checklist) Points(it *Item, value float64) float64 {
	if n := c.Positions(it); n > 0 {
		return 1 + value*float64(n-1)
	}
	return value
}
