package site

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// seed gives the running site two teams that answered one list for a year and a
// half, and one list for two services.
func (s *running) seed() {
	s.t.Helper()
	st, err := store.Open(s.t.Context(), s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	defer st.Close()
	lib := content.Build(nil, content.Options{}, content.Embedded())
	random := rand.New(rand.NewPCG(3, 9))
	begin := time.Now().AddDate(0, -18, 0)
	for i, name := range []string{"Payments and Checkout", "Search"} {
		team, err := st.CreateTeam(s.t.Context(), []string{"payments", "search"}[i], store.Profile{Name: name, Groups: []string{"Shop"}}, begin, "Ada")
		if err != nil {
			s.t.Fatal(err)
		}
		seq := map[string]int64{}
		var batch []store.NewAnswer
		for month := range 18 {
			for _, list := range []struct{ path, subject string }{{"checklists/observability", ""}, {"checklists/production-readiness", "checkout"}, {"checklists/production-readiness", "ledger"}} {
				for _, it := range lib.Page(list.path).Checklist.Items() {
					if random.IntN(6) > 0 {
						continue
					}
					state := []content.State{content.Yes, content.Yes, content.Partly, content.No, content.NotApplicable}[random.IntN(5)]
					key := list.path + list.subject + it.ID
					batch = append(batch, store.NewAnswer{Key: store.Key{Owner: team.Owner(), Checklist: list.path, Subject: list.subject}, Item: it.ID, Base: seq[key], State: state, Note: "What we saw.", Evidence: []string{"https://example.com/evidence"}, At: begin.AddDate(0, month, 3), By: "Ada", TextHash: it.TextHash, Text: it.Text})
					seq[key]++
				}
			}
		}
		if err := st.AppendAnswers(s.t.Context(), batch); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestAccessibilityOfTeams(t *testing.T) {
	t.Parallel()
	s, ctx := serveLibrary(t), browse(t)
	s.seed()
	before := time.Now().AddDate(0, -6, 0).Format(time.DateOnly)
	post := func(path string, pairs ...string) string {
		resp, err := http.Post(s.url+path, "application/x-www-form-urlencoded", strings.NewReader(form(pairs...)))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", path, resp, err)
		}
		defer resp.Body.Close()
		return resp.Request.URL.Path
	}
	post("/-/teams/search/actions", "title", "Write the runbook", "assignee", "Bo", "due", before, "checklist", "observability")
	post("/-/teams/search/targets", "checklist", "observability", "level", "2", "due", "2099-01-01")
	snapshot := post("/-/teams/search/snapshots", "name", "Q3 review")
	for _, path := range []string{"/teams", "/teams?for=checklists/observability", "/teams/search", "/teams/search?at=" + before, "/teams/search?imported=3", "/teams/search/next", "/teams/search/next?checklist=observability&item=x",
		"/teams/search/history", "/teams/search/changes", "/teams/search/snapshots", snapshot, "/teams/search/report", "/teams/search/settings", "/teams/search/import", "/teams/search/trends", "/teams/search/trends?at=" + before,
		"/checklists/observability?team=search", "/checklists/observability?team=search&at=" + before,
		"/compare", "/compare?by=group", "/compare?checklist=observability", "/compare?checklist=observability&teams=payments,search&vs=" + before,
		"/compare?checklist=observability&teams=search&vs=" + before, "/compare?checklist=observability&teams=none&vs=x", "/compare?checklist=production-readiness&group=Shop"} {
		must(t, ctx, chromedp.Navigate(s.url+path), chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("main details").forEach(d => d.open = !d.matches(".more"))`))
		accessible(t, ctx, path)
		for _, width := range []int64{390, 1280} {
			must(t, ctx, chromedp.EmulateViewport(width, 900))
			if size := eval[float64](t, ctx, `Math.min(99, ...[...document.querySelectorAll("main svg text")].map(e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getScreenCTM().a))`); size < 12 {
				t.Errorf("%s: text of a chart has %.1f px at %d px", path, size, width)
			}
		}
	}
	for _, file := range []string{"checklist,item,state\nchecklists/team-foundations,service-owner,yes\n", "checklist,item,state\nnone,x,maybe\n"} {
		sendFile(t, ctx, s.url+"/teams/payments/import", file)
		accessible(t, ctx, "the look at a file")
	}
}

// On paper a chart is black on white, whatever the reader's colours are, and
// nothing is cut off.
func TestChartsOnPaper(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	s.seed()
	must(t, ctx, chromedp.Navigate(s.url+"/manual"), chromedp.Evaluate[chromedp.Void](`document.querySelector("button[value=dark]").click()`))
	await(t, ctx, `document.documentElement.dataset.theme === "dark"`)
	must(t, ctx, chromedp.EmulateViewport(700, 1000)) // A4 without its margins
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/teams/search/trends", "/compare?checklist=observability&teams=payments,search"} {
		must(t, ctx, chromedp.Navigate(s.url+path))
		colours := eval[string](t, ctx, `[...new Set([...document.querySelectorAll(".chart .line, .chart text, .legend .line")].map(e => { const c = getComputedStyle(e); return e.matches("text") ? c.fill : c.stroke }))].join(" ")`)
		if colours != "rgb(0, 0, 0)" {
			t.Errorf("%s: lines and texts are %s", path, colours)
		}
		if shown := eval[bool](t, ctx, `[...document.querySelectorAll("main form, .tabs, .tools")].some(e => e.checkVisibility())`); shown {
			t.Errorf("%s: a form or navigation is printed", path)
		}
		cut := eval[int](t, ctx, `[...document.querySelectorAll("main .chart, main .long")].filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).length`)
		if cut > 0 {
			t.Errorf("%s: %d charts or tables are cut off", path, cut)
		}
	}
}

func TestTeamsAreChosenWithoutScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	s.seed()
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	must(t, ctx, chromedp.Navigate(s.url+"/compare"), chromedp.SetValue("select[name=checklist]", "checklists/observability"), chromedp.Click("form.row button"))
	await(t, ctx, `!!document.querySelector("input[name=teams]")`)
	must(t, ctx, chromedp.Click("input[value=payments]"), chromedp.Click("input[value=search]"), chromedp.Click("form.fields button"))
	await(t, ctx, `document.querySelectorAll("#teams + .table tbody tr").length === 2`)
	must(t, ctx, chromedp.Click(".tools summary"), chromedp.Click("input[value=payments]"), chromedp.SetValue("input[name=vs]", time.Now().AddDate(0, -6, 0).Format(time.DateOnly)), chromedp.Click("form.fields button"))
	await(t, ctx, `!!document.querySelector("#changed")`)
	if heading := eval[string](t, ctx, `document.querySelector("#both").textContent`); heading == "" {
		t.Error(fmt.Sprint("item by item: ", heading))
	}
}
