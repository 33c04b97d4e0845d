package simulator

import (
	"fmt"
	"slices"
	"testing"
)

// The order of seeding holds over removals, and what was removed does not stay in it
// for ever.
func TestTheOrderOfSeeding(t *testing.T) {
	t.Parallel()
	c := testCloud(t)
	var want []string
	for n := range 1000 {
		id := fmt.Sprintf("i-%04d", n)
		want = append(want, id)
		if err := c.Seed(Instance{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 1000 {
		if n%10 != 0 {
			id := fmt.Sprintf("i-%04d", n)
			c.Remove(id)
			want = slices.DeleteFunc(want, func(o string) bool { return o == id })
		}
		if n == 500 {
			// One that comes back is the last one, one that is replaced stays where it was.
			if err := c.Seed(Instance{ID: "i-0001"}, Instance{ID: "i-0990"}); err != nil {
				t.Fatal(err)
			}
			want = append(want, "i-0001")
		}
	}
	if got := idsOf(c.Instances()); !slices.Equal(got, want) || c.Count() != len(want) {
		t.Errorf("the order is %q with %d in all, want %q", got, c.Count(), want)
	}
	if got := idsOf(describe(c, Query{})); !slices.Equal(got, want) {
		t.Errorf("a describe has the order %q, want %q", got, want)
	}
	if n := len(c.order); n > 2*len(want) {
		t.Errorf("%d places are kept for %d instances", n, len(want))
	}
	c.Remove()
	if n := c.Count(); n != 0 {
		t.Errorf("%d instances are left", n)
	}
}
