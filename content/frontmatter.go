package content

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxFrontMatter is the size in bytes above which front matter is refused.
const maxFrontMatter = 64 << 10

// splitFrontMatter returns the YAML between the first two --- lines, and the
// rest, of a file whose line endings are normalised. Without front matter, head
// is nil. The count is of the lines before body.
func splitFrontMatter(file []byte) (head, body []byte, lines int, err error) {
	rest, ok := bytes.CutPrefix(file, []byte("---\n"))
	if !ok {
		return nil, file, 0, nil
	}
	if bytes.HasPrefix(rest, []byte("---\n")) {
		return nil, rest[4:], 2, nil
	}
	end := bytes.Index(rest, []byte("\n---\n"))
	switch {
	case end >= 0:
		head, body = rest[:end+1], rest[end+5:]
	case bytes.HasSuffix(rest, []byte("\n---")):
		head = rest[:len(rest)-3]
	default:
		// A page may begin with a thematic break.
		return nil, file, 0, nil
	}
	if len(head) > maxFrontMatter {
		return nil, nil, 0, fmt.Errorf("front matter is longer than %d bytes", maxFrontMatter)
	}
	return head, body, bytes.Count(head, []byte("\n")) + 2, nil
}

// meta reads typed values out of front matter and notes every wrong one.
type meta struct {
	values   map[string]*yaml.Node
	problems []Problem
}

// readMeta parses the YAML of front matter. Problems name lines of the file,
// in which the YAML begins at line 2.
func readMeta(head []byte) *meta {
	m := &meta{values: map[string]*yaml.Node{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(head, &doc); err != nil {
		m.problems = append(m.problems, yamlProblem(err, 1))
		return m
	}
	if len(doc.Content) == 0 {
		return m
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		m.fail(root, "front matter", "is not a list of keys and values")
		return m
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		if m.values[k.Value] != nil {
			m.fail(k, k.Value, "stands twice")
			continue
		}
		if v.Kind == yaml.AliasNode {
			m.fail(v, k.Value, "uses a YAML alias, which is not read here")
			continue
		}
		if v.Tag != "!!null" {
			m.values[k.Value] = v
		}
	}
	return m
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlProblem turns a YAML error into a problem whose line is counted in the
// file, the YAML beginning after offset lines.
func yamlProblem(err error, offset int) Problem {
	line := 0
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		if _, err := fmt.Sscan(m[1], &line); err == nil {
			line += offset
		}
		msg = strings.Replace(msg, m[0], "", 1)
	}
	return Problem{Line: line, Message: "front matter: " + strings.TrimSpace(msg)}
}

func (m *meta) fail(n *yaml.Node, key, msg string) {
	m.problems = append(m.problems, Problem{Line: n.Line + 1, Message: key + ": " + msg})
}

// text returns a string; numbers and dates are taken as they are written.
func (m *meta) text(key string) string {
	v := m.values[key]
	if v == nil {
		return ""
	}
	if v.Kind != yaml.ScalarNode {
		m.fail(v, key, "want text")
		return ""
	}
	if strings.ContainsRune(v.Value, 0) {
		m.fail(v, key, "contains a NUL character")
		return ""
	}
	return strings.TrimSpace(v.Value)
}

func (m *meta) number(key string) int {
	v := m.values[key]
	if v == nil {
		return 0
	}
	var n int
	if v.Kind != yaml.ScalarNode || v.Decode(&n) != nil || v.Tag != "!!int" {
		m.fail(v, key, "want a whole number")
		return 0
	}
	if n < -1_000_000 || n > 1_000_000 {
		m.fail(v, key, "is out of range")
		return 0
	}
	return n
}

func (m *meta) fraction(key string) (f float64, ok bool) {
	v := m.values[key]
	if v == nil {
		return 0, false
	}
	if v.Kind != yaml.ScalarNode || v.Decode(&f) != nil || math.IsNaN(f) || f < 0 || f > 1 {
		m.fail(v, key, "want a number from 0 to 1")
		return 0, false
	}
	return f, true
}

func (m *meta) flag(key string) bool {
	v := m.values[key]
	if v == nil {
		return false
	}
	var b bool
	if v.Kind != yaml.ScalarNode || v.Decode(&b) != nil {
		m.fail(v, key, "want true or false")
	}
	return b
}

func (m *meta) date(key string) time.Time {
	v := m.values[key]
	if v == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, v.Value)
	if v.Kind != yaml.ScalarNode || err != nil {
		m.fail(v, key, "want a date such as 2027-06-30")
		return time.Time{}
	}
	return t
}

// list returns a list of texts.
func (m *meta) list(key string) []string {
	v := m.values[key]
	if v == nil {
		return nil
	}
	if v.Kind != yaml.SequenceNode {
		m.fail(v, key, "want a list in [brackets]")
		return nil
	}
	var out []string
	for _, item := range v.Content {
		if item.Kind != yaml.ScalarNode {
			m.fail(item, key, "want a list of texts")
			continue
		}
		if s := strings.TrimSpace(item.Value); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// choices returns the next: list, whose entries are paths or {ask, page}.
func (m *meta) choices(key string) []Choice {
	v := m.values[key]
	if v == nil {
		return nil
	}
	if v.Kind != yaml.SequenceNode {
		m.fail(v, key, "want a list")
		return nil
	}
	var out []Choice
	for _, item := range v.Content {
		if item.Kind == yaml.ScalarNode && item.Value != "" {
			out = append(out, Choice{Page: cleanRef(item.Value)})
			continue
		}
		var c struct{ Ask, Page string }
		if item.Kind != yaml.MappingNode || item.Decode(&c) != nil || c.Page == "" {
			m.fail(item, key, "want a path or {ask: …, page: …}")
			continue
		}
		out = append(out, Choice{Ask: c.Ask, Page: cleanRef(c.Page)})
	}
	return out
}

// references returns the sources: list, whose entries are titles or {title, url}.
func (m *meta) references(key string) []Reference {
	v := m.values[key]
	if v == nil {
		return nil
	}
	if v.Kind != yaml.SequenceNode {
		m.fail(v, key, "want a list")
		return nil
	}
	var out []Reference
	for _, item := range v.Content {
		if item.Kind == yaml.ScalarNode && item.Value != "" {
			out = append(out, Reference{Title: item.Value})
			continue
		}
		var r struct{ Title, URL string }
		if item.Kind != yaml.MappingNode || item.Decode(&r) != nil || r.Title+r.URL == "" {
			m.fail(item, key, "want a title or {title: …, url: …}")
			continue
		}
		if r.Title == "" {
			r.Title = r.URL
		}
		if r.URL != "" && !webURL(r.URL) {
			m.fail(item, key, "url must begin with http:// or https://")
			r.URL = ""
		}
		out = append(out, Reference(r))
	}
	return out
}

// decode reads any other value into out.
func (m *meta) decode(key string, out any, want string) bool {
	v := m.values[key]
	if v == nil {
		return false
	}
	if err := v.Decode(out); err != nil {
		m.fail(v, key, "want "+want)
		return false
	}
	return true
}

// oneOf returns a text that must be among the choices.
func (m *meta) oneOf(key string, choices ...string) string {
	s := m.text(key)
	if s != "" && !slices.Contains(choices, s) {
		m.fail(m.values[key], key, "want one of "+strings.Join(choices, ", "))
		return ""
	}
	return s
}

// cleanRef turns what authors write for a page ("/x/y.md", "x/y/") into its path.
func cleanRef(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "/")
	return pagePath(s)
}

var errNotUTF8 = errors.New("the file is not UTF-8 text")
