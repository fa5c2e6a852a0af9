package content

import "slices"

// Stats says where the numbers of a group lie.
type Stats struct {
	N         int
	Median    float64 // of an even number of values the mean of the middle two
	Low, High float64
}

// StatsOf returns the stats of values in any order; of none it is zero.
func StatsOf(values []float64) Stats {
	n := len(values)
	if n == 0 {
		return Stats{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Stats{N: n, Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[0], High: sorted[n-1]}
}
