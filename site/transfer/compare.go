package transfer

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// Compare says what importing a document would do to a team, which may be one of
// store.NewTeam, and adds to the problems of reading it those with this library.
// It writes nothing.
func Compare(ctx context.Context, st *store.Store, lib *content.Library, team store.Team, d *Document, problems Problems) (*Plan, error) {
	p := &Plan{Team: team.Slug, Counts: map[Change]int{}, Actions: []Action{}, Targets: []Target{}, Ignored: append([]string{}, d.ignored...), Problems: problems, Lines: []Line{}, table: d.table}
	if p.Problems.List == nil {
		p.Problems.List = []Problem{} // [], not null
	}
	if team.Archived {
		p.Problems.add(0, "", "%s is archived: bring it back under its settings first", team.Name)
	}
	c := comparer{Plan: p, store: st, lib: lib, team: team, document: d, seen: map[store.Key]bool{}}
	for i := range d.Checklists {
		if err := c.list(ctx, &d.Checklists[i]); err != nil {
			return nil, err
		}
	}
	for _, l := range p.Lines {
		p.Counts[l.Change]++
		p.Rows += l.Rows
	}
	if err := c.actions(ctx); err != nil {
		return nil, err
	}
	if err := c.targets(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.Problems.List, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p, nil
}

// comparer is a Plan in the making.
type comparer struct {
	*Plan
	store    *store.Store
	lib      *content.Library
	team     store.Team
	document *Document
	seen     map[store.Key]bool
}

// comparison is what is known about one list, here and in the document.
type comparison struct {
	*comparer
	key    store.Key
	page   *content.Page // nil for a list that is not served
	list   *content.Checklist
	file   *List
	ours   map[string]content.Answer // under the ids of the log
	taken  map[string]bool           // present ids of items that have rows here, former ones included
	theirs map[string]content.Answer
	rows   map[string]*Item // of the document, those that say something
}

// list compares one list.
func (c *comparer) list(ctx context.Context, l *List) error {
	o := comparison{comparer: c, file: l, page: c.page(l), key: store.Key{Owner: c.team.Owner(), Checklist: l.Path, Subject: l.Subject}}
	switch {
	case o.page != nil:
		o.list, o.key.Checklist = o.page.Checklist, o.page.Path
	case !l.Retired:
		c.Problems.add(l.line, l.place(), "there is no such checklist here")
		return nil
	default:
		o.list = &content.Checklist{}
	}
	switch {
	case o.list.Anonymous:
		c.Problems.add(l.line, l.place(), "a survey is answered in a team's rounds, without names")
		return nil
	case c.seen[o.key]:
		c.Problems.add(l.line, l.place(), "it is the same list as another one in the file: %s", o.key.Checklist)
		return nil
	}
	c.seen[o.key] = true
	if o.page != nil && goodSubject(l.Subject) {
		if problem := o.list.CheckSubject(l.Subject); problem != "" {
			c.Problems.add(l.line, join(l.place(), "subject"), "%s", problem)
			return nil
		}
	}
	if c.team.Seq > 0 {
		var err error
		if o.ours, err = c.store.Answers(ctx, o.key, time.Time{}); err != nil {
			return err
		}
	}
	o.items()
	return nil
}

// page returns the list that is meant: for a retired one only the list that is at
// its very path again, else the one to which its path leads.
func (c *comparer) page(l *List) *content.Page {
	path := l.Path
	if !l.Retired {
		path = presentPath(c.lib, path)
	}
	if p := c.lib.Page(path); p != nil && p.Checklist != nil {
		return p
	}
	return nil
}

// items compares the items of a list, those that another item took over together
// with that one.
func (o *comparison) items() {
	o.theirs, o.rows, o.taken = map[string]content.Answer{}, map[string]*Item{}, map[string]bool{}
	for id := range o.ours {
		o.taken[o.present(id)] = true
	}
	var order []string // present ids
	families := map[string][]*Item{}
	for i := range o.file.Items {
		it := &o.file.Items[i]
		if it.MovedFrom != "" || it.State == "" && it.At == nil {
			continue // it stands under its former id, or nothing is said
		}
		if !o.fits(it) {
			continue
		}
		id := o.present(it.ID)
		if families[id] == nil {
			order = append(order, id)
		}
		families[id] = append(families[id], it)
		o.theirs[it.ID], o.rows[it.ID] = it.answer(), it
	}
	ours, theirs := o.list.Moved(o.ours), o.list.Moved(o.theirs)
	for _, id := range order {
		mine, had := ours[id]
		their, said := theirs[id]
		if o.taken[id] && !said {
			continue // former ids that were taken back say nothing about what is here
		}
		line := o.line(id, families[id], their)
		if had {
			before := rowOf(mine, "")
			line.Before = &before
			o.complete(&line)
		}
		o.decide(line, families[id], mine, line.After.answer())
	}
}

// complete takes over from here what the columns of a table do not say.
func (o *comparison) complete(line *Line) {
	if line.After.State != line.Before.State {
		return
	}
	if slices.Contains(o.document.silent, "note") {
		line.After.Note = line.Before.Note
	}
	if slices.Contains(o.document.silent, "evidence") {
		line.After.Evidence = line.Before.Evidence
	}
}

// present is the id of the item that an id means now, itself where it means none.
func (o *comparison) present(id string) string {
	if it := o.list.Item(id); it != nil {
		return it.ID
	}
	return id
}

// fits notes what is wrong with an item for this list. It reports whether the
// list has, or had, the item.
func (o *comparison) fits(it *Item) bool {
	former := it.flagged(FlagMoved, FlagRetired)
	present := o.list.Item(it.ID)
	if present == nil && o.page != nil && !former {
		o.Problems.add(it.line, it.place(o.file), "%s has no such item", o.page.Title)
		return false
	}
	if present != nil && plausible(it.State) && !o.list.Valid(present, it.State) && !former && !it.flagged(FlagUnfit) {
		o.Problems.add(it.line, join(it.place(o.file), "state"), "%.40q is no answer to this item", it.State)
	}
	return true
}

// flagged reports whether the item has one of the flags.
func (it *Item) flagged(flags ...string) bool {
	return slices.ContainsFunc(it.Flags, func(f string) bool { return slices.Contains(flags, f) })
}

// line is a Line without what an item was answered here and what becomes of it.
// Its family are the file's rows under its own id and under former ones.
func (o *comparison) line(id string, family []*Item, their content.Answer) Line {
	source := o.source(id, family, their)
	after := source.Row
	line := Line{Checklist: o.key.Checklist, Subject: o.key.Subject, Item: id, Claim: shown(source.Claim, 300), After: &after, list: o.list, item: o.list.Item(id), source: source}
	if o.page != nil {
		line.Title = o.page.Title
	}
	if line.item != nil {
		line.Claim = line.item.Claim
	}
	return line
}

// decide says what becomes of an item whose answers here and in the file are these.
func (o *comparison) decide(line Line, family []*Item, mine, their content.Answer) {
	switch {
	case !o.taken[line.Item]:
		line.Change, line.Rows = New, o.takeWhole(line, family)
		if line.Rows == 0 {
			return // it was taken back, and there is nothing to take back here
		}
	case newer(mine, their):
		line.Change, line.Rows = Changed, 1
		o.add(line.Item, line.source, *line.After, o.ours[line.Item].Seq, time.Time{})
	case alike(mine, their):
		line.Change = Same
	default:
		line.Change = Kept
	}
	o.Lines = append(o.Lines, line)
}

// source is the row of the file that holds the answer that counts.
func (o *comparison) source(id string, family []*Item, their content.Answer) *Item {
	if own := o.rows[id]; own != nil {
		return own
	}
	for _, it := range family {
		if a := it.answer(); a.State == their.State && a.At.Equal(their.At) && a.Note == their.Note {
			return it
		}
	}
	return family[len(family)-1] // all of them were taken back
}

// newer reports whether the file's answer is to follow the one here. One without a
// time is given now; but only one with a time confirms what stands here.
func newer(mine, their content.Answer) bool {
	now := their.At.IsZero()
	if alike(mine, their) && (now || their.State == "") {
		return false
	}
	return now || their.At.After(mine.At)
}

// alike reports whether two answers say the same. A table cannot keep every kind
// of white space.
func alike(a, b content.Answer) bool {
	plain := func(text string) string { return strings.ReplaceAll(tidy(text), "\r", "") }
	return a.State == b.State && plain(a.Note) == plain(b.Note) &&
		slices.EqualFunc(a.Evidence, b.Evidence, func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) })
}

// takeWhole adds the logs of a family under their own ids, and the answer that
// counts where it has no log. It returns the number of rows.
func (o *comparison) takeWhole(line Line, family []*Item) int {
	before := len(o.answers)
	for _, it := range family {
		latest := time.Time{}
		for i, row := range it.Log {
			if at := row.answer().At; at.After(latest) {
				latest = at
			}
			o.add(it.ID, it, row, int64(i), latest)
		}
	}
	if len(line.source.Log) == 0 && line.source.State != "" {
		o.add(line.Item, line.source, line.source.Row, 0, time.Time{})
	}
	return len(o.answers) - before
}

// add adds a row to what is imported. Without an order it belongs into the log at
// its own time, and without that after all others.
func (o *comparison) add(id string, it *Item, row Row, base int64, order time.Time) {
	a := row.answer()
	switch {
	case !order.IsZero():
	case !a.At.IsZero():
		order = a.At
	default:
		order = last
	}
	hash, text := o.wording(id, it, row)
	o.answers = append(o.answers, newRow{order: order, NewAnswer: store.NewAnswer{
		Key: o.key, Item: id, Base: base, State: a.State, Note: a.Note, Evidence: a.Evidence, At: a.At, By: a.By, TextHash: hash, Text: text, Origin: imported(row.Origin),
	}})
}

// last is after all times that an answer may have.
var last = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// wording is the text that was answered: the one that the file names, else the
// present one, else the claim.
func (o *comparison) wording(id string, it *Item, row Row) (hash, text string) {
	if text, ok := o.document.Texts[row.TextHash]; ok {
		return row.TextHash, text
	}
	if present := o.list.Item(id); present != nil {
		return present.TextHash, present.Text
	}
	text = id
	if it.Claim != "" && content.OneLine(it.Claim, maxClaim) {
		text = it.Claim
	}
	return content.HashText(text), text
}

// maxClaim is how many characters a claim may have that becomes a wording.
const maxClaim = 1000

// imported is the origin of an answer that had another one, which stays behind it.
func imported(origin string) string {
	if strings.HasPrefix(origin+" ", Origin+" ") {
		return origin // again
	}
	return strings.TrimSpace(Origin + " " + origin)
}

// actions compares what the team means to do. What it has already, or had, stays as it is.
func (c *comparer) actions(ctx context.Context) error {
	ids, known := map[string]bool{}, map[store.Task]bool{}
	about := func(checklist, subject, item, title string) store.Task {
		return store.Task{Checklist: checklist, Subject: subject, Item: item, Title: title}
	}
	if c.team.Seq > 0 {
		ours, err := c.store.Actions(ctx, c.team.ID, time.Time{})
		if err != nil {
			return err
		}
		for _, a := range ours {
			ids[a.ID], known[about(a.Checklist, a.Subject, a.Item, a.Title)] = true, true
		}
	}
	for _, a := range c.document.Actions {
		a.Checklist = presentPath(c.lib, a.Checklist)
		task := about(a.Checklist, a.Subject, a.Item, a.Title)
		if ids[a.ID] || known[task] {
			c.Left++
			continue
		}
		ids[a.ID], known[task] = true, true
		c.Actions = append(c.Actions, a)
	}
	return nil
}

// targets compares the levels that the team wants to reach. Those it has stay as they are.
func (c *comparer) targets(ctx context.Context) error {
	known := map[store.Key]bool{}
	if c.team.Seq > 0 {
		ours, err := c.store.Targets(ctx, c.team, time.Time{})
		if err != nil {
			return err
		}
		for k := range ours {
			known[store.Key{Checklist: k.Checklist, Subject: k.Subject}] = true
		}
	}
	for _, t := range c.document.Targets {
		t.Checklist = presentPath(c.lib, t.Checklist)
		k := store.Key{Checklist: t.Checklist, Subject: t.Subject}
		if known[k] {
			c.Left++
			continue
		}
		known[k] = true
		c.Targets = append(c.Targets, t)
	}
	return nil
}
