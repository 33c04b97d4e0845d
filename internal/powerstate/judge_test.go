package powerstate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	stop, start := backend.OpStop, backend.OpStart
	for name, test := range map[string]struct {
		target Target
		events []event
	}{
		// Reached.
		"the target ends it": {stopped, []event{observed(0, isStopped, reaches)}},
		"the target ends a wait for our own transition": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, "r"), observed(1, isStopping, stays),
			observed(2, isStopped, reaches),
		}},
		"the target ends a wait for somebody else's": {running, []event{
			observed(0, isStarting, stays),
			observed(1, isRunning, reaches),
		}},
		"the target ends it after a lost answer": {stopped, []event{
			observed(0, isRunning, stopsIt),
			loses(0, stop), observed(0, isStopped, reaches),
		}},
		"the target ends it when a cut is due": {cutAfter10s, []event{
			observed(0, isStopping, by(10)),
			observed(11, isStopped, reaches),
		}},
		"an observation from before the answer tells nothing": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(5, stop, 0, "r"), observed(4, isStopped, by(5)),
			observed(6, isStopped, reaches),
		}},
		"the target has a mode": {noCharge, []event{
			observed(0, isStopped, reaches, inMode(backend.StopCharging)),
		}},

		// Failed.
		"an instance that is absent is searched for in a create": {stopped, []event{
			answered(0, func(w *wait, _ *backend.Instance, _ time.Time) { w.searchUntil = on(30) }),
			observed(29, backend.Absent, stays), observed(30, backend.Absent, refuses(IsAbsent)),
		}},
		"and not any more once it was there": {stopped, []event{
			answered(0, func(w *wait, _ *backend.Instance, _ time.Time) { w.searchUntil = on(30) }),
			observed(1, backend.Absent, stays), observed(2, isStarting, stays),
			observed(3, backend.Absent, fails(Vanished)),
		}},
		"an instance that is absent is refused": {stopped, []event{observed(0, backend.Absent, refuses(IsAbsent))}},
		"one that was there has vanished": {stopped, []event{
			observed(0, isStarting, stays),
			observed(1, backend.Absent, fails(Vanished)),
		}},
		"an instance that is unavailable is refused": {stopped, []event{
			observed(0, backend.Unavailable, refuses(IsUnavailable)),
		}},
		"one that was operable became unavailable": {stopped, []event{
			observed(0, isStarting, stays),
			observed(1, backend.Unavailable, fails(BecameUnavailable)),
		}},
		"the cloud reports that our call failed": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, "r"),
			observed(1, isRunning, fails(NoEffect), operated("r", backend.OperationFailed)),
		}},
		"a failure of somebody else's call is not ours": {stopped, []event{
			observed(0, isRunning, stopsIt, operated("x", backend.OperationFailed)), accepts(0, stop, 0, "r"),
			observed(1, isRunning, by(30), operated("x", backend.OperationFailed)),
		}},
		"a transition that continues does not fail by its report": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, "r"),
			observed(1, isStopping, stays, operated("r", backend.OperationFailed)),
		}},

		// Contradictions.
		"one contradiction is confirmed soon": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopping, stays),
			observed(2, isRunning, by(3)),
			observed(3, isRunning, fails(NoEffect)),
		}},
		"a contradiction that is not confirmed was a lag": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopping, stays),
			observed(2, isRunning, by(3)),
			observed(3, isStopping, stays), observed(4, isRunning, by(5)), observed(5, isStopped, reaches),
		}},
		"an unknown word between two of them is none": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopping, stays),
			observed(2, isRunning, by(3)),
			observed(3, isUnknown, stays), observed(4, isRunning, by(5)), observed(5, isRunning, fails(NoEffect)),
		}},
		"what was never observed is without effect after half a minute": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(29, isRunning, by(30)),
			observed(30, isRunning, fails(NoEffect)),
		}},
		"unless the cloud reports that it continues": {running, []event{
			observed(0, isStopped, starts), accepts(0, start, 0, "r"),
			observed(600, isStopped, stays, operated("r", backend.OperationRunning)),
		}},
		"a start falls back as a stop does": {running, []event{
			observed(0, isStopped, starts), accepts(0, start, 0, ""), observed(1, isStarting, stays),
			observed(2, isStopped, by(3)),
			observed(3, isStopped, fails(NoEffect)),
		}},

		// Somebody else's transitions.
		"one that is found is waited out, and decided about": {stopped, []event{
			observed(0, isRebooted, stays),
			observed(5, isRunning, stopsIt),
		}},
		"one after our accepted call is waited out too": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, "r"), observed(1, isRebooted, stays),
			observed(5, isRunning, stopsIt),
		}},
		"one that the last operation tells of is decided about": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, "r"),
			observed(1, isStopping, stays, operated("r", backend.OperationRunning)),
			observed(2, isRunning, by(3), operated("x", backend.OperationSucceeded)),
			observed(3, isRunning, stopsIt, operated("x", backend.OperationSucceeded)),
		}},
		"an operation of somebody else blocks": {stopped, []event{
			observed(0, isRunning, stays, operated("x", backend.OperationRunning)),
			observed(179, isRunning, stays, operated("x", backend.OperationRunning)),
		}},
		"but not for longer than three minutes without moving": {stopped, []event{
			observed(0, isRunning, stays, operated("x", backend.OperationRunning)),
			observed(180, isRunning, stopsIt, operated("x", backend.OperationRunning)),
		}},
		"another one begins the three minutes anew": {stopped, []event{
			observed(0, isRunning, stays, operated("x", backend.OperationRunning)),
			observed(100, isRunning, stays, operated("y", backend.OperationRunning)),
			observed(200, isRunning, stays, operated("y", backend.OperationRunning)),
			observed(280, isRunning, stopsIt, operated("y", backend.OperationRunning)),
		}},
		"our own blocks for ever": {restarts, []event{
			observed(0, isStopped, verdict{outcome: calling, op: start, restart: true}), accepts(0, start, 0, "r"),
			observed(1, isRunning, stays, operated("r", backend.OperationRunning)),
			observed(600, isRunning, stays, operated("r", backend.OperationRunning)),
		}},

		// Lost answers.
		"what is as before is decided anew, after a pause": {stopped, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isRunning, held(2)),
			observed(2, isRunning, stopsIt),
		}},
		"its transition is its effect": {stopped, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isStopping, stays),
			observed(3, isStopped, reaches),
		}},
		"its transition that comes to nothing is decided anew": {stopped, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isStopping, stays),
			observed(3, isRunning, stopsIt),
		}},
		"another transition is not": {stopped, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isRebooted, stays),
			observed(9, isRunning, stopsIt),
		}},
		"an unknown word is not": {stopped, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isUnknown, stays),
			observed(60, isRunning, stopsIt),
		}},
		"a start that is lost is decided anew too": {running, []event{
			observed(0, isStopped, starts), loses(0, start), observed(0, isStopping, stays),
			observed(9, isStopped, starts),
		}},

		// Force.
		"a graceful stop has its time": {cutAfter10s, []event{
			observed(0, isRunning, asks), accepts(0, stop, backend.EscalateLater, "r"),
			observed(1, isStopping, by(10)), observed(9.9, isStopping, by(10)),
			observed(10, isStopping, cuts),
		}},
		"a guest that falls back is cut at the time": {cutAfter10s, []event{
			observed(0, isRunning, asks), accepts(0, stop, backend.EscalateLater, ""),
			observed(1, isStopping, by(10)), observed(2, isRunning, by(3)),
			observed(3, isRunning, by(10)), observed(10, isRunning, cuts),
		}},
		"also where the cloud reports the failure": {cutAfter10s, []event{
			observed(0, isRunning, asks), accepts(0, stop, backend.EscalateLater, "r"),
			observed(2, isRunning, by(10), operated("r", backend.OperationFailed)),
			observed(10, isRunning, cuts, operated("r", backend.OperationFailed)),
		}},
		"a stop of somebody else has its time from its first observation": {cutAfter10s, []event{
			observed(5, isStopping, by(15)), observed(14, isStopping, by(15)), observed(15, isStopping, cuts),
		}},
		"a stop of somebody else that is given up cuts nothing": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(10.5, isRunning, asks),
			accepts(11, stop, backend.EscalateLater, ""), observed(20, isStopping, by(21)),
			observed(21, isStopping, cuts),
		}},
		"a reboot of somebody else between takes the time back": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(5, isRebooted, stays), observed(8, isStopping, by(18)),
			observed(12, isStopping, by(18)),
		}},
		"an instance that somebody started again is asked again": {cutAfter10s, []event{
			observed(0, isRunning, asks), accepts(0, stop, backend.EscalateLater, "r"),
			observed(1, isStopping, by(10), operated("r", backend.OperationRunning)),
			observed(10, isRunning, by(11), operated("x", backend.OperationSucceeded)),
			observed(11, isRunning, asks, operated("x", backend.OperationSucceeded)),
		}},
		"an unknown word is cut after our own stop": {cutAfter10s, []event{
			observed(0, isRunning, asks), accepts(0, stop, backend.EscalateLater, ""), observed(10, isUnknown, cuts),
		}},
		"and not after somebody else's": {cutAfter10s, []event{
			observed(0, isStopping, by(10)),
			observed(10, isUnknown, stays),
		}},
		"a refused cut is sent again after a pause": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(10, isStopping, cuts), busies(10),
			observed(10, isStopping, held(12)), observed(12, isStopping, cuts),
		}},
		"a lost cut is sent again after a pause": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(10, isStopping, cuts), loses(10, stop),
			observed(10, isStopping, held(12)), observed(12, isStopping, cuts),
		}},
		"an accepted cut is sent once": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(10, isStopping, cuts), accepts(10, stop, backend.Forced, "r"),
			observed(11, isStopping, stays),
			observed(600, isStopping, stays),
		}},
		"a cut without effect is an error": {cutAfter10s, []event{
			observed(0, isStopping, by(10)), observed(10, isStopping, cuts), accepts(10, stop, backend.Forced, ""),
			observed(11, isRunning, by(12)),
			observed(12, isRunning, fails(NoEffect)),
		}},
		"force at once is not followed by a cut": {atOnce, []event{
			observed(0, isRunning, cuts), accepts(0, stop, backend.Forced, ""), observed(60, isStopping, stays),
		}},
		"without force_stop_after nothing is cut": {stopped, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(600, isStopping, stays),
		}},

		// Mode.
		"the mode of our stop has a grace, and is ignored after it": {noCharge, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, stays),
			observed(30, isStopped, stays), observed(31, isStopped, fails(ModeIgnored)),
		}},
		"a mode that is read back late is reached": {noCharge, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, stays),
			observed(20, isStopped, reaches, inMode(backend.StopCharging)),
		}},
		"a mode that is only preferred has the same grace, and is enough after it": {preferred, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, isEnough),
			observed(30, isStopped, isEnough), observed(31, isStopped, reaches),
		}},
		"a preferred mode that is read back late is reached": {preferred, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, isEnough),
			observed(20, isStopped, reaches, inMode(backend.StopCharging)),
		}},
		"a preferred mode is not waited for where the instance cannot have it": {preferred, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, reaches, barred),
		}},
		"a preferred mode is not waited for after somebody else's stop": {preferred, []event{
			observed(0, isStopping, stays), observed(1, isStopped, reaches),
		}},
		"an instance that is stopped in another mode than the preferred one is left so": {preferred, []event{
			observed(0, isStopped, reaches),
		}},
		"one that is started while its preferred mode is waited for is stopped again": {preferred, []event{
			observed(0, isRunning, stopsIt), accepts(0, stop, 0, ""), observed(1, isStopped, isEnough),
			observed(5, isRunning, stopsIt),
		}},
		"the mode of somebody else's stop was not ignored": {noCharge, []event{
			observed(0, isStopping, stays), observed(1, isStopped, stays),
			observed(31, isStopped, refuses(ModeNeedsRestart)),
		}},
		"nor was that of a stop whose answer was lost": {noCharge, []event{
			observed(0, isRunning, stopsIt), loses(0, stop), observed(0, isStopping, stays),
			observed(1, isStopped, stays), observed(31, isStopped, refuses(ModeNeedsRestart)),
		}},
		"and is changed by a restart where that is permitted": {restarts, []event{
			observed(0, isStopping, stays), observed(1, isStopped, stays),
			observed(31, isStopped, verdict{outcome: calling, op: start, restart: true}),
		}},
		"also where a cut of it was refused": {cutAndRestart, []event{
			observed(0, isStopping, by(10)), observed(10, isStopping, cuts), busies(10), observed(11, isStopped, stays),
			observed(41, isStopped, verdict{outcome: calling, op: start, restart: true}),
		}},
		"a restart starts, stops and ends": {restarts, []event{
			observed(0, isStopped, verdict{outcome: calling, op: start, restart: true}), accepts(0, start, 0, ""),
			observed(1, isStopped, by(30)),
			observed(2, isStarting, stays), observed(3, isRunning, stopsIt), accepts(3, stop, 0, ""),
			observed(4, isStopping, stays),
			observed(5, isStopped, reaches, inMode(backend.StopCharging)),
		}},
		"a stopped instance in the target's mode is none after the start of a restart": {restarts, []event{
			observed(0, isStopped, verdict{outcome: calling, op: start, restart: true}), accepts(0, start, 0, ""),
			observed(1, isStopped, by(30), inMode(backend.StopCharging)),
			observed(2, isStarting, stays), observed(3, isRunning, stopsIt), accepts(3, stop, 0, ""),
			observed(5, isStopped, reaches, inMode(backend.StopCharging)),
		}},
		"nor after one whose answer was lost": {restarts, []event{
			observed(0, isStopped, verdict{outcome: calling, op: start, restart: true}), loses(0, start),
			observed(1, isStopped, by(30), inMode(backend.StopCharging)),
			observed(2, isStarting, stays), observed(3, isRunning, stopsIt),
		}},
		"but where the start shows no effect it is": {restarts, []event{
			observed(0, isStopped, verdict{outcome: calling, op: start, restart: true}), accepts(0, start, 0, ""),
			observed(1, isStopped, by(30), inMode(backend.StopCharging)),
			observed(30, isStopped, reaches, inMode(backend.StopCharging)),
		}},

		// Reboot.
		"a reboot is one call, and ends when the instance left and runs": {rebooted, []event{
			observed(0, isRunning, reboots), accepts(0, backend.OpReboot, 0, "r"), observed(1, isRunning, by(30)),
			observed(2, isRebooted, stays), observed(3, isRunning, reaches),
		}},
		"a stopped instance is in transition": {rebooted, []event{
			observed(0, isRunning, reboots), accepts(0, backend.OpReboot, 0, "r"), observed(2, isStopped, stays),
			observed(3, isStarting, stays), observed(4, isRunning, reaches),
		}},
		"a reboot that was never observed has ended after half a minute": {rebooted, []event{
			observed(0, isRunning, reboots), accepts(0, backend.OpReboot, 0, ""), observed(29, isRunning, by(30)),
			observed(30, isRunning, reaches),
		}},
		"or when the cloud reports it": {rebooted, []event{
			observed(0, isRunning, reboots), accepts(0, backend.OpReboot, 0, "r"),
			observed(1, isRunning, reaches, operated("r", backend.OperationSucceeded)),
		}},
		"a reboot whose answer is lost is not sent again": {rebooted, []event{
			observed(0, isRunning, reboots), loses(0, backend.OpReboot), observed(0, isRunning, by(30)),
			observed(29, isRunning, by(30)), observed(30, isRunning, fails(AnswerLost)),
		}},
		"and has ended when it is observed": {rebooted, []event{
			observed(0, isRunning, reboots), loses(0, backend.OpReboot), observed(0, isRebooted, stays),
			observed(9, isRunning, reaches),
		}},
		"a stopped instance is not rebooted": {rebooted, []event{
			observed(0, isStopping, stays),
			observed(1, isStopped, refuses(IsStopped)),
		}},

		// Refused for now.
		"a busy instance is asked again after a pause": {stopped, []event{
			observed(0, isRunning, stopsIt), busies(0), observed(0, isRunning, held(2)),
			observed(2, isRunning, stopsIt),
		}},
		"and not for longer than five minutes": {stopped, []event{
			observed(0, isRunning, stopsIt), busies(0), observed(299, isRunning, stopsIt), busies(299),
			observed(301, isRunning, fails(CloudFault)),
		}},
		"a transition begins the five minutes anew": {stopped, []event{
			observed(0, isRunning, stopsIt), busies(0), observed(299, isRebooted, stays),
			observed(301, isRunning, stopsIt), busies(301), observed(400, isRunning, stopsIt),
		}},
		"a throttle is no busy answer": {stopped, []event{
			observed(0, isRunning, stopsIt), busies(0), observed(299, isRunning, stopsIt), throttles(299),
			observed(301, isRunning, stopsIt), busies(301), observed(303, isRunning, fails(CloudFault)),
		}},
		"refusals without a reason are counted": {stopped, []event{
			observed(0, isRunning, stopsIt), puzzles(0), observed(1, isRunning, stopsIt), puzzles(1),
			observed(2, isRunning, stopsIt), puzzles(2),
			observed(3, isRunning, stopsIt), puzzles(3), observed(4, isRunning, stopsIt), puzzles(4),
			observed(5, isRunning, fails(CloudFault)),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wait{target: test.target, modeGrace: defaultModeGrace}
			var last *backend.Instance
			for i, e := range test.events {
				if e.answer != nil {
					e.answer(&w, last, begin.Add(e.at))
					continue
				}
				last = e.in
				before := w
				after := w
				got := judge(&after, dispatch.Observation{Instance: e.in, Requested: begin.Add(e.at)})
				if diff := cmp.Diff(got, e.want, cmp.AllowUnexported(verdict{})); diff != "" {
					t.Fatalf("event %d, %v at %v (-got +want):\n%s", i, e.in.State, e.at, diff)
				}
				if w != before {
					t.Errorf("judge has changed what it was given")
				}
				w = after
			}
		})
	}
}
