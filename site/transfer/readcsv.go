package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// needed are the columns without which a CSV says nothing.
var needed = []string{"checklist", "item", "state"}

// csvReader reads a table of answers into a Document.
type csvReader struct {
	csv      *csv.Reader
	columns  map[string]int // by name
	width    int            // of the header
	cells    []string       // of the row being read
	problems *Problems
	lists    map[store.Key]int // index in the document
}

// readCSV reads a table whose header says what its columns are, and reports
// whether it could be read to its end.
func readCSV(data []byte, problems *Problems) (d *Document, whole bool) {
	d = &Document{table: true, Texts: map[string]string{}}
	separator := separatorOf(data)
	if bytes.Count(data, []byte(string(separator))) > maxValues {
		problems.add(0, "", tooMany)
		return d, false
	}
	r := &csvReader{csv: csv.NewReader(bytes.NewReader(data)), columns: map[string]int{}, problems: problems, lists: map[store.Key]int{}}
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord = separator, -1, true
	if !r.header(d) {
		return d, false
	}
	for range maxRows {
		var err error
		if r.cells, err = r.csv.Read(); err != nil {
			return d, r.end(err)
		}
		r.row(d)
	}
	problems.add(0, "", tooMany)
	return d, false
}

// separatorOf is what separates the cells of the first line.
func separatorOf(data []byte) rune {
	line, _, _ := bytes.Cut(bytes.TrimLeft(data, "\r\n"), []byte("\n"))
	best := ','
	for _, r := range ";\t" {
		if bytes.Count(line, []byte(string(r))) > bytes.Count(line, []byte(string(best))) {
			best = r
		}
	}
	return best
}

// end notes why nothing more can be read, and reports whether that is because the
// file is at its end.
func (r *csvReader) end(err error) bool {
	var wrong *csv.ParseError
	switch {
	case err == io.EOF:
		return true
	case errors.As(err, &wrong):
		r.problems.add(wrong.Line, "", "the table cannot be read from here on: %v", wrong.Err)
	default:
		r.problems.add(0, "", "%v", err)
	}
	return false
}

// header reads the names of the columns and reports whether rows can be read.
func (r *csvReader) header(d *Document) bool {
	cells, err := r.csv.Read()
	if err != nil {
		r.end(err)
		return false
	}
	r.width = len(cells)
	for i, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(unguard(cell)))
		if name == "" {
			continue
		}
		if _, twice := r.columns[name]; twice {
			r.problems.add(1, "", "the column %.40q stands twice", name)
		}
		r.columns[name] = i
		if !slices.Contains(answerColumns, name) && len(d.ignored) < MaxProblems {
			d.ignored = append(d.ignored, shown(name, 40))
		}
	}
	for _, name := range answerColumns {
		if _, ok := r.columns[name]; !ok {
			d.silent = append(d.silent, name)
		}
	}
	for _, name := range needed {
		if slices.Contains(d.silent, name) {
			r.problems.add(1, "", "there is no column %q; the first line names the columns, and %s are needed", name, strings.Join(needed, ", "))
		}
	}
	return !r.problems.Any()
}

// cell returns a cell of the row as it was written, empty where there is none.
func (r *csvReader) cell(column string) string {
	if i, ok := r.columns[column]; ok && i < len(r.cells) {
		return unguard(r.cells[i])
	}
	return ""
}

// word is a cell without the space around it.
func (r *csvReader) word(column string) string { return strings.TrimSpace(r.cell(column)) }

// row adds a row to the document.
func (r *csvReader) row(d *Document) {
	if !slices.ContainsFunc(r.cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return // spreadsheets leave empty rows behind
	}
	line, _ := r.csv.FieldPos(0)
	k := store.Key{Checklist: r.word("checklist"), Subject: r.word("subject")}
	i, known := r.lists[k]
	if !known {
		i = len(d.Checklists)
		r.lists[k] = i
		d.Checklists = append(d.Checklists, List{Path: k.Checklist, Subject: k.Subject, Retired: true, line: line})
	}
	l := &d.Checklists[i]
	it := Item{ID: r.word("item"), Claim: r.word("claim"), Flags: strings.Fields(r.word("flags")), line: line}
	l.Retired = l.Retired && it.flagged(FlagRetired) // of a list that is not served, every item is
	it.State, it.By = content.State(strings.ToLower(r.word("state"))), r.word("by")
	it.Note, it.Evidence = tidy(r.cell("note")), splitLinks(r.cell("evidence"))
	at, ok := readMoment(r.word("at"))
	if it.At = at; !ok {
		r.problems.add(line, join(it.place(l), "at"), "want a time such as 2026-11-24T12:00:00Z or a day such as 2026-11-24, not %.40q", r.word("at"))
	}
	if it.State == "" && it.At == nil && (it.Note != "" || len(it.Evidence) > 0) {
		r.problems.add(line, join(it.place(l), "state"), "a note or evidence needs an answer beside it")
	}
	if len(r.cells) > r.width && strings.TrimSpace(strings.Join(r.cells[r.width:], "")) != "" {
		r.problems.add(line, it.place(l), "the row has more cells than the header")
	}
	l.Items = append(l.Items, it)
}

// tidy is a note as a form would have sent it.
func tidy(note string) string { return strings.TrimSpace(strings.ReplaceAll(note, "\r\n", "\n")) }

// readMoment reads a time or a day; an empty text is none.
func readMoment(text string) (at *time.Time, ok bool) {
	if text == "" {
		return nil, true
	}
	for _, format := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(format, text); err == nil {
			t = t.UTC().Truncate(time.Millisecond)
			return &t, true
		}
	}
	return nil, false
}
