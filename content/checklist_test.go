package content

import (
	"math"
	"strings"
	"testing"
	"time"
)

const list = `---
title: L
levels: [Basic, Solid]
threshold: 0.8
item_aliases: {old-a: a}
---
Intro

## One

### A claim {#a level=1 .must weight=2 expires=90 practice="p-a"}

Why.

**How to verify:** look.

### B claim {#b}

## Two

### C claim {#c level=2 .must}

### D claim {#d level=2}

## Notes

After.
`

func checklistOf(t *testing.T, text string) (*Library, *Checklist) {
	t.Helper()
	lib := library(map[string]string{"checklists/l.md": text})
	p := lib.Page("checklists/l")
	if p == nil || p.Checklist == nil {
		t.Fatalf("no checklist: %q", messages(lib.Check(now)))
	}
	return lib, p.Checklist
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	lib, c := checklistOf(t, list)
	if len(c.Sections) != 2 || len(c.Items()) != 4 {
		t.Fatalf("sections = %+v", c.Sections)
	}
	a := c.Item("a")
	if a.Claim != "A claim" || a.Level != 1 || !a.Must || a.Weight != 2 || a.Expires != 90 || a.Practice != "p-a" || c.Item("old-a") != a {
		t.Errorf("item = %+v", a)
	}
	body, err := lib.Render(lib.Page("checklists/l"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body.Items["a"]), "<strong>How to verify:</strong> look.") || !strings.Contains(string(body.HTML), "Intro") || !strings.Contains(string(body.After), "After.") {
		t.Errorf("body = %+v", body)
	}
}

func TestChecklistErrors(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"### A {#a level=10}":       "level=10: want 1 to 9",
		"### A {#a weight=0}":       "weight=0: want a number above 0",
		"### A {#a weight=-1}":      "weight=-1: want a number above 0",
		"### A {#a expires=4000}":   "expires=4000: want 1 to 3650",
		"### A {#A}":                "an id has small letters",
		"### A {#1a}":               "an id has small letters",
		"### A {#a .should}":        "unknown mark .should",
		"### A {#a colour=red}":     "unknown attribute colour",
		`### A {#a practice="P q"}`: "practice=",
		`### A {#a scale="time"}`:   `scale="time" is not in scales`,
		"### A {#a level=}":         "cannot be read",
		"### A {#a}\n\n### B {#a}":  "the id a stands twice",
	} {
		lib := library(map[string]string{"checklists/l.md": "---\ntitle: L\n---\n## S\n\n" + heading + "\n"})
		got := strings.Join(messages(lib.Check(now)), "\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: problems = %q, want %q", heading, got, want)
		}
		if p := lib.Page("checklists/l"); p == nil || len(p.Broken) == 0 {
			t.Errorf("%s: the broken checklist is served", heading)
		}
	}
	lib := library(map[string]string{"checklists/l.md": "---\ntitle: L\nitem_aliases: {x: y}\nthreshold: 2\nscales: {t: [one]}\n---\n## S\n\n### A claim\n"})
	got := strings.Join(messages(lib.Check(now)), "\n")
	for _, want := range []string{"3 item_aliases: x points to y", "4 threshold: want a number from 0 to 1", "5 scales: t needs at least two"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	lib = library(map[string]string{"checklists/l.md": "---\ntitle: L\n---\n### A claim\n"})
	if got := lib.Check(now); len(got) != 1 || !got[0].Warning || !strings.Contains(got[0].Message, "{#a-claim}") {
		t.Errorf("an item without an id: %q", messages(got))
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, list)
	fresh, old := now.AddDate(0, 0, -10), now.AddDate(0, 0, -91)
	yes := func(at time.Time) Answer { return Answer{State: Yes, At: at} }
	type answers = map[string]Answer
	tests := []struct {
		name            string
		answers         answers
		share, coverage float64
		level           int
		na              bool
	}{
		{"nothing answered", nil, 0, 0, 0, false},
		{"all yes", answers{"a": yes(fresh), "b": yes(fresh), "c": yes(fresh), "d": yes(fresh)}, 1, 1, 2, false},
		{"level 1 only", answers{"a": yes(fresh), "b": yes(fresh)}, 0.6, 0.5, 1, false},
		{"an expired must holds no level", answers{"a": yes(old), "b": yes(fresh)}, 0.4, 0.5, 0, false},
		{"partly is half", answers{"a": {State: Partly}, "b": {State: Partly}}, 0.3, 0.5, 0, false},
		{"level 2 without level 1", answers{"c": yes(fresh), "d": yes(fresh)}, 0.4, 0.5, 0, false},
		{"na leaves the sum", answers{"a": yes(fresh), "b": {State: NotApplicable, Note: "x"}}, 0.5, 0.5, 1, false},
		{"threshold 0.8 reached exactly", answers{"a": yes(fresh), "b": yes(fresh), "c": yes(fresh), "d": {State: No}}, 0.8, 1, 2, false},
		{"a level all na asks for nothing", answers{"a": yes(fresh), "b": yes(fresh), "c": {State: NotApplicable}, "d": {State: NotApplicable}}, 1, 1, 2, false},
		{"all na", answers{"a": {State: NotApplicable}, "b": {State: NotApplicable}, "c": {State: NotApplicable}, "d": {State: NotApplicable}}, 0, 1, 0, true},
		{"answers to items that are gone", answers{"gone": yes(fresh)}, 0, 0, 0, false},
		{"a state that is none", answers{"a": {State: "maybe"}}, 0, 0, 0, false},
	}
	for _, tt := range tests {
		s := c.Score(tt.answers, now)
		if math.Abs(s.Share-tt.share) > 1e-9 || math.Abs(s.Coverage-tt.coverage) > 1e-9 || s.Level != tt.level || s.NotApplicable != tt.na {
			t.Errorf("%s: share %v coverage %v level %d na %v, want %v %v %d %v", tt.name, s.Share, s.Coverage, s.Level, s.NotApplicable, tt.share, tt.coverage, tt.level, tt.na)
		}
	}
}

func TestScalesAndBands(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, `---
title: L
labels: {yes: Done}
scales: {time: ["months", "weeks", "days"]}
bands: [{min: 0, name: Delete}, {min: 1.5, name: Keep}]
per: alert
---
### A {#a scale="time"}

### B {#b}
`)
	a := c.Item("a")
	for state, want := range map[State]bool{"1": true, "3": true, "4": false, "0": false, "01": false, "yes": false, "na": true, "": true} {
		if got := c.Valid(a, state); got != want {
			t.Errorf("Valid(%q) = %v", state, got)
		}
	}
	s := c.Score(map[string]Answer{"a": {State: "2"}, "b": {State: Yes}}, now)
	if s.Sum != 1.5 || s.Band != "Keep" || s.Share != 0.75 || len(s.Levels) != 0 {
		t.Errorf("score = %+v", s)
	}
	if s := c.Score(map[string]Answer{"a": {State: "1"}}, now); s.Band != "Delete" {
		t.Errorf("band = %q", s.Band)
	}
	if c.Per != "alert" || c.Labels[Yes] != "Done" {
		t.Errorf("checklist = %+v", c)
	}
}

func TestMoved(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, list)
	got := c.Moved(map[string]Answer{"old-a": {State: Yes, Seq: 3}})
	if got["a"].State != Yes || got["a"].Seq != 0 {
		t.Errorf("moved = %+v", got["a"])
	}
	got = c.Moved(map[string]Answer{"old-a": {State: Yes, Seq: 3}, "a": {State: No, Seq: 1}})
	if got["a"].State != No {
		t.Errorf("an own answer gives way to a moved one: %+v", got["a"])
	}
}

func TestOfTwoFormerItemsTheLatestAnswerMoves(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, "---\ntitle: L\nitem_aliases: {a: n, b: n}\n---\n### N {#n}\n\n> ### Quoted {#q}\n")
	if len(c.Items()) != 1 {
		t.Errorf("a quoted heading is an item: %d items", len(c.Items()))
	}
	for range 20 {
		got := c.Moved(map[string]Answer{"a": {State: Yes, At: now, Seq: 1}, "b": {State: No, At: now.AddDate(0, 0, -1), Seq: 1}})
		if got["n"].State != Yes {
			t.Fatalf("moved = %+v", got["n"])
		}
	}
}

func TestTextHashIgnoresWhatReadersDoNotSee(t *testing.T) {
	t.Parallel()
	hash := func(text string) string {
		_, c := checklistOf(t, "---\ntitle: L\n---\n"+text)
		return c.Items()[0].TextHash
	}
	base := hash("### A claim {#a}\n\nWhy [read](x.md).\n")
	if hash("### A claim {#a weight=3}\n\nWhy\n[read](y.md).\n\n\n") != base {
		t.Error("spacing, attributes or link targets change the hash")
	}
	if hash("### A claim {#a}\n\nWhy not [read](x.md).\n") == base {
		t.Error("new words do not change the hash")
	}
}
