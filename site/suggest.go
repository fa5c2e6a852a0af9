package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"opsbook/search"
)

// Limits of search while typing.
const (
	suggestHits = 8

	maxSockets    = 1000             // open at once; a reader without one sends requests
	socketIdle    = 5 * time.Minute  // without a question
	socketTimeout = 10 * time.Second // to take an answer
)

// suggestions are the best hits for what is typed so far.
type suggestions struct {
	Total     int          `json:"total"`
	Corrected string       `json:"corrected"`
	Hits      []suggestion `json:"hits"`
}

// suggestion is a hit while typing.
type suggestion struct {
	URL     string `json:"url"`
	Title   string `json:"title"`
	Heading string `json:"heading,omitempty"`
	Crumbs  string `json:"crumbs,omitempty"`
	Kind    string `json:"kind"`
	Snippet string `json:"snippet,omitempty"` // HTML: escaped text with <mark>
}

func (s *Server) suggest(ctx context.Context, text string) (suggestions, error) {
	snap := s.current.Load()
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxQuery {
		return suggestions{}, statusErrorf(http.StatusBadRequest, "q: at most %d characters.", maxQuery)
	}
	if snap.index == nil {
		return suggestions{}, statusErrorf(http.StatusServiceUnavailable, "The search index is being built.")
	}
	res, err := snap.index.Search(ctx, search.Query{Text: text, Limit: suggestHits})
	if err != nil {
		return suggestions{}, fmt.Errorf("suggest: %w", err)
	}
	out := suggestions{Total: res.Total, Corrected: res.Corrected, Hits: []suggestion{}}
	for _, h := range res.Hits {
		v := hitView(snap.lib, h)
		out.Hits = append(out.Hits, suggestion{URL: string(v.URL(snap.site)), Title: v.Title, Heading: v.Heading, Crumbs: v.Crumbs, Kind: string(v.Kind), Snippet: markedHTML(h.Snippet)})
	}
	return out, nil
}

// serveSuggest answers one question of somebody who types.
func (s *Server) serveSuggest(w http.ResponseWriter, r *http.Request) error {
	found, err := s.suggest(r.Context(), r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, http.StatusOK, found)
}

// serveSuggestSocket answers the questions of somebody who types over a WebSocket,
// one message each and in their order, as a browser takes several times as long
// for a request. What would be an error of a request ends the socket: the client
// asks again with one, and is told.
func (s *Server) serveSuggestSocket(w http.ResponseWriter, r *http.Request) error {
	defer s.sockets.Add(-1)
	if s.sockets.Add(1) > maxSockets {
		return statusErrorf(http.StatusServiceUnavailable, "Too many people type at the moment. Use %s/-/suggest?q=.", s.prefix)
	}
	// Pages of others could read the library through their visitors.
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: s.trusted, CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		s.log.Debug("no socket", "err", err)
		return nil // Accept has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(maxQuery * utf8.UTFMax)
	for {
		if err := s.answerOn(r.Context(), c, clientOf(r)); err != nil {
			s.log.Debug("socket ends", "err", err)
			return nil
		}
	}
}

// answerOn reads one question from a client's socket and answers it.
func (s *Server) answerOn(ctx context.Context, c *websocket.Conn, client string) error {
	reading, cancel := context.WithTimeout(ctx, socketIdle)
	defer cancel()
	_, question, err := c.Read(reading)
	if err != nil {
		return err
	}
	if !s.limits.allow(client) {
		return errors.Join(errTooMany, c.Close(websocket.StatusTryAgainLater, ""))
	}
	found, err := s.suggest(ctx, string(question))
	if err != nil {
		return errors.Join(err, c.Close(websocket.StatusTryAgainLater, ""))
	}
	body, err := json.Marshal(found)
	if err != nil {
		return err
	}
	writing, cancel := context.WithTimeout(ctx, socketTimeout)
	defer cancel()
	return c.Write(writing, websocket.MessageText, body)
}
