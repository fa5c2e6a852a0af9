package templates

import (
	"math"
	"strings"
	"unicode/utf8"

	"opsbook/content"
)

// Radar compares the sections of a checklist, one polygon a team.
type Radar struct {
	Name   string
	Rings  []string // polygons at 25, 50, 75 and 100%
	Spokes []Mark   // their ends; the title is empty
	Labels []Label
	Series []RadarSeries
}

// RadarSeries is the polygon of one team.
type RadarSeries struct {
	Points string
	Marks  []Mark
	Letter Label
}

// When a radar can be read: with fewer sections it has no shape, with more no
// room, and more polygons hide each other.
const (
	minSpokes, maxSpokes = 3, 10
	maxSeries            = 4
)

const (
	radarX, radarY, radarR = chartWidth / 2, 134.0, 88.0
	radarHeight            = 272.0
)

// spoke is the point of a share on the spoke i of n.
func spoke(i, n int, share float64) (x, y float64) {
	angle := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
	return radarX + radarR*share*math.Cos(angle), radarY + radarR*share*math.Sin(angle)
}

// NewRadar draws the sections of each side; nil where a radar cannot be read.
// A section that does not apply to a side has no point, and the side's line goes
// past it.
func NewRadar(list *content.Checklist, sides []CompareSide) *Radar {
	n := len(list.Sections)
	if n < minSpokes || n > maxSpokes || len(sides) == 0 || len(sides) > maxSeries {
		return nil
	}
	r := &Radar{Name: "Scores of the sections, one outline for each of: " + sideNames(sides) + ". The table below has the same numbers."}
	for _, share := range []float64{0.25, 0.5, 0.75, 1} {
		var ring []string
		for i := range n {
			x, y := spoke(i, n, share)
			ring = append(ring, px(x)+","+px(y))
		}
		r.Rings = append(r.Rings, strings.Join(ring, " "))
	}
	for i, section := range list.Sections {
		x, y := spoke(i, n, 1)
		r.Spokes = append(r.Spokes, Mark{X: x, Y: y})
		r.Labels = append(r.Labels, spokeLabel(i, n, section.Title))
	}
	for i := range sides {
		r.Series = append(r.Series, radarSeries(i, n, sides))
	}
	return r
}

func radarSeries(side, n int, sides []CompareSide) RadarSeries {
	s := sides[side]
	var out RadarSeries
	if !s.Begun {
		return out
	}
	var line []string
	apart := -1.0
	for i, section := range s.Sections {
		if section.Applicable == 0 {
			continue
		}
		x, y := spoke(i, n, section.Share)
		line = append(line, px(x)+","+px(y))
		out.Marks = append(out.Marks, Mark{X: x, Y: y, Shape: shapes[side], Title: s.Name() + ", " + section.Title + ": " + percent(section.Share)})
		if far := distance(side, i, sides); far > apart { // the letter stands where the side is most by itself
			apart = far
			lx, ly := spoke(i, n, section.Share+0.13)
			out.Letter = Label{X: lx, Y: ly + 4, Anchor: "middle", Lines: []string{letter(side)}}
		}
	}
	out.Points = strings.Join(line, " ")
	return out
}

// distance is how far a side's section is from the next one above it.
func distance(side, section int, sides []CompareSide) float64 {
	share := sides[side].Sections[section].Share
	far := 1.1 - share
	for i, s := range sides {
		if i == side || !s.Begun {
			continue
		}
		if other := s.Sections[section]; other.Applicable > 0 && other.Share >= share {
			far = min(far, other.Share-share)
		}
	}
	return far
}

// spokeLabel sets the name of a section at the end of its spoke.
func spokeLabel(i, n int, title string) Label {
	x, y := spoke(i, n, 1+11/radarR)
	l := Label{X: x, Y: y + 4, Anchor: "middle", Lines: wrap(title, 12, 3)}
	extra := 13 * float64(len(l.Lines)-1)
	switch dx, dy := x-radarX, y-radarY; {
	case math.Abs(dx) < radarR/4 && dy < 0:
		l.Y -= extra
	case math.Abs(dx) < radarR/4:
		l.Y += 4
	default:
		l.Anchor, l.Y = "start", l.Y-extra/2
		if dx < 0 {
			l.Anchor = "end"
		}
	}
	return l
}

// wrap breaks a text into at most most lines of about width characters. What does
// not fit is cut: the table beside the chart has the whole text.
func wrap(text string, width, most int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		if n := utf8.RuneCountInString(word); n > width+2 {
			word = string([]rune(word)[:width]) + "…"
		}
		last := len(lines) - 1
		switch {
		case last >= 0 && utf8.RuneCountInString(lines[last]+" "+word) <= width:
			lines[last] += " " + word
		case len(lines) == most:
			lines[last] += "…"
			return lines
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// shapes tell the series of a chart apart where colours do not.
var shapes = [...]string{
	"M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", // circle
	"M-4 -4h8v8h-8z",                      // square
	"M0 -5l5 9h-10z",                      // triangle
	"M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z", // diamond
}

// letter names a side in charts, where its name would not fit.
func letter(i int) string { return string(rune('A' + i)) }

// sideNames lists the sides with their letters.
func sideNames(sides []CompareSide) string {
	var out []string
	for i, s := range sides {
		if len(sides) > 1 {
			out = append(out, letter(i)+" "+s.Name())
		} else {
			out = append(out, s.Name())
		}
	}
	return strings.Join(out, ", ")
}
