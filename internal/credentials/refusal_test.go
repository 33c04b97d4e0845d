package credentials

import (
	"strings"
	"testing"
	"time"
)

func TestRefusalsOfTokenServices(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cloud   *Cloud
		failure failure
		want    string
	}{
		"the audience is wrong on Alibaba Cloud": {
			Alicloud,
			failure{status: 401, code: "AuthenticationFail.OIDCToken.AudienceNotMatch", message: "The audience does not match."},
			"`assume_role_with_oidc` in the provider's `alicloud` block: AssumeRoleWithOIDC for " +
				"\"acs:ram::1234567890123456:role/ops\" failed: the cloud refused. " +
				"The token's aud is none of the client ids of the identity provider.\n" +
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub " +
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T11:00:00Z (in 1h0m0s)\n" +
				"Code: AuthenticationFail.OIDCToken.AudienceNotMatch\nMessage: The audience does not match.\nRequest id: request-1",
		},
		"the role does not trust the token on Alibaba Cloud": {
			Alicloud,
			failure{
				status:  401,
				code:    "AuthenticationFail.NoPermission",
				message: "This operation is forbidden by permission system.",
			},
			"`assume_role_with_oidc` in the provider's `alicloud` block: AssumeRoleWithOIDC for " +
				"\"acs:ram::1234567890123456:role/ops\" failed: the cloud refused. " +
				"The role does not trust this identity provider, or its conditions do not accept the token's iss, aud and sub.\n" +
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub " +
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T11:00:00Z (in 1h0m0s)\n" +
				"Code: AuthenticationFail.NoPermission\nMessage: This operation is forbidden by permission system.\nRequest " +
				"id: request-1",
		},
		"the token is refused on Tencent Cloud": {
			Tencentcloud,
			failure{
				status:  400,
				code:    "InvalidParameter.WebIdentityTokenError",
				message: "token is invalid: " + runToken(startTime.Add(time.Hour)),
			},
			"`assume_role_with_web_identity` in the provider's `tencentcloud` block: AssumeRoleWithWebIdentity for " +
				"\"qcs::cam::uin/100000000001:roleName/ops\" failed: the cloud refused. " +
				"The token has expired, is not one of this identity provider, or its aud and sub are not accepted by it.\n" +
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub " +
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T11:00:00Z (in 1h0m0s)\n" +
				"Code: InvalidParameter.WebIdentityTokenError\nMessage: token is invalid: ***\nRequest id: request-1",
		},
		"the caller is refused on Volcengine": {
			Volcengine,
			failure{status: 403, code: "AccessDenied", message: "User is not authorized."},
			"`assume_role_with_oidc` in the provider's `volcengine` block: AssumeRoleWithOIDC for " +
				"\"trn:iam::2100000001:role/ops\" failed: the cloud refused. " +
				"The role must trust the caller or the identity provider, and the caller needs sts:AssumeRole for it " +
				"(STSAssumeRoleAccess); the main keys of an account cannot assume a role.\n" +
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub " +
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T11:00:00Z (in 1h0m0s)\n" +
				"Code: AccessDenied\nMessage: User is not authorized.\nRequest id: request-1",
		},
		"a code that is not in the table": {
			Volcengine,
			failure{status: 400, code: "InvalidOIDCToken", message: "bad"},
			"`assume_role_with_oidc` in the provider's `volcengine` block: AssumeRoleWithOIDC for " +
				"\"trn:iam::2100000001:role/ops\" failed: the cloud refused\n" +
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub " +
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T11:00:00Z (in 1h0m0s)\n" +
				"Code: InvalidOIDCToken\nMessage: bad\nRequest id: request-1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sts := &service{
				cloud: test.cloud,
				now:   func() time.Time { return startTime },
				fail:  func(int, map[string]string) *failure { return &test.failure },
			}
			c := &computer{sts: sts}
			config := webConfig(test.cloud, "")
			config.WebIdentity.Token = runToken(startTime.Add(time.Hour))
			_, err := New(test.cloud, config, c.system()).Keys(t.Context())
			wantText(t, err, test.want)
			if sts.count() != 1 {
				t.Errorf("%d calls, want 1: a refusal is not retried", sts.count())
			}
		})
	}
}

func TestAnExpiredTokenIsNamedByItsClaims(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{
			cloud: cloud,
			now:   func() time.Time { return startTime },
			fail: func(int, map[string]string) *failure {
				return &failure{status: 401, code: "Some.Code", message: "expired"}
			},
		}
		c := &computer{sts: sts, env: env("TFC_WORKLOAD_IDENTITY_TOKEN_PROD", runToken(startTime.Add(-12*time.Minute)))}
		config := webConfig(cloud, "")
		config.WebIdentity.Token, config.WebIdentity.TFCTag = "", "PROD"
		_, err := New(cloud, config, c.system()).Keys(t.Context())
		n := cloud.names
		wantText(
			t,
			err,
			"`"+n.WebIdentity.Block+"` in the provider's `"+n.Block+"` block: "+cloud.webAction+" for "+
				"\""+roles[cloud].arn+"\" failed: "+
				"the token in the environment variable TFC_WORKLOAD_IDENTITY_TOKEN_PROD has expired. "+
				"It lasts as long as the phase of the run may take: start a new run.\n"+
				"Token: iss \"https://app.terraform.io\", aud \"cloud.workload.identity\", sub "+
				"\"organization:o:project:p:workspace:w:run_phase:apply\", exp 2026-11-29T09:48:00Z (12m0s ago)\n"+
				"Code: Some.Code\nMessage: expired\nRequest id: request-1",
		)
		var known *Error
		if !asError(err, &known) || known.Kind != Expired {
			t.Errorf("kind is %v, want Expired", known.Kind)
		}
	})
}

// A token that is refused without an end is not called expired.
func TestATokenWithoutAnEndIsRefused(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{
			cloud: cloud,
			now:   func() time.Time { return startTime },
			fail: func(int, map[string]string) *failure {
				return &failure{status: 401, code: "Some.Code", message: "no"}
			},
		}
		config := webConfig(cloud, "")
		config.WebIdentity.Token = token(map[string]any{"iss": "https://example.com", "aud": "a", "sub": "s"})
		_, err := New(cloud, config, (&computer{sts: sts}).system()).Keys(t.Context())
		n := cloud.names
		wantText(t, err, "`"+n.WebIdentity.Block+"` in the provider's `"+n.Block+"` block: "+cloud.webAction+
			" for \""+roles[cloud].arn+"\" failed: the cloud refused\n"+
			"Token: iss \"https://example.com\", aud \"a\", sub \"s\", exp none\n"+
			"Code: Some.Code\nMessage: no\nRequest id: request-1")
	})
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	const foreign = "it is not the JSON of a token service (HTTP status 200)"
	const page = foreign + ". A page comes in the place of the API's answer, such as the login page of a network: " +
		"log in to it, or check `sts_endpoint` and proxies."
	bodies := map[string]struct{ body, want string }{
		"a page":               {"<html>SECRETone1111</html>", page},
		"nothing":              {" ", page},
		"JSON of another form": {`{"SECRETone1111": [`, foreign},
		"a number of wrong type": {
			`{"Credentials": 12345678901234567890, "Response": 5, "Result": 5, "ResponseMetadata": 1}`, foreign,
		},
		"no keys":         {`{}`, "it has no key id (HTTP status 200)"},
		"one without end": {strings.Repeat(" ", maxAnswer) + "{}", "it is larger than 256 KiB (HTTP status 200)"},
	}
	for name, test := range bodies {
		t.Run(name, func(t *testing.T) {
			eachService(t, func(t *testing.T, cloud *Cloud) {
				sts := &service{
					cloud: cloud,
					now:   func() time.Time { return startTime },
					fail: func(int, map[string]string) *failure {
						return &failure{status: 200, body: test.body}
					},
				}
				_, err := New(cloud, webConfig(cloud, ""), (&computer{sts: sts}).system()).Keys(t.Context())
				n := cloud.names
				wantText(t, err, "`"+n.WebIdentity.Block+"` in the provider's `"+n.Block+"` block: "+cloud.webAction+
					" for \""+roles[cloud].arn+"\" failed: the answer cannot be used: "+test.want)
			})
		})
	}
}

func TestAClockThatIsOffIsNamed(t *testing.T) {
	t.Parallel()
	// The SDK signs with the time of the machine, which is ahead of the server.
	sts := &service{
		cloud: Tencentcloud, now: time.Now, skew: -10 * time.Minute, callers: env("id-1", "SECRETone1111"),
		fail: func(int, map[string]string) *failure {
			return &failure{status: 400, code: "AuthFailure.SignatureExpire", message: "Signature expired."}
		},
	}
	c := &computer{sts: sts, now: func() time.Time { return time.Now().Truncate(time.Second) }}
	sts.now = c.now
	_, err := New(Tencentcloud, Config{
		ID: "id-1", Secret: "SECRETone1111", AssumeRole: &AssumeRole{RoleARN: roles[Tencentcloud].arn},
	}, c.system()).Keys(t.Context())
	text := strings.ReplaceAll(err.Error(), "10m1s", "10m0s") // A second may pass between the two clocks.
	want := "The cloud refuses calls of a clock that is more than 5 minutes off. The clock of this machine is " +
		"10m0s ahead of the cloud's: set it right."
	if !strings.Contains(text, want) {
		t.Errorf("error:\n%s\nwant it to have:\n%s", text, want)
	}
}
