// Copied reports runs of words that pages share with other people's pages:
//
//	go run .ci/copied.go OURS THEIRS
//
// It compares the prose of the Markdown files below the two folders, without
// code, tables of links, addresses and front matter, and exits 1 where a run of
// twelve words or more is the same.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// run is the length from which words in common are no accident.
const run = 12

var (
	frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
	fences      = regexp.MustCompile("(?ms)^ *(```|~~~).*?^ *(```|~~~) *$")
	code        = regexp.MustCompile("`[^`\n]*`")
	links       = regexp.MustCompile(`\]\([^)]*\)|https?://\S+|<[^>\n]*>`)
	words       = regexp.MustCompile(`[\pL\pN]+(?:['’][\pL]+)?`)
)

// prose returns the words of a page, lower case.
func prose(text string) []string {
	text = frontMatter.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
	text = fences.ReplaceAllString(text, "\n")
	text = links.ReplaceAllString(code.ReplaceAllString(text, " "), " ")
	return words.FindAllString(strings.ToLower(text), -1)
}

// pages calls visit with every Markdown file below a folder.
func pages(dir string, visit func(name string, words []string)) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		visit(name, prose(string(data)))
		return nil
	})
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run .ci/copied.go OURS THEIRS")
		os.Exit(2)
	}
	theirs := map[string]string{}
	err := pages(os.Args[2], func(name string, words []string) {
		for i := 0; i+run <= len(words); i++ {
			theirs[strings.Join(words[i:i+run], " ")] = name
		}
	})
	found := 0
	if err == nil {
		err = pages(os.Args[1], func(name string, words []string) {
			for i := 0; i+run <= len(words); i++ {
				text := strings.Join(words[i:i+run], " ")
				if other, same := theirs[text]; same {
					found++
					fmt.Printf("%s: “%s” stands in %s too\n", name, text, other)
					i += run
				}
			}
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if found > 0 {
		os.Exit(1)
	}
}
