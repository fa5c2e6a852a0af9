// Package content turns Markdown into an immutable Library: guides, playbooks,
// checklists, learning paths and a glossary, merged from layers. It has no
// database, no HTTP and no clock; whatever depends on time takes now.
//
// A layer is a Source: the embedded library, an organisation's folder, or edits
// made in the browser. Build merges layers by path, later ones winning, and
// parses every page once. All values reachable from a Library are read-only and
// may be shared by any number of goroutines.
//
// The content format is CommonMark with GFM tables, strikethrough and autolinks,
// footnotes, definition lists, GitHub alerts, MkDocs admonitions, and raw HTML
// reduced to an allow-list. Front matter is YAML between --- lines. The manual
// section of the embedded library describes it for authors.
package content

import (
	"path"
	"strings"
	"time"

	"opsbook/content/markdown"

	"golang.org/x/text/unicode/norm"
)

// Kind says what a page is for.
type Kind string

// The kinds of pages. The zero Kind is never seen on a built page.
const (
	Guide     Kind = "guide"
	Playbook  Kind = "playbook"
	Template  Kind = "template"
	ListKind  Kind = "checklist"
	PathKind  Kind = "path"
	Drill     Kind = "drill"
	IndexKind Kind = "section" // a folder's index.md
)

// Kinds lists every kind in the order in which people meet them.
var Kinds = [...]Kind{Guide, Playbook, Template, ListKind, PathKind, Drill, IndexKind}

// Page is one Markdown file of a layer, parsed.
type Page struct {
	Path  string // "guides/x/y", the URL without its leading slash; a folder's index.md has the folder's path; "" is the root index.md
	File  string // "guides/x/y.md", within its layer
	Layer string // name of the Source it came from

	Title       string
	Description string
	Kind        Kind
	Tags        []string
	Level       string // "beginner", "intermediate", "advanced" or empty
	Order       int    // among its siblings; 0 means last
	Owner       string
	ReviewBy    time.Time // midnight UTC of the day; zero: never
	Aliases     []string  // old paths, without a leading slash
	Next        []Choice
	Queries     []string // searches for which this page must be among the first three
	Alerts      []string // alert names a playbook answers
	Severity    string
	Minutes     int       // as stated by the author; ReadingMinutes otherwise
	LastTested  time.Time // zero: not stated
	Sources     []Reference
	Draft       bool

	Headings  []Heading // all headings below level 1, in order
	Sections  []Section // plain text, one per heading with text of its own; the first is the introduction
	Links     []Link    // every link and image, as written and resolved
	Words     int       // in prose, lists and tables; not in code
	Questions int       // in its knowledge check

	Checklist *Checklist // of kind checklist only, else nil
	Steps     []Step     // of kind path only

	Markdown []byte // the file as it stands, front matter included

	body  []byte // Markdown without front matter, line endings normalised
	lines int    // lines before body, so that problems name the right line
	// problems found while parsing; Library.Check adds those that need the whole library.
	problems      []Problem
	navTitle      string // from mkdocs.yml
	source        string // folder of the layer, for problems
	titleFromName bool

	// Broken says what is wrong with the file where an earlier version, or
	// nothing, is shown in its place.
	Broken []Problem
}

// URL returns the page's address, "/" for the root page.
func (p *Page) URL() string { return "/" + p.Path }

// Slug returns a text as it stands in an address: lower case, letters and digits
// kept, every other run one "-". It may be empty.
func Slug(text string) string { return markdown.Anchor(norm.NFC.String(text)) }

// wordsPerMinute is slower than prose alone is read: tables, commands and
// exercises take their time.
const wordsPerMinute = 140

// SourceFile returns the file as a person would open it: the folder of its layer
// and its path within.
func (p *Page) SourceFile() string { return path.Join(p.source, p.File) }

// ReadingMinutes returns the stated minutes, or those that the words take,
// rounded up, at least 1.
func (p *Page) ReadingMinutes() int {
	if p.Minutes > 0 {
		return p.Minutes
	}
	return max(1, (p.Words+wordsPerMinute-1)/wordsPerMinute)
}

// Folder returns the path of the folder that holds the page: "guides/x" for
// "guides/x/y" and for "guides/x/index.md"'s parent "guides".
func (p *Page) Folder() string {
	if d := path.Dir(p.Path); d != "." {
		return d
	}
	return ""
}

// Choice is one of the next things a reader may want, in the reader's words.
type Choice struct {
	Ask  string // the question; empty: the target's title is shown
	Page string // path of the page
}

// Reference is an entry of a page's sources. URL may be empty.
type Reference struct {
	Title string
	URL   string
}

// Heading is a heading of a page below level 1.
type Heading struct {
	Level  int    // 2 to 6
	Text   string // plain
	Anchor string // unique in the page
	Line   int    // in the file, from 1
	gitHub string // the anchor GitHub would give, where it differs
}

// Section is the plain text under one heading, up to the next heading of any
// level. It is what search indexes and what a hit leads to.
type Section struct {
	Anchor  string // "" for the text before the first heading
	Heading string // "" for the text before the first heading
	Level   int    // of the heading; 0 for the text before the first
	Parent  string // heading of the section around it, "" at level 2
	Text    string // prose, lists, tables; one block a line
	Code    string // code blocks, one after the other
}

// Link is a link or an image of a page.
type Link struct {
	Written string // as in the Markdown
	Path    string // path of the page or file it means; "" for one outside or within the page itself
	Anchor  string // without '#'
	Image   bool
	Outside bool // has a scheme or a host
	Line    int
}

// Step is one step of a learning path.
type Step struct {
	Path string // path of the page
	Text string // the link's text
}

// Problem is something check found in a file.
type Problem struct {
	File    string // as a person would open it: layer folder and path
	Line    int    // from 1; 0 when the whole file is meant
	Message string
	Warning bool // a warning leaves check's exit status alone
}

// pagePath returns the URL path of a Markdown file: without .md, and a folder's
// index.md (or README.md where there is no index.md) is the folder.
func pagePath(file string) string {
	p := strings.TrimSuffix(file, ".md")
	if p == "index" {
		return ""
	}
	return strings.TrimSuffix(p, "/index")
}

// Text returns the page as a person reads it in a terminal: its title, what is
// known about it, and its Markdown without front matter.
func (p *Page) Text() string {
	var b strings.Builder
	b.WriteString("# " + p.Title + "\n\n")
	if p.Description != "" {
		b.WriteString(p.Description + "\n\n")
	}
	body := strings.TrimSpace(string(p.body))
	if first, rest, _ := strings.Cut(body, "\n"); first == "# "+p.Title {
		body = strings.TrimSpace(rest)
	}
	b.WriteString(body + "\n")
	if len(p.Sources) > 0 {
		b.WriteString("\nSources:\n")
	}
	for _, s := range p.Sources {
		b.WriteString("- " + strings.TrimSpace(s.Title+" "+s.URL) + "\n")
	}
	return b.String()
}
