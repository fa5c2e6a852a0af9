package search

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"

	"opsbook/content"
)

// A field is a part of a page with a weight and a length of its own.
type field uint8

const (
	title field = iota
	headings
	urlPath
	description
	tags // and the alerts that a playbook answers
	text
	code
	numFields
)

func (f field) String() string {
	return [numFields]string{"title", "headings", "path", "description", "tags", "text", "code"}[f]
}

// batchPages is how many pages are analysed and written at once: larger batches need
// more memory for a moment, smaller ones leave more segments to search for good.
const batchPages = 200

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

// sizes are the lengths of a page, in words.
type sizes [numFields]int32

// Build returns an Index over a Library's pages and glossary. The vocabulary of the
// embedded glossary counts even where the Library does not have it. It takes about
// a second for 400 pages; ctx stops it.
func Build(ctx context.Context, lib *content.Library) (*Index, error) {
	e, err := openEngine()
	if err != nil {
		return nil, err
	}
	ix := &Index{lib: lib, pages: lib.Pages(), engine: e, rank: defaultRanking()}
	uses := map[string]use{}
	for chunk := range slices.Chunk(ix.pages, batchPages) {
		docs := make([]*document.Document, len(chunk))
		for i, p := range chunk {
			docs[i] = pageDocument(p)
		}
		err := ctx.Err()
		if err == nil {
			err = e.write(docs, nil)
		}
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		for _, doc := range docs {
			ix.sizes = append(ix.sizes, measure(doc, 1, uses))
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
	docs := make([]*document.Document, len(changed))
	for i, p := range changed {
		docs[i] = pageDocument(p)
	}
	if err := ix.engine.write(docs, gone); err != nil {
		return nil, err
	}
	measured := make(map[*content.Page]sizes, len(ix.pages))
	for slot, p := range ix.pages {
		measured[p] = ix.sizes[slot]
	}
	for i, p := range changed {
		measured[p] = measure(docs[i], 1, uses)
	}
	for _, p := range ix.pages {
		if lib.Page(p.Path) != p {
			doc := pageDocument(p)
			analyze(doc)
			measure(doc, -1, uses)
		}
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

// passage is what stands under one heading of a page.
type passage struct {
	anchor, heading string
	text, code      string
}

// passages returns the parts of a page: the introduction, which may be empty, the
// sections, then the headings without text of their own.
func passages(p *content.Page) []passage {
	list := make([]passage, 1, len(p.Headings)+1)
	seen := make(map[string]bool, len(p.Headings))
	for _, s := range p.Sections {
		part := passage{s.Anchor, s.Heading, s.Text, s.Code}
		if s.Anchor == "" {
			list[0] = part
			continue
		}
		seen[s.Anchor] = true
		list = append(list, part)
	}
	for _, h := range p.Headings {
		if !seen[h.Anchor] {
			list = append(list, passage{anchor: h.Anchor, heading: h.Text})
		}
	}
	return list
}

var slugSpaces = strings.NewReplacer("/", " ", "-", " ", "_", " ", ".", " ")

// docID returns the id of a page's document, which may not be empty as a path may.
func docID(path string) string { return "/" + path }

// pageDocument returns the document of a page. The array position of a heading, a
// text and code is the number of its passage.
func pageDocument(p *content.Page) *document.Document {
	doc := document.NewDocument(docID(p.Path))
	add := func(f field, passage int, s string) {
		if s == "" {
			return
		}
		options := index.IndexField
		if slices.Contains(placed[:], f) {
			options |= index.IncludeTermVectors
		}
		doc.AddField(document.NewTextFieldCustom(f.String(), []uint64{uint64(passage)}, []byte(s), options, analyzer{}))
	}
	add(title, 0, p.Title)
	add(urlPath, 0, slugSpaces.Replace(p.Path))
	add(description, 0, p.Description)
	for _, t := range slices.Concat(p.Tags, p.Alerts) {
		add(tags, 0, t)
	}
	for n, part := range passages(p) {
		add(headings, n, part.heading)
		add(text, n, part.text)
		add(code, n, part.code)
	}
	return doc
}

// analyze does for a document what writing it does, without writing it.
func analyze(doc *document.Document) {
	doc.VisitFields(func(f index.Field) { f.Analyze() })
}

// measure returns the lengths of an analysed document and adds its words to uses,
// n times.
func measure(doc *document.Document, n int32, uses map[string]use) sizes {
	var z sizes
	fields := map[string]uint8{}
	doc.VisitFields(func(f index.Field) {
		id := fieldNamed(f.Name())
		if id == numFields {
			return // bleve's own
		}
		z[id] += int32(f.AnalyzedLength())
		for w := range f.AnalyzedTokenFrequencies() {
			fields[w] |= 1 << id
		}
	})
	for w, in := range fields {
		u := uses[w]
		u.pages += n
		if in&(1<<title|1<<headings|1<<urlPath) != 0 {
			u.top += n
		}
		if n > 0 {
			u.fields |= in
		}
		uses[w] = u
	}
	return z
}

func fieldNamed(name string) field {
	for f := range numFields {
		if f.String() == name {
			return f
		}
	}
	return numFields
}
