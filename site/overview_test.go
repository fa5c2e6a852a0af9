package site

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// plainMedian is the middle of some numbers.
func plainMedian(values []float64) float64 {
	sort.Float64s(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

// wholePercent writes a share as pages do.
func wholePercent(share float64) string { return strconv.Itoa(int(share*100+0.5)) + "%" }

// measured are the numbers of one team in one list: the medians of its subjects.
type measured struct {
	share, coverage, level, na float64
	subjects                   int
	applies, levels            bool
}

// measure recomputes from the API what a cell shows; nil where nothing is answered.
func measure(team teamJSON, path string) *measured {
	var share, coverage, level, na []float64
	for _, c := range team.Checklists {
		if c.Path != path {
			continue
		}
		coverage, na = append(coverage, *c.Coverage), append(na, float64(c.NA))
		if c.Score != nil {
			share = append(share, *c.Score)
		}
		if c.Level != nil {
			level = append(level, float64(*c.Level))
		}
	}
	if len(coverage) == 0 {
		return nil
	}
	m := &measured{coverage: plainMedian(coverage), na: plainMedian(na), subjects: len(coverage), applies: len(share) > 0, levels: len(level) > 0}
	if m.applies {
		m.share = plainMedian(share)
	}
	if m.levels {
		m.level = plainMedian(level)
	}
	return m
}

// text is what a cell shows.
func (m *measured) text(per string) string {
	if m == nil {
		return "–"
	}
	text := "n/a"
	if m.applies {
		text = wholePercent(m.share)
	}
	if m.levels {
		text += fmt.Sprint(" level ", m.level)
	}
	text += " " + wholePercent(m.coverage) + " answered"
	if m.na > 0 {
		text += fmt.Sprint(" ", m.na, " n/a")
	}
	if per == "" {
		return text
	}
	if text += fmt.Sprint(" ", m.subjects, " ", per); m.subjects > 1 {
		text += "s"
	}
	return text
}

// medianText is what the last row of a group shows.
func medianText(all []*measured) string {
	var share, coverage, level, na []float64
	for _, m := range all {
		if m == nil {
			continue
		}
		coverage, na = append(coverage, m.coverage), append(na, m.na)
		if m.applies {
			share = append(share, m.share)
		}
		if m.levels {
			level = append(level, m.level)
		}
	}
	if len(share) < 2 {
		if len(share) == 1 {
			return "1 team, no median"
		}
		return "0 teams, no median"
	}
	text := wholePercent(plainMedian(share))
	if len(level) > 1 {
		text += fmt.Sprint(" level ", plainMedian(level))
	}
	text += fmt.Sprintf(" %s to %s n = %d", wholePercent(slices.Min(share)), wholePercent(slices.Max(share)), len(share))
	if len(level) > 1 {
		if low, high := slices.Min(level), slices.Max(level); low == high {
			text += fmt.Sprint(" all on level ", low)
		} else {
			text += fmt.Sprint(" levels ", low, " to ", high)
		}
	}
	text += " " + wholePercent(plainMedian(coverage)) + " answered"
	if m := plainMedian(na); m > 0 {
		text += fmt.Sprint(" ", m, " n/a")
	}
	return text
}

// randomTeams creates teams of three groups that answer at random, some of them
// only "not applicable", some nothing.
func randomTeams(f *fixture) {
	random := rand.New(rand.NewPCG(6, 6))
	states := []string{"yes", "yes", "partly", "no", "na", ""}
	for i := range 9 {
		slug := f.newTeam(fmt.Sprint("Team ", i), "groups", []string{"Even, Core", "Odd", "", "Alone"}[[]int{0, 1, 0, 1, 0, 1, 2, 0, 3}[i]])
		for _, item := range []string{"one", "two", "three", "four", "five", "six", "seven"} {
			f.answers(slug, "wide", "", item, states[random.IntN(len(states))])
		}
		if i == 4 {
			f.answers(slug, "list", "", "a", "na", "b", "na")
		} else {
			f.answers(slug, "list", "", "a", states[random.IntN(len(states))], "b", states[random.IntN(len(states))])
		}
		for j := range (i + 1) % 4 {
			f.answers(slug, "per", fmt.Sprint("alert ", j), "s", []string{"1", "2", "na"}[random.IntN(3)])
		}
	}
}

func TestOverviewEqualsAPlainRecomputation(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	randomTeams(f)
	lists := []struct{ title, path, per string }{{"List", "checklists/list", ""}, {"Per", "checklists/per", "alert"}, {"Wide", "checklists/wide", ""}}
	check := func(query string, groups ...string) {
		t.Helper()
		rows := f.parse("/compare"+query).all("table", "")[0].rows()
		for i, l := range lists {
			if got := rows[0][i+1].text(); got != l.title {
				t.Fatalf("%s: column %d is %s, want %s", query, i+1, got, l.title)
			}
		}
		rows = rows[1:]
		for _, group := range groups {
			if strings.Contains(query, "by=group") {
				if got := rows[0][0].text(); got != group {
					t.Fatalf("%s: a group is %s, want %s", query, got, group)
				}
				rows = rows[1:]
			}
			members := 0
			columns := make([][]*measured, len(lists))
			for _, team := range f.apiTeams("") {
				if group != "All teams" && !slices.Contains(team.Groups, group) && (group != noGroup || len(team.Groups) > 0) {
					continue
				}
				members++
				if got := rows[0][0].text(); got != team.Name {
					t.Fatalf("%s: a row of %s is %s, want %s", query, group, got, team.Name)
				}
				for i, l := range lists {
					m := measure(team, l.path)
					columns[i] = append(columns[i], m)
					if got, want := rows[0][i+1].text(), m.text(l.per); got != want {
						t.Errorf("%s: %s in %s: %q, want %q", query, team.Name, l.title, got, want)
					}
				}
				rows = rows[1:]
			}
			if got := rows[0][0].text(); !strings.HasPrefix(got, group+" median of "+strconv.Itoa(members)+" team") {
				t.Errorf("%s: the last row of %s is %q", query, group, got)
			}
			for i, l := range lists {
				if got, want := rows[0][i+1].text(), medianText(columns[i]); got != want {
					t.Errorf("%s: %s in %s: %q, want %q", query, group, l.title, got, want)
				}
			}
			rows = rows[1:]
		}
		if len(rows) > 0 {
			t.Errorf("%s: %d rows too many", query, len(rows))
		}
	}
	check("", "All teams")
	check("?by=group", "Alone", "Core", "Even", "Odd", noGroup)
	check("?group=Even", "Even")
	check("?group=Alone", "Alone")
}

func TestGroupOfOneListEqualsAPlainRecomputation(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	randomTeams(f)
	for list, levels := range map[string]bool{"wide": true, "list": true, "per": false} {
		for _, group := range []string{"Even", "Odd", "Alone"} {
			var share, level, coverage []float64
			for _, team := range f.apiTeams("") {
				m := measure(team, "checklists/"+list)
				if m == nil || !slices.Contains(team.Groups, group) {
					continue
				}
				if coverage = append(coverage, m.coverage); m.applies {
					share = append(share, m.share)
				}
				if m.levels {
					level = append(level, m.level)
				}
			}
			want := func(values []float64, write func(float64) string) string {
				switch len(values) {
				case 0:
					return "–"
				case 1:
					return "one team, no median"
				}
				return fmt.Sprintf("%s (%s to %s), n = %d", write(plainMedian(values)), write(slices.Min(values)), write(slices.Max(values)), len(values))
			}
			foot := f.parse("/compare?checklist="+list+"&group="+group).all("tfoot", "")[0].rows()[0]
			plain := func(f float64) string { return fmt.Sprint(f) }
			for i, text := range []string{want(level, plain), want(share, wholePercent), want(coverage, wholePercent)} {
				if i == 0 && !levels {
					text = "–"
				}
				if got := foot[i+1].text(); got != text {
					t.Errorf("%s of %s, column %d: %q, want %q", group, list, i+1, got, text)
				}
			}
		}
	}
}

func TestOverviewLeavesOutAndSaysSo(t *testing.T) {
	t.Parallel()
	f := wideFixture(t)
	f.wants("/compare", "No team has answered a checklist yet")
	first := f.now.Format(time.DateOnly)
	f.newTeam("Search", "groups", "Shop")
	f.newTeam("Gone", "groups", "Shop")
	f.answers("search", "wide", "", "one", "yes")
	f.answers("gone", "list", "", "a", "yes")
	f.now = f.now.AddDate(0, 0, 3)
	f.post("/-/teams/gone/profile", "archived", "yes", "base", "1")
	f.answers("search", "wide", "", "one", "no")
	f.answers("search", "per", "cpu a&b", "s", "2")
	f.answers("search", "per", "disk", "s", "2")
	page := f.wants("/compare", "1 archived team left out", "Nobody here has begun:", `<a href="/checklists/list">List</a>`,
		`href="/checklists/wide?team=search"`, `href="/compare?checklist=checklists%2Fper&amp;teams=search"`, "2 alerts", "Shop (1)")
	if strings.Contains(page, "Anon") || strings.Contains(page, `href="/teams/gone"`) {
		t.Error("a survey or an archived team is shown")
	}
	past := f.wants("/compare?at="+first, `href="/checklists/list?team=gone&amp;at=`+first+`"`, `href="/teams/search?at=`+first+`"`, "Shop (2)")
	if strings.Contains(past, "left out") || strings.Contains(past, "2 alerts") {
		t.Error("the past knows what came later")
	}
	f.wants("/compare?teams=search&at="+first, "All teams")
	f.wants("/compare?at=2025-12-01", "Nothing was answered by then")
	f.wants("/compare?group=None", "No team of “None” has answered")
	f.wants("/teams?group=Shop", "/teams/search")
}
