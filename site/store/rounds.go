package store

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"opsbook/content"
)

// Round is a time in which several people answer one checklist, each for
// themselves: a workshop, whose votes are revealed and then talked about, or a
// survey, which is anonymous. The members of a survey say nothing while it is
// open: they grow by MinBallots.
type Round struct {
	ID        string // random
	Team      string // id
	Code      string // to join with, as NormalCode returns it
	Checklist string
	Subject   string
	Title     string // may be empty
	Survey    bool
	Opened    time.Time
	By        string    // who opened it
	Revealed  time.Time // of a workshop; zero: not yet
	Closed    time.Time // zero: not yet
	Places    int       // of a survey: how many may answer
	Members   int       // who had joined at the reveal; of a survey the ballots in its counts
}

// Limits of rounds.
const (
	MaxOpenRounds = 20  // of a team
	MaxMembers    = 500 // of a round
	MinBallots    = 5   // a survey with fewer is dropped, and they are counted so many at a time
)

// The codes of rounds are short, to be read aloud and typed on a phone: without
// letters and digits that look alike, and without vowels, so that none is a word.
const (
	codeLetters = "CDFGHJKMNPQRTVWXY34679"
	codeLength  = 6
)

// newCode returns a random code; there are 113 million.
func newCode() string {
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		var b [1]byte
		_, _ = crand.Read(b[:]) // it never fails: crypto/rand ends the program instead
		// Bytes above the largest multiple would make some letters likelier.
		if n := len(codeLetters); int(b[0]) < 256/n*n {
			code = append(code, codeLetters[int(b[0])%n])
		}
	}
	return string(code)
}

// OpenRound opens a round for n's team, checklist, subject and title, at n's
// time, and returns it with its ID and Code. A survey has the number of places
// that n asks for. ErrTooMany means that the team has MaxOpenRounds open.
func (s *Store) OpenRound(ctx context.Context, n Round) (Round, error) {
	if n.Team == "" || n.Checklist == "" || n.Opened.IsZero() {
		return Round{}, fmt.Errorf("%w: a round needs a team, a checklist and its time", ErrInvalid)
	}
	if n.Survey != (n.Places > 0) || n.Places > MaxMembers {
		return Round{}, fmt.Errorf("%w: a survey has 1 to %d places, a workshop none: %d", ErrInvalid, MaxMembers, n.Places)
	}
	if err := checkTexts(n.Checklist, n.Subject, n.Title, n.By); err != nil {
		return Round{}, err
	}
	n.ID, n.Opened = crand.Text(), fromMillis(n.Opened.UnixMilli())
	n.Revealed, n.Closed, n.Members = time.Time{}, time.Time{}, 0
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		open, err := countRows(ctx, tx, "rounds WHERE team = $1 AND closed_at = 0", n.Team)
		if err != nil {
			return err
		}
		if open >= MaxOpenRounds {
			return ErrTooMany
		}
		if n.Code, err = freeCode(ctx, tx); err != nil {
			return err
		}
		survey := 0
		if n.Survey {
			survey = 1
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO rounds ("+roundColumns+", pending) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, 0, '')",
			n.ID, n.Team, n.Code, n.Checklist, n.Subject, n.Title, survey, n.Opened.UnixMilli(), n.By, n.Places)
		if err != nil {
			return err
		}
		return addPlaces(ctx, tx, n.ID, n.Places)
	})
	if err != nil {
		return Round{}, err
	}
	return n, nil
}

// freeCode returns a code that no round has or had.
func freeCode(ctx context.Context, tx *sql.Tx) (string, error) {
	for {
		code := newCode()
		taken, err := countRows(ctx, tx, "rounds WHERE code = $1", code)
		if err != nil || taken == 0 {
			return code, err
		}
	}
}

// countRows counts the rows of a table for which a condition holds.
func countRows(ctx context.Context, q queryer, from string, args ...any) (n int, err error) {
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM "+from, args...).Scan(&n)
	return n, err
}

const roundColumns = "id, team, code, checklist, subject, title, survey, opened_at, opened_by, revealed_at, closed_at, places, members"

func scanRound(scan func(dest ...any) error, more ...any) (Round, error) {
	var r Round
	var survey, opened, revealed, closed int64
	err := scan(append([]any{&r.ID, &r.Team, &r.Code, &r.Checklist, &r.Subject, &r.Title, &survey, &opened, &r.By, &revealed, &closed, &r.Places, &r.Members}, more...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return Round{}, fmt.Errorf("%w: round", ErrNotFound)
	}
	r.Survey, r.Opened = survey == 1, fromMillis(opened)
	if revealed > 0 {
		r.Revealed = fromMillis(revealed)
	}
	if closed > 0 {
		r.Closed = fromMillis(closed)
	}
	return r, err
}

// Rounds returns a team's rounds, the last opened first. With a time it returns
// those opened by then, as they stood.
func (s *Store) Rounds(ctx context.Context, team string, at time.Time) ([]Round, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+roundColumns+" FROM rounds WHERE team = $1 AND opened_at <= $2 ORDER BY opened_at DESC, id", team, untilMillis(at))
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var rounds []Round
	for rows.Next() {
		r, err := scanRound(rows.Scan)
		if err != nil {
			return nil, s.locate(err)
		}
		rounds = append(rounds, r.Then(at))
	}
	return rounds, s.locate(rows.Err())
}

// Then returns the round as it stood at an instant; the zero time is now.
func (r Round) Then(at time.Time) Round {
	until := untilMillis(at)
	if r.Revealed.UnixMilli() > until {
		r.Revealed, r.Members = time.Time{}, 0
	}
	if r.Closed.UnixMilli() > until {
		r.Closed = time.Time{}
		if r.Survey {
			r.Members = 0
		}
	}
	return r
}

// Round returns one round of a team. ErrNotFound means that there is none.
func (s *Store) Round(ctx context.Context, team, id string) (Round, error) {
	r, err := scanRound(s.readers.QueryRowContext(ctx, "SELECT "+roundColumns+" FROM rounds WHERE id = $1 AND team = $2", id, team).Scan)
	return r, s.locate(err)
}

// RoundByCode returns the round that is or was joined with a code. ErrNotFound
// means that there was none.
func (s *Store) RoundByCode(ctx context.Context, code string) (Round, error) {
	r, err := scanRound(s.readers.QueryRowContext(ctx, "SELECT "+roundColumns+" FROM rounds WHERE code = $1", code).Scan)
	return r, s.locate(err)
}

// RevealRound freezes the votes of a workshop, writes their counts and returns
// the round. A round that is revealed stays as it is. ErrEnded means that it was
// closed before.
func (s *Store) RevealRound(ctx context.Context, team, id string, at time.Time) (Round, error) {
	return s.changeRound(ctx, team, id, func(ctx context.Context, tx *sql.Tx, r *Round, _ string) error {
		switch {
		case r.Survey:
			return fmt.Errorf("%w: a survey is not revealed", ErrInvalid)
		case !r.Revealed.IsZero():
			return nil
		case !r.Closed.IsZero():
			return ErrEnded
		}
		joined, err := countRows(ctx, tx, "round_members WHERE round = $1", r.ID)
		if err != nil {
			return err
		}
		r.Revealed, r.Members = fromMillis(at.UnixMilli()), joined
		_, err = tx.ExecContext(ctx, `
			INSERT INTO round_counts (round, item, state, votes)
			SELECT round, item, state, count(*) FROM round_votes WHERE round = $1
			GROUP BY round, item, state ORDER BY item, state`, r.ID)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE rounds SET revealed_at = $1, members = $2 WHERE id = $3", r.Revealed.UnixMilli(), r.Members, r.ID)
		return err
	})
}

// CloseRound ends a round: who took part, their votes and their places are
// deleted, the counts stay. A round that is closed stays as it is.
//
// ErrConflict means that something would be lost unseen, which drop allows: the
// votes of a workshop that was not revealed, the ballots of a survey with fewer
// than MinBallots.
func (s *Store) CloseRound(ctx context.Context, team, id string, at time.Time, drop bool) (Round, error) {
	r, err := s.changeRound(ctx, team, id, func(ctx context.Context, tx *sql.Tx, r *Round, pending string) error {
		if !r.Closed.IsZero() {
			return nil
		}
		switch lost, err := r.finish(ctx, tx, pending); {
		case err != nil:
			return err
		case lost && !drop:
			return ErrConflict
		}
		for _, table := range []string{"round_votes", "round_members", "round_places"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE round = $1", r.ID); err != nil {
				return err
			}
		}
		r.Closed = fromMillis(at.UnixMilli())
		_, err := tx.ExecContext(ctx, "UPDATE rounds SET closed_at = $1, members = $2, pending = '' WHERE id = $3", r.Closed.UnixMilli(), r.Members, r.ID)
		return err
	})
	if err == nil {
		s.settle(ctx)
	}
	return r, err
}

// finish counts what is still to be counted, and reports whether there is
// something that cannot be.
func (r *Round) finish(ctx context.Context, tx *sql.Tx, pending string) (lost bool, err error) {
	if !r.Survey {
		if !r.Revealed.IsZero() {
			return false, nil
		}
		joined, err := countRows(ctx, tx, "round_members WHERE round = $1", r.ID)
		return joined > 0, err
	}
	used, err := countRows(ctx, tx, "round_places WHERE round = $1 AND state = $2", r.ID, placeUsed)
	if err != nil || used < MinBallots {
		return true, err
	}
	r.Members = used
	return false, addToCounts(ctx, tx, r.ID, pending)
}

// changeRound runs f on a round, with what of a survey is pending, in one
// transaction, and returns the round as f left it.
func (s *Store) changeRound(ctx context.Context, team, id string, f func(ctx context.Context, tx *sql.Tx, r *Round, pending string) error) (Round, error) {
	var r Round
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		var pending string
		r, err = scanRound(tx.QueryRowContext(ctx, "SELECT "+roundColumns+", pending FROM rounds WHERE id = $1 AND team = $2", id, team).Scan, &pending)
		if err != nil {
			return err
		}
		return f(ctx, tx, &r, pending)
	})
	return r, err
}

// RoundCounts returns what was answered in a round by item: nothing of a workshop
// before its reveal, and of a survey before its close.
func (s *Store) RoundCounts(ctx context.Context, round string) (map[string]content.Counts, error) {
	rows, err := s.readers.QueryContext(ctx, `
		SELECT c.item, c.state, c.votes FROM round_counts c JOIN rounds r ON r.id = c.round
		WHERE c.round = $1 AND (r.survey = 0 OR r.closed_at > 0)`, round)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	counts, err := scanCounts(rows)
	return counts, s.locate(err)
}

// scanCounts reads rows of item, state and votes.
func scanCounts(rows *sql.Rows) (map[string]content.Counts, error) {
	counts := map[string]content.Counts{}
	for rows.Next() {
		var item string
		var state content.State
		var votes int
		if err := rows.Scan(&item, &state, &votes); err != nil {
			return nil, err
		}
		if counts[item] == nil {
			counts[item] = content.Counts{}
		}
		counts[item][state] = votes
	}
	return counts, rows.Err()
}

// Origins returns how many items an owner's answers, those dated at an instant
// or before, have from each origin; the zero time is now. Answers that were given
// here have none and are left out.
func (s *Store) Origins(ctx context.Context, owner string, at time.Time) (map[string]int, error) {
	rows, err := s.readers.QueryContext(ctx, `
		SELECT origin, count(*) FROM (
			SELECT DISTINCT origin, checklist, subject, item FROM answers WHERE owner = $1 AND origin <> '' AND at <= $2
		) a GROUP BY origin`, owner, untilMillis(at))
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	origins := map[string]int{}
	for rows.Next() {
		var origin string
		var items int
		if err := rows.Scan(&origin, &items); err != nil {
			return nil, s.locate(err)
		}
		origins[origin] = items
	}
	return origins, s.locate(rows.Err())
}

// NormalCode returns a code as it is kept from the way somebody typed it, empty
// for what can be none.
func NormalCode(typed string) string {
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	if len(code) != codeLength || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}
