package search_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/search"
)

// pages is a small library in which every page has a word of its own.
var pages = map[string]string{
	"guides/slo.md": "---\ntitle: SLIs, SLOs and error budgets\ntags: [slo, reliability]\n---\n" +
		"A target for a service.\n\n## Choose a target\n\nAn SLO of 99.95% leaves little room. The SLI is measured at the load balancer.\n\n" +
		"## Spend the budget\n\nAgree what happens when the error budget is gone.\n",
	"guides/oncall.md": "---\ntitle: Being on call\ndescription: What the pager asks of you.\n---\n" +
		"## Acknowledge\n\nAcknowledge within five minutes. Hand over to the secondary when you cannot.\n\n" +
		"## Escalate\n\nAsk the incident commander for help. Kubernetes is no excuse.\n",
	"guides/contract.md":    "---\ntitle: Contracts\n---\nAn SLA is a promise to customers about the service.\n",
	"guides/pool.md":        "---\ntitle: Swimming\n---\nThe error was in the budget for the pool. Roll the towel, then go back home.\n",
	"playbooks/rollback.md": "---\ntitle: Roll back a bad deploy\nalerts: [CrashLoopHigh]\n---\nUndo the release.\n\n```\nkubectl rollout undo deployment/NAME --to-revision=3\n```\n",
	"playbooks/disk.md":     "---\ntitle: Disk full\n---\nFree space with `journalctl --vacuum-size=500M`. Error: No space left on device.\n\n## Truncate\n\nTruncate the log that is still open, with commanders watching.\n",
	"glossary.yaml": "- term: Incident commander\n  also: [IC, incident lead]\n  text: The person who decides.\n" +
		"- term: SLO\n  also: [service level objective]\n  text: A target.\n" +
		"- term: Balancer farm\n  also: [BFG 9000, load balancer]\n  text: Ours.\n",
}

func library(t testing.TB, docs map[string]string) *content.Library {
	t.Helper()
	return content.Build(nil, content.Options{}, content.Memory("test", docs))
}

// ask searches and returns the paths of the hits.
func ask(t testing.TB, ix *search.Index, q search.Query) (search.Results, []string) {
	t.Helper()
	res, err := ix.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("search %q: %v", q.Text, err)
	}
	var paths []string
	for _, h := range res.Hits {
		paths = append(paths, h.Page.Path)
	}
	return res, paths
}

func TestSearchFindsThePage(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	for _, test := range []struct {
		name, text string
		want       string // the first page; "" for none
	}{
		{"title", "disk full", "playbooks/disk"},
		{"stem", "acknowledging", "guides/oncall"},
		{"unfinished word", "ackn", "guides/oncall"},
		{"unfinished word after its neighbour", "no sp", "playbooks/disk"},
		{"misspelt word", "secondry", "guides/oncall"},
		{"swapped letters", "turncate", "playbooks/disk"},
		{"two words written as one", "rollback", "playbooks/rollback"},
		{"one word written as two", "on call", "guides/oncall"},
		{"hyphen", "on-call", "guides/oncall"},
		{"abbreviation for several words", "IC", "guides/oncall"},
		{"several words for an abbreviation", "service level objective", "guides/slo"},
		{"an organisation's own acronym", "BFG 9000", "guides/slo"},
		{"numeronym", "k8s", "guides/oncall"},
		{"number", "99.95", "guides/slo"},
		{"error message", "no space left on device", "playbooks/disk"},
		{"flag in code", "--to-revision", "playbooks/rollback"},
		{"flag in prose", "--vacuum-size", "playbooks/disk"},
		{"alert of a playbook", "CrashLoopHigh", "playbooks/rollback"},
		{"tag", "reliability", "guides/slo"},
		{"words next to each other first", "error budget", "guides/slo"},
		{"accents", "kübernêtes", "guides/oncall"},
		{"capitals", "TRUNCATE THE LOG", "playbooks/disk"},
		{"question", "what do I do when the disk is full", "playbooks/disk"},
		{"nothing", "xylophone", ""},
	} {
		_, paths := ask(t, ix, search.Query{Text: test.text})
		if test.want == "" && len(paths) > 0 || test.want != "" && (len(paths) == 0 || paths[0] != test.want) {
			t.Errorf("%s: %q finds %q, want %q first", test.name, test.text, paths, test.want)
		}
	}
}

func TestOnlyUnknownLongWordsAreCorrected(t *testing.T) {
	t.Parallel()
	docs := map[string]string{
		"a.md": "# Promise\n\nThe SLA and MTTR of p95 latency.",
		"b.md": "# Other\n\nBudget talk. Budgie birds.",
	}
	ix := build(t, library(t, docs))
	for _, test := range []struct{ text, corrected string }{
		{"SLX", ""},  // short
		{"slx", ""},  // short
		{"MTTX", ""}, // an abbreviation
		{"p99x", ""}, // a name with digits
		{"latncy", "latency"},
		{"LATENCYY", "latency"}, // shouted
		{"talk budgte", "talk budget"},
		{"budgie", ""}, // known, though near budget
		{`"latncy"`, ""},
	} {
		res, _ := ask(t, ix, search.Query{Text: test.text})
		if res.Corrected != test.corrected {
			t.Errorf("%q is corrected to %q, want %q", test.text, res.Corrected, test.corrected)
		}
	}
	if _, paths := ask(t, ix, search.Query{Text: "SLO"}); len(paths) > 0 {
		t.Errorf("SLO finds %q, where only SLA is", paths)
	}
	if res, _ := ask(t, ix, search.Query{Text: "latncy", Exact: true}); res.Corrected != "" || res.Total > 0 {
		t.Errorf("an exact search is corrected to %q", res.Corrected)
	}
	if res, _ := ask(t, ix, search.Query{Text: "kind:guide latncy -birds"}); res.Corrected != "kind:guide latency -birds" {
		t.Errorf("the correction is %q; want the operators kept", res.Corrected)
	}
}

func TestOperatorsNarrow(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	for _, test := range []struct {
		query search.Query
		want  []string
	}{
		{search.Query{Text: `"error budget"`}, []string{"guides/slo"}},
		{search.Query{Text: `error -"error budget" -space`}, []string{"guides/pool"}},
		{search.Query{Text: "service -SLO"}, []string{"guides/contract"}},
		{search.Query{Text: "kind:playbook error"}, []string{"playbooks/disk"}},
		{search.Query{Text: "error", Kind: content.Playbook}, []string{"playbooks/disk"}},
		{search.Query{Text: "error tag:SLO"}, []string{"guides/slo"}},
		{search.Query{Text: "in:playbooks error"}, []string{"playbooks/disk"}},
		{search.Query{Text: "in:play error"}, nil},
		{search.Query{Text: "in:guides/slo error"}, []string{"guides/slo"}},
		{search.Query{Text: `"commanders"`}, []string{"playbooks/disk"}}, // no stem in quotes
	} {
		if _, paths := ask(t, ix, test.query); !slices.Equal(paths, test.want) {
			t.Errorf("%+v finds %q, want %q", test.query, paths, test.want)
		}
	}
}

func TestHitLeadsToTheSectionThatAnswers(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	res, _ := ask(t, ix, search.Query{Text: "error budget is gone"})
	h := res.Hits[0]
	if h.Anchor != "spend-the-budget" || h.Heading != "Spend the budget" {
		t.Errorf("hit leads to #%s %q, want #spend-the-budget", h.Anchor, h.Heading)
	}
	if text, marked := plain(h.Snippet); text != "Agree what happens when the error budget is gone." || !slices.Equal(marked, []string{"error", "budget", "gone"}) {
		t.Errorf("snippet = %q with %q marked", text, marked)
	}
	if !slices.Contains(h.Words, "budget") || !slices.Contains(h.Words, "gone") {
		t.Errorf("words to mark on the page = %q", h.Words)
	}
	res, _ = ask(t, ix, search.Query{Text: "rollout undo"})
	if text, marked := plain(res.Hits[0].Snippet); !strings.Contains(text, "kubectl rollout undo") || len(marked) != 2 {
		t.Errorf("snippet of code = %q with %q marked", text, marked)
	}
	res, _ = ask(t, ix, search.Query{Text: "disk full"})
	if h := res.Hits[0]; h.Anchor != "" {
		t.Errorf("a page whose title is the query is led to at #%s, want its top", h.Anchor)
	}
}

func TestSnippetOfALongTextShowsItsBestPart(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("Nothing to see here, said the mürrische guard. ", 40)
	ix := build(t, library(t, map[string]string{"a.md": "# Long\n\n" + filler + "The quorum is lost once. " + filler + "A quorum needs three voters. " + filler}))
	res, _ := ask(t, ix, search.Query{Text: "quorum voters"})
	text, marked := plain(res.Hits[0].Snippet)
	if !slices.Equal(marked, []string{"quorum", "voters"}) || len(text) > 300 || !strings.HasPrefix(text, "… ") || !strings.HasSuffix(text, " …") || !utf8.ValidString(text) {
		t.Errorf("snippet = %q with %q marked", text, marked)
	}
}

func plain(snippet []search.Fragment) (text string, marked []string) {
	for _, f := range snippet {
		text += f.Text
		if f.Mark {
			marked = append(marked, f.Text)
		}
	}
	return text, marked
}

func TestTermIsAnsweredFirst(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	for text, want := range map[string]string{
		"slo": "SLO", "SLOs": "SLO", "Service Level Objectives": "SLO", "incident-commander": "Incident commander", "what is an SLO?": "SLO",
		"slo target": "", "what is an SLO target": "", "what": "",
		"toil": "", // the embedded glossary is vocabulary here, not an answer
	} {
		res, _ := ask(t, ix, search.Query{Text: text})
		got := ""
		if res.Term != nil {
			got = res.Term.Term
		}
		if got != want {
			t.Errorf("%q is the term %q, want %q", text, got, want)
		}
	}
}

func TestNothingFoundNamesWhatIsNear(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	res, _ := ask(t, ix, search.Query{Text: "Xcknxwlxdge"})
	if res.Total != 0 || !slices.Contains(res.Near, "acknowledge") {
		t.Errorf("total = %d, near = %q; want acknowledge", res.Total, res.Near)
	}
	for _, text := range []string{"", "  ", "kind:playbook", "-slo", `""`, "🔥", "?!"} {
		if res, _ := ask(t, ix, search.Query{Text: text}); !res.Tips || res.Total != 0 {
			t.Errorf("%q: %d results, tips %v; want tips only", text, res.Total, res.Tips)
		}
	}
}

func TestExplanationAddsUpToTheScore(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, pages))
	res, _ := ask(t, ix, search.Query{Text: "the eror budget SLO", Explain: true})
	if len(res.Hits) < 2 {
		t.Fatalf("%d hits, want several", len(res.Hits))
	}
	for _, h := range res.Hits {
		sum := 0.0
		for _, w := range h.Why.Words {
			sum += w.Score
		}
		if got := (sum*h.Why.Coordination + h.Why.Proximity) * h.Why.Title; math.Abs(got-h.Score) > 1e-9 || h.Why.Coordination > 1+1e-9 {
			t.Errorf("%s: explanation gives %v for score %v, coordination %v", h.Page.Path, got, h.Score, h.Why.Coordination)
		}
	}
	words := res.Hits[0].Why.Words
	if !words[0].Common || words[1].Word != "error" || words[1].Forms[0].Why != search.Corrected || len(words[3].Forms) == 0 {
		t.Errorf("explanation of the words = %+v", words)
	}
}

func TestResultsContinueOnTheNextPage(t *testing.T) {
	t.Parallel()
	docs := map[string]string{}
	for i := range 120 {
		docs[fmt.Sprintf("p%03d.md", i)] = fmt.Sprintf("# Page %d\n\n%s", i, strings.Repeat("toil and trouble. ", i%7+1))
	}
	ix := build(t, library(t, docs))
	all, paths := ask(t, ix, search.Query{Text: "toil trouble", Limit: 100})
	var piecewise []string
	for offset := 0; offset < 100; offset += 10 {
		_, part := ask(t, ix, search.Query{Text: "toil trouble", Limit: 10, Offset: offset})
		piecewise = append(piecewise, part...)
	}
	if all.Total != 120 || !slices.Equal(paths, piecewise) {
		t.Errorf("total = %d; 10 pages of results are not the first 100", all.Total)
	}
	if _, beyond := ask(t, ix, search.Query{Text: "toil", Offset: 1000}); len(beyond) > 0 {
		t.Errorf("%d hits beyond the end", len(beyond))
	}
}

func TestVocabularyOfTheEmbeddedGlossaryCountsWithoutTheLibrary(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, map[string]string{"a.md": "# Who leads\n\nThe incident commander leads."}))
	if _, paths := ask(t, ix, search.Query{Text: "IC"}); len(paths) != 1 {
		t.Errorf("IC finds %q", paths)
	}
}

func TestCancelledSearchReturnsTheContextsError(t *testing.T) {
	t.Parallel()
	lib := library(t, pages)
	ix := build(t, lib)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ix.Search(ctx, search.Query{Text: "slo"}); err != context.Canceled {
		t.Errorf("search: %v, want %v", err, context.Canceled)
	}
	if _, err := search.Build(ctx, lib); err == nil {
		t.Error("build goes on after its context ended")
	}
}

func TestEmptyLibraryAnswersNothing(t *testing.T) {
	t.Parallel()
	ix := build(t, library(t, nil))
	if res, _ := ask(t, ix, search.Query{Text: "slo"}); res.Total != 0 {
		t.Errorf("total = %d", res.Total)
	}
}

// hostile are searches that nobody types.
var hostile = map[string]string{
	"10,000 letters":     strings.Repeat("a", 10_000),
	"500 words":          strings.Repeat("error budget the incident on-call ", 100),
	"only operators":     strings.Repeat(`- "" kind: `, 100),
	"wildcards":          strings.Repeat("*?*[a-z]* ", 200),
	"invalid UTF-8":      strings.Repeat("\xff\xfe\xc3(", 300),
	"right to left":      "מה זה SLO \u202e budget",
	"emoji":              "🔥👩‍🚒 deploy 💥",
	"long compound":      strings.Repeat("on-call/", 500),
	"open quotes":        strings.Repeat(`"error `, 200),
	"one letter":         "s",
	"many exclusions":    "error " + strings.Repeat("-budget ", 200),
	"unknown words":      strings.Repeat("zzyzxq ", 100),
	"misspelt words":     strings.Repeat("incidnet budgte sevrity escalaton acknowledgd ", 20),
	"different words":    "error budget incident page service alert deploy release team time user system test change code monitor log disk host file data cause step rule level number week minute hour night day person",
	"two-letter endings": strings.Repeat("in de re co ", 60) + "re",
}

func TestHostileSearchesAreAnswered(t *testing.T) {
	t.Parallel()
	ix := build(t, content.Build(nil, content.Options{}, content.Embedded()))
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) { checkAnswer(t, ix, text) })
	}
}

// checkAnswer fails the test when the answer to a text is not in order.
func checkAnswer(t *testing.T, ix *search.Index, text string) {
	t.Helper()
	res, _ := ask(t, ix, search.Query{Text: text, Limit: 7, Explain: true})
	if len(res.Hits) > 7 || res.Total < len(res.Hits) || res.Tips && res.Total > 0 {
		t.Errorf("%q: %d hits of %d, tips %v", text, len(res.Hits), res.Total, res.Tips)
	}
	last := math.Inf(1)
	for _, h := range res.Hits {
		if math.IsNaN(h.Score) || h.Score <= 0 || h.Score > last {
			t.Errorf("%q: %s has the score %v after %v", text, h.Page.Path, h.Score, last)
		}
		last = h.Score
		isAnchor := func(x content.Heading) bool { return x.Anchor == h.Anchor }
		if h.Anchor != "" && !slices.ContainsFunc(h.Page.Headings, isAnchor) {
			t.Errorf("%q: %s has no #%s", text, h.Page.Path, h.Anchor)
		}
		if snippet, _ := plain(h.Snippet); !utf8.ValidString(snippet) || strings.Contains(snippet, "\n") {
			t.Errorf("%q: snippet %q", text, snippet)
		}
		if slices.Contains(h.Words, "") {
			t.Errorf("%q: words to mark %q", text, h.Words)
		}
	}
}

func FuzzSearch(f *testing.F) {
	ix := build(f, content.Build(nil, content.Options{}, content.Embedded()))
	for _, text := range hostile {
		f.Add(text)
	}
	f.Add(`kind:playbook "roll back" -tag:slo in:playbooks rollbakc`)
	f.Fuzz(func(t *testing.T, text string) { checkAnswer(t, ix, text) })
}

func TestSearchesRunBesideUpdates(t *testing.T) {
	t.Parallel()
	docs := map[string]string{"a.md": "# Alpha\n\nfirst", "b.md": "# Beta\n\nsecond"}
	lib := library(t, docs)
	ix := build(t, lib)
	var searches sync.WaitGroup
	for i := range 30 {
		searches.Go(func() {
			if _, paths := ask(t, ix, search.Query{Text: "beta"}); !slices.Equal(paths, []string{"b"}) {
				t.Errorf("beta finds %q", paths)
			}
		})
		docs["a.md"] = fmt.Sprintf("# Alpha\n\nedition%d", i)
		lib = content.Build(lib, content.Options{}, content.Memory("test", docs))
		ix = update(t, ix, lib)
	}
	searches.Wait()
}
