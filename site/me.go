package site

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// progress returns what an owner had answered at an instant, the latest first;
// the zero time is now.
func (s *Server) progress(ctx context.Context, lib *content.Library, owner string, at, now time.Time) ([]templates.ProgressLine, error) {
	lists, err := s.scoresOf(ctx, lib, owner, at, now)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lists, func(a, b scored) int { return b.lastAt.Compare(a.lastAt) })
	var out []templates.ProgressLine
	for _, sc := range lists {
		out = append(out, templates.ProgressLine{Page: sc.page, List: sc.list, Subject: sc.Subject, Score: sc.score, At: sc.lastAt, Gone: sc.Checklist})
	}
	return out, nil
}

// serveMe answers with what is known about this browser's reader.
func (s *Server) serveMe(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	a := asked{owner: s.owner(r), now: s.now()}
	if err := a.readDay(r.URL.Query().Get("at")); err != nil {
		return err
	}
	v := &templates.MeView{Frame: s.frame(r, snap, "me", "My progress"), Day: a.day, Name: displayName(r)}
	v.Description = "What was answered in this browser."
	v.Wide, v.NoIndex = true, true
	begun := map[string]bool{}
	if a.owner != "" {
		var err error
		if v.Progress, err = s.progress(r.Context(), snap.lib, a.owner, a.at, a.now); err != nil {
			return err
		}
		for _, line := range v.Progress {
			begun[line.Gone] = true
		}
	}
	if a.day == "" {
		if err := s.addReading(r, snap.lib, v, a.owner); err != nil {
			return err
		}
		for _, p := range snap.lib.Pages() {
			if p.Checklist != nil && !p.Checklist.Anonymous && !begun[p.Path] {
				v.Begin = append(v.Begin, p)
			}
		}
	}
	s.render(w, r, http.StatusOK, templates.Me(v))
	return nil
}

// addReading adds what a reader has read, the paths they are on, and their team.
func (s *Server) addReading(r *http.Request, lib *content.Library, v *templates.MeView, owner string) error {
	l, err := s.learner(r, owner)
	if err != nil {
		return err
	}
	v.Begun = l.paths(lib)
	for _, p := range lib.Pages() {
		if _, ok := l.read[p.Path]; ok {
			v.Read = append(v.Read, p)
		}
	}
	v.Team, err = s.myTeam(r, lib)
	return err
}

// myTeamTop is how many of a team's next items the home page shows.
const myTeamTop = 3

// myTeam returns what comes next for the team that the reader last answered for,
// nil for none.
func (s *Server) myTeam(r *http.Request, lib *content.Library) (*templates.MyTeam, error) {
	c, err := r.Cookie(teamCookie)
	if err != nil {
		return nil, nil
	}
	team, err := s.store.Team(r.Context(), c.Value)
	if errors.Is(err, store.ErrNotFound) || (err == nil && team.Archived) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := s.now()
	lists, err := s.scoresOf(r.Context(), lib, team.Owner(), time.Time{}, now)
	if err != nil {
		return nil, err
	}
	actions, err := s.store.Actions(r.Context(), team.ID, time.Time{})
	if err != nil {
		return nil, err
	}
	v := &templates.MyTeam{Slug: team.Slug, Name: team.Name, Confirm: len(agingLines(lists, now, 0)), Actions: openActions(lib, actions, now)}
	v.Next = nextLines(lists, v.Actions)
	v.Next = v.Next[:min(len(v.Next), myTeamTop)]
	v.Actions = v.Actions[:min(len(v.Actions), myTeamTop)]
	return v, nil
}
