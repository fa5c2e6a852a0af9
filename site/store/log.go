package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"opsbook/content"
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
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
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
	})
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
	return s.entries(ctx, `owner = $1 AND checklist = $2 AND subject = $3 AND item = $4
		ORDER BY seq DESC LIMIT $5`, k.Owner, k.Checklist, k.Subject, item, max(limit, 0))
}

// LogQuery says which rows of an owner's log are wanted.
type LogQuery struct {
	Owner     string
	Checklist string    // empty: of all
	Subject   string    // only with a Checklist
	Item      string    // only with a Checklist; empty: of all
	Until     time.Time // dated then or before; zero: all
	Before    int64     // log id; 0: the newest
	Limit     int
}

// Log returns rows of an owner's log, newest first.
func (s *Store) Log(ctx context.Context, q LogQuery) ([]Entry, error) {
	condition, args := "owner = $1 AND log_id < $2 AND at <= $3", []any{q.Owner, q.Before, untilMillis(q.Until)}
	if q.Before == 0 {
		args[1] = untilMillis(time.Time{})
	}
	if q.Checklist != "" {
		condition, args = condition+" AND checklist = $4 AND subject = $5", append(args, q.Checklist, q.Subject)
		if q.Item != "" {
			condition, args = condition+" AND item = $6", append(args, q.Item)
		}
	}
	args = append(args, max(q.Limit, 0))
	return s.entries(ctx, fmt.Sprintf("%s ORDER BY log_id DESC LIMIT $%d", condition, len(args)), args...)
}

// Whole returns an owner's whole log in its order, as an export needs it.
func (s *Store) Whole(ctx context.Context, owner string) ([]Entry, error) {
	return s.entries(ctx, "owner = $1 ORDER BY log_id", owner)
}

// entries returns the rows of the log that the rest of a query, from the
// condition on, finds.
func (s *Store) entries(ctx context.Context, rest string, args ...any) ([]Entry, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+answerColumns+", owner, checklist, subject, item, log_id, origin FROM answers a WHERE "+rest, args...)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var e Entry
		if e.Answer, err = scanAnswer(rows.Scan, &e.Owner, &e.Checklist, &e.Subject, &e.Item, &e.LogID, &e.Origin); err != nil {
			return nil, s.locate(err)
		}
		entries = append(entries, e)
	}
	return entries, s.locate(rows.Err())
}

// Timeline is what an owner answered when: enough to score any of its lists at
// any past instant without reading the log again. It is read-only.
type Timeline struct {
	keys  []Key          // in order
	steps map[Key][]step // of a key by item and seq
}

// step is a row of the log as a Timeline keeps it.
type step struct {
	item string
	content.Answer
}

// Timeline reads the whole log of an owner, or of one checklist where it is not
// empty, without notes, evidence and names.
func (s *Store) Timeline(ctx context.Context, owner, checklist string) (*Timeline, error) {
	condition, args := "owner = $1", []any{owner}
	if checklist != "" {
		condition, args = condition+" AND checklist = $2", append(args, checklist)
	}
	rows, err := s.readers.QueryContext(ctx, "SELECT checklist, subject, item, seq, state, at, text_hash FROM answers WHERE "+condition+" ORDER BY checklist, subject, item, seq", args...)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	t := &Timeline{steps: map[Key][]step{}}
	last := Key{}
	for rows.Next() {
		k, st, at := Key{Owner: owner}, step{}, int64(0)
		if err := rows.Scan(&k.Checklist, &k.Subject, &st.item, &st.Seq, &st.State, &at, &st.TextHash); err != nil {
			return nil, s.locate(err)
		}
		st.At = fromMillis(at)
		if k != last || len(t.keys) == 0 {
			t.keys, last = append(t.keys, k), k
		}
		t.steps[k] = append(t.steps[k], st)
	}
	return t, s.locate(rows.Err())
}

// Keys returns what was ever answered, in the order of checklist and subject.
func (t *Timeline) Keys() []Key { return t.keys }

// Answers returns the answers of k by item that stood at an instant, by the rule
// of Store.Answers; the zero time is now. Note, Evidence and By are left out.
func (t *Timeline) Answers(k Key, at time.Time) map[string]content.Answer {
	until := untilMillis(at)
	answers := map[string]content.Answer{}
	for _, st := range t.steps[k] { // a later seq replaces an earlier one
		if st.At.UnixMilli() <= until {
			answers[st.item] = st.Answer
		}
	}
	return answers
}

// First returns when the earliest answer of k was given, the zero time without any.
func (t *Timeline) First(k Key) time.Time {
	var first time.Time
	for _, st := range t.steps[k] {
		if first.IsZero() || st.At.Before(first) {
			first = st.At
		}
	}
	return first
}
