package main

import "testing"

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i // 100 down to 1
	}
	for _, test := range []struct {
		name    string
		values  []int
		percent int
		want    int
	}{
		{"of nothing is zero", nil, 50, 0},
		{"of one value is that", []int{7}, 95, 7},
		{"the median of three is the middle", []int{9, 1, 5}, 50, 5},
		{"the median of four is the second", []int{4, 1, 3, 2}, 50, 2},
		{"the 95th of three is the last", []int{9, 1, 5}, 95, 9},
		{"the 95th of a hundred", hundred, 95, 95},
		{"the 100th is the largest", hundred, 100, 100},
		{"the 0th is the smallest", hundred, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := quantile(test.values, test.percent); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if hundred[0] != 100 {
		t.Error("the values were sorted in place")
	}
}

func TestCeil(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, want int }{{0, 100, 0}, {1, 100, 1}, {100, 100, 1}, {101, 100, 2}} {
		if got := ceil(test.a, test.b); got != test.want {
			t.Errorf("ceil(%d, %d): got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
