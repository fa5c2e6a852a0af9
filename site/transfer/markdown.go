package transfer

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
)

// WriteMarkdown writes the document for people: where the team stands, each list
// as a table, what it means to do. States, levels and items are called as the
// library calls them.
func (d *Document) WriteMarkdown(w io.Writer, lib *content.Library) error {
	m := &report{Document: d, lib: lib}
	m.head()
	m.overview()
	for i := range d.Checklists {
		m.list(&d.Checklists[i])
	}
	m.plans()
	_, err := io.WriteString(w, m.b.String())
	return err
}

// report is a Markdown file in the making.
type report struct {
	*Document
	lib *content.Library
	b   strings.Builder
}

// line writes a paragraph or a heading.
func (m *report) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n\n", args...) }

// table writes the head of a table.
func (m *report) table(columns ...string) {
	m.row(columns...)
	m.row(slices.Repeat([]string{"---"}, len(columns))...)
}

// row writes a row of a table, whose cells are Markdown.
func (m *report) row(cells ...string) {
	m.b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// end closes a table.
func (m *report) end() { m.b.WriteByte('\n') }

func (m *report) head() {
	m.line("# %s", plain(m.Team.Name))
	if m.At != nil {
		m.line("As it stood on %s, written on %s.", minute(*m.At), minute(m.ExportedAt))
	} else {
		m.line("As it stands on %s.", minute(m.ExportedAt))
	}
	if m.Team.Description != "" {
		m.line("What it looks after: %s", plain(m.Team.Description))
	}
	if len(m.Team.Groups) > 0 {
		m.line("Groups: %s", plain(strings.Join(m.Team.Groups, ", ")))
	}
	if m.Team.Archived {
		m.line("The team is archived.")
	}
}

func (m *report) overview() {
	m.line("## Where we stand")
	if len(m.Checklists) == 0 {
		m.line("Nothing is answered yet.")
		return
	}
	m.line("%s", m.Rule)
	m.table("Checklist", "Level", "Score", "Coverage", "Not applicable")
	for _, l := range m.Checklists {
		if l.Retired {
			m.row(plain(l.title()), "no longer served", "–", "–", "–")
			continue
		}
		m.row(plain(l.title()), plain(l.levelText()), l.scoreText(), l.coverageText(), strconv.Itoa(l.NA))
	}
	m.end()
}

// title is what the list is called, with what it is about.
func (l *List) title() string {
	title := l.Title
	if title == "" {
		title = l.Path
	}
	if l.Subject != "" {
		title += ": " + l.Subject
	}
	return title
}

func (l *List) levelText() string {
	switch {
	case l.Level == nil:
		return "–"
	case *l.Level == 0:
		return "none yet"
	}
	return fmt.Sprintf("%d of %d, %s", *l.Level, len(l.Levels), l.Levels[*l.Level-1])
}

func (l *List) scoreText() string {
	if l.NotApplicable {
		return "not applicable"
	}
	return percent(l.Score)
}

func (l *List) coverageText() string {
	return fmt.Sprintf("%s, %d of %d", percent(l.Coverage), l.Answered, l.Total)
}

func percent(f float64) string { return strconv.Itoa(int(f*100+0.5)) + "%" }

func (m *report) list(l *List) {
	m.line("## %s", plain(l.title()))
	var list *content.Checklist
	if p := m.lib.Page(l.Path); p != nil && p.Checklist != nil && !l.Retired {
		list = p.Checklist
		numbers := fmt.Sprintf("Score: %s. Coverage: %s. Not applicable: %d.", l.scoreText(), l.coverageText(), l.NA)
		if l.Level != nil {
			numbers = "Level: " + plain(l.levelText()) + ". " + numbers
		}
		m.line("%s", numbers)
		m.line("%s", list.Rule())
	}
	m.table("Section", "Item", "Answer", "Note", "Evidence", "Given")
	for i := range l.Items {
		it := &l.Items[i]
		if !it.flagged(FlagMoved) {
			m.row(plain(it.Section), plain(it.Claim)+it.weightText(l), plain(stateText(list, it))+flagText(it.Flags), plain(it.Note), linksText(it.Evidence), it.givenText())
		}
	}
	m.end()
}

// weightText says behind an item's claim how it counts.
func (it *Item) weightText(l *List) string {
	var parts []string
	if it.Must {
		parts = append(parts, "must")
	}
	if 0 < it.Level && it.Level <= len(l.Levels) {
		parts = append(parts, plain(l.Levels[it.Level-1]))
	}
	if it.Weight != 1 && it.Weight != 0 {
		parts = append(parts, "weight "+strconv.FormatFloat(it.Weight, 'g', -1, 64))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// stateText is the answer in words.
func stateText(list *content.Checklist, it *Item) string {
	if list != nil {
		if present := list.Item(it.ID); present != nil {
			return list.Label(present, it.State)
		}
	}
	return formerly(it.State)
}

// formerly is what a state is called of an item that is not known any more.
func formerly(s content.State) string {
	return (&content.Checklist{}).Label(&content.Item{}, s)
}

// flagText says what is to be known about an answer.
func flagText(flags []string) string {
	words := map[string]string{
		FlagExpired: "to confirm", FlagReworded: "reworded since", FlagUnfit: "does not fit any more", FlagRetired: "no longer in the list",
	}
	text := ""
	for _, flag := range flags {
		text += ", " + words[flag]
	}
	return text
}

func (it *Item) givenText() string {
	if it.At == nil {
		return ""
	}
	if it.By == "" {
		return day(*it.At)
	}
	return day(*it.At) + ", " + plain(it.By)
}

func (m *report) plans() {
	if len(m.Actions) > 0 {
		m.line("## Actions")
		m.table("What", "Who", "Due", "State", "About")
		for _, a := range m.Actions {
			m.row(plain(a.Title), plain(a.Assignee), a.Due, a.State, plain(strings.Trim(a.Checklist+" "+a.Item+" "+a.Subject, " ")))
		}
		m.end()
	}
	if len(m.Targets) > 0 {
		m.line("## Targets")
		m.table("Checklist", "Level", "By")
		for _, t := range m.Targets {
			m.row(plain(strings.TrimSpace(t.Checklist+" "+t.Subject)), strconv.Itoa(t.Level), t.Due)
		}
		m.end()
	}
}

var escaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`, "&", `\&`, "#", `\#`)

// plain writes a text as Markdown that shows it as it is, in one line.
func plain(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		lines[i] = escaper.Replace(strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "<br>")
}

var linkEscaper = strings.NewReplacer("|", "%7C", " ", "%20", "<", "%3C", ">", "%3E", `\`, "%5C")

// linksText writes addresses as links.
func linksText(links []string) string {
	var out []string
	for _, link := range links {
		out = append(out, "<"+linkEscaper.Replace(link)+">")
	}
	return strings.Join(out, "<br>")
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// minute writes a time for people and says its zone.
func minute(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
