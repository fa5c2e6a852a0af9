package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// AppendAnswers appends all answers or none, in their order. Each Base must be
// the newest Seq of its item, earlier answers of the same call counted; else
// nothing is written and ErrConflict is returned. Unlike AppendAnswer it takes
// an answer that repeats the current one for a new one.
func (s *Store) AppendAnswers(ctx context.Context, answers []NewAnswer) error {
	for i := range answers {
		if err := answers[i].check(); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
	}
	if len(answers) == 0 {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error { return appendAll(ctx, tx, answers) })
}

// appendAll is AppendAnswers within a transaction.
func appendAll(ctx context.Context, tx *sql.Tx, answers []NewAnswer) error {
	b := batch{tx: tx, tallies: map[Key]*tally{}, texts: map[string]bool{}}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for i := range answers {
		if err := b.add(ctx, &answers[i]); err != nil {
			return fmt.Errorf("answer %d, %s in %s: %w", i+1, answers[i].Item, answers[i].Checklist, err)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(b.tallies), Key.compare) {
		if err := b.tallies[k].save(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// compare orders keys as the database does.
func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Owner, other.Owner), cmp.Compare(k.Checklist, other.Checklist), cmp.Compare(k.Subject, other.Subject))
}

// batch is a set of answers being appended in one transaction.
type batch struct {
	tx           *sql.Tx
	answer, text *sql.Stmt // closed with the transaction
	logID        int64     // of the last answer
	tallies      map[Key]*tally
	texts        map[string]bool // hashes that are there
}

func (b *batch) prepare(ctx context.Context) (err error) {
	if b.answer, err = b.tx.PrepareContext(ctx, insertAnswer); err != nil {
		return err
	}
	if b.text, err = b.tx.PrepareContext(ctx, insertText); err != nil {
		return err
	}
	if err := b.tx.QueryRowContext(ctx, nextLogID).Scan(&b.logID); err != nil {
		return err
	}
	b.logID--
	return nil
}

func (b *batch) add(ctx context.Context, n *NewAnswer) error {
	t := b.tallies[n.Key]
	if t == nil {
		summary, err := readSummary(ctx, b.tx, n.Key)
		if err != nil {
			return err
		}
		current, err := summary.Answers()
		if err != nil {
			return err
		}
		t = &tally{summary, current}
		b.tallies[n.Key] = t
	}
	if n.Base != t.current[n.Item].Seq {
		return ErrConflict
	}
	if !b.texts[n.TextHash] {
		if _, err := b.text.ExecContext(ctx, n.TextHash, n.Text); err != nil {
			return err
		}
		b.texts[n.TextHash] = true
	}
	evidence, err := n.evidence()
	if err != nil {
		return err
	}
	a := n.answer(n.Base + 1)
	b.logID++
	if _, err := b.answer.ExecContext(ctx, n.row(a, b.logID, evidence)...); err != nil {
		return err
	}
	t.add(n.Item, a, b.logID)
	return nil
}

// History returns up to limit rows of the log for one item, newest first.
func (s *Store) History(ctx context.Context, k Key, item string, limit int) ([]Entry, error) {
	return s.entries(ctx, `a.owner = $1 AND a.checklist = $2 AND a.subject = $3 AND a.item = $4
		ORDER BY a.seq DESC LIMIT $5`, k.Owner, k.Checklist, k.Subject, item, max(limit, 0))
}

// Standing returns what Answers does as rows of the log, in the order of items.
func (s *Store) Standing(ctx context.Context, k Key, at time.Time) ([]Entry, error) {
	return s.entries(ctx, `a.owner = $1 AND a.checklist = $2 AND a.subject = $3 AND a.seq = (
		SELECT max(n.seq) FROM answers n WHERE n.owner = a.owner AND n.checklist = a.checklist AND n.subject = a.subject AND n.item = a.item AND n.at <= $4)
		ORDER BY a.item`, k.Owner, k.Checklist, k.Subject, untilMillis(at))
}

// LogQuery says which rows of an owner's log are wanted.
type LogQuery struct {
	Owner     string
	Checklist string    // empty: of all
	Subject   string    // only with a Checklist
	Item      string    // only with a Checklist; empty: of all
	Origin    string    // empty: of any
	Until     time.Time // dated then or before; zero: all
	Before    int64     // log id; 0: the newest
	Limit     int
}

// Log returns rows of an owner's log, newest first.
func (s *Store) Log(ctx context.Context, q LogQuery) ([]Entry, error) {
	condition, args := "a.owner = $1 AND a.log_id < $2 AND a.at <= $3", []any{q.Owner, q.Before, untilMillis(q.Until)}
	if q.Before == 0 {
		args[1] = untilMillis(time.Time{})
	}
	if q.Checklist != "" {
		condition, args = condition+" AND a.checklist = $4 AND a.subject = $5", append(args, q.Checklist, q.Subject)
		if q.Item != "" {
			condition, args = condition+" AND a.item = $6", append(args, q.Item)
		}
	}
	if q.Origin != "" {
		args = append(args, q.Origin)
		condition += fmt.Sprintf(" AND a.origin = $%d", len(args))
	}
	args = append(args, max(q.Limit, 0))
	return s.entries(ctx, fmt.Sprintf("%s ORDER BY a.log_id DESC LIMIT $%d", condition, len(args)), args...)
}

// Whole returns an owner's whole log in its order, as an export needs it.
func (s *Store) Whole(ctx context.Context, owner string) ([]Entry, error) {
	return s.entries(ctx, "a.owner = $1 ORDER BY a.log_id", owner)
}

// Wordings returns the texts of the items that an owner ever answered, by hash.
func (s *Store) Wordings(ctx context.Context, owner string) (map[string]string, error) {
	return s.texts(ctx, "hash IN (SELECT text_hash FROM answers WHERE owner = $1)", owner)
}

// entries returns the rows a of the log that the rest of a query, from the
// condition on, finds, each with the state of the row before it.
func (s *Store) entries(ctx context.Context, rest string, args ...any) ([]Entry, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+answerColumns+`, a.owner, a.checklist, a.subject, a.item, a.log_id, a.origin, coalesce(b.state, '')
		FROM answers a
		LEFT JOIN answers b ON b.owner = a.owner AND b.checklist = a.checklist AND b.subject = a.subject AND b.item = a.item AND b.seq = a.seq - 1
		WHERE `+rest, args...)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var e Entry
		if e.Answer, err = scanAnswer(rows.Scan, &e.Owner, &e.Checklist, &e.Subject, &e.Item, &e.LogID, &e.Origin, &e.Before); err != nil {
			return nil, s.locate(err)
		}
		entries = append(entries, e)
	}
	return entries, s.locate(rows.Err())
}
