package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"opsbook/content"
)

// mustOpenRound opens a workshop, or with places a survey.
func mustOpenRound(t testing.TB, s *Store, places int) Round {
	t.Helper()
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	r, err := s.OpenRound(t.Context(), Round{Team: team.ID, Checklist: "checklists/x", Survey: places > 0, Places: places, Opened: day0, By: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustJoin(t testing.TB, s *Store, r Round, member string) {
	t.Helper()
	if err := s.Join(t.Context(), r.ID, member); err != nil {
		t.Fatal(err)
	}
}

func mustVote(t testing.TB, s *Store, r Round, member, item string, state content.State) {
	t.Helper()
	if err := s.Vote(t.Context(), r.ID, member, item, state); err != nil {
		t.Fatal(err)
	}
}

func mustCounts(t testing.TB, s *Store, r Round) string {
	t.Helper()
	counts, err := s.RoundCounts(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(counts)
}

func TestWorkshop(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	r := mustOpenRound(t, s, 0)
	if NormalCode(r.Code) != r.Code || r.ID == "" || !r.Opened.Equal(day0) {
		t.Fatalf("opened %+v", r)
	}
	for _, member := range []string{"m1", "m2", "m3", "m1"} {
		mustJoin(t, s, r, member)
	}
	mustVote(t, s, r, "m1", "a", content.Yes)
	mustVote(t, s, r, "m1", "b", content.Yes)
	mustVote(t, s, r, "m2", "a", content.No)
	mustVote(t, s, r, "m2", "a", content.Partly)
	mustVote(t, s, r, "m3", "a", content.Yes)
	mustVote(t, s, r, "m3", "a", "")
	if m, err := s.Member(t.Context(), r.ID, "m2"); err != nil || len(m.Votes) != 1 || m.Votes["a"] != content.Partly {
		t.Errorf("votes of m2: %+v, %v", m, err)
	}
	p, err := s.Progress(t.Context(), r.ID, []string{"a", "b"})
	if err != nil || p.Joined != 3 || p.Finished != 1 || fmt.Sprint(p.Votes) != "map[a:2 b:1]" {
		t.Errorf("progress %+v, %v", p, err)
	}
	if got := mustCounts(t, s, r); got != "map[]" {
		t.Errorf("counts before the reveal: %s", got)
	}
	if _, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, false); !errors.Is(err, ErrConflict) {
		t.Errorf("closed before the reveal: %v, want ErrConflict", err)
	}

	revealed, err := s.RevealRound(t.Context(), r.Team, r.ID, day0.Add(time.Hour))
	if err != nil || revealed.Members != 3 || !revealed.Revealed.Equal(day0.Add(time.Hour)) {
		t.Fatalf("revealed %+v, %v", revealed, err)
	}
	if again, err := s.RevealRound(t.Context(), r.Team, r.ID, day0.Add(2*time.Hour)); err != nil || again != revealed {
		t.Errorf("revealed again: %+v, %v", again, err)
	}
	const want = "map[a:map[partly:1 yes:1] b:map[yes:1]]"
	if got := mustCounts(t, s, r); got != want {
		t.Errorf("counts = %s", got)
	}
	if err := s.Vote(t.Context(), r.ID, "m1", "a", content.No); !errors.Is(err, ErrEnded) {
		t.Errorf("a vote after the reveal: %v", err)
	}
	if err := s.Join(t.Context(), r.ID, "m4"); !errors.Is(err, ErrEnded) {
		t.Errorf("joined after the reveal: %v", err)
	}
	if m, err := s.Member(t.Context(), r.ID, "m1"); err != nil || len(m.Votes) != 2 {
		t.Errorf("own votes after the reveal: %+v, %v", m, err)
	}

	closed, err := s.CloseRound(t.Context(), r.Team, r.ID, day0.Add(3*time.Hour), false)
	if err != nil || closed.Members != 3 || closed.Closed.IsZero() {
		t.Fatalf("closed %+v, %v", closed, err)
	}
	if again, err := s.CloseRound(t.Context(), r.Team, r.ID, day0.Add(4*time.Hour), false); err != nil || again != closed {
		t.Errorf("closed again: %+v, %v", again, err)
	}
	if _, err := s.Member(t.Context(), r.ID, "m1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a member of a closed round: %v", err)
	}
	if got := mustCounts(t, s, r); got != want {
		t.Errorf("counts after the close = %s", got)
	}
	for name, at := range map[string]time.Time{"open": day0, "revealed": day0.Add(time.Hour), "closed": {}} {
		rounds, err := s.Rounds(t.Context(), r.Team, at)
		if err != nil || len(rounds) != 1 || rounds[0].Revealed.IsZero() != (name == "open") || rounds[0].Closed.IsZero() != (name != "closed") || (rounds[0].Members == 0) != (name == "open") {
			t.Errorf("%s: %+v, %v", name, rounds, err)
		}
	}
	if rounds, err := s.Rounds(t.Context(), r.Team, day0.Add(-time.Second)); err != nil || len(rounds) != 0 {
		t.Errorf("before it was opened: %+v, %v", rounds, err)
	}
	if got, err := s.RoundByCode(t.Context(), r.Code); err != nil || got != closed {
		t.Errorf("by its code: %+v, %v", got, err)
	}
}

func TestWorkshopThatIsDropped(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	r := mustOpenRound(t, s, 0)
	mustJoin(t, s, r, "m1")
	mustVote(t, s, r, "m1", "a", content.Yes)
	if closed, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, true); err != nil || closed.Members != 0 {
		t.Errorf("%+v, %v", closed, err)
	}
	if got := mustCounts(t, s, r); got != "map[]" {
		t.Errorf("counts = %s", got)
	}
	if _, err := s.RevealRound(t.Context(), r.Team, r.ID, day0); !errors.Is(err, ErrEnded) {
		t.Errorf("revealed after the close: %v", err)
	}
}

func TestRoundsHaveLimits(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	r := mustOpenRound(t, s, 0)
	other := mustTeam(t, s, "b", Profile{Name: "B"})
	codes := map[string]bool{r.Code: true}
	next := Round{Team: r.Team, Checklist: "checklists/x", Opened: day0}
	for range MaxOpenRounds - 1 {
		n, err := s.OpenRound(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		codes[n.Code] = true
	}
	if _, err := s.OpenRound(t.Context(), next); !errors.Is(err, ErrTooMany) || len(codes) != MaxOpenRounds {
		t.Errorf("one more: %v; %d codes", err, len(codes))
	}
	if _, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenRound(t.Context(), next); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
	for name, bad := range map[string]Round{
		"no team": {Checklist: "c", Opened: day0}, "no checklist": {Team: r.Team, Opened: day0}, "no time": {Team: r.Team, Checklist: "c"}, "no text": {Team: r.Team, Checklist: "c", Opened: day0, Title: "\xff"},
		"a survey without places": {Team: r.Team, Checklist: "c", Opened: day0, Survey: true}, "a workshop with places": {Team: r.Team, Checklist: "c", Opened: day0, Places: 5},
		"too many places": {Team: r.Team, Checklist: "c", Opened: day0, Survey: true, Places: MaxMembers + 1},
	} {
		if _, err := s.OpenRound(t.Context(), bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	open, err := s.OpenRound(t.Context(), Round{Team: other.ID, Checklist: "c", Opened: day0})
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxMembers {
		mustJoin(t, s, open, fmt.Sprint(i))
	}
	if err := s.Join(t.Context(), open.ID, "one more"); !errors.Is(err, ErrTooMany) {
		t.Errorf("a member too many: %v", err)
	}
	mustJoin(t, s, open, "7")
	for name, err := range map[string]error{
		"another team's round":   second(s.Round(t.Context(), r.Team, open.ID)),
		"reveal of another team": second(s.RevealRound(t.Context(), r.Team, open.ID, day0)),
		"close of another team":  second(s.CloseRound(t.Context(), r.Team, open.ID, day0, true)),
		"unknown code":           second(s.RoundByCode(t.Context(), "CCCCCC")),
		"unknown round":          s.Join(t.Context(), "x", "m"),
		"vote of a stranger":     s.Vote(t.Context(), open.ID, "stranger", "a", content.Yes),
		"unknown member":         second(s.Member(t.Context(), open.ID, "stranger")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	for name, err := range map[string]error{
		"no member": s.Join(t.Context(), open.ID, ""), "no item": s.Vote(t.Context(), open.ID, "7", "", content.Yes), "no text": s.Vote(t.Context(), open.ID, "7", "\x00", content.Yes),
		"places of a workshop": second(s.SetPlaces(t.Context(), other.ID, open.ID, 9)),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[byte]bool{}
	for range 2000 {
		code := newCode()
		if NormalCode(strings.ToLower(code)) != code || NormalCode(code[:3]+"-"+code[3:]+" ") != code {
			t.Fatalf("code %q is not its own", code)
		}
		for i := range len(code) {
			seen[code[i]] = true
		}
	}
	if len(seen) != len(codeLetters) {
		t.Errorf("%d letters are used, want %d", len(seen), len(codeLetters))
	}
	for _, bad := range []string{"", "CDFGH", "CDFGHJK", "CDFGH0", "CDFGHA", "CDFG\x00H", "ÄDFGH", "CDF/GH"} {
		if got := NormalCode(bad); got != "" {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	for i, origin := range []string{"", "round 1", "round 1", "round 2"} {
		n := newAnswer(fmt.Sprint("item-", i%3), content.Yes)
		n.Origin, n.At = origin, day0.Add(time.Duration(i)*time.Hour)
		if i == 3 {
			n.Base, n.State = 1, content.No
		}
		mustAppend(t, s, n)
	}
	if got, err := s.Origins(t.Context(), "t:0", time.Time{}); err != nil || fmt.Sprint(got) != "map[round 1:2 round 2:1]" {
		t.Errorf("origins = %v, %v", got, err)
	}
	if got, err := s.Origins(t.Context(), "t:0", day0.Add(time.Hour)); err != nil || fmt.Sprint(got) != "map[round 1:1]" {
		t.Errorf("origins then = %v, %v", got, err)
	}
}
