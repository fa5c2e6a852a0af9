package content

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Gap is an item that is not met: not a valid yes, and not "not applicable".
type Gap struct {
	Item    *Item
	Section string  // title
	Answer  Answer  // that counts; its zero value where none does
	Expired bool    // a yes that is to be confirmed
	Lifts   bool    // meeting this one item alone would raise the level
	Needed  bool    // belongs to the next level or one below it
	Gain    float64 // of the score's sum: weight × what is missing of the value
	Rank    int     // 0 lifts the level by itself; 1 must of the next level; 2 makes its score, as everything does without levels; above it higher levels
}

// Gaps returns what is not met, in the order in which to take it on: first what
// lifts the level by itself, then the missing musts of the next level, then what
// else that level's score can be made of, then the levels above in their order,
// musts before others.
// Among equals the one with the larger gain comes first, then the list's order.
func (c *Checklist) Gaps(answers map[string]Answer, now time.Time) []Gap {
	score := c.Score(answers, now)
	var out []Gap
	for _, section := range c.Sections {
		for _, it := range section.Items {
			a := c.answered(it, answers)
			v := c.Value(it, a, now)
			if a.State == NotApplicable || v == 1 {
				continue
			}
			g := Gap{Item: it, Section: section.Title, Answer: a, Expired: it.Expired(a, now), Gain: it.Weight * (1 - v)}
			g.Needed = len(c.Levels) > score.Level && it.Level <= score.Level+1
			g.Lifts = g.Needed && c.lifts(it, answers, score, now)
			g.Rank = g.rank(len(c.Levels) > 0)
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, Gap.Compare)
	return out
}

// Compare orders gaps, those of several checklists too, as Gaps does.
func (g Gap) Compare(other Gap) int {
	return cmp.Or(cmp.Compare(g.Rank, other.Rank), cmp.Compare(other.Gain, g.Gain))
}

// rank is where a gap stands among the others, before gains are compared.
func (g Gap) rank(levels bool) int {
	switch {
	case !levels:
		return 2
	case g.Lifts:
		return 0
	case g.Needed && g.Item.Must:
		return 1
	case g.Needed:
		return 2
	case g.Item.Must:
		return 1 + 2*g.Item.Level
	}
	return 2 + 2*g.Item.Level
}

// lifts reports whether the level would be higher with this item met.
func (c *Checklist) lifts(it *Item, answers map[string]Answer, score Score, now time.Time) bool {
	met := make(map[string]Answer, len(answers)+1)
	for id, a := range answers {
		met[id] = a
	}
	met[it.ID] = Answer{State: c.best(it), At: now}
	return c.Score(met, now).Level > score.Level
}

// best is the state in which an item is met.
func (c *Checklist) best(it *Item) State {
	if n := c.Positions(it); n > 0 {
		return State(strconv.Itoa(n))
	}
	return Yes
}

// SectionScore is the score over the items of one section.
type SectionScore struct {
	Title      string
	Anchor     string
	Share      float64 // 0 to 1; 0 when nothing applies
	Answered   int
	Total      int
	Applicable int // 0: the section does not apply
}

// SectionScores returns the score of each section by the rule of Score.
func (c *Checklist) SectionScores(answers map[string]Answer, now time.Time) []SectionScore {
	var out []SectionScore
	for _, section := range c.Sections {
		s := SectionScore{Title: section.Title, Anchor: section.Anchor, Total: len(section.Items)}
		var sum tally
		for _, it := range section.Items {
			a := c.answered(it, answers)
			if a.State != "" {
				s.Answered++
			}
			if a.State == NotApplicable {
				continue
			}
			s.Applicable++
			sum.add(it.Weight, c.Value(it, a, now))
		}
		s.Share = sum.share()
		out = append(out, s)
	}
	return out
}

// Aging is an answer whose days are over, or will be soon.
type Aging struct {
	Item   *Item
	Answer Answer
	Until  time.Time // from which it is to be confirmed
}

// Aging returns the answers that are to be confirmed at now or within the time
// ahead, those that aged first before the others.
func (c *Checklist) Aging(answers map[string]Answer, now time.Time, ahead time.Duration) []Aging {
	var out []Aging
	for _, it := range c.Items() {
		a := c.answered(it, answers)
		if !it.Expired(a, now.Add(ahead)) {
			continue
		}
		out = append(out, Aging{it, a, a.At.Add(time.Duration(it.Expires) * 24 * time.Hour)})
	}
	slices.SortStableFunc(out, func(a, b Aging) int { return a.Until.Compare(b.Until) })
	return out
}

// Retired returns the answered items that are no longer in the checklist and
// were not taken over by another one.
func (c *Checklist) Retired(answers map[string]Answer) []string {
	var out []string
	for id, a := range answers {
		if a.State != "" && c.Item(id) == nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
