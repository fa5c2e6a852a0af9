package site

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// benchServer serves the embedded library without a network.
func benchServer(b *testing.B, folders ...string) *Server {
	b.Helper()
	st, err := store.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	s, err := New(Config{Store: st, Library: true, Folders: folders, Unlimited: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	s.buildIndex(b.Context())
	return s
}

// serveOnce answers a request and fails where the status is another.
func serveOnce(b *testing.B, h http.Handler, r *http.Request, code int) *httptest.ResponseRecorder {
	b.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != code {
		b.Fatalf("%s = %d", r.URL, w.Code)
	}
	return w
}

func get(path string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func answerRequest(state string, base int, cookies ...*http.Cookie) *http.Request {
	body := form("checklist", "team-foundations", "item", "service-owner", "state", state, "base", fmt.Sprint(base))
	r := httptest.NewRequest(http.MethodPost, "/-/answers", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// BenchmarkServe measures whole requests, but for the network.
func BenchmarkServe(b *testing.B) {
	s := benchServer(b)
	h := s.Handler()
	cookies := serveOnce(b, h, answerRequest("yes", 0), http.StatusSeeOther).Result().Cookies()
	for name, r := range map[string]*http.Request{
		"page/cached":        get("/guides/reliability/slos-and-error-budgets"),
		"checklist/personal": get("/checklists/team-foundations", cookies...),
		"me":                 get("/me", cookies...),
		"search/page":        get("/search?q=error+budget"),
		"search/suggest":     get("/-/suggest?q=error+budg"),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				serveOnce(b, h, r, http.StatusOK)
			}
		})
	}
}

// BenchmarkAnswer measures an answer that is synced to disk before the reply.
func BenchmarkAnswer(b *testing.B) {
	s := benchServer(b)
	h := s.Handler()
	cookies := serveOnce(b, h, answerRequest("yes", 0), http.StatusSeeOther).Result().Cookies()
	states := [...]string{"no", "yes"}
	for n := 1; b.Loop(); n++ {
		serveOnce(b, h, answerRequest(states[(n-1)%2], n, cookies...), http.StatusSeeOther)
	}
}

// BenchmarkVote measures a vote in a workshop that is synced to disk before the
// reply, and how long a phone waits for what it asks once a second.
func BenchmarkVote(b *testing.B) {
	s := benchServer(b)
	h := s.Handler()
	post := func(path, body string, cookies ...*http.Cookie) *http.Request {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		return r
	}
	serveOnce(b, h, post("/-/teams", "name=T"), http.StatusSeeOther)
	page := serveOnce(b, h, post("/-/teams/t/rounds", "checklist=team-foundations"), http.StatusSeeOther).Header().Get("Location")
	team, err := s.store.TeamAt(b.Context(), "t")
	if err != nil {
		b.Fatal(err)
	}
	round, err := s.store.Round(b.Context(), team.ID, page[strings.LastIndex(page, "/")+1:])
	if err != nil {
		b.Fatal(err)
	}
	join := "/-/join/" + round.Code
	cookies := serveOnce(b, h, post(join, ""), http.StatusSeeOther).Result().Cookies()
	b.Run("vote", func(b *testing.B) {
		states := [...]string{"no", "yes"}
		for n := 0; b.Loop(); n++ {
			serveOnce(b, h, post(join+"/votes", "item=service-owner&state="+states[n%2], cookies...), http.StatusSeeOther)
		}
	})
	b.Run("wait", func(b *testing.B) {
		for b.Loop() {
			serveOnce(b, h, get(join+"/state", cookies...), http.StatusOK)
		}
	})
}

// BenchmarkStart measures from nothing to the first page, and to the index.
func BenchmarkStart(b *testing.B) {
	for name, index := range map[string]bool{"first-page": false, "index": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				st, err := store.Open(b.Context(), b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				s, err := New(Config{Store: st, Library: true, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				serveOnce(b, s.Handler(), get("/"), http.StatusOK)
				if index {
					s.buildIndex(b.Context())
				}
				if err := st.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fillTeams creates teams that answer 16 lists with rows answers in all, over two
// years until now, in 12 groups. The list for services is answered for three.
func fillTeams(b *testing.B, s *Server, teams, rows int) {
	b.Helper()
	begin := s.now().AddDate(-2, 0, 0)
	var all []store.Team
	for i := range teams {
		team, err := s.store.CreateTeam(b.Context(), fmt.Sprint("team-", i), store.Profile{Name: fmt.Sprint("Team ", i), Groups: []string{fmt.Sprint("Group ", i%12)}}, begin, "")
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, team)
	}
	type place struct {
		store.Key
		item *content.Item
		list *content.Checklist
	}
	var places []place
	for _, p := range answerable(s.Library()) {
		subjects := []string{""}
		if p.Checklist.Per != "" {
			subjects = []string{"one", "two", "three"}
		}
		for _, subject := range subjects {
			for _, it := range p.Checklist.Items() {
				places = append(places, place{store.Key{Checklist: p.Path, Subject: subject}, it, p.Checklist})
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	states := []content.State{content.Yes, content.Yes, content.Yes, content.Partly, content.No}
	step := 2 * 365 * 24 * time.Hour / time.Duration(rows)
	seq := make([]int64, teams*len(places))
	var batch []store.NewAnswer
	for i := range rows {
		t, place := i%teams, places[(i/teams)%len(places)]
		n := &seq[t*len(places)+(i/teams)%len(places)]
		a := store.NewAnswer{Key: place.Key, Item: place.item.ID, Base: *n, State: states[random.IntN(len(states))], Note: "a note", At: begin.Add(time.Duration(i) * step), By: "Ada", TextHash: place.item.TextHash, Text: place.item.Text}
		if positions := place.list.Positions(place.item); positions > 0 {
			a.State = content.State(fmt.Sprint(1 + random.IntN(positions)))
		} else if random.IntN(20) == 0 {
			a.State = content.NotApplicable
		}
		a.Owner = all[t].Owner()
		*n++
		if batch = append(batch, a); len(batch) == 20_000 || i == rows-1 {
			if err := s.store.AppendAnswers(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
}

// teamsServer serves 16 checklists and 200 teams that gave 500,000 answers to them.
func teamsServer(b *testing.B) *Server {
	b.Helper()
	dir := b.TempDir()
	own := "---\ntitle: Our own\nlevels: [Basic, Solid]\n---\n"
	for i := range 30 {
		own += fmt.Sprintf("### Claim %d {#claim-%d level=%d}\n\nWhy.\n\n", i, i, 1+i%2)
	}
	if err := os.MkdirAll(filepath.Join(dir, "checklists"), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "checklists", "own.md"), []byte(own), 0o644); err != nil {
		b.Fatal(err)
	}
	s := benchServer(b, dir)
	if n := len(answerable(s.Library())); n != 16 {
		b.Fatalf("%d checklists", n)
	}
	fillTeams(b, s, 200, 500_000)
	return s
}

// benchPages measures pages by their names, each after a first request.
func benchPages(b *testing.B, s *Server, pages [][2]string) {
	h := s.Handler()
	for _, page := range pages {
		b.Run(page[0], func(b *testing.B) {
			serveOnce(b, h, get(page[1]), http.StatusOK)
			for b.Loop() {
				serveOnce(b, h, get(page[1]), http.StatusOK)
			}
		})
	}
}

// BenchmarkOverview measures all teams by all checklists. Now is read from 4,000
// summaries: a quarter of the time is SQLite, a half decoding and weighing.
// A past day is read from the log, team by team, and takes a second. Its plan:
//
//	SEARCH answers USING COVERING INDEX answers_then (owner=?)
//
// Each of a team's 2,500 rows is looked at, since any of them may be the one that
// stood then, and 500,000 are read from the index in half of the time.
func BenchmarkOverview(b *testing.B) {
	s := teamsServer(b)
	benchPages(b, s, [][2]string{
		{"now", "/compare"},
		{"group", "/compare?group=Group+3"},
		{"by-group", "/compare?by=group"},
		{"past", "/compare?at=" + s.now().AddDate(0, -3, 0).Format(time.DateOnly)},
	})
}

// BenchmarkTeam measures the pages of one of 200 teams.
func BenchmarkTeam(b *testing.B) {
	s := teamsServer(b)
	past := s.now().AddDate(0, -3, 0).Format(time.DateOnly)
	benchPages(b, s, [][2]string{
		{"now", "/teams/team-7"},
		{"past", "/teams/team-7?at=" + past},
		{"trends", "/teams/team-7/trends"},
		{"compare-two", "/compare?checklist=observability&teams=team-3,team-4&vs=" + past},
	})
}
