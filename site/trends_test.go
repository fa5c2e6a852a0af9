package site

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"opsbook/site/store"
)

func TestMonthEnds(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct{ first, now, want string }{
		{"2026-11-03T00:00:00Z", "2026-11-24T12:00:00Z", ""},
		{"2026-09-30T23:59:59Z", "2026-11-24T12:00:00Z", "09-30 10-31"},
		{"2026-10-01T00:00:00Z", "2026-11-30T23:59:59.999Z", "10-31"},
		{"2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z", "10-31 11-30"},
		{"2026-10-01T01:00:00+02:00", "2026-11-01T00:00:00Z", "09-30 10-31"},
		{"2026-12-01T00:00:00Z", "2026-11-24T12:00:00Z", ""},
		{"2026-01-31T00:00:00Z", "2026-04-01T00:00:00Z", "01-31 02-28 03-31"},
	} {
		var got []string
		for _, end := range monthEnds(day(tt.first), day(tt.now)) {
			if !end.Add(time.Millisecond).Equal(end.Add(time.Millisecond).Truncate(24 * time.Hour)) {
				t.Errorf("%v is no end of a day", end)
			}
			got = append(got, end.Format("01-02"))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("from %s to %s: %v, want %s", tt.first, tt.now, got, tt.want)
		}
	}
	ends := monthEnds(day("2001-01-01T00:00:00Z"), day("2026-11-24T12:00:00Z"))
	if len(ends) != maxMonths || ends[0].Format(time.DateOnly) != "2024-11-30" || ends[maxMonths-1].Format(time.DateOnly) != "2026-10-31" {
		t.Errorf("of many years: %d, from %v", len(ends), ends[0])
	}
}

func TestTrendsShowWhatTheirTablesSay(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	slug := f.newTeam("Search")
	f.wants("/teams/search/trends", "Nothing is answered yet")
	f.answers(slug, "wide", "", "one", "yes", "two", "no", "five", "yes")
	f.now = f.now.AddDate(0, 1, 0)
	f.answers(slug, "wide", "", "two", "yes", "four", "partly", "seven", "yes")
	f.answers(slug, "list", "", "a", "na", "b", "na")
	f.now = f.now.AddDate(0, 1, 0)
	f.answers(slug, "list", "", "a", "yes", "b", "na")
	f.answers(slug, "per", "cpu", "s", "2")
	f.now = f.now.AddDate(0, 4, 0) // the yes to five is too old by then
	f.answers(slug, "wide", "", "three", "yes", "six", "partly", "one", "no")
	f.now = f.now.AddDate(0, 1, 0)
	page := f.parse("/teams/search/trends")
	want := map[string]int{"List": 7, "Per cpu": 6, "Wide": 8} // points: the months, and now
	for i, title := range []string{"List", "Per cpu", "Wide"} {
		section := page.section(t, fmt.Sprint("trend-", i+1))
		if got := section.all("h2", "")[0].text(); got != title {
			t.Fatalf("line %d is of %s, want %s", i+1, got, title)
		}
		if got := len(section.all("table", "")[0].rows()) - 1; got != want[title] {
			t.Errorf("%s has %d rows, want %d", title, got, want[title])
		}
		checkLine(t, section)
	}
	row := func(section node, month string) string {
		for _, cells := range section.all("table", "")[0].rows() {
			if cells[0].text() == month {
				var out []string
				for _, c := range cells[1:] {
					out = append(out, c.text())
				}
				return strings.Join(out, ", ")
			}
		}
		return ""
	}
	list, long := page.section(t, "trend-1"), page.section(t, "trend-3")
	for month, want := range map[string]string{"Jan 2026": "22%, none yet, 43%, 0", "Feb 2026": "50%, 2, Solid, 71%, 0", "May 2026": "44%, 1, Basic, 71%, 0", "Jun 2026": "44%, 1, Basic, 71%, 0", "Jul 2026": "72%, none yet, 100%, 0"} {
		if got := row(long, month); got != want {
			t.Errorf("%s: %s, want %s", month, got, want)
		}
	}
	if got := row(list, "Feb 2026"); got != "–, –, 100%, 2" {
		t.Errorf("where nothing applies: %s", got)
	}
	if got := row(list, "now"); got != "50%, none yet, 100%, 1" {
		t.Errorf("where a yes has aged: %s", got)
	}
	if lines := list.all("polyline", "line"); len(lines) != 1 || len(lines[0].corners(t)) != 6 {
		t.Errorf("a line does not begin after the month in which nothing applied: %d", len(lines))
	}
	one := f.parse("/teams/search/trends?checklist=wide&at=2026-04-10")
	section := one.section(t, "trend-1")
	checkLine(t, section)
	if got := row(section, "10 Apr 2026"); len(one.all("svg", "")) != 2 || !strings.HasPrefix(got, "50%") || row(section, "now") != "" {
		t.Errorf("one list in the past: %s", got)
	}
	f.wants("/teams/search/trends?at=2026-01-01", "Nothing was answered by then")
	f.wants("/teams/search/trends?checklist=anon", "Nothing is answered in “Anon” yet")
	for path, code := range map[string]int{"/teams/search/trends?checklist=none": 404, "/teams/none/trends": 404, "/teams/search/trends?at=soon": 422} {
		if got := f.get(path); got.StatusCode != code {
			t.Errorf("%s = %d, want %d", path, got.StatusCode, code)
		}
	}
}

func TestTrendsSayTheTarget(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	slug := f.newTeam("Search")
	f.answers(slug, "wide", "", "one", "yes")
	team, err := f.store.TeamAt(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	target := store.Target{Key: store.Key{Owner: team.Owner(), Checklist: "checklists/wide"}, Level: 2, Due: "2027-03-31"}
	if err := f.store.SetTarget(t.Context(), team, target, f.now, "Ada"); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/search/trends", "Target: Solid by 31 March 2027, 6 items to go")
}

func TestTrendsOfManySubjectsAreChosen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("Search")
	var subjects []string
	for i := range maxTrends + 2 {
		subjects = append(subjects, fmt.Sprintf("alert %02d", i))
		f.answers(slug, "per", subjects[i], "s", "1")
	}
	f.answers(slug, "list", "", "a", "yes")
	f.wants("/teams/search/trends", "3 more lines not shown here: choose a checklist above")
	page := f.parse("/teams/search/trends?checklist=per")
	var left []string
	for _, a := range page.all("a", "") {
		if strings.Contains(a.attr("href"), "subject=alert") && strings.Contains(a.attr("href"), "/trends") {
			left = append(left, a.text())
		}
	}
	if !slices.Equal(left, subjects[maxTrends:]) {
		t.Errorf("left to choose: %v", left)
	}
	if got := len(f.parse("/teams/search/trends?checklist=per&subject=alert+25").all("div", "beside")); got != 1 {
		t.Errorf("%d lines of one subject", got)
	}
}
