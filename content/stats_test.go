package content

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestStats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		want   Stats
	}{
		{nil, Stats{}},
		{[]float64{0.4}, Stats{1, 0.4, 0.4, 0.4}},
		{[]float64{3, 1}, Stats{2, 2, 1, 3}},
		{[]float64{5, 1, 3}, Stats{3, 3, 1, 5}},
		{[]float64{2, 2, 2, 7}, Stats{4, 2, 2, 7}},
		{[]float64{0, 0, 1, 1}, Stats{4, 0.5, 0, 1}},
	} {
		values := slices.Clone(tt.values)
		if got := StatsOf(values); got != tt.want {
			t.Errorf("StatsOf(%v) = %+v, want %+v", tt.values, got, tt.want)
		}
		if !slices.Equal(values, tt.values) {
			t.Errorf("StatsOf reordered %v to %v", tt.values, values)
		}
	}
}

// As many values lie at or below the median as at or above it.
func TestMedianIsInTheMiddle(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2))
	for range 500 {
		values := make([]float64, 1+random.IntN(9))
		for i := range values {
			values[i] = float64(random.IntN(5)) // with ties
		}
		s, below, above := StatsOf(values), 0, 0
		for _, v := range values {
			if v <= s.Median {
				below++
			}
			if v >= s.Median {
				above++
			}
		}
		if 2*below < s.N || 2*above < s.N || s.Low != slices.Min(values) || s.High != slices.Max(values) {
			t.Fatalf("StatsOf(%v) = %+v", values, s)
		}
	}
}
