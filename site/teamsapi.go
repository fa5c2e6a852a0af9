package site

import (
	"context"
	"net/http"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// teamJSON is a team in the API.
type teamJSON struct {
	Slug        string         `json:"slug"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Groups      []string       `json:"groups"`
	Archived    bool           `json:"archived"`
	Created     time.Time      `json:"created"`
	LastAt      *time.Time     `json:"last_at"` // null: nothing was answered
	Checklists  []standingJSON `json:"checklists"`
}

// standingJSON is what a team answered in a list about one subject.
type standingJSON struct {
	Path     string    `json:"path"`
	Title    string    `json:"title"` // empty: the list is not served any more, and there are no numbers
	Subject  string    `json:"subject"`
	Score    *float64  `json:"score"` // null: nothing applies
	Coverage *float64  `json:"coverage"`
	Level    *int      `json:"level"` // null without levels, too
	Answered int       `json:"answered"`
	Total    int       `json:"total"`
	NA       int       `json:"na"`
	LastAt   time.Time `json:"last_at"`
}

func standing(sc scored) standingJSON {
	out := standingJSON{Path: sc.Checklist, Subject: sc.Subject, LastAt: sc.lastAt}
	if sc.page == nil {
		return out
	}
	score := sc.score
	out.Title, out.Coverage, out.Level = sc.page.Title, &score.Coverage, levelJSON(sc.list, score)
	out.Answered, out.Total, out.NA = score.Answered, score.Total, score.NA()
	if !score.NotApplicable {
		out.Score = &score.Share
	}
	return out
}

// serveTeamsAPI answers with all teams and what they have answered.
func (s *Server) serveTeamsAPI(w http.ResponseWriter, r *http.Request) error {
	a := asked{now: s.now()}
	if err := a.readDay(r.URL.Query().Get("at")); err != nil {
		return err
	}
	teams, err := s.store.Teams(r.Context(), a.at)
	if err != nil {
		return err
	}
	out, err := s.teamsJSON(r.Context(), s.current.Load().lib, teams, a)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, http.StatusOK, map[string]any{"teams": out})
}

// serveTeamAPI answers with one team and what it has answered.
func (s *Server) serveTeamAPI(w http.ResponseWriter, r *http.Request) error {
	team, err := s.team(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	a := asked{now: s.now()}
	if err := a.readDay(r.URL.Query().Get("at")); err != nil {
		return err
	}
	out, err := s.teamsJSON(r.Context(), s.current.Load().lib, []store.Team{team}, a)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, http.StatusOK, out[0])
}

// teamsJSON returns the teams with their lists, in the order of the library.
func (s *Server) teamsJSON(ctx context.Context, lib *content.Library, teams []store.Team, a asked) ([]teamJSON, error) {
	owners := make([]string, len(teams))
	for i, t := range teams {
		owners[i] = t.Owner()
	}
	stands, err := s.store.Stands(ctx, a.at, owners...)
	if err != nil {
		return nil, err
	}
	byOwner := map[string][]scored{}
	for _, sc := range answered(scores(lib, stands, a.now)) {
		byOwner[sc.Owner] = append(byOwner[sc.Owner], sc)
	}
	out := make([]teamJSON, len(teams))
	for i, t := range teams {
		out[i] = teamJSON{Slug: t.Slug, Name: t.Name, Description: t.Description, Groups: append([]string{}, t.Groups...), Archived: t.Archived, Created: t.Created, Checklists: []standingJSON{}}
		for _, sc := range byOwner[t.Owner()] {
			out[i].Checklists = append(out[i].Checklists, standing(sc))
			if last := out[i].LastAt; last == nil || sc.lastAt.After(*last) {
				out[i].LastAt = &sc.lastAt
			}
		}
	}
	return out, nil
}
