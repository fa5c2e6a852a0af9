package site

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"

	"github.com/a-h/templ"
)

// filters are the values of ?show= on a checklist: everything (empty), what is
// not answered or not met, and what the next level lacks.
var filters = []string{"", "open", "next"}

// checklistQuery says what of a checklist is asked for.
type checklistQuery struct {
	asked
	subject string
	show    string
	saved   string  // item that was answered just now
	posted  *posted // answer that was refused
}

// plain reports whether it is the checklist as everybody sees it first.
func (q checklistQuery) plain() bool {
	return q.team == nil && q.owner == "" && q.day == "" && q.subject == "" && q.show == "" && q.saved == "" && q.posted == nil
}

// key names the answers that are shown.
func (q checklistQuery) key(p *content.Page) store.Key {
	return store.Key{Owner: q.owner, Checklist: p.Path, Subject: q.subject}
}

// serveChecklist answers with a checklist and the answers of this browser or a team.
func (s *Server) serveChecklist(w http.ResponseWriter, r *http.Request, snap *snapshot, p *content.Page) error {
	query := r.URL.Query()
	a, err := s.asked(r, query)
	if err != nil {
		return err
	}
	q := checklistQuery{asked: a, subject: strings.TrimSpace(query.Get("subject")), show: query.Get("show"), saved: query.Get("saved")}
	if !slices.Contains(filters, q.show) {
		q.show = ""
	}
	if p.Checklist.Per == "" || !content.OneLine(q.subject, content.MaxSubject) {
		q.subject = ""
	}
	if q.plain() {
		return s.serveCached(w, r, snap, p.Path, func() (templ.Component, error) { return s.checklistView(r, snap, p, q) })
	}
	return s.drawChecklist(w, r, snap, p, http.StatusOK, q)
}

func (s *Server) drawChecklist(w http.ResponseWriter, r *http.Request, snap *snapshot, p *content.Page, code int, q checklistQuery) error {
	c, err := s.checklistView(r, snap, p, q)
	if err != nil {
		return err
	}
	s.render(w, r, code, c)
	return nil
}

// checklistView fills the view of a checklist.
func (s *Server) checklistView(r *http.Request, snap *snapshot, p *content.Page, q checklistQuery) (templ.Component, error) {
	body, err := snap.body(p)
	if err != nil {
		return nil, err
	}
	list := p.Checklist
	v := &templates.ChecklistView{Frame: s.frame(r, snap, p.Path, p.Title), Whose: s.whose(r, q.asked), Page: p, List: list, Body: body, Subject: q.subject, Filter: q.show}
	v.Description = p.Description
	v.Overdue = s.overdue(p)
	v.Next = s.choices(snap.lib, p)
	v.TOC = toc(p.Headings, func(h content.Heading) bool { return h.Level != 2 })
	v.NoIndex = !q.plain()
	answers, err := s.answersTo(r, v, p, q)
	if err != nil {
		return nil, err
	}
	v.Score = list.Score(answers, q.now)
	v.Answered = v.Score.Answered > 0
	for _, section := range list.Sections {
		g := templates.ItemGroup{Title: section.Title, Anchor: section.Anchor, Intro: body.Sections[section.Anchor]}
		for _, it := range section.Items {
			a := answers[it.ID]
			if a.State != "" {
				g.Answered++
			}
			item := itemView(list, it, a, q.now)
			item.HTML = body.Items[it.ID]
			item.Hidden = it.ID != q.saved && hidden(list, it, a, v.Score, q.show, q.now)
			if q.posted != nil && q.posted.item == it {
				q.posted.apply(&item)
			}
			g.Items = append(g.Items, item)
		}
		v.Sections = append(v.Sections, g)
	}
	if err := s.addHistory(r, v, p, q); err != nil {
		return nil, err
	}
	if v.Writable() && q.owner != "" {
		if err := s.addOffers(r, snap.lib, v, q); err != nil {
			return nil, err
		}
	}
	return templates.Checklist(v), nil
}

// answersTo returns the answers that a checklist is shown with, and adds to the
// view what else was answered about it.
func (s *Server) answersTo(r *http.Request, v *templates.ChecklistView, p *content.Page, q checklistQuery) (map[string]content.Answer, error) {
	if q.owner == "" {
		return map[string]content.Answer{}, nil
	}
	answers, err := s.store.Answers(r.Context(), q.key(p), q.at)
	if err != nil {
		return nil, err
	}
	if v.Subjects, err = s.subjects(r, q.owner, p); err != nil {
		return nil, err
	}
	if q.team != nil && q.day == "" {
		if v.Mine, err = s.copyable(r, p, q.subject, answers); err != nil {
			return nil, err
		}
	}
	return p.Checklist.Moved(answers), nil
}

// itemView fills the view of an item from its answer.
func itemView(list *content.Checklist, it *content.Item, a content.Answer, now time.Time) templates.ItemView {
	v := templates.ItemView{Item: it, Answer: a, Note: a.Note, Evidence: strings.Join(a.Evidence, "\n"), Expired: it.Expired(a, now)}
	v.Choices = choicesOf(list, it, a.State)
	if it.Level > 0 && it.Level <= len(list.Levels) {
		v.Level = list.Levels[it.Level-1]
	}
	return v
}

func choicesOf(list *content.Checklist, it *content.Item, state content.State) []templates.AnswerChoice {
	choices := templates.StateChoices(list, it)
	for i := range choices {
		choices[i].Checked = choices[i].State == state
	}
	if state == "" { // there is nothing to take back
		choices = choices[:len(choices)-1]
	}
	return choices
}

// apply shows what was posted in place of what is saved.
func (p *posted) apply(v *templates.ItemView) {
	v.Note, v.Evidence, v.Error, v.Conflict = p.note, p.evidence, p.problem, p.conflict
	if p.conflict != nil {
		v.Answer, v.Error = *p.conflict, "" // the next try is based on what is there now
	}
	for i := range v.Choices {
		v.Choices[i].Checked = v.Choices[i].State == p.state
	}
}

// hidden reports whether the filter leaves an item out.
func hidden(list *content.Checklist, it *content.Item, a content.Answer, score content.Score, show string, now time.Time) bool {
	met := a.State == content.NotApplicable || list.Value(it, a, now) == 1
	switch show {
	case "open":
		return met
	case "next":
		return met || it.Level > score.Level+1
	}
	return false
}

// addHistory adds what only the log knows: old wordings, and what stood before
// the answer that was just saved.
func (s *Server) addHistory(r *http.Request, v *templates.ChecklistView, p *content.Page, q checklistQuery) error {
	var hashes []string
	for _, section := range v.Sections {
		for _, it := range section.Items {
			if it.Reworded(it.Answer) && it.Answer.State != "" {
				hashes = append(hashes, it.Answer.TextHash)
			}
		}
	}
	texts, err := s.store.Texts(r.Context(), hashes...)
	if err != nil {
		return err
	}
	for i := range v.Sections {
		for j := range v.Sections[i].Items {
			it := &v.Sections[i].Items[j]
			if it.Reworded(it.Answer) && it.Answer.State != "" {
				it.OldText = texts[it.Answer.TextHash]
			}
			if it.ID != q.saved || it.Answer.Seq == 0 || q.owner == "" || !v.Writable() {
				continue
			}
			rows, err := s.store.History(r.Context(), q.key(p), it.ID, 2)
			if err != nil {
				return err
			}
			it.Saved, it.Undo = true, &content.Answer{}
			if len(rows) > 1 {
				it.Undo = &rows[1].Answer
			}
		}
	}
	return nil
}

// subjects returns what an owner has answered a checklist about.
func (s *Server) subjects(r *http.Request, owner string, p *content.Page) ([]string, error) {
	if p.Checklist.Per == "" {
		return nil, nil
	}
	summaries, err := s.store.Summaries(r.Context(), owner)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, sum := range summaries {
		if sum.Checklist == p.Path && sum.Subject != "" && sum.Answered > 0 {
			out = append(out, sum.Subject)
		}
	}
	return out, nil
}
