package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAReadStoresWhatIsObserved(t *testing.T) {
	t.Parallel()
	keep := map[string]any{"stopped_mode": "KeepCharging"}
	set := func(state backend.State, raw string) func(*backend.Instance) {
		return func(in *backend.Instance) { in.State, in.Raw = state, raw }
	}
	for name, test := range map[string]struct {
		config map[string]any
		change func(*backend.Instance)
		want   map[string]any
	}{
		"a start elsewhere": {resourceOf("stopped", keep), set(backend.Running, ""), map[string]any{
			"state": "running", "status": "RUNNING", "stopped_mode": "KeepCharging", "charging": true,
		}},
		"a stop elsewhere": {resourceOf("running", nil), func(in *backend.Instance) {
			in.State, in.StoppedMode, in.PublicIP = backend.Stopped, backend.StopCharging, ""
		}, map[string]any{"state": "stopped", "stopped_mode": "stop_charging", "charging": false, "public_ip": nil}},
		"another mode": {
			resourceOf("stopped", keep), func(in *backend.Instance) { in.StoppedMode = backend.StopCharging },
			map[string]any{"state": "stopped", "stopped_mode": "stop_charging", "charging": false},
		},
		"a mode to which the question does not apply": {
			resourceOf("stopped", keep), func(in *backend.Instance) { in.StoppedMode = backend.NotApplicable },
			map[string]any{"stopped_mode": "KeepCharging", "charging": true},
		},
		"a mode that is not told any more": {
			resourceOf("stopped", keep), func(in *backend.Instance) { in.StoppedMode = backend.UnknownMode },
			map[string]any{"stopped_mode": nil, "charging": nil},
		},
		"another name": {
			resourceOf("running", nil), func(in *backend.Instance) { in.Name = "other" },
			map[string]any{"instance_name": "other"},
		},
		"starting": {
			resourceOf("running", nil), set(backend.Starting, "BOOTING"),
			map[string]any{"state": "starting", "status": "STARTING", "charging": nil},
		},
		"stopping": {
			resourceOf("stopped", nil), set(backend.Stopping, ""),
			map[string]any{"state": "stopping", "status": "STOPPING", "charging": true},
		},
		"restarting": {
			resourceOf("running", nil), set(backend.Restarting, ""), map[string]any{"state": "restarting", "charging": true},
		},
		"unavailable": {
			resourceOf("running", nil), set(backend.Unavailable, ""), map[string]any{"state": "unavailable", "charging": nil},
		},
		"unknown": {
			resourceOf("running", nil), set(backend.Unknown, ""),
			map[string]any{"state": "unknown", "status": "UNKNOWN", "charging": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(test.config, held{})
				s.cloud.Change("h-1", test.change)
				s.cloud.ForgetCalls()
				after := s.refresh(prior)
				s.wantValues(after.state, test.want)
				s.wantCalls(1)
				if string(after.private) != string(prior.private) {
					t.Errorf("the private state is %s, want %s", after.private, prior.private)
				}
			})
		})
	}
}

func TestDriftIsADifferenceThatAnApplyEnds(t *testing.T) {
	t.Parallel()
	for _, drifted := range []backend.State{backend.Running, backend.Starting} {
		t.Run("the instance is "+drifted.String(), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				config := resourceOf("stopped", nil)
				prior := s.step(config, held{})
				s.cloud.Add(machine(drifted))
				s.cloud.ForgetCalls()
				prior = s.refresh(prior)
				if got := s.changes(prior, s.plan(config, prior)); len(got) == 0 {
					t.Error("the plan changes nothing, want the state")
				}
				s.wantValues(s.step(config, prior).state, map[string]any{"state": "stopped"})
				s.wantWrites("stop graceful")
			})
		})
	}
}

func TestAReadThatFails(t *testing.T) {
	t.Parallel()
	checked := func(d *memory.Driver) backend.Driver { return memory.WithAbsenceCheck(d) }
	gone := "Instance \"h-1\" is gone\n\n" +
		"here (r-1) no longer has instance \"h-1\". If another instance has replaced it, change `instance_id`; otherwise " +
		"remove the resource from the configuration. Until then Terraform plans to create the resource again, which fails " +
		"while the instance is missing."
	for name, test := range map[string]struct {
		wrap    func(*memory.Driver) backend.Driver
		meet    func(*memory.Driver)
		removed bool
		elapsed time.Duration
		want    string
	}{
		"an instance that is gone is removed from the state": {
			plainDriver, func(d *memory.Driver) { d.Remove("h-1") }, true, 0, "warning: " + gone,
		},
		"an instance that is gone, as the cloud confirms": {
			checked, func(d *memory.Driver) { d.Remove("h-1") }, true, 0, "warning: " + gone,
		},
		"an instance that may not be seen is not gone": {checked, behaves(memory.Behavior{Hidden: true}), false, 0, `
error: Unable to read instance "h-1"

The cloud answered: this account may not see the instance.

  Cloud:       here, r-1
  Code:        Denied
  Request id:  req-3

Check the credentials of the provider's configuration and the permissions of their owner.`},
		"a read that is denied": {plainDriver, fails(memory.Describe, backend.Fault{
			Kind: backend.KindDenied, Message: "the key expired",
		}), false, 0, `
error: Unable to read instance "h-1"

The cloud answered: the key expired.

  Cloud:       here, r-1
  Code:        Denied
  Request id:  req-2

Check the credentials of the provider's configuration and the permissions of their owner.`},
		"a read that is throttled for good": {plainDriver, func(d *memory.Driver) {
			d.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Fault: backend.Fault{
				Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down", RequestID: "req-7",
			}})
		}, false, 5 * time.Second, `
error: Unable to read instance "h-1"

The time limit of 5s (` + "`timeouts.read`" + `) passed before the instance could be read. ` +
			`The cloud's last refusal: slow down.

  Cloud:       here, r-1
  Code:        Throttling
  Request id:  req-7

Nothing was changed. If the cloud is often that slow, raise ` + "`timeouts.read`."},
		"a read that gets no answer": {plainDriver, func(d *memory.Driver) {
			d.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
		}, false, 5 * time.Second, `
error: Unable to read instance "h-1"

The time limit of 5s (` + "`timeouts.read`" + `) passed before the instance could be read.

  Cloud:       here, r-1

Nothing was changed. If the cloud is often that slow, raise ` + "`timeouts.read`."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{}, test.wrap, map[string]any{"preflight": "off"}, machine(backend.Running))
				prior := s.step(timeLimit("running", "read", "5s"), held{})
				test.meet(s.cloud)
				began := time.Now()
				after, diags := s.read(prior)
				wantTexts(t, diags, test.want)
				wantElapsed(t, began, test.elapsed)
				if test.removed {
					if got := s.values(after.state); got != nil {
						t.Errorf("got the state %v, want none", got)
					}
					return
				}
				s.wantValues(after.state, s.values(prior.state))
			})
		})
	}
}

func TestAReadIsRepeatedWhenTheCloudIsBusy(t *testing.T) {
	t.Parallel()
	for _, kind := range []backend.Kind{backend.KindThrottled, backend.KindUnavailable} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(resourceOf("running", nil), held{})
				s.cloud.ForgetCalls()
				s.cloud.Fail(memory.Trouble{Op: memory.Describe, Times: 2, Fault: backend.Fault{Kind: kind}})
				s.wantValues(s.refresh(prior).state, s.values(prior.state))
				s.wantCalls(3)
			})
		})
	}
}

// An id is of one service. Looking for it in another would find it gone.
func TestAnIDOfAnotherServiceIsNotLookedFor(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		driver := newMemory()
		driver.Add(backend.Instance{ID: "f-1", State: backend.Running})
		vm := &setup{rpc: newRPC(t, driver, map[string]any{"flat": map[string]any{}}), cloud: driver}
		config := map[string]any{"instance_id": "f-1", "state": "running"}
		prior := vm.step(config, held{})
		zec := vm.elsewhere(map[string]any{"flat": map[string]any{"service": "zec"}})
		vm.cloud.ForgetCalls()
		after, diags := zec.read(prior)
		const want = "error at AttributeName(\"cloud\"): Instance of another service\n\n" +
			"The id \"flat/vm/f-1\" is of the service \"vm\", and the provider is configured for \"zec\". " +
			"Use a provider configuration with `flat { service = \"vm\" }`, " +
			"or remove the resource from the state (`terraform state rm`)."
		wantTexts(t, diags, want)
		zec.wantValues(after.state, zec.values(prior.state))
		config["state"] = "stopped"
		plan := zec.plan(config, prior)
		wantTexts(t, plan.Diagnostics, want)
		vm.wantCalls(0)
		// What is not known yet is no other service.
		blind := vm.elsewhere(map[string]any{"flat": map[string]any{"service": tftypes.UnknownValue}})
		if _, diags := blind.read(prior); strings.Contains(texts(diags), "another service") {
			t.Errorf("got %s, want nothing about another service", texts(diags))
		}
	})
}

// TestAStateThatNamesNoCloudIsNoPanic is for what a CLI passes off as a state of
// this resource: OpenTofu before 1.10 does so with a move from another type.
func TestAStateThatNamesNoCloudIsNoPanic(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		for _, named := range []any{nil, "aws"} {
			state := s.dynamic(s.resourceType(), map[string]any{
				"id": "state:h-1", "instance_id": "h-1", "state": "running", "cloud": named,
			})
			if _, diags := s.read(held{state: state}); !strings.Contains(texts(diags), "which is none of `flat`, `here`") {
				t.Errorf("%v: got %s, want an error that names the clouds", named, texts(diags))
			}
		}
	})
}
