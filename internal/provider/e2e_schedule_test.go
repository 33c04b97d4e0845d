package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/schedule"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
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
// to 100 instances in each of two regions of every cloud that has regions, and in each
// service of the others.
func TestEndToEndTaggedSchedules(t *testing.T) {
	t.Parallel()
	w := newTaggedClouds(t)
	for i, run := range weekOfRuns {
		switch i {
		case 1, 2: // One that starts instances, and one that changes nothing.
			w.planAt(run)
			w.applyAt(run, "saved")
		case 0, 3, 5: // A CLI takes its time.
			w.applyAt(run, "-var", "at="+run.at)
		}
	}
	w.wantExact()
}

// taggedClouds are all services, with the example for each of them.
type taggedClouds struct {
	t    *testing.T
	cli  *cli
	all  []*harness
	tags map[string]string // by id
	// exact and runs count, for each service, the runs of a region that made no more
	// calls than they may, and all of them.
	exact, runs map[*harness]int
}

func newTaggedClouds(t *testing.T) *taggedClouds {
	t.Helper()
	all, config := newTogether(t, `batch_window = "250ms"`)
	w := &taggedClouds{t: t, all: all, tags: map[string]string{}, exact: map[*harness]int{}, runs: map[*harness]int{}}
	config += "variable \"at\" {\n type = string\n}\n"
	for _, h := range all {
		config += fmt.Sprintf("module %[1]q {\n source = \"./%[1]s\"\n at = var.at\n"+
			" providers = {\n instance = %[2]s\n }\n}\n", h.key(), h.provider())
	}
	w.cli = newCLI(t, config)
	for _, h := range all {
		w.seed(h)
		w.copyExample(h)
	}
	if out, err := w.cli.run("get", "-no-color"); err != nil {
		t.Fatalf("get: %v\n%s", err, out)
	}
	return w
}

// regionsOf are two regions of a cloud, or none where it has none.
func (h *harness) regionsOf() []string {
	if !h.regional() {
		return []string{""}
	}
	return h.sim.Regions()[:2]
}

// seed makes the instances of a service, all running.
func (w *taggedClouds) seed(h *harness) {
	w.t.Helper()
	for _, region := range h.regionsOf() {
		for _, group := range taggedInstances {
			like := h.like
			like.Region = region
			if group.tag != "" {
				like.Tags = map[string]string{"schedule": group.tag}
			}
			ids, err := h.sim.SeedBulk(simulator.Bulk{
				Count:       group.count,
				First:       h.next + 1,
				IDPattern:   h.idPattern,
				NamePattern: "web-#",
				Template:    like,
			})
			if err != nil {
				w.t.Fatal(err)
			}
			h.next += group.count
			for _, id := range ids {
				w.tags[id] = group.tag
			}
		}
	}
}

// copyExample makes a module of the example as it stands on the pages, with another
// cloud for the one that it names.
func (w *taggedClouds) copyExample(h *harness) {
	w.t.Helper()
	if err := os.Mkdir(filepath.Join(w.cli.folder, h.key()), 0o700); err != nil {
		w.t.Fatal(err)
	}
	names := []string{"main.tf"}
	if h == w.all[0] { // What instances cost does not depend on the cloud.
		names = append(names, "cost.tf")
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "guides", "schedules", name))
		if err != nil {
			w.t.Fatal(err)
		}
		changes := []string{
			`"tencentcloud"`, fmt.Sprintf("%q", h.cloud), `["ap-guangzhou", "ap-shanghai"]`, hclList(h.regionsOf()),
		}
		if !h.regional() {
			changes = append(changes, "region = each.key", "", "region       = each.key", "")
		}
		w.cli.write(filepath.Join(h.key(), name), strings.NewReplacer(changes...).Replace(string(text)))
	}
}

// planAt plans at a time, which warns of the malformed tags.
func (w *taggedClouds) planAt(run taggedRun) {
	w.t.Helper()
	forgetCalls(w.all)
	o := w.do("plan", "-var", "at="+run.at, "-out=saved")
	w.wantCosts("the plan", taggedRun{at: run.at, reads: 2})
	malformed := slices.DeleteFunc(o.warnings(""), func(text string) bool {
		return !says(`The tag "schedule" of these instances is not a schedule`).MatchString(text)
	})
	if len(malformed) != len(w.all) {
		w.t.Errorf("the plan at %s warns of the malformed tags %q, want once for each service", run.at, malformed)
	}
}

// applyAt applies at a time, or what was planned. Every instance is then as its tag says.
func (w *taggedClouds) applyAt(run taggedRun, args ...string) {
	w.t.Helper()
	if args[0] != "saved" {
		forgetCalls(w.all)
	}
	w.do("apply", args...)
	w.wantCosts("the apply", run)
	for _, h := range w.all {
		for _, in := range h.sim.Instances() {
			if want := w.scheduled(h.sim.Words(), w.tags[in.ID], run.at); in.Status != want {
				w.t.Errorf("at %s, %s with the tag %q is %s, want %s", run.at, in.ID, w.tags[in.ID], in.Status, want)
			}
		}
	}
}

// do runs a command with the parallelism that the CLI has by default.
func (w *taggedClouds) do(command string, args ...string) outcome {
	w.t.Helper()
	o := w.cli.do(command, append([]string{"-parallelism=10"}, args...)...)
	if o.err != nil {
		w.t.Fatalf("%s %v: %v\n%s", command, args, o.err, o.text)
	}
	w.t.Logf("%s %v took %s", command, args, o.took.Round(10*time.Millisecond))
	return o
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
// to do than it can, a batch may fall apart, or a fleet be read once more.
const starved = 3

// wantCosts counts the calls in each region: none of a kind that a run does not need, and
// not many more than it may make.
func (w *taggedClouds) wantCosts(what string, most taggedRun) {
	w.t.Helper()
	for _, h := range w.all {
		for _, region := range h.regionsOf() {
			got, calls := taggedRun{at: most.at}, h.own()
			for _, call := range calls {
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
			w.runs[h]++
			if got.reads <= most.reads && got.starts == most.starts && got.stops == most.stops {
				w.exact[h]++
				continue
			}
			at := strings.TrimSuffix(h.name+"/"+region, "/")
			w.t.Logf("%s at %s, %s: %d reads, %d starts, %d stops", what, most.at, at, got.reads, got.starts, got.stops)
			if got.reads > starved*most.reads || got.starts > starved*most.starts || got.stops > starved*most.stops {
				w.t.Errorf("%s at %s, %s: got %d reads, %d starts and %d stops, want %d, %d and %d%s", what, most.at, at,
					got.reads, got.starts, got.stops, most.reads, most.starts, most.stops, describeCalls(calls))
			}
		}
	}
}

// wantExact wants the exact costs of most runs on each service. On a machine that has time
// all of them have these; TestCostsOfTaggedSchedules counts in fake time.
func (w *taggedClouds) wantExact() {
	w.t.Helper()
	for _, h := range w.all {
		if 2*w.exact[h] <= w.runs[h] {
			w.t.Errorf("%s: of %d runs of a region only %d have the exact costs", h.name, w.runs[h], w.exact[h])
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
