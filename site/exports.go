package site

import (
	"bytes"
	"net/http"
	"path"
	"strings"
	"time"

	"opsbook/site/transfer"
)

// serveExport answers with all of a team's answers as a file.
func (s *Server) serveExport(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	d, err := transfer.Export(r.Context(), s.store, p.snap.lib, *p.team, p.at, s.now(), true)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	ext := path.Ext(r.URL.Path)
	switch ext {
	case ".json":
		err = d.WriteJSON(&b)
	case ".csv":
		err = d.WriteCSV(&b)
	case ".md":
		err = d.WriteMarkdown(&b, p.snap.lib)
	}
	if err != nil {
		return err
	}
	s.sendFile(w, r, p, "", ext, b.Bytes())
	return nil
}

// serveActions answers with a team's actions as a file.
func (s *Server) serveActions(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	actions, err := s.store.Actions(r.Context(), p.team.ID, p.at)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	ext := path.Ext(r.URL.Path)
	switch ext {
	case ".ics":
		calendar := transfer.Calendar{Library: p.snap.lib, Team: *p.team, Actions: actions, Base: s.publicBase(r)}
		_, err = calendar.WriteTo(&b)
	case ".csv":
		err = transfer.WriteActionsCSV(&b, p.snap.lib, *p.team, actions)
	}
	if err != nil {
		return err
	}
	s.sendFile(w, r, p, "-actions", ext, b.Bytes())
	return nil
}

// exportTypes are the media types of what is exported.
var exportTypes = map[string]string{
	".json": "application/json",
	".csv":  "text/csv; charset=utf-8",
	".md":   "text/markdown; charset=utf-8",
	".ics":  "text/calendar; charset=utf-8",
}

// sendFile sends something of a team to be saved, under a name that every system takes.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, p *teamPage, what, ext string, body []byte) {
	slug := strings.Map(func(c rune) rune {
		if c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' {
			return c
		}
		return '-'
	}, p.team.Slug)
	day := p.day
	if day == "" {
		day = s.now().UTC().Format(time.DateOnly)
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="opsbook-`+slug+what+"-"+day+ext+`"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Encoding")
	s.send(w, r, http.StatusOK, exportTypes[ext], body)
}
