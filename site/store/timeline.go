package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"opsbook/content"
)

// Stand is what an owner's answers to a list were at an instant.
type Stand struct {
	Key
	Answers map[string]content.Answer // by item, without Note, Evidence and By; the hash may be its beginning
	LastAt  time.Time                 // when the latest of them was given
}

// Stands returns what the owners' answers were at an instant, by the rule of
// Answers, in the order of owner, checklist and subject; lists in which nothing
// was answered yet are left out. The zero time is now, which is read from the
// summaries. An instant of the past is read from the log as far as it differs:
// with 500,000 rows of 200 owners, for one of them in 4 to 5 ms, for all of them in
// about one second.
func (s *Store) Stands(ctx context.Context, at time.Time, owners ...string) ([]Stand, error) {
	var stands []Stand
	for stand, err := range s.eachStand(ctx, at, owners, func() map[string]content.Answer { return map[string]content.Answer{} }) {
		if err != nil {
			return nil, err
		}
		stands = append(stands, stand)
	}
	return stands, nil
}

// EachStand yields one after the other what Stands returns together, or an error
// and then nothing more. The map of answers may be used again for the next one:
// an overview of thousands fills one map, which stays in the processor's cache.
func (s *Store) EachStand(ctx context.Context, at time.Time, owners ...string) iter.Seq2[Stand, error] {
	answers := map[string]content.Answer{}
	return s.eachStand(ctx, at, owners, func() map[string]content.Answer {
		clear(answers)
		return answers
	})
}

// eachStand yields stands; empty returns the map for the answers of the next one.
func (s *Store) eachStand(ctx context.Context, at time.Time, owners []string, empty func() map[string]content.Answer) iter.Seq2[Stand, error] {
	if !at.IsZero() {
		return s.standsThen(ctx, at, owners)
	}
	return func(yield func(Stand, error) bool) {
		for summary, err := range s.eachSummary(ctx, owners) {
			stand := Stand{Key: summary.Key, Answers: empty()}
			if err == nil {
				stand.LastAt, err = summary.decode(stand.Answers)
			}
			if !yield(stand, err) || err != nil {
				return
			}
		}
	}
}

func (s *Store) standsThen(ctx context.Context, at time.Time, owners []string) iter.Seq2[Stand, error] {
	return func(yield func(Stand, error) bool) {
		for _, owner := range sortedSet(owners) {
			stands, err := s.ownStandsThen(ctx, owner, at)
			if err != nil {
				yield(Stand{}, s.locate(err))
				return
			}
			for _, stand := range stands {
				for _, a := range stand.Answers {
					if a.At.After(stand.LastAt) {
						stand.LastAt = a.At
					}
				}
				if len(stand.Answers) > 0 && !yield(stand, nil) {
					return
				}
			}
		}
	}
}

// ownStandsThen returns what stood for one owner. An answer that is current and
// was given by then stood then, since no row has a higher seq; what was answered
// since is read from the log, or everything where that is most of it.
func (s *Store) ownStandsThen(ctx context.Context, owner string, at time.Time) ([]Stand, error) {
	stands, err := s.Stands(ctx, time.Time{}, owner)
	if err != nil {
		return nil, err
	}
	all, younger := 0, 0
	for i := range stands {
		stands[i].LastAt = time.Time{}
		all += len(stands[i].Answers)
		for _, a := range stands[i].Answers {
			if a.At.UnixMilli() > at.UnixMilli() {
				younger++
			}
		}
	}
	switch {
	case younger == 0:
		return stands, nil
	case 2*younger > all:
		return s.logThen(ctx, owner, at)
	}
	return stands, s.replaceYounger(ctx, stands, at)
}

// replaceYounger puts what stood at an instant in place of what was answered since.
func (s *Store) replaceYounger(ctx context.Context, stands []Stand, at time.Time) error {
	// Plan: for each item one search of the primary key, and a step back for each
	// younger row.
	newest, err := s.readers.PrepareContext(ctx, `SELECT seq, state, at, text_hash FROM answers
		WHERE owner = $1 AND checklist = $2 AND subject = $3 AND item = $4 AND at <= $5
		ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return err
	}
	defer newest.Close()
	for _, stand := range stands {
		for item, a := range stand.Answers {
			if a.At.UnixMilli() <= at.UnixMilli() {
				continue
			}
			var then content.Answer
			var millis int64
			err := newest.QueryRowContext(ctx, stand.Owner, stand.Checklist, stand.Subject, item, at.UnixMilli()).Scan(&then.Seq, &then.State, &millis, &then.TextHash)
			if errors.Is(err, sql.ErrNoRows) {
				delete(stand.Answers, item)
				continue
			}
			if err != nil {
				return err
			}
			then.At = fromMillis(millis)
			stand.Answers[item] = then
		}
	}
	return nil
}

// logThen reads what stood at an instant from the whole log of an owner.
func (s *Store) logThen(ctx context.Context, owner string, at time.Time) ([]Stand, error) {
	// Plan: one walk through the owner's part of the index answers_then. Next to
	// max, SQLite takes the other columns from the row that holds the maximum.
	rows, err := s.readers.QueryContext(ctx, `
		SELECT checklist, subject, item, max(seq), state, at, text_hash FROM answers
		WHERE owner = $1 AND at <= $2
		GROUP BY owner, checklist, subject, item
		ORDER BY checklist, subject, item`, owner, at.UnixMilli())
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var stands []Stand
	for rows.Next() {
		k := Key{Owner: owner}
		var item string
		var a content.Answer
		var millis int64
		if err := rows.Scan(&k.Checklist, &k.Subject, &item, &a.Seq, &a.State, &millis, &a.TextHash); err != nil {
			return nil, s.locate(err)
		}
		a.At = fromMillis(millis)
		if len(stands) == 0 || stands[len(stands)-1].Key != k {
			stands = append(stands, Stand{Key: k, Answers: map[string]content.Answer{}})
		}
		stands[len(stands)-1].Answers[item] = a
	}
	return stands, s.locate(rows.Err())
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
