package alicloud_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func TestOperationsOnSeveralInstances(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action, from, during, after string
		change                      object
		force                       simulator.Force
		explicit                    bool
	}{
		{"StopInstances", "Running", "Stopping", "Stopped", nil, simulator.Graceful, false},
		{
			"StopInstances", "Running", "Stopping", "Stopped",
			object{"ForceStop": false, "StoppedMode": "KeepCharging"},
			simulator.Graceful, true,
		},
		{"StopInstances", "Running", "Stopping", "Stopped", object{"ForceStop": true}, simulator.Forced, true},
		{"StartInstances", "Stopped", "Starting", "Running", nil, "", false},
		{"RebootInstances", "Running", "Stopping", "Running", nil, simulator.Graceful, false},
		{"RebootInstances", "Running", "Stopping", "Running", object{"ForceReboot": true}, simulator.Forced, true},
	} {
		t.Run(fmt.Sprint(test.action, test.change), func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one, Status: test.from}, simulator.Instance{ID: two, Status: test.from})
			f.slow()
			got := f.items(t, test.action, test.change, one, two)
			want := []object{
				{"InstanceId": one, "Code": "200", "Message": "success", "PreviousStatus": test.from, "CurrentStatus": test.during},
				{"InstanceId": two, "Code": "200", "Message": "success", "PreviousStatus": test.from, "CurrentStatus": test.during},
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("answer differs (-got +want):\n%s", diff)
			}
			call := f.last()
			if call.Force != test.force || call.ForceExplicit != test.explicit {
				t.Errorf("logged as %q, explicit %v, want %q, %v", call.Force, call.ForceExplicit, test.force, test.explicit)
			}
			f.wantStatus(t, one, test.during)
			if got := texts(f.describe(t, nil, one, two), "Status"); !cmp.Equal(got, []string{test.during, test.during}) {
				t.Errorf("described as %v, want twice %s", got, test.during)
			}
		})
		t.Run(fmt.Sprint(test.action, test.change, " to its end"), func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one, Status: test.from})
			f.items(t, test.action, test.change, one)
			f.wantStatus(t, one, test.after)
		})
	}
}

func TestOperationsOnOneInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action, from, after string
		change              object
		force               simulator.Force
	}{
		{
			"StopInstance", "Running", "Stopped",
			object{"ForceStop": true, "StoppedMode": "StopCharging", "ConfirmStop": true},
			simulator.Forced,
		},
		{"StopInstance", "Running", "Stopped", nil, simulator.Graceful},
		{"StartInstance", "Stopped", "Running", object{"InitLocalDisk": false}, ""},
		{"RebootInstance", "Running", "Running", object{"ForceStop": true}, simulator.Forced},
	} {
		t.Run(fmt.Sprint(test.action, test.change), func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one, Status: test.from, Region: "cn-shanghai"})
			query := object{"InstanceId": one}
			for name, value := range test.change {
				query[name] = value
			}
			body, err := f.call(t.Context(), test.action, query)
			if err != nil {
				t.Fatal(err)
			}
			if id, _ := body["RequestId"].(string); len(body) != 1 || id != f.last().RequestID {
				t.Errorf("answer is %v, want RequestId alone", body)
			}
			if got := f.last().Force; got != test.force {
				t.Errorf("logged as %q, want %q", got, test.force)
			}
			f.wantStatus(t, one, test.after)
			query["InstanceId"] = absent
			_, err = f.call(t.Context(), test.action, query)
			wantRefusal(t, err, "InvalidInstanceId.NotFound", 404)
		})
	}
}

func TestStatesInWhichAnOperationIsRefused(t *testing.T) {
	t.Parallel()
	refused := map[string][]string{
		"StopInstances":   {"Pending", "Starting", "Stopping", "Stopped", "Moving"},
		"StartInstances":  {"Pending", "Starting", "Stopping", "Running", "Moving"},
		"RebootInstances": {"Pending", "Starting", "Stopping", "Stopped", "Moving"},
	}
	for action, states := range refused {
		for _, state := range states {
			t.Run(action+" while "+state, func(t *testing.T) {
				t.Parallel()
				f := setUp(t)
				f.slow()
				if err := f.cloud.Seed(simulator.Instance{ID: one, Status: state}); err != nil {
					t.Fatal(err)
				}
				_, err := f.call(t.Context(), action, plural(nil, one))
				wantRefusal(t, err, "IncorrectInstanceStatus", 403)
				f.wantStatus(t, one, state)
			})
		}
	}
}

func TestOneBadInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change object
		code   string
		status int
	}{
		{"by default fails the call", nil, "InvalidInstanceId.NotFound", 404},
		{"fails the call with AllTogether", object{"BatchOptimization": "AllTogether"}, "InvalidInstanceId.NotFound", 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one})
			_, err := f.call(t.Context(), "StopInstances", plural(test.change, one, absent))
			wantRefusal(t, err, test.code, test.status)
			if !strings.Contains(err.Error(), absent) || !strings.Contains(err.Error(), f.last().RequestID) {
				t.Errorf("%v names neither the instance nor the request", err)
			}
			f.wantStatus(t, one, "Running")
		})
	}
	t.Run("is one item with SuccessFirst", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one}, simulator.Instance{ID: two, Status: "Stopped"})
		items := f.items(t, "StopInstances", object{"BatchOptimization": "SuccessFirst"}, one, absent, two, one)
		codes := []string{"200", "InvalidInstanceId.NotFound", "IncorrectInstanceStatus"}
		if got := texts(items, "Code"); !cmp.Equal(got, codes) {
			t.Errorf("codes are %v, want %v", got, codes)
		}
		if got, want := texts(items, "CurrentStatus"), []string{"Stopped", "", ""}; !cmp.Equal(got, want) {
			t.Errorf("statuses are %v, want %v", got, want)
		}
		call := f.last()
		if got, want := call.ItemCodes, map[string]string{
			absent: "InvalidInstanceId.NotFound", two: "IncorrectInstanceStatus",
		}; !cmp.Equal(got, want) {
			t.Errorf("logged codes are %v, want %v", got, want)
		}
		if !cmp.Equal(call.Accepted, []string{one}) {
			t.Errorf("took effect on %v, want %s alone", call.Accepted, one)
		}
	})
	t.Run("of another region does not exist", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one, Region: "cn-beijing"})
		_, err := f.call(t.Context(), "StopInstances", plural(nil, one))
		wantRefusal(t, err, "InvalidInstanceId.NotFound", 404)
	})
}

func TestDryRuns(t *testing.T) {
	t.Parallel()
	single := object{"DryRun": true, "InstanceId": one}
	for _, test := range []struct {
		name, action string
		query        object
		code         string
		status       int
	}{
		{"plural", "StopInstances", plural(object{"DryRun": true}, one), "DRYRUN.SUCCESS", 400},
		{
			"plural with a bad instance", "StopInstances", plural(object{"DryRun": true}, one, absent),
			"InvalidInstanceId.NotFound", 404,
		},
		{"plural in a bad state", "StartInstances", plural(object{"DryRun": true}, one), "IncorrectInstanceStatus", 403},
		{
			"plural with SuccessFirst checks nothing", "StartInstances",
			plural(object{"DryRun": true, "BatchOptimization": "SuccessFirst"}, one, absent), "DRYRUN.SUCCESS", 400,
		},
		{"singular", "StopInstance", single, "DryRunOperation", 400},
		{"singular reboot", "RebootInstance", single, "DryRunOperation", 400},
		{"singular in a bad state", "StartInstance", single, "IncorrectInstanceStatus", 403},
		{
			"singular for nobody", "StopInstance",
			object{"DryRun": true, "InstanceId": absent},
			"InvalidInstanceId.NotFound",
			404,
		},
		{"listing", "DescribeInstances", object{"DryRun": true, "RegionId": region}, "DryRunOperation", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one})
			_, err := f.call(t.Context(), test.action, test.query)
			wantRefusal(t, err, test.code, test.status)
			if call := f.last(); !call.DryRun || call.Effect {
				t.Errorf("logged with dry run %v, effect %v, want true, false", call.DryRun, call.Effect)
			}
			f.wantStatus(t, one, "Running")
		})
	}
}

func TestStopCharging(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		instance simulator.Instance
		asked    string
		mode     string // read back
		address  bool   // whether the assigned address is kept
	}{
		{"is honored", simulator.Instance{}, "StopCharging", "StopCharging", false},
		{"is honored for spot", simulator.Instance{Spot: true}, "StopCharging", "StopCharging", false},
		{"need not be asked for", simulator.Instance{}, "KeepCharging", "KeepCharging", true},
		{"is not the default", simulator.Instance{}, "", "KeepCharging", true},
		{"is not for subscriptions", simulator.Instance{ChargeType: "PrePaid"}, "StopCharging", "Not-applicable", true},
		{"is not for the classic network", simulator.Instance{Classic: true}, "StopCharging", "Not-applicable", true},
		{"is not for local disks", simulator.Instance{LocalDisk: true}, "StopCharging", "Not-applicable", true},
		{
			"is not for types with local disks",
			simulator.Instance{Type: "ecs.i4.large"},
			"StopCharging", "Not-applicable",
			true,
		},
		{
			"is for types that only look like it",
			simulator.Instance{Type: "ecs.gn5i-c4g1.xlarge"},
			"StopCharging",
			"StopCharging", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := test.instance
			i.ID, i.PublicIP = one, "203.0.113.9"
			f := setUp(t, i)
			before := "KeepCharging"
			if test.mode == "Not-applicable" {
				before = test.mode
			}
			if got := f.describe(t, nil, one)[0]["StoppedMode"]; got != before {
				t.Errorf("mode is %v while it runs, want %s", got, before)
			}
			change := object{}
			if test.asked != "" {
				change["StoppedMode"] = test.asked
			}
			f.items(t, "StopInstances", change, one)
			got := f.describe(t, nil, one)[0]
			if got["Status"] != "Stopped" || got["StoppedMode"] != test.mode {
				t.Errorf("after the stop it is %v in mode %v, want Stopped in %s", got["Status"], got["StoppedMode"], test.mode)
			}
			address, _ := got["PublicIpAddress"].(object)
			ips, _ := address["IpAddress"].([]any)
			if kept := len(ips) == 1; kept != test.address {
				t.Errorf("address kept: %v (%v), want %v", kept, ips, test.address)
			}
		})
	}
}

func TestParametersThatAreWrong(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	many := make([]string, 101)
	for n := range many {
		many[n] = fmt.Sprintf("i-bp1%08d", n)
	}
	for _, test := range []struct {
		name, action string
		query        object
		code         string
		status       int
	}{
		{"no region", "StopInstances", object{"InstanceId": []string{one}}, "MissingRegionId", 400},
		{
			"a region that does not exist", "StopInstances",
			object{"InstanceId": []string{one}, "RegionId": "mars"},
			"InvalidRegionId.NotFound", 404,
		},
		{"no ids", "StartInstances", object{"RegionId": region}, "InvalidInstanceId.NotFound", 403},
		{"no id", "StartInstance", object{}, "MissingInstanceId", 400},
		{"too many ids", "RebootInstances", plural(nil, many...), "InvalidParameter.TooManyInstanceIds", 403},
		{
			"too many ids in a status", "DescribeInstanceStatus", plural(nil, many...), "InvalidParameter.TooManyInstanceIds",
			403,
		},
		{"too many ids in a list", "DescribeInstances", listing(t, nil, many...), "InvalidParameter.TooManyInstanceIds", 403},
		{"an id that cannot be one", "StopInstances", plural(nil, "ins-1"), "Abs.InvalidInstanceIds.MalFormed", 403},
		{
			"ids that are no JSON", "DescribeInstances",
			object{"RegionId": region, "InstanceIds": one},
			"Abs.InvalidInstanceIds.MalFormed", 403,
		},
		{
			"an empty list of ids", "DescribeInstances",
			object{"RegionId": region, "InstanceIds": "[]"},
			"InvalidInstanceId.NotFound", 403,
		},
		{"a boolean that is none", "StopInstances", plural(object{"ForceStop": "yes"}, one), "InvalidParameter", 400},
		{
			"a mode that is none", "StopInstances", plural(object{"StoppedMode": "Not-applicable"}, one), "InvalidParameter",
			400,
		},
		{
			"a batch mode that is none", "StopInstances", plural(object{"BatchOptimization": "Some"}, one), "InvalidParameter",
			400,
		},
		{"the singular's name of force", "RebootInstances", plural(object{"ForceStop": true}, one), "InvalidParameter", 400},
		{"a client token", "StopInstances", plural(object{"ClientToken": "x"}, one), "InvalidParameter", 400},
		{
			"hibernation", "StopInstance", object{"InstanceId": one, "Hibernate": true}, "HibernationConfigured.NotEnabled", 403,
		},
		{
			"a number that is none", "DescribeInstances",
			object{"RegionId": region, "MaxResults": "all"},
			"InvalidParameter",
			400,
		},
		{
			"a value of a tag without its key", "DescribeInstances",
			object{"RegionId": region, "Tag.1.Value": "x"},
			"MissingTag.1.Key", 400,
		},
		{
			"a page of status that is too large", "DescribeInstanceStatus",
			object{"RegionId": region, "PageSize": 51},
			"InvalidParameter", 400,
		},
		{
			"a page of status before the first", "DescribeInstanceStatus",
			object{"RegionId": region, "PageNumber": 0},
			"InvalidParameter", 400,
		},
		{
			"a zone of another region", "DescribeInstanceStatus",
			object{"RegionId": region, "ZoneId": "cn-beijing-a"},
			"InvalidZoneId.NotFound", 404,
		},
		{"an action that does not exist", "DeleteInstances", plural(nil, one), "InvalidAction.NotFound", 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.fork(t).call(t.Context(), test.action, test.query)
			wantRefusal(t, err, test.code, test.status)
			f.wantStatus(t, one, "Running")
		})
	}
}
