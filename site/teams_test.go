package site

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"opsbook/site/store"
)

// newTeam creates a team and returns its slug.
func (f *fixture) newTeam(name string, pairs ...string) string {
	f.t.Helper()
	got := f.post("/-/teams", append([]string{"name", name}, pairs...)...)
	slug, ok := strings.CutPrefix(got.Header.Get("Location"), "/teams/")
	if got.StatusCode != http.StatusSeeOther || !ok {
		f.t.Fatalf("create %s: %d to %s", name, got.StatusCode, got.Header.Get("Location"))
	}
	return slug
}

// wants fails for each text that the page at a path does not hold.
func (f *fixture) wants(path string, texts ...string) string {
	f.t.Helper()
	got := f.get(path)
	if got.StatusCode != http.StatusOK {
		f.t.Errorf("%s = %d", path, got.StatusCode)
	}
	for _, text := range texts {
		if !strings.Contains(got.body, text) {
			f.t.Errorf("%s: no %q in\n%s", path, text, mainOf(got.body))
		}
	}
	return got.body
}

// mainOf cuts a page to what is its own.
func mainOf(page string) string {
	if _, rest, ok := strings.Cut(page, "<main"); ok {
		page, _, _ = strings.Cut(rest, "</main>")
	}
	return page
}

func TestTeamAnswers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.wants("/teams", "There is no team here yet", "Create the team")
	slug := f.newTeam("Payments & Co", "groups", "Shop, Core", "description", "Cards.")
	if slug != "payments-co" {
		t.Errorf("slug = %s", slug)
	}
	f.wants("/teams/payments-co", "Nothing is answered yet", "Cards.", `href="/checklists/list?team=payments-co"`)
	f.post("/-/name", "name", "Ada Ü")
	got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug, "note", "seen")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/checklists/list?saved=a&team=payments-co#a" {
		t.Errorf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	f.wants("/checklists/list?team=payments-co&saved=a", "Answers of", "Payments &amp; Co", "Undo", "You answer as Ada Ü", `name="team" value="payments-co"`)
	if a, score, level := f.state("list", "a", "?team="+slug); a.State != "yes" || a.By != "Ada Ü" || score != 0.5 || *level != 1 {
		t.Errorf("answer = %+v, score %v", a, score)
	}
	if a, _, _ := f.state("list", "a", ""); a.State != "" {
		t.Errorf("the browser's own answer = %+v", a)
	}
	f.client = f.browser()
	f.wants("/checklists/list?team=payments-co", `value="yes" checked`, "You answer as someone")
	f.wants("/teams/payments-co", "50%", "1 of 2", "begun since", "B claim", "Plan it")
	f.wants("/teams?group=Shop", "Payments &amp; Co", "Shop (1)")
	if page := f.get("/teams?group=None").body; strings.Contains(page, "Payments &amp; Co</a>") {
		t.Error("a team is shown in a group that is not its own")
	}
	for path, code := range map[string]int{"/teams/nobody": 404, "/checklists/list?team=nobody": 404, "/api/v1/checklists/list?team=nobody": 404, "/teams/payments-co?at=soon": 422, "/checklists/list?at=2026-13-01": 422, "/teams?at=x": 422} {
		if got := f.get(path); got.StatusCode != code {
			t.Errorf("%s = %d, want %d", path, got.StatusCode, code)
		}
	}
	if got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", "nobody"); got.StatusCode != 404 {
		t.Errorf("answer of an unknown team = %d", got.StatusCode)
	}
}

func TestTeamIsCreatedForAChecklist(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.wants("/checklists/list", `href="/teams?for=checklists%2Flist"`)
	f.wants("/teams?for=checklists%2Flist", "Who answers “List”?", `name="for" value="checklists/list"`)
	got := f.post("/-/teams", "name", "New", "for", "checklists/list")
	if to := got.Header.Get("Location"); got.StatusCode != 303 || to != "/checklists/list?team=new" {
		t.Errorf("%d to %s", got.StatusCode, to)
	}
	for _, bad := range [][]string{{"name", " "}, {"name", "\u200b\u202e\u3164"}, {"name", "a\nb"}, {"name", strings.Repeat("x", 81)}, {"name", "x", "groups", strings.Repeat("g,", 21) + "g" + strings.Repeat("h", 90)}, {"name", "x", "description", strings.Repeat("d", 1001)}} {
		got := f.post("/-/teams", bad...)
		if got.StatusCode != 422 || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("%.40q = %d", bad, got.StatusCode)
		}
	}
}

func TestTeamIsRenamedArchivedAndBroughtBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("Old name")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug)
	got := f.post("/-/teams/old-name/profile", "name", "New name", "base", "1")
	if got.Header.Get("Location") != "/teams/new-name/settings" {
		t.Fatalf("%d to %s\n%s", got.StatusCode, got.Header.Get("Location"), mainOf(got.body))
	}
	for path, want := range map[string]string{"/teams/old-name": "/teams/new-name", "/teams/old-name/settings?at=2026-11-24": "/teams/new-name/settings?at=2026-11-24"} {
		if got := f.get(path); got.StatusCode != 308 || got.Header.Get("Location") != want {
			t.Errorf("%s = %d to %s", path, got.StatusCode, got.Header.Get("Location"))
		}
	}
	if a, _, _ := f.state("list", "a", "?team=old-name"); a.State != "yes" {
		t.Errorf("by the old name: %+v", a)
	}
	if got = f.post("/-/teams/new-name/profile", "name", "Third", "base", "1"); got.StatusCode != 409 || !strings.Contains(got.body, "New name") || !strings.Contains(got.body, `value="Third"`) {
		t.Errorf("a stale rename = %d\n%s", got.StatusCode, mainOf(got.body))
	}
	f.post("/-/teams/new-name/profile", "archived", "yes", "base", "2")
	f.wants("/teams/new-name", "Archived", "B claim", "50%")
	f.wants("/teams", "Archived")
	if page := f.wants("/checklists/list?team=new-name", "which is archived"); strings.Contains(page, `name="state"`) {
		t.Error("an archived team can answer")
	}
	if got = f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "base", "1", "team", "new-name"); got.StatusCode != 422 || !strings.Contains(got.body, "archived") {
		t.Errorf("answer of an archived team = %d", got.StatusCode)
	}
	f.post("/-/teams/new-name/profile", "archived", "no", "base", "3")
	f.wants("/checklists/list?team=new-name", `name="state"`)
	f.wants("/teams/new-name/settings", "Old name", "archived", "someone")
	for _, bad := range [][]string{{"name", "x"}, {"name", "", "base", "4"}, {"archived", "perhaps", "base", "4"}} {
		if got := f.post("/-/teams/new-name/profile", bad...); got.StatusCode != 422 {
			t.Errorf("%v = %d", bad, got.StatusCode)
		}
	}
}

func TestPastDaysAreShownAndNotChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", slug)
	f.now = f.now.AddDate(0, 0, 10)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug, "base", "1")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "yes", "team", slug)
	page := f.wants("/checklists/list?team=t&at=2026-11-30", "as they stood at the end of", "30 November 2026", "No", "1 of 2 answered")
	if strings.Contains(page, `name="state"`) {
		t.Error("the past can be answered")
	}
	f.wants("/teams/t?at=2026-11-30", "0%", "1 of 2")
	f.wants("/teams/t?at=2026-11-23", "Nothing was answered by then")
	f.wants("/teams/t", "100%", "2 of 2", "begun since")
	f.now = f.now.AddDate(0, 0, 25)
	f.wants("/teams/t", "+100, level 0 → 1")
	f.wants("/teams?at=2026-11-23", "There was no team yet on 23 November 2026")
}

func TestPracticeIsOfferedAndTakenOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write("checklists/one.md", "---\ntitle: First list\n---\n### One {#one practice=\"restore\" expires=90}\n")
	f.write("checklists/two.md", "---\ntitle: Second list\n---\n### Two {#two practice=\"restore\" expires=90}\n\n### Three {#three}\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	slug := f.newTeam("T")
	f.post("/-/name", "name", "Ada")
	given := f.now
	f.post("/-/answers", "checklist", "one", "item", "one", "state", "yes", "note", "the log of May", "evidence", "https://example.com/log", "team", slug)
	if page := f.get("/checklists/two").body; strings.Contains(page, "Take it over") {
		t.Error("a team's answer is offered to a browser")
	}
	f.wants("/checklists/two?team=t", "The same practice was answered in", "First list", "the log of May", `name="from" value="checklists/one#one"`)
	f.now = f.now.AddDate(0, 0, 30)
	if got := f.post("/-/answers", "checklist", "two", "item", "two", "from", "checklists/one#one", "team", slug); got.StatusCode != 303 {
		t.Fatalf("%d %s", got.StatusCode, mainOf(got.body))
	}
	a, _, _ := f.state("two", "two", "?team=t")
	if a.State != "yes" || a.Note != "the log of May" || len(a.Evidence) != 1 || !a.At.Equal(given) || a.By != "Ada" {
		t.Errorf("taken over: %+v", a)
	}
	if page := f.get("/checklists/two?team=t").body; strings.Contains(page, "Take it over") {
		t.Error("an answered item is offered an answer")
	}
	for _, from := range []string{"checklists/none#one", "checklists/one#none", "checklists/list#a", "checklists/one#"} {
		if got := f.post("/-/answers", "checklist", "two", "item", "two", "from", from, "team", slug, "base", "1"); got.StatusCode != 422 {
			t.Errorf("from %s = %d", from, got.StatusCode)
		}
	}
	if got := f.post("/-/answers", "checklist", "two", "item", "three", "from", "checklists/one#one", "team", slug); got.StatusCode != 422 {
		t.Errorf("an item of another practice = %d", got.StatusCode)
	}
}

func TestOwnAnswersAreCopiedToATeam(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/name", "name", "Ada")
	given := f.now
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "mine")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "partly")
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	f.now = f.now.AddDate(0, 1, 0)
	f.wants("/checklists/list?team=t", "you answered 1 item that the team has not")
	if got := f.post("/-/teams/t/copy", "checklist", "checklists/list"); got.StatusCode != 303 || got.Header.Get("Location") != "/checklists/list?team=t#progress" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.State != "yes" || a.Note != "mine" || a.By != "Ada" || !a.At.Equal(given) {
		t.Errorf("copied: %+v", a)
	}
	if b, _, _ := f.state("list", "b", "?team=t"); b.State != "no" {
		t.Errorf("the team's own answer was replaced: %+v", b)
	}
	if page := f.get("/checklists/list?team=t").body; strings.Contains(page, "Copy them") {
		t.Error("nothing is left to copy, and it is offered")
	}
	if got := f.post("/-/teams/t/copy", "checklist", "none"); got.StatusCode != 404 {
		t.Errorf("unknown list = %d", got.StatusCode)
	}
}

func TestOneTapConfirms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "n", "evidence", "https://example.com", "team", slug)
	f.wants("/checklists/list?team=t", "confirm every 90 days")
	f.now = f.now.AddDate(0, 0, 70)
	f.wants("/teams/t", "good until")
	f.now = f.now.AddDate(0, 0, 30)
	f.wants("/teams/t", "to confirm since", "Still true, verified today")
	got := f.post("/-/answers", "checklist", "list", "item", "a", "team", slug, "base", "1", "confirm", "yes", "return", "/teams/t")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/teams/t" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.Seq != 2 || a.Note != "n" || len(a.Evidence) != 1 || !a.At.Equal(f.now) || len(a.Flags) > 0 {
		t.Errorf("confirmed: %+v", a)
	}
	if got := f.post("/-/answers", "checklist", "list", "item", "b", "team", slug, "confirm", "yes"); got.StatusCode != 422 {
		t.Errorf("nothing to confirm = %d", got.StatusCode)
	}
	if got := f.post("/-/answers", "checklist", "list", "item", "a", "team", slug, "base", "2", "confirm", "yes", "return", "//evil.example"); got.Header.Get("Location") != "/" {
		t.Errorf("a foreign return leads to %s", got.Header.Get("Location"))
	}
}

// Two people answer one item again and again, each on a connection of their own.
// Each answer is either kept or answered with a conflict that shows what is there.
func TestTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	const rounds = 1000
	var mu sync.Mutex
	kept := map[int64]string{}
	var wg sync.WaitGroup
	for _, who := range []string{"ada", "bo"} {
		client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
		wg.Go(func() {
			base := int64(0)
			for i := range rounds / 2 {
				note := fmt.Sprintf("%s %d", who, i)
				for {
					seq, ok := f.tryAnswer(client, slug, note, base)
					if ok {
						mu.Lock()
						if other, twice := kept[seq]; twice {
							t.Errorf("seq %d was given to %q and to %q", seq, other, note)
						}
						kept[seq] = note
						mu.Unlock()
						base = seq
						break
					}
					if seq <= base {
						t.Errorf("a conflict over seq %d shows seq %d", base, seq)
						return
					}
					base = seq // seen; now knowingly replaced
				}
			}
		})
	}
	wg.Wait()
	rows, err := f.store.Log(t.Context(), storeQuery(f, slug))
	if err != nil || len(rows) != rounds || len(kept) != rounds {
		t.Fatalf("%d rows and %d acknowledged answers, %v; want %d", len(rows), len(kept), err, rounds)
	}
	for _, row := range rows {
		if kept[row.Seq] != row.Note {
			t.Errorf("seq %d is %q, acknowledged as %q", row.Seq, row.Note, kept[row.Seq])
		}
	}
}

// storeQuery asks for the whole log of a team.
func storeQuery(f *fixture, slug string) store.LogQuery {
	team, err := f.store.TeamAt(f.t.Context(), slug)
	if err != nil {
		f.t.Fatal(err)
	}
	return store.LogQuery{Owner: team.Owner(), Limit: 1 << 20}
}

// tryAnswer posts an answer to item a. It returns the seq of the answer, or of
// the one that it is in conflict with.
func (f *fixture) tryAnswer(client *http.Client, slug, note string, base int64) (seq int64, ok bool) {
	body := form("checklist", "list", "item", "a", "state", "partly", "note", note, "team", slug, "base", fmt.Sprint(base))
	r, err := http.NewRequest(http.MethodPost, f.http.URL+"/-/answers", strings.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return 0, true
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		f.t.Error(err)
		return 0, true
	}
	defer resp.Body.Close()
	var out struct{ Item, Current struct{ Seq int64 } }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || (resp.StatusCode != 200 && resp.StatusCode != 409) {
		f.t.Errorf("%s: %d, %v", note, resp.StatusCode, err)
		return 0, true
	}
	if resp.StatusCode == http.StatusConflict {
		return out.Current.Seq, false
	}
	return out.Item.Seq, true
}

func TestHomeShowsTheTeamsNextItems(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("Payments")
	f.wants("/", "Your team", "Payments")
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", slug)
	f.post("/-/teams/payments/actions", "title", "Fix B", "assignee", "Bo")
	f.wants("/", "What would help most next", `href="/checklists/list?team=payments#a"`, "Fix B")
	f.wants("/me", "Your team", "Fix B")
	f.post("/-/teams/payments/profile", "archived", "yes", "base", "1")
	if page := f.get("/").body; strings.Contains(page, "Your team") {
		t.Error("an archived team is somebody's")
	}
	f.client = f.browser()
	if page := f.get("/").body; strings.Contains(page, "Your team") {
		t.Error("a stranger has a team")
	}
}

func TestMyPastAndATeamsPaper(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no")
	slug := f.newTeam("Payments")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "theirs", "team", slug)
	f.now = f.now.AddDate(0, 0, 9)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "mine", "base", "1")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "partly", "note", "later", "team", slug, "base", "1")
	f.wants("/me", "50%")
	f.wants("/me?at=2026-11-25", "0%")
	f.wants("/me?at=2026-11-01", "Nothing was answered in this browser by then")
	f.wants("/checklists/list?at=2026-11-25", "Answers of this browser as they stood")
	f.wants("/-/print/checklists", "mine")
	f.wants("/-/print/checklists?team=payments", "Answers of Payments.", "later")
	f.wants("/-/print/checklists?team=payments&at=2026-11-25", "theirs", "As they stood at the end of 25 November 2026")
	for _, path := range []string{"/me?at=x", "/-/print/checklists?at=x"} {
		if got := f.get(path); got.StatusCode != 422 {
			t.Errorf("%s = %d", path, got.StatusCode)
		}
	}
}
