package content

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"

	"opsbook/content/markdown"

	"github.com/yuin/goldmark/ast"
)

// Body is a page rendered as HTML, cut where a page of its kind needs it.
type Body struct {
	HTML      template.HTML            // everything, or of a checklist what stands before its items
	Questions []Question               // of the knowledge check, which HTML leaves out
	Sections  map[string]template.HTML // of a checklist: what stands between a section's heading and its first item, by anchor
	Items     map[string]template.HTML // of a checklist: explanations by item id
	After     template.HTML            // footnotes, and of a checklist what follows its items
	Steps     []BodyStep               // of a playbook: HTML cut into what is done one after the other
	Terms     []Term                   // of the glossary, marked in HTML as buttons that open "term-" and the anchor
}

// BodyStep is one step of a playbook: a level-2 or level-3 section, or an item of
// its numbered list.
type BodyStep struct {
	Title string
	HTML  template.HTML
}

// Render renders a page of the library. It parses the page again, so callers
// keep the result.
func (l *Library) Render(p *Page) (*Body, error) {
	doc := md.Parse(p.body, l.resolver(p))
	settleHeadings(doc, p.Title)
	r := bodyRenderer{doc: doc, body: &Body{}}
	if p.Kind != Template {
		for _, anchor := range doc.MarkTerms(maxTerms, l.terms.finder(l.glossary, p.Path)) {
			i := slices.IndexFunc(l.glossary, func(t Term) bool { return t.Anchor == anchor })
			r.body.Terms = append(r.body.Terms, l.glossary[i])
		}
	}
	switch {
	case p.Checklist != nil:
		r.checklist(p.Checklist)
	default:
		r.guide()
	}
	if p.Kind == Playbook {
		r.steps()
	}
	return r.body, r.err
}

// settleHeadings drops the level-1 heading that repeats the title, and sets the
// levels of the others so that they begin at 2 and none is skipped.
func settleHeadings(doc *markdown.Doc, title string) {
	last := 1
	for _, h := range doc.Headings {
		if h.Level == 1 && h.Text == title {
			h.Node.Parent().RemoveChild(h.Node.Parent(), h.Node)
			continue
		}
		h.Node.Level = min(max(h.Node.Level, 2), last+1)
		last = h.Node.Level
		if h.GitHub != "" {
			h.Node.SetAttributeString("alias", []byte(h.GitHub))
		}
	}
}

// bodyRenderer renders ranges of a document, keeping the first error.
type bodyRenderer struct {
	doc  *markdown.Doc
	body *Body
	err  error
}

// html renders nodes.
func (r *bodyRenderer) html(nodes ...ast.Node) template.HTML {
	var b bytes.Buffer
	if err := md.Render(&b, r.doc, nodes...); err != nil && r.err == nil {
		r.err = err
	}
	return template.HTML(b.String())
}

// inline renders the inside of a block.
func (r *bodyRenderer) inline(n ast.Node) template.HTML {
	var nodes []ast.Node
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		nodes = append(nodes, c)
	}
	return r.html(nodes...)
}

// guide renders a page, its knowledge check apart.
func (r *bodyRenderer) guide() {
	check := map[ast.Node]bool{} // nodes that belong to the knowledge check
	for _, q := range questionsOf(r.doc) {
		r.body.Questions = append(r.body.Questions, r.question(q))
		check[q.heading.Node], check[q.list] = true, true
		for _, n := range q.after {
			check[n] = true
		}
	}
	var nodes []ast.Node
	for n := r.doc.Root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && len(check) > 0 && strings.EqualFold(markdown.PlainText(h, r.doc.Source), checkHeading) {
			continue
		}
		if !check[n] {
			nodes = append(nodes, n)
		}
	}
	r.body.HTML = r.html(nodes...)
}

// steps cuts a playbook into steps. Numbered lists are cut into their items,
// because at night one does one thing at a time.
func (r *bodyRenderer) steps() {
	title := "Before you begin"
	var part []ast.Node
	flush := func() {
		if len(part) > 0 {
			r.body.Steps = append(r.body.Steps, BodyStep{Title: title, HTML: r.html(part...)})
		}
		part = nil
	}
	for n := r.doc.Root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level <= 3 {
			flush()
			title = markdown.PlainText(h, r.doc.Source)
			continue
		}
		list, ok := n.(*ast.List)
		if !ok || !list.IsOrdered() {
			part = append(part, n)
			continue
		}
		flush()
		for item, i := list.FirstChild(), 1; item != nil; item, i = item.NextSibling(), i+1 {
			step := BodyStep{Title: fmt.Sprintf("%s: %d of %d", title, i, list.ChildCount())}
			for c := item.FirstChild(); c != nil; c = c.NextSibling() {
				step.HTML += r.html(c)
			}
			r.body.Steps = append(r.body.Steps, step)
		}
	}
	flush()
}

func (r *bodyRenderer) question(q question) Question {
	out := Question{Anchor: q.heading.Anchor, Text: r.inline(q.heading.Node), Explanation: r.html(q.after...)}
	for item := q.list.FirstChild(); item != nil; item = item.NextSibling() {
		box := taskOf(item)
		if box == nil {
			continue
		}
		right := box.IsChecked
		box.Parent().RemoveChild(box.Parent(), box)
		out.Choices = append(out.Choices, QuizChoice{Text: r.inline(item.FirstChild()), Right: right})
	}
	return out
}

// checklist renders the explanation of each item by itself.
func (r *bodyRenderer) checklist(c *Checklist) {
	r.body.Items = map[string]template.HTML{}
	r.body.Sections = map[string]template.HTML{}
	anchors := map[ast.Node]markdown.Heading{}
	for _, h := range r.doc.Headings {
		anchors[h.Node] = h
	}
	sections := map[string]bool{}
	for _, s := range c.Sections {
		sections[s.Anchor] = true
	}
	var intro, after []ast.Node
	var part []ast.Node
	var item, section string
	flush := func() {
		switch {
		case item != "":
			r.body.Items[item] = r.html(part...)
		case section != "":
			r.body.Sections[section] = r.html(part...)
		}
		part = nil
	}
	begun := false
	for n := r.doc.Root.FirstChild(); n != nil; n = n.NextSibling() {
		h, isHeading := anchors[n]
		switch {
		case isHeading && h.Level == 2 && sections[h.Anchor]:
			flush()
			item, section, begun = "", h.Anchor, true
		case isHeading && h.Level == 3 && c.Item(h.Anchor) != nil:
			flush()
			item, begun = h.Anchor, true
		case isHeading && h.Level == 2:
			flush()
			item, section = "", ""
			fallthrough
		default:
			switch {
			case item != "" || section != "":
				part = append(part, n)
			case begun:
				after = append(after, n)
			default:
				intro = append(intro, n)
			}
		}
	}
	flush()
	r.body.HTML, r.body.After = r.html(intro...), r.html(after...)
}

// resolver says what links on a page mean within the library.
func (l *Library) resolver(p *Page) markdown.Resolver {
	return func(dest string, image bool, _ int) markdown.Target {
		link := parseLink(p.File, dest)
		if link.Outside {
			if !allowedURL(dest) {
				return markdown.Target{}
			}
			return markdown.Target{URL: dest, Outside: !strings.HasPrefix(strings.ToLower(dest), "mailto:")}
		}
		if image {
			name, ok := l.findFile(p, link)
			if !ok {
				return markdown.Target{}
			}
			return markdown.Target{URL: l.address(name, "")}
		}
		if link.Path == "" && (link.Anchor != "" || dest == "" || strings.HasPrefix(dest, "#")) {
			return markdown.Target{URL: "#" + escapeAnchor(p.anchor(link.Anchor))}
		}
		if target, ok := l.findPage(p, link); ok {
			anchor := link.Anchor
			if page := l.pages[target]; page != nil {
				anchor = page.anchor(anchor)
			}
			return markdown.Target{URL: l.address(target, anchor)}
		}
		if name, ok := l.findFile(p, link); ok {
			return markdown.Target{URL: l.address(name, link.Anchor)}
		}
		return markdown.Target{URL: l.address(link.Path, link.Anchor)} // the 404 page searches for it
	}
}

// address returns the URL of a path.
func (l *Library) address(p, anchor string) string {
	u := url.URL{Path: l.options.Prefix + "/" + p}
	s := u.EscapedPath()
	if anchor != "" {
		s += "#" + escapeAnchor(anchor)
	}
	return s
}

func escapeAnchor(a string) string { return (&url.URL{Fragment: a}).EscapedFragment() }

// anchor returns the page's own anchor for one as written: ours, GitHub's form,
// or another case of either.
func (p *Page) anchor(written string) string {
	if a, ok := p.findAnchor(written); ok {
		return a
	}
	return written
}

func (p *Page) findAnchor(written string) (string, bool) {
	if written == "" {
		return "", true
	}
	for _, h := range p.Headings {
		if h.Anchor == written {
			return h.Anchor, true
		}
	}
	for _, h := range p.Headings {
		if strings.EqualFold(h.Anchor, written) || strings.EqualFold(h.gitHub, written) {
			return h.Anchor, true
		}
	}
	return "", false
}

// findPage returns the canonical path of the page or section that a link means.
// A link to the root is one to the home page.
func (l *Library) findPage(p *Page, link Link) (string, bool) {
	if link.Path == "" {
		return "", strings.HasPrefix(link.Written, "/") || path.Base(link.Written) == "index.md" || strings.Trim(link.Written, "./") == ""
	}
	if target, ok := l.Resolve(link.Path); ok {
		return target, true
	}
	if first, _, _ := strings.Cut(link.Path, "/"); slices.Contains(Reserved, first) {
		return link.Path, true
	}
	return "", false
}

// findFile returns the file beside pages that a link means. MkDocs authors write
// some links as seen from the page's address, one folder deeper.
func (l *Library) findFile(p *Page, link Link) (string, bool) {
	if link.Path == "" {
		return "", false
	}
	if name, ok := l.FilePath(link.Path); ok {
		return name, true
	}
	u, err := url.Parse(link.Written)
	if err != nil || strings.HasPrefix(u.Path, "/") {
		return "", false
	}
	return l.FilePath(strings.TrimPrefix(path.Join("/", p.Path, u.Path), "/"))
}
