package provider

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// anew is the setup in the next run: another process of the provider over the
// same cloud.
func (s *setup) anew() *setup {
	s.t.Helper()
	return &setup{rpc: newRPC(s.t, plainDriver(s.cloud), configured), cloud: s.cloud}
}

// late runs step and returns how long after the end of a transition of that
// length it ends.
func late(length time.Duration, step func()) time.Duration {
	began := time.Now()
	step()
	return time.Since(began) - length
}

// slow is a transition that a wait which knows nothing is likely to notice late.
const slow = 58 * time.Second

func TestARunKnowsHowLongTheFormerTransitionTook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		forget bool
		most   time.Duration
	}{
		"an end is noticed soon":                  {false, 1100 * time.Millisecond},
		"and later when the private state is not": {true, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.cloud.Behave("h-1", memory.Behavior{Slow: slow - transition})
				at := s.step(resourceOf("stopped", nil), held{})
				at = s.anew().step(resourceOf("running", nil), at)
				if test.forget {
					at.private = nil
				}
				for _, state := range []string{"stopped", "running"} {
					next := s.anew()
					next.cloud.ForgetCalls()
					got := late(slow, func() { at = next.step(resourceOf(state, nil), at) })
					if got > test.most || test.forget && state == "stopped" && got < 1500*time.Millisecond {
						t.Errorf("that it is %s is noticed %v late, want at most %v", state, got, test.most)
					}
					if reads := next.cloud.Count(memory.Describe); reads > 27 {
						t.Errorf("the wait for %s takes %d reads, want at most 25 and those of plan and apply", state, reads)
					}
				}
			})
		})
	}
}

func TestAFleetKnowsHowLongTheFormerTransitionsTook(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 30, backend.Running)
		for i, id := range ids {
			f.cloud.Behave(id, memory.Behavior{Slow: slow - transition + time.Duration(i-20)*50*time.Millisecond})
		}
		at := f.step(fleetOf("stopped", ids, nil), held{})
		at = (&fleetSetup{setup: f.anew(), typ: f.typ}).step(fleetOf("running", ids, nil), at)
		next := &fleetSetup{setup: f.anew(), typ: f.typ}
		got := late(slow+450*time.Millisecond, func() { at = next.step(fleetOf("stopped", ids, nil), at) })
		if got > 1100*time.Millisecond {
			t.Errorf("the end of the last is noticed %v late, want at most about a second", got)
		}
		var private map[string][]byte
		if err := json.Unmarshal(at.private, &private); err != nil {
			t.Fatal(err)
		}
		var durations map[string][]time.Duration
		if err := json.Unmarshal(private[durationsKey], &durations); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"start", "stop"} {
			if n := len(durations[kind]); n == 0 || n > 3 {
				t.Errorf("%d durations of a %s are kept, want 1 to 3 however many instances there are", n, kind)
			}
		}
	})
}

func TestPrivateStateThatCannotBeReadIsNoError(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		at := s.step(resourceOf("stopped", nil), held{})
		var private map[string][]byte
		if err := json.Unmarshal(at.private, &private); err != nil {
			t.Fatal(err)
		}
		private[durationsKey] = []byte(`{"stop":"soon"}`)
		raw, err := json.Marshal(private)
		if err != nil {
			t.Fatal(err)
		}
		at.private = raw
		at = s.step(resourceOf("running", nil), at)
		s.wantValues(at.state, map[string]any{"state": "running"})
	})
}
