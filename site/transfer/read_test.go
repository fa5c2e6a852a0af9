package transfer

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"opsbook/content"
)

// small is a whole document for hostile changes.
const small = `{
  "format": "opsbook/team",
  "version": 1,
  "checklists": [
    {
      "path": "checklists/list",
      "items": [
        {
          "id": "a",
          "state": "yes",
          "at": "2026-05-01T10:00:00Z",
          "seq": 2,
          "text_hash": "HASH",
          "log": [
            {"state": "no", "at": "2026-04-01T10:00:00Z", "seq": 1, "text_hash": "HASH"},
            {"state": "yes", "at": "2026-05-01T10:00:00Z", "seq": 2, "text_hash": "HASH"}
          ]
        },
        {"id": "b", "state": "na", "note": "why", "at": "2026-05-01T10:00:00Z"}
      ]
    }
  ],
  "texts": {"HASH": "A claim"},
  "actions": [{"id": "A1", "title": "Do", "state": "open", "due": "2027-01-31", "at": "2026-05-01T10:00:00Z"}],
  "targets": [{"checklist": "checklists/list", "level": 2, "due": "2027-01-31", "at": "2026-05-01T10:00:00Z"}]
}`

// smallJSON is small with a change.
func smallJSON(old, now string) string {
	text := strings.ReplaceAll(small, "HASH", content.HashText("A claim"))
	if old != "" && !strings.Contains(text, old) {
		panic("no " + old) // a mistake in the test
	}
	return strings.Replace(text, old, now, 1)
}

const smallCSV = "checklist,item,state,note,evidence,by,at\nchecklists/list,a,Yes,,https://a.b https://c.d,Ada,2026-05-01T10:00:00Z\nchecklists/list,b,na,why,,,2026-05-01\n"

func TestRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", content.MaxNote+1)
	for name, test := range map[string]struct {
		file string
		want []string // in the problems, in order; none: the file is good
	}{
		"JSON":                  {smallJSON("", ""), nil},
		"JSON after spaces":     {"\ufeff\n " + smallJSON("", ""), nil},
		"null lists":            {`{"format": "opsbook/team", "version": 1, "checklists": null, "actions": null, "texts": null}`, nil},
		"empty":                 {" \n", []string{"the file is empty"}},
		"truncated":             {smallJSON("", "")[:400], []string{"line 15: the file ends too early"}},
		"cut after the start":   {"{", []string{"ends too early"}},
		"no JSON":               {smallJSON(`"seq": 2,`, `"seq": 2;`), []string{"line 12: this is no JSON"}},
		"more behind":           {smallJSON("", "") + "\n{}", []string{"line 27: more follows"}},
		"another format":        {smallJSON(`"opsbook/team"`, `"opsbook/site"`), []string{`line 2: format: this is no export of a team`}},
		"no format":             {`{}`, []string{"this is no export of a team"}},
		"no version":            {`{"format": "opsbook/team"}`, []string{"this is no export of a team"}},
		"newer version":         {smallJSON(`"version": 1`, `"version": 2`), []string{"line 3: version: 2 is newer than this program"}},
		"no such version":       {smallJSON(`"version": 1`, `"version": 0`), []string{"line 3: version: want 1"}},
		"version of words":      {smallJSON(`"version": 1`, `"version": "1"`), []string{"version: want a whole number, not string", "version: want 1"}},
		"list of nothing":       {smallJSON(`"items": [`, `"items": 5, "x": [`), []string{"line 7: items: want a list"}},
		"unknown fields":        {smallJSON(`"state": "yes"`, `"sate": "yes"`), []string{`line 8: checklists/list: unknown field "sate"`}},
		"unknown outer field":   {smallJSON(`"version": 1`, `"version": 1, "x": [1, {}]`), []string{`line 3: unknown field "x"`}},
		"the same twice":        {smallJSON(`"version": 1`, `"version": 1, "version": 1`), []string{"version: it stands twice"}},
		"a state twice":         {smallJSON(`"state": "na"`, `"state": "no", "state": "na"`), []string{`line 19: "state" stands twice in one object`}},
		"a state in two cases":  {smallJSON(`"state": "na"`, `"State": "no", "state": "na"`), []string{`line 19: "state" stands twice in one object`}},
		"a list's items twice":  {smallJSON(`"path": "checklists/list",`, `"path": "checklists/list", "Items": [],`), []string{`line 7: "items" stands twice in one object`}},
		"a title twice":         {smallJSON(`"title": "Do"`, `"title": "Do", "title": "Undo"`), []string{`"title" stands twice in one object`}},
		"items twice":           {smallJSON(`"id": "b"`, `"id": "a"`), []string{"line 19: checklists/list, item a: it stands twice, first in line 8"}},
		"lists twice":           {smallJSON(`"checklists": [`, `"checklists": [{"path": "checklists/list"},`), []string{"line 5: checklists/list: it stands twice, first in line 4"}},
		"actions twice":         {smallJSON(`"actions": [`, `"actions": [{"id": "A1", "title": "D", "state": "done", "at": "2026-05-01T10:00:00Z"},`), []string{`action "Do": id: it stands twice`}},
		"targets twice":         {smallJSON(`"targets": [`, `"targets": [{"checklist": "checklists/list", "level": 1, "due": "2027-01-31", "at": "2026-05-01T10:00:00Z"},`), []string{"target for checklists/list: it stands twice"}},
		"another text":          {smallJSON(`"A claim"`, `"Another"`), []string{"this hash is not the text's"}},
		"no text":               {smallJSON(`: "A claim"`, `: "A claim", "`+strings.Repeat("0", 32)+`": ""`), []string{"this hash is not the text's"}},
		"an unknown hash":       {smallJSON(`"id": "b",`, `"id": "b", "text_hash": "00",`), []string{`item b: text_hash: texts has no "00"`}},
		"time of words":         {smallJSON(`"at": "2026-05-01T10:00:00Z", "seq"`, `"at": "May", "seq"`), nil},
		"ancient":               {smallJSON(`"note": "why", "at": "2026`, `"note": "why", "at": "1926`), []string{"item b: at: 1926-05-01T10:00:00Z is before 2000"}},
		"future":                {smallJSON(`"note": "why", "at": "2026`, `"note": "why", "at": "2036`), []string{"or in the future"}},
		"no time":               {smallJSON(`"note": "why", "at": "2026-05-01T10:00:00Z"`, `"note": "why"`), []string{"item b: at: say when it was given"}},
		"a note without a time": {smallJSON(`"state": "na", "note": "why", "at": "2026-05-01T10:00:00Z"`, `"note": "why"`), []string{"item b: state: a note or evidence needs"}},
		"an unknown state":      {smallJSON(`"state": "na"`, `"state": "maybe"`), []string{`item b: state: want yes, partly, no, na or the number of a choice, not "maybe"`}},
		"no reason":             {smallJSON(`"note": "why"`, `"note": " "`), []string{"item b: note: say why"}},
		"a long note":           {smallJSON(`"why"`, `"`+long+`"`), []string{"item b: note: at most 4000"}},
		"NUL":                   {smallJSON(`"why"`, `"a\u0000"`), []string{"item b: note: this is not text"}},
		"a raw NUL":             {smallJSON(`"why"`, "\"a\x00\""), []string{"line 19: this is no JSON"}},
		"not UTF-8":             {smallJSON(`"why"`, "\"\xff\""), []string{"line 19: this is not UTF-8"}},
		"UTF-16":                {"c\x00h\x00\xe4\x00", []string{"not UTF-8"}},
		"a script":              {smallJSON(`"note": "why"`, `"note": "why", "evidence": ["javascript:x"]`), []string{"item b: evidence: want one http"}},
		"a long name":           {smallJSON(`"note": "why"`, `"note": "why", "by": "`+strings.Repeat("x", 81)+`"`), []string{"item b: by:"}},
		"a log with a gap":      {smallJSON(`"seq": 1`, `"seq": 2`), []string{"item a, log 1: seq: want 1, not 2"}},
		"another last answer":   {smallJSON(`"state": "yes"`, `"state": "no"`), []string{"item a: its answer is not the last one of its log"}},
		"no path":               {smallJSON(`"checklists/list"`, `""`), []string{"path: want the path"}},
		"an id of two lines":    {smallJSON(`"id": "b"`, `"id": "b\nc"`), []string{"want the id of an item"}},
		"moved from nowhere":    {smallJSON(`"id": "b"`, `"id": "b", "moved_from": "x"`), []string{`moved_from: the list has no other item "x"`}},
		"a bad action":          {smallJSON(`"title": "Do", "state": "open", "due": "2027-01-31"`, `"title": "", "state": "later", "due": "soon", "item": "a"`), []string{"title: want one line", "checklist: want the path", "state: want open", "due: want a day"}},
		"a bad target":          {smallJSON(`"level": 2, "due": "2027-01-31"`, `"level": 0, "subject": " x"`), []string{"level: want 1 to 9", "due: say by which day", "subject: want one line"}},
		"everything wrong":      {smallJSON(`"state": "na", "note": "why"`, `"state": "x", "note": "`+long+`", "evidence": ["y"]`), []string{"item b: state", "item b: note"}},

		"CSV":                       {smallCSV, nil},
		"CSV with a mark":           {"\ufeff" + smallCSV, nil},
		"semicolons":                {strings.ReplaceAll(smallCSV, ",", ";"), nil},
		"tabs":                      {strings.ReplaceAll(smallCSV, ",", "\t"), nil},
		"Windows":                   {strings.ReplaceAll(smallCSV, "\n", "\r\n"), nil},
		"other order and case":      {"STATE, Item ,checklist,mine\nno,a,checklists/list,x\n", nil},
		"empty rows":                {smallCSV + ",,,\n\n , ,\n", nil},
		"no columns":                {"a,b\n1,2\n", []string{`line 1: there is no column "checklist"`, `no column "item"`, `no column "state"`}},
		"a column twice":            {"checklist,item,state,item\n", []string{`line 1: the column "item" stands twice`}},
		"only a header":             {"checklist,item,state\n", nil},
		"an open quote":             {smallCSV + "checklists/list,\"c\n", []string{"line 4: the table cannot be read from here on"}},
		"a bare quote":              {smallCSV + "checklists/list,c\"d,yes\n", []string{"line 4: the table cannot be read from here on"}},
		"rows twice":                {smallCSV + "checklists/list,a,no\n", []string{"line 4: checklists/list, item a: it stands twice, first in line 2"}},
		"a time of words":           {"checklist,item,state,at\nchecklists/list,a,yes,yesterday\n", []string{"line 2: checklists/list, item a: at: want a time such as"}},
		"a note without an answer":  {"checklist,item,state,note\nchecklists/list,a,,why\n", []string{"line 2: checklists/list, item a: state: a note or evidence needs an answer"}},
		"a long row":                {"checklist,item,state\nchecklists/list,a,yes,x\n", []string{"line 2: checklists/list, item a: the row has more cells"}},
		"an unknown state in a CSV": {"checklist,item,state\n\"checklists/list\",a,\"may\nbe\"\nchecklists/list,b,nope\n", []string{"line 2: checklists/list, item a: state", "line 4: checklists/list, item b: state"}},
	} {
		if name == "time of words" {
			test.file = smallJSON(`"note": "why", "at": "2026-05-01T10:00:00Z"`, `"note": "why", "at": "May"`)
			test.want = []string{`line 19: checklists/list: want a time such as 2026-11-24T12:00:00Z, not "May"`}
		}
		d, problems := Read([]byte(test.file), now)
		for i, p := range problems.List {
			if i >= len(test.want) || !strings.Contains(p.String(), test.want[i]) {
				t.Errorf("%s: problem %q, want %q", name, p, test.want)
				break
			}
		}
		if len(problems.List) < len(test.want) {
			t.Errorf("%s: problems %q, want %q", name, problems.List, test.want)
		}
		if d == nil {
			t.Errorf("%s: no document", name)
		}
	}
}

func TestReadCSVNamesFewIgnoredColumns(t *testing.T) {
	t.Parallel()
	var head strings.Builder
	head.WriteString("checklist,item,state," + strings.Repeat("x", 1<<20))
	for i := range 10_000 {
		fmt.Fprintf(&head, ",column %d", i)
	}
	d, problems := Read([]byte(head.String()+"\nchecklists/list,a,yes\n"), now)
	size := len(strings.Join(d.ignored, ", "))
	if problems.Any() || size == 0 || size > 10_000 {
		t.Errorf("the ignored columns are told in %d bytes; problems %v", size, problems)
	}
}

func TestReadCSVCells(t *testing.T) {
	t.Parallel()
	d, problems := Read([]byte("Checklist;Item;State;Note;Evidence;Other;by\nchecklists/list;a; YES ;\"'=1\n2\";\"https://a.b/x y\nhttps://c.d\";?;'@x\n"), now)
	if problems.Any() || len(d.Checklists) != 1 || !reflect.DeepEqual(d.ignored, []string{"other"}) {
		t.Fatalf("%+v, %v", d, problems)
	}
	it := d.Checklists[0].Items[0]
	if it.State != content.Yes || it.Note != "=1\n2" || it.By != "@x" || it.At != nil || !reflect.DeepEqual(it.Evidence, []string{"https://a.b/x y", "https://c.d"}) {
		t.Errorf("item = %+v", it)
	}
}

// A file that would cost much to read is refused for its size, not read.
func TestReadRefusesHugeFiles(t *testing.T) {
	t.Parallel()
	item := `{"id":"a%d","state":"yes","at":"2026-05-01T10:00:00Z"},`
	var items strings.Builder
	for i := range maxRows + 1 {
		fmt.Fprintf(&items, item, i)
	}
	const head = `{"format":"opsbook/team","version":1,"checklists":[{"path":"checklists/list","items":[`
	for name, test := range map[string]struct {
		file, want string
	}{
		"too large":     {strings.Repeat("x", MaxSize+1), "more than 16 MB"},
		"many objects":  {head + strings.Repeat("{},", maxObjects) + "{}]}]}", tooMany},
		"many values":   {head + `{"evidence":["` + strings.Repeat(`","`, maxValues) + `"]}]}]}`, tooMany},
		"many items":    {head + strings.TrimSuffix(items.String(), ",") + "]}]}", tooMany},
		"many cells":    {"checklist,item,state\n" + strings.Repeat(",", maxValues), tooMany},
		"many rows":     {"checklist,item,state\n" + strings.Repeat("x,y,yes\n", maxRows+1), tooMany},
		"many lists":    {`{"format":"opsbook/team","version":1,"checklists":[{}` + strings.Repeat(`,{}`, maxLists) + "]}", "path"},
		"deep":          {strings.Repeat(`{"x":`, 100_000), "unknown field"},
		"many problems": {head + strings.Repeat(`{"id":"a"},`, 200) + "{}]}]}", "it stands twice"},
	} {
		_, problems := Read([]byte(test.file), now)
		if !problems.Any() || !strings.Contains(problems.List[0].Text, test.want) || len(problems.List) > MaxProblems {
			t.Errorf("%s: %d problems: %.3q", name, len(problems.List), problems.List[:min(3, len(problems.List))])
		}
	}
	if _, problems := Read([]byte(head+strings.Repeat(`{"id":"a"},`, 200)+"{}]}]}"), now); len(problems.List) != MaxProblems || problems.More != 100 {
		t.Errorf("%d problems and %d more", len(problems.List), problems.More)
	}
}

func TestProblemText(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Problem{"line 3: a, item b: wrong": {3, "a, item b", "wrong"}, "wrong": {Text: "wrong"}, "x: wrong": {Place: "x", Text: "wrong"}} {
		if got := p.String(); got != want {
			t.Errorf("%+v = %q", p, got)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(smallJSON("", "")))
	for _, text := range []string{`{"format":"opsbook/team","version":1,"checklists":[{"path":"checklists/list","items":[{"id":"a","log":[{}]}]}]}`, `{"texts":{"":""}}`, `{"a":[[[{}]]],"checklists":[null,5]}`, "{\"\xff\":1}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { readable(t, append([]byte("{"), data...)); readable(t, data) })
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{smallCSV, "checklist;item;state\n=1;\"a\n\";yes", "checklist\titem\tstate\tat\n'+a\tb\t\t2026-01-01", "\ufeffchecklist,item,state,note,evidence\na,b,no,\"'\r\n=x\",\"https://a.b x\n\""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		readable(t, append([]byte("checklist,item,state,note,evidence,at\n"), data...))
		readable(t, data)
	})
}

// readable reads a file: it is either good, and what it says survives being
// written and read again, or what is wrong with it is said.
func readable(t *testing.T, data []byte) {
	d, problems := Read(data, now)
	if problems.Any() {
		for _, p := range problems.List {
			if p.Text == "" || p.Line < 0 {
				t.Errorf("a problem that says nothing: %+v", p)
			}
		}
		return
	}
	write := d.WriteJSON
	if d.table {
		write = d.WriteCSV
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	again, problems := Read(b.Bytes(), now)
	if problems.Any() {
		t.Fatalf("written again: %v\n%s", problems.List, b.Bytes())
	}
	for i, l := range d.Checklists {
		for j, it := range l.Items {
			if got := again.Checklists[i].Items[j]; it.ID != got.ID || !alike(it.answer(), got.answer()) || !it.answer().At.Equal(got.answer().At) {
				t.Errorf("item %d of %s = %+v, want %+v", j, l.place(), got, it)
			}
		}
	}
}

func FuzzCells(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := unguard(guard(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
		if g := guard(text); g != "" && strings.ContainsAny(g[:1], "=+-@\t\r\n") {
			t.Errorf("%q runs", g)
		}
	})
}
