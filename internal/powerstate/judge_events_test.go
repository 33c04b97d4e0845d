package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// event is one step in the life of a wait: an observation, which is judged, or the
// answer to a call.
type event struct {
	at     time.Duration
	in     *backend.Instance // of an observation
	want   verdict
	answer func(w *wait, last *backend.Instance, now time.Time) // of an answer
}

// begin is the time at which the events count.
var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func on(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }

func observed(seconds float64, state backend.State, want verdict, more ...func(*backend.Instance)) event {
	in := &backend.Instance{ID: id, State: state, StoppedMode: backend.KeepCharging}
	for _, change := range more {
		change(in)
	}
	return event{at: on(seconds).Sub(begin), in: in, want: want}
}

func answered(seconds float64, answer func(w *wait, last *backend.Instance, now time.Time)) event {
	return event{at: on(seconds).Sub(begin), answer: answer}
}

func accepts(seconds float64, op backend.Op, force backend.Force, requestID string) event {
	return answered(seconds, func(w *wait, last *backend.Instance, now time.Time) {
		w.accepted(op, backend.StopOptions{Force: force, Mode: w.target.modeFor(true)}, requestID, last, now)
	})
}

// loses is a call whose answer is lost; the next may be sent two seconds later.
func loses(seconds float64, op backend.Op) event {
	return answered(seconds, func(w *wait, last *backend.Instance, now time.Time) {
		w.lost(op, last, now, now.Add(2*time.Second))
	})
}

func busies(seconds float64) event {
	return answered(seconds, func(w *wait, last *backend.Instance, now time.Time) {
		w.refused(backend.Fault{Kind: backend.KindBusy}, last, now, now.Add(2*time.Second))
	})
}

func throttles(seconds float64) event {
	return answered(seconds, func(w *wait, last *backend.Instance, now time.Time) {
		w.refused(backend.Fault{Kind: backend.KindThrottled}, last, now, now)
	})
}

func puzzles(seconds float64) event {
	return answered(seconds, func(w *wait, last *backend.Instance, now time.Time) {
		w.refused(backend.Fault{Kind: backend.KindBusy, Unexplained: true}, last, now, now)
	})
}

// operated shows a last operation.
func operated(requestID string, state backend.OperationState) func(*backend.Instance) {
	return func(in *backend.Instance) {
		in.LastOperation = &backend.Operation{RequestID: requestID, State: state}
	}
}

func barred(in *backend.Instance) { in.StopChargingBar = "it is prepaid" }

func inMode(mode backend.StoppedMode) func(*backend.Instance) {
	return func(in *backend.Instance) { in.StoppedMode = mode }
}

var (
	stays    = verdict{}
	reaches  = verdict{outcome: reached}
	isEnough = verdict{enough: true}
	starts   = verdict{outcome: calling, op: backend.OpStart}
	stopsIt  = verdict{outcome: calling, op: backend.OpStop}
	asks     = verdict{outcome: calling, op: backend.OpStop, force: backend.EscalateLater}
	cuts     = verdict{outcome: calling, op: backend.OpStop, force: backend.Forced}
	reboots  = verdict{outcome: calling, op: backend.OpReboot}
)

// by is the wait for an observation at the latest by then.
func by(seconds float64) verdict { return verdict{by: on(seconds)} }

// held is a call that is to be sent then.
func held(seconds float64) verdict { return verdict{by: on(seconds), held: true} }

func fails(cause Cause) verdict { return verdict{outcome: failed, cause: cause} }

func refuses(reason Reason) verdict {
	return verdict{outcome: failed, cause: Refused, reason: reason}
}

const (
	isRunning  = backend.Running
	isStopped  = backend.Stopped
	isStarting = backend.Starting
	isStopping = backend.Stopping
	isRebooted = backend.Restarting
	isUnknown  = backend.Unknown
)

var (
	cutAfter10s   = Target{Goal: GoalStopped, ForceStopAfter: 10 * time.Second}
	atOnce        = Target{Goal: GoalStopped, ForceStop: true, ForceStopAfter: time.Second}
	cutAndRestart = Target{
		Goal: GoalStopped, Mode: backend.StopCharging, AllowRestart: true, ForceStopAfter: 10 * time.Second,
	}
)
