package site

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// simulation is two years of ten teams, compressed.
type simulation struct {
	*fixture
	random *rand.Rand
	slugs  []string          // by team; what they are called now
	former map[string]string // an address that a team had: the one it has
	shelf  map[string]bool   // archived teams
	acks   map[string]int    // answers acknowledged by team
	base   map[string]string // team, list, subject, item: the newest seq
	lists  []simulatedList
}

// simulatedList is a checklist whose content changes over the years.
type simulatedList struct {
	name    string
	per     string
	items   []string // ids
	wording map[string]int
	renamed map[string]string // old id: new
	next    int               // number of the next item
}

// text writes the list as it is now.
func (l *simulatedList) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s\nlevels: [One, Two]\nthreshold: 0.6\n", strings.ToUpper(l.name))
	if l.per != "" {
		fmt.Fprintf(&b, "per: %s\n", l.per)
	}
	if len(l.renamed) > 0 {
		b.WriteString("item_aliases:\n")
		for old, now := range l.renamed {
			fmt.Fprintf(&b, "  %s: %s\n", old, now)
		}
	}
	b.WriteString("---\n")
	for i, id := range l.items {
		if i%3 == 0 {
			fmt.Fprintf(&b, "## Part %d\n\n", i/3)
		}
		number, err := strconv.Atoi(strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyz-"))
		if err != nil {
			panic(err) // ids end in a number
		}
		must := ""
		if number%4 == 0 {
			must = " .must"
		}
		fmt.Fprintf(&b, "### Claim %s {#%s level=%d weight=%d expires=%d%s}\n\nWording %d.\n\n", id, id, 1+number%2, 1+number%3, 100+number*20, must, l.wording[id])
	}
	return b.String()
}

// upgrade changes the list: an item is reworded, added, retired or renamed.
func (l *simulatedList) upgrade(random *rand.Rand) {
	id := l.items[random.IntN(len(l.items))]
	switch random.IntN(4) {
	case 0:
		l.wording[id]++
	case 1:
		l.items = append(l.items, fmt.Sprintf("new-%d", l.next))
		l.next++
	case 2:
		if len(l.items) > 4 {
			l.items = slices.DeleteFunc(l.items, func(other string) bool { return other == id })
			for old, now := range l.renamed {
				if now == id {
					delete(l.renamed, old)
				}
			}
		}
	case 3:
		now := fmt.Sprintf("renamed-%d", l.next)
		l.next++
		l.items[slices.Index(l.items, id)] = now
		for old, to := range l.renamed {
			if to == id {
				l.renamed[old] = now
			}
		}
		l.renamed[id] = now
	}
}

// Two years of ten teams: answers, renames, content upgrades, archived teams.
// Whatever a past day's view says must be what a plain reading of the log says.
func TestSimulation(t *testing.T) {
	t.Parallel()
	s := &simulation{fixture: newFixture(t, nil), random: rand.New(rand.NewPCG(7, 11)), former: map[string]string{}, shelf: map[string]bool{}, acks: map[string]int{}, base: map[string]string{}}
	start := s.now
	for i, name := range []string{"alpha", "beta", "gamma"} {
		l := simulatedList{name: name, wording: map[string]int{}, renamed: map[string]string{}, next: 10}
		if i == 2 {
			l.per = "service"
		}
		for n := range 8 {
			l.items = append(l.items, fmt.Sprintf("item-%d", n))
		}
		s.lists = append(s.lists, l)
	}
	s.publishLists()
	for i := range 10 {
		s.slugs = append(s.slugs, s.newTeam(fmt.Sprintf("Team %d", i)))
	}
	for week := range 104 {
		for range 40 {
			s.answerSomething()
		}
		if week%9 == 4 {
			l := &s.lists[s.random.IntN(len(s.lists))]
			l.upgrade(s.random)
			s.publishLists()
		}
		if week%5 == 2 {
			s.reorganise(week)
		}
		s.now = start.AddDate(0, 0, 7*(week+1))
	}
	s.checkAcknowledged()
	for range 60 {
		s.checkPast(start.AddDate(0, 0, s.random.IntN(8+7*104)))
	}
	s.checkSummaries()
}

func (s *simulation) publishLists() {
	s.t.Helper()
	for i := range s.lists {
		s.write("checklists/"+s.lists[i].name+".md", s.lists[i].text())
	}
	if err := s.Reload(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	for i := range s.lists {
		if p := s.Library().Page("checklists/" + s.lists[i].name); p == nil || p.Broken != nil {
			s.t.Fatalf("%s cannot be read:\n%s", s.lists[i].name, s.lists[i].text())
		}
	}
}

// answerSomething lets a random team answer a random item, some minutes later;
// now and then the clock jumps back.
func (s *simulation) answerSomething() {
	s.now = s.now.Add(time.Duration(s.random.IntN(200)) * time.Minute)
	if s.random.IntN(20) == 0 {
		s.now = s.now.Add(-5 * time.Hour)
	}
	slug := s.slugs[s.random.IntN(len(s.slugs))]
	l := &s.lists[s.random.IntN(len(s.lists))]
	item := l.items[s.random.IntN(len(l.items))]
	subject := ""
	if l.per != "" {
		subject = fmt.Sprint("service ", s.random.IntN(2))
	}
	state := []string{"yes", "yes", "yes", "partly", "no", "na", ""}[s.random.IntN(7)]
	fields := []string{"checklist", l.name, "item", item, "subject", subject, "state", state, "note", fmt.Sprint("note ", s.random.IntN(1000)), "team", slug}
	current, _, _ := s.state(l.name, item, "?team="+slug+"&subject="+strings.ReplaceAll(subject, " ", "+"))
	got := s.post("/-/answers", append(fields, "base", fmt.Sprint(current.Seq))...)
	switch {
	case s.shelf[slug]:
		if got.StatusCode != 422 {
			s.t.Errorf("archived %s answered: %d", slug, got.StatusCode)
		}
	case got.StatusCode != 303:
		s.t.Fatalf("%v = %d %s", fields, got.StatusCode, mainOf(got.body))
	default:
		s.acks[slug]++
	}
}

// reorganise renames a team, archives one, or brings one back.
func (s *simulation) reorganise(week int) {
	i := s.random.IntN(len(s.slugs))
	slug := s.slugs[i]
	team, err := s.store.TeamAt(s.t.Context(), slug)
	if err != nil {
		s.t.Fatal(err)
	}
	fields := []string{"base", fmt.Sprint(team.Seq)}
	switch {
	case s.shelf[slug]:
		fields = append(fields, "archived", "no")
		delete(s.shelf, slug)
	case s.random.IntN(3) == 0:
		fields = append(fields, "archived", "yes")
		s.shelf[slug] = true
	default:
		fields = append(fields, "name", fmt.Sprintf("Team %d of week %d", i, week))
	}
	got := s.post("/-/teams/"+slug+"/profile", fields...)
	now, ok := strings.CutSuffix(strings.TrimPrefix(got.Header.Get("Location"), "/teams/"), "/settings")
	if got.StatusCode != 303 || !ok {
		s.t.Fatalf("%v = %d %s", fields, got.StatusCode, mainOf(got.body))
	}
	if now != slug {
		s.former[slug] = now
		s.acks[now] += s.acks[slug]
		delete(s.acks, slug)
		s.slugs[i] = now
	}
}

// checkAcknowledged compares the log with what was acknowledged: repeating the
// current answer adds nothing, and answering a renamed item first moves it.
func (s *simulation) checkAcknowledged() {
	total := 0
	for _, slug := range s.slugs {
		rows, err := s.store.Log(s.t.Context(), storeQuery(s.fixture, slug))
		if err != nil {
			s.t.Fatal(err)
		}
		given := 0
		for _, row := range rows {
			if row.Origin == "" {
				given++
			}
		}
		if given > s.acks[slug] || given < s.acks[slug]*8/10 {
			s.t.Errorf("%s: %d answers in the log, %d acknowledged", slug, given, s.acks[slug])
		}
		total += given
	}
	if total < 3000 {
		s.t.Errorf("only %d answers", total)
	}
	for old := range s.former {
		if got := s.get("/teams/" + old); got.StatusCode != 308 {
			s.t.Errorf("the former address %s = %d", old, got.StatusCode)
		}
	}
}

// checkPast compares the views of one team on one day with the log.
func (s *simulation) checkPast(day time.Time) {
	slug := s.slugs[s.random.IntN(len(s.slugs))]
	date := day.UTC().Format(time.DateOnly)
	end, err := endOfDay("", date)
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := s.store.Log(s.t.Context(), storeQuery(s.fixture, slug))
	if err != nil {
		s.t.Fatal(err)
	}
	page := s.get("/teams/" + slug + "?at=" + date).body
	for _, l := range s.lists {
		subjects := []string{""}
		if l.per != "" {
			subjects = []string{"service 0", "service 1"}
		}
		for _, subject := range subjects {
			list := s.Library().Page("checklists/" + l.name).Checklist
			want := recompute(list, rows, store.Key{Owner: rows[0].Owner, Checklist: "checklists/" + l.name, Subject: subject}, end)
			got := s.get("/api/v1/checklists/" + l.name + "?team=" + slug + "&at=" + date + "&subject=" + strings.ReplaceAll(subject, " ", "+"))
			var out plainScore
			if err := json.Unmarshal([]byte(got.body), &out); err != nil {
				s.t.Fatal(err, got.body)
			}
			if math.Abs(out.Score-want.Score) > 1e-9 || math.Abs(out.Coverage-want.Coverage) > 1e-9 || *out.Level != *want.Level {
				s.t.Errorf("%s, %s %s on %s: score %v, coverage %v, level %d; recomputed %v, %v, %d", slug, l.name, subject, date, out.Score, out.Coverage, *out.Level, want.Score, want.Coverage, *want.Level)
			}
			if cell := fmt.Sprintf("<td>%d of %d</td>", want.answered, len(list.Items())); want.answered > 0 && !strings.Contains(page, cell) {
				s.t.Errorf("%s on %s: no %s for %s %s", slug, date, cell, l.name, subject)
			}
		}
	}
}

// plainScore is what the API says and what recompute finds.
type plainScore struct {
	Score, Coverage float64
	Level           *int
	answered        int
}

// recompute reads the rows of a log the long way, by the words of the manual and
// without the code that it checks.
func recompute(list *content.Checklist, rows []store.Entry, k store.Key, at time.Time) plainScore {
	newest := map[string]store.Entry{}
	for _, row := range rows {
		if row.Key == k && !row.At.After(at) && row.Seq > newest[row.Item].Seq {
			newest[row.Item] = row
		}
	}
	answer := func(id string) store.Entry {
		if row, ok := newest[id]; ok {
			return row
		}
		var moved store.Entry
		for old, now := range list.Aliases {
			if row := newest[old]; now == id && row.State != "" && (moved.State == "" || row.At.After(moved.At)) {
				moved = row
			}
		}
		return moved
	}
	value := map[content.State]float64{content.Yes: 1, content.Partly: 0.5}
	worth := func(it *content.Item) float64 {
		a := answer(it.ID)
		if a.State == content.Yes && at.Sub(a.At) > time.Duration(it.Expires)*24*time.Hour {
			return 0.5
		}
		return value[a.State]
	}
	share := func(level int) float64 {
		sum, weight := 0.0, 0.0
		for _, it := range list.Items() {
			if it.Level <= level && answer(it.ID).State != content.NotApplicable {
				sum, weight = sum+it.Weight*worth(it), weight+it.Weight
			}
		}
		if weight == 0 {
			return 0
		}
		return sum / weight
	}
	out := plainScore{Score: share(9), Level: new(int)}
	applicable := 0
	for _, it := range list.Items() {
		if answer(it.ID).State != "" {
			out.answered++
		}
		if answer(it.ID).State != content.NotApplicable {
			applicable++
		}
	}
	out.Coverage = float64(out.answered) / float64(len(list.Items()))
	for level := 1; level <= len(list.Levels) && applicable > 0; level++ {
		holds, own := share(level) > list.Threshold-1e-9, 0
		for _, it := range list.Items() {
			if answer(it.ID).State == content.NotApplicable {
				continue
			}
			if it.Level == level {
				own++
			}
			if it.Level <= level && it.Must && worth(it) < 1 {
				holds = false
			}
		}
		if own > 0 && !holds {
			break
		}
		*out.Level = level
	}
	return out
}

// checkSummaries compares every summary row with one made anew from the log.
func (s *simulation) checkSummaries() {
	var owners []string
	for _, slug := range s.slugs {
		owners = append(owners, storeQuery(s.fixture, slug).Owner)
	}
	before, err := s.store.Summaries(s.t.Context(), owners...)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.store.RebuildSummaries(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	after, err := s.store.Summaries(s.t.Context(), owners...)
	if err != nil || len(before) < 30 || !reflect.DeepEqual(before, after) {
		s.t.Errorf("%d summaries, and %d when made anew: %v", len(before), len(after), err)
	}
}
