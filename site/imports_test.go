package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"opsbook/site/store"
	"opsbook/site/transfer"
)

// send posts a file to a team's import with further fields.
func (f *fixture) send(slug, file string, header []string, pairs ...string) answer {
	f.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			f.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "answers")
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := io.WriteString(part, file); err != nil {
		f.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.t.Fatal(err)
	}
	return f.do(http.MethodPost, "/-/teams/"+slug+"/import", &body, append([]string{"Content-Type", w.FormDataContentType()}, header...)...)
}

// database is a fingerprint of everything that is in the database.
func (f *fixture) database() string {
	f.t.Helper()
	h := sha256.New()
	for _, name := range []string{"opsbook.db", "opsbook.db-wal"} {
		data, err := os.ReadFile(filepath.Join(f.data, name))
		if err != nil {
			f.t.Fatal(err)
		}
		h.Write(data)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// applyFields are the hidden fields of the button on a page that shows a difference.
func applyFields(t *testing.T, page string) []string {
	t.Helper()
	var pairs []string
	for _, name := range []string{"upload", "base", "apply"} {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no field %s in\n%s", name, mainOf(page))
		}
		pairs = append(pairs, name, m[1])
	}
	return pairs
}

func TestExports(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.newTeam("Zahlung & Öl")
	const slug = "zahlung-öl"
	f.post("/-/name", "name", "Ada")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "note", "=1+1", "team", slug)
	f.now = f.now.AddDate(0, 0, 3)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "base", "1", "team", slug)
	f.plan(slug, "Do it", "2027-01-31")
	path := "/teams/zahlung-%C3%B6l/"
	for name, test := range map[string]struct {
		path, mediaType, file string
		want                  []string
	}{
		"JSON":          {"export.json", "application/json", "opsbook-zahlung--l-2026-11-27.json", []string{`"format": "opsbook/team"`, `"note": "=1+1"`, `"state": "yes"`, `"seq": 2`}},
		"JSON of a day": {"export.json?at=2026-11-24", "application/json", "opsbook-zahlung--l-2026-11-24.json", []string{`"at": "2026-11-24T23:59:59.999Z"`, `"state": "no"`}},
		"CSV":           {"export.csv", "text/csv; charset=utf-8", "opsbook-zahlung--l-2026-11-27.csv", []string{"\ufeffteam,checklist,", "checklists/list,,Part,a,A claim,1,yes,1,yes,"}},
		"CSV of a day":  {"export.csv?at=2026-11-24", "text/csv; charset=utf-8", "opsbook-zahlung--l-2026-11-24.csv", []string{",no,'=1+1,,Ada,"}},
		"Markdown":      {"export.md", "text/markdown; charset=utf-8", "opsbook-zahlung--l-2026-11-27.md", []string{"# Zahlung \\& Öl", "| A claim (must, Basic) | Yes |"}},
		"calendar":      {"actions.ics", "text/calendar; charset=utf-8", "opsbook-zahlung--l-actions-2026-11-27.ics", []string{"BEGIN:VCALENDAR\r\n", "SUMMARY:Do it\r\n", "URL:http://"}},
		"actions":       {"actions.csv", "text/csv; charset=utf-8", "opsbook-zahlung--l-actions-2026-11-27.csv", []string{",Do it,"}},
	} {
		got := f.get(path + test.path)
		h := got.Header
		if got.StatusCode != 200 || h.Get("Content-Type") != test.mediaType || h.Get("Content-Disposition") != `attachment; filename="`+test.file+`"` {
			t.Errorf("%s: %d, %s, %s", name, got.StatusCode, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		for _, want := range test.want {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: no %q in\n%.2000s", name, want, got.body)
			}
		}
	}
	for path, code := range map[string]int{"/teams/nobody/export.json": 404, "/teams/nobody/import": 404, path + "export.json?at=soon": 422, path + "actions.ics?at=soon": 422, path + "export.xml": 404} {
		if got := f.get(path); got.StatusCode != code {
			t.Errorf("%s = %d, want %d", path, got.StatusCode, code)
		}
	}
	f.post("/-/teams/zahlung-%C3%B6l/profile", "name", "Oil", "base", "1")
	if got := f.get(path + "export.csv?at=2026-11-24"); got.StatusCode != 308 || got.Header.Get("Location") != "/teams/oil/export.csv?at=2026-11-24" {
		t.Errorf("by the old name: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	f.post("/-/teams/oil/profile", "archived", "yes", "base", "2")
	f.wants("/teams/oil/export.json", `"archived": true`)
	if page := f.wants("/teams/oil/settings", "Export and import", "/teams/oil/export.json"); strings.Contains(page, "/teams/oil/import") {
		t.Error("an archived team is offered an import")
	}
}

// plan gives a team an action.
func (f *fixture) plan(slug, title, due string) {
	f.t.Helper()
	team, err := f.store.TeamAt(f.t.Context(), slug)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.store.PutAction(f.t.Context(), team.ID, "", 0, task(title, due), f.now, "Ada"); err != nil {
		f.t.Fatal(err)
	}
}

func TestImportShowsThenImports(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	from, to := f.newTeam("From"), f.newTeam("To")
	f.post("/-/name", "name", "Ada")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", from)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "<b>seen</b>", "base", "1", "team", from)
	f.post("/-/answers", "checklist", "per", "item", "s", "subject", "cpu", "state", "2", "team", from)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "no", "team", from)
	f.plan(from, "Do it", "2027-01-31")
	file := f.get("/teams/from/export.json").body
	f.now = f.now.AddDate(0, 0, 1)
	f.post("/-/answers", "checklist", "list", "item", "b", "state", "partly", "team", to)
	f.wants("/teams/to/settings", `href="/teams/to/import"`, `href="/teams/to/export.json"`)
	f.wants("/teams/to/import", `enctype="multipart/form-data"`)

	before := f.database()
	look := f.send(to, file, nil)
	if look.StatusCode != 200 || f.database() != before {
		t.Fatalf("a look = %d, or it changed something\n%s", look.StatusCode, mainOf(look.body))
	}
	for _, want := range []string{"2 items are new", "0 items change", "1 item stays, because yours is newer", "A claim", "with 1 earlier answer", "&lt;b&gt;seen&lt;/b&gt;", "good", "· cpu", "New actions: Do it", "Import 3 answers, 1 action", "What stays"} {
		if !strings.Contains(look.body, want) {
			t.Errorf("no %q in\n%s", want, mainOf(look.body))
		}
	}
	fields := applyFields(t, look.body)
	got := f.post("/-/teams/to/import", fields...)
	if got.StatusCode != 303 || got.Header.Get("Location") != "/teams/to?imported=4" {
		t.Fatalf("%d to %s\n%s", got.StatusCode, got.Header.Get("Location"), mainOf(got.body))
	}
	f.wants("/teams/to?imported=4", "Imported: 4 answers, actions and targets.")
	if a, _, _ := f.state("list", "a", "?team=to"); a.State != "yes" || a.Seq != 2 || a.By != "Ada" || a.Note != "<b>seen</b>" || !a.At.Equal(f.now.AddDate(0, 0, -1)) {
		t.Errorf("imported: %+v", a)
	}
	if b, _, _ := f.state("list", "b", "?team=to"); b.State != "partly" {
		t.Errorf("a newer answer was replaced: %+v", b)
	}
	f.wants("/checklists/list?team=to&saved=a", "Yes")
	if got := f.post("/-/teams/to/import", fields...); got.Header.Get("Location") != "/teams/to?imported=4" {
		t.Errorf("sent twice: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	f.wants("/teams/to?imported=0", "Nothing had to be imported")
	if again := f.send(to, file, nil); !strings.Contains(again.body, "Nothing would change") || strings.Contains(again.body, `name="upload"`) {
		t.Errorf("the same again:\n%s", mainOf(again.body))
	}
	if page := f.get("/teams/to?imported=x").body; strings.Contains(page, "mported") {
		t.Error("a made-up number is shown")
	}
}

func TestImportOfATable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.post("/-/name", "name", "Ada")
	look := f.send(slug, "\ufeffChecklist;Item;State;Note;Mine\r\nchecklists/list;a;Yes;'=1+1;x\r\nchecklists/list;b;;;\r\n", nil)
	if !strings.Contains(look.body, "were not read: mine") || !strings.Contains(look.body, "now") || !strings.Contains(look.body, "=1+1</td>") {
		t.Errorf("look = %d\n%s", look.StatusCode, mainOf(look.body))
	}
	f.now = f.now.Add(time.Minute)
	if got := f.post("/-/teams/t/import", applyFields(t, look.body)...); got.Header.Get("Location") != "/teams/t?imported=1" {
		t.Fatalf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.State != "yes" || a.By != "Ada" || a.Note != "=1+1" || !a.At.Equal(f.now) {
		t.Errorf("imported: %+v", a)
	}
	if b, _, _ := f.state("list", "b", "?team=t"); b.Seq != 0 {
		t.Errorf("an empty row became %+v", b)
	}
}

func TestImportConflict(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	look := f.send(slug, "checklist,item,state,at\nchecklists/list,a,yes,2026-11-20\nchecklists/list,b,no,2026-11-20\n", nil)
	fields := applyFields(t, look.body)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "partly", "team", slug)
	before := f.database()
	got := f.post("/-/teams/t/import", fields...)
	if got.StatusCode != 409 || f.database() != before || !strings.Contains(got.body, "meanwhile") || !strings.Contains(got.body, "1 item is new") || !strings.Contains(got.body, "Partly") {
		t.Fatalf("%d, or it wrote\n%s", got.StatusCode, mainOf(got.body))
	}
	if got := f.post("/-/teams/t/import", applyFields(t, got.body)...); got.StatusCode != 303 {
		t.Errorf("after looking again: %d\n%s", got.StatusCode, mainOf(got.body))
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.State != "partly" {
		t.Errorf("a = %+v", a)
	}
	if b, _, _ := f.state("list", "b", "?team=t"); b.State != "no" {
		t.Errorf("b = %+v", b)
	}
}

func TestImportRefusesBadFiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug, other, old := f.newTeam("T"), f.newTeam("Other"), f.newTeam("Old")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "team", slug)
	f.post("/-/teams/old/profile", "archived", "yes", "base", "1")
	whole := f.get("/teams/t/export.json").body
	waiting := applyFields(t, f.send(other, whole, nil).body)
	f.now = f.now.Add(time.Minute)
	before := f.database()
	for name, test := range map[string]struct {
		got  answer
		code int
		want string
	}{
		"truncated":            {f.send(slug, whole[:len(whole)/2], nil), 422, "ends too early"},
		"another version":      {f.send(slug, strings.Replace(whole, `"version": 1`, `"version": 7`, 1), nil), 422, "line 3: version: 7 is newer than this program"},
		"another format":       {f.send(slug, `{"format": "x"}`, nil), 422, "no export of a team"},
		"rows twice":           {f.send(slug, "checklist,item,state\nchecklists/list,a,no\nchecklists/list,a,yes\n", nil), 422, "line 3: checklists/list, item a: it stands twice, first in line 2"},
		"everything wrong":     {f.send(slug, "checklist,item,state,at\nnone,a,no,\nchecklists/list,z,yes,\nchecklists/list,a,na,\nchecklists/list,b,<i>,May\nchecklists/anon,q,yes,\n", nil), 422, "item b: at: want a time"},
		"nothing is done":      {f.send(slug, "checklist,item,state\nchecklists/list,b,no\nchecklists/list,z,no\n", nil, "apply", "yes"), 422, "List has no such item"},
		"empty":                {f.send(slug, "", nil), 422, "the file is empty"},
		"not UTF-8":            {f.send(slug, "checklist,item,state\n\xff", nil), 422, "not UTF-8"},
		"huge":                 {f.send(slug, strings.Repeat("x", transfer.MaxSize+maxForm), nil), 413, "larger than 16 MB"},
		"very huge":            {f.send(slug, strings.Repeat("x", 3*transfer.MaxSize), nil), 413, "larger than 16 MB"},
		"a little too large":   {f.send(slug, strings.Repeat("x", transfer.MaxSize+1), nil), 422, "more than 16 MB"},
		"no file":              {f.do("POST", "/-/teams/t/import", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"apply\"\r\n\r\nno\r\n--x--\r\n"), "Content-Type", "multipart/form-data; boundary=x"), 422, "choose one file"},
		"no boundary":          {f.do("POST", "/-/teams/t/import", strings.NewReader("x"), "Content-Type", "multipart/form-data"), 400, "cannot be read"},
		"broken form":          {f.do("POST", "/-/teams/t/import", strings.NewReader("--x\r\nno"), "Content-Type", "multipart/form-data; boundary=x"), 400, "cannot be read"},
		"another media type":   {f.do("POST", "/-/teams/t/import", strings.NewReader(whole), "Content-Type", "application/json"), 415, "multipart/form-data"},
		"no media type":        {f.do("POST", "/-/teams/t/import", strings.NewReader(whole)), 415, "multipart/form-data"},
		"apply perhaps":        {f.send(slug, whole, nil, "apply", "perhaps"), 422, "perhaps"},
		"a field of no text":   {f.send(slug, whole, nil, "apply", "\xff"), 400, "apply is not text"},
		"unknown team":         {f.send("nobody", whole, nil), 404, "no team"},
		"archived team":        {f.send(old, whole, nil), 422, "archived"},
		"another team's file":  {f.post("/-/teams/t/import", waiting...), 422, "send it again"},
		"a file that is gone":  {f.post("/-/teams/t/import", "upload", "x", "base", "y", "apply", "yes"), 422, "send it again"},
		"a file of nothing":    {f.post("/-/teams/t/import"), 422, "send it again"},
		"from another site":    {f.send(slug, whole, []string{"Origin", "https://evil.example"}), 403, "another site"},
		"by a wrong method":    {f.do("PUT", "/-/teams/t/import", nil), 405, ""},
		"for a program":        {f.send(slug, "checklist,item,state\nchecklists/list,z,no\n", []string{"Accept", "application/json"}), 422, `"place":"checklists/list, item z"`},
		"no file of a program": {f.post("/-/teams/t/import", "upload", "x"), 422, "send it again"},
	} {
		if test.got.StatusCode != test.code || !strings.Contains(test.got.body, test.want) {
			t.Errorf("%s = %d, want %d and %q in\n%.1500s", name, test.got.StatusCode, test.code, test.want, mainOf(test.got.body))
		}
	}
	if f.database() != before {
		t.Error("a refused file changed the database")
	}
	all := f.send(slug, "checklist,item,state,at\nnone,a,no,\nchecklists/list,z,yes,\nchecklists/list,a,na,\nchecklists/list,b,<i>,May\nchecklists/anon,q,yes,\n", nil).body
	for _, want := range []string{"none: there is no such checklist", "item z: List has no such item", "item a: note: say why", "not &#34;&lt;i&gt;&#34;", "a survey is answered"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, mainOf(all))
		}
	}
	if got := f.post("/-/teams/other/import", waiting...); got.StatusCode != 303 {
		t.Errorf("the file that waits for its own team: %d", got.StatusCode)
	}
}

func TestImportForPrograms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	type result struct {
		Counts  map[string]int
		Rows    int
		Base    string
		Applied bool
		Changes []struct {
			Item, Change string
			Before       *struct{ State string }
			After        struct{ State string }
		}
		Problems struct{ List []struct{ Line int } }
	}
	send := func(file string, code int, pairs ...string) (out result) {
		t.Helper()
		got := f.send(slug, file, []string{"Accept", "application/json"}, pairs...)
		if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.StatusCode != code {
			t.Fatalf("%d %s, %v", got.StatusCode, got.body, err)
		}
		return out
	}
	const file = "checklist,item,state,at\nchecklists/list,a,yes,2026-11-20\n"
	look := send(file, 200, "apply", "no")
	if look.Applied || look.Rows != 1 || look.Counts["new"] != 1 || len(look.Changes) != 1 || look.Changes[0].Before != nil || look.Changes[0].After.State != "yes" {
		t.Errorf("look = %+v", look)
	}
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", slug)
	if stale := send(file, 409, "apply", "yes", "base", look.Base); stale.Applied || stale.Counts["kept"] != 1 {
		t.Errorf("stale = %+v", stale)
	}
	f.now = f.now.AddDate(0, 0, 1)
	if done := send("checklist,item,state,at\nchecklists/list,a,yes,2026-11-25\n", 200, "apply", "yes"); !done.Applied || done.Counts["changed"] != 1 || done.Changes[0].Before.State != "no" {
		t.Errorf("done = %+v", done)
	}
	if a, _, _ := f.state("list", "a", "?team=t"); a.State != "yes" {
		t.Errorf("a = %+v", a)
	}
}

func TestFilesAreReadAFewAtATime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	for range maxImporting {
		f.importing <- struct{}{}
	}
	if got := f.send(slug, "x", nil); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
		t.Errorf("while others are read: %d", got.StatusCode)
	}
	<-f.importing
	if got := f.send(slug, "x", nil); got.StatusCode != 422 {
		t.Errorf("afterwards: %d", got.StatusCode)
	}
}

func TestUploadsAreBounded(t *testing.T) {
	t.Parallel()
	var u uploads
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	has := func(team, id string, at time.Time) bool {
		_, ok := u.find(team, id, at)
		return ok
	}
	first := u.keep("t", []byte("one"), now)
	if f, ok := u.find("t", first, now); !ok || string(f.data) != "one" || has("other", first, now) || has("t", "x", now) {
		t.Error("a file is not found, or by others")
	}
	u.done(first, 7)
	if f, _ := u.find("t", first, now); f.data != nil || f.entries != 7 {
		t.Errorf("an imported file is %+v", f)
	}
	if !has("t", first, now.Add(uploadAge)) || has("t", first, now.Add(uploadAge+time.Second)) {
		t.Error("a file does not wait for as long as it is said")
	}
	var ids []string
	for range maxUploads + 1 {
		ids = append(ids, u.keep("t", []byte("x"), now))
	}
	if has("t", ids[0], now) || !has("t", ids[1], now) || len(u.files) != maxUploads {
		t.Errorf("%d files wait", len(u.files))
	}
	large := u.keep("t", make([]byte, maxUploadBytes), now)
	if len(u.files) != 1 || !has("t", large, now) {
		t.Errorf("%d files wait beside a large one", len(u.files))
	}
	if u.sweep(now.Add(time.Hour)); len(u.files) != 0 {
		t.Errorf("%d files wait after an hour", len(u.files))
	}
}

// task is an action that is to be done by a day.
func task(title, due string) store.Task {
	return store.Task{Title: title, Due: due, State: store.ActionOpen}
}
