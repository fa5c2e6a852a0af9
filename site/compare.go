package site

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// maxCompared is how many sides have their sections and items compared; of more
// there is the table of teams.
const maxCompared = 12

// compareQuery says what is compared.
type compareQuery struct {
	asked
	fields  url.Values    // as they came
	page    *content.Page // nil: all checklists
	subject string
	vs      string    // the day before; empty: none
	before  time.Time // its end
	group   string
	all     []store.Team // of the day, by name
	teams   []store.Team // that were named, and those of the group, by name
	problem string       // why it is refused
}

// serveCompare answers with a comparison of teams, of a team with its past, or
// with the overview of the organisation.
func (s *Server) serveCompare(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	q, err := s.compareQuery(r, snap.lib)
	if err != nil {
		return err
	}
	v, code := s.compareView(r, snap, q), http.StatusOK
	switch {
	case q.problem != "" && wantsJSON(r):
		return statusErrorf(http.StatusUnprocessableEntity, "%s", q.problem)
	case q.problem != "":
		code = http.StatusUnprocessableEntity
	case q.page == nil:
		return s.drawOverview(w, r, snap, q)
	case len(q.teams) > 0:
		if err := s.addSides(r.Context(), snap.lib, v, q); err != nil {
			return err
		}
	}
	s.render(w, r, code, templates.Compare(v))
	return nil
}

// compareQuery reads what is compared. What a form can say wrong is a problem of
// the query, so that the form is shown again with what was chosen.
func (s *Server) compareQuery(r *http.Request, lib *content.Library) (compareQuery, error) {
	fields := r.URL.Query()
	q := compareQuery{asked: asked{now: s.now()}, fields: fields, subject: strings.TrimSpace(fields.Get("subject")), vs: strings.TrimSpace(fields.Get("vs")), group: fields.Get("group")}
	if path := fields.Get("checklist"); path != "" {
		if q.page = findChecklist(lib, path); q.page == nil {
			return q, statusErrorf(http.StatusNotFound, "There is no checklist %q.", shorten(path, 80))
		}
	}
	q.problem = q.readFields()
	var err error
	if q.all, err = s.store.Teams(r.Context(), q.at); err != nil {
		return q, err
	}
	if q.teams, err = s.chosen(r.Context(), q); err != nil {
		return q, err
	}
	if q.problem == "" && q.page != nil && q.group != "" && len(q.teams) == 0 {
		q.problem = "group: there is no active team in “" + shorten(q.group, 80) + "”."
	}
	return q, nil
}

// readFields reads the days and the subject, and says what is wrong with them.
func (q *compareQuery) readFields() string {
	if err := q.readDay(q.fields.Get("at")); err != nil {
		return err.Error()
	}
	if q.vs != "" {
		var err error
		if q.before, err = endOfDay("vs", q.vs); err != nil {
			return err.Error()
		}
		if !q.before.Before(q.now) {
			return "vs: want a day before the one that is shown."
		}
	}
	switch {
	case q.page == nil:
	case q.page.Checklist.Anonymous:
		return "checklist: a survey is answered without names; no team can be compared in it."
	case q.page.Checklist.Per == "":
		q.subject = ""
	case utf8.RuneCountInString(q.subject) > content.MaxSubject || strings.ContainsRune(q.subject, 0):
		return "subject: want one line of at most 200 characters."
	}
	return ""
}

// chosen returns the teams that a query names, archived ones too, and the active
// teams of its group.
func (s *Server) chosen(ctx context.Context, q compareQuery) ([]store.Team, error) {
	named := map[string]bool{}
	for _, list := range q.fields["teams"] {
		for slug := range strings.SplitSeq(list, ",") {
			if slug = strings.TrimSpace(slug); slug != "" {
				named[slug] = true
			}
		}
	}
	var out []store.Team
	for _, t := range q.all {
		if named[t.Slug] || (q.group != "" && !t.Archived && slices.Contains(t.Groups, q.group)) {
			out = append(out, t)
			delete(named, t.Slug)
		}
	}
	for slug := range named { // by an address that it has at another time
		team, err := s.team(ctx, slug)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(q.all, func(t store.Team) bool { return t.ID == team.ID }); i >= 0 {
			team = q.all[i]
		}
		if !slices.ContainsFunc(out, func(t store.Team) bool { return t.ID == team.ID }) {
			out = append(out, team)
		}
	}
	slices.SortStableFunc(out, func(a, b store.Team) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Slug, b.Slug))
	})
	return out, nil
}

// compareView fills the form, and what stands around the comparison.
func (s *Server) compareView(r *http.Request, snap *snapshot, q compareQuery) *templates.CompareView {
	v := &templates.CompareView{Frame: s.frame(r, snap, "compare", "Compare"), Page: q.page, Day: q.day, Vs: q.vs}
	v.Description = "Teams compared in one checklist, and a team with its own past."
	v.NoIndex, v.Wide = true, true
	v.Form = templates.CompareForm{Lists: answerable(snap.lib), Subject: q.subject, Group: q.group, Vs: q.vs, At: q.fields.Get("at"), Problem: q.problem}
	if q.page != nil {
		v.Title, v.Form.Path = q.page.Title+", compared", q.page.Path
	}
	groups := map[string]int{}
	for _, t := range q.all {
		named := slices.ContainsFunc(q.teams, func(c store.Team) bool { return c.ID == t.ID })
		inGroup := q.group != "" && slices.Contains(t.Groups, q.group)
		if t.Archived && !named {
			continue
		}
		v.Form.Teams = append(v.Form.Teams, templates.TeamChoice{Slug: t.Slug, Name: t.Name, Chosen: named && !inGroup})
		for _, g := range t.Groups {
			groups[g]++
		}
	}
	for _, g := range groupLinks(groups) {
		v.Form.Groups = append(v.Form.Groups, g.Name)
	}
	return v
}

// answerable returns the checklists that teams answer with their names.
func answerable(lib *content.Library) []*content.Page {
	var out []*content.Page
	for _, p := range lib.Pages() {
		if p.Checklist != nil && !p.Checklist.Anonymous {
			out = append(out, p)
		}
	}
	return out
}
