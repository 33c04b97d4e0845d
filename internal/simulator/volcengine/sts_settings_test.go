package volcengine_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// tokenAnswers has, for each value of each switch of the token service and the
// metadata service, what shows that it is on.
func tokenAnswers() map[string]map[string]func(*testing.T, *fixture) {
	exchange := func(change func(*testing.T) url.Values, spoil func(*http.Request), code string,
		status int,
	) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			var values url.Values
			if change != nil {
				values = change(t)
			}
			wantAnswer(t, f.federate(t, federation(t, values), spoil), code, status)
		}
	}
	signed := func(r *http.Request) {
		r.Header.Set("Authorization",
			"HMAC-SHA256 Credential=dummy/20260101/cn-beijing/sts/request, SignedHeaders=host;x-date, Signature=x")
	}
	elsewhere := func(r *http.Request) { r.Host = "sts.volcengineapi.com" }
	newline := func(t *testing.T) url.Values { t.Helper(); return url.Values{"OIDCToken": {token(t, nil) + "\n"}} }
	malformed := func(*testing.T) url.Values { return url.Values{"OIDCToken": {"eyJh"}} }
	absent := func(*testing.T) url.Values {
		return url.Values{"RoleTrn": {volcengine.RoleTRN(volcengine.AccountID, "none")}}
	}
	zone := func(suffix string) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			c := granted(t, f.federate(t, federation(t, nil), nil)).Result.Credentials
			if !strings.HasSuffix(c.Expiration, suffix) || !strings.HasSuffix(c.CurrentTime, suffix) {
				t.Errorf("times are %s and %s, want ones that end with %s", c.CurrentTime, c.Expiration, suffix)
			}
		}
	}
	rotated := func(code string, status int) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			t.Helper()
			own := oidc.NewIssuer(oidc.HCPTerraform)
			f.cloud.AddIssuer(own)
			if err := f.cloud.SeedProviders(f.cloud.Providers()...); err != nil {
				t.Fatal(err)
			}
			own.Rotate()
			text, err := own.Token(oidc.Claims{Subject: wiretest.ApplyRun, Audience: oidc.Audience{volcengine.Audience}})
			if err != nil {
				t.Fatal(err)
			}
			wantAnswer(t, f.federate(t, federation(t, url.Values{"OIDCToken": {text}}), nil), code, status)
		}
	}
	return map[string]map[string]func(*testing.T, *fixture){
		volcengine.SignedOIDC: {
			volcengine.Refused: exchange(nil, signed, "InvalidAuthorization", 400),
			volcengine.Ignored: exchange(nil, signed, "", 200),
		},
		volcengine.PlainHTTP: {
			volcengine.Refused: exchange(nil, elsewhere, "AccessDenied", 403),
			volcengine.Served:  exchange(nil, elsewhere, "", 200),
		},
		volcengine.OIDCTokenCode: {
			"InvalidOIDCToken": exchange(malformed, nil, "InvalidOIDCToken", 400),
			"AccessDenied":     exchange(malformed, nil, "AccessDenied", 403),
		},
		volcengine.MissingRole: {
			"RoleNotExist": exchange(absent, nil, "RoleNotExist", 404),
			"AccessDenied": exchange(absent, nil, "AccessDenied", 403),
		},
		volcengine.TokenTimeZone: {volcengine.ZoneBeijing: zone("+08:00"), volcengine.ZoneUTC: zone("Z")},
		simulator.ProviderKeys:   {simulator.Fetched: rotated("", 200), simulator.Stored: rotated("InvalidOIDCToken", 400)},
		simulator.TokenWhitespace: {
			simulator.Refused: exchange(newline, nil, "InvalidOIDCToken", 400),
			simulator.Trimmed: exchange(newline, nil, "", 200),
		},
		simulator.MetadataTokens: {
			simulator.Optional: metadata(http.StatusOK, nil), simulator.Required: metadata(http.StatusForbidden, nil),
			simulator.Absent: func(t *testing.T, f *fixture) {
				t.Helper()
				if status, _ := ask(t, f, http.MethodPut, tokenPath, tokenLife("60")); status != http.StatusNotFound {
					t.Errorf("a token is answered with %d, want 404", status)
				}
				metadata(http.StatusOK, nil)(t, f)
			},
		},
		simulator.MetadataUnauthorized: {
			"403": metadata(http.StatusForbidden, withMetadataToken("x")),
			"401": metadata(http.StatusUnauthorized, withMetadataToken("x")),
		},
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
	answers, found := tokenAnswers(), 0
	for _, s := range volcengine.New().Cloud().Words().Settings {
		if answers[s.Name] == nil {
			continue
		}
		found++
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
	// The others are those of the API, which other tests show.
	const others = 13
	if all := len(volcengine.New().Cloud().Words().Settings); found != len(answers) || all != found+others {
		t.Errorf("%d of %d switches are shown here, and there are %d", found, len(answers), all)
	}
}

const (
	tokenPath = "/latest/api/token"
	rolesPath = "/volcstack/latest/iam/security_credentials"
)

type change func(*fixture, *http.Request, *http.Transport)

func tokenLife(seconds string) change {
	return func(_ *fixture, r *http.Request, _ *http.Transport) {
		r.Header.Set("X-volc-ecs-metadata-token-ttl-seconds", seconds)
	}
}

func withMetadataToken(token string) change {
	return func(_ *fixture, r *http.Request, _ *http.Transport) { r.Header.Set("X-volc-ecs-metadata-token", token) }
}

func asProxy(f *fixture, r *http.Request, transport *http.Transport) {
	r.URL.Host, r.Host = "100.96.0.96", ""
	transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(f.server.URL()) }
}

func asOtherHost(_ *fixture, r *http.Request, _ *http.Transport) { r.Host = "metadata.example" }

// ask sends a request by hand, which the change has been at.
func ask(t *testing.T, f *fixture, method, path string, with change) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.server.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	if with != nil {
		with(f, r, transport)
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

func metadata(want int, with change) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		if err := f.cloud.SetMachine(simulator.Machine{Role: simulator.MachineRole}); err != nil {
			t.Fatal(err)
		}
		if status, body := ask(t, f, http.MethodGet, rolesPath+"?type=user&format=json", with); status != want {
			t.Errorf("it answers %d %s, want %d", status, body, want)
		}
	}
}

func TestTheMetadataService(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	f.set(t, simulator.MetadataTokens, simulator.Required)
	for _, ttl := range []string{"", "0", "21601"} {
		if status, _ := ask(t, f, http.MethodPut, tokenPath, tokenLife(ttl)); status != http.StatusBadRequest {
			t.Errorf("a token for %q seconds is answered with %d, want 400", ttl, status)
		}
	}
	_, token := ask(t, f, http.MethodPut, tokenPath, tokenLife("21600"))
	if status, _ := ask(t, f, http.MethodGet, rolesPath, withMetadataToken(token)); status != http.StatusNotFound {
		t.Errorf("a machine without a role answers %d, want 404", status)
	}
	if err := f.cloud.SetMachine(simulator.Machine{Role: simulator.MachineRole}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"?type=user&format=json": `["machine"]`, "": "machine\n"} {
		if status, body := ask(t, f, http.MethodGet, rolesPath+path, withMetadataToken(token)); status != http.StatusOK ||
			body != want {
			t.Errorf("%q is answered with %d %q, want %q", path, status, body, want)
		}
	}
	var k struct {
		AccessKeyID                   string `json:"AccessKeyId"`
		SecretAccessKey, SessionToken string
		ExpiredTime                   time.Time
	}
	status, body := ask(t, f, http.MethodGet, rolesPath+"/"+simulator.MachineRole, withMetadataToken(token))
	if err := json.Unmarshal([]byte(body), &k); err != nil || status != http.StatusOK ||
		time.Until(k.ExpiredTime) > 6*time.Hour {
		t.Fatalf("the keys are %d %s (%v)", status, body, err)
	}
	mine := f.client(t, region, k.AccessKeyID, k.SecretAccessKey, k.SessionToken)
	wantDescribe(t, mine, "", 0)
	f.cloud.ExpireIssued()
	wantDescribe(t, mine, "ExpiredToken", 401)
	if _, again := ask(t, f, http.MethodGet, rolesPath+"/"+simulator.MachineRole,
		withMetadataToken(token)); again == body {
		t.Error("the keys are still the ended ones")
	}
	want := map[string]int{
		simulator.MetadataToken: 4, simulator.MetadataRole: 3, simulator.MetadataKeys: 2,
		"DescribeInstances": 2,
	}
	if got := f.cloud.CallCounts(); !maps.Equal(got, want) {
		t.Errorf("calls are %v, want %v", got, want)
	}
}
