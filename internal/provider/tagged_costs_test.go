package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// What the first example of the schedules guide calls, in fake time, so that the
// counts are exact: a search by a tag, and a fleet with the states of what it found.
// Each run is a process of its own, as in a pipeline.
func TestCostsOfTaggedSchedules(t *testing.T) {
	eachSimulation(t, func(t *testing.T, s *simulation, row simulator.Service) {
		inFakeTime(t, func(t *testing.T) {
			s.t = t
			c := taggedCosts{simulation: s, row: row}
			c.seedTagged()
			for _, run := range weekOfRuns {
				c.run(run)
			}
		})
	})
}

// weekOfRuns are runs at several times of the week, and what an apply calls.
var weekOfRuns = []taggedRun{
	{"2026-11-23T07:00:00+08:00", 8, 0, 1}, // Monday: the office is closed, the night is over.
	{"2026-11-23T12:00:00+08:00", 8, 1, 0}, // The office is open.
	{"2026-11-23T12:30:00+08:00", 3, 0, 0},
	{"2026-11-23T23:00:00+08:00", 8, 1, 1}, // The office is closed, the night has begun.
	{"2026-11-28T05:00:00+08:00", 3, 0, 0}, // The night of Friday.
	{"2026-11-28T11:00:00+08:00", 8, 1, 1}, // Saturday morning.
	{"2026-11-29T20:00:00+08:00", 8, 0, 1}, // Sunday evening.
}

// taggedCosts is a region of one cloud between two runs.
type taggedCosts struct {
	*simulation

	row   simulator.Service
	state resourceState
}

// seedTagged makes the 100 instances of the region.
func (c *taggedCosts) seedTagged() {
	c.t.Helper()
	next := 1
	for _, group := range taggedInstances {
		like := c.row.Template
		like.Region = c.row.Region
		if group.tag != "" {
			like.Tags = map[string]string{"schedule": group.tag}
		}
		if _, err := c.server.Cloud(c.row.Cloud).SeedBulk(simulator.Bulk{
			Count: group.count, First: next, IDPattern: c.row.IDPattern, Template: like,
		}); err != nil {
			c.t.Fatal(err)
		}
		next += group.count
	}
}

// wantCalls counts the calls of a run so far.
func (c *taggedCosts) wantCalls(what string, most taggedRun) {
	c.t.Helper()
	calls := c.server.Cloud(c.row.Cloud).Calls(0)
	got := taggedRun{at: most.at}
	for _, call := range calls {
		switch call.Op {
		case simulator.OpStart:
			got.starts++
		case simulator.OpStop:
			got.stops++
		default:
			got.reads++
		}
	}
	c.t.Logf("%s at %s: %d reads, %d starts, %d stops", what, most.at, got.reads, got.starts, got.stops)
	if got.reads > most.reads || got.starts != most.starts || got.stops != most.stops {
		c.t.Errorf("%s at %s: got %d reads, %d starts and %d stops, want at most %d, and %d and %d%s", what, most.at,
			got.reads, got.starts, got.stops, most.reads, most.starts, most.stops, describeCalls(calls))
	}
}

// run is one process of the provider: it searches, refreshes and plans, and applies.
func (c *taggedCosts) run(run taggedRun) {
	c.t.Helper()
	time.Sleep(time.Hour)
	c.server.Cloud(c.row.Cloud).ForgetCalls()
	names, key := clouds[c.row.Cloud].account.Names(), c.row.Keys.Lasting
	block := c.here(c.row, map[string]any{names.ID.Name: key.AccessKeyID, names.Secret.Name: key.Secret})
	r := matrixResource{
		setup: &setup{rpc: c.provider(map[string]any{c.row.Cloud: block})}, name: fleetType,
		a: leaf{path: []string{"states"}}, f: form{name: "as the tags say"},
	}
	states := map[string]tftypes.Value{}
	for id, tag := range r.scheduleTags(c.row.Cloud) {
		arguments := []tftypes.Value{text6(tag), text6("Asia/Shanghai"), text6(run.at)}
		if state, problem := r.callFunction("scheduled_state", arguments); problem == nil {
			states[id] = state
		}
	}
	if len(states) != 95 {
		c.t.Errorf("got %d instances with a schedule, want 95", len(states))
	}
	of := r.schema.ResourceSchemas[fleetType].ValueType()
	config := encode(c.t, of, map[string]any{
		"cloud": c.row.Cloud, "states": states, "stopped_mode": "stop_charging_if_supported",
	})
	if c.state.value.IsNull() {
		c.state.value = tftypes.NewValue(of, nil)
	} else {
		resp, err := r.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: fleetType, CurrentState: r.wire(c.state.value), Private: c.state.private,
		})
		r.must(err)
		wantTexts(c.t, resp.Diagnostics, "")
		refreshed, err := resp.NewState.Unmarshal(of)
		r.must(err)
		c.state = resourceState{refreshed, resp.Private}
	}
	plan, planned := r.propose("apply", c.state, config)
	if plan == nil {
		c.t.Fatalf("at %s: there is no plan", run.at)
	}
	c.wantCalls("the plan", taggedRun{at: run.at, reads: 2})
	if !planned.Equal(c.state.value) {
		var ok bool
		if c.state, ok = r.carryOut("apply", c.state, config, plan, planned); !ok {
			c.t.Errorf("at %s: the apply failed", run.at)
		}
	}
	c.wantCalls("the apply", run)
}

// scheduleTags searches for the instances with a tag, and returns the tag by id.
func (r matrixResource) scheduleTags(cloudName string) map[string]string {
	r.t.Helper()
	of := r.schema.DataSourceSchemas[powerStatesType].ValueType()
	config := encode(r.t, of, map[string]any{"cloud": cloudName, "tags": wordMap(map[string]string{"schedule": ""})})
	resp, err := r.server.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: powerStatesType, Config: r.wire(config),
	})
	r.must(err)
	wantTexts(r.t, resp.Diagnostics, "")
	state, err := resp.State.Unmarshal(of)
	r.must(err)
	var found map[string]tftypes.Value
	r.must(valueAt(r.t, state, []string{"instances"}).As(&found))
	tags := make(map[string]string, len(found))
	for id, in := range found {
		tags[id], _ = plain(valueAt(r.t, in, []string{"tags"})).(map[string]any)["schedule"].(string)
	}
	return tags
}
