package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tests := []struct {
		path string
		code int
		want string // in the body, or of a redirect its target
	}{
		{"/", 200, "Guides"},
		{"/guides", 200, "All guides."},
		{"/guides/one", 200, `href="/guides/two"`},
		{"/guides/one", 200, "What then?"},
		{"/guides/two", 200, `href="/guides/one#heading"`},
		{"/guides/one.md", 200, "aliases: [old/one]"},
		{"/guides/pic.png", 200, "PNG"},
		{"/playbooks", 200, "Play"},
		{"/checklists/list", 200, "A claim"},
		{"/glossary", 200, "service level objective"},
		{"/me", 200, "My progress"},
		{"/search?q=burn", 200, "One"},
		{"/search", 200, "How to search"},
		{"/search?q=xyzzy", 200, "Nothing found"},
		{"/-/suggest?q=bur", 200, `"title":"One"`},
		{"/api/v1/pages", 200, `"path":"guides/one"`},
		{"/sitemap.xml", 200, "/guides/one</loc>"},
		{"/robots.txt", 200, "Sitemap: http"},
		{"/-/healthz", 200, "ok"},
		{"/-/readyz", 200, "ready"},
		{"/broken", 200, "title: want text"},
		{"/guides/", 308, "/guides"},
		{"/guides/one/", 308, "/guides/one"},
		{"/guides/one.html", 308, "/guides/one"},
		{"/guides/index.html", 308, "/guides"},
		{"/guides/index", 308, "/guides"},
		{"/guides/index.md", 308, "/guides.md"},
		{"/GUIDES/One?h=x", 308, "/guides/one?h=x"},
		{"/old/one", 308, "/guides/one"},
		{"/index.html", 308, "/"},
		{"/search/", 308, "/search"},
		{"/GUIDES/PIC.png", 308, "/guides/pic.png"},
		{"/guides/burn-rates", 404, "Did you mean"},
		{"/-/nothing", 404, "nothing at"},
		{"/-/static/0/site.css", 404, ""},
		{"/api/v1/nothing", 404, `"status":404`},
		{"/api/v1/checklists/nothing", 404, `"status":404`},
	}
	for _, tt := range tests {
		got := f.get(tt.path)
		text := got.body
		if got.StatusCode == http.StatusPermanentRedirect {
			text = got.Header.Get("Location")
		}
		if got.StatusCode != tt.code || !strings.Contains(text, tt.want) || tt.code == 308 && text != tt.want {
			t.Errorf("GET %s = %d %.300s, want %d %q", tt.path, got.StatusCode, text, tt.code, tt.want)
		}
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	long := strings.Repeat("a", 300)
	answers := func(pairs ...string) string {
		return form(append([]string{"checklist", "list", "item", "a"}, pairs...)...)
	}
	const formType = "application/x-www-form-urlencoded"
	tests := []struct {
		name, method, path, body, mediaType string
		code                                int
		want                                string
	}{
		{"NUL", "GET", "/a%00b", "", "", 400, "characters"},
		{"backslash", "GET", "/a%5Cb", "", "", 400, "characters"},
		{"dots", "GET", "/guides/../x", "", "", 400, "relative"},
		{"encoded dots", "GET", "/%2e%2e/x", "", "", 400, "relative"},
		{"empty segment", "GET", "/guides//one", "", "", 400, "empty"},
		{"long segment", "GET", "/" + long, "", "", 400, "overlong"},
		{"invalid UTF-8", "GET", "/%ff", "", "", 400, "characters"},
		{"long path", "GET", strings.Repeat("/"+long[:200], 6), "", "", 414, "longer than"},
		{"unknown page", "GET", "/disks/gone", "", "", 404, "Two"},
		{"wrong method on a page", "POST", "/guides/one", "", formType, 405, "GET, HEAD"},
		{"wrong method of the system", "GET", "/-/answers", "", "", 405, "POST"},
		{"wrong method of the API", "DELETE", "/api/v1/search", "", "", 405, "GET, HEAD"},
		{"long search", "GET", "/search?q=" + long, "", "", 400, "at most 200"},
		{"long search in the API", "GET", "/api/v1/search?q=" + long, "", "", 400, "at most 200"},
		{"only operators", "GET", "/search?q=" + url.QueryEscape(`-" :`), "", "", 200, "How to search"},
		{"limit", "GET", "/api/v1/search?q=x&limit=0", "", "", 422, "from 1 to 100"},
		{"offset", "GET", "/api/v1/search?q=x&offset=1001", "", "", 422, "from 0 to 1000"},
		{"kind", "GET", "/api/v1/search?q=x&kind=poem", "", "", 422, "poem"},
		{"date", "GET", "/api/v1/checklists/list?at=yesterday", "", "", 422, "2026-11-24"},
		{"team of the API", "GET", "/api/v1/checklists/list?team=x", "", "", 404, "no team"},
		{"media type", "POST", "/-/answers", "{}", "application/json", 415, "x-www-form-urlencoded"},
		{"no media type", "POST", "/-/answers", "", "", 415, "x-www-form-urlencoded"},
		{"large body", "POST", "/-/answers", answers("state", "yes", "note", strings.Repeat("x", 70_000)), formType, 413, "larger than 64 kB"},
		{"not text", "POST", "/-/answers", "checklist=list&item=a&state=yes&note=%ff", formType, 400, "note"},
		{"broken form", "POST", "/-/answers", "%zz", formType, 400, "form"},
		{"unknown checklist", "POST", "/-/answers", form("checklist", "nope", "item", "a", "state", "yes"), formType, 404, "no checklist"},
		{"unknown team", "POST", "/-/answers", answers("state", "yes", "team", "x"), formType, 404, "no team"},
		{"unknown item", "POST", "/-/answers", form("checklist", "list", "item", "zz", "state", "yes"), formType, 422, "no item"},
		{"unknown state", "POST", "/-/answers", answers("state", "maybe", "note", "typed"), formType, 422, "typed</textarea>"},
		{"na without a reason", "POST", "/-/answers", answers("state", "na", "evidence", "https://example.com/kept"), formType, 422, "https://example.com/kept</textarea>"},
		{"long note", "POST", "/-/answers", answers("state", "yes", "note", strings.Repeat("é", 4001)), formType, 422, "at most 4000"},
		{"evidence that runs", "POST", "/-/answers", answers("state", "yes", "evidence", "javascript:alert(1)"), formType, 422, "http or https"},
		{"too many links", "POST", "/-/answers", answers("state", "yes", "evidence", strings.Repeat("https://a.b\n", 21)), formType, 422, "at most 20"},
		{"bad base", "POST", "/-/answers", answers("state", "yes", "base", "x"), formType, 422, "Base"},
		{"subject where there is none", "POST", "/-/answers", answers("state", "yes", "subject", "x"), formType, 422, "Subject"},
		{"no subject where one is needed", "POST", "/-/answers", form("checklist", "per", "item", "s", "state", "1"), formType, 422, "which alert"},
		{"scale position", "POST", "/-/answers", form("checklist", "per", "item", "s", "state", "3", "subject", "cpu"), formType, 422, "no answer"},
		{"survey", "POST", "/-/answers", form("checklist", "anon", "item", "q", "state", "yes"), formType, 422, "rounds"},
		{"theme", "POST", "/-/theme", form("theme", "pink"), formType, 422, "pink"},
		{"other methods", "PUT", "/guides/one", "", "", 405, "GET, HEAD"},
	}
	for _, tt := range tests {
		got := f.do(tt.method, tt.path, strings.NewReader(tt.body), "Content-Type", tt.mediaType)
		text := got.body + got.Header.Get("Allow")
		if got.StatusCode != tt.code || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %s %.60s = %d %.900s, want %d %q", tt.name, tt.method, tt.path, got.StatusCode, text, tt.code, tt.want)
		}
	}
}

func TestErrorsAreJSONForPrograms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	got := f.get("/nope", "Accept", "application/json")
	if ct := got.Header.Get("Content-Type"); got.StatusCode != 404 || ct != "application/problem+json" {
		t.Errorf("%d %s", got.StatusCode, ct)
	}
	if got := f.get("/nope", "Accept", "text/html,application/json"); !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Errorf("a browser gets %s", got.Header.Get("Content-Type"))
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, path := range []string{"/", "/guides/one", "/checklists/list", "/search?q=x", "/nope", "/me", "/glossary"} {
		got := f.get(path)
		if got.Header.Get("Content-Security-Policy") != contentSecurity || got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", path, got.Header)
		}
		if strings.Contains(got.body, "<style") || strings.Contains(got.body, " style=") || strings.Contains(got.body, "<script>") {
			t.Errorf("%s has inline styles or scripts", path)
		}
	}
	svg := f.get("/guides/draw.svg")
	if csp := svg.Header.Get("Content-Security-Policy"); csp != "default-src 'none'; style-src 'unsafe-inline'; sandbox" {
		t.Errorf("CSP of an SVG: %q", csp)
	}
}

// A preload that a page does not use costs a reader a request, so both must
// name the same file.
func TestPagesNameTheirStyleSheetInTheHeaderToo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.BaseURL = "https://intranet.example/ops" })
	for _, path := range []string{"/ops/", "/ops/guides/one", "/ops/checklists/list", "/ops/search?q=x", "/ops/nope"} {
		got := f.get(path)
		link := regexp.MustCompile(`^<(.+)>; rel=preload; as=style$`).FindStringSubmatch(got.Header.Get("Link"))
		if link == nil || !strings.Contains(got.body, `<link rel="stylesheet" href="`+link[1]+`"`) {
			t.Errorf("%s: Link is %q", path, got.Header.Get("Link"))
			continue
		}
		if css := f.get(link[1]); css.StatusCode != 200 {
			t.Errorf("%s: %s is %d", path, link[1], css.StatusCode)
		}
	}
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.TrustedOrigins = []string{"https://ops.example.com"} })
	body := form("theme", "dark")
	for origin, code := range map[string]int{"https://evil.example": 403, "https://ops.example.com": 303, f.http.URL: 303, "": 303} {
		header := []string{"Content-Type", "application/x-www-form-urlencoded"}
		if origin != "" {
			header = append(header, "Origin", origin)
		}
		got := f.do("POST", "/-/theme", strings.NewReader(body), header...)
		if got.StatusCode != code || code == 403 && !strings.Contains(got.body, "--trusted-origin") {
			t.Errorf("Origin %q: %d", origin, got.StatusCode)
		}
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.Unlimited = false })
	for n := range requestsBurst {
		if !f.limits.allow("127.0.0.1") {
			t.Fatalf("request %d is refused", n+1)
		}
	}
	if got := f.get("/search?q=x"); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
		t.Errorf("request %d = %d, want 429 with Retry-After", requestsBurst+1, got.StatusCode)
	}
	if got := f.get("/-/suggest?q=x"); got.StatusCode != 429 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("suggest = %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	if got := f.get("/guides/one"); got.StatusCode != 200 {
		t.Errorf("a page = %d", got.StatusCode)
	}
	f.now = f.now.Add(time.Second)
	if got := f.get("/search?q=x"); got.StatusCode != 200 {
		t.Errorf("a second later = %d", got.StatusCode)
	}
}

func TestPanicIsAnErrorPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	h := f.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/guides/one", nil))
	if body := w.Body.String(); w.Code != 500 || !strings.Contains(body, "Request ") || strings.Contains(body, "boom") || strings.Contains(body, "goroutine") {
		t.Errorf("%d %s", w.Code, body)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	plain := f.get("/guides/one", "Accept-Encoding", "identity")
	etag := plain.Header.Get("ETag")
	if etag == "" || plain.Header.Get("Cache-Control") != "private, no-cache" || plain.Header.Get("Vary") != "Cookie, Accept-Encoding" {
		t.Errorf("headers = %v", plain.Header)
	}
	tags := map[string]bool{etag: true}
	for _, encoding := range []string{"gzip", "br", "zstd, gzip;q=0, br"} {
		got := f.get("/guides/one", "Accept-Encoding", encoding)
		if want := strings.TrimPrefix(encoding, "zstd, gzip;q=0, "); got.Header.Get("Content-Encoding") != want {
			t.Errorf("%s: Content-Encoding %q", encoding, got.Header.Get("Content-Encoding"))
		}
		tags[got.Header.Get("ETag")] = true
	}
	if len(tags) != 3 {
		t.Errorf("ETags = %v, want one for each encoding", tags)
	}
	if got := f.get("/guides/one", "Accept-Encoding", "identity", "If-None-Match", etag); got.StatusCode != 304 || got.body != "" {
		t.Errorf("If-None-Match = %d", got.StatusCode)
	}
	if got := f.do("HEAD", "/guides/one", nil, "Accept-Encoding", "identity"); got.StatusCode != 200 || got.ContentLength != int64(len(plain.body)) {
		t.Errorf("HEAD = %d, %d bytes", got.StatusCode, got.ContentLength)
	}
	f.post("/-/theme", "theme", "dark")
	dark := f.get("/guides/one", "Accept-Encoding", "identity", "If-None-Match", etag)
	if dark.StatusCode != 200 || !strings.Contains(dark.body, `data-theme="dark"`) {
		t.Errorf("after choosing dark: %d", dark.StatusCode)
	}
	static := f.get("/-/static/" + f.static.Hash + "/site.css")
	if static.StatusCode != 200 || !strings.Contains(static.Header.Get("Cache-Control"), "immutable") || static.Header.Get("Referrer-Policy") != "" {
		t.Errorf("static = %d %v", static.StatusCode, static.Header)
	}
	drawn := 0
	f.current.Load().pages.Range(func(any, any) bool { drawn++; return true })
	if drawn != 2 {
		t.Errorf("%d pages in the cache, want one for each theme", drawn)
	}
}

func TestTheme(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for back, want := range map[string]string{"/guides/one": "/guides/one", "https://evil.example/": "/", "//evil.example": "/", `/\evil`: "/", "": "/"} {
		got := f.post("/-/theme", "theme", "light", "return", back)
		if got.StatusCode != 303 || got.Header.Get("Location") != want {
			t.Errorf("return %q: %d to %q, want %q", back, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	f.post("/-/theme", "theme", "auto")
	if body := f.get("/").body; strings.Contains(body, "data-theme") {
		t.Error("automatic colours leave a theme")
	}
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.BaseURL = "https://intranet.example/ops/" })
	for _, path := range []string{"/ops/guides/two", "/guides/two"} {
		got := f.get(path)
		for _, want := range []string{`href="/ops/guides/one#heading"`, `href="/ops/-/static/`, `<link rel="canonical" href="https://intranet.example/ops/guides/two"`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: no %s", path, want)
			}
		}
	}
	if got := f.get("/ops"); got.StatusCode != 308 || got.Header.Get("Location") != "/ops/" {
		t.Errorf("/ops = %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := f.get("/ops/guides/"); got.Header.Get("Location") != "/ops/guides" {
		t.Errorf("redirect to %s", got.Header.Get("Location"))
	}
	if got := f.get("/ops/sitemap.xml"); !strings.Contains(got.body, "<loc>https://intranet.example/ops/guides/one</loc>") {
		t.Errorf("sitemap = %s", got.body)
	}
	if got := f.post("/ops/-/theme", "theme", "dark", "return", "/guides"); got.Header.Get("Location") != "/ops/guides" {
		t.Errorf("return to %s", got.Header.Get("Location"))
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	reload := func() {
		t.Helper()
		if err := f.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before := f.current.Load()
	reload()
	if f.current.Load() != before {
		t.Error("nothing changed, but there is a new snapshot")
	}
	f.write("guides/three.md", "# Three\n\nA zebra.\n")
	f.write("guides/two.md", "# Two again\n\nText.\n")
	reload()
	if got := f.get("/guides/three"); got.StatusCode != 200 {
		t.Errorf("a new page = %d", got.StatusCode)
	}
	if got := f.get("/search?q=zebra"); !strings.Contains(got.body, "/guides/three") {
		t.Error("search does not find the new page")
	}
	if got := f.get("/guides/two"); !strings.Contains(got.body, "Two again") {
		t.Error("the changed page is the old one")
	}
	f.write("guides/two.md", "---\ntitle: [broken]\n---\n")
	if err := os.Remove(filepath.Join(f.dir, "guides", "three.md")); err != nil {
		t.Fatal(err)
	}
	reload()
	if got := f.get("/guides/two"); !strings.Contains(got.body, "Two again") || !strings.Contains(got.body, "title: want text") {
		t.Error("a broken file does not keep the last version with a note")
	}
	if got := f.get("/guides/three"); got.StatusCode != 404 {
		t.Errorf("a removed page = %d", got.StatusCode)
	}
	if got := f.get("/search?q=zebra"); strings.Contains(got.body, `href="/guides/three`) {
		t.Error("search finds the removed page")
	}
	if err := os.RemoveAll(f.dir); err != nil {
		t.Fatal(err)
	}
	reload()
	if got := f.get("/guides/one"); got.StatusCode != 200 {
		t.Errorf("after the folder went away: %d", got.StatusCode)
	}
}

func TestEmptyLibrary(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.Folders = []string{t.TempDir()} })
	if got := f.get("/"); got.StatusCode != 200 || !strings.Contains(got.body, "The library is empty") {
		t.Errorf("home = %d %s", got.StatusCode, got.body)
	}
	if got := f.get("/search?q=x"); got.StatusCode != 200 {
		t.Errorf("search = %d", got.StatusCode)
	}
}

func TestSearchBeforeTheIndexIsReady(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	snap := *f.current.Load()
	snap.index = nil
	f.current.Store(&snap)
	if got := f.get("/search?q=x"); got.StatusCode != 200 || !strings.Contains(got.body, "being built") {
		t.Errorf("search = %d", got.StatusCode)
	}
	for _, path := range []string{"/-/readyz", "/-/suggest?q=x", "/api/v1/search?q=x"} {
		if got := f.get(path); got.StatusCode != 503 {
			t.Errorf("%s = %d", path, got.StatusCode)
		}
	}
	if got := f.get("/nope"); got.StatusCode != 404 {
		t.Errorf("404 = %d", got.StatusCode)
	}
}

func TestTextsBesidePagesAreCompressed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	drawing := `<svg xmlns="http://www.w3.org/2000/svg">` + strings.Repeat(`<path d="M0 0h1v1h-1z"/>`, 100) + `</svg>`
	f.write("guides/large.svg", drawing)
	f.write("guides/large.log", strings.Repeat("x", maxText+1))
	f.write("guides/photo.png", strings.Repeat("x", 4000))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := f.get("/guides/large.svg", "Accept-Encoding", "br")
	if got.Header.Get("Content-Encoding") != "br" || len(got.body) > len(drawing)/4 || got.Header.Get("Content-Type") != "image/svg+xml" || got.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%d bytes of %d, %v", len(got.body), len(drawing), got.Header)
	}
	if again := f.get("/guides/large.svg", "Accept-Encoding", "br", "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("asked again: %d", again.StatusCode)
	}
	if plain := f.get("/guides/large.svg", "Accept-Encoding", "identity"); plain.body != drawing {
		t.Errorf("uncompressed: %d bytes of %d", len(plain.body), len(drawing))
	}
	for _, name := range []string{"large.log", "photo.png"} {
		got := f.get("/guides/"+name, "Accept-Encoding", "br", "Range", "bytes=1-3")
		if got.StatusCode != 206 || got.body != "xxx" || got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d, %q, %v", name, got.StatusCode, got.body, got.Header)
		}
	}
}
