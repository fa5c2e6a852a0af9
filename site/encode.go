package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// encoded is a body with its compressed forms, made when they are first asked
// for. It is safe for concurrent use.
type encoded struct {
	plain []byte
	etag  string // without quotes and encoding
	gzip  func() []byte
	br    func() []byte // Brotli, a sixth smaller than gzip on pages like ours
}

// encode prepares a body for sending many times: compressed as well as it gets.
func encode(body []byte) *encoded {
	sum := sha256.Sum256(body)
	return &encoded{
		plain: body,
		etag:  hex.EncodeToString(sum[:9]),
		gzip:  sync.OnceValue(func() []byte { return gzipped(body, gzip.BestCompression) }),
		br:    sync.OnceValue(func() []byte { return brotlied(body, brotli.BestCompression) }),
	}
}

// quick compresses bodies that are sent one time. It keeps its writers, whose
// tables are many times larger than what they compress.
type quick struct{ br, gzip sync.Pool }

// encode prepares a body for sending one time.
func (q *quick) encode(body []byte) *encoded {
	e := encode(body)
	e.br = func() []byte {
		w, _ := q.br.Get().(*brotli.Writer)
		if w == nil {
			w = brotli.NewWriterLevel(nil, 5)
		}
		defer q.br.Put(w)
		return compress(w, body)
	}
	e.gzip = func() []byte {
		w, _ := q.gzip.Get().(*gzip.Writer)
		if w == nil {
			w, _ = gzip.NewWriterLevel(nil, 5) // the level is one
		}
		defer q.gzip.Put(w)
		return compress(w, body)
	}
	return e
}

// compress runs a body through a writer that has been used before.
func compress(w interface {
	io.WriteCloser
	Reset(io.Writer)
}, body []byte) []byte {
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func gzipped(body []byte, level int) []byte {
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // the levels are constants
	}
	return compress(w, body)
}

func brotlied(body []byte, level int) []byte {
	return compress(brotli.NewWriterLevel(nil, level), body)
}

// minCompress is the size in bytes below which compression does not pay.
const minCompress = 1000

// send sends a body once.
func (s *Server) send(w http.ResponseWriter, r *http.Request, code int, mediaType string, body []byte) {
	s.sendEncoded(w, r, code, mediaType, s.quick.encode(body))
}

// sendEncoded sends a body in the encoding that the client prefers, or 304
// where it has it already.
func (s *Server) sendEncoded(w http.ResponseWriter, r *http.Request, code int, mediaType string, e *encoded) {
	body, encoding := e.plain, ""
	if len(e.plain) >= minCompress {
		switch encoding = preferred(r.Header.Get("Accept-Encoding")); encoding {
		case "br":
			body = e.br()
		case "gzip":
			body = e.gzip()
		}
	}
	h := w.Header()
	if code == http.StatusOK && h.Get("Cache-Control") != "no-store" {
		etag := `"` + e.etag + `"`
		if encoding != "" {
			etag = `"` + e.etag + "-" + encoding + `"`
		}
		h.Set("ETag", etag)
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", mediaType)
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		s.write(w, body)
	}
}

// preferred returns the encoding to use for an Accept-Encoding header: Brotli,
// gzip or none. A client that gives an encoding the quality 0 does not get it.
func preferred(accept string) string {
	offered := map[string]bool{}
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		q := strings.ReplaceAll(params, " ", "")
		offered[strings.TrimSpace(name)] = q != "q=0" && !strings.HasPrefix(q, "q=0.0")
	}
	for _, name := range []string{"br", "gzip"} {
		if offered[name] {
			return name
		}
	}
	return ""
}

// matches reports whether an If-None-Match header names the tag.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}
