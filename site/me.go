package site

import (
	"net/http"
	"slices"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// progress returns what an owner has answered, the latest first.
func (s *Server) progress(r *http.Request, lib *content.Library, owner string) ([]templates.ProgressLine, error) {
	summaries, err := s.store.Summaries(r.Context(), owner)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(summaries, func(a, b store.Summary) int { return int(b.LogID - a.LogID) })
	var out []templates.ProgressLine
	for _, sum := range summaries {
		if sum.Answered == 0 {
			continue
		}
		line := templates.ProgressLine{Subject: sum.Subject, At: sum.LastAt, Gone: sum.Checklist}
		if p := lib.Page(sum.Checklist); p != nil && p.Checklist != nil {
			answers, err := sum.Answers()
			if err != nil {
				return nil, err
			}
			line.Page, line.List = p, p.Checklist
			line.Score = p.Checklist.Score(p.Checklist.Moved(answers), s.now())
		}
		out = append(out, line)
	}
	return out, nil
}

// serveMe answers with what is known about this browser's reader.
func (s *Server) serveMe(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	v := &templates.MeView{Frame: s.frame(r, snap, "me", "My progress")}
	v.Description = "What was answered in this browser."
	v.Wide, v.NoIndex = true, true
	begun := map[string]bool{}
	if owner := s.owner(r); owner != "" {
		var err error
		if v.Progress, err = s.progress(r, snap.lib, owner); err != nil {
			return err
		}
		l, err := s.learner(r, owner)
		if err != nil {
			return err
		}
		v.Begun = l.paths(snap.lib)
		for _, p := range snap.lib.Pages() {
			if _, ok := l.read[p.Path]; ok {
				v.Read = append(v.Read, p)
			}
		}
		for _, line := range v.Progress {
			if line.Page != nil {
				begun[line.Page.Path] = true
			}
		}
	}
	for _, p := range snap.lib.Pages() {
		if p.Checklist != nil && !p.Checklist.Anonymous && !begun[p.Path] {
			v.Begin = append(v.Begin, p)
		}
	}
	s.render(w, r, http.StatusOK, templates.Me(v))
	return nil
}
