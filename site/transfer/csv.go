package transfer

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"opsbook/content"
	"opsbook/site/store"
)

// answerColumns are the columns of a CSV of answers. Of these Read takes checklist,
// item and state, which it needs, subject, note, evidence, by and at; flags and
// claim for retired items only.
var answerColumns = []string{"team", "checklist", "subject", "section", "item", "claim", "level", "must", "weight", "state", "note", "evidence", "by", "at", "flags"}

// timeFormat is RFC 3339 with the milliseconds that answers are kept in.
const timeFormat = "2006-01-02T15:04:05.999Z07:00"

// WriteCSV writes the answers as a table with one row an item, without their
// history. What stands under a former id counts for the item that took it over,
// and has no row of its own. The file begins with a byte order mark, without which
// spreadsheets take UTF-8 for something else.
func (d *Document) WriteCSV(w io.Writer) error {
	t := newTable(w, answerColumns...)
	for _, l := range d.Checklists {
		for _, it := range l.Items {
			if slices.Contains(it.Flags, FlagMoved) {
				continue
			}
			t.row(d.Team.Name, l.Path, l.Subject, it.Section, it.ID, it.Claim, strconv.Itoa(it.Level), yesNo(it.Must), strconv.FormatFloat(it.Weight, 'g', -1, 64),
				string(it.State), it.Note, joinLinks(it.Evidence), it.By, momentText(it.At), strings.Join(it.Flags, " "))
		}
	}
	return t.end()
}

// WriteActionsCSV writes a team's actions as a table.
func WriteActionsCSV(w io.Writer, lib *content.Library, team store.Team, actions []store.Action) error {
	t := newTable(w, "team", "title", "assignee", "due", "state", "checklist", "subject", "item", "claim", "by", "at", "id")
	for _, a := range actions {
		claim := ""
		if it := itemOf(lib, a); it != nil {
			claim = it.Claim
		}
		t.row(team.Name, a.Title, a.Assignee, a.Due, string(a.State), a.Checklist, a.Subject, a.Item, claim, a.By, momentText(&a.At), a.ID)
	}
	return t.end()
}

// itemOf returns the item that an action is about, nil where there is none any more.
func itemOf(lib *content.Library, a store.Action) *content.Item {
	if p := lib.Page(presentPath(lib, a.Checklist)); p != nil && p.Checklist != nil {
		return p.Checklist.Item(a.Item)
	}
	return nil
}

// table writes a CSV whose cells no spreadsheet takes for formulas.
type table struct {
	out io.Writer
	csv *csv.Writer
	err error
}

func newTable(w io.Writer, columns ...string) *table {
	t := &table{out: w, csv: csv.NewWriter(w)}
	_, t.err = io.WriteString(w, "\ufeff")
	t.row(columns...)
	return t
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = guard(cell)
	}
	if t.err == nil {
		t.err = t.csv.Write(cells)
	}
}

func (t *table) end() error {
	if t.err != nil {
		return t.err
	}
	t.csv.Flush()
	return t.csv.Error()
}

// guard puts an apostrophe before a cell that a spreadsheet would run as a
// formula, which shows it as text; unguard takes it off again.
func guard(cell string) string {
	if runs(cell) {
		return "'" + cell
	}
	return cell
}

// unguard is the inverse of guard.
func unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && runs(rest) {
		return rest
	}
	return cell
}

// runs reports whether a cell begins as formulas do, or as guarded ones: with
// =, +, - or @, full-width forms too, after spaces or apostrophes, or with a tab
// or the end of a line, which some programs pass over.
func runs(cell string) bool {
	cell = strings.TrimLeft(cell, "'")
	if strings.IndexAny(cell, "\t\r\n") == 0 {
		return true
	}
	cell = strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	return strings.IndexAny(cell, "=+-@＝＋－＠") == 0
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func momentText(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(timeFormat)
}

// joinLinks writes evidence as one cell, a link a line. A line that holds a space
// is ended, so that it is read as one link.
func joinLinks(links []string) string {
	text := strings.Join(links, "\n")
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }) {
		text += "\n"
	}
	return text
}

// splitLinks is the inverse of joinLinks: links are separated by line breaks, or
// where there are none by spaces.
func splitLinks(cell string) []string {
	links := []string{}
	if !strings.Contains(cell, "\n") {
		return append(links, strings.Fields(cell)...)
	}
	for line := range strings.Lines(cell) {
		if line = strings.TrimSpace(line); line != "" {
			links = append(links, line)
		}
	}
	return links
}
