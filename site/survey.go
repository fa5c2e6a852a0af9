package site

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

func (s *Server) drawSurvey(w http.ResponseWriter, r *http.Request, code int, p *roundPage) error {
	v := &templates.SurveyView{RoundFrame: p.frame, Places: p.round.Places, Enough: p.state.Enough}
	if !p.round.Closed.IsZero() {
		v.Ballots = p.round.Members
		if err := s.addResult(r.Context(), v, p); err != nil {
			return err
		}
	}
	s.render(w, r, code, templates.Survey(v))
	return nil
}

// addResult fills what came of a closed survey, beside what came of the one before,
// where there is a result and its statements are served.
func (s *Server) addResult(ctx context.Context, v *templates.SurveyView, p *roundPage) error {
	list := p.list()
	if list == nil || v.Ballots == 0 {
		return nil
	}
	now, err := s.results(ctx, list, p.round)
	if err != nil {
		return err
	}
	earlier, err := s.surveyBefore(ctx, p)
	if err != nil {
		return err
	}
	var before map[string]result
	if earlier != nil {
		line := roundLine(p.snap.lib, *earlier)
		v.Before = &line
		if before, err = s.results(ctx, list, *earlier); err != nil {
			return err
		}
	}
	for _, section := range list.Sections {
		for _, it := range section.Items {
			v.Lines = append(v.Lines, surveyLine(list, it, section.Title, now[it.ID], before[it.ID]))
		}
	}
	slices.SortStableFunc(v.Lines, func(a, b templates.SurveyLine) int { return now[a.ID].compare(now[b.ID]) })
	return nil
}

// result is what was answered to a statement. Fewer than MinBallots answers are
// the zero result.
type result struct {
	content.Spread
	counts content.Counts
}

// results returns what was answered in a closed survey by item.
func (s *Server) results(ctx context.Context, list *content.Checklist, round store.Round) (map[string]result, error) {
	stored, err := s.store.RoundCounts(ctx, round.ID)
	if err != nil {
		return nil, err
	}
	out := map[string]result{}
	for id, counts := range byItem(list, stored) {
		if spread := list.Spread(list.Item(id), counts); spread.N >= store.MinBallots {
			out[id] = result{spread, counts}
		}
	}
	return out, nil
}

// compare orders the statements of a survey: those that divide people, the most
// first, then those with the lowest mean; last what cannot be shown.
func (r result) compare(other result) int {
	if c := compareBool(r.N == 0, other.N == 0); c != 0 {
		return c
	}
	if c := compareBool(other.Divided(), r.Divided()); c != 0 {
		return c
	}
	if r.Divided() {
		if c := r.Spread.Compare(other.Spread); c != 0 {
			return c
		}
	}
	return cmp.Compare(r.Mean, other.Mean)
}

// surveyBefore returns the team's survey about the same list that was closed last
// before this one and has a result, nil without.
func (s *Server) surveyBefore(ctx context.Context, p *roundPage) (*store.Round, error) {
	rounds, err := s.store.Rounds(ctx, p.team.ID, p.at)
	if err != nil {
		return nil, err
	}
	var last *store.Round
	for i := range rounds {
		r := &rounds[i]
		if r.ID == p.round.ID || !r.Survey || r.Members == 0 || r.Closed.IsZero() || !r.Closed.Before(p.round.Closed) || findChecklist(p.snap.lib, r.Checklist) != p.frame.Round.Page {
			continue
		}
		if last == nil || r.Closed.After(last.Closed) {
			last = r
		}
	}
	return last, nil
}

// surveyLine fills the line of a statement.
func surveyLine(list *content.Checklist, it *content.Item, section string, now, before result) templates.SurveyLine {
	l := templates.SurveyLine{Item: it, Section: section, N: now.N}
	if now.N == 0 {
		return l
	}
	mean := oneDecimal(list.Points(it, now.Mean))
	l.Divided, l.Mean = now.Divided(), fmt.Sprintf("%.1f", mean)
	if before.N > 0 {
		l.Change = changeOf(mean - oneDecimal(list.Points(it, before.Mean)))
	} else {
		l.Change = "–"
	}
	l.Lowest, l.Highest = shortState(list, it, now.Lowest), shortState(list, it, now.Highest)
	l.Columns = columns(list, it, now.counts)
	return l
}

// oneDecimal rounds as people do, halves up.
func oneDecimal(f float64) float64 { return math.Floor(f*10+0.5+1e-9) / 10 }

// changeOf writes a difference of means, which have one decimal.
func changeOf(diff float64) string {
	switch n := math.Round(diff * 10); {
	case n > 0:
		return fmt.Sprintf("+%.1f", n/10)
	case n < 0:
		return fmt.Sprintf("−%.1f", -n/10)
	}
	return "±0"
}

// shortState is a position of a scale as a number, else the name of an answer.
func shortState(list *content.Checklist, it *content.Item, state content.State) string {
	if list.Positions(it) > 0 {
		return string(state)
	}
	return strings.ToLower(templates.StateName(list, it, state))
}

// columns returns the bars of a distribution, from the worst answer to the best,
// in a drawing 20 high and 10 wide for each.
func columns(list *content.Checklist, it *content.Item, counts content.Counts) []templates.Column {
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	var out []templates.Column
	for _, state := range slices.Backward(states(list, it)) {
		if state == content.NotApplicable {
			continue
		}
		height := (18*counts[state] + most - 1) / most
		out = append(out, templates.Column{N: counts[state], X: 10*len(out) + 1, Y: 19 - height, Height: height})
	}
	return out
}
