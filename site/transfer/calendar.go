package transfer

import (
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
)

// Calendar is a team's actions for a calendar.
type Calendar struct {
	Library *content.Library
	Team    store.Team
	Actions []store.Action
	Base    string // public address of the site, without a slash at its end; empty: unknown
}

// WriteTo writes the calendar in the format of RFC 5545: an event of one day for
// each action that has a day and is not ended. The same actions give the same bytes.
func (c *Calendar) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	property := func(name, value string) { fold(&b, name+":"+value) }
	property("BEGIN", "VCALENDAR")
	property("VERSION", "2.0")
	property("PRODID", "-//Opsbook//Actions//EN")
	property("CALSCALE", "GREGORIAN")
	property("METHOD", "PUBLISH")
	for _, name := range []string{"NAME", "X-WR-CALNAME"} { // RFC 7986, and what came before it
		property(name, calendarText(c.Team.Name+": actions"))
	}
	for _, a := range c.Actions {
		due, err := time.Parse(time.DateOnly, a.Due)
		if err != nil || a.State.Ended() {
			continue // without a day, or done
		}
		c.event(property, a, due)
	}
	property("END", "VCALENDAR")
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// event writes one action. Its UID is for ever; SEQUENCE tells a calendar that it changed.
func (c *Calendar) event(property func(name, value string), a store.Action, due time.Time) {
	property("BEGIN", "VEVENT")
	property("UID", calendarText(a.ID+"."+c.Team.ID+"@opsbook"))
	property("DTSTAMP", a.At.UTC().Format("20060102T150405Z"))
	property("SEQUENCE", strconv.FormatInt(max(a.Seq-1, 0), 10))
	property("DTSTART;VALUE=DATE", due.Format("20060102"))
	// A year has four digits here; an event without an end lasts its day.
	if end := due.AddDate(0, 0, 1); end.Year() <= 9999 {
		property("DTEND;VALUE=DATE", end.Format("20060102"))
	}
	property("TRANSP", "TRANSPARENT") // nobody is busy all day because of it
	property("SUMMARY", calendarText(a.Title))
	property("DESCRIPTION", calendarText(c.description(a)))
	if c.Base != "" {
		property("URL", c.address(a))
	}
	property("END", "VEVENT")
}

// description says who does it, how far it is, and which item it is about.
func (c *Calendar) description(a store.Action) string {
	who := a.Assignee
	if who == "" {
		who = "nobody yet"
	}
	lines := []string{"Who: " + who, "State: " + string(a.State)}
	if it := itemOf(c.Library, a); it != nil {
		lines = append(lines, "About: "+it.Claim+" ("+c.Library.Page(presentPath(c.Library, a.Checklist)).Title+")")
	}
	if a.Subject != "" {
		lines = append(lines, "For: "+a.Subject)
	}
	return strings.Join(lines, "\n")
}

// address is where the action's item, or without one the team's actions, can be seen.
func (c *Calendar) address(a store.Action) string {
	it := itemOf(c.Library, a)
	if it == nil {
		return c.Base + (&url.URL{Path: "/teams/" + c.Team.Slug + "/next"}).String()
	}
	query := url.Values{"team": {c.Team.Slug}}
	if a.Subject != "" {
		query.Set("subject", a.Subject)
	}
	return c.Base + (&url.URL{Path: "/" + presentPath(c.Library, a.Checklist), RawQuery: query.Encode(), Fragment: it.ID}).String()
}

// calendarText escapes a text. Control characters, which the format cannot hold,
// are left out.
func calendarText(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\t' || r >= ' ' && r != 0x7f:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maxLine is how many bytes a line of a calendar may have, without its end.
const maxLine = 75

// fold writes a line, in parts of at most 75 bytes that do not cut a character,
// each but the first after a space.
func fold(b *strings.Builder, line string) {
	room := maxLine
	for len(line) > room {
		cut := room
		for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], maxLine-1
	}
	b.WriteString(line + "\r\n")
}
