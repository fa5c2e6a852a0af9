package site

import (
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// wide is a checklist that has enough sections for a radar.
const wide = `---
title: Wide
levels: [Basic, Solid]
threshold: 0.5
---
## First part

### One {#one .must}

### Two {#two}

## Second part

### Three {#three level=2 weight=3}

### Four {#four}

## Third

### Five {#five expires=90}

## Fourth

### Six {#six level=2}

### Seven {#seven}
`

// wideFixture serves wide beside the other pages; it is 20 January.
func wideFixture(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, nil)
	f.now = time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	f.write("checklists/wide.md", wide)
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

// answers appends answers of a team to a list at the fixture's time: pairs of
// items and states.
func (f *fixture) answers(slug, list, subject string, pairs ...string) {
	f.t.Helper()
	team, err := f.store.TeamAt(f.t.Context(), slug)
	if err != nil {
		f.t.Fatal(err)
	}
	key := store.Key{Owner: team.Owner(), Checklist: "checklists/" + list, Subject: subject}
	current, err := f.store.Answers(f.t.Context(), key, f.now.AddDate(100, 0, 0))
	if err != nil {
		f.t.Fatal(err)
	}
	var batch []store.NewAnswer
	for i := 0; i+1 < len(pairs); i += 2 {
		n := store.NewAnswer{Key: key, Item: pairs[i], Base: current[pairs[i]].Seq, State: content.State(pairs[i+1]), Note: "said so", At: f.now, By: "Ada", TextHash: "old", Text: "An old claim\nand why"}
		if it := f.Library().Page(key.Checklist).Checklist.Item(pairs[i]); it != nil {
			n.TextHash, n.Text = it.TextHash, it.Text
		}
		batch = append(batch, n)
	}
	if err := f.store.AppendAnswers(f.t.Context(), batch); err != nil {
		f.t.Fatal(err)
	}
}
