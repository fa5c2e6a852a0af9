package search

import (
	"context"
	"errors"
	"slices"

	index "github.com/blevesearch/bleve_index_api"

	"opsbook/content"
)

// batchPages is how many pages are analysed and written at once: larger batches need
// more memory for a moment, smaller ones leave more segments to search for good.
const batchPages = 300

// Index answers queries over the pages of one Library. It is immutable and safe for
// concurrent use.
type Index struct {
	lib   *content.Library
	pages []*content.Page
	sizes []sizes  // by slot, which is a page's place in pages
	nums  []uint64 // by slot: the number of its document
	docs  []int32  // by document number: its slot, or -1
	mean  [numFields]float64
	words *vocabulary
	thes  *thesaurus
	rank  ranking

	reader     index.IndexReader // of the generation; needs no Close, for it is memory only
	engine     *engine
	generation int
}

// Build returns an Index over a Library's pages and glossary. The vocabulary of the
// embedded glossary counts even where the Library does not have it. It takes about
// half a second for 400 pages; ctx stops it.
func Build(ctx context.Context, lib *content.Library) (*Index, error) {
	e, err := openEngine()
	if err != nil {
		return nil, err
	}
	ix := &Index{lib: lib, pages: lib.Pages(), engine: e, rank: defaultRanking()}
	uses := map[string]use{}
	for chunk := range slices.Chunk(ix.pages, batchPages) {
		err := ctx.Err()
		if err == nil {
			err = e.write(chunk, nil, func(_ *content.Page, fields []*pageField) {
				ix.sizes = append(ix.sizes, measure(fields, 1, uses))
			})
		}
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
	}
	ix.words = newVocabulary(uses)
	if err := ix.open(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return ix, nil
}

// Update returns an Index over lib, a later build of the Library whose unchanged pages
// are the same pointers. Changed pages are written in one batch, in a few
// milliseconds each; after some dozens of updates, or where most pages changed,
// everything is built anew, because segments in memory are never merged. ix goes
// on answering for whoever has it. Updates of one Index follow each other: an
// update of an Index that already has one builds anew as well.
func (ix *Index) Update(ctx context.Context, lib *content.Library) (*Index, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	changed, gone := ix.difference(lib.Pages())
	if len(changed)+len(gone) > max(batchPages, len(ix.pages)/4) || !ix.engine.advance(ix.generation) {
		next, err := Build(ctx, lib)
		if err != nil {
			return nil, err
		}
		return next, ix.Close()
	}
	next := &Index{lib: lib, pages: lib.Pages(), engine: ix.engine, generation: ix.generation + 1, rank: ix.rank}
	uses := map[string]use{}
	measured := make(map[*content.Page]sizes, len(ix.pages))
	for slot, p := range ix.pages {
		measured[p] = ix.sizes[slot]
		if lib.Page(p.Path) != p {
			fields := pageFields(p)
			for _, f := range fields {
				f.Analyze()
			}
			measure(fields, -1, uses)
		}
	}
	err := ix.engine.write(changed, gone, func(p *content.Page, fields []*pageField) {
		measured[p] = measure(fields, 1, uses)
	})
	if err != nil {
		return nil, err
	}
	for _, p := range next.pages {
		next.sizes = append(next.sizes, measured[p])
	}
	next.words = ix.words.with(uses)
	return next, next.open()
}

// Close stops what the Index needs for updates. Searches in flight, and searches after
// it, work still.
func (ix *Index) Close() error { return ix.engine.close() }

// Library returns the Library that the Index answers over.
func (ix *Index) Library() *content.Library { return ix.lib }

// difference returns the pages that are not in the index as they are, and the
// documents of pages that are no more.
func (ix *Index) difference(pages []*content.Page) (changed []*content.Page, gone []string) {
	old := make(map[string]*content.Page, len(ix.pages))
	for _, p := range ix.pages {
		old[p.Path] = p
	}
	for _, p := range pages {
		if old[p.Path] != p {
			changed = append(changed, p)
		}
		delete(old, p.Path)
	}
	for path := range old {
		gone = append(gone, docID(path))
	}
	return changed, gone
}

// open makes ready to search what the engine holds.
func (ix *Index) open() error {
	ix.thes = newThesaurus(ix.lib.Glossary(), content.Vocabulary())
	for f := range numFields {
		sum := 0.0
		for _, z := range ix.sizes {
			sum += float64(z[f])
		}
		ix.mean[f] = max(1, sum/float64(max(1, len(ix.sizes))))
	}
	slots := make(map[string]int32, len(ix.pages))
	for slot, p := range ix.pages {
		slots[docID(p.Path)] = int32(slot)
	}
	ix.nums = make([]uint64, len(ix.pages))
	var err error
	ix.reader, err = ix.engine.documents(func(num uint64, id string) {
		for uint64(len(ix.docs)) <= num {
			ix.docs = append(ix.docs, -1)
		}
		ix.docs[num] = slots[id]
		ix.nums[slots[id]] = num
	})
	return err
}
