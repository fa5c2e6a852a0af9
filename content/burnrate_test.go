package content

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// fenced returns the code block of a page with a title.
func fenced(t *testing.T, p *Page, title string) string {
	t.Helper()
	m := regexp.MustCompile("(?ms)^```yaml title=\"" + regexp.QuoteMeta(title) + "\"\n(.*?)^```").FindSubmatch(p.body)
	if m == nil {
		t.Fatalf("%s has no block %s", p.File, title)
	}
	return string(m[1])
}

var burnPart = regexp.MustCompile(`rate(\d+)([mhd])\{[^}]*\} > ([0-9.]+) \* ([0-9.]+)`)

// TestBurnRateRules works out the limits of the rules that readers paste into
// Prometheus, and runs promtool's own tests where it is installed.
func TestBurnRateRules(t *testing.T) {
	t.Parallel()
	p := Build(nil, Options{}, Embedded()).Page("guides/observability/burn-rate-alerts")
	rules := fenced(t, p, "burn-rate-rules.yml")
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal([]byte(rules), &file); err != nil {
		t.Fatal(err)
	}
	// The share of a 30-day budget that each alert may let go, by its long window.
	spent := map[time.Duration]float64{time.Hour: 0.02, 6 * time.Hour: 0.05, 72 * time.Hour: 0.10}
	seen := 0
	for _, r := range file.Groups[0].Rules {
		parts := burnPart.FindAllStringSubmatch(r.Expr, -1)
		if len(parts) != 2 {
			continue
		}
		seen++
		var windows [2]time.Duration
		for i, m := range parts {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			windows[i] = time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
			burn, err := strconv.ParseFloat(m[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			if want := spent[windows[0]] * float64(month) / float64(windows[0]); math.Abs(burn-want) > 1e-9 {
				t.Errorf("%s: burn rate %v, want %v", r.Alert, burn, want)
			}
			if m[4] != "0.001" {
				t.Errorf("%s: budget %s, want 0.001", r.Alert, m[4])
			}
		}
		if windows[0] != 12*windows[1] {
			t.Errorf("%s: windows %v and %v, want a twelfth", r.Alert, windows[0], windows[1])
		}
	}
	if seen != len(spent) {
		t.Errorf("%d alerts with two windows, want %d", seen, len(spent))
	}
	promtool(t, rules, fenced(t, p, "burn-rate-test.yml"))
}

// promtool runs the tests of the page where the program is installed; the
// arithmetic above holds everywhere.
func promtool(t *testing.T, rules, tests string) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not installed: only the arithmetic was checked")
		return
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"burn-rate-rules.yml": rules, "burn-rate-test.yml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), tool, "test", "rules", "burn-rate-test.yml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Error(fmt.Errorf("promtool: %w\n%s", err, out))
	}
}
