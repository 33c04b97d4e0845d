package volcengine_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	"github.com/volcengine/volcengine-go-sdk/service/sts"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/credentials"
	"github.com/volcengine/volcengine-go-sdk/volcengine/session"
	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineerr"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// token returns a good token with what the change makes of it.
func token(t *testing.T, change func(*oidc.Claims)) string {
	t.Helper()
	return wiretest.Token(t, volcengine.Audience, change)
}

// withIssuer is a fixture whose provider has the keys of the tests' issuer.
func withIssuer(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	f := setUp(t, instances...)
	f.cloud.AddIssuer(wiretest.Issuer())
	return f
}

// sts has an HTTP client of its own, since the SDK writes into the transport that
// it is given.
func (f *fixture) sts(t *testing.T, id, secret, token string) *sts.STS {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	s, err := session.NewSession(sdk.NewConfig().
		WithRegion(region).WithEndpoint(f.server.URL()).WithMaxRetries(0).WithHTTPClient(client).
		WithCredentials(credentials.NewStaticCredentials(id, secret, token)))
	if err != nil {
		t.Fatal(err)
	}
	return sts.New(s)
}

// assume assumes simulator.OperatorRole with what the change makes of the request.
func (f *fixture) assume(t *testing.T, client *sts.STS, change func(*sts.AssumeRoleInput)) (*sts.AssumeRoleOutput,
	error,
) {
	t.Helper()
	in := &sts.AssumeRoleInput{
		RoleTrn:         sdk.String(volcengine.RoleTRN(volcengine.AccountID, simulator.OperatorRole)),
		RoleSessionName: sdk.String("laptop"),
	}
	if change != nil {
		change(in)
	}
	return client.AssumeRoleWithContext(t.Context(), in)
}

// federation are the parameters of a good AssumeRoleWithOIDC, over which the
// change is laid; an empty one is left out.
func federation(t *testing.T, change url.Values) url.Values {
	t.Helper()
	form := url.Values{
		"RoleTrn": {volcengine.RoleTRN(volcengine.AccountID, simulator.ApplyRole)}, "RoleSessionName": {"terraform-run-1"},
	}
	if !change.Has("OIDCToken") {
		form.Set("OIDCToken", token(t, nil))
	}
	for name := range change {
		if form.Del(name); change.Get(name) != "" {
			form.Set(name, change.Get(name))
		}
	}
	return form
}

// federate posts an AssumeRoleWithOIDC, with a request that the change has been
// at.
func (f *fixture) federate(t *testing.T, form url.Values, change func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		f.server.URL()+"/?Action=AssumeRoleWithOIDC&Version="+volcengine.TokenVersion,
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(r)
	}
	return f.do(t, r)
}

// grant is what an AssumeRoleWithOIDC gives.
type grant struct {
	Result struct {
		Credentials struct {
			CurrentTime, Expiration, ExpiredTime string
			AccessKeyID                          string `json:"AccessKeyId"`
			SecretAccessKey, SessionToken        string
		}
		AssumedRoleUser struct {
			Trn           string
			AssumedRoleID string `json:"AssumedRoleId"`
		}
		OIDCTokenInfo struct{ Subject, Issuer, ExpirationTime string }
	}
}

func granted(t *testing.T, a answer) grant {
	t.Helper()
	wantAnswer(t, a, "", http.StatusOK)
	var g grant
	if err := json.Unmarshal([]byte(a.body), &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func wantDescribe(t *testing.T, client *ecs.ECS, code string, status int) {
	t.Helper()
	_, err := client.DescribeInstancesWithContext(t.Context(), &ecs.DescribeInstancesInput{})
	if code != "" {
		wantError(t, err, code, status)
	} else if err != nil {
		t.Error(err)
	}
}

func TestKeysOfARole(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	byToken := granted(t, f.federate(t, federation(t, nil), nil)).Result
	byKey, err := f.assume(t, f.sts(t, demo.Lasting.AccessKeyID, demo.Lasting.Secret, ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, k := byToken.Credentials, byKey.Credentials
	if c.ExpiredTime != "" || k.ExpiredTime == nil || byToken.OIDCTokenInfo.Subject != wiretest.ApplyRun ||
		byToken.OIDCTokenInfo.Issuer != oidc.HCPTerraform {
		t.Errorf("by a token there is %+v, by a key %v", byToken, byKey)
	}
	if byToken.AssumedRoleUser.Trn != "trn:sts::2100000001:assumed-role/terraform-apply/terraform-run-1" ||
		!strings.HasSuffix(*byKey.AssumedRoleUser.AssumedRoleId, ":laptop") {
		t.Errorf("the users are %+v and %v", byToken.AssumedRoleUser, byKey.AssumedRoleUser)
	}
	for name, text := range map[string]string{"by a token": c.Expiration, "by a key": *k.ExpiredTime} {
		end, err := time.Parse(time.RFC3339, text)
		if left := time.Until(end); err != nil || left < 59*time.Minute || left > time.Hour {
			t.Errorf("%s: the end is %q (%v), want one in an hour", name, text, err)
		}
	}
	wantDescribe(t, f.client(t, region, c.AccessKeyID, c.SecretAccessKey, c.SessionToken), "", 0)
	wantDescribe(t, f.client(t, region, *k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken), "", 0)
	wantDescribe(t, f.client(t, region, c.AccessKeyID, c.SecretAccessKey, ""), "InvalidSecurityToken", 401)
	wantDescribe(t, f.client(t, region, c.AccessKeyID, c.SecretAccessKey, *k.SessionToken), "InvalidSecurityToken", 401)
	if n := f.cloud.ExpireIssued(); n != 2 {
		t.Errorf("%d keys were ended, want 2", n)
	}
	wantDescribe(t, f.client(t, region, c.AccessKeyID, c.SecretAccessKey, c.SessionToken), "ExpiredToken", 401)
	f.set(t, volcengine.ExpiredTokenCode, "InvalidSecurityToken")
	wantDescribe(t, f.client(t, region, c.AccessKeyID, c.SecretAccessKey, c.SessionToken), "InvalidSecurityToken", 401)
}

// TestTheVendorsOwnProvider lets the SDK make the exchange that its client has no
// operation for.
func TestTheVendorsOwnProvider(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	path := filepath.Join(t.TempDir(), "token")
	provider := credentials.NewOIDCCredentialsProviderWithOptions(path,
		volcengine.RoleTRN(volcengine.AccountID, simulator.ApplyRole), func(o *credentials.OIDCProviderOptions) {
			o.Schema, o.Endpoint, o.RoleSessionName, o.MaxRetries = "http", f.server.Address(), "vendor", sdk.Int(0)
		})
	for text, good := range map[string]bool{token(t, nil): true, token(t, nil) + "\n": false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := provider.Retrieve()
		if (err == nil) != good {
			t.Errorf("a token that is good: %v gives %v", good, err)
		}
		if good {
			wantDescribe(t, f.client(t, region, v.AccessKeyID, v.SecretAccessKey, v.SessionToken), "", 0)
		}
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	unsigned, err := wiretest.Issuer().Sign(map[string]any{"alg": "none"},
		oidc.Claims{Issuer: oidc.HCPTerraform, Expires: 4102444800})
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*oidc.Claims)) url.Values { return url.Values{"OIDCToken": {token(t, change)}} }
	role := func(account, name string) url.Values {
		return url.Values{"RoleTrn": {volcengine.RoleTRN(account, name)}}
	}
	good := token(t, nil)
	cut := strings.LastIndexByte(good, '.') + 1
	const wrong = "InvalidOIDCToken"
	for _, test := range []struct {
		name   string
		change url.Values
		code   string
		status int
	}{
		{"a good one", nil, "", 200},
		{"none", url.Values{"OIDCToken": nil}, "MissingParameter", 400},
		{"one that is too short", url.Values{"OIDCToken": {"abc"}}, "InvalidArgument", 400},
		{"one that is too long", url.Values{"OIDCToken": {strings.Repeat("a", 65537)}}, "InvalidArgument", 400},
		{"one of no form", url.Values{"OIDCToken": {"eyJh"}}, wrong, 400},
		{"one with a line break after it", url.Values{"OIDCToken": {good + "\n"}}, wrong, 400},
		{"no algorithm", url.Values{"OIDCToken": {unsigned}}, wrong, 400},
		{"a broken signature", url.Values{"OIDCToken": {good[:cut] + strings.Repeat("A", len(good)-cut)}}, wrong, 400},
		{"another issuer", with(func(c *oidc.Claims) { c.Issuer = "https://gitlab.com" }), wrong, 400},
		{"another audience", with(func(c *oidc.Claims) { c.Audience = oidc.Audience{"x"} }), wrong, 400},
		{"one that has expired", with(func(c *oidc.Claims) { c.Expires = time.Now().Unix() }), wrong, 400},
		{
			"one that is not valid yet", with(func(c *oidc.Claims) { c.NotBefore = time.Now().Add(time.Minute).Unix() }),
			wrong, 400,
		},
		{"another subject", with(func(c *oidc.Claims) { c.Subject = "project_path:g/p" }), "AccessDenied", 403},
		{"the other phase", role(volcengine.AccountID, simulator.PlanRole), "AccessDenied", 403},
		{"a role that does not exist", role(volcengine.AccountID, "none"), "RoleNotExist", 404},
		{"a role of an account without the provider", role(volcengine.SecondAccountID, simulator.OperatorRole), wrong, 400},
		{"a role with one colon", url.Values{"RoleTrn": {"trn:iam:2100000001:role/terraform-apply"}}, "InvalidArgument", 400},
		{"a session with a slash", url.Values{"RoleSessionName": {"a/b"}}, "InvalidArgument", 400},
		{"no session", url.Values{"RoleSessionName": nil}, "MissingParameter", 400},
		{"a provider", url.Values{"OIDCProviderTrn": {"x"}}, "InvalidArgument", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantAnswer(t, f.federate(t, federation(t, test.change), nil), test.code, test.status)
		})
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	role := func(account, name string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.RoleTrn = sdk.String(volcengine.RoleTRN(account, name)) }
	}
	policy := func(text string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.Policy = &text }
	}
	for _, test := range []struct {
		name, id, secret string
		change           func(*sts.AssumeRoleInput)
		code             string
		status           int
	}{
		{"a user", demo.Lasting.AccessKeyID, demo.Lasting.Secret, nil, "", 0},
		{"the account itself", demo.Main.AccessKeyID, demo.Main.Secret, nil, "AccessDenied", 403},
		{"a user without permission", demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret, nil, "AccessDenied", 403},
		{"a user of another account", demo.Second.AccessKeyID, demo.Second.Secret, nil, "AccessDenied", 403},
		{
			"his own role", demo.Second.AccessKeyID, demo.Second.Secret,
			role(volcengine.SecondAccountID, simulator.OperatorRole), "", 0,
		},
		{"an unknown key", "AKLTnobody", "x", nil, "InvalidAccessKey", 401},
		{
			"a role that trusts a provider", demo.Lasting.AccessKeyID, demo.Lasting.Secret,
			role(volcengine.AccountID, simulator.ApplyRole), "AccessDenied", 403,
		},
		{
			"a role that does not exist", demo.Lasting.AccessKeyID, demo.Lasting.Secret, role(volcengine.AccountID, "none"),
			"RoleNotExist", 404,
		},
		{
			"a policy", demo.Lasting.AccessKeyID, demo.Lasting.Secret,
			policy(`{"Statement":[{"Effect":"Allow","Action":["ecs:Describe*"],"Resource":["*"]}]}`), "", 0,
		},
		{"a policy that is none", demo.Lasting.AccessKeyID, demo.Lasting.Secret, policy(`{}`), "InvalidArgument", 400},
		{
			"a policy that is too long", demo.Lasting.AccessKeyID, demo.Lasting.Secret,
			policy(`{"Statement":[{"Effect":"Allow","Action":["` + strings.Repeat("x", 2048) + `"]}]}`), "InvalidArgument", 400,
		},
		{
			"a session of 65 letters", demo.Lasting.AccessKeyID, demo.Lasting.Secret,
			func(in *sts.AssumeRoleInput) { in.RoleSessionName = sdk.String(strings.Repeat("a", 65)) }, "InvalidArgument", 400,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.assume(t, f.sts(t, test.id, test.secret, ""), test.change)
			if test.code != "" {
				wantError(t, err, test.code, test.status)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestADurationIsClampedWithoutAnError(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	if err := f.cloud.SeedRoles(simulator.Role{
		Name: "short", MaxSession: simulator.Duration(2 * time.Hour),
		TrustPolicy: f.cloud.Roles()[2].TrustPolicy,
	}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		role    string
		seconds int32
		want    time.Duration
	}{
		{simulator.OperatorRole, 899, time.Hour},
		{simulator.OperatorRole, 900, 15 * time.Minute},
		{simulator.OperatorRole, 43200, 12 * time.Hour},
		{simulator.OperatorRole, 43201, 12 * time.Hour},
		{"short", 43200, 2 * time.Hour},
	} {
		got, err := f.assume(t, f.sts(t, demo.Lasting.AccessKeyID, demo.Lasting.Secret, ""), func(in *sts.AssumeRoleInput) {
			in.RoleTrn, in.DurationSeconds = sdk.String(volcengine.RoleTRN(volcengine.AccountID, test.role)), &test.seconds
		})
		if err != nil {
			t.Fatal(err)
		}
		since, err1 := time.Parse(time.RFC3339, *got.Credentials.CurrentTime)
		end, err2 := time.Parse(time.RFC3339, *got.Credentials.ExpiredTime)
		if life := end.Sub(since); errors.Join(err1, err2) != nil || life != test.want {
			t.Errorf("%d seconds of %s give %s, want %s", test.seconds, test.role, life, test.want)
		}
	}
}

func TestTheCallersIdentity(t *testing.T) {
	t.Parallel()
	f := withIssuer(t, simulator.Instance{ID: "i-1", Account: volcengine.SecondAccountID})
	k := granted(t, f.federate(t, federation(t, nil), nil)).Result.Credentials
	for _, test := range []struct {
		name, id, secret, token string
		account                 int64
		kind, trn               string
	}{
		{
			"a user", demo.Lasting.AccessKeyID, demo.Lasting.Secret, "", 2100000001, "User",
			"trn:iam::2100000001:user/simulator",
		},
		{
			"a user of the second account", demo.Second.AccessKeyID, demo.Second.Secret, "", 2100000101, "User",
			"trn:iam::2100000101:user/simulator",
		},
		{"the account", demo.Main.AccessKeyID, demo.Main.Secret, "", 2100000001, "Account", "trn:iam::2100000001:root"},
		{
			"a role", k.AccessKeyID, k.SecretAccessKey, k.SessionToken, 2100000001, "Role",
			"trn:sts::2100000001:assumed-role/terraform-apply/terraform-run-1",
		},
	} {
		got, err := f.sts(t, test.id, test.secret, test.token).GetCallerIdentityWithContext(t.Context(),
			&sts.GetCallerIdentityInput{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if *got.AccountId != test.account || *got.IdentityType != test.kind || *got.Trn != test.trn || *got.IdentityId == "" {
			t.Errorf("%s: it is %v", test.name, got)
		}
	}
	first, second := f.describe(t, nil), f.client(t, region, demo.Second.AccessKeyID, demo.Second.Secret, "")
	other, err := second.DescribeInstancesWithContext(t.Context(), &ecs.DescribeInstancesInput{})
	if err != nil || len(first.Instances) != 0 || len(other.Instances) != 1 {
		t.Errorf("the first account sees %d instances, the second %d (%v), want 0 and 1", len(first.Instances),
			len(other.Instances), err)
	}
}

func TestRequestsToTheTokenServiceThatAreWrong(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	stsOf := func(service string) func(*volcengine.Signing) {
		return func(s *volcengine.Signing) { s.Service = service }
	}
	for _, test := range []struct {
		name   string
		q      raw
		code   string
		status int
	}{
		{"a good one", raw{action: "GetCallerIdentity", version: volcengine.TokenVersion, sign: stsOf("sts")}, "", 200},
		{"signed for another service", raw{
			action: "GetCallerIdentity", version: volcengine.TokenVersion,
			sign: stsOf("ecs"),
		}, "ServiceNotFound", 404},
		{
			"another version",
			raw{action: "GetCallerIdentity", version: "2017-01-01", sign: stsOf("sts")},
			"InvalidActionOrVersion", 404,
		},
		{"no version", raw{action: "GetCallerIdentity", version: "none", sign: stsOf("sts")}, "MissingParameter", 400},
		{
			"an action that does not exist",
			raw{action: "AssumeThrone", version: volcengine.TokenVersion, sign: stsOf("sts")},
			"InvalidActionOrVersion", 404,
		},
		{"no signature", raw{
			action: "AssumeRole", version: volcengine.TokenVersion,
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
		}, "MissingAuthenticationToken", 401},
		{"an unknown parameter", raw{
			action: "GetCallerIdentity", version: volcengine.TokenVersion, query: "Color=red",
			sign: stsOf("sts"),
		}, "InvalidArgument", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantAnswer(t, f.send(t, test.q), test.code, test.status)
		})
	}
}

func TestTheNthExchangeFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble simulator.Trouble
		status  int
		issued  int
	}{
		"a throttle":   {simulator.Trouble{Kind: simulator.Throttle}, 429, 2},
		"a 5xx before": {simulator.Trouble{Kind: simulator.ServerError, Status: 503}, 503, 2},
		"a 5xx after":  {simulator.Trouble{Kind: simulator.ServerError, Status: 503, Effect: true}, 503, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withIssuer(t)
			test.trouble.Action, test.trouble.Skip, test.trouble.Count = simulator.TokenService, 1, 1
			f.trouble(t, test.trouble)
			for n, want := range []int{200, test.status, 200} {
				if got := f.federate(t, federation(t, nil), nil).status; got != want {
					t.Errorf("exchange %d: %d, want %d", n+1, got, want)
				}
			}
			if got := len(f.cloud.Issued()); got != test.issued {
				t.Errorf("keys were handed out %d times, want %d", got, test.issued)
			}
		})
	}
}

func TestTheClockIsTheClouds(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	f.cloud.SetClockOffset(10 * time.Minute)
	f.cloud.SetKeyLife(4 * time.Minute)
	a := f.federate(t, federation(t, url.Values{"DurationSeconds": {"900"}}), nil)
	k := granted(t, a).Result.Credentials
	date, err1 := http.ParseTime(a.header.Get("Date"))
	now, err2 := time.Parse(time.RFC3339, k.CurrentTime)
	end, err3 := time.Parse(time.RFC3339, k.Expiration)
	if err := errors.Join(err1, err2, err3); err != nil || end.Sub(now) != 4*time.Minute ||
		time.Until(date) < 9*time.Minute || time.Until(now) < 9*time.Minute {
		t.Errorf("the date is %s, the keys live from %s to %s (%v)", date, now, end, err)
	}
	mine := f.client(t, region, k.AccessKeyID, k.SecretAccessKey, k.SessionToken)
	wantDescribe(t, mine, "", 0)
	f.cloud.SetClockOffset(14 * time.Minute)
	wantDescribe(t, mine, "ExpiredToken", 401)
	var failure volcengineerr.RequestFailure
	f.cloud.SetClockOffset(16 * time.Minute)
	if _, err := f.sts(t, demo.Lasting.AccessKeyID, demo.Lasting.Secret, "").GetCallerIdentityWithContext(t.Context(),
		&sts.GetCallerIdentityInput{}); !errors.As(err, &failure) || failure.Code() != "InvalidTimestamp" {
		t.Errorf("a signature that is 16 minutes old gives %v", err)
	}
}
