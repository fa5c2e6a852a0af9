package site

import (
	"net/http"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// itemJSON is an item and its answer in the API.
type itemJSON struct {
	ID       string        `json:"id"`
	Claim    string        `json:"claim"`
	Section  string        `json:"section"`
	Level    int           `json:"level"`
	Must     bool          `json:"must"`
	Weight   float64       `json:"weight"`
	State    content.State `json:"state"` // empty: not answered
	Note     string        `json:"note"`
	Evidence []string      `json:"evidence"`
	By       string        `json:"by"`
	At       *time.Time    `json:"at"` // null: never answered
	Seq      int64         `json:"seq"`
	Flags    []string      `json:"flags"` // expired, reworded
}

// answerJSON returns an item with its answer.
func answerJSON(list *content.Checklist, it *content.Item, a content.Answer, now time.Time) itemJSON {
	out := itemJSON{ID: it.ID, Claim: it.Claim, Level: it.Level, Must: it.Must, Weight: it.Weight, State: a.State, Note: a.Note, Evidence: a.Evidence, By: a.By, Seq: a.Seq, Flags: []string{}}
	if !a.At.IsZero() {
		at := a.At.UTC()
		out.At = &at
	}
	if out.Evidence == nil {
		out.Evidence = []string{}
	}
	if it.Expired(a, now) {
		out.Flags = append(out.Flags, "expired")
	}
	if it.Reworded(a) && a.State != "" {
		out.Flags = append(out.Flags, "reworded")
	}
	return out
}

// levelScoreJSON is a level in the API.
type levelScoreJSON struct {
	Level    int     `json:"level"`
	Name     string  `json:"name"`
	Holds    bool    `json:"holds"`
	Score    float64 `json:"score"`
	Musts    int     `json:"musts"`
	MustsMet int     `json:"musts_met"`
}

// levelJSON returns the level reached, nil without levels or where nothing applies.
func levelJSON(list *content.Checklist, score content.Score) *int {
	if len(list.Levels) == 0 || score.NotApplicable {
		return nil
	}
	return &score.Level
}

// serveChecklistAPI answers with a checklist and this browser's answers.
func (s *Server) serveChecklistAPI(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	p := findChecklist(snap.lib, r.PathValue("path"))
	if p == nil {
		return statusErrorf(http.StatusNotFound, "There is no checklist %q.", r.PathValue("path"))
	}
	query := r.URL.Query()
	q, err := s.asked(r, query)
	if err != nil {
		return err
	}
	list := p.Checklist
	answers := map[string]content.Answer{}
	if q.owner != "" {
		key := store.Key{Owner: q.owner, Checklist: p.Path, Subject: strings.TrimSpace(query.Get("subject"))}
		if answers, err = s.store.Answers(r.Context(), key, q.at); err != nil {
			return err
		}
		answers = list.Moved(answers)
	}
	now := q.now
	score := list.Score(answers, now)
	items := []itemJSON{}
	for _, section := range list.Sections {
		for _, it := range section.Items {
			row := answerJSON(list, it, answers[it.ID], now)
			row.Section = section.Title
			items = append(items, row)
		}
	}
	levels := []levelScoreJSON{}
	for _, l := range score.Levels {
		levels = append(levels, levelScoreJSON{l.Level, l.Name, l.Holds, l.Share, l.Musts, l.MustsMet})
	}
	return s.sendJSON(w, r, http.StatusOK, map[string]any{
		"path": p.Path, "title": p.Title, "score": score.Share, "coverage": score.Coverage, "not_applicable": score.NotApplicable,
		"level": levelJSON(list, score), "levels": levels, "band": score.Band, "items": items,
	})
}
