package site

import (
	"context"
	"slices"
	"time"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// addSides adds what the teams answered, one side for each subject.
func (s *Server) addSides(ctx context.Context, lib *content.Library, v *templates.CompareView, q compareQuery) error {
	lists, err := s.comparedLists(ctx, lib, q, q.at, q.now)
	if err != nil {
		return err
	}
	before := map[store.Key]content.Score{}
	if q.vs != "" {
		then, err := s.comparedLists(ctx, lib, q, q.before, q.before)
		if err != nil {
			return err
		}
		for _, sc := range then {
			before[sc.Key] = sc.score
		}
	}
	byOwner := map[string][]scored{}
	for _, sc := range lists {
		byOwner[sc.Owner] = append(byOwner[sc.Owner], sc)
	}
	var sides []scored // of v.Sides
	for _, team := range q.teams {
		own := byOwner[team.Owner()]
		if len(own) == 0 { // nothing answered
			own = []scored{{Key: store.Key{Owner: team.Owner(), Checklist: q.page.Path, Subject: q.subject}, page: q.page, list: q.page.Checklist}}
		}
		for _, sc := range own {
			side := compareSide(team, sc, q.now)
			if then, ok := before[sc.Key]; ok {
				side.Before = &then
			}
			v.Sides, sides = append(v.Sides, side), append(sides, sc)
		}
	}
	if q.group != "" {
		v.Group = groupFigures(q, byOwner)
	}
	switch {
	case len(sides) == 1 && q.vs != "" && (v.Sides[0].Begun || v.Sides[0].Before != nil):
		v.Diff, err = s.diff(ctx, q, sides[0].Key)
	case len(sides) <= maxCompared:
		v.Few = true
		v.Radar = templates.NewRadar(q.page.Checklist, v.Sides)
		v.Bars = templates.NewLevelBars(q.page.Checklist, v.Sides)
		v.Items = compareItems(q.page.Checklist, sides, q.now)
	}
	return err
}

// comparedLists returns what the teams had answered in the list at an instant,
// zero being now, weighed at another.
func (s *Server) comparedLists(ctx context.Context, lib *content.Library, q compareQuery, at, now time.Time) ([]scored, error) {
	owners := make([]string, len(q.teams))
	for i, t := range q.teams {
		owners[i] = t.Owner()
	}
	stands, err := s.store.Stands(ctx, at, owners...)
	if err != nil {
		return nil, err
	}
	stands = slices.DeleteFunc(stands, func(st store.Stand) bool {
		return st.Checklist != q.page.Path || (q.subject != "" && st.Subject != q.subject)
	})
	return answered(scores(lib, stands, now)), nil
}

func compareSide(team store.Team, sc scored, now time.Time) templates.CompareSide {
	side := templates.CompareSide{Slug: team.Slug, Team: team.Name, Subject: sc.Subject, Archived: team.Archived, Begun: sc.answers != nil, Score: sc.score, LastAt: sc.lastAt}
	if side.Begun {
		side.Sections = sc.list.SectionScores(sc.answers, now)
	}
	return side
}

// compareItems puts the answers of all sides beside each other.
func compareItems(list *content.Checklist, sides []scored, now time.Time) []templates.CompareSection {
	var out []templates.CompareSection
	for _, section := range list.Sections {
		part := templates.CompareSection{Title: section.Title}
		for _, it := range section.Items {
			row := templates.CompareItem{Item: it}
			for _, sc := range sides {
				a := sc.answers[it.ID]
				row.Cells = append(row.Cells, templates.CompareCell{State: templates.StateName(list, it, a.State), Expired: it.Expired(a, now)})
			}
			part.Items = append(part.Items, row)
		}
		out = append(out, part)
	}
	return out
}

// groupFigures says where the teams of a group lie.
func groupFigures(q compareQuery, byOwner map[string][]scored) *templates.GroupFigures {
	g := &templates.GroupFigures{Name: q.group}
	var all []templates.Spreads
	for _, team := range q.teams {
		if team.Archived || !slices.Contains(team.Groups, q.group) {
			continue
		}
		g.Teams++
		if own := byOwner[team.Owner()]; len(own) > 0 {
			all = append(all, spreadsOf(own))
		}
	}
	g.Spreads = mediansOf(all)
	return g
}

// spreadsOf says where the numbers of lists lie: of one team, about its subjects.
func spreadsOf(lists []scored) templates.Spreads {
	var share, level, coverage, na []float64
	for _, sc := range lists {
		coverage, na = append(coverage, sc.score.Coverage), append(na, float64(sc.score.NA()))
		if sc.score.NotApplicable {
			continue
		}
		share = append(share, sc.score.Share)
		if len(sc.list.Levels) > 0 {
			level = append(level, float64(sc.score.Level))
		}
	}
	return templates.Spreads{Share: content.StatsOf(share), Level: content.StatsOf(level), Coverage: content.StatsOf(coverage), NA: content.StatsOf(na)}
}

// mediansOf says where the medians of several teams lie.
func mediansOf(teams []templates.Spreads) templates.Spreads {
	of := func(measure func(templates.Spreads) content.Stats) content.Stats {
		var medians []float64
		for _, t := range teams {
			if m := measure(t); m.N > 0 {
				medians = append(medians, m.Median)
			}
		}
		return content.StatsOf(medians)
	}
	return templates.Spreads{
		Share:    of(func(s templates.Spreads) content.Stats { return s.Share }),
		Level:    of(func(s templates.Spreads) content.Stats { return s.Level }),
		Coverage: of(func(s templates.Spreads) content.Stats { return s.Coverage }),
		NA:       of(func(s templates.Spreads) content.Stats { return s.NA }),
	}
}
