package site

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// historyPage is how many rows of the log are shown at once.
const historyPage = 50

// serveHistory answers with every answer of a team: who, when, note and evidence.
func (s *Server) serveHistory(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	query := r.URL.Query()
	v := &templates.HistoryView{TeamFrame: p.frame, Subject: strings.TrimSpace(query.Get("subject"))}
	q := store.LogQuery{Owner: p.owner, Until: p.at, Limit: historyPage + 1}
	if path := query.Get("checklist"); path != "" {
		// A list that is not served any more has its history still.
		q.Checklist, q.Subject = path, v.Subject
		if list := findChecklist(p.snap.lib, path); list != nil {
			q.Checklist, v.Page = list.Path, list
			if it := list.Checklist.Item(query.Get("item")); it != nil {
				v.Item = it
			}
		}
		v.List, q.Item = q.Checklist, query.Get("item")
	}
	if text := query.Get("before"); text != "" {
		before, err := strconv.ParseInt(text, 10, 64)
		if err != nil || before < 1 {
			return statusErrorf(http.StatusUnprocessableEntity, "before: want the number of an answer in the log, not %q.", shorten(text, 40))
		}
		q.Before = before
	}
	rows, err := s.store.Log(r.Context(), q)
	if err != nil {
		return err
	}
	if len(rows) > historyPage {
		rows = rows[:historyPage]
		v.Older = rows[historyPage-1].LogID
	}
	v.Newest = q.Before == 0
	if v.Lines, err = s.historyLines(r, p.snap.lib, rows); err != nil {
		return err
	}
	stands, err := s.store.Stands(r.Context(), time.Time{}, p.owner)
	if err != nil {
		return err
	}
	for _, st := range stands {
		v.Lists = append(v.Lists, templates.ListChoice{Path: st.Checklist, Subject: st.Subject, Title: listTitle(p.snap.lib, st.Checklist)})
	}
	s.render(w, r, http.StatusOK, templates.History(v))
	return nil
}

// listTitle is what a checklist is called, its path where it is not served any more.
func listTitle(lib *content.Library, path string) string {
	if p := lib.Page(path); p != nil {
		return p.Title
	}
	return path
}

// historyLines fills the view of rows of the log.
func (s *Server) historyLines(r *http.Request, lib *content.Library, rows []store.Entry) ([]templates.HistoryLine, error) {
	var hashes []string
	for _, row := range rows {
		hashes = append(hashes, row.TextHash)
	}
	texts, err := s.store.Texts(r.Context(), hashes...)
	if err != nil {
		return nil, err
	}
	origins, err := s.origins(r.Context(), lib, rows)
	if err != nil {
		return nil, err
	}
	var out []templates.HistoryLine
	for i, row := range rows {
		line := templates.HistoryLine{Path: row.Checklist, Title: listTitle(lib, row.Checklist), Subject: row.Subject, ItemID: row.Item, Claim: firstLine(texts[row.TextHash]), Answer: row.Answer, State: string(row.State), Before: string(row.Before), Origin: origins[i]}
		if p := lib.Page(row.Checklist); p != nil && p.Checklist != nil {
			if it := p.Checklist.Item(row.Item); it != nil {
				line.Served, line.Claim = true, it.Claim
				line.State = templates.StateName(p.Checklist, it, row.State)
				if row.Before != "" {
					line.Before = templates.StateName(p.Checklist, it, row.Before)
				}
				if it.TextHash != row.TextHash {
					line.Old = texts[row.TextHash]
				}
			}
		}
		out = append(out, line)
	}
	return out, nil
}

// firstLine is the claim in an item's whole text.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
