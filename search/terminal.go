package search

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes the results for a terminal.
func (r Results) WriteText(w io.Writer) error {
	var b strings.Builder
	if r.Corrected != "" {
		fmt.Fprintf(&b, "Showing results for %q.\n\n", r.Corrected)
	}
	if r.Term != nil {
		fmt.Fprintf(&b, "%s: %s\n\n", r.Term.Term, r.Term.Text)
	}
	for _, h := range r.Hits {
		title := h.Page.Title
		if h.Heading != "" && h.Heading != title {
			title += " › " + h.Heading
		}
		fmt.Fprintf(&b, "%s\n    opsbook read %s\n", title, h.Page.Path)
		var text strings.Builder
		for _, f := range h.Snippet {
			text.WriteString(f.Text)
		}
		if line := strings.Join(strings.Fields(text.String()), " "); line != "" {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	if len(r.Hits) == 0 {
		b.WriteString("Nothing found.\n")
	}
	if len(r.Near) > 0 {
		fmt.Fprintf(&b, "Near it: %s\n", strings.Join(r.Near, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Lines returns the explanation for people, a line for each word of the query
// and one for what concerns them all.
func (e *Explanation) Lines() []string {
	var out []string
	for _, word := range e.Words {
		if word.Common {
			out = append(out, word.Word+": too common")
			continue
		}
		var forms []string
		for _, f := range word.Forms {
			var fields []string
			for _, c := range f.Fields {
				fields = append(fields, fmt.Sprintf("%s %d", c.Field, c.Count))
			}
			forms = append(forms, fmt.Sprintf("%s (%v × %.2g) in %s", f.Form, f.Why, f.Weight, strings.Join(fields, ", ")))
		}
		out = append(out, fmt.Sprintf("%s: %.2f, idf %.2f, %s", word.Word, word.Score, word.IDF, strings.Join(forms, "; ")))
	}
	return append(out, fmt.Sprintf("coordination × %.2f, proximity + %.2f, title × %.2g", e.Coordination, e.Proximity, e.Title))
}
