package content

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

const plan = `---
title: L
levels: [Basic, Solid, Leading]
threshold: 0.75
---
## One

### A {#a level=1 .must expires=90}

### B {#b level=1}

### C {#c level=1 weight=2}

## Two

### D {#d level=2 .must}

### E {#e level=2 weight=3}

### F {#f level=3 .must}
`

func ids(gaps []Gap) string {
	var out []string
	for _, g := range gaps {
		id := g.Item.ID
		if g.Lifts {
			id = "^" + id
		}
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

func TestGaps(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, plan)
	yes := Answer{State: Yes, At: now}
	for name, test := range map[string]struct {
		answers map[string]Answer
		want    string
	}{
		"nothing answered: the must, then by gain, then the levels above": {nil, "a c b d e f"},
		"one must is missing": {map[string]Answer{"b": yes, "c": yes}, "^a d e f"},
		"the score is missing, and only the heavy item reaches it": {map[string]Answer{"a": yes}, "^c b d e f"},
		"level 1 holds":             {map[string]Answer{"a": yes, "b": yes, "c": yes}, "d e f"},
		"not applicable is no gap":  {map[string]Answer{"a": yes, "b": {State: NotApplicable}, "c": yes, "e": yes}, "^d f"},
		"a partly is a smaller gap": {map[string]Answer{"a": yes, "b": yes, "c": yes, "d": yes, "e": {State: Partly}, "f": {State: No}}, "^f e"},
		"an aged yes is a gap":      {map[string]Answer{"a": {State: Yes, At: now.AddDate(0, 0, -91)}, "b": yes, "c": yes}, "^a d e f"},
	} {
		if got := ids(c.Gaps(test.answers, now)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if gaps := c.Gaps(map[string]Answer{"a": {State: Yes, At: now.AddDate(0, 0, -91)}}, now); !gaps[0].Expired || gaps[0].Gain != 0.5 || gaps[0].Section != "One" {
		t.Errorf("gap = %+v", gaps[0])
	}
}

func TestGapsWithoutLevels(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, "---\ntitle: L\nscales: {s: [bad, fair, good]}\n---\n### A {#a}\n\n### B {#b weight=2}\n\n### C {#c scale=\"s\"}\n")
	if got := ids(c.Gaps(map[string]Answer{"c": {State: "2"}}, now)); got != "b a c" {
		t.Errorf("gaps = %s", got)
	}
	if got := ids(c.Gaps(map[string]Answer{"a": {State: Yes}, "b": {State: Yes}, "c": {State: "3"}}, now)); got != "" {
		t.Errorf("all is met, gaps = %s", got)
	}
}

func TestSectionScores(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, plan)
	got := c.SectionScores(map[string]Answer{"a": {State: Yes, At: now}, "b": {State: NotApplicable}, "c": {State: Partly}, "d": {State: NotApplicable}, "e": {State: NotApplicable}, "f": {State: NotApplicable}}, now)
	if len(got) != 2 || math.Abs(got[0].Share-2.0/3) > 1e-9 || got[0].Answered != 3 || got[0].Total != 3 || got[0].Applicable != 2 || got[0].Title != "One" {
		t.Errorf("sections = %+v", got)
	}
	if got[1].Applicable != 0 || got[1].Share != 0 || got[1].Answered != 3 {
		t.Errorf("a section that does not apply = %+v", got[1])
	}
}

func TestAgingAndRetired(t *testing.T) {
	t.Parallel()
	_, c := checklistOf(t, list)
	answers := map[string]Answer{"a": {State: Yes, At: now.AddDate(0, 0, -80)}, "b": {State: Yes, At: now.AddDate(-9, 0, 0)}, "old-a": {State: Yes}, "gone": {State: No}, "taken-back": {}}
	if got := c.Aging(answers, now, 0); len(got) != 0 {
		t.Errorf("nothing is over yet: %+v", got)
	}
	got := c.Aging(answers, now, 30*24*time.Hour)
	if len(got) != 1 || got[0].Item.ID != "a" || !got[0].Until.Equal(now.AddDate(0, 0, 10)) {
		t.Errorf("aging = %+v", got)
	}
	if got := c.Retired(answers); !slices.Equal(got, []string{"gone"}) {
		t.Errorf("retired = %v", got)
	}
}
