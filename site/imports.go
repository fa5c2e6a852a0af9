package site

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"opsbook/site/store"
	"opsbook/site/transfer"
	"opsbook/templates"
)

const (
	maxImporting = 2   // files that are read at once: each may take many times its size
	maxShown     = 200 // items of a difference on a page
	maxNamed     = 20  // actions and targets of it
)

// posting is a file that was sent for a team, or one that waits for its import.
type posting struct {
	upload        // without an id it was just sent
	apply  bool   // import it
	base   string // of the difference that was looked at; empty: none was
}

// serveImport answers with the form for a file.
func (s *Server) serveImport(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	s.render(w, r, http.StatusOK, templates.Import(importView(p)))
	return nil
}

func importView(p *teamPage) *templates.ImportView {
	return &templates.ImportView{TeamFrame: p.frame, Manual: p.snap.lib.Page("manual/transfer")}
}

// postImport shows what a file would change in a team or, where it is told to,
// changes it.
func (s *Server) postImport(w http.ResponseWriter, r *http.Request) error {
	team, err := s.writableTeam(r)
	if err != nil {
		return err
	}
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	default:
		w.Header().Set("Retry-After", "5")
		return statusErrorf(http.StatusTooManyRequests, "Other files are being read at the moment. Try again in a few seconds.")
	}
	p, err := s.readPosting(w, r, team)
	if err != nil {
		return s.refuseImport(w, r, team, err)
	}
	if p.data == nil {
		return s.imported(w, r, team, p.entries) // already
	}
	plan, err := s.planImport(r, team, p.data)
	if err != nil {
		return err
	}
	switch {
	case plan.Problems.Any():
		return s.showPlan(w, r, team, http.StatusUnprocessableEntity, plan, p)
	case !p.apply:
		return s.showPlan(w, r, team, http.StatusOK, plan, p)
	case p.base != "" && p.base != plan.Base():
		return s.showPlan(w, r, team, http.StatusConflict, plan, p)
	}
	now := s.now()
	err = s.store.Import(r.Context(), team, plan.Import(now, displayName(r)), now, displayName(r))
	if errors.Is(err, store.ErrConflict) { // between reading and writing
		if plan, err = s.planImport(r, team, p.data); err == nil {
			return s.showPlan(w, r, team, http.StatusConflict, plan, p)
		}
	}
	if err != nil {
		return fmt.Errorf("import to %s: %w", team.Slug, err)
	}
	if wantsJSON(r) {
		return s.sendPlan(w, r, http.StatusOK, plan, true)
	}
	s.uploads.done(p.id, plan.Entries())
	return s.imported(w, r, team, plan.Entries())
}

// imported goes to the team and says there how much was imported.
func (s *Server) imported(w http.ResponseWriter, r *http.Request, team store.Team, entries int) error {
	http.Redirect(w, r, s.prefix+"/teams/"+team.Slug+"?imported="+itoa(entries), http.StatusSeeOther)
	return nil
}

// planImport compares a file with what a team has.
func (s *Server) planImport(r *http.Request, team store.Team, data []byte) (*transfer.Plan, error) {
	d, problems := transfer.Read(data, s.now())
	return transfer.Compare(r.Context(), s.store, s.current.Load().lib, team, d, problems)
}

// readPosting reads a form with a file, or the one that imports a file which is here already.
func (s *Server) readPosting(w http.ResponseWriter, r *http.Request, team store.Team) (posting, error) {
	var p posting
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch strings.TrimSpace(strings.ToLower(mediaType)) {
	case "multipart/form-data":
		data, err := readUpload(w, r)
		if err != nil {
			return p, err
		}
		p.data = data
	case "application/x-www-form-urlencoded":
		if err := readForm(w, r); err != nil {
			return p, err
		}
		var ok bool
		if p.upload, ok = s.uploads.find(team.ID, r.PostForm.Get("upload"), s.now()); !ok {
			return p, &invalid{"file", "it is not here any more; send it again"}
		}
	default:
		return p, statusErrorf(http.StatusUnsupportedMediaType, "Send the file as multipart/form-data, in the field file.")
	}
	switch apply := r.PostForm.Get("apply"); apply {
	case "", "no":
	case "yes":
		p.apply = true
	default:
		return p, &invalid{"apply", fmt.Sprintf("want yes or no, not %.40q", apply)}
	}
	p.base = r.PostForm.Get("base")
	return p, nil
}

// readUpload reads a form with the field file within its limits.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	const limit = transfer.MaxSize + maxForm
	body := r.Body
	r.Body = http.MaxBytesReader(w, body, limit)
	err := r.ParseMultipartForm(limit) // all of it in memory
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		// A browser shows an answer only when it has sent what it wanted to send.
		_, _ = io.CopyN(io.Discard, body, 4*limit) // it is not wanted, so how it ends does not matter
		return nil, statusErrorf(http.StatusRequestEntityTooLarge, "The file is larger than %d MB.", transfer.MaxSize>>20)
	}
	if err != nil {
		return nil, statusErrorf(http.StatusBadRequest, "The form cannot be read: %v", err)
	}
	if err := checkFields(r.PostForm); err != nil {
		return nil, err
	}
	files := r.MultipartForm.File["file"]
	if len(files) != 1 {
		return nil, &invalid{"file", "choose one file"}
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// refuseImport answers a form that could not be taken: with the page of the form,
// where that can be sent again.
func (s *Server) refuseImport(w http.ResponseWriter, r *http.Request, team store.Team, err error) error {
	var bad *invalid
	if !errors.As(err, &bad) {
		return err
	}
	if wantsJSON(r) {
		return statusErrorf(http.StatusUnprocessableEntity, "%s", bad.Error())
	}
	v := importView(s.importPage(r, team))
	v.Problem = sentence(bad.Error())
	w.Header().Set("Cache-Control", "no-store")
	s.render(w, r, http.StatusUnprocessableEntity, templates.Import(v))
	return nil
}

// importPage is the page of the form, as the answer to a post.
func (s *Server) importPage(r *http.Request, team store.Team) *teamPage {
	p := &teamPage{snap: s.current.Load(), asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
	p.frame = s.teamFrame(r, p, "import", "Import")
	return p
}

// showPlan answers with what a file would change. One that could be imported waits for that.
func (s *Server) showPlan(w http.ResponseWriter, r *http.Request, team store.Team, code int, plan *transfer.Plan, p posting) error {
	if wantsJSON(r) {
		return s.sendPlan(w, r, code, plan, false)
	}
	v := importView(s.importPage(r, team))
	v.Plan = planView(plan)
	if code == http.StatusConflict {
		v.Problem = "Something was answered or planned here meanwhile, so nothing was imported. This is what the import would do now."
	}
	if !plan.Problems.Any() && !plan.Empty() {
		v.Upload, v.Base = p.id, plan.Base()
		if v.Upload == "" {
			v.Upload = s.uploads.keep(team.ID, p.data, s.now())
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	s.render(w, r, code, templates.Import(v))
	return nil
}

// sendPlan answers a program with what a file would change, or has changed.
func (s *Server) sendPlan(w http.ResponseWriter, r *http.Request, code int, plan *transfer.Plan, applied bool) error {
	w.Header().Set("Cache-Control", "no-store")
	return s.sendJSON(w, r, code, struct {
		*transfer.Plan
		Base    string `json:"base"`    // to be sent with apply=yes, so that nothing else is done
		Applied bool   `json:"applied"` // it has been imported
	}{plan, plan.Base(), applied})
}

// planView fills the view of a plan.
func planView(plan *transfer.Plan) *templates.PlanView {
	v := &templates.PlanView{
		New: plan.Counts[transfer.New], Changed: plan.Counts[transfer.Changed], Same: plan.Counts[transfer.Same], Kept: plan.Counts[transfer.Kept],
		Rows: plan.Rows, Left: plan.Left, Ignored: strings.Join(plan.Ignored, ", "), Empty: plan.Empty(), MoreProblems: plan.Problems.More,
	}
	for _, p := range plan.Problems.List {
		v.Problems = append(v.Problems, p.String())
	}
	for i := range plan.Lines {
		l := &plan.Lines[i]
		line := templates.PlanLine{List: l.Title, Subject: l.Subject, Claim: l.Claim, Rows: l.Rows, Before: l.Label(l.Before), After: l.Label(l.After), Note: l.After.Note, By: l.After.By}
		if line.List == "" {
			line.List = l.Checklist
		}
		if l.After.At != nil {
			line.At = *l.After.At
		}
		switch {
		case l.Change == transfer.Same:
		case l.Change == transfer.Kept && len(v.KeptLines) < maxShown:
			line.At = *l.Before.At
			line.By, line.Note = l.Before.By, l.Before.Note
			v.KeptLines = append(v.KeptLines, line)
		case l.Change != transfer.Kept && len(v.Lines) < maxShown:
			v.Lines = append(v.Lines, line)
		}
	}
	v.NewActions, v.NewTargets = len(plan.Actions), len(plan.Targets)
	for _, a := range plan.Actions[:min(v.NewActions, maxNamed)] {
		v.Actions = append(v.Actions, a.Title)
	}
	for _, t := range plan.Targets[:min(v.NewTargets, maxNamed)] {
		v.Targets = append(v.Targets, fmt.Sprintf("%s: level %d by %s", strings.TrimSpace(t.Checklist+" "+t.Subject), t.Level, t.Due))
	}
	return v
}
