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

	"opsbook/content"
	"opsbook/site/store"
)

// posted is an answer as it came in a form, for showing it again.
type posted struct {
	asked
	page     *content.Page
	item     *content.Item
	subject  string
	state    content.State
	note     string
	evidence string
	base     int64
	given    time.Time // zero: now
	by       string
	origin   string
	confirm  bool         // append it although it repeats the current answer
	round    *store.Round // in which it was agreed; nil: in none

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
	p, err := s.readPosted(r, snap.lib)
	if err != nil {
		return s.refuse(w, r, snap, p, http.StatusUnprocessableEntity, err)
	}
	switch {
	case p.team != nil:
		s.remember(w, r, teamCookie, p.team.ID)
	case p.owner != "":
		s.renewOwner(w, r)
	case p.state == "":
		return s.answered(w, r, snap, p, content.Answer{}) // nothing to take back
	default:
		p.owner, p.base = s.newOwner(w, r), 0 // what an earlier cookie answered is not this owner's
	}
	a, err := s.append(r.Context(), &p)
	if errors.Is(err, store.ErrConflict) {
		p.conflict = &a
		return s.refuse(w, r, snap, p, http.StatusConflict, fmt.Errorf("this item was answered meanwhile, on %s", a.At.UTC().Format(time.RFC3339)))
	}
	if err != nil {
		return fmt.Errorf("answer %s in %s: %w", p.item.ID, p.page.Path, err)
	}
	return s.answered(w, r, snap, p, a)
}

// key names the answers that p is one of.
func (p *posted) key() store.Key {
	return store.Key{Owner: p.owner, Checklist: p.page.Path, Subject: p.subject}
}

// append writes a posted answer to the log and returns the one that is current then.
func (s *Server) append(ctx context.Context, p *posted) (content.Answer, error) {
	current, err := s.store.Answers(ctx, p.key(), time.Time{})
	if err != nil {
		return content.Answer{}, err
	}
	old := p.page.Checklist.Moved(current)[p.item.ID]
	if old.Seq == 0 && old.State != "" { // under the item's former id: it moves now, for good
		if err := s.move(ctx, p.key(), p.item.ID, current[p.item.ID].Seq, old); err != nil {
			return content.Answer{}, err
		}
		p.base = current[p.item.ID].Seq + 1
	}
	given := p.given
	if given.IsZero() {
		given = p.now
	}
	return s.store.AppendAnswer(ctx, store.NewAnswer{
		Key: p.key(), Item: p.item.ID, Base: p.base, State: p.state, Note: p.note, Evidence: links(p.evidence), At: given, By: p.by,
		TextHash: p.item.TextHash, Text: p.item.Text, Origin: p.origin,
		// Sending an aged or reworded answer again says that it still holds.
		Confirm: p.confirm || p.item.Expired(old, p.now) || p.item.Reworded(old),
	})
}

// move copies an answer to the new id of its item, with its own time. The base
// is the seq of what stands under that id.
func (s *Server) move(ctx context.Context, key store.Key, item string, base int64, a content.Answer) error {
	texts, err := s.store.Texts(ctx, a.TextHash)
	if err != nil {
		return err
	}
	_, err = s.store.AppendAnswer(ctx, store.NewAnswer{Key: key, Item: item, Base: base, State: a.State, Note: a.Note, Evidence: a.Evidence, At: a.At, By: a.By, TextHash: a.TextHash, Text: texts[a.TextHash], Origin: fromRename})
	if err != nil {
		return fmt.Errorf("move an answer to %s in %s: %w", item, key.Checklist, err)
	}
	return nil
}

// readPosted takes the fields of a form apart. With an error, the answer holds
// what could be read of it.
func (s *Server) readPosted(r *http.Request, lib *content.Library) (posted, error) {
	form := r.PostForm
	p := posted{
		subject:  strings.TrimSpace(form.Get("subject")),
		state:    content.State(strings.TrimSpace(form.Get("state"))),
		note:     strings.TrimSpace(strings.ReplaceAll(form.Get("note"), "\r\n", "\n")),
		evidence: strings.TrimSpace(strings.ReplaceAll(form.Get("evidence"), "\r\n", "\n")),
		by:       displayName(r),
	}
	p.page = findChecklist(lib, form.Get("checklist"))
	if p.page == nil {
		return p, statusErrorf(http.StatusNotFound, "There is no checklist %q.", form.Get("checklist"))
	}
	var err error
	if p.asked, err = s.asked(r, url.Values{"team": form["team"]}); err != nil {
		return p, err
	}
	list := p.page.Checklist
	if list.Anonymous {
		return p, &invalid{"checklist", "a survey is answered in a team's rounds, without names"}
	}
	if p.item = list.Item(form.Get("item")); p.item == nil {
		return p, &invalid{"item", fmt.Sprintf("%s has no item %q", p.page.Title, form.Get("item"))}
	}
	if p.team != nil && p.team.Archived {
		return p, &invalid{"team", "it is archived; bring it back under its settings to answer"}
	}
	if text := form.Get("base"); text != "" {
		base, err := strconv.ParseInt(text, 10, 64)
		if err != nil || base < 0 {
			return p, &invalid{"base", "want the number that came with the form, or nothing"}
		}
		p.base = base
	}
	switch from := form.Get("from"); {
	case from != "":
		err = s.adopt(r, lib, &p, from)
	case form.Get("confirm") == "yes":
		err = s.confirm(r.Context(), &p)
	case form.Get("round") != "":
		err = s.agree(r.Context(), lib, &p, form.Get("round"))
	}
	if err != nil {
		return p, err
	}
	return p, p.check(list)
}

// confirm makes a posted answer the current one, said again today.
func (s *Server) confirm(ctx context.Context, p *posted) error {
	answers, err := s.store.Answers(ctx, p.key(), time.Time{})
	if err != nil {
		return err
	}
	a := p.page.Checklist.Moved(answers)[p.item.ID]
	if a.State == "" {
		return &invalid{"confirm", "there is no answer to confirm"}
	}
	p.state, p.note, p.evidence, p.confirm = a.State, a.Note, strings.Join(a.Evidence, "\n"), true
	return nil
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
	a := content.Answer{State: p.state, Note: p.note, Evidence: links(p.evidence), By: p.by}
	if field, problem := list.CheckAnswer(p.item, p.subject, a); problem != "" {
		return &invalid{field, problem}
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
	p.problem = sentence(err.Error())
	if p.item == nil {
		return statusErrorf(code, "%s", p.problem)
	}
	w.Header().Set("Cache-Control", "no-store")
	if p.round != nil {
		return s.refuseAgreed(w, r, snap, p, code)
	}
	return s.drawChecklist(w, r, snap, p.page, code, checklistQuery{asked: p.asked, subject: p.subject, posted: &p})
}

// answered confirms an answer: 303 back to the item, or JSON.
func (s *Server) answered(w http.ResponseWriter, r *http.Request, snap *snapshot, p posted, a content.Answer) error {
	if !wantsJSON(r) {
		http.Redirect(w, r, s.afterAnswer(r, p), http.StatusSeeOther)
		return nil
	}
	list := p.page.Checklist
	out := map[string]any{"item": answerJSON(list, p.item, a, p.now)}
	if p.owner != "" {
		answers, err := s.store.Answers(r.Context(), p.key(), time.Time{})
		if err != nil {
			return err
		}
		score := list.Score(list.Moved(answers), p.now)
		out["score"], out["coverage"], out["level"] = score.Share, score.Coverage, levelJSON(list, score)
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.sendJSON(w, r, http.StatusOK, out)
}

// afterAnswer is where a form goes on: where it says, or back to the item.
func (s *Server) afterAnswer(r *http.Request, p posted) string {
	if to := r.PostForm.Get("return"); to != "" {
		return s.localReturn(to)
	}
	if p.round != nil {
		return s.roundPath(p.team.Slug, p.round.ID) + "#" + url.PathEscape(p.item.ID)
	}
	u := url.URL{Path: s.prefix + "/" + p.page.Path, Fragment: p.item.ID}
	query := url.Values{"saved": {p.item.ID}}
	if p.subject != "" {
		query.Set("subject", p.subject)
	}
	if p.team != nil {
		query.Set("team", p.team.Slug)
	}
	if show := r.URL.Query().Get("show"); show != "" && slices.Contains(filters, show) {
		query.Set("show", show)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
