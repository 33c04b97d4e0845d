package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/schedule"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// taggedInstances are the 100 instances of each region: how many have which tag.
// Two tags are no schedule, and three instances have none.
var taggedInstances = []struct {
	tag   string
	count int
}{
	{"mon-fri 08:00-19:30", 40},
	{"mon-fri 08:00-19:30 / sat+sun 10:00-14:00", 27},
	{"mon-fri 22:00-06:00", 19},
	{"daily 00:00-24:00", 9},
	{"office hours", 1},
	{"mon,tue 08:00-19:30", 1},
	{"", 3},
}

// taggedRun is a run of the example: the most reads, and the starts and stops, that
// it may make for each 100 instances and region.
type taggedRun struct {
	at                   string
	reads, starts, stops int
}

// The first example of the schedules guide is applied at several times of the week,
// to 100 instances in each of two regions of every cloud.
func TestEndToEndTaggedSchedules(t *testing.T) {
	t.Parallel()
	w := newTaggedClouds(t)
	for i, run := range weekOfRuns {
		if i == 1 || i == 2 { // One that starts instances, and one that changes nothing.
			w.planAt(run)
		}
		if i != 4 && i != 6 { // A CLI takes its time.
			w.applyAt(run)
		}
	}
	if out, err := w.cli.run("destroy", "-auto-approve", "-no-color", "-var", "at=2026-11-28T11:00:00+08:00"); err != nil {
		t.Errorf("destroy: %v\n%s", err, out)
	}
}

// taggedClouds are the simulated clouds, with the example for each of them.
type taggedClouds struct {
	t      *testing.T
	cli    *cli
	server *simulator.Server
	tags   map[string]string // by id
}

func newTaggedClouds(t *testing.T) *taggedClouds {
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
	localcloud.SetTransition(server, transitionTime)
	w := &taggedClouds{t: t, server: server, tags: make(map[string]string)}
	config := "variable \"at\" {\n type = string\n}\n" +
		strings.Replace(exampleProvider(server), "{\n", "{\nbatch_window = \"250ms\"\n", 1)
	for _, wire := range server.Wires() {
		name := wire.Cloud().Name()
		config += fmt.Sprintf("module %q {\n source = \"./%s\"\n at = var.at\n}\n", name, name)
	}
	w.cli = newCLI(t, config, exampleEnvironment(server)...)
	for _, wire := range server.Wires() {
		w.seed(wire.Cloud())
		w.copyExample(wire.Cloud())
	}
	if out, err := w.cli.run("get", "-no-color"); err != nil {
		t.Fatalf("get: %v\n%s", err, out)
	}
	return w
}

// regionsOf are two regions of a cloud, or none where it has none.
func regionsOf(c *simulator.Cloud) []string {
	if !clouds[c.Name()].hasRegion() {
		return []string{""}
	}
	return c.Regions()[:2]
}

// seed makes the instances of a cloud, all running.
func (w *taggedClouds) seed(c *simulator.Cloud) {
	w.t.Helper()
	all := services()
	row := all[slices.IndexFunc(all, func(s service) bool { return s.cloud == c.Name() })]
	next := 1
	for _, region := range regionsOf(c) {
		for _, group := range taggedInstances {
			like := row.like
			like.Region = region
			if group.tag != "" {
				like.Tags = map[string]string{"schedule": group.tag}
			}
			ids, err := c.SeedBulk(simulator.Bulk{
				Count:       group.count,
				First:       next,
				IDPattern:   row.idPattern,
				NamePattern: "web-#",
				Template:    like,
			})
			if err != nil {
				w.t.Fatal(err)
			}
			next += group.count
			for _, id := range ids {
				w.tags[id] = group.tag
			}
		}
	}
}

// copyExample makes a module of the example as it stands on the pages, with another
// cloud for the one that it names.
func (w *taggedClouds) copyExample(c *simulator.Cloud) {
	w.t.Helper()
	if err := os.Mkdir(filepath.Join(w.cli.folder, c.Name()), 0o700); err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"main.tf", "cost.tf"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "guides", "schedules", name))
		if err != nil {
			w.t.Fatal(err)
		}
		changes := []string{
			`"tencentcloud"`, fmt.Sprintf("%q", c.Name()), `["ap-guangzhou", "ap-shanghai"]`, hclList(regionsOf(c)),
		}
		if !clouds[c.Name()].hasRegion() {
			changes = append(changes, "region = each.key", "", "region       = each.key", "")
		}
		w.cli.write(filepath.Join(c.Name(), name), strings.NewReplacer(changes...).Replace(string(text)))
	}
}

// planAt plans at a time, which warns of the malformed tags.
func (w *taggedClouds) planAt(run taggedRun) {
	w.t.Helper()
	out := w.do("plan", run.at)
	w.wantCosts("the plan", taggedRun{at: run.at, reads: 2})
	got := len(says(`The tag "schedule" of these instances is not a schedule`).FindAllString(out, -1))
	if got != len(w.server.Wires()) {
		w.t.Errorf("the plan at %s warns of the malformed tags %d times, want once for each cloud:\n%s", run.at, got, out)
	}
}

// applyAt applies at a time. Every instance is then as its tag says.
func (w *taggedClouds) applyAt(run taggedRun) {
	w.t.Helper()
	w.do("apply", run.at)
	w.wantCosts("the apply", run)
	for _, wire := range w.server.Wires() {
		for _, in := range wire.Cloud().Instances() {
			if want := w.scheduled(wire.Cloud().Words(), w.tags[in.ID], run.at); in.Status != want {
				w.t.Errorf("at %s, %s with the tag %q is %s, want %s", run.at, in.ID, w.tags[in.ID], in.Status, want)
			}
		}
	}
}

// do runs a command at a time, and counts calls from there.
func (w *taggedClouds) do(command, at string) string {
	w.t.Helper()
	for _, wire := range w.server.Wires() {
		wire.Cloud().ForgetCalls()
	}
	args := []string{command, "-no-color", "-var", "at=" + at}
	if command == "apply" {
		args = append(args, "-auto-approve")
	}
	out, err := w.cli.run(args...)
	if err != nil {
		w.t.Fatalf("%s at %s: %v\n%s", command, at, err, out)
	}
	return out
}

// scheduled is the cloud's word for what an instance with a tag is at a time. One
// whose tag is no schedule is left running.
func (w *taggedClouds) scheduled(words simulator.Words, tag, timestamp string) string {
	w.t.Helper()
	s, err := schedule.ParseText(tag)
	if err != nil {
		return words.Running
	}
	at, err := schedule.ParseTimestamp(timestamp)
	if err != nil {
		w.t.Fatal(err)
	}
	zone, err := schedule.LoadZone("Asia/Shanghai")
	if err != nil {
		w.t.Fatal(err)
	}
	if s.Running(at, zone) {
		return words.Running
	}
	return words.Stopped
}

// starved is how many times as many calls a run may make here. On a machine with more
// to do than it can, batches fall apart. TestCostsOfTaggedSchedules has the exact
// numbers, in fake time.
const starved = 3

// wantCosts wants about as many calls in each region as a run may make, and no write
// of a kind that it does not need.
func (w *taggedClouds) wantCosts(what string, most taggedRun) {
	w.t.Helper()
	for _, wire := range w.server.Wires() {
		for _, region := range regionsOf(wire.Cloud()) {
			got := taggedRun{at: most.at}
			for _, call := range wire.Cloud().Calls(0) {
				switch {
				case region != "" && call.Region != region, call.Lost:
					// Of another region, or a read of which the answer took so long that
					// it was repeated.
				case call.Op == simulator.OpStart:
					got.starts++
				case call.Op == simulator.OpStop:
					got.stops++
				default:
					got.reads++
				}
			}
			at := strings.TrimSuffix(wire.Cloud().Name()+"/"+region, "/")
			w.t.Logf("%s at %s, %s: %d reads, %d starts, %d stops", what, most.at, at, got.reads, got.starts, got.stops)
			if got.reads > starved*most.reads || got.starts > starved*most.starts || got.stops > starved*most.stops {
				w.t.Errorf("%s at %s, %s: got %d reads, %d starts and %d stops, want about %d, %d and %d%s", what, most.at, at,
					got.reads, got.starts, got.stops, most.reads, most.starts, most.stops, describeCalls(wire.Cloud().Calls(0)))
			}
		}
	}
}

// The variable of the guide refuses a schedule that is malformed.
func TestEndToEndScheduleOfAVariable(t *testing.T) {
	t.Parallel()
	c := newCLI(t, `
variable "schedule" {
  type    = string

  validation {
    condition     = can(provider::instance::scheduled_state(var.schedule, "UTC", "2026-01-01T00:00:00Z"))
    error_message = "The schedule must be windows such as mon-fri 08:00-19:30 / sat+sun 10:00-14:00."
  }
}
output "schedule" {
  value = var.schedule
}
`)
	if out, err := c.run("apply", "-auto-approve", "-no-color", "-var", "schedule=mon-fri 08:00-19:30"); err != nil {
		t.Errorf("apply: %v\n%s", err, out)
	}
	out, err := c.run("plan", "-no-color", "-var", "schedule=mon-fry 08:00-19:30")
	if err == nil || !says("The schedule must be windows such as").MatchString(out) {
		t.Errorf("plan: %v\n%s", err, out)
	}
}
