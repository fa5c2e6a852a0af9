package content

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content/markdown"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"golang.org/x/text/unicode/norm"
)

// Checklist is the answerable part of a page of kind checklist.
type Checklist struct {
	Levels    []string // names of levels 1, 2, …; none: score and coverage only
	Threshold float64  // share of the score a level needs besides its musts
	Labels    map[State]string
	Bands     []Band              // of the sum of values, highest first
	Scales    map[string][]string // ordered choices by name, worst first
	Per       string              // what one answer is about; empty: the owner itself
	Anonymous bool                // a survey, whose answers are not in the log
	Aliases   map[string]string   // old item id to new
	Sections  []ItemSection
}

// ItemSection is a group of items under one level-2 heading.
type ItemSection struct {
	Title  string // empty for items before the first level-2 heading
	Anchor string
	Items  []*Item
}

// Item is one claim that can be answered.
type Item struct {
	ID       string // permanent; also its anchor
	Claim    string
	Level    int     // 1 to 9
	Must     bool    // its level is not reached without an unexpired yes
	Weight   float64 // above 0
	Expires  int     // days after which a yes is to be confirmed; 0: never
	Practice string  // shared by items of several checklists; may be empty
	Scale    string  // name of a scale instead of yes, partly, no; may be empty
	Text     string  // claim and explanation as plain text
	TextHash string  // identifies Text: spacing, attributes and link targets do not count
	Line     int
}

// Band names a range of the sum of values.
type Band struct {
	Min  float64
	Name string
}

// State is what an answer says: Yes, Partly, No, NotApplicable, or on an item
// with a scale the position as text, "1" being the worst choice.
type State string

// The states of an item without a scale. The empty State means not answered;
// recorded in the log it means that an answer was taken back.
const (
	Yes           State = "yes"
	Partly        State = "partly"
	No            State = "no"
	NotApplicable State = "na"
)

// Answer is one answer to one item. Its zero value is "not answered".
type Answer struct {
	State    State
	Note     string    // required with NotApplicable: the reason
	Evidence []string  // URLs
	At       time.Time // when it was given
	By       string    // display name; empty: someone
	Seq      int64     // counts the answers to this item from 1; 0: never answered
	TextHash string    // of the item's text when it was answered
}

// Items returns all items in order.
func (c *Checklist) Items() []*Item {
	var out []*Item
	for _, s := range c.Sections {
		out = append(out, s.Items...)
	}
	return out
}

// Item returns the item with the id, or the one that took it over; else nil.
func (c *Checklist) Item(id string) *Item {
	if now, ok := c.Aliases[id]; ok {
		id = now
	}
	for _, s := range c.Sections {
		for _, it := range s.Items {
			if it.ID == id {
				return it
			}
		}
	}
	return nil
}

// Positions returns the number of choices of an item's scale, 0 without one.
func (c *Checklist) Positions(it *Item) int { return len(c.Scales[it.Scale]) }

// Valid reports whether s answers the item; the empty state does.
func (c *Checklist) Valid(it *Item, s State) bool {
	switch s {
	case "", NotApplicable:
		return true
	case Yes, Partly, No:
		return it.Scale == ""
	}
	p, err := strconv.Atoi(string(s))
	return err == nil && strconv.Itoa(p) == string(s) && 1 <= p && p <= c.Positions(it)
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// maxItems bounds a checklist, so that its page and its summary stay usable.
const maxItems = 500

// parseChecklist reads the checklist of a page: its front matter from m, its
// items from doc.
func parseChecklist(p *Page, doc *markdown.Doc, m *meta) (*Checklist, []Problem) {
	c := &Checklist{Levels: m.list("levels"), Threshold: 0.8, Per: m.text("per"), Anonymous: m.flag("anonymous")}
	if f, ok := m.fraction("threshold"); ok {
		c.Threshold = f
	}
	if len(c.Levels) > 9 {
		m.fail(m.values["levels"], "levels", "want at most 9 names")
	}
	m.decode("labels", &c.Labels, "names by state, such as {yes: …, no: …}")
	m.decode("scales", &c.Scales, "lists of choices by name, worst first")
	m.decode("item_aliases", &c.Aliases, "new ids by old id")
	m.decode("bands", &c.Bands, "a list of {min: …, name: …}")
	slices.SortStableFunc(c.Bands, func(a, b Band) int { return int(math.Copysign(1, b.Min-a.Min)) })
	for name, choices := range c.Scales {
		if len(choices) < 2 {
			m.fail(m.values["scales"], "scales", name+" needs at least two choices")
		}
	}
	problems := c.readItems(p, doc)
	for old, now := range c.Aliases {
		if it := c.Item(now); it == nil || it.ID != now {
			m.fail(m.values["item_aliases"], "item_aliases", fmt.Sprintf("%s points to %s, which is no item", old, now))
		}
	}
	if len(c.Items()) > maxItems {
		problems = append(problems, Problem{Message: fmt.Sprintf("a checklist has at most %d items", maxItems)})
	}
	return c, problems
}

// readItems fills the sections. Level-2 headings begin a section, level-3
// headings are items.
func (c *Checklist) readItems(p *Page, doc *markdown.Doc) []Problem {
	var problems []Problem
	for _, h := range doc.Headings {
		if h.Node.Parent() != doc.Root {
			continue // in a quote or a list: prose
		}
		line := h.Line + p.lines
		if strings.HasSuffix(h.Text, "}") && strings.Contains(h.Text, "{") {
			problems = append(problems, Problem{Line: line, Message: "the attributes " + h.Text[strings.LastIndex(h.Text, "{"):] + " cannot be read: want {#id level=1 .must weight=2}"})
			continue
		}
		switch h.Level {
		case 2:
			c.Sections = append(c.Sections, ItemSection{Title: h.Text, Anchor: h.Anchor})
		case 3:
			it, found := c.readItem(h, line)
			for i := range found {
				found[i].Line = line
			}
			problems = append(problems, found...)
			if h.Repeated != "" {
				problems = append(problems, Problem{Line: line, Message: "the id " + h.Repeated + " stands twice"})
				continue
			}
			it.Text = it.Claim
			for n := h.Node.NextSibling(); n != nil && n.Kind() != ast.KindHeading && n.Kind() != extast.KindFootnoteList; n = n.NextSibling() {
				it.Text += "\n" + markdown.PlainText(n, doc.Source)
			}
			it.TextHash = HashText(it.Text)
			if len(c.Sections) == 0 {
				c.Sections = append(c.Sections, ItemSection{})
			}
			last := &c.Sections[len(c.Sections)-1]
			last.Items = append(last.Items, it)
		}
	}
	// A heading without items, such as a closing note, is prose.
	c.Sections = slices.DeleteFunc(c.Sections, func(s ItemSection) bool { return len(s.Items) == 0 })
	return problems
}

// readItem reads one item from its heading's attributes.
func (c *Checklist) readItem(h markdown.Heading, line int) (*Item, []Problem) {
	it := &Item{ID: h.Anchor, Claim: h.Text, Level: 1, Weight: 1, Line: line}
	var problems []Problem
	bad := func(format string, args ...any) {
		problems = append(problems, Problem{Message: "item " + it.ID + ": " + fmt.Sprintf(format, args...)})
	}
	if !h.Explicit {
		problems = append(problems, Problem{Warning: true, Message: "item “" + it.Claim + "” has no id of its own: write {#" + h.Anchor + "}, so that its answers survive a new wording"})
	} else if !idPattern.MatchString(it.ID) {
		bad("an id has small letters, digits and hyphens and begins with a letter")
	}
	for name, value := range h.Attrs {
		switch name {
		case "class":
			for class := range strings.FieldsSeq(value) {
				if class != "must" {
					bad("unknown mark .%s: want .must", class)
				}
			}
			it.Must = slices.Contains(strings.Fields(value), "must")
		case "level":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 9 {
				bad("level=%s: want 1 to 9", value)
			}
			it.Level = n
		case "weight":
			f, err := strconv.ParseFloat(value, 64)
			if err != nil || !(f > 0) || f > 1000 {
				bad("weight=%s: want a number above 0", value)
			}
			it.Weight = f
		case "expires":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 3650 {
				bad("expires=%s: want 1 to 3650 days", value)
			}
			it.Expires = n
		case "practice":
			if !idPattern.MatchString(value) {
				bad("practice=%q: want small letters, digits and hyphens", value)
			}
			it.Practice = value
		case "scale":
			if c.Scales[value] == nil {
				bad("scale=%q is not in scales", value)
			}
			it.Scale = value
		default:
			bad("unknown attribute %s", name)
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Message, b.Message) })
	return it, problems
}

// HashText identifies an item's plain text: its NFC form with white space
// collapsed. It is the first 16 bytes of SHA-256 in hexadecimal.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(norm.NFC.String(strings.Join(strings.Fields(text), " "))))
	return hex.EncodeToString(sum[:16])
}

// Moved returns the answers with those of renamed items under their new ids,
// where the new item has none of its own. Such an answer has Seq 0: the new id
// has its own count.
func (c *Checklist) Moved(answers map[string]Answer) map[string]Answer {
	if len(c.Aliases) == 0 {
		return answers
	}
	out := make(map[string]Answer, len(answers))
	for id, a := range answers {
		out[id] = a
	}
	for _, old := range slices.Sorted(maps.Keys(c.Aliases)) {
		now := c.Aliases[old]
		a, had := answers[old]
		if _, has := answers[now]; !had || has || a.State == "" || a.At.Before(out[now].At) {
			continue // of several former items, the latest answer moves
		}
		a.Seq = 0
		out[now] = a
	}
	return out
}

// Reworded reports whether the item says something else than when it was answered.
func (it *Item) Reworded(a Answer) bool {
	// A summary keeps only the beginning of a hash.
	return a.TextHash != "" && !strings.HasPrefix(it.TextHash, a.TextHash)
}
