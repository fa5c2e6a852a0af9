package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"opsbook/site/transfer"
)

// answersJSON is an export of a team that has answered one item twice.
const answersJSON = `{"format": "opsbook/team", "version": 1, "team": {"name": "Payments", "description": "Cards.", "groups": ["Shop"]}, "checklists": [
	{"path": "checklists/team-foundations", "items": [{"id": "service-owner", "state": "yes", "by": "Ada", "at": "2026-05-02T10:00:00Z", "seq": 2, "log": [
		{"state": "no", "at": "2026-05-01T10:00:00Z", "seq": 1}, {"state": "yes", "by": "Ada", "at": "2026-05-02T10:00:00Z", "seq": 2}]}]}],
	"actions": [{"id": "A1", "title": "Do it", "state": "open", "at": "2026-05-01T10:00:00Z"}]}`

func TestExportAndImport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "answers.json")
	writeFile(t, file, answersJSON)
	runs := func(want, fail string, args ...string) string {
		t.Helper()
		out, err := runFor(t, map[string]string{"OPSBOOK_DATA": data}, args...)
		if fail == "" && err != nil || fail != "" && (err == nil || !strings.Contains(err.Error(), fail)) || !strings.Contains(out, want) {
			t.Errorf("%q: %v, want %q and %q in\n%.2000s", args, err, fail, want, out)
		}
		return out
	}
	runs("", "there is no database", "export", "--team", "pay")
	runs("", "there is no database", "import", "--team", "pay", file)
	if _, err := os.Stat(data); err == nil {
		t.Error("looking for a database made a folder")
	}
	runs("", "small letters", "import", "--create", "--team", "Pay Ments", file)
	runs("new      checklists/team-foundations, item service-owner: Not answered → Yes\nnew      action: Do it\nItems: 1 new", "", "import", "--create", "--team", "pay", "--dry-run", file)
	runs("", "no such team", "export", "--team", "pay")
	runs("Imported into pay.", "", "import", "--create", "--team", "pay", file)
	runs("1 the same", "", "import", "--team", "pay", file)

	var d transfer.Document
	if err := json.Unmarshal([]byte(runs("", "", "export", "--team", "pay")), &d); err != nil {
		t.Fatal(err)
	}
	if d.Team.Name != "Payments" || d.Team.Groups[0] != "Shop" || len(d.Checklists) != 1 || len(d.Checklists[0].Items[0].Log)+len(d.Checklists[0].Items) < 3 || len(d.Actions) != 1 || d.Actions[0].ID != "A1" {
		t.Errorf("exported: %+v", d)
	}
	runs(",service-owner,", "", "export", "--team", "pay", "--format", "csv")
	runs("# Payments\n", "", "export", "--team", "pay", "--format", "md", "--at", "2026-05-01")
	if past := runs("", "", "export", "--team", "pay", "--at", "2026-05-01"); !strings.Contains(past, `"state": "no"`) || strings.Contains(past, `"state": "yes"`) {
		t.Error("the past is not what it was")
	}

	table := filepath.Join(dir, "answers.csv")
	writeFile(t, table, "checklist,item,state,mine\nchecklists/team-foundations,service-owner,partly,x\n")
	runs("changed  checklists/team-foundations, item service-owner: Yes → Partly\nColumns that mean nothing here: mine.\n", "", "import", "--team", "pay", table)
	runs("", "only a JSON", "import", "--create", "--team", "new", table)
	writeFile(t, table, "checklist,item,state\nchecklists/team-foundations,service-owner,maybe\nnone,a,yes\n")
	runs(table+": line 2: checklists/team-foundations, item service-owner: state: want yes", "reported", "import", "--team", "pay", table)
	runs(table+": line 3: none: there is no such checklist here\nNothing is imported", "reported", "import", "--team", "pay", "--dry-run", table)
	runs("item service-owner: Not answered", "", "import", "--team", "pay2", "--create", file)

	runs("", "which team", "export")
	runs("", "want json, csv or md", "export", "--team", "pay", "--format", "xml")
	runs("", "--at: want a day", "export", "--team", "pay", "--at", "May")
	runs("", "takes no arguments", "export", "--team", "pay", "x")
	runs("", "import which file", "import", "--team", "pay")
	runs("", "no such file", "import", "--team", "pay", filepath.Join(dir, "none"))
	runs("", "no such team", "import", "--team", "nobody", file)
	runs("", "--content", "export", "--team", "pay", "--library=false")
}

// The commands work beside a server that has the database open.
func TestImportBesideAServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "answers.json")
	writeFile(t, file, answersJSON)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lockedBuffer{lines: make(chan string, 10)}
	done := make(chan error, 1)
	env := map[string]string{"OPSBOOK_LISTEN": "127.0.0.1:0", "OPSBOOK_DATA": data}
	go func() {
		done <- run(ctx, nil, out, &lockedBuffer{lines: make(chan string, 100)}, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	}()
	address := regexp.MustCompile(`http://[^:]+:\d+`).FindString(<-out.lines)
	if _, err := runFor(t, nil, "import", "--data", data, "--team", "pay", "--create", file); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(address + "/teams/pay/export.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var d transfer.Document
	if err := json.NewDecoder(resp.Body).Decode(&d); err != nil || d.Checklists[0].Answered != 1 {
		t.Errorf("the server exports %+v, %v", d, err)
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("serve ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("serve did not end")
	}
}
