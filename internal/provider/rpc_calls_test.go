package provider

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// fiveSeconds makes the transitions of a setup last five seconds.
func (s *setup) fiveSeconds(ids ...string) {
	for _, id := range ids {
		s.cloud.Behave(id, memory.Behavior{Slow: 5*time.Second - transition})
	}
}

// pace is how a CLI works: some tenths of a second lie between two steps.
func pace() { time.Sleep(300 * time.Millisecond) }

// TestTheCallsOfOneStop: the plan and the apply are processes of their own, and each of
// them reads the instance once before the stop. The second stop knows its duration.
func TestTheCallsOfOneStop(t *testing.T) {
	t.Parallel()
	t.Run("of a single resource", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			s.fiveSeconds("h-1")
			at := held{}
			for i, most := range []int{7, 5} {
				s.cloud.ForgetCalls()
				planning := s.anew()
				if at.state != nil {
					at = planning.refresh(at)
				}
				planning.plan(resourceOf("stopped", nil), at)
				pace()
				applying := s.anew()
				plan := applying.plan(resourceOf("stopped", nil), at)
				pace()
				at, _ = applying.apply(t.Context(), resourceOf("stopped", nil), at, plan)
				s.wantValues(at.state, map[string]any{"state": "stopped"})
				s.wantFewCalls(i, most)
				at = s.anew().step(resourceOf("running", nil), at)
			}
		})
	})
	t.Run("of a fleet", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 20, backend.Running)
			f.fiveSeconds(ids...)
			at := held{}
			anew := func() *fleetSetup { return &fleetSetup{setup: f.anew(), typ: f.typ} }
			for i, most := range []int{7, 5} {
				f.cloud.ForgetCalls()
				planning := anew()
				if at.state != nil {
					at = planning.refresh(at)
				}
				planning.plan(fleetOf("stopped", ids, nil), at)
				pace()
				applying := anew()
				plan := applying.plan(fleetOf("stopped", ids, nil), at)
				pace()
				at, _ = applying.apply(t.Context(), fleetOf("stopped", ids, nil), at, plan)
				f.wantFewCalls(i, most)
				at = anew().step(fleetOf("running", ids, nil), at)
			}
		})
	})
}

// wantFewCalls checks the calls of the n-th stop.
func (s *setup) wantFewCalls(n, most int) {
	s.t.Helper()
	before, calls := 0, s.cloud.Calls()
	for _, call := range calls {
		if call.Op == memory.Stop {
			break
		}
		before++
	}
	if before != 2 {
		s.t.Errorf("%d calls precede stop %d, want that of the plan and that of the apply", before, n)
	}
	if len(calls) > most || s.cloud.Count(memory.Stop) != 1 {
		s.t.Errorf("stop %d takes %d calls, want at most %d: %+v", n, len(calls), most, calls)
	}
}
