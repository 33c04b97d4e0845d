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
	quietFramework()
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

func TestTheFrameworksLogIsTheUsersChoice(t *testing.T) {
	for set, want := range map[string]string{"": "WARN", "TRACE": "TRACE"} {
		t.Setenv(frameworkLog, set)
		quietFramework()
		if got := os.Getenv(frameworkLog); got != want {
			t.Errorf("%s set to %q is %q then, want %q", frameworkLog, set, got, want)
		}
	}
}
