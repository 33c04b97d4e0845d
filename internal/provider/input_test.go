package provider

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// resourceWith is a minimal resource with further attributes.
func resourceWith(more map[string]any) map[string]any {
	config := map[string]any{"cloud": "here", "instance_id": "h-1", "state": "stopped"}
	for name, value := range more {
		config[name] = value
	}
	return config
}

func TestBadInputIsRefusedByValidate(t *testing.T) {
	t.Parallel()
	timeouts := func(name, value string) map[string]any { return map[string]any{name: value} }
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"a malformed duration": {resourceWith(map[string]any{"force_stop_after": "5 minutes"}), `
error at AttributeName("force_stop_after"): Invalid force_stop_after

` + "`force_stop_after` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"5 minutes\"."},
		"a duration of nothing": {resourceWith(map[string]any{"force_stop_after": "0s"}), `
error at AttributeName("force_stop_after"): Invalid force_stop_after

` + "`force_stop_after` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"0s\"."},
		"both force options": {resourceWith(map[string]any{"force_stop": true, "force_stop_after": "5m"}), `
error at AttributeName("force_stop_after"): Both force options are set

` + "`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. " +
			"Remove one of the two."},
		"an escalation after the timeout": {resourceWith(map[string]any{
			"force_stop_after": "10m", "timeouts": timeouts("update", "10m"),
		}), `
error at AttributeName("force_stop_after"): force_stop_after is too long

` + "`force_stop_after` is 10m0s, but `timeouts.update` ends the operation after 10m0s, " +
			"before the power would be cut. " +
			"Shorten `force_stop_after` or raise `timeouts.update`."},
		"an escalation after the timeout of a destroy that stops": {resourceWith(map[string]any{
			"force_stop_after": "10m", "on_destroy": "stopped", "timeouts": timeouts("delete", "10m"),
		}), `
error at AttributeName("force_stop_after"): force_stop_after is too long

` + "`force_stop_after` is 10m0s, but `timeouts.delete` ends the operation after 10m0s, " +
			"before the power would be cut. " +
			"Shorten `force_stop_after` or raise `timeouts.delete`."},
		"an escalation after the timeout of a destroy that restores": {resourceWith(map[string]any{
			"force_stop_after": "15m", "on_destroy": "restore", "timeouts": timeouts("delete", "10m"),
		}), `
error at AttributeName("force_stop_after"): force_stop_after is too long

` + "`force_stop_after` is 15m0s, but `timeouts.delete` ends the operation after 10m0s, " +
			"before the power would be cut. " +
			"Shorten `force_stop_after` or raise `timeouts.delete`."},
		"an escalation after the timeout of a destroy that leaves the instance": {resourceWith(map[string]any{
			"force_stop_after": "10m", "on_destroy": "leave", "timeouts": timeouts("delete", "10m"),
		}), ``},
		"an escalation after the timeout of a destroy that starts": {resourceWith(map[string]any{
			"force_stop_after": "10m", "on_destroy": "running", "timeouts": timeouts("delete", "10m"),
		}), ``},
		"a malformed timeout": {resourceWith(map[string]any{"timeouts": timeouts("create", "soon")}), `
error at AttributeName("timeouts").AttributeName("create"): Invalid timeouts.create

` + "`timeouts.create` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"soon\"."},
		"a timeout below zero": {resourceWith(map[string]any{"timeouts": timeouts("update", "1h-65m")}), `
error at AttributeName("timeouts").AttributeName("update"): Invalid timeouts.update

` + "`timeouts.update` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"1h-65m\"."},
		"a mode of underscores": {resourceWith(map[string]any{"stopped_mode": "__"}), `
error at AttributeName("stopped_mode"): Invalid stopped_mode

` + "`stopped_mode` must be `keep_charging`, `stop_charging` or `stop_charging_if_supported`, " +
			"or the cloud's own spelling of these; got \"__\"."},
		"an unknown cloud": {resourceWith(map[string]any{"cloud": "aws"}), `
error at AttributeName("cloud"): Invalid cloud

` + "`cloud` must be `flat` or `here`; got \"aws\"."},
		"an id of another cloud": {resourceWith(map[string]any{"instance_id": "f-1"}), `
error at AttributeName("instance_id"): Instance id of another cloud

"f-1" is not in the form of an instance id of here, such as "h-1"; it looks like one of ` + "`flat`. " +
			"Correct `instance_id`, or set `cloud`."},
		"an empty id": {resourceWith(map[string]any{"instance_id": ""}), `
error at AttributeName("instance_id"): Invalid instance_id

` + "`instance_id` must be the cloud's id of an instance, such as `ins-r8hr2upy`; it is empty."},
		"an id that is far too long": {resourceWith(map[string]any{"instance_id": "h-" + strings.Repeat("1", 5000)}), `
error at AttributeName("instance_id"): Invalid instance_id

` + "`instance_id` must be the cloud's id of an instance, such as `ins-r8hr2upy`; " +
			"got \"h-" + strings.Repeat("1", 98) + "\"... (5002 characters)."},
		"an id with a slash": {resourceWith(map[string]any{"instance_id": "here/h-1"}), `
error at AttributeName("instance_id"): Invalid instance_id

` + "`instance_id` must be the cloud's id of an instance, such as `ins-r8hr2upy`; got \"here/h-1\"."},
		"an unknown mode": {resourceWith(map[string]any{"stopped_mode": "hibernate"}), `
error at AttributeName("stopped_mode"): Invalid stopped_mode

` + "`stopped_mode` must be `keep_charging`, `stop_charging` or `stop_charging_if_supported`, " +
			"or the cloud's own spelling of these; got \"hibernate\"."},
		"a state that cannot be asked for": {resourceWith(map[string]any{"state": "starting"}), `
error at AttributeName("state"): Invalid state

` + "`state` must be `running` or `stopped`; got \"starting\"."},
		"an unknown on_destroy": {resourceWith(map[string]any{"on_destroy": "delete"}), `
error at AttributeName("on_destroy"): Invalid on_destroy

` + "`on_destroy` must be `leave`, `restore`, `running` or `stopped`; got \"delete\"."},
		"nothing wrong": {resourceWith(map[string]any{"force_stop_after": "5m", "stopped_mode": "STOP_CHARGING"}), ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTexts(t, bareRPC(t, newMemory()).validate(test.config), test.want)
		})
	}
}

func TestBadInputIsRefusedByConfigure(t *testing.T) {
	t.Parallel()
	here := func(name string, value any) map[string]any {
		return map[string]any{"here": map[string]any{name: value}}
	}
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"plain http to a host that is not loopback": {here("endpoint", "http://api.example.com"), `
error at AttributeName("here").AttributeName("endpoint"): Invalid endpoint of here

` + "`endpoint` is plain http, and not on a loopback address: credentials would travel unprotected, use `https://`, " +
			"or leave it out to use the cloud's own."},
		"an endpoint without a scheme": {here("endpoint", "api.example.com"), `
error at AttributeName("here").AttributeName("endpoint"): Invalid endpoint of here

` + "`endpoint` has no scheme https: " +
			"write it as `https://host` or `https://host:port`, or leave it out to use the cloud's own."},
		"an endpoint with a path": {here("endpoint", "https://api.example.com/v2"), `
error at AttributeName("here").AttributeName("endpoint"): Invalid endpoint of here

` + "`endpoint` has more than a scheme and a host: " +
			"write it as `https://host` or `https://host:port`, or leave it out to use the cloud's own."},
		"an unknown preflight": {map[string]any{"preflight": "full"}, `
error at AttributeName("preflight"): Invalid preflight

` + "`preflight` must be `off`, `describe` or `dry_run`; got \"full\"."},
		"a batch window that is too long": {map[string]any{"batch_window": "1m"}, `
error at AttributeName("batch_window"): Invalid batch_window

` + "`batch_window` must be a duration such as `50ms` or `2s`, at most `10s`; got \"1m\"."},
		"a rate that is too low": {here("requests_per_second", 0.05), `
error at AttributeName("here").AttributeName("requests_per_second"): Invalid here.requests_per_second

` + "`here.requests_per_second` must be a number from 0.1 to 1000000; got 0.05."},
		"loopback over http":  {here("endpoint", "http://127.0.0.1:8090"), ``},
		"no attribute at all": {map[string]any{}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTexts(t, bareRPC(t, newMemory()).configure(test.config), test.want)
		})
	}
}

// goesOn ends the warning about an instance for which an apply will fail.
const goesOn = "\n\nThe apply goes on with the other instances. " + strictHint

func TestBadInputIsRefusedByPlan(t *testing.T) {
	both := map[string]any{"here": map[string]any{}, "flat": map[string]any{}}
	for name, test := range map[string]struct {
		provider, config map[string]any
		want             string
	}{
		"several clouds and none named": {both, map[string]any{"instance_id": "h-1", "state": "stopped"}, `
error at AttributeName("cloud"): Cloud is not named

` + "`cloud` is not set, and the provider configures several clouds: `flat`, `here`. Set `cloud` to one of them."},
		"no cloud and none named": {map[string]any{}, map[string]any{"instance_id": "h-1", "state": "stopped"}, `
error at AttributeName("cloud"): Cloud is not named

` + "`cloud` is not set, and the provider's configuration has the block of no cloud to take as the default. " +
			"Set `cloud` to one of `flat`, `here`."},
		"an id of another cloud than the default": {map[string]any{"flat": map[string]any{}}, map[string]any{
			"instance_id": "h-1", "state": "stopped",
		}, `
error at AttributeName("instance_id"): Instance id of another cloud

"h-1" is not in the form of an instance id of flat, such as "f-1"; it looks like one of ` + "`here`. " +
			"Correct `instance_id`, or set `cloud`."},
		"no region": {map[string]any{"here": map[string]any{"access_key": "id", "secret_key": "secret"}}, resourceWith(nil), `
error at AttributeName("region"): Region is not named

` + "`region` is not set, and there is no default region for here. " +
			"Set `region` on the resource, `region` in the provider's `here` block, " +
			"or the environment variable HERE_REGION."},
		"a region on a cloud without regions": {map[string]any{"flat": map[string]any{}}, map[string]any{
			"instance_id": "f-1", "state": "stopped", "region": "r-1",
		}, `
error at AttributeName("region"): Region on a cloud without regions

Flat Cloud has no regions: remove ` + "`region` from the resource."},
		"an instance that does not exist": {configured, resourceWith(map[string]any{"instance_id": "h-9"}), `
warning at AttributeName("instance_id"): Apply will fail for instance "h-9"

There is no such instance in that region.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   absent

Check ` + "`instance_id`, `region`, and that the credentials belong to the account of the instance." + goesOn},
		"a prepaid instance that is to stop charging": {configured, resourceWith(map[string]any{
			"stopped_mode": "StopCharging",
		}), `
warning at AttributeName("instance_id"): Apply will fail for instance "h-1"

The instance cannot stop charging: it is prepaid.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   running (RUNNING)

Set ` + "`stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out." + goesOn},
		"a stopped instance in another mode": {configured, resourceWith(map[string]any{
			"instance_id": "h-2", "stopped_mode": "stop_charging",
		}), `
warning at AttributeName("instance_id"): Apply will fail for instance "h-2"

The instance is already stopped, in a mode other than "stop_charging", ` +
			`and no call changes the mode of a stopped instance.

  Cloud:       here, r-1
  Wanted:      stopped, stop_charging
  Last seen:   stopped (STOPPED), keep_charging

Set ` + "`allow_restart = true` to let the provider start it and stop it again, or set `stopped_mode` to the mode " +
			"that it is in." + goesOn},
		"a locked instance": {configured, resourceWith(map[string]any{"instance_id": "h-3"}), `
warning at AttributeName("instance_id"): Apply will fail for instance "h-3"

The instance cannot be operated: it is locked for security reasons.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING)

Remove the cause in the cloud's console, then plan again.` + goesOn},
		"an instance in the recycle bin": {configured, resourceWith(map[string]any{"instance_id": "h-4"}), `
warning at AttributeName("instance_id"): Apply will fail for instance "h-4"

The instance exists but cannot be operated: it is in the recycle bin.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   unavailable (RECYCLE)

Resolve this in the cloud's console, then plan again.` + goesOn},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				driver := newMemory()
				driver.Add(
					backend.Instance{ID: "h-1", State: backend.Running, ChargeType: backend.Prepaid, StopChargingBar: "it is prepaid"},
					backend.Instance{ID: "h-2", State: backend.Stopped, StoppedMode: backend.KeepCharging},
					backend.Instance{ID: "h-3", State: backend.Running, Blocked: "it is locked for security reasons"},
					backend.Instance{ID: "h-4", State: backend.Unavailable, Raw: "RECYCLE", Blocked: "it is in the recycle bin"},
				)
				plan := newRPC(t, driver, test.provider).plan(test.config, held{})
				wantTexts(t, plan.Diagnostics, test.want)
			})
		})
	}
}
