package site

import (
	"fmt"
	"math/rand/v2"
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

func TestAccessibilityOfCharts(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	s.seed()
	before := time.Now().AddDate(0, -6, 0).Format(time.DateOnly)
	paths := []string{"/compare", "/compare?by=group", "/compare?checklist=observability", "/compare?checklist=observability&teams=payments,search&vs=" + before,
		"/compare?checklist=observability&teams=search&vs=" + before, "/compare?checklist=observability&teams=none&vs=x", "/compare?checklist=production-readiness&group=Shop", "/teams/search/trends", "/teams/search/trends?at=" + before}
	for _, theme := range []string{"light", "dark"} {
		must(t, ctx, chromedp.Navigate(s.url+"/manual"), chromedp.Evaluate[chromedp.Void](`document.querySelector("button[value=`+theme+`]").click()`))
		await(t, ctx, `document.documentElement.dataset.theme === "`+theme+`"`)
		for _, width := range []int64{320, 390, 1280} {
			if width == 320 && theme == "dark" {
				continue // colours make nothing wider
			}
			must(t, ctx, chromedp.EmulateViewport(width, 900))
			for _, path := range paths {
				must(t, ctx, chromedp.Navigate(s.url+path), chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
				if width > 320 {
					for _, v := range violations(t, ctx) {
						t.Errorf("%s, %d px, %s: %s", path, width, theme, v)
					}
				}
				if over := eval[float64](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s is %v px too wide at %d px", path, over, width)
				}
				if size := eval[float64](t, ctx, `Math.min(99, ...[...document.querySelectorAll("main svg text")].map(e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getScreenCTM().a))`); size < 12 {
					t.Errorf("%s: text of a chart has %.1f px at %d px", path, size, width)
				}
			}
		}
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
