package templates

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// Whose says whose answers a page shows, and as of when.
type Whose struct {
	Slug     string // of the team; empty: this browser's
	Team     string // its name
	Archived bool
	Day      string // such as 2026-11-24; empty: now
	Name     string // what the reader calls themselves
}

// Writable reports whether answers can be given: not into the past, and not for
// a team that is archived.
func (w Whose) Writable() bool { return w.Day == "" && !w.Archived }

// query returns the fields that keep a link among the same answers.
func (w Whose) query() url.Values {
	q := url.Values{}
	if w.Slug != "" {
		q.Set("team", w.Slug)
	}
	if w.Day != "" {
		q.Set("at", w.Day)
	}
	return q
}

// fields are those of query, for a form.
func (w Whose) fields() []field {
	var out []field
	for name, values := range w.query() {
		out = append(out, field{name, values[0]})
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return out
}

type field struct{ name, value string }

// dayQuery keeps a link on the same day.
func (w Whose) dayQuery() url.Values {
	q := url.Values{}
	if w.Day != "" {
		q.Set("at", w.Day)
	}
	return q
}

// local is an address without the prefix, as forms return to it.
func (s *Site) local(address templ.SafeURL) string {
	return strings.TrimPrefix(string(address), s.Prefix)
}

// address joins a path with a query.
func (s *Site) address(path string, query url.Values, anchor string) templ.SafeURL {
	u := url.URL{Path: s.Prefix + "/" + path, RawQuery: query.Encode(), Fragment: anchor}
	return templ.SafeURL(u.String())
}

// ListURL returns the address of a checklist with the answers of w about a
// subject, which may be empty, at an item, which may be empty too.
func (s *Site) ListURL(w Whose, path, subject, item string) templ.SafeURL {
	q := w.query()
	if subject != "" {
		q.Set("subject", subject)
	}
	return s.address(path, q, item)
}

// TeamLink is a team where others are listed.
type TeamLink struct {
	Slug, Name, Description string
	Groups                  []string
	Archived                bool
	Begun                   int       // lists with an answer
	LastAt                  time.Time // zero: nothing was answered
}

// TeamsView lists the teams.
type TeamsView struct {
	Frame
	Day      string
	Teams    []TeamLink
	Archived []TeamLink
	Groups   []GroupLink
	Group    string        // only the teams of this group are shown
	For      *content.Page // a checklist for which a team is chosen
	Subject  string        // of it
	Name     string        // what the reader calls themselves
	Form     ProfileForm
}

// GroupLink is a group and how many teams belong to it.
type GroupLink struct {
	Name  string
	Count int
}

// ProfileForm is what was typed about a team.
type ProfileForm struct {
	Name, Description, Groups string
	Problem                   string // why it was not taken
}

// TeamFrame is what stands around the pages of a team.
type TeamFrame struct {
	Frame
	Whose
	About   string // what the team says of itself
	Groups  []string
	Created time.Time
	Seq     int64  // of its profile
	Tab     string // the current page: the last part of its address, empty for the overview
	Today   string // for forms that ask for a day

	Imported string // says what was imported just now
}

// Tabs are the pages of a team.
var teamTabs = []struct{ Path, Title string }{
	{"", "Overview"}, {"next", "What next"}, {"trends", "Trends"}, {"history", "History"}, {"changes", "Changed lists"}, {"snapshots", "Snapshots"}, {"rounds", "Workshops"}, {"report", "Report"}, {"settings", "Settings"},
}

// TeamURL returns the address of a page of the team, on the same day.
func (f *TeamFrame) TeamURL(page string) templ.SafeURL {
	return f.address(teamPath(f.Slug, page), f.dayQuery(), "")
}

// Post returns the address of a form of the team.
func (f *TeamFrame) Post(what string) templ.SafeURL {
	return f.URL("-/teams/" + f.Slug + "/" + what)
}

func teamPath(slug, page string) string {
	if page == "" {
		return "teams/" + slug
	}
	return "teams/" + slug + "/" + page
}

// TeamView is the overview of a team.
type TeamView struct {
	TeamFrame
	Since    time.Time // with which the lines are compared
	Lines    []TeamLine
	Begin    []*content.Page // checklists without an answer
	Aging    []AgingLine     // the first of them
	AgingAll int             // how many there are
	Next     []NextLine
	Due      []ActionLine
	Changed  int // items that are new, reworded or retired
}

// TeamLine is a checklist that a team has answered.
type TeamLine struct {
	Page    *content.Page // nil: not served any more
	List    *content.Checklist
	Gone    string // path of a list that is not served
	Subject string
	Score   content.Score
	Before  *content.Score // at the earlier day; nil: nothing was answered then
	LastAt  time.Time
	Target  *TargetView
}

// Change says how a line differs from the earlier day.
func (l TeamLine) Change() string {
	if l.Before == nil {
		return "begun since"
	}
	return changeText(*l.Before, l.Score)
}

// Name is what a line is about.
func (l TeamLine) Name() string { return about(l.Page.Title, l.Subject) }

// changeText writes the difference of two scores: points, and levels. Where
// nothing applies there is neither.
func changeText(before, after content.Score) string {
	if before.NotApplicable || after.NotApplicable {
		return "–"
	}
	points := wholePercent(after.Share) - wholePercent(before.Share)
	text := "±0"
	switch {
	case points > 0:
		text = "+" + strconv.Itoa(points)
	case points < 0:
		text = "−" + strconv.Itoa(-points)
	}
	if before.Level != after.Level && len(after.Levels) > 0 {
		text += ", level " + strconv.Itoa(before.Level) + " → " + strconv.Itoa(after.Level)
	}
	return text
}

// wholePercent rounds a share as percent writes it.
func wholePercent(f float64) int { return int(f*100 + 0.5) }

// TargetView is the level that a team wants to reach.
type TargetView struct {
	Level   int
	Name    string
	Due     time.Time
	Reached bool
	Missing int // items that are not met up to the level
}

// AgingLine is an answer that is to be confirmed, now or soon.
type AgingLine struct {
	Page    *content.Page
	Subject string
	Item    *content.Item
	Answer  content.Answer
	Until   time.Time
	Over    bool // it counts half already
	State   string
}

// NextLine is an item that is not met.
type NextLine struct {
	Page    *content.Page
	Subject string
	content.Gap
	State  string // what is answered, in words
	Level  string // name of the item's level
	Why    string // why it stands where it does
	Action *ActionLine
}

// ActionLine is what a team means to do.
type ActionLine struct {
	ID, Title, Assignee, State string
	Due                        time.Time // zero: no day
	Overdue                    int       // days; 0: not
	Page                       *content.Page
	Subject, Item              string
	Claim                      string // of the item
	Seq                        int64
	At                         time.Time
	By                         string
}

// DueText writes by when an action is due, and calmly that it is late.
func (l ActionLine) DueText() string {
	switch {
	case l.Due.IsZero():
		return "no day"
	case l.Overdue == 1:
		return day(l.Due) + ", yesterday"
	case l.Overdue > 1:
		return day(l.Due) + ", " + strconv.Itoa(l.Overdue) + " days ago"
	}
	return day(l.Due)
}

// SettingsView is what a team can change about itself.
type SettingsView struct {
	TeamFrame
	Form     ProfileForm
	Profiles []ProfileLine // the newest first
}

// ProfileLine is what a team was called, and since when.
type ProfileLine struct {
	Name, Slug, Description string
	Groups                  []string
	Archived                bool
	At                      time.Time
	By                      string
}

// Text writes a target as one quiet line.
func (t *TargetView) Text() string {
	text := "Target: " + t.Name + " by " + day(t.Due)
	if t.Reached {
		return text + ", reached"
	}
	return text + ", " + Count(t.Missing, "item") + " to go"
}

// Who is the one who does an action.
func (l ActionLine) Who() string {
	if l.Assignee == "" {
		return "nobody yet"
	}
	return l.Assignee
}

// newActionURL leads to the form for an action about an item.
func (f *TeamFrame) newActionURL(l NextLine) templ.SafeURL {
	q := url.Values{"checklist": {l.Page.Path}, "item": {l.Item.ID}}
	if l.Subject != "" {
		q.Set("subject", l.Subject)
	}
	return f.address(teamPath(f.Slug, "next"), q, "new")
}

// teamURL leads to a team, or to its answers to the list for which it is chosen.
func (v *TeamsView) teamURL(t TeamLink) templ.SafeURL {
	w := Whose{Slug: t.Slug, Day: v.Day}
	switch {
	case v.For == nil:
		return v.address(teamPath(t.Slug, ""), w.dayQuery(), "")
	case v.For.Checklist.Anonymous:
		return v.RoundsURL(t.Slug, v.For.Path)
	}
	return v.ListURL(w, v.For.Path, v.Subject, "")
}

// groupURL leads to the teams of a group.
func (v *TeamsView) groupURL(group string) templ.SafeURL {
	q := groupQuery(group, v.Day)
	if v.For != nil {
		q.Set("for", v.For.Path)
		if v.Subject != "" {
			q.Set("subject", v.Subject)
		}
	}
	return v.address("teams", q, "")
}

func groupQuery(group, day string) url.Values {
	q := url.Values{}
	if group != "" {
		q.Set("group", group)
	}
	if day != "" {
		q.Set("at", day)
	}
	return q
}

// fieldQuery is the query of a form's fields.
func fieldQuery(fields []field) url.Values {
	q := url.Values{}
	for _, f := range fields {
		q.Set(f.name, f.value)
	}
	return q
}

func seqText(seq int64) string { return strconv.FormatInt(seq, 10) }
