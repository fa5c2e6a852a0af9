package static

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are the colours that meet, by their names in the style sheet, with the
// contrast they need: 4.5 for text and 3 for the edges of controls (WCAG 2.2,
// 1.4.3 and 1.4.11), more where people read long or tired.
var pairs = []struct {
	front, back string
	least       float64
}{
	{"text", "bg", 12}, {"text", "raised", 10}, {"text", "sunk", 10}, {"text", "mark", 4.5}, {"text", "critical-tint", 4.5}, {"text", "warning-tint", 4.5}, {"text", "accent-tint", 4.5},
	{"muted", "bg", 5.5}, {"muted", "raised", 5.5}, {"muted", "sunk", 4.5}, {"muted", "accent-tint", 4.5},
	{"accent", "bg", 4.5}, {"accent", "raised", 4.5}, {"accent", "sunk", 4.5}, {"accent", "accent-tint", 4.5}, {"on-accent", "accent", 4.5},
	{"critical", "bg", 4.5}, {"critical", "critical-tint", 4.5}, {"warning", "bg", 4.5}, {"warning", "warning-tint", 4.5},
	{"ok", "bg", 4.5}, {"ok", "raised", 4.5}, {"note", "bg", 4.5}, {"control", "bg", 3}, {"control", "raised", 3},
	{"text", "heat-1", 7}, {"text", "heat-2", 7}, {"text", "heat-3", 7}, {"text", "heat-4", 7}, {"text", "heat-5", 5.5},
	{"accent", "warning-tint", 4.5}, {"accent", "critical-tint", 4.5},
}

var (
	token     = regexp.MustCompile(`--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)
	codeToken = regexp.MustCompile(`(?m)^\.([a-z]) \{ color: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestContrast(t *testing.T) {
	css := string(Load().ByName["site.css"])
	colours := map[string][2]string{}
	for _, m := range token.FindAllStringSubmatch(css, -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	modes := [2]string{"light", "dark"}
	for _, p := range pairs {
		front, ok1 := colours[p.front]
		back, ok2 := colours[p.back]
		if !ok1 || !ok2 {
			t.Errorf("no colour %s or %s in the style sheet", p.front, p.back)
			continue
		}
		for i, mode := range modes {
			if got := contrast(t, front[i], back[i]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", mode, p.front, p.back, got, p.least)
			}
		}
	}
	tokens := codeToken.FindAllStringSubmatch(css, -1)
	if len(tokens) != 9 {
		t.Errorf("%d colours of code tokens, want 9", len(tokens))
	}
	for _, m := range tokens {
		for i, mode := range modes {
			for _, back := range []string{"sunk", "mark"} {
				if got := contrast(t, m[i+2], colours[back][i]); got < 4.5 {
					t.Errorf("%s: code token .%s on %s is %.2f, want 4.5", mode, m[1], back, got)
				}
			}
		}
	}
}

func TestFiles(t *testing.T) {
	f := Load()
	if len(f.Hash) != 12 {
		t.Errorf("hash = %q", f.Hash)
	}
	for _, name := range []string{"site.css", "site.js", "icon.svg", "icon-192.png", "card.png", "site.webmanifest"} {
		if len(f.ByName[name]) == 0 {
			t.Errorf("no %s", name)
		}
	}
	if css := string(f.ByName["site.css"]); strings.Contains(css, "@import") || strings.Contains(css, "url(") {
		t.Error("the style sheet loads something else")
	}
}
