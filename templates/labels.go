package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"opsbook/content"
)

// percent writes a share as a whole percentage.
func percent(f float64) string { return strconv.Itoa(wholePercent(f)) + "%" }

// day writes a date.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// shortDay writes a date where there is little room.
func shortDay(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// moment writes a time for people and says its zone.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// about names something and, where it has one, its subject.
func about(name, subject string) string {
	if subject == "" {
		return name
	}
	return name + ", " + subject
}

// clock writes the time of day of a moment, below its day.
func clock(t time.Time) string { return t.UTC().Format("15:04 UTC") }

// who names the author of an answer.
func who(by string) string {
	if by == "" {
		return "someone"
	}
	return by
}

// kindName is a kind as a label.
func kindName(k content.Kind) string {
	switch k {
	case content.ListKind:
		return "Checklist"
	case content.PathKind:
		return "Learning path"
	case content.IndexKind:
		return "Section"
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

// StateName is a state as people read it.
func StateName(list *content.Checklist, it *content.Item, s content.State) string {
	return list.Label(it, s)
}

// StateChoices returns what an item can be answered with, worst to best on a scale.
func StateChoices(list *content.Checklist, it *content.Item) []AnswerChoice {
	states := []content.State{content.Yes, content.Partly, content.No}
	if n := list.Positions(it); n > 0 {
		states = nil
		for i := range n {
			states = append(states, content.State(strconv.Itoa(i+1)))
		}
	}
	var out []AnswerChoice
	for i, s := range append(states, content.NotApplicable) {
		out = append(out, AnswerChoice{State: s, Label: list.Label(it, s), Key: strconv.Itoa(i + 1)})
	}
	return append(out, AnswerChoice{Label: list.Label(it, ""), Key: "0"})
}

// levelText says which level is reached.
func levelText(s content.Score, list *content.Checklist) string {
	switch {
	case s.NotApplicable:
		return "Not applicable"
	case len(list.Levels) == 0:
		return ""
	case s.Level == 0:
		return "No level yet"
	}
	return fmt.Sprintf("Level %d of %d: %s", s.Level, len(list.Levels), list.Levels[s.Level-1])
}

// levelCell says in a table which level is reached.
func levelCell(s content.Score, list *content.Checklist) string {
	switch {
	case s.NotApplicable, len(list.Levels) == 0:
		return "–"
	case s.Level == 0:
		return "none yet"
	}
	return fmt.Sprintf("%d, %s", s.Level, list.Levels[s.Level-1])
}

// RuleInShort is the scoring rule of all lists.
const RuleInShort = content.RuleInShort

// Rule is the scoring rule of a list.
func Rule(list *content.Checklist) string { return list.Rule() }

// stepID is the anchor of a playbook's step, counted from 0.
func stepID(i int) string { return "step-" + strconv.Itoa(i+1) }

func itoa(n int) string { return strconv.Itoa(n) }

// dayText writes a day such as 2026-11-24 as day does; what is none stays as it is.
func dayText(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return day(t)
}

// Count writes how many there are of a thing.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
