package site

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"opsbook/content"
)

// phone is one who takes part in a round, on a connection of their own.
type phone struct {
	client *http.Client
	base   string // of the round at one of the servers
	said   map[string]content.State
}

// call sends a request and returns the answer's body.
func (p *phone) call(method, path string, pairs ...string) (string, error) {
	r, err := http.NewRequest(method, p.base+path, strings.NewReader(form(pairs...)))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	resp, err := p.client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("%s %s: %s %.200s", method, path, resp.Status, body)
	}
	return string(body), err
}

// revealed asks once whether the answers are revealed.
func (p *phone) revealed() (bool, error) {
	body, err := p.call(http.MethodGet, "/state")
	return strings.Contains(body, "revealed"), err
}

// Thirty people vote and look at once whether it was revealed, through two
// servers on one database. Nobody gets an error, nothing is lost, and all see the
// reveal within two seconds although they look once a second.
func TestThirtyPeopleInAWorkshop(t *testing.T) {
	t.Parallel()
	const members, changes = 30, 6
	f, slug := newRoundFixture(t)
	id, code := f.openRound(slug, "checklist", "three")
	other, server := f.second()
	t.Cleanup(func() {
		server.Close()
		if err := other.store.Close(); err != nil {
			t.Error(err)
		}
	})
	items := f.Library().Page("checklists/three").Checklist.Items()
	states := []content.State{content.Yes, content.Partly, content.No, content.NotApplicable}

	var voted, seen sync.WaitGroup
	phones := make([]*phone, members)
	revealed, saw := make(chan time.Time, 1), make(chan time.Time, members)
	for i := range phones {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &phone{client: &http.Client{Jar: jar, Transport: &http.Transport{MaxConnsPerHost: 1}, CheckRedirect: f.client.CheckRedirect}, base: f.http.URL + "/-/join/" + code, said: map[string]content.State{}}
		if i%2 == 1 {
			p.base = server.URL + "/-/join/" + code
		}
		phones[i] = p
		voted.Add(1)
		seen.Go(func() {
			err := p.voteAndLook(items, states, changes, i)
			voted.Done()
			if err != nil {
				t.Error(err)
				return
			}
			// From here on as the script does it: once a second.
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				ok, err := p.revealed()
				if err != nil {
					t.Error(err)
					return
				}
				if ok {
					saw <- time.Now()
					return
				}
				<-tick.C
			}
		})
	}
	voted.Wait()
	f.wants("/teams/"+slug+"/rounds/"+id, "30 joined, 30 have answered everything")
	f.posts(303, "/-/teams/"+slug+"/rounds/"+id+"/reveal", id)
	revealed <- time.Now()
	seen.Wait()
	close(saw)
	at, latest, n := <-revealed, time.Duration(0), 0
	for when := range saw {
		latest, n = max(latest, when.Sub(at)), n+1
	}
	if n != members || latest > 2*time.Second {
		t.Errorf("%d saw the reveal, the last after %v", n, latest)
	}
	t.Logf("the last of %d saw the reveal after %v", n, latest)

	want := map[string]content.Counts{}
	for _, p := range phones {
		for item, state := range p.said {
			if want[item] == nil {
				want[item] = content.Counts{}
			}
			want[item][state]++
		}
	}
	got, err := f.store.RoundCounts(t.Context(), id)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counts = %v, %v; want %v", got, err, want)
	}
}

// voteAndLook joins, answers every item several times, and looks in between.
func (p *phone) voteAndLook(items []*content.Item, states []content.State, changes, seed int) error {
	if _, err := p.call(http.MethodPost, ""); err != nil {
		return err
	}
	for n := range changes {
		for i, it := range items {
			state := states[(seed+n*i+n)%len(states)]
			if _, err := p.call(http.MethodPost, "/votes", "item", it.ID, "state", string(state)); err != nil {
				return err
			}
			p.said[it.ID] = state
			if ok, err := p.revealed(); ok || err != nil {
				return fmt.Errorf("before the reveal: revealed is %v, %w", ok, err)
			}
		}
		if _, err := p.call(http.MethodGet, ""); err != nil {
			return err
		}
	}
	return nil
}

// Votes and the reveal at once: each vote is either in the counts or refused.
func TestVotesAtTheMomentOfTheReveal(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	id, code := f.openRound(slug, "checklist", "three")
	var clients []*http.Client
	for range 10 {
		clients = append(clients, f.join(code))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := content.Counts{}
	for _, client := range clients {
		p := &phone{client: client, base: f.http.URL + "/-/join/" + code}
		wg.Go(func() {
			last := content.State("")
			for n := 0; ; n++ {
				state := []content.State{content.Yes, content.No}[n%2]
				_, err := p.call(http.MethodPost, "/votes", "item", "first", "state", string(state))
				if err != nil {
					if !strings.Contains(err.Error(), "409 Conflict") || !strings.Contains(err.Error(), "came later and was not counted") {
						t.Error(err)
					}
					break
				}
				last = state
			}
			mu.Lock()
			kept[last]++
			mu.Unlock()
		})
	}
	f.client = facilitator
	f.posts(303, "/-/teams/"+slug+"/rounds/"+id+"/reveal", id, "confirm", "yes")
	wg.Wait()
	delete(kept, "")
	got, err := f.store.RoundCounts(t.Context(), id)
	if err != nil || fmt.Sprint(got["first"]) != fmt.Sprint(kept) {
		t.Errorf("counts = %v, %v; acknowledged were %v", got["first"], err, kept)
	}
}

func TestVoteAsJSON(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	_, code := f.openRound(slug, "checklist", "three")
	f.join(code)
	var out struct {
		Item, State  string
		Answered, Of int
	}
	got := f.postJSON("/-/join/"+code+"/votes", "item", "second", "state", "partly")
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.StatusCode != 200 || out.Item != "second" || out.State != "partly" || out.Answered != 1 || out.Of != 4 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := f.postJSON("/-/join/"+code+"/votes", "item", "second", "state", "maybe"); got.StatusCode != 422 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
