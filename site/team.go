package site

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

const (
	soon        = 30 * 24 * time.Hour // before they age, answers are announced
	overviewTop = 7                   // lines of what next on the overview
	agingTop    = 5                   // lines to confirm
)

// scored is a checklist that an owner has answered, weighed.
type scored struct {
	store.Key
	page    *content.Page // nil: not served any more
	list    *content.Checklist
	answers map[string]content.Answer // under the items' present ids
	raw     map[string]content.Answer // as they are kept
	score   content.Score
	lastAt  time.Time
}

// scores weighs what stood at an instant, in the order of the library; lists that
// are not served any more come last, and those that have another path now are
// left out, because their answers were copied there.
func scores(lib *content.Library, stands []store.Stand, now time.Time) []scored {
	order := map[string]int{}
	for i, p := range lib.Pages() {
		order[p.Path] = i
	}
	out := make([]scored, 0, len(stands))
	for _, st := range stands {
		if movedAway(lib, st.Checklist) {
			continue
		}
		out = append(out, weigh(lib, st, now))
	}
	slices.SortStableFunc(out, func(a, b scored) int {
		return cmp.Or(compareBool(a.page == nil, b.page == nil), cmp.Compare(order[a.Checklist], order[b.Checklist]))
	})
	return out
}

// weigh weighs one list by the library.
func weigh(lib *content.Library, st store.Stand, now time.Time) scored {
	sc := scored{Key: st.Key, raw: st.Answers, answers: st.Answers, lastAt: st.LastAt}
	if p := lib.Page(st.Checklist); p != nil && p.Checklist != nil {
		sc.page, sc.list = p, p.Checklist
		sc.answers = sc.list.Moved(st.Answers)
		sc.score = sc.list.Score(sc.answers, now)
	}
	return sc
}

// movedAway reports whether a checklist has another path now.
func movedAway(lib *content.Library, path string) bool {
	to, ok := lib.Resolve(path)
	return ok && to != path && lib.Page(to) != nil
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// answered leaves out lists in which every answer was taken back.
func answered(all []scored) []scored {
	return slices.DeleteFunc(all, func(sc scored) bool { return !anyAnswer(sc.raw) })
}

// anyAnswer reports whether one of the answers was not taken back.
func anyAnswer(answers map[string]content.Answer) bool {
	for _, a := range answers {
		if a.State != "" {
			return true
		}
	}
	return false
}

// scoresOf reads and weighs an owner's answers at an instant; zero is now.
func (s *Server) scoresOf(ctx context.Context, lib *content.Library, owner string, at, now time.Time) ([]scored, error) {
	stands, err := s.store.Stands(ctx, at, owner)
	if err != nil {
		return nil, err
	}
	return answered(scores(lib, stands, now)), nil
}

// serveTeam answers with the overview of a team.
func (s *Server) serveTeam(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	ctx, lib := r.Context(), p.snap.lib
	lists, err := s.scoresOf(ctx, lib, p.owner, p.at, p.now)
	if err != nil {
		return err
	}
	targets, err := s.store.Targets(ctx, *p.team, p.at)
	if err != nil {
		return err
	}
	actions, err := s.store.Actions(ctx, p.team.ID, p.at)
	if err != nil {
		return err
	}
	v := &templates.TeamView{TeamFrame: p.frame, Since: monthBefore(p.now)}
	before, err := s.scoresOf(ctx, lib, p.owner, v.Since, v.Since)
	if err != nil {
		return err
	}
	v.Lines = teamLines(lists, before, targets)
	v.Begin = notBegun(lib, lists)
	aging := agingLines(lists, p.now, soon)
	v.AgingAll = len(aging)
	if v.Aging, err = s.wholeAging(ctx, aging[:min(len(aging), agingTop)], p.asked); err != nil {
		return err
	}
	v.Due = openActions(lib, actions, p.now)
	v.Next = nextLines(lists, v.Due)
	if len(v.Next) > overviewTop {
		v.Next = v.Next[:overviewTop]
	}
	if p.day == "" {
		v.Changed = s.countChanges(lists)
	}
	s.render(w, r, http.StatusOK, templates.Team(v))
	return nil
}

// monthBefore returns the end of the day 30 days before, in UTC.
func monthBefore(now time.Time) time.Time {
	return now.UTC().AddDate(0, 0, -30).Truncate(24*time.Hour).AddDate(0, 0, 1).Add(-time.Millisecond)
}

// teamLines returns the lists with what they were at an earlier day.
func teamLines(lists, before []scored, targets map[store.Key]store.Target) []templates.TeamLine {
	earlier := map[store.Key]content.Score{}
	for _, sc := range before {
		earlier[sc.Key] = sc.score
	}
	var out []templates.TeamLine
	for _, sc := range lists {
		line := templates.TeamLine{Page: sc.page, List: sc.list, Gone: sc.Checklist, Subject: sc.Subject, Score: sc.score, LastAt: sc.lastAt}
		if then, ok := earlier[sc.Key]; ok {
			line.Before = &then
		}
		if t, ok := targets[sc.Key]; ok && sc.page != nil {
			line.Target = targetView(t, sc)
		}
		out = append(out, line)
	}
	return out
}

// targetView says how far a list is from its target; nil where the list has lost
// the level.
func targetView(t store.Target, sc scored) *templates.TargetView {
	if t.Level > len(sc.list.Levels) {
		return nil
	}
	due, err := time.Parse(time.DateOnly, t.Due)
	if err != nil {
		return nil // the store keeps days only
	}
	v := &templates.TargetView{Level: t.Level, Name: sc.list.Levels[t.Level-1], Due: due, Reached: sc.score.Level >= t.Level}
	if !v.Reached {
		for _, it := range sc.list.Items() {
			a := sc.answers[it.ID]
			if it.Level <= t.Level && a.State != content.NotApplicable && sc.list.Value(it, a, sc.score.At) < 1 {
				v.Missing++
			}
		}
	}
	return v
}

// notBegun returns the checklists without an answer.
func notBegun(lib *content.Library, lists []scored) []*content.Page {
	begun := map[string]bool{}
	for _, sc := range lists {
		begun[sc.Checklist] = true
	}
	var out []*content.Page
	for _, p := range lib.Pages() {
		if p.Checklist != nil && !p.Checklist.Anonymous && !begun[p.Path] {
			out = append(out, p)
		}
	}
	return out
}

// agingLines returns the answers that are to be confirmed at now or soon after.
func agingLines(lists []scored, now time.Time, ahead time.Duration) []templates.AgingLine {
	var out []templates.AgingLine
	for _, sc := range lists {
		if sc.list == nil {
			continue
		}
		for _, a := range sc.list.Aging(sc.answers, now, ahead) {
			out = append(out, templates.AgingLine{Page: sc.page, Subject: sc.Subject, Item: a.Item, Answer: a.Answer, Until: a.Until, Over: !now.Before(a.Until), State: templates.StateName(sc.list, a.Item, a.Answer.State)})
		}
	}
	slices.SortStableFunc(out, func(a, b templates.AgingLine) int { return a.Until.Compare(b.Until) })
	return out
}

// wholeAging gives aging answers their notes, evidence and names, which overviews
// do without.
func (s *Server) wholeAging(ctx context.Context, lines []templates.AgingLine, a asked) ([]templates.AgingLine, error) {
	whole := map[store.Key]map[string]content.Answer{}
	for i, l := range lines {
		k := store.Key{Owner: a.owner, Checklist: l.Page.Path, Subject: l.Subject}
		if whole[k] == nil {
			answers, err := s.store.Answers(ctx, k, a.at)
			if err != nil {
				return nil, err
			}
			whole[k] = l.Page.Checklist.Moved(answers)
		}
		lines[i].Answer = whole[k][l.Item.ID]
	}
	return lines, nil
}

// nextLines returns what is not met, over all lists in the order of Gap.Compare,
// each with the action that is about it.
func nextLines(lists []scored, actions []templates.ActionLine) []templates.NextLine {
	var out []templates.NextLine
	for _, sc := range lists {
		if sc.list == nil {
			continue
		}
		for _, g := range sc.list.Gaps(sc.answers, sc.score.At) {
			line := templates.NextLine{Page: sc.page, Subject: sc.Subject, Gap: g, State: "Not answered"}
			if g.Answer.State != "" {
				line.State = templates.StateName(sc.list, g.Item, g.Answer.State)
			}
			if g.Item.Level <= len(sc.list.Levels) {
				line.Level = sc.list.Levels[g.Item.Level-1]
			}
			line.Why = whyNext(sc, g, line.Level)
			i := slices.IndexFunc(actions, func(a templates.ActionLine) bool {
				return a.Page == sc.page && a.Subject == sc.Subject && a.Item == g.Item.ID
			})
			if i >= 0 {
				line.Action = &actions[i]
			}
			out = append(out, line)
		}
	}
	slices.SortStableFunc(out, func(a, b templates.NextLine) int { return a.Gap.Compare(b.Gap) })
	return out
}

// whyNext says why an item stands where it does.
func whyNext(sc scored, g content.Gap, level string) string {
	switch {
	case g.Lifts:
		return "this alone lifts to " + sc.list.Levels[sc.score.Level]
	case g.Needed && g.Item.Must:
		return "must for " + sc.list.Levels[sc.score.Level]
	case g.Needed:
		return "counts for " + sc.list.Levels[sc.score.Level]
	case level != "":
		return "belongs to " + level
	}
	return ""
}

// openActions returns the actions that are not ended, in the order of their days.
func openActions(lib *content.Library, actions []store.Action, now time.Time) []templates.ActionLine {
	var out []templates.ActionLine
	for _, a := range actions {
		if !a.State.Ended() {
			out = append(out, actionLine(lib, a, now))
		}
	}
	return out
}

// actionLine fills the view of an action.
func actionLine(lib *content.Library, a store.Action, now time.Time) templates.ActionLine {
	line := templates.ActionLine{ID: a.ID, Title: a.Title, Assignee: a.Assignee, State: string(a.State), Subject: a.Subject, Item: a.Item, Seq: a.Seq, At: a.At, By: a.By}
	path, _ := lib.Resolve(a.Checklist)
	if p := lib.Page(path); p != nil && p.Checklist != nil {
		line.Page = p
		if it := p.Checklist.Item(a.Item); it != nil {
			line.Item, line.Claim = it.ID, it.Claim
		}
	}
	if due, err := time.Parse(time.DateOnly, a.Due); err == nil {
		line.Due = due
		today := now.UTC().Truncate(24 * time.Hour)
		if !a.State.Ended() && due.Before(today) {
			line.Overdue = int((today.Unix() - due.Unix()) / 86400) // a Duration ends after 292 years
		}
	}
	return line
}
