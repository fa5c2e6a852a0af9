package transfer

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
)

// unfold puts the lines of a calendar together again.
func unfold(t *testing.T, calendar string) []string {
	t.Helper()
	if !strings.HasSuffix(calendar, "\r\n") {
		t.Errorf("the end of %q is no end of a line", calendar)
	}
	for line := range strings.SplitSeq(calendar, "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(calendar, "\r\n ", ""), "\r\n"), "\r\n")
}

func TestCalendarHasYearsOfFourDigits(t *testing.T) {
	t.Parallel()
	last := store.Action{ID: "A", Task: store.Task{Title: "Last", Due: "9999-12-31", State: store.ActionOpen}, Seq: 1, At: now}
	c := Calendar{Library: library(nil), Actions: []store.Action{last}}
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "DTSTART;VALUE=DATE:99991231\r\nTRANSP") {
		t.Errorf("the last day of all ends in\n%s", b.String())
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	team := store.Team{ID: "TEAM", Slug: "pay-ü", Profile: store.Profile{Name: "Pay, & co"}}
	action := func(id, title, due string, state store.ActionState, item string) store.Action {
		a := store.Action{ID: id, Task: store.Task{Title: title, Due: due, State: state, Item: item}, Seq: 3, At: now}
		if item != "" {
			a.Checklist = "checklists/list"
		}
		return a
	}
	long := action("A1", "Führe; das, \\ ein "+strings.Repeat("日本語", 40), "2027-02-28", store.ActionOpen, "a")
	long.Assignee, long.Subject = "Ada\nEND:VEVENT", "cpu"
	c := Calendar{Library: library(nil), Team: team, Base: "https://ops.example.com/x", Actions: []store.Action{
		long, action("A2", "Plain", "2026-12-31", store.ActionDoing, ""), action("A3", "Done", "2026-12-31", store.ActionDone, ""),
		action("A4", "Dropped", "2026-12-31", store.ActionDropped, ""), action("A5", "Someday", "", store.ActionOpen, ""),
	}}
	write := func() string {
		var b bytes.Buffer
		if n, err := c.WriteTo(&b); err != nil || n != int64(b.Len()) {
			t.Fatal(n, err)
		}
		return b.String()
	}
	text := write()
	if again := write(); again != text {
		t.Error("the same actions give another calendar")
	}
	got := strings.Join(unfold(t, text), "\n")
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Opsbook//Actions//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Pay\, & co: actions
X-WR-CALNAME:Pay\, & co: actions
BEGIN:VEVENT
UID:A1.TEAM@opsbook
DTSTAMP:20261124T120000Z
SEQUENCE:2
DTSTART;VALUE=DATE:20270228
DTEND;VALUE=DATE:20270301
TRANSP:TRANSPARENT
SUMMARY:Führe\; das\, \\ ein ` + strings.Repeat("日本語", 40) + `
DESCRIPTION:Who: Ada\nEND:VEVENT\nState: open\nAbout: A claim (List)\nFor: cpu
URL:https://ops.example.com/x/checklists/list?subject=cpu&team=pay-%C3%BC#a
END:VEVENT
BEGIN:VEVENT
UID:A2.TEAM@opsbook
DTSTAMP:20261124T120000Z
SEQUENCE:2
DTSTART;VALUE=DATE:20261231
DTEND;VALUE=DATE:20270101
TRANSP:TRANSPARENT
SUMMARY:Plain
DESCRIPTION:Who: nobody yet\nState: doing
URL:https://ops.example.com/x/teams/pay-%C3%BC/next
END:VEVENT
END:VCALENDAR`
	if got != want {
		t.Errorf("calendar:\n%s\nwant:\n%s", got, want)
	}
	c.Base = ""
	if strings.Contains(write(), "\r\nURL") {
		t.Error("an address without a base")
	}
}

func FuzzFold(f *testing.F) {
	for _, text := range append(hostile, strings.Repeat("é", 100), strings.Repeat("🎉x", 60), strings.Repeat("a", 75)+"é", "a\\n;,b") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		var b strings.Builder
		line := "X:" + calendarText(text)
		fold(&b, line)
		if got := unfold(t, b.String()); len(got) != 1 || got[0] != line {
			t.Errorf("%q became %q", line, got)
		}
		shown := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\;`, ";", `\,`, ",").Replace(calendarText(text))
		kept := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, text)
		if shown != kept {
			t.Errorf("%q is shown as %q", text, shown)
		}
	})
}

func TestActionsCSV(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	s.fill()
	actions, err := s.st.Actions(t.Context(), s.team.ID, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteActionsCSV(&b, s.lib, s.team, actions); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes()[len("\ufeff"):])).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v, %v", rows, err)
	}
	byTitle := map[string][]string{}
	for _, row := range rows {
		byTitle[row[1]] = row
	}
	if row := byTitle["'=Do it, soon; or; not"]; row == nil || row[0] != "'=Pay & co" || row[2] != "Bo" || row[3] != "2027-03-31" || row[4] != "open" || row[8] != "A claim" {
		t.Errorf("rows = %q", rows)
	}
}

// The report is Markdown that shows every text as it is, whatever is in it.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	s.fill()
	var b bytes.Buffer
	if err := s.export(time.Time{}).WriteMarkdown(&b, s.lib); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# =Pay \\& co\n", "Groups: Shop", "## Where we stand", content.RuleInShort, "| List | none yet | 50% | 100%, 3 of 3 | 1 |", "## List", "is at least 50%.", "| A claim (must, Basic) | Yes, to confirm | now | <https://example.com/a%20b><br><https://example.com/c> |",
		"| N/A | still not |", "| Yes, no longer in the list |", "## Actions", "| checklists/list a |", "## Targets", "alert 3", "| fair | ", "C \\| claim"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	lib := content.Build(nil, content.Options{}, content.Memory("test", map[string]string{"guides/report.md": b.String()}))
	body, err := lib.Render(lib.Page("guides/report"))
	if err != nil {
		t.Fatal(err)
	}
	html := string(body.HTML)
	if strings.Contains(html, "<script") || strings.Contains(html, "javascript:a\"") || !strings.Contains(html, "[z](javascript:a)") || !strings.Contains(html, "&lt;script&gt;alert(1)") {
		t.Errorf("the report runs, or does not show what was written:\n%s", html)
	}
	for _, row := range regexp.MustCompile(`(?s)<tr>.*?</tr>`).FindAllString(html, -1) {
		if n := strings.Count(row, "<td") + strings.Count(row, "<th"); n != 6 && n != 5 && n != 3 {
			t.Errorf("%d cells in %s", n, row)
		}
	}
	past := ago(350)
	b.Reset()
	if err := s.export(past).WriteMarkdown(&b, s.lib); err != nil || !strings.Contains(b.String(), "As it stood on 9 December 2025") {
		t.Errorf("%v: %.300s", err, b.String())
	}
	b.Reset()
	empty := newSide(t, library(nil))
	if err := empty.export(time.Time{}).WriteMarkdown(&b, s.lib); err != nil || !strings.Contains(b.String(), "Nothing is answered yet.") {
		t.Errorf("%v: %s", err, b.String())
	}
}
