package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// clearEnvironment unsets every variable that a cloud reads.
func clearEnvironment(t *testing.T) {
	t.Helper()
	for _, c := range clouds {
		for _, name := range c.regionEnv {
			t.Setenv(name, "")
		}
		for _, f := range c.fields {
			for _, name := range f.env {
				t.Setenv(name, "")
			}
		}
	}
}

// resolved is a cloud's settings where one attribute has a value.
func resolved(t *testing.T, name, attribute, value string) settings {
	t.Helper()
	object := types.ObjectNull(map[string]attr.Type{attribute: types.StringType})
	if value != "" {
		object = types.ObjectValueMust(map[string]attr.Type{attribute: types.StringType}, map[string]attr.Value{attribute: types.StringValue(value)})
	}
	s, diags := resolve(name, clouds[name], object)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return s
}

func TestTheFirstThatIsSetWins(t *testing.T) {
	for _, name := range cloudNames(clouds) {
		c := clouds[name]
		fields := c.fields
		if c.hasRegion() {
			fields = append([]field{{name: "region", env: c.regionEnv}}, fields...)
		}
		for _, f := range fields {
			t.Run(name+" "+f.name, func(t *testing.T) {
				clearEnvironment(t)
				want := func(when, configured, want string) {
					t.Helper()
					s := resolved(t, name, f.name, configured)
					got := s.values[f.name]
					if f.name == "region" {
						got = s.region
					}
					if got != want {
						t.Errorf("%s: got %q, want %q", when, got, want)
					}
				}
				want("nothing is set", "", f.fallback)
				want("only the configuration is set", "configured", "configured")
				for i := len(f.env) - 1; i >= 0; i-- {
					t.Setenv(f.env[i], "from "+f.env[i])
					want(f.env[i]+" and those after it are set", "", "from "+f.env[i])
					want("the configuration is set beside "+f.env[i], "configured", "configured")
				}
			})
		}
	}
}

// Each variable belongs to one field, or a value would go where it must not.
func TestNoVariableIsReadTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, c := range clouds {
		for _, f := range append([]field{{name: "region", env: c.regionEnv}}, c.fields...) {
			for _, variable := range f.env {
				if other := seen[variable]; other != "" {
					t.Errorf("%s is of %s and of %s.%s", variable, other, name, f.name)
				}
				seen[variable] = name + "." + f.name
			}
		}
	}
}

// missing is the detail of the error about credentials.
func missing(title string, lines ...string) string {
	return "An instance on " + title + " cannot be reached without credentials. Set\n- " + strings.Join(lines, "\n- ")
}

func TestMissingCredentialsAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		cloud, id string
		set       map[string]string // variables
		want      string
	}{
		"alicloud": {"alicloud", "i-bp1fgo8es0i2mp5fa3bq", nil, missing("Alibaba Cloud ECS",
			"`access_key` in the provider's `alicloud` block, or the environment variable ALICLOUD_ACCESS_KEY or ALIBABA_CLOUD_ACCESS_KEY_ID",
			"`secret_key` in the provider's `alicloud` block, or the environment variable ALICLOUD_SECRET_KEY or ALIBABA_CLOUD_ACCESS_KEY_SECRET")},
		"alicloud, one of two": {"alicloud", "i-bp1fgo8es0i2mp5fa3bq", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}, missing("Alibaba Cloud ECS",
			"`secret_key` in the provider's `alicloud` block, or the environment variable ALICLOUD_SECRET_KEY or ALIBABA_CLOUD_ACCESS_KEY_SECRET")},
		"tencentcloud": {"tencentcloud", "ins-r8hr2upy", nil, missing("Tencent Cloud CVM",
			"`secret_id` in the provider's `tencentcloud` block, or the environment variable TENCENTCLOUD_SECRET_ID",
			"`secret_key` in the provider's `tencentcloud` block, or the environment variable TENCENTCLOUD_SECRET_KEY")},
		"volcengine": {"volcengine", "i-ybvjq7o2h0ay8n3vxxxx", nil, missing("Volcengine ECS",
			"`access_key` in the provider's `volcengine` block, or the environment variable VOLCENGINE_ACCESS_KEY",
			"`secret_key` in the provider's `volcengine` block, or the environment variable VOLCENGINE_SECRET_KEY")},
		"zenlayercloud": {"zenlayercloud", "1205432187642", nil, missing("Zenlayer VM and ZEC",
			"`access_key_id` in the provider's `zenlayercloud` block, or the environment variable ZENLAYERCLOUD_ACCESS_KEY_ID or ZENLAYER_ACCESS_KEY_ID",
			"`access_key_password` in the provider's `zenlayercloud` block, or the environment variable ZENLAYERCLOUD_ACCESS_KEY_PASSWORD or ZENLAYER_ACCESS_KEY_SECRET") +
			"\nOr set `token` (ZENLAYER_TOKEN), an access token."},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnvironment(t)
			for variable, value := range test.set {
				t.Setenv(variable, value)
			}
			r := rpcOf(t, clouds)
			wantTexts(t, r.configure(map[string]any{}), "")
			config := map[string]any{"cloud": test.cloud, "instance_id": test.id, "state": "stopped"}
			if clouds[test.cloud].hasRegion() {
				config["region"] = "r-1"
			}
			wantTexts(t, r.plan(config, held{}).Diagnostics, "error at AttributeName(\"cloud\"): Missing credentials for "+test.cloud+"\n\n"+test.want)
		})
	}
}

func TestEachCloudOpensWithWhatItsCredentialsCheckAccepts(t *testing.T) {
	clearEnvironment(t)
	key := map[string]values{
		"alicloud":      {"access_key": "id", "secret_key": "secret"},
		"tencentcloud":  {"secret_id": "id", "secret_key": "secret"},
		"volcengine":    {"access_key": "id", "secret_key": "secret"},
		"zenlayercloud": {"access_key_id": "id", "access_key_password": "secret", "service": "zec"},
	}
	token := values{"token": "token", "service": "vm"}
	open := func(name string, v values) {
		t.Helper()
		if got := clouds[name].credentials(v); len(got) > 0 {
			t.Errorf("%s misses %q, want nothing", name, got)
		}
		var driver backend.Driver
		driver, err := clouds[name].open(v, "cn-beijing", openOptions{})
		if err != nil || driver.BatchSize() < 1 {
			t.Errorf("%s does not open: %v", name, err)
		}
	}
	for name := range clouds {
		open(name, key[name])
	}
	open("zenlayercloud", token)
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

func TestATokenOfTheEnvironmentIsNotPutToKeysOfTheConfiguration(t *testing.T) {
	for name, c := range clouds {
		for _, f := range c.fields {
			if len(f.goesWith) == 0 {
				continue
			}
			t.Run(name, func(t *testing.T) {
				clearEnvironment(t)
				t.Setenv(f.env[0], "of another key")
				object := map[string]attr.Value{}
				for _, key := range f.goesWith {
					object[key] = types.StringValue("configured")
				}
				got, diags := resolve(name, c, objectOf(t, object))
				if diags.HasError() || got.values[f.name] != "" {
					t.Errorf("%s: got %q, %v, want nothing beside configured keys", f.name, got.values[f.name], diags)
				}
				delete(object, f.goesWith[0])
				got, diags = resolve(name, c, objectOf(t, object))
				if want := "of another key"; diags.HasError() || got.values[f.name] != want {
					t.Errorf("%s: got %q, %v, want %q where the environment gives a key too", f.name, got.values[f.name], diags, want)
				}
			})
		}
	}
}

func objectOf(t *testing.T, attributes map[string]attr.Value) types.Object {
	t.Helper()
	of := map[string]attr.Type{}
	for name := range attributes {
		of[name] = types.StringType
	}
	object, diags := types.ObjectValue(of, attributes)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return object
}
