package powerstate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// TestJudgeCallsOnlyWhatTheGoalAsksFor plays histories at random: a reboot never leads to
// a start or a stop, a running instance that is to run is never stopped, and the power
// is cut only where that was asked for, or after a stop had its time.
func TestJudgeCallsOnlyWhatTheGoalAsksFor(t *testing.T) {
	t.Parallel()
	random := dice{rand.NewChaCha8([32]byte{3})}
	calls := map[backend.Op]int{}
	for range 20_000 {
		target := Target{
			Goal:         pick(random, GoalRunning, GoalStopped, GoalRebooted),
			Mode:         pick(random, backend.UnknownMode, backend.StopCharging, StopChargingIfSupported),
			AllowRestart: random.one(2), ForceStop: random.one(4), ForceStopAfter: pick(random, 0, 10*time.Second),
		}
		w := wait{target: target, modeGrace: defaultModeGrace}
		now, stopping := begin, time.Time{} // since when it is stopping, or asked to
		for range 40 {
			now = now.Add(pick(random, 0, time.Second, 4*time.Second, 40*time.Second))
			in := &backend.Instance{
				ID: id, State: pick(random, backend.States()...),
				StoppedMode: pick(random, backend.KeepCharging, backend.StopCharging),
			}
			if random.one(3) {
				in.LastOperation = &backend.Operation{
					RequestID: pick(random, "a", "b", ""),
					State: pick(random, backend.OperationRunning, backend.OperationSucceeded,
						backend.OperationFailed),
				}
			}
			if in.State == backend.Stopping && stopping.IsZero() {
				stopping = now
			}
			v := judge(&w, dispatch.Observation{Instance: in, Requested: now})
			if v.outcome == reached && target.Goal != GoalRebooted && in.State != stateOf(target.Goal) {
				t.Fatalf("%v was reached by %v", target, in.State)
			}
			if v.outcome == reached || v.outcome == failed {
				break
			}
			if v.outcome == waiting {
				continue
			}
			calls[v.op]++
			allowed := map[Goal][]backend.Op{
				GoalRunning: {backend.OpStart}, GoalStopped: {backend.OpStop}, GoalRebooted: {backend.OpReboot},
			}[target.Goal]
			if target.AllowRestart && target.Goal == GoalStopped && target.Mode != StopChargingIfSupported {
				allowed = append(allowed, backend.OpStart)
			}
			if !slices.Contains(allowed, v.op) {
				t.Fatalf("%v leads to a %v of an instance that is %v", target, v.op, in.State)
			}
			if v.op == backend.OpStop && v.force == backend.Forced && !target.ForceStop &&
				(target.ForceStopAfter == 0 || stopping.IsZero() || now.Sub(stopping) < target.ForceStopAfter) {
				t.Fatalf("the power is cut of an instance that is %v, asked or stopping since %v, at %v", in.State,
					stopping, now)
			}
			switch pick(random, 0, 1, 2) {
			case 0:
				w.accepted(v.op, backend.StopOptions{Force: v.force, Mode: target.modeFor(true)},
					pick(random, "a", "b", ""), in, now)
				if v.op == backend.OpStop && stopping.IsZero() {
					stopping = now
				}
			case 1:
				w.lost(v.op, in, now, now)
			case 2:
				w.refused(backend.Fault{Kind: backend.KindBusy}, in, now, now)
			}
		}
	}
	for _, op := range []backend.Op{backend.OpStart, backend.OpStop, backend.OpReboot} {
		if calls[op] < 1000 {
			t.Errorf("there were %d calls to %v, want thousands: the histories show nothing", calls[op], op)
		}
	}
}
