package alicloud_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// wantOIDC exchanges a token with a change and expects a code.
func wantOIDC(change func(*testing.T) object, code string, status int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.cloud.AddIssuer(wiretest.Issuer())
		_, err := f.sts(t, f.client(t, nil), "AssumeRoleWithOIDC", federation(t, change(t)))
		wantRefusal(t, err, code, status)
	}
}

// signed sends an AssumeRoleWithOIDC that is signed in its query.
func signed(want string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		f.cloud.AddIssuer(wiretest.Issuer())
		all := url.Values{
			"Action": {"AssumeRoleWithOIDC"}, "Version": {alicloud.TokenVersion}, "Format": {"JSON"},
			"AccessKeyId":     {demo.Lasting.AccessKeyID},
			"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "SignatureNonce": {"n"},
			"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
		}
		for name, value := range federation(t, nil) {
			text, ok := value.(string)
			if !ok {
				t.Fatalf("%s is no text", name)
			}
			all.Set(name, text)
		}
		all.Set("Signature", alicloud.SignQuery(http.MethodPost, all, demo.Lasting.Secret))
		status, body, _ := ask(t, f, http.MethodPost, "/?"+all.Encode(), nil, nil)
		var answer struct{ Code string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Code != want {
			t.Errorf("answer is %d %s (%v), want the code %q", status, body, err, want)
		}
	}
}

// ask sends a request by hand, through the server as a proxy if that is set.
func ask(t *testing.T, f *fixture, method, path string, header map[string]string,
	change func(*http.Request, *http.Transport),
) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.server.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	if change != nil {
		change(r, transport)
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
	return resp.StatusCode, string(body), resp.Header
}

const (
	tokenPath  = "/latest/api/token"
	rolesPath  = "/latest/meta-data/ram/security-credentials/"
	ttlHeader  = "X-aliyun-ecs-metadata-token-ttl-seconds"
	tokenField = "X-aliyun-ecs-metadata-token"
)

// wantMetadata asks for the name of the role and expects a status.
func wantMetadata(status int, header map[string]string, change func(*testing.T, *fixture) func(*http.Request,
	*http.Transport),
) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		if err := f.cloud.SetMachine(simulator.Machine{Role: simulator.MachineRole}); err != nil {
			t.Fatal(err)
		}
		var with func(*http.Request, *http.Transport)
		if change != nil {
			with = change(t, f)
		}
		got, body, _ := ask(t, f, http.MethodGet, rolesPath, header, with)
		if got != status || got == http.StatusOK && body != simulator.MachineRole {
			t.Errorf("it answers %d %q, want %d", got, body, status)
		}
	}
}

func asProxy(t *testing.T, f *fixture) func(*http.Request, *http.Transport) {
	t.Helper()
	proxy, err := url.Parse(f.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request, transport *http.Transport) {
		r.URL.Host, r.Host = "100.100.100.200", ""
		transport.Proxy = http.ProxyURL(proxy)
	}
}

func asOtherHost(*testing.T, *fixture) func(*http.Request, *http.Transport) {
	return func(r *http.Request, _ *http.Transport) { r.Host = "metadata.example" }
}

func session(name string) func(*testing.T) object {
	return func(*testing.T) object { return object{"RoleSessionName": name} }
}

func claims(change func(*oidc.Claims)) func(*testing.T) object {
	return func(t *testing.T) object { t.Helper(); return object{"OIDCToken": token(t, change)} }
}

func early(c *oidc.Claims)   { c.NotBefore = time.Now().Add(time.Minute).Unix() }
func foreign(c *oidc.Claims) { c.Issuer = "https://gitlab.com" }

// tokenAnswers has, for each value of each switch of the token service and the
// metadata service, what shows that it is on.
func tokenAnswers() map[string]map[string]func(*testing.T, *fixture) {
	newline := func(t *testing.T) object { t.Helper(); return object{"OIDCToken": token(t, nil) + "\n"} }
	rotated := func(code string, status int) func(*testing.T, *fixture) {
		return func(t *testing.T, f *fixture) {
			own := oidc.NewIssuer(oidc.HCPTerraform)
			f.cloud.AddIssuer(own)
			if err := f.cloud.SeedProviders(f.cloud.Providers()...); err != nil {
				t.Fatal(err)
			}
			own.Rotate()
			text, err := own.Token(oidc.Claims{Subject: wiretest.ApplyRun, Audience: oidc.Audience{alicloud.Audience}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.sts(t, f.client(t, nil), "AssumeRoleWithOIDC", federation(t, object{"OIDCToken": text}))
			wantRefusal(t, err, code, status)
		}
	}
	const invalid, denied = "AuthenticationFail.OIDCToken.Invalid", "AuthenticationFail.NoPermission"
	return map[string]map[string]func(*testing.T, *fixture){
		alicloud.SignedOIDC: {alicloud.Refused: signed("IncompleteSignature"), alicloud.Ignored: signed("")},
		alicloud.SessionNameLength: {
			"64": wantOIDC(session(strings.Repeat("a", 64)), "", 0),
			"32": func(t *testing.T, f *fixture) {
				wantOIDC(session(strings.Repeat("a", 33)), "InvalidParameter.RoleSessionName", 400)(t, f)
				wantOIDC(session(strings.Repeat("a", 32)), "", 0)(t, f)
			},
		},
		alicloud.EarlyToken: {
			invalid:                                wantOIDC(claims(early), invalid, 401),
			"AuthenticationFail.OIDCToken.Expired": wantOIDC(claims(early), "AuthenticationFail.OIDCToken.Expired", 401),
		},
		alicloud.ForeignIssuer: {
			invalid: wantOIDC(claims(foreign), invalid, 401),
			denied:  wantOIDC(claims(foreign), denied, 401),
		},
		simulator.ProviderKeys: {
			simulator.Fetched: rotated("", 0),
			simulator.Stored:  rotated("AuthenticationFail.OIDCToken.InvalidSignature", 401),
		},
		simulator.TokenWhitespace: {
			simulator.Refused: wantOIDC(newline, invalid, 401),
			simulator.Trimmed: wantOIDC(newline, "", 0),
		},
		simulator.MetadataTokens: {
			simulator.Optional: func(t *testing.T, f *fixture) {
				wantMetadata(http.StatusOK, nil, nil)(t, f)
				wantMetadata(http.StatusForbidden, map[string]string{tokenField: "x"}, nil)(t, f)
			},
			simulator.Required: wantMetadata(http.StatusForbidden, nil, nil),
			simulator.Absent: func(t *testing.T, f *fixture) {
				if status, _, _ := ask(t, f, http.MethodPut, tokenPath, map[string]string{ttlHeader: "60"},
					nil); status != http.StatusNotFound {
					t.Errorf("a token is answered with %d, want 404", status)
				}
				wantMetadata(http.StatusOK, map[string]string{tokenField: "x"}, nil)(t, f)
			},
		},
		simulator.MetadataUnauthorized: {
			"403": wantMetadata(http.StatusForbidden, map[string]string{tokenField: "x"}, nil),
			"401": wantMetadata(http.StatusUnauthorized, map[string]string{tokenField: "x"}, nil),
		},
		simulator.MetadataProxy: {
			simulator.Refused: wantMetadata(http.StatusBadRequest, nil, asProxy),
			simulator.Served:  wantMetadata(http.StatusOK, nil, asProxy),
		},
		simulator.MetadataHost: {
			simulator.Refused: wantMetadata(http.StatusForbidden, nil, asOtherHost),
			simulator.Served:  wantMetadata(http.StatusOK, nil, asOtherHost),
		},
	}
}

func TestTheMetadataService(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	f.set(t, simulator.MetadataTokens, simulator.Required)
	get := func(path, token string) (int, string) {
		status, body, _ := ask(t, f, http.MethodGet, path, map[string]string{tokenField: token}, nil)
		return status, body
	}
	for _, ttl := range []string{"", "0", "21601", "an hour"} {
		if status, _, _ := ask(t, f, http.MethodPut, tokenPath, map[string]string{ttlHeader: ttl},
			nil); status != http.StatusBadRequest {
			t.Errorf("a token for %q seconds is answered with %d, want 400", ttl, status)
		}
	}
	if status, _, _ := ask(t, f, http.MethodGet, tokenPath, map[string]string{ttlHeader: "60"},
		nil); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of a token is answered with %d, want 405", status)
	}
	_, token, _ := ask(t, f, http.MethodPut, tokenPath, map[string]string{ttlHeader: "60"}, nil)
	if status, _ := get(rolesPath, token); status != http.StatusNotFound {
		t.Errorf("a machine without a role answers %d, want 404", status)
	}
	if err := f.cloud.SetMachine(simulator.Machine{Role: "none"}); err == nil {
		t.Error("a machine has a role that does not exist")
	}
	if err := f.cloud.SetMachine(simulator.Machine{
		Role:    simulator.MachineRole,
		KeyLife: simulator.Duration(time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(rolesPath+"other", token); status != http.StatusNotFound {
		t.Errorf("another role is answered with %d, want 404", status)
	}
	read := func() (k struct{ Code, AccessKeyID, AccessKeySecret, SecurityToken, Expiration, LastUpdated string }) {
		t.Helper()
		status, body := get(rolesPath+simulator.MachineRole, token)
		if err := json.Unmarshal([]byte(body), &k); err != nil || status != http.StatusOK || k.Code != "Success" {
			t.Fatalf("keys are answered with %d %s (%v)", status, body, err)
		}
		return k
	}
	first := read()
	wantRefusal(t, f.describeWith(t, f.with(t, first.AccessKeyID, first.AccessKeySecret, first.SecurityToken)), "", 0)
	if call := f.last(); call.Principal != "acs:ram::1234567890123456:assumed-role/machine/i-simulator" {
		t.Errorf("the caller is %s", call.Principal)
	}
	if again := read(); again != first {
		t.Errorf("the second time there are other keys: %+v, want %+v", again, first)
	}
	f.cloud.SetClockOffset(31 * time.Minute)
	if status, _ := get(rolesPath, token); status != http.StatusForbidden {
		t.Errorf("a token after its end is answered with %d, want 403", status)
	}
	_, token, _ = ask(t, f, http.MethodPut, tokenPath, map[string]string{ttlHeader: "21600"}, nil)
	if later := read(); later.AccessKeyID == first.AccessKeyID || later.Expiration <= first.Expiration {
		t.Errorf("past half of their life the keys are %+v, want new ones", later)
	}
	counts := f.cloud.CallCounts()
	if counts[simulator.MetadataToken] != 7 || counts[simulator.MetadataKeys] != 4 || counts[simulator.MetadataRole] != 2 {
		t.Errorf("calls are %v", counts)
	}
	f.trouble(t, simulator.Trouble{Kind: simulator.Error, Status: 500, Action: simulator.MetadataService, Count: 1})
	if status, _ := get(rolesPath, token); status != http.StatusInternalServerError {
		t.Errorf("a trouble is answered with %d, want 500", status)
	}
}

func TestRequestsToTheTokenServiceThatAreWrong(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.cloud.AddIssuer(wiretest.Issuer())
	form := url.Values{}
	for name, value := range federation(t, nil) {
		text, ok := value.(string)
		if !ok {
			t.Fatalf("%s is no text", name)
		}
		form.Set(name, text)
	}
	for _, test := range []struct {
		name, query string
		header      map[string]string
		status      int
		code        string
	}{
		{"a good one in headers", "", map[string]string{
			"X-Acs-Action":  "AssumeRoleWithOIDC",
			"X-Acs-Version": alicloud.TokenVersion,
		}, 200, ""},
		{
			"a good one in the query", "Action=AssumeRoleWithOIDC&Version=" + alicloud.TokenVersion + "&Format=JSON", nil, 200,
			"",
		},
		{"an exchange of a key without a signature", "", map[string]string{
			"X-Acs-Action":  "AssumeRole",
			"X-Acs-Version": alicloud.TokenVersion,
		}, 400, "MissingAccessKeyId"},
		{
			"another version", "",
			map[string]string{"X-Acs-Action": "AssumeRoleWithOIDC", "X-Acs-Version": "2014-05-26"},
			400,
			"InvalidVersion",
		},
		{"no version", "", map[string]string{"X-Acs-Action": "AssumeRoleWithOIDC"}, 400, "MissingVersion"},
		{
			"another version in the query", "Action=AssumeRoleWithOIDC&Version=2014-05-27&Format=JSON&SignatureNonce=n", nil,
			400, "InvalidVersion",
		},
		{
			"an action that does not exist", "Action=AssumeThrone&Version=" + alicloud.TokenVersion + "&Format=JSON", nil, 400,
			"MissingAccessKeyId",
		},
		{"a bearer token", "", map[string]string{
			"X-Acs-Action":  "AssumeRoleWithOIDC",
			"X-Acs-Version": alicloud.TokenVersion, "Authorization": "Bearer x",
		}, 400, "IncompleteSignature"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
			for name, value := range test.header {
				header[name] = value
			}
			status, body, _ := ask(t, f, http.MethodPost, "/?"+test.query, header, func(r *http.Request, _ *http.Transport) {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form.Encode())), int64(len(form.Encode()))
			})
			var answer struct{ Code, RequestID string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil || status != test.status || answer.Code != test.code ||
				answer.RequestID == "" {
				t.Errorf("answer is %d %s (%v), want %d %q", status, body, err, test.status, test.code)
			}
		})
	}
	status, body, _ := ask(t, f, http.MethodPost, "/?Action=AssumeRoleWithOIDC&Version="+alicloud.TokenVersion, nil, nil)
	if status != 400 || !strings.Contains(body, "<Error><Code>MissingRoleArn</Code>") {
		t.Errorf("without a format the answer is %d %s, want XML", status, body)
	}
}
