package site

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// serveChanges answers with what has changed in the lists since a team answered
// them: new, reworded and retired items.
func (s *Server) serveChanges(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	lists, err := s.scoresOf(r.Context(), p.snap.lib, p.owner, p.at, p.now)
	if err != nil {
		return err
	}
	v := &templates.ChangesView{TeamFrame: p.frame}
	for _, sc := range lists {
		list, err := s.changedList(r, sc, p.at)
		if err != nil {
			return err
		}
		if len(list.New)+len(list.Reworded)+len(list.Retired) > 0 {
			v.Lists = append(v.Lists, list)
		}
	}
	s.render(w, r, http.StatusOK, templates.Changes(v))
	return nil
}

// changedList fills the view of what has changed in one list.
func (s *Server) changedList(r *http.Request, sc scored, at time.Time) (templates.ChangedList, error) {
	out := templates.ChangedList{Page: sc.page, List: sc.list, Subject: sc.Subject}
	c := s.changes(sc)
	out.New = c.fresh
	if len(c.reworded)+len(c.retired) == 0 {
		return out, nil
	}
	// The answers again, with notes and whole hashes.
	raw, err := s.store.Answers(r.Context(), sc.Key, at)
	if err != nil {
		return out, err
	}
	answers := sc.list.Moved(raw)
	var hashes []string
	for _, it := range c.reworded {
		hashes = append(hashes, answers[it.ID].TextHash)
	}
	for _, id := range c.retired {
		hashes = append(hashes, raw[id].TextHash)
	}
	texts, err := s.store.Texts(r.Context(), hashes...)
	if err != nil {
		return out, err
	}
	for _, it := range c.reworded {
		a := answers[it.ID]
		out.Reworded = append(out.Reworded, templates.ChangedItem{ID: it.ID, Claim: it.Claim, Text: it.Text, Old: texts[a.TextHash], Answer: a, State: templates.StateName(sc.list, it, a.State)})
	}
	for _, id := range c.retired {
		a := raw[id]
		out.Retired = append(out.Retired, templates.ChangedItem{ID: id, Claim: firstLine(texts[a.TextHash]), Old: texts[a.TextHash], Answer: a, State: sc.list.Label(&content.Item{}, a.State)})
	}
	return out, nil
}

// changesTo is what differs between a list and what was answered to it.
type changesTo struct {
	fresh    []*content.Item // not answered, and served first after the first answer and after the list itself
	reworded []*content.Item
	retired  []string // ids
}

// changes compares a list with its answers.
func (s *Server) changes(sc scored) changesTo {
	var c changesTo
	if sc.list == nil {
		return c
	}
	seen := (*s.seen.Load())[sc.Checklist]
	since := earliest(func(yield func(time.Time) bool) {
		for _, a := range sc.raw {
			if !yield(a.At) {
				return
			}
		}
	})
	// Answers that were imported may be older than the list is here; what was in
	// it from its first day is not new.
	if listed := earliest(maps.Values(seen)); listed.After(since) {
		since = listed
	}
	for _, it := range sc.list.Items() {
		a := sc.answers[it.ID]
		switch at, known := seen[it.ID]; {
		case a.State != "" && it.Reworded(a):
			c.reworded = append(c.reworded, it)
		case a.State == "" && known && at.After(since):
			c.fresh = append(c.fresh, it)
		}
	}
	c.retired = sc.list.Retired(sc.raw)
	return c
}

// earliest returns the earliest of some times, the zero time of none.
func earliest(times iter.Seq[time.Time]) time.Time {
	var first time.Time
	for at := range times {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// countChanges counts what is to be looked at again because lists have changed
// since they were answered; what was retired asks for nothing.
func (s *Server) countChanges(lists []scored) int {
	n := 0
	for _, sc := range lists {
		c := s.changes(sc)
		n += len(c.fresh) + len(c.reworded)
	}
	return n
}

// note tells the store which checklists and wordings are served: answers follow
// a list to its new path, and it is remembered when each item was served first.
func (s *Server) note(ctx context.Context) {
	var sightings []store.Sighting
	lib := s.current.Load().lib
	for _, p := range lib.Pages() {
		if p.Checklist == nil {
			continue
		}
		former := slices.DeleteFunc(slices.Clone(p.Aliases), func(old string) bool {
			to, _ := lib.Resolve(old)
			return to != p.Path // a real page beats an alias
		})
		if _, err := s.store.MoveChecklist(ctx, p.Path, former...); err != nil && ctx.Err() == nil {
			s.log.Error("answers did not follow a checklist to its new path", "from", former, "to", p.Path, "err", err)
		}
		for _, it := range p.Checklist.Items() {
			sightings = append(sightings, store.Sighting{Checklist: p.Path, Item: it.ID, TextHash: it.TextHash})
		}
	}
	seen, err := s.store.Saw(ctx, sightings, s.now())
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("what checklists say now was not noted; new items will not be marked as new", "err", err)
		}
		return
	}
	s.seen.Store(&seen)
}
