package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"opsbook/content"
)

// MaxAnswer is the most bytes that the texts of one NewAnswer may have together.
// It keeps the database from harm; a request's own limits are stricter.
const MaxAnswer = 1 << 20

// Key names the answers of one owner to one checklist about one subject.
type Key struct {
	Owner     string // "b:" and the hash of a browser's cookie, "u:" and an account id, "t:" and a team id
	Checklist string // the path of its page
	Subject   string // the service, alert or incident; empty unless the checklist asks for one
}

// NewAnswer is an answer to be appended to the log. Owner, Checklist, Item, At,
// TextHash and Text are required; every text must be UTF-8 without NUL. What the
// states mean and when a note is required is not the store's business.
type NewAnswer struct {
	Key
	Item     string
	Base     int64         // Seq of the answer that this one is based on; 0: there was none
	State    content.State // empty takes the answer back
	Note     string
	Evidence []string
	At       time.Time // kept in whole milliseconds
	By       string
	TextHash string // of the item's text as it was shown: ASCII, told apart by its first HashPrefix bytes
	Text     string // the text itself, kept once for each hash
	Origin   string // where a copied answer comes from; empty: given here
	Confirm  bool   // append even what repeats the current answer: "still true today", "true of the new wording"
}

// Entry is one row of the log.
type Entry struct {
	Key
	Item string
	content.Answer
	LogID  int64         // orders all rows of all owners
	Origin string        // where a copied answer comes from; empty: given here
	Before content.State // of the row before it; empty too where there is none
}

// AppendAnswer appends n to the log and returns the answer that is then current.
//
// If n repeats the current answer in state, note and evidence nothing changes,
// that is no error, and Base does not matter: a form sent twice is harmless.
// With Confirm a repeated state is appended like any other answer, unless Base
// is old and the current answer is already to the same text.
//
// ErrConflict means that Base is not the current Seq; the current answer, which
// n was not based on, is returned with it. ErrInvalid means that a field breaks
// a rule of NewAnswer. ErrFull and ErrBusy mean: try again later.
func (s *Store) AppendAnswer(ctx context.Context, n NewAnswer) (content.Answer, error) {
	if err := n.check(); err != nil {
		return content.Answer{}, err
	}
	var current content.Answer
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		current, err = currentAnswer(ctx, tx, n.Key, n.Item)
		if err != nil || n.repeats(current) {
			return err
		}
		if n.Base != current.Seq {
			return ErrConflict
		}
		current = n.answer(current.Seq + 1)
		return n.insert(ctx, tx, current)
	})
	if err != nil && !errors.Is(err, ErrConflict) {
		return content.Answer{}, err
	}
	return current, err
}

// check reports everything that is wrong with n.
func (n *NewAnswer) check() error {
	var problems []error
	wrong := func(field, what string) {
		problems = append(problems, fmt.Errorf("%w: %s %s", ErrInvalid, field, what))
	}
	size := 0
	for _, f := range []struct {
		name, text string
		required   bool
	}{
		{"owner", n.Owner, true},
		{"checklist", n.Checklist, true},
		{"subject", n.Subject, false},
		{"item", n.Item, true},
		{"state", string(n.State), false},
		{"note", n.Note, false},
		{"evidence", strings.Join(n.Evidence, "\n"), false},
		{"by", n.By, false},
		{"text hash", n.TextHash, true},
		{"text", n.Text, true},
		{"origin", n.Origin, false},
	} {
		size += len(f.text)
		switch {
		case f.required && f.text == "":
			wrong(f.name, "is missing")
		case strings.ContainsRune(f.text, 0):
			wrong(f.name, "contains a NUL character")
		case !utf8.ValidString(f.text):
			wrong(f.name, "is not UTF-8")
		}
	}
	if size > MaxAnswer {
		wrong("answer", fmt.Sprintf("has %d bytes, more than %d", size, MaxAnswer))
	}
	if n.At.IsZero() {
		wrong("at", "is missing")
	}
	if strings.ContainsFunc(n.TextHash, func(r rune) bool { return r > unicode.MaxASCII }) {
		wrong("text hash", "is not ASCII")
	}
	return errors.Join(problems...)
}

// repeats reports whether appending n after current would say nothing new.
func (n *NewAnswer) repeats(current content.Answer) bool {
	if n.State != current.State || n.Note != current.Note || !slices.Equal(n.Evidence, current.Evidence) {
		return false
	}
	if !n.Confirm || n.State == "" { // no answer is nothing to confirm
		return true
	}
	return n.Base != current.Seq && n.TextHash == current.TextHash
}

// answer returns n as it will be read back.
func (n *NewAnswer) answer(seq int64) content.Answer {
	return content.Answer{
		State:    n.State,
		Note:     n.Note,
		Evidence: append([]string(nil), n.Evidence...),
		At:       fromMillis(n.At.UnixMilli()),
		By:       n.By,
		Seq:      seq,
		TextHash: n.TextHash,
	}
}

// insert writes the row, the item's text and the summary of n's key.
func (n *NewAnswer) insert(ctx context.Context, tx *sql.Tx, a content.Answer) error {
	evidence, err := n.evidence()
	if err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, insertText, n.TextHash, n.Text); err != nil {
		return err
	}
	var logID int64
	if err := tx.QueryRowContext(ctx, nextLogID).Scan(&logID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertAnswer, n.row(a, logID, evidence)...); err != nil {
		return err
	}
	return addToSummary(ctx, tx, n.Key, n.Item, a, logID)
}

const (
	insertText   = "INSERT INTO item_texts (hash, text) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING"
	nextLogID    = "SELECT coalesce(max(log_id), 0) + 1 FROM answers"
	insertAnswer = `
		INSERT INTO answers (owner, checklist, subject, item, seq, log_id, state, note, evidence, at, by_name, text_hash, origin)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
)

// row returns the values of insertAnswer.
func (n *NewAnswer) row(a content.Answer, logID int64, evidence string) []any {
	return []any{n.Owner, n.Checklist, n.Subject, n.Item, a.Seq, logID, n.State, n.Note, evidence, a.At.UnixMilli(), n.By, n.TextHash, n.Origin}
}

// evidence writes the links as the log keeps them.
func (n *NewAnswer) evidence() (string, error) {
	links, err := json.Marshal(append([]string{}, n.Evidence...)) // [], not null
	return string(links), err
}

// answerColumns are what scanAnswer reads, of a table called a.
const answerColumns = "a.state, a.note, a.evidence, a.at, a.by_name, a.seq, a.text_hash"

// scanAnswer reads a row of answerColumns followed by the columns for more.
func scanAnswer(scan func(dest ...any) error, more ...any) (content.Answer, error) {
	var a content.Answer
	var evidence string
	var at int64
	if err := scan(append([]any{&a.State, &a.Note, &evidence, &at, &a.By, &a.Seq, &a.TextHash}, more...)...); err != nil {
		return content.Answer{}, err
	}
	a.At = fromMillis(at)
	if evidence == "[]" {
		return a, nil
	}
	if err := json.Unmarshal([]byte(evidence), &a.Evidence); err != nil {
		return content.Answer{}, fmt.Errorf("evidence %q: %w", evidence, err)
	}
	return a, nil
}

// currentAnswer returns the zero Answer for an item that was never answered.
func currentAnswer(ctx context.Context, q queryer, k Key, item string) (content.Answer, error) {
	row := q.QueryRowContext(ctx, `
		SELECT `+answerColumns+` FROM answers a
		WHERE owner = $1 AND checklist = $2 AND subject = $3 AND item = $4
		ORDER BY seq DESC LIMIT 1`, k.Owner, k.Checklist, k.Subject, item)
	a, err := scanAnswer(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return content.Answer{}, nil
	}
	return a, err
}

// Answers returns the answers of k by item, current ones for the zero time and
// otherwise those that stood at that instant. An item whose answer was taken
// back is there with an empty State and its Seq; one that was not yet answered
// is absent.
//
// What stood at an instant is, for each item, the row with the highest seq among
// those dated then or before (At <= at). So an answer that the clock dated too
// late shows only from that date on, one dated too early or copied with its
// original time shows before it was recorded, and a later row never gives way to
// an earlier one: when all dates have passed, what stands is the current answer.
func (s *Store) Answers(ctx context.Context, k Key, at time.Time) (map[string]content.Answer, error) {
	// The items are found by hopping from one to the next in the primary key, and
	// the row of each from its newest back, so that a long history costs little.
	rows, err := s.readers.QueryContext(ctx, `
		WITH RECURSIVE items (item) AS (
			SELECT min(item) FROM answers WHERE owner = $1 AND checklist = $2 AND subject = $3
			UNION ALL
			SELECT (SELECT min(n.item) FROM answers n
				WHERE n.owner = $1 AND n.checklist = $2 AND n.subject = $3 AND n.item > items.item)
			FROM items WHERE item IS NOT NULL
		)
		SELECT `+answerColumns+`, a.item FROM answers a WHERE a.log_id IN (
			SELECT (SELECT n.log_id FROM answers n
				WHERE n.owner = $1 AND n.checklist = $2 AND n.subject = $3 AND n.item = items.item AND n.at <= $4
				ORDER BY n.seq DESC LIMIT 1)
			FROM items)`,
		k.Owner, k.Checklist, k.Subject, untilMillis(at))
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	answers := make(map[string]content.Answer)
	for rows.Next() {
		var item string
		a, err := scanAnswer(rows.Scan, &item)
		if err != nil {
			return nil, s.locate(err)
		}
		answers[item] = a
	}
	return answers, s.locate(rows.Err())
}

// Texts returns the item texts with the given hashes by hash. A hash that no
// answer has is absent.
func (s *Store) Texts(ctx context.Context, hashes ...string) (map[string]string, error) {
	if len(hashes) == 0 {
		return map[string]string{}, nil
	}
	return s.texts(ctx, "hash IN ("+placeholders(len(hashes))+")", anys(hashes)...)
}

// texts returns the item texts for which the condition holds by hash.
func (s *Store) texts(ctx context.Context, condition string, args ...any) (map[string]string, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT hash, text FROM item_texts WHERE "+condition, args...)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	texts := map[string]string{}
	for rows.Next() {
		var hash, text string
		if err := rows.Scan(&hash, &text); err != nil {
			return nil, s.locate(err)
		}
		texts[hash] = text
	}
	return texts, s.locate(rows.Err())
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// untilMillis is the last millisecond that counts as of an instant; the zero
// time is the end of all times.
func untilMillis(at time.Time) int64 {
	if at.IsZero() {
		return math.MaxInt64
	}
	return at.UnixMilli()
}
