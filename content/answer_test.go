package content

import (
	"strings"
	"testing"
	"time"
)

func TestCheckAnswer(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, "---\ntitle: L\nper: service\nscales: {s: [bad, good]}\nlabels: {na: Not ours}\n---\n### A {#a}\n\n### B {#b scale=\"s\"}\n")
	yes := Answer{State: Yes, Note: "n", Evidence: []string{"https://example.com/a b"}, By: "Ada"}
	with := func(change func(*Answer)) Answer {
		a := yes
		change(&a)
		return a
	}
	for name, test := range map[string]struct {
		item, subject string
		a             Answer
		field         string // that is wrong; empty: none
	}{
		"good":               {"a", "pay", yes, ""},
		"taken back":         {"a", "pay", Answer{}, ""},
		"on a scale":         {"b", "pay", with(func(a *Answer) { a.State = "2" }), ""},
		"not on the scale":   {"b", "pay", with(func(a *Answer) { a.State = "3" }), "state"},
		"yes on a scale":     {"b", "pay", yes, "state"},
		"unknown":            {"a", "pay", with(func(a *Answer) { a.State = "maybe" }), "state"},
		"no subject":         {"a", "", yes, "subject"},
		"two lines":          {"a", "a\nb", yes, "subject"},
		"long subject":       {"a", strings.Repeat("ü", 201), yes, "subject"},
		"longest subject":    {"a", strings.Repeat("ü", 200), yes, ""},
		"no reason":          {"a", "pay", Answer{State: NotApplicable, Note: " "}, "note"},
		"long note":          {"a", "pay", with(func(a *Answer) { a.Note = strings.Repeat("ü", 4001) }), "note"},
		"NUL":                {"a", "pay", with(func(a *Answer) { a.Note = "a\x00" }), "note"},
		"not UTF-8":          {"a", "pay", with(func(a *Answer) { a.Note = "\xff" }), "note"},
		"script":             {"a", "pay", with(func(a *Answer) { a.Evidence = []string{"javascript:alert(1)"} }), "evidence"},
		"no host":            {"a", "pay", with(func(a *Answer) { a.Evidence = []string{"https:///x"} }), "evidence"},
		"control characters": {"a", "pay", with(func(a *Answer) { a.Evidence = []string{"https://a.b/\n"} }), "evidence"},
		"many links":         {"a", "pay", with(func(a *Answer) { a.Evidence = strings.Split(strings.Repeat("https://a.b ", 21), " ") }), "evidence"},
		"long name":          {"a", "pay", with(func(a *Answer) { a.By = strings.Repeat("x", 81) }), "by"},
	} {
		if field, problem := c.CheckAnswer(c.Item(test.item), test.subject, test.a); field != test.field || (problem == "") != (field == "") {
			t.Errorf("%s: %q %q, want %q", name, field, problem, test.field)
		}
	}
	for state, want := range map[State]string{Yes: "Yes", NotApplicable: "Not ours", "": "Not answered", "7": "7"} {
		if got := c.Label(c.Item("a"), state); got != want {
			t.Errorf("label of %q = %q, want %q", state, got, want)
		}
	}
	if got := c.Label(c.Item("b"), "2"); got != "good" {
		t.Errorf("label on the scale = %q", got)
	}
}

func TestEndOfDay(t *testing.T) {
	t.Parallel()
	if got, err := EndOfDay("2026-02-28"); err != nil || got.Format(time.RFC3339Nano) != "2026-02-28T23:59:59.999Z" {
		t.Errorf("end of the day = %v, %v", got, err)
	}
	for _, bad := range []string{"", "soon", "2026-02-30", "2026-2-8", "2026-02-28T00:00:00Z"} {
		if got, err := EndOfDay(bad); err == nil {
			t.Errorf("%q = %v", bad, got)
		}
	}
}
