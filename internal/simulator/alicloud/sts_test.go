package alicloud_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// token returns a good token with what the change makes of it.
func token(t *testing.T, change func(*oidc.Claims)) string {
	t.Helper()
	return wiretest.Token(t, alicloud.Audience, change)
}

// sts calls an action of the token service with its parameters in the form.
func (f *fixture) sts(t *testing.T, client *openapi.Client, action string, form object) (object, error) {
	t.Helper()
	auth := "AK"
	if action == "AssumeRoleWithOIDC" {
		auth = "Anonymous"
	}
	result, err := client.CallApiWithCtx(t.Context(), &openapi.Params{
		Action: dara.String(action), Version: dara.String(alicloud.TokenVersion), Protocol: dara.String("HTTPS"),
		Method:   dara.String("POST"),
		AuthType: dara.String(auth), Style: dara.String("ROA"), Pathname: dara.String("/"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapi.OpenApiRequest{Body: form}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, _ := result["body"].(object)
	return body, nil
}

// federation is a good AssumeRoleWithOIDC, over which the change is laid.
func federation(t *testing.T, change object) object {
	t.Helper()
	form := object{
		"RoleArn": alicloud.RoleARN(alicloud.AccountID, simulator.ApplyRole), "RoleSessionName": "terraform-run-1",
		"OIDCProviderArn": alicloud.ProviderARN(alicloud.AccountID, simulator.ProviderName),
	}
	for name, value := range change {
		form[name] = value
	}
	if _, ok := form["OIDCToken"]; !ok {
		form["OIDCToken"] = token(t, nil)
	}
	for name, value := range form {
		if value == nil {
			delete(form, name)
		}
	}
	return form
}

func assumption(change object) object {
	form := object{"RoleArn": alicloud.RoleARN(alicloud.AccountID, simulator.OperatorRole), "RoleSessionName": "laptop"}
	for name, value := range change {
		form[name] = value
	}
	return form
}

// role names a role of the first account, provider one of its providers.
func role(name string) object { return object{"RoleArn": alicloud.RoleARN(alicloud.AccountID, name)} }

func provider(name string) object {
	return object{"OIDCProviderArn": alicloud.ProviderARN(alicloud.AccountID, name)}
}

// planning is a good AssumeRoleWithOIDC of the other phase for its role.
func planning(t *testing.T, change object) object {
	t.Helper()
	form := federation(t, object{
		"RoleArn":   alicloud.RoleARN(alicloud.AccountID, simulator.PlanRole),
		"OIDCToken": token(t, func(c *oidc.Claims) { c.Subject = strings.Replace(wiretest.ApplyRun, "apply", "plan", 1) }),
	})
	for name, value := range change {
		form[name] = value
	}
	return form
}

// withIssuer is a fixture whose provider has the keys of the tests' issuer.
func withIssuer(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	f := setUp(t, instances...)
	f.cloud.AddIssuer(wiretest.Issuer())
	return f
}

func (f *fixture) with(t *testing.T, id, secret, token string) *openapi.Client {
	t.Helper()
	return f.client(t, func(c *openapi.Config) {
		c.AccessKeyId, c.AccessKeySecret = dara.String(id), dara.String(secret)
		if token != "" {
			c.SecurityToken, c.Type = dara.String(token), dara.String("sts")
		}
	})
}

// keys are those of an answer.
type keys struct{ id, secret, token, expiration string }

func keysOf(t *testing.T, body object, err error) keys {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, ok := body["Credentials"].(object)
	if !ok {
		t.Fatalf("there are no credentials in %v", body)
	}
	text := func(name string) string { s, _ := c[name].(string); return s }
	return keys{text("AccessKeyId"), text("AccessKeySecret"), text("SecurityToken"), text("Expiration")}
}

// describeWith describes all instances with some keys.
func (f *fixture) describeWith(t *testing.T, client *openapi.Client) error {
	t.Helper()
	_, err := send(t.Context(), client, "DescribeInstances", alicloud.Version,
		&openapi.OpenApiRequest{Query: map[string]*string{"RegionId": dara.String(region)}})
	return err
}

func TestKeysOfARole(t *testing.T) {
	t.Parallel()
	for name, exchange := range map[string]func(*testing.T, *fixture) (object, error){
		"by a key": func(t *testing.T, f *fixture) (object, error) {
			t.Helper()
			return f.sts(t, f.sdk, "AssumeRole", assumption(role(simulator.OperatorRole)))
		},
		"by a token": func(t *testing.T, f *fixture) (object, error) {
			t.Helper()
			return f.sts(t, f.client(t, nil), "AssumeRoleWithOIDC", federation(t, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withIssuer(t, simulator.Instance{ID: one})
			body, err := exchange(t, f)
			got := keysOf(t, body, err)
			call := f.last()
			if !strings.HasPrefix(got.id, "STS.") || call.Issued != got.id || call.Service != simulator.TokenService {
				t.Errorf("keys are %s, the log has %+v", got.id, call)
			}
			end, err := time.Parse("2006-01-02T15:04:05Z", got.expiration)
			if left := time.Until(end); err != nil || left < 59*time.Minute || left > time.Hour {
				t.Errorf("the end is %q (%v), want one in an hour", got.expiration, err)
			}
			if user, _ := body["AssumedRoleUser"].(object); !strings.HasPrefix(fmt.Sprint(user["Arn"]), call.Role+"/") {
				t.Errorf("the user is %v", user)
			}
			wantRefusal(t, f.describeWith(t, f.with(t, got.id, got.secret, got.token)), "", 0)
			wantRefusal(t, f.describeWith(t, f.with(t, got.id, got.secret, "")), "MissingSecurityToken", 400)
			other := keysOf(t, must(f.sts(t, f.sdk, "AssumeRole", assumption(nil)))(t), nil)
			wantRefusal(t, f.describeWith(t, f.with(t, got.id, got.secret, other.token)), "InvalidSecurityToken.Malformed", 400)
			if n := f.cloud.ExpireIssued(); n != 2 {
				t.Errorf("%d keys were ended, want 2", n)
			}
			wantRefusal(t, f.describeWith(t, f.with(t, got.id, got.secret, got.token)), "InvalidSecurityToken.Expired", 400)
		})
	}
}

// must makes a function that fails the test on the error.
func must(body object, err error) func(*testing.T) object {
	return func(t *testing.T) object {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
}

func TestKeysEndByTheCloudsClock(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	f.cloud.SetClockOffset(10 * time.Minute)
	f.cloud.SetKeyLife(4 * time.Minute)
	body, err := f.sts(t, f.sdk, "AssumeRole", assumption(object{"DurationSeconds": 3600}))
	got := keysOf(t, body, err)
	end, err := time.Parse("2006-01-02T15:04:05Z", got.expiration)
	if left := time.Until(end); err != nil || left < 13*time.Minute || left > 14*time.Minute {
		t.Errorf("the end is %q (%v), want one in 14 minutes of this machine's clock", got.expiration, err)
	}
	mine := f.with(t, got.id, got.secret, got.token)
	wantRefusal(t, f.describeWith(t, mine), "", 0)
	f.cloud.SetClockOffset(14 * time.Minute)
	wantRefusal(t, f.describeWith(t, mine), "InvalidSecurityToken.Expired", 400)
	f.cloud.SetClockOffset(-16 * time.Minute)
	wantRefusal(t, f.describeWith(t, mine), "InvalidTimeStamp.Expired", 400)
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	for _, p := range []simulator.OIDCProvider{
		{Name: "unreachable", Issuer: oidc.HCPTerraform, Audiences: []string{alicloud.Audience}, Unreachable: true},
		{Name: "without-keys", Issuer: "https://gitlab.com", Audiences: []string{alicloud.Audience}},
	} {
		if err := f.cloud.SeedProviders(p); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(header map[string]any, claims oidc.Claims) string {
		text, err := wiretest.Issuer().Sign(header, claims)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	const prefix, denied = "AuthenticationFail.OIDCToken.", "AuthenticationFail.NoPermission"
	with := func(change func(*oidc.Claims)) object { return object{"OIDCToken": token(t, change)} }
	good := oidc.Claims{
		Issuer: oidc.HCPTerraform, Subject: wiretest.ApplyRun, Audience: oidc.Audience{alicloud.Audience},
		Expires: time.Now().Add(time.Hour).Unix(),
	}
	for _, test := range []struct {
		name   string
		change object
		code   string
		status int
	}{
		{"a good one", nil, "", 0},
		{"one of two audiences", with(func(c *oidc.Claims) { c.Audience = oidc.Audience{"x", alicloud.Audience} }), "", 0},
		{"none", object{"OIDCToken": nil}, prefix + "Invalid", 401},
		{"one that is too long", object{"OIDCToken": strings.Repeat("x", 20001)}, prefix + "Invalid", 401},
		{"one of two parts", object{"OIDCToken": "eyJh.eyJi"}, prefix + "Invalid", 401},
		{"one with a line break after it", object{"OIDCToken": token(t, nil) + "\n"}, prefix + "Invalid", 401},
		{"no algorithm", object{"OIDCToken": sign(map[string]any{"alg": "none"}, good)}, prefix + "Invalid", 401},
		{"another algorithm", object{"OIDCToken": sign(map[string]any{"alg": "HS256"}, good)}, prefix + "Invalid", 401},
		{"another issuer", with(func(c *oidc.Claims) { c.Issuer = "https://gitlab.com" }), prefix + "Invalid", 401},
		{
			"another audience", with(func(c *oidc.Claims) { c.Audience = oidc.Audience{"x"} }), prefix + "AudienceNotMatch",
			401,
		},
		{
			"one that has expired", with(func(c *oidc.Claims) { c.Expires = time.Now().Add(-time.Second).Unix() }),
			prefix + "Expired", 401,
		},
		{
			"one that is not valid yet", with(func(c *oidc.Claims) { c.NotBefore = time.Now().Add(time.Minute).Unix() }),
			prefix + "Invalid", 401,
		},
		{"a key of nobody", object{"OIDCToken": sign(map[string]any{"kid": "x"}, good)}, prefix + "InvalidSignature", 401},
		{"a broken signature", object{"OIDCToken": wiretest.SpoilToken(sign(nil, good))}, prefix + "InvalidSignature", 401},
		{"a provider that cannot be reached", provider("unreachable"), prefix + "HttpsUrlInvalid", 401},
		{"a provider that does not exist", provider("none"), denied, 401},
		{"another subject", with(func(c *oidc.Claims) { c.Subject = "project_path:g/p" }), denied, 401},
		{"the other phase", role(simulator.PlanRole), denied, 401},
		{"a role that trusts no provider", role(simulator.OperatorRole), denied, 401},
		{"a role that trusts nobody", role(simulator.MachineRole), denied, 401},
		{"a role that does not exist", role("none"), denied, 401},
		{
			"a role of another account",
			object{"RoleArn": alicloud.RoleARN(alicloud.SecondAccountID, simulator.ApplyRole)},
			denied, 401,
		},
		{"no provider", object{"OIDCProviderArn": nil}, "MissingOIDCProviderArn", 400},
		{"a provider of no form", object{"OIDCProviderArn": "app.terraform.io"}, "InvalidParameter.OIDCProviderArn", 400},
		{"an external id", object{"ExternalId": "abc"}, "InvalidParameter", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.sts(t, f.client(t, nil), "AssumeRoleWithOIDC", federation(t, test.change))
			wantRefusal(t, err, test.code, test.status)
		})
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	if err := f.cloud.SeedRoles(
		simulator.Role{Name: "short", MaxSession: simulator.Duration(time.Hour), TrustPolicy: []byte(`{"Version":"1",
 "Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":"acs:ram::` + alicloud.AccountID +
			`:user/simulator"},"Condition":{"StringEquals":{"sts:ExternalId":"agreed"}}}]}`)},
		simulator.Role{Account: alicloud.SecondAccountID, Name: "shared", TrustPolicy: []byte(`{"Version":"1","Statement":[
 {"Effect":"Allow","Action":"*","Principal":{"RAM":["acs:ram::` + alicloud.AccountID + `:root"]}},
 {"Effect":"Deny","Action":"sts:*","Principal":{"RAM":["acs:ram::` + alicloud.AccountID + `:user/mallory"]}}]}`)},
	); err != nil {
		t.Fatal(err)
	}
	f.cloud.Accept(simulator.Credential{AccessKeyID: "LTAI-mallory", Secret: "s", User: "mallory"})
	short := alicloud.RoleARN(alicloud.AccountID, "short")
	shared := alicloud.RoleARN(alicloud.SecondAccountID, "shared")
	for _, test := range []struct {
		name, id, secret string
		change           object
		code             string
		status           int
	}{
		{"a user", "", "", nil, "", 0},
		{"the account itself", demo.Main.AccessKeyID, demo.Main.Secret, nil, "NoPermission", 403},
		{"a user without permission", demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret, nil, "NoPermission", 403},
		{"a user of another account", demo.Second.AccessKeyID, demo.Second.Secret, nil, "NoPermission", 403},
		{"a role of another account that trusts this one", "", "", object{"RoleArn": shared}, "", 0},
		{"a user whom that role denies", "LTAI-mallory", "s", object{"RoleArn": shared}, "NoPermission", 403},
		{"a role that trusts a provider only", "", "", role(simulator.ApplyRole), "NoPermission", 403},
		{"a role that does not exist", "", "", role("none"), "EntityNotExist.Role", 404},
		{"a role of no form", "", "", object{"RoleArn": "operator"}, "InvalidParameter.RoleArn", 400},
		{"no role", "", "", object{"RoleArn": ""}, "MissingRoleArn", 400},
		{"the external id", "", "", object{"RoleArn": short, "ExternalId": "agreed"}, "", 0},
		{"another external id", "", "", object{"RoleArn": short, "ExternalId": "other"}, "NoPermission", 403},
		{"no external id", "", "", object{"RoleArn": short}, "NoPermission", 403},
		{"an external id of one letter", "", "", object{"ExternalId": "a"}, "InvalidParameter.ExternalId", 400},
		{
			"longer than the role allows", "", "",
			object{"RoleArn": short, "ExternalId": "agreed", "DurationSeconds": 3601},
			"InvalidParameter.DurationSeconds", 400,
		},
		{"as long as any role can allow", "", "", object{"DurationSeconds": 43200}, "", 0},
		{"longer than that", "", "", object{"DurationSeconds": 43201}, "InvalidParameter.DurationSeconds", 400},
		{"the least duration", "", "", object{"DurationSeconds": 900}, "", 0},
		{"too short", "", "", object{"DurationSeconds": 899}, "InvalidParameter.DurationSeconds", 400},
		{"a duration that is none", "", "", object{"DurationSeconds": "1h"}, "InvalidParameter.DurationSeconds", 400},
		{"a session of one letter", "", "", object{"RoleSessionName": "a"}, "InvalidParameter.RoleSessionName", 400},
		{"a session with a slash", "", "", object{"RoleSessionName": "a/b"}, "InvalidParameter.RoleSessionName", 400},
		{
			"a session of 65 letters", "", "",
			object{"RoleSessionName": strings.Repeat("a", 65)},
			"InvalidParameter.RoleSessionName", 400,
		},
		{"a policy that is no JSON", "", "", object{"Policy": "%7B%7D"}, "InvalidParameter.PolicyGrammar", 400},
		{
			"a policy with a principal", "", "",
			object{"Policy": `{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"RAM":["*"]}}]}`},
			"InvalidParameter.PolicyGrammar", 400,
		},
		{
			"a policy that is too long", "", "",
			object{"Policy": strings.Repeat("x", 2049)},
			"InvalidParameter.PolicySize",
			400,
		},
		{"an unknown parameter", "", "", object{"OIDCToken": "x"}, "InvalidParameter", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := f.client(t, nil)
			if test.id != "" {
				client = f.with(t, test.id, test.secret, "")
			}
			_, err := f.sts(t, client, "AssumeRole", assumption(test.change))
			wantRefusal(t, err, test.code, test.status)
		})
	}
}

func TestAPolicyNarrowsTheKeys(t *testing.T) {
	t.Parallel()
	f := withIssuer(t, simulator.Instance{ID: one})
	for name, test := range map[string]struct {
		form           object
		oidc           bool
		describe, stop string
	}{
		"no policy": {assumption(nil), false, "", ""},
		"a policy of the caller": {
			assumption(object{"Policy": `{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:Describe*"}]}`}),
			false, "", "Forbidden.RAM",
		},
		"a policy of the role": {planning(t, nil), true, "", "Forbidden.RAM"},
		"both, which leave nothing": {
			planning(t, object{"Policy": `{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:Stop*"}]}`}),
			true, "", "Forbidden.RAM",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			action := "AssumeRole"
			if test.oidc {
				action = "AssumeRoleWithOIDC"
			}
			body, err := f.sts(t, f.client(t, nil), action, test.form)
			k := keysOf(t, body, err)
			mine := f.with(t, k.id, k.secret, k.token)
			wantRefusal(t, f.describeWith(t, mine), test.describe, 0)
			status := 403
			if test.stop == "" {
				status = 0
			}
			_, err = send(t.Context(), mine, "StopInstance", alicloud.Version,
				&openapi.OpenApiRequest{Query: map[string]*string{"InstanceId": dara.String(one)}})
			wantRefusal(t, err, test.stop, status)
			_, err = f.sts(t, mine, "AssumeRole", assumption(nil))
			if test.stop != "" {
				wantRefusal(t, err, "NoPermission", 403)
			}
		})
	}
}

func TestTheCallersIdentity(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	body, err := f.sts(t, f.client(t, nil), "AssumeRoleWithOIDC", federation(t, nil))
	k := keysOf(t, body, err)
	for _, test := range []struct {
		name                   string
		client                 *openapi.Client
		account, arn, identity string
	}{
		{"a user", f.client(t, nil), alicloud.AccountID, "acs:ram::1234567890123456:user/simulator", "RAMUser"},
		{
			"a user of the second account", f.with(t, demo.Second.AccessKeyID, demo.Second.Secret, ""), alicloud.SecondAccountID,
			"acs:ram::1234567890120002:user/simulator", "RAMUser",
		},
		{
			"a user who may do nothing", f.with(t, demo.Denied.AccessKeyID, demo.Denied.Secret, ""), alicloud.AccountID,
			"acs:ram::1234567890123456:user/simulator", "RAMUser",
		},
		{
			"the account", f.with(t, demo.Main.AccessKeyID, demo.Main.Secret, ""), alicloud.AccountID,
			"acs:ram::1234567890123456:root", "Account",
		},
		{
			"a role", f.with(t, k.id, k.secret, k.token), alicloud.AccountID,
			"acs:ram::1234567890123456:assumed-role/terraform-apply/terraform-run-1", "AssumedRoleUser",
		},
	} {
		got, err := f.sts(t, test.client, "GetCallerIdentity", object{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := object{"AccountId": test.account, "Arn": test.arn, "IdentityType": test.identity}
		if diff := cmp.Diff(want, object{
			"AccountId": got["AccountId"], "Arn": got["Arn"],
			"IdentityType": got["IdentityType"],
		}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	_, err = f.sts(t, f.with(t, "LTAI-nobody", "x", ""), "GetCallerIdentity", object{})
	wantRefusal(t, err, "InvalidAccessKeyId.NotFound", 404)
}

func TestInstancesOfAnotherAccountAreNotThere(t *testing.T) {
	t.Parallel()
	f := withIssuer(t, simulator.Instance{ID: one}, simulator.Instance{ID: two, Account: alicloud.SecondAccountID})
	second := &fixture{server: f.server, cloud: f.cloud, sdk: f.with(t, demo.Second.AccessKeyID, demo.Second.Secret, "")}
	if got := texts(f.describe(t, nil), "InstanceId"); !cmp.Equal(got, []string{one}) {
		t.Errorf("the first account sees %v", got)
	}
	if got := texts(second.describe(t, nil), "InstanceId"); !cmp.Equal(got, []string{two}) {
		t.Errorf("the second account sees %v", got)
	}
	_, err := second.call(t.Context(), "StopInstances", plural(nil, one))
	wantRefusal(t, err, "InvalidInstanceId.NotFound", 404)
	if call := f.last(); call.Account != alicloud.SecondAccountID ||
		call.Principal != "acs:ram::1234567890120002:user/simulator" {
		t.Errorf("the log has %+v", call)
	}
}
