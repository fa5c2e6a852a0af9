package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestActions(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"}).ID
	task := Task{Checklist: "checklists/x", Item: "i", Title: "Do it", Assignee: "Bo", Due: "2027-03-31", State: ActionOpen}
	first, err := s.PutAction(t.Context(), team, "", 0, task, day0, "Ada")
	if err != nil || first.Seq != 1 || first.ID == "" || first.Task != task {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := s.PutAction(t.Context(), team, "", 0, Task{Title: "Someday", State: ActionOpen}, day0, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutAction(t.Context(), team, "", 0, Task{Title: "Sooner", Due: "2027-01-01", State: ActionDoing}, day0, ""); err != nil {
		t.Fatal(err)
	}
	done := task
	done.State = ActionDone
	if a, err := s.PutAction(t.Context(), team, first.ID, 1, done, day0.Add(time.Hour), "Bo"); err != nil || a.Seq != 2 || a.By != "Bo" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := s.PutAction(t.Context(), team, first.ID, 1, task, day0, ""); !errors.Is(err, ErrConflict) || a.State != ActionDone {
		t.Errorf("stale: %+v, %v", a, err)
	}
	if a, err := s.PutAction(t.Context(), team, first.ID, 1, done, day0, ""); err != nil || a.Seq != 2 {
		t.Errorf("the same again: %+v, %v", a, err)
	}
	if _, err := s.PutAction(t.Context(), "other", first.ID, 2, task, day0, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("another team's action: %v", err)
	}
	titles := func(at time.Time) (out []string) {
		actions, err := s.Actions(t.Context(), team, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range actions {
			out = append(out, a.Title+" "+string(a.State))
		}
		return out
	}
	if got := strings.Join(titles(time.Time{}), ", "); got != "Sooner doing, Do it done, Someday open" {
		t.Errorf("actions = %s", got)
	}
	if got := strings.Join(titles(day0), ", "); got != "Sooner doing, Do it open, Someday open" {
		t.Errorf("actions then = %s", got)
	}
	for _, bad := range []Task{{}, {Title: "x"}, {Title: "x", State: "later"}, {Title: "x", State: ActionOpen, Due: "tomorrow"}, {Title: "x", State: ActionOpen, Item: "i"}, {Title: "\xff", State: ActionOpen}} {
		if _, err := s.PutAction(t.Context(), team, "", 0, bad, day0, ""); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	k := Key{Owner: team.Owner(), Checklist: "checklists/x"}
	set := func(level int, due string, at time.Time) {
		t.Helper()
		if err := s.SetTarget(t.Context(), team, Target{Key: k, Level: level, Due: due}, at, "Ada"); err != nil {
			t.Fatal(err)
		}
	}
	get := func(at time.Time) Target {
		t.Helper()
		targets, err := s.Targets(t.Context(), team, at)
		if err != nil {
			t.Fatal(err)
		}
		return targets[k]
	}
	set(0, "", day0)
	if got := get(time.Time{}); got.Seq != 0 {
		t.Errorf("nothing taken back was kept: %+v", got)
	}
	set(2, "2027-03-31", day0)
	set(2, "2027-03-31", day0.Add(time.Minute))
	set(3, "2027-06-30", day0.Add(time.Hour))
	if got := get(time.Time{}); got.Level != 3 || got.Due != "2027-06-30" || got.Seq != 2 || got.By != "Ada" {
		t.Errorf("target = %+v", got)
	}
	if got := get(day0); got.Level != 2 {
		t.Errorf("target then = %+v", got)
	}
	set(0, "", day0.Add(2*time.Hour))
	if got := get(time.Time{}); got.Level != 0 {
		t.Errorf("taken back = %+v", got)
	}
	if err := s.SetTarget(t.Context(), team, Target{Key: k, Level: 1}, day0, ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("no day: %v", err)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"}).ID
	body := `{"a": "ü"}`
	got, err := s.TakeSnapshot(t.Context(), Snapshot{Team: team, Name: "Q3 review", At: day0, Made: day0.Add(time.Hour), By: "Ada", Body: body})
	sum := sha256.Sum256([]byte(body))
	if err != nil || got.Hash != hex.EncodeToString(sum[:]) {
		t.Fatalf("%+v, %v", got, err)
	}
	if one, err := s.Snapshot(t.Context(), team, got.ID); err != nil || one != got {
		t.Errorf("read back %+v, %v; want %+v", one, err, got)
	}
	if _, err := s.Snapshot(t.Context(), "other", got.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another team's: %v", err)
	}
	got.Body = ""
	if all, err := s.Snapshots(t.Context(), team); err != nil || len(all) != 1 || all[0] != got {
		t.Errorf("list: %+v, %v", all, err)
	}
	if _, err := s.TakeSnapshot(t.Context(), Snapshot{Team: team, Name: "x", At: day0, Made: day0}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no body: %v", err)
	}
}

func TestSightings(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	if _, err := s.Saw(t.Context(), []Sighting{{"c", "a", "1"}}, day0); err != nil {
		t.Fatal(err)
	}
	for range 2 { // from the log, and again when nothing is new
		seen, err := s.Saw(t.Context(), []Sighting{{"c", "a", "2"}, {"c", "b", "1"}, {"d", "a", "1"}}, day0.Add(time.Hour))
		if err != nil || len(seen) != 2 || len(seen["c"]) != 2 || !seen["c"]["a"].Equal(day0) || !seen["c"]["b"].Equal(day0.Add(time.Hour)) {
			t.Errorf("first seen = %v, %v", seen, err)
		}
	}
}
