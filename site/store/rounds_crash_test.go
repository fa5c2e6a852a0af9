package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"opsbook/content"
)

// Programs that are killed while people vote and send ballots: whatever was
// acknowledged is there, and no ballot is there by halves.
func TestKilledProgramLosesNoVoteAndNoBallot(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		voteUntilKilled(t, dir)
		return
	}
	t.Parallel()
	const kills = 12
	dir := t.TempDir()
	s := openTest(t, dir)
	workshop := mustOpenRound(t, s, 0)
	survey, err := s.OpenRound(t.Context(), Round{Team: workshop.Team, Checklist: "c", Survey: true, Places: MaxMembers, Opened: day0})
	if err != nil {
		t.Fatal(err)
	}
	votes, ballots := map[string]int{}, map[string]bool{}
	for range kills {
		cmd := child(t, dir)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		count := 1 + rand.IntN(40)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			kind, rest, _ := strings.Cut(lines.Text(), " ")
			member, state, _ := strings.Cut(rest, " ")
			switch kind {
			case "voted":
				if votes[member], err = strconv.Atoi(state); err != nil {
					t.Fatal(err)
				}
			case "sent":
				ballots[member] = true
			default:
				continue
			}
			if count--; count == 0 {
				kill(t, cmd)
			}
		}
		_ = cmd.Wait() // it was killed
		for member, state := range votes {
			m, err := s.Member(t.Context(), workshop.ID, member)
			if err != nil {
				t.Fatal(err)
			}
			// One more may be there, whose acknowledgement was killed.
			if got, err := strconv.Atoi(string(m.Votes["a"])); err != nil || got < state {
				t.Errorf("%s voted %d, the database has %q", member, state, m.Votes["a"])
			}
		}
		checkBallots(t, s, survey, ballots)
	}
	if len(votes) == 0 || len(ballots) == 0 {
		t.Errorf("only %d voted and %d sent a ballot", len(votes), len(ballots))
	}
}

// checkBallots fails where an acknowledged ballot is not counted, or where more
// or fewer answers are kept than places are used.
func checkBallots(t *testing.T, s *Store, survey Round, acknowledged map[string]bool) {
	t.Helper()
	for member := range acknowledged {
		if m, err := s.Member(t.Context(), survey.ID, member); err != nil || !m.Used {
			t.Errorf("the ballot of %s: %+v, %v", member, m, err)
		}
	}
	var used, counted int
	var pending string
	err := s.readers.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM round_places WHERE round = r.id AND state = 2),
		(SELECT coalesce(sum(votes), 0) FROM round_counts WHERE round = r.id AND item = 'a'), pending FROM rounds r WHERE id = $1`, survey.ID).Scan(&used, &counted, &pending)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := decodeCounts(pending)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range waiting["a"] {
		counted += n
	}
	if used != counted || used < len(acknowledged) {
		t.Errorf("%d places are used, %d ballots kept, %d acknowledged", used, counted, len(acknowledged))
	}
}

// voteUntilKilled votes and sends ballots in several goroutines, as long as there
// are places, and prints what was acknowledged.
func voteUntilKilled(t *testing.T, dir string) {
	s := openTest(t, dir)
	var workshop, survey string
	err := s.readers.QueryRowContext(t.Context(), "SELECT w.id, s.id FROM rounds w, rounds s WHERE w.survey = 0 AND s.survey = 1").Scan(&workshop, &survey)
	if err != nil {
		t.Fatal(err)
	}
	run := fmt.Sprintf("%x", rand.Uint64())
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			member := fmt.Sprint(run, "-", w)
			if err := s.Join(t.Context(), workshop, member); err != nil {
				t.Error(err)
				return
			}
			for n := 1; ; n++ {
				if err := s.Vote(t.Context(), workshop, member, "a", content.State(fmt.Sprint(n))); err != nil {
					t.Error(err)
					return
				}
				fmt.Println("voted", member, n)
			}
		})
		wg.Go(func() {
			for n := 0; ; n++ {
				member := fmt.Sprint(run, "-", w, "-", n)
				if err := s.sendBallot(t.Context(), survey, member); err != nil {
					t.Error(err)
					return
				}
				fmt.Println("sent", member)
			}
		})
	}
	wg.Wait()
}

func (s *Store) sendBallot(ctx context.Context, survey, member string) error {
	if err := s.Join(ctx, survey, member); err != nil {
		return err
	}
	_, err := s.CastBallot(ctx, survey, member, map[string]content.State{"a": "1"})
	return err
}
