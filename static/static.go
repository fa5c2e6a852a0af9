// Package static holds our own styles, scripts and icons. The parts of each are
// joined when the program starts and served under one hash of everything, so
// that browsers may keep them for ever.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
)

//go:embed css js icons
var files embed.FS

// Files is the set of files as served.
type Files struct {
	Hash   string            // of all of them; part of their address
	ByName map[string][]byte // "site.css", "site.js", "icon.svg", …
}

// Load returns the files. They are read-only.
var Load = sync.OnceValue(func() *Files {
	f := &Files{ByName: map[string][]byte{
		"site.css": join("css"),
		"site.js":  join("js"),
	}}
	for _, e := range entries("icons") {
		f.ByName[e] = read(path.Join("icons", e))
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f.ByName)) {
		sum.Write([]byte(name))
		sum.Write(f.ByName[name])
	}
	f.Hash = hex.EncodeToString(sum.Sum(nil)[:6])
	return f
})

// join returns the files of a folder one after the other, by name, without
// indentation and the lines that are comments. No text in them spans lines.
func join(dir string) []byte {
	var b bytes.Buffer
	for _, name := range entries(dir) {
		for line := range bytes.Lines(read(path.Join(dir, name))) {
			if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
				b.Write(line)
				b.WriteByte('\n')
			}
		}
	}
	return b.Bytes()
}

func entries(dir string) []string {
	list, err := fs.ReadDir(files, dir)
	if err != nil {
		panic(err) // an embed.FS cannot fail to read
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name()
	}
	return names
}

func read(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // an embed.FS cannot fail to read
	}
	return data
}
