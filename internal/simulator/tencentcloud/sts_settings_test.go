package tencentcloud_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// exchange is a web identity call by hand.
func exchange(t *testing.T, base string, change func(http.Header)) *http.Request {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"ProviderId": simulator.ProviderName, "WebIdentityToken": token(t, nil), "RoleSessionName": "raw",
		"RoleArn": tencentcloud.RoleARN(tencentcloud.AccountID, simulator.ApplyRole),
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Authorization": "SKIP", "X-TC-Action": "AssumeRoleWithWebIdentity",
		"X-TC-Version":   tencentcloud.TokenVersion,
		"X-TC-Timestamp": strconv.FormatInt(time.Now().Unix(), 10), "X-TC-Region": region,
	} {
		r.Header.Set(name, value)
	}
	if change != nil {
		change(r.Header)
	}
	return r
}

// errorCode is the code in an answer, empty for a success.
func errorCode(t *testing.T, status int, body []byte) string {
	t.Helper()
	var answer struct {
		Response struct {
			Error     struct{ Code string }
			RequestID string `json:"RequestId"`
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.Response.RequestID == "" {
		t.Errorf("the answer is %d %s (%v), want 200 and a request id", status, body, err)
	}
	return answer.Response.Error.Code
}

func (f *fixture) do(t *testing.T, r *http.Request) (int, []byte) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestHeadersOfAnExchange(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	without := func(name string) func(http.Header) { return func(h http.Header) { h.Del(name) } }
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for _, test := range []struct {
		name   string
		change func(http.Header)
		code   string
	}{
		{"all of them", nil, ""},
		{"no authorization", without("Authorization"), "AuthFailure.InvalidAuthorization"},
		{"another authorization", set("Authorization", "Bearer x"), "AuthFailure.InvalidAuthorization"},
		{"no version", without("X-TC-Version"), "MissingParameter"},
		{"another version", set("X-TC-Version", "2017-03-12"), "NoSuchVersion"},
		{"no timestamp", without("X-TC-Timestamp"), "MissingParameter"},
		{"no action", without("X-TC-Action"), "AuthFailure.InvalidAuthorization"},
		{"an action that does not exist", set("X-TC-Action", "AssumeRoleWithSong"), "AuthFailure.InvalidAuthorization"},
		{"an action that is signed", set("X-TC-Action", "AssumeRole"), "AuthFailure.InvalidAuthorization"},
		{"a region that does not exist", set("X-TC-Region", "ap-mars"), "UnsupportedRegion"},
		{"a form", set("Content-Type", "application/x-www-form-urlencoded"), "UnsupportedProtocol"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, body := f.do(t, exchange(t, f.server.URL(), test.change))
			if got := errorCode(t, status, body); got != test.code {
				t.Errorf("code is %q, want %q", got, test.code)
			}
		})
	}
}

func TestTwentyExchangesASecond(t *testing.T) {
	t.Parallel()
	wiretest.Issuer() // Made outside of the fake time, of which it does not know.
	if _, err := wiretest.Issuer().KeySet(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		wire := tencentcloud.New()
		server, err := simulator.NewServer(wire)
		if err != nil {
			t.Fatal(err)
		}
		wire.Cloud().AddIssuer(wiretest.Issuer())
		send := func() string {
			out := httptest.NewRecorder()
			server.Handler().ServeHTTP(out, exchange(t, "http://127.0.0.1", nil))
			return errorCode(t, out.Code, out.Body.Bytes())
		}
		burst := func(n int) (refused int) {
			for range n {
				if got := send(); got == "RequestLimitExceeded" {
					refused++
				} else if got != "" {
					t.Fatalf("an exchange is refused with %s", got)
				}
			}
			return refused
		}
		if got := burst(21); got != 1 {
			t.Errorf("%d of 21 exchanges are refused, want 1", got)
		}
		time.Sleep(time.Second)
		if got := burst(20); got != 0 {
			t.Errorf("a second later %d are refused, want none", got)
		}
		// The page of the international site says 80.
		if err := wire.Cloud().SetRate("AssumeRoleWithWebIdentity",
			simulator.Rate{Calls: 80, Window: simulator.Duration(time.Second)}); err != nil {
			t.Fatal(err)
		}
		if got := burst(81); got != 1 {
			t.Errorf("%d of 81 exchanges are refused, want 1", got)
		}
		wire.Cloud().SetKeyLife(time.Hour)
		time.Sleep(time.Second)
		if got := send(); got != "" {
			t.Fatal(got)
		}
		keys := wire.Cloud().Issued()
		last := keys[len(keys)-1]
		if k, _ := wire.Cloud().Credential(last.AccessKeyID); k.Expired {
			t.Error("a key has expired at once")
		}
		time.Sleep(time.Hour)
		if k, _ := wire.Cloud().Credential(last.AccessKeyID); !k.Expired {
			t.Error("a key has not expired after its life")
		}
	})
}

// tokenAnswers has, for each value of each switch of the token service and the
// metadata service, what shows that it is on.
func tokenAnswers() map[string]map[string]func(*testing.T, *fixture) {
	raw := func(change func(http.Header), want string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			status, body := f.do(t, exchange(t, f.server.URL(), change))
			if got := errorCode(t, status, body); got != want {
				t.Errorf("code is %q, want %q", got, want)
			}
		}
	}
	sdk := func(change func(*testing.T, *webIdentity), want string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			_, err := f.federate(t, func(r *webIdentity) { change(t, r) })
			wantCode(t, err, want)
		}
	}
	late := func(h http.Header) {
		h.Set("X-TC-Timestamp", strconv.FormatInt(time.Now().Add(-6*time.Minute).Unix(), 10))
	}
	nowhere := func(h http.Header) { h.Del("X-TC-Region") }
	signed := func(want string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			r := exchange(t, f.server.URL(), nil)
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			tencentcloud.SignExchange(r, string(body), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
			status, answer := f.do(t, r)
			if got := errorCode(t, status, answer); got != want {
				t.Errorf("code is %q, want %q", got, want)
			}
		}
	}
	plain := func(want string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			_, err := f.assume(t, demoKey(), func(r *assumption) {
				r.Policy = common.StringPtr(`{"version":"2.0","statement":[{"effect":"allow","action":["cvm:*"]}]}`)
			})
			wantCode(t, err, want)
		}
	}
	role := func(_ *testing.T, r *webIdentity) {
		r.RoleArn = common.StringPtr(tencentcloud.RoleARN(tencentcloud.AccountID, "none"))
	}
	provider := func(_ *testing.T, r *webIdentity) { r.ProviderId = common.StringPtr("none") }
	newline := func(t *testing.T, r *webIdentity) {
		t.Helper()
		r.WebIdentityToken = common.StringPtr(token(t, nil) + "\n")
	}
	rotated := func(want string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			own := oidc.NewIssuer(oidc.HCPTerraform)
			f.cloud.AddIssuer(own)
			if err := f.cloud.SeedProviders(f.cloud.Providers()...); err != nil {
				t.Fatal(err)
			}
			own.Rotate()
			text, err := own.Token(oidc.Claims{Subject: wiretest.ApplyRun, Audience: oidc.Audience{tencentcloud.Audience}})
			if err != nil {
				t.Fatal(err)
			}
			again := func(r *webIdentity) { r.WebIdentityToken = &text }
			_, err = f.federate(t, again)
			wantCode(t, err, want)
			// A provider that is put again has the new key.
			if err := f.cloud.SeedProviders(f.cloud.Providers()...); err != nil {
				t.Fatal(err)
			}
			_, err = f.federate(t, again)
			wantCode(t, err, "")
		}
	}
	const wrong = "InvalidParameter.WebIdentityTokenError"
	return map[string]map[string]func(*testing.T, *fixture){
		tencentcloud.UnsignedTime: {
			tencentcloud.Unchecked: raw(late, ""),
			tencentcloud.Checked:   raw(late, "AuthFailure.SignatureExpire"),
		},
		tencentcloud.SignedWebIdentity: {
			tencentcloud.Refused:  signed("AuthFailure.InvalidAuthorization"),
			tencentcloud.Accepted: signed(""),
		},
		tencentcloud.PlainPolicy: {
			tencentcloud.Refused:  plain("InvalidParameter.StrategyFormatError"),
			tencentcloud.Accepted: plain(""),
		},
		tencentcloud.TokenRegion: {
			tencentcloud.Optional: raw(nowhere, ""),
			tencentcloud.Required: raw(nowhere, "MissingParameter"),
		},
		tencentcloud.MissingRole: {
			"InternalError.GetRoleError": sdk(role, "InternalError.GetRoleError"),
			"UnauthorizedOperation":      sdk(role, "UnauthorizedOperation"),
		},
		tencentcloud.MissingProvider: {
			"InvalidParameter.ParamError": sdk(provider, "InvalidParameter.ParamError"),
			wrong:                         sdk(provider, wrong),
		},
		simulator.ProviderKeys:    {simulator.Stored: rotated(wrong), simulator.Fetched: rotated("")},
		simulator.TokenWhitespace: {simulator.Refused: sdk(newline, wrong), simulator.Trimmed: sdk(newline, "")},
		simulator.MetadataProxy: {
			simulator.Refused: metadata(http.StatusBadRequest, asProxy), simulator.Served: metadata(http.StatusOK, asProxy),
		},
		simulator.MetadataHost: {
			simulator.Refused: metadata(http.StatusForbidden, asOtherHost),
			simulator.Served:  metadata(http.StatusOK, asOtherHost),
		},
	}
}

func TestEverySwitchOfTheTokenServiceHasItsAnswers(t *testing.T) {
	t.Parallel()
	answers, found := tokenAnswers(), map[string]bool{}
	for _, s := range tencentcloud.New().Cloud().Words().Settings {
		if answers[s.Name] == nil {
			continue
		}
		found[s.Name] = true
		for _, value := range s.Values {
			t.Run(s.Name+" is "+value, func(t *testing.T) {
				t.Parallel()
				check := answers[s.Name][value]
				if check == nil {
					t.Fatal("nothing shows that it is")
				}
				f := withIssuer(t)
				f.set(t, s.Name, value)
				check(t, f)
			})
		}
	}
	if len(found) != len(answers) {
		t.Errorf("%d switches are shown, and %d of them exist", len(answers), len(found))
	}
}

const rolesPath = "/latest/meta-data/cam/security-credentials/"

// get reads metadata, with a request that the change has been at.
func get(t *testing.T, f *fixture, path string, change func(*fixture, *http.Request, *http.Transport)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.server.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	if change != nil {
		change(f, r, transport)
	}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func asProxy(f *fixture, r *http.Request, transport *http.Transport) {
	r.URL.Host, r.Host = "metadata.tencentyun.com", ""
	transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(f.server.URL()) }
}

func asOtherHost(_ *fixture, r *http.Request, _ *http.Transport) { r.Host = "metadata.example" }

func metadata(want int, change func(*fixture, *http.Request, *http.Transport)) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		if err := f.cloud.SetMachine(simulator.Machine{Role: simulator.MachineRole}); err != nil {
			t.Fatal(err)
		}
		if status, body := get(t, f, rolesPath, change); status != want {
			t.Errorf("it answers %d %s, want %d", status, body, want)
		}
	}
}

func TestTheMetadataService(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	if status, _ := get(t, f, rolesPath, nil); status != http.StatusNotFound {
		t.Errorf("a machine without a role answers %d, want 404", status)
	}
	if err := f.cloud.SetMachine(simulator.Machine{
		Role:    simulator.MachineRole,
		KeyLife: simulator.Duration(3 * time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, f, rolesPath, nil); status != http.StatusOK || body != simulator.MachineRole {
		t.Errorf("the role is %d %q", status, body)
	}
	var k struct {
		TmpSecretID  string `json:"TmpSecretId"`
		TmpSecretKey string
		Token        string
		ExpiredTime  int64
		Expiration   time.Time
		Code         string
	}
	status, body := get(t, f, rolesPath+simulator.MachineRole, nil)
	if err := json.Unmarshal([]byte(body), &k); err != nil || status != http.StatusOK || k.Code != "Success" {
		t.Fatalf("the keys are %d %s (%v)", status, body, err)
	}
	if left := time.Until(k.Expiration); k.Expiration.Unix() != k.ExpiredTime || left > 3*time.Second {
		t.Errorf("the end is %s and %d, want both in three seconds", k.Expiration, k.ExpiredTime)
	}
	mine := common.NewTokenCredential(k.TmpSecretID, k.TmpSecretKey, k.Token)
	f.cloud.SetClockOffset(-time.Minute) // They cannot end while the test runs.
	wantCode(t, f.describeWith(t, mine), "")
	f.cloud.SetClockOffset(3 * time.Second)
	wantCode(t, f.describeWith(t, mine), "AuthFailure.TokenFailure")
	want := map[string]int{simulator.MetadataRole: 2, simulator.MetadataKeys: 1, "DescribeInstances": 2}
	if got := f.cloud.CallCounts(); !maps.Equal(got, want) {
		t.Errorf("calls are %v, want %v", got, want)
	}
}

func TestTheNthExchangeFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble simulator.Trouble
		issued  int
		says    string
	}{
		"a throttle": {simulator.Trouble{Kind: simulator.Throttle}, 3, "RequestLimitExceeded"},
		"an error": {
			simulator.Trouble{Kind: simulator.Error, Code: "InternalError.DbError"},
			3,
			"InternalError.DbError",
		},
		"an error of no code": {simulator.Trouble{Kind: simulator.Error}, 3, "InternalError.SystemError"},
		"a 5xx before":        {simulator.Trouble{Kind: simulator.ServerError}, 3, "502"},
		"a 5xx after":         {simulator.Trouble{Kind: simulator.ServerError, Effect: true}, 4, "502"},
		"a reset before":      {simulator.Trouble{Kind: simulator.ResetBefore}, 3, "ClientError"},
		"a reset after":       {simulator.Trouble{Kind: simulator.ResetAfter}, 4, "ClientError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withIssuer(t)
			test.trouble.Action, test.trouble.Skip, test.trouble.Count = "AssumeRole", 2, 1
			f.trouble(t, test.trouble)
			for n := range 4 {
				_, err := f.assume(t, demoKey(), nil)
				if n != 2 && err != nil || n == 2 && (err == nil || !strings.Contains(fmt.Sprint(err), test.says)) {
					t.Errorf("exchange %d: %v", n+1, err)
				}
			}
			if got := len(f.cloud.Issued()); got != test.issued {
				t.Errorf("keys were handed out %d times, want %d", got, test.issued)
			}
			if got := f.cloud.CallCounts()["AssumeRole"]; got != 4 {
				t.Errorf("%d exchanges were asked for, want 4", got)
			}
		})
	}
}
