package site

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// node is an element of a served page.
type node struct{ *html.Node }

// parse reads a page.
func (f *fixture) parse(path string) node {
	f.t.Helper()
	doc, err := html.Parse(strings.NewReader(f.wants(path)))
	if err != nil {
		f.t.Fatal(err)
	}
	return node{doc}
}

func (n node) attr(name string) string {
	for _, a := range n.Attr {
		if strings.EqualFold(a.Key, name) {
			return a.Val
		}
	}
	return ""
}

// all returns the elements below n with a name and, if it is not empty, a class.
func (n node) all(name, class string) []node {
	var out []node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name && (class == "" || slices.Contains(strings.Fields(node{d}.attr("class")), class)) {
			out = append(out, node{d})
		}
	}
	return out
}

// text returns the words of an element.
func (n node) text() string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// rows returns the cells of a table's rows.
func (n node) rows() [][]node {
	var out [][]node
	for _, tr := range n.all("tr", "") {
		var cells []node
		for c := range tr.ChildNodes() {
			if c.Type == html.ElementNode {
				cells = append(cells, node{c})
			}
		}
		out = append(out, cells)
	}
	return out
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%q is no number: %v", text, err)
	}
	return f
}

var percentText = regexp.MustCompile(`(\d+)%`)

// percentIn returns the first percentage of a text, −1 without one.
func percentIn(t *testing.T, text string) float64 {
	t.Helper()
	m := percentText.FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	return number(t, m[1])
}

// point is where a mark of a chart stands, and what it says.
type point struct {
	x, y  float64
	title string
}

func (n node) points(t *testing.T) []point {
	t.Helper()
	var out []point
	for _, dot := range n.all("path", "dot") {
		x, y, ok := strings.Cut(strings.Trim(strings.TrimPrefix(dot.attr("transform"), "translate"), "()"), " ")
		if !ok {
			t.Fatalf("a mark at %q", dot.attr("transform"))
		}
		out = append(out, point{number(t, x), number(t, y), dot.text()})
	}
	return out
}

// corners returns the points of a polygon or a line.
func (n node) corners(t *testing.T) []point {
	t.Helper()
	var out []point
	for pair := range strings.FieldsSeq(n.attr("points")) {
		x, y, _ := strings.Cut(pair, ",")
		out = append(out, point{x: number(t, x), y: number(t, y)})
	}
	return out
}

// checkLine compares a line chart with the table beside it: the scale is read off
// the labels, and from it the score of every point.
func checkLine(t *testing.T, section node) {
	t.Helper()
	svg := section.all("svg", "")[0]
	var zero, full float64
	for _, label := range svg.all("text", "") {
		switch y := label.attr("y"); label.text() {
		case "0%":
			zero = number(t, y) - 4
		case "100%":
			full = number(t, y) - 4
		}
	}
	rows := section.all("table", "")[0].rows()[1:]
	slices.Reverse(rows) // the oldest first, as on the chart
	points, n, lastX := svg.points(t), 0, 0.0
	for _, row := range rows {
		want := percentIn(t, row[1].text())
		if want < 0 {
			continue // nothing applied: no point
		}
		if n == len(points) {
			t.Fatalf("%d points for %d rows", n, len(rows))
		}
		p := points[n]
		n++
		if drawn := 100 * (zero - p.y) / (zero - full); math.Abs(drawn-want) > 0.6 || percentIn(t, p.title) != want || !strings.HasPrefix(p.title, row[0].text()) {
			t.Errorf("a point shows %.1f%% and says %q, its row is %s %v%%", drawn, p.title, row[0].text(), want)
		}
		if p.x <= lastX {
			t.Errorf("%s stands left of the month before it", p.title)
		}
		lastX = p.x
		for _, g := range svg.all("g", "run") {
			rect := g.all("rect", "")[0]
			x, level := number(t, rect.attr("x")), g.all("text", "")[0].text()
			if p.x >= x && p.x < x+number(t, rect.attr("width")) && !strings.HasPrefix(row[2].text(), strings.Replace(level, "0", "none", 1)) {
				t.Errorf("%s: the chart shows level %s, the table %s", row[0].text(), level, row[2].text())
			}
		}
	}
	if n != len(points) {
		t.Errorf("%d points, and %d rows with a score", len(points), n)
	}
	var corners []point
	for _, line := range svg.all("polyline", "line") {
		corners = append(corners, line.corners(t)...)
	}
	for _, c := range corners {
		if !slices.ContainsFunc(points, func(p point) bool { return p.x == c.x && p.y == c.y }) {
			t.Errorf("a line bends at %v, where there is no point", c)
		}
	}
}

// checkRadar compares a radar with the table of sections.
func checkRadar(t *testing.T, section node) {
	t.Helper()
	svg := section.all("svg", "")[0]
	rings := svg.all("polygon", "grid")
	outer := rings[len(rings)-1].corners(t)
	var middle point
	for _, c := range outer {
		middle.x += c.x / float64(len(outer))
		middle.y += c.y / float64(len(outer))
	}
	length := func(p point) float64 { return math.Hypot(p.x-middle.x, p.y-middle.y) }
	rows := section.all("table", "")[0].rows()
	for side := range len(rows[0]) - 1 {
		g := svg.all("g", fmt.Sprint("series-", side+1))[0]
		points, n := g.points(t), 0
		for i, row := range rows[1:] {
			want := percentIn(t, row[side+1].text())
			if want < 0 || strings.HasPrefix(row[side+1].text(), "n/a") {
				continue
			}
			p := points[n]
			n++
			drawn := 100 * length(p) / length(outer[i])
			apart := math.Hypot((p.x-middle.x)/length(p)-(outer[i].x-middle.x)/length(outer[i]), (p.y-middle.y)/length(p)-(outer[i].y-middle.y)/length(outer[i]))
			if math.Abs(drawn-want) > 0.7 || percentIn(t, p.title) != want || length(p) > 1 && apart > 0.05 || !strings.Contains(p.title, row[0].text()) {
				t.Errorf("side %d: a point shows %.1f%%, %.2f off its spoke, and says %q; its row is %s %v%%", side+1, drawn, apart, p.title, row[0].text(), want)
			}
		}
		if n != len(points) || len(g.all("polygon", "line")[0].corners(t)) != n {
			t.Errorf("side %d has %d points, its column %d numbers", side+1, len(points), n)
		}
	}
}

// checkBars compares the bars of the levels with their table.
func checkBars(t *testing.T, section node) {
	t.Helper()
	svg, rows := section.all("svg", "")[0], section.all("table", "")[0].rows()
	for side := range len(rows[0]) - 1 {
		groups := svg.all("g", fmt.Sprint("series-", side+1))
		if len(groups) != len(rows)-1 {
			t.Fatalf("side %d has %d bars, want %d", side+1, len(groups), len(rows)-1)
		}
		for i, row := range rows[1:] {
			bar, cell := groups[i].all("rect", "level")[0], row[side+1].text()
			drawn := 100 * number(t, bar.attr("width")) / number(t, groups[i].all("rect", "rail")[0].attr("width"))
			want := max(percentIn(t, cell), 0)
			holds := slices.Contains(strings.Fields(bar.attr("class")), "holds")
			if math.Abs(drawn-want) > 0.6 || holds != strings.HasSuffix(cell, "holds") || want > 0 && percentIn(t, groups[i].text()) != want {
				t.Errorf("side %d, %s: the bar shows %.1f%%, holds %v, and says %q; the table says %q", side+1, row[0].text(), drawn, holds, groups[i].text(), cell)
			}
		}
	}
}

// section returns the part of a page under a heading's id.
func (n node) section(t *testing.T, id string) node {
	t.Helper()
	for _, s := range n.all("section", "") {
		if s.attr("aria-labelledby") == id {
			return s
		}
	}
	t.Fatalf("no section %s", id)
	return node{}
}
