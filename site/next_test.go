package site

import (
	"fmt"
	"strings"
	"testing"
)

const planList = `---
title: Plan
levels: [Basic, Solid]
threshold: 0
---
## One

### Must of Basic {#m1 level=1 .must}

### Other of Basic {#o1 level=1}

### Must of Solid {#m2 level=2 .must weight=3}
`

func TestNextIsOrderedByWhatLiftsFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write("checklists/plan.md", planList)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	slug := f.newTeam("T")
	f.wants("/teams/t/next", "Nothing is answered yet", "Nothing is planned")
	f.post("/-/answers", "checklist", "plan", "item", "o1", "state", "no", "team", slug)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "partly", "team", slug)
	page := mainOf(f.wants("/teams/t/next", "this alone lifts to Basic", "counts for Basic", "belongs to Solid", "weight 3"))
	last := 0
	for _, claim := range []string{">A claim<", ">Must of Basic<", ">Other of Basic<", ">B claim<", ">Must of Solid<"} {
		at := strings.Index(page, claim)
		if at < last {
			t.Errorf("%s stands too early", claim)
		}
		last = at
	}
	if only := mainOf(f.get("/teams/t/next?list=checklists/plan").body); strings.Contains(only, ">A claim<") || !strings.Contains(only, ">Must of Solid<") {
		t.Error("the filter by list does not hold")
	}
}

func TestActionsArePlannedAndChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	f.wants("/teams/t/next?checklist=checklists/list&item=a", "About “A claim”", `value="A claim"`)
	f.post("/-/name", "name", "Ada")
	got := f.post("/-/teams/t/actions", "title", "Do A", "assignee", "Bo", "due", "2026-11-20", "checklist", "list", "item", "a")
	to, id, ok := strings.Cut(got.Header.Get("Location"), "#action-")
	if got.StatusCode != 303 || !ok || to != "/teams/t/next" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	f.wants("/teams/t/next", "Do A", "was due 20 November 2026, 4 days ago", "Bo", "changed 24 Nov 2026, 12:00 UTC, Ada")
	f.wants("/teams/t", "Do A", "Under way")
	got = f.post("/-/teams/t/actions", "id", id, "base", "1", "title", "Do A", "assignee", "Bo", "due", "2026-11-20", "checklist", "list", "item", "a", "state", "done")
	if got.StatusCode != 303 {
		t.Fatalf("%d\n%s", got.StatusCode, mainOf(got.body))
	}
	f.wants("/teams/t/next", "Done and dropped (1)", "Nothing is planned")
	got = f.post("/-/teams/t/actions", "id", id, "base", "1", "title", "Mine", "state", "open")
	if got.StatusCode != 409 || !strings.Contains(got.body, "“Do A”, done") || !strings.Contains(got.body, `value="Mine"`) {
		t.Errorf("stale: %d\n%s", got.StatusCode, mainOf(got.body))
	}
	for want, bad := range map[string][]string{
		"Say what is to be done":           {"title", ""},
		"one line of at most 200":          {"title", strings.Repeat("x", 201)},
		"Want a day":                       {"title", "x", "due", "soon"},
		"Want open, doing, done":           {"title", "x", "state", "later"},
		"There is no checklist":            {"title", "x", "checklist", "none"},
		"List has no item":                 {"title", "x", "checklist", "list", "item", "none"},
		"Want one line of at most 80":      {"title", "x", "assignee", "a\nb"},
		"Want the number that came":        {"title", "x", "base", "-1"},
		"Want one line of at most 200 cha": {"title", "x", "subject", strings.Repeat("s", 201)},
	} {
		if got := f.post("/-/teams/t/actions", bad...); got.StatusCode != 422 || !strings.Contains(got.body, want) {
			t.Errorf("%q = %d, no %q", bad, got.StatusCode, want)
		}
	}
	if got := f.post("/-/teams/t/actions", "id", "none", "title", "x"); got.StatusCode != 404 {
		t.Errorf("an unknown action = %d", got.StatusCode)
	}
	f.now = f.now.AddDate(0, 0, 1)
	f.wants("/teams/t/next?at=2026-11-23", "Nothing is planned")
}

func TestTargetsAreAQuietLine(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	if got := f.post("/-/teams/t/targets", "checklist", "list", "level", "1", "due", "2027-03-31"); got.StatusCode != 303 || got.Header.Get("Location") != "/teams/t/next#targets" {
		t.Fatalf("%d to %s\n%s", got.StatusCode, got.Header.Get("Location"), mainOf(got.body))
	}
	f.wants("/teams/t", "Target: Basic by 31 March 2027, 2 items to go")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug)
	f.wants("/teams/t", "Target: Basic by 31 March 2027, reached")
	f.wants("/teams/t/next", `value="2027-03-31"`)
	for _, bad := range [][]string{{"checklist", "list", "level", "2", "due", "2027-03-31"}, {"checklist", "list", "level", "1"}, {"checklist", "list", "level", "1", "due", "x"}, {"checklist", "list", "level", "x"}, {"checklist", "list", "level", "1", "due", "2027-03-31", "subject", "s"}} {
		if got := f.post("/-/teams/t/targets", bad...); got.StatusCode != 422 {
			t.Errorf("%v = %d", bad, got.StatusCode)
		}
	}
	if got := f.post("/-/teams/t/targets", "checklist", "none", "level", "1"); got.StatusCode != 404 {
		t.Errorf("an unknown list = %d", got.StatusCode)
	}
	f.posts(303, "/-/teams/t/targets", "", "checklist", "list", "level", "0", "due", "no day") // which is not wanted
	if page := f.get("/teams/t").body; strings.Contains(page, "Target:") {
		t.Error("a target taken back is shown")
	}
}

func TestHistoryHasEveryAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.wants("/teams/t/history", "No answer is in the log here")
	f.post("/-/name", "name", "Ada")
	for i := range 60 {
		f.post("/-/answers", "checklist", "list", "item", "a", "state", []string{"yes", "no"}[i%2], "note", fmt.Sprintf("note %d.", i), "team", slug, "base", fmt.Sprint(i))
	}
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "", "team", slug, "base", "60")
	f.post("/-/answers", "checklist", "per", "item", "s", "state", "2", "subject", "CPU high", "evidence", "https://example.com/x", "team", slug)
	page := f.wants("/teams/t/history", "CPU high", "good", "https://example.com/x", "taken back", "before: No", "note 59.", "Ada", "Older answers")
	if strings.Contains(page, "note 5.") {
		t.Error("the first page is too long")
	}
	_, older, _ := strings.Cut(page, `href="/teams/t/history?before=`)
	older, _, _ = strings.Cut(older, `"`)
	f.wants("/teams/t/history?before="+older, "note 0.", "The newest")
	if page := f.wants("/teams/t/history?checklist=checklists%2Fper&subject=CPU+high", "good"); strings.Contains(page, "note 59.") {
		t.Error("another list's answers are shown")
	}
	f.wants("/teams/t/history?checklist=checklists%2Flist&item=a", "Only “A claim”", "note 59.")
	for path, code := range map[string]int{"/teams/t/history?before=x": 422, "/teams/t/history?checklist=none": 200} {
		if got := f.get(path); got.StatusCode != code {
			t.Errorf("%s = %d", path, got.StatusCode)
		}
	}
	f.wants("/checklists/list?team=t", "/teams/t/history?checklist=checklists%2Flist&amp;item=a")
	// The wording that was answered stands beside one that came later.
	f.write("checklists/list.md", strings.Replace(pages["checklists/list.md"], "Why.", "Another why.", 1))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/t/history", "In other words then")
}

func TestChangedListsLoseNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.note(t.Context())
	slug := f.newTeam("T")
	f.wants("/teams/t/changes", "Nothing has changed")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "seen in May", "team", slug)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	f.now = f.now.AddDate(0, 0, 1)
	// A is reworded, B retired, C new.
	f.write("checklists/list.md", strings.NewReplacer("Why.", "Another why.", "### B claim {#b}\n\nWhy B.", "### C claim {#c}").Replace(pages["checklists/list.md"]))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/t", "2 items in these lists changed")
	page := f.wants("/teams/t/changes", "New", "C claim", "Reworded", "Why.", "Another why.", "seen in May", "Confirm unchanged", "Retired", "B claim")
	if strings.Index(page, "What was answered") > strings.Index(page, "What it says now") {
		t.Error("the old wording does not come first")
	}
	got := f.post("/-/answers", "checklist", "list", "item", "a", "team", slug, "base", "1", "confirm", "yes", "return", "/teams/t/changes")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/teams/t/changes" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if page := f.get("/teams/t/changes").body; strings.Contains(page, "Reworded") {
		t.Error("a confirmed item is still listed")
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.Note != "seen in May" || a.Seq != 2 || len(a.Flags) > 0 {
		t.Errorf("confirmed: %+v", a)
	}
	f.wants("/teams/t/history?checklist=checklists%2Flist&item=b", "B claim")
}

func TestAnswersFollowAMovedChecklist(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "kept", "team", slug)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no")
	f.post("/-/teams/t/actions", "title", "Do A", "checklist", "list", "item", "a")
	f.write("checklists/list.md", "")
	f.write("checklists/moved.md", strings.Replace(pages["checklists/list.md"], "levels:", "aliases: [checklists/list]\nlevels:", 1))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, _, _ := f.state("moved", "a", "?team=t"); a.State != "yes" || a.Note != "kept" || a.Seq != 1 {
		t.Errorf("the team's answer = %+v", a)
	}
	if b, _, _ := f.state("moved", "b", ""); b.State != "no" {
		t.Errorf("the browser's answer = %+v", b)
	}
	f.wants("/teams/t/next", "About <a href=\"/checklists/moved?team=t#a\">A claim</a>")
	if page := f.wants("/teams/t", "/checklists/moved?team=t"); strings.Contains(page, "not served any more") {
		t.Error("the list is shown twice")
	}
	f.post("/-/answers", "checklist", "moved", "item", "a", "state", "partly", "team", slug, "base", "1")
	if a, _, _ := f.state("moved", "a", "?team=t"); a.State != "partly" || a.Seq != 2 {
		t.Errorf("answered after the move: %+v", a)
	}
}
