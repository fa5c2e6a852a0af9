package transfer

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// Source is everything that a Document is made of.
type Source struct {
	Library *content.Library
	Team    store.Team
	Entries []store.Entry              // the team's whole log, in its order
	Texts   map[string]string          // wordings by hash, at least those of Entries
	Actions []store.Action             // as they stood at At, in the store's order
	Targets map[store.Key]store.Target // as they stood at At
	At      time.Time                  // zero: Now
	Now     time.Time                  // when the document is made
	Log     bool                       // with every answer that led to the current one
}

// Export reads what a team has from the store and makes a Document of what stood
// at an instant; zero is now.
func Export(ctx context.Context, st *store.Store, lib *content.Library, team store.Team, at, now time.Time, log bool) (*Document, error) {
	s := Source{Library: lib, Team: team, At: at, Now: now, Log: log}
	var err error
	if s.Entries, err = st.Whole(ctx, team.Owner()); err != nil {
		return nil, err
	}
	if s.Texts, err = st.Wordings(ctx, team.Owner()); err != nil {
		return nil, err
	}
	if s.Actions, err = st.Actions(ctx, team.ID, at); err != nil {
		return nil, err
	}
	if s.Targets, err = st.Targets(ctx, team, at); err != nil {
		return nil, err
	}
	return Build(s), nil
}

// Build makes a Document by the rule of store.Answers: of each item stands the
// row with the highest seq among those dated at the instant or before. Its log
// holds all rows up to that one, whatever their dates, so that seq counts on.
// The same source gives the same document.
func Build(s Source) *Document {
	d := &Document{
		Format: Format, Version: Version, ExportedAt: s.Now.UTC().Truncate(time.Millisecond), Rule: content.RuleInShort,
		Team:       Team{s.Team.Slug, s.Team.Name, s.Team.Description, append([]string{}, s.Team.Groups...), s.Team.Archived},
		Checklists: []List{}, Texts: map[string]string{}, Actions: []Action{}, Targets: []Target{},
	}
	if !s.At.IsZero() {
		at := s.At.UTC()
		d.At = &at
	}
	logs := s.logs()
	for _, k := range s.order(slices.Collect(maps.Keys(logs))) {
		d.Checklists = append(d.Checklists, s.list(k, logs[k]))
	}
	d.keepTexts(s.Texts)
	for _, a := range s.Actions {
		d.Actions = append(d.Actions, Action{ID: a.ID, Checklist: a.Checklist, Subject: a.Subject, Item: a.Item, Title: a.Title, Assignee: a.Assignee, Due: a.Due, State: string(a.State), Seq: a.Seq, At: a.At, By: a.By})
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.Targets), compareKeys) {
		t := s.Targets[k]
		d.Targets = append(d.Targets, Target{Checklist: k.Checklist, Subject: k.Subject, Level: t.Level, Due: t.Due, Seq: t.Seq, At: t.At, By: t.By})
	}
	return d
}

func compareKeys(a, b store.Key) int {
	return cmp.Or(strings.Compare(a.Checklist, b.Checklist), strings.Compare(a.Subject, b.Subject))
}

// logs returns the rows of each item up to the one that stood, by list and item.
// Lists of which nothing stood are left out. What was answered under a former
// path of a list is the list's, unless that was answered under its present one;
// of several former paths the one counts under which the team answered last.
func (s *Source) logs() map[store.Key]map[string][]store.Entry {
	until := int64(math.MaxInt64)
	if !s.At.IsZero() {
		until = s.At.UnixMilli()
	}
	logs := map[store.Key]map[string][]store.Entry{}
	last := map[store.Key]int64{} // log ids
	for _, e := range s.Entries {
		k := store.Key{Checklist: e.Checklist, Subject: e.Subject}
		if logs[k] == nil {
			logs[k] = map[string][]store.Entry{}
		}
		logs[k][e.Item] = append(logs[k][e.Item], e)
		last[k] = e.LogID
	}
	byLast := func(a, b store.Key) int { return cmp.Compare(last[b], last[a]) }
	for _, k := range slices.SortedFunc(maps.Keys(logs), byLast) {
		now := store.Key{Checklist: presentPath(s.Library, k.Checklist), Subject: k.Subject}
		if now != k {
			if logs[now] == nil {
				logs[now] = logs[k]
			}
			delete(logs, k)
		}
	}
	for k, items := range logs {
		for id, rows := range items {
			slices.SortFunc(rows, func(a, b store.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
			for len(rows) > 0 && rows[len(rows)-1].At.UnixMilli() > until {
				rows = rows[:len(rows)-1]
			}
			if items[id] = rows; len(rows) == 0 {
				delete(items, id)
			}
		}
		if len(items) == 0 {
			delete(logs, k)
		}
	}
	return logs
}

// presentPath is where the checklist that is or was at a path is now: the path
// itself for one that is not served any more.
func presentPath(lib *content.Library, path string) string {
	to, _ := lib.Resolve(path)
	if p := lib.Page(to); p != nil && p.Checklist != nil {
		return to
	}
	return path
}

// order sorts lists as the library has them; those that it has not come last.
func (s *Source) order(keys []store.Key) []store.Key {
	place := map[string]int{}
	for i, p := range s.Library.Pages() {
		if p.Checklist != nil {
			place[p.Path] = i + 1
		}
	}
	rank := func(k store.Key) int { return cmp.Or(place[k.Checklist], math.MaxInt) }
	slices.SortFunc(keys, func(a, b store.Key) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), compareKeys(a, b)) })
	return keys
}

// list makes one list from the rows of its items.
func (s *Source) list(k store.Key, logs map[string][]store.Entry) List {
	out := List{Path: k.Checklist, Subject: k.Subject, Levels: []string{}, Items: []Item{}}
	p := s.Library.Page(k.Checklist)
	if p == nil || p.Checklist == nil {
		out.Retired = true
		for _, id := range slices.Sorted(maps.Keys(logs)) {
			out.Items = append(out.Items, s.former(id, FlagRetired, logs[id]))
		}
		return out
	}
	list := p.Checklist
	now := s.Now
	if !s.At.IsZero() {
		now = s.At
	}
	raw := map[string]content.Answer{}
	for id, rows := range logs {
		raw[id] = rows[len(rows)-1].Answer
	}
	answers := list.Moved(raw)
	score := list.Score(answers, now)
	out.Title, out.Levels, out.Threshold = p.Title, append(out.Levels, list.Levels...), list.Threshold
	out.Score, out.Coverage, out.NotApplicable, out.NA, out.Answered, out.Total = score.Share, score.Coverage, score.NotApplicable, score.NA(), score.Answered, score.Total
	if len(list.Levels) > 0 && !score.NotApplicable {
		out.Level = &score.Level
	}
	for _, section := range list.Sections {
		for _, it := range section.Items {
			row := Item{ID: it.ID, Section: section.Title, Claim: it.Claim, Level: it.Level, Must: it.Must, Weight: it.Weight, Flags: flags(list, it, answers[it.ID], now)}
			row.fill(answers[it.ID], logs[it.ID], s.Log)
			if row.Seq == 0 && row.State != "" {
				row.MovedFrom = movedFrom(list, it.ID, raw, answers[it.ID])
			}
			out.Items = append(out.Items, row)
			delete(logs, it.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(logs)) {
		flag := FlagRetired
		if list.Item(id) != nil {
			flag = FlagMoved
		}
		out.Items = append(out.Items, s.former(id, flag, logs[id]))
	}
	return out
}

// flags says what is to be known about an item's answer.
func flags(list *content.Checklist, it *content.Item, a content.Answer, now time.Time) []string {
	out := []string{}
	if it.Expired(a, now) {
		out = append(out, FlagExpired)
	}
	if it.Reworded(a) && a.State != "" {
		out = append(out, FlagReworded)
	}
	if !list.Valid(it, a.State) {
		out = append(out, FlagUnfit)
	}
	return out
}

// former makes an item that the list does not have, or not under this id.
func (s *Source) former(id, flag string, rows []store.Entry) Item {
	last := rows[len(rows)-1]
	it := Item{ID: id, Flags: []string{flag}}
	it.Claim, _, _ = strings.Cut(s.Texts[last.TextHash], "\n")
	it.fill(last.Answer, rows, s.Log)
	return it
}

// fill sets the answer of an item and, where it is wanted, its log.
func (it *Item) fill(a content.Answer, rows []store.Entry, log bool) {
	origin := ""
	for _, e := range rows {
		origin = e.Origin
		if log {
			it.Log = append(it.Log, rowOf(e.Answer, e.Origin))
		}
	}
	it.Row = rowOf(a, origin)
}

// movedFrom returns the former id whose answer Checklist.Moved gave to an item.
func movedFrom(list *content.Checklist, id string, raw map[string]content.Answer, a content.Answer) string {
	for _, old := range slices.Sorted(maps.Keys(list.Aliases)) {
		if b := raw[old]; list.Aliases[old] == id && b.State == a.State && b.At.Equal(a.At) && b.Note == a.Note {
			return old
		}
	}
	panic("an answer moved from nowhere") // Moved takes them from aliases only
}

// keepTexts keeps the wordings that the document's answers name.
func (d *Document) keepTexts(texts map[string]string) {
	keep := func(row Row) {
		if text, ok := texts[row.TextHash]; ok {
			d.Texts[row.TextHash] = text
		}
	}
	for _, l := range d.Checklists {
		for _, it := range l.Items {
			keep(it.Row)
			for _, row := range it.Log {
				keep(row)
			}
		}
	}
}
