package site

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsbook/site/store"
)

// pages is a small library that every kind of test can use.
var pages = map[string]string{
	"guides/index.md":    "---\ntitle: Guides\ndescription: All guides.\n---\n",
	"guides/one.md":      "---\ntitle: One\ndescription: First.\naliases: [old/one]\nnext:\n  - {ask: \"What then?\", page: guides/two}\n---\n## Heading\n\nText about burn rates.\n\n![p](pic.png)\n",
	"guides/two.md":      "---\ntitle: Two\ndescription: Second.\n---\nText about disks. [One](one.md#heading)\n",
	"guides/pic.png":     "\x89PNG",
	"guides/draw.svg":    `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
	"playbooks/p.md":     "---\ntitle: Play\ndescription: P.\n---\n## Diagnose\n",
	"checklists/list.md": "---\ntitle: List\ndescription: A list.\nlevels: [Basic]\nthreshold: 0\n---\n## Part\n\n### A claim {#a .must expires=90}\n\nWhy.\n\n### B claim {#b}\n\nWhy B.\n",
	"checklists/per.md":  "---\ntitle: Per\ndescription: P.\nper: alert\nscales: {t: [bad, good]}\n---\n### S {#s scale=\"t\"}\n",
	"checklists/anon.md": "---\ntitle: Anon\ndescription: A.\nanonymous: true\n---\n### Q {#q}\n",
	"glossary.yaml":      "- term: SLO\n  also: [service level objective]\n  text: A target.\n  page: guides/one\n",
	"broken.md":          "---\ntitle: [x]\n---\n",
}

// fixture is a running site with its folder and a browser of its own.
type fixture struct {
	*Server
	t      *testing.T
	dir    string
	data   string
	http   *httptest.Server
	client *http.Client
	now    time.Time
}

// newFixture starts a site over the pages; change may adapt its configuration.
func newFixture(t *testing.T, change func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: t.TempDir(), data: t.TempDir(), now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	for name, text := range pages {
		f.write(name, text)
	}
	st, err := store.Open(t.Context(), f.data)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Store: st, Folders: []string{f.dir}, Version: "test", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.now }, Unlimited: true}
	if change != nil {
		change(&c)
	}
	if f.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	f.buildIndex(t.Context())
	f.http = httptest.NewServer(f.Handler())
	t.Cleanup(func() {
		f.http.Close()
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	f.client = f.browser()
	return f
}

// restart ends the site and starts it again over the same data.
func (f *fixture) restart() {
	f.t.Helper()
	f.http.Close()
	if err := f.store.Close(); err != nil {
		f.t.Fatal(err)
	}
	f.Server, f.http = f.second()
}

// second starts one more site over the same folder and data, whose store the
// caller closes.
func (f *fixture) second() (*Server, *httptest.Server) {
	f.t.Helper()
	st, err := store.Open(f.t.Context(), f.data)
	if err != nil {
		f.t.Fatal(err)
	}
	config := f.config
	config.Store = st
	s, err := New(config)
	if err != nil {
		f.t.Fatal(err)
	}
	return s, httptest.NewServer(s.Handler())
}

// browser returns a client with cookies of its own that follows no redirects.
func (f *fixture) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (f *fixture) write(name, text string) {
	f.t.Helper()
	name = filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// answer is a response that has been read.
type answer struct {
	*http.Response
	body string
}

// do sends a request; header holds pairs of names and values.
func (f *fixture) do(method, path string, body io.Reader, header ...string) answer {
	f.t.Helper()
	r, err := http.NewRequest(method, f.http.URL, body)
	if err != nil {
		f.t.Fatal(err)
	}
	// The path goes out as it is: no cleaning by the client, which looks at it only
	// to choose the cookies.
	r.URL.Opaque = f.http.URL[len("http:"):] + path
	r.URL.Path, _, _ = strings.Cut(path, "?")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := f.client.Do(r)
	if err != nil {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer{resp, string(data)}
}

func (f *fixture) get(path string, header ...string) answer {
	f.t.Helper()
	return f.do(http.MethodGet, path, nil, header...)
}

// post sends a form of pairs of names and values.
func (f *fixture) post(path string, pairs ...string) answer {
	f.t.Helper()
	return f.do(http.MethodPost, path, strings.NewReader(form(pairs...)), "Content-Type", "application/x-www-form-urlencoded")
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
