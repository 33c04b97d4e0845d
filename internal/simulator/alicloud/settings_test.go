package alicloud_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

// answers has, for each value of each switch, what shows that it is on. The
// fixture has an instance that runs and one that is stopped.
func answers() map[string]map[string]func(*testing.T, *fixture) {
	return map[string]map[string]func(*testing.T, *fixture){
		alicloud.ItemCode: {
			alicloud.CodeText:   itemCode("200"),
			alicloud.CodeNumber: itemCode(json.Number("200")),
		},
		alicloud.DefaultStopMode: {
			"KeepCharging": modeAfterStop(nil, "KeepCharging", simulator.Instance{}),
			"StopCharging": func(t *testing.T, f *fixture) {
				modeAfterStop(nil, "StopCharging", simulator.Instance{})(t, f)
				modeAfterStop(object{"StoppedMode": "KeepCharging"}, "KeepCharging", simulator.Instance{})(t, f)
				modeAfterStop(nil, "Not-applicable", simulator.Instance{ChargeType: "PrePaid"})(t, f)
			},
		},
		alicloud.IneligibleStopCharging: {
			alicloud.Downgraded: modeAfterStop(object{"StoppedMode": "StopCharging"}, "Not-applicable", simulator.Instance{
				ChargeType: "PrePaid",
			}),
			alicloud.Refused: func(t *testing.T, f *fixture) {
				seed(t, f, simulator.Instance{ID: one, ChargeType: "PrePaid"})
				request := plural(object{"StoppedMode": "StopCharging"}, one)
				wantAnswer("StopInstances", request, "InvalidInstanceId.NotSupport", 403)(t, f)
				f.wantStatus(t, one, "Running")
			},
		},
		alicloud.SpotStopCharging: {
			alicloud.Eligible: modeAfterStop(object{"StoppedMode": "StopCharging"}, "StopCharging", simulator.Instance{
				Spot: true,
			}),
			alicloud.Ineligible: modeAfterStop(object{"StoppedMode": "StopCharging"}, "Not-applicable", simulator.Instance{
				Spot: true,
			}),
		},
		alicloud.FailedTogether: {
			alicloud.Untouched:  failTogether("Running"),
			alicloud.RolledBack: failTogether("Stopping"),
		},
		alicloud.StopWhileStopped: {
			alicloud.Refused: wantAnswer("StopInstances", plural(nil, two), "IncorrectInstanceStatus", 403),
			alicloud.Ignored: func(t *testing.T, f *fixture) {
				stopStopped(t, f, "Stopped", "KeepCharging")
				if call := f.cloud.Calls(0)[0]; call.Effect {
					t.Error("the stop is logged as one with an effect")
				}
			},
			alicloud.SwitchesMode: func(t *testing.T, f *fixture) { stopStopped(t, f, "Stopped", "StopCharging") },
		},
		alicloud.StartWhileRunning: {
			alicloud.Refused: wantAnswer("StartInstances", plural(nil, one), "IncorrectInstanceStatus", 403),
			alicloud.Ignored: wantAnswer("StartInstances", plural(nil, one), "", 0),
		},
		alicloud.ForceWhileStopping: {
			alicloud.Refused:  forceWhileStopping("IncorrectInstanceStatus", 403, "Stopping"),
			alicloud.Accepted: forceWhileStopping("", 0, "Stopped"),
		},
		alicloud.SecurityLockStop: {
			alicloud.Refused:  securityLock("InstanceLockedForSecurity", 403),
			alicloud.Accepted: securityLock("", 0),
		},
		alicloud.RebootSteps: {
			alicloud.StoppingStarting: rebootSteps("Stopping", "Stopped", "Starting", "Running"),
			alicloud.StartingOnly:     rebootSteps("Starting", "Running"),
			alicloud.RunningFirst:     rebootSteps("Running", "Stopping", "Stopped", "Starting", "Running"),
		},
		alicloud.HiddenDryRun: {
			alicloud.Forbidden: hiddenDryRun("Forbidden.RAM", 403),
			alicloud.Allowed:   hiddenDryRun("DryRunOperation", 400),
		},
		alicloud.HiddenAttribute: {
			alicloud.Forbidden: hiddenAttribute("Forbidden.RAM", 403),
			alicloud.Allowed:   hiddenAttribute("", 0),
		},
		alicloud.MessageIDs: {
			alicloud.Named:   named(true),
			alicloud.Unnamed: named(false),
		},
		alicloud.NotFoundCode: {
			"InvalidInstanceId.NotFound":  wantAnswer("StopInstances", plural(nil, absent), "InvalidInstanceId.NotFound", 404),
			"InvalidInstanceIds.NotFound": wantAnswer("StopInstances", plural(nil, absent), "InvalidInstanceIds.NotFound", 404),
			"Forbidden.InstanceNotFound":  wantAnswer("StopInstances", plural(nil, absent), "Forbidden.InstanceNotFound", 404),
		},
		alicloud.MalformedID: {
			alicloud.Malformed: wantAnswer("StopInstances", plural(nil, "ins-1"), "Abs.InvalidInstanceIds.MalFormed", 403),
			alicloud.NotFound:  wantAnswer("StopInstances", plural(nil, "ins-1"), "InvalidInstanceId.NotFound", 404),
		},
		alicloud.NoIDs: {
			alicloud.Empty:   wantAnswer("StopInstances", plural(nil), "InvalidInstanceId.NotFound", 403),
			alicloud.Missing: wantAnswer("StopInstances", plural(nil), "MissingInstanceId", 400),
		},
		alicloud.LargePage: {
			alicloud.Refused: wantAnswer("DescribeInstanceStatus", object{"RegionId": region, "PageSize": 51},
				"InvalidParameter", 400),
			alicloud.Capped: func(t *testing.T, f *fixture) {
				body, err := f.call(t.Context(), "DescribeInstanceStatus", object{"RegionId": region, "PageSize": 51})
				if err != nil || body["PageSize"] != json.Number("50") {
					t.Errorf("page size is %v (%v), want 50", body["PageSize"], err)
				}
			},
		},
		alicloud.UnknownParameter: {
			alicloud.Refused: wantAnswer("StartInstances", plural(object{"Speed": "high"}, two), "InvalidParameter", 400),
			alicloud.Ignored: wantAnswer("StartInstances", plural(object{"Speed": "high"}, two), "", 0),
		},
		alicloud.RetryAfterUnit: {
			alicloud.Milliseconds: throttled("2500", "Limit:100,Remain:0,TimeLeft:2500,Reset:2500"),
			alicloud.Seconds:      throttled("3", "Limit:100,Remain:0,TimeLeft:3,Reset:3"),
		},
		alicloud.RetryAfterHeader: {
			alicloud.Both:            throttled("2500", "Limit:100,Remain:0,TimeLeft:2500,Reset:2500"),
			alicloud.HeaderAcs:       throttled("2500", ""),
			alicloud.HeaderRateLimit: throttled("", "Limit:100,Remain:0,TimeLeft:2500,Reset:2500"),
		},
	}
}

func TestEverySwitchHasItsAnswers(t *testing.T) {
	t.Parallel()
	settings, answers := alicloud.New().Cloud().Words().Settings, answers()
	maps.Copy(answers, tokenAnswers())
	if len(settings) != len(answers) {
		t.Errorf("%d switches are tested, want all %d", len(answers), len(settings))
	}
	for _, s := range settings {
		for _, value := range s.Values {
			t.Run(s.Name+" is "+value, func(t *testing.T) {
				t.Parallel()
				check := answers[s.Name][value]
				if check == nil {
					t.Fatal("nothing shows that it is")
				}
				f := setUp(t, simulator.Instance{ID: one}, simulator.Instance{
					ID: two, Status: "Stopped", StoppedMode: "KeepCharging",
				})
				f.set(t, s.Name, value)
				check(t, f)
			})
		}
	}
}

func seed(t *testing.T, f *fixture, i simulator.Instance) {
	t.Helper()
	if err := f.cloud.Seed(i); err != nil {
		t.Fatal(err)
	}
}

func wantAnswer(action string, query object, code string, status int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		_, err := f.call(t.Context(), action, query)
		wantRefusal(t, err, code, status)
	}
}

func itemCode(want any) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		items := f.items(t, "StopInstances", object{"BatchOptimization": "SuccessFirst"}, one, absent)
		if items[0]["Code"] != want || items[1]["Code"] != "InvalidInstanceId.NotFound" {
			t.Errorf("codes are %#v and %#v, want %#v and a text", items[0]["Code"], items[1]["Code"], want)
		}
	}
}

func modeAfterStop(change object, want string, i simulator.Instance) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		i.ID = one
		seed(t, f, i)
		f.items(t, "StopInstances", change, one)
		if got := f.describe(t, nil, one)[0]["StoppedMode"]; got != want {
			t.Errorf("mode is %v, want %s", got, want)
		}
	}
}

func failTogether(during string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.slow()
		_, err := f.call(t.Context(), "StopInstances", plural(nil, one, absent))
		wantRefusal(t, err, "InvalidInstanceId.NotFound", 404)
		f.wantStatus(t, one, during)
		f.cloud.SetTransition(0)
		seed(t, f, simulator.Instance{ID: one})
		_, err = f.call(t.Context(), "StopInstances", plural(nil, one, absent))
		wantRefusal(t, err, "InvalidInstanceId.NotFound", 404)
		f.wantStatus(t, one, "Running")
	}
}

func stopStopped(t *testing.T, f *fixture, status, mode string) {
	t.Helper()
	items := f.items(t, "StopInstances", object{"StoppedMode": "StopCharging"}, two)
	if items[0]["PreviousStatus"] != "Stopped" || items[0]["CurrentStatus"] != status {
		t.Errorf("the answer is %v", items[0])
	}
	if got := f.describe(t, nil, two)[0]["StoppedMode"]; got != mode {
		t.Errorf("mode is %v, want %s", got, mode)
	}
}

func forceWhileStopping(code string, status int, after string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
		f.items(t, "StopInstances", nil, one)
		_, err := f.call(t.Context(), "StopInstances", plural(nil, one))
		wantRefusal(t, err, "IncorrectInstanceStatus", 403)
		_, err = f.call(t.Context(), "StopInstances", plural(object{"ForceStop": true}, one))
		wantRefusal(t, err, code, status)
		f.wantStatus(t, one, after)
	}
}

func securityLock(code string, status int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.trouble(t, simulator.Trouble{Kind: simulator.Lock, Word: "security"})
		_, err := f.call(t.Context(), "StopInstances", plural(nil, one))
		wantRefusal(t, err, code, status)
		_, err = f.call(t.Context(), "StartInstances", plural(nil, two))
		wantRefusal(t, err, "InstanceLockedForSecurity", 403)
	}
}

func hiddenDryRun(code string, status int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		for _, trouble := range []simulator.Trouble{
			{Kind: simulator.Hidden, InstanceIDs: []string{one}},
			{Kind: simulator.EmptyList},
		} {
			f.cloud.ClearTroubles()
			f.trouble(t, trouble)
			if got := f.describe(t, nil, one); len(got) != 0 {
				t.Errorf("%s: shows %v", trouble.Kind, got)
			}
			wantAnswer("StopInstance", object{"InstanceId": one, "DryRun": true}, code, status)(t, f)
			wantAnswer("StopInstance", object{"InstanceId": absent, "DryRun": true}, "InvalidInstanceId.NotFound", 404)(t, f)
		}
		f.items(t, "StopInstances", nil, one)
		f.wantStatus(t, one, "Stopped")
	}
}

func hiddenAttribute(code string, status int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.trouble(t, simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{one}})
		wantAnswer("DescribeInstanceAttribute", object{"InstanceId": one}, code, status)(t, f)
		wantAnswer("DescribeInstanceAttribute", object{"InstanceId": absent}, "InvalidInstanceId.NotFound", 404)(t, f)
	}
}

func named(want bool) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		for action, id := range map[string]string{"StopInstances": absent, "StartInstances": one} {
			_, err := f.call(t.Context(), action, plural(nil, id))
			if err == nil || strings.Contains(err.Error(), id) != want {
				t.Errorf("%s: %v, id in it: want %v", action, err, want)
			}
		}
	}
}

func throttled(acs, rateLimit string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.trouble(t, simulator.Trouble{Kind: simulator.Throttle, RetryAfter: simulator.Duration(2500 * time.Millisecond)})
		_, header, _ := f.raw(t, raw{query: url.Values{"RegionId": {region}}})
		if got := header.Get("X-Acs-Retry-After"); got != acs {
			t.Errorf("x-acs-retry-after is %q, want %q", got, acs)
		}
		if got := header.Get("X-Ratelimit-User-Api"); got != rateLimit {
			t.Errorf("x-ratelimit-user-api is %q, want %q", got, rateLimit)
		}
	}
}

// rebootSteps observes a reboot for its whole time, which only fake time can
// hold still.
func rebootSteps(want ...string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		steps := f.cloud.Setting(alicloud.RebootSteps)
		synctest.Test(t, func(t *testing.T) {
			f := served(t, simulator.Instance{ID: one})
			f.set(t, alicloud.RebootSteps, steps)
			f.sdk = f.client(t, func(c *openapi.Config) {
				c.HttpClient, c.Endpoint = direct{f.server.Handler()}, dara.String("simulator.test")
			})
			f.cloud.SetTransition(time.Minute)
			items := f.items(t, "RebootInstances", nil, one)
			if items[0]["CurrentStatus"] != want[0] {
				t.Errorf("the answer says %v, want %s", items[0]["CurrentStatus"], want[0])
			}
			var got []string
			for range 70 {
				status := texts(f.describe(t, nil, one), "Status")[0]
				if len(got) == 0 || got[len(got)-1] != status {
					got = append(got, status)
				}
				if f.status(t, one) != "Running" || len(got) < len(want) {
					// Whatever it shows meanwhile, nothing else can be done with it.
					for _, action := range []string{"StartInstances", "StopInstances", "RebootInstances"} {
						_, err := f.call(t.Context(), action, plural(nil, one))
						wantRefusal(t, err, "IncorrectInstanceStatus", 403)
					}
				}
				time.Sleep(time.Second)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("shows differ (-got +want):\n%s", diff)
			}
		})
	}
}

func TestOnlyRequestsOfThisCloudMatch(t *testing.T) {
	t.Parallel()
	wire := alicloud.New()
	for _, test := range []struct {
		name, url string
		header    http.Header
		want      bool
	}{
		{"headers", "/", http.Header{"X-Acs-Action": {"StopInstances"}}, true},
		{"authorization alone", "/", http.Header{"Authorization": {"ACS3-HMAC-SHA256 x"}}, true},
		{"query", "/?Action=StopInstances&Version=2014-05-26", nil, true},
		{"query of another version", "/?Version=2014-05-27&AccessKeyId=x&SignatureMethod=HMAC-SHA1", nil, true},
		{"Tencent Cloud", "/?Action=StopInstances&Version=2017-03-12", http.Header{"X-Tc-Action": {"StopInstances"}}, false},
		{
			"Volcengine", "/?Action=StopInstances&Version=2020-04-01",
			http.Header{"Authorization": {"HMAC-SHA256 Credential=x"}},
			false,
		},
		{"anything", "/", nil, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.url, nil)
		r.Header = test.header
		if got := wire.Match(r); got != test.want {
			t.Errorf("%s: match is %v, want %v", test.name, got, test.want)
		}
	}
}
