package templates

import (
	"net/url"
	"strconv"
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// CompareForm is what is compared, as it was asked for.
type CompareForm struct {
	Lists                        []*content.Page
	Teams                        []TeamChoice
	Groups                       []string
	Path, Subject, Group, Vs, At string
	Problem                      string // why it was not taken
}

// TeamChoice is a team that can be compared.
type TeamChoice struct {
	Slug, Name string
	Chosen     bool
}

// CompareView compares teams, or a team with its past, in one checklist.
type CompareView struct {
	Frame
	Form  CompareForm
	Page  *content.Page // nil: the form asks for it
	Day   string        // that is shown; empty: now
	Vs    string        // the day before it; empty: none
	Sides []CompareSide // none: only the form is shown
	Group *GroupFigures // of the group that is compared
	Few   bool          // few enough for their sections and items
	Radar *Radar
	Bars  *LevelBars
	Items []CompareSection
	Diff  *DiffView // one side and its past, in place of sections and items
}

// CompareSide is a team's answers to a list about one subject.
type CompareSide struct {
	Slug, Team, Subject string
	Archived            bool
	Begun               bool
	Score               content.Score
	Sections            []content.SectionScore // in the list's order
	LastAt              time.Time
	Before              *content.Score // at the day before; nil: nothing was answered then
}

// Name is the team, and the subject where there is one.
func (s CompareSide) Name() string { return about(s.Team, s.Subject) }

// Change says how a side differs from the day before.
func (s CompareSide) Change() string {
	switch {
	case !s.Begun:
		return "–"
	case s.Before == nil:
		return "begun since"
	}
	return changeText(*s.Before, s.Score)
}

// CompareSection is a section of the list with what each side answered.
type CompareSection struct {
	Title string
	Items []CompareItem
}

// CompareItem is an item with the answer of each side.
type CompareItem struct {
	*content.Item
	Cells []CompareCell
}

// CompareCell is an answer in words.
type CompareCell struct {
	State   string
	Expired bool
}

// Spreads are the numbers of a list that stand together, of several lists or
// teams. Where nothing applies there is a coverage, and neither score nor level.
type Spreads struct{ Share, Level, Coverage, NA content.Stats }

// GroupFigures are the numbers of a group of teams.
type GroupFigures struct {
	Name  string
	Teams int
	Spreads
}

// spreadText writes the median of a group with its range and how many it is of.
func spreadText(s content.Stats, number func(float64) string) string {
	switch s.N {
	case 0:
		return "–"
	case 1:
		return "one team, no median"
	}
	return number(s.Median) + " (" + number(s.Low) + " to " + number(s.High) + "), n = " + itoa(s.N)
}

// plain writes a number that is whole, or a half.
func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// sideURL leads to the answers of a side.
func (v *CompareView) sideURL(s CompareSide) templ.SafeURL {
	if !s.Begun {
		return v.address(teamPath(s.Slug, ""), Whose{Day: v.Day}.dayQuery(), "")
	}
	return v.ListURL(Whose{Slug: s.Slug, Day: v.Day}, v.Page.Path, s.Subject, "")
}

// whose is whose answers a comparison of one side is about.
func (v *CompareView) whose() Whose { return Whose{Slug: v.Sides[0].Slug, Day: v.Day} }

// holdsText says whether a level holds.
func holdsText(l content.LevelScore) string {
	if l.Holds {
		return "holds"
	}
	return "not yet"
}

// sectionFacts say what stands with the score of a section.
func sectionFacts(s content.SectionScore) []string {
	facts := []string{itoa(s.Answered) + " of " + itoa(s.Total) + " answered"}
	if na := s.Total - s.Applicable; na > 0 {
		facts = append(facts, itoa(na)+" n/a")
	}
	return facts
}

// itemsURL compares one side with its past, item by item.
func (v *CompareView) itemsURL(s CompareSide) templ.SafeURL {
	q := url.Values{"checklist": {v.Page.Path}, "teams": {s.Slug}, "vs": {v.Vs}}
	if s.Subject != "" {
		q.Set("subject", s.Subject)
	}
	if v.Day != "" {
		q.Set("at", v.Day)
	}
	return v.address("compare", q, "")
}

// overviewURL leads to all checklists, on the same day.
func (v *CompareView) overviewURL() templ.SafeURL {
	return v.address("compare", groupQuery(v.Form.Group, v.Day), "")
}

// NowText names the later of the two days.
func (v *CompareView) NowText() string {
	if v.Day == "" {
		return "Now"
	}
	return shortDay(dayOf(v.Day))
}

// VsText names the earlier of the two days.
func (v *CompareView) VsText() string { return shortDay(dayOf(v.Vs)) }

// dayOf reads a day that was checked before.
func dayOf(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day) // the handler refused what is none
	return t
}

// DiffView compares a list with what it was, item by item.
type DiffView struct {
	Then, Now content.Score
	Changed   []DiffLine
	Same      []DiffLine
	Retired   []RetiredLine
}

// DiffLine is an item at two days.
type DiffLine struct {
	*content.Item
	Was, Is     string         // in words
	Answer      content.Answer // the newer one
	OldNote     string         // where it was another one
	Since       time.Time      // when the item was first served, if that was between the days
	ToConfirm   time.Time      // since when the answer is to be confirmed, if it is now and was not
	Reconfirmed bool           // the same answer was given again
}

// given says when the newer answer was given and by whom, after a comma; it is empty
// where time alone has changed it.
func (l DiffLine) given() string {
	if !l.ToConfirm.IsZero() || l.Answer.At.IsZero() {
		return ""
	}
	return ", " + day(l.Answer.At) + ", " + who(l.Answer.By)
}

// RetiredLine is an item that was answered and is not in the list any more.
type RetiredLine struct{ ID, Claim, Was string }
