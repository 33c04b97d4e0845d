package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// block is the provider's block of a cloud, attribute by attribute.
type block map[string]string

func (o block) hcl(cloud string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(o)) {
		fmt.Fprintf(&text, " %s = %q\n", name, o[name])
	}
	return cloud + " {\n" + text.String() + "}\n"
}

func (o block) with(name, value string) block {
	o = maps.Clone(o)
	o[name] = value
	return o
}

func (o block) without(names ...string) block {
	o = maps.Clone(o)
	for _, name := range names {
		delete(o, name)
	}
	return o
}

// keys are the names of a cloud's fields for credentials, and the keys of its
// simulator.
type keys struct {
	id, secret, token          string
	good, expired, denied      [3]string
	idEnv, secretEnv, tokenEnv string
	// regionEnv is empty for a cloud without regions.
	regionEnv string
}

func keysOf(h *harness) keys {
	three := func(c simulator.Credential) [3]string { return [3]string{c.AccessKeyID, c.Secret, c.Token} }
	variable := func(names []string) string {
		if len(names) == 0 {
			return ""
		}
		return names[0]
	}
	c, arguments := clouds[h.cloud], h.Arguments
	family := c.account.Families()[0]
	token := variable(family.Token)
	if h.Keys.Expired.AccessKeyID == "" {
		token = "" // A token that stands alone is no part of a key.
	}
	return keys{
		id: arguments.ID, secret: arguments.Secret, token: arguments.Token,
		good: three(h.Keys.Lasting), expired: three(h.Keys.Expired), denied: three(h.Keys.Denied),
		idEnv: variable(family.ID), secretEnv: variable(family.Secret), tokenEnv: token,
		regionEnv: variable(c.regionEnv),
	}
}

// block is the provider's block of the harness, with these credentials.
func (h *harness) block(k keys, credentials [3]string) block {
	o := block{"endpoint": h.server.URL()}
	if k.regionEnv == "" {
		o["service"] = h.scope
	} else {
		o["region"] = h.scope
	}
	for i, name := range []string{k.id, k.secret, k.token} {
		if credentials[i] != "" {
			o[name] = credentials[i]
		}
	}
	return o
}

// wrong is a configuration that cannot work.
type wrong struct {
	name string
	not  map[string]string
	// block is the provider's; lines and id are the resource's.
	block block
	lines []string
	id    string
	// missing is set where the id names no instance, which is an error of the plan only
	// with strict_plan.
	missing bool
	// says is what the error says on every cloud, clouds what it says on one.
	says   []string
	clouds map[string][]string
}

const wrongSecret = "an-altogether-wrong-secret"

func wrongs(h *harness, k keys, id string) []wrong {
	good := h.block(k, k.good)
	noRegions := all("it has no regions", "zenlayercloud")
	checkRegion := map[string][]string{
		"tencentcloud": {"Code: UnsupportedRegion", "Check `region` (TENCENTCLOUD_REGION)"},
		"alicloud":     {"Code: InvalidRegionId.NotFound", "Check `region` (or ALIBABA_CLOUD_REGION, ALICLOUD_REGION)"},
		"volcengine":   {"Code: InvalidCredential", "`region`"},
	}
	return []wrong{
		{
			name: "the secret is wrong", block: good.with(k.secret, wrongSecret),
			says: []string{"`" + k.secret + "`", k.secretEnv, "Request id:"},
			clouds: map[string][]string{
				"tencentcloud": {"Code: AuthFailure.SignatureFailure", "it does not belong to the secret id"},
				"alicloud":     {"Code: SignatureDoesNotMatch", "it does not belong to the access key"},
				"volcengine":   {"Code: SignatureDoesNotMatch", "The secret key does not belong to the access key"},
				"zenlayercloud": {
					"Code: AUTHFAILURE_SIGNATURE_FAILURE", "Check `access_key_id` and `access_key_password`",
					"that the clock of this machine is right",
				},
			},
		},
		{
			name:  "the key does not exist",
			block: good.with(k.id, "no-such-access-key"),
			says:  []string{"`" + k.id + "`", k.idEnv, "Request id:"},
			clouds: map[string][]string{
				"tencentcloud": {"Code: AuthFailure.SecretIdNotFound"}, "alicloud": {"Code: InvalidAccessKeyId.NotFound"},
				"volcengine": {"Code: InvalidAccessKey"}, "zenlayercloud": {"Code: AUTHFAILURE_SIGNATURE_FAILURE"},
			},
		},
		{
			name:  "the temporary credentials have expired",
			block: h.block(k, k.expired),
			says:  []string{k.tokenEnv, "Request id:"},
			clouds: map[string][]string{
				"tencentcloud": {
					"Code: AuthFailure.TokenFailure", "it must belong to the same temporary keys, and they may have expired.",
				},
				"alicloud": {
					"Code: InvalidSecurityToken.Expired",
					"temporary keys need the token that was issued with them, and expire with it.",
				},
				"volcengine": {"Code: ExpiredToken", "Temporary credentials need their `session_token`", "get new ones"},
				"zenlayercloud": {
					"Code: AUTHFAILURE_TOKEN_FAILURE", "the access token, which may have reached the end of its lifetime",
				},
			},
		},
		{
			name: "the credentials may do nothing", block: h.block(k, k.denied), says: []string{"Request id:"},
			clouds: map[string][]string{
				"tencentcloud": {
					"Code: UnauthorizedOperation", "Grant the credentials the CAM actions cvm:DescribeInstances",
				},
				"alicloud": {"Code: Forbidden.RAM", "ecs:DescribeInstances"},
				"volcengine": {
					"Code: AccessDenied", "the IAM actions ecs:DescribeInstances on all instances, and ecs:StartInstances",
				},
				"zenlayercloud": {"Code: OPERATION_DENIED_NO_PERMISSION", "the cloud's message tells the reason"},
			},
		},
		{
			name: "the credentials are missing", block: good.without(k.id, k.secret),
			says: []string{
				"Unable to get credentials for " + h.cloud, "No credentials for", "The places, in the order of their precedence:",
				"`" + k.id + "` with `" + k.secret + "`", "in the provider's `" + h.cloud + "` block: not set", k.idEnv,
				k.secretEnv,
			},
		},
		{
			name: "the secret is missing", block: good.without(k.secret),
			says: []string{
				"Invalid configuration of " + h.cloud,
				"`" + k.id + "` is set in the provider's `" + h.cloud + "` block and `" + k.secret + "` is not.",
			},
		},
		{
			name:  "the secret ends in a line break",
			block: good.with(k.secret, k.good[1]+"\n"),
			says:  []string{"Invalid configuration of " + h.cloud, k.secret},
		},
		{name: "the region is unknown", not: noRegions, block: good.with("region", "xx-nowhere-9"), clouds: checkRegion},
		{
			name:   "the region of the resource is unknown",
			not:    noRegions,
			block:  good,
			lines:  []string{"region = \"xx-nowhere-9\""},
			clouds: checkRegion,
		},
		{
			name: "the region is missing", not: noRegions, block: good.without("region"),
			says: []string{
				"Region is not named",
				"Set `region` on the resource, `region` in the provider's `" + h.cloud + "` block",
				k.regionEnv,
			},
		},
		{
			name:  "a region on a cloud without regions",
			not:   all("it has regions", "tencentcloud", "alicloud", "volcengine"),
			block: good,
			lines: []string{"region = \"ap-guangzhou\""},
			says:  []string{"has no regions: remove `region` from the resource."},
		},
		{
			name: "the id is malformed", block: good, id: id[:len(id)/3], missing: h.cloud != "tencentcloud",
			clouds: map[string][]string{
				"tencentcloud":  {"Code: InvalidInstanceId.Malformed", "Check the instance id: it looks like ins-r8hr2upy."},
				"alicloud":      {"There is no such instance in that region."},
				"volcengine":    {"There is no such instance in that region."},
				"zenlayercloud": {"There is no such instance"},
			},
		},
		{
			name:  "the id has a slash",
			block: good,
			id:    h.cloud + "/" + id,
			says:  []string{"`instance_id` must be the cloud's id of an instance"},
		},
		{
			name: "the id is one of another cloud", block: good, id: foreignID(h),
			says: []string{
				"is not in the form of an instance id of " + h.cloud, "it looks like one of `",
				"Correct `instance_id`, or set `cloud`.",
			},
		},
		{
			name: "the id is one of the other product", not: all("it has one product", "tencentcloud", "alicloud", "volcengine"),
			block: good.with("service", map[string]string{"vm": "zec", "zec": "vm"}[h.scope]), missing: true,
			says: []string{"There is no such instance"},
		},
		{
			name: "the cloud is one that the provider does not have", block: good, lines: []string{"cloud = \"othercloud\""},
			says: []string{"`cloud` must be", "got \"othercloud\"."},
		},
		{
			name:  "nothing listens at the endpoint",
			block: good.with("endpoint", "http://127.0.0.1:9"),
			lines: []string{"timeouts {\n read = \"2s\"\n}"},
			says:  []string{"connection refused", "Nothing listens at that address of this machine: start what serves it"},
		},
	}
}

// foreignID is an instance id of another cloud.
func foreignID(h *harness) string {
	if h.cloud == "tencentcloud" {
		return "i-bp1fgo8es0i2mp5fa3bq"
	}
	return "ins-r8hr2upy"
}

// TestEndToEndWrongInput: what the configuration makes impossible is an error of the plan, which names
// the attribute or the variable, and the remedy. Nothing is written.
func TestEndToEndWrongInput(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		k := keysOf(h)
		id := h.running()
		for _, r := range wrongs(h, k, id) {
			if reason, impossible := on(h, r.not); impossible {
				t.Logf("%q is not for %s: %s", r.name, h.name, reason)
				continue
			}
			t.Run(r.name, func(t *testing.T) {
				target := id
				if r.id != "" {
					target = r.id
				}
				own := *h
				own.t = t
				settings := ""
				if r.missing {
					settings = "strict_plan = true\n"
				}
				own.wantRefused(settings+r.block.hcl(h.cloud), named("row", target, "stopped", r.lines...),
					append(slices.Clone(r.says), r.clouds[h.cloud]...)...)
			})
		}
		t.Run("the clocks differ", func(t *testing.T) {
			h.sim.SetMaxSkew(time.Nanosecond)
			own := *h
			own.t = t
			own.wantRefused(h.block(k, k.good).hcl(h.cloud), named("row", id, "stopped"), "clock", "Request id:")
		})
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want 0", got)
		}
	})
}

// wantRefused plans and checks that it ends in one error that says all of the
// texts, and shows no secret.
func (h *harness) wantRefused(block, resource string, wants ...string) {
	h.t.Helper()
	o := h.here("provider \"instance\" {\n" + block + "}\n" + resource).do("plan")
	if o.err == nil {
		h.t.Errorf("the plan succeeds:\n%s", o.text)
		return
	}
	o.hasError(h.t, "", wants...)
	for _, credential := range append(h.sim.Credentials(), simulator.Credential{Secret: wrongSecret}) {
		for _, secret := range []string{credential.Secret, credential.Token} {
			if secret != "" && strings.Contains(o.text, secret) {
				h.t.Errorf("the output shows %q:\n%s", secret, o.text)
			}
		}
	}
}
