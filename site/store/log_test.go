package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"opsbook/content"
)

func TestBatchIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	mustAppend(t, s, newAnswer("a", content.Yes))
	a, b, again := newAnswer("a", content.No), newAnswer("b", content.Yes), newAnswer("b", content.Partly)
	a.Base, again.Base = 1, 1
	if err := s.AppendAnswers(t.Context(), []NewAnswer{b, again, newAnswer("a", content.No)}); !errors.Is(err, ErrConflict) {
		t.Errorf("a stale base: %v", err)
	}
	if answers, _ := s.Answers(t.Context(), a.Key, time.Time{}); len(answers) != 1 {
		t.Errorf("a refused batch left %v", answers)
	}
	bad := newAnswer("c", content.Yes)
	bad.Note = "\xff"
	if err := s.AppendAnswers(t.Context(), []NewAnswer{b, bad}); !errors.Is(err, ErrInvalid) {
		t.Errorf("an invalid answer: %v", err)
	}
	if err := s.AppendAnswers(t.Context(), []NewAnswer{a, b, again}); err != nil {
		t.Fatal(err)
	}
	answers, err := s.Answers(t.Context(), a.Key, time.Time{})
	if err != nil || answers["a"].State != content.No || answers["a"].Seq != 2 || answers["b"].State != content.Partly || answers["b"].Seq != 2 {
		t.Errorf("answers = %+v, %v", answers, err)
	}
	if err := s.AppendAnswers(t.Context(), nil); err != nil {
		t.Error(err)
	}
	checkLog(t, s)
}

// A timeline must say of every instant what the database says of it.
func TestTimelineEqualsAnswers(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	var batch []NewAnswer
	base := map[Key]map[string]int64{}
	for range 600 {
		n := newAnswer(fmt.Sprint("item-", random.IntN(5)), []content.State{"yes", "no", "partly", ""}[random.IntN(4)])
		n.Checklist, n.Subject = fmt.Sprint("checklists/", random.IntN(3)), []string{"", "s"}[random.IntN(2)]
		n.At = day0.Add(time.Duration(random.IntN(1000)) * time.Minute) // in no order
		if base[n.Key] == nil {
			base[n.Key] = map[string]int64{}
		}
		n.Base = base[n.Key][n.Item]
		base[n.Key][n.Item]++
		batch = append(batch, n)
	}
	if err := s.AppendAnswers(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	checkLog(t, s)
	timeline, err := s.Timeline(t.Context(), "t:0", "")
	if err != nil || len(timeline.Keys()) != 6 {
		t.Fatalf("%v, %v", timeline.Keys(), err)
	}
	for _, k := range timeline.Keys() {
		for _, at := range []time.Time{{}, day0.Add(-time.Minute), day0, day0.Add(300 * time.Minute), day0.Add(999 * time.Minute)} {
			want, err := s.Answers(t.Context(), k, at)
			if err != nil {
				t.Fatal(err)
			}
			for item, a := range want {
				want[item] = content.Answer{State: a.State, At: a.At, Seq: a.Seq, TextHash: a.TextHash}
			}
			if got := timeline.Answers(k, at); !maps.EqualFunc(got, want, func(a, b content.Answer) bool { return reflect.DeepEqual(a, b) }) {
				t.Errorf("%v at %v: %v, want %v", k, at, got, want)
			}
		}
	}
	k := Key{Owner: "t:0", Checklist: "checklists/0"}
	if first := timeline.First(k); first.IsZero() || timeline.First(Key{}) != (time.Time{}) || len(timeline.Answers(k, first)) == 0 || len(timeline.Answers(k, first.Add(-time.Millisecond))) > 0 {
		t.Errorf("first = %v", first)
	}
	checkStands(t, s)
	if one, err := s.Timeline(t.Context(), "t:0", "checklists/1"); err != nil || len(one.Keys()) != 2 {
		t.Errorf("of one list: %v, %v", one.Keys(), err)
	}
}

// checkStanding compares the rows that stood at an instant with the answers.
func checkStanding(t *testing.T, s *Store, k Key, at time.Time, want map[string]content.Answer) {
	t.Helper()
	rows, err := s.Standing(t.Context(), k, at)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]content.Answer{}
	for _, row := range rows {
		got[row.Item] = row.Answer
	}
	if len(rows) != len(got) || !reflect.DeepEqual(got, want) {
		t.Errorf("standing of %v at %v: %v, want %v", k, at, got, want)
	}
}

// checkStands compares what stood at several instants with the answers one by one.
func checkStands(t *testing.T, s *Store) {
	t.Helper()
	// Of the instants some have most answers after them and some have few, which
	// are read in different ways.
	instants := []time.Time{{}, day0.Add(-time.Minute), day0}
	for minute := 50; minute < 1050; minute += 50 {
		instants = append(instants, day0.Add(time.Duration(minute)*time.Minute))
	}
	timeline, err := s.Timeline(t.Context(), "t:0", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range instants {
		stands, err := s.Stands(t.Context(), at, "t:0", "t:1")
		if err != nil {
			t.Fatal(err)
		}
		var keys []Key
		for _, k := range timeline.Keys() {
			if len(timeline.Answers(k, at)) > 0 {
				keys = append(keys, k)
			}
		}
		i := 0
		for stand, err := range s.EachStand(t.Context(), at, "t:0", "t:1") {
			if err != nil || i >= len(stands) || i >= len(keys) || stand.Key != keys[i] || !reflect.DeepEqual(stand, stands[i]) {
				t.Fatalf("stand %d at %v: %+v, %v, want %+v", i, at, stand, err, stands)
			}
			i++
		}
		if i != len(stands) || i != len(keys) {
			t.Errorf("%d stands one by one and %d together at %v, want %d", i, len(stands), at, len(keys))
		}
		for range s.EachStand(t.Context(), at, "t:0") {
			break // whoever has enough may stop
		}
		for _, stand := range stands {
			want, err := s.Answers(t.Context(), stand.Key, at)
			if err != nil {
				t.Fatal(err)
			}
			checkStanding(t, s, stand.Key, at, want)
			if len(want) != len(stand.Answers) {
				t.Errorf("%v at %v has %d answers, want %d", stand.Key, at, len(stand.Answers), len(want))
			}
			for item, a := range want {
				if got := stand.Answers[item]; got.State != a.State || got.Seq != a.Seq || !got.At.Equal(a.At) {
					t.Errorf("%v %s at %v: %+v, want %+v", stand.Key, item, at, got, a)
				}
			}
			var last time.Time
			for _, a := range want {
				if a.At.After(last) {
					last = a.At
				}
			}
			if !last.Equal(stand.LastAt) {
				t.Errorf("last of %v at %v: %v, want %v", stand.Key, at, stand.LastAt, last)
			}
		}
	}
}

func TestLogPages(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	for i := range 10 {
		n := newAnswer(fmt.Sprint("item-", i%2), "yes")
		n.Base, n.Note, n.At = int64(i/2), fmt.Sprint(i), day0.Add(time.Duration(i)*time.Hour)
		n.Origin = []string{"", "round a", "round b"}[i%3]
		mustAppend(t, s, n)
	}
	other := newAnswer("a", "yes")
	other.Owner, other.Checklist = "t:1", "checklists/1"
	mustAppend(t, s, other)
	notes := func(q LogQuery) (out string) {
		t.Helper()
		q.Owner = "t:0"
		entries, err := s.Log(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out += e.Note
		}
		return out
	}
	for _, test := range []struct {
		query LogQuery
		want  string
	}{
		{LogQuery{Limit: 3}, "987"},
		{LogQuery{Limit: 3, Before: 8}, "654"},
		{LogQuery{Limit: 99, Until: day0.Add(2 * time.Hour)}, "210"},
		{LogQuery{Limit: 99, Checklist: "checklists/0", Item: "item-1"}, "97531"},
		{LogQuery{Limit: 99, Checklist: "checklists/9"}, ""},
		{LogQuery{Limit: 99, Origin: "round a"}, "741"},
		{LogQuery{Limit: 99, Checklist: "checklists/0", Item: "item-1", Origin: "round a", Until: day0.Add(6 * time.Hour)}, "1"},
		{LogQuery{}, ""},
	} {
		if got := notes(test.query); got != test.want {
			t.Errorf("%+v = %q, want %q", test.query, got, test.want)
		}
	}
	n := newAnswer("item-0", "no")
	n.Base = 5
	mustAppend(t, s, n)
	if rows, err := s.History(t.Context(), n.Key, "item-0", 9); err != nil || len(rows) != 6 || rows[0].Before != "yes" || rows[5].Before != "" {
		t.Errorf("states before: %+v, %v", rows, err)
	}
	whole, err := s.Whole(t.Context(), "t:0")
	if err != nil || len(whole) != 11 || whole[0].Note != "0" || whole[9].LogID != 10 {
		t.Errorf("whole: %+v, %v", whole, err)
	}
}
