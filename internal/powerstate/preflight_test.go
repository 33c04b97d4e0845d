package powerstate

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

func TestPreflight(t *testing.T) {
	t.Parallel()
	act := func(op backend.Op) Decision { return Decision{Step: Act, Op: op} }
	for name, test := range map[string]struct {
		in     backend.Instance
		target Target
		dryRun bool
		want   Decision
		trace  []string
	}{
		"finds nothing to do": {
			backend.Instance{State: backend.Stopped},
			stopped, true,
			Decision{Step: Done},
			[]string{"0s describe"},
		},
		"finds a stop to send": {
			backend.Instance{State: backend.Running},
			stopped, false,
			act(backend.OpStop),
			[]string{"0s describe"},
		},
		"finds a start to send": {
			backend.Instance{State: backend.Stopped},
			running, false,
			act(backend.OpStart),
			[]string{"0s describe"},
		},
		"finds a wait, and makes no dry run": {
			backend.Instance{State: backend.Restarting},
			running, true,
			Decision{Step: Wait},
			[]string{"0s describe"},
		},
		"asks about a stop as it would be sent": {
			backend.Instance{State: backend.Running},
			Target{Goal: GoalStopped, Mode: backend.StopCharging, ForceStop: true},
			true, act(backend.OpStop),
			[]string{"0s describe", "0s dry run forced stop_charging"},
		},
		"asks about a start": {
			backend.Instance{State: backend.Stopped},
			running, true,
			act(backend.OpStart),
			[]string{"0s describe", "0s dry run"},
		},
		"asks about the start of a restart": {
			backend.Instance{State: backend.Stopped},
			restarts, true,
			Decision{Step: Restart, Op: backend.OpStart},
			[]string{"0s describe", "0s dry run"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				w.through(memory.WithDryRun(w.Driver))
				test.in.ID = id
				w.Add(test.in)
				got, err := w.client.Preflight(t.Context(), id, test.target, PreflightOptions{DryRun: test.dryRun})
				if err != nil {
					t.Fatal(err)
				}
				if got.Decision != test.want || got.Observed.State != test.in.State || got.DryRun != nil {
					t.Errorf("got %+v, want the decision %+v, what was observed, and no fault", got, test.want)
				}
				w.wantTrace(t, test.trace...)
				w.wantWrites(t)
			})
		})
	}
}

func TestPreflightRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     backend.Instance
		target Target
		want   Reason
	}{
		"what is absent":      {backend.Instance{State: backend.Absent}, stopped, IsAbsent},
		"what is unavailable": {backend.Instance{State: backend.Unavailable}, stopped, IsUnavailable},
		"what is locked": {
			backend.Instance{State: backend.Running, Blocked: "it is locked"},
			stopped, IsBlocked,
		},
		"a mode that is not supported": {backend.Instance{
			State:           backend.Running,
			StopChargingBar: "it is prepaid",
		}, noCharge, ModeUnsupported},
		"a change of mode without a restart": {backend.Instance{State: backend.Stopped}, noCharge, ModeNeedsRestart},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				w.through(memory.WithDryRun(w.Driver))
				if test.in.State != backend.Absent {
					test.in.ID = id
					w.Add(test.in)
				}
				got, err := w.client.Preflight(t.Context(), id, test.target, PreflightOptions{DryRun: true})
				wantReason(t, err, test.want)
				if got.Observed.State != test.in.State {
					t.Errorf("it observed %v, want %v beside the error", got.Observed.State, test.in.State)
				}
				w.wantTrace(t, "0s describe")
			})
		})
	}
}

func TestPreflightUsesACachedObservation(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		read := func(want ...string) {
			t.Helper()
			got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{})
			if err != nil || got.Observed.State != backend.Running {
				t.Errorf("got %v, %v, want running", got.Observed.State, err)
			}
			w.wantTrace(t, want...)
		}
		// A refresh reads it, and the plan that follows does not again.
		if _, err := w.client.Observe(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		read("0s describe")
		time.Sleep(15*time.Second - time.Nanosecond)
		read("0s describe")
		time.Sleep(time.Nanosecond)
		read("0s describe", "15s describe")
		// An apply takes nothing that is older than a second for the truth.
		time.Sleep(time.Second)
		w.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
		w.mustReach(t, stopped)
		w.wantTrace(t, "0s describe", "15s describe", "16s describe")
	})
}

// TestARefusalIsOfAnObservationOfItsOwn: a cached one decides what is to be done, and
// not that it cannot be.
func TestARefusalIsOfAnObservationOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, stays := range map[string]bool{
		"where it is blocked no longer": false,
		"where it is blocked still":     true,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Change(id, func(in *backend.Instance) { in.Blocked = "it is locked" })
				if _, err := w.client.Observe(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				if !stays {
					w.Change(id, func(in *backend.Instance) { in.Blocked = "" })
				}
				got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{})
				if stays {
					wantReason(t, err, IsBlocked)
				} else if err != nil || got.Decision.Op != backend.OpStop {
					t.Errorf("got %+v, %v, want a stop", got.Decision, err)
				}
				w.wantTrace(t, "0s describe", "10s describe")
			})
		})
	}
}

// TestARefusalOfANewOneIsReadOnce, since that observation is not a cached one.
func TestARefusalOfANewOneIsReadOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Change(id, func(in *backend.Instance) { in.Blocked = "it is locked" })
		_, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{AwaitAppearance: true})
		wantReason(t, err, IsBlocked)
		w.wantTrace(t, "0s describe")
	})
}

func TestAnAnswerThatWasOvertakenIsNotCached(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		var c cache
		began := time.Now()
		observed := func(state backend.State, requested time.Time) dispatch.Observation {
			return dispatch.Observation{Instance: &backend.Instance{ID: id, State: state}, Requested: requested}
		}
		want := func(state backend.State, cached bool) {
			t.Helper()
			got, ok := c.get(id, time.Minute)
			if ok != cached || ok && got.Instance.State != state {
				t.Errorf("cached is %+v, %v, want %v, %v", got.Instance, ok, state, cached)
			}
		}
		c.put(observed(backend.Stopped, began.Add(time.Second)))
		c.put(observed(backend.Running, began))
		want(backend.Stopped, true)
		c.put(observed(backend.Running, began.Add(2*time.Second)))
		want(backend.Running, true)
		// A call of ours makes what was observed before it worthless.
		time.Sleep(5 * time.Second)
		c.call(id)
		want(backend.Unknown, false)
		c.put(observed(backend.Running, began.Add(4*time.Second)))
		want(backend.Unknown, false)
		c.put(observed(backend.Stopping, began.Add(5*time.Second)))
		want(backend.Stopping, true)
	})
}

func TestPreflightDoesNotCacheAbsence(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(brisk, Options{})
		if _, err := w.client.Observe(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.Add(backend.Instance{ID: id, State: backend.Running})
		got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{})
		if err != nil || got.Observed.State != backend.Running {
			t.Errorf("got %v, %v, want running, which it is by now", got.Observed.State, err)
		}
	})
}

func TestADryRunThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, kind := range []backend.Kind{backend.KindDenied, backend.KindInvalid, backend.KindBusy} {
		t.Run(kind.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.through(memory.WithBoth(w.Driver))
				w.Fail(fault(memory.DryRun, kind))
				got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{DryRun: true})
				if err != nil || got.DryRun == nil || got.DryRun.Kind != kind ||
					got.DryRun.Code != "Some."+kind.String() {
					t.Errorf("got %+v, %v, want the fault and no error", got.DryRun, err)
				}
				w.wantWrites(t)
			})
		})
	}
}

func TestADryRunWhereThereIsNone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{DryRun: true})
		if err != nil || got.DryRun != nil {
			t.Errorf("got %+v, %v, want neither", got.DryRun, err)
		}
		w.wantTrace(t, "0s describe")
	})
}

// TestADryRunThatIsNotAnsweredIsRepeated: nothing is known of what is not answered.
func TestADryRunThatIsNotAnsweredIsRepeated(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]memory.Trouble{
		"when it is throttled":    fault(memory.DryRun, backend.KindThrottled),
		"when its answer is lost": fault(memory.DryRun, backend.KindUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.through(memory.WithDryRun(w.Driver))
				w.Fail(trouble)
				got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{DryRun: true})
				if err != nil || got.DryRun != nil || w.Count(memory.DryRun) != 2 {
					t.Errorf("got %+v, %v after %d dry runs, want none of both after 2", got.DryRun, err,
						w.Count(memory.DryRun))
				}
			})
		})
	}
}

// TestADryRunThatGetsNoAnswerForAWhile is an answer too: the plan continues without it.
func TestADryRunThatGetsNoAnswerForAWhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble memory.Trouble
		want    backend.Kind
	}{
		"since it is throttled":      {fault(memory.DryRun, backend.KindThrottled), backend.KindThrottled},
		"since its answers are lost": {fault(memory.DryRun, backend.KindUnavailable), backend.KindUnavailable},
		"since it hangs":             {memory.Trouble{Op: memory.DryRun, Hang: true}, backend.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.through(memory.WithDryRun(w.Driver))
				w.Fail(always(test.trouble))
				got, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{DryRun: true})
				if err != nil || got.DryRun == nil || got.DryRun.Kind != test.want || w.elapsed() != dryRunLimit {
					t.Errorf("got %+v, %v after %v, want a fault of the kind %v after %v", got.DryRun, err, w.elapsed(),
						test.want, dryRunLimit)
				}
			})
		})
	}
}

func TestPreflightKeepsTheCloudsError(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Fail(fault(memory.Describe, backend.KindDenied))
		_, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{DryRun: true})
		var own *memory.Error
		if e := wantError(t, err, CloudFault); e.Fault.Kind != backend.KindDenied || !errors.As(err, &own) {
			t.Errorf("got %+v, want the cloud's denial", e)
		}
	})
}

func TestCharging(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	type in struct {
		state   backend.State
		mode    backend.StoppedMode
		prepaid bool
	}
	for _, test := range []struct {
		in   in
		want *bool
	}{
		{in{backend.Running, "", false}, &yes},
		{in{backend.Running, backend.StopCharging, false}, &yes}, // a mode means nothing while it runs
		{in{backend.Running, "", true}, &yes},
		{in{backend.Stopping, "", false}, &yes},
		{in{backend.Stopping, "", true}, &yes},
		{in{backend.Restarting, "", false}, &yes},
		{in{backend.Restarting, "", true}, &yes},
		{in{backend.Stopped, backend.KeepCharging, false}, &yes},
		{in{backend.Stopped, backend.KeepCharging, true}, &yes},
		{in{backend.Stopped, backend.NotApplicable, false}, &yes},
		{in{backend.Stopped, backend.NotApplicable, true}, &yes},
		{in{backend.Stopped, backend.StopCharging, false}, &no},
		{in{backend.Stopped, backend.StopCharging, true}, &yes},
		{in{backend.Stopped, backend.UnknownMode, false}, nil},
		{in{backend.Stopped, backend.UnknownMode, true}, &yes},
		{in{backend.Starting, "", false}, nil},
		{in{backend.Starting, "", true}, &yes},
		{in{backend.Unavailable, "", false}, nil},
		{in{backend.Unavailable, "", true}, &yes},
		{in{backend.Unknown, "", false}, nil},
		{in{backend.Unknown, "", true}, &yes},
		{in{backend.Absent, "", false}, nil},
	} {
		in := backend.Instance{State: test.in.state, StoppedMode: test.in.mode, ChargeType: backend.PayAsYouGo}
		if test.in.prepaid {
			in.ChargeType = backend.Prepaid
		}
		got := Charging(in)
		if diff := cmp.Diff(got, test.want); diff != "" {
			t.Errorf("%v, mode %q, prepaid %v (-got +want):\n%s", test.in.state, test.in.mode, test.in.prepaid, diff)
		}
	}
}

// TestADryRunThatIsRefusedForOneIsRefusedForNoOther is about a fleet, whose dry
// runs are joined.
func TestADryRunThatIsRefusedForOneIsRefusedForNoOther(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		unnamed bool
		most    int
	}{
		"and the cloud names it":   {false, 2},
		"and the cloud names none": {true, 12},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids := newBluntTestCloud(40, func(o *memory.Options) { o.HideCulprits = test.unnamed })
				w.through(memory.WithDryRun(w.Driver))
				w.Fail(always(memory.Trouble{
					Op: memory.DryRun, ID: ids[17],
					Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Locked"},
				}))
				for i, f := range w.client.PreflightAll(t.Context(), ids, stopped, PreflightOptions{DryRun: true}) {
					if want := i == 17; f.Err != nil || (f.DryRun != nil) != want {
						t.Errorf("%s got %v and %+v, want a refused dry run: %v", ids[i], f.Err, f.DryRun, want)
					}
				}
				if got := w.Count(memory.DryRun); got > test.most {
					t.Errorf("got %d dry runs, want at most %d", got, test.most)
				}
			})
		})
	}
}
