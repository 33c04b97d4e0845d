package zenlayercloud_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vmnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

const signatureFailure = "AUTHFAILURE_SIGNATURE_FAILURE"

func describeAll() raw { return request("vm", "2026-04-01", "DescribeInstances", `{}`) }

func TestAccessKeys(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	for _, test := range []struct {
		name, key, secret string
		change            func(*http.Request)
		at                time.Duration
		status            int
		code              string
	}{
		{name: "the demo key", status: 200},
		{name: "a key that does not exist", key: "nobody", status: 401, code: signatureFailure},
		{name: "a wrong password", secret: "wrong", status: 401, code: signatureFailure},
		{
			name: "a key that was disabled", key: demo.Disabled.AccessKeyID, secret: demo.Disabled.Secret,
			status: 401, code: signatureFailure,
		},
		{
			name: "a key without permission", key: demo.Denied.AccessKeyID, secret: demo.Denied.Secret,
			status: 403, code: "OPERATION_DENIED_NO_PERMISSION",
		},
		{name: "a clock a little late", at: -time.Minute, status: 200},
		{name: "a clock far behind", at: -time.Hour, status: 401, code: signatureFailure},
		{name: "a clock far ahead", at: time.Hour, status: 401, code: signatureFailure},
		{name: "no credentials", change: drop("Authorization"), status: 401, code: signatureFailure},
		{name: "no time", change: drop("X-ZC-Timestamp"), status: 401, code: signatureFailure},
		{name: "no method of signature", change: drop("X-ZC-Signature-Method"), status: 401, code: signatureFailure},
		{name: "another time than was signed", change: put("X-ZC-Timestamp", "1"), status: 401, code: signatureFailure},
		{
			name: "another content type than was signed", change: put("Content-Type", "application/json; charset=utf-8"),
			status: 401, code: signatureFailure,
		},
		{name: "another scheme", change: put("Authorization", "Basic YTpi"), status: 401, code: signatureFailure},
		{
			name: "more headers signed than the page says",
			change: func(r *http.Request) {
				r.Header.Set("Authorization",
					strings.Replace(r.Header.Get("Authorization"), "content-type;host", "content-type;host;x-zc-action", 1))
			},
			status: 401, code: signatureFailure,
		},
		// Neither path nor action nor version is signed.
		{name: "another action than was meant", change: put("X-ZC-Action", "DescribeInstancesStatus"), status: 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := describeAll()
			if test.key != "" {
				r.key = test.key
			}
			if test.secret != "" {
				r.secret = test.secret
			}
			r.at, r.change = r.at.Add(test.at), test.change
			if got := w.send(t, r); got.status != test.status || got.code() != test.code {
				t.Errorf("answer is %d %s, want %d %q", got.status, got.text, test.status, test.code)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	for service, version := range map[string]string{zenlayercloud.VM: "2026-04-01", zenlayercloud.ZEC: "2025-09-01"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			w := start(t, 0, of(service, "a", "RUNNING"), of(service, "b", "RUNNING"))
			w.cloud.Accept(simulator.Credential{
				AccessKeyID: "one", Secret: "s", Policy: &simulator.Policy{Statement: []simulator.Statement{
					{Effect: "Allow", Action: []string{service + ":*"}, Resource: []string{service + ":instance/a"}},
				}},
			})
			send := func(key, secret, action, body string, status int, code string) {
				t.Helper()
				r := request(service, version, action, body)
				r.key, r.secret = key, secret
				if got := w.send(t, r); got.status != status || got.code() != code {
					t.Errorf("%s of %s by %s: %d %s, want %d %q", action, body, key, got.status, got.text, status, code)
				}
			}
			const denied = "OPERATION_DENIED_NO_PERMISSION"
			send(demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret, "DescribeInstances", `{"instanceIds":["a"]}`, 200, "")
			send(demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret, "DescribeInstancesStatus", `{}`, 200, "")
			send(demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret, "StopInstances", `{"instanceIds":["a"]}`, 403, denied)
			send("one", "s", "StopInstances", `{"instanceIds":["a","b"]}`, 403, denied)
			if got := w.status(t, "a"); got != "RUNNING" {
				t.Errorf("after calls that were denied it is %s", got)
			}
			send("one", "s", "StopInstances", `{"instanceIds":["a"]}`, 200, "")
			if a, b := w.status(t, "a"), w.status(t, "b"); a != "STOPPED" || b != "RUNNING" {
				t.Errorf("a is %s, b is %s, want the first one stopped", a, b)
			}
		})
	}
}

func drop(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }

func put(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestABodyThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	r := request("vm", "2026-04-01", "StopInstances", `{"instanceIds":["a"]}`)
	r.change = func(req *http.Request) {
		// The signature is that of another body.
		zenlayercloud.Sign(req, `{"instanceIds":["b"]}`, r.key, r.secret, r.at)
	}
	if got := w.send(t, r); got.status != http.StatusUnauthorized || got.code() != signatureFailure {
		t.Errorf("answer is %d %s, want 401 %s", got.status, got.text, signatureFailure)
	}
	if got := w.status(t, "a"); got != "RUNNING" {
		t.Errorf("status is %s, want RUNNING", got)
	}
}

func TestAnySkewIsAllowedWhenNoneIsSet(t *testing.T) {
	t.Parallel()
	w := start(t, long)
	w.cloud.SetMaxSkew(0)
	r := describeAll()
	r.at = r.at.Add(-24 * time.Hour)
	if got := w.send(t, r); got.status != http.StatusOK {
		t.Errorf("answer is %d %s, want 200", got.status, got.text)
	}
}

func TestBothStatusesOfRefusedCredentials(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"401": 401, "403": 403} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			w := start(t, long)
			w.set(t, zenlayercloud.AuthStatus, value)
			r := describeAll()
			r.secret = "wrong"
			if got := w.send(t, r); got.status != want || got.code() != signatureFailure {
				t.Errorf("answer is %d %s, want %d %s", got.status, got.text, want, signatureFailure)
			}
		})
	}
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, token, code string
		status            int
	}{
		{"a token", demo.Temporary.Token, "", 200},
		{"one whose life is over", demo.Expired.Token, "AUTHFAILURE_TOKEN_FAILURE", 401},
		{"one that does not exist", "nothing", "AUTHFAILURE_TOKEN_FAILURE", 401},
		{"the password of a key", demo.Lasting.Secret, "AUTHFAILURE_TOKEN_FAILURE", 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("a", "RUNNING"))
			c, err := vmnew.NewClientWithTokenAndConfig(w.config(), test.token)
			if err != nil {
				t.Fatal(err)
			}
			r := vmnew.NewDescribeInstancesRequest()
			r.SetContext(t.Context())
			resp, err := c.DescribeInstances(r)
			if got := code(t, err); got != test.code || w.seen.status != test.status {
				t.Fatalf("answer is %d %q, want %d %q", w.seen.status, got, test.status, test.code)
			}
			if err == nil && common.ToInteger(resp.Response.TotalCount) != 1 {
				t.Errorf("count is %d, want 1", common.ToInteger(resp.Response.TotalCount))
			}
			if k := w.lastCall(t); k.AccessKeyID != "" {
				t.Errorf("the log has the key %q of a call with a token", k.AccessKeyID)
			}
		})
	}
}

func TestTheLogKnowsWhoCalled(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	c, err := vmnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	c.WithRequestClient("terraform-provider-instance")
	r := vmnew.NewDescribeInstancesRequest()
	r.SetContext(t.Context())
	r.InstanceIds = []string{"a"}
	if _, err := c.DescribeInstances(r); err != nil {
		t.Fatal(err)
	}
	k := w.lastCall(t)
	if k.AccessKeyID != demo.Lasting.AccessKeyID || k.Service != zenlayercloud.VM || !strings.HasSuffix(k.UserAgent,
		"terraform-provider-instance") {
		t.Errorf("the log has key %q, service %q, agent %q", k.AccessKeyID, k.Service, k.UserAgent)
	}
}

// A key, like a token, reaches what belongs to its own account.
func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"), simulator.Instance{ID: "b", Status: "RUNNING", Account: "second"})
	if err := w.cloud.SeedCredentials(
		simulator.Credential{AccessKeyID: "second-key", Secret: "s", Account: "second"},
		simulator.Credential{Token: "second-token", Account: "second"},
	); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		client func() (*vmnew.Client, error)
		want   string
	}{
		"the first key": {func() (*vmnew.Client, error) {
			return vmnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
		}, "a"},
		"a key of the second": {func() (*vmnew.Client, error) {
			return vmnew.NewClient(w.config(), "second-key", "s")
		}, "b"},
		"a token of the second": {func() (*vmnew.Client, error) {
			return vmnew.NewClientWithTokenAndConfig(w.config(), "second-token")
		}, "b"},
	} {
		c, err := test.client()
		if err != nil {
			t.Fatal(err)
		}
		r := vmnew.NewDescribeInstancesRequest()
		r.SetContext(t.Context())
		resp, err := c.DescribeInstances(r)
		if err != nil {
			t.Fatal(err)
		}
		if set := resp.Response.DataSet; len(set) != 1 || common.ToString(set[0].InstanceId) != test.want {
			t.Errorf("%s sees %d instances, want %s alone", name, len(set), test.want)
		}
	}
}
