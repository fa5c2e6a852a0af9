package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

func ago(days int) time.Time { return now.AddDate(0, 0, -days) }

// changes writes a plan's lines as "item change before>after rows".
func changes(p *Plan) (out []string) {
	for _, l := range p.Lines {
		before := "-"
		if l.Before != nil {
			before = string(l.Before.State)
		}
		out = append(out, fmt.Sprintf("%s %s %s>%s %d", l.Item, l.Change, before, l.After.State, l.Rows))
	}
	return out
}

// file writes a document of the list's items in JSON.
func file(items ...string) []byte {
	return []byte(`{"format":"opsbook/team","version":1,"checklists":[{"path":"checklists/list","items":[` + strings.Join(items, ",") + `]}]}`)
}

func item(id string, state content.State, at time.Time, more string) string {
	return fmt.Sprintf(`{"id":%q,"state":%q,"at":%q%s}`, id, state, at.Format(time.RFC3339), more)
}

func logged(id string, states ...content.State) string {
	var rows []string
	for i, s := range states {
		rows = append(rows, fmt.Sprintf(`{"state":%q,"at":%q,"seq":%d}`, s, ago(30-i).Format(time.RFC3339), i+1))
	}
	return item(id, states[len(states)-1], ago(31-len(states)), fmt.Sprintf(`,"seq":%d,"log":[%s]`, len(states), strings.Join(rows, ",")))
}

func TestCompare(t *testing.T) {
	t.Parallel()
	type given struct {
		item  string
		state content.State
		days  int // ago
	}
	for name, test := range map[string]struct {
		ours []given
		file []byte
		want []string
	}{
		"nothing":                       {nil, file(), nil},
		"not answered in the file":      {[]given{{"a", "yes", 5}}, file(`{"id":"a"}`), nil},
		"new":                           {nil, file(item("a", "yes", ago(3), "")), []string{"a new ->yes 1"}},
		"new with its log":              {nil, file(logged("a", "no", "yes")), []string{"a new ->yes 2"}},
		"new and taken back":            {nil, file(logged("a", "no", "")), []string{"a new -> 2"}},
		"taken back without a log":      {nil, file(item("a", "", ago(3), "")), nil},
		"younger":                       {[]given{{"a", "no", 5}}, file(item("a", "yes", ago(3), "")), []string{"a changed no>yes 1"}},
		"younger with its log":          {[]given{{"a", "partly", 50}}, file(logged("a", "no", "yes")), []string{"a changed partly>yes 1"}},
		"older":                         {[]given{{"a", "no", 5}}, file(item("a", "yes", ago(8), "")), []string{"a kept no>yes 0"}},
		"of the same time":              {[]given{{"a", "no", 5}}, file(item("a", "yes", ago(5), "")), []string{"a kept no>yes 0"}},
		"the same":                      {[]given{{"a", "yes", 5}}, file(item("a", "yes", ago(5), "")), []string{"a same yes>yes 0"}},
		"the same, older":               {[]given{{"a", "yes", 5}}, file(item("a", "yes", ago(8), "")), []string{"a same yes>yes 0"}},
		"the same, confirmed later":     {[]given{{"a", "yes", 5}}, file(item("a", "yes", ago(3), "")), []string{"a changed yes>yes 1"}},
		"another note":                  {[]given{{"a", "yes", 5}}, file(item("a", "yes", ago(3), `,"note":"n"`)), []string{"a changed yes>yes 1"}},
		"taken back here, later":        {[]given{{"a", "yes", 9}, {"a", "", 5}}, file(item("a", "yes", ago(8), "")), []string{"a kept >yes 0"}},
		"taken back here, before":       {[]given{{"a", "yes", 9}, {"a", "", 5}}, file(item("a", "yes", ago(3), "")), []string{"a changed >yes 1"}},
		"taken back there":              {[]given{{"a", "yes", 9}}, file(item("a", "", ago(3), "")), []string{"a changed yes> 1"}},
		"under its former id":           {nil, file(logged("old-c", "no", "yes")), []string{"c new ->yes 2"}},
		"under both":                    {nil, file(logged("old-c", "no"), logged("c", "yes", "no")), []string{"c new ->no 3"}},
		"former here":                   {[]given{{"old-c", "yes", 5}}, file(item("c", "no", ago(3), "")), []string{"c changed yes>no 1"}},
		"former here, younger":          {[]given{{"old-c", "yes", 1}}, file(item("c", "no", ago(3), "")), []string{"c kept yes>no 0"}},
		"former there":                  {[]given{{"c", "yes", 5}}, file(item("old-c", "no", ago(3), "")), []string{"c changed yes>no 1"}},
		"former on both sides":          {[]given{{"old-c", "yes", 5}}, file(item("old-c", "yes", ago(5), "")), []string{"c same yes>yes 0"}},
		"former there, taken back":      {[]given{{"c", "yes", 50}}, file(logged("old-c", "no", "")), nil},
		"taken back on both sides":      {[]given{{"a", "yes", 9}, {"a", "", 8}}, file(item("a", "", ago(3), "")), []string{"a same > 0"}},
		"moved":                         {nil, file(item("c", "no", ago(3), `,"moved_from":"old-c"`), logged("old-c", "no")), []string{"c new ->no 1"}},
		"taken back under a former id":  {[]given{{"old-c", "yes", 5}, {"old-c", "", 4}}, file(item("c", "no", ago(9), "")), []string{"c changed ->no 1"}},
		"retired":                       {nil, file(item("gone", "yes", ago(3), `,"flags":["retired"],"claim":"It was"`)), []string{"gone new ->yes 1"}},
		"retired, and known here":       {[]given{{"gone", "no", 5}}, file(item("gone", "yes", ago(3), `,"flags":["retired"]`)), []string{"gone changed no>yes 1"}},
		"unfit":                         {nil, file(item("a", "3", ago(3), `,"flags":["unfit"]`)), []string{"a new ->3 1"}},
		"a table without times":         {[]given{{"a", "yes", 5}, {"b", "yes", 5}}, []byte("checklist,item,state\nchecklists/list,a,yes\nchecklists/list,b,no\nchecklists/list,c,no\n"), []string{"a same yes>yes 0", "b changed yes>no 1", "c new ->no 1"}},
		"a table that says nothing":     {[]given{{"a", "yes", 5}}, []byte("checklist,item,state\nchecklists/list,a,\nchecklists/list,b,\n"), nil},
		"a table with a taken back one": {[]given{{"a", "yes", 5}}, []byte("checklist,item,state,at\nchecklists/list,a,,2026-11-23\n"), []string{"a changed yes> 1"}},
		"a table of another case":       {nil, []byte("checklist,item,state\nChecklists/List,a,YES\n"), []string{"a new ->yes 1"}},
	} {
		s := newSide(t, library(nil))
		for _, g := range test.ours {
			s.answer("checklists/list", "", g.item, content.Answer{State: g.state, At: ago(g.days)}, "")
		}
		before := s.log()
		p := s.plan(test.file)
		if got := changes(p); !reflect.DeepEqual(got, test.want) || p.Problems.Any() {
			t.Errorf("%s: %q, want %q; %v", name, got, test.want, p.Problems.List)
		}
		if p.Base() != s.plan(test.file).Base() {
			t.Errorf("%s: another base for the same", name)
		}
		if !reflect.DeepEqual(s.log(), before) {
			t.Errorf("%s: comparing changed the log", name)
		}
		s.take(test.file)
		if again := s.plan(test.file); again.Rows > 0 {
			t.Errorf("%s: the second time %q", name, changes(again))
		}
	}
}

// Columns that a table does not have say nothing.
func TestTableWithoutNotes(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	s.answer("checklists/list", "", "a", content.Answer{State: "yes", Note: "n", Evidence: []string{"https://a.b"}, At: ago(9)}, "")
	s.answer("checklists/list", "", "b", content.Answer{State: "yes", Note: "n", At: ago(9)}, "")
	p := s.plan([]byte("checklist,item,state\nchecklists/list,a,yes\nchecklists/list,b,no\n"))
	if got := changes(p); !reflect.DeepEqual(got, []string{"a same yes>yes 0", "b changed yes>no 1"}) || p.Lines[1].After.Note != "" {
		t.Errorf("%q, %+v", got, p.Lines)
	}
	p = s.plan([]byte("checklist,item,state,at\nchecklists/list,a,yes,2026-11-23\n"))
	if a := p.Answers(now, ""); len(a) != 1 || a[0].Note != "n" || len(a[0].Evidence) != 1 {
		t.Errorf("confirmed: %+v", a)
	}
	p = s.plan([]byte("checklist,item,state,note,evidence\nchecklists/list,a,yes,,\n"))
	if got := changes(p); !reflect.DeepEqual(got, []string{"a changed yes>yes 1"}) {
		t.Errorf("emptied: %q", got)
	}
}

func TestCompareFindsProblems(t *testing.T) {
	t.Parallel()
	list := func(path, subject, more string) []byte {
		return fmt.Appendf(nil, `{"format":"opsbook/team","version":1,"checklists":[{"path":%q,"subject":%q%s}]}`, path, subject, more)
	}
	one := `,"items":[` + item("s", "2", ago(3), "") + `]`
	for name, test := range map[string]struct {
		file []byte
		want string // part of the only problem; empty: none
	}{
		"unknown list":           {list("checklists/none", "", ""), "line 1: checklists/none: there is no such checklist"},
		"a guide":                {list("guides/g", "", ""), "no such checklist"},
		"a retired list":         {list("checklists/none", "", `,"retired":true`+one), ""},
		"a survey":               {list("checklists/anon", "", ""), "a survey is answered in a team's rounds"},
		"no subject":             {list("checklists/per", "", ""), "checklists/per: subject: say which alert"},
		"a subject":              {list("checklists/per", "cpu", one), ""},
		"a subject too many":     {list("checklists/list", "cpu", ""), "checklists/list (cpu): subject: this checklist is not"},
		"a former path":          {list("checklists/formerly", "cpu", one), ""},
		"an unknown item":        {file(item("z", "yes", ago(3), "")), "checklists/list, item z: List has no such item"},
		"a choice on yes and no": {file(item("a", "2", ago(3), "")), `item a: state: "2" is no answer to this item`},
		"yes on a scale":         {list("checklists/per", "cpu", `,"items":[`+item("s", "yes", ago(3), "")+`]`), `item s: state: "yes" is no answer`},
		"off the scale":          {[]byte("checklist,subject,item,state\nchecklists/per,cpu,s,4\n"), `line 2: checklists/per (cpu), item s: state: "4"`},
		"one list by two names":  {[]byte("checklist,subject,item,state\nchecklists/per,cpu,s,1\nchecklists/formerly,cpu,s,2\n"), "line 3: checklists/formerly (cpu): it is the same list as another one"},
	} {
		s := newSide(t, library(nil))
		p := s.plan(test.file)
		if len(p.Problems.List) > 1 || p.Problems.Any() != (test.want != "") || test.want != "" && !strings.Contains(p.Problems.List[0].String(), test.want) {
			t.Errorf("%s: %q, want %q", name, p.Problems.List, test.want)
		}
	}
	s := newSide(t, library(nil))
	s.team.Archived = true
	if p := s.plan(file()); !p.Problems.Any() || !strings.Contains(p.Problems.List[0].Text, "archived") {
		t.Errorf("an archived team: %v", p.Problems.List)
	}
}

func TestImportedAnswers(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	old := content.HashText("An older wording\nof a")
	text := `{"format":"opsbook/team","version":1,"texts":{"` + old + `":"An older wording\nof a"},"checklists":[{"path":"checklists/list","items":[` + strings.Join([]string{
		item("b", "yes", ago(2), `,"by":"Bo","note":"n","evidence":["https://a.b"],"origin":"practice checklists/x#y"`),
		item("a", "no", ago(5), `,"text_hash":"`+old+`","origin":"import browser"`),
		item("gone", "yes", ago(9), `,"flags":["retired"],"claim":"It was"`),
	}, ",") + `]}]}`
	p := s.take([]byte(text))
	answers := p.Answers(now, "Importer")
	if len(answers) != 3 || answers[0].Item != "gone" || answers[1].Item != "a" || answers[2].Item != "b" {
		t.Fatalf("answers are not in the order of their times: %+v", answers)
	}
	gone, a, b := answers[0], answers[1], answers[2]
	if gone.Text != "It was" || gone.TextHash != content.HashText("It was") || gone.By != "" || gone.Origin != Origin {
		t.Errorf("retired: %+v", gone)
	}
	if a.TextHash != old || a.Text != "An older wording\nof a" || a.Origin != "import browser" {
		t.Errorf("reworded: %+v", a)
	}
	it := s.lib.Page("checklists/list").Checklist.Item("b")
	if b.TextHash != it.TextHash || b.Text != it.Text || b.By != "Bo" || b.Note != "n" || !b.At.Equal(ago(2)) || b.Origin != "import practice checklists/x#y" {
		t.Errorf("b: %+v", b)
	}
	p = s.take([]byte("checklist,item,state,by,at\nchecklists/list,c,yes,,\nchecklists/list,b,no,Cy,2026-11-23\n"))
	answers = p.Answers(now, "Importer")
	if len(answers) != 2 || answers[0].Item != "b" || answers[0].By != "Cy" || answers[0].Base != 1 || answers[1].By != "Importer" || !answers[1].At.Equal(now) {
		t.Errorf("of a table: %+v", answers)
	}
}

func TestConflictWritesNothing(t *testing.T) {
	t.Parallel()
	from, to := newSide(t, library(nil)), newSide(t, library(nil))
	from.fill()
	data := from.json(time.Time{})
	p := to.plan(data)
	to.answer("checklists/list", "", "a", content.Answer{State: content.Yes, At: now}, "")
	before := to.log()
	if err := to.st.Import(t.Context(), to.team, p.Import(now, ""), now, ""); !errors.Is(err, store.ErrConflict) {
		t.Errorf("somebody answered in between: %v", err)
	}
	actions, err := to.st.Actions(t.Context(), to.team.ID, time.Time{})
	if err != nil || len(actions) > 0 || !reflect.DeepEqual(before, to.log()) {
		t.Errorf("something was written: %v, %v, %v", to.log(), actions, err)
	}
	if again := to.plan(data); again.Base() == p.Base() || again.Counts[Kept] != 1 {
		t.Errorf("the difference is the same: %s", again.Summary())
	}
}

func TestPlansAreImportedOnce(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	task := store.Task{Title: "Mine", Checklist: "checklists/list", Item: "a", State: store.ActionDone}
	if _, err := s.st.PutAction(t.Context(), s.team.ID, "", 0, task, now, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.st.SetTarget(t.Context(), s.team, store.Target{Key: store.Key{Checklist: "checklists/list"}, Level: 1, Due: "2027-01-01"}, now, ""); err != nil {
		t.Fatal(err)
	}
	const at = `"at":"2026-05-01T10:00:00Z"`
	data := []byte(`{"format":"opsbook/team","version":1,"actions":[
		{"id":"1","title":"Mine","checklist":"checklists/list","item":"a","state":"open",` + at + `},
		{"id":"2","title":"Yours","state":"doing","due":"2027-01-31","assignee":"Bo",` + at + `},
		{"id":"3","title":"Yours","state":"open",` + at + `}],"targets":[
		{"checklist":"checklists/list","level":2,"due":"2027-01-31",` + at + `},
		{"checklist":"checklists/formerly","subject":"cpu","level":1,"due":"2027-01-31",` + at + `},
		{"checklist":"checklists/per","subject":"cpu","level":2,"due":"2027-01-31",` + at + `}]}`)
	p := s.take(data)
	if len(p.Actions) != 1 || p.Actions[0].ID != "2" || len(p.Targets) != 1 || p.Targets[0].Checklist != "checklists/per" || p.Left != 4 {
		t.Errorf("plan: %+v", p)
	}
	if p := s.take(data); !p.Empty() || p.Left != 6 {
		t.Errorf("the second time: %s", p.Summary())
	}
	actions, err := s.st.Actions(t.Context(), s.team.ID, time.Time{})
	if err != nil || len(actions) != 2 || actions[0].ID != "2" || actions[0].Assignee != "Bo" || actions[0].At.Format(time.DateOnly) != "2026-05-01" || actions[1].State != store.ActionDone {
		t.Errorf("actions = %+v, %v", actions, err)
	}
}

func TestPlanIsJSON(t *testing.T) {
	t.Parallel()
	s := newSide(t, library(nil))
	for _, data := range [][]byte{file(), file(item("a", "yes", ago(3), ""), item("z", "no", ago(3), "")), []byte("checklist,item,state,x\nchecklists/list,a,yes,1\n")} {
		body, err := json.Marshal(s.plan(data))
		if err != nil || strings.Contains(string(body), "null,") && !strings.Contains(string(body), `"before":null`) {
			t.Errorf("%s, %v", body, err)
		}
		var back struct{ Changes []struct{ Change string } }
		if err := json.Unmarshal(body, &back); err != nil {
			t.Error(err)
		}
	}
}

// A new team is compared with nothing, and created with what is imported.
func TestImportIntoANewTeam(t *testing.T) {
	t.Parallel()
	from, to := newSide(t, library(nil)), newSide(t, library(nil))
	from.fill()
	to.team = store.NewTeam("copy", store.Profile{Name: "Copy"})
	to.take(from.json(time.Time{}))
	if !reflect.DeepEqual(from.log(), to.log()) {
		t.Error("the new team has another log")
	}
	if team, err := to.st.TeamAt(t.Context(), "copy"); err != nil || team.Name != "Copy" || team.By != "Importer" {
		t.Errorf("team = %+v, %v", team, err)
	}
}
