package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func TestReadPlan(t *testing.T) {
	t.Parallel()
	got, err := readPlan([]byte(`{
		"format_version": "1.2",
		"planned_values": {"root_module": {"resources": [
			{"address": "terraform_data.other", "type": "terraform_data", "values": {"state": 3}},
			{"address": "instance_power_state.render[\"i-2\"]", "type": "instance_power_state",
			 "values": {"cloud": "volcengine", "instance_id": "i-2", "state": "stopped", "stopped_mode": "stop_charging",
			            "on_destroy": "leave", "timeouts": null}},
			{"address": "instance_power_state.backup", "type": "instance_power_state",
			 "values": {"cloud": "tencentcloud", "instance_id": "ins-1", "state": "running", "on_destroy": "restore",
			            "force_stop": false}}
		]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []wanted{
		{Address: "instance_power_state.backup", Cloud: "tencentcloud", ID: "ins-1", State: "running", OnDestroy: "restore"},
		{
			Address: `instance_power_state.render["i-2"]`, Cloud: "volcengine", ID: "i-2", State: "stopped",
			StoppedMode: "stop_charging", OnDestroy: "leave",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances of the plan (-want +got):\n%s", diff)
	}
	_, err = readPlan([]byte("Error: no"))
	wantError(t, err, "read the plan")
}

// goodExample returns what checkExample accepts: on each cloud a running
// instance that is to be stopped, with stop_charging where the cloud has it, and
// on the first a stopped one to be started, one to be restored, and a plain one.
func goodExample(server *simulator.Server) (all []wanted, before truth) {
	before = truth{}
	add := func(w wanted, status string) {
		all = append(all, w)
		before[w.key()] = simulator.Instance{ID: w.ID, Status: status}
	}
	for n, wire := range server.Wires() {
		name, words := wire.Cloud().Name(), wire.Cloud().Words()
		mode := stopCharging
		if words.StopCharging == "" {
			mode = ""
		}
		add(wanted{Cloud: name, ID: "stop", State: stopped, StoppedMode: mode, OnDestroy: "leave"}, words.Running)
		if n == 0 {
			add(wanted{Cloud: name, ID: "start", State: running, OnDestroy: "leave"}, words.Stopped)
			add(wanted{Cloud: name, ID: "restore", State: stopped, OnDestroy: restore}, words.Running)
			add(wanted{Cloud: name, ID: "plain", State: stopped, OnDestroy: "leave"}, words.Running)
		}
	}
	return all, before
}

func TestCheckExample(t *testing.T) {
	t.Parallel()
	server := clouds(t)
	first := server.Wires()[0].Cloud()
	without := func(id string) func([]wanted, truth) []wanted {
		return func(all []wanted, _ truth) []wanted {
			return slices.DeleteFunc(all, func(w wanted) bool { return w.Cloud == first.Name() && w.ID == id })
		}
	}
	tests := []struct {
		name   string
		change func([]wanted, truth) []wanted
		want   string
	}{
		{"all is there", func(all []wanted, _ truth) []wanted { return all }, ""},
		{"nothing is there", func([]wanted, truth) []wanted { return nil }, "stops no running instance on " + first.Name()},
		{"no stop without charging", without("stop"), "uses stop_charging for no instance on " + first.Name()},
		{"no start", without("start"), "starts no stopped instance"},
		{"a start of what runs", func(all []wanted, before truth) []wanted {
			before[key{first.Name(), "start"}] = simulator.Instance{ID: "start", Status: first.Words().Running}
			return all
		}, "starts no stopped instance"},
		{"no restore", without("restore"), "no instance that a destroy brings back"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all, before := goodExample(server)
			all = tt.change(all, before)
			wantError(t, checkExample(server, all, before), tt.want)
		})
	}
}

func TestDriftCandidateIsAPlainStop(t *testing.T) {
	t.Parallel()
	all := []wanted{
		{ID: "runs", State: running},
		{ID: "free", State: stopped, StoppedMode: stopCharging},
		{ID: "restored", State: stopped, OnDestroy: restore},
	}
	_, err := driftCandidate(all)
	wantError(t, err, "no stopped instance without stopped_mode and on_destroy")
	got, err := driftCandidate(append(all, wanted{ID: "plain", State: stopped, OnDestroy: "leave"}))
	if err != nil || got.ID != "plain" {
		t.Errorf("got %q and error %v, want %q", got.ID, err, "plain")
	}
}

// root is the folder of the module, seen from this package's.
var root = filepath.Join("..", "..", "..")

func TestExampleReachesNothingButItsEndpoint(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, example, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wire := range clouds(t).Wires() {
		block := regexp.MustCompile(`(?s)\n  ` + wire.Cloud().Name() + ` \{\n(.*?)\n  \}`).FindSubmatch(data)
		if block == nil {
			t.Errorf("the example does not configure %s", wire.Cloud().Name())
			continue
		}
		if !regexp.MustCompile(`(?m)^\s+endpoint\s+= var\.endpoint$`).Match(block[1]) {
			t.Errorf("the example's %s does not use var.endpoint:\n%s", wire.Cloud().Name(), block[1])
		}
	}
}

func TestFleetOfTheExampleIsReadable(t *testing.T) {
	t.Parallel()
	server, err := startClouds(t.Context(), options{root: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &demo{server: server}
	blocked, err := d.blocked(observe(server))
	if err != nil {
		t.Fatal(err)
	}
	for _, wire := range server.Wires() {
		words := wire.Cloud().Words()
		if len(wire.Cloud().Instances()) == 0 {
			t.Errorf("%s has no instance", wire.Cloud().Name())
		}
		for _, i := range wire.Cloud().Instances() {
			if i.Status != words.Running && i.Status != words.Stopped && i.ID != blocked.id {
				t.Errorf("%s %s: got status %q, want %q or %q", wire.Cloud().Name(), i.ID, i.Status, words.Running, words.Stopped)
			}
		}
	}
	keys := demoKeys()
	if got, want := len(keys), len(server.Wires())-1; got != want { // One has a token instead.
		t.Errorf("keys: got %d, want %d", got, want)
	}
}
