package site

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"opsbook/site/store"
)

// benchServer serves the embedded library without a network.
func benchServer(b *testing.B) *Server {
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
	s, err := New(Config{Store: st, Library: true, Unlimited: true, Log: slog.New(slog.DiscardHandler)})
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
