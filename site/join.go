package site

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// memberAge is how long a browser takes part in a round.
const memberAge = 60 * 24 * time.Hour

// joining is a request of somebody who takes part in a round, or could.
type joining struct {
	snap   *snapshot
	round  store.Round
	team   store.Team
	page   *content.Page // the checklist; nil: not served
	hash   string        // of the member's secret; empty: no member
	member store.Member

	problem string                   // why what was posted was not taken
	typed   map[string]content.State // a ballot that was refused, by item
}

// ofRound serves a page or a form of the round whose code the address has.
func (s *Server) ofRound(serve func(http.ResponseWriter, *http.Request, *joining) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store") // what somebody answered is on these pages
		typed := r.PathValue("code")
		code := store.NormalCode(typed)
		j := &joining{snap: s.current.Load()}
		var err error
		if j.round, err = s.store.RoundByCode(r.Context(), code); errors.Is(err, store.ErrNotFound) {
			// Guessing codes is a search, and limited like one.
			return s.limited(func(w http.ResponseWriter, r *http.Request) error {
				return s.drawJoinForm(w, r, http.StatusNotFound, typed, "No workshop or survey has this code. Look at it again, or ask whoever showed it.")
			})(w, r)
		}
		if err != nil {
			return err
		}
		if code != typed && r.Method != http.MethodPost {
			// The member's cookie belongs to one spelling of the address.
			redirect(w, r, s.prefix+strings.Replace(r.URL.Path, "/join/"+typed, "/join/"+code, 1))
			return nil
		}
		if j.team, err = s.store.Team(r.Context(), j.round.Team); err != nil {
			return err
		}
		j.page = findChecklist(j.snap.lib, j.round.Checklist)
		if err := s.recognise(r, j); err != nil {
			return err
		}
		return serve(w, r, j)
	}
}

// recognise finds the member who sent a request.
func (s *Server) recognise(r *http.Request, j *joining) error {
	hash := secretHash(r, memberCookie)
	if hash == "" {
		return nil
	}
	member, err := s.store.Member(r.Context(), j.round.ID, hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	j.hash, j.member = hash, member
	return err
}

// serveJoinForm asks for a code, or leads to the round that has it.
func (s *Server) serveJoinForm(w http.ResponseWriter, r *http.Request) error {
	typed := r.URL.Query().Get("code")
	switch code := store.NormalCode(typed); {
	case typed == "":
		return s.drawJoinForm(w, r, http.StatusOK, "", "")
	case code == "":
		return s.drawJoinForm(w, r, http.StatusUnprocessableEntity, typed, "A code has six letters and digits.")
	default:
		http.Redirect(w, r, s.prefix+"/-/join/"+code, http.StatusSeeOther)
		return nil
	}
}

func (s *Server) drawJoinForm(w http.ResponseWriter, r *http.Request, code int, typed, problem string) error {
	if wantsJSON(r) && problem != "" {
		return statusErrorf(code, "%s", problem)
	}
	v := &templates.JoinFormView{Frame: s.frame(r, s.current.Load(), "-/join", "Join a workshop or survey"), Code: shorten(typed, 20), Problem: problem}
	v.Description, v.NoIndex, v.Wide = "Take part in a workshop or a survey with its code.", true, true
	s.render(w, r, code, templates.JoinForm(v))
	return nil
}

// serveJoin answers with a round as one who takes part sees it.
func (s *Server) serveJoin(w http.ResponseWriter, r *http.Request, j *joining) error {
	return s.drawJoin(w, r, http.StatusOK, j)
}

// stage says what somebody can do in a round.
func (j *joining) stage() templates.JoinStage {
	switch {
	case j.page == nil:
		return templates.StageNowhere
	case !j.round.Revealed.IsZero():
		return templates.StageRevealed
	case !j.round.Closed.IsZero() || j.team.Archived:
		return templates.StageOver
	case j.hash == "":
		return templates.StageInvite
	case !j.round.Survey:
		return templates.StageVote
	case j.member.Used:
		return templates.StageSent
	}
	return templates.StageBallot
}

func (s *Server) drawJoin(w http.ResponseWriter, r *http.Request, code int, j *joining) error {
	if wantsJSON(r) && j.problem != "" {
		return statusErrorf(code, "%s", j.problem)
	}
	line := roundLine(j.snap.lib, j.round)
	v := &templates.JoinView{Frame: s.frame(r, j.snap, "-/join/"+j.round.Code, line.Title()), Code: j.round.Code, Team: j.team.Name, Round: line, Stage: j.stage(), Problem: j.problem, Places: j.round.Places}
	v.Description, v.NoIndex = "A "+line.Noun()+" of "+j.team.Name+".", true
	v.Results = v.URL("teams/" + j.team.Slug + "/rounds/" + j.round.ID)
	var err error
	switch v.Stage {
	case templates.StageRevealed:
		err = s.addSaid(r, v, j)
	case templates.StageInvite, templates.StageVote, templates.StageBallot:
		err = s.addSteps(v, j)
	}
	if err != nil {
		return err
	}
	s.render(w, r, code, templates.Join(v))
	return nil
}

// addSteps fills what a member is asked, with what they have answered.
func (s *Server) addSteps(v *templates.JoinView, j *joining) error {
	body, err := j.snap.body(j.page)
	if err != nil {
		return err
	}
	list := j.page.Checklist
	own := j.own()
	for _, section := range list.Sections {
		for _, it := range section.Items {
			step := templates.JoinStep{ItemView: templates.ItemView{Item: it, HTML: body.Items[it.ID]}, Section: section.Title, State: own[it.ID]}
			step.Choices = privateChoices(list, it, step.State)
			if step.State != "" {
				v.Answered++
			}
			v.Steps = append(v.Steps, step)
		}
	}
	v.Terms = body.Terms
	return nil
}

// own returns what a member has answered or typed by item, that to renamed items
// under their new ids.
func (j *joining) own() map[string]content.State {
	if j.typed != nil {
		return j.typed
	}
	out := map[string]content.State{}
	for id, state := range j.member.Votes {
		if it := j.page.Checklist.Item(id); it != nil {
			out[it.ID] = state
		}
	}
	return out
}

// privateChoices are the answers to an item in a round; the last one leaves it
// out. In a survey that stands for "not applicable" too.
func privateChoices(list *content.Checklist, it *content.Item, state content.State) []templates.AnswerChoice {
	choices := templates.StateChoices(list, it)
	if list.Anonymous {
		choices = slices.DeleteFunc(choices, func(c templates.AnswerChoice) bool { return c.State == content.NotApplicable })
	}
	for i := range choices {
		choices[i].Checked = choices[i].State == state
	}
	choices[len(choices)-1].Label = "No answer"
	return choices
}

// addSaid fills what all have said, with the member's own answers.
func (s *Server) addSaid(r *http.Request, v *templates.JoinView, j *joining) error {
	items, err := s.said(r.Context(), j.snap.lib, j.page, j.round, asked{owner: j.team.Owner(), now: s.now()})
	if err != nil {
		return err
	}
	for id, state := range j.own() {
		i := slices.IndexFunc(items, func(v templates.SpreadView) bool { return v.ID == id })
		items[i].Own = templates.StateName(j.page.Checklist, items[i].Item, state)
	}
	v.Apart, v.Same, _ = sorted(items)
	return nil
}

// serveJoinState answers with how far a round is, for phones that wait for the
// reveal and ask once a second; most answers are 304.
func (s *Server) serveJoinState(w http.ResponseWriter, r *http.Request) error {
	round, err := s.store.RoundByCode(r.Context(), store.NormalCode(r.PathValue("code")))
	if errors.Is(err, store.ErrNotFound) {
		return s.limited(func(http.ResponseWriter, *http.Request) error {
			return statusErrorf(http.StatusNotFound, "No workshop or survey has this code.")
		})(w, r)
	}
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, http.StatusOK, map[string]string{"state": templates.RoundLine{Revealed: round.Revealed, Closed: round.Closed}.State()})
}

// postJoin makes a browser a member of a round, or gives it a place in a survey.
func (s *Server) postJoin(w http.ResponseWriter, r *http.Request, j *joining) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if j.stage() != templates.StageInvite {
		s.backToRound(w, r, j, "")
		return nil
	}
	value, hash := newSecret()
	err := s.store.Join(r.Context(), j.round.ID, hash)
	switch {
	case errors.Is(err, store.ErrEnded):
		s.backToRound(w, r, j, "")
		return nil
	case errors.Is(err, store.ErrTooMany) && j.round.Survey:
		j.problem = fmt.Sprintf("All %d places are taken. Ask whoever opened the survey to add some.", j.round.Places)
		return s.drawJoin(w, r, http.StatusConflict, j)
	case errors.Is(err, store.ErrTooMany):
		j.problem = fmt.Sprintf("%d people take part already; there are no more places.", store.MaxMembers)
		return s.drawJoin(w, r, http.StatusConflict, j)
	case err != nil:
		return fmt.Errorf("join round %s: %w", j.round.ID, err)
	}
	http.SetCookie(w, &http.Cookie{Name: memberCookie, Value: value, Path: s.prefix + "/-/join/" + j.round.Code, MaxAge: int(memberAge.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r)})
	s.backToRound(w, r, j, "")
	return nil
}

// backToRound goes to a member's page, at a step that may be empty.
func (s *Server) backToRound(w http.ResponseWriter, r *http.Request, j *joining, step string) {
	u := url.URL{Path: s.prefix + "/-/join/" + j.round.Code, Fragment: step}
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}
