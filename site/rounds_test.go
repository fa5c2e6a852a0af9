package site

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestWorkshopFromOpenToClose(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	f.wants("/teams/"+slug+"/rounds", "No workshop or survey yet", "Open a workshop", "Open a survey", "Per (alert)")
	f.post("/-/name", "name", "Ada")
	facilitator := f.client
	got := f.post("/-/teams/"+slug+"/rounds", "checklist", "three", "subject", "ignored", "title", "Look back")
	page := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(page, "/teams/"+slug+"/rounds/") {
		t.Fatalf("%d to %q\n%s", got.StatusCode, page, mainOf(got.body))
	}
	body := f.wants(page, "Look back", "Three", "opened 24 Nov 2026, 12:00 UTC, Ada", "0 joined, 0 have answered everything", "there are no accounts", `class="qr"`, "This address works on this computer alone")
	code := regexp.MustCompile(`/-/join/([A-Z0-9]{6})"`).FindStringSubmatch(body)[1]
	f.wants("/teams/"+slug+"/rounds", "Look back", "members are answering")

	// One joins with the code in lower case; what is asked and what is kept.
	f.client = f.browser()
	if got := f.get("/-/join/" + strings.ToLower(code)); got.StatusCode != http.StatusPermanentRedirect || got.Header.Get("Location") != "/-/join/"+code {
		t.Errorf("lower case: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := f.get("/-/join?code=" + strings.ToLower(code[:3]) + "+" + code[3:]); got.Header.Get("Location") != "/-/join/"+code {
		t.Errorf("typed: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := f.get("/-/join/" + code); len(got.Cookies()) > 0 || !strings.Contains(got.body, "Take part") || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("looking is taking part: %v\n%s", got.Cookies(), mainOf(got.body))
	}
	f.join(code)
	f.wants("/-/join/"+code, "First claim", "Why first.", `value="partly" aria-pressed="false"`, "1 of 4", "You can go back and change your answers")
	f.posts(303, "/-/join/"+code+"/votes", "#i-second", "item", "first", "state", "no")
	f.posts(303, "/-/join/"+code+"/votes", "#end", "item", "fourth", "state", "partly")
	f.vote(code, "second", "yes", "third", "yes", "first", "partly")
	f.wants("/-/join/"+code, `value="partly" aria-pressed="true"`, "<b>4</b> of 4 answered")
	f.posts(303, "/-/join/"+code, "/-/join/"+code) // joined already: nothing changes
	if got := f.postJSON("/-/join/"+code+"/votes", "item", "third", "state", ""); got.body != `{"answered":3,"item":"third","of":4,"state":""}`+"\n" {
		t.Errorf("taken back: %d %s", got.StatusCode, got.body)
	}
	f.vote(code, "third", "yes")
	for range 2 {
		f.join(code)
		f.vote(code, "first", "no", "second", "yes", "third", "na")
	}

	// The facilitator sees how many and not what, and is asked before the reveal.
	f.client = facilitator
	f.wants(page, "3 joined, 1 has answered everything")
	if got := f.get("/-/teams/" + slug + "/rounds/" + page[strings.LastIndex(page, "/")+1:] + "/state"); !strings.Contains(got.body, `"joined":3,"finished":1,"answers":{"first":3,"fourth":1,"second":3,"third":3}`) || got.Header.Get("ETag") == "" {
		t.Errorf("state: %s", got.body)
	}
	for _, word := range []string{"partly", "class=\"dist"} {
		if strings.Contains(mainOf(f.get(page).body), word) {
			t.Errorf("before the reveal the page has %q", word)
		}
	}
	f.posts(409, "/-"+page+"/reveal", "2 of 3 have not answered everything")
	f.wants("/-/join/"+code, "Take part")
	f.posts(303, "/-"+page+"/reveal", page, "confirm", "yes")
	f.posts(303, "/-"+page+"/reveal", page) // sent twice

	// Most disagreement first: n/a against yes, then no against partly, then none.
	body = f.wants(page, "3 took part", "1 yes, 2 n/a", "1 partly, 2 no", "All said the same: 2 items", "3 yes")
	if order := claims(body); order != "Third First Second Fourth" {
		t.Errorf("order = %s", order)
	}
	if !regexp.MustCompile(`(?s)id="second".*?value="yes" checked`).MatchString(body) || regexp.MustCompile(`(?s)id="third".*?checked.*?id="first"`).MatchString(body) {
		t.Error("not exactly the item on which all agree is filled in")
	}
	f.wants("/-/join/"+code, "What all said", "1 partly, 2 no")

	// What is agreed is an ordinary answer with its origin.
	agree := func(item, state string, pairs ...string) []string {
		return append([]string{"checklist", "checklists/three", "item", item, "team", slug, "round", page[strings.LastIndex(page, "/")+1:], "state", state}, pairs...)
	}
	f.posts(303, "/-/answers", page+"#first", agree("first", "partly", "note", "half of them")...)
	f.posts(422, "/-/answers", "say why this does not apply", agree("third", "na")...)
	f.posts(422, "/-/answers", "choose what you agree on", agree("third", "")...)
	if body := f.posts(409, "/-/answers", "Someone answered this meanwhile", agree("first", "no", "note", "typed")...); !strings.Contains(body, "typed</textarea>") || !strings.Contains(body, "Look back") {
		t.Error("a conflict does not show the round with what was typed")
	}
	f.posts(303, "/-/answers", page+"#first", agree("first", "partly", "note", "half of them", "base", "1")...)
	f.wants(page, "Recorded:", "Ada", "1 answer recorded", "half of them")
	f.wants("/-/join/"+code, "Agreed: <strong>Partly</strong>")
	rows, err := f.store.Log(t.Context(), storeQuery(f, slug))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v; want both times the answer was agreed on", len(rows), err)
	}
	if from, err := f.origins(t.Context(), f.Library(), rows); err != nil || from[0] != "agreed in a workshop: 1 partly, 2 no" {
		t.Errorf("origins = %q, %v", from, err)
	}

	// Late comers, and the end.
	f.client = f.browser()
	f.wants("/-/join/"+code, "What all said")
	f.posts(303, "/-/join/"+code, "/-/join/"+code)
	f.posts(409, "/-/join/"+code+"/votes", "came later and was not counted", "item", "first", "state", "yes")
	f.client = facilitator
	f.posts(303, "/-"+page+"/close", page)
	f.posts(303, "/-"+page+"/close", page)
	body = f.wants(page, "closed 24 Nov 2026", "1 partly, 2 no", "1 answer recorded")
	if strings.Contains(mainOf(body), "<form") {
		t.Error("a closed round has forms")
	}
	f.wants("/teams/"+slug+"/rounds", "Ended", "3 took part, 1 answer recorded")
	f.wants("/-/join/"+code, "What all said")
	if body := f.posts(422, "/-/answers", "it is closed", agree("second", "yes", "note", "late")...); !strings.Contains(body, "late</textarea>") {
		t.Error("what was typed after the close is lost")
	}
}

func TestAnswersAgreedEarlierSayFromWhat(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator, first := f.client, ""
	for i, state := range []string{"yes", "no"} {
		f.client = facilitator
		id, code := f.openRound(slug, "checklist", "three")
		if i == 0 {
			first = id
		}
		f.join(code)
		f.vote(code, "first", state)
		f.client = facilitator
		f.posts(303, "/-/teams/"+slug+"/rounds/"+id+"/reveal", id, "confirm", "yes")
		want := "Nobody answered: 3 items"
		if i == 1 {
			want = "agreed in a workshop: 1 yes"
		}
		f.wants("/teams/"+slug+"/rounds/"+id, want)
		f.posts(303, "/-/answers", id, "checklist", "three", "item", "first", "team", slug, "round", id, "state", state, "base", strconv.Itoa(i))
	}
	f.wants("/teams/"+slug+"/rounds", "1 took part, 1 answer recorded")
	// The page of the first round says what was agreed in it, and what came since.
	f.wants("/teams/"+slug+"/rounds/"+first, "1 answer recorded", "Recorded: <strong>Yes</strong>", "Since then: <strong>No</strong>", "agreed in a workshop: 1 no")
}

func TestOpeningARoundSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	path := "/-/teams/" + slug + "/rounds"
	for name, tt := range map[string]struct {
		pairs []string
		want  string
	}{
		"no such list":                    {[]string{"checklist", "none"}, "There is no checklist"},
		"a page that is none":             {[]string{"checklist", "guides/one"}, "There is no checklist"},
		"no subject":                      {[]string{"checklist", "per"}, "say which alert"},
		"a long subject":                  {[]string{"checklist", "per", "subject", strings.Repeat("x", 201)}, "at most 200 characters"},
		"a long title":                    {[]string{"checklist", "three", "title", strings.Repeat("x", 81)}, "at most 80 characters"},
		"a title of two lines":            {[]string{"checklist", "three", "title", "a\nb"}, "one line"},
		"a survey of four":                {[]string{"checklist", "anon", "survey", "yes", "places", "4", "title", "kept"}, `value="kept"`},
		"a survey of too many":            {[]string{"checklist", "anon", "places", "501"}, "from 5 to 500"},
		"a survey of nobody":              {[]string{"checklist", "anon"}, "from 5 to 500"},
		"a survey about an ordinary list": {[]string{"checklist", "three", "survey", "yes", "places", "9"}, "is no survey"},
	} {
		t.Run(name, func(t *testing.T) { f.posts(422, path, tt.want, tt.pairs...) })
	}
	f.posts(404, "/-/teams/nobody/rounds", "no team", "checklist", "three")
	for range 20 {
		f.openRound(slug, "checklist", "three")
	}
	f.posts(422, path, "20 open rounds", "checklist", "three", "title", "kept")
	if got := f.postJSON(path, "checklist", "three"); got.StatusCode != 422 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("for a program: %d %s", got.StatusCode, got.body)
	}
}

func TestHostileVotes(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	other := f.newTeam("Other")
	facilitator := f.client
	id, code := f.openRound(slug, "checklist", "three")
	_, second := f.openRound(other, "checklist", "per", "subject", "cpu")
	survey, surveyCode := f.openRound(slug, "checklist", "anon", "places", "5")
	votes := "/-/join/" + code + "/votes"

	f.client = f.browser()
	for path, status := range map[string]int{"/-/join/CCCCCC": 404, "/-/join/nonsense": 404, "/-/join/CCCCCC/state": 404, "/-/join?code=abc": 422, "/teams/" + other + "/rounds/" + id: 404, "/teams/" + slug + "/rounds/none": 404, "/-/teams/" + other + "/rounds/" + id + "/state": 404, "/-/join": 200} {
		if got := f.get(path); got.StatusCode != status {
			t.Errorf("%s = %d, want %d", path, got.StatusCode, status)
		}
	}
	f.posts(409, votes, "does not take part", "item", "first", "state", "yes")
	f.join(code)
	f.posts(422, votes, "no item", "item", "q", "state", "yes")
	f.posts(422, votes, "no answer to this item", "item", "first", "state", "maybe")
	f.posts(422, votes, "no answer to this item", "item", "first", "state", "1")
	f.posts(422, "/-/join/"+code+"/ballot", "one answer at a time", "answer-first", "yes")
	f.posts(404, "/-/join/CCCCCC/votes", "No workshop or survey has this code", "item", "first", "state", "yes")
	if got := f.do("POST", votes, strings.NewReader(`{"item":"first"}`), "Content-Type", "application/json"); got.StatusCode != 415 {
		t.Errorf("JSON = %d", got.StatusCode)
	}
	if got := f.do("POST", votes, strings.NewReader(form("item", "first", "state", strings.Repeat("x", 70_000))), "Content-Type", "application/x-www-form-urlencoded"); got.StatusCode != 413 {
		t.Errorf("a large vote = %d", got.StatusCode)
	}
	if got := f.do("POST", votes, strings.NewReader(form("item", "first", "state", "yes")), "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.example"); got.StatusCode != 403 {
		t.Errorf("a vote from another site = %d", got.StatusCode)
	}
	// A member of one round is none of another, with any cookie.
	cookie := f.client.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1", Path: votes})[0]
	f.client = f.browser()
	if got := f.do("POST", "/-/join/"+second+"/votes", strings.NewReader(form("item", "s", "state", "1")), "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie.String()); got.StatusCode != 409 {
		t.Errorf("a member of another round voted: %d", got.StatusCode)
	}
	f.join(second)
	f.vote(second, "s", "2")
	f.posts(422, "/-/join/"+second+"/votes", "no answer", "item", "s", "state", "3")
	f.posts(422, "/-/join/"+surveyCode+"/votes", "all answers at once", "item", "q", "state", "yes")

	f.client = facilitator
	for name, tt := range map[string]struct {
		team string
		want string
		with []string
	}{
		"a round that is not revealed": {slug, "not revealed", []string{"round", id}},
		"another team's round":         {other, "no such round", []string{"round", id}},
		"no round":                     {slug, "no such round", []string{"round", "x"}},
		"no team":                      {"", "belongs to a team", []string{"round", id}},
		"a round about another list":   {slug, "something else", []string{"round", survey}},
	} {
		t.Run(name, func(t *testing.T) {
			f.posts(422, "/-/answers", tt.want, append([]string{"checklist", "three", "item", "first", "state", "yes", "team", tt.team}, tt.with...)...)
		})
	}
	f.posts(404, "/-/teams/"+other+"/rounds/"+id+"/reveal", "no such workshop or survey")
	f.posts(404, "/-/teams/"+other+"/rounds/"+id+"/close", "no such workshop or survey", "confirm", "yes")
	f.posts(422, "/-/teams/"+slug+"/rounds/"+survey+"/reveal", "not possible with a survey")
	f.posts(422, "/-/teams/"+slug+"/rounds/"+id+"/places", "not possible with a workshop", "places", "9")
	f.posts(409, "/-/teams/"+slug+"/rounds/"+id+"/close", "deleted unseen")
	f.posts(303, "/-/teams/"+slug+"/rounds/"+id+"/close", id, "confirm", "yes")
	f.posts(409, "/-/teams/"+slug+"/rounds/"+id+"/reveal", "closed meanwhile")
	f.wants("/teams/"+slug+"/rounds", "ended without a reveal")
	f.client = f.browser()
	f.wants("/-/join/"+code, "This workshop has ended")
	f.posts(303, "/-/join/"+code, "/-/join/"+code)
	f.posts(409, votes, "has ended", "item", "first", "state", "yes")
}

func TestArchivedTeamHasNoRounds(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	id, code := f.openRound(slug, "checklist", "three")
	facilitator := f.client
	f.join(code)
	member := f.client
	f.client = facilitator
	f.post("/-/teams/"+slug+"/profile", "archived", "yes", "base", "1")
	for _, path := range []string{"/teams/" + slug + "/rounds", "/teams/" + slug + "/rounds/" + id} {
		if page := f.wants(path, "Archived"); strings.Contains(mainOf(page), `method="post"`) {
			t.Errorf("%s has forms", path)
		}
	}
	for _, what := range []string{"", "/" + id + "/reveal", "/" + id + "/close", "/" + id + "/places"} {
		f.posts(422, "/-/teams/"+slug+"/rounds"+what, "is archived", "checklist", "three", "confirm", "yes")
	}
	f.client = member
	f.wants("/-/join/"+code, "This workshop has ended")
	f.posts(409, "/-/join/"+code+"/votes", "has ended", "item", "first", "state", "yes")
}

func TestRoundsOfAPastDay(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	id, code := f.openRound(slug, "checklist", "three", "title", "Old round")
	f.join(code)
	f.vote(code, "first", "yes")
	f.client = facilitator
	f.now = f.now.AddDate(0, 0, 2)
	path := "/teams/" + slug + "/rounds"
	f.posts(303, "/-"+path+"/"+id+"/reveal", id, "confirm", "yes")
	f.posts(303, "/-/answers", id, "checklist", "three", "item", "first", "team", slug, "round", id, "state", "yes")
	f.now = f.now.AddDate(0, 0, 2)
	f.posts(303, "/-"+path+"/"+id+"/close", id)
	f.openRound(slug, "checklist", "three", "title", "New round")

	for day, want := range map[string][2]string{
		"2026-11-24": {"members are answering", "nothing was revealed"},
		"2026-11-26": {"1 took part, 1 answer recorded", "Recorded:"},
		"2026-11-28": {"1 took part, 1 answer recorded", "closed 28 Nov 2026"},
	} {
		for i, page := range []string{path, path + "/" + id} {
			body := mainOf(f.wants(page+"?at="+day, "As of the end of", want[i]))
			if strings.Contains(body, `method="post"`) || strings.Contains(body, "data-poll") || day < "2026-11-28" && strings.Contains(body, "New round") {
				t.Errorf("%s on %s can be changed, or has what came later", page, day)
			}
		}
	}
	f.wants(path+"?at=2026-11-23", "No workshop or survey was opened by then")
	if got := f.get(path + "/" + id + "?at=2026-11-23"); got.StatusCode != 404 {
		t.Errorf("before it was opened: %d", got.StatusCode)
	}
	if got := f.get(path + "/" + id + "?at=soon"); got.StatusCode != 422 {
		t.Errorf("a bad day: %d", got.StatusCode)
	}
}

func TestRoundOfAListThatIsGone(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	id, code := f.openRound(slug, "checklist", "three")
	f.join(code)
	f.vote(code, "first", "yes")
	f.write("checklists/three.md", "---\ntitle: Three\nkind: guide\n---\nNo list any more.\n")
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/-/join/"+code, "not served at the moment")
	f.posts(409, "/-/join/"+code+"/votes", "nothing was saved", "item", "first", "state", "no")
	f.client = facilitator
	f.wants("/teams/"+slug+"/rounds", "checklists/three")
	f.wants("/teams/"+slug+"/rounds/"+id, "not served at the moment")
	f.posts(303, "/-/teams/"+slug+"/rounds/"+id+"/reveal", id)
	f.wants("/teams/"+slug+"/rounds/"+id, "not served at the moment", "1 took part")

	f.write("checklists/three.md", strings.Replace(strings.Replace(threeItems, "#first", "#now", 1), "levels:", "item_aliases: {first: now}\nlevels:", 1))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wants("/teams/"+slug+"/rounds/"+id, `id="now"`, "1 yes", "Nobody answered: 3 items")
	f.posts(303, "/-/answers", id, "checklist", "three", "item", "now", "team", slug, "round", id, "state", "yes")
	f.wants("/teams/"+slug+"/rounds/"+id, "1 answer recorded")
}

func TestRestartInTheMiddleOfARound(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	id, code := f.openRound(slug, "checklist", "three")
	path := "/teams/" + slug + "/rounds/" + id
	member := f.join(code)
	f.restart()
	f.vote(code, "first", "yes")
	f.restart()
	f.wants("/-/join/"+code, `value="yes" aria-pressed="true"`, "<b>1</b> of 4 answered")
	f.client = facilitator
	f.wants(path, "1 joined, 0 have answered everything")
	f.posts(303, "/-"+path+"/reveal", id, "confirm", "yes")
	f.restart()
	f.wants(path, "1 took part", "1 yes")
	f.client = member
	f.wants("/-/join/"+code, "1 yes", "you: Yes")
	f.client = facilitator
	f.posts(303, "/-"+path+"/close", id)
	f.restart()
	f.wants(path, "closed", "1 yes")
}

func TestJoinAddressIsThePublicOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.BaseURL = "https://intranet.example/ops" })
	if got := f.post("/-/teams", "name", "T"); got.Header.Get("Location") != "/ops/teams/t" {
		t.Fatalf("team at %s", got.Header.Get("Location"))
	}
	slug := "t"
	id, code := f.openRound(slug, "checklist", "list")
	page := f.wants("/ops/teams/"+slug+"/rounds/"+id, "<strong>https://intranet.example/ops/-/join</strong>", `href="https://intranet.example/ops/-/join/`+code+`"`)
	if strings.Contains(page, "this computer alone") {
		t.Error("a public address is said to be local")
	}
	got := f.post("/ops/-/join/" + code)
	if c := got.Cookies(); got.Header.Get("Location") != "/ops/-/join/"+code || len(c) != 1 || c[0].Path != "/ops/-/join/"+code || !c[0].Secure || !c[0].HttpOnly {
		t.Errorf("joined: to %s with %v", got.Header.Get("Location"), c)
	}
}

func TestStateIsNotSentTwice(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	id, code := f.openRound(slug, "checklist", "three")
	for _, path := range []string{"/-/join/" + code + "/state", "/-/teams/" + slug + "/rounds/" + id + "/state"} {
		first := f.get(path)
		if first.StatusCode != 200 || first.Header.Get("Content-Type") != "application/json" || !strings.Contains(first.body, `"state":"open"`) {
			t.Errorf("%s = %d %s", path, first.StatusCode, first.body)
		}
		if again := f.get(path, "If-None-Match", first.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again = %d", path, again.StatusCode)
		}
	}
	f.post("/-/teams/"+slug+"/rounds/"+id+"/reveal", "confirm", "yes")
	if got := f.get("/-/join/" + code + "/state"); got.body != `{"state":"revealed"}`+"\n" {
		t.Errorf("after the reveal: %s", got.body)
	}
}
