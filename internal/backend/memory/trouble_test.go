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

var throttled = backend.Fault{Kind: backend.KindThrottled, RetryAfter: time.Second}

func TestTroubles(t *testing.T) {
	t.Parallel()
	t.Run("are met so many times, after so many calls, by the operation", func(t *testing.T) {
		t.Parallel()
		d := memory.New(memory.Options{})
		d.Add(backend.Instance{ID: id, State: backend.Running})
		d.Fail(memory.Trouble{Op: memory.Describe, After: 1, Times: 2, Fault: throttled})
		mustNot(t, stop(t, d, backend.StopOptions{}))
		var got []bool
		for range 5 {
			_, err := d.Describe(t.Context(), []string{id})
			got = append(got, err != nil)
		}
		if diff := cmp.Diff(got, []bool{false, true, true, false, false}); diff != "" {
			t.Errorf("failed describes (-got +want):\n%s", diff)
		}
	})
	t.Run("that always happen do not end", func(t *testing.T) {
		t.Parallel()
		d := memory.New(memory.Options{})
		d.Fail(memory.Trouble{Times: memory.Always, Fault: throttled})
		for range 5 {
			wantKind(t, d, start(t, d), backend.KindThrottled)
		}
	})
	t.Run("are shared by a call of several ids alone", func(t *testing.T) {
		t.Parallel()
		d := memory.New(memory.Options{})
		ids := d.AddN(2, backend.Instance{ID: "i", State: backend.Running})
		d.Fail(memory.Trouble{Times: memory.Always, Fault: backend.Fault{Kind: backend.KindDenied, Shared: true}})
		for n := 1; n <= len(ids); n++ {
			outcomes := d.Stop(t.Context(), ids[:n], backend.StopOptions{})
			if got, want := d.Fault(outcomes[0].Err).Shared, n > 1; got != want {
				t.Errorf("the fault of a call of %d ids is shared: %v, want %v", n, got, want)
			}
		}
	})
	t.Run("happen one after the other", func(t *testing.T) {
		t.Parallel()
		d := memory.New(memory.Options{})
		d.Add(backend.Instance{ID: id, State: backend.Stopped})
		d.Fail(memory.Trouble{Fault: throttled}, memory.Trouble{Fault: backend.Fault{Kind: backend.KindBusy, Code: "Hold"}})
		wantKind(t, d, start(t, d), backend.KindThrottled)
		got := d.Fault(start(t, d).Err)
		want := backend.Fault{
			Kind: backend.KindBusy, Code: "Hold", Message: "the test asked for this fault", RequestID: "req-2",
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("fault (-got +want):\n%s", diff)
		}
		mustNot(t, start(t, d))
	})
	t.Run("of a lost answer let the call take effect", func(t *testing.T) {
		t.Parallel()
		for name, lost := range map[string]bool{"lost": true, "refused": false} {
			d := memory.New(memory.Options{})
			d.Add(backend.Instance{ID: id, State: backend.Running})
			d.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{Kind: backend.KindUnavailable}, Lost: lost})
			wantKind(t, d, stop(t, d, backend.StopOptions{}), backend.KindUnavailable)
			want := backend.Running
			if lost {
				want = backend.Stopped
			}
			if got := observe(t, d).State; got != want {
				t.Errorf("%s: state is %v, want %v", name, got, want)
			}
		}
	})
	t.Run("that hang end with the context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := memory.New(memory.Options{})
			d.Add(backend.Instance{ID: id, State: backend.Running})
			d.Fail(memory.Trouble{Op: memory.Stop, Hang: true, Lost: true}, memory.Trouble{Op: memory.Describe, Hang: true})
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			outcome := d.Stop(ctx, []string{id}, backend.StopOptions{})[0]
			wantKind(t, d, outcome, backend.KindUnavailable)
			if !errors.Is(outcome.Err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
				t.Errorf("got %v after %v, want the deadline's error after a minute", outcome.Err, time.Since(began))
			}
			ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := d.Describe(ctx, []string{id}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("describe returned %v, want the deadline's error", err)
			}
			wantState(t, d, backend.Stopped)
		})
	})
}

// TestOneBadID holds both answers of a cloud to a batch with one bad id.
func TestOneBadID(t *testing.T) {
	t.Parallel()
	whole := memory.AllCapabilities()
	whole.PerItemOutcomes = false
	busy := memory.Trouble{ID: "i-001", Fault: backend.Fault{Kind: backend.KindBusy, Code: "Hold"}}
	for name, test := range map[string]struct {
		opts    memory.Options
		prepare func(d *memory.Driver)
		// want is by id: the fault without its texts, or nil.
		want   []*backend.Fault
		states []backend.State
	}{
		"its neighbors are spared": {
			prepare: func(d *memory.Driver) { d.Fail(busy) },
			want:    []*backend.Fault{nil, {Kind: backend.KindBusy}, nil},
			states:  []backend.State{backend.Stopped, backend.Running, backend.Stopped},
		},
		"the whole call is refused, and the culprit named": {
			opts:    memory.Options{Capabilities: &whole},
			prepare: func(d *memory.Driver) { d.Fail(busy) },
			want: []*backend.Fault{
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
			},
			states: []backend.State{backend.Running, backend.Running, backend.Running},
		},
		"the whole call is refused, and nobody named": {
			opts:    memory.Options{Capabilities: &whole, HideCulprits: true},
			prepare: func(d *memory.Driver) { d.Remove("i-001") },
			want: []*backend.Fault{
				{Kind: backend.KindNotFound, Shared: true},
				{Kind: backend.KindNotFound, Shared: true},
				{Kind: backend.KindNotFound, Shared: true},
			},
			states: []backend.State{backend.Running, backend.Absent, backend.Running},
		},
		"one that is so already spoils the call": {
			opts: memory.Options{Capabilities: &whole},
			prepare: func(d *memory.Driver) {
				d.Change("i-001", func(in *backend.Instance) { in.State = backend.Stopped })
			},
			want: []*backend.Fault{
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindBusy, Shared: true, IDs: []string{"i-001"}},
			},
			states: []backend.State{backend.Running, backend.Stopped, backend.Running},
		},
		"one that is so already is fine": {
			prepare: func(d *memory.Driver) {
				d.Change("i-001", func(in *backend.Instance) { in.State = backend.Stopped })
			},
			want:   []*backend.Fault{nil, nil, nil},
			states: []backend.State{backend.Stopped, backend.Stopped, backend.Stopped},
		},
		"the answer about one is lost, and the call took effect": {
			opts: memory.Options{Capabilities: &whole},
			prepare: func(d *memory.Driver) {
				d.Fail(memory.Trouble{ID: "i-001", Fault: backend.Fault{Kind: backend.KindUnavailable}, Lost: true})
			},
			want: []*backend.Fault{
				{Kind: backend.KindUnavailable, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindUnavailable, Shared: true, IDs: []string{"i-001"}},
				{Kind: backend.KindUnavailable, Shared: true, IDs: []string{"i-001"}},
			},
			states: []backend.State{backend.Stopped, backend.Stopped, backend.Stopped},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := memory.New(test.opts)
			ids := d.AddN(3, backend.Instance{ID: "i", State: backend.Running})
			test.prepare(d)
			var got []*backend.Fault
			for _, outcome := range d.Stop(t.Context(), ids, backend.StopOptions{}) {
				if outcome.Err == nil {
					got = append(got, nil)
					continue
				}
				fault := d.Fault(outcome.Err)
				got = append(got, &backend.Fault{Kind: fault.Kind, Shared: fault.Shared, IDs: fault.IDs})
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("faults (-got +want):\n%s", diff)
			}
			for i, want := range test.states {
				state := backend.Absent
				if in, ok := d.Instance(ids[i]); ok {
					state = in.State
				}
				if state != want {
					t.Errorf("%s is %v, want %v", ids[i], state, want)
				}
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{BusyWhenAlreadySo: true})
	ids := d.AddN(4, backend.Instance{ID: "i", State: backend.Running})
	d.Change(ids[1], func(in *backend.Instance) { in.State = backend.Stopped })
	d.Fail(memory.Trouble{Op: memory.DryRun, ID: ids[2], Fault: backend.Fault{Kind: backend.KindDenied}})
	runner := memory.WithDryRun(d)
	var got []string
	for _, err := range runner.DryRun(t.Context(), backend.OpStop, ids, backend.StopOptions{}) {
		word := "accepted"
		if err != nil {
			word = d.Fault(err).Kind.String()
		}
		got = append(got, word)
	}
	if diff := cmp.Diff(got, []string{"accepted", "Busy", "Denied", "accepted"}); diff != "" {
		t.Errorf("answers (-got +want):\n%s", diff)
	}
	if got, _ := d.Instance(ids[0]); got.State != backend.Running {
		t.Errorf("instance is %v after a dry run, want it running", got.State)
	}
	call := d.Calls()[0]
	if call.Op != memory.DryRun || call.Checked != backend.OpStop {
		t.Errorf("the log has %+v, want a dry run of a stop", call)
	}

	d.Fail(memory.Trouble{Fault: throttled})
	for _, err := range runner.DryRun(t.Context(), backend.OpStart, ids[:2], backend.StopOptions{}) {
		wantKind(t, d, backend.Outcome{Err: err}, backend.KindThrottled)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := runner.DryRun(ctx, backend.OpStart, ids[:1], backend.StopOptions{})[0]; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
