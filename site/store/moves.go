package store

import (
	"context"
	"database/sql"
	"strconv"
)

// MoveChecklist copies what owners have answered to a checklist that was at other
// paths to the path where it is now, with everything that was answered before, so
// that past days look as they did; targets go along. Of several former paths the
// one counts under which an owner answered last: a list that moved twice was copied
// from the first to the second. Owners who have answered under the new path already
// keep what they have there. The rows under the old paths stay in the log. It
// returns how many owners' lists were copied.
func (s *Store) MoveChecklist(ctx context.Context, to string, from ...string) (int, error) {
	if len(from) == 0 {
		return 0, nil
	}
	keys, err := keysToMove(ctx, s.readers, to, from)
	if err != nil || len(keys) == 0 {
		return 0, s.locate(err)
	}
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// Again, under the lock: another program may have been faster.
		if keys, err = keysToMove(ctx, tx, to, from); err != nil {
			return err
		}
		for _, k := range keys {
			if err := moveKey(ctx, tx, k, to); err != nil {
				return err
			}
		}
		return nil
	})
	return len(keys), err
}

// keysToMove returns the lists that are to be copied, of each owner and subject one.
func keysToMove(ctx context.Context, q queryer, to string, from []string) ([]Key, error) {
	rows, err := q.QueryContext(ctx, `SELECT owner, checklist, subject FROM summaries s WHERE checklist IN (`+placeholders(len(from))+`)
		AND NOT EXISTS (SELECT 1 FROM summaries n WHERE n.owner = s.owner AND n.checklist = $`+strconv.Itoa(len(from)+1)+` AND n.subject = s.subject)
		ORDER BY log_id DESC`, append(anys(from), to)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []Key
	seen := map[Key]bool{} // without their paths
	for rows.Next() {
		var k Key
		if err := rows.Scan(&k.Owner, &k.Checklist, &k.Subject); err != nil {
			return nil, err
		}
		if list := (Key{Owner: k.Owner, Subject: k.Subject}); !seen[list] {
			seen[list] = true
			keys = append(keys, k)
		}
	}
	return keys, rows.Err()
}

// moveKey copies the log of k, in its order, to another path, and its targets where
// none was set there.
func moveKey(ctx context.Context, tx *sql.Tx, k Key, to string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO answers (owner, checklist, subject, item, seq, log_id, state, note, evidence, at, by_name, text_hash, origin)
		SELECT owner, $1, subject, item, seq, (SELECT max(log_id) FROM answers) + row_number() OVER (ORDER BY log_id),
			state, note, evidence, at, by_name, text_hash, origin
		FROM answers WHERE owner = $2 AND checklist = $3 AND subject = $4`, to, k.Owner, k.Checklist, k.Subject)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO targets (team, checklist, subject, seq, level, due, at, by_name)
		SELECT team, $1, subject, seq, level, due, at, by_name FROM targets
		WHERE 't:' || team = $2 AND checklist = $3 AND subject = $4 AND NOT EXISTS (SELECT 1 FROM targets n
			WHERE n.team = targets.team AND n.checklist = $1 AND n.subject = targets.subject)`, to, k.Owner, k.Checklist, k.Subject)
	if err != nil {
		return err
	}
	k.Checklist = to
	t, err := summarize(ctx, tx, k)
	if err != nil {
		return err
	}
	return t.save(ctx, tx)
}
