package content

import (
	"strconv"
	"time"
)

// Score is the state of a checklist at one moment. The rule:
//
//	score    = Σ weight × value / Σ weight, over items that are not "not applicable"
//	coverage = answered / all, "not applicable" counting as answered
//
// Yes is worth 1, partly ½, no 0, and an item not answered 0; a yes whose days
// are over counts ½; position p of n on a scale is worth (p−1)/(n−1). Level L
// holds when every applicable must of a level ≤ L is an unexpired yes and the
// score over the applicable items of levels ≤ L reaches the threshold; the
// level reached is the highest L such that levels 1…L all hold. A level whose own
// items are all "not applicable" adds no demand of its own.
type Score struct {
	Total      int // items
	Answered   int // of them, "not applicable" included
	Applicable int // items that are not "not applicable"
	Met        int // unexpired yes, or the top of a scale
	Expired    int // yes answers that are to be confirmed

	Share    float64 // the score, 0 to 1; 0 when nothing applies
	Coverage float64 // 0 to 1
	Sum      float64 // of values, for bands

	At            time.Time    // when it was weighed
	NotApplicable bool         // nothing applies: there is neither score nor level
	Level         int          // reached; 0: none
	Levels        []LevelScore // one for each level of the checklist
	Band          string       // name of the band of Sum; empty without bands
}

// NA returns how many items are "not applicable".
func (s Score) NA() int { return s.Total - s.Applicable }

// LevelScore says how far one level is.
type LevelScore struct {
	Level     int
	Name      string
	Holds     bool    // this level and all below hold
	Share     float64 // score over items of levels up to this one
	Musts     int     // applicable musts of levels up to this one
	MustsMet  int
	OwnItems  int // items of exactly this level
	OwnMet    int // of them, met
	OwnNA     int // of them, not applicable
	Threshold float64
}

// RuleInShort is the rule in the reader's words, without the threshold, which
// lists choose.
const RuleInShort = "Yes counts 1, partly ½, no and not answered 0, each times the item's weight; “not applicable” leaves the sum and counts as answered; a yes past its days counts ½ until it is confirmed. A level holds when each of its musts, and of the levels below, is a valid yes and the score up to that level reaches the list's threshold."

// Rule is the rule of this list in the reader's words.
func (c *Checklist) Rule() string {
	rule := "Yes counts 1, partly ½, no and not answered 0, each times the item's weight; “not applicable” leaves the sum; a yes past its days counts ½ until it is confirmed."
	if len(c.Levels) == 0 {
		return rule
	}
	if c.Threshold == 0 {
		return rule + " A level holds when each of its musts, and of the levels below, is a valid yes."
	}
	return rule + " A level holds when each of its musts, and of the levels below, is a valid yes and the score up to that level is at least " + strconv.Itoa(int(c.Threshold*100+0.5)) + "%."
}

// Expired reports whether a yes given at the time is to be confirmed at now.
func (it *Item) Expired(a Answer, now time.Time) bool {
	return it.Expires > 0 && it.affirmed(a) && now.After(a.At.Add(time.Duration(it.Expires)*24*time.Hour))
}

// affirmed reports whether the answer is one that can age.
func (it *Item) affirmed(a Answer) bool { return a.State == Yes }

// Value returns what an answer is worth at now, from 0 to 1.
func (c *Checklist) Value(it *Item, a Answer, now time.Time) float64 {
	switch a.State {
	case Yes:
		if it.Expired(a, now) {
			return 0.5
		}
		return 1
	case Partly:
		return 0.5
	case "", No, NotApplicable:
		return 0
	}
	p, err := strconv.Atoi(string(a.State))
	n := c.Positions(it)
	if err != nil || p < 1 || p > n {
		return 0 // the scale has lost choices since
	}
	return float64(p-1) / float64(n-1)
}

// answered returns the answer that counts: one that no longer fits the item,
// such as a position of a scale that is gone, counts as not answered.
func (c *Checklist) answered(it *Item, answers map[string]Answer) Answer {
	a := answers[it.ID]
	if !c.Valid(it, a.State) {
		return Answer{}
	}
	return a
}

// tally adds up a set of items.
type tally struct{ weight, value float64 }

func (t *tally) add(weight, value float64) {
	t.weight += weight
	t.value += weight * value
}

func (t tally) share() float64 {
	if t.weight == 0 {
		return 0
	}
	return t.value / t.weight
}

// Score returns the state of the checklist with these answers, by item id, at now.
func (c *Checklist) Score(answers map[string]Answer, now time.Time) Score {
	s := Score{At: now}
	all, levels := tally{}, c.newLevels()
	for _, section := range c.Sections {
		for _, it := range section.Items {
			a := c.answered(it, answers)
			v := c.Value(it, a, now)
			levels.add(it, a, v)
			s.Total++
			if a.State != "" {
				s.Answered++
			}
			if a.State == NotApplicable {
				continue
			}
			s.Applicable++
			s.Sum += v
			all.add(it.Weight, v)
			if v == 1 {
				s.Met++
			}
			if it.Expired(a, now) {
				s.Expired++
			}
		}
	}
	s.Share = all.share()
	if s.Total > 0 {
		s.Coverage = float64(s.Answered) / float64(s.Total)
	}
	s.NotApplicable = s.Applicable == 0
	for _, b := range c.Bands {
		if s.Sum >= b.Min {
			s.Band = b.Name
			break
		}
	}
	s.Levels, s.Level = levels.scores, levels.reached(!s.NotApplicable)
	return s
}

// levelTally adds up the levels of a checklist.
type levelTally struct {
	scores []LevelScore
	upTo   []tally // over the items of levels up to each one
}

func (c *Checklist) newLevels() levelTally {
	if len(c.Levels) == 0 {
		return levelTally{}
	}
	t := levelTally{make([]LevelScore, len(c.Levels)), make([]tally, len(c.Levels))}
	for i, name := range c.Levels {
		t.scores[i] = LevelScore{Level: i + 1, Name: name, Threshold: c.Threshold}
	}
	return t
}

// add counts an item whose answer is worth v.
func (t levelTally) add(it *Item, a Answer, v float64) {
	for i := it.Level - 1; i < len(t.scores); i++ {
		l := &t.scores[i]
		if l.Level == it.Level {
			l.OwnItems++
			if a.State == NotApplicable {
				l.OwnNA++
			} else if v == 1 {
				l.OwnMet++
			}
		}
		if a.State == NotApplicable {
			continue
		}
		t.upTo[i].add(it.Weight, v)
		if it.Must {
			l.Musts++
			if v == 1 {
				l.MustsMet++
			}
		}
	}
}

// reached finishes the levels and returns the highest one that holds; where
// nothing applies none does.
func (t levelTally) reached(applies bool) int {
	level := 0
	for i := range t.scores {
		l := &t.scores[i]
		l.Share = t.upTo[i].share()
		// Sums of weights carry rounding: 0.8 reached exactly must count.
		enough := l.Share >= l.Threshold-1e-9
		demands := l.OwnItems > l.OwnNA
		l.Holds = applies && level == i && (!demands || (l.MustsMet == l.Musts && enough))
		if l.Holds {
			level = l.Level
		}
	}
	return level
}
