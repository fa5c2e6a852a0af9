package content

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"opsbook/content/markdown"

	"github.com/yuin/goldmark/ast"
)

// maxPage is the size in bytes above which a Markdown file is refused.
const maxPage = 2 << 20

// md parses and renders; it is immutable.
var md = markdown.New()

// parsePage parses one file of a layer. The page is nil where its front matter
// or text cannot be read; problems then say why, and what the layers below have
// shows through.
func parsePage(layer, file string, data []byte, navTitle string) (*Page, []Problem) {
	if len(data) > maxPage {
		return nil, []Problem{{Message: "the file is larger than 2 MB"}}
	}
	if !utf8.Valid(data) {
		return nil, []Problem{{Message: errNotUTF8.Error()}}
	}
	text := normalise(data)
	head, body, lines, err := splitFrontMatter(text)
	if err != nil {
		return nil, []Problem{{Line: 1, Message: err.Error()}}
	}
	if line := tooDeep(body); line > 0 {
		return nil, []Problem{{Line: line + lines, Message: fmt.Sprintf("quotes and lists are nested deeper than %d levels", maxDepth)}}
	}
	m := readMeta(head)
	p := &Page{Path: pagePath(file), File: file, Layer: layer, Markdown: data, body: body, lines: lines, navTitle: navTitle}
	p.readMeta(m)
	if p.Title == "" {
		p.Title = navTitle
	}
	if len(m.problems) > 0 {
		return nil, m.problems
	}
	doc := md.Parse(body, p.noteLink)
	for _, w := range doc.Warnings {
		p.warn(w.Line+lines, w.Message)
	}
	p.readHeadings(doc)
	p.readSections(doc)
	switch p.Kind {
	case ListKind:
		list, problems := parseChecklist(p, doc, m)
		problems = append(problems, m.problems...)
		if hasErrors(problems) {
			return nil, problems
		}
		p.Checklist = list
		p.problems = append(p.problems, problems...)
	case PathKind:
		p.Steps = readSteps(p, doc)
	}
	p.Questions = len(questionsOf(doc))
	return p, nil
}

// maxDepth is how deep quotes and lists may nest: parsing takes time in the square of it.
const maxDepth = 100

// tooDeep returns the first line that opens more quotes and lists than that, from
// 1, or 0.
func tooDeep(body []byte) int {
	n := 0
	for line := range bytes.Lines(body) {
		n++
		markers := line[:len(line)-len(bytes.TrimLeft(line, ">-*+ \t"))]
		depth := bytes.Count(markers, []byte(">"))
		for _, marker := range []string{"- ", "* ", "+ ", "-\t", "*\t", "+\t"} {
			depth += bytes.Count(markers, []byte(marker))
		}
		if depth > maxDepth && !isRule(line) {
			return n
		}
	}
	return 0
}

// isRule reports whether a line is one character repeated, such as a thematic
// break or the underline of a heading.
func isRule(line []byte) bool {
	line = bytes.TrimSpace(line)
	return line[0] != '>' && len(bytes.Trim(line, string(line[:1])+" \t")) == 0
}

func hasErrors(problems []Problem) bool {
	for _, p := range problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// normalise drops a byte order mark and turns CRLF and CR into LF.
func normalise(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, '\r') < 0 {
		return data
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

// readMeta fills the page from its front matter.
func (p *Page) readMeta(m *meta) {
	p.Title = m.text("title")
	p.Description = m.text("description")
	kinds := make([]string, len(Kinds))
	for i, k := range Kinds {
		kinds[i] = string(k)
	}
	p.Kind = Kind(m.oneOf("kind", kinds...))
	if p.Kind == "" {
		p.Kind = defaultKind(p.File)
	}
	p.Tags = m.list("tags")
	p.Level = m.oneOf("level", "beginner", "intermediate", "advanced")
	p.Order = m.number("order")
	p.Owner = m.text("owner")
	p.ReviewBy = m.date("review_by")
	for _, a := range m.list("aliases") {
		p.Aliases = append(p.Aliases, cleanRef(a))
	}
	p.Next = m.choices("next")
	p.Queries = m.list("queries")
	p.Alerts = m.list("alerts")
	p.Severity = m.text("severity")
	p.Minutes = m.number("minutes")
	p.LastTested = m.date("last_tested")
	p.Sources = m.references("sources")
	p.Draft = m.flag("draft")
}

// defaultKind is the kind of a page that does not name one.
func defaultKind(file string) Kind {
	if path.Base(file) == "index.md" {
		return IndexKind
	}
	top, rest, nested := strings.Cut(file, "/")
	if !nested {
		return Guide
	}
	switch top {
	case "playbooks":
		if strings.HasPrefix(rest, "templates/") {
			return Template
		}
		return Playbook
	case "checklists":
		return ListKind
	case "paths":
		return PathKind
	case "drills":
		return Drill
	}
	return Guide
}

func (p *Page) warn(line int, message string) {
	p.problems = append(p.problems, Problem{Line: line, Message: message, Warning: true})
}

// noteLink is the resolver of the first parse: it only takes notes.
func (p *Page) noteLink(dest string, image bool, line int) markdown.Target {
	l := parseLink(p.File, dest)
	l.Image, l.Line = image, line+p.lines
	p.Links = append(p.Links, l)
	return markdown.Target{URL: dest, Outside: l.Outside}
}

// parseLink says what the destination of a link in file means, by its form alone.
func parseLink(file, dest string) Link {
	l := Link{Written: dest}
	u, err := url.Parse(strings.TrimSpace(dest))
	if err != nil {
		return l
	}
	if u.Scheme != "" || u.Host != "" {
		l.Outside = true
		return l
	}
	l.Anchor = u.Fragment
	if u.Path == "" {
		return l
	}
	target := u.Path
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", path.Dir(file), target)
		if escapes(path.Dir(file), u.Path) {
			target = "/" + u.Path // stays broken, and check says so
		}
	}
	l.Path = pagePath(strings.Trim(path.Clean(target), "/"))
	return l
}

// escapes reports whether rel leads above the root when seen from dir.
func escapes(dir, rel string) bool {
	return strings.HasPrefix(path.Join(dir, rel)+"/", "../")
}

// allowedURL reports whether a link to another host may be shown.
func allowedURL(dest string) bool {
	u, err := url.Parse(strings.TrimSpace(dest))
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return true
	case "":
		return u.Host != ""
	}
	return false
}

// webURL reports whether s is an absolute http or https address.
func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// readHeadings takes the title from the first level-1 heading where the front
// matter has none, and notes the others.
func (p *Page) readHeadings(doc *markdown.Doc) {
	for _, h := range doc.Headings {
		if h.Level == 1 && p.Title == "" {
			p.Title = h.Text
		}
		if h.Level == 1 && h.Text == p.Title {
			continue
		}
		if h.Repeated != "" {
			p.problems = append(p.problems, Problem{Line: h.Line + p.lines, Message: "the id " + h.Repeated + " stands twice"})
		}
		p.Headings = append(p.Headings, Heading{Level: max(h.Level, 2), Text: h.Text, Anchor: h.Anchor, Line: h.Line + p.lines, gitHub: h.GitHub})
	}
	if p.Title == "" {
		p.Title, p.titleFromName = nameInWords(p.File), true
	}
}

// nameInWords makes a title of a file's name: "post_mortem-template.md" is
// "Post mortem template".
func nameInWords(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".md")
	if name == "index" {
		name = path.Base(path.Dir(file))
	}
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }), " ")
	if name == "" || name == "." {
		return "Home"
	}
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[size:]
}

// readSections cuts the page into the passages that search indexes.
func (p *Page) readSections(doc *markdown.Doc) {
	var texts, codes []string
	var cur Section
	var parents [7]string
	flush := func() {
		cur.Text, cur.Code = strings.Join(texts, "\n"), strings.Join(codes, "\n")
		if cur.Text != "" || cur.Code != "" || cur.Heading != "" {
			p.Sections = append(p.Sections, cur)
			p.Words += len(strings.Fields(cur.Text))
		}
		texts, codes = nil, nil
	}
	next, inCheck := 0, false
	for n := doc.Root.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok {
			if t := markdown.PlainText(n, doc.Source); t != "" {
				texts = append(texts, t)
			}
			if c := markdown.Code(n, doc.Source); c != "" {
				codes = append(codes, c)
			}
			continue
		}
		for doc.Headings[next].Node != h {
			next++ // headings inside quotes and lists cut nothing
		}
		named := doc.Headings[next]
		if named.Level == 1 && named.Text == p.Title {
			continue
		}
		if named.Level <= 2 {
			inCheck = strings.EqualFold(named.Text, checkHeading)
		} else if inCheck {
			texts = append(texts, named.Text) // a hit leads to the whole knowledge check
			continue
		}
		flush()
		cur = Section{Anchor: named.Anchor, Heading: named.Text, Level: named.Level}
		if named.Level > 1 {
			cur.Parent = parents[named.Level-1]
		}
		for l := named.Level; l < len(parents); l++ {
			parents[l] = named.Text
		}
	}
	flush()
}
