package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/site/transfer"
	"opsbook/templates"
)

// Where an answer that was copied comes from, as the log keeps it.
const (
	fromRename   = "moved"    // from the item's former id
	fromBrowser  = "browser"  // from somebody's own answers to a team's
	fromPractice = "practice" // and a space, the checklist, #, the item
	fromRound    = "round"    // and a space, the round's id
	fromImport   = transfer.Origin
)

// originText says where an answer comes from, empty for one that was given here.
func originText(lib *content.Library, origin string) string {
	kind, rest, _ := strings.Cut(origin, " ")
	switch kind {
	case fromRename:
		return "moved with the item"
	case fromBrowser:
		return "copied from someone's own answers"
	case fromPractice:
		path, _, _ := strings.Cut(rest, "#")
		if p := lib.Page(path); p != nil {
			path = p.Title
		}
		return "taken from " + path
	case fromRound:
		return "agreed in a workshop"
	case fromImport:
		return "imported"
	}
	return ""
}

// origins says where answers come from, a text for each; of those that were
// agreed in a workshop also what its members had said before: "agreed in a
// workshop: 5 yes, 2 partly, 1 no".
func (s *Server) origins(ctx context.Context, lib *content.Library, entries []store.Entry) ([]string, error) {
	rounds := map[string]map[string]content.Counts{}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = originText(lib, e.Origin)
		kind, id, _ := strings.Cut(e.Origin, " ")
		p := lib.Page(e.Checklist)
		if kind != fromRound || p == nil || p.Checklist == nil {
			continue
		}
		if rounds[id] == nil {
			counts, err := s.store.RoundCounts(ctx, id)
			if err != nil {
				return nil, err
			}
			rounds[id] = byItem(p.Checklist, counts)
		}
		if it := p.Checklist.Item(e.Item); it != nil && len(rounds[id][it.ID]) > 0 {
			out[i] += ": " + countsText(p.Checklist, it, rounds[id][it.ID])
		}
	}
	return out, nil
}

// addOffers offers on items without an answer what their practice was answered
// with in another checklist.
func (s *Server) addOffers(r *http.Request, lib *content.Library, v *templates.ChecklistView, q checklistQuery) error {
	var stands []store.Stand
	for i := range v.Sections {
		for j := range v.Sections[i].Items {
			it := &v.Sections[i].Items[j]
			if it.Practice == "" || it.Answer.State != "" {
				continue
			}
			if stands == nil {
				var err error
				if stands, err = s.store.Stands(r.Context(), time.Time{}, q.owner); err != nil {
					return err
				}
			}
			offer, err := s.offer(r, lib, stands, v.Page.Path, q.subject, it.Item)
			if err != nil {
				return err
			}
			it.Offer = offer
		}
	}
	return nil
}

// offer returns the latest answer to another item of the same practice, about
// the same subject or about none; nil where there is none.
func (s *Server) offer(r *http.Request, lib *content.Library, stands []store.Stand, path, subject string, it *content.Item) (*templates.Offer, error) {
	var best *templates.Offer
	var from store.Key
	for _, stand := range stands {
		p := lib.Page(stand.Checklist)
		if p == nil || p.Checklist == nil || stand.Checklist == path || (stand.Subject != "" && stand.Subject != subject) {
			continue
		}
		answers := p.Checklist.Moved(stand.Answers)
		for _, other := range p.Checklist.Items() {
			a := answers[other.ID]
			if other.Practice != it.Practice || other.Scale != it.Scale || a.State == "" || other.Reworded(a) {
				continue
			}
			if best == nil || a.At.After(best.Answer.At) {
				best, from = &templates.Offer{Page: p, Subject: stand.Subject, Item: other, Answer: a}, stand.Key
			}
		}
	}
	if best == nil {
		return nil, nil
	}
	whole, err := s.store.Answers(r.Context(), from, time.Time{}) // with its note
	if err != nil {
		return nil, err
	}
	best.Answer = best.Page.Checklist.Moved(whole)[best.Item.ID]
	return best, nil
}

// adopt makes a posted answer the copy of another list's answer to the same
// practice; from is that list and its item, joined by "#".
func (s *Server) adopt(r *http.Request, lib *content.Library, p *posted, from string) error {
	path, id, _ := strings.Cut(from, "#")
	page := findChecklist(lib, path)
	if page == nil {
		return &invalid{"from", fmt.Sprintf("there is no checklist %q", path)}
	}
	it := page.Checklist.Item(id)
	if it == nil || it.Practice == "" || it.Practice != p.item.Practice || it.Scale != p.item.Scale {
		return &invalid{"from", "the two items are not of one practice"}
	}
	key := store.Key{Owner: p.owner, Checklist: page.Path}
	for _, subject := range []string{p.subject, ""} {
		key.Subject = subject
		answers, err := s.store.Answers(r.Context(), key, time.Time{})
		if err != nil {
			return err
		}
		a := page.Checklist.Moved(answers)[it.ID]
		if a.State == "" {
			continue
		}
		p.state, p.note, p.evidence, p.given, p.by = a.State, a.Note, strings.Join(a.Evidence, "\n"), a.At, a.By
		p.origin = fromPractice + " " + page.Path + "#" + it.ID
		return nil
	}
	return &invalid{"from", "that item has no answer"}
}

// copyable returns how many of this browser's own answers to a checklist could
// be copied to a team that has these answers.
func (s *Server) copyable(r *http.Request, p *content.Page, subject string, theirs map[string]content.Answer) (int, error) {
	mine, err := s.toCopy(r, p, subject, theirs)
	return len(mine), err
}

// toCopy returns this browser's own answers to items that others have not answered.
func (s *Server) toCopy(r *http.Request, p *content.Page, subject string, theirs map[string]content.Answer) (map[string]content.Answer, error) {
	owner := s.owner(r)
	if owner == "" {
		return nil, nil
	}
	mine, err := s.store.Answers(r.Context(), store.Key{Owner: owner, Checklist: p.Path, Subject: subject}, time.Time{})
	if err != nil {
		return nil, err
	}
	list := p.Checklist
	mine, theirs = list.Moved(mine), list.Moved(theirs)
	for id, a := range mine {
		if it := list.Item(id); it == nil || it.ID != id || a.State == "" || theirs[id].State != "" {
			delete(mine, id)
		}
	}
	return mine, nil
}

// postCopy copies this browser's own answers to a checklist to a team, with
// their times, where the team has none.
func (s *Server) postCopy(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	team, err := s.writableTeam(r)
	if err != nil {
		return err
	}
	snap := s.current.Load()
	p := findChecklist(snap.lib, r.PostForm.Get("checklist"))
	if p == nil || p.Checklist.Anonymous {
		return statusErrorf(http.StatusNotFound, "There is no checklist %q.", r.PostForm.Get("checklist"))
	}
	key := store.Key{Owner: team.Owner(), Checklist: p.Path, Subject: strings.TrimSpace(r.PostForm.Get("subject"))}
	theirs, err := s.store.Answers(r.Context(), key, time.Time{})
	if err != nil {
		return err
	}
	mine, err := s.toCopy(r, p, key.Subject, theirs)
	if err != nil {
		return err
	}
	var batch []store.NewAnswer
	var hashes []string
	for _, a := range mine {
		hashes = append(hashes, a.TextHash)
	}
	texts, err := s.store.Texts(r.Context(), hashes...)
	if err != nil {
		return err
	}
	for _, it := range p.Checklist.Items() { // in the list's order
		if a, ok := mine[it.ID]; ok {
			batch = append(batch, store.NewAnswer{Key: key, Item: it.ID, Base: theirs[it.ID].Seq, State: a.State, Note: a.Note, Evidence: a.Evidence, At: a.At, By: cmp.Or(a.By, displayName(r)), TextHash: a.TextHash, Text: texts[a.TextHash], Origin: fromBrowser})
		}
	}
	err = s.store.AppendAnswers(r.Context(), batch)
	if errors.Is(err, store.ErrConflict) {
		return statusErrorf(http.StatusConflict, "The team has answered meanwhile. Nothing was copied; look at its answers and try again.")
	}
	if err != nil {
		return fmt.Errorf("copy answers to %s: %w", team.Slug, err)
	}
	http.Redirect(w, r, string(snap.site.ListURL(templates.Whose{Slug: team.Slug}, p.Path, key.Subject, "progress")), http.StatusSeeOther)
	return nil
}
