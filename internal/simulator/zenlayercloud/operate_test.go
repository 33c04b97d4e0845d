package zenlayercloud_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// states is the short form of a describe.
func states(t *testing.T, f func(...string) (map[string]string, error), ids ...string) map[string]string {
	t.Helper()
	got, err := f(ids...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOfficialSDKWalksTheStates(t *testing.T) {
	t.Parallel()
	for n, name := range []string{"vm 2026-04-01", "vm 2023-03-13", "zec 2025-09-01", "zec 2024-04-01"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long)
			sdk := clients(t, w)[n]
			if got := sdk.service + " " + sdk.version; got != name {
				t.Fatalf("the client is of %s, want %s", got, name)
			}
			if err := w.cloud.Seed(of(sdk.service, "a", "RUNNING"), of(sdk.service, "b", "RUNNING")); err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				name   string
				do     func() ([]string, error)
				during string
				after  string
			}{
				{"stop", func() ([]string, error) { return sdk.stop(common.Bool(true), "a", "b") }, "STOPPING", "STOPPED"},
				{"start", func() ([]string, error) { return sdk.start("a", "b") }, "BOOTING", "RUNNING"},
				{"reboot", func() ([]string, error) { return sdk.reboot("a", "b") }, "REBOOT", "RUNNING"},
			} {
				failed, err := step.do()
				if err != nil || len(failed) > 0 {
					t.Fatalf("%s failed for %v: %v", step.name, failed, err)
				}
				want := map[string]string{"a": step.during, "b": step.during}
				if diff := cmp.Diff(want, states(t, sdk.describe, "a", "b")); diff != "" {
					t.Errorf("DescribeInstances during a %s (-want +got):\n%s", step.name, diff)
				}
				if diff := cmp.Diff(want, states(t, sdk.status, "a", "b")); diff != "" {
					t.Errorf("DescribeInstancesStatus during a %s (-want +got):\n%s", step.name, diff)
				}
				for _, id := range []string{"a", "b"} {
					if err := w.cloud.Change(id, func(i *simulator.Instance) error { i.Status = step.after; return nil }); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.cloud.SetTransition(short)
			if _, err := sdk.stop(common.Bool(true), "a"); err != nil {
				t.Fatal(err)
			}
			w.reaches(t, "a", "STOPPED")
			if got := w.status(t, "b"); got != "RUNNING" {
				t.Errorf("the other instance is %s, want RUNNING", got)
			}
		})
	}
}

func TestStopIsForcedUnlessTheRequestSaysOtherwise(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		index    int // in clients
		force    *bool
		want     simulator.Force
		explicit bool
	}{
		{"vm 2026-04-01 left out", 0, nil, simulator.Forced, false},
		{"vm 2026-04-01 false", 0, common.Bool(false), simulator.Graceful, true},
		{"vm 2026-04-01 true", 0, common.Bool(true), simulator.Forced, true},
		{"vm 2023-03-13 left out", 1, nil, simulator.Forced, false},
		{"vm 2023-03-13 false", 1, common.Bool(false), simulator.Graceful, true},
		{"zec 2025-09-01 left out", 2, nil, simulator.Forced, false},
		{"zec 2025-09-01 false", 2, common.Bool(false), simulator.Graceful, true},
		{"zec 2024-04-01 false, which its SDK cannot send", 3, common.Bool(false), simulator.Forced, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long)
			sdk := clients(t, w)[test.index]
			if err := w.cloud.Seed(of(sdk.service, "a", "RUNNING")); err != nil {
				t.Fatal(err)
			}
			w.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
			durations := w.cloud.Durations()
			durations.ForcedStop = simulator.Duration(short)
			w.cloud.SetDurations(durations)

			if _, err := sdk.stop(test.force, "a"); err != nil {
				t.Fatal(err)
			}
			k := w.lastCall(t)
			if k.Force != test.want || k.ForceExplicit != test.explicit {
				t.Errorf("logged as %s, explicit %v; want %s, explicit %v", k.Force, k.ForceExplicit, test.want, test.explicit)
			}
			breaches := simulator.Audit(w.cloud.Calls(0), simulator.AuditOptions{
				AllowForced: []string{"*"}, ExplicitForce: true,
			})
			if got := len(breaches) == 0; got != test.explicit {
				t.Errorf("the audit finds %q, want a breach: %v", breaches, !test.explicit)
			}
			if test.want == simulator.Forced {
				w.reaches(t, "a", "STOPPED")
				return
			}
			// The guest ignores what only asks it.
			if got := w.status(t, "a"); got != "STOPPING" {
				t.Errorf("status is %s, want STOPPING", got)
			}
		})
	}
}

func TestRebootSaysWhatItCan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, service, version, body string
		force                        simulator.Force
		explicit                     bool
	}{
		{"vm has no parameter", "vm", "2026-04-01", `{"instanceIds":["a"]}`, simulator.Graceful, true},
		{"zec 2024-04-01 has no parameter", "zec", "2024-04-01", `{"instanceIds":["a"]}`, simulator.Graceful, true},
		{"zec left out", "zec", "2025-09-01", `{"instanceIds":["a"]}`, simulator.Graceful, false},
		{"zec false", "zec", "2025-09-01", `{"instanceIds":["a"],"forceReboot":false}`, simulator.Graceful, true},
		{"zec true", "zec", "2025-09-01", `{"instanceIds":["a"],"forceReboot":true}`, simulator.Forced, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, of(test.service, "a", "RUNNING"))
			if got := w.send(t, request(test.service, test.version, "RebootInstances", test.body)); got.status != http.StatusOK {
				t.Fatalf("answer is %d %s", got.status, got.text)
			}
			k := w.lastCall(t)
			if k.Force != test.force || k.ForceExplicit != test.explicit || w.status(t, "a") != "REBOOT" {
				t.Errorf("logged as %s, explicit %v; want %s, explicit %v", k.Force, k.ForceExplicit, test.force, test.explicit)
			}
		})
	}
}

func TestCodesOfRefusedOperations(t *testing.T) {
	t.Parallel()
	const (
		notRunning = "OPERATION_DENIED_INSTANCE_NOT_RUNNING"
		notStopped = "OPERATION_DENIED_INSTANCE_NOT_STOPPED"
		status     = "OPERATION_DENIED_INSTANCE_STATUS"
		recycled   = "OPERATION_DENIED_INSTANCE_RECYCLED"
	)
	for _, test := range []struct {
		name, word, op, code string
		status               int
	}{
		{"stop what is stopped", "STOPPED", "stop", notRunning, 403},
		{"stop what is stopping", "STOPPING", "stop", notRunning, 403},
		{"stop what starts", "BOOTING", "stop", notRunning, 403},
		{"stop what is being created", "PENDING", "stop", notRunning, 403},
		{"stop in the recycle bin", "RECYCLE", "stop", recycled, 403},
		{"stop on the way into the recycle bin", "RECYCLING", "stop", recycled, 403},
		{"stop what was never created", "CREATE_FAILED", "stop", notRunning, 403},
		{"start what runs", "RUNNING", "start", notStopped, 403},
		{"start what is stopping", "STOPPING", "start", notStopped, 403},
		{"start in the recycle bin", "RECYCLE", "start", recycled, 403},
		{"reboot what is stopped", "STOPPED", "reboot", status, 403},
		{"reboot in the recycle bin", "RECYCLED", "reboot", recycled, 403},
		{"stop what does not exist", "", "stop", "INVALID_INSTANCE_NOT_FOUND", 404},
		{"start what does not exist", "", "start", "INVALID_INSTANCE_NOT_FOUND", 404},
	} {
		for n, service := range []string{"vm", "", "zec"} {
			if service == "" {
				continue
			}
			t.Run(test.name+" of "+service, func(t *testing.T) {
				t.Parallel()
				w := start(t, long)
				w.set(t, zenlayercloud.Failures, zenlayercloud.RefusedWhole)
				if test.word != "" {
					if err := w.cloud.Seed(of(service, "a", test.word)); err != nil {
						t.Fatal(err)
					}
				}
				sdk := clients(t, w)[n]
				var err error
				switch test.op {
				case "stop":
					_, err = sdk.stop(common.Bool(false), "a")
				case "start":
					_, err = sdk.start("a")
				default:
					_, err = sdk.reboot("a")
				}
				if got := code(t, err); got != test.code || w.seen.status != test.status {
					t.Errorf("answer is %d %s, want %d %s", w.seen.status, got, test.status, test.code)
				}
				k := w.lastCall(t)
				if k.Effect || k.Code != test.code || k.HTTPStatus != test.status {
					t.Errorf("logged with effect %v, %d %s; want none, %d %s", k.Effect, k.HTTPStatus, k.Code, test.status, test.code)
				}
			})
		}
	}
}

func TestServicesDoNotKnowEachOthersInstances(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("v", "RUNNING"), zec("z", "RUNNING"))
	for _, sdk := range clients(t, w) {
		mine, other := "v", "z"
		if sdk.service == zenlayercloud.ZEC {
			mine, other = "z", "v"
		}
		if diff := cmp.Diff(map[string]string{mine: "RUNNING"}, states(t, sdk.describe)); diff != "" {
			t.Errorf("%s %s lists (-want +got):\n%s", sdk.service, sdk.version, diff)
		}
		if got := states(t, sdk.status, other); len(got) > 0 {
			t.Errorf("%s %s shows %v, want nothing", sdk.service, sdk.version, got)
		}
		failed, err := sdk.stop(common.Bool(false), other)
		if got := code(t, err); sdk.service == zenlayercloud.VM && got != "INVALID_INSTANCE_NOT_FOUND" {
			t.Errorf("vm stops an instance of zec: %q", got)
		}
		if sdk.service == zenlayercloud.ZEC && !cmp.Equal(failed, []string{other}) {
			t.Errorf("zec says that %v failed, want the instance of vm", failed)
		}
	}
}

func TestVMAnswersOneCodeForTheWholeCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		batch    string
		accepted []string
	}{
		{zenlayercloud.Atomic, nil},
		{zenlayercloud.Partial, []string{"good", "better"}},
	} {
		t.Run(test.batch, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("good", "RUNNING"), vm("bad", "STOPPED"), vm("better", "RUNNING"))
			w.set(t, zenlayercloud.Batch, test.batch)
			_, err := vmNew(t, w).stop(common.Bool(false), "good", "bad", "better")
			if got := code(t, err); got != "OPERATION_DENIED_INSTANCE_NOT_RUNNING" {
				t.Errorf("code is %q", got)
			}
			if diff := cmp.Diff(test.accepted, w.lastCall(t).Accepted, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZECAnswersFailedInstances(t *testing.T) {
	t.Parallel()
	const notRunning = "OPERATION_DENIED_INSTANCE_NOT_RUNNING"
	for _, test := range []struct {
		name, setting, batch string
		ids                  []string
		code                 string
		failed, accepted     []string
	}{
		{
			"some, listed", zenlayercloud.Listed, zenlayercloud.Atomic,
			[]string{"bad", "good", "gone"},
			"",
			[]string{"bad", "gone"},
			[]string{"good"},
		},
		{"all, listed", zenlayercloud.Listed, zenlayercloud.Atomic, []string{"bad"}, "", []string{"bad"}, nil},
		{
			"some, listed unless all", zenlayercloud.ListedUnlessAll, zenlayercloud.Atomic,
			[]string{"bad", "good"},
			"",
			[]string{"bad"},
			[]string{"good"},
		},
		{
			"all, listed unless all", zenlayercloud.ListedUnlessAll, zenlayercloud.Atomic,
			[]string{"bad", "gone"},
			notRunning,
			nil, nil,
		},
		{"some, refused", zenlayercloud.RefusedWhole, zenlayercloud.Atomic, []string{"bad", "good"}, notRunning, nil, nil},
		{
			"some, refused but operated", zenlayercloud.RefusedWhole, zenlayercloud.Partial,
			[]string{"bad", "good"},
			notRunning,
			nil,
			[]string{"good"},
		},
		{"none", zenlayercloud.RefusedWhole, zenlayercloud.Atomic, []string{"good"}, "", nil, []string{"good"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, zec("good", "RUNNING"), zec("bad", "STOPPED"))
			w.set(t, zenlayercloud.Failures, test.setting)
			w.set(t, zenlayercloud.Batch, test.batch)
			failed, err := zecNew(t, w).stop(common.Bool(false), test.ids...)
			if got := code(t, err); got != test.code {
				t.Errorf("code is %q, want %q", got, test.code)
			}
			if diff := cmp.Diff(test.failed, failed, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("failed (-want +got):\n%s", diff)
			}
			k := w.lastCall(t)
			if diff := cmp.Diff(test.accepted, k.Accepted, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
			for _, id := range test.failed {
				if k.ItemCodes[id] == "" {
					t.Errorf("the log has no code for %s: %v", id, k.ItemCodes)
				}
			}
		})
	}
}

func TestZECSaysThatNothingFailedInTwoWays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{zenlayercloud.EmptyList: true, zenlayercloud.NoList: false} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, zec("a", "STOPPED"))
			w.set(t, zenlayercloud.NoFailures, value)
			got := w.send(t, request("zec", "2025-09-01", "StartInstances", `{"instanceIds":["a"]}`))
			if _, ok := got.response(t)["instanceIds"]; ok != want {
				t.Errorf("answer is %s, want a list: %v", got.text, want)
			}
		})
	}
}

func TestAStopThatHangsCanBeForcedOnZEC(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, service, setting string
		force                  bool
		accepted               bool
	}{
		{"forced on zec", "zec", zenlayercloud.Accepted, true, true},
		{"graceful on zec", "zec", zenlayercloud.Accepted, false, false},
		{"forced on zec, refused", "zec", zenlayercloud.Refused, true, false},
		{"forced on vm", "vm", zenlayercloud.Accepted, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, short, of(test.service, "a", "RUNNING"))
			w.set(t, zenlayercloud.ForceWhileStopping, test.setting)
			w.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
			sdk := zecNew(t, w)
			if test.service == zenlayercloud.VM {
				sdk = vmNew(t, w)
			}
			if _, err := sdk.stop(common.Bool(false), "a"); err != nil {
				t.Fatal(err)
			}
			if got := w.status(t, "a"); got != "STOPPING" {
				t.Fatalf("status is %s, want STOPPING", got)
			}
			failed, err := sdk.stop(common.Bool(test.force), "a")
			if got := err == nil && len(failed) == 0; got != test.accepted {
				t.Errorf("accepted is %v, want %v: %v, failed %v", got, test.accepted, err, failed)
			}
			if test.accepted {
				w.reaches(t, "a", "STOPPED")
			}
		})
	}
}

func TestForcedRebootCutsAStartShort(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"instanceIds":["booting","rebooting","stopped"]}`:                    nil,
		`{"instanceIds":["booting","rebooting","stopped"],"forceReboot":true}`: {"booting", "rebooting"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, zec("booting", "BOOTING"), zec("rebooting", "REBOOT"), zec("stopped", "STOPPED"))
			w.send(t, request("zec", "2025-09-01", "RebootInstances", body))
			if diff := cmp.Diff(want, w.lastCall(t).Accepted, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesNameTheInstanceOrNot(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		zenlayercloud.WithID:    "The instance `a` is not in status RUNNING.",
		zenlayercloud.WithoutID: "The instance is not in status RUNNING.",
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("a", "STOPPED"))
			w.set(t, zenlayercloud.Messages, value)
			got := w.send(t, request("vm", "2026-04-01", "StopInstances", `{"instanceIds":["a"]}`))
			if got.body["message"] != want || got.body["requestId"] != w.lastCall(t).RequestID {
				t.Errorf("answer is %s, want the message %q and the request id", got.text, want)
			}
		})
	}
}

func TestTheSameInstanceTwiceIsOperatedOnce(t *testing.T) {
	t.Parallel()
	w := start(t, long, zec("a", "RUNNING"))
	failed, err := zecNew(t, w).stop(common.Bool(false), "a", "a")
	if err != nil || len(failed) > 0 {
		t.Errorf("failed %v, error %v; want neither", failed, err)
	}
	if diff := cmp.Diff([]string{"a"}, w.lastCall(t).Accepted); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
}
