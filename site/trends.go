package site

import (
	"net/http"
	"time"

	"opsbook/site/store"
	"opsbook/templates"
)

const (
	maxMonths = 24 // of a trend
	maxTrends = 24 // on one page
)

// serveTrends answers with the scores of a team over the months.
func (s *Server) serveTrends(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	v := &templates.TrendsView{TeamFrame: p.frame, Since: monthBefore(p.now)}
	if path := r.URL.Query().Get("checklist"); path != "" {
		if v.Only = findChecklist(p.snap.lib, path); v.Only == nil {
			return statusErrorf(http.StatusNotFound, "There is no checklist %q.", shorten(path, 80))
		}
	}
	subject := r.URL.Query().Get("subject")
	timeline, err := s.store.Timeline(r.Context(), p.owner, "")
	if err != nil {
		return err
	}
	targets, err := s.store.Targets(r.Context(), *p.team, p.at)
	if err != nil {
		return err
	}
	var stands []store.Stand
	for _, k := range timeline.Keys() {
		stands = append(stands, store.Stand{Key: k, Answers: timeline.Answers(k, p.at)})
	}
	for _, sc := range answered(scores(p.snap.lib, stands, p.now)) {
		if sc.page == nil {
			continue
		}
		if n := len(v.Lists); n == 0 || v.Lists[n-1] != sc.page {
			v.Lists = append(v.Lists, sc.page)
		}
		if v.Only != nil && (v.Only != sc.page || (subject != "" && subject != sc.Subject)) {
			continue
		}
		if len(v.Trends) == maxTrends {
			v.More = append(v.More, sc.Subject)
			continue
		}
		v.Trends = append(v.Trends, trend(p, timeline, sc, targets))
	}
	s.render(w, r, http.StatusOK, templates.Trends(v))
	return nil
}

// trend weighs a list at the end of each month.
func trend(p *teamPage, timeline *store.Timeline, sc scored, targets map[store.Key]store.Target) templates.Trend {
	t := templates.Trend{Page: sc.page, Subject: sc.Subject}
	for _, end := range monthEnds(timeline.First(sc.Key), p.now) {
		answers := sc.list.Moved(timeline.Answers(sc.Key, end))
		t.Points = append(t.Points, templates.TrendPoint{At: end, Score: sc.list.Score(answers, end)})
	}
	t.Points = append(t.Points, templates.TrendPoint{At: p.now, Today: true, Day: p.day != "", Score: sc.score})
	if target, ok := targets[sc.Key]; ok {
		t.Target = targetView(target, sc)
	}
	t.Chart = templates.NewLineChart(t.Name(), sc.list, t.Points)
	return t
}

// monthEnds returns the last moments, in UTC, of the months from that of the first
// answer to the one before now, at most maxMonths of them.
func monthEnds(first, now time.Time) []time.Time {
	first, now = first.UTC(), now.UTC()
	month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	if earliest := time.Date(now.Year(), now.Month()-maxMonths, 1, 0, 0, 0, 0, time.UTC); month.Before(earliest) {
		month = earliest
	}
	var ends []time.Time
	for {
		month = month.AddDate(0, 1, 0)
		end := month.Add(-time.Millisecond)
		if !end.Before(now) {
			return ends
		}
		ends = append(ends, end)
	}
}
