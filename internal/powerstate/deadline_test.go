package powerstate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// waits are all the waits that there are: in each, Reach is still busy after
// three seconds, and has nothing to do but wait after half a second.
var waits = map[string]struct {
	from    backend.State
	cloud   func(*memory.Options)
	opts    Options
	target  Target
	appear  bool
	checker bool // the cloud can be asked about absence
	prepare func(t *testing.T, w *testCloud)

	last    string        // the word last observed; empty when nothing was
	since   time.Duration // since when, from the beginning
	settles time.Duration // when the next Reach begins, unless at once
	missing bool          // what the next Reach ends with is absence
}{
	"the first read hangs": {
		prepare: func(_ *testing.T, w *testCloud) { w.Fail(memory.Trouble{Op: memory.Describe, Times: 2, Hang: true}) },
	},
	"the first read is throttled": {
		prepare: func(_ *testing.T, w *testCloud) { w.Fail(twice(throttled(memory.Describe, 10*time.Second))) },
	},
	"the first read does not get through": {
		prepare: func(_ *testing.T, w *testCloud) {
			trouble := fault(memory.Describe, backend.KindUnavailable)
			trouble.Times = 4
			w.Fail(trouble)
		},
	},
	"the read waits for a permit": {
		cloud: func(o *memory.Options) { o.Capabilities.ReadsPerSecond = 0.1 },
		prepare: func(t *testing.T, w *testCloud) {
			t.Helper()
			if _, err := w.client.Observe(t.Context(), "i-2"); err != nil {
				t.Error(err)
			}
		},
	},
	"the read waits for others to join it": {opts: Options{BatchWindow: 20 * time.Second}},
	"the stop hangs": {
		prepare: func(_ *testing.T, w *testCloud) { w.Fail(memory.Trouble{Op: memory.Stop, Hang: true}) },
		last:    "RUNNING",
	},
	"the stop is throttled": {
		prepare: func(_ *testing.T, w *testCloud) { w.Fail(twice(throttled(memory.Stop, 10*time.Second))) },
		last:    "RUNNING",
	},
	"the stop waits for a permit": {
		cloud: func(o *memory.Options) { o.Capabilities.WritesPerSecond = 0.1 },
		prepare: func(t *testing.T, w *testCloud) {
			t.Helper()
			w.Add(backend.Instance{ID: "i-9", State: backend.Running})
			call := dispatch.Call{Op: backend.OpStop}
			if _, err := w.client.dispatch.Send(t.Context(), "i-9", call, dispatch.Single, dispatch.Split{},
				time.Time{}); err != nil {
				t.Fatal(err)
			}
		},
		last: "RUNNING",
	},
	"the stop does not get through": {
		prepare: func(_ *testing.T, w *testCloud) {
			trouble := fault(memory.Stop, backend.KindUnavailable)
			trouble.Times = 4
			w.Fail(trouble)
		},
		last: "RUNNING",
	},
	"the instance is busy": {
		prepare: func(_ *testing.T, w *testCloud) {
			trouble := fault(memory.Stop, backend.KindBusy)
			trouble.Times = 4
			w.Fail(trouble)
		},
		last: "RUNNING",
	},
	"the read after a refused stop hangs": {
		prepare: func(_ *testing.T, w *testCloud) {
			w.Fail(fault(memory.Stop, backend.KindBusy),
				memory.Trouble{Op: memory.Describe, After: 1, Times: 2, Hang: true})
		},
		last: "RUNNING",
	},
	"somebody else's stop is on": {
		from:  backend.Stopping,
		cloud: func(o *memory.Options) { o.StopTime = time.Minute },
		last:  "STOPPING",
	},
	"somebody else's start is on": {
		from:  backend.Starting,
		cloud: func(o *memory.Options) { o.StartTime = time.Minute },
		last:  "STARTING",
	},
	"an operation of the cloud is on": {
		prepare: func(_ *testing.T, w *testCloud) {
			w.Change(id, func(in *backend.Instance) {
				in.LastOperation = &backend.Operation{State: backend.OperationRunning}
			})
			time.AfterFunc(20*time.Second, func() {
				w.Change(id, func(in *backend.Instance) { in.LastOperation = nil })
			})
		},
		last: "RUNNING",
	},
	"the word is unknown": {
		prepare: func(_ *testing.T, w *testCloud) {
			w.Behave(id, memory.Behavior{OddWord: "DEFRAGMENTING", OddWordFor: 20 * time.Second})
		},
		last: "DEFRAGMENTING",
	},
	"the stop takes long": {
		cloud: func(o *memory.Options) { o.StopTime = time.Minute },
		last:  "STOPPING", since: firstRead,
	},
	"the start takes long": {
		from:   backend.Stopped,
		cloud:  func(o *memory.Options) { o.StartTime = time.Minute },
		target: running,
		last:   "STARTING", since: firstRead,
	},
	"a read in the middle hangs": {
		prepare: func(_ *testing.T, w *testCloud) {
			w.Fail(memory.Trouble{Op: memory.Describe, After: 1, Times: 2, Hang: true})
		},
		last: "RUNNING",
	},
	"a read in the middle is throttled": {
		prepare: func(_ *testing.T, w *testCloud) {
			trouble := twice(throttled(memory.Describe, 10*time.Second))
			trouble.After = 1
			w.Fail(trouble)
		},
		last: "RUNNING",
	},
	"the mode is not read back yet": {
		cloud:  func(o *memory.Options) { o.StopTime = time.Second },
		target: noCharge,
		prepare: func(_ *testing.T, w *testCloud) {
			w.Behave(id, memory.Behavior{ModeLag: 15 * time.Second, ModeMeanwhile: backend.KeepCharging})
		},
		// A later Reach cannot know that the mode is still in motion.
		last: "STOPPED", since: firstRead, settles: 20 * time.Second,
	},
	"the mode of somebody else's stop is not read back yet": {
		from:   backend.Stopping,
		cloud:  func(o *memory.Options) { o.StopTime = time.Second },
		target: noCharge,
		prepare: func(_ *testing.T, w *testCloud) {
			time.AfterFunc(15*time.Second, func() {
				w.Change(id, func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
			})
		},
		// A later Reach cannot know that the mode is still in motion.
		last: "STOPPED", since: firstRead, settles: 20 * time.Second,
	},
	"the instance has not appeared yet": {
		appear:  true,
		prepare: func(_ *testing.T, w *testCloud) { w.Behave(id, memory.Behavior{AppearAfter: 10 * time.Second}) },
		last:    "absent",
	},
	"the question about absence hangs": {
		from: backend.Absent, checker: true, missing: true,
		prepare: func(_ *testing.T, w *testCloud) {
			w.Fail(memory.Trouble{Op: memory.CheckAbsent, ID: id, Times: 2, Hang: true})
		},
	},
	"the question about absence is throttled": {
		from: backend.Absent, checker: true, missing: true,
		prepare: func(_ *testing.T, w *testCloud) { w.Fail(twice(throttled(memory.CheckAbsent, 10*time.Second))) },
	},
	"the question about absence does not get through": {
		from: backend.Absent, checker: true, missing: true,
		prepare: func(_ *testing.T, w *testCloud) {
			trouble := fault(memory.CheckAbsent, backend.KindUnavailable)
			trouble.Times = 4
			w.Fail(trouble)
		},
	},
	"the forced stop hangs": {
		target: Target{Goal: GoalStopped, ForceStopAfter: 1200 * time.Millisecond},
		prepare: func(_ *testing.T, w *testCloud) {
			w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
			w.Fail(memory.Trouble{Op: memory.Stop, After: 1, Hang: true})
		},
		last: "STOPPING", since: 1200 * time.Millisecond,
	},
	"the forced stop is refused": {
		target: Target{Goal: GoalStopped, ForceStopAfter: 1200 * time.Millisecond},
		prepare: func(_ *testing.T, w *testCloud) {
			w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
			trouble := fault(memory.Stop, backend.KindBusy)
			trouble.After, trouble.Times = 1, 4
			w.Fail(trouble)
		},
		last: "STOPPING", since: 1200 * time.Millisecond,
	},
	"the forced stop takes long": {
		cloud:   func(o *memory.Options) { o.StopTime = time.Minute },
		target:  Target{Goal: GoalStopped, ForceStopAfter: 1200 * time.Millisecond},
		prepare: func(_ *testing.T, w *testCloud) { w.Behave(id, memory.Behavior{SoftStop: memory.Hangs}) },
		last:    "STOPPING", since: 1200 * time.Millisecond,
	},
	"the read before a forced stop hangs": {
		target: Target{Goal: GoalStopped, ForceStopAfter: 1200 * time.Millisecond},
		prepare: func(_ *testing.T, w *testCloud) {
			w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
			w.Fail(memory.Trouble{Op: memory.Describe, After: 2, Times: 2, Hang: true})
		},
		last: "STOPPING", since: 1200 * time.Millisecond,
	},
	"each answer takes long": {
		cloud: func(o *memory.Options) { o.Latency = 5 * time.Second },
	},
}

// TestEveryWaitEndsInTime plays every wait with a deadline of three seconds,
// with a cause of its own and without, and cancels it at 2.5s, when no wait has
// anything due. In fake time the ends are exact.
func TestEveryWaitEndsInTime(t *testing.T) {
	t.Parallel()
	canceled := errors.New("somebody pressed a key")
	for name, test := range waits {
		for how, end := range map[string]struct {
			limit   func(ctx context.Context) (context.Context, context.CancelFunc)
			after   time.Duration
			cause   Cause
			wantErr error
		}{
			"at a deadline": {
				func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, 3*time.Second)
				}, 3 * time.Second, TimedOut, context.DeadlineExceeded,
			},
			"at a deadline with a cause": {
				func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeoutCause(ctx, 3*time.Second, canceled)
				}, 3 * time.Second, TimedOut, canceled,
			},
			"when it is canceled": {
				func(ctx context.Context) (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancel(ctx)
					time.AfterFunc(2500*time.Millisecond, cancel)
					return ctx, cancel
				}, 2500 * time.Millisecond, Canceled, context.Canceled,
			},
			"when it is canceled with a cause": {
				func(ctx context.Context) (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancelCause(ctx)
					time.AfterFunc(2500*time.Millisecond, func() { cancel(canceled) })
					return ctx, func() { cancel(nil) }
				}, 2500 * time.Millisecond, Canceled, canceled,
			},
		} {
			t.Run("when "+name+" ends "+how, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					can := memory.AllCapabilities()
					can.NativeEscalation = false
					cloud := memory.Options{StartTime: 3 * time.Second, StopTime: 2 * time.Second, Capabilities: &can}
					if test.cloud != nil {
						test.cloud(&cloud)
					}
					from, target := test.from, test.target
					if from == backend.Unknown {
						from = backend.Running
					}
					if target == (Target{}) {
						target = stopped
					}
					w := newTestCloud(from, cloud, test.opts)
					if test.checker {
						w.through(memory.WithAbsenceCheck(w.Driver))
					}
					if test.prepare != nil {
						test.prepare(t, w)
					}
					ctx, cancel := end.limit(t.Context())
					defer cancel()
					_, err := w.client.Reach(ctx, id, target, ReachOptions{AwaitAppearance: test.appear})
					if got := w.elapsed(); got != end.after {
						t.Errorf("it ended after %v with %v, want after %v", got, err, end.after)
					}
					e := wantError(t, err, end.cause)
					if !errors.Is(err, end.wantErr) || e.Target != target || e.Elapsed != end.after {
						t.Errorf("the error is %+v, want one of %v with the target and the time", e, end.wantErr)
					}
					wantLast(t, e, test.last, end.after-test.since)

					// The next one begins with a read, and gets there.
					time.Sleep(test.settles - w.elapsed())
					ctx, cancel = context.WithTimeout(t.Context(), 20*time.Minute)
					defer cancel()
					_, err = w.client.Reach(ctx, id, target, ReachOptions{AwaitAppearance: test.appear})
					if test.missing {
						wantReason(t, err, IsAbsent)
						return
					}
					if err != nil {
						t.Errorf("the next one ends with %v, want no error; calls: %q", err, w.trace())
					}
				})
			})
		}
	}
}

// wantLast checks what an error reports as last observed.
func wantLast(t *testing.T, e *Error, word string, age time.Duration) {
	t.Helper()
	if word == "" {
		if e.Last != nil || e.LastFor != 0 {
			t.Errorf("last observed is %v for %v, want nothing", e.Last, e.LastFor)
		}
		return
	}
	if e.Last == nil {
		t.Fatalf("last observed is nothing, want %q", word)
	}
	got := e.Last.Raw
	if e.Last.State == backend.Absent {
		got = e.Last.State.String()
	}
	if got != word || e.LastFor.Round(time.Millisecond) != age {
		t.Errorf("last observed is %q for %v, want %q for %v", got, e.LastFor, word, age)
	}
}

func TestAContextThatHasEndedMakesNoCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := w.reach(ctx, stopped)
		wantError(t, err, Canceled)
		_, err = w.client.Observe(ctx, id)
		wantError(t, err, Canceled)
		_, err = w.client.Preflight(ctx, id, stopped, PreflightOptions{})
		wantError(t, err, Canceled)
		w.wantTrace(t)
	})
}

// twice is the trouble of two calls: a throttled one, and the probe before the
// deadline.
func twice(trouble memory.Trouble) memory.Trouble {
	trouble.Times = 2
	return trouble
}

// TestACallThatNeverAnswersIsGivenUp holds that a connection which died
// silently does not use up the time of those who wait for its answer.
func TestACallThatNeverAnswersIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]memory.Trouble{
		"a read":                         {Op: memory.Describe, Times: 2, Hang: true},
		"a read in the middle":           {Op: memory.Describe, After: 1, Times: 2, Hang: true},
		"a stop that had an effect":      {Op: memory.Stop, ID: id, Lost: true, Hang: true},
		"a stop that never arrived":      {Op: memory.Stop, ID: id, Hang: true},
		"the question about the absence": {Op: memory.CheckAbsent, ID: id, Times: 2, Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.through(memory.WithAbsenceCheck(w.Driver))
				w.Fail(trouble)
				if trouble.Op == memory.CheckAbsent {
					w.Remove(id)
				}
				_, err := w.reach(t.Context(), stopped)
				if trouble.Op == memory.CheckAbsent {
					wantReason(t, err, IsAbsent)
				} else if err != nil {
					t.Errorf("got %v, want no error; calls: %q", err, w.trace())
				}
				least, most := 10*time.Second, 15*time.Second
				if trouble.Op == memory.Stop {
					least, most = time.Minute, 70*time.Second
				}
				if got := w.elapsed(); got < least || got > most {
					t.Errorf("it lasted %v, want %v to %v", got, least, most)
				}
				w.wantReadBeforeEachWrite(t)
			})
		})
	}
}

// TestTheErrorTellsOfACallWithoutAnAnswer: whoever reads it has to know that the instance
// may not be as it was last observed.
func TestTheErrorTellsOfACallWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	cloud := tenSeconds
	cloud.Latency = time.Second
	for name, test := range map[string]struct {
		after time.Duration
		want  bool
	}{
		"before the call":       {500 * time.Millisecond, false},
		"while it is in flight": {1500 * time.Millisecond, true},
		"after it was accepted": {5500 * time.Millisecond, false},
		"while it is observed":  {2500 * time.Millisecond, false},
	} {
		for cause, limit := range map[Cause]func(context.Context) (context.Context, context.CancelFunc){
			TimedOut: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, test.after)
			},
			Canceled: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(test.after, cancel)
				return ctx, cancel
			},
		} {
			t.Run(name+", "+cause.String(), func(t *testing.T) {
				inEachForm(t, cloud, func(t *testing.T, w *testCloud, f form) {
					ctx, cancel := limit(t.Context())
					defer cancel()
					_, err := f.reach(ctx, w.client, stopped)
					if e := wantError(t, err, cause); e.Unanswered != test.want {
						t.Errorf("the call has no answer: %t, want %t; calls: %q", e.Unanswered, test.want, w.trace())
					}
				})
			})
		}
	}
}
