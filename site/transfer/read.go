package transfer

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
)

// MaxSize is how many bytes a file may have.
const MaxSize = 16 << 20

// Limits of what a file may hold. They are far above what a team writes, and low
// enough that a hostile file costs little.
const (
	maxLists   = 5_000
	maxRows    = 100_000   // answers, logs included
	maxPlans   = 20_000    // actions and targets
	maxText    = 100_000   // bytes of a wording
	maxObjects = 250_000   // braces that open
	maxValues  = 1_000_000 // commas
)

const (
	tooMany     = "it holds far more than a team can have: at most 5,000 lists, 100,000 answers and 20,000 actions"
	wantSubject = "want one line of at most 200 characters, without space around it"
	notOurs     = `this is no export of a team: want "format": "opsbook/team" and "version": 1`
)

// Read takes a file apart, JSON or CSV, and lists everything that is wrong with
// it by itself. With problems the document is not whole. Answers may be dated up
// to a day after now, since clocks differ.
func Read(data []byte, now time.Time) (*Document, Problems) {
	var problems Problems
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	first := bytes.TrimLeft(text, " \t\r\n")
	object := bytes.HasPrefix(first, []byte("{"))
	switch {
	case len(data) > MaxSize:
		problems.add(0, "", "the file has more than %d MB", MaxSize>>20)
	case len(first) == 0:
		problems.add(0, "", "the file is empty")
	case !utf8.Valid(text):
		problems.add(badLine(text), "", "this is not UTF-8: save the file as “CSV UTF-8” or as JSON")
	case object && (bytes.Count(text, []byte("{")) > maxObjects || bytes.Count(text, []byte(",")) > maxValues):
		problems.add(0, "", tooMany)
	}
	if problems.Any() {
		return &Document{}, problems
	}
	read := readCSV
	if object {
		read = readJSON
	}
	d, whole := read(text, &problems)
	if whole {
		c := checker{Document: d, latest: now.Add(24 * time.Hour), problems: &problems}
		c.check()
	}
	return d, problems
}

// badLine is the first line that is not UTF-8.
func badLine(text []byte) int {
	line := 1
	for part := range bytes.Lines(text) {
		if !utf8.Valid(part) {
			return line
		}
		line++
	}
	return 0
}

// checker notes what is wrong with a document that has been read.
type checker struct {
	*Document
	latest   time.Time // that an answer may have
	problems *Problems
	rows     int
}

func (c *checker) check() {
	if !c.table && (c.Format == "" || c.Version == 0) {
		if !c.problems.Any() { // else it is said why it could not be read
			c.problems.add(0, "", notOurs)
		}
		return
	}
	for _, hash := range slices.Sorted(maps.Keys(c.Texts)) {
		text := c.Texts[hash]
		if content.HashText(text) != hash || len(text) > maxText || strings.ContainsRune(text, 0) {
			c.problems.add(0, fmt.Sprintf("texts, %.40q", hash), "this hash is not the text's, or the text has more than %d bytes", maxText)
		}
	}
	lists := map[string]int{}
	for i := range c.Checklists {
		l := &c.Checklists[i]
		key := l.Path + "\n" + l.Subject
		if first, twice := lists[key]; twice {
			c.problems.add(l.line, l.place(), "it stands twice, first in line %d", first)
		}
		lists[key] = l.line
		c.checkList(l)
	}
	if c.rows > maxRows || len(c.Checklists) > maxLists || len(c.Actions)+len(c.Targets) > maxPlans {
		c.problems.add(0, "", tooMany)
	}
	c.checkActions()
	c.checkTargets()
}

func (c *checker) checkList(l *List) {
	if problem := checkPath(l.Path); problem != "" {
		c.problems.add(l.line, join(l.place(), "path"), "%s", problem)
	}
	if !goodSubject(l.Subject) {
		c.problems.add(l.line, join(l.place(), "subject"), wantSubject)
	}
	items := map[string]int{}
	for i := range l.Items {
		it := &l.Items[i]
		if first, twice := items[it.ID]; twice {
			c.problems.add(it.line, it.place(l), "it stands twice, first in line %d", first)
		}
		items[it.ID] = it.line
		c.checkItem(l, it)
	}
	for i := range l.Items {
		it := &l.Items[i]
		if _, known := items[it.MovedFrom]; it.MovedFrom != "" && (!known || it.MovedFrom == it.ID) {
			c.problems.add(it.line, join(it.place(l), "moved_from"), "the list has no other item %.80q", it.MovedFrom)
		}
	}
}

// goodSubject reports whether a text can be what answers are about; empty: nothing in particular.
func goodSubject(text string) bool {
	return content.OneLine(text, content.MaxSubject) && strings.TrimSpace(text) == text
}

// goodID reports whether a text can be an item's id.
func goodID(id string) bool { return id != "" && content.OneLine(id, 200) }

func (c *checker) checkItem(l *List, it *Item) {
	place := it.place(l)
	if !goodID(it.ID) {
		c.problems.add(it.line, place, "want the id of an item")
	}
	c.checkRow(it.line, place, it.Row)
	for i, row := range it.Log {
		at := fmt.Sprintf("%s, log %d", place, i+1)
		c.checkRow(it.line, at, row)
		if row.Seq != int64(i+1) {
			c.problems.add(it.line, join(at, "seq"), "want %d, not %d: a log counts from 1 without gaps", i+1, row.Seq)
		}
		if row.At == nil {
			c.problems.add(it.line, join(at, "at"), "say when it was given")
		}
	}
	if n := len(it.Log); n > 0 && !same(it.Log[n-1], it.Row) {
		c.problems.add(it.line, place, "its answer is not the last one of its log")
	}
	if c.table {
		return // a spreadsheet may leave the time out
	}
	switch {
	case it.At != nil:
	case it.State != "":
		c.problems.add(it.line, join(place, "at"), "say when it was given")
	case it.Note != "" || len(it.Evidence) > 0:
		c.problems.add(it.line, join(place, "state"), "a note or evidence needs an answer beside it")
	}
}

// checkRow checks what holds for every answer, whatever its item.
func (c *checker) checkRow(line int, place string, row Row) {
	c.rows++
	if !plausible(row.State) {
		c.problems.add(line, join(place, "state"), "want yes, partly, no, na or the number of a choice, not %.40q", row.State)
	}
	if field, problem := row.answer().Check(); problem != "" {
		c.problems.add(line, join(place, field), "%s", problem)
	}
	if row.At != nil && (row.At.Before(earliest) || row.At.After(c.latest)) {
		c.problems.add(line, join(place, "at"), "%s is before 2000 or in the future", row.At.Format(time.RFC3339))
	}
	if !content.OneLine(row.Origin, 1000) {
		c.problems.add(line, join(place, "origin"), "want one line of at most 1000 characters")
	}
	if _, known := c.Texts[row.TextHash]; row.TextHash != "" && !known {
		c.problems.add(line, join(place, "text_hash"), "texts has no %.40q", row.TextHash)
	}
}

// earliest is the time before which nobody answered anything here.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// statePattern is what the state of some item can be.
var statePattern = regexp.MustCompile(`^(yes|partly|no|na|[1-9][0-9]?)?$`)

func plausible(s content.State) bool { return statePattern.MatchString(string(s)) }

// same reports whether two rows are one.
func same(a, b Row) bool {
	return a.State == b.State && a.Note == b.Note && slices.Equal(a.Evidence, b.Evidence) && a.By == b.By && a.Seq == b.Seq && a.TextHash == b.TextHash &&
		a.answer().At.Equal(b.answer().At)
}

// checkPath says what is wrong with the path of a checklist; empty: nothing.
func checkPath(path string) string {
	if path == "" || !content.OneLine(path, 1000) || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
		return "want the path of a checklist, such as checklists/production-readiness"
	}
	return ""
}

var actionPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (c *checker) checkActions() {
	ids := map[string]int{}
	for i := range c.Actions {
		a := &c.Actions[i]
		place := fmt.Sprintf("action %.40q", a.Title)
		bad := func(field, format string, args ...any) { c.problems.add(a.line, join(place, field), format, args...) }
		if first, twice := ids[a.ID]; twice {
			bad("id", "it stands twice, first in line %d", first)
		}
		ids[a.ID] = a.line
		if !actionPattern.MatchString(a.ID) {
			bad("id", "an id has letters, digits and hyphens, at most 64")
		}
		if a.Title == "" || !content.OneLine(a.Title, store.MaxTitle) {
			bad("title", "want one line of at most %d characters", store.MaxTitle)
		}
		if a.Checklist != "" && checkPath(a.Checklist) != "" || a.Item != "" && (a.Checklist == "" || !goodID(a.Item)) {
			bad("checklist", "want the path of a checklist, and with it the id of an item")
		}
		if !slices.Contains(store.ActionStates[:], store.ActionState(a.State)) {
			bad("state", "want open, doing, done or dropped, not %.40q", a.State)
		}
		c.checkPlan(bad, a.Subject, a.Due, a.By, a.At)
		if !content.OneLine(a.Assignee, content.MaxName) {
			bad("assignee", "want one line of at most %d characters", content.MaxName)
		}
	}
}

func (c *checker) checkTargets() {
	lists := map[string]int{}
	for i := range c.Targets {
		t := &c.Targets[i]
		place := fmt.Sprintf("target for %.200s", t.Checklist)
		bad := func(field, format string, args ...any) { c.problems.add(t.line, join(place, field), format, args...) }
		key := t.Checklist + "\n" + t.Subject
		if first, twice := lists[key]; twice {
			bad("", "it stands twice, first in line %d", first)
		}
		lists[key] = t.line
		if problem := checkPath(t.Checklist); problem != "" {
			bad("checklist", "%s", problem)
		}
		if t.Level < 1 || t.Level > 9 {
			bad("level", "want 1 to 9, not %d", t.Level)
		}
		if t.Due == "" {
			bad("due", "say by which day")
		}
		c.checkPlan(bad, t.Subject, t.Due, t.By, t.At)
	}
}

// checkPlan checks what actions and targets have in common.
func (c *checker) checkPlan(bad func(field, format string, args ...any), subject, due, by string, at time.Time) {
	if !goodSubject(subject) {
		bad("subject", wantSubject)
	}
	if due != "" {
		if _, err := content.EndOfDay(due); err != nil {
			bad("due", "%v", err)
		}
	}
	if !content.OneLine(by, content.MaxName) {
		bad("by", "want one line of at most %d characters", content.MaxName)
	}
	if at.Before(earliest) || at.After(c.latest) {
		bad("at", "%s is before 2000 or in the future", at.Format(time.RFC3339))
	}
}
