package powerstate

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestOnlyItsOwnTransitionIsTheEffectOfACallWhoseAnswerIsLost: the call had no effect,
// and the observation after it shows something else than before.
func TestOnlyItsOwnTransitionIsTheEffectOfACallWhoseAnswerIsLost(t *testing.T) {
	for name, show := range map[string]func(w *testCloud, settled backend.State){
		"an unknown word": func(w *testCloud, _ backend.State) {
			w.Behave(id, memory.Behavior{OddWord: "DEFRAGMENTING", OddWordFor: 5 * time.Second})
		},
		"a reboot of somebody else": func(w *testCloud, settled backend.State) {
			w.Change(id, func(in *backend.Instance) { in.State = backend.Restarting })
			time.AfterFunc(8*time.Second, func() { w.Change(id, func(in *backend.Instance) { in.State = settled }) })
		},
		"a replica that lags": func(w *testCloud, _ backend.State) {
			w.Behave(id, memory.Behavior{ReadLag: 10 * time.Second})
			time.AfterFunc(8*time.Second, func() { w.Behave(id, memory.Behavior{}) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inEachForm(t, brisk, func(t *testing.T, w *testCloud, f form) {
				for _, test := range []struct {
					op                     memory.Op
					target                 Target
					from, settles, becomes backend.State
				}{
					{memory.Stop, stopped, backend.Starting, backend.Running, backend.Stopped},
					{memory.Start, running, backend.Stopping, backend.Stopped, backend.Running},
				} {
					w.Add(backend.Instance{ID: id, State: test.from}) // Which a lagging replica shows afterwards.
					time.Sleep(5 * time.Second)
					w.ForgetCalls()
					began := time.Now()
					interrupt := func() {
						if w.Count(test.op) == 0 {
							show(w, test.settles)
							w.Fail(fault(test.op, backend.KindUnavailable))
						}
					}
					w.through(&intercepted{Driver: w.Driver, onStop: interrupt, onStart: interrupt})
					if got := w.mustReachBy(t, f, test.target); got.After.State != test.becomes {
						t.Errorf("it ended with %v, want %v", got.After.State, test.becomes)
					}
					if elapsed := time.Since(began); elapsed > 30*time.Second || w.Count(test.op) != 2 {
						t.Errorf("it lasted %v with %q, want two calls within 30s", elapsed, w.trace())
					}
					w.wantReadBeforeEachWrite(t)
				}
			})
		})
	}
}

// TestAStopThatIsGivenUpAfterALostAnswerIsSentAgain: whose it was is not
// known, so that nothing shows that a call of ours had no effect.
func TestAStopThatIsGivenUpAfterALostAnswerIsSentAgain(t *testing.T) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				can := silent()
				can.NativeEscalation = false
				w := newTestCloud(backend.Running, memory.Options{StopTime: 5 * time.Second, Capabilities: can},
					Options{})
				w.Behave(id, memory.Behavior{SoftStop: memory.FallsBack})
				lost := fault(memory.Stop, backend.KindUnavailable)
				lost.Lost = true
				w.Fail(lost)
				time.AfterFunc(4*time.Second, func() { w.Behave(id, memory.Behavior{}) })
				w.mustReachBy(t, f, stopped)
				if got := w.Count(memory.Stop); got != 2 {
					t.Errorf("got %d stops, want two: %q", got, w.trace())
				}
				w.wantReadBeforeEachWrite(t)
			})
		})
	}
}
