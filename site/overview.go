package site

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"opsbook/content"
	"opsbook/site/store"
	"opsbook/templates"
)

// noGroup is where an overview by group puts teams that are in none.
const noGroup = "No group"

// cellKey names what a team answered in one list.
type cellKey struct{ owner, checklist string }

// drawOverview answers with all teams by all checklists.
func (s *Server) drawOverview(w http.ResponseWriter, r *http.Request, snap *snapshot, q compareQuery) error {
	v := &templates.OverviewView{Frame: s.frame(r, snap, "compare", "All teams, all checklists"), Day: q.day, Group: q.group, ByGroup: q.fields.Get("by") == "group", Lists: answerable(snap.lib)}
	v.Description = "What all teams have answered in all checklists."
	v.NoIndex, v.Wide = true, true
	teams := slices.DeleteFunc(slices.Clone(q.teams), func(t store.Team) bool { return t.Archived })
	groups := map[string]int{}
	for _, t := range q.all {
		switch {
		case t.Archived:
			v.Archived++
			continue
		case len(q.teams) == 0 && q.group == "":
			teams = append(teams, t)
		}
		for _, g := range t.Groups {
			groups[g]++
		}
	}
	v.Groups = groupLinks(groups)
	cells, err := s.overviewCells(r.Context(), snap.lib, q, teams)
	if err != nil {
		return err
	}
	begun := map[string]bool{}
	for k := range cells {
		begun[k.checklist] = true
	}
	for _, p := range v.Lists {
		if begun[p.Path] {
			v.Columns = append(v.Columns, v.Column(p))
		} else {
			v.NotBegun = append(v.NotBegun, p)
		}
	}
	v.Blocks = overviewBlocks(v, teams, cells)
	s.render(w, r, http.StatusOK, templates.Overview(v))
	return nil
}

// overviewCells weighs what the teams answered; lists in which nothing is
// answered, or which are not served, are not there.
func (s *Server) overviewCells(ctx context.Context, lib *content.Library, q compareQuery, teams []store.Team) (map[cellKey]templates.OverviewCell, error) {
	owners := make([]string, len(teams))
	for i, t := range teams {
		owners[i] = t.Owner()
	}
	subjects := map[cellKey][]scored{}
	for st, err := range s.store.EachStand(ctx, q.at, owners...) {
		if err != nil {
			return nil, err
		}
		if sc := weigh(lib, st, q.now); sc.page != nil && anyAnswer(sc.raw) {
			sc.raw, sc.answers = nil, nil // the store fills the map anew
			k := cellKey{sc.Owner, sc.Checklist}
			subjects[k] = append(subjects[k], sc)
		}
	}
	cells := make(map[cellKey]templates.OverviewCell, len(subjects))
	for k, lists := range subjects {
		cell := templates.OverviewCell{Subjects: len(lists), Spreads: spreadsOf(lists)}
		if len(lists) == 1 {
			cell.Subject = lists[0].Subject
		}
		cells[k] = cell
	}
	return cells, nil
}

// overviewBlocks puts the teams into one block, or into one for each group.
func overviewBlocks(v *templates.OverviewView, teams []store.Team, cells map[cellKey]templates.OverviewCell) []templates.OverviewBlock {
	if !v.ByGroup {
		return []templates.OverviewBlock{overviewBlock(v, cmp.Or(v.Group, "All teams"), teams, cells)}
	}
	members := map[string][]store.Team{}
	var alone []store.Team
	for _, t := range teams {
		if len(t.Groups) == 0 {
			alone = append(alone, t)
		}
		for _, g := range t.Groups {
			if v.Group == "" || v.Group == g {
				members[g] = append(members[g], t)
			}
		}
	}
	var out []templates.OverviewBlock
	for _, g := range slices.Sorted(maps.Keys(members)) {
		out = append(out, overviewBlock(v, g, members[g], cells))
	}
	if len(alone) > 0 {
		out = append(out, overviewBlock(v, noGroup, alone, cells))
	}
	return out
}

func overviewBlock(v *templates.OverviewView, title string, teams []store.Team, cells map[cellKey]templates.OverviewCell) templates.OverviewBlock {
	b := templates.OverviewBlock{Title: title, Groups: make([]templates.Spreads, len(v.Columns))}
	begun := make([][]templates.Spreads, len(v.Columns))
	for _, t := range teams {
		row := v.Row(t.Name, t.Slug)
		row.Cells = make([]templates.OverviewCell, len(v.Columns))
		for i, c := range v.Columns {
			cell := cells[cellKey{t.Owner(), c.Page.Path}]
			if row.Cells[i] = cell; cell.Subjects > 0 {
				begun[i] = append(begun[i], cell.Spreads)
			}
		}
		b.Rows = append(b.Rows, row)
	}
	for i := range begun {
		b.Groups[i] = mediansOf(begun[i])
	}
	return b
}
