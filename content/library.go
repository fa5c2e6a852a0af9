package content

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Library is all pages being served: the layers merged, parsed and linked.
type Library struct {
	Title   string // of the site, where a layer brings one
	Welcome *Page  // root index.md of the last layer that has one; nil without

	options  Options
	pages    map[string]*Page
	order    []*Page // in the order of the navigation
	folded   map[string]string
	aliases  map[string]string
	files    map[string]*Source
	tree     *Node
	nodes    map[string]*Node
	glossary []Term
	terms    *termIndex
	back     map[string][]*Page
	problems []Problem
}

// Options are what Build needs to know beyond the layers.
type Options struct {
	Drafts bool   // drafts are served
	Prefix string // put before every address in rendered pages; "" or "/ops"
}

// Reserved are the first segments of paths that belong to the system.
var Reserved = []string{"-", "api", "search", "teams", "me", "glossary", "compare", "sitemap.xml", "robots.txt", "llms.txt"}

// candidate is a file that may become a page.
type candidate struct {
	source *Source
	file   string
	data   []byte
}

// Build merges layers, a later one winning path by path, and parses what is
// new. Pages of prev, which may be nil, whose bytes did not change are reused,
// so comparing pointers tells what an edit changed. It never fails: what cannot
// be read is a problem, and the layer below, or the version in prev, stands.
func Build(prev *Library, options Options, sources ...*Source) *Library {
	l := &Library{options: options, pages: map[string]*Page{}, files: map[string]*Source{}}
	stacks := map[string][]candidate{}
	var terms [][]Term
	for _, s := range sources {
		l.problems = append(l.problems, s.problems...)
		if s.Title != "" {
			l.Title = s.Title
		}
		for _, file := range slices.Sorted(maps.Keys(s.Docs)) {
			data, at := s.Docs[file], pagePath(file)
			if file == glossaryFile {
				found, problems := parseGlossary(s.Name, data)
				terms = append(terms, found)
				l.report(s, file, problems)
				continue
			}
			if below := stacks[at]; len(below) > 0 && below[len(below)-1].source == s {
				l.report(s, file, []Problem{{Message: "has the same address as " + below[len(below)-1].file}})
				continue
			}
			stacks[at] = append(stacks[at], candidate{s, file, data})
		}
		for name := range s.Files {
			l.files[name] = s
		}
	}
	l.glossary = mergeTerms(terms)
	l.terms = newTermIndex(l.glossary)
	for _, r := range parseAll(prev, options, stacks) {
		l.problems = append(l.problems, r.problems...)
		if r.page == nil || (r.page.Draft && !options.Drafts) {
			continue
		}
		l.pages[r.page.Path] = r.page
	}
	l.Welcome = l.pages[""]
	delete(l.pages, "")
	l.fold()
	l.readAliases()
	l.buildTree(sources)
	l.link()
	return l
}

// parsed is the outcome for one path.
type parsed struct {
	page     *Page
	problems []Problem
}

// parseAll parses the topmost readable candidate of every file, on all
// processors, and returns the outcomes sorted by file.
func parseAll(prev *Library, options Options, stacks map[string][]candidate) []parsed {
	files := slices.Sorted(maps.Keys(stacks))
	out := make([]parsed, len(files))
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				out[i] = parseStack(prev, options, stacks[files[i]])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// parseStack returns the page of the uppermost layer that can be read.
func parseStack(prev *Library, options Options, stack []candidate) parsed {
	var out parsed
	for i := len(stack) - 1; i >= 0; i-- {
		c := stack[i]
		if len(bytes.TrimSpace(c.data)) == 0 {
			return out // hidden
		}
		title := c.source.titles[c.file]
		if old := prev.version(c, title); old != nil && (options.Drafts || !old.Draft) {
			out.page = old
			return out
		}
		page, problems := parsePage(c.source.Name, c.file, c.data, title)
		for _, p := range problems {
			p.File = path.Join(c.source.base, c.file)
			out.problems = append(out.problems, p)
		}
		if page != nil && page.Draft && !options.Drafts {
			continue // what is published below stays
		}
		if page != nil {
			page.source = c.source.base
			out.page = page
			return out
		}
		if old := prev.lastGood(c); old != nil {
			stale := *old
			stale.Broken = problems
			out.page = &stale
			return out
		}
	}
	if c := stack[len(stack)-1]; out.page == nil && hasErrors(out.problems) && (options.Drafts || !draftLine.Match(c.data)) {
		out.page = brokenPage(c, out.problems)
	}
	return out
}

// version returns the page of an earlier build whose bytes are these.
func (l *Library) version(c candidate, navTitle string) *Page {
	old := l.lastGood(c)
	if old == nil || old.Broken != nil || old.navTitle != navTitle || !bytes.Equal(old.Markdown, c.data) {
		return nil
	}
	return old
}

// lastGood returns the page that an earlier build made of the same file of the
// same layer.
func (l *Library) lastGood(c candidate) *Page {
	if l == nil {
		return nil
	}
	p := l.pages[pagePath(c.file)]
	if pagePath(c.file) == "" {
		p = l.Welcome
	}
	if p == nil || p.Layer != c.source.Name || p.File != c.file || p.body == nil {
		return nil
	}
	return p
}

// draftLine finds a draft whose front matter cannot be read.
var draftLine = regexp.MustCompile(`(?m)^draft:\s*(true|yes|on)\b`)

// brokenPage stands where no version of a file can be read: it says what is wrong.
func brokenPage(c candidate, problems []Problem) *Page {
	return &Page{Path: pagePath(c.file), File: c.file, Layer: c.source.Name, Title: nameInWords(c.file), Kind: Guide, Markdown: c.data, Broken: problems, source: c.source.base}
}

func (l *Library) report(s *Source, file string, problems []Problem) {
	for _, p := range problems {
		p.File = path.Join(s.base, file)
		l.problems = append(l.problems, p)
	}
}

// fold notes the canonical spelling of every path; paths that differ only in
// case are an error, and the one that sorts first is served.
func (l *Library) fold() {
	l.folded = make(map[string]string, len(l.pages)+len(l.files))
	for _, p := range slices.Sorted(maps.Keys(l.pages)) {
		key := strings.ToLower(p)
		if other, taken := l.folded[key]; taken {
			page := l.pages[p]
			l.problems = append(l.problems, Problem{File: page.SourceFile(), Message: "differs only in case from " + l.pages[other].File})
			continue
		}
		l.folded[key] = p
	}
	for _, name := range slices.Sorted(maps.Keys(l.files)) {
		if key := strings.ToLower(name); l.folded[key] == "" {
			l.folded[key] = name
		}
	}
}

// readAliases notes where old paths lead. A real page beats an alias.
func (l *Library) readAliases() {
	l.aliases = map[string]string{}
	for _, p := range slices.Sorted(maps.Keys(l.pages)) {
		page := l.pages[p]
		for _, a := range page.Aliases {
			if l.pages[a] != nil {
				continue
			}
			if other, taken := l.aliases[a]; taken && other != p {
				l.problems = append(l.problems, Problem{File: page.SourceFile(), Line: 1, Message: "the alias " + a + " is claimed by " + l.pages[other].File + " too"})
				continue
			}
			l.aliases[a] = p
		}
	}
}

// link notes which pages lead to which.
func (l *Library) link() {
	l.back = map[string][]*Page{}
	for _, p := range l.order {
		seen := map[string]bool{p.Path: true}
		note := func(target string) {
			if canonical, ok := l.Resolve(target); ok && !seen[canonical] {
				seen[canonical] = true
				l.back[canonical] = append(l.back[canonical], p)
			}
		}
		for _, link := range p.Links {
			if link.Path != "" && !link.Image {
				note(link.Path)
			}
		}
		for _, c := range p.Next {
			note(c.Page)
		}
	}
}

// Pages returns every page in reading order: section by section, as in the
// navigation. The root page, Welcome, is not among them.
func (l *Library) Pages() []*Page { return l.order }

// Page returns the page at path, or nil.
func (l *Library) Page(path string) *Page { return l.pages[path] }

// Resolve returns the canonical path of the page that a path means: its own, one
// that differs in case, or the end of its aliases.
func (l *Library) Resolve(p string) (canonical string, ok bool) {
	if l.pages[p] != nil {
		return p, true
	}
	if target, isAlias := l.aliases[p]; isAlias {
		return target, true // an alias leads to a page, never to another alias
	}
	if c := l.folded[strings.ToLower(p)]; l.pages[c] != nil {
		return c, true
	}
	if n := l.nodes[strings.ToLower(p)]; n != nil && n.Path != "" {
		return n.Path, true
	}
	return "", false
}

// Glossary returns the terms of all layers, sorted by term.
func (l *Library) Glossary() []Term { return l.glossary }

// Backlinks returns the pages that link to path, in reading order.
func (l *Library) Backlinks(path string) []*Page { return l.back[path] }

// Files returns the paths of all files beside pages.
func (l *Library) Files() []string { return slices.Sorted(maps.Keys(l.files)) }

// FilePath returns the canonical path of a file beside pages.
func (l *Library) FilePath(name string) (canonical string, ok bool) {
	if l.files[name] != nil {
		return name, true
	}
	if c := l.folded[strings.ToLower(name)]; l.files[c] != nil {
		return c, true
	}
	return "", false
}

// Open opens a file beside pages. It may have changed since the layer was
// scanned; fs.ErrNotExist says that it is gone.
func (l *Library) Open(name string) (fs.File, error) {
	s := l.files[name]
	if s == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (info.IsDir() || info.Size() > maxFile) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Diff returns the paths of pages that differ between two libraries, sorted.
func Diff(old, now *Library) []string {
	changed := map[string]bool{}
	if old != nil {
		for p, page := range old.pages {
			if now.pages[p] != page {
				changed[p] = true
			}
		}
	}
	for p, page := range now.pages {
		if old == nil || old.pages[p] != page {
			changed[p] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

// Unreadable returns the problems of files that cannot be read or parsed, so
// that an earlier version, the layer below or nothing stands in their place.
func (l *Library) Unreadable() []Problem {
	var out []Problem
	for _, p := range l.problems {
		if !p.Warning {
			out = append(out, p)
		}
	}
	return out
}

// Summary counts what people come for: "6 guides, 2 playbooks, 2 checklists".
func (l *Library) Summary() string {
	n := map[Kind]int{}
	for _, p := range l.order {
		n[p.Kind]++
	}
	count := func(n int, noun string) string {
		if n == 1 {
			return "1 " + noun
		}
		return strconv.Itoa(n) + " " + noun + "s"
	}
	return count(n[Guide], "guide") + ", " + count(n[Playbook]+n[Template], "playbook") + ", " + count(n[ListKind], "checklist")
}
