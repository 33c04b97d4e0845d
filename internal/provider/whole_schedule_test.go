package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/schedule"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// tagged are the instances of each region in the example of the schedules guide:
// how many have which tag. The one without a schedule does not run.
var taggedInstances = []struct {
	tag   string
	count int
}{
	{"mon-fri 08:00-19:30", 40},
	{"mon-fri 08:00-19:30 / sat+sun 10:00-14:00", 30},
	{"mon-fri 22:00-06:00", 20},
	{"daily 00:00-24:00", 9},
	{"office hours", 1},
}

// taggedRun is a run of the example: the most reads, starts and stops that it may
// make in each region.
type taggedRun struct {
	at                   string
	reads, starts, stops int
}

// The first example of the schedules guide is applied at several times of the
// week, to 100 instances with a tag in each of two regions, on every cloud.
func TestWholeTaggedSchedules(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		regions := w.taggedRegions()
		want := w.seedTagged(regions)
		c := w.taggedExample(regions)
		for _, run := range []taggedRun{
			{"2026-11-23T07:00:00+08:00", 8, 0, 1}, // Monday: most are stopped.
			{"2026-11-23T12:00:00+08:00", 8, 1, 0}, // The office opens, the night is over.
			{"2026-11-23T12:30:00+08:00", 3, 0, 0},
			{"2026-11-23T23:00:00+08:00", 8, 1, 1}, // The office is closed, the night begins.
			{"2026-11-28T05:00:00+08:00", 3, 0, 0}, // The night of Friday.
			{"2026-11-28T11:00:00+08:00", 8, 1, 1}, // Saturday.
			{"2026-11-29T20:00:00+08:00", 8, 0, 1}, // Sunday evening.
		} {
			w.wantTagged(c, run, regions, want)
		}
		if out, err := c.run("destroy", "-auto-approve", "-no-color"); err != nil {
			t.Errorf("destroy: %v\n%s", err, out)
		}
	})
}

// taggedRegions are two regions of the cloud, or none where it has none.
func (w *world) taggedRegions() []string {
	if !clouds[w.cloud].hasRegion() {
		return []string{""}
	}
	return w.sim.Regions()[:2]
}

// seedTagged makes the instances of the regions, all running, and three without a
// tag in each. It returns the tags by id.
func (w *world) seedTagged(regions []string) map[string]string {
	w.t.Helper()
	tags := make(map[string]string)
	for _, region := range regions {
		for _, group := range append(taggedInstances, struct {
			tag   string
			count int
		}{"", 3}) {
			like := w.like
			like.Region = region
			if group.tag != "" {
				like.Tags = map[string]string{"schedule": group.tag}
			}
			ids, err := w.sim.SeedBulk(simulator.Bulk{Count: group.count, First: 1 + w.next, IDPattern: w.idPattern, NamePattern: "web-#", Template: like})
			if err != nil {
				w.t.Fatal(err)
			}
			w.next += group.count
			for _, id := range ids {
				tags[id] = group.tag
			}
		}
	}
	return tags
}

// taggedExample is the example on the pages, with this cloud for the one that it
// names.
func (w *world) taggedExample(regions []string) *cli {
	w.t.Helper()
	folder := filepath.Join("..", "..", "examples", "guides", "schedules")
	c := newCLI(w.t, "")
	c.write("main.tf", "")
	for _, name := range []string{"main.tf", "cost.tf"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			w.t.Fatal(err)
		}
		example := strings.ReplaceAll(string(text), `"tencentcloud"`, fmt.Sprintf("%q", w.cloud))
		example = strings.ReplaceAll(example, `["ap-guangzhou", "ap-shanghai"]`, hclList(regions))
		if regions[0] == "" {
			example = strings.ReplaceAll(example, "region = each.key", "")
			example = strings.ReplaceAll(example, "region       = each.key", "")
		}
		if w.sim.Words().StopCharging == "" {
			example = strings.ReplaceAll(example, `"stop_charging"`, `"keep_charging"`)
		}
		c.write("example_"+name, example)
	}
	c.write("provider.tf", w.hcl(""))
	return c
}

// wantTagged plans and applies at a time. Every instance is then as its tag says,
// and each region was called no more often than a run may.
func (w *world) wantTagged(c *cli, run taggedRun, regions []string, tags map[string]string) {
	w.t.Helper()
	at := "at=" + run.at
	w.sim.ForgetCalls()
	out, err := c.run("plan", "-no-color", "-var", at)
	if err != nil {
		w.t.Fatalf("plan at %s: %v\n%s", run.at, err, out)
	}
	w.wantCosts("the plan", regions, taggedRun{at: run.at, reads: 2})
	if !says(`The tag "schedule" of these instances is no schedule`).MatchString(out) {
		w.t.Errorf("the plan at %s does not warn of the malformed tags:\n%s", run.at, out)
	}
	w.sim.ForgetCalls()
	if out, err = c.run("apply", "-auto-approve", "-no-color", "-var", at); err != nil {
		w.t.Fatalf("apply at %s: %v\n%s", run.at, err, out)
	}
	w.wantCosts("the apply", regions, run)
	for id, tag := range tags {
		if got, want := w.status(id), w.scheduled(tag, run.at); got != want {
			w.t.Errorf("at %s, %s with the tag %q is %s, want %s", run.at, id, tag, got, want)
		}
	}
}

// scheduled is the cloud's word for what an instance with a tag is at a time. One
// whose tag is no schedule is left running.
func (w *world) scheduled(tag, timestamp string) string {
	w.t.Helper()
	s, err := schedule.ParseText(tag)
	if err != nil {
		return w.sim.Words().Running
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
		return w.sim.Words().Running
	}
	return w.sim.Words().Stopped
}

// wantCosts wants no more calls in each region than a run may make.
func (w *world) wantCosts(what string, regions []string, most taggedRun) {
	w.t.Helper()
	for _, region := range regions {
		got := taggedRun{at: most.at}
		for _, call := range w.sim.Calls(0) {
			switch {
			case region != "" && call.Region != region:
			case call.Action == w.start:
				got.starts++
			case call.Action == w.stop:
				got.stops++
			default:
				got.reads++
			}
		}
		w.t.Logf("%s at %s, region %q: %d reads, %d starts, %d stops", what, most.at, region, got.reads, got.starts, got.stops)
		if got.reads > most.reads || got.starts != most.starts || got.stops != most.stops {
			w.t.Errorf("%s at %s, region %q: got %d reads, %d starts and %d stops, want at most %d, and %d and %d%s", what, most.at, region,
				got.reads, got.starts, got.stops, most.reads, most.starts, most.stops, describeCalls(w.sim.Calls(0)))
		}
	}
}
