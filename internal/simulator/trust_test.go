package simulator

import (
	"strings"
	"testing"
)

func trustWords() IdentityWords {
	return IdentityWords{PrincipalKey: "RAM", Equals: "StringEquals", Like: "StringLike"}
}

func TestTrustPolicies(t *testing.T) {
	t.Parallel()
	caller := attempt{
		action: "sts:AssumeRole", kind: "RAM", principals: []string{"acs:ram::1:root", "acs:ram::1:user/a"},
		like:       "StringLike",
		conditions: map[string][]string{"sts:externalid": {"x"}, "oidc:sub": {"org:a:run:plan"}, "oidc:aud": {"one", "two"}},
	}
	allow := func(rest string) string {
		return `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` + rest + `}]}`
	}
	given := func(condition string) string { return allow(`"Principal":{"RAM":"*"},"Condition":` + condition) }
	for _, test := range []struct {
		name, policy string
		want         bool
	}{
		{"the account", allow(`"Principal":{"RAM":["acs:ram::1:root"]}`), true},
		{"the user alone", allow(`"Principal":{"RAM":"acs:ram::1:user/a"}`), true},
		{"everybody", allow(`"Principal":{"RAM":"*"}`), true},
		{"a pattern, which no cloud takes", allow(`"Principal":{"RAM":"acs:ram::1:*"}`), false},
		{"another account", allow(`"Principal":{"RAM":["acs:ram::2:root"]}`), false},
		{"a provider of the same name", allow(`"Principal":{"Federated":["acs:ram::1:root"]}`), false},
		{"any action", `{"Statement":[{"Effect":"Allow","Action":["sts:*"],"Principal":{"RAM":"*"}}]}`, true},
		{
			"another action", `{"Statement":[{"Effect":"Allow","Action":["sts:AssumeRoleWithOIDC"],"Principal":{"RAM":"*"}}]}`,
			false,
		},
		{
			"an action that begins with it",
			`{"Statement":[{"Effect":"Allow","Action":["sts:Assume"],"Principal":{"RAM":"*"}}]}`, false,
		},
		{"a denial beside it", `{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"RAM":"*"}},
 {"Effect":"Deny","Action":"*","Principal":{"RAM":"acs:ram::1:user/a"}}]}`, false},
		{"a condition that holds", given(`{"StringEquals":{"sts:ExternalId":["y","x"]}}`), true},
		{"a condition that does not", given(`{"StringEquals":{"sts:ExternalId":"y"}}`), false},
		{"a condition on nothing", given(`{"StringEquals":{"sts:Other":"x"}}`), false},
		{"one of two conditions", given(`{"StringEquals":{"sts:ExternalId":"x","oidc:aud":"three"}}`), false},
		{"one of two audiences", given(`{"StringEquals":{"oidc:aud":"two"}}`), true},
		{"a pattern that fits", given(`{"StringLike":{"oidc:sub":"org:*:run:plan"}}`), true},
		{"a pattern that does not", given(`{"StringLike":{"oidc:sub":"org:*:run:apply"}}`), false},
		{"a pattern where none is looked for", given(`{"StringEquals":{"oidc:sub":"org:*"}}`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := trustWords().parseTrustPolicy([]byte(test.policy))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.allows(caller); got != test.want {
				t.Errorf("it allows: %v, want %v", got, test.want)
			}
		})
	}
}

func TestTrustPoliciesThatCannotBeJudgedAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ policy, says string }{
		"no JSON":              {`{`, "EOF"},
		"an effect of nothing": {`{"Statement":[{"Effect":"Maybe","Action":"*","Principal":{"RAM":"*"}}]}`, "Maybe"},
		"nobody":               {`{"Statement":[{"Effect":"Allow","Action":"*"}]}`, "no principal"},
		"nothing":              {`{"Statement":[{"Effect":"Allow","Principal":{"RAM":"*"}}]}`, "no action"},
		"an unknown operator": {`{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"RAM":"*"},
 "Condition":{"string_equal":{"a":"b"}}}]}`, "string_equal"},
		"an unknown field": {`{"Statement":[{"Effect":"Allow","Action":"*","NotPrincipal":{"RAM":"*"}}]}`, "NotPrincipal"},
	} {
		if _, err := trustWords().parseTrustPolicy([]byte(test.policy)); err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error is %v, want %q in it", name, err, test.says)
		}
	}
}

func TestSessionPolicies(t *testing.T) {
	t.Parallel()
	for policy, good := range map[string]bool{
		`{"version":"2.0","statement":[{"effect":"allow","action":["cvm:*"],"resource":"*"}]}`: true,
		`{"Statement":[]}`: false,
		`{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"RAM":"*"}}]}`:                    false,
		`{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"acs:x":"y"}}}]}`: false,
		`text`: false,
	} {
		if _, err := ParseSessionPolicy(policy); (err == nil) != good {
			t.Errorf("%s: error is %v", policy, err)
		}
	}
	key := Credential{Policy: AllowOnly("ecs:*"), SessionPolicy: AllowOnly("ecs:Describe*", "rds:*")}
	for action, want := range map[string]bool{
		"ecs:DescribeInstances": true, "ecs:StopInstances": false,
		"rds:Stop": false,
	} {
		if got := key.Allows(action, "*"); got != want {
			t.Errorf("%s is allowed: %v, want %v", action, got, want)
		}
	}
}
