package site

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"opsbook/site/store"
	"opsbook/templates"
)

// insights counts searches that were in vain without keeping who asked. In memory
// it knows readers of the day only by a hash under a key that is thrown away at
// midnight; a query reaches the database, as a bare count, once two of them asked.
type insights struct {
	off bool

	mu      sync.Mutex
	day     string
	key     []byte
	asked   map[vain]*askers
	waiting map[reader]pending // searches whose results may still be opened
}

// vain is a search and how it was in vain.
type vain struct {
	query string
	kind  store.InsightKind
}

// askers are the readers who asked a query today.
type askers struct {
	readers map[[16]byte]bool
	times   int // not yet written
}

// reader is someone who asked a query, known for today only.
type reader struct {
	who   [16]byte
	query string
}

type pending struct{ since time.Time }

const (
	openWithin  = 10 * time.Minute // for opening a result
	maxVain     = 5000             // queries held in memory
	maxWaiting  = 20_000
	leastAskers = 2
	maxInsights = 200 // shown
)

// today begins a new day where there is one. The caller holds the lock.
func (in *insights) today(now time.Time) {
	if day := now.UTC().Format(time.DateOnly); day != in.day {
		in.day, in.key = day, make([]byte, 32)
		_, _ = rand.Read(in.key) // it never fails: crypto/rand ends the program instead
		in.asked, in.waiting = map[vain]*askers{}, map[reader]pending{}
	}
}

// who is a reader's hash for today. The caller holds the lock.
func (in *insights) who(r *http.Request) [16]byte {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	mac := hmac.New(sha256.New, in.key)
	for _, part := range []string{host, r.UserAgent(), r.Header.Get("Accept-Language"), r.Header.Get("Cookie")} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return [16]byte(mac.Sum(nil)[:16])
}

// normal is a query as it is counted.
func normal(query string) string { return strings.ToLower(strings.Join(strings.Fields(query), " ")) }

// searched notes a search on the search page and what it found. It returns the
// count that is ripe for the database, if any.
func (in *insights) searched(r *http.Request, query string, found int, now time.Time) (ripe vain, times int) {
	query = normal(query)
	if in.off || query == "" {
		return vain{}, 0
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.today(now)
	who := in.who(r)
	if found > 0 {
		if len(in.waiting) < maxWaiting {
			in.waiting[reader{who, query}] = pending{now}
		}
		return vain{}, 0
	}
	return in.count(vain{query, store.FoundNothing}, who)
}

// count adds one reader's search. The caller holds the lock.
func (in *insights) count(v vain, who [16]byte) (vain, int) {
	a := in.asked[v]
	if a == nil {
		if len(in.asked) >= maxVain {
			return vain{}, 0
		}
		a = &askers{readers: map[[16]byte]bool{}}
		in.asked[v] = a
	}
	if len(a.readers) < leastAskers {
		a.readers[who] = true
	}
	a.times++
	if len(a.readers) < leastAskers {
		return vain{}, 0
	}
	times := a.times
	a.times = 0
	return v, times
}

// opened notes that a page was reached from a search.
func (in *insights) opened(r *http.Request, now time.Time) {
	if in.off {
		return
	}
	from, err := url.Parse(r.Referer())
	if err != nil || !strings.HasSuffix(from.Path, "/search") || from.Host != r.Host {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.today(now)
	delete(in.waiting, reader{in.who(r), normal(from.Query().Get("q"))})
}

// sweep returns the counts of searches whose results nobody opened in time.
func (in *insights) sweep(now time.Time) map[vain]int {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.today(now)
	ripe := map[vain]int{}
	for rd, p := range in.waiting {
		if now.Sub(p.since) < openWithin {
			continue
		}
		delete(in.waiting, rd)
		if v, times := in.count(vain{rd.query, store.OpenedNone}, rd.who); times > 0 {
			ripe[v] += times
		}
	}
	return ripe
}

// keep writes counts; losing some does no harm, so an error is only logged.
func (s *Server) keep(ctx context.Context, v vain, times int) {
	if times == 0 {
		return
	}
	if err := s.store.AddInsight(ctx, v.query, v.kind, times, s.now()); err != nil && ctx.Err() == nil {
		s.log.Warn("insights", "err", err)
	}
}

// sweepInsights writes what has become ripe.
func (s *Server) sweepInsights(ctx context.Context) {
	for v, times := range s.insights.sweep(s.now()) {
		s.keep(ctx, v, times)
	}
}

// editor reports whether a request comes from someone who may edit. Without
// accounts that is the person at the machine itself: the connection is local,
// asks for a local name, and no proxy stands between.
func (s *Server) editor(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return false
	}
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		name = h
	}
	return name == "localhost" || net.ParseIP(strings.Trim(name, "[]")).IsLoopback()
}

// serveInsights shows editors what is searched for in vain.
func (s *Server) serveInsights(w http.ResponseWriter, r *http.Request) error {
	if !s.editor(r) {
		return statusErrorf(http.StatusForbidden, "What is searched for in vain is shown to editors only: without accounts, to a browser on the server itself.")
	}
	snap := s.current.Load()
	found, err := s.store.Insights(r.Context(), s.now(), maxInsights)
	if err != nil {
		return err
	}
	v := &templates.InsightsView{Frame: s.frame(r, snap, "-/insights", "Searched in vain"), Off: s.insights.off}
	v.Description = "Searches of the last 90 days that found nothing, or of which no result was opened."
	v.NoIndex, v.Wide = true, true
	for _, i := range found {
		line := templates.InsightLine{Query: i.Query, Times: i.Times, Last: i.Last}
		if i.Kind == store.FoundNothing {
			v.Nothing = append(v.Nothing, line)
		} else {
			v.Unopened = append(v.Unopened, line)
		}
	}
	s.render(w, r, http.StatusOK, templates.Insights(v))
	return nil
}
