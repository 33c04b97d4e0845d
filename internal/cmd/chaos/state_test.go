package main

import (
	"strings"
	"testing"
)

func TestCheckState(t *testing.T) {
	t.Parallel()
	targets := map[string]string{"i-1": stopped, "i-2": running, "i-3": running}
	const good = `{"version": 4, "resources": [
		{"type": "instance_power_state", "instances": [{"attributes": {"instance_id": "i-1", "state": "stopped"}}]},
		{"type": "instance_fleet_power_state", "instances": [{"attributes": {"state": "running", "instances": {
			"i-2": {"state": "running", "error": null}, "i-3": {"state": "running", "error": null}}}}]}
	]}`
	const (
		third   = `"i-3": {"state": "running", "error": null}`
		single  = `[{"attributes": {"instance_id"`
		tainted = `[{"status": "tainted", "attributes": {"instance_id"`
		deposed = `[{"deposed": "0123", "attributes": {"instance_id"`
	)
	tests := map[string]struct{ from, to, want string }{
		"all as they should be":             {},
		"half a file":                       {`]}`, ``, "the state: "},
		"another version":                   {`"version": 4`, `"version": 3`, "version 3"},
		"a single one in another state":     {`"stopped"`, `"running"`, `i-1 is "running" in the state, want "stopped"`},
		"one that is missing":               {third, `"i-2": {"state": "running"}`, "i-3"},
		"one too many":                      {third, `"i-4": {"state": "running"}, ` + third, "4 instances, want 3"},
		"a member in another state":         {third, `"i-3": {"state": "stopped", "error": null}`, "of a fleet"},
		"a member with an error":            {third, `"i-3": {"state": "running", "error": "throttled"}`, "throttled"},
		"a tainted one":                     {single, tainted, "tainted"},
		"one that is left of a replacement": {single, deposed, "0123"},
		"a resource of another type":        {`"instance_power_state"`, `"terraform_data"`, "terraform_data"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.ReplaceAll(good, test.from, test.to)
			if test.from == "" {
				text = good
			}
			err := checkState([]byte(text), targets)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}
