package content

import (
	"math"
	"slices"
	"testing"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	c := &Checklist{Scales: map[string][]string{"seven": {"1", "2", "3", "4", "5", "6", "7"}}}
	plain, scaled := &Item{ID: "plain"}, &Item{ID: "scaled", Scale: "seven"}
	tests := []struct {
		name     string
		it       *Item
		counts   Counts
		want     Spread
		variance float64
	}{
		{"nobody", plain, nil, Spread{}, 0},
		{"all say yes", plain, Counts{Yes: 5}, Spread{N: 5, Mean: 1, Lowest: Yes, Highest: Yes}, 0},
		{"yes and partly", plain, Counts{Yes: 1, Partly: 1}, Spread{N: 2, Range: .5, Mean: .75, Lowest: Partly, Highest: Yes}, .0625},
		{"yes and no", plain, Counts{Yes: 3, No: 1}, Spread{N: 4, Range: 1, Mean: .75, Lowest: No, Highest: Yes}, .1875},
		{"not applicable to one", plain, Counts{Yes: 1, NotApplicable: 1}, Spread{N: 2, Range: 1, Mean: 1, Lowest: Yes, Highest: Yes}, .25},
		{"not applicable to all", plain, Counts{NotApplicable: 4}, Spread{N: 4}, 0},
		{"what does not answer the item", plain, Counts{Yes: 2, "7": 3, "": 4, No: 0}, Spread{N: 2, Mean: 1, Lowest: Yes, Highest: Yes}, 0},
		// The nine answers that the culture survey itself reckons with.
		{"a scale", scaled, Counts{"6": 4, "5": 2, "7": 1, "2": 1, "1": 1}, Spread{N: 9, Range: 1, Mean: (44.0/9 - 1) / 6, Lowest: "1", Highest: "7"}, 0.10151},
		{"a scale that has lost choices", scaled, Counts{"8": 4, "3": 2}, Spread{N: 2, Mean: 1.0 / 3, Lowest: "3", Highest: "3"}, 0},
	}
	for _, tt := range tests {
		got := c.Spread(tt.it, tt.counts)
		if math.Abs(got.Variance-tt.variance) > 1e-4 || math.Abs(got.Mean-tt.want.Mean) > 1e-9 {
			t.Errorf("%s: variance %v, mean %v; want %v, %v", tt.name, got.Variance, got.Mean, tt.variance, tt.want.Mean)
		}
		if got.Variance, got.Mean = 0, tt.want.Mean; got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// Without "not applicable" the variance is the usual one, of the values.
func TestVarianceOfPairs(t *testing.T) {
	t.Parallel()
	c := &Checklist{Scales: map[string][]string{"five": {"a", "b", "c", "d", "e"}}}
	it := &Item{Scale: "five"}
	counts := Counts{"1": 2, "2": 1, "4": 5, "5": 3}
	got := c.Spread(it, counts)
	var want float64
	for state, n := range counts {
		d := c.worth(it, state) - got.Mean
		want += float64(n) * d * d / float64(got.N)
	}
	if math.Abs(got.Variance-want) > 1e-12 {
		t.Errorf("variance %v, want %v", got.Variance, want)
	}
}

func TestDisagreementComesFirst(t *testing.T) {
	t.Parallel()
	c := &Checklist{}
	it := &Item{}
	type votes struct {
		name   string
		counts Counts
	}
	items := []votes{
		{"all yes", Counts{Yes: 9}},
		{"yes, partly", Counts{Yes: 5, Partly: 4}},
		{"one no", Counts{Yes: 8, No: 1}},
		{"halves", Counts{Yes: 4, No: 4}},
		{"halves, later in the list", Counts{Yes: 4, No: 4}},
		{"one partly", Counts{Yes: 8, Partly: 1}},
		{"all no", Counts{No: 9}},
	}
	slices.SortStableFunc(items, func(a, b votes) int { return c.Spread(it, a.counts).Compare(c.Spread(it, b.counts)) })
	var got []string
	for _, v := range items {
		got = append(got, v.name)
	}
	want := []string{"halves", "halves, later in the list", "one no", "yes, partly", "one partly", "all yes", "all no"}
	if !slices.Equal(got, want) {
		t.Errorf("order = %q, want %q", got, want)
	}
}

func TestDividedAndPoints(t *testing.T) {
	t.Parallel()
	c := &Checklist{Scales: map[string][]string{"seven": {"1", "2", "3", "4", "5", "6", "7"}}}
	it := &Item{Scale: "seven"}
	for counts, want := range map[[2]State]bool{{"2", "6"}: true, {"1", "5"}: true, {"2", "5"}: false, {"4", "4"}: false} {
		if got := c.Spread(it, Counts{counts[0]: 1, counts[1]: 1}).Divided(); got != want {
			t.Errorf("%v divided = %v", counts, got)
		}
	}
	if got := c.Points(it, c.Spread(it, Counts{"2": 1, "5": 1}).Mean); math.Abs(got-3.5) > 1e-9 {
		t.Errorf("points = %v, want 3.5", got)
	}
	if got := c.Points(&Item{}, .5); got != .5 {
		t.Errorf("points without a scale = %v", got)
	}
}
