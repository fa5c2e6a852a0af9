package site

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// roundPage is a request for the page of a team's round.
type roundPage struct {
	*teamPage
	round  store.Round
	frame  templates.RoundFrame
	state  roundState // of a round that can be joined
	posted *posted    // agreed answer that was refused
}

// list is the checklist of the round, nil where it is not served.
func (p *roundPage) list() *content.Checklist {
	if p.frame.Round.Page == nil {
		return nil
	}
	return p.frame.Round.Page.Checklist
}

// aboutRound makes a request for a team's page one for a round of it.
func (s *Server) aboutRound(r *http.Request, p *teamPage, round store.Round) *roundPage {
	page := &roundPage{teamPage: p, round: round.Then(p.at)}
	f := templates.RoundFrame{TeamFrame: p.frame, Round: roundLine(p.snap.lib, page.round)}
	f.Path = "teams/" + p.team.Slug + "/rounds/" + round.ID
	f.Title = p.team.Name + ": " + f.Round.Title()
	page.frame = f
	return page
}

// serveRound answers with a round as its facilitator sees it.
func (s *Server) serveRound(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	round, err := s.round(r.Context(), p.team, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !p.at.IsZero() && round.Opened.After(p.at) {
		return statusErrorf(http.StatusNotFound, "It was opened later than %s.", p.day)
	}
	return s.drawRound(w, r, http.StatusOK, s.aboutRound(r, p, round))
}

func (s *Server) drawRound(w http.ResponseWriter, r *http.Request, code int, p *roundPage) error {
	if p.frame.Writable() && p.frame.Round.State() == "open" {
		var err error
		if p.state, err = s.stateOf(r.Context(), p); err != nil {
			return err
		}
		p.frame.Invite, p.frame.Version = s.invite(r, p.round.Code), p.state.Version
		if r.Method == http.MethodGet { // what a form answered must not be loaded again
			p.frame.Live = string(p.frame.Post(p.frame.RoundPath("state")))
		}
	}
	if p.round.Survey {
		return s.drawSurvey(w, r, code, p)
	}
	return s.drawWorkshop(w, r, code, p)
}

// roundState is how far a round is, for the pages that follow it.
type roundState struct {
	State    string         `json:"state"` // open, revealed or closed
	Joined   int            `json:"joined,omitempty"`
	Finished int            `json:"finished,omitempty"` // who have answered everything
	Answers  map[string]int `json:"answers,omitempty"`  // by item; how many, never what
	Enough   bool           `json:"enough,omitempty"`   // five or more have answered a survey
	Version  string         `json:"version"`            // changes with the others
}

// stateOf returns how far a round is. Of a survey it says nothing that grows by one.
func (s *Server) stateOf(ctx context.Context, p *roundPage) (roundState, error) {
	out := roundState{State: p.frame.Round.State()}
	var err error
	switch {
	case out.State != "open":
	case p.round.Survey:
		out.Enough, err = s.store.EnoughBallots(ctx, p.round.ID)
	case p.list() != nil:
		var progress store.Progress
		progress, err = s.store.Progress(ctx, p.round.ID, itemIDs(p.list()))
		out.Joined, out.Finished, out.Answers = progress.Joined, progress.Finished, progress.Votes
	}
	sum := sha256.Sum256(fmt.Append(nil, out)) // maps are printed in the order of their keys
	out.Version = hex.EncodeToString(sum[:6])
	return out, err
}

// serveRoundState answers with how far a round is.
func (s *Server) serveRoundState(w http.ResponseWriter, r *http.Request) error {
	team, err := s.team(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	round, err := s.round(r.Context(), &team, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &teamPage{snap: s.current.Load(), asked: asked{team: &team}}
	state, err := s.stateOf(r.Context(), s.aboutRound(r, p, round))
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, http.StatusOK, state)
}

func itemIDs(list *content.Checklist) []string {
	var ids []string
	for _, it := range list.Items() {
		ids = append(ids, it.ID)
	}
	return ids
}

// onRound serves a form about a round of a team that can be changed.
func (s *Server) onRound(serve func(http.ResponseWriter, *http.Request, *roundPage) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.postedTo(w, r)
		if err != nil {
			return err
		}
		round, err := s.round(r.Context(), p.team, r.PathValue("id"))
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		return serve(w, r, s.aboutRound(r, p, round))
	}
}

// postReveal freezes the votes of a workshop and shows them.
func (s *Server) postReveal(w http.ResponseWriter, r *http.Request, p *roundPage) error {
	if p.list() != nil && !p.round.Survey && p.frame.Round.State() == "open" && r.PostForm.Get("confirm") != "yes" {
		progress, err := s.store.Progress(r.Context(), p.round.ID, itemIDs(p.list()))
		if err != nil {
			return err
		}
		switch waiting := progress.Joined - progress.Finished; {
		case progress.Joined == 0:
			return s.askFirst(w, r, p, "Nobody has joined yet", "After the reveal nobody can join any more.", "Reveal all the same", "reveal")
		case waiting > 0:
			return s.askFirst(w, r, p, "Not everybody is ready", fmt.Sprintf("%d of %d have not answered everything. What they have answered counts; more cannot be added after the reveal.", waiting, progress.Joined), "Reveal all the same", "reveal")
		}
	}
	_, err := s.store.RevealRound(r.Context(), p.team.ID, p.round.ID, s.now())
	return s.changed(w, r, p, err)
}

// postClose ends a round.
func (s *Server) postClose(w http.ResponseWriter, r *http.Request, p *roundPage) error {
	_, err := s.store.CloseRound(r.Context(), p.team.ID, p.round.ID, s.now(), r.PostForm.Get("confirm") == "yes")
	if !errors.Is(err, store.ErrConflict) {
		return s.changed(w, r, p, err)
	}
	if p.round.Survey {
		return s.askFirst(w, r, p, "Fewer than five have answered", "If you close the survey now, what they answered is deleted unseen. Wait for more; or ask again together with a neighbouring team, in one survey for both.", "Close it and delete the answers", "close")
	}
	return s.askFirst(w, r, p, "The answers were not revealed", "If you end the workshop now, what its members answered is deleted unseen.", "End it all the same", "close")
}

// postPlaces lets more people answer a survey.
func (s *Server) postPlaces(w http.ResponseWriter, r *http.Request, p *roundPage) error {
	places, err := readPlaces(r.PostForm.Get("places"))
	if err == nil && places < p.round.Places {
		err = &invalid{"places", fmt.Sprintf("there are %d already, and none can be taken away", p.round.Places)}
	}
	if err == nil {
		_, err = s.store.SetPlaces(r.Context(), p.team.ID, p.round.ID, places)
	}
	return s.changed(w, r, p, err)
}

// askFirst answers with what is to be confirmed, under a title, and with a button
// that sends the form again.
func (s *Server) askFirst(w http.ResponseWriter, r *http.Request, p *roundPage, title, text, do, form string) error {
	if wantsJSON(r) {
		return statusErrorf(http.StatusConflict, "%s Send confirm=yes to do it all the same.", text)
	}
	p.frame.Ask = &templates.Ask{Title: title, Text: text, Do: do, Post: form}
	return s.drawRound(w, r, http.StatusConflict, p)
}

// changed goes back to a round after a form was taken, or says why it was not.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, p *roundPage, err error) error {
	var bad *invalid
	code := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		http.Redirect(w, r, s.roundPath(p.team.Slug, p.round.ID), http.StatusSeeOther)
		return nil
	case errors.As(err, &bad):
		p.frame.Problem = sentence(bad.Error())
	case errors.Is(err, store.ErrInvalid):
		p.frame.Problem = "That is not possible with a " + p.frame.Round.Noun() + "."
	case errors.Is(err, store.ErrEnded):
		code, p.frame.Problem = http.StatusConflict, "It was closed meanwhile."
	case errors.Is(err, store.ErrConflict):
		code, p.frame.Problem = http.StatusConflict, "Somebody answered one of the items meanwhile, so none was recorded. Look again."
	default:
		return fmt.Errorf("change round %s of %s: %w", p.round.ID, p.team.Slug, err)
	}
	if wantsJSON(r) {
		return statusErrorf(code, "%s", p.frame.Problem)
	}
	return s.drawRound(w, r, code, p)
}
