package alicloud_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

func TestTroublesOfAnInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		code    string
		status  int
		shown   string
		locks   string
	}{
		{"busy", simulator.Trouble{Kind: simulator.Busy}, "InvalidOperation.Conflict", 409, "Running", ""},
		{
			"busy with another code",
			simulator.Trouble{Kind: simulator.Busy, Code: "InstanceNotReady"},
			"InstanceNotReady", 403,
			"Running", "",
		},
		{
			"busy with the status of old",
			simulator.Trouble{Kind: simulator.Busy, Code: "InstanceNotReady", Status: 500},
			"InstanceNotReady", 500, "Running", "",
		},
		{
			"initializing",
			simulator.Trouble{Kind: simulator.Busy, Code: "IncorrectInstanceStatus.Initializing"},
			"IncorrectInstanceStatus.Initializing", 403, "Running", "",
		},
		{
			"a disk in a wrong state",
			simulator.Trouble{Kind: simulator.Busy, Code: "DiskError"},
			"DiskError", 403, "Running",
			"",
		},
		{"making an image", simulator.Trouble{Kind: simulator.MakingImage}, "InvalidOperation.Conflict", 409, "Running", ""},
		{
			"repair of the host",
			simulator.Trouble{Kind: simulator.HostRepair},
			"OperationDenied.HostRepairing", 403, "Running",
			"",
		},
		{"arrears", simulator.Trouble{Kind: simulator.InArrears}, "InstanceExpiredOrInArrears", 403, "Stopped", "financial"},
		{
			"about to be released",
			simulator.Trouble{Kind: simulator.Recycle},
			"IncorrectInstanceStatus", 403, "Stopped",
			"recycling",
		},
		{
			"locked for security",
			simulator.Trouble{Kind: simulator.Lock, Word: "security"},
			"InstanceLockedForSecurity", 403,
			"Running", "security",
		},
		{
			"locked for debts",
			simulator.Trouble{Kind: simulator.Lock, Word: "financial"},
			"InstanceExpiredOrInArrears", 403,
			"Running", "financial",
		},
		{
			"locked with its host",
			simulator.Trouble{Kind: simulator.Lock, Word: "dedicatedhostfinancial"},
			"InstanceExpiredOrInArrears", 403, "Running", "dedicatedhostfinancial",
		},
		{
			"a word that nobody knows",
			simulator.Trouble{Kind: simulator.UnknownWord, Word: "Moonwalking"},
			"IncorrectInstanceStatus", 403, "Moonwalking", "",
		},
		{"mode refused", simulator.Trouble{Kind: simulator.RefuseMode}, "InvalidInstanceId.NotSupport", 403, "Running", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one})
			f.trouble(t, test.trouble)
			_, err := f.call(t.Context(), "StopInstances", plural(object{"StoppedMode": "StopCharging"}, one))
			wantRefusal(t, err, test.code, test.status)
			i := f.describe(t, nil, one)[0]
			if i["Status"] != test.shown {
				t.Errorf("status is %v, want %s", i["Status"], test.shown)
			}
			locks := strings.Join(texts(list(t, i, "OperationLocks", "LockReason"), "LockReason"), ",")
			if locks != test.locks {
				t.Errorf("locks are %q, want %q", locks, test.locks)
			}
		})
	}
	t.Run("a subscription that has expired", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one, ChargeType: "PrePaid", Status: "Stopped", Arrears: true})
		_, err := f.call(t.Context(), "StartInstances", plural(nil, one))
		wantRefusal(t, err, "InstanceExpired", 403)
	})
}

func TestNoStock(t *testing.T) {
	t.Parallel()
	stopped := simulator.Instance{ID: one, Status: "Stopped", StoppedMode: "StopCharging"}
	for _, test := range []struct {
		code   string
		status int
	}{
		{"", 403}, {"LackResource", 400}, {"QuotaExceed.ElasticQuota", 403},
	} {
		t.Run("at the call "+test.code, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, stopped)
			f.trouble(t, simulator.Trouble{Kind: simulator.NoStock, Code: test.code})
			want := test.code
			if want == "" {
				want = "OperationDenied.NoStock"
			}
			_, err := f.call(t.Context(), "StartInstances", plural(nil, one))
			wantRefusal(t, err, want, test.status)
		})
	}
	t.Run("after the call", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, stopped)
		f.trouble(t, simulator.Trouble{Kind: simulator.NoStock, Late: true})
		f.items(t, "StartInstances", nil, one)
		i := f.describe(t, nil, one)[0]
		if i["Status"] != "Stopped" || i["StoppedMode"] != "StopCharging" {
			t.Errorf("after the failed start it is %v in mode %v", i["Status"], i["StoppedMode"])
		}
	})
}

func TestTransitionsThatGoWrong(t *testing.T) {
	t.Parallel()
	t.Run("a mode that is ignored", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.IgnoreMode})
		modeAfterStop(object{"StoppedMode": "StopCharging"}, "KeepCharging", simulator.Instance{})(t, f)
	})
	t.Run("a mode that is read too early", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.ModeLag, Delay: simulator.Duration(time.Hour)})
		modeAfterStop(object{"StoppedMode": "StopCharging"}, "KeepCharging", simulator.Instance{})(t, f)
	})
	t.Run("a status that is read too early", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.Lag, Delay: simulator.Duration(time.Hour)})
		f.items(t, "StopInstances", nil, one)
		if got := f.describe(t, nil, one)[0]["Status"]; got != "Running" || f.status(t, one) != "Stopped" {
			t.Errorf("status reads %v and is %s, want Running and Stopped", got, f.status(t, one))
		}
	})
	t.Run("a stop that the guest ignores", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback})
		f.items(t, "StopInstances", nil, one)
		f.wantStatus(t, one, "Running")
		f.items(t, "StopInstances", object{"ForceStop": true}, one)
		f.wantStatus(t, one, "Stopped")
	})
	t.Run("a transition that never ends", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.Stuck})
		f.items(t, "StopInstances", object{"ForceStop": true}, one)
		f.wantStatus(t, one, "Stopping")
		f.cloud.ClearTroubles()
		f.wantStatus(t, one, "Stopped")
	})
	t.Run("an instance that vanishes", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.Vanish, After: 1})
		for n, want := range []int{1, 0} {
			if got := len(f.describe(t, nil, one)); got != want {
				t.Errorf("describe %d shows %d, want %d", n, got, want)
			}
		}
	})
}

func TestTheSDKUnderTroublesOfACall(t *testing.T) {
	t.Parallel()
	const broken = "broken" // an error of the network
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		code    string // or a part of the message
		status  int
		after   string
	}{
		{"throttle", simulator.Trouble{Kind: simulator.Throttle}, "Throttling.User", 400, "Running"},
		{
			"throttle of the API", simulator.Trouble{Kind: simulator.Throttle, Code: "Throttling"}, "Throttling", 400, "Running",
		},
		{
			"throttle by HTTP status",
			simulator.Trouble{Kind: simulator.Throttle, Code: "Rejected.Throttling", Status: 429},
			"Rejected.Throttling", 429, "Running",
		},
		{"error", simulator.Trouble{Kind: simulator.Error}, "InternalError", 500, "Running"},
		{
			"error with a code",
			simulator.Trouble{Kind: simulator.Error, Code: "ServiceUnavailable"},
			"ServiceUnavailable", 503,
			"Running",
		},
		{
			"error with an unknown code",
			simulator.Trouble{Kind: simulator.Error, Code: "Weird", Message: "why", Status: 418},
			"Weird", 418, "Running",
		},
		{"server error", simulator.Trouble{Kind: simulator.ServerError}, "invalid character", 0, "Running"},
		{
			"server error after the effect",
			simulator.Trouble{Kind: simulator.ServerError, Effect: true},
			"invalid character",
			0, "Stopped",
		},
		{"gateway page", simulator.Trouble{Kind: simulator.GatewayPage}, "invalid character", 0, "Running"},
		{"reset before", simulator.Trouble{Kind: simulator.ResetBefore}, broken, 0, "Running"},
		{"reset after", simulator.Trouble{Kind: simulator.ResetAfter}, broken, 0, "Stopped"},
		{
			"lost answer",
			simulator.Trouble{Kind: simulator.LostAnswer, Delay: simulator.Duration(20 * time.Millisecond)},
			broken, 0, "Stopped",
		},
		{"slow", simulator.Trouble{Kind: simulator.Slow, Delay: simulator.Duration(20 * time.Millisecond)}, "", 0, "Stopped"},
		{"unknown fields", simulator.Trouble{Kind: simulator.UnknownFields}, "", 0, "Stopped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: one})
			test.trouble.Action = "write"
			f.trouble(t, test.trouble)
			_, err := f.call(t.Context(), "StopInstances", plural(nil, one))
			f.wantStatus(t, one, test.after)
			code, status := refusal(err)
			switch {
			case test.code == broken:
				if err == nil || !strings.Contains(code, "Post") {
					t.Errorf("error is %v, want one of the network", err)
				}
			case test.status == 0 && test.code != "":
				if !strings.Contains(code, test.code) {
					t.Errorf("error is %v, want %s", err, test.code)
				}
			case code != test.code || status != test.status:
				t.Errorf("refused with %q, HTTP %d, want %q, HTTP %d", code, status, test.code, test.status)
			}
			if f.last().Trouble != test.trouble.Kind {
				t.Errorf("logged trouble is %q, want %q", f.last().Trouble, test.trouble.Kind)
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	if err := f.cloud.SetRate("DescribeInstances",
		simulator.Rate{Calls: 2, Window: simulator.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"", "", "Throttling.User"} {
		_, err := f.call(t.Context(), "DescribeInstances", listing(t, nil))
		if code, _ := refusal(err); code != want {
			t.Errorf("call %d is answered %q, want %q", n, code, want)
		}
	}
}

func TestAKeyWithoutPermission(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	f.sdk = f.client(t, func(c *openapi.Config) {
		c.AccessKeyId, c.AccessKeySecret = dara.String(demo.Denied.AccessKeyID), dara.String(demo.Denied.Secret)
	})
	if got := f.describe(t, nil, one); len(got) != 0 {
		t.Errorf("shows %v, want nothing and no error", got)
	}
	for action, query := range map[string]object{
		"StopInstances": plural(nil, one), "StopInstance": {"InstanceId": one, "DryRun": true}, "DescribeInstanceAttribute": {
			"InstanceId": one,
		},
		"DescribeInstanceStatus": {"RegionId": region}, "DescribeInstances": {"RegionId": region, "DryRun": true},
	} {
		_, err := f.call(t.Context(), action, query)
		wantRefusal(t, err, "Forbidden.RAM", http.StatusForbidden)
	}
	f.wantStatus(t, one, "Running")
}

func TestAKeyThatMayOnlyDescribe(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	f.sdk = f.client(t, func(c *openapi.Config) {
		c.AccessKeyId, c.AccessKeySecret = dara.String(demo.ReadOnly.AccessKeyID), dara.String(demo.ReadOnly.Secret)
	})
	if got := texts(f.describe(t, nil, one, absent), "InstanceId"); !cmp.Equal(got, []string{one}) {
		t.Errorf("shows %v, want %s", got, one)
	}
	wantAnswer("DescribeInstanceStatus", object{"RegionId": region}, "", 0)(t, f)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": one}, "", 0)(t, f)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": absent}, "InvalidInstanceId.NotFound",
		http.StatusNotFound)(t, f)
	for _, action := range []string{"StartInstances", "StopInstances", "RebootInstances"} {
		wantAnswer(action, plural(nil, one), "Forbidden.RAM", http.StatusForbidden)(t, f)
	}
	wantAnswer("StopInstance", object{"InstanceId": one, "DryRun": true}, "Forbidden.RAM", http.StatusForbidden)(t, f)
	f.wantStatus(t, one, "Running")
}

// A denial says whose key it was.
func TestADenialNamesThePrincipal(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	if err := f.cloud.SeedCredentials(simulator.Credential{
		AccessKeyID: demo.Lasting.AccessKeyID, Secret: demo.Lasting.Secret, User: "web",
		Policy: simulator.AllowOnly("ecs:Describe*"),
	}); err != nil {
		t.Fatal(err)
	}
	status, _, body := f.raw(t, raw{
		query:  url.Values{"RegionId": {region}, "InstanceId.1": {one}},
		header: map[string]string{"X-Acs-Action": "StopInstances"},
	})
	var denial struct{ AccessDeniedDetail map[string]string }
	if err := json.Unmarshal([]byte(body), &denial); err != nil || status != http.StatusForbidden {
		t.Fatalf("%v: HTTP %d %s", err, status, body)
	}
	for name, want := range map[string]string{
		"AuthAction": "ecs:StopInstances", "AuthPrincipalType": "SubUser", "AuthPrincipalOwnerId": alicloud.AccountID,
		"AuthPrincipalDisplayName": "acs:ram::" + alicloud.AccountID + ":user/web",
	} {
		if got := denial.AccessDeniedDetail[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAKeyForOneInstance(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one}, simulator.Instance{ID: two})
	var policy *simulator.Policy
	document := `{"Version":"1","Statement":[{"Effect":"Allow","Action":["ecs:*"],
 "Resource":["acs:ecs:cn-hangzhou:*:instance/` + one + `"]}]}`
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		t.Fatal(err)
	}
	f.cloud.Accept(simulator.Credential{AccessKeyID: "LTAI-one", Secret: "s", Policy: policy})
	f.sdk = f.client(t, func(c *openapi.Config) {
		c.AccessKeyId, c.AccessKeySecret = dara.String("LTAI-one"), dara.String("s")
	})
	if got := texts(f.describe(t, nil), "InstanceId"); !cmp.Equal(got, []string{one}) {
		t.Errorf("a list shows %v, want %s and no error", got, one)
	}
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": one}, "", 0)(t, f)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": two}, "Forbidden.RAM", http.StatusForbidden)(t, f)
	wantAnswer("StopInstances", plural(nil, one, two), "Forbidden.RAM", http.StatusForbidden)(t, f)
	wantAnswer("StopInstances", plural(nil, one), "", 0)(t, f)
	// It is granted for all instances, or not at all.
	wantAnswer("DescribeInstanceStatus", object{"RegionId": region, "InstanceId": []string{one}}, "Forbidden.RAM",
		http.StatusForbidden)(t, f)
	f.wantStatus(t, one, "Stopped")
	f.wantStatus(t, two, "Running")
}

func TestTheBodyOfAnError(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	f.trouble(t, simulator.Trouble{Kind: simulator.Error, Code: "Forbidden.RAM"})
	status, header, body := f.raw(t, raw{query: url.Values{"RegionId": {region}}})
	if status != http.StatusForbidden || header.Get("Content-Type") != "application/json;charset=utf-8" {
		t.Errorf("HTTP %d of type %s", status, header.Get("Content-Type"))
	}
	for _, field := range []string{
		`"Code":"Forbidden.RAM"`, `"HostId":"` + f.server.Address() + `"`, `"RequestId":"` + f.last().RequestID + `"`,
		`"Message":"User not authorized`, `"Recommend":"https://api.aliyun.com/troubleshoot?q=Forbidden.RAM`,
		`"AuthAction":"ecs:DescribeInstances"`,
	} {
		if !strings.Contains(body, field) {
			t.Errorf("%s has no %s", body, field)
		}
	}
}

func TestTheDemoFleetIsValid(t *testing.T) {
	t.Parallel()
	wire := alicloud.New()
	f := setUp(t, wire.DemoFleet()...)
	ids := []string{}
	for _, i := range wire.DemoFleet() {
		if i.Region == "" {
			ids = append(ids, i.ID)
		}
	}
	if got := texts(f.describe(t, nil, ids...), "InstanceId"); !cmp.Equal(got, ids) {
		t.Errorf("shows %v, want %v", got, ids)
	}
	if len(wire.Environment(f.server.URL())) == 0 {
		t.Error("nothing makes a client use the simulator")
	}
}
