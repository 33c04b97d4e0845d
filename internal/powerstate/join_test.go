package powerstate

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const window = 50 * time.Millisecond

// logBuffer is a log that a test reads.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// splits counts the refused batches that were split.
func (b *logBuffer) splits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.buf.String(), "it is split")
}

// newFleet returns a cloud with n instances in a state, a client that joins,
// and its log. With shared, the cloud accepts a call for all of its ids or for none.
func newFleet(n int, state backend.State, shared bool, change func(*memory.Options)) (*testCloud, []string,
	*logBuffer,
) {
	can := memory.AllCapabilities()
	can.PerItemOutcomes = !shared
	cloud := brisk
	cloud.Capabilities = &can
	if change != nil {
		change(&cloud)
	}
	log := &logBuffer{}
	w := newEmptyTestCloud(cloud, Options{
		BatchWindow: window,
		Logger:      hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: log}),
	})
	return w, w.AddN(n, backend.Instance{ID: "i", State: state}), log
}

func TestFortyAtOnceAreOneCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		shared bool
		change func(*memory.Options)
		window time.Duration
		stops  int
		reads  int // at least; those of the waits are shared too
	}{
		"of a cloud that answers for each":     {false, nil, window, 1, 2},
		"of a cloud that takes all or nothing": {true, nil, window, 1, 2},
		"or four, when a call carries ten": {
			false, func(o *memory.Options) { o.BatchSize = 10 }, window, 4,
			8,
		},
		"or forty, when a call carries one": {
			false, func(o *memory.Options) { o.BatchSize = 1 }, window, 40,
			80,
		},
		"or forty, when joining is switched off":       {false, nil, 0, 40, 41},
		"or forty, when joining is off for all or one": {true, nil, 0, 40, 41},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, log := newFleet(40, backend.Running, test.shared, test.change)
				w.client.opts.BatchWindow = test.window
				w.through(w.Driver)
				if failed := w.reachAll(t.Context(), ids, stopped); len(failed) > 0 {
					t.Errorf("got the errors %v, want none", failed)
				}
				if got := w.Count(memory.Stop); got != test.stops {
					t.Errorf("got %d stops, want %d", got, test.stops)
				}
				if got := w.Count(memory.Describe); got != test.reads {
					t.Errorf("got %d reads, want %d: %q", got, test.reads, w.trace(memory.Describe))
				}
				// A fallback that always fires would be a bug.
				if got := log.splits(); got != 0 {
					t.Errorf("a refused call was split %d times, want never", got)
				}
				if w.wroteTwice() {
					t.Errorf("an instance was written to twice: %q", w.writes())
				}
			})
		})
	}
}

// wroteTwice reports whether an instance is in more than one accepted write.
// It is of use only where none is refused.
func (w *testCloud) wroteTwice() bool {
	counted := map[string]bool{}
	for _, call := range w.Calls(memory.Start, memory.Stop) {
		for _, one := range call.IDs {
			if counted[one] {
				return true
			}
			counted[one] = true
		}
	}
	return false
}

func TestOneBadIDDoesNotFailItsNeighbours(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		shared  bool
		unnamed bool
		n       int
		bad     []int
		writes  int // at most
		splits  [2]int
	}{
		"where the cloud answers for each":                      {false, false, 40, []int{17}, 1, [2]int{0, 0}},
		"where the cloud names it":                              {true, false, 40, []int{17}, 3, [2]int{1, 1}},
		"where the cloud names none":                            {true, true, 40, []int{17}, 12, [2]int{1, 6}},
		"where the cloud names none and it is the first":        {true, true, 40, []int{0}, 12, [2]int{1, 6}},
		"where the cloud names none and it is the last":         {true, true, 40, []int{39}, 12, [2]int{1, 6}},
		"nor when two are bad and named, one after the other":   {true, false, 40, []int{3, 30}, 5, [2]int{2, 2}},
		"nor when two are bad and not named":                    {true, true, 40, []int{3, 30}, 24, [2]int{2, 12}},
		"nor in a batch of two":                                 {true, true, 2, []int{1}, 3, [2]int{1, 1}},
		"nor in a batch of two where it is named":               {true, false, 2, []int{1}, 3, [2]int{1, 1}},
		"nor in a full batch":                                   {true, true, 100, []int{50}, 15, [2]int{1, 7}},
		"and all are told their own error when all of it is so": {true, false, 3, []int{0, 1, 2}, 7, [2]int{1, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, log := newFleet(test.n, backend.Running, test.shared,
					func(o *memory.Options) { o.HideCulprits = test.unnamed })
				for _, i := range test.bad {
					w.Fail(memory.Trouble{
						Op: memory.Stop, ID: ids[i], Times: memory.Always,
						Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Bad", Message: "about " + ids[i]},
					})
				}
				failed := w.reachAll(t.Context(), ids, stopped)
				for i, one := range ids {
					err := failed[one]
					if !slices.Contains(test.bad, i) {
						if err != nil {
							t.Errorf("%s got %v, want no error", one, err)
						}
						continue
					}
					e := wantError(t, err, CloudFault)
					if e.InstanceID != one || e.Fault.Message != "about "+one {
						t.Errorf("%s got %v with %+v, want an error of its own", one, err, e.Fault)
					}
				}
				if got := w.Count(memory.Stop); got > test.writes {
					t.Errorf("got %d writes, want at most %d: %q", got, test.writes, w.writes())
				}
				if got := log.splits(); got < test.splits[0] || got > test.splits[1] {
					t.Errorf("calls were split %d times, want %d to %d", got, test.splits[0], test.splits[1])
				}
				t.Logf("%d writes, %d reads", w.Count(memory.Stop), w.Count(memory.Describe))
			})
		})
	}
}

// TestOneInTransitionDoesNotFailItsNeighbours is the bad id that is only in
// the wrong state: it changed between the read and the stop.
func TestOneInTransitionDoesNotFailItsNeighbours(t *testing.T) {
	for name, unnamed := range map[string]bool{"when it is named": false, "when it is not named": true} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, _ := newFleet(40, backend.Running, true, func(o *memory.Options) { o.HideCulprits = unnamed })
				w.through(&interposer{Driver: w.Driver, beforeStop: func(n int) {
					if n == 0 {
						w.Add(backend.Instance{ID: ids[17], State: backend.Stopping})
					}
				}})
				if failed := w.reachAll(t.Context(), ids, stopped); len(failed) > 0 {
					t.Errorf("got the errors %v, want none", failed)
				}
				if got := w.Count(memory.Stop); got > 3 {
					t.Errorf("got %d writes, want at most 3: %q", got, w.writes())
				}
			})
		})
	}
}

func TestOneBadIDDoesNotFailTheReadsOfItsNeighbours(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		names []string
		after int // reads that pass first
		reads int // refused or after a split, at most
	}{
		"where the cloud names it":           {[]string{"i-017"}, 0, 3},
		"where the cloud names none":         {nil, 0, 12},
		"where the cloud names another":      {[]string{"i-999"}, 0, 12},
		"where it names it and another":      {[]string{"i-999", "i-017"}, 0, 3},
		"in the middle, where it is named":   {[]string{"i-017"}, 1, 3},
		"in the middle, where none is named": {nil, 1, 12},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, log := newFleet(40, backend.Running, false, nil)
				w.Fail(memory.Trouble{
					Op: memory.Describe, ID: ids[17], After: test.after, Times: memory.Always,
					Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Malformed", Shared: true, IDs: test.names},
				})
				failed := w.reachAll(t.Context(), ids, stopped)
				e := wantError(t, failed[ids[17]], CloudFault)
				if e.InstanceID != ids[17] || e.Fault.Code != "Malformed" || len(failed) != 1 {
					t.Errorf("got the errors %v, want that of %s alone", failed, ids[17])
				}
				// Parts that were read at different times are stopped so, too.
				if got := w.Count(memory.Stop); got > test.reads/2 || w.wroteTwice() {
					t.Errorf("got %d stops, want at most %d: %q", got, test.reads/2, w.writes())
				}
				if log.splits() == 0 {
					t.Error("no call was split, want the refused one")
				}
				// Two reads of the wait, and the one that passed first.
				if got := w.Count(memory.Describe) - 2 - test.after; got > test.reads+1 {
					t.Errorf("got %d reads more than a run without trouble, want at most %d: %q", got, test.reads,
						w.trace(memory.Describe))
				}
			})
		})
	}
}

// TestAHintThatSinglesOutNone holds that a refusal which names an id that is
// not in the call, or all of them, is not answered by asking the same again.
func TestAHintThatSinglesOutNone(t *testing.T) {
	for name, names := range map[string][]string{
		"names a stranger": {"i-999"},
		"names strangers":  {"a", "b", "c", "d", "e", "f"},
		"names all":        {"i-000", "i-001", "i-002", "i-003", "i-004"},
	} {
		t.Run("when it "+name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, _ := newFleet(5, backend.Running, false, nil)
				w.Fail(memory.Trouble{
					Op: memory.Stop, Times: memory.Always,
					Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Bad", Shared: true, IDs: names},
				})
				failed := w.reachAll(t.Context(), ids, stopped)
				for _, one := range ids {
					wantError(t, failed[one], CloudFault)
				}
				if got := w.Count(memory.Stop); got > 9 {
					t.Errorf("got %d writes, want at most 9: %q", got, w.writes())
				}
			})
		})
	}
}

// TestAThrottledOrLostCallIsNotSplit is for a driver that reports of such a fault
// that it is shared: it is no member's fault.
func TestAThrottledOrLostCallIsNotSplit(t *testing.T) {
	for _, kind := range []backend.Kind{backend.KindThrottled, backend.KindUnavailable} {
		for _, op := range []memory.Op{memory.Stop, memory.Describe} {
			t.Run(kind.String()+" "+string(op), func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w, ids, log := newFleet(40, backend.Running, true, nil)
					w.Fail(memory.Trouble{Op: op, Fault: backend.Fault{Kind: kind, Shared: true}})
					if failed := w.reachAll(t.Context(), ids, stopped); len(failed) > 0 {
						t.Errorf("got the errors %v, want none", failed)
					}
					if got := log.splits(); got != 0 {
						t.Errorf("the call was split %d times, want never; calls: %q", got, w.writes())
					}
				})
			})
		}
	}
}

func TestObservesAreJoined(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(250, backend.Running, false, nil)
		var all sync.WaitGroup
		for _, one := range append(slices.Clone(ids), "i-none") {
			all.Go(func() {
				got, err := w.client.Observe(t.Context(), one)
				if err != nil || got.ID != one || (got.State == backend.Absent) != (one == "i-none") {
					t.Errorf("%s: got %v of %q, %v", one, got.State, got.ID, err)
				}
			})
		}
		all.Wait()
		if got := w.Count(memory.Describe); got != 3 {
			t.Errorf("got %d reads, want 3", got)
		}
	})
}

// TestTheErrorOfOneReachesTheDriversOwn holds that a joined call keeps the
// error as the driver gave it.
func TestTheErrorOfOneReachesTheDriversOwn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(3, backend.Running, false, nil)
		w.Fail(memory.Trouble{Op: memory.Stop, ID: ids[1], Fault: backend.Fault{Kind: backend.KindDenied, Code: "No"}})
		failed := w.reachAll(t.Context(), ids, stopped)
		var own *memory.Error
		if len(failed) != 1 || !errors.As(failed[ids[1]], &own) || own.Fault.Code != "No" {
			t.Errorf("got the errors %v, want the driver's own for %s alone", failed, ids[1])
		}
	})
}

// TestAGroupThatFollowsAnotherIsOneCall: a CLI that works on ten resources at a
// time hands out the next ten one after the other, once the first are done.
func TestAGroupThatFollowsAnotherIsOneCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(20, backend.Running, false, nil)
		for group := range slices.Chunk(ids, 10) {
			var all sync.WaitGroup
			for i, one := range group {
				time.Sleep(time.Duration(i) * 5 * time.Millisecond)
				all.Go(func() {
					if _, err := w.client.Observe(t.Context(), one); err != nil {
						t.Error(err)
					}
				})
				if one == ids[0] {
					time.Sleep(5 * time.Millisecond)
				}
			}
			all.Wait()
		}
		if got := w.Count(memory.Describe); got != 2 {
			t.Errorf("got %d reads for two groups of ten, want 2: %q", got, w.trace())
		}
		for group := range slices.Chunk(ids, 10) {
			var all sync.WaitGroup
			for i, one := range group {
				all.Go(func() {
					time.Sleep(time.Duration(i) * 5 * time.Millisecond)
					if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		wantSizes(t, w, memory.Stop, 10, 10)
	})
}

// TestTheReadsOfPlannedCreatesAreBatched: of what is new to the state nothing was
// read before, and the read in its plan is an operation like any other.
func TestTheReadsOfPlannedCreatesAreBatched(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(20, backend.Running, false, func(o *memory.Options) { o.Latency = roundTrip })
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 30 * time.Millisecond)
				if _, err := w.client.Preflight(t.Context(), one, stopped,
					PreflightOptions{AwaitAppearance: true}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		// The first knows of no other.
		if got := w.Count(memory.Describe); got > 2 {
			t.Errorf("there are %d reads, want 2: %q", got, w.trace())
		}
	})
}
