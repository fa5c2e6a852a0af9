package templates

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
)

// ImportView is the page on which a team imports answers.
type ImportView struct {
	TeamFrame
	Problem string        // why what was sent was not taken
	Plan    *PlanView     // of the file that was sent; nil: none was
	Upload  string        // under which the file waits; empty: there is nothing to import
	Base    string        // of the plan
	Manual  *content.Page // that describes the files; nil: it is not served
}

// PlanView is what the import of a file would do.
type PlanView struct {
	New, Changed, Same, Kept int        // items
	Rows                     int        // answers that the log grows by
	Lines                    []PlanLine // new and changed; the first ones
	KeptLines                []PlanLine // of which ours is newer; the first ones
	NewActions, NewTargets   int
	Actions, Targets         []string // that are added; the first ones
	Left                     int      // actions and targets that are here already
	Ignored                  string   // columns that have no meaning here
	Empty                    bool     // nothing would change
	Problems                 []string // the first ones
	MoreProblems             int
}

// PlanLine is an item that a file says something about.
type PlanLine struct {
	List, Subject, Claim string
	Rows                 int       // that the log grows by
	Before, After        string    // states in words
	Note, By             string    // of the answer that will stand
	At                   time.Time // when it was given; zero: now
}

// more says how many of n are not shown.
func more(n, shown int) string {
	if n <= shown {
		return ""
	}
	return "and " + strconv.Itoa(n-shown) + " more"
}

// named joins what is added, of which the first ones are known by name.
func named(names []string, n int) string {
	if n > len(names) {
		names = append(slices.Clone(names), more(n, len(names)))
	}
	return strings.Join(names, "; ")
}

// given says who gave the answer, and when.
func (l PlanLine) given() string {
	at := "now"
	if !l.At.IsZero() {
		at = shortDay(l.At)
	}
	if l.By == "" {
		return at
	}
	return at + ", " + l.By
}

// importText says what the button does.
func (v *PlanView) importText() string {
	text := "Import " + Count(v.Rows, "answer")
	if v.NewActions > 0 {
		text += ", " + Count(v.NewActions, "action")
	}
	if v.NewTargets > 0 {
		text += ", " + Count(v.NewTargets, "target")
	}
	return text
}

// ImportedText says how much was imported just now.
func ImportedText(n int) string {
	if n == 0 {
		return "Nothing had to be imported: everything in the file is here already."
	}
	return "Imported: " + plural(n, "answer, action or target", "answers, actions and targets") + "."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
