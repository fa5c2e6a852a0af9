package site

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"opsbook/site/store"
	"opsbook/templates"

	"github.com/a-h/templ"
)

// handler answers a request or says why it could not.
type handler func(w http.ResponseWriter, r *http.Request) error

// statusError is an error that a reader should see.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

// statusErrorf returns an error that is shown to the reader with the status.
func statusErrorf(code int, format string, args ...any) error {
	return &statusError{code, fmt.Sprintf(format, args...)}
}

// Limits on what a client may send.
const (
	maxPath    = 1024     // bytes of a decoded path
	maxSegment = 255      // bytes between two slashes
	maxForm    = 64 << 10 // bytes of a posted form
)

func (s *Server) handle(serve handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			s.serveError(w, r, err)
		}
	})
}

// recovered answers 500 where a handler panics, and logs the stack.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			id := rand.Text()
			s.log.Error("panic", "request", id, "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			s.serveProblem(w, r, http.StatusInternalServerError, "Something went wrong here, not with what you did. It has been logged.", id)
		}()
		next.ServeHTTP(w, r)
	})
}

// contentSecurity allows our own files and nothing else.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secured sets the headers that hold for every answer.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// checked refuses paths that mean nothing before the mux would clean them, and
// takes the prefix off where a proxy left it on.
func (s *Server) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkPath(r.URL.Path); err != nil {
			s.serveError(w, r, err)
			return
		}
		if rest, ok := strings.CutPrefix(r.URL.Path, s.prefix+"/"); ok && s.prefix != "" {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/"+rest, ""
		} else if s.prefix != "" && r.URL.Path == s.prefix {
			redirect(w, r, s.prefix+"/")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func checkPath(p string) error {
	switch {
	case len(p) > maxPath:
		return statusErrorf(http.StatusRequestURITooLong, "The address is longer than %d bytes.", maxPath)
	case !strings.HasPrefix(p, "/"), !utf8.ValidString(p), strings.ContainsAny(p, "\x00\\"):
		return statusErrorf(http.StatusBadRequest, "The address has characters that no page has.")
	}
	segments := strings.Split(p[1:], "/")
	for i, seg := range segments {
		if seg == ".." || seg == "." || len(seg) > maxSegment || (seg == "" && i < len(segments)-1) {
			return statusErrorf(http.StatusBadRequest, "The address has an empty, overlong or relative part.")
		}
	}
	return nil
}

// guarded refuses state changes that another site's page sends.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.cross.Check(r); err != nil {
			s.serveError(w, r, statusErrorf(http.StatusForbidden, "This form was sent from another site (%s). If it is this site behind a proxy that changes the Host header, start Opsbook with --trusted-origin set to the address in the browser.", r.Header.Get("Origin")))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// pagePattern is the route of everything that is not of the system.
const pagePattern = "GET /{path...}"

// dispatch hands a request to its route. What no route takes is answered here,
// so that a wrong method gets an error like any other.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	_, pattern := s.mux.Handler(r)
	if pattern == "" || (pattern == pagePattern && ofSystem(r.URL.Path)) {
		s.serveError(w, r, s.unmatched(w, r))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// ofSystem reports whether a path can be no page's.
func ofSystem(p string) bool {
	return strings.HasPrefix(p, "/-/") || strings.HasPrefix(p, "/api/") || p == "/-" || p == "/api"
}

// unmatched says 405 where another method would do, else 404.
func (s *Server) unmatched(w http.ResponseWriter, r *http.Request) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		_, pattern := s.mux.Handler(other)
		if pattern == "" || (pattern == pagePattern && ofSystem(r.URL.Path)) {
			continue
		}
		allow = append(allow, method)
		if method == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	if len(allow) == 0 {
		return statusErrorf(http.StatusNotFound, "There is nothing at %s.", r.URL.Path)
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	return statusErrorf(http.StatusMethodNotAllowed, "%s is not possible here; %s is.", r.Method, strings.Join(allow, " or "))
}

// redirect answers 308 to a path of this site, keeping the query.
func redirect(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path, RawQuery: r.URL.RawQuery}
	w.Header().Set("Cache-Control", "private, no-cache")
	http.Redirect(w, r, u.String(), http.StatusPermanentRedirect)
}

// serveError turns an error into an answer. What is not meant for the reader is logged.
func (s *Server) serveError(w http.ResponseWriter, r *http.Request, err error) {
	var status *statusError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &status):
		s.serveProblem(w, r, status.code, status.text, "")
	case errors.As(err, &tooLarge):
		s.serveProblem(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("What was sent is larger than %d kB.", tooLarge.Limit>>10), "")
	case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrBusy):
		s.log.Error("store", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", "30")
		s.serveProblem(w, r, http.StatusServiceUnavailable, "Nothing can be saved at the moment: the disk is full or the database is busy. Reading goes on; please send it again later.", "")
	case errors.Is(err, context.Canceled):
		s.log.Debug("client went away", "path", r.URL.Path)
	default:
		id := rand.Text()
		s.log.Error("request failed", "request", id, "method", r.Method, "path", r.URL.Path, "err", err)
		s.serveProblem(w, r, http.StatusInternalServerError, "Something went wrong here, not with what you did. It has been logged.", id)
	}
}

// serveProblem writes an error as problem+json (RFC 9457) or as a page.
func (s *Server) serveProblem(w http.ResponseWriter, r *http.Request, code int, text, id string) {
	w.Header().Set("Cache-Control", "no-store")
	if wantsJSON(r) {
		body, err := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(code), "status": code, "detail": text, "request": id})
		if err != nil {
			panic(err) // strings and numbers marshal
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(code)
		s.write(w, body)
		return
	}
	snap := s.current.Load()
	v := &templates.ErrorView{Frame: s.frame(r, snap, "", http.StatusText(code)), Status: code, Heading: heading(code), Message: text, RequestID: id}
	v.NoIndex, v.Description = true, text
	if code == http.StatusNotFound {
		v.Words = wordsOf(r.URL.Path)
		v.Hits = s.guess(r.Context(), snap, v.Words)
	}
	s.render(w, r, code, templates.Error(v))
}

// heading says what a status means to a person.
func heading(code int) string {
	switch code {
	case http.StatusNotFound:
		return "No such page"
	case http.StatusTooManyRequests:
		return "A little slower, please"
	case http.StatusRequestEntityTooLarge:
		return "Too large"
	case http.StatusServiceUnavailable:
		return "Not at the moment"
	case http.StatusInternalServerError:
		return "Our mistake"
	}
	return http.StatusText(code)
}

// wordsOf returns the words of a path, to search for.
func wordsOf(p string) string {
	words := strings.FieldsFunc(strings.TrimSuffix(p, ".html"), func(r rune) bool { return strings.ContainsRune("/-_.+ ", r) })
	text := strings.Join(words, " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "")
	}
	return text
}

// wantsJSON reports whether an answer is for a program.
func wantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/-/suggest" {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// render draws a page that is not cached.
func (s *Server) render(w http.ResponseWriter, r *http.Request, code int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		if r.Context().Err() != nil {
			return // the client went away
		}
		s.log.Error("render", "path", r.URL.Path, "err", err)
		http.Error(w, "The page cannot be drawn.", http.StatusInternalServerError)
		return
	}
	s.sendHTML(w, r, code, b.Bytes())
}

// sendHTML sends a page that was made for this request.
func (s *Server) sendHTML(w http.ResponseWriter, r *http.Request, code int, body []byte) {
	s.htmlHeaders(w.Header())
	s.send(w, r, code, "text/html; charset=utf-8", body)
}

// htmlHeaders sets what all pages have in common. The style sheet is named here
// too, so that it is asked for before the page is parsed: on a slow phone, as
// Chromium plays one, a page is drawn 5 to 10 % earlier. The script is not:
// asked for as early, it delays the style sheet.
func (s *Server) htmlHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurity)
	h.Set("Link", "<"+s.staticPath("site.css")+">; rel=preload; as=style")
	h.Set("Vary", "Cookie, Accept-Encoding")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
}

// sendJSON sends v.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, code int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Set("Vary", "Cookie, Accept-Encoding")
	s.send(w, r, code, "application/json", append(body, '\n'))
	return nil
}

// write writes a body; a client that went away is nobody's error.
func (s *Server) write(w io.Writer, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.log.Debug("write", "err", err)
	}
}

// errTooMany says that one client asks too often.
var errTooMany = statusErrorf(http.StatusTooManyRequests, "That was more than %d requests a second from your address. Try again in two seconds.", int(requestsPerSecond))

// limited answers 429 where one client asks too often.
func (s *Server) limited(serve handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.limits.allow(clientOf(r)) {
			w.Header().Set("Retry-After", "2")
			return errTooMany
		}
		return serve(w, r)
	}
}

// clientOf returns the address that a request comes from.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// readForm reads a posted form within its limits.
func readForm(w http.ResponseWriter, r *http.Request) error {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(strings.ToLower(mediaType)) != "application/x-www-form-urlencoded" {
		return statusErrorf(http.StatusUnsupportedMediaType, "Send the form as application/x-www-form-urlencoded.")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return statusErrorf(http.StatusBadRequest, "The form cannot be read: %v", err)
	}
	return checkFields(r.PostForm)
}

// checkFields refuses fields that are not text.
func checkFields(form url.Values) error {
	for name, values := range form {
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return statusErrorf(http.StatusBadRequest, "The field %s is not text.", name)
			}
		}
	}
	return nil
}
