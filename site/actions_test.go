package site

import (
	"strings"
	"sync"
	"testing"
)

// planned plans an action and returns its id.
func (f *fixture) planned(slug string, pairs ...string) string {
	f.t.Helper()
	got := f.post("/-/teams/"+slug+"/actions", pairs...)
	_, id, ok := strings.Cut(got.Header.Get("Location"), "#action-")
	if got.StatusCode != 303 || !ok {
		f.t.Fatalf("plan %v: %d to %s\n%s", pairs, got.StatusCode, got.Header.Get("Location"), mainOf(got.body))
	}
	return id
}

func TestActionsOutliveWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	retired := f.planned(slug, "title", "Do B", "checklist", "list", "item", "b")
	gone := f.planned(slug, "title", "Do S", "checklist", "per", "subject", "CPU high", "item", "s")
	list := pages["checklists/list.md"]
	f.write("checklists/list.md", strings.Replace(list, "### B claim {#b}\n\nWhy B.", "", 1))
	f.write("checklists/per.md", "")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	// As the page's own form sends it.
	page := f.wants("/teams/t/next", "Do B", "Do S")
	for _, id := range []string{retired, gone} {
		_, fields, ok := strings.Cut(page, `name="id" value="`+id+`"`)
		if !ok {
			t.Fatalf("no form for %s", id)
		}
		fields, _, _ = strings.Cut(fields, "</form>")
		pairs := []string{"id", id, "title", "Done with it", "state", "done"}
		for _, name := range []string{"base", "checklist", "subject", "item"} {
			if _, value, ok := strings.Cut(fields, `name="`+name+`" value="`); ok {
				value, _, _ = strings.Cut(value, `"`)
				pairs = append(pairs, name, value)
			}
		}
		if got := f.post("/-/teams/t/actions", pairs...); got.StatusCode != 303 {
			t.Errorf("%v = %d\n%s", pairs, got.StatusCode, mainOf(got.body))
		}
	}
	f.write("checklists/list.md", list)
	f.write("checklists/per.md", pages["checklists/per.md"])
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/t/next", "Done and dropped (2)", ">B claim</a>", `subject=CPU+high&amp;team=t#s">S</a>`)
}

func TestWhoChangedAnActionIsNamedWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	id := f.planned(slug, "title", "Do it")
	f.post("/-/name", "name", "Émile")
	f.post("/-/teams/t/actions", "id", id, "base", "1", "title", "Do more", "due", "2027-01-10")
	f.posts(409, "/-/teams/t/actions", "Émile changed it meanwhile: “Do more”, open, nobody, 2027-01-10;", "id", id, "base", "1", "title", "Do less")
	f.post("/-/teams/t/actions", "id", id, "base", "2", "title", "Do more")
	f.posts(409, "/-/teams/t/actions", "“Do more”, open, nobody, no day;", "id", id, "base", "1", "title", "Do less")
}

func TestOverdueCountsCenturies(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.planned(slug, "title", "Left", "due", "1626-11-24")
	f.planned(slug, "title", "Today", "due", "2026-11-24")
	page := f.wants("/teams/t/next", "24 November 1626, 146097 days ago", "by 24 November 2026")
	if strings.Count(page, "was due") != 1 {
		t.Error("what is due today is late")
	}
	f.wants("/teams/t/next?at=2026-11-25", "24 November 2026, yesterday")
}

func TestActionSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	sent := []string{"title", "Do B", "assignee", "Bo", "due", "2027-01-10", "checklist", "list", "item", "b"}
	var tabs sync.WaitGroup
	for range 4 {
		tabs.Go(func() { f.post("/-/teams/t/actions", sent...) })
	}
	tabs.Wait()
	id := f.planned(slug, sent...)
	if n := strings.Count(f.get("/teams/t/next").body, `<h3 id="action-`); n != 1 {
		t.Errorf("sent five times, it is planned %d times", n)
	}
	f.posts(303, "/-/teams/t/actions", id, "id", id, "base", "1", "title", "Do B", "assignee", "Bo", "due", "2027-01-10", "state", "done")
	if again := f.planned(slug, sent...); again == id {
		t.Error("what was done cannot be planned again")
	}
}
