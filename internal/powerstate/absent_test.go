package powerstate

import (
	"errors"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAnInstanceThatVanishes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from   backend.State
		target Target
	}{
		"while it stops":                       {backend.Running, stopped},
		"while it starts":                      {backend.Stopped, running},
		"while somebody else's stop is on":     {backend.Stopping, running},
		"while somebody else's start is on":    {backend.Starting, running},
		"while it is waited on with an escape": {backend.Running, escalating},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				w.Behave(id, memory.Behavior{VanishAfter: 1500 * time.Millisecond})
				_, err := w.reach(t.Context(), test.target)
				wantError(t, err, Vanished)
				if got, want := w.elapsed().Round(time.Millisecond), firstRead; got != want {
					t.Errorf("it lasted %v, want %v: an error at once", got, want)
				}
			})
		})
	}
}

func TestAnInstanceThatVanishesBetweenTwoWrites(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{VanishAfterDescribes: 1})
		w.Fail(fault(memory.Stop, backend.KindBusy))
		_, err := w.reach(t.Context(), stopped)
		wantError(t, err, Vanished)
		w.wantTrace(t, "0s describe", "0s stop graceful", "0s describe")
	})
}

func TestAnInstanceThatBecomesUnavailable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from   backend.State
		target Target
	}{
		"while it stops":                    {backend.Running, stopped},
		"while it starts":                   {backend.Stopped, running},
		"while somebody else's start is on": {backend.Starting, running},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				time.AfterFunc(1500*time.Millisecond, func() {
					w.Change(id, func(in *backend.Instance) { in.State = backend.Unavailable })
				})
				_, err := w.reach(t.Context(), test.target)
				e := wantError(t, err, BecameUnavailable)
				if e.Last.Raw != "UNAVAILABLE" {
					t.Errorf("last observed is %q, want %q", e.Last.Raw, "UNAVAILABLE")
				}
			})
		})
	}
}

func TestAnInstanceThatAppears(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		appears, grace time.Duration
		found          bool
		reads          [2]int // at least, at most
	}{
		"after ten seconds":               {10 * time.Second, 0, true, [2]int{5, 12}},
		"just within the grace":           {29 * time.Second, 0, true, [2]int{10, 18}},
		"too late":                        {time.Minute, 0, false, [2]int{10, 20}},
		"too late for a grace of its own": {10 * time.Second, 2 * time.Second, false, [2]int{2, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{AppearGrace: test.grace})
				w.Behave(id, memory.Behavior{AppearAfter: test.appears})
				got, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{AwaitAppearance: true})
				if reads := w.Count(memory.Describe); reads < test.reads[0] {
					t.Errorf("got %d reads, want at least %d", reads, test.reads[0])
				}
				if !test.found {
					wantReason(t, err, IsAbsent)
					if reads := w.Count(memory.Describe); reads > test.reads[1] {
						t.Errorf("got %d reads, want at most %d", reads, test.reads[1])
					}
					if grace := max(test.grace, 2*time.Second); w.elapsed() < grace || w.elapsed() > 35*time.Second {
						t.Errorf("it lasted %v, want the grace and a read", w.elapsed())
					}
					return
				}
				if err != nil || got.Before.State != backend.Running || got.After.State != backend.Stopped {
					t.Errorf("got %v to %v, %v, want running to stopped", got.Before.State, got.After.State, err)
				}
			})
		})
	}
}

func TestWithoutAppearanceAnAbsentOneIsAnErrorAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{AppearAfter: 10 * time.Second})
		_, err := w.reach(t.Context(), stopped)
		wantReason(t, err, IsAbsent)
		w.wantTrace(t, "0s describe")
	})
}

func TestAnEmptyAnswerIsChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hidden bool
		want   Cause
	}{
		"and is absence when the cloud confirms it":              {false, Refused},
		"and is no absence when this account may not be told so": {true, CloudFault},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				w.through(memory.WithAbsenceCheck(w.Driver))
				if test.hidden {
					w.Add(backend.Instance{ID: id, State: backend.Running})
					w.Behave(id, memory.Behavior{Hidden: true})
				}
				in, observeErr := w.client.Observe(t.Context(), id)
				_, err := w.reach(t.Context(), stopped)
				w.wantTrace(t, "0s describe", "0s check absent", "0s describe", "0s check absent")
				e := wantError(t, err, test.want)
				if !test.hidden {
					if observeErr != nil || in.State != backend.Absent || e.Reason != IsAbsent {
						t.Errorf("Observe returns %v, %v, and Reach %v, want absent and no error, and absent", in.State,
							observeErr, err)
					}
					return
				}
				var own *memory.Error
				if e := wantError(t, observeErr, CloudFault); e.Fault.Kind != backend.KindDenied || e.Last != nil ||
					!errors.As(err, &own) {
					t.Errorf("Observe returns %+v, want the cloud's denial and nothing observed", e)
				}
			})
		})
	}
}

func TestAbsenceIsNotAskedAboutBeforeTheGraceIsOver(t *testing.T) {
	for name, appears := range map[string]time.Duration{
		"and it appears":  10 * time.Second,
		"and it does not": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.through(memory.WithAbsenceCheck(w.Driver))
				w.Behave(id, memory.Behavior{AppearAfter: appears})
				_, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{AwaitAppearance: true})
				asked := w.Calls(memory.CheckAbsent)
				if appears < time.Minute {
					if err != nil || len(asked) != 0 {
						t.Errorf("got %v and %d questions, want no error and none", err, len(asked))
					}
					return
				}
				wantReason(t, err, IsAbsent)
				if len(asked) != 1 || asked[0].At.Sub(w.began) < 30*time.Second {
					t.Errorf("absence was asked about %d times: %q, want once after 30s", len(asked),
						w.trace(memory.CheckAbsent))
				}
			})
		})
	}
}

func TestAVanishedInstanceIsCheckedToo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.through(memory.WithAbsenceCheck(w.Driver))
		w.Behave(id, memory.Behavior{Slow: 10 * time.Second})
		time.AfterFunc(3*time.Second, func() { w.Behave(id, memory.Behavior{Hidden: true}) })
		_, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{AwaitAppearance: true})
		e := wantError(t, err, CloudFault)
		if e.Fault.Kind != backend.KindDenied || e.Last == nil || e.Last.State != backend.Stopping {
			t.Errorf("the error is %+v, want the denial, and stopping as last observed", e)
		}
	})
}

func TestTheQuestionAboutAbsenceIsRepeated(t *testing.T) {
	for name, kind := range map[string]backend.Kind{
		"when it is throttled":         backend.KindThrottled,
		"when it does not get through": backend.KindUnavailable,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				w.through(memory.WithAbsenceCheck(w.Driver))
				trouble := fault(memory.CheckAbsent, kind)
				trouble.Times = 3
				w.Fail(trouble)
				_, err := w.reach(t.Context(), stopped)
				wantReason(t, err, IsAbsent)
				if got := w.Count(memory.CheckAbsent); got != 4 {
					t.Errorf("it was asked %d times, want 4", got)
				}
			})
		})
	}
}
