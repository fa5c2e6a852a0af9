package templates

import (
	"net/url"

	"opsbook/content"

	"github.com/a-h/templ"
)

// OverviewView is the organisation: all teams by all checklists.
type OverviewView struct {
	Frame
	Day      string
	Group    string // only the teams of this group are shown
	Groups   []GroupLink
	ByGroup  bool
	Columns  []OverviewColumn // lists that one of the teams has begun
	Blocks   []OverviewBlock
	NotBegun []*content.Page
	Archived int             // teams that are left out
	Lists    []*content.Page // in which teams can be compared
}

// OverviewColumn is a checklist of the overview.
type OverviewColumn struct {
	Page  *content.Page
	list  string // address of the list, up to what names the team
	sides string // address of its comparison, up to what names the team
}

// OverviewBlock is a group of teams, or all of them.
type OverviewBlock struct {
	Title  string
	Rows   []OverviewRow
	Groups []Spreads // of each column: the medians of the teams
}

// OverviewRow is a team.
type OverviewRow struct {
	Name  string
	Cells []OverviewCell // of each column
	url   templ.SafeURL
	query string // names the team and the day
}

// OverviewCell is what a team answered in a list; over its subjects where there
// are several.
type OverviewCell struct {
	Subjects int    // 0: not begun
	Subject  string // the only one
	Spreads
}

// Column returns the column of a list.
func (v *OverviewView) Column(p *content.Page) OverviewColumn {
	return OverviewColumn{p, string(v.URL(p.Path)) + "?team=", string(v.address("compare", url.Values{"checklist": {p.Path}}, "")) + "&teams="}
}

// Row returns the row of a team, without cells.
func (v *OverviewView) Row(name, slug string) OverviewRow {
	day := ""
	if v.Day != "" {
		day = "&at=" + v.Day
	}
	return OverviewRow{Name: name, url: v.address(teamPath(slug, ""), Whose{Day: v.Day}.dayQuery(), ""), query: url.QueryEscape(slug) + day}
}

// cellURL leads to a team's answers, or to all its subjects.
func cellURL(c OverviewColumn, row OverviewRow, cell OverviewCell) templ.SafeURL {
	switch {
	case cell.Subjects > 1:
		return templ.SafeURL(c.sides + row.query)
	case cell.Subject != "":
		return templ.SafeURL(c.list + row.query + "&subject=" + url.QueryEscape(cell.Subject))
	}
	return templ.SafeURL(c.list + row.query)
}

// cellLevel says which level a cell is on.
func cellLevel(cell OverviewCell) string {
	if cell.Level.N == 0 {
		return ""
	}
	return " level " + plain(cell.Level.Median)
}

// cellFacts say what stands with a score: how much is answered, how much does
// not apply, and of how many subjects these are the medians.
func cellFacts(cell OverviewCell, per string) []string {
	facts := []string{percent(cell.Coverage.Median) + " answered"}
	if cell.NA.Median > 0 {
		facts = append(facts, plain(cell.NA.Median)+" n/a")
	}
	if per != "" {
		facts = append(facts, Count(cell.Subjects, per))
	}
	return facts
}

// groupFacts say what stands with the median of a group.
func groupFacts(s Spreads) []string {
	facts := []string{percent(s.Share.Low) + " to " + percent(s.Share.High), "n = " + itoa(s.Share.N)}
	switch {
	case s.Level.N > 1 && s.Level.Low == s.Level.High:
		facts = append(facts, "all on level "+plain(s.Level.Low))
	case s.Level.N > 1:
		facts = append(facts, "levels "+plain(s.Level.Low)+" to "+plain(s.Level.High))
	}
	facts = append(facts, percent(s.Coverage.Median)+" answered")
	if s.NA.Median > 0 {
		facts = append(facts, plain(s.NA.Median)+" n/a")
	}
	return facts
}

// query keeps a link on the same day, group and order.
func (v *OverviewView) query(group string, byGroup bool) url.Values {
	q := groupQuery(group, v.Day)
	if byGroup {
		q.Set("by", "group")
	}
	return q
}

// fields are those of query for a form, without the day.
func (v *OverviewView) fields() []field {
	var out []field
	if v.Group != "" {
		out = append(out, field{"group", v.Group})
	}
	if v.ByGroup {
		out = append(out, field{"by", "group"})
	}
	return out
}

// columnURL compares the teams of the overview in one list.
func (v *OverviewView) columnURL(p *content.Page) templ.SafeURL {
	q := groupQuery(v.Group, v.Day)
	q.Set("checklist", p.Path)
	return v.address("compare", q, "")
}
