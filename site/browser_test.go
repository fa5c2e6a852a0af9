package site

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsbook/site/store"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browse starts a Chromium for a test and returns the context of its first tab.
func browse(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROME_PATH")
	if path == "" {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if found, err := exec.LookPath(name); err == nil {
				path = found
				break
			}
		}
	}
	if path == "" {
		t.Fatal("the browser tests need Chromium: apt-get install chromium, or set CHROME_PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, close := chromedp.NewContext(ctx)
	t.Cleanup(close)
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	// Clicks go where a thing was when it was found: nothing may be scrolling then.
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(tab, 6*time.Minute)
	t.Cleanup(cancel)
	return limited
}

// running is a site on a real listener that can be stopped and started again.
type running struct {
	t      *testing.T
	data   string
	url    string
	server *Server
	stop   func()
}

// start serves the embedded library over the data folder.
func (s *running) start() {
	s.t.Helper()
	st, err := store.Open(s.t.Context(), s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	server, err := New(Config{Store: st, Library: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	server.buildIndex(s.t.Context())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	s.url, s.server = "http://"+listener.Addr().String(), server
	s.stop = func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("serve: %v", err)
		}
		if err := st.Close(); err != nil {
			s.t.Error(err)
		}
		s.stop = func() {}
	}
	s.t.Cleanup(func() { s.stop() })
}

func serveLibrary(t *testing.T) *running {
	t.Helper()
	s := &running{t: t, data: t.TempDir()}
	s.start()
	return s
}

// must runs steps and fails the test where one fails.
func must(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of an expression on the page.
func eval[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// await waits until an expression is true. While the page is being replaced
// there is nothing that could evaluate it, which is no failure.
func await(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s at %s: %v", expression, eval[string](t, ctx, "location.href"), err)
		}
	}
}

// scriptReady is true once the page's script has run, which is after the first paint.
const scriptReady = `document.documentElement.dataset.script === "ready"`

const firstItem = `document.querySelector(".item")`

func TestReadSearchAnswerWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	must(t, ctx, chromedp.Navigate(s.url+"/guides/foundations/what-is-devops"))
	next := eval[string](t, ctx, `document.querySelector(".next a").pathname`)
	must(t, ctx, chromedp.Click(".next a"))
	await(t, ctx, fmt.Sprintf(`location.pathname === %q && %s`, next, scriptReady))

	must(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	await(t, ctx, `document.activeElement.getAttribute("role") === "combobox"`)
	must(t, ctx, chromedp.KeyEvent("disk ful"))
	await(t, ctx, `document.querySelectorAll("[role=option]").length > 0 && /result/.test(document.querySelector("dialog [role=status]").textContent)`)
	const chosen = `document.querySelector("[role=option][aria-selected=true]")`
	await(t, ctx, chosen+`.textContent.startsWith("Disk or inode") && document.querySelector("dialog").dataset.q === "disk ful"`)
	must(t, ctx, chromedp.KeyEvent(kb.ArrowDown))
	await(t, ctx, chosen+`.id === "hit-1"`)
	must(t, ctx, chromedp.KeyEvent(kb.ArrowUp))
	await(t, ctx, chosen+`.id === "hit-0"`)
	must(t, ctx, chromedp.KeyEvent(kb.Enter))
	await(t, ctx, `location.pathname === "/playbooks/disk-full"`)

	must(t, ctx, chromedp.Navigate(s.url+"/checklists/team-foundations"))
	await(t, ctx, scriptReady)
	id := eval[string](t, ctx, firstItem+`.querySelector("h3").id`)
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".item")[1].scrollIntoView({behavior: "instant"})`))
	top := eval[float64](t, ctx, "scrollY")
	second := eval[string](t, ctx, `document.querySelectorAll(".item")[1].querySelector("h3").id`)
	must(t, ctx, chromedp.Click(fmt.Sprintf(`.item:has(> #%s) .choice`, second)))
	await(t, ctx, fmt.Sprintf(`/^\s*Saved/.test(document.querySelector(".item:has(> #%s) .saved").textContent)`, second))
	if now := eval[float64](t, ctx, "scrollY"); now != top {
		t.Errorf("saving moved the page from %v to %v", top, now)
	}
	if got := eval[string](t, ctx, `document.querySelector("#progress").textContent`); !strings.Contains(got, "1 of 24 answered") {
		t.Errorf("progress = %q", got)
	}
	// By keys alone: k to the first item, 2 for partly.
	must(t, ctx, chromedp.KeyEvent("k"))
	await(t, ctx, fmt.Sprintf(`document.activeElement.closest(".item")?.querySelector("h3").id === %q`, id))
	must(t, ctx, chromedp.KeyEvent("2"))
	await(t, ctx, fmt.Sprintf(`/^\s*Saved/.test(document.querySelector(".item:has(> #%s) .saved").textContent)`, id))
	must(t, ctx, chromedp.Click(fmt.Sprintf(".item:has(> #%s) .undo button", id)))
	await(t, ctx, fmt.Sprintf(`!document.querySelector(".item:has(> #%s) .choice :checked")`, id))

	s.stop()
	s.start()
	must(t, ctx, chromedp.Navigate(s.url+"/checklists/team-foundations"))
	if !eval[bool](t, ctx, fmt.Sprintf(`document.querySelector(".item:has(> #%s) input[value=yes]").checked && !document.querySelector(".item:has(> #%s) input[value=partly]").checked`, second, id)) {
		t.Error("after a restart the answers are not there")
	}
}

func TestReadSearchAnswerWithoutScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	must(t, ctx, chromedp.Navigate(s.url+"/guides/foundations/what-is-devops"))
	if eval[bool](t, ctx, `!!document.querySelector(".copy")`) {
		t.Fatal("scripts run although they are switched off")
	}
	next := eval[string](t, ctx, `document.querySelector(".next a").pathname`)
	must(t, ctx, chromedp.Click(".next a"))
	await(t, ctx, fmt.Sprintf(`location.pathname === %q`, next))
	must(t, ctx, chromedp.SendKeys(".top input[type=search]", "disk full"+kb.Enter))
	await(t, ctx, `location.pathname === "/search" && !!document.querySelector(".hits a")`)
	must(t, ctx, chromedp.Click(".hits a"))
	await(t, ctx, `location.pathname === "/playbooks/disk-full"`)

	must(t, ctx, chromedp.Navigate(s.url+"/checklists/team-foundations"))
	id := eval[string](t, ctx, firstItem+`.querySelector("h3").id`)
	must(t, ctx, chromedp.Click(fmt.Sprintf(".item:has(> #%s) input[value=yes]", id)), chromedp.Click(fmt.Sprintf(".item:has(> #%s) .save", id)))
	await(t, ctx, `location.hash === "#`+id+`" && /Saved/.test(document.body.textContent)`)
	must(t, ctx, chromedp.Click("button[value=dark]"))
	await(t, ctx, `document.documentElement.dataset.theme === "dark"`)

	s.stop()
	s.start()
	must(t, ctx, chromedp.Navigate(s.url+"/checklists/team-foundations"))
	if !eval[bool](t, ctx, fmt.Sprintf(`document.querySelector(".item:has(> #%s) input[value=yes]").checked`, id)) {
		t.Error("after a restart the answer is not there")
	}
}

//go:embed testdata/axe/axe.min.js
var axe string

// accessible looks at the page that is open, on a phone in light colours and on a
// desk in dark ones: it fails for what axe-core finds (WCAG 2.2 A and AA, best
// practices) and where the page is wider than the screen, down to 320 px.
func accessible(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	must(t, ctx, chromedp.Evaluate[chromedp.Void](axe))
	for _, look := range []struct {
		width int64
		theme string
	}{{320, ""}, {390, "light"}, {1280, "dark"}} {
		must(t, ctx, chromedp.EmulateViewport(look.width, 900))
		if over := eval[float64](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %v px too wide at %d px", what, over, look.width)
		}
		if look.theme == "" {
			continue // its width is all that differs from the phone
		}
		must(t, ctx, chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = "`+look.theme+`"`))
		for _, v := range violations(t, ctx) {
			t.Errorf("%s, %d px, %s: %s", what, look.width, look.theme, v)
		}
	}
}

// violations runs axe-core, which is on the page already.
func violations(t *testing.T, ctx context.Context) []string {
	t.Helper()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
		JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary).join(" | "))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// newTeam creates a team.
func (s *running) newTeam(name string) {
	s.t.Helper()
	resp, err := http.PostForm(s.url+"/-/teams", url.Values{"name": {name}})
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("create a team: %v, %v", resp, err)
	}
	resp.Body.Close()
}

// sendFile sends a file by the form of a team's import, and waits for what it would change.
func sendFile(t *testing.T, ctx context.Context, page, file string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "answers.csv")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, ctx, chromedp.Navigate(page), chromedp.SetUploadFiles("input[type=file]", []string{name}), chromedp.Click("form.fields button"))
	await(t, ctx, `location.pathname.startsWith("/-/") && document.readyState === "complete"`)
}

func TestAccessibility(t *testing.T) {
	t.Parallel()
	s, ctx := serveLibrary(t), browse(t)
	must(t, ctx, chromedp.Navigate(s.url+"/checklists/team-foundations"))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.Click(".item .choice"))
	await(t, ctx, `/Saved/.test(document.querySelector(".item .saved").textContent)`)
	for _, path := range []string{"/", "/guides", "/guides/reliability/slos-and-error-budgets", "/guides/foundations/operations-for-developers", "/playbooks/disk-full",
		"/checklists/team-foundations", "/paths/first-week", "/glossary", "/me", "/-/steps/playbooks/disk-full", "/-/print/guides/security", "/manual/writing", "/search?q=error+budget", "/search", "/search?q=xyzzyq", "/nowhere"} {
		must(t, ctx, chromedp.Navigate(s.url+path))
		accessible(t, ctx, path)
	}
	must(t, ctx, chromedp.Navigate(s.url+"/search"))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.KeyEvent("/"))
	await(t, ctx, `document.activeElement.getAttribute("role") === "combobox"`)
	must(t, ctx, chromedp.KeyEvent("disk"))
	await(t, ctx, `document.querySelectorAll("[role=option]").length > 0`)
	accessible(t, ctx, "search open")
}

// A file is imported by the form alone, without a script.
func TestImportWithoutScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	s.newTeam("Payments")
	must(t, ctx, chromedp.Navigate(s.url+"/teams/payments/settings"), chromedp.Click(`a[href="/teams/payments/import"]`))
	await(t, ctx, `location.pathname === "/teams/payments/import"`)
	sendFile(t, ctx, s.url+"/teams/payments/import", "checklist,item,state\nchecklists/team-foundations,service-owner,yes\n")
	must(t, ctx, chromedp.Click("input[name=apply] ~ button"))
	await(t, ctx, `location.pathname === "/teams/payments" && /Imported: 1 answer/.test(document.body.textContent)`)
}

// slow returns the address of a proxy to a site that keeps requests for a path
// waiting, as a far network would, and knows no sockets.
func slow(t *testing.T, site, path string, wait time.Duration) string {
	t.Helper()
	there, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(there)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // it logs what the browser cancels
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			time.Sleep(wait)
		}
		r.Header.Del("Upgrade")
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(far.Close)
	return far.URL
}

func TestDoubleClickSendsAFormOnceWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	must(t, ctx, chromedp.Navigate(slow(t, s.url, "/-/teams", 500*time.Millisecond)+"/teams"))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.SendKeys(`main form[action="/-/teams"] [name=name]`, "Twice"))
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`{
		const button = document.querySelector('main form[action="/-/teams"] button');
		button.click();
		setTimeout(() => button.click(), 100);
	}`))
	await(t, ctx, `location.pathname.startsWith("/teams/twice")`)
	teams, err := s.server.store.Teams(t.Context(), time.Now())
	if err != nil || len(teams) != 1 {
		t.Errorf("teams = %v, %v", teams, err)
	}
}
