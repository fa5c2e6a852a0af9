package search

import (
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

// placed are the fields whose words have places: where a phrase can stand.
var placed = [...]field{title, headings, description, text, code}

// passage is what stands under one heading of a page.
type passage struct {
	anchor, heading string
	text, code      string
}

// passages returns the parts of a page: the introduction, which may be empty, and
// its sections.
func passages(p *content.Page) []passage {
	list := make([]passage, 1, len(p.Sections)+1)
	for _, s := range p.Sections {
		part := passage{s.Anchor, s.Heading, s.Text, s.Code}
		if s.Anchor == "" {
			list[0] = part
			continue
		}
		list = append(list, part)
	}
	return list
}

// pageField is a field of one page as bleve takes it. Its values are those of the
// passages, in order; a field that passages do not have has one value.
type pageField struct {
	id     field
	values []string
	length int // words
	words  index.TokenFrequencies
}

func (f *pageField) Name() string                                     { return f.id.String() }
func (f *pageField) ArrayPositions() []uint64                         { return nil }
func (f *pageField) Value() []byte                                    { return nil } // never stored
func (f *pageField) EncodedFieldType() byte                           { return 't' }
func (f *pageField) AnalyzedLength() int                              { return f.length }
func (f *pageField) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.words }
func (f *pageField) Size() int                                        { return int(f.NumPlainTextBytes()) }

func (f *pageField) Options() index.FieldIndexingOptions {
	if slices.Contains(placed[:], f.id) {
		return index.IndexField | index.IncludeTermVectors
	}
	return index.IndexField
}

func (f *pageField) NumPlainTextBytes() uint64 {
	n := 0
	for _, v := range f.values {
		n += len(v)
	}
	return uint64(n)
}

// Analyze finds the words of the values and their places, whose array position is the
// number of the passage.
func (f *pageField) Analyze() {
	tokens := make([]token, 0, f.NumPlainTextBytes()/5)
	ends := make([]int, len(f.values)) // in tokens, by passage
	for n, v := range f.values {
		tokens = appendTokens(tokens, v)
		ends[n] = len(tokens)
	}
	f.length = len(tokens)
	f.words = make(index.TokenFrequencies, len(tokens)/2)
	for _, t := range tokens {
		w := f.words[t.text]
		if w == nil {
			w = &index.TokenFreq{Term: []byte(t.text)}
			f.words[t.text] = w
		}
		w.SetFrequency(w.Frequency() + 1)
	}
	if !f.Options().IncludeTermVectors() {
		return
	}
	places := make([]index.TokenLocation, len(tokens))
	pointers := make([]*index.TokenLocation, len(tokens)) // of all words, one word after the other
	at := 0
	for n, end := range ends {
		passage := []uint64{uint64(n)}
		for ; at < end; at++ {
			t := &tokens[at]
			places[at] = index.TokenLocation{ArrayPositions: passage, Start: t.start, End: t.end, Position: t.pos}
			w := f.words[t.text]
			if w.Locations == nil {
				w.Locations, pointers = pointers[:0:w.Frequency()], pointers[w.Frequency():]
			}
			w.Locations = append(w.Locations, &places[at])
		}
	}
}

var slugSpaces = strings.NewReplacer("/", " ", "-", " ", "_", " ", ".", " ")

// docID returns the id of a page's document, which may not be empty as a path may.
func docID(path string) string { return "/" + path }

// pageFields returns the fields of a page.
func pageFields(p *content.Page) []*pageField {
	parts := passages(p)
	of := func(value func(passage) string) []string {
		values := make([]string, len(parts))
		for n, part := range parts {
			values[n] = value(part)
		}
		return values
	}
	return []*pageField{
		{id: title, values: []string{p.Title}},
		{id: headings, values: of(func(part passage) string { return part.heading })},
		{id: urlPath, values: []string{slugSpaces.Replace(p.Path)}},
		{id: description, values: []string{p.Description}},
		{id: tags, values: slices.Concat(p.Tags, p.Alerts)},
		{id: text, values: of(func(part passage) string { return part.text })},
		{id: code, values: of(func(part passage) string { return part.code })},
	}
}

// newDocument returns the document of a page.
func newDocument(p *content.Page, fields []*pageField) *document.Document {
	doc := document.NewDocument(docID(p.Path))
	for _, f := range fields {
		doc.AddField(f)
	}
	return doc
}

// sizes are the lengths of a page, in words.
type sizes [numFields]int32

// measure returns the lengths of analysed fields and adds the page's words to uses,
// n times.
func measure(fields []*pageField, n int32, uses map[string]use) sizes {
	var z sizes
	in := map[string]uint8{}
	for _, f := range fields {
		z[f.id] = int32(f.length)
		for w := range f.words {
			in[w] |= 1 << f.id
		}
	}
	for w, mask := range in {
		u := uses[w]
		u.pages += n
		if mask&(1<<title|1<<headings|1<<urlPath) != 0 {
			u.top += n
		}
		if n > 0 {
			u.fields |= mask
		}
		uses[w] = u
	}
	return z
}
