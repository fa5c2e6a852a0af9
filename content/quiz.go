package content

import (
	"html/template"
	"strings"

	"opsbook/content/markdown"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// checkHeading is the heading of a page's knowledge check.
const checkHeading = "check yourself"

// Question is one question of a knowledge check, rendered.
type Question struct {
	Anchor      string
	Text        template.HTML // inline
	Choices     []QuizChoice
	Explanation template.HTML // blocks
}

// QuizChoice is one choice of a question.
type QuizChoice struct {
	Text  template.HTML // inline
	Right bool
}

// question is a Question before it is rendered.
type question struct {
	heading markdown.Heading
	list    *ast.List
	after   []ast.Node // the explanation
}

// questionsOf returns the questions of the "Check yourself" section at the end
// of a document: each level-3 heading with a task list. Anything else there is prose.
func questionsOf(doc *markdown.Doc) []question {
	var out []question
	inside := false
	for _, h := range doc.Headings {
		if h.Level <= 2 {
			inside = h.Level == 2 && strings.EqualFold(h.Text, checkHeading)
			continue
		}
		if !inside || h.Level != 3 {
			continue
		}
		q := question{heading: h}
		for n := h.Node.NextSibling(); n != nil && n.Kind() != ast.KindHeading; n = n.NextSibling() {
			if list, ok := n.(*ast.List); ok && q.list == nil && taskOf(list.FirstChild()) != nil {
				q.list = list
				continue
			}
			if q.list != nil {
				q.after = append(q.after, n)
			}
		}
		if q.list != nil {
			out = append(out, q)
		}
	}
	return out
}

// taskOf returns the check box at the start of a list item, or nil.
func taskOf(item ast.Node) *extast.TaskCheckBox {
	if item == nil || item.FirstChild() == nil || item.FirstChild().FirstChild() == nil {
		return nil
	}
	box, _ := item.FirstChild().FirstChild().(*extast.TaskCheckBox)
	return box
}
