package templates

import "opsbook/content"

// LevelBars shows for each level how far each side is.
type LevelBars struct {
	Name   string
	Height float64
	Groups []BarGroup
}

// BarGroup is one level.
type BarGroup struct {
	Title     Label
	Threshold float64 // where its line stands; 0: there is none
	Top, Foot float64 // of the line
	Bars      []Bar
}

// Bar is how far one side is in one level.
type Bar struct {
	Y, Width float64
	Letter   string // empty where there is one side only
	Text     string
	Holds    bool
}

const (
	barLeft, barFull = 20.0, 180.0
	barStep          = 20.0
)

// NewLevelBars draws the levels of each side; nil without levels, or where more
// sides are compared than can be told apart.
func NewLevelBars(list *content.Checklist, sides []CompareSide) *LevelBars {
	if len(list.Levels) == 0 || len(sides) == 0 || len(sides) > maxSeries {
		return nil
	}
	b := &LevelBars{Name: "How far each level is, of: " + sideNames(sides) + ". The table below has the same numbers."}
	y := 14.0
	for i, name := range list.Levels {
		g := BarGroup{Title: Label{Y: y, Anchor: "start", Lines: []string{"Level " + itoa(i+1) + ", " + name}}, Top: y + 5}
		if list.Threshold > 0 {
			g.Threshold = barLeft + barFull*list.Threshold
			g.Title.Lines[0] += ": needs " + percent(list.Threshold)
		}
		y += 8
		for j, s := range sides {
			bar := Bar{Y: y, Text: "nothing answered"}
			if s.Begun {
				l := s.Score.Levels[i]
				bar.Width, bar.Text, bar.Holds = barFull*l.Share, percent(l.Share)+", "+mustsText(l), l.Holds
			}
			if len(sides) > 1 {
				bar.Letter = letter(j)
			}
			g.Bars = append(g.Bars, bar)
			y += barStep
		}
		g.Foot = y - 2
		b.Groups = append(b.Groups, g)
		y += 20
	}
	b.Height = y - 16
	return b
}

// mustsText says how many musts are met.
func mustsText(l content.LevelScore) string {
	if l.Musts == 0 {
		return "no musts"
	}
	return itoa(l.MustsMet) + " of " + Count(l.Musts, "must")
}
