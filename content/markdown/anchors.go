package markdown

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// Anchor returns the anchor of a heading's text: lower case, Unicode letters,
// digits and the marks that belong to them kept, every other run one '-'.
func Anchor(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if unicode.In(r, unicode.L, unicode.N, unicode.M) {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	return b.String()
}

// gitHubAnchor returns the anchor GitHub gives: spaces become '-', other
// punctuation vanishes, runs are not collapsed.
func gitHubAnchor(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.In(r, unicode.L, unicode.N, unicode.M):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// nameHeadings gives every heading its anchor. Anchors that authors wrote come
// first, so that a generated one never takes a permanent id away.
func (d *Doc) nameHeadings() {
	used := map[string]bool{}
	_ = ast.Walk(d.Root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		heading := Heading{Node: h, Level: h.Level, Text: PlainText(h, d.Source), Line: d.Line(h), Attrs: map[string]string{}}
		for _, a := range h.Attributes() {
			value := attributeText(a.Value)
			if string(a.Name) == "id" {
				heading.Anchor, heading.Explicit = value, value != ""
				continue
			}
			heading.Attrs[string(a.Name)] = value
		}
		h.RemoveAttributes() // goldmark would print style and on…; only ours come back
		if heading.Explicit {
			if used[heading.Anchor] {
				heading.Repeated = heading.Anchor
			}
			used[heading.Anchor] = true
		}
		d.Headings = append(d.Headings, heading)
		return ast.WalkContinue, nil
	}) // the walker above returns no error
	last := map[string]int{} // the number given last to a repeated anchor
	for i := range d.Headings {
		h := &d.Headings[i]
		if !h.Explicit || h.Repeated != "" {
			base := h.Anchor
			if !h.Explicit {
				base = Anchor(h.Text)
			}
			h.Anchor = unused(used, last, base)
			used[h.Anchor] = true
		}
		h.Node.SetAttributeString("id", []byte(h.Anchor))
	}
	d.nameForGitHub(used)
}

// nameForGitHub notes GitHub's anchor where it differs and is free, so that
// links made for GitHub keep working.
func (d *Doc) nameForGitHub(used map[string]bool) {
	seen := map[string]int{}
	for i := range d.Headings {
		h := &d.Headings[i]
		g := gitHubAnchor(h.Text)
		if n := seen[g]; n > 0 {
			g = g + "-" + strconv.Itoa(n)
		}
		seen[gitHubAnchor(h.Text)]++
		if g != "" && !used[g] {
			used[g] = true
			h.GitHub = g
		}
	}
}

// unused returns base, or base with the next number that is free.
func unused(used map[string]bool, last map[string]int, base string) string {
	if base == "" {
		base = "section"
	}
	anchor := base
	for n := max(last[base], 1); used[anchor]; {
		n++
		last[base] = n
		anchor = base + "-" + strconv.Itoa(n)
	}
	return anchor
}

// attributeText returns an attribute's value as text: goldmark hands out
// numbers as float64 and quoted values as bytes.
func attributeText(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}
