package site

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/templates"

	"github.com/a-h/templ"
)

// servePath answers for everything that is not of the system: a page, its
// source, a section, a file beside pages, or where one of them went.
func (s *Server) servePath(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	s.insights.opened(r, s.now())
	p := strings.TrimPrefix(r.URL.Path, "/")
	clean := strings.TrimSuffix(strings.TrimSuffix(p, "/"), "/index")
	if clean == "index" || clean == "index.html" {
		clean = ""
	}
	switch page := snap.lib.Page(p); {
	case page != nil && page.Checklist != nil:
		return s.serveChecklist(w, r, snap, page)
	case page != nil && s.owner(r) != "" && (readable(page) || page.Kind == content.PathKind):
		c, err := s.pageView(r, snap, page, s.owner(r))
		if err != nil {
			return err
		}
		s.render(w, r, http.StatusOK, c)
		return nil
	case page != nil:
		return s.serveCached(w, r, snap, p, func() (templ.Component, error) { return s.pageView(r, snap, page, "") })
	case snap.lib.Node(p) != nil:
		return s.serveCached(w, r, snap, p, func() (templ.Component, error) { return s.sectionView(r, snap, snap.lib.Node(p)) })
	}
	if name, ok := snap.lib.FilePath(p); ok {
		if name != p {
			redirect(w, r, s.prefix+"/"+name)
			return nil
		}
		return s.serveFile(w, r, snap, name)
	}
	if source, ok := strings.CutSuffix(p, ".md"); ok {
		source = strings.TrimSuffix(source, "/index")
		if canonical, found := snap.lib.Resolve(source); found && snap.lib.Page(canonical) != nil {
			if canonical+".md" != p {
				redirect(w, r, s.prefix+"/"+canonical+".md")
				return nil
			}
			return s.serveSource(w, r, snap.lib.Page(canonical))
		}
	}
	for _, form := range []string{clean, strings.TrimSuffix(clean, ".html"), strings.TrimSuffix(clean, "/index.html")} {
		if canonical, ok := snap.lib.Resolve(form); ok {
			redirect(w, r, s.prefix+"/"+canonical)
			return nil
		}
	}
	if clean == "" {
		redirect(w, r, s.prefix+"/")
		return nil
	}
	if stem, slashed := strings.CutSuffix(p, "/"); slashed && s.isRoute(stem) {
		redirect(w, r, s.prefix+"/"+stem)
		return nil
	}
	return statusErrorf(http.StatusNotFound, "There is nothing at /%s. It may have been moved or renamed.", p)
}

// isRoute reports whether a path is one of the system's own.
func (s *Server) isRoute(p string) bool {
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/" + p}}
	_, pattern := s.mux.Handler(r)
	return pattern != "" && pattern != pagePattern
}

// serveCached answers with a page that is the same for every reader with the
// same theme, drawing it the first time.
func (s *Server) serveCached(w http.ResponseWriter, r *http.Request, snap *snapshot, p string, view func() (templ.Component, error)) error {
	key := pageKey{p, theme(r)}
	cached, ok := snap.pages.Load(key)
	if !ok {
		c, err := view()
		if err != nil {
			return err
		}
		var b bytes.Buffer
		// What is kept must be whole, though the one who asked first may be gone.
		if err := c.Render(context.WithoutCancel(r.Context()), &b); err != nil {
			return fmt.Errorf("draw /%s: %w", p, err)
		}
		cached, _ = snap.pages.LoadOrStore(key, encode(b.Bytes()))
	}
	s.htmlHeaders(w.Header())
	s.sendEncoded(w, r, http.StatusOK, "text/html; charset=utf-8", cached.(*encoded))
	return nil
}

// pageView fills the view of a page for an owner, who may be empty.
func (s *Server) pageView(r *http.Request, snap *snapshot, p *content.Page, owner string) (templ.Component, error) {
	if p.Kind == content.IndexKind {
		if n := snap.lib.Node(p.Path); n != nil {
			return s.sectionView(r, snap, n)
		}
	}
	body, err := snap.body(p)
	if err != nil {
		return nil, err
	}
	v := &templates.PageView{Frame: s.frame(r, snap, p.Path, p.Title), Page: p, Body: body}
	v.Description = p.Description
	check := map[string]bool{}
	for _, q := range body.Questions {
		check[q.Anchor] = true
	}
	v.TOC = toc(p.Headings, func(h content.Heading) bool { return check[h.Anchor] })
	v.Overdue = s.overdue(p)
	v.Next = s.choices(snap.lib, p)
	v.Before, v.After = snap.lib.Neighbours(p)
	v.Backlinks = snap.lib.Backlinks(p.Path)
	v.Readable = readable(p)
	l, err := s.learner(r, owner)
	if err != nil {
		return nil, err
	}
	if at, ok := l.read[p.Path]; ok {
		v.ReadAt = &at
	}
	if p.Kind == content.PathKind {
		progress := l.path(snap.lib, p)
		v.Progress = &progress
	} else {
		v.OnPath = l.onPath(snap.lib, p)
	}
	return templates.Page(v), nil
}

// overdue reports whether a page's review day is over.
func (s *Server) overdue(p *content.Page) bool {
	return !p.ReviewBy.IsZero() && s.now().After(p.ReviewBy.AddDate(0, 0, 1))
}

// choices returns what a page offers next; targets that are gone are left out.
func (s *Server) choices(lib *content.Library, p *content.Page) []templates.Choice {
	var out []templates.Choice
	for _, c := range p.Next {
		canonical, ok := lib.Resolve(c.Page)
		if !ok {
			continue
		}
		choice := templates.Choice{Ask: c.Ask, Path: canonical, Kind: content.IndexKind}
		if page := lib.Page(canonical); page != nil {
			choice.Title, choice.Kind = page.Title, page.Kind
		} else if n := lib.Node(canonical); n != nil {
			choice.Title = n.Title
		}
		if choice.Ask == "" {
			choice.Ask = choice.Title
		}
		out = append(out, choice)
	}
	return out
}

// sectionView fills the view of a folder.
func (s *Server) sectionView(r *http.Request, snap *snapshot, n *content.Node) (templ.Component, error) {
	v := &templates.SectionView{Frame: s.frame(r, snap, n.Path, n.Title), Page: n.Page}
	v.Wide = true
	if n.Page != nil {
		body, err := snap.body(n.Page)
		if err != nil {
			return nil, err
		}
		v.Body, v.Description = body, n.Page.Description
	}
	for _, c := range n.Children {
		if len(c.Children) == 0 && c.Page != nil {
			v.Pages = append(v.Pages, c.Page)
			continue
		}
		v.Groups = append(v.Groups, group(c))
	}
	if v.Description == "" {
		v.Description = fmt.Sprintf("%s: %d pages.", n.Title, len(n.Pages()))
	}
	return templates.Section(v), nil
}

// group lists a folder and what is below it.
func group(n *content.Node) templates.Group {
	g := templates.Group{Title: n.Title, Path: n.Path}
	if n.Page != nil {
		g.Description = n.Page.Description
	}
	for _, p := range n.Pages() {
		if p != n.Page {
			g.Pages = append(g.Pages, p)
		}
	}
	g.Count = len(g.Pages)
	return g
}

// starts are the first pages offered on the home page, for each of the three
// kinds of people it is for.
var starts = [...]templates.Choice{
	{Ask: "I am new to running software", Title: "Begin with what operations is about, in 12 minutes", Path: "guides/foundations/operations-for-developers"},
	{Ask: "My team wants to know where it stands", Title: "Answer 24 claims together and see what to do next", Path: "checklists/team-foundations"},
	{Ask: "We host this for our organisation", Title: "Add your own pages and playbooks to the library", Path: "manual"},
}

// serveHome answers with the home page.
func (s *Server) serveHome(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	owner := s.owner(r)
	team, err := s.myTeam(r, snap.lib)
	if err != nil {
		return err
	}
	if owner == "" && team == nil {
		return s.serveCached(w, r, snap, "", func() (templ.Component, error) { return s.homeView(r, snap, templates.HomeView{}) })
	}
	mine := templates.HomeView{Team: team}
	if owner != "" {
		if mine.Progress, err = s.progress(r.Context(), snap.lib, owner, time.Time{}, s.now()); err != nil {
			return err
		}
		l, err := s.learner(r, owner)
		if err != nil {
			return err
		}
		mine.Begun = l.paths(snap.lib)
	}
	c, err := s.homeView(r, snap, mine)
	if err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, c)
	return nil
}

// homeView fills the view of the home page, in which a reader's own part is there
// already.
func (s *Server) homeView(r *http.Request, snap *snapshot, mine templates.HomeView) (templ.Component, error) {
	lib := snap.lib
	v := &mine
	v.Frame, v.Library = s.frame(r, snap, "", snap.site.Title), s.config.Library
	v.Description = "Guides, playbooks and checklists on DevOps, SRE and on-call practice."
	v.Wide = true
	if lib.Welcome != nil {
		body, err := snap.body(lib.Welcome)
		if err != nil {
			return nil, err
		}
		v.Welcome, v.Body = lib.Welcome, body
		if !s.config.Library {
			v.Title = lib.Welcome.Title
			if lib.Welcome.Description != "" {
				v.Description = lib.Welcome.Description
			}
		}
	}
	for _, c := range starts {
		if _, ok := lib.Resolve(c.Path); ok {
			v.Starts = append(v.Starts, c)
		}
	}
	for _, p := range lib.Pages() {
		if p.Kind == content.PathKind {
			v.Paths = append(v.Paths, p)
		}
	}
	for _, n := range lib.Sections() {
		if len(n.Children) == 0 && n.Page != nil && n.Page.Kind != content.IndexKind {
			v.Loose = append(v.Loose, n.Page)
			continue
		}
		v.Sections = append(v.Sections, group(n))
	}
	return templates.Home(v), nil
}

// serveGlossary answers with all terms.
func (s *Server) serveGlossary(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	return s.serveCached(w, r, snap, "glossary", func() (templ.Component, error) {
		v := &templates.GlossaryView{Frame: s.frame(r, snap, "glossary", "Glossary"), Count: len(snap.lib.Glossary())}
		v.Description = "The terms of DevOps, SRE and on-call practice, each in a sentence or two."
		v.Wide = true
		for _, t := range snap.lib.Glossary() {
			name := letter(t.Term)
			i := slices.IndexFunc(v.Letters, func(l templates.Letter) bool { return l.Name == name })
			if i < 0 {
				i = len(v.Letters)
				v.Letters = append(v.Letters, templates.Letter{Name: name, Anchor: "letter-" + strings.ToLower(strings.Trim(name, "–09"))})
			}
			term := templates.TermView{Term: t}
			if page := snap.lib.Page(t.Page); t.Page != "" && page != nil {
				term.PageTitle = page.Title
			}
			v.Letters[i].Terms = append(v.Letters[i].Terms, term)
		}
		return templates.Glossary(v), nil
	})
}

// letter returns the heading under which a term stands.
func letter(term string) string {
	r, _ := utf8.DecodeRuneInString(strings.ToUpper(term))
	if r >= '0' && r <= '9' {
		return "0–9"
	}
	return string(r)
}

// postTheme remembers the colours that the reader chose.
func (s *Server) postTheme(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	switch chosen := r.PostForm.Get("theme"); chosen {
	case "light", "dark":
		s.remember(w, r, themeCookie, chosen)
	case "auto":
		s.remember(w, r, themeCookie, "")
	default:
		return statusErrorf(http.StatusUnprocessableEntity, "theme: want light, dark or auto, not %q.", chosen)
	}
	http.Redirect(w, r, s.localReturn(r.PostForm.Get("return")), http.StatusSeeOther)
	return nil
}

// localReturn returns the address of a path of this site, the home page for
// anything else.
func (s *Server) localReturn(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") {
		return s.prefix + "/"
	}
	return s.prefix + p
}

// secure reports whether the browser reached us over https.
func (s *Server) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(s.base, "https://")
}
