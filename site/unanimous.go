package site

import (
	"net/http"

	"opsbook/site/store"
	"opsbook/templates"
)

// unanimous returns those of a workshop's items that can be recorded without
// talk: all gave the same answer, and it is not recorded yet. "Not applicable" is
// left out: it needs its reason.
func unanimous(items []templates.SpreadView) []templates.SpreadView {
	var out []templates.SpreadView
	for _, it := range items {
		if it.Unanimous() && it.Highest != "" && it.Agreed.Seq == 0 {
			out = append(out, it)
		}
	}
	return out
}

// postUnanimous records the answers on which all agree, all of them or none. The
// note and the evidence stay where the answer does.
func (s *Server) postUnanimous(w http.ResponseWriter, r *http.Request, p *roundPage) error {
	switch {
	case p.list() == nil:
		return s.changed(w, r, p, &invalid{"round", "its checklist is not served"})
	case p.round.Survey, p.round.Revealed.IsZero():
		return s.changed(w, r, p, &invalid{"round", "its answers are not revealed"})
	case !p.round.Closed.IsZero():
		return s.changed(w, r, p, store.ErrEnded)
	}
	page := p.frame.Round.Page
	items, err := s.said(r.Context(), p.snap.lib, page, p.round, p.asked)
	if err != nil {
		return err
	}
	key := store.Key{Owner: p.owner, Checklist: page.Path, Subject: p.round.Subject}
	var batch []store.NewAnswer
	for _, it := range unanimous(items) {
		a := store.NewAnswer{Key: key, Item: it.ID, Base: it.Answer.Seq, State: it.Highest, At: s.now(), By: displayName(r), TextHash: it.TextHash, Text: it.Text, Origin: originOfRound(p.round.ID)}
		if it.Answer.State == a.State {
			a.Note, a.Evidence = it.Answer.Note, it.Answer.Evidence
		}
		batch = append(batch, a)
	}
	return s.changed(w, r, p, s.store.AppendAnswers(r.Context(), batch))
}
