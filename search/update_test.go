package search_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"opsbook/content"
	"opsbook/search"
)

func update(t testing.TB, ix *search.Index, lib *content.Library) *search.Index {
	t.Helper()
	next, err := ix.Update(context.Background(), lib)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := next.Close(); err != nil {
			t.Error(err)
		}
	})
	return next
}

func TestUpdateFollowsTheLibrary(t *testing.T) {
	t.Parallel()
	docs := maps.Clone(pages)
	before := library(t, docs)
	old := build(t, before)
	docs["guides/pool.md"] = "---\ntitle: Diving\n---\nMind the whirlpool.\n"
	docs["guides/new.md"] = "---\ntitle: Brand new\n---\nFreshly painted.\n"
	docs["glossary.yaml"] = "- term: Whirlpool\n  also: [maelstrom]\n  text: Turns.\n"
	delete(docs, "guides/contract.md")
	after := content.Build(before, content.Options{}, content.Memory("test", docs))
	ix := update(t, old, after)
	for _, test := range []struct {
		ix   *search.Index
		text string
		want []string
	}{
		{ix, "whirlpool", []string{"guides/pool"}},
		{ix, "maelstrom", []string{"guides/pool"}},
		{ix, "freshly", []string{"guides/new"}},
		{ix, "towel", nil},
		{ix, "promise", nil},
		{ix, "truncate", []string{"playbooks/disk"}},
		{old, "whirlpool", nil},
		{old, "towel", []string{"guides/pool"}},
		{old, "promise", []string{"guides/contract"}},
		{old, "truncate", []string{"playbooks/disk"}},
	} {
		res, paths := ask(t, test.ix, search.Query{Text: test.text, Exact: true})
		if !slices.Equal(paths, test.want) {
			t.Errorf("%q finds %q, want %q", test.text, paths, test.want)
		}
		for _, h := range res.Hits {
			if h.Page != test.ix.Library().Page(h.Page.Path) {
				t.Errorf("%q: the page %s is not the index's library's", test.text, h.Page.Path)
			}
		}
	}
	if res, _ := ask(t, ix, search.Query{Text: "promize"}); res.Corrected != "" {
		t.Errorf("a word that is gone corrects another to %q", res.Corrected)
	}
}

// What an update leaves must be what a build from scratch makes.
func TestManyUpdatesAreOneBuild(t *testing.T) {
	t.Parallel()
	docs := maps.Clone(pages)
	lib := library(t, docs)
	ix := build(t, lib)
	for i := range 60 {
		docs["guides/pool.md"] = fmt.Sprintf("---\ntitle: Pool %d\n---\nThe error budget of pool%d.\n", i, i)
		if i%7 == 0 {
			docs[fmt.Sprintf("guides/n%d.md", i)] = fmt.Sprintf("# Note %d\n\nAn error budget.\n", i)
		}
		if i%11 == 0 {
			delete(docs, fmt.Sprintf("guides/n%d.md", i-i%7))
		}
		lib = content.Build(lib, content.Options{}, content.Memory("test", docs))
		ix = update(t, ix, lib)
	}
	fresh := build(t, lib)
	for _, text := range []string{"error budget", "pool59", "pool58", "note", "disk full", "servce"} {
		res, paths := ask(t, ix, search.Query{Text: text})
		want, wantPaths := ask(t, fresh, search.Query{Text: text})
		if !slices.Equal(paths, wantPaths) || res.Corrected != want.Corrected {
			t.Errorf("%q finds %q (%q) after updates and %q (%q) from scratch", text, paths, res.Corrected, wantPaths, want.Corrected)
		}
		for i := range res.Hits {
			if res.Hits[i].Score != want.Hits[i].Score {
				t.Errorf("%q: %s has the score %v after updates and %v from scratch", text, paths[i], res.Hits[i].Score, want.Hits[i].Score)
			}
		}
	}
}

func TestAnOldIndexMayBeUpdatedToo(t *testing.T) {
	t.Parallel()
	docs := maps.Clone(pages)
	first := library(t, docs)
	old := build(t, first)
	docs["a.md"] = "# Apple\n\nOne way."
	one := update(t, old, content.Build(first, content.Options{}, content.Memory("test", docs)))
	delete(docs, "a.md")
	docs["b.md"] = "# Banana\n\nOther way."
	other := update(t, old, content.Build(first, content.Options{}, content.Memory("test", docs)))
	for _, test := range []struct {
		ix   *search.Index
		text string
		want []string
	}{{one, "apple", []string{"a"}}, {one, "banana", nil}, {other, "apple", nil}, {other, "banana", []string{"b"}}} {
		if _, paths := ask(t, test.ix, search.Query{Text: test.text, Exact: true}); !slices.Equal(paths, test.want) {
			t.Errorf("%q finds %q, want %q", test.text, paths, test.want)
		}
	}
}

func TestClosedIndexStillAnswersAndUpdates(t *testing.T) {
	t.Parallel()
	docs := maps.Clone(pages)
	lib := library(t, docs)
	ix := build(t, lib)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	docs["a.md"] = "# Apple\n\nLate."
	next := update(t, ix, content.Build(lib, content.Options{}, content.Memory("test", docs)))
	for _, i := range []*search.Index{ix, next} {
		if _, paths := ask(t, i, search.Query{Text: "disk full"}); len(paths) == 0 {
			t.Error("a closed index finds nothing")
		}
	}
}
