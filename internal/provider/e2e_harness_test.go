package provider

// The tests whose name begins with TestEndToEnd run a real Terraform or OpenTofu
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
func eachService(t *testing.T, f func(t *testing.T, h *harness)) {
	t.Helper()
	t.Parallel()
	for _, s := range services() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f(t, newHarness(t, s))
		})
	}
}

// size is how many of something a wide test takes: fewer in short mode, in which "make
// test" runs the end-to-end tests. "make check" runs them in full.
func size(full, short int) int {
	if testing.Short() {
		return short
	}
	return full
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

// startClouds starts a simulator of all clouds, which ends with the test.
func startClouds(t *testing.T) *simulator.Server {
	t.Helper()
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatalf("start the simulator: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	return server
}

// harness is the simulator of one test, and what points the provider at it.
type harness struct {
	service

	t      *testing.T
	server *simulator.Server
	sim    *simulator.Cloud
	audit  simulator.AuditOptions
	next   int
	// alias is that of the service's provider; empty for the one without.
	alias string
}

// transitionTime is how long simulated transitions take in these tests. A wait does not
// see one which is so short, but for one that is untilSeen.
const transitionTime = 400 * time.Millisecond

// untilSeen keeps transitions from ending until a wait has seen them.
var untilSeen = simulator.Trouble{Kind: simulator.Stuck, After: 1}

// newHarness starts a simulator. When the test ends, its log is audited: no test
// may have led to a second write after a lost answer, or to force that it did
// not announce.
func newHarness(t *testing.T, s service) *harness {
	t.Helper()
	cliPath(t)
	server := startClouds(t)
	localcloud.SetTransition(server, transitionTime)
	return harnessOn(t, server, s)
}

// harnessOn is newHarness on a simulator that there is.
func harnessOn(t *testing.T, server *simulator.Server, s service) *harness {
	t.Helper()
	h := &harness{service: s, t: t, server: server, sim: server.Cloud(s.cloud)}
	h.audit.ExplicitForce = true
	t.Cleanup(func() {
		for _, breach := range simulator.Audit(h.sim.Calls(0), h.audit) {
			t.Errorf("a promise was broken: %s", breach)
		}
	})
	return h
}

// seed makes an instance and returns its id.
func (h *harness) seed(edit func(in *simulator.Instance)) string {
	h.t.Helper()
	h.next++
	ids, err := h.sim.SeedBulk(simulator.Bulk{
		Count:       1,
		First:       h.next,
		IDPattern:   h.idPattern,
		NamePattern: "web-#",
		Template:    h.like,
	})
	if err != nil {
		h.t.Fatalf("seed an instance: %v", err)
	}
	if edit != nil {
		h.change(ids[0], edit)
	}
	return ids[0]
}

func (h *harness) running() string { return h.seed(nil) }

func (h *harness) stopped() string {
	return h.seed(func(in *simulator.Instance) {
		in.Status, in.StoppedMode = h.sim.Words().Stopped, h.sim.Words().KeepCharging
	})
}

func (h *harness) change(id string, edit func(in *simulator.Instance)) {
	h.t.Helper()
	if err := h.sim.Change(id, func(in *simulator.Instance) error { edit(in); return nil }); err != nil {
		h.t.Fatalf("change %s: %v", id, err)
	}
}

func (h *harness) trouble(trouble simulator.Trouble) {
	h.t.Helper()
	if _, err := h.sim.AddTrouble(trouble); err != nil {
		h.t.Fatalf("add a trouble: %v", err)
	}
}

// mayForce announces that the power of these instances may be cut.
func (h *harness) mayForce(ids ...string) { h.audit.AllowForced = append(h.audit.AllowForced, ids...) }

// regional says that the cloud has regions.
func (h *harness) regional() bool { return strings.Contains(h.config, "region") }

// notThere is how a message says that there is no such instance.
func (h *harness) notThere() string {
	if h.regional() {
		return "There is no such instance in that region."
	}
	return "There is no such instance in the service that the provider is configured for."
}

// status is the cloud's own word for what an instance truly is.
func (h *harness) status(id string) string {
	h.t.Helper()
	in, ok := h.sim.Instance(id)
	if !ok {
		return ""
	}
	return in.Status
}

// isRunning and isStopped check the truth; they fit TestStep.PostApplyFunc.
func (h *harness) isRunning(id string) func() { return h.is(id, h.sim.Words().Running) }
func (h *harness) isStopped(id string) func() { return h.is(id, h.sim.Words().Stopped) }

func (h *harness) is(id, want string) func() {
	return func() {
		h.t.Helper()
		if got := h.status(id); got != want {
			h.t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

// writes counts the starts, stops and reboots that arrived.
func (h *harness) writes() int {
	n := 0
	for _, call := range h.sim.Calls(0) {
		if call.Op.Write() && !call.DryRun {
			n++
		}
	}
	return n
}

// hcl is a configuration: the provider's block and the resources.
func (h *harness) hcl(resources string) string { return h.hclWith("", resources) }

// hclWith is hcl with further lines in the provider's block.
func (h *harness) hclWith(settings, resources string) string {
	return fmt.Sprintf("provider \"instance\" {\n%s\n%s {\n%s\n endpoint = %q\n}\n}\n%s", settings, h.cloud, h.config,
		h.server.URL(), resources)
}

// power is a resource instance_power_state.web.
func power(id, state string, lines ...string) string { return named("web", id, state, lines...) }

// named is a resource instance_power_state of that name.
func named(name, id, state string, lines ...string) string {
	return fmt.Sprintf("resource \"instance_power_state\" %q {\n instance_id = %q\n state = %q\n%s\n}\n", name, id, state,
		strings.Join(lines, "\n"))
}

const web = "instance_power_state.web"

// factories serve the provider in process, with short graces.
func factories() providers {
	engine := powerstate.Options{AppearGrace: time.Second, ModeGrace: time.Second}
	return providers{
		"instance": func() (tfprotov6.ProviderServer, error) { return NewServer(newWith("test", clouds, engine))(), nil },
	}
}

// run runs the steps of one test.
func (h *harness) run(steps ...resource.TestStep) {
	h.t.Helper()
	resource.UnitTest(h.t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
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
func (h *harness) count(action string) int { return h.sim.CallCounts()[action] }

// stopBehindTheBack begins a stop that Terraform knows nothing of.
func (h *harness) stopBehindTheBack(id string) {
	h.t.Helper()
	in, ok := h.sim.Instance(id)
	if !ok {
		h.t.Fatalf("there is no %s", id)
	}
	words := h.sim.Words()
	in.Status, in.StoppedMode = words.Stopping, words.KeepCharging
	if err := h.sim.Seed(in); err != nil {
		h.t.Fatalf("seed %s: %v", id, err)
	}
}
