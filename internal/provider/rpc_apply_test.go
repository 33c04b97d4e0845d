package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// timeLimit is a configuration with one time limit.
func timeLimit(state, operation, limit string) map[string]any {
	return resourceOf(state, map[string]any{"timeouts": map[string]any{operation: limit}})
}

func TestACreateWritesWhatWasObserved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		instance backend.Instance
		config   map[string]any
		writes   []string
		want     map[string]any
	}{
		"after a stop": {machine(backend.Running), resourceOf("stopped", nil), []string{"stop graceful"}, map[string]any{
			"id":               "here/r-1/h-1",
			"cloud":            "here",
			"region":           "r-1",
			"instance_id":      "h-1",
			"state":            "stopped",
			"status":           "STOPPED",
			"stopped_mode":     "keep_charging",
			"charging":         true,
			"instance_name":    "web",
			"public_ip":        "203.0.113.5",
			"private_ip":       "10.0.0.5",
			"force_stop":       false,
			"force_stop_after": nil,
			"allow_restart":    false,
			"on_destroy":       "leave",
		}},
		"after a stop that stops charging": {
			machine(backend.Running), resourceOf("stopped", map[string]any{"stopped_mode": "StopCharging", "force_stop": true}),
			[]string{"stop forced stop_charging"},
			map[string]any{
				"state":        "stopped",
				"status":       "STOPPED",
				"stopped_mode": "StopCharging",
				"charging":     false,
				"force_stop":   true,
			},
		},
		"after a start": {machine(backend.Stopped), resourceOf("running", nil), []string{"start"}, map[string]any{
			"state": "running", "status": "RUNNING", "stopped_mode": nil, "charging": true,
		}},
		"of what is already so": {
			backend.Instance{ID: "h-1", State: backend.Running, Raw: "Active"},
			resourceOf("running", nil), nil,
			map[string]any{
				"state": "running", "status": "Active", "instance_name": "", "public_ip": nil, "private_ip": nil,
			},
		},
		"after a transition that was under way": {
			machine(backend.Stopping), resourceOf("running", nil),
			[]string{"start"},
			map[string]any{"state": "running", "status": "RUNNING"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, test.instance)
				after := s.step(test.config, held{})
				s.wantValues(after.state, test.want)
				s.wantWrites(test.writes...)
			})
		})
	}
}

func TestACreateWaitsForAnInstanceThatIsNotListedYet(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := setupWith(t, map[string]any{"preflight": "off"}, machine(backend.Starting))
		s.cloud.Behave("h-1", memory.Behavior{AppearAfter: 900 * time.Millisecond})
		after := s.step(resourceOf("running", nil), held{})
		s.wantValues(after.state, map[string]any{"state": "running"})
	})
}

func TestAFailedCreateWritesNothing(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		s.cloud.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{Kind: backend.KindDenied}})
		config := resourceOf("stopped", nil)
		after, diags := s.apply(t.Context(), config, held{}, s.plan(config, held{}))
		if !hasError(diags) {
			t.Fatal("got no error, want one")
		}
		if got := s.values(after.state); got != nil {
			t.Errorf("got the state %v, want none", got)
		}
		if strings.Contains(string(after.private), originKey) {
			t.Errorf("got the private state %s, want none", after.private)
		}
		// The next apply begins with a read, as this one did.
		s.cloud.ForgetCalls()
		s.step(config, held{})
		s.wantWrites("stop graceful")
	})
}

func TestAFailedUpdateWritesWhatWasLastObserved(t *testing.T) {
	t.Parallel()
	more := map[string]any{"stopped_mode": "stop_charging", "force_stop_after": "1m", "on_destroy": "restore"}
	for name, test := range map[string]struct {
		prepare func(*memory.Driver)
		want    map[string]any
	}{
		"while it is stopping": {
			func(d *memory.Driver) { d.Behave("h-1", memory.Behavior{Stuck: true}) },
			map[string]any{"state": "stopping", "status": "STOPPING", "stopped_mode": nil, "charging": true},
		},
		"when nothing was done": {
			func(d *memory.Driver) {
				d.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{Kind: backend.KindDenied}})
			},
			map[string]any{"state": "running", "status": "RUNNING", "stopped_mode": nil, "charging": true},
		},
		"when it stopped in another mode": {
			func(d *memory.Driver) { d.Behave("h-1", memory.Behavior{IgnoreMode: true}) },
			map[string]any{"state": "stopped", "status": "STOPPED", "stopped_mode": "keep_charging", "charging": true},
		},
		"when nothing was seen at all": {
			func(d *memory.Driver) {
				d.Fail(memory.Trouble{Op: memory.Describe, Fault: backend.Fault{Kind: backend.KindDenied}})
			},
			map[string]any{"state": "running", "status": "RUNNING", "stopped_mode": nil, "charging": true},
		},
		"when it is gone": {
			func(d *memory.Driver) { d.Remove("h-1") },
			map[string]any{"state": "running", "status": "RUNNING"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(timeLimit("running", "update", "2m"), held{})
				config := resourceOf("stopped", more)
				plan := s.plan(config, prior)
				test.prepare(s.cloud)
				after, diags := s.apply(t.Context(), config, prior, plan)
				if !hasError(diags) {
					t.Fatal("got no error, want one")
				}
				s.wantValues(after.state, test.want)
				s.wantValues(after.state, map[string]any{
					"force_stop_after": nil, "on_destroy": "leave", "timeouts": encoded(map[string]any{"update": "2m"}),
				})
				if string(after.private) != string(prior.private) {
					t.Errorf("the private state is %s, want %s", after.private, prior.private)
				}
				next := s.plan(config, after)
				wantNames(t, "settings that the next plan changes", settingsOf(s.changes(after, next)), "force_stop_after",
					"on_destroy", "timeouts")
				s.cloud.Add(machine(backend.Running))
				s.step(config, s.refresh(after))
			})
		})
	}
}

// settingsOf leaves only the settings among names of attributes.
func settingsOf(names []string) []string {
	settings := []string{}
	for _, name := range names {
		switch name {
		case "force_stop", "force_stop_after", "on_destroy", "allow_restart", "timeouts":
			settings = append(settings, name)
		}
	}
	return settings
}

func TestTimeLimitsHoldOnEveryPath(t *testing.T) {
	t.Parallel()
	fault := func(op memory.Op, kind backend.Kind) func(*memory.Driver) {
		return func(d *memory.Driver) {
			d.Fail(memory.Trouble{Op: op, Times: memory.Always, Fault: backend.Fault{Kind: kind, RetryAfter: time.Minute}})
		}
	}
	hang := func(op memory.Op) func(*memory.Driver) {
		return func(d *memory.Driver) { d.Fail(memory.Trouble{Op: op, Times: memory.Always, Hang: true}) }
	}
	behave := func(b memory.Behavior) func(*memory.Driver) { return func(d *memory.Driver) { d.Behave("h-1", b) } }
	for name, prepare := range map[string]func(*memory.Driver){
		"a transition that does not end":   behave(memory.Behavior{Stuck: true}),
		"an unknown word":                  behave(memory.Behavior{OddWord: "ODD", OddWordFor: time.Hour}),
		"a mode that takes long":           behave(memory.Behavior{ModeLag: time.Hour}),
		"a read that hangs":                hang(memory.Describe),
		"a stop that hangs":                hang(memory.Stop),
		"a read that is throttled":         fault(memory.Describe, backend.KindThrottled),
		"a stop that is throttled":         fault(memory.Stop, backend.KindThrottled),
		"a read that does not get through": fault(memory.Describe, backend.KindUnavailable),
		"a stop that does not get through": fault(memory.Stop, backend.KindUnavailable),
		"an instance that is busy":         fault(memory.Stop, backend.KindBusy),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupWith(t, map[string]any{"preflight": "off"}, machine(backend.Running))
				prior := s.step(resourceOf("running", nil), held{})
				prepare(s.cloud)
				for _, operation := range []string{"create", "update"} {
					from := map[string]held{"create": {}, "update": prior}[operation]
					config := timeLimit("stopped", operation, "3s")
					began := time.Now()
					_, diags := s.apply(t.Context(), config, from, s.plan(config, from))
					if len(diags) != 1 || !strings.HasPrefix(diags[0].Detail, "The time limit of 3s (`timeouts."+operation+
						"`) passed before the cloud reported the instance as stopped.") {
						t.Errorf("%s: got %s, want that the time limit passed", operation, texts(diags))
					}
					wantElapsed(t, began, 3*time.Second)
				}
			})
		})
	}
}

func TestAnInterruptedApplyEndsAtOnce(t *testing.T) {
	t.Parallel()
	const want = `
error: Unable to stop instance "h-1"

The run was interrupted before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   stopping (STOPPING), for 2s

Calls that the cloud has already accepted are not undone. The next apply begins by reading the instance.`
	for name, interrupt := range map[string]func(*setup, context.CancelFunc){
		"by the end of its context": func(_ *setup, cancel context.CancelFunc) { cancel() },
		"by StopProvider": func(s *setup, _ context.CancelFunc) {
			if _, err := s.server.StopProvider(s.t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.cloud.Behave("h-1", memory.Behavior{Stuck: true})
				prior := s.refresh(s.step(resourceOf("running", nil), held{}))
				plan := s.plan(resourceOf("stopped", nil), prior)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began := time.Now()
				time.AfterFunc(4100*time.Millisecond, func() { interrupt(s, cancel) })
				after, diags := s.apply(ctx, resourceOf("stopped", nil), prior, plan)
				wantTexts(t, diags, want)
				if got := time.Since(began); got != 4100*time.Millisecond {
					t.Errorf("it took %v, want 4.1s", got)
				}
				s.wantValues(after.state, map[string]any{"state": "stopping", "status": "STOPPING"})
			})
		})
	}
}

func TestAChangeElsewhereBetweenPlanAndApplyIsNoInconsistency(t *testing.T) {
	t.Parallel()
	keep := map[string]any{"stopped_mode": "keep_charging"}
	for name, config := range map[string]map[string]any{
		"in a stop": resourceOf("stopped", keep),
		"in a change of settings only": resourceOf("running", map[string]any{
			"stopped_mode": "keep_charging", "force_stop": true,
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(resourceOf("running", keep), held{})
				plan := s.plan(config, prior)
				s.cloud.Change("h-1", func(in *backend.Instance) {
					in.Name, in.PublicIP, in.PrivateIP, in.Raw = "renamed", "203.0.113.9", "10.0.0.9", "Active"
				})
				after, diags := s.apply(t.Context(), config, prior, plan)
				wantTexts(t, diags, "")
				s.wantConsistent(plan, after)
				s.wantValues(s.refresh(after).state, map[string]any{
					"instance_name": "renamed", "public_ip": "203.0.113.9", "private_ip": "10.0.0.9",
				})
			})
		})
	}
}
