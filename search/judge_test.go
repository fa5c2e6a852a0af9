package search_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"opsbook/content"
	"opsbook/search"
)

var (
	corpusDir   = flag.String("corpus", "", "folder of pages to evaluate search over")
	queriesFile = flag.String("queries", "", "judged queries over the corpus, JSON lines")
	idsFile     = flag.String("ids", "", "table from the queries' page ids (column 1) to the corpus' files (column 2); default: corpus.tsv beside the queries")
	misses      = flag.Int("misses", 0, "list so many of the worst queries")
)

// judged is a query with the pages that answer it.
type judged struct {
	Query string         `json:"q"`
	Kind  string         `json:"kind"`
	Pages map[string]int `json:"rel"` // grade by path: 3 the page to read, 2 a section answers, 1 a mention
}

// quality is how good one answer is, or the mean of many.
type quality struct {
	ndcg, mrr, s1, s3, s5, zero float64
}

// grade compares the paths found, best first, with what was judged. nDCG@10 has the
// gains 7, 3, 1 (Järvelin & Kekäläinen 2002, with 2^grade − 1); the others count pages
// of grade 2 and 3.
func (j judged) grade(found []string) quality {
	gain := func(grade, at int) float64 { return (math.Pow(2, float64(grade)) - 1) / math.Log2(float64(at+2)) }
	var q quality
	for at, path := range found[:min(len(found), 10)] {
		q.ndcg += gain(j.Pages[path], at)
		if j.Pages[path] < 2 || q.mrr > 0 {
			continue
		}
		q.mrr = 1 / float64(at+1)
		for limit, s := range map[int]*float64{1: &q.s1, 3: &q.s3, 5: &q.s5} {
			if at < limit {
				*s = 1
			}
		}
	}
	ideal := 0.0
	best := slices.SortedFunc(maps.Values(j.Pages), func(a, b int) int { return cmp.Compare(b, a) })
	for at, grade := range best[:min(len(best), 10)] {
		ideal += gain(grade, at)
	}
	q.ndcg /= ideal
	if len(found) == 0 {
		q.zero = 1
	}
	return q
}

func (q quality) String() string {
	return fmt.Sprintf("nDCG@10 %.3f  MRR@10 %.3f  S@1 %.3f  S@3 %.3f  S@5 %.3f  zero %.3f", q.ndcg, q.mrr, q.s1, q.s3, q.s5, q.zero)
}

// evaluation is the quality of many answers, over all and by kind.
type evaluation struct {
	all   quality
	kinds map[string]quality
	lines []string // one a query, the worst first
}

// evaluate asks the queries; id names a hit's page as the judgements do.
func evaluate(t *testing.T, ix *search.Index, queries []judged, id func(*content.Page) string) evaluation {
	t.Helper()
	by := map[string][]quality{}
	lines := map[string]float64{}
	for _, j := range queries {
		res, err := ix.Search(context.Background(), search.Query{Text: j.Query, Limit: 10})
		if err != nil {
			t.Fatalf("search %q: %v", j.Query, err)
		}
		var found []string
		for _, h := range res.Hits {
			found = append(found, id(h.Page))
		}
		q := j.grade(found)
		by[""] = append(by[""], q)
		by[j.Kind] = append(by[j.Kind], q)
		lines[fmt.Sprintf("%.2f [%s] %s: %s", q.ndcg, j.Kind, j.Query, strings.Join(found[:min(len(found), 4)], ", "))] = q.ndcg
	}
	e := evaluation{all: mean(by[""]), kinds: map[string]quality{}}
	for kind, list := range by {
		if kind != "" {
			e.kinds[kind] = mean(list)
		}
	}
	e.lines = slices.SortedFunc(maps.Keys(lines), func(a, b string) int { return cmp.Compare(lines[a], lines[b]) })
	return e
}

func mean(list []quality) quality {
	var m quality
	for _, q := range list {
		n := float64(len(list))
		m.ndcg += q.ndcg / n
		m.mrr += q.mrr / n
		m.s1 += q.s1 / n
		m.s3 += q.s3 / n
		m.s5 += q.s5 / n
		m.zero += q.zero / n
	}
	return m
}

// TestJudgedLibrary holds the ranking of the embedded library to a floor. The test's
// output with -misses=10 names the queries that pull it down.
func TestJudgedLibrary(t *testing.T) {
	lib := content.Build(nil, content.Options{}, content.Embedded())
	e := evaluate(t, build(t, lib), libraryQueries(t, lib), func(p *content.Page) string { return p.Path })
	t.Log(e.all)
	for _, line := range e.lines[:min(*misses, len(e.lines))] {
		t.Log(line)
	}
	const floor, success = .85, .95
	if e.all.ndcg < floor || e.all.s3 < success || e.all.zero > 0 {
		t.Errorf("search over the library: %v; want nDCG@10 ≥ %v, S@3 ≥ %v and no query without result; the worst:\n%s",
			e.all, floor, success, strings.Join(e.lines[:min(10, len(e.lines))], "\n"))
	}
}

// libraryQueries reads testdata/queries.tsv and checks that it names pages that exist.
func libraryQueries(t *testing.T, lib *content.Library) []judged {
	t.Helper()
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var queries []judged
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 3 {
			t.Fatalf("queries.tsv:%d: want kind, query and pages, separated by tabs", n+1)
		}
		j := judged{Query: columns[1], Kind: columns[0], Pages: map[string]int{}}
		for _, item := range strings.Fields(columns[2]) {
			path, grade, _ := strings.Cut(item, ":")
			if j.Pages[path], err = strconv.Atoi(grade); err != nil || lib.Page(path) == nil {
				t.Errorf("queries.tsv:%d: %q is no page of the library with a grade", n+1, item)
			}
		}
		queries = append(queries, j)
	}
	return queries
}

// TestEval prints the quality of search over a corpus that is not part of the
// project, for make eval: go test ./search -run TestEval -v -corpus DIR -queries FILE.
func TestEval(t *testing.T) {
	if *corpusDir == "" || *queriesFile == "" {
		t.Log("no -corpus and -queries given")
		return
	}
	source, err := content.NewFolder(*corpusDir).Scan()
	if err != nil {
		t.Fatal(err)
	}
	ids := corpusIDs(t)
	e := evaluate(t, build(t, content.Build(nil, content.Options{}, source)), corpusQueries(t), func(p *content.Page) string {
		return cmp.Or(ids[p.File], p.File)
	})
	for _, line := range e.lines[:min(*misses, len(e.lines))] {
		fmt.Println(line)
	}
	fmt.Printf("%-9s %v\n", "all", e.all)
	for _, kind := range slices.Sorted(maps.Keys(e.kinds)) {
		fmt.Printf("%-9s %v\n", kind, e.kinds[kind])
	}
}

func corpusQueries(t testing.TB) []judged {
	t.Helper()
	data, err := os.ReadFile(*queriesFile)
	if err != nil {
		t.Fatal(err)
	}
	var queries []judged
	for dec := json.NewDecoder(bytes.NewReader(data)); dec.More(); {
		var j judged
		if err := dec.Decode(&j); err != nil {
			t.Fatalf("%s: %v", *queriesFile, err)
		}
		queries = append(queries, j)
	}
	return queries
}

// corpusIDs returns the judgements' id of each file of the corpus.
func corpusIDs(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(cmp.Or(*idsFile, filepath.Join(filepath.Dir(*queriesFile), "corpus.tsv")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ids := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if columns := strings.Split(lines.Text(), "\t"); len(columns) > 1 {
			ids[columns[1]] = columns[0]
		}
	}
	return ids
}

func build(t testing.TB, lib *content.Library) *search.Index {
	t.Helper()
	ix, err := search.Build(context.Background(), lib)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	return ix
}
