package powerstate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// rogue is a driver that breaks its contract now and then, in every way but one: the state
// of an instance that it returns is true.
type rogue struct {
	*memory.Driver

	mu     sync.Mutex
	random dice
	honest bool // from now on
}

// errRogue is what it panics with.
var errRogue = errors.New("the driver failed")

// misdeed draws what is wrong with a call; 0 is nothing.
func (r *rogue) misdeed(kinds uint64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.honest || !r.random.one(6) {
		return 0
	}
	return 1 + r.random.Uint64()%kinds
}

func (r *rogue) upTo(most time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.random.upTo(most)
}

// Describe implements backend.Driver.
func (r *rogue) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	wrong := r.misdeed(7)
	if wrong == 1 {
		panic(errRogue)
	}
	if wrong == 2 {
		time.Sleep(r.upTo(90 * time.Second)) // It does not obey ctx.
	}
	found, err := r.Driver.Describe(ctx, ids)
	switch wrong {
	case 3:
		return append(found, backend.Instance{ID: "of-nobody", State: backend.Running}), err
	case 4:
		return append(found, found...), err
	case 5:
		for i := range found {
			found[i].State = backend.State(99)
		}
	case 6:
		return found, errors.New("an error beside instances")
	case 7:
		for i := range found {
			found[i].LastOperation = &backend.Operation{State: backend.OperationState(99)}
		}
	}
	return found, err
}

// Start implements backend.Driver.
func (r *rogue) Start(ctx context.Context, ids []string) []backend.Outcome {
	return r.write(func() []backend.Outcome { return r.Driver.Start(ctx, ids) })
}

// Stop implements backend.Driver.
func (r *rogue) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return r.write(func() []backend.Outcome { return r.Driver.Stop(ctx, ids, opts) })
}

// Reboot implements backend.Driver.
func (r *rogue) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return r.write(func() []backend.Outcome { return r.Driver.Reboot(ctx, ids, opts) })
}

func (r *rogue) write(call func() []backend.Outcome) []backend.Outcome {
	wrong := r.misdeed(6)
	if wrong == 1 {
		panic(errRogue)
	}
	if wrong == 2 {
		time.Sleep(r.upTo(90 * time.Second)) // It does not obey ctx.
	}
	outcomes := call()
	switch wrong {
	case 3:
		return nil
	case 4:
		return outcomes[:len(outcomes)-1]
	case 5:
		return append(outcomes, backend.Outcome{Err: errors.New("of nobody")}, backend.Outcome{})
	case 6:
		panic(errRogue) // The call has had its effect.
	}
	return outcomes
}

// Fault implements backend.Driver.
func (r *rogue) Fault(err error) backend.Fault {
	fault := r.Driver.Fault(err)
	switch r.misdeed(6) {
	case 1:
		panic(errRogue)
	case 2:
		fault.Kind = backend.Kind(99)
	case 3:
		fault.RetryAfter = -time.Hour
	case 4:
		fault.IDs = []string{"of-nobody", ""}
	case 5:
		fault.Shared = true
	case 6:
		fault.Kind, fault.RetryAfter = backend.KindUnavailable, -time.Hour
	}
	return fault
}

// TestADriverThatBreaksItsContract plays rounds at random, set up the same in every run: a
// driver that answers too much, too little, too late or with a panic, callers that give up
// at any moment, and a limit of transitions. A panic is one of those alone that wait for
// the call. Whatever else an operation returns is in time, and a success is true. Once the
// driver keeps its contract, all instances are brought to a target: nothing that the
// operations share was lost.
func TestADriverThatBreaksItsContract(t *testing.T) {
	t.Parallel()
	random := dice{rand.NewChaCha8([32]byte{11})}
	var total ends
	for round := range 150 {
		synctest.Test(t, func(t *testing.T) { rogueRound(t, random, &total) })
		if t.Failed() {
			t.Fatalf("round %d failed", round)
		}
	}
	t.Logf("%+v", total)
	if total.reached < 200 || total.failed < 200 || total.canceled < 50 || total.panicked < 100 {
		t.Errorf("got %+v, want many of each: the rounds show nothing", total)
	}
}

// ends are how often operations ended in which way.
type ends struct{ reached, failed, canceled, panicked int }

func rogueRound(t *testing.T, random dice, total *ends) {
	t.Helper()
	can := memory.AllCapabilities()
	can.PerItemOutcomes, can.OperationReason = random.one(2), random.one(2)
	if random.one(2) {
		can.ReadsPerSecond, can.WritesPerSecond = 10, 5
	}
	w := newEmptyTestCloud(memory.Options{
		Capabilities: &can, BatchSize: pick(random, 1, 3, 100), Latency: random.upTo(time.Second),
		StartTime: random.upTo(20 * time.Second), StopTime: random.upTo(20 * time.Second),
		RebootTime: random.upTo(10 * time.Second),
	}, Options{
		BatchWindow:       pick(random, 0, window, time.Second),
		RequestsPerSecond: pick(random, 0.0, 0, 3),
	})
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], random.Uint64())
	driver := &rogue{Driver: w.Driver, random: dice{rand.NewChaCha8(seed)}}
	w.through(driver)
	ids := make([]string, 12)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%02d", i)
		w.Add(backend.Instance{ID: ids[i], State: pick(random, backend.Running, backend.Stopped, backend.Starting,
			backend.Stopping)})
	}
	transitions := NewTransitions(1 + int(random.Uint64()%12))
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, one := range ids {
		target := pick(random, running, stopped, rebooted)
		limit := pick(random, time.Hour, random.upTo(time.Minute)+time.Nanosecond)
		giveUp := pick(random, limit, limit, random.upTo(30*time.Second))
		opts := ReachOptions{
			NoWait: random.one(10), AwaitAppearance: random.one(3), Transitions: pick(random, nil, transitions),
		}
		fleet, delay := random.one(3), pick(random, 0, random.upTo(3*time.Second))
		all.Go(func() {
			time.Sleep(delay)
			got := rogueOperation(t, w, one, target, limit, giveUp, opts, fleet)
			mu.Lock()
			defer mu.Unlock()
			total.reached, total.failed = total.reached+got.reached, total.failed+got.failed
			total.canceled, total.panicked = total.canceled+got.canceled, total.panicked+got.panicked
		})
	}
	all.Wait()
	// A call whose callers have all given up may still be on its way.
	time.Sleep(5 * time.Minute)
	driver.mu.Lock()
	driver.honest = true
	driver.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	for i, r := range w.client.ReachAll(ctx, ids, stopped, ReachOptions{Transitions: transitions}) {
		if r.Err != nil || r.After.State != backend.Stopped {
			t.Errorf("%s: %v, %v, once the driver keeps its contract", ids[i], r.After.State, r.Err)
		}
	}
	for one, err := range w.reachAll(ctx, ids, running) {
		t.Errorf("%s: %v, once the driver keeps its contract", one, err)
	}
}

// recovered runs f and returns the value of its panic, or nil.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// rogueOperation brings one instance to a target, and checks what comes of it.
func rogueOperation(
	t *testing.T, w *testCloud, one string, target Target, limit, giveUp time.Duration, opts ReachOptions, fleet bool,
) (end ends) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	defer time.AfterFunc(giveUp, cancel).Stop()
	began := time.Now()
	var got Reached
	var err error
	p := recovered(func() {
		if fleet {
			result := w.client.ReachAll(ctx, []string{one}, target, opts)[0]
			got, err = result.Reached, result.Err
			return
		}
		got, err = w.client.Reach(ctx, one, target, opts)
	})
	if took := time.Since(began); took > min(limit, giveUp)+100*time.Millisecond {
		t.Errorf("%s ended after %v of %v, given up after %v", one, took, limit, giveUp)
	}
	if p != nil {
		if !strings.Contains(fmt.Sprint(p), "(*rogue).") {
			t.Errorf("%s: %v, want a panic of the driver alone", one, p)
		}
		return ends{panicked: 1}
	}
	var e *Error
	is, _ := w.Instance(one)
	switch {
	case err == nil && got.Before.ID != one:
		t.Errorf("%s began with an observation of %q", one, got.Before.ID)
	case err == nil && !opts.NoWait && (is.State != stateOf(target.Goal) || got.After.State != is.State):
		t.Errorf("%s is reported to be %v, and is %v, want %v", one, got.After.State, is.State, target.Goal)
	case err == nil:
		return ends{reached: 1}
	case !errors.As(err, &e), e.InstanceID != one,
		e.Cause == Canceled && !errors.Is(ctx.Err(), context.Canceled),
		e.Cause == TimedOut && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		t.Errorf("%s ended with %v (%+v) after %v of %v", one, err, e, time.Since(began), limit)
	case e.Cause == Canceled:
		return ends{canceled: 1}
	}
	return ends{failed: 1}
}
