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
		if moved, err := s.MoveChecklist(t.Context(), "checklists/0", "checklists/new"); err != nil || moved != want {
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
