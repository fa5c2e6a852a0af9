package transfer

import (
	"fmt"
	"strings"
	"unicode"
)

// Problem is something that keeps a file from being imported.
type Problem struct {
	Line  int    `json:"line"`  // of the file, from 1; 0: the file as a whole
	Place string `json:"place"` // such as "checklists/x, item a: note"; may be empty
	Text  string `json:"text"`
}

// String is the problem as one line for people.
func (p Problem) String() string {
	var parts []string
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Place != "" {
		parts = append(parts, p.Place)
	}
	return strings.Join(append(parts, p.Text), ": ")
}

// Problems are what is wrong with a file.
type Problems struct {
	List []Problem `json:"list"` // the first MaxProblems
	More int       `json:"more"` // how many others there are
}

// MaxProblems is how many problems of a file are listed.
const MaxProblems = 100

// Any reports whether something is wrong.
func (p *Problems) Any() bool { return len(p.List) > 0 }

func (p *Problems) add(line int, place, format string, args ...any) {
	if len(p.List) == MaxProblems {
		p.More++
		return
	}
	p.List = append(p.List, Problem{line, place, fmt.Sprintf(format, args...)})
}

// join names a place within a place.
func join(place, part string) string {
	switch {
	case place == "":
		return part
	case part == "":
		return place
	}
	return place + ": " + part
}

// place names a list.
func (l *List) place() string {
	if l.Subject == "" {
		return shown(l.Path, 200)
	}
	return shown(l.Path, 200) + " (" + shown(l.Subject, 80) + ")"
}

// place names an item of a list.
func (it *Item) place(l *List) string { return l.place() + ", item " + shown(it.ID, 80) }

// shown is what a terminal and a page can show of a text from a file, which may be
// anything, in at most n characters.
func shown(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, text)
	return fmt.Sprintf("%.*s", n, text)
}
