package site

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// apiTeams returns what the API says of all teams.
func (f *fixture) apiTeams(query string) []teamJSON {
	f.t.Helper()
	var out struct{ Teams []teamJSON }
	got := f.get("/api/v1/teams" + query)
	if err := json.Unmarshal([]byte(got.body), &out); err != nil {
		f.t.Fatalf("%d %s: %v", got.StatusCode, got.body, err)
	}
	return out.Teams
}

func TestTeamsAPI(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	f.newTeam("Search", "groups", "Shop, Core", "description", "Finds things.")
	f.newTeam("Old")
	f.answers("search", "wide", "", "one", "yes", "two", "na")
	f.answers("search", "list", "", "a", "na", "b", "na")
	f.answers("search", "per", "cpu", "s", "2")
	begin := f.now
	f.now = f.now.AddDate(0, 0, 5)
	f.answers("search", "wide", "", "four", "no")
	f.post("/-/teams/old/profile", "archived", "yes", "base", "1")
	f.post("/-/teams/old/profile", "name", "New", "base", "2")
	teams := f.apiTeams("")
	if len(teams) != 2 || teams[0].Slug != "new" || !teams[0].Archived || teams[0].LastAt != nil || len(teams[0].Checklists) != 0 {
		t.Fatalf("teams = %+v", teams)
	}
	team := teams[1]
	if team.Name != "Search" || team.Description != "Finds things." || !slices.Equal(team.Groups, []string{"Core", "Shop"}) || !team.Created.Equal(begin) || !team.LastAt.Equal(f.now) {
		t.Errorf("team = %+v", team)
	}
	list, per, long := team.Checklists[0], team.Checklists[1], team.Checklists[2]
	if list.Path != "checklists/list" || list.Score != nil || list.Level != nil || *list.Coverage != 1 || list.NA != 2 || list.Answered != 2 || list.Total != 2 {
		t.Errorf("where nothing applies: %+v", list)
	}
	if per.Subject != "cpu" || *per.Score != 1 || per.Level != nil || per.Title != "Per" || !per.LastAt.Equal(begin) {
		t.Errorf("of one subject: %+v", per)
	}
	if *long.Score != 0.125 || *long.Level != 0 || long.NA != 1 || long.Answered != 3 || !long.LastAt.Equal(f.now) {
		t.Errorf("of the long list: %+v", long)
	}
	var one teamJSON
	if err := json.Unmarshal([]byte(f.get("/api/v1/teams/search").body), &one); err != nil || one.Name != "Search" || len(one.Checklists) != 3 {
		t.Errorf("one team: %+v, %v", one, err)
	}
	if err := json.Unmarshal([]byte(f.get("/api/v1/teams/old?at="+begin.Format(time.DateOnly)).body), &one); err != nil || one.Slug != "new" {
		t.Errorf("by an old address: %+v, %v", one, err)
	}
	past := f.apiTeams("?at=" + begin.Format(time.DateOnly))
	if len(past) != 2 || past[0].Name != "Old" || past[0].Archived || past[1].Checklists[2].Answered != 2 {
		t.Errorf("in the past: %+v", past)
	}
	f.write("checklists/wide.md", "---\ntitle: Wide\nkind: guide\n---\nNo more.\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := f.apiTeams("")[1].Checklists[2]
	if last.Path != "checklists/wide" || last.Title != "" || last.Score != nil || last.Coverage != nil || last.LastAt.IsZero() {
		t.Errorf("a list that is not served: %+v", last)
	}
	for path, code := range map[string]int{"/api/v1/teams/nobody": 404, "/api/v1/teams?at=x": 422, "/api/v1/teams/search?at=x": 422} {
		if got := f.get(path); got.StatusCode != code || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s = %d, want %d", path, got.StatusCode, code)
		}
	}
}
