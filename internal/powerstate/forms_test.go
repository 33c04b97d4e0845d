package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// form is one of the forms in which a target is reached for.
type form struct {
	name  string
	reach func(ctx context.Context, c *Client, target Target) (Reached, error)
}

// forms are a single resource, and a fleet, which an action uses too.
var forms = []form{
	{"single", func(ctx context.Context, c *Client, target Target) (Reached, error) {
		return c.Reach(ctx, id, target, ReachOptions{})
	}},
	{"fleet", func(ctx context.Context, c *Client, target Target) (Reached, error) {
		result := c.ReachAll(ctx, []string{id}, target, ReachOptions{})[0]
		return result.Reached, result.Err
	}},
}

// clouds are the kinds of cloud that differ for a wait: whether the cloud reports
// the last operation of an instance.
var clouds = map[string]bool{"with operations": true, "without operations": false}

// inEachForm runs a test in fake time, once for each form and kind of cloud. The
// cloud does not cut the power by itself.
func inEachForm(t *testing.T, cloud memory.Options, test func(t *testing.T, w *testCloud, f form)) {
	t.Helper()
	t.Parallel()
	for _, f := range forms {
		for kind, operations := range clouds {
			t.Run(f.name+", on a cloud "+kind, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					can := memory.AllCapabilities()
					can.NativeEscalation, can.OperationReason = false, operations
					cloud := cloud
					cloud.Capabilities = &can
					test(t, newTestCloud(backend.Running, cloud, Options{}), f)
				})
			})
		}
	}
}

// mustReachBy fails the test unless the form reaches the target in 20 minutes.
func (w *testCloud) mustReachBy(t *testing.T, f form, target Target) Reached {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	got, err := f.reach(ctx, w.client, target)
	if err != nil {
		t.Fatalf("got the error %v, want none; calls: %q", err, w.trace())
	}
	return got
}

// somebodyStops is a graceful stop that is not ours.
func (w *testCloud) somebodyStops(t *testing.T) {
	t.Helper()
	if got := w.Stop(t.Context(), []string{id}, backend.StopOptions{}); got[0].Err != nil {
		t.Fatal(got[0].Err)
	}
	w.ForgetCalls()
}

// forcedStops are the times of the forced stops.
func (w *testCloud) forcedStops() []time.Duration {
	var at []time.Duration
	for _, call := range w.Calls(memory.Stop) {
		if call.Options.Force == backend.Forced {
			at = append(at, call.At.Sub(w.began))
		}
	}
	return at
}

// gracefulStops are the times of the others.
func (w *testCloud) gracefulStops() []time.Duration {
	var at []time.Duration
	for _, call := range w.Calls(memory.Stop) {
		if call.Options.Force != backend.Forced {
			at = append(at, call.At.Sub(w.began))
		}
	}
	return at
}

// intercepted does something when a call arrives, and shows another instance than
// there is.
type intercepted struct {
	*memory.Driver
	onStop, onStart func()
	show            func(in *backend.Instance)
}

func (d *intercepted) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	if d.onStop != nil {
		d.onStop()
	}
	return d.Driver.Stop(ctx, ids, opts)
}

func (d *intercepted) Start(ctx context.Context, ids []string) []backend.Outcome {
	if d.onStart != nil {
		d.onStart()
	}
	return d.Driver.Start(ctx, ids)
}

func (d *intercepted) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	found, err := d.Driver.Describe(ctx, ids)
	if d.show != nil {
		for i := range found {
			d.show(&found[i])
		}
	}
	return found, err
}
