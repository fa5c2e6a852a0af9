package store

import (
	"testing"
	"time"

	"opsbook/content"
)

func TestMoveChecklist(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	n := newAnswer("a", content.Yes)
	n.Owner = team.Owner()
	mustAppend(t, s, n)
	n.Base, n.State, n.At = 1, content.No, n.At.Add(time.Hour)
	mustAppend(t, s, n)
	mustAppend(t, s, newAnswer("a", content.Partly)) // t:0, who has moved by themselves
	there := newAnswer("b", content.Yes)
	there.Checklist = "checklists/new"
	mustAppend(t, s, there)
	if err := s.SetTarget(t.Context(), team, Target{Key: n.Key, Level: 1, Due: "2027-01-01"}, day0, ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if moved, err := s.MoveChecklist(t.Context(), "checklists/new", "checklists/0"); err != nil || moved != want {
			t.Errorf("moved %d, %v; want %d", moved, err, want)
		}
	}
	k := Key{Owner: team.Owner(), Checklist: "checklists/new"}
	if now, err := s.Answers(t.Context(), k, time.Time{}); err != nil || now["a"].State != content.No || now["a"].Seq != 2 {
		t.Errorf("now: %+v, %v", now, err)
	}
	if then, err := s.Answers(t.Context(), k, day0); err != nil || then["a"].State != content.Yes {
		t.Errorf("then: %+v, %v", then, err)
	}
	if targets, err := s.Targets(t.Context(), team, time.Time{}); err != nil || targets[k].Level != 1 {
		t.Errorf("targets: %+v, %v", targets, err)
	}
	if kept, err := s.Answers(t.Context(), there.Key, time.Time{}); err != nil || len(kept) != 1 || kept["b"].State != content.Yes {
		t.Errorf("an owner who had answered there has %+v, %v", kept, err)
	}
	checkLog(t, s)
}

// A list that moved twice has answers under both former paths: what was answered
// last is what counts, whichever path is named first.
func TestAListMovedTwiceKeepsItsLastAnswers(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"checklists/0", "checklists/1"}, {"checklists/1", "checklists/0"}} {
		s := openTest(t, t.TempDir())
		n := newAnswer("a", content.No)
		mustAppend(t, s, n)
		if _, err := s.MoveChecklist(t.Context(), "checklists/1", "checklists/0"); err != nil {
			t.Fatal(err)
		}
		n.Checklist, n.Base, n.State, n.At = "checklists/1", 1, content.Yes, n.At.Add(time.Hour)
		mustAppend(t, s, n)
		if _, err := s.MoveChecklist(t.Context(), "checklists/2", order...); err != nil {
			t.Fatal(err)
		}
		got, err := s.Answers(t.Context(), Key{Owner: n.Owner, Checklist: "checklists/2"}, time.Time{})
		if err != nil || got["a"].State != content.Yes || got["a"].Seq != 2 {
			t.Errorf("moved from %v: %+v, %v; want yes, the second answer", order, got["a"], err)
		}
	}
}

// A target that was set under the new path before its list was answered there stays.
func TestAMovedListKeepsItsNewerTarget(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	n := newAnswer("a", content.Yes)
	n.Owner = team.Owner()
	mustAppend(t, s, n)
	now := Key{Owner: n.Owner, Checklist: "checklists/new"}
	for level, k := range []Key{2: n.Key, 3: n.Key, 1: now} {
		if level == 0 {
			continue
		}
		if err := s.SetTarget(t.Context(), team, Target{Key: k, Level: level, Due: "2027-01-01"}, day0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.MoveChecklist(t.Context(), now.Checklist, n.Checklist); err != nil {
		t.Fatal(err)
	}
	if targets, err := s.Targets(t.Context(), team, time.Time{}); err != nil || targets[now].Level != 1 {
		t.Errorf("targets = %+v, %v; want level 1 at the new path", targets, err)
	}
}
