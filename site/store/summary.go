package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
)

// HashPrefix is how many bytes of a text hash a Summary keeps: in hexadecimal 64
// bits, enough to tell the wordings of one item apart.
const HashPrefix = 16

// Summary is what an overview needs to know about a Key without reading the log.
type Summary struct {
	Key
	Answered int       // items with a state
	Changes  int64     // rows in the log
	LastAt   time.Time // of the row with the highest LogID, as the next two
	LastBy   string
	LogID    int64 // changes with every change; 0: nothing was ever answered

	answers string // see encodeAnswers
}

// Answers returns the current answers by item: enough to score them by any
// version of the checklist, at any time to come. They are those of Store.Answers
// with State, Seq, At and the first HashPrefix bytes of TextHash only.
func (s Summary) Answers() (map[string]content.Answer, error) {
	answers := make(map[string]content.Answer, strings.Count(s.answers, "\n"))
	_, err := s.decode(answers)
	return answers, err
}

// decode adds the current answers to a map and returns when the latest was given.
func (s Summary) decode(answers map[string]content.Answer) (last time.Time, err error) {
	if last, err = decodeAnswers(s.answers, answers); err != nil {
		return last, fmt.Errorf("summary of %q: %w", s.Key, err)
	}
	return last, nil
}

// Summary returns the summary of k, all zero but for its Key if nothing was answered.
func (s *Store) Summary(ctx context.Context, k Key) (Summary, error) {
	summary, err := readSummary(ctx, s.readers, k)
	return summary, s.locate(err)
}

// Summaries returns the summaries of everything that the owners have answered,
// in the order of owner, checklist and subject.
func (s *Store) Summaries(ctx context.Context, owners ...string) ([]Summary, error) {
	var summaries []Summary
	for summary, err := range s.eachSummary(ctx, owners) {
		if err != nil {
			return nil, err
		}
		summaries = append(summaries, summary)
	}
	return summaries, nil
}

func (s *Store) eachSummary(ctx context.Context, owners []string) iter.Seq2[Summary, error] {
	return func(yield func(Summary, error) bool) {
		if len(owners) == 0 {
			return
		}
		rows, err := s.readers.QueryContext(ctx, "SELECT "+summaryColumns+" FROM summaries WHERE owner IN ("+placeholders(len(owners))+`)
			ORDER BY owner, checklist, subject`, anys(owners)...)
		if err != nil {
			yield(Summary{}, s.locate(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			summary, err := scanSummary(rows.Scan)
			if !yield(summary, s.locate(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Summary{}, s.locate(err))
		}
	}
}

// RebuildSummaries computes all summaries anew from the log. They are right
// without it; it is for a check and for repair. Answers wait while it runs.
func (s *Store) RebuildSummaries(ctx context.Context) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM summaries"); err != nil {
			return err
		}
		keys, err := answeredKeys(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			summary, err := summarize(ctx, tx, k)
			if err != nil {
				return err
			}
			if err := summary.save(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func answeredKeys(ctx context.Context, q queryer) ([]Key, error) {
	rows, err := q.QueryContext(ctx, "SELECT DISTINCT owner, checklist, subject FROM answers")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []Key
	for rows.Next() {
		var k Key
		if err := rows.Scan(&k.Owner, &k.Checklist, &k.Subject); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// summarize computes the summary of k from the log.
func summarize(ctx context.Context, q queryer, k Key) (*tally, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+answerColumns+`, item, log_id FROM answers a
		WHERE owner = $1 AND checklist = $2 AND subject = $3`, k.Owner, k.Checklist, k.Subject)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	t := &tally{Summary: Summary{Key: k}, current: make(map[string]content.Answer)}
	for rows.Next() {
		var item string
		var logID int64
		a, err := scanAnswer(rows.Scan, &item, &logID)
		if err != nil {
			return nil, err
		}
		t.add(item, a, logID)
	}
	return t, rows.Err()
}

// tally is a Summary in the making.
type tally struct {
	Summary
	current map[string]content.Answer
}

// add counts one row of the log. The order of calls does not matter.
func (t *tally) add(item string, a content.Answer, logID int64) {
	t.Changes++
	if logID > t.LogID {
		t.LastAt, t.LastBy, t.LogID = a.At, a.By, logID
	}
	before := t.current[item]
	if a.Seq < before.Seq {
		return
	}
	if before.State != "" {
		t.Answered--
	}
	if a.State != "" {
		t.Answered++
	}
	t.current[item] = a
}

func (t *tally) save(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO summaries ("+summaryColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (owner, checklist, subject) DO UPDATE SET
			answers = excluded.answers, answered = excluded.answered, changes = excluded.changes,
			last_at = excluded.last_at, last_by = excluded.last_by, log_id = excluded.log_id`,
		t.Owner, t.Checklist, t.Subject, encodeAnswers(t.current), t.Answered, t.Changes, t.LastAt.UnixMilli(), t.LastBy, t.LogID)
	return err
}

// addToSummary takes a row just written to the log into the summary of k.
func addToSummary(ctx context.Context, tx *sql.Tx, k Key, item string, a content.Answer, logID int64) error {
	summary, err := readSummary(ctx, tx, k)
	if err != nil {
		return err
	}
	current, err := summary.Answers()
	if err != nil {
		return err
	}
	t := &tally{summary, current}
	t.add(item, a, logID)
	return t.save(ctx, tx)
}

const summaryColumns = "owner, checklist, subject, answers, answered, changes, last_at, last_by, log_id"

func scanSummary(scan func(dest ...any) error) (Summary, error) {
	var s Summary
	var lastAt int64
	err := scan(&s.Owner, &s.Checklist, &s.Subject, &s.answers, &s.Answered, &s.Changes, &lastAt, &s.LastBy, &s.LogID)
	s.LastAt = fromMillis(lastAt)
	return s, err
}

func readSummary(ctx context.Context, q queryer, k Key) (Summary, error) {
	summary, err := scanSummary(q.QueryRowContext(ctx, "SELECT "+summaryColumns+` FROM summaries
		WHERE owner = $1 AND checklist = $2 AND subject = $3`, k.Owner, k.Checklist, k.Subject).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Summary{Key: k}, nil
	}
	return summary, err
}

// encodeAnswers writes answers as a summary row keeps them: one line an item,
// ordered by item, of the fields item, state, seq, at in milliseconds and the
// start of the text hash, each but the first after a tab. In the texts among
// them \\, \t and \n stand for backslash, tab and newline.
func encodeAnswers(answers map[string]content.Answer) string {
	var buf []byte
	for _, item := range slices.Sorted(maps.Keys(answers)) {
		a := answers[item]
		buf = appendEscaped(buf, item)
		buf = append(buf, '\t')
		buf = appendEscaped(buf, string(a.State))
		buf = append(buf, '\t')
		buf = strconv.AppendInt(buf, a.Seq, 10)
		buf = append(buf, '\t')
		buf = strconv.AppendInt(buf, a.At.UnixMilli(), 10)
		buf = append(buf, '\t')
		buf = appendEscaped(buf, a.TextHash[:min(len(a.TextHash), HashPrefix)])
		buf = append(buf, '\n')
	}
	return string(buf)
}

// decodeAnswers is the inverse of encodeAnswers; it adds to the map, and returns
// when the latest answer was given.
func decodeAnswers(text string, answers map[string]content.Answer) (last time.Time, err error) {
	for text != "" {
		line, rest, whole := strings.Cut(text, "\n")
		item, a, err := decodeAnswer(line)
		if err != nil || !whole {
			return last, fmt.Errorf("malformed line %q", line)
		}
		if a.At.After(last) {
			last = a.At
		}
		answers[item] = a
		text = rest
	}
	return last, nil
}

func decodeAnswer(line string) (item string, a content.Answer, err error) {
	item, line, _ = strings.Cut(line, "\t")
	state, line, _ := strings.Cut(line, "\t")
	seq, line, _ := strings.Cut(line, "\t")
	at, hash, whole := strings.Cut(line, "\t")
	if !whole {
		return "", a, errors.New("too few fields")
	}
	if a.Seq, err = strconv.ParseInt(seq, 10, 64); err != nil {
		return "", a, err
	}
	millis, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return "", a, err
	}
	a.At = fromMillis(millis)
	a.State = content.State(unescape(state))
	a.TextHash = unescape(hash)
	return unescape(item), a, nil
}

var (
	escaper   = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`)
	unescaper = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n")
)

func appendEscaped(buf []byte, text string) []byte {
	if strings.ContainsAny(text, "\\\t\n") {
		text = escaper.Replace(text)
	}
	return append(buf, text...)
}

func unescape(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	return unescaper.Replace(text)
}

// placeholders returns "$1, $2, …" for n values.
func placeholders(n int) string {
	var buf []byte
	for i := 1; i <= n; i++ {
		if i > 1 {
			buf = append(buf, ", "...)
		}
		buf = strconv.AppendInt(append(buf, '$'), int64(i), 10)
	}
	return string(buf)
}

func anys(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}
