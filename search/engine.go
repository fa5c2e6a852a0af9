package search

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"opsbook/content"
)

// maxGenerations is how many updates an engine takes before it is built anew.
const maxGenerations = 24

// engine is bleve's index in memory, which the generations of an Index share. Each of
// them reads its own snapshot, so a write never shows in an older one.
type engine struct {
	scorch index.Index
	queue  *index.AnalysisQueue

	mu         sync.Mutex
	generation int // the newest
	closed     bool
}

// openEngine opens scorch without the rest of bleve: documents are made and postings
// scored here, so there is no mapping and no query to configure.
func openEngine() (*engine, error) {
	queue := index.NewAnalysisQueue(runtime.GOMAXPROCS(0))
	config := map[string]any{
		"path":                   "", // segments stay in memory
		"fieldTFRCacheThreshold": 16, // readers of a field kept for the next search: a third of its time
	}
	s, err := scorch.NewScorch(scorch.Name, config, queue)
	if err == nil {
		err = s.Open()
	}
	if err != nil {
		queue.Close()
		return nil, fmt.Errorf("open index: %w", err)
	}
	return &engine{scorch: s, queue: queue}, nil
}

// close ends the engine's goroutines. Snapshots taken before live on.
func (e *engine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	defer e.queue.Close()
	if err := e.scorch.Close(); err != nil {
		return fmt.Errorf("close index: %w", err)
	}
	return nil
}

// advance reports whether the generation may be followed by another one, and makes way for it.
func (e *engine) advance(generation int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || generation != e.generation || generation == maxGenerations {
		return false
	}
	e.generation++
	return true
}

// write indexes pages and removes the documents with the ids gone, in one batch, then
// calls visit with the analysed fields of each page.
func (e *engine) write(pages []*content.Page, gone []string, visit func(*content.Page, []*pageField)) error {
	batch := index.NewBatch()
	fields := make([][]*pageField, len(pages))
	for i, p := range pages {
		fields[i] = pageFields(p)
		batch.Update(newDocument(p, fields[i]))
	}
	for _, id := range gone {
		batch.Delete(id)
	}
	if err := e.scorch.Batch(batch); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	for i, p := range pages {
		visit(p, fields[i])
	}
	return nil
}

// documents returns a snapshot and calls visit with its documents.
func (e *engine) documents(visit func(num uint64, id string)) (index.IndexReader, error) {
	reader, err := e.scorch.Reader()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	all, err := reader.DocIDReaderAll()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	defer all.Close()
	for {
		num, err := all.Next()
		if err != nil {
			return nil, fmt.Errorf("read index: %w", err)
		}
		if num == nil {
			return reader, nil
		}
		id, err := reader.ExternalID(num)
		if err != nil {
			return nil, fmt.Errorf("read index: %w", err)
		}
		visit(num.Value(), id)
	}
}
