package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// clearEnvironment unsets every variable that a cloud reads, and leaves no files.
func clearEnvironment(t *testing.T) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	for _, name := range variables() {
		t.Setenv(name, "")
	}
}

// variables are all that the clouds read.
func variables() []string {
	all := []string{"TFC_WORKLOAD_IDENTITY_TOKEN", "TFC_RUN_ID", "TF_APPEND_USER_AGENT"}
	for _, c := range clouds {
		all = append(all, c.regionEnv...)
		for _, family := range c.account.Families() {
			all = append(all, slices.Concat(family.ID, family.Secret, family.Token)...)
		}
		n := c.account.Names()
		for _, a := range append(keyArguments(c.account),
			slices.Concat(roleArguments(n.AssumeRole), roleArguments(n.WebIdentity))...) {
			all = append(all, a.Env...)
		}
	}
	return all
}

func TestTheRegionOfTheConfigurationWinsOverTheEnvironment(t *testing.T) {
	for _, name := range cloudNames(clouds) {
		c := clouds[name]
		if !c.hasRegion() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			clearEnvironment(t)
			want := func(when, configured, want string) {
				t.Helper()
				block := map[string]attr.Value{}
				if configured != "" {
					block["region"] = types.StringValue(configured)
				}
				s, diags := resolve(t.Context(), name, c, blockOf(t, block))
				if diags.HasError() || s.region != want {
					t.Errorf("%s: got %q, %v, want %q", when, s.region, diags, want)
				}
			}
			want("nothing is set", "", "")
			want("only the configuration is set", "Configured", "configured")
			for i := len(c.regionEnv) - 1; i >= 0; i-- {
				t.Setenv(c.regionEnv[i], "from "+c.regionEnv[i])
				want(c.regionEnv[i]+" and those after it are set", "", "from "+strings.ToLower(c.regionEnv[i]))
				want("the configuration is set beside "+c.regionEnv[i], "configured", "configured")
			}
		})
	}
}

// missing is the detail of the error about credentials.
func missing(title, cloudName string, lines ...string) string {
	return "No credentials for " + title + " were found. The places, in the order of their precedence:\n- " + lines[0] +
		" in the provider's `" + cloudName + "` block: not set\n- " + strings.Join(lines[1:], "\n- ")
}

func TestEachCloudOpensWithKeys(t *testing.T) {
	clearEnvironment(t)
	for name, c := range clouds {
		for _, v := range []values{withKeys(c, values{"service": "vm"}), {"service": "vm", "token": "token"}} {
			if v["token"] != "" && c.account.HasTokenService() {
				continue // Its token belongs to a key.
			}
			driver, err := c.open(v, "cn-beijing", openOptions{})
			if err != nil || driver.BatchSize() < 1 {
				t.Errorf("%s does not open: %v", name, err)
			}
		}
	}
}

func TestAnIDThatIsPlainlyOfAnotherCloudIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cloud, id string
		want      []string
	}{
		{"alicloud", "ins-r8hr2upy", []string{"tencentcloud"}},
		{"volcengine", "ins-r8hr2upy", []string{"tencentcloud"}},
		{"zenlayercloud", "ins-r8hr2upy", []string{"tencentcloud"}},
		{"tencentcloud", "i-bp1fgo8es0i2mp5fa3bq", []string{"alicloud", "volcengine"}},
		{"zenlayercloud", "i-bp1fgo8es0i2mp5fa3bq", []string{"alicloud", "volcengine"}},
		{"alicloud", "1205432187642", []string{"zenlayercloud"}},
		{"tencentcloud", "1205432187642", []string{"zenlayercloud"}},
		{"volcengine", "1205432187642", []string{"zenlayercloud"}},
		{"alicloud", "i-ybvjq7o2h0ay8n3vxxxx", nil},
		{"volcengine", "i-bp1fgo8es0i2mp5fa3bq", nil},
		{"tencentcloud", "ins-r8hr2upy", nil},
		{"zenlayercloud", "1205432187642", nil},
		{"zenlayercloud", "a-word-that-may-be-an-id", nil},
		{"alicloud", "a-word-that-is-no-id-of-any", nil},
	} {
		name := test.id + " on " + test.cloud + " is accepted"
		if len(test.want) > 0 {
			name = test.id + " on " + test.cloud + " is refused"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(plainlyOther(clouds, test.cloud, test.id), test.want); diff != "" {
				t.Errorf("others (-got +want):\n%s", diff)
			}
			config := map[string]any{"cloud": test.cloud, "instance_id": test.id, "state": "stopped"}
			if got := hasError(rpcOf(t, clouds).validate(config)); got != (len(test.want) > 0) {
				t.Errorf("validate refuses it: %v, want %v", got, len(test.want) > 0)
			}
		})
	}
}

func TestTheExampleOfEachCloudIsAnIDOfIt(t *testing.T) {
	t.Parallel()
	for name, c := range clouds {
		if !c.validID(c.example) || len(plainlyOther(clouds, name, c.example)) > 0 {
			t.Errorf("%s is no id of %s", c.example, name)
		}
	}
}

func blockOf(t *testing.T, arguments map[string]attr.Value) types.Object {
	t.Helper()
	of := map[string]attr.Type{}
	for name, value := range arguments {
		of[name] = value.Type(t.Context())
	}
	block, diags := types.ObjectValue(of, arguments)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return block
}
