package search_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/search"
)

// benchLibrary returns the corpus given by -corpus, else the embedded library.
func benchLibrary(b *testing.B) *content.Library {
	b.Helper()
	if *corpusDir == "" {
		return content.Build(nil, content.Options{}, content.Embedded())
	}
	source, err := content.NewFolder(*corpusDir).Scan()
	if err != nil {
		b.Fatal(err)
	}
	return content.Build(nil, content.Options{}, source)
}

// benchQueries returns the judged queries: of the corpus given by -queries, else of the library.
func benchQueries(b *testing.B) []string {
	b.Helper()
	var texts []string
	if *queriesFile != "" {
		for _, j := range corpusQueries(b) {
			texts = append(texts, j.Query)
		}
		return texts
	}
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if columns := strings.Split(line, "\t"); len(columns) == 3 {
			texts = append(texts, columns[1])
		}
	}
	return texts
}

// run asks the texts in turn and reports how long the slowest hundredth takes.
func run(b *testing.B, ix *search.Index, texts []string, limit int) {
	b.Helper()
	b.ReportAllocs()
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		began := time.Now()
		if _, err := ix.Search(context.Background(), search.Query{Text: texts[n%len(texts)], Limit: limit}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkBuild(b *testing.B) {
	lib := benchLibrary(b)
	b.ReportAllocs()
	for b.Loop() {
		ix, err := search.Build(context.Background(), lib)
		if err != nil {
			b.Fatal(err)
		}
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	lib := benchLibrary(b)
	ix := build(b, lib)
	page := lib.Pages()[0]
	b.ReportAllocs()
	for b.Loop() {
		edited := *page
		// Alternating over one Index builds anew each time, so each update follows the last.
		changed := content.Build(lib, content.Options{}, content.Memory("edit", map[string]string{edited.File: string(edited.Markdown) + "\nEdited.\n"}))
		next, err := ix.Update(context.Background(), changed)
		if err != nil {
			b.Fatal(err)
		}
		ix = next
	}
}

func BenchmarkSearch(b *testing.B) {
	run(b, build(b, benchLibrary(b)), benchQueries(b), 20)
}

// BenchmarkSuggest searches after every key of the queries.
func BenchmarkSuggest(b *testing.B) {
	var typed []string
	for _, text := range benchQueries(b) {
		for i := range text {
			if i > 0 && utf8.RuneStart(text[i]) {
				typed = append(typed, text[:i])
			}
		}
		typed = append(typed, text)
	}
	run(b, build(b, benchLibrary(b)), typed, 8)
}

func BenchmarkHostile(b *testing.B) {
	ix := build(b, benchLibrary(b))
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		b.Run(name, func(b *testing.B) { run(b, ix, []string{hostile[name]}, 20) })
	}
}
