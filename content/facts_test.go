package content

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The prose of the library is full of sums. TestSums works them all out again,
// and TestFacts recomputes the numbers on which pages must agree, so that a
// wrong edit fails.

// duration writes a time as pages do: "7 h 12 min", "43 min 12 s".
func duration(d time.Duration) string {
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(math.Round(d.Seconds()))%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case m > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	}
	return fmt.Sprintf("%d s", s)
}

const month = 30 * 24 * time.Hour

// downtime is what an objective allows in a window.
func downtime(slo float64, window time.Duration) time.Duration {
	return time.Duration(math.Round((1-slo)*float64(window)/1e6) * 1e6)
}

func TestFacts(t *testing.T) {
	t.Parallel()
	// The maps of DORA's quick check: ordered choices 1 to 6, and percentages.
	choice := func(c float64) float64 { return (c - 1) / 5 * 10 }
	percent := func(p float64) float64 { return 10 - p/10 }
	lead, frequency, recovery, fail, rework := choice(4), choice(5), choice(5), percent(10), percent(15)
	facts := []struct{ page, text string }{
		{"guides/reliability/slos-and-error-budgets", "| 99% | 1% | " + duration(downtime(0.99, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", "| 99.5% | 0.5% | " + duration(downtime(0.995, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", "| 99.9% | 0.1% | " + duration(downtime(0.999, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", "| 99.95% | 0.05% | " + duration(downtime(0.9995, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", "| 99.99% | 0.01% | " + duration(downtime(0.9999, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", "| 99.999% | 0.001% | " + duration(downtime(0.99999, month)) + " |"},
		{"guides/reliability/slos-and-error-budgets", fmt.Sprintf("÷ 3 = %.0f h", 0.6*720/3)},
		{"guides/foundations/what-is-devops", fmt.Sprintf("12 × 40 = %d min, or %d h", 12*40, 12*40/60)},
		{"guides/delivery/delivery-metrics", fmt.Sprintf("%.1f, %.1f, %.1f, %.1f and %.1f add up to", lead, frequency, recovery, fail, rework)},
		{"guides/delivery/delivery-metrics", fmt.Sprintf("÷ 3 = %.2f", (lead+frequency+recovery)/3)},
		{"guides/delivery/delivery-metrics", fmt.Sprintf("÷ 2 = %.2f", (fail+rework)/2)},
		{"guides/delivery/delivery-metrics", fmt.Sprintf("÷ 5 = %.1f", (lead+frequency+recovery+fail+rework)/5)},
		{"guides/delivery/continuous-integration", fmt.Sprintf("0.99²⁰⁰ = %.1f%%", 100*math.Pow(0.99, 200))},
		{"guides/delivery/deploy-strategies", fmt.Sprintf("3 / 0.001 = %s clean requests", "3,000")},
		{"guides/systems/life-of-a-request", fmt.Sprintf("1 − 0.366 = %.1f%%", 100*(1-math.Pow(0.99, 100)))},
		{"guides/systems/networking-for-responders", fmt.Sprintf("28,232 ÷ 60 ≈ %.0f", math.Floor(28232.0/60))},
		{"guides/systems/queues-and-caches", fmt.Sprintf("1,200,000 ÷ (500 − 300) = %s s", "6,000")},
		{"guides/platform/capacity-and-load-testing", fmt.Sprintf("takes %.0f ms at 50%%, %.0f ms at 80%%, %.0f ms at 90%% and %.0f ms at 95%%", 20/(1-.5), 20/(1-.8), 20/(1-.9), 20/(1-.95))},
		{"guides/platform/cloud-cost", fmt.Sprintf("1,000 × 1 KB × 86,400 s = %.1f GB a day", 1000*86400*1e3/1e9)},
		{"guides/reliability/availability-math", fmt.Sprintf("0.9995 × (1 − 0.001²) = %.4f%%", 100*0.9995*(1-0.001*0.001))},
		{"guides/reliability/timeouts-and-retries", fmt.Sprintf("5² = %.0f", math.Pow(5, 2))},
		{"guides/on-call/designing-a-rotation", fmt.Sprintf("2 ÷ 6 = %.0f%%", 100*2.0/6)},
		{"guides/on-call/designing-a-rotation", fmt.Sprintf("2 ÷ 0.25 = %.0f", math.Ceil(2/0.25))},
		{"guides/on-call/designing-a-rotation", fmt.Sprintf("10 ÷ 14 = %.2f", 10.0/14)},
		{"guides/on-call/designing-a-rotation", fmt.Sprintf("%s h a year", "8,760")},
		{"guides/observability/burn-rate-alerts", fmt.Sprintf("0.02 × 720 ÷ 1 = %.1f", 0.02*720)},
		{"guides/observability/burn-rate-alerts", fmt.Sprintf("720 ÷ 14.4 = %.0f h", 720/14.4)},
		{"guides/observability/burn-rate-alerts", fmt.Sprintf("0.0144 × 3,600 s ÷ 1 = %.2f s", 0.0144*3600)},
		{"guides/observability/burn-rate-alerts", fmt.Sprintf("limits are %.2f, %.1f and %.2f", 0.02*672, 0.05*672/6, 0.1*672/72)},
		{"guides/observability/metrics-that-tell-the-truth", fmt.Sprintf("(98 × 50 + 2 × 5,000) ÷ 100 = %d ms", (98*50+2*5000)/100)},
		{"guides/observability/metrics-that-tell-the-truth", "10 services × 50 routes × 5 status codes × 20 pods = 50,000"},
		{"guides/reliability/backups-and-recovery", fmt.Sprintf("2,000,000 ÷ 200 = %s s", "10,000")},
	}
	lib := Build(nil, Options{}, Embedded())
	for _, f := range facts {
		p := lib.Page(f.page)
		if p == nil {
			t.Errorf("no page %s", f.page)
			continue
		}
		if !strings.Contains(string(p.body), f.text) {
			t.Errorf("%s does not say %q", p.File, f.text)
		}
	}
}

// sum matches "EXPRESSION = NUMBER" in prose. Units stand after numbers.
var sum = regexp.MustCompile(`([0-9(][0-9.,()⁰¹²³⁴⁵⁶⁷⁸⁹ \x{a0}×÷/+−%€a-zA-Z]*?) (=|≈) (−?€?[0-9][0-9.,]*)(%?)(?:\s?(k|K|M|million|billion)\b)?`)

var (
	number   = regexp.MustCompile(`^€?([0-9][0-9,]*(?:\.[0-9]+)?)`)
	unit     = regexp.MustCompile(`^[ \x{a0}]?(?:[a-zA-Z]+(?:[ \x{a0}](?:of|a|per|the|in)[ \x{a0}][a-zA-Z]+)?)`)
	exponent = strings.NewReplacer("⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
	powers   = regexp.MustCompile(`^[⁰¹²³⁴⁵⁶⁷⁸⁹]+`)
)

// dates tells sums of days from sums of numbers.
var dates = regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`)

// mixed reports whether hours and minutes are added up.
func mixed(expression string) bool {
	return strings.ContainsAny(expression, "+−") && strings.Contains(expression, " h") && strings.Contains(expression, " min")
}

// calculation evaluates + − × ÷ and powers with the usual precedence. ok is
// false for what is no calculation.
type calculation struct {
	rest string
	bad  bool
	ops  int
}

func (c *calculation) skip() { c.rest = strings.TrimLeft(c.rest, " \u00a0") }

func (c *calculation) sum() float64 {
	v := c.product()
	for {
		c.skip()
		switch {
		case strings.HasPrefix(c.rest, "+"):
			c.rest = c.rest[1:]
			c.ops++
			v += c.product()
		case strings.HasPrefix(c.rest, "−"):
			c.rest = c.rest[len("−"):]
			c.ops++
			v -= c.product()
		default:
			return v
		}
	}
}

func (c *calculation) product() float64 {
	v := c.factor()
	for {
		c.skip()
		switch {
		case strings.HasPrefix(c.rest, "×"):
			c.rest = c.rest[len("×"):]
			c.ops++
			v *= c.factor()
		case strings.HasPrefix(c.rest, "÷"):
			c.rest = c.rest[len("÷"):]
			c.ops++
			v /= c.factor()
		case strings.HasPrefix(c.rest, "/ "):
			c.rest = c.rest[2:]
			c.ops++
			v /= c.factor()
		default:
			return v
		}
	}
}

func (c *calculation) factor() float64 {
	c.skip()
	var v float64
	if inner, ok := strings.CutPrefix(c.rest, "("); ok {
		c.rest = inner
		v = c.sum()
		c.skip()
		after, closed := strings.CutPrefix(c.rest, ")")
		c.rest, c.bad = after, c.bad || !closed
	} else {
		m := number.FindStringSubmatch(c.rest)
		if m == nil {
			c.bad = true
			return 0
		}
		c.rest = c.rest[len(m[0]):]
		v = value(m[1])
		if after, ok := strings.CutPrefix(c.rest, "%"); ok {
			c.rest = after
			v /= 100
		}
	}
	if m := powers.FindString(c.rest); m != "" {
		c.rest = c.rest[len(m):]
		c.ops++
		n, err := strconv.Atoi(exponent.Replace(m))
		c.bad = c.bad || err != nil
		v = math.Pow(v, float64(n))
	}
	if m := unit.FindString(c.rest); m != "" {
		c.rest = c.rest[len(m):]
	}
	return v
}

func value(s string) float64 {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimRight(strings.TrimLeft(s, "€"), ".,"), ",", ""), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// scales are the factors between units that stand beside the numbers of a sum.
var scales = []float64{1, 60, 3600, 86400, 24, 1000, 1e6, 1e9, 100, 1024, 7, 30, 720}

// agrees reports whether a result is written rightly, to the digits it has.
func agrees(got float64, written, percent string, about bool) bool {
	want := value(strings.TrimPrefix(written, "−"))
	if strings.HasPrefix(written, "−") {
		want = -want
	}
	_, decimals, _ := strings.Cut(strings.TrimRight(written, ".,"), ".")
	step := math.Pow(10, -float64(len(decimals)))
	if percent != "" {
		want, step = want/100, step/100
	}
	slack := 0.51*step + 1e-9*math.Abs(want)
	if about {
		slack = max(step, 0.05*math.Abs(want))
	}
	for _, s := range scales {
		if math.Abs(got/s-want) <= slack || math.Abs(got*s-want) <= slack {
			return true
		}
	}
	return false
}

// sums returns the sums of a line. A result may be the beginning of the next sum;
// what stands in the middle of a longer calculation is left out.
func sums(line string) [][]string {
	const operators = "×÷/+−-–^"
	var out [][]string
	for from := 0; ; {
		m := sum.FindStringSubmatchIndex(line[from:])
		if m == nil {
			return out
		}
		groups := make([]string, 6)
		for i := range groups {
			if m[2*i] >= 0 {
				groups[i] = line[from+m[2*i] : from+m[2*i+1]]
			}
		}
		before := strings.TrimRight(line[:from+m[0]], " \u00a0")
		after := strings.TrimLeft(line[from+m[1]:], " \u00a0")
		last, _ := utf8.DecodeLastRuneInString(before)
		first, _ := utf8.DecodeRuneInString(after)
		if !strings.ContainsRune(operators+",.", last) && !strings.ContainsRune(operators, first) {
			out = append(out, groups)
		}
		from += m[6]
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	fences := regexp.MustCompile("(?ms)^ *```.*?^ *```")
	lib := Build(nil, Options{}, Embedded())
	checked := 0
	for _, p := range lib.Pages() {
		for line := range strings.Lines(fences.ReplaceAllString(string(p.body), "")) {
			for _, m := range sums(line) {
				c := calculation{rest: m[1]}
				got := c.sum()
				if c.skip(); c.bad || c.rest != "" || c.ops == 0 || m[5] != "" || dates.MatchString(m[1]) || mixed(m[1]) {
					continue // words, a list of numbers, or a date
				}
				checked++
				if !agrees(got, m[3], m[4], m[2] == "≈") {
					t.Errorf("%s: “%s”: %s is %.6g", p.File, strings.TrimSpace(m[0]), m[1], got)
				}
			}
		}
	}
	if checked < 250 {
		t.Errorf("only %d sums were found", checked)
	}
	t.Logf("%d sums worked out again", checked)
}
