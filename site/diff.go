package site

import (
	"context"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// diff compares a list at two days, item by item.
func (s *Server) diff(ctx context.Context, q compareQuery, key store.Key) (*templates.DiffView, error) {
	was, err := s.store.Answers(ctx, key, q.before)
	if err != nil {
		return nil, err
	}
	is, err := s.store.Answers(ctx, key, q.at)
	if err != nil {
		return nil, err
	}
	list := q.page.Checklist
	v := &templates.DiffView{}
	if v.Retired, err = s.retired(ctx, list, was); err != nil {
		return nil, err
	}
	was, is = list.Moved(was), list.Moved(is)
	v.Then, v.Now = list.Score(was, q.before), list.Score(is, q.now)
	fresh := s.servedFirst(q.page, q.before, q.now)
	for _, it := range list.Items() {
		line := templates.DiffLine{Item: it, Was: diffState(list, it, was[it.ID], q.before), Is: diffState(list, it, is[it.ID], q.now), Answer: is[it.ID], Since: fresh[it.ID]}
		if sameAnswer(was[it.ID], is[it.ID]) && line.Was == line.Is {
			line.Reconfirmed = was[it.ID].Seq != is[it.ID].Seq
			v.Same = append(v.Same, line)
			continue
		}
		if note := was[it.ID].Note; note != is[it.ID].Note {
			line.OldNote = note
		}
		if a := is[it.ID]; it.Expired(a, q.now) && a.Seq == was[it.ID].Seq {
			line.ToConfirm = a.At.AddDate(0, 0, it.Expires)
		}
		v.Changed = append(v.Changed, line)
	}
	return v, nil
}

// diffState is what an answer said at a moment.
func diffState(list *content.Checklist, it *content.Item, a content.Answer, now time.Time) string {
	state := templates.StateName(list, it, a.State)
	if it.Expired(a, now) {
		state += ", to confirm"
	}
	return state
}

// sameAnswer reports whether two answers say the same, whenever they were given.
// What was taken back says nothing.
func sameAnswer(a, b content.Answer) bool {
	return a.State == "" && b.State == "" || a.State == b.State && a.Note == b.Note && slices.Equal(a.Evidence, b.Evidence)
}

// servedFirst returns when the items were first served that came into the list
// after one moment and until another. Of a list that was not served by then
// nothing is new, or everything would be.
func (s *Server) servedFirst(p *content.Page, after, until time.Time) map[string]time.Time {
	out := map[string]time.Time{}
	old := false
	for item, at := range (*s.seen.Load())[p.Path] {
		if !at.After(after) {
			old = true
		} else if !at.After(until) {
			out[item] = at
		}
	}
	if !old {
		return nil
	}
	return out
}

// retired returns what was answered and is no longer in the list, by the first
// line of what it said.
func (s *Server) retired(ctx context.Context, list *content.Checklist, answers map[string]content.Answer) ([]templates.RetiredLine, error) {
	var out []templates.RetiredLine
	var hashes []string
	ids := list.Retired(answers)
	for _, id := range ids {
		hashes = append(hashes, answers[id].TextHash)
	}
	texts, err := s.store.Texts(ctx, hashes...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		claim, _, _ := strings.Cut(texts[answers[id].TextHash], "\n")
		line := templates.RetiredLine{ID: id, Claim: claim, Was: templates.StateName(list, &content.Item{}, answers[id].State)}
		out = append(out, line)
	}
	return out, nil
}
