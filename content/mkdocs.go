package content

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mkdocs is what we use of an mkdocs.yml.
type mkdocs struct {
	SiteName string    `yaml:"site_name"`
	DocsDir  string    `yaml:"docs_dir"`
	Nav      yaml.Node `yaml:"nav"`
}

// navEntry is a line of a nav: a page, or a section with entries.
type navEntry struct {
	title   string
	file    string // of a page
	entries []navEntry
}

// parseMkDocs reads an mkdocs.yml; tags of Python in other keys do no harm.
func parseMkDocs(data []byte) (mkdocs, error) {
	var c mkdocs
	if len(data) == 0 {
		return c, nil
	}
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&c); err != nil {
		return mkdocs{}, fmt.Errorf("mkdocs.yml is not used: %w", err)
	}
	return c, nil
}

// docsDir returns the folder of the pages, which must lie inside.
func (c mkdocs) docsDir() string {
	dir := path.Clean(strings.TrimSpace(c.DocsDir))
	if c.DocsDir == "" {
		return "docs"
	}
	if path.IsAbs(dir) || strings.HasPrefix(dir, "..") {
		return "docs"
	}
	return dir
}

// readMkDocs takes the site's name and navigation from an mkdocs.yml.
func (s *Source) readMkDocs(data []byte) {
	c, err := parseMkDocs(data)
	if err != nil || len(data) == 0 {
		return
	}
	s.Title = c.SiteName
	s.titles = map[string]string{}
	s.nav = s.readNav(&c.Nav, 0)
}

func (s *Source) readNav(n *yaml.Node, depth int) []navEntry {
	if n.Kind != yaml.SequenceNode || depth > 8 {
		return nil
	}
	var out []navEntry
	for _, item := range n.Content {
		switch item.Kind {
		case yaml.ScalarNode:
			if e, ok := s.navPage("", item.Value); ok {
				out = append(out, e)
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(item.Content); i += 2 {
				title, value := item.Content[i].Value, item.Content[i+1]
				if value.Kind == yaml.ScalarNode {
					if e, ok := s.navPage(title, value.Value); ok {
						out = append(out, e)
					}
					continue
				}
				if entries := s.readNav(value, depth+1); len(entries) > 0 {
					out = append(out, navEntry{title: title, entries: entries})
				}
			}
		}
	}
	return out
}

// navPage returns the entry of a page; links to other hosts are no pages.
func (s *Source) navPage(title, file string) (navEntry, bool) {
	file = path.Clean(strings.TrimPrefix(file, "/"))
	if _, ok := s.Docs[file]; !ok {
		return navEntry{}, false
	}
	if title != "" {
		s.titles[file] = title
	}
	return navEntry{title: title, file: file}, true
}
