// Package templates draws every page. Its templ files loop and branch; what is
// shown is computed by the handlers, which fill the views declared here. All
// text is escaped by templ; rendered Markdown and search fragments, which
// package content made safe, are the only HTML taken as it is.
package templates

import (
	"net/url"
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// Site is what all pages share. It is read-only.
type Site struct {
	Title   string
	Prefix  string // put before every address; "" or "/ops"
	Base    string // public address without the prefix; empty when not configured
	Static  string // address of the folder of our own files, with a trailing slash
	Version string
}

// URL returns the address of a path of the site, without a leading slash.
func (s *Site) URL(p string) templ.SafeURL {
	u := url.URL{Path: s.Prefix + "/" + p}
	return templ.SafeURL(u.EscapedPath())
}

// Link returns the address of a heading on a page.
func (s *Site) Link(p, anchor string) templ.SafeURL {
	u := url.URL{Path: s.Prefix + "/" + p, Fragment: anchor}
	return templ.SafeURL(u.String())
}

// Search returns the address of a search.
func (s *Site) Search(q string) templ.SafeURL {
	return s.URL("search") + "?" + templ.SafeURL(url.Values{"q": {q}}.Encode())
}

// Frame is what stands around the content of a page.
type Frame struct {
	*Site
	Path        string // of this page, without a leading slash
	Title       string
	Description string
	Theme       string // "light", "dark", or empty: the system's
	Query       string // in the search field
	Nav         []NavItem
	Crumbs      []*content.Node
	NoIndex     bool // search engines leave it out
	Wide        bool // without a table of contents beside it
	Now         time.Time
}

// Canonical returns the public address of the page, empty where none is configured.
func (f *Frame) Canonical() string {
	if f.Base == "" {
		return ""
	}
	return f.Base + string(f.URL(f.Path))
}

// FullTitle is the title of the browser's window.
func (f *Frame) FullTitle() string {
	if f.Title == "" || f.Title == f.Site.Title {
		return f.Site.Title
	}
	return f.Title + " · " + f.Site.Title
}

// NavItem is a line of the navigation at the side.
type NavItem struct {
	Title    string
	Path     string
	Current  bool
	Open     bool // the current page is below it
	Children []NavItem
	More     int // children not shown, because there are too many
}

// TOCItem is a line of a page's table of contents.
type TOCItem struct {
	Text, Anchor string
	Children     []TOCItem
}

// Choice is one of the next things to read.
type Choice struct {
	Ask, Title, Path string
	Kind             content.Kind
}

// PageView is a guide, playbook, template, path or drill.
type PageView struct {
	Frame
	Page      *content.Page
	Body      *content.Body
	TOC       []TOCItem
	Overdue   bool
	Next      []Choice
	Before    *content.Page
	After     *content.Page
	Backlinks []*content.Page
	Readable  bool          // can be marked as read
	ReadAt    *time.Time    // nil: not read
	Progress  *PathProgress // of a path: how far the reader is
	OnPath    *PathProgress // of another page: the path the reader is on
}

// PathProgress is how far a reader is on a learning path.
type PathProgress struct {
	Page        *content.Page
	Steps       []StepView
	Done        int
	Minutes     int
	MinutesLeft int
	Next        *content.Page // nil when everything is done
	Begun       bool
}

// StepView is a step of a path.
type StepView struct {
	Page     *content.Page
	Done     bool
	Next     bool // the first that is not done
	Answered int  // of a checklist
}

// PrintView is a whole section on paper.
type PrintView struct {
	Frame
	Whose Whose          // whose answers the checklists have
	Terms []content.Term // of all pages, each once
	Pages []PrintedPage
}

// PrintedPage is a page on paper; Groups are the items of a checklist.
type PrintedPage struct {
	Page   *content.Page
	Body   *content.Body
	Groups []ItemGroup
}

// SectionView is the list of what a folder holds.
type SectionView struct {
	Frame
	Body   *content.Body // nil without an index.md
	Page   *content.Page // nil without an index.md
	Pages  []*content.Page
	Groups []Group
}

// Group is a folder within a section or on the home page.
type Group struct {
	Title, Path, Description string
	Count                    int
	Pages                    []*content.Page
}

// HomeView is the home page.
type HomeView struct {
	Frame
	Welcome  *content.Page
	Body     *content.Body // of Welcome
	Library  bool          // the embedded library is served
	Starts   []Choice
	Paths    []*content.Page
	Sections []Group
	Loose    []*content.Page // pages without a folder
	Progress []ProgressLine
	Begun    []PathProgress
	Team     *MyTeam // nil: none
}

// MyTeam is what comes next for the team of a reader.
type MyTeam struct {
	Slug, Name string
	Confirm    int // answers to confirm
	Next       []NextLine
	Actions    []ActionLine
}

// ProgressLine is one checklist someone has answered.
type ProgressLine struct {
	Page    *content.Page
	Subject string
	Score   content.Score
	List    *content.Checklist
	At      time.Time
	Gone    string // path of the checklist, which may no longer be served; Page is nil then
}

// SearchView is the search page.
type SearchView struct {
	Frame
	Text      string
	Kind, Tag string
	Kinds     []KindCount
	Hits      []HitView
	Total     int
	Shown     string // "1 to 20"
	More      string // query string of the following hits
	Earlier   string
	Corrected string // what was searched instead
	Exact     string // query string that searches for what was typed
	Term      *content.Term
	Near      []string
	Problem   string
	Empty     bool // nothing was asked
	Preparing bool // the index is not ready
}

// KindCount is a filter of the search page.
type KindCount struct {
	Kind    content.Kind
	Label   string
	Query   string
	Current bool
}

// HitView is a hit.
type HitView struct {
	Title, Heading, Path, Anchor string
	Kind                         content.Kind
	Crumbs                       string
	Snippet                      []Fragment
	Highlight                    string // words to mark on the page, "" for none
	Why                          []string
}

// URL returns the address of the hit.
func (h HitView) URL(s *Site) templ.SafeURL {
	u := url.URL{Path: s.Prefix + "/" + h.Path, Fragment: h.Anchor}
	if h.Highlight != "" {
		u.RawQuery = url.Values{"h": {h.Highlight}}.Encode()
	}
	return templ.SafeURL(u.String())
}

// Fragment is a piece of a snippet.
type Fragment struct {
	Text string
	Mark bool
}

// GlossaryView lists all terms.
type GlossaryView struct {
	Frame
	Letters []Letter
	Count   int
}

// Letter is the terms under one letter.
type Letter struct {
	Name, Anchor string
	Terms        []TermView
}

// TermView is a term and the title of its page.
type TermView struct {
	content.Term
	PageTitle string // empty when the page is not served
}

// MeView is what is known about this browser's reader.
type MeView struct {
	Frame
	Progress []ProgressLine
	Day      string // as of its end; empty: now
	Name     string // what the reader calls themselves
	Begun    []PathProgress
	Team     *MyTeam
	Read     []*content.Page
	Begin    []*content.Page // checklists to begin with
}

// InsightsView is what was searched for in vain.
type InsightsView struct {
	Frame
	Off      bool
	Nothing  []InsightLine // nothing was found
	Unopened []InsightLine // nothing found was opened
}

// InsightLine is a query and how often it was asked.
type InsightLine struct {
	Query string
	Times int64
	Last  string
}

// ErrorView is an error.
type ErrorView struct {
	Frame
	Status    int
	Heading   string
	Message   string
	Words     string // to search for
	Hits      []HitView
	RequestID string
	Back      string // where to go on
}

// safe takes a query string that url.Values has encoded.
func safe(query string) templ.SafeURL { return templ.SafeURL(query) }
