package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	stateRead   = "read"
	stateUnread = "unread"
)

// MarkRead notes that an owner has read a page, or has not. Saying what is noted
// already changes nothing. ErrInvalid means that a text is not one, ErrFull and
// ErrBusy mean: try again later.
func (s *Store) MarkRead(ctx context.Context, owner, page string, read bool, at time.Time) error {
	for _, text := range []string{owner, page} {
		if text == "" || len(text) > MaxAnswer || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("%w: owner and page must be texts", ErrInvalid)
		}
	}
	state := stateUnread
	if read {
		state = stateRead
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var seq int64
		current := stateUnread
		err := tx.QueryRowContext(ctx, "SELECT seq, state FROM reads WHERE owner = $1 AND page = $2 ORDER BY seq DESC LIMIT 1", owner, page).Scan(&seq, &current)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if current == state {
			return nil
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO reads (owner, page, seq, state, at) VALUES ($1, $2, $3, $4, $5)", owner, page, seq+1, state, at.UnixMilli())
		return err
	})
}

// Reads returns when an owner read each page, of those that now count as read.
func (s *Store) Reads(ctx context.Context, owner string) (map[string]time.Time, error) {
	rows, err := s.readers.QueryContext(ctx, `
		SELECT r.page, r.at FROM reads r
		WHERE r.owner = $1 AND r.state = $2
			AND r.seq = (SELECT max(n.seq) FROM reads n WHERE n.owner = r.owner AND n.page = r.page)`, owner, stateRead)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	read := map[string]time.Time{}
	for rows.Next() {
		var page string
		var at int64
		if err := rows.Scan(&page, &at); err != nil {
			return nil, s.locate(err)
		}
		read[page] = fromMillis(at)
	}
	return read, s.locate(rows.Err())
}
