package provider

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestTheFrameworkLogsNothingOfEachInstance: the framework derives a context from
// the former one for each attribute of each instance, and looks for its logger
// through all of them with each message that may be shown. In a fleet of 10,000
// that took minutes. It is not parallel, since it sets a variable of the process.
func TestTheFrameworkLogsNothingOfEachInstance(t *testing.T) {
	t.Setenv(frameworkLog, "")
	quietLogs(true)
	f := func(t *testing.T, n int) (lines int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			f, ids := newFleet(t, n, backend.Running)
			at := f.step(fleetOf("running", ids, nil), held{})
			var log bytes.Buffer
			plan := f.planIn(tfsdklogtest.RootLogger(t.Context(), &log), fleetOf("stopped", ids, nil), at)
			f.wantState(held{state: plan.PlannedState}, map[string]any{"state": "stopped"})
			lines = bytes.Count(log.Bytes(), []byte("\n"))
		})
		return lines
	}
	if few, many := f(t, 2), f(t, 50); many != few {
		t.Errorf("a plan of 2 instances writes %d lines and one of 50 writes %d, want as many", few, many)
	}
}

func TestLogsAreTheUsersChoice(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		want [3]string // of the framework's log, the libraries', and the provider's own
	}{
		"no log is asked for":                 {nil, [3]string{"OFF", "OFF", "OFF"}},
		"one that is off asks for none":       {map[string]string{"TF_LOG": "off"}, [3]string{"OFF", "OFF", "OFF"}},
		"a level that is empty asks for none": {map[string]string{"TF_LOG": ""}, [3]string{"OFF", "OFF", "OFF"}},
		"all logs leave out the framework's":  {map[string]string{"TF_LOG": "TRACE"}, [3]string{"WARN", "", ""}},
		"unless it is asked for": {
			map[string]string{"TF_LOG": "TRACE", frameworkLog: "TRACE"}, [3]string{"TRACE", "", ""},
		},
		"the provider's own":    {map[string]string{ownLog: "DEBUG"}, [3]string{"WARN", "", "DEBUG"}},
		"that of all providers": {map[string]string{providersLog: "DEBUG"}, [3]string{"WARN", "", ""}},
		"the libraries' alone":  {map[string]string{"TF_LOG_SDK_PROTO": "TRACE"}, [3]string{"WARN", "", ""}},
		"that of the CLI alone": {map[string]string{"TF_LOG_CORE": "TRACE"}, [3]string{"OFF", "OFF", "OFF"}},
	} {
		t.Run(name, func(t *testing.T) {
			names := [3]string{frameworkLog, sdkLog, ownLog}
			for _, name := range names {
				t.Setenv(name, "")
			}
			var environment []string
			for name, level := range test.set {
				t.Setenv(name, level)
				environment = append(environment, name+"="+level)
			}
			quietLogs(wantsLogs(environment))
			var got [3]string
			for i, name := range names {
				got[i] = os.Getenv(name)
			}
			if got != test.want {
				t.Errorf("the levels are %q, want %q", got, test.want)
			}
		})
	}
}
