package site

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// asked says whose answers a request is about, and as of which day.
type asked struct {
	team  *store.Team // nil: this browser's own
	owner string      // of the answers; empty: a browser that has none yet
	day   string      // such as 2026-11-24; empty: now
	at    time.Time   // the end of the day, for reading the log; zero: now
	now   time.Time   // when answers are weighed: now, or the end of the day
}

// asked reads the fields team and at of a query or a form.
func (s *Server) asked(r *http.Request, fields url.Values) (asked, error) {
	a := asked{owner: s.owner(r), now: s.now()}
	if slug := strings.TrimSpace(fields.Get("team")); slug != "" {
		team, err := s.team(r.Context(), slug)
		if err != nil {
			return a, err
		}
		a.team, a.owner = &team, team.Owner()
	}
	return a, a.readDay(fields.Get("at"))
}

// readDay makes a about a day, if it is not empty.
func (a *asked) readDay(day string) error {
	day = strings.TrimSpace(day)
	if day == "" {
		return nil
	}
	end, err := endOfDay("at", day)
	if err != nil {
		return err
	}
	a.day, a.at, a.now = day, end, end
	return nil
}

// endOfDay returns the end of a day. The field is named in the error.
func endOfDay(field, day string) (time.Time, error) {
	end, err := content.EndOfDay(day)
	if err != nil {
		return end, statusErrorf(http.StatusUnprocessableEntity, "%s: %v.", field, err)
	}
	return end, nil
}

// whose fills what pages say about whose answers they show.
func (s *Server) whose(r *http.Request, a asked) templates.Whose {
	w := templates.Whose{Day: a.day, Name: displayName(r)}
	if a.team != nil {
		w.Slug, w.Team, w.Archived = a.team.Slug, a.team.Name, a.team.Archived
	}
	return w
}

// team returns the team that has or had the address.
func (s *Server) team(ctx context.Context, slug string) (store.Team, error) {
	t, err := s.store.TeamAt(ctx, slug)
	if errors.Is(err, store.ErrNotFound) {
		return t, statusErrorf(http.StatusNotFound, "There is no team %q.", shorten(slug, 80))
	}
	return t, err
}
