package transfer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// Origin is the origin of answers that were imported, as the log keeps it. What
// their origin was before stands behind it, after a space.
const Origin = "import"

// Change says what an import does to an item.
type Change string

// What an import does to an item.
const (
	New     Change = "new"     // nothing was answered here; the file's log is taken whole
	Changed Change = "changed" // the file's answer is younger than the one here, or the same given later
	Same    Change = "same"
	Kept    Change = "kept" // the answer here is younger than the file's and stays
)

// Line is what an import does to one item.
type Line struct {
	Checklist string `json:"checklist"` // path
	Title     string `json:"title"`     // of the checklist; empty for one that is not served
	Subject   string `json:"subject"`
	Item      string `json:"item"`
	Claim     string `json:"claim"`
	Change    Change `json:"change"`
	Before    *Row   `json:"before"` // null: nothing was answered here
	After     *Row   `json:"after"`  // in the file; without a time it is given when it is imported
	Rows      int    `json:"rows"`   // by which the log grows

	list   *content.Checklist
	item   *content.Item // nil for one that is retired
	source *Item         // of the file
}

// Label is what a row's state is called.
func (l *Line) Label(r *Row) string {
	switch {
	case r == nil:
		return formerly("")
	case l.item == nil:
		return formerly(r.State)
	}
	return l.list.Label(l.item, r.State)
}

// Plan is what an import would do to a team. With problems it does nothing.
type Plan struct {
	Team     string         `json:"team"`    // its address
	Counts   map[Change]int `json:"counts"`  // of Lines
	Rows     int            `json:"rows"`    // answers that are added to the log
	Actions  []Action       `json:"actions"` // that are added
	Targets  []Target       `json:"targets"` // that are added
	Left     int            `json:"left"`    // actions and targets that the team has already
	Ignored  []string       `json:"ignored"` // columns of a CSV that have no meaning here
	Problems Problems       `json:"problems"`
	Lines    []Line         `json:"changes"` // every item that the file says something about

	answers []newRow
	table   bool
}

// newRow is a row to be added to the log.
type newRow struct {
	store.NewAnswer
	order time.Time // of the log: its own time, but never before an earlier row of its item
}

// Entries is how many answers, actions and targets are added.
func (p *Plan) Entries() int { return p.Rows + len(p.Actions) + len(p.Targets) }

// Empty reports whether the import would change nothing.
func (p *Plan) Empty() bool { return p.Entries() == 0 }

// Answers returns what is added to the log, in the order of the times of the
// answers. What has no time is given now, and in a CSV without a name by whom.
func (p *Plan) Answers(now time.Time, by string) []store.NewAnswer {
	rows := slices.Clone(p.answers)
	slices.SortStableFunc(rows, func(a, b newRow) int { return a.order.Compare(b.order) })
	out := make([]store.NewAnswer, len(rows))
	for i, row := range rows {
		out[i] = row.NewAnswer
		if out[i].At.IsZero() {
			out[i].At = now
		}
		if p.table {
			out[i].By = cmp.Or(out[i].By, by)
		}
	}
	return out
}

// Import returns what the store is to add to the team.
func (p *Plan) Import(now time.Time, by string) store.Import {
	in := store.Import{Answers: p.Answers(now, by)}
	for _, a := range p.Actions {
		task := store.Task{Checklist: a.Checklist, Subject: a.Subject, Item: a.Item, Title: a.Title, Assignee: a.Assignee, Due: a.Due, State: store.ActionState(a.State)}
		in.Actions = append(in.Actions, store.Action{ID: a.ID, Task: task, At: a.At, By: a.By})
	}
	for _, t := range p.Targets {
		in.Targets = append(in.Targets, store.Target{Key: store.Key{Checklist: t.Checklist, Subject: t.Subject}, Level: t.Level, Due: t.Due, At: t.At, By: t.By})
	}
	return in
}

// Base identifies the plan: it changes when the import would do something else,
// because of what was answered or planned meanwhile.
func (p *Plan) Base() string {
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	for _, part := range []any{p.Lines, p.Actions, p.Targets, p.Left, p.Problems} {
		if err := enc.Encode(part); err != nil {
			panic(err) // a hash takes everything, and what was read from JSON is JSON
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// WriteText writes what the import of a file would do, or what is wrong with the
// file, for a terminal: a line each.
func (p *Plan) WriteText(w io.Writer, file string) error {
	var b strings.Builder
	for _, problem := range p.Problems.List {
		fmt.Fprintf(&b, "%s: %s\n", file, problem)
	}
	if p.Problems.Any() {
		if p.Problems.More > 0 {
			fmt.Fprintf(&b, "%s: and %d more problems\n", file, p.Problems.More)
		}
		b.WriteString("Nothing is imported until this is put right.\n")
		_, err := io.WriteString(w, b.String())
		return err
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Change != Same {
			place := List{Path: l.Checklist, Subject: l.Subject}
			fmt.Fprintf(&b, "%-7s  %s, item %s: %s → %s\n", l.Change, place.place(), l.Item, l.Label(l.Before), l.Label(l.After))
		}
	}
	for _, a := range p.Actions {
		fmt.Fprintf(&b, "%-7s  action: %s\n", New, a.Title)
	}
	for _, t := range p.Targets {
		place := List{Path: t.Checklist, Subject: t.Subject}
		fmt.Fprintf(&b, "%-7s  target: level %d in %s by %s\n", New, t.Level, place.place(), t.Due)
	}
	if len(p.Ignored) > 0 {
		fmt.Fprintf(&b, "Columns that mean nothing here: %s.\n", strings.Join(p.Ignored, ", "))
	}
	b.WriteString(p.Summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Summary says in one sentence what the import would do.
func (p *Plan) Summary() string {
	parts := []string{
		fmt.Sprintf("%d new", p.Counts[New]), fmt.Sprintf("%d changed", p.Counts[Changed]),
		fmt.Sprintf("%d the same", p.Counts[Same]), fmt.Sprintf("%d kept, because ours is newer", p.Counts[Kept]),
	}
	text := "Items: " + strings.Join(parts, ", ") + "."
	if n := len(p.Actions) + len(p.Targets) + p.Left; n > 0 {
		text += fmt.Sprintf(" Actions: %d new. Targets: %d new. Already here: %d of both.", len(p.Actions), len(p.Targets), p.Left)
	}
	return text
}
