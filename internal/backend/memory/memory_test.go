package memory_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const id = "i-1"

var times = memory.Options{StartTime: 30 * time.Second, StopTime: 20 * time.Second, RebootTime: 50 * time.Second}

// observe is one Describe of the instance; absent is not an error.
func observe(t *testing.T, d backend.Driver) backend.Instance {
	t.Helper()
	found, err := d.Describe(t.Context(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return backend.Instance{State: backend.Absent}
	}
	return found[0]
}

func wantState(t *testing.T, d backend.Driver, want backend.State) {
	t.Helper()
	if got := observe(t, d).State; got != want {
		t.Errorf("state is %v, want %v", got, want)
	}
}

// wantChange checks that the state changes after exactly that time.
func wantChange(t *testing.T, d backend.Driver, after time.Duration, from, to backend.State) {
	t.Helper()
	wantState(t, d, from)
	time.Sleep(after - time.Nanosecond)
	wantState(t, d, from)
	time.Sleep(time.Nanosecond)
	wantState(t, d, to)
}

func wantKind(t *testing.T, d backend.Driver, outcome backend.Outcome, want backend.Kind) {
	t.Helper()
	if outcome.Err == nil {
		t.Fatalf("got no error, want one of kind %v", want)
	}
	if got := d.Fault(outcome.Err).Kind; got != want {
		t.Errorf("kind of %v is %v, want %v", outcome.Err, got, want)
	}
}

func stop(t *testing.T, d backend.Driver, opts backend.StopOptions) backend.Outcome {
	t.Helper()
	return d.Stop(t.Context(), []string{id}, opts)[0]
}

func start(t *testing.T, d backend.Driver) backend.Outcome {
	t.Helper()
	return d.Start(t.Context(), []string{id})[0]
}

// mustNot fails on the error of something that the cloud should have accepted.
func mustNot(t *testing.T, outcome backend.Outcome) {
	t.Helper()
	if outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
}

func TestTransitionsTakeTheirTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, during, to backend.State
		call             func(t *testing.T, d backend.Driver) backend.Outcome
		takes            time.Duration
	}{
		"start": {backend.Stopped, backend.Starting, backend.Running, start, times.StartTime},
		"stop": {backend.Running, backend.Stopping, backend.Stopped, func(t *testing.T, d backend.Driver) backend.Outcome {
			t.Helper()
			return stop(t, d, backend.StopOptions{})
		}, times.StopTime},
		"reboot": {
			backend.Running, backend.Restarting, backend.Running,
			func(t *testing.T, d backend.Driver) backend.Outcome {
				t.Helper()
				return d.Reboot(t.Context(), []string{id}, backend.StopOptions{})[0]
			},
			times.RebootTime,
		},
		"found starting":   {backend.Starting, backend.Starting, backend.Running, nil, times.StartTime},
		"found stopping":   {backend.Stopping, backend.Stopping, backend.Stopped, nil, times.StopTime},
		"found restarting": {backend.Restarting, backend.Restarting, backend.Running, nil, times.RebootTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := memory.New(times)
				d.Add(backend.Instance{ID: id, State: test.from})
				if test.call != nil {
					wantState(t, d, test.from)
					mustNot(t, test.call(t, d))
				}
				wantChange(t, d, test.takes, test.during, test.to)
			})
		})
	}
}

func TestInstanceKeepsWhatTheTestGaveIt(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	want := backend.Instance{
		ID: id, Name: "web", State: backend.Stopped, Raw: "halted", StoppedMode: backend.StopCharging, PublicIP: "192.0.2.1",
		Tags: map[string]string{"a": "b"},
	}
	d.Add(want)
	got := observe(t, d)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("instance (-got +want):\n%s", diff)
	}
	got.Tags["a"] = "changed by the caller"
	if got := observe(t, d).Tags["a"]; got != "b" {
		t.Errorf("tag is %q, want what the cloud has", got)
	}
	d.Change(id, func(in *backend.Instance) { in.State = backend.Running })
	if got, want := observe(t, d).Raw, "RUNNING"; got != want {
		t.Errorf("raw is %q, want %q", got, want)
	}
	d.Remove(id)
	wantState(t, d, backend.Absent)
}

func TestAChangeEndsTheTransitionThatWasUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := memory.New(times)
		d.Add(backend.Instance{ID: id, State: backend.Running})
		mustNot(t, stop(t, d, backend.StopOptions{}))
		d.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		wantState(t, d, backend.Running)
		time.Sleep(2 * times.StopTime)
		wantState(t, d, backend.Running)
	})
}

func TestFinishEndsTransitions(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{StopTime: time.Hour})
	ids := d.AddN(3, backend.Instance{ID: "i", State: backend.Running})
	d.Behave(ids[2], memory.Behavior{Stuck: true})
	d.Stop(t.Context(), ids, backend.StopOptions{Mode: backend.StopCharging})
	d.Finish()
	for i, want := range []backend.State{backend.Stopped, backend.Stopped, backend.Stopping} {
		if got, _ := d.Instance(ids[i]); got.State != want {
			t.Errorf("instance %d is %v, want %v", i, got.State, want)
		}
	}
	if got, want := d.Count(memory.Describe), 0; got != want {
		t.Errorf("got %d describes, want %d: Instance is not a call", got, want)
	}
}

func TestCallsAreLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := memory.New(times)
		d.Add(backend.Instance{ID: id, State: backend.Running})
		began := time.Now()
		opts := backend.StopOptions{Force: backend.Forced, Mode: backend.KeepCharging}
		stop(t, d, opts)
		time.Sleep(time.Minute)
		start(t, d)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		d.Start(canceled, []string{id})
		got := d.Calls(memory.Start, memory.Stop)
		want := []memory.Call{
			{Op: memory.Stop, IDs: []string{id}, Options: opts, At: began, RequestID: "req-1"},
			{Op: memory.Start, IDs: []string{id}, At: began.Add(time.Minute), RequestID: "req-2"},
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
		d.ForgetCalls()
		if got := d.Count(); got != 0 {
			t.Errorf("got %d calls, want none", got)
		}
	})
}

func TestMisuseIsRefused(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{BatchSize: 2})
	for name, ids := range map[string][]string{
		"no id":       {},
		"an empty id": {id, ""},
		"one twice":   {id, id},
		"too many":    {"a", "b", "c"},
	} {
		if _, err := d.Describe(t.Context(), ids); err == nil || d.Fault(err).Kind != backend.KindInvalid {
			t.Errorf("%s: describe returned %v, want an invalid fault", name, err)
		}
		for _, outcome := range d.Start(t.Context(), ids) {
			wantKind(t, d, outcome, backend.KindInvalid)
		}
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := memory.New(memory.Options{Latency: 2 * time.Second})
		d.Add(backend.Instance{ID: id, State: backend.Running})
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		outcome := d.Stop(ctx, []string{id}, backend.StopOptions{})[0]
		if !errors.Is(outcome.Err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want the deadline's", outcome.Err)
		}
		if got, want := time.Since(began), time.Second; got != want {
			t.Errorf("the call took %v, want %v", got, want)
		}
		wantState(t, d, backend.Stopped) // The cloud had acted by then.
		if got, want := time.Since(began), 3*time.Second; got != want {
			t.Errorf("both calls took %v, want %v", got, want)
		}
	})
}

// TestOptionalInterfaces is what the engine's type assertions depend on.
func TestOptionalInterfaces(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	for name, test := range map[string]struct {
		driver          backend.Driver
		dryRun, absence bool
	}{
		"neither":       {d, false, false},
		"dry run":       {memory.WithDryRun(d), true, false},
		"absence check": {memory.WithAbsenceCheck(d), false, true},
		"both":          {memory.WithBoth(d), true, true},
	} {
		_, dryRun := test.driver.(backend.DryRunner)
		_, absence := test.driver.(backend.AbsenceChecker)
		if dryRun != test.dryRun || absence != test.absence {
			t.Errorf("%s: got %v, %v, want %v, %v", name, dryRun, absence, test.dryRun, test.absence)
		}
	}
}
