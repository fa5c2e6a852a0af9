package site

import (
	"strings"
	"testing"
)

func TestReadsAndPaths(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write("paths/way.md", "---\ntitle: The way\n---\n1. [One](../guides/one.md)\n2. [Two](../guides/two.md)\n3. [List](../checklists/list.md)\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := f.get("/paths/way").body; !strings.Contains(page, "3 steps") || !strings.Contains(page, "Begin with") {
		t.Errorf("a path not begun: %s", page)
	}
	got := f.post("/-/reads", "page", "guides/one", "state", "read")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/guides/one#read" || len(got.Cookies()) != 1 {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if page := f.get("/guides/one").body; !strings.Contains(page, "Read on 24 November 2026") || !strings.Contains(page, "1 of 3 done") || !strings.Contains(page, `Next: <a href="/guides/two">`) {
		t.Errorf("a page that is read: %s", page)
	}
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no")
	if page := f.get("/paths/way").body; !strings.Contains(page, "2 of 3 done") {
		t.Error("an answered checklist is not done")
	}
	if me := f.get("/me").body; !strings.Contains(me, "The way") || !strings.Contains(me, "/guides/one") {
		t.Error("me does not list the path and the page")
	}
	f.post("/-/reads", "page", "guides/one", "state", "unread")
	if page := f.get("/guides/one").body; !strings.Contains(page, "Mark as read") {
		t.Error("undo leaves it read")
	}
	for _, tt := range []struct {
		page, state string
		code        int
	}{{"guides/none", "read", 404}, {"checklists/list", "read", 404}, {"guides/one", "seen", 422}} {
		if got := f.post("/-/reads", "page", tt.page, "state", tt.state); got.StatusCode != tt.code {
			t.Errorf("%s %s = %d, want %d", tt.page, tt.state, got.StatusCode, tt.code)
		}
	}
	f.client = f.browser()
	if got := f.post("/-/reads", "page", "guides/one", "state", "unread"); len(got.Cookies()) != 0 {
		t.Error("taking nothing back sets a cookie")
	}
}
