package powerstate

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// roundTrip is how long a call takes in these tests.
const roundTrip = 30 * time.Millisecond

// rounds are the calls in the order in which they arrived, those together that
// arrived within half a second of the first of them.
func rounds(calls []memory.Call) (all [][]memory.Call) {
	for i, call := range calls {
		if i == 0 || call.At.Sub(all[len(all)-1][0].At) >= 500*time.Millisecond {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], call)
	}
	return all
}

// TestAFleetWithinTheLimits holds what an apply of a fleet costs: the CLI has it
// planned once more right before, which is a read of its own.
func TestAFleetWithinTheLimits(t *testing.T) {
	t.Parallel()
	const stop = 5 * time.Second
	for name, test := range map[string]struct {
		n             int
		reads, writes float64 // a second
		burst         int
		most          time.Duration
		rounds        int // of reads; 0 where the limits spread them
	}{
		"of a thousand where the limits are documented": {1000, 40, 10, 0, stop * 3 / 2, 12},
		"of a thousand at ten reads a second":           {1000, 10, 5, backend.AssumedBurst, stop * 3 / 2, 12},
		"of a thousand at five a second":                {1000, 5, 5, backend.AssumedBurst, stop * 3 / 2, 12},
		"of a thousand at four a second":                {1000, 4, 4, backend.AssumedBurst, stop * 3 / 2, 12},
		// The limits alone add nine windows of stops, and two to each of two reads.
		"of ten thousand": {10_000, 40, 10, 0, (stop + 13*time.Second) * 3 / 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				can := memory.AllCapabilities()
				can.ReadsPerSecond, can.WritesPerSecond, can.Burst = test.reads, test.writes, test.burst
				w, ids := manyOf(test.n, backend.Running,
					memory.Options{Capabilities: &can, StopTime: stop, Latency: roundTrip})
				w.client.PreflightAll(t.Context(), ids, stopped, PreflightOptions{})
				for i, r := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
					if r.Err != nil || r.After.State != backend.Stopped {
						t.Fatalf("%s is %v, %v", ids[i], r.After.State, r.Err)
					}
				}
				elapsed := w.elapsed()
				if elapsed > test.most {
					t.Errorf("it lasted %v, want at most %v", elapsed, test.most)
				}
				pages := test.n / 100
				wantSizes(t, w, memory.Stop, slices.Repeat([]int{100}, pages)...)
				reads := rounds(w.Calls(memory.Describe))
				if test.rounds > 0 && len(reads) > test.rounds {
					t.Errorf("there are %d rounds of reads, want at most %d", len(reads), test.rounds)
				}
				for i, round := range reads {
					// The plan's read and the apply's are one after the other.
					if most := pages; test.rounds > 0 && i > 0 && len(round) > most {
						t.Errorf("round %d has %d describes, want at most %d", i, len(round), most)
					}
				}
				for op, most := range map[memory.Op]float64{memory.Describe: test.reads, memory.Stop: test.writes} {
					var at []time.Duration
					for _, call := range w.Calls(op) {
						at = append(at, call.At.Sub(w.began))
					}
					if got := busiest(at); got > max(int(most), test.burst) {
						t.Errorf("the busiest second has %d of %s, want at most %v", got, op, most)
					}
				}
				t.Logf("%v, %d rounds, %d describes", elapsed, len(reads), w.Count(memory.Describe))
			})
		})
	}
}

// cli hands out resources as one with a parallelism as high as their number does:
// it has one step in hand at a time, and pauses now and then.
type cli chan struct{}

// step hands one out; the n-th of them may come after a pause.
func (c cli) step(n int) {
	c <- struct{}{}
	defer func() { <-c }()
	time.Sleep(3 * time.Millisecond)
	if n%60 == 59 {
		time.Sleep(350 * time.Millisecond)
	}
}

// TestAThousandResourcesAtOnce are planned and applied by a CLI that stutters.
func TestAThousandResourcesAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan        bool
		least, most int
	}{
		"are at most fifteen stops":           {true, 10, 15},
		"and without a read in the plan also": {false, 10, 15},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				can := memory.AllCapabilities()
				can.ReadsPerSecond, can.WritesPerSecond = 40, 10
				w, ids, _ := newFleet(1000, backend.Running, false, func(o *memory.Options) {
					o.Capabilities, o.StopTime, o.Latency = &can, 5*time.Second, roundTrip
				})
				terraform := make(cli, 1)
				var all sync.WaitGroup
				for i, one := range ids {
					all.Go(func() {
						terraform.step(i)
						if test.plan {
							if _, err := w.client.Preflight(t.Context(), one, stopped, PreflightOptions{}); err != nil {
								t.Error(err)
							}
						}
						terraform.step(i)
						if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if got := w.Count(memory.Stop); got < test.least || got > test.most {
					t.Errorf("there are %d stops, want %d to %d: %v", got, test.least, test.most, w.sizes(memory.Stop))
				}
				t.Logf("%d stops %v, %v", w.Count(memory.Stop), w.sizes(memory.Stop), w.elapsed())
			})
		})
	}
}

// TestWaitsOfManyLengths holds the reads each of many instances whose
// transitions end at different times: each end teaches those that still wait.
func TestWaitsOfManyLengths(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(memory.Options{Latency: roundTrip}, Options{BatchWindow: window})
		var ids []string
		var all sync.WaitGroup
		for _, seconds := range []int{5, 10, 20, 30, 45, 60} {
			for third := range 3 {
				one := fmt.Sprintf("i-%02d-%d", seconds, third)
				ids = append(ids, one)
				w.Add(backend.Instance{ID: one, State: backend.Running})
				slow := time.Duration(seconds)*time.Second + time.Duration(third)*time.Second/3
				w.Behave(one, memory.Behavior{Slow: slow})
				all.Go(func() {
					if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		w.wantFewReads(t, ids)
	})
}
