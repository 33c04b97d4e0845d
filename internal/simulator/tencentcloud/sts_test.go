package tencentcloud_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"
	sts "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sts/v20180813"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// token returns a good token with what the change makes of it.
func token(t *testing.T, change func(*oidc.Claims)) string {
	t.Helper()
	return wiretest.Token(t, tencentcloud.Audience, change)
}

// withIssuer is a fixture whose provider has the keys of the tests' issuer.
func withIssuer(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	f := setUp(t, instances...)
	f.cloud.AddIssuer(wiretest.Issuer())
	return f
}

func (f *fixture) sts(t *testing.T, credential common.CredentialIface) *sts.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.Language = "en-US"
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.Endpoint = f.server.Address()
	client, err := sts.NewClient(credential, region, p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func demoKey() common.CredentialIface {
	return common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret)
}

type (
	webIdentity = sts.AssumeRoleWithWebIdentityRequest
	assumption  = sts.AssumeRoleRequest
)

// federate exchanges a good token with what the change makes of the request.
func (f *fixture) federate(t *testing.T, change func(*webIdentity)) (*sts.AssumeRoleWithWebIdentityResponse, error) {
	t.Helper()
	req := sts.NewAssumeRoleWithWebIdentityRequest()
	req.SetSkipSign(true)
	req.ProviderId, req.RoleSessionName = common.StringPtr(simulator.ProviderName), common.StringPtr("terraform-run-1")
	req.RoleArn = common.StringPtr(tencentcloud.RoleARN(tencentcloud.AccountID, simulator.ApplyRole))
	if change != nil {
		change(req)
	}
	if req.WebIdentityToken == nil {
		req.WebIdentityToken = common.StringPtr(token(t, nil))
	}
	return f.sts(t, nil).AssumeRoleWithWebIdentityWithContext(t.Context(), req)
}

// assume assumes simulator.OperatorRole with a key and what the change makes of the
// request.
func (f *fixture) assume(t *testing.T, credential common.CredentialIface,
	change func(*assumption),
) (*sts.AssumeRoleResponse, error) {
	t.Helper()
	req := sts.NewAssumeRoleRequest()
	req.RoleSessionName = common.StringPtr("laptop")
	req.RoleArn = common.StringPtr(tencentcloud.RoleARN(tencentcloud.AccountID, simulator.OperatorRole))
	if change != nil {
		change(req)
	}
	return f.sts(t, credential).AssumeRoleWithContext(t.Context(), req)
}

func temporary(c *sts.Credentials) *common.Credential {
	return common.NewTokenCredential(*c.TmpSecretId, *c.TmpSecretKey, *c.Token)
}

func (f *fixture) describeWith(t *testing.T, credential common.CredentialIface) error {
	t.Helper()
	_, err := f.client(t, credential, region, nil).DescribeInstancesWithContext(t.Context(),
		cvm.NewDescribeInstancesRequest())
	return err
}

func TestKeysOfARole(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	federated, err := f.federate(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	assumed, err := f.assume(t, demoKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, c *sts.Credentials, expired any, text string) {
		t.Helper()
		end, err := time.Parse(time.RFC3339, text)
		if left := time.Until(end); err != nil || fmt.Sprint(end.Unix()) != fmt.Sprint(expired) ||
			left < 119*time.Minute || left > 2*time.Hour {
			t.Errorf("%s: the end is %q and %v (%v), want both two hours from now", name, text, expired, err)
		}
		wantCode(t, f.describeWith(t, temporary(c)), "")
		wantCode(t, f.describeWith(t, common.NewCredential(*c.TmpSecretId, *c.TmpSecretKey)), "AuthFailure.TokenFailure")
	}
	one, two := federated.Response.Credentials, assumed.Response.Credentials
	check("by a token", one, *federated.Response.ExpiredTime, *federated.Response.Expiration)
	check("by a key", two, *assumed.Response.ExpiredTime, *assumed.Response.Expiration)
	wantCode(t, f.describeWith(t, common.NewTokenCredential(*one.TmpSecretId, *one.TmpSecretKey, *two.Token)),
		"AuthFailure.TokenFailure")
	if n := f.cloud.ExpireIssued(); n != 2 {
		t.Errorf("%d keys were ended, want 2", n)
	}
	wantCode(t, f.describeWith(t, temporary(one)), "AuthFailure.TokenFailure")
	wantCode(t, f.describeWith(t, demoKey()), "")
	want := map[string]int{
		"AssumeRoleWithWebIdentity qcs::cam::uin/100000000001:roleName/terraform-apply": 1,
		"AssumeRole qcs::cam::uin/100000000001:roleName/operator":                       1,
	}
	if diff := cmp.Diff(want, f.cloud.ExchangeCounts()); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
}

func TestKeysEndByTheCloudsClock(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	f.cloud.SetKeyLife(2 * time.Minute)
	got, err := f.assume(t, demoKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	mine := temporary(got.Response.Credentials)
	wantCode(t, f.describeWith(t, mine), "")
	f.cloud.SetClockOffset(2 * time.Minute)
	wantCode(t, f.describeWith(t, mine), "AuthFailure.TokenFailure")
	f.cloud.SetClockOffset(-10 * time.Minute)
	wantCode(t, f.describeWith(t, mine), "AuthFailure.SignatureExpire")
	if _, err := f.assume(t, demoKey(), nil); code(err) != "AuthFailure.SignatureExpire" {
		t.Errorf("a signed exchange: %v", err)
	}
	if _, err := f.federate(t, nil); err != nil {
		t.Errorf("an exchange that is not signed: %v", err)
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	if err := f.cloud.SeedProviders(
		simulator.OIDCProvider{
			Name: "unreachable", Issuer: oidc.HCPTerraform, Audiences: []string{tencentcloud.Audience},
			Unreachable: true,
		},
	); err != nil {
		t.Fatal(err)
	}
	const wrong = "InvalidParameter.WebIdentityTokenError"
	with := func(change func(*oidc.Claims)) func(*webIdentity) {
		return func(r *webIdentity) { r.WebIdentityToken = common.StringPtr(token(t, change)) }
	}
	text := func(s string) func(*webIdentity) {
		return func(r *webIdentity) { r.WebIdentityToken = common.StringPtr(s) }
	}
	role := func(arn string) func(*webIdentity) {
		return func(r *webIdentity) { r.RoleArn = common.StringPtr(arn) }
	}
	unsigned, err := wiretest.Issuer().Sign(map[string]any{"alg": "none"},
		oidc.Claims{Issuer: oidc.HCPTerraform, Expires: 4102444800})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(*webIdentity)
		code   string
	}{
		{"a good one", nil, ""},
		{"the role by its id", role(tencentcloud.RoleARNByID(tencentcloud.AccountID, simulator.ApplyRole)), ""},
		{"one with a line break after it", text(token(t, nil) + "\n"), wrong},
		{"one of no form", text("eyJ"), wrong},
		{"no algorithm", text(unsigned), wrong},
		{"a broken signature", text(wiretest.SpoilToken(token(t, nil))), wrong},
		{"another issuer", with(func(c *oidc.Claims) { c.Issuer = "https://gitlab.com" }), wrong},
		{"another audience", with(func(c *oidc.Claims) { c.Audience = oidc.Audience{"x"} }), wrong},
		{"one that has expired", with(func(c *oidc.Claims) { c.Expires = time.Now().Unix() }), wrong},
		{"one that is not valid yet", with(func(c *oidc.Claims) { c.NotBefore = time.Now().Add(time.Minute).Unix() }), wrong},
		{"a provider without keys", func(r *webIdentity) { r.ProviderId = common.StringPtr("unreachable") }, wrong},
		{"another subject", with(func(c *oidc.Claims) { c.Subject = "project_path:g/p" }), "UnauthorizedOperation"},
		{
			"the other phase", role(tencentcloud.RoleARN(tencentcloud.AccountID, simulator.PlanRole)),
			"UnauthorizedOperation",
		},
		{
			"a role that trusts an account", role(tencentcloud.RoleARN(tencentcloud.AccountID, simulator.OperatorRole)),
			"UnauthorizedOperation",
		},
		{"a role of no form", role("terraform-apply"), "InvalidParameter.ParamError"},
		{
			"a session with a slash", func(r *webIdentity) { r.RoleSessionName = common.StringPtr("a/b") },
			"InvalidParameter.ParamError",
		},
		{
			"a session of one letter", func(r *webIdentity) { r.RoleSessionName = common.StringPtr("a") },
			"InvalidParameter.ParamError",
		},
		{"no session", func(r *webIdentity) { r.RoleSessionName = nil }, "MissingParameter"},
		{"no provider", func(r *webIdentity) { r.ProviderId = nil }, "MissingParameter"},
		{
			"longer than half a day", func(r *webIdentity) { r.DurationSeconds = common.Int64Ptr(43201) },
			"InvalidParameter.ParamError",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// The limit of calls is that of a second, and other tests of it run here.
			f.cloud.LimitRates(false)
			_, err := f.federate(t, test.change)
			wantCode(t, err, test.code)
		})
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	if err := f.cloud.SeedRoles(simulator.Role{
		Name: "short", MaxSession: simulator.Duration(time.Hour),
		TrustPolicy: []byte(
			`{"version":"2.0","statement":[{"effect":"allow","action":"name/sts:AssumeRole",
 "principal":{"qcs":["qcs::cam::uin/` + tencentcloud.AccountID + `:root"]},
 "condition":{"string_equal":{"sts:external_id":"agreed"}}}]}`),
	}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		`{}`, `{"statement":[{"effect":"maybe","action":"*","principal":{"qcs":"*"}}]}`,
		`{"statement":[{"effect":"allow","action":"*"}]}`,
		`{"statement":[{"effect":"allow","action":"*","principal":{"qcs":"*"},"condition":{"StringEquals":{"a":"b"}}}]}`,
		`{"statement":[{"effect":"allow","action":"*","principal":{"qcs":"*"},"notaction":"x"}]}`,
	} {
		if err := f.cloud.SeedRoles(simulator.Role{
			Name:        "bad",
			TrustPolicy: json.RawMessage(bad),
		}); (err == nil) != (bad == `{}`) {
			t.Errorf("the trust policy %s gives %v", bad, err)
		}
	}
	short := func(id string, seconds uint64) func(*assumption) {
		return func(r *assumption) {
			r.RoleArn, r.DurationSeconds = common.StringPtr(tencentcloud.RoleARN(tencentcloud.AccountID, "short")), &seconds
			if id != "" {
				r.ExternalId = &id
			}
		}
	}
	policy := func(text string) func(*assumption) { return func(r *assumption) { r.Policy = &text } }
	role := func(account, name string) func(*assumption) {
		return func(r *assumption) { r.RoleArn = common.StringPtr(tencentcloud.RoleARN(account, name)) }
	}
	const narrow = `{"version":"2.0","statement":[{"effect":"allow","action":["cvm:Describe*"],"resource":["*"]}]}`
	for _, test := range []struct {
		name       string
		credential common.CredentialIface
		change     func(*assumption)
		code       string
	}{
		{"a user", demoKey(), nil, ""},
		{
			"a user without permission", common.NewCredential(demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret), nil,
			"UnauthorizedOperation",
		},
		{
			"a user of another account", common.NewCredential(demo.Second.AccessKeyID, demo.Second.Secret), nil,
			"UnauthorizedOperation",
		},
		{
			"his own role", common.NewCredential(demo.Second.AccessKeyID, demo.Second.Secret),
			role(tencentcloud.SecondAccountID, simulator.OperatorRole), "",
		},
		{"an unknown key", common.NewCredential("AKIDnobody", "x"), nil, "AuthFailure.SecretIdNotFound"},
		{"a role that does not exist", demoKey(), role(tencentcloud.AccountID, "none"), "ResourceNotFound.RoleNotFound"},
		{
			"a role that trusts a provider", demoKey(), role(tencentcloud.AccountID, simulator.ApplyRole),
			"UnauthorizedOperation",
		},
		{"the external id", demoKey(), short("agreed", 3600), ""},
		{"another external id", demoKey(), short("other", 3600), "UnauthorizedOperation"},
		{"no external id", demoKey(), short("", 3600), "UnauthorizedOperation"},
		{"an external id of one letter", demoKey(), short("a", 3600), "InvalidParameter.ParamError"},
		{"longer than the role allows", demoKey(), short("agreed", 3601), "InvalidParameter.OverTimeError"},
		{"longer than any role can allow", demoKey(), short("agreed", 43201), "InvalidParameter.OverTimeError"},
		{"the usual duration as zero", demoKey(), func(r *assumption) { r.DurationSeconds = common.Uint64Ptr(0) }, ""},
		{"a policy that is encoded", demoKey(), policy(url.QueryEscape(narrow)), ""},
		{"a policy with spaces as %20", demoKey(), policy(url.PathEscape(narrow)), "InvalidParameter.StrategyFormatError"},
		{"a policy that is not encoded", demoKey(), policy(narrow), "InvalidParameter.StrategyFormatError"},
		{
			"a policy that is encoded twice", demoKey(), policy(url.QueryEscape(url.QueryEscape(narrow))),
			"InvalidParameter.StrategyFormatError",
		},
		{
			"a code of a device", demoKey(), func(r *assumption) { r.TokenCode = common.StringPtr("123456") },
			"FailedOperation.CheckMFAError",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.assume(t, test.credential, test.change)
			wantCode(t, err, test.code)
		})
	}
}

func TestAPolicyNarrowsTheKeys(t *testing.T) {
	t.Parallel()
	f := withIssuer(t, simulator.Instance{ID: "ins-00000001"})
	encoded := url.QueryEscape(`{"version":"2.0","statement":[{"effect":"allow","action":["cvm:Describe*"]}]}`)
	narrow, err := f.assume(t, demoKey(), func(r *assumption) { r.Policy = &encoded })
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.federate(t, func(r *webIdentity) {
		r.RoleArn = common.StringPtr(tencentcloud.RoleARN(tencentcloud.AccountID, simulator.PlanRole))
		r.WebIdentityToken = common.StringPtr(token(t,
			func(c *oidc.Claims) { c.Subject = strings.Replace(wiretest.ApplyRun, "apply", "plan", 1) }))
	})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := f.assume(t, demoKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		credentials *sts.Credentials
		code        string
	}{
		"a policy of the caller": {narrow.Response.Credentials, "UnauthorizedOperation"},
		"a policy of the role":   {plan.Response.Credentials, "UnauthorizedOperation"},
		"no policy":              {whole.Response.Credentials, ""},
	} {
		mine := temporary(test.credentials)
		wantCode(t, f.describeWith(t, mine), "")
		req := cvm.NewStopInstancesRequest()
		req.InstanceIds = common.StringPtrs([]string{"ins-00000001"})
		_, err := f.client(t, mine, region, nil).StopInstancesWithContext(t.Context(), req)
		if code(err) != test.code {
			t.Errorf("%s: a stop gives %v, want %q", name, err, test.code)
		}
	}
}

func TestTheCallersIdentity(t *testing.T) {
	t.Parallel()
	f := withIssuer(t, simulator.Instance{ID: "ins-00000001", Account: tencentcloud.SecondAccountID})
	got, err := f.federate(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	second := common.NewCredential(demo.Second.AccessKeyID, demo.Second.Secret)
	for _, test := range []struct {
		name               string
		credential         common.CredentialIface
		account, kind, arn string
	}{
		{"a user", demoKey(), tencentcloud.AccountID, "CAMUser", "qcs::cam::uin/100000000001:uin/2"},
		{"a user of the second account", second, tencentcloud.SecondAccountID, "CAMUser", "qcs::cam::uin/100000000101:uin/2"},
		{
			"the account", common.NewCredential(demo.Main.AccessKeyID, demo.Main.Secret), tencentcloud.AccountID,
			"RootAccount", "qcs::cam::uin/100000000001:root",
		},
		{
			"a role", temporary(got.Response.Credentials), tencentcloud.AccountID, "CAMRole",
			"qcs::sts:100000000001:assumed-role/46116860184",
		},
	} {
		resp, err := f.sts(t, test.credential).GetCallerIdentityWithContext(t.Context(), sts.NewGetCallerIdentityRequest())
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		r := resp.Response
		if *r.AccountId != test.account || *r.Type != test.kind || !strings.HasPrefix(*r.Arn, test.arn) ||
			*r.RequestId == "" {
			t.Errorf("%s: it is %s, %s, %s", test.name, *r.AccountId, *r.Type, *r.Arn)
		}
	}
	for name, credential := range map[string]common.CredentialIface{"first": demoKey(), "second": second} {
		resp, err := f.client(t, credential, region, nil).DescribeInstancesWithContext(t.Context(),
			cvm.NewDescribeInstancesRequest())
		if err != nil || len(resp.Response.InstanceSet) == 1 != (name == "second") {
			t.Errorf("the %s account sees %v (%v)", name, resp, err)
		}
	}
}
