package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

func (s *Server) drawWorkshop(w http.ResponseWriter, r *http.Request, code int, p *roundPage) error {
	v := &templates.WorkshopView{RoundFrame: p.frame, Joined: p.round.Members}
	switch list := p.list(); {
	case list == nil:
	case v.Round.State() == "open":
		v.Joined, v.Finished = p.state.Joined, p.state.Finished
		for _, it := range list.Items() {
			v.Items = append(v.Items, templates.ItemProgress{Item: it, Votes: p.state.Answers[it.ID]})
		}
	default:
		if err := s.addAgreements(r.Context(), v, p); err != nil {
			return err
		}
	}
	s.render(w, r, code, templates.Workshop(v))
	return nil
}

// addAgreements fills what was said and what is agreed.
func (s *Server) addAgreements(ctx context.Context, v *templates.WorkshopView, p *roundPage) error {
	body, err := p.snap.body(v.Round.Page)
	if err != nil {
		return err
	}
	items, err := s.said(ctx, p.snap.lib, v.Round.Page, p.round, p.asked)
	if err != nil {
		return err
	}
	for i := range items {
		it := &items[i]
		it.HTML = body.Items[it.ID]
		if it.Agreed.Seq > 0 {
			v.Recorded++
		}
		if p.posted != nil && p.posted.item == it.Item {
			p.posted.apply(&it.ItemView)
		}
	}
	v.Terms = body.Terms
	v.Apart, v.Same, v.Silent = sorted(items)
	v.Unanimous = len(unanimous(items))
	return nil
}

// sorted parts items into those on which people differ, the most first, those on
// which all say the same, and those that nobody answered.
func sorted(items []templates.SpreadView) (apart, same, silent []templates.SpreadView) {
	for _, it := range items {
		switch {
		case it.N == 0:
			silent = append(silent, it)
		case it.Unanimous():
			same = append(same, it)
		default:
			apart = append(apart, it)
		}
	}
	slices.SortStableFunc(apart, func(a, b templates.SpreadView) int { return a.Spread.Compare(b.Spread) })
	return apart, same, silent
}

// standingAnswer is the current answer to an item and where it comes from.
type standingAnswer struct {
	store.Entry
	from string
}

// standing returns the answers that stood at an instant by item, those of renamed
// items under their new ids.
func (s *Server) standing(ctx context.Context, lib *content.Library, k store.Key, at time.Time) (map[string]standingAnswer, error) {
	entries, err := s.store.Standing(ctx, k, at)
	if err != nil {
		return nil, err
	}
	from, err := s.origins(ctx, lib, entries)
	if err != nil {
		return nil, err
	}
	answers := map[string]content.Answer{}
	for _, e := range entries {
		answers[e.Item] = e.Answer
	}
	list := findChecklist(lib, k.Checklist).Checklist
	answers = list.Moved(answers)
	out := map[string]standingAnswer{}
	for i, e := range entries {
		it := list.Item(e.Item)
		if it == nil {
			continue // retired
		}
		a := answers[it.ID]
		if e.Item != it.ID && (a.Seq > 0 || !a.At.Equal(e.At)) {
			continue // the new id has an answer of its own, or that of another old one
		}
		e.Answer = a
		out[it.ID] = standingAnswer{e, from[i]}
	}
	return out, nil
}

// said returns the items of a workshop's list with what was said in it, and with
// what the team's answers were when a asks.
func (s *Server) said(ctx context.Context, lib *content.Library, page *content.Page, round store.Round, a asked) ([]templates.SpreadView, error) {
	list := page.Checklist
	stored, err := s.store.RoundCounts(ctx, round.ID)
	if err != nil {
		return nil, err
	}
	counts := byItem(list, stored)
	k := store.Key{Owner: a.owner, Checklist: page.Path, Subject: round.Subject}
	standing, err := s.standing(ctx, lib, k, a.at)
	if err != nil {
		return nil, err
	}
	agreed, err := s.agreed(ctx, k, list, round, a.at)
	if err != nil {
		return nil, err
	}
	var out []templates.SpreadView
	for _, it := range list.Items() {
		stands := standing[it.ID]
		v := templates.SpreadView{ItemView: itemView(list, it, stands.Answer, a.now), Spread: list.Spread(it, counts[it.ID]), Parts: barParts(list, it, counts[it.ID]), Text: countsText(list, it, counts[it.ID])}
		v.State, v.From = templates.StateName(list, it, stands.State), stands.from
		v.Agreed = agreed[it.ID]
		v.AgreedOn = templates.StateName(list, it, v.Agreed.State)
		v.Choices = agreeable(list, it, counts[it.ID])
		out = append(out, v)
	}
	return out, nil
}

// maxAgreed is how many of a round's agreed answers are read: all items twice over.
const maxAgreed = 1000

// agreed returns what was agreed in a round by then, by item, the last of each.
func (s *Server) agreed(ctx context.Context, k store.Key, list *content.Checklist, round store.Round, at time.Time) (map[string]content.Answer, error) {
	rows, err := s.store.Log(ctx, store.LogQuery{Owner: k.Owner, Checklist: k.Checklist, Subject: k.Subject, Origin: originOfRound(round.ID), Until: at, Limit: maxAgreed})
	if err != nil {
		return nil, err
	}
	out := map[string]content.Answer{}
	for _, row := range rows { // the newest first
		if it := list.Item(row.Item); it != nil && out[it.ID].Seq == 0 {
			out[it.ID] = row.Answer
		}
	}
	return out, nil
}

// agreeable returns what can be agreed on, with the only answer chosen where all
// gave the same.
func agreeable(list *content.Checklist, it *content.Item, counts content.Counts) []templates.AnswerChoice {
	only := content.State("")
	if spread := list.Spread(it, counts); spread.Unanimous() {
		only = cmp.Or(spread.Highest, content.NotApplicable)
	}
	choices := templates.StateChoices(list, it)
	for i := range choices {
		choices[i].Checked = choices[i].State == only
	}
	return choices[:len(choices)-1] // nothing is no agreement
}

// byItem adds the counts of renamed items to those of the items they are now.
func byItem(list *content.Checklist, stored map[string]content.Counts) map[string]content.Counts {
	out := map[string]content.Counts{}
	for id, counts := range stored {
		it := list.Item(id)
		if it == nil {
			continue // not in the list any more
		}
		if out[it.ID] == nil {
			out[it.ID] = content.Counts{}
		}
		for state, n := range counts {
			out[it.ID][state] += n
		}
	}
	return out
}

// barParts returns the pieces of a bar, the best answer first.
func barParts(list *content.Checklist, it *content.Item, counts content.Counts) []templates.BarPart {
	var out []templates.BarPart
	x := 0
	for _, state := range states(list, it) {
		n := counts[state]
		if n == 0 {
			continue
		}
		part := templates.BarPart{X: x, Width: n, NA: state == content.NotApplicable}
		value := list.Value(it, content.Answer{State: state}, time.Time{})
		part.Opacity = strconv.FormatFloat(0.2+0.8*value, 'f', 2, 64)
		out, x = append(out, part), x+n
	}
	return out
}

// states are the answers that an item takes, the best first, "not applicable" last.
func states(list *content.Checklist, it *content.Item) []content.State {
	var out []content.State
	for _, c := range templates.StateChoices(list, it) {
		if c.State != "" && c.State != content.NotApplicable {
			out = append(out, c.State)
		}
	}
	if list.Positions(it) > 0 { // whose choices are worst first
		slices.Reverse(out)
	}
	return append(out, content.NotApplicable)
}

// countsText writes how many gave each answer, such as "5 yes, 2 partly, 1 no".
func countsText(list *content.Checklist, it *content.Item, counts content.Counts) string {
	var parts []string
	for _, state := range states(list, it) {
		n := counts[state]
		if n == 0 {
			continue
		}
		label := templates.StateName(list, it, state)
		switch {
		case list.Positions(it) > 0 && state != content.NotApplicable:
			parts = append(parts, fmt.Sprintf("%d × “%s”", n, label))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(label)))
		}
	}
	if len(parts) == 0 {
		return "nobody answered"
	}
	return strings.Join(parts, ", ")
}

// agree makes a posted answer one that was agreed in a round. It is recorded even
// where it repeats the current one: it was said again.
func (s *Server) agree(ctx context.Context, lib *content.Library, p *posted, id string) error {
	if p.team == nil {
		return &invalid{"round", "a round belongs to a team"}
	}
	round, err := s.store.Round(ctx, p.team.ID, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &invalid{"round", "the team has no such round"}
	case err != nil:
		return err
	case findChecklist(lib, round.Checklist) != p.page, round.Subject != p.subject:
		return &invalid{"round", "it is about something else"}
	case round.Revealed.IsZero():
		return &invalid{"round", "its answers are not revealed"}
	case !round.Closed.IsZero():
		return &invalid{"round", "it is closed; you can save the answer here"}
	}
	p.round, p.origin, p.confirm = &round, originOfRound(id), true
	if p.state == "" {
		return &invalid{"state", "choose what you agree on"}
	}
	return nil
}

// refuseAgreed shows a round again with an agreed answer that was not taken.
func (s *Server) refuseAgreed(w http.ResponseWriter, r *http.Request, snap *snapshot, p posted, code int) error {
	page := &teamPage{snap: snap, asked: p.asked}
	page.frame = s.teamFrame(r, page, "rounds", "Workshops")
	about := s.aboutRound(r, page, *p.round)
	about.posted = &p
	return s.drawRound(w, r, code, about)
}
