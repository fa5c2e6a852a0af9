package main

import (
	"bytes"
	"context"
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// arrows are the packages that each package may import, of ours and of those
// that live in one place only.
var arrows = map[string][]string{
	".ci":              {},
	".":                {"opsbook/content", "opsbook/search", "opsbook/site", "opsbook/site/store", "opsbook/site/transfer"},
	"content":          {"opsbook/content/markdown", "github.com/yuin/goldmark"},
	"content/markdown": {"github.com/yuin/goldmark"},
	"search":           {"opsbook/content", "github.com/blevesearch"},
	"static":           {},
	"templates":        {"opsbook/content"},
	"site":             {"opsbook/content", "opsbook/search", "opsbook/site/store", "opsbook/site/transfer", "opsbook/static", "opsbook/templates"},
	"site/store":       {"opsbook/content", "database/sql", "modernc.org/sqlite"},
	"site/transfer":    {"opsbook/content", "opsbook/site/store"},
}

// guarded are import paths that only some packages may use.
var guarded = []string{"opsbook/", "database/sql", "modernc.org/sqlite", "github.com/blevesearch", "github.com/yuin/goldmark"}

func TestImports(t *testing.T) {
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		allowed, known := arrows[dir]
		if !known {
			t.Errorf("%s: the package %s is not in the list of arrows", name, dir)
		}
		for _, imp := range file.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			within := func(root string) bool {
				return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
			}
			if slices.ContainsFunc(guarded, within) && !slices.ContainsFunc(allowed, within) {
				t.Errorf("%s imports %s, which %s may not", name, path, dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// runFor runs the program and returns what it wrote.
func runFor(t *testing.T, env map[string]string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = run(t.Context(), args, &out, &log, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	return out.String(), err
}

func TestCommands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want string // in what is written
		fail string // in the error; empty: none
	}{
		{"version", nil, []string{"version"}, " pages\n", ""},
		{"help", nil, []string{"help"}, "OPSBOOK_BASE_URL", ""},
		{"help of a command", nil, []string{"check", "-h"}, "-format", ""},
		{"unknown command", nil, []string{"bake"}, "", `no command "bake"`},
		{"unknown flag", nil, []string{"serve", "--colour"}, "", "-colour"},
		{"bad value", nil, []string{"serve", "--library=perhaps"}, "", "library"},
		{"bad value in the environment", map[string]string{"OPSBOOK_LIBRARY": "perhaps"}, []string{"serve"}, "", "OPSBOOK_LIBRARY"},
		{"unknown environment", map[string]string{"OPSBOOK_PORT_80_TCP": "x"}, []string{"version"}, "opsbook", ""},
		{"nothing to serve", nil, []string{"serve", "--library=false"}, "", "--content"},
		{"bad base URL", nil, []string{"serve", "--data", t.TempDir(), "--base-url", "ftp://x"}, "", "base URL"},
		{"missing folder", nil, []string{"check", "testdata/nowhere"}, "", "nowhere"},
		{"auth that is not built", nil, []string{"serve", "--auth", "magic"}, "", "--auth magic"},
		{"check of the library", nil, []string{"check"}, " 0 errors", ""},
		{"search", nil, []string{"search", "disk", "full", "--limit", "3"}, "opsbook read playbooks/disk-full", ""},
		{"search finds nothing", nil, []string{"search", "xyzzyqwv"}, "Nothing found", "reported"},
		{"search without words", nil, []string{"search"}, "", "search for what"},
		{"read", nil, []string{"read", "/playbooks/disk-full.md"}, "# Disk", ""},
		{"read what is not there", nil, []string{"read", "playbooks/nothing"}, "", "there is no page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := runFor(t, tt.env, tt.args...)
			if tt.fail == "" && err != nil || tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)) {
				t.Errorf("error = %v, want %q", err, tt.fail)
			}
			if !strings.Contains(out, tt.want) {
				t.Errorf("wrote %q, want %q in it", out, tt.want)
			}
		})
	}
}

func TestCheckNamesFileAndLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.md"), "---\ntitle: A\norder: soon\n---\nText\n")
	writeFile(t, filepath.Join(dir, "b.md"), "# B\n\nSee [a](nowhere.md).\n")
	out, err := runFor(t, nil, "check", "--library=false", dir)
	if err == nil {
		t.Error("check found no errors")
	}
	for _, want := range []string{"a.md:3: order: want a whole number", "b.md:3: the link nowhere.md leads nowhere"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out, _ = runFor(t, nil, "check", "--library=false", "--format", "json", dir)
	var rows []struct {
		File, Level, Message string
		Line                 int
	}
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 2 || rows[0].Line != 3 || rows[0].Level != "error" {
		t.Errorf("json = %s, %v", out, err)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is a buffer for two goroutines.
type lockedBuffer struct {
	lines chan string
	rest  []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.rest = append(b.rest, p...)
	for {
		line, rest, found := bytes.Cut(b.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		b.lines <- string(line)
		b.rest = rest
	}
}

func TestServeSaysWhereAndStopsWhenAsked(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lockedBuffer{lines: make(chan string, 10)}
	done := make(chan error, 1)
	env := map[string]string{"OPSBOOK_LISTEN": "127.0.0.1:0", "OPSBOOK_DATA": data}
	go func() {
		done <- run(ctx, nil, out, &lockedBuffer{lines: make(chan string, 100)}, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	}()
	line := <-out.lines
	m := regexp.MustCompile(`^Opsbook on (http://127\.0\.0\.1:\d+): (\d+) guides, \d+ playbooks, \d+ checklists\. Data in (.*)\.$`).FindStringSubmatch(line)
	if m == nil || m[3] != data {
		t.Fatalf("start-up line = %q", line)
	}
	resp, err := http.Get(m[1] + "/-/healthz")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("healthz: %v, %v", resp, err)
	}
	resp.Body.Close()
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
