package site

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"opsbook/content"
	"opsbook/search"
	"opsbook/templates"
)

// snapshot is everything that a request reads, but for the store. Handlers load
// it once. It never changes; what it caches only fills up.
type snapshot struct {
	lib   *content.Library
	index *search.Index // nil until the first one is built
	site  *templates.Site

	sources []*content.Source
	day     string    // on which pages were drawn
	bodies  *sync.Map // path: *content.Body
	pages   *sync.Map // pageKey: *encoded
}

// pageKey names a page as it is cached: the same for every reader without state.
type pageKey struct{ path, theme string }

// firstSnapshot reads the layers. A folder that cannot be read is an error at start.
func (s *Server) firstSnapshot() error {
	var sources []*content.Source
	if s.config.Library {
		sources = append(sources, content.Embedded())
	}
	for _, f := range s.folders {
		source, err := f.Scan()
		if err != nil {
			return err
		}
		sources = append(sources, source)
	}
	lib := content.Build(nil, s.options(), sources...)
	s.publish(lib, nil, sources)
	s.logProblems(lib)
	return nil
}

func (s *Server) options() content.Options {
	return content.Options{Drafts: s.config.Drafts, Prefix: s.prefix}
}

// publish makes a new snapshot current; what the last one cached is garbage.
func (s *Server) publish(lib *content.Library, index *search.Index, sources []*content.Source) {
	s.current.Store(&snapshot{lib: lib, index: index, site: s.site(lib), sources: sources, day: s.now().UTC().Format(time.DateOnly), bodies: &sync.Map{}, pages: &sync.Map{}})
}

// buildIndex builds the search index of the library being served. Pages are
// served meanwhile; search says that it is being built.
func (s *Server) buildIndex(ctx context.Context) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	snap := s.current.Load()
	index, err := search.Build(ctx, snap.lib)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("build the search index", "err", err)
		}
		return
	}
	next := *snap
	next.index = index
	s.current.Store(&next) // the pages cached so far stay
	debug.FreeOSMemory()   // building needs several times what is kept
}

// Reload looks at the folders and, where something changed, publishes a new
// snapshot. A folder that cannot be read keeps what it last had.
func (s *Server) Reload(ctx context.Context) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	snap := s.current.Load()
	sources := make([]*content.Source, 0, len(snap.sources))
	if s.config.Library {
		sources = append(sources, content.Embedded())
	}
	changed := false
	for _, f := range s.folders {
		last := snap.sources[len(sources)]
		source, err := f.Scan()
		if err != nil {
			s.log.Warn("a content folder cannot be read and keeps its last state", "err", err)
			source = last
		}
		changed = changed || source != last
		sources = append(sources, source)
	}
	if !changed {
		return nil
	}
	lib := content.Build(snap.lib, s.options(), sources...)
	paths := content.Diff(snap.lib, lib)
	index := snap.index
	if index != nil {
		var err error
		if index, err = index.Update(ctx, lib); err != nil {
			return fmt.Errorf("update the search index: %w", err)
		}
	}
	s.publish(lib, index, sources)
	s.note(ctx)
	s.log.Info("content changed", "pages", len(paths))
	s.logProblems(lib)
	return nil
}

// logProblems writes one line for every file that cannot be read.
func (s *Server) logProblems(lib *content.Library) {
	for _, p := range lib.Unreadable() {
		s.log.Error("content", "file", p.File, "line", p.Line, "problem", p.Message)
	}
}

// body returns the rendered page, from the cache where it has been rendered.
func (snap *snapshot) body(p *content.Page) (*content.Body, error) {
	if b, ok := snap.bodies.Load(p.Path); ok {
		return b.(*content.Body), nil
	}
	b, err := snap.lib.Render(p)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", p.File, err)
	}
	snap.bodies.Store(p.Path, b)
	return b, nil
}
