package powerstate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// dice makes the choices of a round.
type dice struct{ *rand.ChaCha8 }

func (d dice) one(n uint64) bool { return d.Uint64()%n == 0 }

func (d dice) upTo(most time.Duration) time.Duration {
	share := time.Duration(d.Uint64() % 1000)
	return most * share / 1000
}

func pick[T any](d dice, from ...T) T {
	return from[d.Uint64()%uint64(len(from))]
}

// TestWhateverHappensItDoesNotLie plays rounds at random, set up the same in
// every run: many instances in any state on a cloud with any trouble. Where Reach
// reports that it is done, the cloud reports so too; where it does not, it returns why,
// in time; where no obstacle lasts, it gets there; and no write
// follows another about the same instance without a read.
func TestWhateverHappensItDoesNotLie(t *testing.T) {
	t.Parallel()
	random := dice{rand.NewChaCha8([32]byte{7})}
	reached := 0
	for round := range 60 {
		synctest.Test(t, func(t *testing.T) { reached += chaos(t, random) })
		if t.Failed() {
			t.Fatalf("round %d failed", round)
		}
	}
	t.Logf("%d targets were reached", reached)
	if reached < 400 {
		t.Errorf("only %d targets were reached in all: the trouble is too great to show anything", reached)
	}
}

func chaos(t *testing.T, random dice) (reached int) {
	t.Helper()
	can := memory.AllCapabilities()
	can.PerItemOutcomes, can.OperationReason, can.NativeEscalation = random.one(2), random.one(2), random.one(2)
	if random.one(2) {
		can.ReadsPerSecond, can.WritesPerSecond = 10, 5
	}
	cloud := memory.Options{
		Capabilities: &can, BatchSize: pick(random, 1, 3, 100),
		StartTime: random.upTo(20 * time.Second), StopTime: random.upTo(20 * time.Second),
		RebootTime:                  random.upTo(10 * time.Second),
		Latency:                     pick(random, 0, random.upTo(2*time.Second)),
		BusyWhenAlreadySo:           random.one(2),
		BusyWhenForcedWhileStopping: random.one(2),
		HideCulprits:                random.one(2),
		NoRequestIDs:                random.one(2),
	}
	w := newEmptyTestCloud(cloud, Options{BatchWindow: pick(random, 0, window)})
	ids := make([]string, 20)
	willing := make([]bool, len(ids)) // the instance has no obstacle
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%02d", i)
		w.Add(backend.Instance{ID: ids[i], State: pick(random, backend.Running, backend.Stopped, backend.Starting,
			backend.Stopping, backend.Restarting)})
		behavior := memory.Behavior{
			SoftStop:   pick(random, memory.Obeys, memory.Obeys, memory.Obeys, memory.Hangs, memory.FallsBack),
			NoStock:    random.one(8),
			IgnoreMode: random.one(8),
			ModeLag:    pick(random, 0, random.upTo(20*time.Second)),
			ReadLag:    pick(random, 0, random.upTo(3*time.Second)),
		}
		willing[i] = behavior.SoftStop == memory.Obeys && !behavior.NoStock
		w.Behave(ids[i], behavior)
	}
	refusals := 0
	for range random.Uint64() % 12 {
		trouble := memory.Trouble{
			Op: pick(random, memory.Describe, memory.Start, memory.Stop),
			ID: pick(random, "", pick(random, ids...)), After: pick(random, 0, 1, 2), Times: pick(random, 1, 1, 2, 3),
			Fault: backend.Fault{Kind: pick(random, backend.KindThrottled, backend.KindUnavailable, backend.KindBusy,
				backend.KindInvalid), RetryAfter: pick(random, 0, random.upTo(10*time.Second))},
			Lost: random.one(3), Hang: random.one(10),
		}
		if trouble.Fault.Kind == backend.KindInvalid ||
			trouble.Op == memory.Describe && trouble.Fault.Kind == backend.KindBusy {
			refusals++ // of which somebody is told, and rightly
		}
		w.Fail(trouble)
	}
	target := Target{Goal: pick(random, GoalRunning, GoalStopped)}
	target.Mode = pick(random, backend.UnknownMode, backend.KeepCharging, backend.StopCharging)
	target.AllowRestart = random.one(2)
	target.ForceStop = random.one(4)
	if !target.ForceStop && random.one(2) {
		target.ForceStopAfter = 10 * time.Second
	}
	limits := make([]time.Duration, len(ids))
	for i := range limits {
		limits[i] = pick(random, time.Hour, time.Hour, random.upTo(time.Minute)+time.Millisecond)
	}

	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i, one := range ids {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), limits[i])
			defer cancel()
			got, err := w.client.Reach(ctx, one, target, ReachOptions{})
			if err != nil {
				var e *Error
				if !errors.As(err, &e) || e.InstanceID != one || time.Since(began) > limits[i] ||
					e.Cause == TimedOut && ctx.Err() == nil {
					t.Errorf("%s ended with %v (%+v) after %v of %v", one, err, e, time.Since(began), limits[i])
				}
				if willing[i] && refusals == 0 && target.Mode == "" && limits[i] == time.Hour {
					t.Errorf("%s got %v, want no error: it has no obstacle", one, err)
				}
				return
			}
			is, _ := w.Instance(one)
			if got.After.ID != one || got.After.State != stateOf(target.Goal) || is.State != stateOf(target.Goal) {
				t.Errorf("%s is reported to be %v, and is %v, want %v", one, got.After.State, is.State, target.Goal)
			}
			if target.Goal == GoalStopped && target.Mode != "" &&
				!sameModeTable[[2]backend.StoppedMode{target.Mode, got.After.StoppedMode}] {
				t.Errorf("%s is reported to be reached in the mode %q, want %q", one, got.After.StoppedMode,
					target.Mode)
			}
			mu.Lock()
			defer mu.Unlock()
			reached++
		})
	}
	all.Wait()
	wantReadsForEach(t, w, ids)
	return reached
}

// wantReadsForEach is wantReadBeforeEachWrite for each of many.
func wantReadsForEach(t *testing.T, w *testCloud, ids []string) {
	t.Helper()
	observed := map[string]bool{}
	for _, call := range w.Calls() {
		for _, one := range call.IDs {
			if call.Op != memory.Describe && !observed[one] {
				t.Errorf("at %v a %s of %s was not preceded by a read", call.At.Sub(w.began), call.Op, one)
			}
			observed[one] = call.Op == memory.Describe
			if !slices.Contains(ids, one) {
				t.Errorf("a %s names %q, which no target asked for", call.Op, one)
			}
		}
	}
}
