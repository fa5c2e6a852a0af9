package site

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// person is somebody who uses a running site without a browser.
type person struct {
	s      *running
	client *http.Client
}

func (s *running) newPerson() *person {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &person{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// post sends a form and returns where it leads.
func (p *person) post(path string, pairs ...string) string {
	p.s.t.Helper()
	resp, err := p.client.Post(p.s.url+path, "application/x-www-form-urlencoded", strings.NewReader(form(pairs...)))
	if err != nil {
		p.s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		p.s.t.Fatalf("POST %s %v = %d", path, pairs, resp.StatusCode)
	}
	return resp.Header.Get("Location")
}

// open opens a round of a team and returns its page and its code.
func (p *person) open(team string, pairs ...string) (page, code string) {
	p.s.t.Helper()
	page = p.post("/-"+team+"/rounds", pairs...)
	resp, err := p.client.Get(p.s.url + page)
	if err != nil {
		p.s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.s.t.Fatal(err)
	}
	return page, string(regexp.MustCompile(`/-/join/([A-Z0-9]{6})"`).FindSubmatch(body)[1])
}

// vote joins a round and answers all items of a checklist alike.
func (p *person) vote(server *Server, list, code, state string) {
	p.s.t.Helper()
	p.post("/-/join/" + code)
	for _, it := range server.Library().Page(list).Checklist.Items() {
		p.post("/-/join/"+code+"/votes", "item", it.ID, "state", state)
	}
}

const foundations = "checklists/team-foundations"

// phoneSize makes the tab a phone.
var phoneSize = chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile, chromedp.EmulateTouch)

func TestWorkshopOnAPhoneWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	facilitator := s.newPerson()
	team := facilitator.post("/-/teams", "name", "Payments")
	page, code := facilitator.open(team, "checklist", foundations)

	must(t, ctx, phoneSize, chromedp.Navigate(s.url+"/-/join/"+strings.ToLower(code)))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.Tap("button.main"))
	await(t, ctx, `!!document.querySelector("form.vote") && `+scriptReady)
	// Each tap is saved at once and leads to the next item.
	first, second := eval[string](t, ctx, `document.querySelectorAll(".step")[0].id`), eval[string](t, ctx, `document.querySelectorAll(".step")[1].id`)
	must(t, ctx, chromedp.Tap("#"+first+" button[value=yes]"))
	await(t, ctx, `location.hash === "#`+second+`" && document.querySelector("#answered b").textContent === "1"`)
	must(t, ctx, chromedp.Tap("#"+second+" button[value=no]"))
	await(t, ctx, `document.querySelector("#answered b").textContent === "2"`)
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`location.hash = "`+second+`"`), chromedp.Tap("#"+second+" button[value=partly]"))
	await(t, ctx, `document.querySelector("#`+second+` [aria-pressed=true]").value === "partly"`)
	if small := eval[float64](t, ctx, `Math.min(...[...document.querySelectorAll(".step:target button, .step:target nav a")].map(e => e.getBoundingClientRect().height))`); small < 44 {
		t.Errorf("a button is %v px high", small)
	}
	// The answers are on the server, and a restart is not noticed.
	must(t, ctx, chromedp.Navigate(s.url+"/-/join/"+code))
	if !eval[bool](t, ctx, fmt.Sprintf(`document.querySelector("#%s [aria-pressed=true]").value === "yes" && document.querySelector("#%s [aria-pressed=true]").value === "partly"`, first, second)) {
		t.Error("the answers were not kept")
	}
	await(t, ctx, scriptReady)
	facilitator.post("/-"+page+"/reveal", "confirm", "yes")
	await(t, ctx, `document.querySelector("h2").textContent === "What all said" && document.body.textContent.includes("you: Partly")`)
}

func TestFacilitatorSeesMembersArriveWithScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	facilitator := s.newPerson()
	team := facilitator.post("/-/teams", "name", "Payments")
	page, code := facilitator.open(team, "checklist", foundations)
	must(t, ctx, chromedp.Navigate(s.url+page))
	await(t, ctx, scriptReady)
	must(t, ctx, chromedp.Click("#live summary"))
	s.newPerson().vote(s.server, foundations, code, "yes")
	await(t, ctx, `/1 joined, 1 has answered/.test(document.querySelector("#live").textContent) && document.querySelector("#live details").open && document.querySelector("#live td").textContent === "1"`)
	must(t, ctx, chromedp.Click("form[action$=reveal] button"))
	await(t, ctx, `/1 took part/.test(document.body.textContent) && document.querySelectorAll("form.agree").length === 24`)
	// What all said is filled in; recording it is one click.
	must(t, ctx, chromedp.Click("form.agree .save"))
	await(t, ctx, `/1 answer recorded/.test(document.body.textContent)`)
}

func TestWorkshopWithoutScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	facilitator := s.newPerson()
	team := facilitator.post("/-/teams", "name", "Payments")
	must(t, ctx, chromedp.Navigate(s.url+team+"/rounds"), chromedp.Click("form:has([name=title]) button"))
	await(t, ctx, `!!document.querySelector(".joincode")`)
	page := eval[string](t, ctx, "location.pathname")
	code := strings.ReplaceAll(eval[string](t, ctx, `document.querySelector(".joincode").textContent`), " ", "")

	must(t, ctx, phoneSize, chromedp.Navigate(s.url+"/-/join"), chromedp.SendKeys("[name=code]", strings.ToLower(code)), chromedp.Tap("main button"))
	await(t, ctx, `!!document.querySelector("button.main")`)
	must(t, ctx, chromedp.Tap("button.main"))
	await(t, ctx, `!!document.querySelector("form.vote")`)
	steps := `document.querySelectorAll(".step")`
	for n := range 3 {
		id := eval[string](t, ctx, fmt.Sprintf(steps+"[%d].id", n))
		must(t, ctx, chromedp.Tap("#"+id+" button[value=partly]"))
		await(t, ctx, fmt.Sprintf(`location.hash === "#" + %s[%d].id && document.querySelector("#answered b").textContent === "%d"`, steps, n+1, n+1))
	}
	must(t, ctx, chromedp.Navigate(s.url+page), chromedp.Click("form[action$=reveal] button"))
	await(t, ctx, `/1 of 1 have not answered everything/.test(document.body.textContent)`)
	must(t, ctx, chromedp.Click("[role=alert] button"))
	await(t, ctx, `/1 took part/.test(document.body.textContent)`)
	must(t, ctx, chromedp.Click("form.agree .save"))
	await(t, ctx, `/1 answer recorded/.test(document.body.textContent)`)
	must(t, ctx, chromedp.Navigate(s.url+"/-/join/"+code))
	if !strings.Contains(eval[string](t, ctx, "document.body.textContent"), "you: Partly") {
		t.Error("looking again does not show the reveal")
	}
	must(t, ctx, chromedp.Navigate(s.url+page), chromedp.Click("form[action$=close] button"))
	await(t, ctx, `/closed/.test(document.body.textContent) && !document.querySelector("main form")`)
}

func TestSurveyOnAPhoneWithoutScript(t *testing.T) {
	s, ctx := serveLibrary(t), browse(t)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	facilitator := s.newPerson()
	team := facilitator.post("/-/teams", "name", "Payments")
	page, code := facilitator.open(team, "checklist", "checklists/culture-survey", "places", "5")
	for range 4 {
		p := s.newPerson()
		p.post("/-/join/" + code)
		p.post("/-/join/"+code+"/ballot", "answer-rested", "5")
	}
	must(t, ctx, phoneSize, chromedp.Navigate(s.url+"/-/join/"+code), chromedp.Tap("button.main"))
	await(t, ctx, `!!document.querySelector("fieldset.vote")`)
	for range 10 {
		must(t, ctx, chromedp.Tap(".step:target input[value='6'], .stepwise:not(:has(.step:target)) .step:first-of-type input[value='6']"),
			chromedp.Tap(".step:target [rel=next], .stepwise:not(:has(.step:target)) .step:first-of-type [rel=next]"))
	}
	await(t, ctx, `location.hash === "#end"`)
	must(t, ctx, chromedp.Tap("button.main"))
	await(t, ctx, `/counted already/.test(document.body.textContent)`)
	facilitator.post("/-" + page + "/close")
	must(t, ctx, chromedp.Navigate(s.url+page))
	if text := eval[string](t, ctx, "document.body.textContent"); !strings.Contains(text, "5 of 5 people answered") || !strings.Contains(text, "5.2") || !strings.Contains(text, "fewer than five") {
		t.Errorf("result: %s", text)
	}
}

// The pages of rounds in every state, on a phone and on a desk, light and dark.
func TestAccessibilityOfRounds(t *testing.T) {
	t.Parallel()
	s := serveLibrary(t)
	facilitator := s.newPerson()
	team := facilitator.post("/-/teams", "name", "Payments")
	open, openCode := facilitator.open(team, "checklist", foundations, "title", "Open")
	revealed, revealedCode := facilitator.open(team, "checklist", foundations)
	for _, state := range []string{"yes", "no"} {
		s.newPerson().vote(s.server, foundations, revealedCode, state)
	}
	one := s.newPerson()
	one.post("/-/join/" + revealedCode)
	one.post("/-/join/"+revealedCode+"/votes", "item", s.server.Library().Page(foundations).Checklist.Items()[0].ID, "state", "na")
	facilitator.post("/-"+revealed+"/reveal", "confirm", "yes")
	survey, surveyCode := facilitator.open(team, "checklist", "checklists/culture-survey", "places", "9")
	closed, closedCode := facilitator.open(team, "checklist", "checklists/culture-survey", "places", "9")
	for i := range 6 {
		p := s.newPerson()
		p.post("/-/join/" + closedCode)
		p.post("/-/join/"+closedCode+"/ballot", "answer-rested", fmt.Sprint(1+i), "answer-still-care", "4")
	}
	facilitator.post("/-" + closed + "/close")
	join := "/-/join/"
	for name, paths := range map[string][]string{
		"team":   {team + "/rounds", open, revealed, survey, closed, "/checklists/culture-survey"},
		"member": {join[:len(join)-1], join + openCode, join + openCode + "#end", join + revealedCode, join + surveyCode, join + surveyCode + "#end", join + closedCode},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := browse(t)
			for _, code := range []string{openCode, surveyCode} { // so that the browser is a member
				must(t, ctx, chromedp.Navigate(s.url+join+code), chromedp.Click("button.main"))
				await(t, ctx, `!!document.querySelector(".step")`)
			}
			for _, path := range paths {
				must(t, ctx, chromedp.Navigate(s.url+path), chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".team details, .stepwise details").forEach(d => d.open = true)`))
				accessible(t, ctx, path)
			}
		})
	}
}
