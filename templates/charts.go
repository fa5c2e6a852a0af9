package templates

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"opsbook/content"
)

// Charts are drawn in units that are pixels on a phone of 390 px, where their
// text has 12 of them; larger screens draw them larger. Each stands next to a
// table of the same numbers, and each of its marks carries its number as a title.
const (
	chartWidth = 340.0
	plotLeft   = 42.0
	plotRight  = 304.0 // what is right of it is for the last number
	plotTop    = 14.0
	plotBottom = 144.0
	plotInset  = 8.0  // between the edge of the plot and its first point
	tickGap    = 44.0 // least distance of labels below the plot
)

// px writes a coordinate.
func px(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// at writes where a mark stands.
func at(x, y float64) string { return "translate(" + px(x) + " " + px(y) + ")" }

// Mark is one value of a chart. Its shape is drawn around the point.
type Mark struct {
	X, Y  float64
	Shape string // a path
	Title string // what it says in words
}

// Label is a text of a chart, one line below the other.
type Label struct {
	X, Y   float64
	Anchor string // of the text: start, middle or end
	Lines  []string
}

// The shapes on a line: a point, and one where the level changed.
const (
	dotShape    = "M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z"
	changeShape = "M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"
)

// LineChart is the course of a score over months, with the level below it.
type LineChart struct {
	Name   string // for those who cannot see it
	Height float64
	Lines  []string // points of a line; more than one where nothing applied meanwhile
	Marks  []Mark
	Ticks  []Label
	Levels []LevelRun // none where the list has no levels
	Last   *Label     // the newest score
}

// LevelRun is a time in which the level was the same.
type LevelRun struct {
	X, Width float64
	Level    int
	Title    string
}

// plotY is the height of a share, from 0 to 1.
func plotY(share float64) float64 { return plotBottom - share*(plotBottom-plotTop) }

// NewLineChart draws the points, which are in the order of time and stand at
// equal distances: the last one, which is today, would otherwise touch its month.
func NewLineChart(title string, list *content.Checklist, points []TrendPoint) LineChart {
	c := LineChart{Name: lineName(title, points), Height: 182, Ticks: ticks(points)}
	var line []string
	end := func() {
		if len(line) > 1 {
			c.Lines = append(c.Lines, strings.Join(line, " "))
		}
		line = nil
	}
	for i, p := range points {
		if p.Score.NotApplicable {
			end()
			continue
		}
		m := Mark{X: plotX(i, len(points)), Y: plotY(p.Score.Share), Shape: dotShape, Title: p.When() + ": " + percent(p.Score.Share)}
		if i > 0 && !points[i-1].Score.NotApplicable && p.Score.Level != points[i-1].Score.Level {
			m.Shape, m.Title = changeShape, m.Title+", level "+itoa(points[i-1].Score.Level)+" → "+itoa(p.Score.Level)
		}
		c.Marks = append(c.Marks, m)
		line = append(line, px(m.X)+","+px(m.Y))
		c.Last = &Label{X: m.X + 8, Y: m.Y + 4, Anchor: "start", Lines: []string{percent(p.Score.Share)}}
	}
	end()
	if len(list.Levels) > 0 {
		c.Height, c.Levels = 208, levelRuns(points)
	}
	return c
}

// plotX is where the point at index i of n stands; the newest is at the right.
func plotX(i, n int) float64 {
	if n < 2 {
		return plotRight - plotInset
	}
	return plotLeft + plotInset + (plotRight-plotLeft-2*plotInset)*float64(i)/float64(n-1)
}

// lineName says in words what a line shows.
func lineName(title string, points []TrendPoint) string {
	if len(points) == 0 {
		return title
	}
	first, last := points[0], points[len(points)-1]
	if len(points) == 1 {
		return fmt.Sprintf("Score of %s: %s.", title, percent(last.Score.Share))
	}
	return fmt.Sprintf("Score of %s over time: from %s (%s) to %s (%s). The table has all its numbers.",
		title, percent(first.Score.Share), first.When(), percent(last.Score.Share), last.When())
}

// ticks labels as many points as there is room for, from the newest back, with
// the year where it changes.
func ticks(points []TrendPoint) []Label {
	n := len(points)
	step := 1
	if n > 1 {
		step = int(math.Ceil(tickGap / (plotX(1, n) - plotX(0, n))))
	}
	var out []Label
	year := 0
	for i, p := range points {
		if (n-1-i)%step != 0 {
			continue
		}
		l := Label{X: plotX(i, n), Y: plotBottom + 17, Anchor: "middle", Lines: []string{p.tick()}}
		if y := p.At.UTC().Year(); y != year {
			l.Lines, year = append(l.Lines, itoa(y)), y
		}
		out = append(out, l)
	}
	return out
}

// levelRuns joins neighbours of the same level.
func levelRuns(points []TrendPoint) []LevelRun {
	var out []LevelRun
	left := plotLeft
	for i, p := range points {
		right := plotRight
		if i+1 < len(points) {
			right = (plotX(i, len(points)) + plotX(i+1, len(points))) / 2
		}
		if last := len(out) - 1; last >= 0 && out[last].Level == p.Score.Level {
			out[last].Width += right - left
		} else {
			out = append(out, LevelRun{X: left, Width: right - left, Level: p.Score.Level, Title: "level " + itoa(p.Score.Level) + " since " + p.When()})
		}
		left = right
	}
	return out
}

// heat is the class of a share by its fifth, as it is written.
func heat(share float64) string { return "heat-" + itoa(1+min(4, wholePercent(share)/20)) }
