package provider

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestACallWithoutAnEffectIsTold(t *testing.T) {
	t.Parallel()
	silent := memory.AllCapabilities()
	silent.OperationReason = false
	testTroubles(t, map[string]troubled{
		"a guest that does not obey": {meet: behaves(memory.Behavior{SoftStop: memory.FallsBack}), want: `
error: Unable to stop instance "h-1"

The cloud accepted the stop, but the instance is running again. The cloud's reason: the guest did not shut down.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

The guest may have ignored the request to shut down. Shut it down from inside, or set ` +
			"`force_stop_after` or `force_stop` to cut the power (unsaved data can be lost)."},
		"a guest that does not obey, on a cloud that gives no reason": {
			opts: memory.Options{Capabilities: &silent}, meet: behaves(memory.Behavior{SoftStop: memory.FallsBack}), want: `
error: Unable to stop instance "h-1"

The cloud accepted the stop, but the instance is running again.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

The guest may have ignored the request to shut down. Shut it down from inside, or set ` +
				"`force_stop_after` or `force_stop` to cut the power (unsaved data can be lost).",
		},
		"a start without stock": {
			instance: machine(backend.Stopped), config: resourceOf("running", nil),
			meet: behaves(memory.Behavior{NoStock: true}), want: `
error: Unable to start instance "h-1"

The cloud accepted the start, but the instance is stopped again. ` +
				`The cloud's reason: there is no stock of the instance type.

  Cloud:       here, r-1
  Wanted:      running
  Last seen:   stopped (STOPPED), keep_charging

The cloud may have no stock of this instance type in the zone at the moment: apply again later, or change the type.`,
		},
		"a forced stop that somebody undoes": {
			opts: memory.Options{Capabilities: &silent}, config: resourceOf("stopped", map[string]any{"force_stop": true}),
			meet: changesAfter(4*time.Second, func(in *backend.Instance) { in.State = backend.Running }), want: `
error: Unable to stop instance "h-1"

The cloud accepted the stop, but the instance is running again.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

Apply again; if it stays so, see the instance's operations in the cloud's console.`,
		},
		"a refusal that was overcome is not the reason": {
			meet: func(d *memory.Driver) {
				d.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{
					Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down",
				}})
				d.Behave("h-1", memory.Behavior{SoftStop: memory.FallsBack})
			}, want: `
error: Unable to stop instance "h-1"

The cloud accepted the stop, but the instance is running again. The cloud's reason: the guest did not shut down.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

The guest may have ignored the request to shut down. Shut it down from inside, or set ` +
				"`force_stop_after` or `force_stop` to cut the power (unsaved data can be lost).",
		},
	})
}

func TestAnotherModeThanAskedForIsTold(t *testing.T) {
	t.Parallel()
	release := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging"})
	const remedy = "Set `stopped_mode` to a mode that the instance supports, or leave it out. " +
		"The instance is stopped, and the next plan shows it as it is."
	testTroubles(t, map[string]troubled{
		"a mode that is ignored": {config: release, meet: behaves(memory.Behavior{IgnoreMode: true}), want: `
error: Unable to stop instance "h-1"

The instance stopped, but not in the mode "stop_charging": the cloud reports "keep_charging".

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   stopped (STOPPED), keep_charging

` + remedy},
		"a mode that is ignored for a reason": {config: release, meet: func(d *memory.Driver) {
			time.AfterFunc(5*time.Second, func() {
				d.Change("h-1", func(in *backend.Instance) {
					in.State, in.StoppedMode, in.StopChargingBar = backend.Stopped, backend.NotApplicable, "it has local disks"
				})
			})
		}, want: `
error: Unable to stop instance "h-1"

The instance stopped, but not in the mode "stop_charging": the cloud reports "not_applicable". ` +
			`The likely reason: it has local disks.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   stopped (STOPPED), not_applicable

` + remedy},
		"a mode that is not told": {config: release, meet: behaves(memory.Behavior{ModeLag: time.Hour}), want: `
error: Unable to stop instance "h-1"

The instance stopped, but not in the mode "stop_charging": the cloud does not report its mode.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   stopped (STOPPED)

` + remedy},
	})
}

func TestAnEndOfTimeIsTold(t *testing.T) {
	t.Parallel()
	const goOn = "The next apply begins by reading the instance and goes on from there. " +
		"If such a transition takes longer, raise `timeouts.create`"
	limited := timeLimit("stopped", "create", "4s")
	testTroubles(t, map[string]troubled{
		"a guest that hangs": {config: limited, meet: behaves(memory.Behavior{SoftStop: memory.Hangs}), want: `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   stopping (STOPPING), for 2s

` + goOn + "; if the guest does not shut down, " +
			"`force_stop_after` cuts the power after a while (unsaved data can be lost)."},
		"a forced stop that hangs": {
			config: resourceOf("stopped", map[string]any{"force_stop": true, "timeouts": map[string]any{"create": "4s"}}),
			meet:   behaves(memory.Behavior{Stuck: true}), want: `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   stopping (STOPPING), for 2s

` + goOn + ".",
		},
		"a start that hangs": {
			instance: machine(backend.Stopped), config: timeLimit("running", "create", "4s"),
			meet: behaves(memory.Behavior{Stuck: true}), want: `
error: Unable to start instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as running.

  Cloud:       here, r-1
  Wanted:      running
  Last seen:   starting (STARTING), for 2s

` + goOn + ".",
		},
		"an unknown word": {config: limited, meet: behaves(memory.Behavior{
			OddWord: "HIBERNATING", OddWordFor: time.Hour,
		}), want: `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   unknown (HIBERNATING), for 4s

` + goOn + "."},
		"a throttle": {config: limited, meet: func(d *memory.Driver) {
			d.Fail(memory.Trouble{Op: memory.Stop, Times: memory.Always, Fault: backend.Fault{
				Kind:       backend.KindThrottled,
				Code:       "RequestLimitExceeded",
				Message:    "slow down",
				RetryAfter: time.Minute,
				RequestID:  "req-7",
			}})
		}, want: `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as stopped. ` +
			`The cloud refused the stop until then: slow down. It asked for a pause of 1m0s.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING), for 4s
  Code:        RequestLimitExceeded
  Request id:  req-7

The calls of this account exceed the limit of the cloud. ` +
			`Try again when its other callers have ended, or give the call more time with ` + "`timeouts.create`."},
		"a read that gets no answer": {config: limited, meet: func(d *memory.Driver) {
			d.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
		}, want: `
error: Unable to stop instance "h-1"

The time limit of 4s (` + "`timeouts.create`" + `) passed before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped

` + goOn + "."},
	})
}
