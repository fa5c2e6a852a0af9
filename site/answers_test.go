package site

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// state returns an item as the API has it.
func (f *fixture) state(list, id string, query string) (item itemJSON, score float64, level *int) {
	f.t.Helper()
	got := f.get("/api/v1/checklists/" + list + query)
	var out struct {
		Score float64
		Level *int
		Items []itemJSON
	}
	if err := json.Unmarshal([]byte(got.body), &out); err != nil {
		f.t.Fatalf("%s: %v", got.body, err)
	}
	for _, it := range out.Items {
		if it.ID == id {
			return it, out.Score, out.Level
		}
	}
	f.t.Fatalf("no item %s in %s", id, got.body)
	return
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	if got := f.get("/checklists/list"); len(got.Cookies()) > 0 {
		t.Error("a reader gets a cookie before answering")
	}
	got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "seen\r\nit", "evidence", "https://example.com/1\n\nhttps://example.com/2")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/checklists/list?saved=a#a" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	c := got.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Secure {
		t.Errorf("cookies = %v", c)
	}
	a, score, level := f.state("checklists/list", "a", "")
	if a.State != "yes" || a.Note != "seen\nit" || len(a.Evidence) != 2 || a.Seq != 1 || a.At == nil || !a.At.Equal(f.now) || score != 0.5 || *level != 1 {
		t.Errorf("answer = %+v, score %v", a, score)
	}
	page := f.get("/checklists/list?saved=a").body
	for _, want := range []string{`value="yes" checked`, "Saved 24 Nov 2026, 12:00 UTC", "Undo", "Level 1 of 1: Basic", "1 of 2 answered"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	if me := f.get("/me").body; !strings.Contains(me, "1 of 2") {
		t.Errorf("me = %s", me)
	}
	if home := f.get("/").body; !strings.Contains(home, "Continue") {
		t.Error("home does not offer to continue")
	}
	f.client = f.browser()
	if a, _, _ := f.state("list", "a", ""); a.State != "" {
		t.Error("another browser sees the answer")
	}
}

func TestAnswerAsJSON(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	post := func(pairs ...string) answer {
		return f.do("POST", "/-/answers", strings.NewReader(form(pairs...)), "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
	}
	got := post("checklist", "checklists/list", "item", "a", "state", "partly")
	if got.StatusCode != 200 || !strings.Contains(got.body, `"state":"partly"`) || !strings.Contains(got.body, `"score":0.25`) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	got = post("checklist", "list", "item", "a", "state", "no", "base", "7", "note", "typed")
	if got.StatusCode != 409 || !strings.Contains(got.body, `"state":"partly"`) || !strings.Contains(got.body, `"note":"typed"`) {
		t.Errorf("stale: %d %s", got.StatusCode, got.body)
	}
	if got = post("checklist", "list", "item", "a", "state", "na"); got.StatusCode != 422 || !strings.Contains(got.body, "note: say why") {
		t.Errorf("na: %d %s", got.StatusCode, got.body)
	}
}

func TestStaleAnswerShowsBoth(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "note", "theirs")
	got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "partly", "note", "mine", "base", "")
	if got.StatusCode != 409 || !strings.Contains(got.body, "theirs") || !strings.Contains(got.body, "mine</textarea>") || !strings.Contains(got.body, `name="base" value="1"`) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "note", "theirs", "base", ""); got.StatusCode != 303 {
		t.Errorf("posting the current answer again = %d", got.StatusCode)
	}
	if a, _, _ := f.state("list", "a", ""); a.Seq != 1 {
		t.Errorf("a repetition was appended: seq %d", a.Seq)
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "base", "1")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "base", "2")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "", "base", "3")
	a, score, _ := f.state("list", "a", "")
	if a.State != "" || a.Seq != 4 || score != 0 {
		t.Errorf("after taking it back: %+v", a)
	}
	if me := f.get("/me").body; !strings.Contains(me, "Nothing is read or answered") {
		t.Error("me lists a list without answers")
	}
}

func TestExpiryAndConfirmation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes")
	f.now = f.now.AddDate(0, 0, 91)
	a, score, level := f.state("list", "a", "")
	if len(a.Flags) != 1 || a.Flags[0] != "expired" || score != 0.25 || *level != 0 {
		t.Errorf("after 91 days: %+v score %v", a, score)
	}
	if page := f.get("/checklists/list").body; !strings.Contains(page, "To confirm") {
		t.Error("the page does not ask to confirm")
	}
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "base", "1")
	if a, _, level := f.state("list", "a", ""); a.Seq != 2 || len(a.Flags) != 0 || *level != 1 {
		t.Errorf("after confirming: %+v", a)
	}
	if a, _, level := f.state("list", "a", "?at="+f.now.AddDate(0, 0, -91).Format(time.DateOnly)); a.Seq != 1 || *level != 1 {
		t.Errorf("on the first day: %+v", a)
	}
	if a, _, _ := f.state("list", "a", "?at=2020-01-01"); a.State != "" {
		t.Errorf("before: %+v", a)
	}
}

func TestReworded(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes")
	f.write("checklists/list.md", strings.Replace(pages["checklists/list.md"], "Why.", "Another why.", 1))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, _, _ := f.state("list", "a", ""); a.State != "yes" || len(a.Flags) != 1 || a.Flags[0] != "reworded" {
		t.Errorf("answer = %+v", a)
	}
	if page := f.get("/checklists/list").body; !strings.Contains(page, "Reworded since you answered") || !strings.Contains(page, "A claim Why.") && !strings.Contains(page, "A claim\nWhy.") {
		t.Error("the page does not show the old wording")
	}
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "base", "1")
	if a, _, _ := f.state("list", "a", ""); len(a.Flags) != 0 || a.Seq != 2 {
		t.Errorf("after confirming: %+v", a)
	}
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "per", "item", "s", "state", "2", "subject", "CPU high")
	if a, _, level := f.state("per", "s", "?subject=CPU+high"); a.State != "2" || level != nil {
		t.Errorf("answer = %+v", a)
	}
	if a, _, _ := f.state("per", "s", "?subject=other"); a.State != "" {
		t.Errorf("another subject = %+v", a)
	}
	page := f.get("/checklists/per").body
	if !strings.Contains(page, "?subject=CPU+high") || strings.Contains(page, `name="state"`) {
		t.Error("without a subject the page must offer those answered, and no answers")
	}
	if page := f.get("/checklists/per?subject=CPU+high").body; !strings.Contains(page, `value="2" checked`) {
		t.Error("the answer is not shown")
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes")
	page := f.get("/checklists/list?show=open").body
	if strings.Contains(page, `id="a"`) || !strings.Contains(page, `id="b"`) {
		t.Error("open shows what is met, or hides what is not")
	}
	got := f.post("/-/answers?show=open", "checklist", "list", "item", "b", "state", "yes")
	if loc := got.Header.Get("Location"); loc != "/checklists/list?saved=b&show=open#b" {
		t.Errorf("back to %s", loc)
	}
}

func TestMovedAnswerCanBeTakenBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "seen")
	renamed := strings.NewReplacer("{#a ", "{#new ", "levels: [Basic]", "levels: [Basic]\nitem_aliases: {a: new}").Replace(pages["checklists/list.md"])
	f.write("checklists/list.md", renamed)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, _, _ := f.state("list", "new", ""); a.State != "yes" || a.Note != "seen" {
		t.Errorf("the answer did not move: %+v", a)
	}
	f.post("/-/answers", "checklist", "list", "item", "new", "state", "")
	if a, _, _ := f.state("list", "new", ""); a.State != "" || a.Seq != 2 {
		t.Errorf("after taking it back: %+v", a)
	}
}

func TestChecklistsAnywhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	text := "---\ntitle: X\nkind: checklist\n---\n### A {#a}\n"
	f.write("ready.md", text)
	f.write("checklists/sub/nested.md", text)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for form, path := range map[string]string{"ready": "ready", "sub/nested": "checklists/sub/nested", "checklists/sub/nested": "checklists/sub/nested"} {
		if got := f.post("/-/answers", "checklist", form, "item", "a", "state", "yes"); got.StatusCode != 303 || !strings.HasPrefix(got.Header.Get("Location"), "/"+path+"?") {
			t.Errorf("%s: %d to %s", form, got.StatusCode, got.Header.Get("Location"))
		}
		if a, _, _ := f.state(form, "a", ""); a.State != "yes" {
			t.Errorf("%s in the API: %+v", form, a)
		}
	}
}

func TestCookieIsRenewed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	first := f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes").Cookies()
	again := f.post("/-/answers", "checklist", "list", "item", "b", "state", "yes").Cookies()
	if len(first) != 1 || len(again) != 1 || first[0].Value != again[0].Value || again[0].MaxAge <= 0 {
		t.Errorf("cookies %v, then %v", first, again)
	}
	f.client = f.browser()
	if got := f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "base", "7"); got.StatusCode != 303 {
		t.Errorf("a form from before the cookies were cleared: %d", got.StatusCode)
	}
}
