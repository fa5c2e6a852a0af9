package site

import (
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

func TestNewItemsAreToldFromUnanswered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.note(t.Context())
	slug := f.newTeam("T")
	f.now = f.now.Add(time.Hour)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug)
	if page := f.get("/teams/t").body; strings.Contains(page, "changed since they were answered") {
		t.Error("an item that was always there is new")
	}
	f.now = f.now.Add(time.Hour)
	f.write("checklists/list.md", pages["checklists/list.md"]+"\n### C claim {#c}\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/t", "1 item in these lists changed since they were answered")
	// Answers from before the list was served here do not make all of it new.
	if err := f.store.AppendAnswers(t.Context(), []store.NewAnswer{{Key: store.Key{Owner: storeQuery(f, f.newTeam("Old")).Owner, Checklist: "checklists/list"}, Item: "a", State: "yes", At: f.now.AddDate(-1, 0, 0), TextHash: "1", Text: "A"}}); err != nil {
		t.Fatal(err)
	}
	if page := f.wants("/teams/old/changes", "C claim"); strings.Contains(page, "B claim") {
		t.Error("an item that is as old as its list is new")
	}
	if got := f.changes(scored{list: &content.Checklist{}}); len(got.fresh) > 0 {
		t.Error("an empty list has new items")
	}
}
