package site

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// columns returns the text of each cell of a table, by the first cell of its row.
func (n node) columns() map[string][]string {
	out := map[string][]string{}
	for _, row := range n.rows() {
		var cells []string
		for _, c := range row[1:] {
			cells = append(cells, c.text())
		}
		out[row[0].text()] = cells
	}
	return out
}

func TestTeamsAreComparedByName(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	for _, name := range []string{"Zebra", "alpha", "Beta"} {
		f.newTeam(name)
	}
	f.answers("zebra", "wide", "", "one", "yes", "two", "yes", "three", "yes", "four", "yes", "five", "yes", "six", "na", "seven", "yes")
	f.answers("alpha", "wide", "", "one", "no", "two", "partly", "three", "na", "four", "na", "seven", "partly")
	page := f.parse("/compare?checklist=wide&teams=zebra,alpha&teams=beta")
	table := page.all("table", "")[0]
	var names []string
	for _, row := range table.rows()[1:] {
		names = append(names, row[0].text())
	}
	if got := strings.Join(names, " | "); got != "A alpha | B Beta | C Zebra" {
		t.Errorf("order = %s", got)
	}
	got := table.columns()
	for name, want := range map[string]string{"A alpha": "none yet; 20%; 71%, 5 of 7; 2; 20 Jan 2026", "B Beta": "nothing answered", "C Zebra": "2, Solid; 100%; 100%, 7 of 7; 1; 20 Jan 2026"} {
		if text := strings.Join(got[name], "; "); text != want {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
	checkRadar(t, page.section(t, "sections"))
	checkBars(t, page.section(t, "levels"))
	items := page.section(t, "items").all("table", "")[0].columns()
	for item, want := range map[string]string{"One": "No, Not answered, Yes", "Three": "N/A, Not answered, Yes", "Six": "Not answered, Not answered, N/A"} {
		if text := strings.Join(items[item], ", "); text != want {
			t.Errorf("%s: %s, want %s", item, text, want)
		}
	}
	sections := page.section(t, "sections").all("table", "")[0].columns()
	if got := sections["Second part"]; got[0] != "n/a 2 items" || got[1] != "–" || got[2] != "100% 2 of 2 answered" {
		t.Errorf("second part = %q", got)
	}
	f.wants("/compare?checklist=wide&teams=zebra,alpha", "two teams read the same claim differently", "the score up to that level is at least 50%", "0–19%")
	f.wants("/compare?checklist=wide&teams=zebra&vs=2025-10-01", "nothing answered", "7 items changed")
}

// Every cell with a shade has its number as well.
func TestShadesHaveNumbers(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	for i, states := range [][]string{{"no", "no"}, {"partly", "no"}, {"yes", "no"}, {"yes", "partly"}, {"yes", "yes"}} {
		slug := f.newTeam(fmt.Sprint("Team ", i))
		f.answers(slug, "wide", "", "one", states[0], "two", states[1])
		f.answers(slug, "list", "", "a", states[0], "b", states[1])
	}
	shaded := 0
	for _, path := range []string{"/compare", "/compare?checklist=list&teams=team-0,team-1,team-2,team-3,team-4", "/compare?checklist=wide&teams=team-0,team-1"} {
		for _, cell := range f.parse(path).all("td", "") {
			class, percent := cell.attr("class"), percentIn(t, cell.text())
			if !strings.HasPrefix(class, "heat-") {
				continue
			}
			shaded++
			if want := fmt.Sprint("heat-", 1+min(4, int(percent)/20)); percent < 0 || class != want {
				t.Errorf("%s: %q is shaded as %s, want %s", path, cell.text(), class, want)
			}
		}
	}
	if shaded < 15 {
		t.Errorf("%d cells have a shade", shaded)
	}
}

func TestRadarOnlyForThreeToTenSections(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, n := range []int{1, 2, 3, 10, 11} {
		text := "---\ntitle: L\n---\n"
		for i := range n {
			text += fmt.Sprintf("## Part %d\n\n### Item %d {#i-%d}\n\n", i, i, i)
		}
		f.write(fmt.Sprintf("checklists/l-%d.md", n), text)
	}
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		f.newTeam(fmt.Sprint("T", i))
	}
	radars := func(n, teams int) int {
		f.t.Helper()
		var slugs []string
		for i := range teams {
			slug := fmt.Sprint("t", i)
			slugs = append(slugs, slug)
			f.answers(slug, fmt.Sprint("l-", n), "", "i-0", "yes")
		}
		return strings.Count(f.wants(fmt.Sprintf("/compare?checklist=l-%d&teams=%s", n, strings.Join(slugs, ","))), `aria-label="Chart of the sections"`)
	}
	for n, want := range map[int]int{1: 0, 2: 0, 3: 1, 10: 1, 11: 0} {
		if got := radars(n, 2); got != want {
			t.Errorf("%d sections: %d radars, want %d", n, got, want)
		}
	}
	if one, four, five := radars(3, 1), radars(3, 4), radars(3, 5); one != 1 || four != 1 || five != 0 {
		t.Errorf("radars of one, four and five teams: %d %d %d", one, four, five)
	}
}

func TestMoreThanTwelveAreATable(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	for i := range 13 {
		f.newTeam(fmt.Sprintf("Team %02d", i), "groups", "All")
		f.answers(fmt.Sprintf("team-%02d", i), "wide", "", "one", "yes")
	}
	page := f.parse("/compare?checklist=wide&group=All")
	if tables := page.all("table", ""); len(tables) != 1 || len(tables[0].rows()) != 15 {
		t.Errorf("%d tables", len(tables))
	}
	if text := page.text(); !strings.Contains(text, "for at most 12 at a time") {
		t.Error("nothing says why there is no more")
	}
	f.post("/-/teams/team-03/profile", "archived", "yes", "base", "1")
	page = f.parse("/compare?checklist=wide&group=All")
	page.section(t, "items")
	if rows := page.all("table", "")[0].rows(); len(rows) != 14 || !strings.Contains(rows[13][0].text(), "median of 12 teams") {
		t.Errorf("with one archived: %d rows", len(rows))
	}
	if page = f.parse("/compare?checklist=wide&teams=team-03"); !strings.Contains(page.all("table", "")[0].text(), "archived") {
		t.Error("an archived team that is named is not shown, or not called archived")
	}
}

func TestPastIsComparedItemByItem(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	slug := f.newTeam("Search")
	f.answers(slug, "wide", "", "one", "no", "two", "yes", "four", "yes", "five", "yes", "six", "partly")
	f.answers(slug, "wide", "", "gone", "partly")
	f.now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	f.write("checklists/wide.md", wide+"\n### Eight {#eight}\n\n### Nine {#nine}\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.answers(slug, "wide", "", "one", "yes", "four", "yes", "eight", "yes", "six", "")
	path := "/compare?checklist=wide&teams=search&vs=2026-04-01"
	page := f.parse(path)
	section := page.section(t, "changed")
	changed := section.all("table", "")[0].columns()
	if got := section.all("h2", "")[0].text(); got != "4 items changed" {
		t.Errorf("heading = %s", got)
	}
	for item, want := range map[string]string{
		"One":   "No | Yes | 1 Jul 2026, 12:00 UTC, Ada | said so",
		"Five":  "Yes | Yes, to confirm | to confirm since 20 Apr 2026 | said so",
		"Six":   "Partly | Not answered | 1 Jul 2026, 12:00 UTC, Ada | said so",
		"Eight": "Not answered new in the list since 1 Jul 2026 | Yes | 1 Jul 2026, 12:00 UTC, Ada | said so",
	} {
		if got := strings.Join(changed[item], " | "); got != want {
			t.Errorf("%s: %s, want %s", item, got, want)
		}
	}
	same := section.all("details", "")[0]
	unchanged := same.all("table", "")[0].columns()
	if got := same.all("summary", "")[0].text(); got != "5 items unchanged" || !strings.HasPrefix(strings.Join(unchanged["Four"], " "), "Yes 1 Jul 2026, Ada said again") || !strings.HasPrefix(unchanged["Nine"][0], "Not answered new in the list") || unchanged["Seven"][0] != "Not answered" {
		t.Errorf("%s: %q", got, unchanged)
	}
	if !strings.Contains(section.text(), "Not in the list any more") || !strings.Contains(section.text(), "An old claim Partly") {
		t.Errorf("what was retired is not said: %s", section.text())
	}
	both := page.all("table", "")[0].columns()
	if then, now := both["1 Apr 2026"], both["Now"]; then[1] != "32%" || then[2] != "56%, 5 of 9" || now[1] != "41%" {
		t.Errorf("then %q, now %q", then, now)
	}
	past := f.parse(path+"&at=2026-06-01").section(t, "changed")
	if got := past.all("table", "")[0].columns(); len(got) != 2 || !strings.HasPrefix(strings.Join(got["Five"], " "), "Yes Yes, to confirm") {
		t.Errorf("until June: %q", got)
	}
	f.wants("/compare?checklist=wide&teams=search&vs=2026-03-15&at=2026-04-15", "No answer changed in this time")
	f.wants("/compare?checklist=wide&teams=search&vs=2026-01-15", "nothing answered", "5 items changed")
}

func TestSubjectsAreComparedEachByItself(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, name := range []string{"Search", "Payments"} {
		f.newTeam(name)
	}
	f.answers("search", "per", "cpu", "s", "2")
	f.answers("search", "per", "disk", "s", "1")
	page := f.parse("/compare?checklist=per&teams=search,payments")
	var rows []string
	for _, row := range page.all("table", "")[0].rows()[1:] {
		rows = append(rows, row[0].text())
	}
	if got := strings.Join(rows, " | "); got != "Payments | Search cpu | Search disk" {
		t.Errorf("rows = %s", got)
	}
	if items := page.section(t, "items").all("table", "")[0].columns(); strings.Join(items["S"], ", ") != "Not answered, good, bad" {
		t.Errorf("items = %q", items)
	}
	if page = f.parse("/compare?checklist=per&teams=search&subject=disk"); len(page.all("table", "")[0].rows()) != 2 {
		t.Error("one subject is not shown alone")
	}
	f.now = f.now.AddDate(0, 1, 0)
	f.answers("search", "per", "disk", "s", "2")
	page = f.parse("/compare?checklist=per&teams=search&vs=2026-11-30")
	links := page.all("table", "")[0].all("a", "")
	if got := links[len(links)-1].attr("href"); got != "/compare?checklist=checklists%2Fper&subject=disk&teams=search&vs=2026-11-30" {
		t.Errorf("item by item: %s", got)
	}
	f.wants("/compare?checklist=per&subject=disk&teams=search&vs=2026-11-30", "1 item changed")
}

func TestCompareAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	f.wants("/compare?checklist=wide", "There is no team yet")
	f.newTeam("Search", "groups", "Shop")
	f.newTeam("Old name")
	f.answers("search", "wide", "", "one", "yes")
	f.now = f.now.AddDate(0, 0, 10)
	f.post("/-/teams/old-name/profile", "name", "New name", "base", "1")
	form := f.parse("/compare?checklist=wide&teams=").all("form", "fields")[0]
	if n := len(form.all("input", "")); n != 5 || len(form.all("option", "")) != 5 || form.attr("method") != "get" {
		t.Errorf("the form has %d fields and %d options", n, len(form.all("option", "")))
	}
	f.wants("/compare?checklist=wide&teams=old-name", "New name")
	f.wants("/compare?checklist=wide&teams=new-name&at=2026-01-25", "Old name")
	for path, want := range map[string]string{
		"checklist=none&teams=search":                             "404 There is no checklist",
		"checklist=wide&teams=search,nobody":                      "404 There is no team &#34;nobody&#34;",
		"teams=nobody":                                            "404 There is no team &#34;nobody&#34;",
		"checklist=wide&teams=search&vs=yesterday":                "422 vs: want a day",
		"checklist=wide&teams=search&vs=2026-01-30":               "422 vs: want a day before",
		"checklist=wide&teams=search&vs=2026-01-25&at=2026-01-25": "422 vs: want a day before",
		"checklist=wide&teams=search&at=2026-13-01":               "422 at: want a day",
		"at=soon":                     "422 at: want a day",
		"checklist=anon&teams=search": "422 checklist: a survey",
		"checklist=wide&group=Nobody": "422 group: there is no active team in “Nobody”",
		"checklist=per&teams=search&subject=" + strings.Repeat("x", 201):   "422 subject: want one line",
		"checklist=per&teams=search&vs=2026-01-25&at=2026-01-25&subject=a": "422 vs: want a day before",
	} {
		got := f.get("/compare?" + path)
		code, text, _ := strings.Cut(want, " ")
		if fmt.Sprint(got.StatusCode) != code || !strings.Contains(strings.ReplaceAll(got.body, "\"", "&#34;"), text) {
			t.Errorf("%s = %d, want %s", path, got.StatusCode, want)
		}
		if code == "422" && (!strings.Contains(got.body, `role="alert"`) || strings.Contains(path, "teams=search") && !strings.Contains(got.body, `value="search" checked`)) {
			t.Errorf("%s: what was chosen is not kept", path)
		}
	}
	if got := f.get("/compare?checklist=wide&teams=search&vs=x", "Accept", "application/json"); got.StatusCode != 422 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("for a program: %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
}
