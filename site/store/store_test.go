package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"opsbook/content"
)

func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newAnswer returns a valid answer that may be appended to an empty log.
func newAnswer(item string, state content.State) NewAnswer {
	return NewAnswer{
		Key:      Key{Owner: "t:0", Checklist: "checklists/0"},
		Item:     item,
		State:    state,
		At:       time.UnixMilli(1_800_000_000_000),
		By:       "Ada",
		TextHash: "9f86d081884c7d659a2feaa0c55ad015",
		Text:     "Every page leads to a human action",
	}
}

func mustAppend(t testing.TB, s *Store, n NewAnswer) content.Answer {
	t.Helper()
	a, err := s.AppendAnswer(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// writerPragma runs a pragma on the one connection that writes.
func writerPragma(t testing.TB, s *Store, pragma string) (value string) {
	t.Helper()
	if err := s.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&value); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return value
}

func TestOpenMakesPrivateFolderAndFile(t *testing.T) {
	t.Parallel()
	// A name that would end, or decode differently, in an unescaped data source name.
	dir := filepath.Join(t.TempDir(), "new", "100%25 dé?mode=memory#x")
	s := openTest(t, dir)
	mustAppend(t, s, newAnswer("a", content.Yes))
	for name, want := range map[string]os.FileMode{"": 0o700, fileName: 0o600, fileName + "-wal": 0o600, fileName + "-shm": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %q = %o, want %o", name, got, want)
		}
	}
}

func TestConnectionsHaveTheirPragmas(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "5000"} {
		if got := writerPragma(t, s, pragma); got != want {
			t.Errorf("PRAGMA %s = %s, want %s", pragma, got, want)
		}
	}
	if _, err := s.readers.Exec("DELETE FROM answers"); err == nil {
		t.Error("a reader could delete answers")
	}
	if _, err := s.readers.Exec("PRAGMA query_only(0); DELETE FROM answers"); err == nil {
		t.Error("a reader could make itself a writer")
	}
}

func TestCloseLeavesOneCompleteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := mustAppend(t, s, newAnswer("a", content.Yes))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AppendAnswer(t.Context(), newAnswer("b", content.Yes)); err == nil {
		t.Error("a closed store took an answer")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("after Close the folder holds %v, %v; want one file", files, err)
	}
	answers, err := openTest(t, dir).Answers(t.Context(), newAnswer("a", "").Key, time.Time{})
	if err != nil || len(answers) != 1 || answers["a"].At != want.At {
		t.Errorf("reopened: answers %v, %v; want %v", answers, err, want)
	}
}

// Servers that start and stop on one folder at the same time, as in a rolling
// restart, the first of them on an empty folder.
func TestManyOpenAndCloseOneFolderAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for server := range 6 {
			wg.Go(func() {
				for restart := range 3 {
					s, err := Open(t.Context(), dir)
					if err != nil {
						t.Error(err)
						return
					}
					if _, err := s.AppendAnswer(t.Context(), newAnswer(fmt.Sprint(server, restart), content.Yes)); err != nil {
						t.Error(err)
					}
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		s := openTest(t, dir)
		checkLog(t, s)
		if answers, err := s.Answers(t.Context(), newAnswer("", "").Key, time.Time{}); err != nil || len(answers) != 18 {
			t.Errorf("%d answers, %v; want 18", len(answers), err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	for name, test := range map[string]struct {
		prepare func(dir string) error
		want    string
	}{
		"not a database":       {write(fileName, strings.Repeat("# My notes\n", 1000)), "damaged or not a database"},
		"damaged database":     {overwriteSchema, "damaged or not a database"},
		"another program's":    {anotherProgram, "another program's database"},
		"lost database":        {write(fileName+"-wal", "frames"), "the database is lost"},
		"a folder in its name": {func(dir string) error { return os.Mkdir(filepath.Join(dir, fileName), 0o700) }, "must be a file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := test.prepare(dir); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, fileName)
			_, err := Open(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), file) != 1 {
				t.Errorf("error %v; want one that contains %q and names %s once", err, test.want, file)
			}
		})
	}
}

func overwriteSchema(dir string) error {
	s, err := Open(context.Background(), dir)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strings.Repeat("x", 3000)), 100) // after the header, which stays good
	return errors.Join(err, f.Close())
}

func anotherProgram(dir string) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		return err
	}
	_, err = db.Exec("CREATE TABLE bookmarks (url TEXT)")
	return errors.Join(err, db.Close())
}

func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), filepath.Join(file, "data"))
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names %s", err, file)
	}
}

func TestMigrationsKeepWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	want := mustAppend(t, s, newAnswer("a", content.Yes))

	more := append(migrations(),
		"CREATE TABLE novelties (id TEXT PRIMARY KEY); ALTER TABLE answers ADD COLUMN round TEXT NOT NULL DEFAULT '';",
		"CREATE TABLE oddities (id TEXT PRIMARY KEY);")
	newer, err := open(t.Context(), dir, more)
	if err != nil {
		t.Fatal(err)
	}
	defer newer.Close()
	answers, err := newer.Answers(t.Context(), newAnswer("a", "").Key, time.Time{})
	if err != nil || answers["a"].At != want.At {
		t.Errorf("after the migration: answers %v, %v; want %v", answers, err, want)
	}
	if _, err := newer.readers.Exec("SELECT count(*) FROM novelties, oddities"); err != nil {
		t.Error(err)
	}

	// The program that was running before must not write what it does not understand.
	if _, err := s.AppendAnswer(t.Context(), newAnswer("b", content.Yes)); !errors.Is(err, ErrNewer) {
		t.Errorf("append by the older program: %v, want ErrNewer", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("ping by the older program: %v, want ErrNewer", err)
	}
	_, err = Open(t.Context(), dir)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), fmt.Sprintf("version %d", len(more))) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("open by an older program: %v, want ErrNewer with the version and what to do", err)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := append(migrations(), "CREATE TABLE novelties (id TEXT PRIMARY KEY); CREATE TABLE answers (id TEXT);")
	if _, err := open(t.Context(), dir, bad); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("migration %04d", len(bad))) {
		t.Errorf("error %v, want one that names the migration", err)
	}
	s := openTest(t, dir)
	if _, err := s.readers.Exec("SELECT 1 FROM novelties"); err == nil {
		t.Error("half of the failed migration is there")
	}
	mustAppend(t, s, newAnswer("a", content.Yes))
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	names, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if want := fmt.Sprintf("%04d.sql", i+1); name.Name() != want {
			t.Errorf("migration %d is called %s, want %s", i+1, name.Name(), want)
		}
	}
	if got := len(migrations()); got != len(names) {
		t.Errorf("%d migrations are used, want %d", got, len(names))
	}
}

func TestLockedByAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	writerPragma(t, s, "busy_timeout(1)")
	other := openTest(t, dir)
	tx, err := other.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AppendAnswer(t.Context(), newAnswer("a", content.Yes)); !errors.Is(err, ErrBusy) {
		t.Errorf("append under another program's lock: %v, want ErrBusy", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping under another program's lock: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, newAnswer("a", content.Yes))
}
