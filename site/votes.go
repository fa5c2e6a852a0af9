package site

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// refuseMember answers a vote or a ballot that cannot be taken any more, or not
// from this browser.
func (s *Server) refuseMember(w http.ResponseWriter, r *http.Request, j *joining) error {
	switch j.stage() {
	case templates.StageInvite:
		j.problem = "This browser does not take part yet, so nothing was saved."
	case templates.StageRevealed:
		j.problem = "The answers have been revealed; this one came later and was not counted."
	case templates.StageOver:
		j.problem = "It has ended; this came later and was not counted."
	default:
		j.problem = "Its checklist is not served at the moment, so nothing was saved."
	}
	return s.drawJoin(w, r, http.StatusConflict, j)
}

// postVote keeps what a member of a workshop says to an item.
func (s *Server) postVote(w http.ResponseWriter, r *http.Request, j *joining) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if j.round.Survey {
		return statusErrorf(http.StatusUnprocessableEntity, "A survey takes all answers at once.")
	}
	if j.stage() != templates.StageVote {
		return s.refuseMember(w, r, j)
	}
	list := j.page.Checklist
	it := list.Item(r.PostForm.Get("item"))
	state := content.State(r.PostForm.Get("state"))
	switch {
	case it == nil:
		return statusErrorf(http.StatusUnprocessableEntity, "item: %s has no item %q.", j.page.Title, shorten(r.PostForm.Get("item"), 80))
	case !list.Valid(it, state):
		return statusErrorf(http.StatusUnprocessableEntity, "state: %q is no answer to this item.", shorten(string(state), 80))
	}
	err := s.store.Vote(r.Context(), j.round.ID, j.hash, it.ID, state)
	if errors.Is(err, store.ErrEnded) { // between reading the round and this
		if j.round, err = s.store.Round(r.Context(), j.team.ID, j.round.ID); err != nil {
			return err
		}
		return s.refuseMember(w, r, j)
	}
	if err != nil {
		return fmt.Errorf("vote in round %s: %w", j.round.ID, err)
	}
	if !wantsJSON(r) {
		s.backToRound(w, r, j, templates.StepAfter(list, it))
		return nil
	}
	own := j.own()
	if own[it.ID] = state; state == "" {
		delete(own, it.ID)
	}
	return s.sendJSON(w, r, http.StatusOK, map[string]any{"item": it.ID, "state": state, "answered": len(own), "of": len(list.Items())})
}

// postBallot takes all answers of a member of a survey at once.
func (s *Server) postBallot(w http.ResponseWriter, r *http.Request, j *joining) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if !j.round.Survey {
		return statusErrorf(http.StatusUnprocessableEntity, "A workshop takes one answer at a time.")
	}
	again := j.stage() == templates.StageSent
	if !again {
		if j.stage() != templates.StageBallot {
			return s.refuseMember(w, r, j)
		}
		ballot, err := readBallot(j.page.Checklist, r.PostForm)
		if err != nil {
			j.typed, j.problem = ballot, sentence(err.Error())
			return s.drawJoin(w, r, http.StatusUnprocessableEntity, j)
		}
		again, err = s.store.CastBallot(r.Context(), j.round.ID, j.hash, ballot)
		if errors.Is(err, store.ErrEnded) { // between reading the round and this
			if j.round, err = s.store.Round(r.Context(), j.team.ID, j.round.ID); err != nil {
				return err
			}
			return s.refuseMember(w, r, j)
		}
		if err != nil {
			return fmt.Errorf("ballot in round %s: %w", j.round.ID, err)
		}
	}
	if wantsJSON(r) {
		return s.sendJSON(w, r, http.StatusOK, map[string]bool{"counted": true, "again": again})
	}
	s.backToRound(w, r, j, "")
	return nil
}

// ballotField begins the names of a ballot's fields; the item's id follows.
const ballotField = "answer-"

// readBallot reads the answers of a ballot by item, without those that were left
// out. With an error, it returns what could be read.
func readBallot(list *content.Checklist, form url.Values) (map[string]content.State, error) {
	ballot := map[string]content.State{}
	var wrong error
	for _, name := range slices.Sorted(maps.Keys(form)) {
		id, ok := strings.CutPrefix(name, ballotField)
		if !ok {
			continue
		}
		it, state := list.Item(id), content.State(form.Get(name))
		switch {
		case it == nil:
			wrong = &invalid{name, "there is no such statement"}
		case state == content.NotApplicable, !list.Valid(it, state):
			wrong = &invalid{name, fmt.Sprintf("%q is no answer to this statement", shorten(string(state), 80))}
		case state != "":
			ballot[it.ID] = state
		}
	}
	if wrong == nil && len(ballot) == 0 {
		wrong = &invalid{"ballot", "answer one statement at least"}
	}
	return ballot, wrong
}
