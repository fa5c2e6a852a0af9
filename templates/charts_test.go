package templates

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"opsbook/content"
)

// course returns n points, one a month, whose level changes every third month.
func course(n int) []TrendPoint {
	var out []TrendPoint
	for i := range n {
		out = append(out, TrendPoint{At: time.Date(2025, time.Month(1+i), 1, 0, 0, 0, 0, time.UTC).Add(-1), Score: content.Score{Share: float64(i%11) / 10, Level: i / 3 % 3}})
	}
	out[n-1].Today = true
	return out
}

func TestLineChartHasRoomForItsLabels(t *testing.T) {
	t.Parallel()
	list := &content.Checklist{Levels: []string{"Basic", "Solid"}}
	for n := 1; n <= 25; n++ {
		points := course(n)
		c := NewLineChart("List", list, points)
		if len(c.Marks) != n || c.Marks[n-1].X != plotRight-plotInset || c.Last.Lines[0] != percent(points[n-1].Score.Share) {
			t.Fatalf("%d points: %+v", n, c)
		}
		last := c.Ticks[len(c.Ticks)-1]
		if last.X != c.Marks[n-1].X || last.Lines[0] != "now" || len(c.Ticks[0].Lines) != 2 {
			t.Errorf("%d points: the first label is %v, the last %v", n, c.Ticks[0], last)
		}
		for i := 1; i < len(c.Ticks); i++ {
			if c.Ticks[i].X-c.Ticks[i-1].X < tickGap-0.001 {
				t.Errorf("%d points: labels %v and %v touch", n, c.Ticks[i-1], c.Ticks[i])
			}
		}
		x := plotLeft
		for _, r := range c.Levels {
			if math.Abs(r.X-x) > 0.001 || r.Width < 10 {
				t.Errorf("%d points: the level %d begins at %v and is %v wide", n, r.Level, r.X, r.Width)
			}
			x += r.Width
		}
		if math.Abs(x-plotRight) > 0.001 {
			t.Errorf("%d points: the levels end at %v", n, x)
		}
	}
}

func TestLineIsBrokenWhereNothingApplies(t *testing.T) {
	t.Parallel()
	points := course(7)
	points[2].Score.NotApplicable = true
	points[6].Score.NotApplicable = true
	c := NewLineChart("List", &content.Checklist{}, points)
	if len(c.Lines) != 2 || len(c.Marks) != 5 || len(c.Levels) != 0 {
		t.Errorf("%d lines, %d marks, %d levels", len(c.Lines), len(c.Marks), len(c.Levels))
	}
}

// side returns a side with n sections.
func side(n int) CompareSide {
	s := CompareSide{Team: "Team", Begun: true}
	for i := range n {
		s.Sections = append(s.Sections, content.SectionScore{Title: fmt.Sprint("Part ", i), Share: float64(i) / float64(n), Applicable: 1})
	}
	return s
}

func TestRadarIsDrawnWhereItCanBeRead(t *testing.T) {
	t.Parallel()
	for n := range 13 {
		list := &content.Checklist{Sections: slices.Repeat([]content.ItemSection{{Title: "Observability everywhere, for all"}}, n)}
		for sides := range 6 {
			r := NewRadar(list, slices.Repeat([]CompareSide{side(n)}, sides))
			if want := n >= 3 && n <= 10 && sides >= 1 && sides <= 4; (r != nil) != want {
				t.Errorf("%d sections, %d sides: %v", n, sides, r)
			}
			if r == nil {
				continue
			}
			for _, l := range r.Labels {
				if bottom := l.Y + 13*float64(len(l.Lines)-1); l.Y < 9 || bottom > radarHeight {
					t.Errorf("%d sections: a label at %v is cut off", n, l)
				}
			}
		}
	}
}

func TestRadarLeavesOutWhatDoesNotApply(t *testing.T) {
	t.Parallel()
	s, none := side(4), CompareSide{Team: "New"}
	s.Sections[1].Applicable = 0
	r := NewRadar(&content.Checklist{Sections: make([]content.ItemSection, 4)}, []CompareSide{s, none})
	if len(r.Series[0].Marks) != 3 || len(r.Series[1].Marks) != 0 || r.Series[1].Points != "" {
		t.Errorf("%+v", r.Series)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                         nil,
		"Signals":                  {"Signals"},
		"Declaration and severity": {"Declaration", "and severity"},
		"On-call and runbooks":     {"On-call and", "runbooks"},
		"Observability everywhere and for every one of us": {"Observability", "everywhere", "and for…"},
		"Übertragungswege": {"Übertragungs…"},
	} {
		if got := wrap(text, 12, 3); !slices.Equal(got, want) {
			t.Errorf("wrap(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestHeat(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{0: "heat-1", 0.194: "heat-1", 0.195: "heat-2", 0.2: "heat-2", 0.599: "heat-4", 0.6: "heat-4", 0.799: "heat-5", 1: "heat-5"} {
		if got := heat(share); got != want {
			t.Errorf("heat(%v) = %s, want %s: the shade must be that of the number as it is written", share, got, want)
		}
	}
}

func TestLevelBars(t *testing.T) {
	t.Parallel()
	list := &content.Checklist{Levels: []string{"Basic"}, Threshold: 0.8}
	s := side(3)
	s.Score.Levels = []content.LevelScore{{Share: 0.5, Musts: 1, Holds: true}}
	b := NewLevelBars(list, []CompareSide{s, {Team: "New"}})
	if bars := b.Groups[0].Bars; bars[0].Width != barFull/2 || bars[0].Text != "50%, 0 of 1 must" || bars[1].Text != "nothing answered" || bars[1].Width != 0 || b.Groups[0].Foot > b.Height {
		t.Errorf("%+v", b)
	}
	if NewLevelBars(&content.Checklist{}, []CompareSide{s}) != nil || NewLevelBars(list, slices.Repeat([]CompareSide{s}, 5)) != nil {
		t.Error("bars without levels, or of five sides")
	}
}
