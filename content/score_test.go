package content

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// longList is a checklist of n items on three levels, with all that a score
// depends on; one in four is a must, one in five ages, one in six has a scale.
func longList(n int) *Checklist {
	c := &Checklist{Levels: []string{"Basic", "Solid", "Leading"}, Threshold: 0.6, Scales: map[string][]string{"s": {"bad", "fair", "good"}}}
	for i := range n {
		if i%8 == 0 {
			c.Sections = append(c.Sections, ItemSection{Title: fmt.Sprint("Part ", i/8)})
		}
		it := &Item{ID: fmt.Sprint("item-", i), Level: 1 + i%3, Weight: 1 + float64(i%4)/2, Must: i%4 == 0}
		if i%5 == 0 {
			it.Expires = 90
		}
		if i%6 == 5 {
			it.Scale = "s"
		}
		part := &c.Sections[len(c.Sections)-1]
		part.Items = append(part.Items, it)
	}
	return c
}

// plainLevel is the rule of a level, read item by item from its words.
func plainLevel(c *Checklist, answers map[string]Answer, level int) (share float64, holds bool) {
	var sum, most float64
	musts, own := true, false
	for _, it := range c.Items() {
		a := answers[it.ID]
		if it.Level > level || a.State == NotApplicable {
			continue
		}
		own = own || it.Level == level
		v := c.Value(it, a, now)
		sum, most = sum+it.Weight*v, most+it.Weight
		musts = musts && (!it.Must || v == 1)
	}
	if most > 0 {
		share = sum / most
	}
	return share, !own || musts && share >= c.Threshold-1e-9
}

func TestScoreEqualsTheRule(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 1))
	states := []State{"", Yes, Yes, Yes, Partly, No, NotApplicable}
	scale := []State{"", "1", "2", "3", "3", NotApplicable}
	reached := map[int]int{}
	for range 2000 {
		c := longList(1 + random.IntN(12))
		answers := map[string]Answer{}
		for _, it := range c.Items() {
			from := states
			if it.Scale != "" {
				from = scale
			}
			answers[it.ID] = Answer{State: from[random.IntN(len(from))], At: now.AddDate(0, 0, -random.IntN(120))}
		}
		s := c.Score(answers, now)
		want, all := 0, true
		for level := 1; level <= 3; level++ {
			share, holds := plainLevel(c, answers, level)
			if all = all && holds && !s.NotApplicable; all {
				want = level
			}
			if l := s.Levels[level-1]; math.Abs(l.Share-share) > 1e-12 || l.Holds != all {
				t.Fatalf("level %d of %v: %+v, want %v %v", level, answers, l, share, all)
			}
		}
		if s.Level != want {
			t.Fatalf("level of %v = %d, want %d", answers, s.Level, want)
		}
		if share, _ := plainLevel(c, answers, 9); math.Abs(s.Share-share) > 1e-12 {
			t.Fatalf("score of %v = %v, want %v", answers, s.Share, share)
		}
		reached[s.Level]++
	}
	for level := range 4 {
		if reached[level] < 20 {
			t.Errorf("only %d of the lists reach level %d", reached[level], level)
		}
	}
}

// BenchmarkScore weighs a list of 30 items on three levels.
func BenchmarkScore(b *testing.B) {
	c, answers := longList(30), map[string]Answer{}
	for i, it := range c.Items() {
		answers[it.ID] = Answer{State: []State{Yes, Partly, No}[i%3], At: now.Add(-time.Hour)}
		if it.Scale != "" {
			answers[it.ID] = Answer{State: "2", At: now}
		}
	}
	for b.Loop() {
		if s := c.Score(answers, now); s.Answered != 30 {
			b.Fatal(s)
		}
	}
}
