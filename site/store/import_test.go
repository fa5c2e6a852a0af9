package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"opsbook/content"
)

// contents returns every row of every table.
func contents(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range []string{"item_texts", "answers", "summaries", "teams", "team_slugs", "team_profiles", "actions", "targets"} {
		rows, err := s.readers.QueryContext(t.Context(), "SELECT json_array(t.rowid, "+columnsOf(t, s, table)+") FROM "+table+" t ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			out[table] = append(out[table], row)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func columnsOf(t *testing.T, s *Store, table string) (columns string) {
	t.Helper()
	err := s.readers.QueryRowContext(t.Context(), "SELECT group_concat(name) FROM pragma_table_info('"+table+"')").Scan(&columns)
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := mustTeam(t, s, "a", Profile{Name: "A"})
	answer := func(item string, base int64) NewAnswer {
		n := newAnswer(item, content.Yes)
		n.Owner, n.Base = team.Owner(), base
		return n
	}
	action := Action{ID: "X1", Task: Task{Title: "Do it", State: ActionOpen}, At: day0, By: "Ada"}
	target := Target{Key: Key{Checklist: "checklists/0"}, Level: 2, Due: "2027-03-31", At: day0}
	none := Target{Key: target.Key}
	in := Import{Answers: []NewAnswer{answer("a", 0), answer("a", 1)}, Actions: []Action{action}, Targets: []Target{target}}
	if err := s.Import(t.Context(), team, in, day0, ""); err != nil {
		t.Fatal(err)
	}
	checkLog(t, s)
	if a, err := s.Actions(t.Context(), team.ID, day0); err != nil || len(a) != 1 || a[0].ID != "X1" || a[0].Seq != 1 || a[0].By != "Ada" {
		t.Errorf("actions = %+v, %v", a, err)
	}
	if got, err := s.Targets(t.Context(), team, time.Time{}); err != nil || len(got) != 1 {
		t.Errorf("targets = %+v, %v", got, err)
	}
	archived := mustTeam(t, s, "old", Profile{Name: "Old", Archived: true})
	stale := team
	stale.Seq = 0 // as if it were new
	before := contents(t, s)
	for name, test := range map[string]struct {
		team Team
		in   Import
		want error
	}{
		"an answer in between":        {team, Import{Answers: []NewAnswer{answer("b", 0), answer("a", 1)}}, ErrConflict},
		"an action that is there":     {team, Import{Answers: []NewAnswer{answer("b", 0)}, Actions: []Action{action}}, ErrConflict},
		"a target that is there":      {team, Import{Answers: []NewAnswer{answer("b", 0)}, Targets: []Target{target}}, ErrConflict},
		"an invalid answer":           {team, Import{Answers: []NewAnswer{answer("b", 0), {}}}, ErrInvalid},
		"an invalid action":           {team, Import{Answers: []NewAnswer{answer("b", 0)}, Actions: []Action{{ID: "X2"}}}, ErrInvalid},
		"an action without an id":     {team, Import{Answers: []NewAnswer{answer("b", 0)}, Actions: []Action{{Task: action.Task}}}, ErrInvalid},
		"no target":                   {team, Import{Answers: []NewAnswer{answer("b", 0)}, Targets: []Target{none}}, ErrInvalid},
		"an invalid target":           {team, Import{Targets: []Target{{Level: 1}}}, ErrInvalid},
		"an archived team":            {archived, Import{Actions: []Action{action}}, ErrConflict},
		"an unknown team":             {Team{ID: "none", Seq: 1}, Import{}, ErrNotFound},
		"a new team in another's way": {NewTeam("a", Profile{Name: "A"}), Import{Actions: []Action{action}}, ErrConflict},
		"a new team without a name":   {NewTeam("b", Profile{}), Import{Actions: []Action{action}}, ErrInvalid},
	} {
		if err := s.Import(t.Context(), test.team, test.in, day0, ""); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if err := s.Import(t.Context(), stale, Import{}, day0, ""); err == nil {
		t.Error("a team is created twice")
	}
	if after := contents(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("what was refused changed the database from %v to %v", before, after)
	}
}

func TestImportCreatesATeam(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	team := NewTeam("new", Profile{Name: "New", Groups: []string{"b", "a"}})
	n := newAnswer("a", content.Yes)
	n.Owner = team.Owner()
	if err := s.Import(t.Context(), team, Import{Answers: []NewAnswer{n}}, day0, "Ada"); err != nil {
		t.Fatal(err)
	}
	got, err := s.TeamAt(t.Context(), "new")
	if err != nil || got.ID != team.ID || got.Name != "New" || got.By != "Ada" || !got.Created.Equal(day0) {
		t.Errorf("team = %+v, %v", got, err)
	}
	if texts, err := s.Wordings(t.Context(), got.Owner()); err != nil || len(texts) != 1 || texts[n.TextHash] != n.Text {
		t.Errorf("wordings = %v, %v", texts, err)
	}
	if texts, err := s.Wordings(t.Context(), "t:none"); err != nil || len(texts) != 0 {
		t.Errorf("wordings of nobody = %v, %v", texts, err)
	}
	// A target that was taken back makes room for another one.
	target := Target{Key: Key{Checklist: "checklists/0"}, Level: 2, Due: "2027-03-31"}
	for _, level := range []int{2, 0} {
		target.Level = level
		if err := s.SetTarget(t.Context(), got, target, day0, ""); err != nil {
			t.Fatal(err)
		}
	}
	target.Level, target.At = 1, day0.Add(time.Hour)
	if err := s.Import(t.Context(), got, Import{Targets: []Target{target}}, day0, ""); err != nil {
		t.Fatal(err)
	}
	if targets, err := s.Targets(t.Context(), got, time.Time{}); err != nil || len(targets) != 1 {
		t.Errorf("targets = %v, %v", targets, err)
	}
	checkLog(t, s)
}

func TestExists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if Exists(dir) {
		t.Error("an empty folder holds a database")
	}
	openTest(t, dir)
	if !Exists(dir) {
		t.Error("the folder of an open store holds none")
	}
}
