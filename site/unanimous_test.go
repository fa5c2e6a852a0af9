package site

import (
	"errors"
	"strings"
	"testing"
	"time"

	"opsbook/site/store"
)

// What all say alike is recorded by one button, all of it or nothing.
func TestWhatAllAgreeOnIsRecordedAtOnce(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	f.post("/-/answers", "checklist", "checklists/three", "item", "second", "team", slug, "state", "yes", "note", "our reason", "evidence", "https://example.com/proof")
	f.post("/-/answers", "checklist", "checklists/three", "item", "fourth", "team", slug, "state", "no", "note", "not yet")
	id, code := f.openRound(slug, "checklist", "three")
	page := "/teams/" + slug + "/rounds/" + id
	f.posts(422, "/-"+page+"/unanimous", "its answers are not revealed")
	for _, state := range []string{"yes", "no"} {
		f.client = f.browser()
		f.join(code)
		f.vote(code, "first", state, "second", "yes", "third", "na", "fourth", "yes")
	}
	f.client = facilitator
	f.posts(303, "/-"+page+"/reveal", page, "confirm", "yes")
	f.wants(page, "All said the same: 3 items", "Record all 2 as answered", "need a reason")

	f.posts(303, "/-"+page+"/unanimous", page)
	body := f.wants(page, "2 answers recorded", "our reason")
	if strings.Contains(body, "/unanimous") {
		t.Error("there is a button for nothing")
	}
	answers, err := f.store.Answers(t.Context(), store.Key{Owner: storeQuery(f, slug).Owner, Checklist: "checklists/three"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	second, fourth := answers["second"], answers["fourth"]
	if second.Seq != 2 || second.State != "yes" || second.Note != "our reason" || len(second.Evidence) != 1 {
		t.Errorf("said again = %+v", second)
	}
	if fourth.Seq != 2 || fourth.State != "yes" || fourth.Note != "" {
		t.Errorf("a new answer has the reason of the old one: %+v", fourth)
	}
	if len(answers) != 2 {
		t.Errorf("answers = %v; without agreement nothing is recorded", answers)
	}
	f.posts(303, "/-"+page+"/unanimous", page) // sent twice
	f.posts(303, "/-"+page+"/close", page)
	f.posts(409, "/-"+page+"/unanimous", "closed meanwhile")
	if rows, err := f.store.Log(t.Context(), storeQuery(f, slug)); err != nil || len(rows) != 4 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// Somebody answers one of the items at the same time: then all are recorded, or
// none and it is said, and no answer is lost.
func TestWhatAllAgreeOnIsNeverHalfRecorded(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	facilitator := f.client
	key := store.Key{Owner: storeQuery(f, slug).Owner, Checklist: "checklists/three"}
	refused := 0
	for n := range 20 {
		f.client = facilitator
		id, code := f.openRound(slug, "checklist", "three")
		page := "/teams/" + slug + "/rounds/" + id
		for range 2 {
			f.join(code)
			f.vote(code, "first", "yes", "second", "yes")
		}
		f.client = facilitator
		f.posts(303, "/-"+page+"/reveal", page, "confirm", "yes")
		before, err := f.store.Answers(t.Context(), key, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		other := make(chan error)
		go func() {
			time.Sleep(time.Duration(n) * 150 * time.Microsecond)
			other <- f.store.AppendAnswers(t.Context(), []store.NewAnswer{{Key: key, Item: "second", Base: before["second"].Seq, State: "no", At: f.now, TextHash: "h", Text: "Second claim"}})
		}()
		got := f.post("/-" + page + "/unanimous")
		if err := <-other; err != nil && !errors.Is(err, store.ErrConflict) {
			t.Fatal(err)
		}
		q := storeQuery(f, slug)
		q.Origin = originOfRound(id)
		recorded, err := f.store.Log(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case got.StatusCode == 303 && len(recorded) == 2:
		case got.StatusCode == 409 && len(recorded) == 0 && strings.Contains(got.body, "Somebody answered one of the items meanwhile"):
			refused++
		default:
			t.Fatalf("round %d: %d with %d answers recorded\n%s", n, got.StatusCode, len(recorded), mainOf(got.body))
		}
		f.posts(303, "/-"+page+"/close", page)
	}
	t.Logf("%d of 20 were refused", refused)
}
