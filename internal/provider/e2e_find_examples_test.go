package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// exampleCLI is a folder with the provider pointed at simulated clouds, and a
// file of the examples in it.
func exampleCLI(t *testing.T, example ...string) (*cli, *simulator.Server) {
	t.Helper()
	cliPath(t)
	server := startClouds(t)
	path := filepath.Join(append([]string{"..", "..", "examples"}, example...)...)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := newCLI(t, exampleProvider(server), exampleEnvironment(server)...)
	c.write(filepath.Base(path), string(text))
	return c, server
}

func TestEndToEndListExampleFindsInstances(t *testing.T) {
	t.Parallel()
	c, server := exampleCLI(t, "list-resources", "instance_power_state", "list-resource.tfquery.hcl")
	c.needs(14)
	ali := server.Cloud("alicloud")
	if err := server.Cloud("tencentcloud").Seed(
		simulator.Instance{ID: "ins-00000001", Tags: map[string]string{"env": "production"}},
		simulator.Instance{ID: "ins-00000002"},
	); err != nil {
		t.Fatal(err)
	}
	if err := ali.Seed(
		simulator.Instance{ID: "i-bp100000001", Status: ali.Words().Stopped, StoppedMode: ali.Words().KeepCharging},
		simulator.Instance{ID: "i-bp100000002", Status: ali.Words().Stopped, StoppedMode: ali.Words().StopCharging},
	); err != nil {
		t.Fatal(err)
	}
	if out, err := c.run("validate", "-query", "-no-color"); err != nil {
		t.Errorf("validate: %v\n%s", err, out)
	}
	out, err := c.run("query", "-no-color")
	if err != nil {
		t.Fatalf("query: %v\n%s", err, out)
	}
	for id, want := range map[string]bool{
		"ins-00000001": true, "ins-00000002": false, "i-bp100000001": true, "i-bp100000002": false,
	} {
		// The other list of the example filters by neither tags nor states.
		found := regexp.MustCompile(`list\.instance_power_state\.(paid|production) .*instance_id=` + id + `,`)
		if got := found.MatchString(out); got != want {
			t.Errorf("%s is found: %v, want %v\n%s", id, got, want, out)
		}
	}
}

func TestEndToEndIdentityExampleImports(t *testing.T) {
	t.Parallel()
	c, server := exampleCLI(t, "resources", "instance_power_state", "import-by-identity.tf")
	c.needs(12)
	if err := server.Cloud("tencentcloud").Seed(simulator.Instance{ID: "ins-r8hr2upy"}); err != nil {
		t.Fatal(err)
	}
	c.write("web.tf",
		"resource \"instance_power_state\" \"web\" {\n cloud = \"tencentcloud\"\n instance_id = \"ins-r8hr2upy\"\n"+
			" state = \"running\"\n}\n")
	out, err := c.run("apply", "-auto-approve", "-no-color")
	if err != nil || !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("apply: %v\n%s", err, out)
	}
}
