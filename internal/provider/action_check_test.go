package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestAnActionChecksWhatBecomesKnown plans and invokes what was never validated:
// Terraform validates an action only while variables are not known.
func TestAnActionChecksWhatBecomesKnown(t *testing.T) {
	t.Parallel()
	many := make([]string, maxFleet+1)
	for i := range many {
		many[i] = fmt.Sprintf("h-%05d", i)
	}
	one := []string{"h-1"}
	for what, test := range map[string]struct {
		config  map[string]any
		want    string
		actions []string // all of them where it is nil
	}{
		"a cloud that is none": {
			config: acting(one, "cloud", "aws"),
			want: "error at AttributeName(\"cloud\"): Invalid cloud\n\n" +
				"`cloud` must be `flat` or `here`; got \"aws\".",
		},
		"a region that is none": {
			config: acting(one, "region", "r 1"),
			want: "error at AttributeName(\"region\"): Invalid region\n\n" +
				"`region` must be a region, such as `ap-guangzhou`; got \"r 1\".",
		},
		"ids that are null": {
			config: map[string]any{"instance_ids": nil},
			want: "error at AttributeName(\"instance_ids\"): No instances are named\n\n" +
				"`instance_ids` is null. Set it to the ids of up to 10000 instances, or to `[]` for none.",
		},
		"an id that is null": {
			config: map[string]any{"instance_ids": []any{"h-1", nil}},
			want: "error at AttributeName(\"instance_ids\"): Instance id that is null\n\n" +
				"An element of `instance_ids` is null, so it names no instance. Leave it out, for example with " +
				"`compact(...)`, or give it a value.",
		},
		"an id that is none": {
			config: acting([]string{"h/1"}),
			want: "error at AttributeName(\"instance_ids\").ElementKeyInt(0): Invalid instance_ids[0]\n\n" +
				"`instance_ids[0]` must be the cloud's id of an instance, such as `ins-r8hr2upy`; got \"h/1\".",
		},
		"an id of another cloud": {
			config: acting([]string{"f-1"}),
			want: "error at AttributeName(\"instance_ids\"): Instance id of another cloud\n\n" +
				"\"f-1\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
				"Correct `instance_ids`, or set `cloud`.",
		},
		"too many ids": {
			config: acting(many),
			want: "error at AttributeName(\"instance_ids\"): Too many elements in instance_ids\n\n" +
				"`instance_ids` has 10001 elements, and may have 10000. Divide them among several blocks.",
		},
		"a timeout that is no duration": {
			config: acting(one, "timeout", "soon"),
			want: "error at AttributeName(\"timeout\"): Invalid timeout\n\n" +
				"`timeout` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"soon\".",
		},
		"less than no failures": {
			config: acting(one, "max_failures", -1),
			want: "error at AttributeName(\"max_failures\"): Invalid max_failures\n\n" +
				"`max_failures` must be a number of instances such as `3`, or a percentage of the ids such as `\"10%\"`, " +
				"without a sign or a fraction; got \"-1\".",
		},
		"a mode that is none": {
			config: acting(one, "stopped_mode", "stop-charging"),
			want: "error at AttributeName(\"stopped_mode\"): Invalid stopped_mode\n\n" +
				"`stopped_mode` must be `keep_charging`, `stop_charging` or `stop_charging_if_supported`, " +
				"or the cloud's own spelling of these; got \"stop-charging\".",
			actions: []string{stopAction},
		},
		"a time to force that is no duration": {
			config: acting(one, "force_stop_after", "5 minutes"),
			want: "error at AttributeName(\"force_stop_after\"): Invalid force_stop_after\n\n" +
				"`force_stop_after` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"5 minutes\".",
			actions: []string{stopAction},
		},
		"both kinds of force": {
			config: acting(one, "force_stop", true, "force_stop_after", "1m"),
			want: "error at AttributeName(\"force_stop_after\"): Both force options are set\n\n" +
				"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. " +
				"Remove one of the two.",
			actions: []string{stopAction},
		},
		"a time to force that is too late": {
			config: acting(one, "timeout", "1m", "force_stop_after", "60s"),
			want: "error at AttributeName(\"force_stop_after\"): force_stop_after is too long\n\n" +
				"`force_stop_after` is 1m0s, but `timeout` ends the operation after 1m0s, before the power would be cut. " +
				"Shorten `force_stop_after` or raise `timeout`.",
			actions: []string{stopAction},
		},
		"a time to force, without waiting": {
			config: acting(one, "wait", false, "force_stop_after", "60s"),
			want: "error at AttributeName(\"force_stop_after\"): force_stop_after without waiting\n\n" +
				"`wait = false` ends the action as soon as the cloud has accepted the stops, " +
				"so nothing is left that could cut the power after `force_stop_after`. " +
				"Remove one of the two.",
			actions: []string{stopAction},
		},
	} {
		if test.actions == nil {
			test.actions = []string{startAction, stopAction, rebootAction}
		}
		for _, name := range test.actions {
			t.Run(name+" refuses "+what, func(t *testing.T) {
				t.Parallel()
				for _, preflight := range []string{preflightDescribe, preflightOff} {
					a, _ := actionIn(t, setupWith(t, map[string]any{"preflight": preflight}), name, 0, backend.Running)
					wantTexts(t, a.plan(test.config), test.want)
					said, diags := a.invoke(t.Context(), test.config)
					wantTexts(t, diags, test.want)
					if said != "" {
						t.Errorf("said %q, want nothing", said)
					}
					a.wantCalls(0)
				}
			})
		}
	}
	t.Run("what is known is checked although something else is not", func(t *testing.T) {
		t.Parallel()
		a, _ := newAction(t, stopAction, 0, backend.Running)
		wantTexts(t, a.plan(map[string]any{"instance_ids": []any{"h-1", tftypes.UnknownValue}, "timeout": "soon"}),
			"error at AttributeName(\"timeout\"): Invalid timeout\n\n"+
				"`timeout` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"soon\".")
	})
}

func TestAnActionOnACloudThatAlwaysCharges(t *testing.T) {
	t.Parallel()
	const want = "error at AttributeName(\"stopped_mode\"): Stopped mode that the cloud does not have\n\n" +
		"A stopped instance of Flat Cloud is billed like a running one. " +
		"Set `stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out."
	flat := func(t *testing.T, config map[string]any) *actionSetup {
		t.Helper()
		driver := newMemory()
		clouds := memoryClouds(driver)
		c := clouds["flat"]
		c.alwaysCharges = true
		clouds["flat"] = c
		r := rpcOf(t, clouds)
		if got := r.configure(config); len(got) > 0 {
			t.Fatalf("configure: %s", texts(got))
		}
		a, _ := actionIn(t, &setup{rpc: r, cloud: driver}, stopAction, 0, backend.Running)
		return a
	}
	t.Run("is refused another mode when it is validated", func(t *testing.T) {
		t.Parallel()
		a := flat(t, configured)
		wantTexts(t, a.check(acting([]string{"f-1"}, "cloud", "flat", "stopped_mode", "stop_charging")), want)
		wantTexts(t, a.check(acting([]string{"f-1"}, "cloud", "flat", "stopped_mode", "keep_charging")), "")
		wantTexts(t, a.check(acting([]string{"f-1"}, "cloud", tftypes.UnknownValue, "stopped_mode", "stop_charging")), "")
	})
	t.Run("is refused another mode when the provider tells the cloud", func(t *testing.T) {
		t.Parallel()
		a := flat(t, map[string]any{"flat": map[string]any{}})
		config := acting([]string{"f-1"}, "stopped_mode", "stop_charging")
		wantTexts(t, a.check(config), "")
		wantTexts(t, a.plan(config), want)
		_, diags := a.invoke(t.Context(), config)
		wantTexts(t, diags, want)
		a.wantCalls(0)
	})
}
