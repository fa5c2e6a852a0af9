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
	"opsbook/templates"
)

// teamPage is a request for one of a team's pages.
type teamPage struct {
	asked
	snap  *snapshot
	frame templates.TeamFrame
}

// ofTeam serves a page of the team that the address names. An address that the
// team had before leads to the one it has.
func (s *Server) ofTeam(tab, title string, serve func(http.ResponseWriter, *http.Request, *teamPage) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		slug := r.PathValue("slug")
		team, err := s.team(r.Context(), slug)
		if err != nil {
			return err
		}
		if team.Slug != slug {
			redirect(w, r, s.prefix+"/teams/"+team.Slug+strings.TrimPrefix(r.URL.Path, "/teams/"+slug))
			return nil
		}
		p := &teamPage{snap: s.current.Load(), asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
		if err := p.readDay(r.URL.Query().Get("at")); err != nil {
			return err
		}
		p.frame = s.teamFrame(r, p, tab, title)
		return serve(w, r, p)
	}
}

func (s *Server) teamFrame(r *http.Request, p *teamPage, tab, title string) templates.TeamFrame {
	path := "teams/" + p.team.Slug
	if tab != "" {
		path += "/" + tab
	}
	f := templates.TeamFrame{Frame: s.frame(r, p.snap, path, title), Whose: s.whose(r, p.asked), About: p.team.Description, Groups: p.team.Groups, Created: p.team.Created, Seq: p.team.Seq, Tab: tab, Today: s.now().UTC().Format(time.DateOnly)}
	f.Title = p.team.Name
	if title != "" {
		f.Title += ": " + title
	}
	f.Description = "What the team " + p.team.Name + " has answered, and what it does next."
	f.NoIndex, f.Wide = true, true
	if n, err := strconv.Atoi(r.URL.Query().Get("imported")); err == nil && n >= 0 && tab == "" {
		f.Imported = templates.ImportedText(n)
	}
	return f
}

// writableTeam returns the team of a posted form's address, which must not be archived.
func (s *Server) writableTeam(r *http.Request) (store.Team, error) {
	team, err := s.team(r.Context(), r.PathValue("slug"))
	if err == nil && team.Archived {
		err = statusErrorf(http.StatusUnprocessableEntity, "%s is archived. Bring it back under its settings first.", team.Name)
	}
	return team, err
}

// serveTeams lists the teams.
func (s *Server) serveTeams(w http.ResponseWriter, r *http.Request) error {
	return s.drawTeams(w, r, http.StatusOK, r.URL.Query(), templates.ProfileForm{})
}

func (s *Server) drawTeams(w http.ResponseWriter, r *http.Request, code int, query url.Values, form templates.ProfileForm) error {
	snap := s.current.Load()
	a := asked{now: s.now()}
	if err := a.readDay(query.Get("at")); err != nil {
		return err
	}
	teams, err := s.store.Teams(r.Context(), a.at)
	if err != nil {
		return err
	}
	v := &templates.TeamsView{Frame: s.frame(r, snap, "teams", "Teams"), Day: a.day, Group: query.Get("group"), Name: displayName(r), Form: form}
	v.Description = "The teams that answer checklists here."
	v.NoIndex, v.Wide = true, true
	if p := findChecklist(snap.lib, query.Get("for")); p != nil {
		v.For, v.Subject = p, shorten(query.Get("subject"), content.MaxSubject)
	}
	links, err := s.teamLinks(r.Context(), snap.lib, teams, a.at)
	if err != nil {
		return err
	}
	groups := map[string]int{}
	for _, link := range links {
		switch {
		case link.Archived:
			v.Archived = append(v.Archived, link)
			continue
		case v.Group == "" || slices.Contains(link.Groups, v.Group):
			v.Teams = append(v.Teams, link)
		}
		for _, g := range link.Groups {
			groups[g]++
		}
	}
	v.Groups = groupLinks(groups)
	s.render(w, r, code, templates.Teams(v))
	return nil
}

// groupLinks returns the groups by name.
func groupLinks(counts map[string]int) []templates.GroupLink {
	var out []templates.GroupLink
	for name, n := range counts {
		out = append(out, templates.GroupLink{Name: name, Count: n})
	}
	slices.SortFunc(out, func(a, b templates.GroupLink) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// teamLinks returns the teams with what they have begun.
func (s *Server) teamLinks(ctx context.Context, lib *content.Library, teams []store.Team, at time.Time) ([]templates.TeamLink, error) {
	owners := make([]string, len(teams))
	for i, t := range teams {
		owners[i] = t.Owner()
	}
	stands, err := s.store.Stands(ctx, at, owners...)
	if err != nil {
		return nil, err
	}
	begun := map[string]int{}
	last := map[string]time.Time{}
	for _, st := range stands {
		if movedAway(lib, st.Checklist) {
			continue
		}
		begun[st.Owner]++
		if st.LastAt.After(last[st.Owner]) {
			last[st.Owner] = st.LastAt
		}
	}
	out := make([]templates.TeamLink, len(teams))
	for i, t := range teams {
		out[i] = templates.TeamLink{Slug: t.Slug, Name: t.Name, Description: t.Description, Groups: t.Groups, Archived: t.Archived, Begun: begun[t.Owner()], LastAt: last[t.Owner()]}
	}
	return out, nil
}

// readProfile takes the fields of a team's form.
func readProfile(form url.Values) (store.Profile, templates.ProfileForm) {
	f := templates.ProfileForm{Name: strings.TrimSpace(form.Get("name")), Description: strings.TrimSpace(strings.ReplaceAll(form.Get("description"), "\r\n", "\n")), Groups: strings.TrimSpace(form.Get("groups"))}
	p := store.Profile{Name: f.Name, Description: f.Description}
	for g := range strings.SplitSeq(f.Groups, ",") {
		if g = strings.TrimSpace(g); g != "" {
			p.Groups = append(p.Groups, g)
		}
	}
	f.Problem = p.Problem()
	return p, f
}

// teamSlug returns the address that a team's name asks for.
func teamSlug(name string) string {
	slug := strings.Trim(content.Slug(shorten(name, 60)), "-")
	if slug == "" {
		return "team"
	}
	return slug
}

// postTeam creates a team and goes to it, or to the checklist it was created for.
func (s *Server) postTeam(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	profile, form := readProfile(r.PostForm)
	if form.Problem != "" {
		if wantsJSON(r) {
			return statusErrorf(http.StatusUnprocessableEntity, "%s", form.Problem)
		}
		return s.drawTeams(w, r, http.StatusUnprocessableEntity, url.Values{"for": r.PostForm["for"], "subject": r.PostForm["subject"]}, form)
	}
	snap := s.current.Load()
	team, err := s.store.CreateTeam(r.Context(), teamSlug(profile.Name), profile, s.now(), displayName(r))
	if err != nil {
		return fmt.Errorf("create team %q: %w", profile.Name, err)
	}
	s.remember(w, r, teamCookie, team.ID)
	if wantsJSON(r) {
		return s.sendJSON(w, r, http.StatusCreated, map[string]string{"slug": team.Slug, "name": team.Name})
	}
	to := snap.site.URL("teams/" + team.Slug)
	switch p := findChecklist(snap.lib, r.PostForm.Get("for")); {
	case p == nil:
	case p.Checklist.Anonymous:
		to = snap.site.RoundsURL(team.Slug, p.Path)
	default:
		to = snap.site.ListURL(templates.Whose{Slug: team.Slug}, p.Path, r.PostForm.Get("subject"), "")
	}
	http.Redirect(w, r, string(to), http.StatusSeeOther)
	return nil
}

// serveSettings answers with what a team can change about itself.
func (s *Server) serveSettings(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	form := templates.ProfileForm{Name: p.team.Name, Description: p.team.Description, Groups: strings.Join(p.team.Groups, ", ")}
	return s.drawSettings(w, r, http.StatusOK, p, form)
}

func (s *Server) drawSettings(w http.ResponseWriter, r *http.Request, code int, p *teamPage, form templates.ProfileForm) error {
	profiles, err := s.store.Profiles(r.Context(), p.team.ID)
	if err != nil {
		return err
	}
	v := &templates.SettingsView{TeamFrame: p.frame, Form: form}
	for _, t := range profiles {
		v.Profiles = append(v.Profiles, templates.ProfileLine{Name: t.Name, Slug: t.Slug, Description: t.Description, Groups: t.Groups, Archived: t.Archived, At: t.At, By: t.By})
	}
	s.render(w, r, code, templates.Settings(v))
	return nil
}

// postProfile renames, describes or groups a team, archives it or brings it back.
func (s *Server) postProfile(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	team, err := s.team(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(r.PostForm.Get("base"), 10, 64)
	if err != nil || base < 1 {
		return statusErrorf(http.StatusUnprocessableEntity, "base: want the number that came with the form.")
	}
	profile, form, slug := team.Profile, templates.ProfileForm{}, ""
	switch archived := r.PostForm.Get("archived"); archived {
	case "":
		profile, form = readProfile(r.PostForm)
		profile.Archived = team.Archived
		slug = teamSlug(profile.Name)
	case "yes", "no":
		profile.Archived = archived == "yes"
	default:
		return statusErrorf(http.StatusUnprocessableEntity, "archived: want yes or no, not %q.", shorten(archived, 40))
	}
	code := http.StatusUnprocessableEntity
	if form.Problem == "" {
		var now store.Team
		now, err = s.store.ReviseTeam(r.Context(), team.ID, base, slug, profile, s.now(), displayName(r))
		if err == nil {
			http.Redirect(w, r, s.prefix+"/teams/"+now.Slug+"/settings", http.StatusSeeOther)
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("revise team %s: %w", team.Slug, err)
		}
		team, code = now, http.StatusConflict
		form.Problem = fmt.Sprintf("Someone changed the team meanwhile: it is called %q now, its groups are %q. What you typed is still below; send it again to replace theirs.", now.Name, strings.Join(now.Groups, ", "))
		if form.Name == "" { // only archived or brought back
			form.Name, form.Description, form.Groups = now.Name, now.Description, strings.Join(now.Groups, ", ")
		}
	}
	if wantsJSON(r) {
		return statusErrorf(code, "%s", form.Problem)
	}
	p := &teamPage{snap: s.current.Load(), asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
	p.frame = s.teamFrame(r, p, "settings", "Settings")
	w.Header().Set("Cache-Control", "no-store")
	return s.drawSettings(w, r, code, p, form)
}
