package content

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"opsbook/content/markdown"
)

// Node is an entry of the navigation: a page, or a folder with or without one.
type Node struct {
	Title    string
	Path     string // URL path without its leading slash
	Page     *Page  // nil for a folder without index.md
	Parent   *Node  // nil for the top of the tree
	Children []*Node

	layer int // rank of the layer it came from; later layers follow ours
}

// order is a node's place among its siblings; what names none comes last.
func (n *Node) order() int {
	if n.Page == nil || n.Page.Order == 0 {
		return 1 << 30
	}
	return n.Page.Order
}

// Pages returns the pages at and below a node in reading order.
func (n *Node) Pages() []*Page {
	var out []*Page
	if n.Page != nil {
		out = append(out, n.Page)
	}
	for _, c := range n.Children {
		out = append(out, c.Pages()...)
	}
	return out
}

// buildTree arranges the pages: by folder, or where a layer brings a navigation
// of its own, as that says.
func (l *Library) buildTree(sources []*Source) {
	l.tree = &Node{}
	l.nodes = map[string]*Node{}
	rank := map[string]int{}
	placed := map[string]bool{}
	for i, s := range sources {
		rank[s.Name] = i
	}
	for _, s := range sources {
		l.placeNav(s, placed)
	}
	for p, page := range l.pages {
		if !placed[p] {
			n := l.folder(p)
			n.Page, n.Title, n.layer = page, page.Title, rank[page.Layer]
		}
	}
	l.tree.arrange()
	// A navigation of its own is in its own order, after the folders.
	for _, s := range sources {
		for _, n := range l.navNodes(s, rank[s.Name]) {
			n.Parent = l.tree
			l.tree.Children = append(l.tree.Children, n)
		}
	}
	l.order = l.tree.Pages()
}

// folder returns the node of a path, made with those above it where missing.
func (l *Library) folder(p string) *Node {
	if p == "" || p == "." {
		return l.tree
	}
	key := strings.ToLower(p)
	if n := l.nodes[key]; n != nil {
		return n
	}
	parent := l.folder(path.Dir(p))
	n := &Node{Title: nameInWords(path.Base(p)), Path: p, Parent: parent}
	parent.Children = append(parent.Children, n)
	l.nodes[key] = n
	return n
}

// arrange sorts the children of every node.
func (n *Node) arrange() {
	slices.SortFunc(n.Children, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.layer, b.layer),
			strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.Path, b.Path))
	})
	for _, c := range n.Children {
		c.arrange()
	}
}

// placeNav notes which pages a layer's own navigation arranges.
func (l *Library) placeNav(s *Source, placed map[string]bool) {
	var walk func([]navEntry)
	walk = func(entries []navEntry) {
		for _, e := range entries {
			if p := l.pages[pagePath(e.file)]; e.file != "" && p != nil && p.Layer == s.Name {
				placed[p.Path] = true
			}
			walk(e.entries)
		}
	}
	walk(s.nav)
}

// navNodes returns the nodes of a layer's own navigation.
func (l *Library) navNodes(s *Source, rank int) []*Node {
	var build func([]navEntry, *Node) []*Node
	build = func(entries []navEntry, parent *Node) []*Node {
		var out []*Node
		for _, e := range entries {
			if e.file != "" {
				p := l.pages[pagePath(e.file)]
				key := strings.ToLower(pagePath(e.file))
				if p == nil || p.Layer != s.Name || l.nodes[key] != nil {
					continue // the root page, a page another layer took over, or a second mention
				}
				n := &Node{Title: p.Title, Path: p.Path, Page: p, Parent: parent, layer: rank}
				l.nodes[key] = n
				out = append(out, n)
				continue
			}
			n := &Node{Title: e.title, Parent: parent, layer: rank}
			n.Children = build(e.entries, n)
			if len(n.Children) == 0 {
				continue
			}
			n.Path = l.navPath(e.title, n)
			l.nodes[strings.ToLower(n.Path)] = n
			out = append(out, n)
		}
		return out
	}
	return build(s.nav, nil)
}

// navPath returns a path for a section of a navigation: the folder all its
// pages share if that is free, else one made of its title.
func (l *Library) navPath(title string, n *Node) string {
	pages := n.Pages()
	dir := pages[0].Folder()
	for _, p := range pages {
		if p.Folder() != dir {
			dir = ""
		}
	}
	free := func(p string) bool {
		first, _, _ := strings.Cut(p, "/")
		return p != "" && l.nodes[strings.ToLower(p)] == nil && l.pages[p] == nil && !slices.Contains(Reserved, first)
	}
	if free(dir) {
		return dir
	}
	base := markdown.Anchor(title)
	if base == "" {
		base = "section"
	}
	for p := base; ; p += "-section" {
		if free(p) {
			return p
		}
	}
}

// Sections returns the top of the navigation.
func (l *Library) Sections() []*Node { return l.tree.Children }

// Node returns the entry of the navigation at path, or nil.
func (l *Library) Node(p string) *Node {
	n := l.nodes[strings.ToLower(p)]
	if n == nil || n.Path != p {
		return nil
	}
	return n
}

// Crumbs returns the entries above a page or section, outermost first.
func (l *Library) Crumbs(p string) []*Node {
	n := l.Node(p)
	if n == nil {
		return nil
	}
	var out []*Node
	for n = n.Parent; n != nil && n.Parent != nil; n = n.Parent {
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// Top returns the outermost entry that a page or section stands in, itself
// where it is one; nil for what is not in the navigation.
func (l *Library) Top(p string) *Node {
	n := l.Node(p)
	for n != nil && n.Parent != nil && n.Parent != l.tree {
		n = n.Parent
	}
	return n
}

// Neighbours returns the pages before and after a page within its outermost
// section; nil at either end.
func (l *Library) Neighbours(p *Page) (before, after *Page) {
	top := l.Top(p.Path)
	if top == nil {
		return nil, nil
	}
	pages := top.Pages()
	i := slices.Index(pages, p)
	if i > 0 {
		before = pages[i-1]
	}
	if i >= 0 && i+1 < len(pages) {
		after = pages[i+1]
	}
	return before, after
}
