package templates

import (
	"net/url"

	"opsbook/content"

	"github.com/a-h/templ"
)

// NextView is what a team can do next.
type NextView struct {
	TeamFrame
	Aging   []AgingLine
	Missing []NextLine
	More    int             // lines of Missing that are left out
	List    string          // only the items of this checklist
	Lists   []*content.Page // to choose from
	Actions []ActionLine
	Ended   []ActionLine
	Targets []TeamLine
	Form    ActionForm
	About   string // claim of the item that the form is about
}

// firstAging is how many answers to confirm are in sight; the others are folded, so
// that the actions below them are not lost.
func (v *NextView) firstAging() int { return min(len(v.Aging), 8) }

// ActionForm is what was typed about an action; an ID names the one to change.
type ActionForm struct {
	ID, Title, Assignee, Due, State string
	Checklist, Subject, Item        string // of a new one: what it is about
	Base                            int64
	Problem                         string // why it was not taken
}

// actionStates are what an action can be, as people read it.
var actionStates = []struct{ State, Label string }{{"open", "Open"}, {"doing", "Doing"}, {"done", "Done"}, {"dropped", "Dropped"}}

// form returns the form to change an action: what was typed, where it was refused.
func (v *NextView) form(l ActionLine) ActionForm {
	if v.Form.ID == l.ID {
		return v.Form
	}
	f := ActionForm{ID: l.ID, Title: l.Title, Assignee: l.Assignee, State: l.State, Base: l.Seq}
	if !l.Due.IsZero() {
		f.Due = l.Due.Format("2006-01-02")
	}
	return f
}

// listFilter leads to what is missing in one list, or in all.
func (v *NextView) listFilter(path string, all bool) templ.SafeURL {
	q := v.dayQuery()
	if path != "" {
		q.Set("list", path)
	}
	if all {
		q.Set("all", "yes")
	}
	return v.address(v.Path, q, "missing")
}

// HistoryView is a team's log.
type HistoryView struct {
	TeamFrame
	Lists   []ListChoice
	List    string        // path of the chosen checklist; empty: all
	Page    *content.Page // of it; nil: not served any more
	Subject string
	Item    *content.Item // only of this item
	Lines   []HistoryLine
	Older   int64 // log id before which older answers are; 0: there are none
	Newest  bool  // it begins with the newest
}

// ListChoice is a list with answers, to choose from.
type ListChoice struct{ Path, Subject, Title string }

// HistoryLine is one answer of the log.
type HistoryLine struct {
	Path, Title, Subject string
	ItemID, Claim        string
	Served               bool   // the item can be opened
	Old                  string // the wording that was answered, where it differs
	State, Before        string // in words
	Answer               content.Answer
	Origin               string
}

// olderURL leads to the answers before those that are shown.
func (v *HistoryView) olderURL() templ.SafeURL {
	q := v.query(v.List, v.Subject)
	if v.Item != nil {
		q.Set("item", v.Item.ID)
	}
	q.Set("before", seqText(v.Older))
	return v.address(v.Path, q, "")
}

// listURL leads to the history of a list.
func (v *HistoryView) listURL(c ListChoice) templ.SafeURL {
	return v.address(v.Path, v.query(c.Path, c.Subject), "")
}

func (v *HistoryView) query(path, subject string) url.Values {
	q := v.dayQuery()
	if path != "" {
		q.Set("checklist", path)
	}
	if subject != "" {
		q.Set("subject", subject)
	}
	return q
}

// ChangesView is what has changed in the lists that a team has answered.
type ChangesView struct {
	TeamFrame
	Lists []ChangedList
}

// ChangedList is a list in which something has changed.
type ChangedList struct {
	Page     *content.Page
	List     *content.Checklist
	Subject  string
	New      []*content.Item
	Reworded []ChangedItem
	Retired  []ChangedItem
}

// ChangedItem is an item whose wording has changed or which is gone.
type ChangedItem struct {
	ID, Claim string
	Text, Old string // the whole wordings; Text is empty for a retired item
	Answer    content.Answer
	State     string // in words
}

// historyFields keep the choice of a list when a day is chosen.
func (v *HistoryView) historyFields() []field {
	var out []field
	for _, f := range []field{{"checklist", v.List}, {"subject", v.Subject}} {
		if f.value != "" {
			out = append(out, f)
		}
	}
	if v.Item != nil {
		out = append(out, field{"item", v.Item.ID})
	}
	return out
}
