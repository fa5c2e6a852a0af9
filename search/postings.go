package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"
)

// place is where a word stands on a page.
type place struct {
	field      field
	passage    int32
	pos        int32 // in the passage, in words
	start, end int32 // in the passage, in bytes
}

// mentions calls visit with the pages and fields that have a form, and how often.
func (rq *request) mentions(ctx context.Context, f form, visit func(slot int32, fd field, n int)) error {
	if len(f.words) == 1 {
		w := rq.ix.words.word(f.words[0])
		for fd := range numFields {
			if w == nil || !w.in(fd) {
				continue
			}
			if err := rq.ix.frequencies(ctx, w.text, fd, visit); err != nil {
				return fmt.Errorf("read index: %w", err)
			}
		}
		return nil
	}
	found, err := rq.phrase(ctx, f)
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	for fd, spots := range found {
		count := map[int32]int{}
		for s := range spots {
			count[s.slot]++
		}
		for slot, n := range count {
			visit(slot, field(fd), n)
		}
	}
	return nil
}

// frequencies calls visit for each page that has a word in a field.
func (ix *Index) frequencies(ctx context.Context, word string, fd field, visit func(slot int32, fd field, n int)) error {
	r, err := ix.reader.TermFieldReader(ctx, []byte(word), fd.String(), true, false, false)
	if err != nil {
		return err
	}
	defer r.Close()
	var into index.TermFieldDoc
	for {
		d, err := r.Next(into.Reset())
		if err != nil || d == nil {
			return err
		}
		visit(ix.docs[d.ID.Value()], fd, int(d.Freq))
	}
}

// places calls visit with the places of a word in a field of the given documents,
// in ascending order; in all documents where nums is nil.
func (ix *Index) places(ctx context.Context, word string, fd field, nums []uint64, visit func(slot int32, p place)) error {
	r, err := ix.reader.TermFieldReader(ctx, []byte(word), fd.String(), true, false, true)
	if err != nil {
		return err
	}
	defer r.Close()
	var into index.TermFieldDoc
	var id index.IndexInternalID
	for i := 0; nums == nil || i < len(nums); {
		var d *index.TermFieldDoc
		if nums == nil {
			d, err = r.Next(into.Reset())
		} else {
			id = index.NewIndexInternalID(id, nums[i])
			d, err = r.Advance(id, into.Reset())
		}
		if err != nil || d == nil {
			return err
		}
		if nums != nil {
			n, wanted := slices.BinarySearch(nums[i:], d.ID.Value())
			i += n
			if !wanted {
				continue
			}
			i++
		}
		for _, v := range d.Vectors {
			visit(ix.docs[d.ID.Value()], place{fd, int32(v.ArrayPositions[0]), int32(v.Pos), int32(v.Start), int32(v.End)})
		}
	}
	return nil
}

// spot is where a phrase begins, or would begin.
type spot struct {
	slot, passage, pos int32
}

// extent is what a phrase covers, in bytes.
type extent struct {
	start, end int32
}

// spots are all places of a phrase, by field.
type spots [numFields]map[spot]extent

// phrase returns where a form's words stand next to each other. It reads each phrase
// once a request.
func (rq *request) phrase(ctx context.Context, f form) (*spots, error) {
	key := strings.Join(f.words, " ")
	if f.inflect {
		key += " *"
	}
	if found, ok := rq.phrases[key]; ok {
		return found, nil
	}
	found := &spots{}
	rq.phrases[key] = found
	variants, order := rq.ix.variants(f)
	if order == nil {
		return found, nil
	}
	for _, fd := range placed {
		var err error
		if found[fd], err = rq.ix.meet(ctx, variants, order, fd); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// variants returns the known words that each word of a form may be, and the order
// in which to read them, the rarest first; no order where a word is unknown.
func (ix *Index) variants(f form) (variants [][]*word, order []int) {
	variants = make([][]*word, len(f.words))
	pages := make([]int32, len(f.words))
	for i, text := range f.words {
		if w := ix.words.word(text); w != nil {
			variants[i] = append(variants[i], w)
		}
		if f.inflect && i == len(f.words)-1 {
			for _, other := range ix.words.family(text) {
				if other != text && inflected(text, other) {
					variants[i] = append(variants[i], ix.words.word(other))
				}
			}
		}
		if len(variants[i]) == 0 {
			return nil, nil
		}
		for _, w := range variants[i] {
			pages[i] += w.pages
		}
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(pages[a] - pages[b]) })
	return variants, order
}

// meet returns where in a field one of each word's variants stand next to each other.
func (ix *Index) meet(ctx context.Context, variants [][]*word, order []int, fd field) (map[spot]extent, error) {
	var found map[spot]extent
	for step, i := range order {
		var nums []uint64
		if step > 0 {
			nums = ix.documents(found)
		}
		next := map[spot]extent{}
		for _, w := range variants[i] {
			if !w.in(fd) {
				continue
			}
			err := ix.places(ctx, w.text, fd, nums, func(slot int32, p place) {
				s := spot{slot, p.passage, p.pos - int32(i)}
				before, ok := found[s]
				if step == 0 {
					next[s] = extent{p.start, p.end}
				} else if ok {
					next[s] = extent{min(p.start, before.start), max(p.end, before.end)}
				}
			})
			if err != nil {
				return nil, err
			}
		}
		if found = next; len(found) == 0 {
			return nil, nil
		}
	}
	return found, nil
}

// documents returns the numbers of the documents that have the spots, ascending.
func (ix *Index) documents(found map[spot]extent) []uint64 {
	nums := make([]uint64, 0, len(found))
	for s := range found {
		nums = append(nums, ix.nums[s.slot])
	}
	slices.Sort(nums)
	return slices.Compact(nums)
}
