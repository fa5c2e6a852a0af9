package site

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

const (
	nextTop  = 25  // lines of what is missing that are shown at once
	maxTitle = 200 // characters of an action's title
)

// serveNext answers with what a team can do next: what is to be confirmed, what
// is missing, its actions and its targets.
func (s *Server) serveNext(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	query := r.URL.Query()
	form := templates.ActionForm{Checklist: query.Get("checklist"), Subject: query.Get("subject"), Item: query.Get("item"), State: string(store.ActionOpen)}
	if list := findChecklist(p.snap.lib, form.Checklist); list != nil {
		form.Checklist = list.Path
		if it := list.Checklist.Item(form.Item); it != nil {
			form.Title = shorten(it.Claim, maxTitle-1)
		}
	} else {
		form.Checklist, form.Subject, form.Item = "", "", ""
	}
	return s.drawNext(w, r, http.StatusOK, p, form)
}

func (s *Server) drawNext(w http.ResponseWriter, r *http.Request, code int, p *teamPage, form templates.ActionForm) error {
	ctx, lib, query := r.Context(), p.snap.lib, r.URL.Query()
	lists, err := s.scoresOf(ctx, lib, p.owner, p.at, p.now)
	if err != nil {
		return err
	}
	actions, err := s.store.Actions(ctx, p.team.ID, p.at)
	if err != nil {
		return err
	}
	targets, err := s.store.Targets(ctx, *p.team, p.at)
	if err != nil {
		return err
	}
	v := &templates.NextView{TeamFrame: p.frame, List: query.Get("list"), Form: form}
	if v.Aging, err = s.wholeAging(ctx, agingLines(lists, p.now, soon), p.asked); err != nil {
		return err
	}
	for _, a := range actions {
		line := actionLine(lib, a, p.now)
		if a.State.Ended() {
			v.Ended = append(v.Ended, line)
		} else {
			v.Actions = append(v.Actions, line)
		}
	}
	slices.SortStableFunc(v.Ended, func(a, b templates.ActionLine) int { return b.At.Compare(a.At) })
	v.Missing = nextLines(lists, v.Actions)
	if v.List != "" {
		v.Missing = slices.DeleteFunc(v.Missing, func(l templates.NextLine) bool { return l.Page.Path != v.List })
	}
	if query.Get("all") != "yes" && len(v.Missing) > nextTop {
		v.More = len(v.Missing) - nextTop
		v.Missing = v.Missing[:nextTop]
	}
	for _, line := range teamLines(lists, nil, targets) {
		if line.Page == nil {
			continue
		}
		if !slices.Contains(v.Lists, line.Page) {
			v.Lists = append(v.Lists, line.Page)
		}
		if len(line.List.Levels) > 0 {
			v.Targets = append(v.Targets, line)
		}
	}
	if form.Item != "" {
		if list := lib.Page(form.Checklist); list != nil {
			if it := list.Checklist.Item(form.Item); it != nil {
				v.About = it.Claim
			}
		}
	}
	s.render(w, r, code, templates.Next(v))
	return nil
}

// readAction takes the fields of an action's form. What an action is about is
// read where it is new and stays from then on: its item may be retired meanwhile.
func readAction(lib *content.Library, form url.Values) (store.Task, templates.ActionForm, error) {
	f := templates.ActionForm{ID: form.Get("id"), Title: strings.TrimSpace(form.Get("title")), Assignee: strings.TrimSpace(form.Get("assignee")), Due: strings.TrimSpace(form.Get("due")), State: form.Get("state")}
	if f.State == "" {
		f.State = string(store.ActionOpen)
	}
	bad := func(field, text string) error { return &invalid{field, text} }
	if text := form.Get("base"); text != "" {
		base, err := strconv.ParseInt(text, 10, 64)
		if err != nil || base < 0 {
			return store.Task{}, f, bad("base", "want the number that came with the form")
		}
		f.Base = base
	}
	if f.ID == "" {
		f.Subject = strings.TrimSpace(form.Get("subject"))
	}
	if path := form.Get("checklist"); path != "" && f.ID == "" {
		p := findChecklist(lib, path)
		if p == nil {
			return store.Task{}, f, bad("checklist", fmt.Sprintf("there is no checklist %q", shorten(path, 80)))
		}
		f.Checklist = p.Path
		if id := form.Get("item"); id != "" {
			it := p.Checklist.Item(id)
			if it == nil {
				return store.Task{}, f, bad("item", fmt.Sprintf("%s has no item %q", p.Title, shorten(id, 80)))
			}
			f.Item = it.ID
		}
	}
	task := store.Task{Checklist: f.Checklist, Subject: f.Subject, Item: f.Item, Title: f.Title, Assignee: f.Assignee, Due: f.Due, State: store.ActionState(f.State)}
	switch {
	case f.Title == "" || !content.OneLine(f.Title, maxTitle):
		return task, f, bad("title", fmt.Sprintf("say what is to be done, in one line of at most %d characters", maxTitle))
	case !content.OneLine(f.Assignee, content.MaxName):
		return task, f, bad("assignee", fmt.Sprintf("want one line of at most %d characters", content.MaxName))
	case !content.OneLine(f.Subject, content.MaxSubject):
		return task, f, bad("subject", fmt.Sprintf("want one line of at most %d characters", content.MaxSubject))
	case !slices.Contains(store.ActionStates[:], task.State):
		return task, f, bad("state", "want open, doing, done or dropped")
	}
	if f.Due != "" {
		if _, err := endOfDay("due", f.Due); err != nil {
			return task, f, bad("due", "want a day such as 2027-03-31, or nothing")
		}
	}
	return task, f, nil
}

// postAction plans an action, or changes one.
func (s *Server) postAction(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	team, err := s.writableTeam(r)
	if err != nil {
		return err
	}
	snap := s.current.Load()
	task, form, err := readAction(snap.lib, r.PostForm)
	code := http.StatusUnprocessableEntity
	if err == nil {
		var a store.Action
		a, err = s.store.PutAction(r.Context(), team.ID, form.ID, form.Base, task, s.now(), displayName(r))
		switch {
		case err == nil:
			if wantsJSON(r) {
				return s.sendJSON(w, r, http.StatusOK, map[string]any{"id": a.ID, "seq": a.Seq, "state": a.State})
			}
			http.Redirect(w, r, s.prefix+"/teams/"+team.Slug+"/next#action-"+a.ID, http.StatusSeeOther)
			return nil
		case errors.Is(err, store.ErrNotFound):
			return statusErrorf(http.StatusNotFound, "%s has no such action.", team.Name)
		case errors.Is(err, store.ErrConflict):
			code, form.Base = http.StatusConflict, a.Seq
			err = &invalid{"base", fmt.Sprintf("%s changed it meanwhile: “%s”, %s, %s, %s; send yours again to replace that", cmp.Or(a.By, "someone"), a.Title, a.State, cmp.Or(a.Assignee, "nobody"), cmp.Or(a.Due, "no day"))}
		default:
			return fmt.Errorf("action of %s: %w", team.Slug, err)
		}
	}
	var bad *invalid
	if !errors.As(err, &bad) {
		return err
	}
	if wantsJSON(r) {
		return statusErrorf(code, "%s", bad.Error())
	}
	form.Problem = sentence(bad.text)
	p := &teamPage{snap: snap, asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
	p.frame = s.teamFrame(r, p, "next", "What next")
	w.Header().Set("Cache-Control", "no-store")
	return s.drawNext(w, r, code, p, form)
}

// postTarget sets the level that a team wants to reach, or takes it back.
func (s *Server) postTarget(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	team, err := s.writableTeam(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	p := findChecklist(s.current.Load().lib, form.Get("checklist"))
	if p == nil {
		return statusErrorf(http.StatusNotFound, "There is no checklist %q.", shorten(form.Get("checklist"), 80))
	}
	level, err := strconv.Atoi(cmp.Or(form.Get("level"), "0"))
	if err != nil || level < 0 || level > len(p.Checklist.Levels) {
		return statusErrorf(http.StatusUnprocessableEntity, "level: want 0 for none, or one of the %d levels of %s.", len(p.Checklist.Levels), p.Title)
	}
	subject, due := strings.TrimSpace(form.Get("subject")), strings.TrimSpace(form.Get("due"))
	if problem := p.Checklist.CheckSubject(subject); problem != "" {
		return statusErrorf(http.StatusUnprocessableEntity, "subject: %s.", problem)
	}
	switch {
	case level == 0:
		due = "" // what is taken back has no day, whatever was typed
	case due == "":
		return statusErrorf(http.StatusUnprocessableEntity, "due: say by which day you want to be there.")
	default:
		if _, err := endOfDay("due", due); err != nil {
			return err
		}
	}
	target := store.Target{Key: store.Key{Owner: team.Owner(), Checklist: p.Path, Subject: subject}, Level: level, Due: due}
	if err := s.store.SetTarget(r.Context(), team, target, s.now(), displayName(r)); err != nil {
		return fmt.Errorf("target of %s: %w", team.Slug, err)
	}
	http.Redirect(w, r, s.prefix+"/teams/"+team.Slug+"/next#targets", http.StatusSeeOther)
	return nil
}
