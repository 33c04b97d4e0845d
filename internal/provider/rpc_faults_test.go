package provider

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// troubled is an apply that fails: what happens to the cloud once the plan is
// made, and the whole text of the one diagnostic.
type troubled struct {
	// opts and instance are the cloud; config the resource, stopped where it
	// is nil.
	opts     memory.Options
	instance backend.Instance
	config   map[string]any
	meet     func(*memory.Driver)
	want     string
}

func fails(op memory.Op, fault backend.Fault) func(*memory.Driver) {
	return func(d *memory.Driver) { d.Fail(memory.Trouble{Op: op, Fault: fault}) }
}

func behaves(b memory.Behavior) func(*memory.Driver) {
	return func(d *memory.Driver) { d.Behave("h-1", b) }
}

// changesAfter changes the instance as somebody else would, some time after the
// apply began.
func changesAfter(after time.Duration, change func(*backend.Instance)) func(*memory.Driver) {
	return func(d *memory.Driver) { time.AfterFunc(after, func() { d.Change("h-1", change) }) }
}

func testTroubles(t *testing.T, tests map[string]troubled) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				if test.instance.ID == "" {
					test.instance = machine(backend.Running)
				}
				if test.config == nil {
					test.config = resourceOf("stopped", nil)
				}
				s := setupOf(t, test.opts, plainDriver, nil, test.instance)
				plan := s.plan(test.config, held{})
				if hasError(plan.Diagnostics) {
					t.Fatal(texts(plan.Diagnostics))
				}
				s.cloud.ForgetCalls()
				test.meet(s.cloud)
				time.Sleep(time.Second) // The apply is another process, to which the plan's observation is of no use.
				after, diags := s.apply(t.Context(), test.config, held{}, plan)
				wantTexts(t, diags, test.want)
				if got := s.values(after.state); got != nil {
					t.Errorf("got the state %v, want none", got)
				}
			})
		})
	}
}

func TestWhatTheCloudAnswersIsTold(t *testing.T) {
	t.Parallel()
	testTroubles(t, map[string]troubled{
		"a denied call": {meet: fails(memory.Stop, backend.Fault{
			Kind: backend.KindDenied, Code: "UnauthorizedOperation", Message: "you are not authorized",
		}), want: `
error: Unable to stop instance "h-1"

The cloud answered: you are not authorized.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        UnauthorizedOperation
  Request id:  req-3

Check the credentials of the provider's configuration and the permissions of their owner.`},
		"a denied call, with the advice of its code": {meet: fails(memory.Stop, backend.Fault{
			Kind:    backend.KindDenied,
			Code:    "Forbidden.RAM",
			Message: "Denied by a policy.",
			Advice:  "Allow `ecs:StopInstances` in the policy of the user.",
		}), want: `
error: Unable to stop instance "h-1"

The cloud answered: Denied by a policy.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        Forbidden.RAM
  Request id:  req-3

Allow ` + "`ecs:StopInstances` in the policy of the user."},
		"a code that is in no table": {meet: fails(memory.Stop, backend.Fault{
			Code: "Strange.Code", Message: "something strange",
		}), want: `
error: Unable to stop instance "h-1"

The cloud answered: something strange.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        Strange.Code
  Request id:  req-3

Look the code up in the cloud's documentation; if it is one that the provider should handle, report it.`},
		"a request that is wrong": {
			meet: fails(memory.Stop, backend.Fault{
				Kind: backend.KindInvalid, Code: "InvalidParameter", Message: "no such mode",
			}),
			config: resourceOf("stopped", map[string]any{"stopped_mode": "KEEP_CHARGING"}), want: `
error: Unable to stop instance "h-1"

The cloud answered: no such mode.

  Cloud:       here, r-1
  Wanted:      stopped, keep_charging
  Last seen:   running (RUNNING)
  Code:        InvalidParameter
  Request id:  req-3

Check the attributes of the resource against what this instance supports.`,
		},
		"a start of what is gone": {
			instance: machine(backend.Stopped), config: resourceOf("running", nil),
			meet: fails(memory.Start, backend.Fault{
				Kind: backend.KindNotFound, Code: "NotFound", Message: "no such instance",
			}), want: `
error: Unable to start instance "h-1"

The cloud answered: no such instance.

  Cloud:       here, r-1
  Wanted:      running
  Last seen:   stopped (STOPPED), keep_charging
  Code:        NotFound
  Request id:  req-3

Check ` + "`instance_id` and `region`.",
		},
		"a read that is denied": {meet: fails(memory.Describe, backend.Fault{
			Kind: backend.KindDenied, Code: "AuthFailure", Message: "the key expired",
		}), want: `
error: Unable to stop instance "h-1"

The cloud answered: the key expired.

  Cloud:       here, r-1
  Wanted:      stopped
  Code:        AuthFailure
  Request id:  req-2

Check the credentials of the provider's configuration and the permissions of their owner.`},
		"an answer without an id": {opts: memory.Options{NoRequestIDs: true}, meet: fails(memory.Stop, backend.Fault{
			Code: "Strange", Message: "no.",
		}), want: `
error: Unable to stop instance "h-1"

The cloud answered: no.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)
  Code:        Strange

Look the code up in the cloud's documentation; if it is one that the provider should handle, report it.`},
	})
}

func TestWhatStandsInTheWayIsTold(t *testing.T) {
	t.Parallel()
	lock := func(in *backend.Instance) { in.Blocked = "it is locked for security reasons" }
	bin := func(in *backend.Instance) {
		in.State, in.Blocked = backend.Unavailable, "it is in the recycle bin"
	}
	release := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging"})
	testTroubles(t, map[string]troubled{
		"an instance that is gone since the plan": {meet: func(d *memory.Driver) { d.Remove("h-1") }, want: `
error: Unable to stop instance "h-1"

There is no such instance in that region.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   absent

Check ` + "`instance_id`, `region`, and that the credentials belong to the account of the instance."},
		"a lock since the plan": {meet: func(d *memory.Driver) { d.Change("h-1", lock) }, want: `
error: Unable to stop instance "h-1"

The instance cannot be operated: it is locked for security reasons.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

Remove the cause in the cloud's console, then plan again.`},
		"a lock against a start": {
			instance: machine(backend.Stopped), config: resourceOf("running", nil),
			meet: func(d *memory.Driver) {
				d.Change("h-1", func(in *backend.Instance) { in.StartBlocked = "the account is in arrears" })
			}, want: `
error: Unable to start instance "h-1"

The instance cannot be operated: the account is in arrears.

  Cloud:       here, r-1
  Wanted:      running
  Last seen:   stopped (STOPPED), keep_charging

Remove the cause in the cloud's console, then plan again.`,
		},
		"the recycle bin since the plan": {meet: func(d *memory.Driver) { d.Change("h-1", bin) }, want: `
error: Unable to stop instance "h-1"

The instance exists but cannot be operated: it is in the recycle bin.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   unavailable (UNAVAILABLE)

Resolve this in the cloud's console, then plan again.`},
		"a bar against the mode since the plan": {
			config: release,
			meet: func(d *memory.Driver) {
				d.Change("h-1", func(in *backend.Instance) { in.StopChargingBar = "it is prepaid" })
			}, want: `
error: Unable to stop instance "h-1"

The instance cannot stop charging: it is prepaid.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   running (RUNNING)

Set ` + "`stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out.",
		},
		"another mode since the plan": {
			config: release,
			meet: func(d *memory.Driver) {
				d.Change("h-1", func(in *backend.Instance) { in.State, in.StoppedMode = backend.Stopped, backend.KeepCharging })
			}, want: `
error: Unable to stop instance "h-1"

The instance is already stopped, in a mode other than "stop_charging", ` +
				`and no call changes the mode of a stopped instance.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   stopped (STOPPED), keep_charging

Set ` + "`allow_restart = true` to let the provider start it and stop it again, " +
				"or set `stopped_mode` to the mode that it is in.",
		},
		"a deletion on the way": {meet: func(d *memory.Driver) {
			time.AfterFunc(2500*time.Millisecond, func() { d.Remove("h-1") })
		}, want: `
error: Unable to stop instance "h-1"

The instance existed when the operation began, and is gone now: somebody has deleted it.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   absent

Remove the resource from the configuration, or change ` + "`instance_id` to that of the new instance."},
		"the recycle bin on the way": {meet: changesAfter(2500*time.Millisecond, bin), want: `
error: Unable to stop instance "h-1"

The instance can no longer be operated: it is in the recycle bin.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   unavailable (UNAVAILABLE)

Resolve this in the cloud's console, then apply again.`},
	})
}
