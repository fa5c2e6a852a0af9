package content

import "slices"

// Spread says where the numbers of a group lie.
type Spread struct {
	N         int
	Median    float64 // of an even number of values the mean of the middle two
	Low, High float64
}

// SpreadOf returns the spread of values in any order; of none it is zero.
func SpreadOf(values []float64) Spread {
	n := len(values)
	if n == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Spread{N: n, Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[0], High: sorted[n-1]}
}
