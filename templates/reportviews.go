package templates

import (
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// ReportView is a team for people who do not answer checklists.
type ReportView struct {
	TeamFrame
	Made      time.Time
	Since     time.Time // with which it is compared
	Vs        string    // the day of Since
	Summary   string    // what the tables show, in words
	Lines     []TeamLine
	Changed   []ReportedList
	Actions   []ActionLine // under way
	Ended     []ActionLine // ended since
	Next      []NextLine   // missing, without an action
	Aging     []AgingLine  // the first of those to confirm
	ToConfirm int          // how many there are
}

// ReportedList is what has changed in a list.
type ReportedList struct {
	Page    *content.Page
	Subject string
	Changed []DiffLine
	More    int // lines that are left out
}

// SinceText writes the day with which the report compares.
func (v *ReportView) SinceText() string { return day(v.Since) }

// AsOf writes the day that the report shows.
func (v *ReportView) AsOf() string {
	if v.Day != "" {
		return dayText(v.Day)
	}
	return day(v.Made)
}

// compareURL leads to everything that has changed in a list.
func (v *ReportView) compareURL(l ReportedList) templ.SafeURL {
	q := v.dayQuery()
	for name, value := range map[string]string{"checklist": l.Page.Path, "teams": v.Slug, "vs": v.Vs, "subject": l.Subject} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return v.address("compare", q, "")
}
