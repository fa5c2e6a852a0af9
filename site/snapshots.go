package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/site/transfer"
	"opsbook/templates"
)

// serveSnapshots lists a team's snapshots.
func (s *Server) serveSnapshots(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	return s.drawSnapshots(w, r, http.StatusOK, p, "", "")
}

func (s *Server) drawSnapshots(w http.ResponseWriter, r *http.Request, code int, p *teamPage, name, problem string) error {
	all, err := s.store.Snapshots(r.Context(), p.team.ID)
	if err != nil {
		return err
	}
	v := &templates.SnapshotsView{TeamFrame: p.frame, Typed: name, Problem: problem}
	for _, n := range all {
		if p.at.IsZero() || !n.Made.After(p.at) {
			v.Snapshots = append(v.Snapshots, snapshotLine(n))
		}
	}
	s.render(w, r, code, templates.Snapshots(v))
	return nil
}

func snapshotLine(n store.Snapshot) templates.SnapshotLine {
	return templates.SnapshotLine{ID: n.ID, Name: n.Name, At: n.At, Made: n.Made, By: n.By, Hash: n.Hash}
}

// postSnapshot keeps what a team's answers are, or were at the end of a day.
func (s *Server) postSnapshot(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	team, err := s.writableTeam(r)
	if err != nil {
		return err
	}
	p := &teamPage{snap: s.current.Load(), asked: asked{team: &team, owner: team.Owner(), now: s.now()}}
	p.frame = s.teamFrame(r, p, "snapshots", "Snapshots")
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" || !content.OneLine(name, content.MaxName) {
		problem := fmt.Sprintf("Give it a name of one line, at most %d characters, such as Q3 review.", content.MaxName)
		if wantsJSON(r) {
			return statusErrorf(http.StatusUnprocessableEntity, "name: %s", problem)
		}
		return s.drawSnapshots(w, r, http.StatusUnprocessableEntity, p, name, problem)
	}
	var moment asked // a snapshot of the past is not a page of the past
	if err := moment.readDay(r.PostForm.Get("day")); err != nil {
		return err
	}
	now := s.now()
	if moment.at.After(now) {
		return statusErrorf(http.StatusUnprocessableEntity, "day: %s is not over yet; leave the day empty for now.", moment.day)
	}
	n, err := s.takeSnapshot(r, p, name, moment.at, now)
	if err != nil {
		return fmt.Errorf("snapshot of %s: %w", team.Slug, err)
	}
	if wantsJSON(r) {
		return s.sendJSON(w, r, http.StatusCreated, map[string]string{"id": n.ID, "hash": n.Hash})
	}
	http.Redirect(w, r, s.prefix+"/teams/"+team.Slug+"/snapshots/"+n.ID, http.StatusSeeOther)
	return nil
}

// takeSnapshot keeps the document of a moment; zero is now.
func (s *Server) takeSnapshot(r *http.Request, p *teamPage, name string, at, now time.Time) (store.Snapshot, error) {
	d, err := transfer.Export(r.Context(), s.store, p.snap.lib, *p.team, at, now, false)
	if err != nil {
		return store.Snapshot{}, err
	}
	var b bytes.Buffer
	if err := d.WriteJSON(&b); err != nil {
		return store.Snapshot{}, err
	}
	if b.Len() > store.MaxSnapshot {
		return store.Snapshot{}, statusErrorf(http.StatusRequestEntityTooLarge, "%s has %.1f MiB of answers, and a snapshot keeps at most %d MiB. Export them instead, and keep the file.", p.team.Name, float64(b.Len())/(1<<20), store.MaxSnapshot>>20)
	}
	if at.IsZero() {
		at = now
	}
	return s.store.TakeSnapshot(r.Context(), store.Snapshot{Team: p.team.ID, Name: name, At: at, Made: now, By: displayName(r), Body: b.String()})
}

// snapshotOf reads the snapshot that the address names.
func (s *Server) snapshotOf(r *http.Request, p *teamPage) (store.Snapshot, error) {
	n, err := s.store.Snapshot(r.Context(), p.team.ID, r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		return n, statusErrorf(http.StatusNotFound, "%s has no such snapshot.", p.team.Name)
	}
	return n, err
}

// serveSnapshot answers with a snapshot as a page that prints.
func (s *Server) serveSnapshot(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	n, err := s.snapshotOf(r, p)
	if err != nil {
		return err
	}
	var d transfer.Document
	if err := json.Unmarshal([]byte(n.Body), &d); err != nil {
		return fmt.Errorf("snapshot %s of %s: %w", n.ID, p.team.Slug, err)
	}
	v := &templates.SnapshotView{TeamFrame: p.frame, Snapshot: snapshotLine(n), Called: d.Team.Name, Rule: d.Rule}
	v.Title = n.Name + ", " + p.team.Name
	for _, l := range d.Checklists {
		v.Lists = append(v.Lists, snapshotList(p.snap.lib, l))
	}
	s.render(w, r, http.StatusOK, templates.Snapshot(v))
	return nil
}

// snapshotList fills the view of a list as a document has it; the library only
// helps with the words for its states.
func snapshotList(lib *content.Library, l transfer.List) templates.SnapshotList {
	out := templates.SnapshotList{Path: l.Path, Title: l.Title, Subject: l.Subject, Retired: l.Retired, Score: l.Score, Answered: l.Answered, Total: l.Total, NA: l.NA, NotApplicable: l.NotApplicable}
	if out.Title == "" {
		out.Title = l.Path
	}
	if l.Level != nil {
		out.Level = "none yet"
		if n := *l.Level; n > 0 && n <= len(l.Levels) {
			out.Level = fmt.Sprintf("%d, %s", n, l.Levels[n-1])
		}
	}
	for _, it := range l.Items {
		line := templates.SnapshotItem{Section: it.Section, Claim: it.Claim, State: stateIn(lib, l.Path, it), Note: it.Note, Evidence: it.Evidence, By: it.By, Flags: it.Flags}
		if it.At != nil {
			line.At = *it.At
		}
		out.Items = append(out.Items, line)
	}
	return out
}

// stateIn is what the state of a document's item is called.
func stateIn(lib *content.Library, path string, it transfer.Item) string {
	if p := lib.Page(path); p != nil && p.Checklist != nil {
		if now := p.Checklist.Item(it.ID); now != nil {
			return p.Checklist.Label(now, it.State)
		}
	}
	return (&content.Checklist{}).Label(&content.Item{}, it.State)
}

// serveSnapshotFile answers with the very bytes that the hash is of.
func (s *Server) serveSnapshotFile(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	n, err := s.snapshotOf(r, p)
	if err != nil {
		return err
	}
	p.day = n.At.UTC().Format(time.DateOnly) // that it shows, whenever it is saved
	s.sendFile(w, r, p, "-snapshot", ".json", []byte(n.Body))
	return nil
}
