package transfer

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// now is when the tests export and import.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// pages are a small library: levels, musts and ageing; subjects and a scale; an
// item that was renamed; a survey.
var pages = map[string]string{
	"checklists/list.md": "---\ntitle: List\nlevels: [Basic, Solid]\nthreshold: 0.5\nitem_aliases: {old-c: c}\n---\n## Part\n\n### A claim {#a .must expires=90}\n\nWhy.\n\n### B claim {#b weight=2}\n\n## Other\n\n### C | claim {#c level=2}\n",
	"checklists/per.md":  "---\ntitle: Per\nper: alert\nscales: {t: [bad, fair, good]}\naliases: [checklists/formerly]\n---\n### S {#s scale=\"t\"}\n",
	"checklists/anon.md": "---\ntitle: Anon\nanonymous: true\n---\n### Q {#q}\n",
	"guides/g.md":        "---\ntitle: G\n---\nText\n",
}

func library(change map[string]string) *content.Library {
	docs := map[string]string{}
	for name, text := range pages {
		docs[name] = text
	}
	for name, text := range change {
		docs[name] = text
	}
	return content.Build(nil, content.Options{}, content.Memory("test", docs))
}

// side is one place that exports and imports: a store and a team in it.
type side struct {
	t    testing.TB
	st   *store.Store
	lib  *content.Library
	team store.Team
}

func newSide(t testing.TB, lib *content.Library) *side {
	t.Helper()
	st, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	team, err := st.CreateTeam(t.Context(), "pay", store.Profile{Name: "=Pay & co", Description: "Cards.", Groups: []string{"Shop"}}, now.AddDate(-1, 0, 0), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	return &side{t, st, lib, team}
}

// answer appends an answer; the item may be one that the list does not have.
func (s *side) answer(list, subject, item string, a content.Answer, origin string) {
	s.t.Helper()
	k := store.Key{Owner: s.team.Owner(), Checklist: list, Subject: subject}
	current, err := s.st.Answers(s.t.Context(), k, time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	text := item + " claim\nas it was"
	if p := s.lib.Page(list); p != nil {
		if it := p.Checklist.Item(item); it != nil {
			text = it.Text
		}
	}
	n := store.NewAnswer{Key: k, Item: item, Base: current[item].Seq, State: a.State, Note: a.Note, Evidence: a.Evidence, At: a.At, By: a.By, TextHash: content.HashText(text), Text: text, Origin: origin}
	if err := s.st.AppendAnswers(s.t.Context(), []store.NewAnswer{n}); err != nil {
		s.t.Fatal(err)
	}
}

// hostile are texts that formats and spreadsheets trip over.
var hostile = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =cmd|'/c calc'!A0", "＝1", "＋1", "－1", "＠x", "'=1", "''=1", "'", "\ufeff=1", "\u200b=1", "=",
	`"quoted", and; more` + "\tend", "line\nline\r\nline", "a\r\r\nb", "\rabc", "\r\nabc", "<script>alert(1)</script>", "| pipe | `code` \\ *x* _y_ [z](javascript:a) &lt; #", "ünïcödé 漢字 🎉", " space ", "",
}

// fill gives a team a year of answers, some of them strange.
func (s *side) fill() {
	s.t.Helper()
	at := now.AddDate(-1, 0, 0)
	tick := func() time.Time { at = at.Add(31*time.Hour + 7*time.Millisecond); return at }
	for i, text := range hostile {
		s.answer("checklists/per", fmt.Sprint("alert ", i), "s", content.Answer{State: "2", Note: text, Evidence: []string{"https://example.com/" + fmt.Sprint(i) + "?a=b|c"}, At: tick(), By: "=Ada"}, "")
	}
	s.answer("checklists/list", "", "a", content.Answer{State: content.No, At: tick()}, "")
	s.answer("checklists/list", "", "old-c", content.Answer{State: content.Partly, Note: "before the rename", At: tick(), By: "Bo"}, "")
	s.answer("checklists/list", "", "gone", content.Answer{State: content.Yes, Note: "of a retired item", At: tick()}, "")
	s.answer("checklists/list", "", "a", content.Answer{State: content.Yes, Note: "now", Evidence: []string{"https://example.com/a b", "https://example.com/c"}, At: tick(), By: "Bo"}, "practice checklists/other#x")
	s.answer("checklists/list", "", "b", content.Answer{State: content.NotApplicable, Note: "no such thing", At: tick()}, "browser")
	s.answer("checklists/list", "", "b", content.Answer{At: tick()}, "") // taken back
	s.answer("checklists/list", "", "b", content.Answer{State: content.NotApplicable, Note: "still not", At: at.Add(-90 * time.Hour)}, "")
	s.answer("checklists/dropped", "", "x", content.Answer{State: content.Yes, At: tick()}, "")
	for _, task := range []store.Task{
		{Title: "=Do it, soon; or; not", Checklist: "checklists/list", Item: "a", Assignee: "Bo", Due: "2027-03-31", State: store.ActionOpen},
		{Title: "Ended", Due: "2027-03-31", State: store.ActionDone}, {Title: "Someday", State: store.ActionDoing},
	} {
		if _, err := s.st.PutAction(s.t.Context(), s.team.ID, "", 0, task, at, "Ada"); err != nil {
			s.t.Fatal(err)
		}
	}
	target := store.Target{Key: store.Key{Checklist: "checklists/list"}, Level: 2, Due: "2027-06-30"}
	if err := s.st.SetTarget(s.t.Context(), s.team, target, at, "Ada"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *side) export(at time.Time) *Document {
	s.t.Helper()
	d, err := Export(s.t.Context(), s.st, s.lib, s.team, at, now, true)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *side) json(at time.Time) []byte {
	s.t.Helper()
	var b bytes.Buffer
	if err := s.export(at).WriteJSON(&b); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

func (s *side) csv() []byte {
	s.t.Helper()
	var b bytes.Buffer
	if err := s.export(time.Time{}).WriteCSV(&b); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// plan reads a file and compares it with the team.
func (s *side) plan(data []byte) *Plan {
	s.t.Helper()
	d, problems := Read(data, now)
	p, err := Compare(s.t.Context(), s.st, s.lib, s.team, d, problems)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// take imports a file, in which nothing may be wrong.
func (s *side) take(data []byte) *Plan {
	s.t.Helper()
	p := s.plan(data)
	if p.Problems.Any() {
		s.t.Fatalf("problems: %v", p.Problems.List)
	}
	if err := s.st.Import(s.t.Context(), s.team, p.Import(now, "Importer"), now, "Importer"); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// log returns a team's whole log, without what differs between two stores.
func (s *side) log() map[string][]store.Entry {
	s.t.Helper()
	entries, err := s.st.Whole(s.t.Context(), s.team.Owner())
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string][]store.Entry{}
	for _, e := range entries {
		e.Owner, e.LogID = "", 0
		e.Origin = strings.TrimPrefix(strings.TrimPrefix(e.Origin, Origin), " ")
		id := e.Checklist + "|" + e.Subject + "|" + e.Item
		out[id] = append(out[id], e)
	}
	return out
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := newSide(t, library(nil)), newSide(t, library(nil))
	from.fill()
	data := from.json(time.Time{})
	if again := from.json(time.Time{}); !bytes.Equal(data, again) {
		t.Error("the same team gives other bytes")
	}
	p := to.take(data)
	if p.Counts[New] != len(hostile)+5 || p.Rows != len(hostile)+8 || len(p.Actions) != 3 || len(p.Targets) != 1 {
		t.Errorf("plan = %s, %d rows", p.Summary(), p.Rows)
	}
	if a, b := from.log(), to.log(); !reflect.DeepEqual(a, b) {
		t.Errorf("log = %v\nwant %v", b, a)
	}
	for _, at := range []time.Time{{}, now.AddDate(0, -1, 0), now.AddDate(0, -10, 0)} {
		a, b := from.export(at), to.export(at)
		for _, d := range []*Document{a, b} {
			for i := range d.Checklists {
				for j := range d.Checklists[i].Items {
					it := &d.Checklists[i].Items[j]
					it.Origin = ""
					for k := range it.Log {
						it.Log[k].Origin = ""
					}
				}
			}
			for i := range d.Actions { // their history stays behind
				d.Actions[i].Seq = 0
			}
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("at %v: %+v\nwant %+v", at, b, a)
		}
	}
	last, err := to.st.Summary(t.Context(), store.Key{Owner: to.team.Owner(), Checklist: "checklists/list"})
	if err != nil || last.LastBy != "" || last.Answered != 4 {
		t.Errorf("summary = %+v, %v", last, err)
	}
	for _, s := range []*side{from, to} {
		if p := s.take(data); !p.Empty() || p.Left != 4 || p.Counts[Same] != len(hostile)+5 {
			t.Errorf("the same again: %s", p.Summary())
		}
	}
	if a, b := from.log(), to.log(); !reflect.DeepEqual(a, b) {
		t.Error("importing the same again changed the log")
	}
}

func TestCSVRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := newSide(t, library(nil)), newSide(t, library(nil))
	from.fill()
	data := from.csv()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range slices.Concat(rows...) {
		if strings.IndexAny(strings.TrimLeft(cell, " \u200b\ufeff"), "=+-@＝＋－＠\t\r\n") == 0 {
			t.Errorf("a formula: %q", cell)
		}
	}
	if p := from.take(data); !p.Empty() || p.Counts[Kept] != 0 {
		t.Errorf("into the team itself: %s %+v", p.Summary(), p.Lines)
	}
	to.take(data)
	a, b := from.export(time.Time{}), to.export(time.Time{})
	for i := range b.Checklists {
		for _, l := range []*List{&a.Checklists[i], &b.Checklists[i]} {
			if l.Path != b.Checklists[i].Path || l.Subject != b.Checklists[i].Subject {
				t.Fatalf("list %d = %s", i, l.place())
			}
		}
		if a, b := a.Checklists[i], b.Checklists[i]; a.Score != b.Score || a.Coverage != b.Coverage || cmp.Compare(level(a), level(b)) != 0 || a.NA != b.NA {
			t.Errorf("%s = %v, %v, %d; want %v, %v, %d", b.place(), b.Score, b.Coverage, level(b), a.Score, a.Coverage, level(a))
		}
	}
	if p := to.take(data); !p.Empty() {
		t.Errorf("the same again: %s", p.Summary())
	}
}

func level(l List) int {
	if l.Level == nil {
		return -1
	}
	return *l.Level
}

// A past document must say of every instant what the store says of it.
func TestExportOfThePast(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	random := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		at := now.Add(-time.Duration(random.IntN(1000)) * time.Hour) // in no order
		s.answer("checklists/list", "", []string{"a", "b", "c", "old-c", "gone"}[random.IntN(5)], content.Answer{State: []content.State{"yes", "no", "partly", ""}[random.IntN(4)], At: at}, "")
	}
	list := s.lib.Page("checklists/list").Checklist
	for h := -10; h < 1000; h += 90 {
		at := now.Add(-time.Duration(h) * time.Hour)
		want, err := s.st.Answers(t.Context(), store.Key{Owner: s.team.Owner(), Checklist: "checklists/list"}, at)
		if err != nil {
			t.Fatal(err)
		}
		d := s.export(at)
		if len(want) == 0 {
			if len(d.Checklists) > 0 {
				t.Errorf("at %v: %+v before the first answer", at, d.Checklists)
			}
			continue
		}
		score := list.Score(list.Moved(want), at)
		l := d.Checklists[0]
		if l.Score != score.Share || level(l) != score.Level || l.Answered != score.Answered || l.NA != score.NA() {
			t.Errorf("at %v: %+v, want %+v", at, l, score)
		}
		for _, it := range l.Items {
			if a := list.Moved(want)[it.ID]; it.State != a.State || it.Seq != a.Seq || (it.At == nil) != a.At.IsZero() {
				t.Errorf("at %v: item %s = %+v, want %+v", at, it.ID, it.Row, a)
			}
		}
		to := newSide(t, library(nil))
		to.take(s.json(at))
		got, err := to.st.Answers(t.Context(), store.Key{Owner: to.team.Owner(), Checklist: "checklists/list"}, at)
		if err != nil || !reflect.DeepEqual(list.Score(list.Moved(got), at), score) {
			t.Errorf("imported as of %v: %+v, %v; want %+v", at, got, err, want)
		}
	}
}

// What was answered before a list got its present path is in the document once.
func TestExportOfAMovedList(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	s.answer("checklists/formerly", "cpu", "s", content.Answer{State: "2", At: now.AddDate(0, 0, -9)}, "")
	s.answer("checklists/formerly", "disk", "s", content.Answer{State: "1", At: now.AddDate(0, 0, -8)}, "")
	s.answer("checklists/per", "disk", "s", content.Answer{State: "3", At: now.AddDate(0, 0, -7)}, "")
	d := s.export(time.Time{})
	if len(d.Checklists) != 2 || d.Checklists[0].place() != "checklists/per (cpu)" || d.Checklists[0].Score != 0.5 || d.Checklists[1].place() != "checklists/per (disk)" || d.Checklists[1].Score != 1 {
		t.Errorf("lists = %+v", d.Checklists)
	}
	to := newSide(t, library(nil))
	if p := to.take(s.json(time.Time{})); p.Counts[New] != 2 {
		t.Error(p.Summary())
	}
}

// A list that moved twice and was not served between: what was answered last counts.
func TestBuildTakesTheLastFormerPath(t *testing.T) {
	t.Parallel()
	lib := library(map[string]string{"checklists/list.md": "---\ntitle: List\naliases: [checklists/a-first, checklists/b-then]\n---\n### A claim {#a}\n"})
	entry := func(path string, logID int64, state content.State) store.Entry {
		return store.Entry{Key: store.Key{Checklist: path}, Item: "a", LogID: logID, Answer: content.Answer{State: state, Seq: logID, At: now}}
	}
	d := Build(Source{Library: lib, Now: now, Entries: []store.Entry{
		entry("checklists/a-first", 1, content.No), entry("checklists/b-then", 2, content.Yes),
	}})
	if len(d.Checklists) != 1 || d.Checklists[0].Path != "checklists/list" || d.Checklists[0].Items[0].State != content.Yes {
		t.Errorf("lists %+v, want one with the answer yes", d.Checklists)
	}
}
