package provider

import (
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// destroy plans and applies the end of a resource.
func (s *setup) destroy(prior held) (held, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	plan := s.plan(nil, prior)
	if hasError(plan.Diagnostics) {
		s.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	return s.apply(s.t.Context(), nil, prior, plan)
}

func (s *setup) wantForgotten(after held) {
	s.t.Helper()
	if got := s.values(after.state); got != nil {
		s.t.Errorf("got the state %v, want none", got)
	}
}

func TestADestroyDoesWhatItWasAskedFor(t *testing.T) {
	t.Parallel()
	running, stopped, released := machine(backend.Running), machine(backend.Stopped), machine(backend.Stopped)
	released.StoppedMode = backend.StopCharging
	with := func(onDestroy string, more map[string]any) map[string]any {
		all := map[string]any{"on_destroy": onDestroy}
		for name, value := range more {
			all[name] = value
		}
		return all
	}
	for name, test := range map[string]struct {
		instance backend.Instance
		config   map[string]any
		writes   []string // of the destroy
		calls    bool     // whether it makes any
		end      backend.State
		endMode  backend.StoppedMode
	}{
		"nothing, unless asked": {
			running, resourceOf("stopped", nil), nil, false, backend.Stopped, backend.KeepCharging,
		},
		"nothing, when asked to leave it": {
			running, resourceOf("stopped", with("leave", nil)), nil, false, backend.Stopped, backend.KeepCharging,
		},
		"a start": {
			running, resourceOf("stopped", with("running", nil)),
			[]string{"start"},
			true, backend.Running,
			backend.NotApplicable,
		},
		"no start of what runs": {
			running, resourceOf("running", with("running", nil)), nil, true, backend.Running, backend.NotApplicable,
		},
		"a stop": {
			running, resourceOf("running", with("stopped", nil)),
			[]string{"stop graceful"},
			true, backend.Stopped,
			backend.KeepCharging,
		},
		"no stop of what is stopped": {
			running, resourceOf("stopped", with("stopped", nil)), nil, true, backend.Stopped, backend.KeepCharging,
		},
		"a stop with force and in the mode": {
			running,
			resourceOf("running", with("stopped", map[string]any{"force_stop": true, "stopped_mode": "StopCharging"})),
			[]string{"stop forced stop_charging"},
			true, backend.Stopped, backend.StopCharging,
		},
		"a stop that may become forced": {
			running,
			resourceOf("running", with("stopped", map[string]any{"force_stop_after": "5m"})),
			[]string{"stop escalate_later"},
			true, backend.Stopped, backend.KeepCharging,
		},
		"what ran runs again": {
			running, resourceOf("stopped", with("restore", nil)),
			[]string{"start"},
			true, backend.Running,
			backend.NotApplicable,
		},
		"what was stopped stops again": {
			stopped, resourceOf("running", with("restore", nil)),
			[]string{"stop graceful keep_charging"},
			true, backend.Stopped,
			backend.KeepCharging,
		},
		"what was released is released again": {
			released, resourceOf("running", with("restore", nil)),
			[]string{"stop graceful stop_charging"},
			true,
			backend.Stopped, backend.StopCharging,
		},
		"the mode that it was in comes back": {
			released,
			resourceOf("stopped", with("restore", map[string]any{"stopped_mode": "keep_charging", "allow_restart": true})),
			[]string{"start", "stop graceful stop_charging"},
			true, backend.Stopped, backend.StopCharging,
		},
		"what was as it is stays": {
			running, resourceOf("running", with("restore", nil)), nil, true, backend.Running, backend.NotApplicable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, test.instance)
				prior := s.refresh(s.step(test.config, held{}))
				s.cloud.ForgetCalls()
				after, diags := s.destroy(prior)
				wantTexts(t, diags, "")
				s.wantForgotten(after)
				s.wantWrites(test.writes...)
				if got := s.cloud.Count() > 0; got != test.calls {
					t.Errorf("it made calls: %v, want %v", got, test.calls)
				}
				in, _ := s.cloud.Instance("h-1")
				if in.State != test.end || in.StoppedMode != test.endMode {
					t.Errorf("it ends %v in the mode %q, want %v in the mode %q", in.State, in.StoppedMode, test.end, test.endMode)
				}
			})
		})
	}
}

func TestARestorationAfterUpdatesAndImports(t *testing.T) {
	t.Parallel()
	restore := map[string]any{"on_destroy": "restore"}
	t.Run("an update does not change what is restored", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Stopped))
			prior := s.step(resourceOf("running", restore), held{})
			prior = s.refresh(s.step(resourceOf("stopped", restore), prior))
			prior = s.refresh(s.step(resourceOf("running", restore), prior))
			after, diags := s.destroy(prior)
			wantTexts(t, diags, "")
			s.wantForgotten(after)
			if in, _ := s.cloud.Instance("h-1"); in.State != backend.Stopped {
				t.Errorf("it ends %v, want stopped", in.State)
			}
		})
	})
	t.Run("an import restores what it found", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			imported, diags := s.importID("here/r-1/h-1")
			wantTexts(t, diags, "")
			prior := s.refresh(s.step(resourceOf("stopped", restore), s.refresh(imported)))
			after, diags := s.destroy(prior)
			wantTexts(t, diags, "")
			s.wantForgotten(after)
			if in, _ := s.cloud.Instance("h-1"); in.State != backend.Running {
				t.Errorf("it ends %v, want running", in.State)
			}
		})
	})
	t.Run("the state alone tells what was found, where the private state is lost", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			prior := s.refresh(s.step(resourceOf("stopped", restore), held{}))
			s.cloud.ForgetCalls()
			after, diags := s.anew().destroy(held{state: prior.state})
			wantTexts(t, diags, "")
			s.wantForgotten(after)
			s.wantWrites("start")
		})
	})
	t.Run("what could not be told is left as it is, with a warning", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			s.cloud.Behave("h-1", memory.Behavior{OddWord: "MIGRATING", OddWordFor: transition})
			prior := s.refresh(s.step(resourceOf("stopped", restore), held{}))
			s.cloud.ForgetCalls()
			after, diags := s.destroy(prior)
			wantTexts(t, diags, `
warning: Original state of instance "h-1" is not known

`+"`on_destroy` is `restore`, but the state before Terraform managed it is not known. Left unchanged: h-1.")
			s.wantForgotten(after)
			s.wantCalls(0)
		})
	})
}

func TestADestroyOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for name, meet := range map[string]func(*memory.Driver){
		"before":                func(d *memory.Driver) { d.Remove("h-1") },
		"meanwhile":             func(d *memory.Driver) { time.AfterFunc(2500*time.Millisecond, func() { d.Remove("h-1") }) },
		"between read and stop": func(d *memory.Driver) { d.Behave("h-1", memory.Behavior{VanishAfterDescribes: 1}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(resourceOf("running", map[string]any{"on_destroy": "stopped"}), held{})
				meet(s.cloud)
				after, diags := s.destroy(prior)
				wantTexts(t, diags, "")
				s.wantForgotten(after)
			})
		})
	}
}

// TestADestroyOfWhatIsThereButNotFoundKeepsTheState: a call is answered that there is no
// such instance, and the read after it shows it.
func TestADestroyOfWhatIsThereButNotFoundKeepsTheState(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		prior := s.step(resourceOf("running", map[string]any{"on_destroy": "stopped"}), held{})
		fails(memory.Stop, backend.Fault{Kind: backend.KindNotFound, Code: "InstanceNotFound"})(s.cloud)
		after, diags := s.destroy(prior)
		wantTexts(t, diags, `
error: Unable to stop instance "h-1"

The cloud answered: the test asked for this fault.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        InstanceNotFound
  Request id:  req-3

Check `+"`instance_id` and `region`.")
		s.wantValues(after.state, map[string]any{"state": "running"})
	})
}

func TestADestroyThatFailsKeepsTheState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meet    func(*memory.Driver)
		elapsed time.Duration
		want    string
		seen    map[string]any
	}{
		"when its time is up": {
			behaves(memory.Behavior{Stuck: true}), 4 * time.Second, `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.delete`" + `) passed before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   stopping (STOPPING), for 2s

The next apply begins by reading the instance and goes on from there. If such a transition takes longer, raise ` +
				"`timeouts.delete`; if the guest does not shut down, `force_stop_after` cuts the power after a while " +
				"(unsaved data can be lost).",
			map[string]any{"state": "stopping", "status": "STOPPING"},
		},
		"when it is denied": {fails(memory.Stop, backend.Fault{
			Kind: backend.KindDenied, Code: "Forbidden", Message: "no", RequestID: "req-7",
		}), 0, `
error: Unable to stop instance "h-1"

The cloud answered: no.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        Forbidden
  Request id:  req-7

Check the credentials of the provider's configuration and the permissions of their owner.`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(resourceOf("running", map[string]any{
					"on_destroy": "stopped", "timeouts": map[string]any{"delete": "4s"},
				}), held{})
				test.meet(s.cloud)
				began := time.Now()
				after, diags := s.destroy(prior)
				wantTexts(t, diags, test.want)
				wantElapsed(t, began, test.elapsed)
				// It is in the state as it was last seen.
				want := s.values(prior.state)
				maps.Copy(want, test.seen)
				s.wantValues(after.state, want)
			})
		})
	}
}
