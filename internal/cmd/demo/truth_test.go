package main

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// clouds returns the simulated clouds, which do not listen.
func clouds(t *testing.T) *simulator.Server {
	t.Helper()
	server, err := localcloud.New()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestCheckWanted(t *testing.T) {
	t.Parallel()
	server := clouds(t)
	words := server.Cloud("tencentcloud").Words()
	k := key{"tencentcloud", "ins-demoweb1"}
	instance := func(status, mode string) truth {
		return truth{k: {ID: k.id, Status: status, StoppedMode: mode}}
	}
	tests := []struct {
		name        string
		now         truth
		state, mode string
		want        string
	}{
		{"it runs as wanted", instance(words.Running, ""), running, "", ""},
		{"it is stopped as wanted", instance(words.Stopped, words.KeepCharging), stopped, "", ""},
		{"it is stopped in the mode that is wanted", instance(words.Stopped, words.StopCharging), stopped, stopCharging, ""},
		{
			"it runs and should not", instance(words.Running, ""), stopped, "",
			"tencentcloud ins-demoweb1 is RUNNING in the cloud, and the configuration wants it stopped",
		},
		{"it is still on its way", instance(words.Stopping, ""), stopped, "", "is STOPPING in the cloud"},
		{
			"it is stopped and should run", instance(words.Stopped, ""), running, "",
			"is STOPPED in the cloud, and the configuration wants it running",
		},
		{
			"it is stopped in another mode", instance(words.Stopped, words.KeepCharging), stopped, stopCharging,
			`is stopped as "KEEP_CHARGING"`,
		},
		{"it is not there", truth{}, running, "", "tencentcloud ins-demoweb1 does not exist"},
		{
			"a state that the demo does not know is no success", instance("", ""), "paused", "",
			"the configuration wants it paused",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := wanted{Cloud: k.cloud, ID: k.id, State: tt.state, StoppedMode: tt.mode}
			wantError(t, tt.now.checkWanted(server, []wanted{w}), tt.want)
		})
	}
}

func TestCheckWantedOfACloudThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := wanted{Cloud: "nowhere", ID: "i-1", State: running}
	wantError(t, truth{w.key(): {ID: "i-1", Status: "RUNNING"}}.checkWanted(clouds(t), []wanted{w}),
		"nowhere i-1 is RUNNING")
}

func TestCheckSame(t *testing.T) {
	t.Parallel()
	a, b := key{"alicloud", "i-1"}, key{"alicloud", "i-2"}
	earlier := truth{a: {ID: "i-1", Status: "Running"}, b: {ID: "i-2", Status: "Stopped", StoppedMode: "KeepCharging"}}
	tests := []struct {
		name   string
		now    truth
		except []key
		want   string
	}{
		{"nothing changed", truth{a: earlier[a], b: earlier[b]}, nil, ""},
		{
			"a status changed",
			truth{a: {ID: "i-1", Status: "Stopping"}, b: earlier[b]},
			nil,
			"alicloud i-1 was Running and is Stopping, and nothing should have touched it",
		},
		{
			"a mode changed",
			truth{a: earlier[a], b: {ID: "i-2", Status: "Stopped", StoppedMode: "StopCharging"}},
			nil,
			"was Stopped (KeepCharging) and is Stopped (StopCharging)",
		},
		{"an instance is gone", truth{a: earlier[a]}, nil, "alicloud i-2 was Stopped (KeepCharging) and is gone"},
		{"one that may change changed", truth{a: {ID: "i-1", Status: "Stopping"}, b: earlier[b]}, []key{a}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, tt.now.checkSame(earlier, tt.except...), tt.want)
		})
	}
}
