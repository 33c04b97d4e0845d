package modeltest

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// aftermath is how long the cloud is watched after the last operation, in fake
// time: whatever the engine left running must have ended by then. A call that
// hangs may be given up as late as a minute after it began.
const aftermath = 3 * time.Minute

// overdue is how long after its deadline an operation is no longer waited for.
const overdue = time.Minute

// Play runs the scenario on an engine in fake time.
func Play(t *testing.T, s Scenario, connect Connect) (h *History) {
	t.Helper()
	var on *cloud
	defer func() {
		// synctest reports goroutines that are left with a panic.
		if left := recover(); left != nil {
			if on == nil {
				panic(left)
			}
			h = on.history
			h.Stuck = fmt.Sprint(left)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		// A panic in a goroutine of the engine ends the process; with this label
		// its trace names the seed (GODEBUG=tracebacklabels=1).
		pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(),
			pprof.Labels("model.seed", strconv.FormatUint(s.Seed, 10))))
		on = newCloud(s)
		on.play(t.Context(), connect(on.driver(), s.Client))
		h = on.history
	})
	return h
}

func (c *cloud) play(ctx context.Context, engine Engine) {
	var all sync.WaitGroup
	var latest time.Duration
	records := make([]*OperationRecord, len(c.scenario.Operations))
	for i, op := range c.scenario.Operations {
		record := &OperationRecord{Operation: op, Finished: map[string]int{}, FinishedAt: map[string]Moment{}}
		records[i] = record
		latest = max(latest, op.Begin+op.Timeout)
		all.Go(func() { c.run(ctx, engine, record) })
	}
	c.mu.Lock()
	c.history.Operations = records
	c.mu.Unlock()
	over := make(chan struct{})
	go func() {
		all.Wait()
		close(over)
	}()
	timer := time.NewTimer(latest + overdue)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
	}
	_ = sleep(ctx, aftermath)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	// Whatever comes later is no part of the history.
	ended := *c.history
	ended.Calls = slices.Clip(ended.Calls)
	c.history = &ended
}

func (c *cloud) run(ctx context.Context, engine Engine, record *OperationRecord) {
	if sleep(ctx, record.Begin) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, record.Timeout)
	defer cancel()
	if record.Cancel > 0 {
		timer := time.AfterFunc(record.Cancel, cancel)
		defer timer.Stop()
	}
	c.mu.Lock()
	c.settle(time.Since(c.began))
	record.Began = c.moment()
	c.mu.Unlock()
	defer func() {
		if failure := recover(); failure != nil {
			record.Panic = fmt.Sprintf("%v\n%s", failure, debug.Stack())
			record.Ended = c.now()
		}
	}()
	results := engine.Run(ctx, record.Operation, func(id string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.settle(time.Since(c.began))
		record.Finished[id]++
		if record.Finished[id] == 1 {
			record.FinishedAt[id] = c.moment()
		}
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	record.Results, record.Ended = results, c.moment()
}
