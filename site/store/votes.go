package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"opsbook/content"
)

// Join makes somebody, known by the hash of a secret that only they have, a
// member of a round, or in a survey gives them a place. Who is in already stays
// in. ErrEnded means that the round takes no answers any more, ErrTooMany that
// it has MaxMembers or no free place.
func (s *Store) Join(ctx context.Context, round, member string) error {
	if member == "" {
		return fmt.Errorf("%w: a member needs a secret", ErrInvalid)
	}
	if err := checkTexts(member); err != nil {
		return err
	}
	var survey bool
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r, _, err := openRound(ctx, tx, round)
		if err != nil {
			return err
		}
		if survey = r.Survey; survey {
			return takePlace(ctx, tx, r.ID, member)
		}
		in, err := countRows(ctx, tx, "round_members WHERE round = $1 AND member = $2", r.ID, member)
		if err != nil || in > 0 {
			return err
		}
		joined, err := countRows(ctx, tx, "round_members WHERE round = $1", r.ID)
		if err != nil {
			return err
		}
		if joined >= MaxMembers {
			return ErrTooMany
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO round_members (round, member) VALUES ($1, $2)", r.ID, member)
		return err
	})
	if err == nil && survey {
		s.settle(ctx)
	}
	return err
}

// openRound reads a round that takes answers, and what of a survey is pending.
// ErrEnded means that it takes none any more.
func openRound(ctx context.Context, tx *sql.Tx, id string) (Round, string, error) {
	var pending string
	r, err := scanRound(tx.QueryRowContext(ctx, "SELECT "+roundColumns+", pending FROM rounds WHERE id = $1", id).Scan, &pending)
	if err == nil && (!r.Closed.IsZero() || !r.Revealed.IsZero()) {
		err = ErrEnded
	}
	return r, pending, err
}

// Vote keeps what a member of a workshop says to an item, in place of what they
// said before; the empty state takes it back. ErrEnded means that the votes are
// revealed or the round is closed, ErrNotFound that there is no such member.
func (s *Store) Vote(ctx context.Context, round, member, item string, state content.State) error {
	if item == "" {
		return fmt.Errorf("%w: a vote needs an item", ErrInvalid)
	}
	if err := checkTexts(item, string(state)); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r, _, err := openRound(ctx, tx, round)
		if err != nil {
			return err
		}
		in, err := countRows(ctx, tx, "round_members WHERE round = $1 AND member = $2", r.ID, member)
		if err != nil {
			return err
		}
		if in == 0 {
			return fmt.Errorf("%w: member", ErrNotFound)
		}
		if state == "" {
			_, err = tx.ExecContext(ctx, "DELETE FROM round_votes WHERE round = $1 AND member = $2 AND item = $3", r.ID, member, item)
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO round_votes (round, member, item, state) VALUES ($1, $2, $3, $4)
			ON CONFLICT (round, member, item) DO UPDATE SET state = excluded.state`, r.ID, member, item, state)
		return err
	})
}

// Member is what a round keeps about one who takes part.
type Member struct {
	Votes map[string]content.State // of a workshop, by item; gone when it is closed
	Used  bool                     // of a survey: the ballot is counted
}

// Member returns what a round keeps about a member. ErrNotFound means that it
// knows none such.
func (s *Store) Member(ctx context.Context, round, member string) (Member, error) {
	m := Member{Votes: map[string]content.State{}}
	var place int
	err := s.readers.QueryRowContext(ctx, `
		SELECT 0 FROM round_members WHERE round = $1 AND member = $2
		UNION ALL SELECT state FROM round_places WHERE round = $1 AND token = $2 AND state > 0`, round, member).Scan(&place)
	if errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("%w: member", ErrNotFound)
	}
	if err != nil {
		return m, s.locate(err)
	}
	m.Used = place == placeUsed
	rows, err := s.readers.QueryContext(ctx, "SELECT item, state FROM round_votes WHERE round = $1 AND member = $2", round, member)
	if err != nil {
		return m, s.locate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		var state content.State
		if err := rows.Scan(&item, &state); err != nil {
			return m, s.locate(err)
		}
		m.Votes[item] = state
	}
	return m, s.locate(rows.Err())
}

// Progress is how far the members of a workshop are.
type Progress struct {
	Joined   int
	Finished int            // who have voted on every item
	Votes    map[string]int // by item
}

// Progress returns how far the members of a workshop are with the items of its
// checklist. It says nothing of a survey.
func (s *Store) Progress(ctx context.Context, round string, items []string) (Progress, error) {
	p := Progress{Votes: map[string]int{}}
	rows, err := s.readers.QueryContext(ctx, "SELECT item, count(*) FROM round_votes WHERE round = $1 GROUP BY item", round)
	if err != nil {
		return p, s.locate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		var votes int
		if err := rows.Scan(&item, &votes); err != nil {
			return p, s.locate(err)
		}
		p.Votes[item] = votes
	}
	if err := rows.Err(); err != nil {
		return p, s.locate(err)
	}
	args := append([]any{}, anys(items)...)
	args = append(args, round, len(items))
	p.Finished, err = countRows(ctx, s.readers, fmt.Sprintf(`(
		SELECT member FROM round_votes WHERE item IN (%s) AND round = $%d
		GROUP BY member HAVING count(*) = $%d) m`, placeholders(len(items)), len(items)+1, len(items)+2), args...)
	if err != nil {
		return p, s.locate(err)
	}
	// Last, so that never more seem to have finished than have joined.
	p.Joined, err = countRows(ctx, s.readers, "round_members WHERE round = $1", round)
	return p, s.locate(err)
}
