package store

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"opsbook/content"
)

// checkSummaries compares the summary rows with those rebuilt from the log.
func checkSummaries(t testing.TB, s *Store) {
	t.Helper()
	before := summaryRows(t, s)
	if err := s.RebuildSummaries(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := summaryRows(t, s)
	if !slices.Equal(before, after) {
		t.Errorf("summaries are\n%+v\nand rebuilt from the log\n%+v", before, after)
	}
}

func summaryRows(t testing.TB, s *Store) []Summary {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), "SELECT "+summaryColumns+" FROM summaries ORDER BY owner, checklist, subject")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var summaries []Summary
	for rows.Next() {
		summary, err := scanSummary(rows.Scan)
		if err != nil {
			t.Fatal(err)
		}
		summaries = append(summaries, summary)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return summaries
}

// checkLog checks what must hold of every log: log ids and the seqs of an item
// count from 1 without gaps and in the same order, and the summaries are right.
func checkLog(t testing.TB, s *Store) {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), "SELECT owner, checklist, subject, item, seq, log_id FROM answers ORDER BY log_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	type itemKey struct {
		Key
		item string
	}
	newest := make(map[itemKey]int64)
	for want := int64(1); rows.Next(); want++ {
		var k itemKey
		var seq, logID int64
		if err := rows.Scan(&k.Owner, &k.Checklist, &k.Subject, &k.item, &seq, &logID); err != nil {
			t.Fatal(err)
		}
		if newest[k]++; seq != newest[k] || logID != want {
			t.Errorf("%v: seq %d, log id %d; want %d, %d", k, seq, logID, newest[k], want)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	checkSummaries(t, s)
	if got := writerPragma(t, s, "integrity_check"); got != "ok" {
		t.Errorf("integrity check: %s", got)
	}
}

// A plain model, answers in slices, plays thousands of random operations along
// with the store; every result, past view and summary must be the model's.
func TestStoreBehavesLikeItsModel(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	writerPragma(t, s, "synchronous(OFF)") // for speed
	const operations = 3000
	m := model{}
	random := rand.New(rand.NewPCG(7, 7))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	for i := range operations {
		n := NewAnswer{
			Key:      Key{pick("t:1", "t:2", "u:1"), pick("checklists/a", "checklists/b"), pick("", "", "api\tv2")},
			Item:     pick("alerts", "backups", "logs", "runbooks", "back\\slash"),
			State:    content.State(pick("", "yes", "partly", "no", "na", "3")),
			Note:     pick("", "", "because"),
			At:       time.UnixMilli(int64(i*1000 + random.IntN(100_000))), // jumps back and forth
			By:       pick("Ada", "", "Bob"),
			TextHash: pick("0123456789abcdef-old", "0123456789abcdef-new", "short"),
			Text:     "text",
			Confirm:  random.IntN(10) == 0,
		}
		if random.IntN(5) == 0 {
			n.Evidence = []string{"https://example.org"}
		}
		n.Base = max(0, int64(len(m[n.Key][n.Item]))-int64(random.IntN(4)/3))
		want, wantErr := m.append(n)
		got, err := s.AppendAnswer(t.Context(), n)
		if !reflect.DeepEqual(got, want) || err != wantErr {
			t.Fatalf("append %d of %+v: %+v, %v; want %+v, %v", i, n, got, err, want, wantErr)
		}
	}

	for k, items := range m {
		for _, at := range []time.Time{{}, time.UnixMilli(0), time.UnixMilli(operations * 300), time.UnixMilli(operations * 700)} {
			got, err := s.Answers(t.Context(), k, at)
			if want := m.at(k, at); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v at %v: %+v, %v; want %+v", k, at, got, err, want)
			}
		}
		summary, err := s.Summary(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		rows, answered := 0, 0
		want := m.at(k, time.Time{})
		for item, a := range want {
			rows += len(items[item])
			if a.State != "" {
				answered++
			}
			want[item] = content.Answer{State: a.State, Seq: a.Seq, At: a.At, TextHash: a.TextHash[:min(16, len(a.TextHash))]}
		}
		got, err := summary.Answers()
		if err != nil || !reflect.DeepEqual(got, want) || summary.Changes != int64(rows) || summary.Answered != answered {
			t.Errorf("summary of %v: %+v, %v; want %d rows, %d answered: %+v", k, summary, err, rows, answered, want)
		}
	}
	checkLog(t, s)
}

// model holds the rows of every item in the order of seq.
type model map[Key]map[string][]content.Answer

func (m model) append(n NewAnswer) (content.Answer, error) {
	if m[n.Key] == nil {
		m[n.Key] = make(map[string][]content.Answer)
	}
	rows := m[n.Key][n.Item]
	var current content.Answer
	if len(rows) > 0 {
		current = rows[len(rows)-1]
	}
	next := content.Answer{State: n.State, Note: n.Note, Evidence: n.Evidence, At: n.At.UTC(), By: n.By, Seq: n.Base + 1, TextHash: n.TextHash}
	repeats := next.State == current.State && next.Note == current.Note && len(next.Evidence) == len(current.Evidence)
	switch {
	case repeats && (!n.Confirm || n.State == ""):
		return current, nil
	case repeats && n.Base != current.Seq && n.TextHash == current.TextHash:
		return current, nil
	case n.Base != current.Seq:
		return current, ErrConflict
	}
	m[n.Key][n.Item] = append(rows, next)
	return next, nil
}

func (m model) at(k Key, at time.Time) map[string]content.Answer {
	answers := make(map[string]content.Answer)
	for item, rows := range m[k] {
		for _, a := range rows {
			if at.IsZero() || !a.At.After(at) {
				answers[item] = a
			}
		}
	}
	return answers
}

func TestRebuildSummariesRepairs(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a", content.Yes)
	mustAppend(t, s, n)
	want := summaryRows(t, s)
	if _, err := s.writer.Exec("UPDATE summaries SET answers = 'nonsense', answered = 7"); err != nil {
		t.Fatal(err)
	}
	summary, err := s.Summary(t.Context(), n.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := summary.Answers(); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error %v, want one that shows the malformed line", err)
	}
	if err := s.RebuildSummaries(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := summaryRows(t, s); !slices.Equal(got, want) {
		t.Errorf("rebuilt %+v, want %+v", got, want)
	}
}

func TestHalfAWriteIsUndone(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a", content.Yes)
	mustAppend(t, s, n)
	// The last statement of an answer's transaction fails.
	if _, err := s.writer.Exec("UPDATE summaries SET answers = 'nonsense'"); err != nil {
		t.Fatal(err)
	}
	n.Item, n.TextHash = "b", "another"
	if _, err := s.AppendAnswer(t.Context(), n); err == nil {
		t.Fatal("appended to a damaged summary")
	}
	for _, table := range []string{"answers", "item_texts"} {
		var rows int
		if err := s.readers.QueryRow("SELECT count(*) FROM " + table).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows in %s, %v; want 1", rows, table, err)
		}
	}
	if err := s.RebuildSummaries(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, n)
}

func FuzzDecodeAnswers(f *testing.F) {
	f.Add("")
	f.Add(encodeAnswers(map[string]content.Answer{
		"a":        {State: content.Yes, Seq: 1, At: time.UnixMilli(1_800_000_000_000), TextHash: "9f86d081884c7d65"},
		"b":        {Seq: 2, At: time.UnixMilli(-1)},
		"c\t\\n\n": {State: "\\", Seq: 1 << 60, At: time.UnixMilli(0), TextHash: "\n"},
	}))
	f.Add("a\tyes\t1\t2\tx")
	f.Add("a\tyes\t1\tx\tx\n")
	f.Add("\\\t\t0\t0\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		answers, again := map[string]content.Answer{}, map[string]content.Answer{}
		if _, err := decodeAnswers(text, answers); err != nil {
			return
		}
		encoded := encodeAnswers(answers)
		if _, err := decodeAnswers(encoded, again); err != nil {
			t.Fatalf("%q was encoded as %q, which is %v", text, encoded, err)
		}
		for item, a := range answers {
			a.TextHash = a.TextHash[:min(len(a.TextHash), HashPrefix)]
			answers[item] = a
		}
		if !maps.EqualFunc(answers, again, func(a, b content.Answer) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%q was decoded as %v and, encoded again, as %v", text, answers, again)
		}
	})
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for n, want := range []string{"", "$1", "$1, $2", "$1, $2, $3"} {
		if got := placeholders(n); got != want {
			t.Errorf("placeholders(%d) = %q, want %q", n, got, want)
		}
	}
}
