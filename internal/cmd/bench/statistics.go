package main

import (
	"cmp"
	"slices"
)

// quantile returns the smallest of the values that is not less than the given
// share of them (the nearest rank), or zero when there are none.
func quantile[T cmp.Ordered](values []T, percent int) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := (len(sorted)*percent + 99) / 100
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// ceil divides and rounds up.
func ceil(a, b int) int { return (a + b - 1) / b }
