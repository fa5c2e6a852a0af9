package content

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"opsbook/content/markdown"

	"go.yaml.in/yaml/v3"
)

// glossaryFile is where a layer keeps its terms.
const glossaryFile = "glossary.yaml"

// Term is an entry of the glossary.
type Term struct {
	Term   string   // "SLO"
	Also   []string // abbreviations and synonyms, of any number of words
	Text   string   // one or two plain sentences
	Page   string   // path of the page that explains it; may be empty
	Anchor string   // on /glossary
	Layer  string   // name of the Source it came from
	line   int
}

// parseGlossary reads a layer's glossary. Entries that cannot be read are
// reported and left out.
func parseGlossary(layer string, data []byte) ([]Term, []Problem) {
	var nodes []yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(normalise(data)))
	if err := dec.Decode(&nodes); err != nil {
		var wrong *yaml.TypeError
		if errors.As(err, &wrong) {
			return nil, []Problem{{Line: 1, Message: "want a list of entries that begin with - term:"}}
		}
		p := yamlProblem(err, 0)
		p.Message = strings.TrimPrefix(p.Message, "front matter: ")
		if strings.Contains(p.Message, "EOF") {
			return nil, nil // an empty file
		}
		return nil, []Problem{p}
	}
	var terms []Term
	var problems []Problem
	for _, n := range nodes {
		var e struct {
			Term string
			Also []string
			Text string
			Page string
		}
		if err := n.Decode(&e); err != nil {
			problems = append(problems, Problem{Line: n.Line, Message: "an entry has term, text and page as texts and also as a list"})
			continue
		}
		if strings.TrimSpace(e.Term) == "" {
			problems = append(problems, Problem{Line: n.Line, Message: "an entry has no term"})
			continue
		}
		if strings.TrimSpace(e.Text) == "" {
			problems = append(problems, Problem{Line: n.Line, Message: "the term " + e.Term + " has no text"})
			continue
		}
		terms = append(terms, Term{Term: strings.TrimSpace(e.Term), Also: e.Also, Text: strings.TrimSpace(e.Text), Page: cleanRef(e.Page), Layer: layer, line: n.Line})
	}
	return terms, problems
}

// mergeTerms returns the terms of all layers sorted by name; a later layer's
// entry replaces an earlier one with the same term, ignoring case.
func mergeTerms(layers [][]Term) []Term {
	byName := map[string]Term{}
	for _, terms := range layers {
		for _, t := range terms {
			byName[strings.ToLower(t.Term)] = t
		}
	}
	terms := make([]Term, 0, len(byName))
	for _, t := range byName {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b Term) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Term), strings.ToLower(b.Term)), strings.Compare(a.Term, b.Term))
	})
	used := map[string]bool{}
	for i := range terms {
		base := cmp.Or(markdown.Anchor(terms[i].Term), "term")
		anchor := base
		for n := 2; used[anchor]; n++ {
			anchor = base + "-" + strconv.Itoa(n)
		}
		used[anchor] = true
		terms[i].Anchor = anchor
	}
	return terms
}
