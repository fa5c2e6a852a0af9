package site

import (
	"fmt"
	"net/http"
	"slices"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"

	"github.com/a-h/templ"
)

// serveSteps answers with a playbook one step at a time, dark unless the reader
// chose light: it is read at night.
func (s *Server) serveSteps(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	path, _ := snap.lib.Resolve(r.PathValue("path"))
	p := snap.lib.Page(path)
	if p == nil || p.Kind != content.Playbook {
		return statusErrorf(http.StatusNotFound, "There is no playbook at /%s.", r.PathValue("path"))
	}
	return s.serveCached(w, r, snap, "-/steps/"+path, func() (templ.Component, error) {
		body, err := snap.body(p)
		if err != nil {
			return nil, err
		}
		v := &templates.PageView{Frame: s.frame(r, snap, "-/steps/"+path, p.Title+", step by step"), Page: p, Body: body}
		v.Description, v.NoIndex = p.Description, true
		if v.Theme == "" {
			v.Theme = "dark"
		}
		return templates.Steps(v), nil
	})
}

// maxPrinted is how many pages are put on paper at once.
const maxPrinted = 200

// servePrint answers with all pages of a section, one after the other, with the
// reader's answers on its checklists.
func (s *Server) servePrint(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	path, _ := snap.lib.Resolve(r.PathValue("path"))
	n := snap.lib.Node(path)
	if n == nil {
		return statusErrorf(http.StatusNotFound, "There is no section at /%s.", r.PathValue("path"))
	}
	a, err := s.asked(r, r.URL.Query())
	if err != nil {
		return err
	}
	v := &templates.PrintView{Frame: s.frame(r, snap, "-/print/"+path, n.Title), Whose: s.whose(r, a)}
	v.Description, v.NoIndex, v.Wide = "The pages of "+n.Title+" for printing.", true, true
	for _, p := range n.Pages() {
		if p.Kind == content.IndexKind {
			continue
		}
		if len(v.Pages) == maxPrinted {
			return statusErrorf(http.StatusBadRequest, "/%s has more than %d pages: print its sections one by one.", path, maxPrinted)
		}
		printed, err := s.printed(r, snap, p, a)
		if err != nil {
			return err
		}
		v.Pages = append(v.Pages, printed)
		for _, t := range printed.Body.Terms {
			if !slices.ContainsFunc(v.Terms, func(have content.Term) bool { return have.Anchor == t.Anchor }) {
				v.Terms = append(v.Terms, t)
			}
		}
	}
	s.render(w, r, http.StatusOK, templates.Print(v))
	return nil
}

// printed returns a page for paper.
func (s *Server) printed(r *http.Request, snap *snapshot, p *content.Page, who asked) (templates.PrintedPage, error) {
	body, err := snap.body(p)
	if err != nil {
		return templates.PrintedPage{}, err
	}
	out := templates.PrintedPage{Page: p, Body: body}
	if p.Checklist == nil {
		return out, nil
	}
	answers := map[string]content.Answer{}
	if who.owner != "" {
		if answers, err = s.store.Answers(r.Context(), store.Key{Owner: who.owner, Checklist: p.Path}, who.at); err != nil {
			return out, fmt.Errorf("print %s: %w", p.Path, err)
		}
		answers = p.Checklist.Moved(answers)
	}
	for _, section := range p.Checklist.Sections {
		g := templates.ItemGroup{Title: section.Title}
		for _, it := range section.Items {
			g.Items = append(g.Items, itemView(p.Checklist, it, answers[it.ID], who.now))
		}
		out.Groups = append(out.Groups, g)
	}
	return out, nil
}
