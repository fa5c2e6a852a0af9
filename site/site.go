// Package site serves the library over HTTP. A request is answered from one
// immutable snapshot (library, search index, rendered pages) and, where it is
// about a reader, from the store.
//
// Handlers are methods of Server that return an error; serveError turns it into
// a page, problem+json or a line of the log. Everything works without scripts.
package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/static"
	"opsbook/templates"

	"golang.org/x/time/rate"
)

// Config says what a Server serves. Store is required.
type Config struct {
	Store          *store.Store
	Library        bool             // serve the embedded library
	Folders        []string         // layers over it, in order
	Drafts         bool             // serve drafts too
	Title          string           // of the site; empty: what a layer says, else "Opsbook"
	BaseURL        string           // public address, may carry a sub-path; empty: unknown
	TrustedOrigins []string         // origins that may post here although the Host differs
	Version        string           // shown at the foot of pages
	Log            *slog.Logger     // nil: slog.Default
	Now            func() time.Time // nil: time.Now
	NoInsights     bool             // do not count searches that were in vain
	Unlimited      bool             // no limit on how often a client may write or search
}

// Server answers requests. Make it with New; its Handler may be used at once
// and from any number of goroutines. Run keeps its snapshot up to date.
type Server struct {
	store    *store.Store
	log      *slog.Logger
	now      func() time.Time
	config   Config
	prefix   string // path of the base URL, without a trailing slash
	base     string // scheme and host of the base URL
	static   *static.Files
	version  string
	limits   *limiter
	insights insights
	mux      *http.ServeMux
	cross    *http.CrossOriginProtection
	trusted  []string // origins of our own pages, besides that of a request's host

	sockets   atomic.Int32 // open
	uploads   uploads
	importing chan struct{} // holds one for each file being read

	reloading sync.Mutex // held while a new snapshot is made
	folders   []*content.Folder
	current   atomic.Pointer[snapshot]
	quick     quick
	seen      atomic.Pointer[map[string]map[string]time.Time] // checklist, item: first served
	packs     sync.Map                                        // our own files by name: *encoded
}

// New returns a Server whose library is built and whose index is not: Run does that.
func New(config Config) (*Server, error) {
	s := &Server{store: config.Store, log: config.Log, now: config.Now, config: config, static: static.Load(), version: config.Version, cross: http.NewCrossOriginProtection(), importing: make(chan struct{}, maxImporting)}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.readBase(config.BaseURL); err != nil {
		return nil, err
	}
	for _, origin := range append(config.TrustedOrigins, s.base) {
		if origin == "" {
			continue
		}
		if err := s.cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusted origin: %w", err)
		}
		s.trusted = append(s.trusted, origin)
	}
	s.seen.Store(&map[string]map[string]time.Time{})
	s.limits = newLimiter(config.Unlimited, s.now)
	s.insights.off = config.NoInsights
	for _, dir := range config.Folders {
		s.folders = append(s.folders, content.NewFolder(dir))
	}
	if err := s.firstSnapshot(); err != nil {
		return nil, err
	}
	s.mux = s.routes()
	return s, nil
}

// readBase takes the public address apart.
func (s *Server) readBase(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "..") {
		return fmt.Errorf("base URL %q: want http://host or https://host, with or without a path", base)
	}
	s.base = u.Scheme + "://" + u.Host
	s.prefix = strings.TrimSuffix(u.Path, "/")
	return nil
}

// Library returns the library being served.
func (s *Server) Library() *content.Library { return s.current.Load().lib }

// routes is the one table of addresses.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]handler{
		// Pages.
		"GET /{$}":               s.serveHome,
		"GET /{path...}":         s.servePath,
		"GET /search":            s.limited(s.serveSearch),
		"GET /glossary":          s.serveGlossary,
		"GET /me":                s.serveMe,
		"GET /compare":           s.limited(s.serveCompare),
		"GET /-/steps/{path...}": s.serveSteps,
		"GET /-/print/{path...}": s.limited(s.servePrint),

		// Teams.
		"GET /teams":                                   s.serveTeams,
		"GET /teams/{slug}":                            s.ofTeam("", "", s.serveTeam),
		"GET /teams/{slug}/next":                       s.ofTeam("next", "What next", s.serveNext),
		"GET /teams/{slug}/history":                    s.ofTeam("history", "History", s.serveHistory),
		"GET /teams/{slug}/changes":                    s.ofTeam("changes", "Changed lists", s.serveChanges),
		"GET /teams/{slug}/snapshots":                  s.ofTeam("snapshots", "Snapshots", s.serveSnapshots),
		"GET /teams/{slug}/snapshots/{id}":             s.ofTeam("snapshots", "Snapshots", s.serveSnapshot),
		"GET /teams/{slug}/snapshots/{id}/export.json": s.ofTeam("snapshots", "Snapshots", s.serveSnapshotFile),
		"GET /teams/{slug}/report":                     s.ofTeam("report", "Report", s.serveReport),
		"GET /teams/{slug}/settings":                   s.ofTeam("settings", "Settings", s.serveSettings),
		"GET /teams/{slug}/import":                     s.ofTeam("import", "Import", s.serveImport),
		"GET /teams/{slug}/export.json":                s.limited(s.ofTeam("export.json", "", s.serveExport)),
		"GET /teams/{slug}/export.csv":                 s.limited(s.ofTeam("export.csv", "", s.serveExport)),
		"GET /teams/{slug}/export.md":                  s.limited(s.ofTeam("export.md", "", s.serveExport)),
		"GET /teams/{slug}/actions.csv":                s.limited(s.ofTeam("actions.csv", "", s.serveActions)),
		"GET /teams/{slug}/actions.ics":                s.limited(s.ofTeam("actions.ics", "", s.serveActions)),
		"GET /teams/{slug}/trends":                     s.ofTeam("trends", "Trends", s.serveTrends),
		"GET /teams/{slug}/rounds":                     s.ofTeam("rounds", "Workshops", s.serveRounds),
		"GET /teams/{slug}/rounds/{id}":                s.ofTeam("rounds", "Workshops", s.serveRound),

		// Rounds, and joining one.
		"GET /-/join":                                s.limited(s.serveJoinForm),
		"GET /-/join/{code}":                         s.ofRound(s.serveJoin),
		"GET /-/join/{code}/state":                   s.serveJoinState,
		"POST /-/join/{code}":                        s.limited(s.ofRound(s.postJoin)),
		"POST /-/join/{code}/votes":                  s.limited(s.ofRound(s.postVote)),
		"POST /-/join/{code}/ballot":                 s.limited(s.ofRound(s.postBallot)),
		"GET /-/teams/{slug}/rounds/{id}/state":      s.serveRoundState,
		"POST /-/teams/{slug}/rounds/{id}/reveal":    s.limited(s.onRound(s.postReveal)),
		"POST /-/teams/{slug}/rounds/{id}/close":     s.limited(s.onRound(s.postClose)),
		"POST /-/teams/{slug}/rounds/{id}/unanimous": s.limited(s.onRound(s.postUnanimous)),
		"POST /-/teams/{slug}/rounds/{id}/places":    s.limited(s.onRound(s.postPlaces)),

		// Changes.
		"POST /-/answers":                s.limited(s.postAnswer),
		"POST /-/reads":                  s.limited(s.postRead),
		"POST /-/name":                   s.limited(s.postName),
		"POST /-/teams":                  s.limited(s.postTeam),
		"POST /-/teams/{slug}/profile":   s.limited(s.postProfile),
		"POST /-/teams/{slug}/actions":   s.limited(s.postAction),
		"POST /-/teams/{slug}/targets":   s.limited(s.postTarget),
		"POST /-/teams/{slug}/snapshots": s.limited(s.postSnapshot),
		"POST /-/teams/{slug}/copy":      s.limited(s.postCopy),
		"POST /-/teams/{slug}/import":    s.limited(s.postImport),
		"POST /-/theme":                  s.limited(s.postTheme),
		"POST /-/teams/{slug}/rounds":    s.limited(s.postRound),

		// For programs.
		"GET /api/v1/search":               s.limited(s.serveSearchAPI),
		"GET /api/v1/pages":                s.servePagesAPI,
		"GET /api/v1/checklists/{path...}": s.serveChecklistAPI,
		"GET /api/v1/teams":                s.limited(s.serveTeamsAPI),
		"GET /api/v1/teams/{slug}":         s.limited(s.serveTeamAPI),

		// The system itself.
		"GET /sitemap.xml":            s.serveSitemap,
		"GET /robots.txt":             s.serveRobots,
		"GET /-/insights":             s.serveInsights,
		"GET /-/suggest":              s.limited(s.serveSuggest),
		"GET /-/suggest/socket":       s.limited(s.serveSuggestSocket),
		"GET /-/healthz":              s.serveHealth,
		"GET /-/readyz":               s.serveReady,
		"GET /-/static/{hash}/{name}": s.serveStatic,
	} {
		mux.Handle(pattern, s.handle(serve))
	}
	return mux
}

// Handler returns the whole site as a handler.
func (s *Server) Handler() http.Handler {
	return s.recovered(s.secured(s.checked(s.guarded(http.HandlerFunc(s.dispatch)))))
}

// Run builds the index and then looks every second whether a folder changed,
// until ctx is done.
func (s *Server) Run(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(indexAfter):
	}
	s.note(ctx)
	s.buildIndex(ctx)
	tick := time.NewTicker(scanEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.sweepInsights(ctx)
			s.uploads.sweep(s.now())
			s.newDay()
			if err := s.store.Settle(ctx); err != nil && ctx.Err() == nil {
				s.log.Debug("settle", "err", err) // what is written says louder when nothing can be
			}
			if err := s.Reload(ctx); err != nil && !errors.Is(err, context.Canceled) {
				s.log.Error("reload", "err", err)
			}
		}
	}
}

// newDay drops pages drawn on another day: a review may be overdue now.
func (s *Server) newDay() {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	snap := s.current.Load()
	if today := s.now().UTC().Format(time.DateOnly); snap.day != today {
		next := *snap
		next.day, next.pages = today, &sync.Map{}
		s.current.Store(&next)
	}
}

// indexAfter lets the first page go before the index takes all processors.
const indexAfter = 100 * time.Millisecond

// scanEvery is how often folders are looked at: a change shows within two seconds.
const scanEvery = time.Second

// Rates for each client address: enough for an organisation that types behind one
// proxy, and little enough that one address cannot take a whole processor.
const (
	requestsPerSecond rate.Limit = 400
	requestsBurst     int        = 3000
)

// site returns what all pages share.
func (s *Server) site(lib *content.Library) *templates.Site {
	title := s.config.Title
	if title == "" {
		title = lib.Title
	}
	if title == "" {
		title = "Opsbook"
	}
	return &templates.Site{Title: title, Prefix: s.prefix, Base: s.base, Static: s.staticPath(""), Version: s.version}
}
