//go:build !race

package powerstate

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestOperationsOfAFleetNeedFourKiBEach of stack, while they read and while they wait: the
// next size is eight, and a fleet has ten thousand. With the race detector all frames are
// larger.
//
//nolint:paralleltest // It measures the whole process.
func TestOperationsOfAFleetNeedFourKiBEach(t *testing.T) {
	const n = 2000
	for name, run := range map[string]func(ctx context.Context, c *Client, ids []string){
		"reach": func(ctx context.Context, c *Client, ids []string) {
			c.ReachAll(ctx, ids, stopped, ReachOptions{})
		},
		"observe": func(ctx context.Context, c *Client, ids []string) { c.ObserveAll(ctx, ids) },
		"preflight": func(ctx context.Context, c *Client, ids []string) {
			c.PreflightAll(ctx, ids, stopped, PreflightOptions{AwaitAppearance: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newEmptyTestCloud(memory.Options{StopTime: time.Minute, Latency: time.Second}, Options{Silent: true})
				ids := w.AddN(n, backend.Instance{ID: "i", State: backend.Running})
				runtime.GC() // Stacks of goroutines that have ended are given back.
				before := stacks()
				most := before
				over := make(chan struct{})
				go func() {
					defer close(over)
					run(t.Context(), w.client, ids)
				}()
				for range 60 {
					time.Sleep(500 * time.Millisecond)
					most = max(most, stacks())
				}
				<-over
				each := (most - before) / n
				t.Logf("%d bytes each", each)
				if each > 5<<10 {
					t.Errorf("%d bytes each, want 4 KiB", each)
				}
			})
		})
	}
}

func stacks() uint64 {
	in := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(in)
	return in[0].Value.Uint64()
}
