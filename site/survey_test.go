package site

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"opsbook/content"
)

const pulse = "---\ntitle: Pulse\nanonymous: true\nscales:\n  seven: [one, two, three, four, five, six, seven]\n---\n## Flow\n\n### Low claim {#low scale=\"seven\"}\n\nWhy low.\n\n### Apart claim {#apart scale=\"seven\"}\n\n## We\n\n### High claim {#high scale=\"seven\"}\n\n### Rare claim {#rare scale=\"seven\"}\n"

// newSurvey opens a survey about the pulse.
func newSurvey(t *testing.T, places int) (f *fixture, path, code string) {
	t.Helper()
	f = newFixture(t, nil)
	f.write("checklists/pulse.md", pulse)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	slug := f.newTeam("T")
	id, code := f.openRound(slug, "checklist", "pulse", "places", strconv.Itoa(places))
	return f, "/teams/" + slug + "/rounds/" + id, code
}

// ballot sends a ballot from a new browser, as pairs of item and position.
func (f *fixture) ballot(code string, pairs ...string) *http.Client {
	f.t.Helper()
	was := f.client
	defer func() { f.client = was }()
	client := f.join(code)
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "answer-" + pairs[i]
	}
	f.posts(303, "/-/join/"+code+"/ballot", "/-/join/"+code, pairs...)
	return client
}

func TestSurveyFromOpenToResult(t *testing.T) {
	t.Parallel()
	f, path, code := newSurvey(t, 6)
	facilitator := f.client
	open := f.wants(path, "Fewer than five have answered", "There are 6 places", `class="qr"`, "there are no accounts")
	list := f.wants("/teams/t/rounds", "open for 6 people")

	f.client = f.browser()
	f.wants("/-/join/"+code, "Answer without your name", "Take part")
	f.join(code)
	f.wants("/-/join/"+code, "Low claim", "Why low.", `name="answer-low" value="7"`, "No answer", `autocomplete="off"`)
	if page := f.get("/-/join/" + code).body; strings.Contains(page, "N/A") || strings.Contains(page, "data-poll") {
		t.Error("a survey offers n/a, or follows the round while somebody fills it in")
	}
	f.posts(422, "/-/join/"+code+"/ballot", "answer one statement at least")
	f.posts(422, "/-/join/"+code+"/ballot", "answer one statement at least", "answer-low", "")
	f.posts(422, "/-/join/"+code+"/ballot", "no such statement", "answer-low", "3", "answer-x", "3")
	if body := f.posts(422, "/-/join/"+code+"/ballot", "no answer to this statement", "answer-low", "3", "answer-high", "8"); !regexp.MustCompile(`name="answer-low" value="3" checked`).MatchString(body) {
		t.Error("what was chosen is lost")
	}
	f.posts(422, "/-/join/"+code+"/ballot", "no answer to this statement", "answer-low", "na")
	f.posts(422, "/-/join/"+code+"/votes", "all answers at once", "item", "low", "state", "3")
	f.posts(303, "/-/join/"+code+"/ballot", code, "answer-low", "2", "answer-apart", "1", "answer-high", "7", "answer-rare", "7")
	f.wants("/-/join/"+code, "counted already")
	f.posts(303, "/-/join/"+code+"/ballot", code, "answer-low", "7") // a second time: nothing changes
	if got := f.postJSON("/-/join/"+code+"/ballot", "answer-low", "7"); got.body != `{"again":true,"counted":true}`+"\n" {
		t.Errorf("a second ballot: %d %s", got.StatusCode, got.body)
	}
	f.posts(303, "/-/join/"+code, code) // nor is there a second place

	// Two looks at any page, before and after a ballot, are the same.
	f.client = facilitator
	state := "/-" + path + "/state"
	views := []string{path, "/teams/t/rounds", "/teams/t", "/teams", state, "/-/join/" + code + "/state"}
	before := map[string]string{path: open, "/teams/t/rounds": list}
	for i := range 4 {
		for _, view := range views {
			if was, now := before[view], f.get(view).body; was != "" && now != was {
				t.Errorf("%s has changed with ballot %d", view, i+1)
			} else {
				before[view] = now
			}
		}
		if i < 3 {
			f.ballot(code, "low", "3", "apart", "7", "high", "6")
		}
	}
	f.posts(409, "/-"+path+"/close", "Fewer than five have answered")
	f.wants(path, "Fewer than five have answered")
	f.ballot(code, "low", "2", "apart", "6", "high", "6", "rare", "1")
	f.wants(path, "Five or more have answered")
	after := f.get(path).body
	f.ballot(code, "low", "3", "apart", "7", "high", "5")
	if f.get(path).body != after {
		t.Error("the page tells of the sixth ballot")
	}

	// More people than places, until there are more places.
	f.client = f.browser()
	f.posts(409, "/-/join/"+code, "All 6 places are taken")
	f.client = facilitator
	f.posts(422, "/-"+path+"/places", "there are 6 already", "places", "5")
	f.posts(422, "/-"+path+"/places", "from 5 to 500", "places", "many")
	f.posts(303, "/-"+path+"/places", path, "places", "7")
	late := f.join(code)

	f.client = facilitator
	f.posts(303, "/-"+path+"/close", path)
	f.posts(303, "/-"+path+"/close", path)
	body := f.wants(path, "6 of 7 people answered", "first result", "fewer than five", "Plan it")
	if got, want := resultOf(body), []string{"Apart 5.8 1 to 7 6 1000014", "Low 2.7 2 to 3 6 0240000", "High 6.0 5 to 7 6 0000141", "Rare"}; !slices.Equal(got, want) {
		t.Errorf("result = %q, want %q", got, want)
	}
	f.posts(409, "/-"+path+"/places", "closed meanwhile", "places", "9")
	f.client = late
	f.posts(409, "/-/join/"+code+"/ballot", "came later and was not counted", "answer-low", "7")
	f.wants("/-/join/"+code, "This survey has ended", `href="`+path+`"`)
	if page := f.wants(path+"?at=2026-11-24", "6 of 7 people answered"); strings.Contains(page, "Plan it") {
		t.Error("a past day offers actions")
	}
	if got := f.post("/-/answers", "checklist", "pulse", "item", "low", "state", "3", "team", "t"); got.StatusCode != 422 || !strings.Contains(got.body, "rounds") {
		t.Errorf("an answer to a survey = %d", got.StatusCode)
	}
}

// resultOf returns the lines of a result: claim, mean, lowest to highest, how
// many answered, and how many gave each answer. The bars must say the same.
func resultOf(page string) []string {
	_, page, _ = strings.Cut(page, `aria-label="Result of the survey"`)
	var out []string
	for _, row := range strings.Split(page, "<tr>")[2:] {
		line := regexp.MustCompile(`>(\w+) claim<`).FindStringSubmatch(row)[1]
		cells := strings.Split(row, "<td")
		if !strings.Contains(row, "fewer than five") {
			text := func(cell string) string {
				return strings.TrimSpace(regexp.MustCompile(`(?s)^[^>]*>|<span.*|<[^>]+>`).ReplaceAllString(cell, ""))
			}
			line += " " + text(cells[1]) + " " + text(cells[len(cells)-4]) + " " + text(cells[len(cells)-3]) + " "
			counts := regexp.MustCompile(`<span>(\d+)</span>`).FindAllStringSubmatch(row, -1)
			bars := regexp.MustCompile(`<rect x="\d+" y="(\d+)" width="8" height="(\d+)"`).FindAllStringSubmatch(row, -1)
			most := 0
			for _, c := range counts {
				n, _ := strconv.Atoi(c[1]) // the pattern has digits only
				most = max(most, n)
			}
			for i, c := range counts {
				n, _ := strconv.Atoi(c[1])
				height, _ := strconv.Atoi(bars[i][2])
				if y, _ := strconv.Atoi(bars[i][1]); y+height != 19 || height != (18*n+most-1)/most {
					line += "(bar " + bars[i][2] + ")"
				}
				line += c[1]
			}
		}
		out = append(out, line)
	}
	return out
}

func TestSurveyClosedByFour(t *testing.T) {
	t.Parallel()
	f, path, code := newSurvey(t, 5)
	for range 4 {
		f.ballot(code, "low", "4")
	}
	f.restart()
	f.posts(409, "/-"+path+"/close", "one survey for both")
	f.wants(path, "Fewer than five have answered")
	if got := f.postJSON("/-"+path+"/close", "confirm", "no"); got.StatusCode != 409 || !strings.Contains(got.body, "confirm=yes") {
		t.Errorf("for a program: %d %s", got.StatusCode, got.body)
	}
	f.posts(303, "/-"+path+"/close", path, "confirm", "yes")
	page := f.wants(path, "nothing was kept", "neighbouring team")
	if strings.Contains(page, "Low claim") {
		t.Error("a result of four is shown")
	}
	f.wants("/teams/t/rounds", "fewer than five answered; nothing was kept")
}

func TestSurveyShowsChange(t *testing.T) {
	t.Parallel()
	f, path, code := newSurvey(t, 9)
	for range 5 {
		f.ballot(code, "low", "3", "high", "7", "apart", "4")
	}
	f.posts(303, "/-"+path+"/close", path)
	// One in between that has no result, and one of another team.
	f.now = f.now.AddDate(0, 1, 0)
	id, _ := f.openRound("t", "checklist", "pulse", "places", "5")
	f.posts(303, "/-/teams/t/rounds/"+id+"/close", id, "confirm", "yes")
	f.newTeam("Other")
	id, code = f.openRound("other", "checklist", "pulse", "places", "5")
	for range 5 {
		f.ballot(code, "low", "7")
	}
	f.posts(303, "/-/teams/other/rounds/"+id+"/close", id)
	f.wants("/teams/other/rounds/"+id, "first result")

	f.now = f.now.AddDate(0, 2, 0)
	id, code = f.openRound("t", "checklist", "pulse", "places", "5")
	for i := range 5 {
		f.ballot(code, "low", strconv.Itoa(3+i%2), "high", "6", "apart", "4", "rare", "2")
	}
	f.posts(303, "/-/teams/t/rounds/"+id+"/close", id)
	body := f.wants("/teams/t/rounds/"+id, "since 24 Nov 2026", "<td>+0.4</td>", "<td>−1.0</td>", "<td>±0</td>")
	if got := resultOf(body); got[0][:8] != "Rare 2.0" {
		t.Errorf("the lowest does not come first: %q", got)
	}
	f.wants(path, "first result")

	f.write("checklists/pulse.md", "---\ntitle: Pulse\nkind: guide\n---\nNo survey any more.\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := f.wants(path, "5 of 9 people answered", "not served at the moment"); strings.Contains(mainOf(page), "<table") {
		t.Error("the result of statements that are gone is shown")
	}
}

// A survey whose statements have no scale: yes, partly and no.
func TestSurveyWithoutAScale(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	id, code := f.openRound(slug, "checklist", "anon", "places", "5")
	for _, state := range []string{"yes", "yes", "partly", "no", "yes"} {
		f.ballot(code, "q", state)
	}
	f.posts(303, "/-/teams/t/rounds/"+id+"/close", id)
	f.wants("/teams/t/rounds/"+id, "<strong>0.7</strong>", "no to yes", "far apart")
}

// Many send their ballots at once, some twice, and more than there are places.
func TestManyBallotsAtOnce(t *testing.T) {
	t.Parallel()
	f, path, code := newSurvey(t, 20)
	var mu sync.Mutex
	want, refused := content.Counts{}, 0
	var wg sync.WaitGroup
	for i := range 24 {
		p := &phone{client: f.browser(), base: f.http.URL + "/-/join/" + code}
		wg.Go(func() {
			if _, err := p.call(http.MethodPost, ""); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if refused++; !strings.Contains(err.Error(), "All 20 places are taken") {
					t.Error(err)
				}
				return
			}
			position := strconv.Itoa(1 + i%7)
			var twice sync.WaitGroup
			for range 2 {
				twice.Go(func() {
					if _, err := p.call(http.MethodPost, "/ballot", "answer-low", position); err != nil {
						t.Error(err)
					}
				})
			}
			twice.Wait()
			mu.Lock()
			want[content.State(position)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	f.posts(303, "/-"+path+"/close", path)
	f.wants(path, "20 of 20 people answered")
	got, err := f.store.RoundCounts(t.Context(), path[strings.LastIndex(path, "/")+1:])
	if err != nil || refused != 4 || fmt.Sprint(got["low"]) != fmt.Sprint(want) {
		t.Errorf("counts = %v, %v; want %v; %d were refused", got["low"], err, want, refused)
	}
}
