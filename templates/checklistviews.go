package templates

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"opsbook/content"

	"github.com/a-h/templ"
)

// ChecklistView is a checklist with the reader's answers.
type ChecklistView struct {
	Frame
	Whose
	Mine     int // answers of this browser that the team lacks
	Page     *content.Page
	List     *content.Checklist
	Body     *content.Body
	TOC      []TOCItem
	Score    content.Score
	Subject  string
	Subjects []string // answered so far
	Sections []ItemGroup
	Next     []Choice
	Overdue  bool
	Answered bool   // there are answers of this reader
	Filter   string // "", "open" or "next"
	Problem  string // what went wrong with what was posted
}

// ItemGroup is a section of a checklist.
type ItemGroup struct {
	Title, Anchor string
	Intro         template.HTML
	Answered      int
	Items         []ItemView
}

// ItemView is one item with its answer and, where a post was refused, with what
// was typed.
type ItemView struct {
	*content.Item
	HTML     template.HTML
	Answer   content.Answer
	Choices  []AnswerChoice
	Note     string
	Evidence string
	Expired  bool
	OldText  string          // the wording that was answered, where it differs
	Error    string          // why what was posted was not taken
	Conflict *content.Answer // what someone else saved meanwhile
	Offer    *Offer          // what its practice was answered with elsewhere
	Saved    bool            // just now; Undo holds what was before
	Undo     *content.Answer
	Level    string // name
	Hidden   bool   // by the filter
}

// Offer is an answer to the same practice in another checklist.
type Offer struct {
	Page    *content.Page
	Subject string
	Item    *content.Item
	Answer  content.Answer
}

// From names the offered answer in a form.
func (o *Offer) From() string { return o.Page.Path + "#" + o.Item.ID }

// Ask reports whether the answer is to be given again: it is old, or the item
// says something else now.
func (it ItemView) Ask() bool { return it.Expired || it.OldText != "" }

// AnswerChoice is a state that can be chosen.
type AnswerChoice struct {
	State   content.State
	Label   string
	Key     string // on the keyboard
	Checked bool
}

// baseText writes the seq that a form is based on; empty for none.
func baseText(seq int64) string {
	if seq == 0 {
		return ""
	}
	return strconv.FormatInt(seq, 10)
}

// evidenceText writes links one a line, as the form takes them.
func evidenceText(links []string) string { return strings.Join(links, "\n") }

// FilterLink leads to a part of a checklist's items.
type FilterLink struct {
	Label   string
	URL     templ.SafeURL
	Current bool
}

// Filters returns the parts of the items that can be shown.
func (v *ChecklistView) Filters() []FilterLink {
	out := []FilterLink{{Label: "All items"}, {Label: "Not met yet"}}
	if len(v.List.Levels) > v.Score.Level && !v.Score.NotApplicable {
		out = append(out, FilterLink{Label: "Missing for " + v.List.Levels[v.Score.Level]})
	}
	for i, show := range []string{"", "open", "next"}[:len(out)] {
		query := v.Whose.query()
		if v.Subject != "" {
			query.Set("subject", v.Subject)
		}
		if show != "" {
			query.Set("show", show)
		}
		out[i].URL, out[i].Current = v.address(v.Page.Path, query, ""), v.Filter == show
	}
	return out
}

// AnswerURL is where answers are posted; it remembers the filter.
func (v *ChecklistView) AnswerURL() templ.SafeURL {
	if v.Filter == "" {
		return v.URL("-/answers")
	}
	return v.URL("-/answers") + "?show=" + templ.SafeURL(url.QueryEscape(v.Filter))
}

// Answerable reports whether the items are shown with forms.
func (v *ChecklistView) Answerable() bool {
	return !v.List.Anonymous && v.Writable() && (v.List.Per == "" || v.Subject != "")
}

// itemQuery names an item's answers for the history of a team.
func (v *ChecklistView) itemQuery(item string) url.Values {
	q := url.Values{"checklist": {v.Page.Path}, "item": {item}}
	if v.Subject != "" {
		q.Set("subject", v.Subject)
	}
	return q
}

// missingURL leads to what the team has not met in this list.
func (v *ChecklistView) missingURL() templ.SafeURL {
	return v.address(teamPath(v.Slug, "next"), url.Values{"list": {v.Page.Path}}, "missing")
}

// forList asks for a team that answers a checklist.
func forList(path, subject string) url.Values {
	q := url.Values{"for": {path}}
	if subject != "" {
		q.Set("subject", subject)
	}
	return q
}
