package provider

// The tests whose name begins with TestWhole run a real Terraform or OpenTofu
// with this provider against the simulated clouds, all from one table of
// services.

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// service is one row of the table of services, with what only these tests need.
type service struct {
	simulator.Service

	name  string // of the subtest
	cloud string
	scope string // the second part of an id
	// config is the body of the provider's object, without endpoint.
	config string
	// idPattern and like make instances; # stands for the number.
	idPattern string
	like      simulator.Instance
	// reads and writes are the actions whose calls the tests count.
	reads, start, stop string
	// stopCharging says that the cloud has the mode.
	stopCharging bool
	// barred makes an instance that cannot stop charging, where the cloud has
	// the mode.
	barred func(*simulator.Instance)
}

func services() []service {
	var all []service
	for _, row := range localcloud.Services() {
		s := service{
			Service: row, name: strings.TrimSpace(row.Cloud + " " + row.Product), cloud: row.Cloud, scope: row.Scope(),
			config: row.Configuration(row.Keys.Lasting), idPattern: row.IDPattern, like: row.Template,
			reads: "DescribeInstances", start: "StartInstances", stop: "StopInstances",
		}
		if s.stopCharging = row.New().Cloud().Words().StopCharging != ""; s.stopCharging {
			s.barred = func(in *simulator.Instance) { in.ChargeType = row.Prepaid }
		}
		all = append(all, s)
	}
	return all
}

// eachService runs f once for each service, on a simulator of its own.
func eachService(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	for _, s := range services() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f(t, newWorld(t, s))
		})
	}
}

// cliPath is the Terraform or OpenTofu under test.
func cliPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		t.Skip("TF_ACC_TERRAFORM_PATH names no terraform or tofu: run this test with make testsim")
	}
	return path
}

// world is the simulator of one test, and what points the provider at it.
type world struct {
	service

	t      *testing.T
	server *simulator.Server
	sim    *simulator.Cloud
	audit  simulator.AuditOptions
	next   int
}

// transitionTime is how long simulated transitions take in these tests.
const transitionTime = 400 * time.Millisecond

// newWorld starts a simulator. When the test ends, its log is audited: no test
// may have led to a second write after a lost answer, or to force that it did
// not announce.
func newWorld(t *testing.T, s service) *world {
	t.Helper()
	cliPath(t)
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatalf("start the simulator: %v", err)
	}
	w := &world{service: s, t: t, server: server, sim: server.Cloud(s.cloud)}
	w.audit.ExplicitForce = true
	localcloud.SetTransition(server, transitionTime)
	t.Cleanup(func() {
		for _, breach := range simulator.Audit(w.sim.Calls(0), w.audit) {
			t.Errorf("a promise was broken: %s", breach)
		}
		if err := server.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	return w
}

// seed makes an instance and returns its id.
func (w *world) seed(edit func(in *simulator.Instance)) string {
	w.t.Helper()
	w.next++
	ids, err := w.sim.SeedBulk(simulator.Bulk{Count: 1, First: w.next, IDPattern: w.idPattern, NamePattern: "web-#", Template: w.like})
	if err != nil {
		w.t.Fatalf("seed an instance: %v", err)
	}
	if edit != nil {
		w.change(ids[0], edit)
	}
	return ids[0]
}

func (w *world) running() string { return w.seed(nil) }

func (w *world) stopped() string {
	return w.seed(func(in *simulator.Instance) {
		in.Status, in.StoppedMode = w.sim.Words().Stopped, w.sim.Words().KeepCharging
	})
}

func (w *world) change(id string, edit func(in *simulator.Instance)) {
	w.t.Helper()
	if err := w.sim.Change(id, func(in *simulator.Instance) error { edit(in); return nil }); err != nil {
		w.t.Fatalf("change %s: %v", id, err)
	}
}

func (w *world) trouble(trouble simulator.Trouble) {
	w.t.Helper()
	if _, err := w.sim.AddTrouble(trouble); err != nil {
		w.t.Fatalf("add a trouble: %v", err)
	}
}

// mayForce announces that the power of these instances may be cut.
func (w *world) mayForce(ids ...string) { w.audit.AllowForced = append(w.audit.AllowForced, ids...) }

// notThere is how a message says that there is no such instance.
func (w *world) notThere() string {
	if strings.Contains(w.config, "region") {
		return "There is no such instance in that region."
	}
	return "There is no such instance in the service that the provider is configured for."
}

// status is the cloud's own word for what an instance truly is.
func (w *world) status(id string) string {
	w.t.Helper()
	in, ok := w.sim.Instance(id)
	if !ok {
		return ""
	}
	return in.Status
}

// isRunning and isStopped check the truth; they fit TestStep.PostApplyFunc.
func (w *world) isRunning(id string) func() { return w.is(id, w.sim.Words().Running) }
func (w *world) isStopped(id string) func() { return w.is(id, w.sim.Words().Stopped) }

func (w *world) is(id, want string) func() {
	return func() {
		w.t.Helper()
		if got := w.status(id); got != want {
			w.t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

// writes counts the starts, stops and reboots that arrived.
func (w *world) writes() int {
	n := 0
	for _, call := range w.sim.Calls(0) {
		if call.Op.Write() && !call.DryRun {
			n++
		}
	}
	return n
}

// hcl is a configuration: the provider's block and the resources.
func (w *world) hcl(resources string) string { return w.hclWith("", resources) }

// hclWith is hcl with further lines in the provider's block.
func (w *world) hclWith(settings, resources string) string {
	return fmt.Sprintf("provider \"instance\" {\n%s\n%s {\n%s\n endpoint = %q\n}\n}\n%s", settings, w.cloud, w.config, w.server.URL(), resources)
}

// power is a resource instance_power_state.web.
func power(id, state string, lines ...string) string { return named("web", id, state, lines...) }

// named is a resource instance_power_state of that name.
func named(name, id, state string, lines ...string) string {
	return fmt.Sprintf("resource \"instance_power_state\" %q {\n instance_id = %q\n state = %q\n%s\n}\n", name, id, state, strings.Join(lines, "\n"))
}

const web = "instance_power_state.web"

// factories serve the provider in process, with short graces.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	engine := powerstate.Options{AppearGrace: time.Second, ModeGrace: time.Second}
	return map[string]func() (tfprotov6.ProviderServer, error){
		"instance": func() (tfprotov6.ProviderServer, error) { return NewServer(newWith("test", clouds, engine))(), nil },
	}
}

// run runs the steps of one test.
func (w *world) run(steps ...resource.TestStep) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

// says matches a text in the CLI's output, which breaks lines where it likes.
func says(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// count is how many calls of an action arrived.
func (w *world) count(action string) int { return w.sim.CallCounts()[action] }

// stopBehindTheBack begins a stop that Terraform knows nothing of.
func (w *world) stopBehindTheBack(id string) {
	w.t.Helper()
	in, ok := w.sim.Instance(id)
	if !ok {
		w.t.Fatalf("there is no %s", id)
	}
	words := w.sim.Words()
	in.Status, in.StoppedMode = words.Stopping, words.KeepCharging
	if err := w.sim.Seed(in); err != nil {
		w.t.Fatalf("seed %s: %v", id, err)
	}
}
