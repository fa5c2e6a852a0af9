package search

import (
	"strings"
	"testing"
)

func TestTokenizeKeepsTheWordsOfOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		// A joined form comes before its parts, in brackets.
		{"On-Call, oncall and on call", "[oncall] on call oncall and on call"},
		{"CI/CD for R&D", "[cicd] ci cd for [rd] r d"},
		{"p99 of 5xx on k8s", "p99 of 5xx on k8s"},
		{"99.99% or 1,000,000 at v1.2", "99.99 or 1000000 at [v12] v1 2"},
		{"MTTR, SLOs and URLs", "mttr slo and url"},
		{"long_query_time=10", "[longquerytime] long query time 10"},
		{"kubectl drain --ignore-daemonsets", "kubectl drain [ignoredaemonsets] ignore daemonsets"},
		{"the team's don't who’s", "the team dont who"},
		{"C++, C# and g++", "c++ c# and g++"},
		{"CrashLoopBackOff but GitHub", "[crashloopbackoff] crash loop back off but github"},
		{"/etc/nginx/nginx.conf", "[etcnginxnginxconf] etc nginx nginx conf"},
		{"Café Ærø Straße naïve", "cafe aero strasse naive"},
		{"e\u0301tat ﬁle Ａ", "etat file a"},
		{"障害対応 on-call", "障 害 対 応 [oncall] on call"},
		{"مرحبا بالعالم", "مرحبا بالعالم"},
		{"🔥 deploy \xff\xfe broken", "deploy broken"},
		{"--- ... '' // ", ""},
		{strings.Repeat("x", maxWordBytes+1) + " y", "y"},
	} {
		var got []string
		for _, tok := range tokenize(test.text) {
			word := tok.text
			if tok.parts > 0 {
				word = "[" + word + "]"
			}
			got = append(got, word)
			if tok.start >= tok.end || tok.end > len(test.text) {
				t.Errorf("tokenize(%q): %q stands at %d:%d", test.text, tok.text, tok.start, tok.end)
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("tokenize(%q) = %q, want %q", test.text, strings.Join(got, " "), test.want)
		}
	}
}

func TestPartsOfACompoundFollowEachOther(t *testing.T) {
	t.Parallel()
	var got []int
	for _, tok := range tokenize("be on-call now") {
		got = append(got, tok.pos)
	}
	if want := []int{1, 2, 2, 3, 4}; len(got) != len(want) || got[1] != got[2] || got[4] != 4 {
		t.Errorf("positions = %v, want %v", got, want)
	}
}

func TestStemsMeetOverSpellingAndEnding(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"reviews", "reviewing", true},
		{"organisation", "organizations", true},
		{"behaviour", "behaviors", true},
		{"dns", "dn", false},
		{"p99", "p9", false},
	} {
		if same := stem(test.a) == stem(test.b); same != test.same {
			t.Errorf("stem(%q) == stem(%q) is %v, want %v", test.a, test.b, same, test.same)
		}
	}
}

func TestInflectionIsNotDerivation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"scan", "scanned", true},
		{"policy", "policies", true},
		{"scale", "scaling", true},
		{"object", "objective", false},
		{"effect", "effectively", false},
	} {
		if got := inflected(test.a, test.b); got != test.want {
			t.Errorf("inflected(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestParseReadsOperatorsAndTakesTheRestAsWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, words, phrases, not string
		kind, tag, in             string
		unfinished                bool
	}{
		{text: "disk full", words: "disk full", unfinished: true},
		{text: "disk full ", words: "disk full"},
		{text: `"error budget" policy`, words: "error budget policy", phrases: "error budget", unfinished: true},
		{text: `-"error budget" policy -slo`, words: "policy", not: "error budget|slo"},
		{text: "kind:Playbooks tag:SLO in:/guides/reliability/ budget", words: "budget", kind: "playbook", tag: "slo", in: "guides/reliability", unfinished: true},
		{text: "kind:novel host:port", words: "kind novel host port", unfinished: true},
		{text: `"open quote`, words: "open quote", unfinished: true},
		{text: "- -- --force a -", words: "force a"},
		{text: `"" kind: tag: in:`, words: "kind tag in", unfinished: true},
		{text: "-on-call rota", words: "rota", not: "on call", unfinished: true},
		{text: "deploy 🔥", words: "deploy"},
	} {
		q := parse(test.text)
		q.narrow(Query{})
		var phrases, not []string
		for _, s := range q.phrases {
			phrases = append(phrases, strings.Join(texts(q.words[s.from:s.to]), " "))
		}
		for _, words := range q.not {
			not = append(not, strings.Join(words, " "))
		}
		if got := strings.Join(texts(q.words), " "); got != test.words {
			t.Errorf("parse(%q) has the words %q, want %q", test.text, got, test.words)
		}
		if got := strings.Join(phrases, "|"); got != test.phrases {
			t.Errorf("parse(%q) has the phrases %q, want %q", test.text, got, test.phrases)
		}
		if got := strings.Join(not, "|"); got != test.not {
			t.Errorf("parse(%q) excludes %q, want %q", test.text, got, test.not)
		}
		if string(q.kind) != test.kind || q.tag != test.tag || q.in != test.in || q.unfinished != test.unfinished {
			t.Errorf("parse(%q) = kind %q, tag %q, in %q, unfinished %v; want %q, %q, %q, %v",
				test.text, q.kind, q.tag, q.in, q.unfinished, test.kind, test.tag, test.in, test.unfinished)
		}
	}
}

func TestDistanceCountsSwapsAsOneEdit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"deisgn", "design", 1, 1},
		{"postmortm", "postmortem", 1, 1},
		{"scannning", "scanning", 2, 1},
		{"slo", "sla", 1, 1},
		{"kubernetes", "docker", 2, 3},
		{"", "", 1, 0},
	} {
		if got := distance([]rune(test.a), []rune(test.b), test.limit); got != test.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", test.a, test.b, test.limit, got, test.want)
		}
	}
}
