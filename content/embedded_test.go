package content

import (
	"context"
	"math"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// These tests hold what the embedded library promises as a whole.

func TestItemsSayWhyAndHowToVerify(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Embedded())
	practices := map[string]map[string]bool{}
	for _, p := range lib.Pages() {
		if p.Checklist == nil {
			continue
		}
		body, err := lib.Render(p)
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]string{}
		for _, s := range p.Checklist.Sections {
			level := 0
			for _, it := range s.Items {
				html := string(body.Items[it.ID])
				why, _, verify := strings.Cut(html, "<strong>How to verify:</strong>")
				if !p.Checklist.Anonymous && (!verify || len(why) < 20 || !strings.Contains(html, "<a href=")) {
					t.Errorf("%s: %s lacks why, how to verify or a link", p.File, it.ID)
				}
				if it.Level < level {
					t.Errorf("%s: %s (level %d) stands after level %d in %s", p.File, it.ID, it.Level, level, s.Title)
				}
				level = it.Level
				if len(p.Checklist.Levels) > 0 && it.Level > len(p.Checklist.Levels) {
					t.Errorf("%s: %s has level %d of %d", p.File, it.ID, it.Level, len(p.Checklist.Levels))
				}
				if other, same := claims[strings.ToLower(it.Claim)]; same {
					t.Errorf("%s: %s and %s say the same", p.File, other, it.ID)
				}
				claims[strings.ToLower(it.Claim)] = it.ID
				if it.Practice != "" {
					if practices[it.Practice] == nil {
						practices[it.Practice] = map[string]bool{}
					}
					practices[it.Practice][p.Path] = true
				}
			}
		}
	}
	shared := 0
	for _, lists := range practices {
		if len(lists) > 1 {
			shared++
		}
	}
	t.Logf("%d practices, %d of them in several checklists", len(practices), shared)
}

// plainScore computes score, coverage and level once more, as directly as the
// rule is written.
func plainScore(c *Checklist, answers map[string]Answer, now time.Time) (share, coverage float64, level int) {
	items := c.Items()
	value := func(it *Item) float64 {
		a := answers[it.ID]
		switch {
		case it.Scale != "" && a.State != "" && a.State != NotApplicable:
			return float64(a.State[0]-'1') / float64(len(c.Scales[it.Scale])-1)
		case a.State == Yes && it.Expires > 0 && now.Sub(a.At) > time.Duration(it.Expires)*24*time.Hour, a.State == Partly:
			return 0.5
		case a.State == Yes:
			return 1
		}
		return 0
	}
	applies := func(it *Item) bool { return answers[it.ID].State != NotApplicable }
	scoreOf := func(upTo int) float64 {
		var sum, weights float64
		for _, it := range items {
			if it.Level <= upTo && applies(it) {
				sum += it.Weight * value(it)
				weights += it.Weight
			}
		}
		if weights == 0 {
			return 0
		}
		return sum / weights
	}
	answered := 0
	for _, it := range items {
		if answers[it.ID].State != "" {
			answered++
		}
	}
	for l := 1; l <= len(c.Levels) && slices.ContainsFunc(items, applies); l++ {
		own := slices.ContainsFunc(items, func(it *Item) bool { return it.Level == l && applies(it) })
		missed := slices.ContainsFunc(items, func(it *Item) bool { return it.Must && it.Level <= l && applies(it) && value(it) < 1 })
		if own && (missed || scoreOf(l) < c.Threshold-1e-9) {
			break
		}
		level = l
	}
	return scoreOf(9), float64(answered) / float64(len(items)), level
}

func TestEveryChecklistScoresAsTheRuleSays(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Embedded())
	old := now.AddDate(-11, 0, 0)
	best := func(c *Checklist, it *Item) State {
		if n := c.Positions(it); n > 0 {
			return State(rune('0' + n))
		}
		return Yes
	}
	worst := func(c *Checklist, it *Item) State {
		if c.Positions(it) > 0 {
			return "1"
		}
		return No
	}
	ways := map[string]func(c *Checklist, it *Item, i int) Answer{
		"all yes":       func(c *Checklist, it *Item, _ int) Answer { return Answer{State: best(c, it), At: now} },
		"all no":        func(c *Checklist, it *Item, _ int) Answer { return Answer{State: worst(c, it), At: now} },
		"all n/a":       func(*Checklist, *Item, int) Answer { return Answer{State: NotApplicable, At: now} },
		"nothing":       func(*Checklist, *Item, int) Answer { return Answer{} },
		"all yes, aged": func(c *Checklist, it *Item, _ int) Answer { return Answer{State: best(c, it), At: old} },
		"alternating": func(c *Checklist, it *Item, i int) Answer {
			return [...]Answer{{State: best(c, it), At: now}, {State: worst(c, it), At: now}, {State: NotApplicable, At: now}, {}}[i%4]
		},
		"level 1 only": func(c *Checklist, it *Item, _ int) Answer {
			if it.Level == 1 {
				return Answer{State: best(c, it), At: now}
			}
			return Answer{}
		},
	}
	for _, p := range lib.Pages() {
		if p.Checklist == nil {
			continue
		}
		for way, give := range ways {
			answers := map[string]Answer{}
			for i, it := range p.Checklist.Items() {
				answers[it.ID] = give(p.Checklist, it, i)
			}
			got := p.Checklist.Score(answers, now)
			share, coverage, level := plainScore(p.Checklist, answers, now)
			if math.Abs(got.Share-share) > 1e-9 || math.Abs(got.Coverage-coverage) > 1e-9 || got.Level != level {
				t.Errorf("%s, %s: score %v coverage %v level %d, want %v %v %d", p.File, way, got.Share, got.Coverage, got.Level, share, coverage, level)
			}
		}
	}
}

var runnable = regexp.MustCompile("(?ms)^( *)```sh runnable\n(.*?)^ *```")

func TestRunnableBlocksRun(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Embedded())
	for _, p := range lib.Pages() {
		for _, m := range runnable.FindAllStringSubmatch(string(p.body), -1) {
			script := strings.ReplaceAll("\n"+m[2], "\n"+m[1], "\n")
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			cmd := exec.CommandContext(ctx, "sh", "-u") // without -e: as pasted into a shell
			cmd.Dir = t.TempDir()
			cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + cmd.Dir, "LC_ALL=C.UTF-8"}
			cmd.Stdin = strings.NewReader(script)
			out, err := cmd.CombinedOutput()
			cancel()
			if err != nil {
				t.Errorf("%s: %v\n%s\n%s", p.File, err, script, out)
			}
		}
	}
}

// TestGuidesAreLinked holds that a reader can stumble upon every guide.
func TestGuidesAreLinked(t *testing.T) {
	t.Parallel()
	lib := Build(nil, Options{}, Embedded())
	for _, p := range lib.Pages() {
		if p.Kind != Guide || !strings.HasPrefix(p.Path, "guides/") || p.Path == "guides/about" {
			continue
		}
		n := 0
		for _, b := range lib.Backlinks(p.Path) {
			if b.Kind == Guide {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%s is linked from %d other guides, want 2", p.File, n)
		}
	}
}
