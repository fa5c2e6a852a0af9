package content

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed guides playbooks checklists paths manual glossary.yaml
var embedded embed.FS

// Source is one layer of pages: the embedded library, a folder, or edits. It is
// immutable once it is handed to Build.
type Source struct {
	Name  string            // shown on pages and in problems; a folder's own path
	Docs  map[string][]byte // Markdown files and glossary.yaml by path within the layer; an empty page hides the one below
	Files map[string]File   // images and other files beside pages
	Title string            // of the whole site, from mkdocs.yml; may be empty

	nav      []navEntry
	titles   map[string]string // by file, from nav
	problems []Problem
	open     func(name string) (fs.File, error)
	base     string // of the folder, for problems
}

// File is a file beside pages, as it was when its layer was scanned.
type File struct {
	Size    int64
	ModTime time.Time
}

// Limits of what a layer may hold.
const (
	maxFile  = 20 << 20 // bytes of one file beside pages
	maxDocs  = 20_000   // Markdown files of a layer
	maxFiles = 50_000   // other files of a layer
)

// fileTypes are the extensions of files that are served beside pages, with
// their media types. Scripts and styles are not among them: what content brings
// is looked at, never run.
var fileTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml",
	".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".log": "text/plain; charset=utf-8",
	".json": "application/json", ".yaml": "text/plain; charset=utf-8", ".yml": "text/plain; charset=utf-8", ".toml": "text/plain; charset=utf-8",
	".sh": "text/plain; charset=utf-8", ".py": "text/plain; charset=utf-8", ".sql": "text/plain; charset=utf-8",
	".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".zip": "application/zip",
}

// FileType returns the media type under which a file is served, and whether it
// is served at all.
func FileType(name string) (mediaType string, ok bool) {
	mediaType, ok = fileTypes[strings.ToLower(path.Ext(name))]
	return mediaType, ok
}

// Embedded returns the library shipped in the binary.
var Embedded = sync.OnceValue(func() *Source {
	s := newSource("library", "content")
	s.open = embedded.Open
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		s.add(name, info.Size(), info.ModTime(), func() ([]byte, error) { return embedded.ReadFile(name) })
		return nil
	})
	if err != nil {
		panic(err) // an embed.FS cannot fail to read
	}
	return s
})

// Vocabulary returns the embedded glossary alone: its words serve search even
// where the library is not served.
func Vocabulary() []Term {
	terms, _ := parseGlossary("library", Embedded().Docs[glossaryFile])
	return mergeTerms([][]Term{terms})
}

// Memory returns a layer made of files in memory, such as edits or a test's pages.
func Memory(name string, docs map[string]string) *Source {
	s := newSource(name, name)
	for file, text := range docs {
		s.add(file, int64(len(text)), time.Time{}, func() ([]byte, error) { return []byte(text), nil })
	}
	s.open = func(name string) (fs.File, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	s.readMkDocs([]byte(docs["mkdocs.yml"]))
	return s
}

func newSource(name, base string) *Source {
	return &Source{Name: name, base: base, Docs: map[string][]byte{}, Files: map[string]File{}}
}

// add takes in one file of a layer, whose content read returns.
func (s *Source) add(name string, size int64, modified time.Time, read func() ([]byte, error)) {
	switch {
	case path.Ext(name) == ".md" || name == glossaryFile:
		if size > maxPage {
			s.fail(name, 0, "the file is larger than 2 MB")
			return
		}
		data, err := read()
		if err != nil {
			s.fail(name, 0, err.Error())
			return
		}
		s.Docs[name] = data
	case fileTypes[strings.ToLower(path.Ext(name))] != "" && name != "mkdocs.yml":
		if size > maxFile {
			s.problems = append(s.problems, Problem{File: path.Join(s.base, name), Message: "files over 20 MB are not served", Warning: true})
			return
		}
		s.Files[name] = File{Size: size, ModTime: modified}
	}
}

func (s *Source) fail(name string, line int, message string) {
	s.problems = append(s.problems, Problem{File: path.Join(s.base, name), Line: line, Message: message})
}

// Folder is a layer that lives in a directory and may change at any time. It is
// for one goroutine.
type Folder struct {
	dir  string
	seen map[string]stamp
	last *Source
}

// stamp tells a changed file from an unchanged one, on network folders too.
type stamp struct {
	size     int64
	modified time.Time
}

// NewFolder returns the layer in dir, which Scan reads.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Scan returns the folder as a layer. Where nothing changed since the last scan
// it is the same Source. The directory is opened anew each time, so that a
// swapped symbolic link is followed; files that lead out of it are not.
func (f *Folder) Scan() (*Source, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, fmt.Errorf("content folder: %w", err)
	}
	defer root.Close()
	mk := readRootFile(root, "mkdocs.yml")
	config, mkErr := parseMkDocs(mk)
	base := "."
	if len(mk) > 0 {
		base = config.docsDir()
	}
	stamps, err := f.stamps(root, base)
	if err != nil {
		return nil, fmt.Errorf("content folder %s: %w", f.dir, err)
	}
	stamps["/mkdocs.yml"] = stamp{size: int64(len(mk)), modified: time.Unix(int64(hashBytes(mk)), 0)}
	if f.last != nil && sameStamps(stamps, f.seen) {
		return f.last, nil
	}
	s := newSource(f.dir, filepath.ToSlash(filepath.Join(f.dir, base)))
	s.open = opener(f.dir, base)
	for _, name := range sortedNames(stamps) {
		if strings.HasPrefix(name, "/") {
			continue
		}
		st := stamps[name]
		s.add(name, st.size, st.modified, func() ([]byte, error) {
			if f.last != nil && f.seen[name] == st && f.last.Docs[name] != nil {
				return f.last.Docs[name], nil
			}
			return root.ReadFile(path.Join(base, name))
		})
	}
	if mkErr != nil {
		s.problems = append(s.problems, Problem{File: path.Join(filepath.ToSlash(f.dir), "mkdocs.yml"), Message: mkErr.Error()})
	}
	s.readMkDocs(mk)
	f.seen, f.last = stamps, s
	return s, nil
}

// stamps lists the files of the layer. Dot-files are left out, as is the ..data
// folder through which Kubernetes swaps its volumes.
func (f *Folder) stamps(root *os.Root, base string) (map[string]stamp, error) {
	out := map[string]stamp{}
	docs := 0
	err := fs.WalkDir(root.FS(), base, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == base {
				return err
			}
			return nil // gone or forbidden in the middle of a scan: the next one decides
		}
		if name != base && strings.HasPrefix(path.Base(name), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		info, err := root.Stat(name) // follows a link that stays inside
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		rel := name
		if base != "." {
			rel = strings.TrimPrefix(name, base+"/")
		}
		if path.Ext(rel) == ".md" {
			if docs++; docs > maxDocs {
				return fmt.Errorf("more than %d Markdown files", maxDocs)
			}
		}
		if len(out) > maxDocs+maxFiles {
			return fmt.Errorf("more than %d files", maxDocs+maxFiles)
		}
		out[rel] = stamp{info.Size(), info.ModTime()}
		return nil
	})
	return out, err
}

func sameStamps(a, b map[string]stamp) bool {
	if len(a) != len(b) {
		return false
	}
	for name, s := range a {
		if t, ok := b[name]; !ok || t.size != s.size || !t.modified.Equal(s.modified) {
			return false
		}
	}
	return true
}

func sortedNames(m map[string]stamp) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readRootFile returns a small file's content, nil where there is none.
func readRootFile(root *os.Root, name string) []byte {
	info, err := root.Stat(name)
	if err != nil || info.Size() > 1<<20 {
		return nil
	}
	data, err := root.ReadFile(name)
	if err != nil {
		return nil
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}

// opener opens files below base of dir, which never lead out of it.
func opener(dir, base string) func(string) (fs.File, error) {
	return func(name string) (fs.File, error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return root.Open(path.Join(base, name))
	}
}

// hashBytes is FNV-1a, enough to notice that a file changed.
func hashBytes(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}
