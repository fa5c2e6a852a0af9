package site

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// openRound opens a round of a team and returns its id and code.
func (f *fixture) openRound(slug string, pairs ...string) (id, code string) {
	f.t.Helper()
	got := f.postJSON("/-/teams/"+slug+"/rounds", pairs...)
	var out struct{ ID, Code string }
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.StatusCode != http.StatusCreated {
		f.t.Fatalf("open a round: %d %s", got.StatusCode, got.body)
	}
	return out.ID, out.Code
}

// postJSON sends a form as a program does.
func (f *fixture) postJSON(path string, pairs ...string) answer {
	f.t.Helper()
	return f.do(http.MethodPost, path, strings.NewReader(form(pairs...)), "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
}

// join lets a new browser take part in a round, and is that browser from then on.
func (f *fixture) join(code string) *http.Client {
	f.t.Helper()
	f.client = f.browser()
	if got := f.post("/-/join/" + code); got.StatusCode != http.StatusSeeOther || len(got.Cookies()) != 1 || got.Cookies()[0].Path != "/-/join/"+code {
		f.t.Fatalf("join: %d, cookies %v\n%s", got.StatusCode, got.Cookies(), mainOf(got.body))
	}
	return f.client
}

// vote answers items of a round, given as pairs of item and state.
func (f *fixture) vote(code string, pairs ...string) {
	f.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := f.post("/-/join/"+code+"/votes", "item", pairs[i], "state", pairs[i+1]); got.StatusCode != http.StatusSeeOther {
			f.t.Fatalf("vote %v: %d %s", pairs[i:i+2], got.StatusCode, mainOf(got.body))
		}
	}
}

// posts sends a form and fails where the status is another or a text is missing.
func (f *fixture) posts(code int, path, want string, pairs ...string) string {
	f.t.Helper()
	got := f.post(path, pairs...)
	if got.StatusCode != code || !strings.Contains(got.body+got.Header.Get("Location"), want) {
		f.t.Errorf("POST %s %v = %d to %q, want %d with %q\n%s", path, pairs, got.StatusCode, got.Header.Get("Location"), code, want, mainOf(got.body))
	}
	return got.body
}

// threeItems is a checklist on which a workshop can differ.
const threeItems = "---\ntitle: Three\nlevels: [Basic]\n---\n## Part\n\n### First claim {#first}\n\nWhy first.\n\n### Second claim {#second .must}\n\n### Third claim {#third}\n\n### Fourth claim {#fourth}\n"

func newRoundFixture(t *testing.T) (*fixture, string) {
	t.Helper()
	f := newFixture(t, nil)
	f.write("checklists/three.md", threeItems)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f, f.newTeam("Payments & Co")
}

// claims returns the first words of the items on a page, in their order.
func claims(page string) string {
	var out []string
	for _, m := range regexp.MustCompile(`<h[23] id="[^"]+">(\w+) claim`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, " ")
}
