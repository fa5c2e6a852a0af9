package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"opsbook/content"
)

func TestFullDatabaseReadsOnAndWritesAgainLater(t *testing.T) {
	t.Parallel()
	for spare := range 8 { // pages, so that it is another statement that fails
		t.Run(fmt.Sprint(spare, " pages"), func(t *testing.T) {
			t.Parallel()
			s := openTest(t, t.TempDir())
			var pages int
			if _, err := fmt.Sscan(writerPragma(t, s, "page_count"), &pages); err != nil {
				t.Fatal(err)
			}
			writerPragma(t, s, fmt.Sprintf("max_page_count(%d)", pages+20+spare))
			n := appendUntilFull(t, s)
			writerPragma(t, s, "max_page_count(1000000)")
			mustAppend(t, s, n)
			checkLog(t, s)
		})
	}
}

// appendUntilFull appends answers until ErrFull, checks that all but the last
// are there and can be read, and nothing of the last, and returns the last.
func appendUntilFull(t *testing.T, s *Store) NewAnswer {
	t.Helper()
	n := newAnswer("a", content.Yes)
	for {
		n.Note = strings.Repeat(fmt.Sprint(n.Base), 2500)
		n.TextHash = fmt.Sprint("hash-", n.Base)
		n.Text = strings.Repeat("text ", 1000)
		a, err := s.AppendAnswer(t.Context(), n)
		if errors.Is(err, ErrFull) && strings.Contains(err.Error(), s.file) {
			break
		}
		if err != nil {
			t.Fatalf("append %d: %v, want ErrFull and the file's name", n.Base, err)
		}
		n.Base = a.Seq
	}
	if n.Base == 0 {
		t.Fatal("not even the first answer had room")
	}

	entries, err := s.History(t.Context(), n.Key, n.Item, 1_000_000)
	if err != nil || len(entries) != int(n.Base) {
		t.Errorf("%d rows, %v; want %d", len(entries), err, n.Base)
	}
	answers, err := s.Answers(t.Context(), n.Key, time.Time{})
	if err != nil || answers[n.Item].Seq != n.Base {
		t.Errorf("current seq %d, %v; want %d", answers[n.Item].Seq, err, n.Base)
	}
	summary, err := s.Summary(t.Context(), n.Key)
	if err != nil || summary.Changes != n.Base {
		t.Errorf("summary counts %d, %v; want %d", summary.Changes, err, n.Base)
	}
	if texts, err := s.Texts(t.Context(), n.TextHash); err != nil || len(texts) != 0 {
		t.Errorf("the text of the refused answer: %d, %v; want none", len(texts), err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	return n
}
