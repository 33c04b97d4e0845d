package provider

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// moduleFolder is the example module, seen from this package.
var moduleFolder = filepath.Join("..", "..", "examples", "modules", "environment-switch")

// moduleInstances are the instances of the demonstration fleet that the tests
// of the module name, by cloud.
var moduleInstances = map[string][]string{
	"alicloud":      {"i-bp1demoweb1", "i-bp1demoweb2", "i-uf6demoshanghai"},
	"tencentcloud":  {"ins-demoweb1", "ins-demoweb2"},
	"volcengine":    {"i-demoweb1", "i-demoweb2"},
	"zenlayercloud": {"vm-demo-web-1"},
}

// newModule copies the module into a folder, with the simulated clouds' demo
// fleet.
func newModule(t *testing.T) (*simulator.Server, *cli) {
	t.Helper()
	cliPath(t)
	server := startClouds(t)
	t.Cleanup(func() {
		for _, wire := range server.Wires() {
			for _, breach := range simulator.Audit(wire.Cloud().Calls(0), simulator.AuditOptions{ExplicitForce: true}) {
				t.Errorf("%s: %s", wire.Cloud().Name(), breach)
			}
		}
	})
	if err := localcloud.Demo(server); err != nil {
		t.Fatal(err)
	}
	localcloud.SetTransition(server, transitionTime)
	c := newCLI(t, "", exampleEnvironment(server)...)
	if err := os.CopyFS(filepath.Join(c.folder, "copy"), os.DirFS(moduleFolder)); err != nil {
		t.Fatal(err)
	}
	c.folder = filepath.Join(c.folder, "copy")
	return server, c
}

// pointTests changes the one line of the module's tests that says where the
// simulated clouds are: they are not on the usual port here.
func (c *cli) pointTests(server *simulator.Server) {
	c.t.Helper()
	const usual = "http://127.0.0.1:8090"
	name := filepath.Join("tests", "switch.tftest.hcl")
	text := c.read(name)
	if n := strings.Count(text, usual); n != 1 {
		c.t.Fatalf("%s names %s %d times, want once", name, usual, n)
	}
	c.write(name, strings.ReplaceAll(text, usual, server.URL()))
}

// wantModule checks the state of the module's instances by the word of each cloud:
// these differ in case alone.
func wantModule(t *testing.T, server *simulator.Server, status string) {
	t.Helper()
	for name, ids := range moduleInstances {
		for _, id := range ids {
			in, ok := server.Cloud(name).Instance(id)
			if !ok || !strings.EqualFold(in.Status, status) {
				t.Errorf("%s %s: got status %q, want %q", name, id, in.Status, status)
			}
		}
	}
}

func TestEndToEndModuleSwitchesAnEnvironmentOffAndOn(t *testing.T) {
	t.Parallel()
	server, c := newModule(t)
	c.write("provider.tf", exampleProvider(server))
	c.write("terraform.tfvars", `instances = {
  alicloud      = { "cn-hangzhou" = ["i-bp1demoweb1", "i-bp1demoweb2"], "cn-shanghai" = ["i-uf6demoshanghai"] }
  tencentcloud  = { "ap-guangzhou" = ["ins-demoweb1", "ins-demoweb2"] }
  volcengine    = { "cn-beijing" = ["i-demoweb1", "i-demoweb2"] }
  zenlayercloud = ["vm-demo-web-1"]
}
`)
	run := func(args ...string) {
		t.Helper()
		if out, err := c.run(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	run("apply", "-auto-approve", "-no-color", "-var=awake=false", "-var=stopped_mode=stop_charging")
	wantModule(t, server, "stopped")
	run("plan", "-detailed-exitcode", "-no-color", "-var=awake=false", "-var=stopped_mode=stop_charging")
	run("apply", "-auto-approve", "-no-color", "-var=awake=true")
	wantModule(t, server, "running")
	run("destroy", "-auto-approve", "-no-color", "-var=awake=true")
	wantModule(t, server, "running")
	for name := range moduleInstances {
		counts := server.Cloud(name).CallCounts()
		regions := 1
		if name == "alicloud" {
			regions = 2
		}
		if counts["StopInstances"] != regions || counts["StartInstances"] != regions {
			t.Errorf("%s: got %d stops and %d starts, want %d of each: one call for a region", name, counts["StopInstances"],
				counts["StartInstances"], regions)
		}
	}
}

func TestEndToEndModuleTestsPass(t *testing.T) {
	t.Parallel()
	server, c := newModule(t)
	c.pointTests(server)
	out, err := c.run("test", "-no-color")
	if err != nil {
		t.Fatalf("test: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(moduleFolder, "tests", "switch.tftest.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range slices.Collect(strings.Lines(string(text))) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "run "); ok {
			if want := "run " + strings.TrimSuffix(name, " {") + "... pass"; !strings.Contains(out, want) {
				t.Errorf("the output does not say %q:\n%s", want, out)
			}
		}
	}
	wantModule(t, server, "running")
	for name := range moduleInstances {
		if server.Cloud(name).CallCounts()["StopInstances"] == 0 {
			t.Errorf("%s: the tests of the module stopped nothing", name)
		}
	}
}

// A module test that cannot fail would prove nothing.
func TestEndToEndModuleTestsNoticeAnInstanceThatStaysOn(t *testing.T) {
	t.Parallel()
	server, c := newModule(t)
	if _, err := server.Cloud("volcengine").AddTrouble(simulator.Trouble{
		Kind: simulator.RefuseMode, InstanceIDs: []string{"i-demoweb2"},
	}); err != nil {
		t.Fatal(err)
	}
	c.pointTests(server)
	out, err := c.run("test", "-no-color")
	if err == nil || !says("Unable to stop 1 of 2 instances").MatchString(out) {
		t.Errorf("got error %v, want a failed test that says which instances were not stopped:\n%s", err, out)
	}
}
