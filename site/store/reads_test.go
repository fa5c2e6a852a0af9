package store

import (
	"errors"
	"testing"
	"time"
)

func TestReads(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	at := time.UnixMilli(1_800_000_000_000).UTC()
	mark := func(owner, page string, read bool, at time.Time) {
		t.Helper()
		if err := s.MarkRead(t.Context(), owner, page, read, at); err != nil {
			t.Fatal(err)
		}
	}
	mark("b:1", "guides/a", true, at)
	mark("b:1", "guides/a", true, at.Add(time.Hour)) // changes nothing
	mark("b:1", "guides/b", true, at)
	mark("b:1", "guides/b", false, at)
	mark("b:1", "guides/c", false, at) // was never read
	mark("b:2", "guides/b", true, at)
	got, err := s.Reads(t.Context(), "b:1")
	if err != nil || len(got) != 1 || !got["guides/a"].Equal(at) {
		t.Errorf("reads = %v, %v", got, err)
	}
	mark("b:1", "guides/b", true, at)
	if got, err = s.Reads(t.Context(), "b:1"); err != nil || len(got) != 2 {
		t.Errorf("read again: %v, %v", got, err)
	}
	var rows int
	if err := s.readers.QueryRow("SELECT count(*) FROM reads WHERE owner = 'b:1'").Scan(&rows); err != nil || rows != 4 {
		t.Errorf("%d rows in the log, %v; want 4", rows, err)
	}
	for _, page := range []string{"", "a\x00b", "\xff"} {
		if err := s.MarkRead(t.Context(), "b:1", page, true, at); !errors.Is(err, ErrInvalid) {
			t.Errorf("page %q: %v", page, err)
		}
	}
}
