package store

import (
	"context"
	"database/sql"
)

// MoveChecklist copies what owners have answered to a checklist that was at one
// path to the path where it is now, with everything that was answered before, so
// that past days look as they did; targets go along. Owners who have answered
// under the new path already keep what they have there. The rows under the old
// path stay in the log. It returns how many owners' lists were copied.
func (s *Store) MoveChecklist(ctx context.Context, from, to string) (int, error) {
	keys, err := keysToMove(ctx, s.readers, from, to)
	if err != nil || len(keys) == 0 {
		return 0, s.locate(err)
	}
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// Again, under the lock: another program may have been faster.
		if keys, err = keysToMove(ctx, tx, from, to); err != nil {
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

func keysToMove(ctx context.Context, q queryer, from, to string) ([]Key, error) {
	rows, err := q.QueryContext(ctx, `SELECT owner, subject FROM summaries s WHERE checklist = $1 AND NOT EXISTS (
		SELECT 1 FROM summaries n WHERE n.owner = s.owner AND n.checklist = $2 AND n.subject = s.subject)`, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []Key
	for rows.Next() {
		k := Key{Checklist: from}
		if err := rows.Scan(&k.Owner, &k.Subject); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// moveKey copies the log of k, in its order, and its targets to another path.
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
		WHERE 't:' || team = $2 AND checklist = $3 AND subject = $4
		ON CONFLICT (team, checklist, subject, seq) DO NOTHING`, to, k.Owner, k.Checklist, k.Subject)
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
