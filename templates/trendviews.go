package templates

import (
	"net/url"
	"slices"
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// TrendsView is how the scores of a team went over the months.
type TrendsView struct {
	TeamFrame
	Lists  []*content.Page // with answers
	Only   *content.Page   // the one that is shown; nil: all
	Trends []Trend
	More   []string  // the subjects of trends that are not shown, because there are too many
	Since  time.Time // a day with which the lists can be compared
}

// Trend is the course of one list about one subject.
type Trend struct {
	Page    *content.Page
	Subject string
	Points  []TrendPoint // in the order of time
	Chart   LineChart
	Target  *TargetView
}

// Name is what a trend is about, in one line.
func (t Trend) Name() string { return about(t.Page.Title, t.Subject) }

func (t Trend) newestFirst() []TrendPoint {
	points := slices.Clone(t.Points)
	slices.Reverse(points)
	return points
}

// listURL leads to the trend of one list, of all for nil, about a subject, which
// may be empty.
func (v *TrendsView) listURL(p *content.Page, subject string) templ.SafeURL {
	q := v.dayQuery()
	if p != nil {
		q.Set("checklist", p.Path)
	}
	if subject != "" {
		q.Set("subject", subject)
	}
	return v.address(teamPath(v.Slug, "trends"), q, "")
}

// itemsURL compares a list with what it was before, item by item.
func (v *TrendsView) itemsURL(t Trend) templ.SafeURL {
	q := url.Values{"checklist": {t.Page.Path}, "teams": {v.Slug}, "vs": {v.Since.Format(time.DateOnly)}}
	if t.Subject != "" {
		q.Set("subject", t.Subject)
	}
	if v.Day != "" {
		q.Set("at", v.Day)
	}
	return v.address("compare", q, "")
}

// lastText says what the last point is.
func (v *TrendsView) lastText() string {
	if v.Day != "" {
		return "the end of " + dayText(v.Day)
	}
	return "now"
}

// TrendPoint is a score at one moment.
type TrendPoint struct {
	At    time.Time
	Today bool // the last point: now, or the end of the day that is shown
	Day   bool // it is such a day
	Score content.Score
}

// When says which moment it is.
func (p TrendPoint) When() string {
	switch {
	case p.Day:
		return shortDay(p.At)
	case p.Today:
		return "now"
	}
	return p.At.UTC().Format("Jan 2006")
}

// tick is When where there is little room.
func (p TrendPoint) tick() string {
	switch {
	case p.Day:
		return p.At.UTC().Format("2 Jan")
	case p.Today:
		return "now"
	}
	return p.At.UTC().Format("Jan")
}

// scoreText writes a score, and a dash where nothing applies.
func scoreText(s content.Score) string {
	if s.NotApplicable {
		return "–"
	}
	return percent(s.Share)
}
