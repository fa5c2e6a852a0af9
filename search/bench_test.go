package search_test

import (
	"context"
	"fmt"
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

// benchSource returns the corpus given by -corpus, else the embedded library.
func benchSource(b *testing.B) *content.Source {
	b.Helper()
	if *corpusDir == "" {
		return content.Embedded()
	}
	source, err := content.NewFolder(*corpusDir).Scan()
	if err != nil {
		b.Fatal(err)
	}
	return source
}

func benchLibrary(b *testing.B) *content.Library {
	b.Helper()
	return content.Build(nil, content.Options{}, benchSource(b))
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

// BenchmarkUpdate edits one page again and again, the rebuilds in between included.
func BenchmarkUpdate(b *testing.B) {
	source := benchSource(b)
	lib := content.Build(nil, content.Options{}, source)
	ix := build(b, lib)
	page := lib.Pages()[0]
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		edit := content.Memory("edit", map[string]string{page.File: fmt.Sprintf("%s\nEdited %d times.\n", page.Markdown, n)})
		lib = content.Build(lib, content.Options{}, source, edit)
		b.StartTimer()
		next, err := ix.Update(context.Background(), lib)
		if err != nil {
			b.Fatal(err)
		}
		ix = next
	}
	if err := ix.Close(); err != nil {
		b.Fatal(err)
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
