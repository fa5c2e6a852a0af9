package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
)

// Limits of an answer, in characters.
const (
	maxNote     = 4000
	maxSubject  = 200
	maxLinks    = 20
	maxLinkSize = 2000
)

// posted is an answer as it came in a form, for showing it again.
type posted struct {
	page     *content.Page
	item     *content.Item
	subject  string
	state    content.State
	note     string
	evidence string
	base     int64

	problem  string          // why it was not taken
	conflict *content.Answer // what was saved meanwhile
}

// invalid is an answer that is refused with 422; field names what is wrong.
type invalid struct{ field, text string }

func (e *invalid) Error() string { return e.field + ": " + e.text }

// postAnswer appends an answer to the log.
func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	snap := s.current.Load()
	p, err := readPosted(snap.lib, r.PostForm)
	if err != nil {
		return s.refuse(w, r, snap, p, http.StatusUnprocessableEntity, err)
	}
	owner := s.owner(r)
	if owner == "" {
		if p.state == "" {
			return s.answered(w, r, snap, p, store.Key{}, content.Answer{}) // nothing to take back
		}
		owner, p.base = s.newOwner(w, r), 0 // what an earlier cookie answered is not this owner's
	} else {
		s.renewOwner(w, r)
	}
	key := store.Key{Owner: owner, Checklist: p.page.Path, Subject: p.subject}
	current, err := s.store.Answers(r.Context(), key, time.Time{})
	if err != nil {
		return err
	}
	old := p.page.Checklist.Moved(current)[p.item.ID]
	if old.Seq == 0 && old.State != "" { // under the item's former id: it moves now, for good
		if err := s.move(r.Context(), key, p.item.ID, old); err != nil {
			return err
		}
		p.base = 1
	}
	now := s.now()
	a, err := s.store.AppendAnswer(r.Context(), store.NewAnswer{
		Key: key, Item: p.item.ID, Base: p.base, State: p.state, Note: p.note, Evidence: links(p.evidence), At: now,
		TextHash: p.item.TextHash, Text: p.item.Text,
		// Sending an aged or reworded answer again says that it still holds.
		Confirm: p.item.Expired(old, now) || p.item.Reworded(old),
	})
	if errors.Is(err, store.ErrConflict) {
		p.conflict = &a
		return s.refuse(w, r, snap, p, http.StatusConflict, fmt.Errorf("this item was answered meanwhile, on %s", a.At.UTC().Format(time.RFC3339)))
	}
	if err != nil {
		return fmt.Errorf("answer %s in %s: %w", p.item.ID, p.page.Path, err)
	}
	return s.answered(w, r, snap, p, key, a)
}

// move copies an answer to the new id of its item, with its own time.
func (s *Server) move(ctx context.Context, key store.Key, item string, a content.Answer) error {
	texts, err := s.store.Texts(ctx, a.TextHash)
	if err != nil {
		return err
	}
	_, err = s.store.AppendAnswer(ctx, store.NewAnswer{Key: key, Item: item, State: a.State, Note: a.Note, Evidence: a.Evidence, At: a.At, By: a.By, TextHash: a.TextHash, Text: texts[a.TextHash], Origin: "moved"})
	if err != nil {
		return fmt.Errorf("move an answer to %s in %s: %w", item, key.Checklist, err)
	}
	return nil
}

// readPosted takes the fields of a form apart. With an error, the answer holds
// what could be read of it.
func readPosted(lib *content.Library, form url.Values) (posted, error) {
	p := posted{
		subject:  strings.TrimSpace(form.Get("subject")),
		state:    content.State(strings.TrimSpace(form.Get("state"))),
		note:     strings.TrimSpace(strings.ReplaceAll(form.Get("note"), "\r\n", "\n")),
		evidence: strings.TrimSpace(strings.ReplaceAll(form.Get("evidence"), "\r\n", "\n")),
	}
	page := findChecklist(lib, form.Get("checklist"))
	if page == nil {
		return p, statusErrorf(http.StatusNotFound, "There is no checklist %q.", form.Get("checklist"))
	}
	if form.Get("team") != "" {
		return p, statusErrorf(http.StatusNotFound, "There is no team %q.", form.Get("team"))
	}
	p.page = page
	list := page.Checklist
	if list.Anonymous {
		return p, &invalid{"checklist", "a survey is answered in rounds, which are not open"}
	}
	if p.item = list.Item(form.Get("item")); p.item == nil {
		return p, &invalid{"item", fmt.Sprintf("%s has no item %q", page.Title, form.Get("item"))}
	}
	if text := form.Get("base"); text != "" {
		base, err := strconv.ParseInt(text, 10, 64)
		if err != nil || base < 0 {
			return p, &invalid{"base", "want the number that came with the form, or nothing"}
		}
		p.base = base
	}
	return p, p.check(list)
}

// findChecklist returns the checklist at a path whose leading folder may be left
// out, nil where there is none.
func findChecklist(lib *content.Library, p string) *content.Page {
	p = strings.Trim(p, "/")
	for _, candidate := range []string{p, "checklists/" + p} {
		path, _ := lib.Resolve(candidate)
		if page := lib.Page(path); page != nil && page.Checklist != nil {
			return page
		}
	}
	return nil
}

// check refuses what an answer must not be.
func (p *posted) check(list *content.Checklist) error {
	switch {
	case !list.Valid(p.item, p.state):
		return &invalid{"state", fmt.Sprintf("%q is no answer to this item", p.state)}
	case list.Per != "" && p.subject == "":
		return &invalid{"subject", "say which " + list.Per + " this is about"}
	case list.Per == "" && p.subject != "":
		return &invalid{"subject", "this checklist is not answered for several things"}
	case utf8.RuneCountInString(p.subject) > maxSubject:
		return &invalid{"subject", fmt.Sprintf("at most %d characters", maxSubject)}
	case p.state == content.NotApplicable && p.note == "":
		return &invalid{"note", "say why this does not apply"}
	case utf8.RuneCountInString(p.note) > maxNote:
		return &invalid{"note", fmt.Sprintf("at most %d characters", maxNote)}
	}
	all := links(p.evidence)
	if len(all) > maxLinks {
		return &invalid{"evidence", fmt.Sprintf("at most %d links", maxLinks)}
	}
	for _, link := range all {
		u, err := url.Parse(link)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(link) > maxLinkSize {
			return &invalid{"evidence", fmt.Sprintf("want one http or https address a line, not %q", shorten(link, 80))}
		}
	}
	return nil
}

// links splits the evidence of a form.
func links(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// shorten cuts a text to n characters.
func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n]) + "…"
}

// refuse answers a post that was not taken: the checklist again, with what was
// typed, and what is wrong with it.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, snap *snapshot, p posted, code int, err error) error {
	var bad *invalid
	if errors.As(err, &bad) && wantsJSON(r) {
		return statusErrorf(code, "%s", bad.Error())
	}
	var status *statusError
	if errors.As(err, &status) {
		return err
	}
	if wantsJSON(r) {
		w.Header().Set("Cache-Control", "no-store")
		return s.sendJSON(w, r, code, map[string]any{
			"title": http.StatusText(code), "status": code, "detail": err.Error(),
			"current": answerJSON(p.page.Checklist, p.item, *p.conflict, s.now()),
			"sent":    map[string]any{"state": p.state, "note": p.note, "evidence": links(p.evidence), "base": p.base},
		})
	}
	p.problem = strings.ToUpper(err.Error()[:1]) + err.Error()[1:] + "."
	if p.item == nil {
		return statusErrorf(code, "%s", p.problem)
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.drawChecklist(w, r, snap, p.page, code, checklistQuery{subject: p.subject, posted: &p})
}

// answered confirms an answer: 303 back to the item, or JSON.
func (s *Server) answered(w http.ResponseWriter, r *http.Request, snap *snapshot, p posted, key store.Key, a content.Answer) error {
	if !wantsJSON(r) {
		u := url.URL{Path: s.prefix + "/" + p.page.Path, Fragment: p.item.ID}
		query := url.Values{"saved": {p.item.ID}}
		if p.subject != "" {
			query.Set("subject", p.subject)
		}
		if show := r.URL.Query().Get("show"); show != "" && slices.Contains(filters, show) {
			query.Set("show", show)
		}
		u.RawQuery = query.Encode()
		http.Redirect(w, r, u.String(), http.StatusSeeOther)
		return nil
	}
	now := s.now()
	out := map[string]any{"item": answerJSON(p.page.Checklist, p.item, a, now)}
	if key.Owner != "" {
		answers, err := s.store.Answers(r.Context(), key, time.Time{})
		if err != nil {
			return err
		}
		score := p.page.Checklist.Score(p.page.Checklist.Moved(answers), now)
		out["score"], out["coverage"], out["level"] = score.Share, score.Coverage, levelJSON(p.page.Checklist, score)
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.sendJSON(w, r, http.StatusOK, out)
}
