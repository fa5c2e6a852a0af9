package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

var day0 = time.UnixMilli(1_800_000_000_000).UTC()

func mustTeam(t testing.TB, s *Store, slug string, p Profile) Team {
	t.Helper()
	team, err := s.CreateTeam(t.Context(), slug, p, day0, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	return team
}

func TestTeamKeepsItsOldAddresses(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "payments", Profile{Name: "Payments", Groups: []string{"Shop", "Core", "Shop"}})
	if !slices.Equal(team.Groups, []string{"Core", "Shop"}) || team.Seq != 1 || team.Slug != "payments" {
		t.Errorf("created %+v", team)
	}
	later := day0.Add(time.Hour)
	renamed, err := s.ReviseTeam(t.Context(), team.ID, 1, "money", Profile{Name: "Money", Groups: team.Groups}, later, "Bo")
	if err != nil || renamed.Slug != "money" || renamed.Seq != 2 || renamed.By != "Bo" {
		t.Fatalf("renamed to %+v, %v", renamed, err)
	}
	for _, slug := range []string{"payments", "money"} {
		if got, err := s.TeamAt(t.Context(), slug); err != nil || got.ID != team.ID || got.Slug != "money" || got.Name != "Money" {
			t.Errorf("at %s: %+v, %v", slug, got, err)
		}
	}
	other := mustTeam(t, s, "payments", Profile{Name: "Payments"})
	if other.Slug != "payments-2" {
		t.Errorf("a new team took the old address: %s", other.Slug)
	}
	back, err := s.ReviseTeam(t.Context(), team.ID, 2, "payments", Profile{Name: "Payments"}, later, "")
	if err != nil || back.Slug != "payments" {
		t.Errorf("renamed back to %q, %v", back.Slug, err)
	}
	if _, err := s.TeamAt(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown team: %v", err)
	}
	if got, err := s.Team(t.Context(), team.ID); err != nil || got.Slug != "payments" || got.Seq != 3 {
		t.Errorf("by its id: %+v, %v", got, err)
	}
	if _, err := s.Team(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
	then, err := s.Teams(t.Context(), day0)
	if err != nil || len(then) != 2 || then[0].Name != "Payments" || then[0].Slug != "payments" {
		t.Errorf("teams then: %+v, %v", then, err)
	}
	if before, err := s.Teams(t.Context(), day0.Add(-time.Second)); err != nil || len(before) != 0 {
		t.Errorf("teams before: %+v, %v", before, err)
	}
	if all, err := s.Profiles(t.Context(), team.ID); err != nil || len(all) != 3 || all[0].Seq != 3 || all[2].Name != "Payments" {
		t.Errorf("profiles: %+v, %v", all, err)
	}
}

func TestTeamRevisionConflicts(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	if _, err := s.ReviseTeam(t.Context(), team.ID, 1, "", Profile{Name: "A", Archived: true}, day0, ""); err != nil {
		t.Fatal(err)
	}
	now, err := s.ReviseTeam(t.Context(), team.ID, 1, "", Profile{Name: "A", Description: "x"}, day0, "")
	if !errors.Is(err, ErrConflict) || !now.Archived || now.Seq != 2 {
		t.Errorf("stale revision: %+v, %v", now, err)
	}
	if now, err = s.ReviseTeam(t.Context(), team.ID, 1, "a", Profile{Name: "A", Archived: true}, day0, ""); err != nil || now.Seq != 2 {
		t.Errorf("the same again: %+v, %v", now, err)
	}
	if _, err = s.ReviseTeam(t.Context(), "none", 0, "", Profile{Name: "A"}, day0, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown team: %v", err)
	}
	for _, p := range []Profile{{}, {Name: " "}, {Name: "x\x00"}, {Name: "x", Description: "\xff"}, {Name: "x", Groups: []string{""}}} {
		if _, err := s.CreateTeam(t.Context(), "x", p, day0, ""); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if teams, _ := s.Teams(t.Context(), time.Time{}); len(teams) != 1 {
		t.Errorf("a refused team is there: %+v", teams)
	}
}

func TestTeamsOfOneNameAtOnce(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.CreateTeam(t.Context(), "ops", Profile{Name: "Ops"}, day0, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	teams, err := s.Teams(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	slugs := map[string]bool{}
	for _, team := range teams {
		slugs[team.Slug] = true
	}
	for n := 2; n <= 20; n++ {
		if !slugs[fmt.Sprintf("ops-%d", n)] {
			t.Errorf("no team at ops-%d: %v", n, slugs)
		}
	}
}
