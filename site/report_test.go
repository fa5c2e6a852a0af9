package site

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T", "description", "Cards and refunds.")
	f.wants("/teams/t/report", "there is nothing to report")
	f.post("/-/name", "name", "Ada")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", slug)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	f.now = f.now.AddDate(0, 0, 10)
	f.post("/-/teams/t/snapshots", "name", "Start")
	f.now = f.now.AddDate(0, 0, 60)
	f.wants("/teams/t/report", "compared with", `name="vs" value="2026-12-04"`, "No answer changed since 4 December 2026")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug, "base", "1")
	f.post("/-/teams/t/actions", "title", "Fix B", "assignee", "Bo", "due", "2027-01-10", "checklist", "list", "item", "b")
	f.post("/-/teams/t/targets", "checklist", "list", "level", "1", "due", "2027-06-30")
	page := f.wants("/teams/t/report", "Report, 2 February 2027", "Cards and refunds.", "Since 4 December 2026, 1 answer changed, 1 list reached a higher level",
		"Actions under way: 1, of which 1 should have ended by now", "+50, level 0 → 1", "Target: Basic by 30 June 2027, reached", "No → <strong>Yes</strong>", "Fix B", "Yes counts 1", "export.md")
	if strings.Contains(mainOf(page), "without an action yet") {
		t.Error("an item with an action is listed as without one")
	}
	f.wants("/teams/t/report?vs=2026-11-01", "1 of them begun since 1 November 2026")
	f.wants("/teams/t/report?at=2026-12-01&vs=2026-11-24", "Report, 1 December 2026", "No answer changed")
	f.now = f.now.AddDate(0, 0, 100)
	f.wants("/teams/t/report", "Answers to confirm: 1.", "To confirm (1)", "Yes on 2 February 2027, Ada")
	f.wants("/teams/t", "Yes on 2 February 2027, Ada")
	f.wants("/teams/t/next", "Yes on 2 February 2027, Ada")
	for _, path := range []string{"/teams/t/report?vs=x", "/teams/t/report?vs=2999-01-01", "/teams/t/report?at=x"} {
		if got := f.get(path); got.StatusCode != 422 {
			t.Errorf("%s = %d", path, got.StatusCode)
		}
	}
}

func TestWhatDoesNotApplyHasNotFallen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	for i, state := range []string{"yes", "na"} {
		for _, item := range []string{"a", "b"} {
			f.posts(303, "/-/answers", "", "checklist", "list", "item", item, "state", state, "note", "n", "team", slug, "base", itoa(i))
		}
		f.now = f.now.AddDate(0, 0, 40)
	}
	for path, wants := range map[string]string{
		"/teams/t?at=2027-01-10":                        "<td>–</td>",
		"/teams/t/report?vs=2026-11-24":                 "Since 24 November 2026, 2 answers changed, and every level stayed",
		"/compare?checklist=list&teams=t&vs=2026-11-24": "Not applicable",
	} {
		page := mainOf(f.wants(path, wants))
		if strings.Contains(page, "−100") || strings.Contains(page, "level 1 → 0") {
			t.Errorf("%s: a list that does not apply any more has fallen\n%s", path, page)
		}
	}
	f.now = f.now.AddDate(0, 0, 40)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug, "base", "2")
	if page := mainOf(f.wants("/teams/t/trends", "now: 100%")); strings.Contains(page, "level 0 → 1") {
		t.Errorf("a list that applies again has a new level\n%s", page)
	}
}

func TestReportOfThePastComparesWithSnapshotsOfThen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", slug)
	f.now = f.now.AddDate(0, 0, 5)
	f.post("/-/teams/t/snapshots", "name", "Start")
	f.now = f.now.AddDate(0, 0, 20)
	f.post("/-/teams/t/snapshots", "name", "Look back", "day", "2026-12-05")
	for path, want := range map[string]string{"/teams/t/report": "2026-12-05", "/teams/t/report?at=2026-12-10": "2026-11-29"} {
		f.wants(path, `name="vs" value="`+want+`"`)
	}
}
