package site

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"
)

// dial opens the socket of search while typing; header holds pairs.
func (f *fixture) dial(header ...string) (*websocket.Conn, *http.Response, error) {
	f.t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	c, got, err := websocket.Dial(f.t.Context(), "ws"+strings.TrimPrefix(f.http.URL, "http")+"/-/suggest/socket", &websocket.DialOptions{HTTPHeader: h})
	if err == nil {
		f.t.Cleanup(func() { c.CloseNow() })
	}
	return c, got, err
}

// socket opens one that must open.
func (f *fixture) socket(header ...string) *websocket.Conn {
	f.t.Helper()
	c, _, err := f.dial(header...)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// ask sends a question over a socket and returns the answer.
func ask(ctx context.Context, c *websocket.Conn, question string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := c.Write(ctx, websocket.MessageText, []byte(question)); err != nil {
		return "", err
	}
	_, answer, err := c.Read(ctx)
	return string(answer), err
}

func TestSocketAnswersAsRequestsDo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	c := f.socket()
	for _, q := range []string{"bur", "claim", "xyzzyq", "", "  one ", "a&b=ü", strings.Repeat("€", maxQuery)} {
		got, err := ask(t.Context(), c, q)
		if err != nil {
			t.Fatalf("%q: %v", q, err)
		}
		if want := f.get("/-/suggest?" + form("q", q)); want.StatusCode != 200 || got != strings.TrimSpace(want.body) {
			t.Errorf("%q: %s over the socket, %d %s with a request", q, got, want.StatusCode, want.body)
		}
	}
}

// What a request is told, a socket ends with, and the site goes on.
func TestSocketEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.Unlimited = false })
	end := func(name, question string, want websocket.StatusCode, before func()) {
		t.Helper()
		c := f.socket()
		if before != nil {
			before()
		}
		if got, err := ask(t.Context(), c, question); websocket.CloseStatus(err) != want {
			t.Errorf("%s: %q, %v; want the status %d", name, got, err, want)
		}
	}
	end("too many characters", strings.Repeat("x", maxQuery+1), websocket.StatusTryAgainLater, nil)
	end("too many bytes", strings.Repeat("x", maxQuery*utf8.UTFMax+1), websocket.StatusMessageTooBig, nil)
	snap := f.current.Load()
	end("no index", "x", websocket.StatusTryAgainLater, func() {
		without := *snap
		without.index = nil
		f.current.Store(&without)
	})
	f.current.Store(snap)
	end("too often", "x", websocket.StatusTryAgainLater, func() {
		for f.limits.allow("127.0.0.1") {
		}
	})
	if _, got, err := f.dial(); err == nil || got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a socket too many = %v", got)
	}
}

// Pages of other sites could read a library of an intranet through its visitors.
func TestSocketIsForOwnPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) {
		c.BaseURL, c.TrustedOrigins = "https://ops.example/docs", []string{"https://alias.example:8443"}
	})
	for _, origin := range []string{f.http.URL, "https://ops.example", "https://alias.example:8443"} {
		if _, err := ask(t.Context(), f.socket("Origin", origin), "one"); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
	for _, origin := range []string{"https://evil.example", "http://ops.example", "https://ops.example.evil.example", "https://alias.example", "null"} {
		if _, got, err := f.dial("Origin", origin); err == nil || got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v, %v", origin, got, err)
		}
	}
	if got := f.get("/-/suggest/socket"); got.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("a request is answered %d", got.StatusCode)
	}
}

func TestSocketsAreCounted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	c := f.socket()
	f.sockets.Add(maxSockets - 1) // as many others
	if _, got, err := f.dial(); err == nil || got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more: %v, %v", got, err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	awaitSockets(t, f.Server, maxSockets-1)
	f.socket()
}

func TestManyTypeAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	want := strings.TrimSpace(f.get("/-/suggest?q=one").body)
	var all sync.WaitGroup
	for range 50 {
		c := f.socket()
		all.Go(func() {
			for range 20 {
				if got, err := ask(t.Context(), c, "one"); err != nil || got != want {
					t.Errorf("%s, %v", got, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// Shutdown leaves sockets alone, so they are ended with the site.
func TestSocketsEndWithTheSite(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := f.config
	config.Log = slog.New(slog.DiscardHandler)
	site, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- site.Serve(ctx, listener) }()
	c, _, err := websocket.Dial(t.Context(), fmt.Sprintf("ws://%s/-/suggest/socket", listener.Addr()), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	stop()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the site does not end")
	}
	wait, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, _, err := c.Read(wait); err == nil || wait.Err() != nil {
		t.Errorf("the socket is open after the site: %v", err)
	}
}

// openSearch opens the dialog on a page.
func openSearch(t *testing.T, ctx context.Context, page string) {
	t.Helper()
	must(t, ctx, chromedp.Navigate(page))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	await(t, ctx, `document.activeElement.getAttribute("role") === "combobox"`)
}

// awaitHits waits for those of a query in the dialog.
func awaitHits(t *testing.T, ctx context.Context, query string) {
	t.Helper()
	await(t, ctx, fmt.Sprintf(`document.querySelector("dialog").dataset.q === %q && document.querySelectorAll("[role=option]").length > 0`, query))
}

// awaitSockets waits until so many sockets are open.
func awaitSockets(t *testing.T, s *Server, want int32) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); s.sockets.Load() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d sockets are open, want %d", s.sockets.Load(), want)
		}
	}
}

// requestsSent counts those of search while typing since the page was opened.
const requestsSent = `performance.getEntriesByType("resource").filter(e => e.name.includes("/-/suggest?")).length`

func TestSearchOverASocketWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	openSearch(t, ctx, s.url+"/glossary")
	awaitSockets(t, s.server, 1)
	must(t, ctx, chromedp.KeyEvent("disk"))
	awaitHits(t, ctx, "disk")
	before := eval[int](t, ctx, requestsSent) // the browser may have heard of the socket only now
	must(t, ctx, chromedp.KeyEvent(" full"))
	awaitHits(t, ctx, "disk full")
	if n := eval[int](t, ctx, requestsSent) - before; n != 0 {
		t.Errorf("%d requests beside the socket", n)
	}
	// The socket ends: what was asked is asked again, and so are the next.
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`{
		const input = document.activeElement;
		input.maxLength = 5000;
		input.value = "x".repeat(2000);
		input.oninput();
	}`))
	await(t, ctx, `document.querySelector("dialog [role=status]").textContent.startsWith("Search does not answer")`)
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ""`), chromedp.KeyEvent("certificate"))
	awaitHits(t, ctx, "certificate")
	if n := eval[int](t, ctx, requestsSent) - before; n < 2 {
		t.Errorf("%d requests after the socket ended", n)
	}
	// A dialog that is opened again has a socket again, which ends with it.
	must(t, ctx, chromedp.KeyEvent(kb.Escape))
	await(t, ctx, `document.activeElement === document.body`)
	must(t, ctx, chromedp.KeyEvent("/"))
	awaitSockets(t, s.server, 1)
	must(t, ctx, chromedp.KeyEvent(kb.Escape))
	awaitSockets(t, s.server, 0)
}

// A broken line may take what is sent and say nothing.
func TestSearchOverADeadSocketWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	there, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(there)
	swallowed := make(chan string, 100)
	dead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/-/suggest/socket" {
			proxy.ServeHTTP(w, r)
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		for {
			_, question, err := c.Read(ctx)
			if err != nil {
				return
			}
			swallowed <- string(question)
		}
	}))
	t.Cleanup(dead.Close)
	openSearch(t, ctx, dead.URL+"/glossary")
	for n := 0; len(swallowed) == 0; n++ { // the first may go before the socket is there
		if n == 20 {
			t.Fatal("nothing is sent over the socket")
		}
		must(t, ctx, chromedp.KeyEvent("d"))
		time.Sleep(50 * time.Millisecond)
	}
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ""`), chromedp.KeyEvent("certificate"))
	awaitHits(t, ctx, "certificate")
}

func TestSearchOverASlowNetworkWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	far := slow(t, s.url, "/-/suggest", 250*time.Millisecond)
	openSearch(t, ctx, far+"/glossary")
	for _, key := range "disk is nearly full" {
		must(t, ctx, chromedp.KeyEvent(string(key)))
		time.Sleep(60 * time.Millisecond)
	}
	if !eval[bool](t, ctx, `document.querySelectorAll("[role=option]").length > 0 && document.querySelector("dialog").dataset.q.startsWith("disk")`) {
		t.Error("who types faster than the network answers sees nothing")
	}
	await(t, ctx, `document.querySelector("dialog").dataset.q === "disk is nearly full"`)
	must(t, ctx, chromedp.KeyEvent("s"), chromedp.KeyEvent(kb.Enter))
	await(t, ctx, `location.pathname === "/search" && new URLSearchParams(location.search).get("q") === "disk is nearly fulls"`)
}
