package site

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"opsbook/content"
)

// Cookies. None is needed to read.
const (
	themeCookie   = "opsbook_theme"   // light or dark
	browserCookie = "opsbook_browser" // 256 random bits, set when someone first answers
	nameCookie    = "opsbook_name"    // what someone calls themselves, in base64
	teamCookie    = "opsbook_team"    // id of the team that someone last answered for
	memberCookie  = "opsbook_member"  // 256 random bits for one round, sent to its pages alone
)

// cookieAge is the most that browsers keep.
const cookieAge = 400 * 24 * time.Hour

// remember sets a cookie; an empty value deletes it.
func (s *Server) remember(w http.ResponseWriter, r *http.Request, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: s.prefix + "/", MaxAge: int(cookieAge.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// owner returns who answers in this browser: "b:" and the hash of its cookie,
// empty where it has none. The cookie itself is never stored.
func (s *Server) owner(r *http.Request) string {
	hash := secretHash(r, browserCookie)
	if hash == "" {
		return ""
	}
	return "b:" + hash
}

// secretHash returns the hash of the secret in a cookie, empty where it has none.
func secretHash(r *http.Request, cookie string) string {
	c, err := r.Cookie(cookie)
	if err != nil {
		return ""
	}
	secret, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(secret) != 32 {
		return ""
	}
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// newSecret returns 256 random bits for a cookie, and their hash.
func newSecret() (value, hash string) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails: crypto/rand ends the program instead
	sum := sha256.Sum256(secret)
	return base64.RawURLEncoding.EncodeToString(secret), hex.EncodeToString(sum[:])
}

// newOwner gives the browser a cookie and returns its owner.
func (s *Server) newOwner(w http.ResponseWriter, r *http.Request) string {
	value, hash := newSecret()
	s.remember(w, r, browserCookie, value)
	return "b:" + hash
}

// renewOwner gives the browser its cookie once more, so that it lasts for as long
// as it is used.
func (s *Server) renewOwner(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(browserCookie); err == nil {
		s.remember(w, r, browserCookie, c.Value)
	}
}

// displayName returns what the reader calls themselves, empty for nothing.
func displayName(r *http.Request) string {
	c, err := r.Cookie(nameCookie)
	if err != nil {
		return ""
	}
	name, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || !content.OneLine(string(name), content.MaxName) {
		return ""
	}
	return string(name)
}

// postName keeps what someone calls themselves; their answers carry it from then on.
func (s *Server) postName(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if !content.OneLine(name, content.MaxName) {
		return statusErrorf(http.StatusUnprocessableEntity, "name: want one line of at most %d characters.", content.MaxName)
	}
	s.remember(w, r, nameCookie, base64.RawURLEncoding.EncodeToString([]byte(name)))
	http.Redirect(w, r, s.localReturn(r.PostForm.Get("return")), http.StatusSeeOther)
	return nil
}
