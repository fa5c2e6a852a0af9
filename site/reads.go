package site

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// readable reports whether a page is one that is marked as read.
func readable(p *content.Page) bool {
	switch p.Kind {
	case content.Guide, content.Playbook, content.Template, content.Drill:
		return p.Broken == nil || p.Words > 0
	}
	return false
}

// postRead marks a page as read, or as not read.
func (s *Server) postRead(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	snap := s.current.Load()
	path, _ := snap.lib.Resolve(r.PostForm.Get("page"))
	p := snap.lib.Page(path)
	if p == nil || !readable(p) {
		return statusErrorf(http.StatusNotFound, "There is no page %q to mark as read.", r.PostForm.Get("page"))
	}
	state := r.PostForm.Get("state")
	if state != "read" && state != "unread" {
		return statusErrorf(http.StatusUnprocessableEntity, "state: want read or unread, not %q.", state)
	}
	owner := s.owner(r)
	if owner == "" && state == "read" {
		owner = s.newOwner(w, r)
	}
	if owner != "" {
		s.renewOwner(w, r)
		if err := s.store.MarkRead(r.Context(), owner, path, state == "read", s.now()); err != nil {
			return fmt.Errorf("mark %s: %w", path, err)
		}
	}
	if wantsJSON(r) {
		return s.sendJSON(w, r, http.StatusOK, map[string]string{"page": path, "state": state})
	}
	http.Redirect(w, r, string(snap.site.Link(path, "read")), http.StatusSeeOther)
	return nil
}

// learner is what an owner has read and answered; the zero value has nothing.
type learner struct {
	read    map[string]time.Time     // by page
	answers map[string]store.Summary // by checklist, without a subject
}

// learner returns what an owner has done, nothing for the empty owner.
func (s *Server) learner(r *http.Request, owner string) (learner, error) {
	var l learner
	if owner == "" {
		return l, nil
	}
	var err error
	if l.read, err = s.store.Reads(r.Context(), owner); err != nil {
		return l, err
	}
	summaries, err := s.store.Summaries(r.Context(), owner)
	if err != nil {
		return l, err
	}
	l.answers = map[string]store.Summary{}
	for _, sum := range summaries {
		if sum.Subject == "" {
			l.answers[sum.Checklist] = sum
		}
	}
	return l, nil
}

// path returns how far a learner is on a learning path.
func (l learner) path(lib *content.Library, p *content.Page) templates.PathProgress {
	out := templates.PathProgress{Page: p}
	for _, step := range p.Steps {
		canonical, _ := lib.Resolve(step.Path)
		target := lib.Page(canonical)
		if target == nil {
			continue // check names it
		}
		v := templates.StepView{Page: target}
		switch {
		case target.Checklist != nil:
			total := len(target.Checklist.Items())
			v.Answered = min(l.answers[canonical].Answered, total)
			v.Done = v.Answered == total
			out.Begun = out.Begun || v.Answered > 0
		default:
			_, v.Done = l.read[canonical]
			out.Begun = out.Begun || v.Done
		}
		out.Minutes += target.ReadingMinutes()
		if v.Done {
			out.Done++
		} else {
			out.MinutesLeft += target.ReadingMinutes()
			if out.Next == nil {
				v.Next = true
				out.Next = target
			}
		}
		out.Steps = append(out.Steps, v)
	}
	return out
}

// paths returns the learning paths that a learner has begun.
func (l learner) paths(lib *content.Library) []templates.PathProgress {
	var out []templates.PathProgress
	for _, p := range lib.Pages() {
		if p.Kind != content.PathKind {
			continue
		}
		if progress := l.path(lib, p); progress.Begun {
			out = append(out, progress)
		}
	}
	return out
}

// onPath returns the path that a learner who reads p is on, nil for none. Of
// several, the one furthest on is meant.
func (l learner) onPath(lib *content.Library, p *content.Page) *templates.PathProgress {
	var best *templates.PathProgress
	for _, progress := range l.paths(lib) {
		has := slices.ContainsFunc(progress.Steps, func(v templates.StepView) bool { return v.Page == p })
		if has && (best == nil || progress.Done > best.Done) {
			best = &progress
		}
	}
	return best
}
