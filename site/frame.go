package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"opsbook/content"
	"opsbook/templates"
)

// frame returns what stands around a page.
func (s *Server) frame(r *http.Request, snap *snapshot, path, title string) templates.Frame {
	return templates.Frame{
		Site:   snap.site,
		Path:   path,
		Title:  title,
		Theme:  theme(r),
		Nav:    navItems(snap.lib, path),
		Crumbs: snap.lib.Crumbs(path),
		Now:    s.now(),
	}
}

// theme returns the colours the reader chose, empty for the system's.
func theme(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

// maxSiblings is how many entries of one level the navigation shows around the
// current one, so that a page does not grow with the library.
const maxSiblings = 24

// navItems returns the navigation as seen from a path: every top section, and
// below those that lead to the path their entries.
func navItems(lib *content.Library, path string) []templates.NavItem {
	return navLevel(lib.Sections(), nil, lib.Node(path))
}

func navLevel(nodes []*content.Node, parent, current *content.Node) []templates.NavItem {
	at := slices.IndexFunc(nodes, func(n *content.Node) bool { return n == current || isAbove(n, current) })
	from, to := window(len(nodes), at)
	var out []templates.NavItem
	for _, n := range nodes[from:to] {
		it := templates.NavItem{Title: n.Title, Path: n.Path, Current: n == current, Open: n == current || isAbove(n, current)}
		if it.Open {
			it.Children = navLevel(n.Children, n, current)
			if more := len(n.Children) - len(it.Children); more > 0 {
				it.More = more
			}
		}
		out = append(out, it)
	}
	return out
}

// window returns the range of n entries to show around the one at index at.
func window(n, at int) (from, to int) {
	if n <= maxSiblings {
		return 0, n
	}
	from = min(max(0, at-maxSiblings/2), n-maxSiblings)
	return from, from + maxSiblings
}

// isAbove reports whether n is a node above the other.
func isAbove(n, other *content.Node) bool {
	for ; other != nil; other = other.Parent {
		if other.Parent == n {
			return true
		}
	}
	return false
}

// toc returns the table of contents: headings of level 2 with those of level 3.
func toc(headings []content.Heading, skip func(content.Heading) bool) []templates.TOCItem {
	var out []templates.TOCItem
	for _, h := range headings {
		if skip != nil && skip(h) {
			continue
		}
		it := templates.TOCItem{Text: h.Text, Anchor: h.Anchor}
		switch {
		case h.Level == 2:
			out = append(out, it)
		case h.Level == 3 && len(out) > 0:
			out[len(out)-1].Children = append(out[len(out)-1].Children, it)
		}
	}
	return out
}

// crumbText writes where a page stands, as "Guides › Reliability".
func crumbText(lib *content.Library, path string) string {
	var titles []string
	for _, n := range lib.Crumbs(path) {
		titles = append(titles, n.Title)
	}
	return strings.Join(titles, " › ")
}

func itoa(n int) string { return strconv.Itoa(n) }
