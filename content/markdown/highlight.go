package markdown

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// The lexers are Chroma's own definitions (MIT, see lexers/LICENSE) of the
// languages operations people write. Importing Chroma's lexer package instead
// would register 279 of them at every start.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

// lexers returns the registry. It is filled at the first code block and then
// read-only: start-up does not wait for it.
var lexers = sync.OnceValue(func() *chroma.LexerRegistry {
	reg := chroma.NewLexerRegistry()
	names, err := fs.Glob(lexerFiles, "lexers/*.xml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		reg.Register(chroma.MustNewXMLLexer(lexerFiles, name))
	}
	return reg
})

// languageAliases are names people write that Chroma does not know.
var languageAliases = map[string]string{"shell": "bash", "sh": "bash", "zsh": "bash", "console": "bash-session", "shell-session": "bash-session", "text": "plaintext", "yml": "yaml", "jsonc": "json"}

// maxHighlight is the size in bytes above which code is shown without colours.
const maxHighlight = 64 << 10

// fence is the info string of a fenced code block:
//
//	language title="deploy.sh" {2,4-5} anything else
type fence struct {
	language string
	title    string
	marked   func(line int) bool
}

var (
	fenceTitle = regexp.MustCompile(`title="([^"]*)"`)
	fenceLines = regexp.MustCompile(`\{([0-9, -]+)\}`)
)

func parseFence(info string) fence {
	f := fence{marked: func(int) bool { return false }}
	language, rest, _ := strings.Cut(strings.TrimSpace(info), " ")
	if i := strings.IndexByte(language, '{'); i >= 0 {
		language, rest = language[:i], language[i:]+" "+rest
	}
	f.language = strings.ToLower(language)
	if m := fenceTitle.FindStringSubmatch(rest); m != nil {
		f.title = m[1]
	}
	if m := fenceLines.FindStringSubmatch(rest); m != nil {
		f.marked = lineSet(m[1])
	}
	return f
}

// lineSet reads "2,4-5".
func lineSet(s string) func(int) bool {
	type span struct{ from, to int }
	var spans []span
	for part := range strings.SplitSeq(s, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.Atoi(strings.TrimSpace(from))
		if err != nil {
			continue
		}
		b := a
		if ranged {
			if b, err = strconv.Atoi(strings.TrimSpace(to)); err != nil {
				continue
			}
		}
		spans = append(spans, span{a, b})
	}
	return func(line int) bool {
		for _, s := range spans {
			if s.from <= line && line <= s.to {
				return true
			}
		}
		return false
	}
}

func (r nodeRenderer) fencedCode(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		var f fence
		if info := n.(*ast.FencedCodeBlock).Info; info != nil {
			f = parseFence(string(info.Segment.Value(src)))
		} else {
			f = parseFence("")
		}
		writeCode(w, f, string(n.Lines().Value(src)))
	}
	return ast.WalkSkipChildren, nil
}

func (r nodeRenderer) indentedCode(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeCode(w, parseFence(""), string(n.Lines().Value(src)))
	}
	return ast.WalkSkipChildren, nil
}

// writeCode writes a code block. A script adds the copy button.
func writeCode(w util.BufWriter, f fence, code string) {
	_, _ = w.WriteString(`<div class="code">`)
	if f.title != "" {
		_, _ = w.WriteString(`<p class="title">`)
		escape(w, f.title)
		_, _ = w.WriteString("</p>")
	}
	_, _ = w.WriteString(`<pre tabindex="0"`)
	if f.language != "" && f.language != "text" {
		_, _ = w.WriteString(` data-lang="`)
		escape(w, f.language)
		_ = w.WriteByte('"')
	}
	_, _ = w.WriteString("><code>")
	for i, line := range tokenLines(f.language, code) {
		if f.marked(i + 1) {
			_, _ = w.WriteString(`<mark>`)
			writeTokens(w, line)
			_, _ = w.WriteString(`</mark>`)
			continue
		}
		writeTokens(w, line)
	}
	_, _ = w.WriteString("</code></pre></div>\n")
}

func writeTokens(w util.BufWriter, tokens []chroma.Token) {
	for _, t := range tokens {
		class := tokenClass(t.Type)
		if class == "" || strings.TrimSpace(t.Value) == "" {
			escape(w, t.Value)
			continue
		}
		_, _ = fmt.Fprintf(w, `<span class="%s">`, class)
		escape(w, t.Value)
		_, _ = w.WriteString("</span>")
	}
}

// tokenLines splits code into lines of tokens; code of an unknown language, or
// too much of it, is one plain token a line.
func tokenLines(language, code string) [][]chroma.Token {
	if alias, ok := languageAliases[language]; ok {
		language = alias
	}
	lexer := lexers().Get(language)
	if language == "" || lexer == nil || len(code) > maxHighlight {
		return plainLines(code)
	}
	tokens, err := chroma.Tokenise(chroma.Coalesce(lexer), nil, code)
	if err != nil {
		return plainLines(code)
	}
	return chroma.SplitTokensIntoLines(tokens)
}

func plainLines(code string) [][]chroma.Token {
	var lines [][]chroma.Token
	for line := range strings.Lines(code) {
		lines = append(lines, []chroma.Token{{Type: chroma.Text, Value: line}})
	}
	return lines
}

// TokenClasses are the classes of code tokens, which the style sheet colours.
var TokenClasses = [...]string{"c", "k", "s", "n", "f", "o", "p", "d", "i"}

// tokenClass folds Chroma's hundred token types into nine classes: comment,
// keyword, string, number, function or tag, output, prompt, deleted, inserted.
func tokenClass(t chroma.TokenType) string {
	switch {
	case t == chroma.GenericDeleted:
		return "d"
	case t == chroma.GenericInserted:
		return "i"
	case t == chroma.GenericPrompt:
		return "p"
	case t == chroma.GenericOutput:
		return "o"
	case t.InCategory(chroma.Comment):
		return "c"
	case t.InCategory(chroma.Keyword):
		return "k"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "n"
	case t == chroma.NameFunction, t == chroma.NameTag, t == chroma.NameAttribute, t == chroma.NameBuiltin, t == chroma.NameClass:
		return "f"
	}
	return ""
}
