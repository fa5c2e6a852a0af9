package site

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// serveRounds answers with a team's rounds, and with forms to open one.
func (s *Server) serveRounds(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	form := templates.RoundForm{}
	if page := findChecklist(p.snap.lib, r.URL.Query().Get("checklist")); page != nil {
		form.Checklist = page.Path
	}
	return s.drawRounds(w, r, http.StatusOK, p, form, form)
}

func (s *Server) drawRounds(w http.ResponseWriter, r *http.Request, code int, p *teamPage, workshop, survey templates.RoundForm) error {
	rounds, err := s.store.Rounds(r.Context(), p.team.ID, p.at)
	if err != nil {
		return err
	}
	agreed, err := s.store.Origins(r.Context(), p.owner, p.at)
	if err != nil {
		return err
	}
	v := &templates.RoundsView{TeamFrame: p.frame, Form: workshop, Survey: survey}
	for _, round := range rounds {
		line := roundLine(p.snap.lib, round)
		line.Outcome = outcome(round, agreed[originOfRound(round.ID)])
		if round.Closed.IsZero() {
			v.Open = append(v.Open, line)
		} else {
			v.Ended = append(v.Ended, line)
		}
	}
	for _, page := range p.snap.lib.Pages() {
		switch {
		case page.Checklist == nil:
		case page.Checklist.Anonymous:
			v.Surveys = append(v.Surveys, page)
		default:
			v.Lists = append(v.Lists, page)
			if per := page.Checklist.Per; per != "" {
				v.Subjects = append(v.Subjects, page.Title+" ("+per+")")
			}
		}
	}
	s.render(w, r, code, templates.Rounds(v))
	return nil
}

// originOfRound is where an answer comes from that was agreed in a round.
func originOfRound(id string) string { return fromRound + " " + id }

// roundLine fills what is said of a round.
func roundLine(lib *content.Library, r store.Round) templates.RoundLine {
	return templates.RoundLine{ID: r.ID, Name: r.Title, Page: findChecklist(lib, r.Checklist), Checklist: r.Checklist, Subject: r.Subject, Survey: r.Survey, Opened: r.Opened, By: r.By, Revealed: r.Revealed, Closed: r.Closed}
}

// outcome says what came of a round, or how far it is. Of an open survey it says
// nothing that changes.
func outcome(r store.Round, agreed int) string {
	switch {
	case r.Survey && r.Closed.IsZero():
		return fmt.Sprintf("open for %d people", r.Places)
	case r.Survey && r.Members == 0:
		return "fewer than five answered; nothing was kept"
	case r.Survey:
		return fmt.Sprintf("%d of %d people answered", r.Members, r.Places)
	case r.Revealed.IsZero() && r.Closed.IsZero():
		return "members are answering"
	case r.Revealed.IsZero():
		return "ended without a reveal"
	}
	took := fmt.Sprintf("%d took part", r.Members)
	switch agreed {
	case 0:
		return took + ", nothing is recorded"
	case 1:
		return took + ", 1 answer recorded"
	}
	return fmt.Sprintf("%s, %d answers recorded", took, agreed)
}

// readRound takes the fields of a form that opens a round.
func readRound(lib *content.Library, form url.Values) (store.Round, templates.RoundForm) {
	text := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	f := templates.RoundForm{Checklist: text("checklist"), Subject: text("subject"), Title: text("title"), Places: text("places")}
	n := store.Round{Subject: f.Subject, Title: f.Title, Survey: form.Get("survey") == "yes"}
	page := findChecklist(lib, f.Checklist)
	switch {
	case page == nil:
		f.Problem = fmt.Sprintf("There is no checklist %q.", shorten(f.Checklist, 80))
		return n, f
	case !page.Checklist.Anonymous && n.Survey:
		f.Problem = page.Title + " is no survey: open a workshop for it."
		return n, f
	}
	n.Checklist, f.Checklist, n.Survey = page.Path, page.Path, page.Checklist.Anonymous
	if page.Checklist.Per == "" {
		n.Subject = "" // the field is there for other lists
	}
	if problem := page.Checklist.CheckSubject(n.Subject); problem != "" {
		f.Problem = sentence("subject: " + problem)
	}
	if !content.OneLine(n.Title, content.MaxName) {
		f.Problem = fmt.Sprintf("Title: one line of at most %d characters.", content.MaxName)
	}
	if n.Survey {
		places, err := readPlaces(f.Places)
		if n.Places = places; err != nil {
			f.Problem = sentence(err.Error())
		}
	}
	return n, f
}

// readPlaces reads how many people may answer a survey.
func readPlaces(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < store.MinBallots || n > store.MaxMembers {
		return 0, &invalid{"places", fmt.Sprintf("want a number from %d to %d", store.MinBallots, store.MaxMembers)}
	}
	return n, nil
}

// sentence writes what is wrong as a sentence.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// postRound opens a round.
func (s *Server) postRound(w http.ResponseWriter, r *http.Request) error {
	p, err := s.postedTo(w, r)
	if err != nil {
		return err
	}
	n, form := readRound(p.snap.lib, r.PostForm)
	if form.Problem == "" {
		n.Team, n.Opened, n.By = p.team.ID, s.now(), displayName(r)
		n, err = s.store.OpenRound(r.Context(), n)
		switch {
		case errors.Is(err, store.ErrTooMany):
			form.Problem = fmt.Sprintf("The team has %d open rounds. Close one of them first.", store.MaxOpenRounds)
		case err != nil:
			return fmt.Errorf("open a round of %s: %w", p.team.Slug, err)
		case wantsJSON(r):
			return s.sendJSON(w, r, http.StatusCreated, map[string]string{"id": n.ID, "code": n.Code})
		default:
			http.Redirect(w, r, s.roundPath(p.team.Slug, n.ID), http.StatusSeeOther)
			return nil
		}
	}
	if wantsJSON(r) {
		return statusErrorf(http.StatusUnprocessableEntity, "%s", form.Problem)
	}
	w.Header().Set("Cache-Control", "no-store")
	if n.Survey {
		return s.drawRounds(w, r, http.StatusUnprocessableEntity, p, templates.RoundForm{}, form)
	}
	return s.drawRounds(w, r, http.StatusUnprocessableEntity, p, form, templates.RoundForm{})
}

// postedTo reads a form about a team's rounds, and is the page that shows it again.
func (s *Server) postedTo(w http.ResponseWriter, r *http.Request) (*teamPage, error) {
	if err := readForm(w, r); err != nil {
		return nil, err
	}
	team, err := s.writableTeam(r)
	if err != nil {
		return nil, err
	}
	p := &teamPage{snap: s.current.Load(), asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
	p.frame = s.teamFrame(r, p, "rounds", "Workshops")
	return p, nil
}

// roundPath is the address of a round's page.
func (s *Server) roundPath(slug, id string) string {
	return s.prefix + "/teams/" + slug + "/rounds/" + id
}

// round returns a team's round.
func (s *Server) round(ctx context.Context, team *store.Team, id string) (store.Round, error) {
	round, err := s.store.Round(ctx, team.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return round, statusErrorf(http.StatusNotFound, "%s has no such workshop or survey.", team.Name)
	}
	return round, err
}

// invite says how to join a round.
func (s *Server) invite(r *http.Request, code string) *templates.Invite {
	base := s.publicBase(r) + "/-/join"
	i := &templates.Invite{Code: code, Form: base, Address: base + "/" + code}
	if u, err := url.Parse(base); err == nil {
		ip := net.ParseIP(u.Hostname())
		i.Local = u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	}
	i.QR, _ = qrOf(i.Address) // an address too long for a code can still be typed
	return i
}
