package simulator

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWildcards(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"web", "web", true},
		{"web", "web1", false},
		{"*", "", true},
		{"*", "x/y", true},
		{"w*b", "wb", true},
		{"w*b", "web?b", true},
		{"w*b", "wbx", false},
		{"*e*", "web", true},
		{"a*a", "a", false},
		{"a?c", "abc", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
	} {
		if got := Wildcard(test.pattern, test.name); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.name, got, test.want)
		}
	}
}

// Each document is in the form of another cloud.
func TestPolicies(t *testing.T) {
	t.Parallel()
	const (
		web   = "acs:ecs:cn-hangzhou:1234567890123456:instance/i-web"
		other = "acs:ecs:cn-shanghai:1234567890123456:instance/i-other"
	)
	for _, test := range []struct {
		name, policy     string
		action, resource string
		want             bool
	}{
		{"no statement denies everything", `{"Statement":[]}`, "ecs:DescribeInstances", web, false},
		{
			"an action is allowed by its name",
			`{"Version":"1","Statement":[{"Effect":"Allow","Action":["ecs:StopInstances"],"Resource":["*"]}]}`,
			"ecs:StopInstances", web, true,
		},
		{
			"another action is not",
			`{"Version":"1","Statement":[{"Effect":"Allow","Action":["ecs:StopInstances"],"Resource":["*"]}]}`,
			"ecs:StopInstance", web, false,
		},
		{
			"a star stands for any text", `{"Statement":[{"Effect":"Allow","Action":["ecs:Describe*"]}]}`,
			"ecs:DescribeInstances", web, true,
		},
		{
			"a single text is a list of one", `{"Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*"}]}`,
			"ecs:StartInstances", web, true,
		},
		{
			"lower case, as Tencent Cloud has it",
			`{"version":"2.0","statement":[{"effect":"allow","action":["cvm:*"],"resource":["*"]}]}`, "cvm:StopInstances", web,
			true,
		},
		{
			"a resource is allowed by its region",
			`{"Statement":[{"Effect":"Allow","Action":["ecs:*"],"Resource":["acs:ecs:cn-hangzhou:*:instance/*"]}]}`,
			"ecs:StopInstances", web, true,
		},
		{
			"one of another region is not",
			`{"Statement":[{"Effect":"Allow","Action":["ecs:*"],"Resource":["acs:ecs:cn-hangzhou:*:instance/*"]}]}`,
			"ecs:StopInstances", other, false,
		},
		{
			"a denial wins over what comes before it",
			`{"Statement":[{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["ecs:Stop*"]}]}`, "ecs:StopInstances",
			web, false,
		},
		{
			"and over what comes after it",
			`{"Statement":[{"Effect":"Deny","Action":["ecs:Stop*"]},{"Effect":"Allow","Action":["*"]}]}`, "ecs:StopInstances",
			web, false,
		},
		{
			"a denial of something else does not",
			`{"Statement":[{"Effect":"Deny","Action":["ecs:Stop*"]},{"Effect":"Allow","Action":["*"]}]}`, "ecs:StartInstances",
			web, true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var p *Policy
			if err := json.Unmarshal([]byte(test.policy), &p); err != nil {
				t.Fatal(err)
			}
			if got := p.Allows(test.action, test.resource); got != test.want {
				t.Errorf("allows %s on %s: %v, want %v", test.action, test.resource, got, test.want)
			}
		})
	}
	t.Run("no policy allows everything", func(t *testing.T) {
		t.Parallel()
		var p *Policy
		if !p.Allows("ecs:StopInstances", web) {
			t.Error("a key without a policy may not stop")
		}
	})
}

func TestAPolicyThatWouldNotBeEnforcedIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ policy, says string }{
		"a condition":             {`{"Statement":[{"Effect":"Allow","Action":["*"],"Condition":{}}]}`, "Condition"},
		"an effect of no meaning": {`{"Statement":[{"Effect":"Maybe","Action":["*"]}]}`, "Maybe"},
		"no action":               {`{"Statement":[{"Effect":"Allow"}]}`, "no action"},
		"an action of a number":   {`{"Statement":[{"Effect":"Allow","Action":[1]}]}`, "policy"},
		"no document":             {`[]`, "policy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p Policy
			if err := json.Unmarshal([]byte(test.policy), &p); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v, want %q in it", err, test.says)
			}
		})
	}
}

func TestTheFirstInstanceThatIsDeniedIsNamed(t *testing.T) {
	t.Parallel()
	name := func(id string) string { return "instance/" + id }
	key := Credential{
		Policy: &Policy{
			Statement: []Statement{{Effect: "Allow", Action: []string{"stop"}, Resource: []string{"instance/a*"}}},
		},
	}
	for _, test := range []struct {
		name   string
		ids    []string
		want   string
		denied bool
	}{
		{"all of them are allowed", []string{"a1", "a2"}, "", false},
		{"one of them is not", []string{"a1", "b1", "b2"}, "b1", true},
		{"a call about all instances", nil, "*", true},
	} {
		if id, denied := key.FirstDenied("stop", test.ids, name); id != test.want || denied != test.denied {
			t.Errorf("%s: got %q, %v, want %q, %v", test.name, id, denied, test.want, test.denied)
		}
	}
	if id, denied := (Credential{}).FirstDenied("stop", nil, name); denied {
		t.Errorf("a key without a policy is denied %q", id)
	}
}

func TestCredentialsThatAreSeededLastUntilAReset(t *testing.T) {
	t.Parallel()
	c := NewCloud("test", testWords())
	lasting := Credential{AccessKeyID: "a", Secret: "old"}
	c.Accept(lasting, Credential{Token: "bearer"})
	before := c.Credentials()
	if err := c.SeedCredentials(Credential{AccessKeyID: "a", Secret: "new", Policy: AllowOnly("look")}, Credential{
		Token: "other",
	}); err != nil {
		t.Fatal(err)
	}
	if got, _ := c.Credential("a"); got.Secret != "new" || got.Policy.Allows("stop", "x") || !got.Policy.Allows("look",
		"x") {
		t.Errorf("the key is %+v, want the seeded one", got)
	}
	if _, ok := c.Bearer("other"); !ok {
		t.Error("the seeded token is not known")
	}
	if err := c.SeedCredentials(Credential{Secret: "x"}); err == nil {
		t.Error("a credential that nothing finds is accepted")
	}
	c.Reset()
	if diff := cmp.Diff(c.Credentials(), before); diff != "" {
		t.Errorf("after a reset (-got +want):\n%s", diff)
	}
}
