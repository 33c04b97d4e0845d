package coalesce_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

func TestAPanicOfACallIsOneOfEachOfItsCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := true
		opts := options(3, idle, maximum)
		group := coalesce.New(opts, func(_ context.Context, _ string, flush func() []int) []int {
			items := flush()
			if fails {
				panic("the call")
			}
			return items
		})
		caught := make([]*panics.Panic, 3)
		var callers panics.Group
		for i := range caught {
			callers.Go(func() {
				caught[i] = panics.Catch(func() { _, _ = group.Do(t.Context(), "k", i) })
			})
		}
		callers.Wait()
		for i, p := range caught {
			if p == nil || p != caught[0] {
				t.Errorf("caller %d has the panic %v, want the one of the call", i, p)
			}
		}
		fails = false
		if got, err := group.Do(t.Context(), "k", 7); got != 7 || err != nil {
			t.Errorf("the next call answers %d, %v, want 7", got, err)
		}
	})
}
