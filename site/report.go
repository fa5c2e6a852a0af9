package site

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"opsbook/site/store"
	"opsbook/templates"
)

const (
	reportDays   = 90 // before, where nobody says since when
	reportTop    = 5  // missing items without an action
	reportedDiff = 12 // changed items of a list
	reportAging  = 10 // answers to confirm
)

// serveReport answers with a page for people who do not answer checklists: where
// the team is, what changed, what it does next.
func (s *Server) serveReport(w http.ResponseWriter, r *http.Request, p *teamPage) error {
	ctx, lib := r.Context(), p.snap.lib
	v := &templates.ReportView{TeamFrame: p.frame, Made: s.now()}
	since, err := s.reportSince(r, p)
	if err != nil {
		return err
	}
	v.Since, v.Vs = since, since.UTC().Format(time.DateOnly)
	lists, err := s.scoresOf(ctx, lib, p.owner, p.at, p.now)
	if err != nil {
		return err
	}
	before, err := s.scoresOf(ctx, lib, p.owner, since, since)
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
	v.Lines = teamLines(lists, before, targets)
	aging := agingLines(lists, p.now, 0)
	v.ToConfirm = len(aging)
	if v.Aging, err = s.wholeAging(ctx, aging[:min(len(aging), reportAging)], p.asked); err != nil {
		return err
	}
	v.Actions = openActions(lib, actions, p.now)
	for _, a := range actions {
		if a.State.Ended() && a.At.After(since) && (p.at.IsZero() || !a.At.After(p.at)) {
			v.Ended = append(v.Ended, actionLine(lib, a, p.now))
		}
	}
	for _, l := range nextLines(lists, v.Actions) {
		if l.Action == nil && len(v.Next) < reportTop {
			v.Next = append(v.Next, l)
		}
	}
	changed := 0
	for _, sc := range lists {
		if sc.list == nil {
			continue
		}
		q := compareQuery{asked: p.asked, page: sc.page, subject: sc.Subject, before: since}
		diff, err := s.diff(ctx, q, sc.Key)
		if err != nil {
			return err
		}
		if len(diff.Changed) == 0 {
			continue
		}
		changed += len(diff.Changed)
		list := templates.ReportedList{Page: sc.page, Subject: sc.Subject, Changed: diff.Changed}
		if len(list.Changed) > reportedDiff {
			list.More = len(list.Changed) - reportedDiff
			list.Changed = list.Changed[:reportedDiff]
		}
		v.Changed = append(v.Changed, list)
	}
	v.Summary = reportSummary(v, changed)
	s.render(w, r, http.StatusOK, templates.Report(v))
	return nil
}

// reportSince returns the end of the day with which a report compares: the one
// that is asked for, that of the last snapshot before, or some months ago.
func (s *Server) reportSince(r *http.Request, p *teamPage) (time.Time, error) {
	if day := strings.TrimSpace(r.URL.Query().Get("vs")); day != "" {
		end, err := endOfDay("vs", day)
		if err == nil && !end.Before(p.now) {
			err = statusErrorf(http.StatusUnprocessableEntity, "vs: want a day before the one of the report.")
		}
		return end, err
	}
	snapshots, err := s.store.Snapshots(r.Context(), p.team.ID)
	if err != nil {
		return time.Time{}, err
	}
	today := p.now.UTC().Format(time.DateOnly)
	latest := store.Snapshot{}
	for _, n := range snapshots {
		if n.Made.After(p.now) {
			continue // a report of the past knows no later ones
		}
		if day := n.At.UTC().Format(time.DateOnly); day < today && n.At.After(latest.At) {
			latest = n
		}
	}
	day := p.now.UTC().AddDate(0, 0, -reportDays)
	if latest.ID != "" {
		day = latest.At
	}
	return endOfDay("", day.UTC().Format(time.DateOnly))
}

// reportSummary says in words what the tables below it show.
func reportSummary(v *templates.ReportView, changed int) string {
	lists, higher, lower, begun := 0, 0, 0, 0
	for _, l := range v.Lines {
		switch {
		case l.Page == nil:
			continue
		case l.Before == nil:
			begun++
		case l.Score.NotApplicable || l.Before.NotApplicable: // one of them has no level
		case l.Score.Level > l.Before.Level:
			higher++
		case l.Score.Level < l.Before.Level:
			lower++
		}
		lists++
	}
	text := "The team has answered " + templates.Count(lists, "checklist")
	if begun > 0 {
		text += fmt.Sprintf(", %d of them begun since %s", begun, v.SinceText())
	}
	if changed == 0 {
		text += ". No answer changed since " + v.SinceText()
	} else {
		text += fmt.Sprintf(". Since %s, %s changed", v.SinceText(), templates.Count(changed, "answer"))
		if higher > 0 {
			text += ", " + templates.Count(higher, "list") + " reached a higher level"
		}
		if lower > 0 {
			text += ", " + templates.Count(lower, "list") + " fell to a lower one"
		}
		if higher+lower == 0 {
			text += ", and every level stayed"
		}
	}
	late := 0
	for _, a := range v.Actions {
		if a.Overdue > 0 {
			late++
		}
	}
	text += fmt.Sprintf(". Actions under way: %d", len(v.Actions))
	if late > 0 {
		text += fmt.Sprintf(", of which %d should have ended by now", late)
	}
	return text + fmt.Sprintf(". Answers to confirm: %d.", v.ToConfirm)
}
