package coalesce_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// TestManyGoroutines runs on the real clock and scheduler, for the race
// detector; it tells nothing about times.
func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	const (
		workers = 64
		rounds  = 60
		size    = 10
	)
	var calls, items atomic.Int64
	g := coalesce.New(options(size, 200*time.Microsecond, 2*time.Millisecond),
		func(_ context.Context, _ string, flush func() []int) []int {
			batch := flush()
			if len(batch) == 0 {
				return nil
			}
			calls.Add(1)
			items.Add(int64(len(batch)))
			if len(batch) > size {
				t.Errorf("a call has %d items, want at most %d", len(batch), size)
			}
			return timesTen(batch)
		})
	var answered atomic.Int64
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for round := range rounds {
				item := worker*rounds + round
				limit := time.Minute
				if item%5 == 0 {
					limit = time.Duration(item%7) * 100 * time.Microsecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				got, err := g.Do(ctx, string(rune('a'+item%3)), item)
				cancel()
				switch {
				case errors.Is(err, context.DeadlineExceeded) && item%5 == 0:
				case err != nil || got != 10*item:
					t.Errorf("item %d got %d, %v, want %d and no error", item, got, err, 10*item)
				default:
					answered.Add(1)
				}
			}
		})
	}
	all.Wait()
	if least := int64(workers * rounds * 4 / 5); answered.Load() < least {
		t.Errorf("%d items were answered, want at least the %d without a deadline", answered.Load(), least)
	}
	if calls.Load() >= items.Load() {
		t.Errorf("%d calls were made for %d items, want some to be batched", calls.Load(), items.Load())
	}
}
