package provider

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// eachAttribute calls f for the attributes of a schema, nested ones too.
func eachAttribute(block *tfprotov6.SchemaBlock, at string, f func(at string, a *tfprotov6.SchemaAttribute)) {
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			f(at+"."+a.Name, a)
			if a.NestedType != nil {
				walk(at+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	walk(at, block.Attributes)
	for _, nested := range block.BlockTypes {
		eachAttribute(nested.Block, at+"."+nested.TypeName, f)
	}
}

func TestTheSchemaIsValidAndDescribed(t *testing.T) {
	t.Parallel()
	r := rpcOf(t, clouds)
	if len(r.schema.Diagnostics) > 0 {
		t.Fatalf("the schema is not valid: %s", texts(r.schema.Diagnostics))
	}
	described := func(at string, a *tfprotov6.SchemaAttribute) {
		if a.Description == "" {
			t.Errorf("%s has no description", at)
		}
	}
	secret := regexp.MustCompile(`(key|secret|secret_id|key_id|token|password)$`)
	eachAttribute(r.schema.Provider.Block, "provider", func(at string, a *tfprotov6.SchemaAttribute) {
		described(at, a)
		if a.Required {
			t.Errorf("%s is required; environment variables alone must do", at)
		}
		if got, want := a.Sensitive, secret.MatchString(a.Name); got != want {
			t.Errorf("%s is sensitive: %v, want %v", at, got, want)
		}
	})
	if len(r.schema.ResourceSchemas) == 0 {
		t.Error("there is no resource")
	}
	for name, s := range r.schema.ResourceSchemas {
		if s.Block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		eachAttribute(s.Block, name, described)
	}
}

func TestAnEmptyConfigurationIsAccepted(t *testing.T) {
	clearEnvironment(t)
	wantTexts(t, rpcOf(t, clouds).configure(map[string]any{}), "")
}

// opened is what a cloud was opened with.
type opened struct {
	values values
	region string
	opts   openOptions
}

// openings is a provider over a cloud that notes how it is opened.
func openings(t *testing.T, config map[string]any) (r *rpc, all *[]opened) {
	t.Helper()
	all = new([]opened)
	driver := newMemory()
	driver.Add(backend.Instance{ID: "h-1", State: backend.Running})
	clouds := memoryClouds(driver)
	here := clouds["here"]
	here.open = func(v values, region string, opts openOptions) (backend.Driver, error) {
		*all = append(*all, opened{v, region, opts})
		return driver, nil
	}
	clouds["here"] = here
	r = rpcOf(t, clouds)
	wantTexts(t, r.configure(map[string]any{"here": config}), "")
	return r, all
}

func TestACloudIsOpenedOnceForEachRegionWithWhatIsConfigured(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, all := openings(t, map[string]any{
			"region": "r-1", "access_key": "id", "secret_key": "secret", "endpoint": "https://api.example.com",
		})
		if len(*all) > 0 {
			t.Error("the cloud is opened before a resource uses it")
		}
		for _, region := range []string{"r-1", "r-1", "r-2"} {
			r.reach(resourceOf("running", map[string]any{"region": region}), held{})
		}
		opts := openOptions{
			endpoint: "https://api.example.com",
			userAgent: "terraform-provider-instance/test (+https://registry.terraform.io/providers/instance-power/instance) " +
				"Terraform/1.11.4",
		}
		keys := values{"access_key": "id", "secret_key": "secret"}
		want := []opened{{keys, "r-1", opts}, {keys, "r-2", opts}}
		if diff := cmp.Diff(*all, want, cmp.AllowUnexported(opened{}, openOptions{})); diff != "" {
			t.Errorf("openings (-got +want):\n%s", diff)
		}
	})
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for endpoint, ok := range map[string]bool{
		"":                               true,
		"https://api.example.com":        true,
		"https://api.example.com/":       true,
		"https://api.example.com:8443":   true,
		"https://[2001:db8::1]:8443":     true,
		"http://127.0.0.1:8090":          true,
		"http://127.0.0.2":               true,
		"http://[::1]:8090":              true,
		"http://localhost:8090":          true,
		"http://LOCALHOST":               true,
		"http://api.example.com":         false,
		"http://10.0.0.1":                false,
		"http://[2001:db8::1]:8090":      false,
		"http://localhost.example.com":   false,
		"http://0.0.0.0:8090":            false,
		"http://127.0.0.1.example.com":   false,
		"http://localhost@example.com":   false,
		"api.example.com":                false,
		"localhost:8090":                 false,
		"ftp://api.example.com":          false,
		"https://":                       false,
		"https://:8090":                  false,
		"http://:8090":                   false,
		"https://api.example.com/v2":     false,
		"https://api.example.com?a=b":    false,
		"https://api.example.com#a":      false,
		"https://id:secret@example.com":  false,
		"https://api.example.com:port":   false,
		"https://api.example.com /other": false,
	} {
		t.Run("the endpoint is "+endpoint, func(t *testing.T) {
			t.Parallel()
			if problem := endpointProblem(endpoint, true); (problem == "") != ok {
				t.Errorf("got the problem %q, want one: %v", problem, !ok)
			}
		})
	}
}

// What a module leaves to variables is not known when it is validated.
func TestWhatIsNotKnownYetIsNotRefused(t *testing.T) {
	t.Parallel()
	later := tftypes.UnknownValue
	for name, more := range map[string]map[string]any{
		"an escalation":      {"force_stop_after": later, "force_stop": true},
		"a force":            {"force_stop_after": "5m", "force_stop": later},
		"time limits":        {"force_stop_after": "30m", "timeouts": map[string]any{"create": later, "update": later}},
		"all time limits":    {"force_stop_after": "30m", "timeouts": later},
		"a mode":             {"stopped_mode": later},
		"a cloud":            {"cloud": later, "instance_id": "f-1"},
		"an instance":        {"instance_id": later},
		"a region":           {"region": later},
		"a state":            {"state": later},
		"what on_destroy is": {"on_destroy": later},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTexts(t, bareRPC(t, newMemory()).validate(resourceWith(more)), "")
		})
	}
	t.Run("but one time limit that is known is compared", func(t *testing.T) {
		t.Parallel()
		config := resourceWith(map[string]any{
			"force_stop_after": "30m", "timeouts": map[string]any{"create": "20m", "update": later},
		})
		wantTexts(t, bareRPC(t, newMemory()).validate(config), `
error at AttributeName("force_stop_after"): force_stop_after is too long

`+"`force_stop_after` is 30m0s, but `timeouts.create` ends the operation after 20m0s, before the power would be cut. "+
			"Shorten `force_stop_after` or raise `timeouts.create`.")
	})
}

func TestTheUserAgentEndsWithWhatTheUserAppends(t *testing.T) {
	t.Parallel()
	const own = "terraform-provider-instance/1.2.3 (+https://registry.terraform.io/providers/instance-power/instance) " +
		"Terraform/1.11.4"
	for appended, want := range map[string]string{
		"": own, "  ": own, "team/7": own + " team/7", "a\r\nX-Header: b": own + " a  X-Header: b",
	} {
		if got := userAgent("1.2.3", "1.11.4", appended); got != want {
			t.Errorf("%q appended: got %q, want %q", appended, got, want)
		}
	}
}
