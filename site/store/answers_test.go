package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"opsbook/content"
)

func TestAppendAnswer(t *testing.T) {
	t.Parallel()
	first := newAnswer("a", content.Partly)
	first.Note, first.Evidence = "half of them", []string{"https://example.org/<1>&2"}

	with := func(change func(n *NewAnswer)) NewAnswer {
		n := first
		n.At = n.At.Add(time.Hour)
		change(&n)
		return n
	}
	reworded := func(n *NewAnswer) { n.TextHash, n.Text = "another", "Another wording" }
	for name, test := range map[string]struct {
		next NewAnswer
		seq  int64 // of the answer returned
		err  error
	}{
		"based on the current one":      {with(func(n *NewAnswer) { n.State, n.Base = content.Yes, 1 }), 2, nil},
		"taken back":                    {with(func(n *NewAnswer) { n.State, n.Note, n.Evidence, n.Base = "", "", nil, 1 }), 2, nil},
		"another note":                  {with(func(n *NewAnswer) { n.Note, n.Base = "most of them", 1 }), 2, nil},
		"less evidence":                 {with(func(n *NewAnswer) { n.Evidence, n.Base = nil, 1 }), 2, nil},
		"based on nothing":              {with(func(n *NewAnswer) { n.State = content.Yes }), 1, ErrConflict},
		"based on the future":           {with(func(n *NewAnswer) { n.State, n.Base = content.Yes, 2 }), 1, ErrConflict},
		"repeated":                      {with(func(n *NewAnswer) { n.Base = 1 }), 1, nil},
		"repeated on an old base":       {with(func(n *NewAnswer) { n.By = "Bob" }), 1, nil},
		"repeated for another wording":  {with(func(n *NewAnswer) { n.Base = 1; reworded(n) }), 1, nil},
		"confirmed":                     {with(func(n *NewAnswer) { n.Base, n.Confirm = 1, true }), 2, nil},
		"confirmed for another wording": {with(func(n *NewAnswer) { n.Base, n.Confirm = 1, true; reworded(n) }), 2, nil},
		"confirmed twice":               {with(func(n *NewAnswer) { n.Confirm = true }), 1, nil},
		"confirmed for another wording on an old base": {with(func(n *NewAnswer) { n.Confirm = true; reworded(n) }), 1, ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t, t.TempDir())
			before := mustAppend(t, s, first)
			got, err := s.AppendAnswer(t.Context(), test.next)
			if got.Seq != test.seq || !errors.Is(err, test.err) {
				t.Fatalf("got seq %d, %v; want %d, %v", got.Seq, err, test.seq, test.err)
			}
			want := before
			if test.seq == 2 {
				n := test.next
				want = content.Answer{State: n.State, Note: n.Note, Evidence: n.Evidence, At: n.At.UTC(), By: n.By, Seq: 2, TextHash: n.TextHash}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("returned %+v, want %+v", got, want)
			}
			answers, err := s.Answers(t.Context(), first.Key, time.Time{})
			if err != nil || !reflect.DeepEqual(answers, map[string]content.Answer{"a": want}) {
				t.Errorf("stored %+v, %v; want %+v", answers, err, want)
			}
			checkSummaries(t, s)
		})
	}
}

func TestTakingBackNothingIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a", "")
	for _, n.Confirm = range []bool{false, true} {
		if got := mustAppend(t, s, n); !reflect.DeepEqual(got, content.Answer{}) {
			t.Errorf("confirm %v: returned %+v, want the zero answer", n.Confirm, got)
		}
	}
	answers, err := s.Answers(t.Context(), n.Key, time.Time{})
	if err != nil || len(answers) != 0 {
		t.Errorf("answers %v, %v; want none", answers, err)
	}
	summary, err := s.Summary(t.Context(), n.Key)
	if err != nil || summary != (Summary{Key: n.Key}) {
		t.Errorf("summary %+v, %v; want an empty one", summary, err)
	}
}

func TestKeysAreSeparate(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	keys := []Key{{"t:1", "c", ""}, {"t:1", "c", "x"}, {"t:1", "d", ""}, {"t:2", "c", ""}}
	for i, k := range keys {
		n := newAnswer("a", content.State(fmt.Sprint(i)))
		n.Key = k
		mustAppend(t, s, n)
	}
	for i, k := range keys {
		answers, err := s.Answers(t.Context(), k, time.Time{})
		if err != nil || len(answers) != 1 || answers["a"].State != content.State(fmt.Sprint(i)) || answers["a"].Seq != 1 {
			t.Errorf("answers of %v: %v, %v", k, answers, err)
		}
	}
	summaries, err := s.Summaries(t.Context(), "t:2", "t:1", "t:3")
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range keys {
		if len(summaries) != len(keys) || summaries[i].Key != k || summaries[i].LogID != int64(i+1) {
			t.Fatalf("summaries %+v, want one for each of %v", summaries, keys)
		}
	}
	if none, err := s.Summaries(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("summaries of nobody: %v, %v", none, err)
	}
}

func TestAnyTextSurvives(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	var want []string
	for _, text := range []string{"a", "A", "a ", "tab\there", "line\nbreak\r\n", `back\slash\t`, `"; DROP TABLE answers; --`, "%_$1?", "日本語", "e\u0301", "\u00e9", "\u2028\u0001", "🚒"} {
		n := newAnswer(text, content.State(text))
		n.Subject, n.Note, n.Evidence, n.By, n.TextHash, n.Text, n.Origin = text, text, []string{text, text}, text, "hash\t\\"+fmt.Sprint(len(want)), text, text
		got := mustAppend(t, s, n)
		entries, err := s.History(t.Context(), n.Key, text, 9)
		if err != nil || len(entries) != 1 || !reflect.DeepEqual(entries[0], Entry{n.Key, text, got, int64(len(want) + 1), text, ""}) {
			t.Errorf("history of %q: %+v, %v", text, entries, err)
		}
		if texts, err := s.Texts(t.Context(), n.TextHash, "unknown"); err != nil || len(texts) != 1 || texts[n.TextHash] != text {
			t.Errorf("text of %q: %q, %v", text, texts, err)
		}
		want = append(want, text)
	}
	if texts, err := s.Texts(t.Context()); err != nil || len(texts) != 0 {
		t.Errorf("texts of no hashes: %v, %v", texts, err)
	}
	summaries, err := s.Summaries(t.Context(), "t:0")
	if err != nil || len(summaries) != len(want) {
		t.Fatalf("%d summaries, %v; want %d", len(summaries), err, len(want))
	}
	checkSummaries(t, s)
}

func TestATextIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a", content.Yes)
	mustAppend(t, s, n)
	n.Item, n.Text = "b", "something else under the same hash"
	mustAppend(t, s, n)
	if texts, err := s.Texts(t.Context(), n.TextHash); err != nil || texts[n.TextHash] != newAnswer("", "").Text {
		t.Errorf("texts %q, %v; want the first one", texts, err)
	}
}

func TestInvalidAnswersAreRefusedWithEveryReason(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a\x00b", content.Yes)
	n.Subject, n.Note, n.Evidence = "\x00", "\xff", []string{"ok", "\x00"}
	n.Owner, n.TextHash, n.Text, n.At = "", "é", strings.Repeat("x", MaxAnswer), time.Time{}
	_, err := s.AppendAnswer(t.Context(), n)
	if !errors.Is(err, ErrInvalid) {
		t.Fatalf("error %v, want ErrInvalid", err)
	}
	for _, want := range []string{
		"owner is missing", "subject contains a NUL", "item contains a NUL", "note is not UTF-8",
		"evidence contains a NUL", "text hash is not ASCII", "more than 1048576", "at is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if entries, err := s.History(t.Context(), n.Key, n.Item, 1); err != nil || len(entries) != 0 {
		t.Errorf("history %v, %v; want none", entries, err)
	}
}

func TestHugeNoteIsKept(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	n := newAnswer("a", content.Yes)
	n.Note = strings.Repeat("é", MaxAnswer/2-100)
	mustAppend(t, s, n)
	answers, err := s.Answers(t.Context(), n.Key, time.Time{})
	if err != nil || answers["a"].Note != n.Note {
		t.Errorf("a note of %d bytes came back with %d, %v", len(n.Note), len(answers["a"].Note), err)
	}
}

// The clock of a server is set forward by a year, then back.
func TestCurrentIsNewestBySeqWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	for seq, d := range []int{10, 375, 12, 11} {
		n := newAnswer("a", content.State(fmt.Sprint(seq+1)))
		n.Base, n.At = int64(seq), day(d)
		mustAppend(t, s, n)
	}
	for _, test := range []struct {
		at   time.Time
		want int64 // seq; 0: no answer
	}{
		{day(9), 0},
		{day(10).Add(-1), 0},
		{day(10), 1},
		{day(11), 4},
		{day(12), 4},
		{day(400), 4},
		{time.Time{}, 4},
	} {
		answers, err := s.Answers(t.Context(), newAnswer("", "").Key, test.at)
		if err != nil || answers["a"].Seq != test.want {
			t.Errorf("at %v: seq %d, %v; want %d", test.at, answers["a"].Seq, err, test.want)
		}
	}
	summary, err := s.Summary(t.Context(), newAnswer("", "").Key)
	if err != nil || !summary.LastAt.Equal(day(11)) {
		t.Errorf("summary %+v, %v; want the last row's time, %v", summary, err, day(11))
	}
	checkSummaries(t, s)
}

func TestHistoryIsNewestFirst(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	for i := range 5 {
		for _, item := range []string{"a", "b"} {
			n := newAnswer(item, content.State(fmt.Sprint(i)))
			n.Base = int64(i)
			mustAppend(t, s, n)
		}
	}
	for limit, want := range map[int]string{-1: "", 0: "", 2: "9/5 7/4 ", 9: "9/5 7/4 5/3 3/2 1/1 "} {
		entries, err := s.History(t.Context(), newAnswer("", "").Key, "a", limit)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, e := range entries {
			fmt.Fprintf(&got, "%d/%d ", e.LogID, e.Seq)
		}
		if got.String() != want {
			t.Errorf("limit %d: %q, want %q", limit, got.String(), want)
		}
	}
}

// Two people answer the same item at the same time, a thousand times: on one
// server, and on two servers that share a data folder.
func TestOfTwoWritersOneWinsAndTheOtherSeesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, other := openTest(t, dir), openTest(t, dir)
	t.Run("at once", func(t *testing.T) {
		t.Run("one store", func(t *testing.T) {
			t.Parallel()
			race(t, "a", one, one)
		})
		t.Run("two stores", func(t *testing.T) {
			t.Parallel()
			race(t, "b", one, other)
		})
	})
	checkLog(t, one)
}

// race lets two writers append answers to the item, both based on the same one.
func race(t *testing.T, item string, stores ...*Store) {
	const rounds = 1000
	note := func(round, writer int) string { return fmt.Sprintf("round %d, writer %d", round, writer) }
	winners := make([]int, rounds)
	for round := range rounds {
		var got [2]content.Answer
		var errs [2]error
		var wg sync.WaitGroup
		for i, s := range stores {
			n := newAnswer(item, content.Yes)
			n.Base, n.Note = int64(round), note(round, i)
			wg.Go(func() { got[i], errs[i] = s.AppendAnswer(t.Context(), n) })
		}
		wg.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		winners[round] = winner
		if errs[winner] != nil || !errors.Is(errs[1-winner], ErrConflict) {
			t.Fatalf("round %d: errors %v; want one conflict", round, errs)
		}
		if got[0].Note != note(round, winner) || !reflect.DeepEqual(got[0], got[1]) {
			t.Fatalf("round %d: the writers were told %+v; writer %d has won", round, got, winner)
		}
	}
	entries, err := stores[0].History(t.Context(), newAnswer("", "").Key, item, 2*rounds)
	if err != nil || len(entries) != rounds {
		t.Fatalf("%d rows, %v; want %d", len(entries), err, rounds)
	}
	for i, e := range entries {
		round := rounds - 1 - i
		if want := note(round, winners[round]); e.Note != want {
			t.Errorf("seq %d holds %q, want %q", e.Seq, e.Note, want)
		}
	}
}

func TestCancelledAnswerIsKeptCompletelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	n := newAnswer("a", content.Yes)
	var kept []string
	for i := range 300 {
		n.Note = fmt.Sprint(i)
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(400))*time.Microsecond)
		a, err := s.AppendAnswer(ctx, n)
		cancel()
		switch {
		case err == nil:
			kept = append(kept, n.Note)
			n.Base = a.Seq
		case !errors.Is(err, context.DeadlineExceeded):
			t.Fatal(err)
		}
	}
	entries, err := s.History(t.Context(), n.Key, n.Item, 1000)
	if err != nil || len(entries) != len(kept) {
		t.Fatalf("%d rows, %v; want %d", len(entries), err, len(kept))
	}
	for i, e := range entries {
		if want := kept[len(kept)-1-i]; e.Note != want {
			t.Errorf("row %d holds %s, want %s", i, e.Note, want)
		}
	}
	checkLog(t, s)
}

func TestDoneContextEndsTheWaitForOtherWrites(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	write, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	n := newAnswer("a", content.Yes)
	if _, err := s.AppendAnswer(ctx, n); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want DeadlineExceeded", err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if got := mustAppend(t, s, n); got.Seq != 1 {
		t.Errorf("seq %d, want 1", got.Seq)
	}
}
