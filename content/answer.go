package content

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of an answer, in characters where nothing else is said.
const (
	MaxNote     = 4000
	MaxSubject  = 200
	MaxName     = 80 // of who answers
	MaxLinks    = 20
	MaxLinkSize = 2000 // bytes
)

// CheckAnswer says what an answer to an item, about a subject, must not be: the
// field that is wrong, and why. Both are empty where nothing is.
func (c *Checklist) CheckAnswer(it *Item, subject string, a Answer) (field, problem string) {
	if !c.Valid(it, a.State) {
		return "state", fmt.Sprintf("%.40q is no answer to this item", a.State)
	}
	if problem := c.CheckSubject(subject); problem != "" {
		return "subject", problem
	}
	return a.Check()
}

// CheckSubject says what is wrong with what an answer is about; empty: nothing.
func (c *Checklist) CheckSubject(subject string) (problem string) {
	switch {
	case c.Per != "" && subject == "":
		return "say which " + c.Per + " this is about"
	case c.Per == "" && subject != "":
		return "this checklist is not answered for several things"
	case !OneLine(subject, MaxSubject):
		return fmt.Sprintf("want one line of at most %d characters", MaxSubject)
	}
	return ""
}

// Check is CheckAnswer without what the item and its checklist demand.
func (a Answer) Check() (field, problem string) {
	switch {
	case a.State == NotApplicable && strings.TrimSpace(a.Note) == "":
		return "note", "say why this does not apply"
	case utf8.RuneCountInString(a.Note) > MaxNote:
		return "note", fmt.Sprintf("at most %d characters", MaxNote)
	case !utf8.ValidString(a.Note) || strings.ContainsRune(a.Note, 0):
		return "note", "this is not text"
	case len(a.Evidence) > MaxLinks:
		return "evidence", fmt.Sprintf("at most %d links", MaxLinks)
	case !OneLine(a.By, MaxName):
		return "by", fmt.Sprintf("want one line of at most %d characters", MaxName)
	}
	for _, link := range a.Evidence {
		u, err := url.Parse(link)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(link) > MaxLinkSize || !utf8.ValidString(link) {
			return "evidence", fmt.Sprintf("want one http or https address a line, not %.80q", link)
		}
	}
	return "", ""
}

// OneLine reports whether a text is one line of at most n characters.
func OneLine(text string, n int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= n && !strings.ContainsFunc(text, unicode.IsControl)
}

// Label is what a state of an item is called.
func (c *Checklist) Label(it *Item, s State) string {
	if own := c.Labels[s]; own != "" {
		return own
	}
	for i, choice := range c.Scales[it.Scale] {
		if s == State(strconv.Itoa(i+1)) {
			return choice
		}
	}
	switch s {
	case Yes:
		return "Yes"
	case Partly:
		return "Partly"
	case No:
		return "No"
	case NotApplicable:
		return "N/A"
	case "":
		return "Not answered"
	}
	return string(s)
}

// EndOfDay returns the last millisecond, in UTC, of a day such as 2026-11-24:
// what stood on that day is what stood then, since answers are kept in milliseconds.
func EndOfDay(day string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, fmt.Errorf("want a day such as 2026-11-24, not %.40q", day)
	}
	return t.AddDate(0, 0, 1).Add(-time.Millisecond), nil
}
