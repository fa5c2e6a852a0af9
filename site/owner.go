package site

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"time"
)

// owner returns who answers in this browser: "b:" and the hash of its cookie,
// empty where it has none. The cookie itself is never stored.
func (s *Server) owner(r *http.Request) string {
	c, err := r.Cookie(browserCookie)
	if err != nil {
		return ""
	}
	secret, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(secret) != 32 {
		return ""
	}
	return ownerOf(secret)
}

func ownerOf(secret []byte) string {
	sum := sha256.Sum256(secret)
	return "b:" + hex.EncodeToString(sum[:])
}

// newOwner gives the browser a cookie and returns its owner.
func (s *Server) newOwner(w http.ResponseWriter, r *http.Request) string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails: crypto/rand ends the program instead
	s.setOwner(w, r, base64.RawURLEncoding.EncodeToString(secret))
	return ownerOf(secret)
}

// renewOwner gives the browser its cookie once more, so that it lasts for as long
// as it is used.
func (s *Server) renewOwner(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(browserCookie); err == nil {
		s.setOwner(w, r, c.Value)
	}
}

func (s *Server) setOwner(w http.ResponseWriter, r *http.Request, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: browserCookie, Value: value, Path: s.prefix + "/",
		MaxAge:   int((400 * 24 * time.Hour).Seconds()), // the most that browsers keep
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r),
	})
}
