package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"opsbook/content"
)

func mustCast(t testing.TB, s *Store, r Round, member string, ballot map[string]content.State) {
	t.Helper()
	if again, err := s.CastBallot(t.Context(), r.ID, member, ballot); err != nil || again {
		t.Fatalf("ballot of %s: again %v, %v", member, again, err)
	}
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	r := mustOpenRound(t, s, 8)
	enough := func() bool {
		t.Helper()
		ok, err := s.EnoughBallots(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for i := range 7 {
		member := fmt.Sprint("m", i)
		mustJoin(t, s, r, member)
		mustJoin(t, s, r, member) // is no second place
		if _, err := s.CastBallot(t.Context(), r.ID, "stranger", map[string]content.State{"a": "1"}); !errors.Is(err, ErrNotFound) {
			t.Errorf("a stranger's ballot: %v", err)
		}
		ballot := map[string]content.State{"a": content.State(fmt.Sprint(1 + i%3))}
		if i%2 == 0 {
			ballot["b"] = "7"
		}
		mustCast(t, s, r, member, ballot)
		if again, err := s.CastBallot(t.Context(), r.ID, member, map[string]content.State{"a": "7"}); err != nil || !again {
			t.Errorf("the second ballot of %s: again %v, %v", member, again, err)
		}
		if m, err := s.Member(t.Context(), r.ID, member); err != nil || !m.Used {
			t.Errorf("member %s: %+v, %v", member, m, err)
		}
		if enough() != (i >= 4) {
			t.Errorf("after %d ballots enough is %v", i+1, enough())
		}
		if got := mustCounts(t, s, r); got != "map[]" {
			t.Errorf("counts while it is open: %s", got)
		}
	}
	mustJoin(t, s, r, "the eighth")
	if err := s.Join(t.Context(), r.ID, "the ninth"); !errors.Is(err, ErrTooMany) {
		t.Errorf("more than there are places: %v", err)
	}
	if more, err := s.SetPlaces(t.Context(), r.Team, r.ID, 9); err != nil || more.Places != 9 {
		t.Errorf("one more place: %+v, %v", more, err)
	}
	mustJoin(t, s, r, "the ninth")
	for _, places := range []int{8, 0, MaxMembers + 1} {
		if _, err := s.SetPlaces(t.Context(), r.Team, r.ID, places); !errors.Is(err, ErrInvalid) {
			t.Errorf("%d places: %v", places, err)
		}
	}
	for name, bad := range map[string]map[string]content.State{"empty": {}, "no item": {"": "1"}, "no state": {"a": ""}, "no text": {"a": "\xff"}} {
		if _, err := s.CastBallot(t.Context(), r.ID, "the ninth", bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.RevealRound(t.Context(), r.Team, r.ID, day0); !errors.Is(err, ErrInvalid) {
		t.Errorf("a survey was revealed: %v", err)
	}
	closed, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, false)
	if err != nil || closed.Members != 7 || closed.Places != 9 {
		t.Errorf("closed %+v, %v", closed, err)
	}
	if got := mustCounts(t, s, r); got != "map[a:map[1:3 2:2 3:2] b:map[7:4]]" {
		t.Errorf("counts = %s", got)
	}
	if _, err := s.CastBallot(t.Context(), r.ID, "the eighth", map[string]content.State{"a": "1"}); !errors.Is(err, ErrEnded) {
		t.Errorf("a ballot after the close: %v", err)
	}
	if _, err := s.SetPlaces(t.Context(), r.Team, r.ID, 10); !errors.Is(err, ErrEnded) {
		t.Errorf("places after the close: %v", err)
	}
}

func TestSurveyOfFourIsDropped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	r := mustOpenRound(t, s, 5)
	ballot := map[string]content.State{}
	for i := range 200 { // more than one page of the database
		ballot[fmt.Sprint("item-", i)] = content.State(fmt.Sprint(marker, i))
	}
	for i := range MinBallots - 1 {
		mustJoin(t, s, r, fmt.Sprint("m", i))
		mustCast(t, s, r, fmt.Sprint("m", i), ballot)
	}
	if !strings.Contains(string(rawBytes(t, dir)), marker) {
		t.Fatal("a ballot is not in the file: the test sees nothing")
	}
	if _, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, false); !errors.Is(err, ErrConflict) {
		t.Errorf("closed: %v, want ErrConflict", err)
	}
	closed, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, true)
	if err != nil || closed.Members != 0 {
		t.Errorf("dropped: %+v, %v", closed, err)
	}
	if got := mustCounts(t, s, r); got != "map[]" {
		t.Errorf("counts = %s", got)
	}
	if strings.Contains(string(rawBytes(t, dir)), marker) {
		t.Error("what was dropped is still in the file")
	}
}

// marker is a state that stands nowhere else in a database.
const marker = "Xq7Zmarker"

// rawBytes returns the database's files as they are on the disk, one after the other.
func rawBytes(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{fileName, fileName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

// dump returns every row of every table in the order in which SQLite keeps them,
// with the number it gave each.
func dump(t *testing.T, s *Store) string {
	t.Helper()
	names, err := s.readers.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer names.Close()
	var b strings.Builder
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, name)
		rows, err := s.readers.QueryContext(t.Context(), "SELECT rowid, * FROM "+name+" ORDER BY rowid")
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, values...)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// In whatever order the ballots of a batch come, the database is the same after
// them, but for what is random, and so it is with those that still wait for their
// batch. The log beside it is empty after each ballot.
func TestSurveyKeepsNoOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var ballots []map[string]content.State
	for range 13 {
		ballot := map[string]content.State{}
		for _, item := range []string{"a", "b", "c"} {
			if n := random.IntN(4); n > 0 {
				ballot[item] = content.State(fmt.Sprint(n))
			}
		}
		ballot["d"] = content.State(fmt.Sprint(1 + random.IntN(7)))
		ballots = append(ballots, ballot)
	}
	// Ids, codes and tokens are random, and which places are used was drawn by lot.
	secret := regexp.MustCompile(`\b[0-9a-f]{64}\b|\b[A-Z2-7]{26}\b|\b[` + codeLetters + `]{6}\b`)
	place := regexp.MustCompile(`(?m)^\d+  ~ [012]$\n`)
	for _, count := range []int{1, 3, 4, 5, 6, 9, 10, 13} {
		var first string
		for range 4 {
			dir := t.TempDir()
			s := openTest(t, dir)
			r := mustOpenRound(t, s, 15)
			order := random.Perm(count)
			slices.SortStableFunc(order, func(i, j int) int { return i/MinBallots - j/MinBallots })
			for n := range count {
				i := order[n]
				member := fmt.Sprintf("%064x", n+1)
				mustJoin(t, s, r, member)
				mustCast(t, s, r, member, ballots[i])
				if info, err := os.Stat(filepath.Join(dir, fileName+"-wal")); err != nil || info.Size() != 0 {
					t.Fatalf("after ballot %d the log has %d bytes, %v", n+1, info.Size(), err)
				}
			}
			got := secret.ReplaceAllString(dump(t, s), "~")
			got = place.ReplaceAllString(strings.ReplaceAll(got, "~ ~", " ~"), "")
			if first == "" {
				first = got
			}
			var counts []string
			for _, m := range regexp.MustCompile(`(?m)^\d+ ~ ([a-d] \d) \d+$`).FindAllStringSubmatch(got, -1) {
				counts = append(counts, m[1])
			}
			if !slices.IsSorted(counts) || (len(counts) == 0) != (count < MinBallots) {
				t.Errorf("the counts of %d ballots are in the order %v, which tells of batches", count, counts)
			}
			if got != first {
				t.Errorf("%d ballots in two orders:\n%s\n%s", count, first, got)
			}
		}
	}
}

// Places are drawn by lot: that of the first who came is not known.
func TestPlacesAreDrawnByLot(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	var drawn []int
	for range MaxOpenRounds {
		r, err := s.OpenRound(t.Context(), Round{Team: team.ID, Checklist: "c", Survey: true, Places: 20, Opened: day0})
		if err != nil {
			t.Fatal(err)
		}
		mustJoin(t, s, r, "first")
		var at int
		err = s.readers.QueryRowContext(t.Context(), `SELECT count(*) FROM round_places p JOIN round_places f ON f.round = p.round
			WHERE p.round = $1 AND f.token = 'first' AND p.rowid < f.rowid`, r.ID).Scan(&at)
		if err != nil {
			t.Fatal(err)
		}
		drawn = append(drawn, at)
	}
	slices.Sort(drawn)
	if len(slices.Compact(drawn)) < 5 {
		t.Errorf("the first of twenty sat on %v", drawn)
	}
}

// A token stands in one table only, no row has both it and an answer, and after
// the close there is none.
func TestSurveyKeepsNoTokenNextToAnAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	r := mustOpenRound(t, s, 9)
	for i := range 7 {
		member := fmt.Sprint("token-", i)
		mustJoin(t, s, r, member)
		mustCast(t, s, r, member, map[string]content.State{"a": marker})
		for line := range strings.Lines(dump(t, s)) {
			if strings.Contains(line, "token-") && strings.Contains(line, marker) {
				t.Errorf("a token next to an answer: %s", line)
			}
			if strings.Contains(line, "token-") && len(strings.Fields(line)) != 4 {
				t.Errorf("a token has more beside it than its row, its round and its state: %s", line)
			}
		}
	}
	if !bytes.Contains(rawBytes(t, dir), []byte("token-")) {
		t.Fatal("the tokens are not in the file: the test sees nothing")
	}
	if _, err := s.CloseRound(t.Context(), r.Team, r.ID, day0, false); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(rawBytes(t, dir), []byte("token-")) {
		t.Error("a token outlives the survey")
	}
}

// A ballot that is sent while others read is taken, and the log is emptied when
// they are done.
func TestSettleWaitsForReaders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	r := mustOpenRound(t, s, 5)
	mustJoin(t, s, r, "m")
	reader, err := sql.Open("sqlite", s.dsn("ro", "query_only(1)")+"&_txlock=deferred")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	rows, err := reader.QueryContext(t.Context(), "SELECT token FROM round_places")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	mustCast(t, s, r, "m", map[string]content.State{"a": marker})
	if !bytes.Contains(rawBytes(t, dir), []byte(marker)) || !s.unsettled.Load() {
		t.Error("the ballot is not there, or nothing is left to settle")
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context()); err != nil || s.unsettled.Load() {
		t.Errorf("settle: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, fileName+"-wal")); err != nil || info.Size() != 0 {
		t.Errorf("the log has %d bytes, %v", info.Size(), err)
	}
	if got := writerPragma(t, s, "busy_timeout"); got != fmt.Sprint(busyTimeout.Milliseconds()) {
		t.Errorf("busy_timeout = %s", got)
	}
}
