package site

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"opsbook/content"
	"opsbook/site/store"
)

func TestSnapshotOutlivesAnswersAndWordings(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	slug := f.newTeam("T")
	f.wants("/teams/t/snapshots", "There is no snapshot yet")
	f.post("/-/name", "name", "Ada")
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "yes", "note", "seen in May", "evidence", "https://example.com/log", "team", slug)
	f.post("/-/answers", "checklist", "per", "item", "s", "state", "2", "subject", "CPU high", "team", slug)
	got := f.post("/-/teams/t/snapshots", "name", "Q3 review")
	path := got.Header.Get("Location")
	if got.StatusCode != 303 || !strings.HasPrefix(path, "/teams/t/snapshots/") {
		t.Fatalf("%d to %s\n%s", got.StatusCode, path, mainOf(got.body))
	}
	before := mainOf(f.wants(path, "Q3 review", "A claim", "seen in May", "https://example.com/log", "Ada", "50%", "1, Basic", "CPU high", "good"))
	f.now = f.now.AddDate(0, 6, 0)
	f.post("/-/answers", "checklist", "list", "item", "a", "state", "no", "team", slug, "base", "1")
	f.write("checklists/list.md", strings.Replace(pages["checklists/list.md"], "A claim", "Another claim", 1))
	if err := f.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := mainOf(f.get(path).body); after != before {
		t.Errorf("the snapshot changed from\n%s\nto\n%s", before, after)
	}
	file := f.get(path + "/export.json")
	sum := sha256.Sum256([]byte(file.body))
	if name := `filename="opsbook-t-snapshot-2026-11-24.json"`; !strings.Contains(file.Header.Get("Content-Disposition"), name) {
		t.Errorf("half a year later it is saved as %s, want %s", file.Header.Get("Content-Disposition"), name)
	}
	hash := hex.EncodeToString(sum[:])
	if !strings.Contains(before, hash) {
		t.Errorf("the document has the hash %s, which the page does not show", hash)
	}
	f.wants("/teams/t/snapshots", "Q3 review", hash[:12])
	if page := f.get("/teams/t/snapshots?at=2026-11-23").body; strings.Contains(page, "Q3 review") {
		t.Error("a snapshot is listed before it was taken")
	}
	got = f.post("/-/teams/t/snapshots", "name", "Then", "day", "2026-11-24")
	f.wants(got.Header.Get("Location"), "Another claim", "seen in May", "reworded")
	for _, bad := range [][]string{{"name", ""}, {"name", strings.Repeat("n", 81)}, {"name", "x", "day", "soon"}, {"name", "x", "day", "2999-01-01"}} {
		if got := f.post("/-/teams/t/snapshots", bad...); got.StatusCode != 422 {
			t.Errorf("%.40q = %d", bad, got.StatusCode)
		}
	}
	if got := f.get("/teams/t/snapshots/none"); got.StatusCode != 404 {
		t.Errorf("an unknown snapshot = %d", got.StatusCode)
	}
	f.newTeam("Other")
	if got := f.get(strings.Replace(path, "/t/", "/other/", 1)); got.StatusCode != 404 {
		t.Errorf("another team's snapshot = %d", got.StatusCode)
	}
}

func TestSnapshotsHaveALimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	team, err := f.store.TeamAt(t.Context(), f.newTeam("T"))
	if err != nil {
		t.Fatal(err)
	}
	note := strings.Repeat("界", content.MaxNote)
	var batch []store.NewAnswer
	for i := range store.MaxSnapshot/len(note) + 1 {
		key := store.Key{Owner: team.Owner(), Checklist: "checklists/per", Subject: fmt.Sprint("alert ", i)}
		batch = append(batch, store.NewAnswer{Key: key, Item: "s", State: "2", Note: note, At: f.now, TextHash: "h", Text: "S"})
	}
	if err := f.store.AppendAnswers(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	f.posts(413, "/-/teams/t/snapshots", "a snapshot keeps at most 16 MiB. Export them instead", "name", "All")
	f.wants("/teams/t/snapshots", "There is no snapshot yet")
}
