package site

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"opsbook/content"
)

// serveSource answers with a page's Markdown.
func (s *Server) serveSource(w http.ResponseWriter, r *http.Request, p *content.Page) error {
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	s.send(w, r, http.StatusOK, "text/markdown; charset=utf-8", p.Markdown)
	return nil
}

// maxText is the most bytes of a text beside pages that are read to be compressed.
const maxText = 1 << 20

// isText is true of media types that compress well.
func isText(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || mediaType == "image/svg+xml" || mediaType == "application/json"
}

// serveFile answers with a file beside pages, from the layer it came from: small
// texts compressed, others in the ranges that are asked for.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, snap *snapshot, name string) error {
	mediaType, ok := content.FileType(name)
	if !ok {
		return statusErrorf(http.StatusNotFound, "Files of this kind are not served.")
	}
	f, err := snap.lib.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return statusErrorf(http.StatusNotFound, "The file /%s is gone.", name)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	if isText(mediaType) && info.Size() <= maxText {
		body, err := io.ReadAll(io.LimitReader(f, maxText))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		h.Set("Vary", "Accept-Encoding")
		s.send(w, r, http.StatusOK, mediaType, body)
		return nil
	}
	h.Set("Content-Type", mediaType)
	seeker, ok := f.(interface {
		Read([]byte) (int, error)
		Seek(int64, int) (int64, error)
	})
	if !ok {
		return fmt.Errorf("open %s: the file cannot seek", name)
	}
	h.Set("ETag", fmt.Sprintf(`"%s-%x-%x"`, s.version, max(info.ModTime().Unix(), 0), info.Size()))
	http.ServeContent(w, r, path.Base(name), info.ModTime(), seeker)
	return nil
}

// staticPath is the address of one of our own files.
func (s *Server) staticPath(name string) string {
	return s.prefix + "/-/static/" + s.static.Hash + "/" + name
}

// serveStatic answers with one of our own files, which never change under their hash.
func (s *Server) serveStatic(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	body, ok := s.static.ByName[name]
	if !ok || r.PathValue("hash") != s.static.Hash {
		return statusErrorf(http.StatusNotFound, "There is no such file in this version.")
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Del("Referrer-Policy")
	s.sendEncoded(w, r, http.StatusOK, staticType(name), s.packed(name, body))
	return nil
}

func staticType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return "application/octet-stream"
}

// packed returns one of our own files with its compressed forms.
func (s *Server) packed(name string, body []byte) *encoded {
	if e, ok := s.packs.Load(name); ok {
		return e.(*encoded)
	}
	e, _ := s.packs.LoadOrStore(name, encode(body))
	return e.(*encoded)
}
