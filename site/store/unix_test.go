//go:build unix

package store

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// runChild runs the test once more in a process of its own, whose limits and
// rights it may change.
func runChild(t *testing.T, folder string) {
	t.Parallel()
	if output, err := child(t, folder).Output(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// A limit on the size of files stands in for a failing disk: writes stop in the
// middle of a page.
func TestFailingWritesAreLikeAFullDisk(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		runChild(t, t.TempDir())
		return
	}
	s := openTest(t, dir)
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	unlimited := limit.Cur
	limit.Cur = 1_000_000 - 1234
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	n := appendUntilFull(t, s)
	limit.Cur = unlimited
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, n)
	checkLog(t, s)
}

func TestFolderWithoutWriteAccess(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "read-only")
		if err := os.Mkdir(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		runChild(t, dir)
		return
	}
	dropRoot(t)
	for _, dir := range []string{dir, filepath.Join(dir, "new")} {
		_, err := Open(t.Context(), dir)
		if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("open %s: %v; want the folder's name and the reason", dir, err)
		}
	}
}

func TestDatabaseWithoutWriteAccess(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		dir = t.TempDir()
		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		mustAppend(t, s, newAnswer("a", "yes"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for name, mode := range map[string]os.FileMode{fileName: 0o444, "": 0o555} {
			if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
				t.Fatal(err)
			}
		}
		runChild(t, dir)
		return
	}
	dropRoot(t)
	_, err := Open(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, fileName)) {
		t.Errorf("error %v, want one that names the file", err)
	}
	t.Log(err)
}

// dropRoot gives up root's right to write everywhere.
func dropRoot(t *testing.T) {
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	if err := syscall.Setgid(nobody); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setuid(nobody); err != nil {
		t.Fatal(err)
	}
}

func TestReplacedDatabaseIsNoticed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir)
	mustAppend(t, s, newAnswer("a", "yes"))
	file := filepath.Join(dir, fileName)
	for _, replace := range []func() error{
		func() error { return os.Rename(file, file+".old") },
		func() error { return os.WriteFile(file, nil, 0o600) },
	} {
		if err := replace(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AppendAnswer(t.Context(), newAnswer("b", "yes")); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("append: %v, want an error that names the file", err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("ping: all is well")
		}
	}
}
