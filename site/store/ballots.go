package store

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"opsbook/content"
)

// What a place of a survey is.
const (
	placeFree = iota
	placeTaken
	placeUsed
)

// addPlaces adds n free places to a survey.
func addPlaces(ctx context.Context, tx *sql.Tx, round string, n int) error {
	for range n {
		var token [32]byte
		_, _ = crand.Read(token[:]) // it never fails: crypto/rand ends the program instead
		_, err := tx.ExecContext(ctx, "INSERT INTO round_places (round, token, state) VALUES ($1, $2, $3)", round, hex.EncodeToString(token[:]), placeFree)
		if err != nil {
			return err
		}
	}
	return nil
}

// takePlace gives a free place, drawn by lot, to the member with the token.
func takePlace(ctx context.Context, tx *sql.Tx, round, token string) error {
	had, err := countRows(ctx, tx, "round_places WHERE round = $1 AND token = $2 AND state > $3", round, token, placeFree)
	if err != nil || had > 0 {
		return err
	}
	free, err := countRows(ctx, tx, "round_places WHERE round = $1 AND state = $2", round, placeFree)
	if err != nil {
		return err
	}
	if free == 0 {
		return ErrTooMany
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE round_places SET token = $1, state = $2 WHERE round = $3 AND token =
			(SELECT token FROM round_places WHERE round = $3 AND state = $4 ORDER BY token LIMIT 1 OFFSET $5)`,
		token, placeTaken, round, placeFree, rand.IntN(free))
	return err
}

// SetPlaces gives a survey more places, so many in all, and returns it. Fewer
// than it has are ErrInvalid; ErrEnded means that it is closed.
func (s *Store) SetPlaces(ctx context.Context, team, id string, places int) (Round, error) {
	return s.changeRound(ctx, team, id, func(ctx context.Context, tx *sql.Tx, r *Round, _ string) error {
		switch {
		case !r.Closed.IsZero():
			return ErrEnded
		case !r.Survey || places < r.Places || places > MaxMembers:
			return fmt.Errorf("%w: %d places, where a survey has %d to %d", ErrInvalid, places, r.Places, MaxMembers)
		}
		if err := addPlaces(ctx, tx, r.ID, places-r.Places); err != nil {
			return err
		}
		r.Places = places
		_, err := tx.ExecContext(ctx, "UPDATE rounds SET places = $1 WHERE id = $2", places, r.ID)
		return err
	})
}

// CastBallot takes what a member of a survey answers to its items, which may be
// some of them, and marks their place as used, in one transaction. It reports
// whether the place was used before: then nothing is changed. ErrNotFound means
// that there is no such member, ErrEnded that the survey is closed.
func (s *Store) CastBallot(ctx context.Context, round, member string, ballot map[string]content.State) (again bool, err error) {
	for item, state := range ballot {
		if item == "" || state == "" {
			return false, fmt.Errorf("%w: a ballot names items and their states", ErrInvalid)
		}
		if err := checkTexts(item, string(state)); err != nil {
			return false, err
		}
	}
	if len(ballot) == 0 {
		return false, fmt.Errorf("%w: an empty ballot", ErrInvalid)
	}
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r, pending, err := openRound(ctx, tx, round)
		if err != nil {
			return err
		}
		var place int
		err = tx.QueryRowContext(ctx, "SELECT state FROM round_places WHERE round = $1 AND token = $2", r.ID, member).Scan(&place)
		if errors.Is(err, sql.ErrNoRows) || place == placeFree && err == nil {
			return fmt.Errorf("%w: member", ErrNotFound)
		}
		if again = place == placeUsed; again || err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE round_places SET state = $1 WHERE round = $2 AND token = $3", placeUsed, r.ID, member); err != nil {
			return err
		}
		return r.wait(ctx, tx, pending, ballot)
	})
	if err == nil && !again {
		s.settle(ctx)
	}
	return again, err
}

// wait adds a ballot to those that are pending, and all of these to the counts
// where they are enough.
func (r *Round) wait(ctx context.Context, tx *sql.Tx, pending string, ballot map[string]content.State) error {
	waiting, err := decodeCounts(pending)
	if err != nil {
		return err
	}
	for item, state := range ballot {
		if waiting[item] == nil {
			waiting[item] = content.Counts{}
		}
		waiting[item][state]++
	}
	if pending, err = encodeCounts(waiting); err != nil {
		return err
	}
	used, err := countRows(ctx, tx, "round_places WHERE round = $1 AND state = $2", r.ID, placeUsed)
	if err != nil {
		return err
	}
	if used-r.Members >= MinBallots {
		if err := addToCounts(ctx, tx, r.ID, pending); err != nil {
			return err
		}
		r.Members, pending = used, ""
	}
	_, err = tx.ExecContext(ctx, "UPDATE rounds SET members = $1, pending = $2 WHERE id = $3", r.Members, pending, r.ID)
	return err
}

// addToCounts adds the pending answers of a survey to its counts, whose rows are
// all written anew in the order of their keys: which came with which batch would
// show in the order of insertion.
func addToCounts(ctx context.Context, tx *sql.Tx, round, pending string) error {
	counts, err := decodeCounts(pending)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT item, state, votes FROM round_counts WHERE round = $1", round)
	if err != nil {
		return err
	}
	defer rows.Close()
	before, err := scanCounts(rows)
	if err != nil {
		return err
	}
	for item, states := range before {
		if counts[item] == nil {
			counts[item] = content.Counts{}
		}
		for state, n := range states {
			counts[item][state] += n
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM round_counts WHERE round = $1", round); err != nil {
		return err
	}
	for _, item := range slices.Sorted(maps.Keys(counts)) {
		for _, state := range slices.Sorted(maps.Keys(counts[item])) {
			_, err := tx.ExecContext(ctx, "INSERT INTO round_counts (round, item, state, votes) VALUES ($1, $2, $3, $4)", round, item, state, counts[item][state])
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// encodeCounts writes counts as rounds.pending keeps them.
func encodeCounts(counts map[string]content.Counts) (string, error) {
	text, err := json.Marshal(counts) // which sorts keys
	return string(text), err
}

// decodeCounts is the inverse of encodeCounts; the empty text has no counts.
func decodeCounts(text string) (map[string]content.Counts, error) {
	counts := map[string]content.Counts{}
	if text == "" {
		return counts, nil
	}
	if err := json.Unmarshal([]byte(text), &counts); err != nil {
		return nil, fmt.Errorf("pending answers: %w", err)
	}
	return counts, nil
}

// EnoughBallots reports whether an open survey has MinBallots or more. Nothing
// more exact may be told while it is open.
func (s *Store) EnoughBallots(ctx context.Context, round string) (bool, error) {
	used, err := countRows(ctx, s.readers, "round_places WHERE round = $1 AND state = $2", round, placeUsed)
	return used >= MinBallots, s.locate(err)
}

// settleWait is how long readers may keep settle from its work, during which
// nothing can be written.
const settleWait = 250 * time.Millisecond

// settle moves what was written into the one file and empties the log beside it,
// in which the versions of a page follow each other as they were written. Where
// readers are in its way it is done later, by Settle or the next call.
func (s *Store) settle(ctx context.Context) {
	s.unsettled.Store(true)
	// The write is done; whoever waits for it is not told that this was not.
	_ = s.Settle(context.WithoutCancel(ctx))
}

// Settle does what a survey's write could not finish, and nothing where there is
// nothing left. Call it now and then; after a crash the first call does work.
func (s *Store) Settle(ctx context.Context) error {
	if !s.unsettled.Load() {
		return nil
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Before, since a write that comes after it has its own turn.
	s.unsettled.Store(false)
	done, err := truncateLog(context.WithoutCancel(ctx), conn)
	if err != nil || !done {
		s.unsettled.Store(true)
	}
	return s.locate(err)
}

// truncateLog reports whether it could empty the write-ahead log.
func truncateLog(ctx context.Context, conn *sql.Conn) (done bool, err error) {
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout(%d)", settleWait.Milliseconds())); err != nil {
		return false, err
	}
	var busy, frames, moved int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	_, reset := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout(%d)", busyTimeout.Milliseconds()))
	return busy == 0, errors.Join(err, reset)
}
