package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// operation is one method of the driver in a form that subtests can loop over.
type operation struct {
	name string
	// op is 0 for Describe.
	op backend.Op
	// from is a state in which the operation makes sense, and to is where it
	// leads.
	from, to backend.State
	call     func(ctx context.Context, d backend.Driver, ids []string) []backend.Outcome
}

func operations() []operation {
	return append([]operation{{
		name: "describe", from: backend.Running, to: backend.Running,
		call: func(ctx context.Context, d backend.Driver, ids []string) []backend.Outcome {
			_, err := d.Describe(ctx, ids)
			return slices.Repeat([]backend.Outcome{{Err: err}}, len(ids))
		},
	}}, writes()...)
}

func writes() []operation {
	return []operation{
		{
			name: "start", op: backend.OpStart, from: backend.Stopped, to: backend.Running,
			call: func(ctx context.Context, d backend.Driver, ids []string) []backend.Outcome {
				return d.Start(ctx, ids)
			},
		},
		{
			name: "stop", op: backend.OpStop, from: backend.Running, to: backend.Stopped,
			call: func(ctx context.Context, d backend.Driver, ids []string) []backend.Outcome {
				return d.Stop(ctx, ids, backend.StopOptions{})
			},
		},
		{
			name: "reboot", op: backend.OpReboot, from: backend.Running, to: backend.Running,
			call: func(ctx context.Context, d backend.Driver, ids []string) []backend.Outcome {
				return d.Reboot(ctx, ids, backend.StopOptions{})
			},
		},
	}
}

// each makes a subtest for each of the operations.
func each(operations []operation, name string, run func(t *testing.T, h Harness, o operation)) []test {
	tests := make([]test, len(operations))
	for i, o := range operations {
		tests[i] = test{o.name + " " + name, func(t *testing.T, h Harness) { run(t, h, o) }}
	}
	return tests
}

// seed makes n instances, and at most as many as one call may carry.
func (h Harness) seed(t *testing.T, n int, seed Seed) []string {
	t.Helper()
	ids := h.IDs(max(1, min(n, h.Driver.BatchSize())))
	h.Seed(t, ids, seed)
	return ids
}

func (h Harness) seedIn(t *testing.T, state backend.State) string {
	t.Helper()
	return h.seed(t, 1, Seed{State: state})[0]
}

// observe describes the ids, all of which must be found.
func (h Harness) observe(t *testing.T, ids ...string) []backend.Instance {
	t.Helper()
	found, err := h.Driver.Describe(t.Context(), ids)
	if err != nil {
		t.Fatalf("describe %q: %v", ids, err)
	}
	ordered := make([]backend.Instance, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(in backend.Instance) bool { return in.ID == id })
		if at < 0 {
			t.Fatalf("describe left out %q, which exists; it returned %q", id, idsOf(found))
		}
		ordered[i] = found[at]
	}
	return ordered
}

func (h Harness) wantStates(t *testing.T, ids []string, want ...backend.State) {
	t.Helper()
	for _, in := range h.observe(t, ids...) {
		if !slices.Contains(want, in.State) {
			t.Errorf("instance %q is %v (%q), want %v", in.ID, in.State, in.Raw, want)
		}
	}
}

// do calls the operation, and fails unless it has an outcome for each id.
func (h Harness) do(t *testing.T, o operation, ids []string) []backend.Outcome {
	t.Helper()
	return h.doWith(t, t.Context(), h.Driver, o, ids)
}

func (h Harness) doWith(
	t *testing.T, ctx context.Context, d backend.Driver, o operation, ids []string,
) []backend.Outcome {
	t.Helper()
	outcomes := o.call(ctx, d, ids)
	h.wantLength(t, ids, outcomes)
	return outcomes
}

// accepted fails unless there is one outcome for each id, without an error.
func (h Harness) accepted(t *testing.T, ids []string, outcomes []backend.Outcome) {
	t.Helper()
	h.wantLength(t, ids, outcomes)
	for i, id := range ids {
		if err := outcomes[i].Err; err != nil {
			t.Fatalf("outcome of %q is %s, want no error", id, h.show(err))
		}
	}
}

func (h Harness) wantLength(t *testing.T, ids []string, outcomes []backend.Outcome) {
	t.Helper()
	if len(outcomes) != len(ids) {
		t.Fatalf("got %d outcomes for %d ids, want one for each", len(outcomes), len(ids))
	}
}

// fault returns the fault of an error, which must be there and tell no secret.
func (h Harness) fault(t *testing.T, err error) backend.Fault {
	t.Helper()
	if err == nil {
		t.Fatal("got no error, want one")
	}
	fault := h.Driver.Fault(err)
	for _, secret := range h.Secrets {
		if text := fmt.Sprintf("%v %+v", err, fault); strings.Contains(text, secret) {
			t.Errorf("the error tells a secret: %s", text)
		}
	}
	return fault
}

func (h Harness) wantKind(t *testing.T, err error, want ...backend.Kind) backend.Fault {
	t.Helper()
	fault := h.fault(t, err)
	if !slices.Contains(want, fault.Kind) {
		t.Errorf("the kind of %v is %v, want %v", h.show(err), fault.Kind, want)
	}
	return fault
}

// wantNoneOrBusy is for what the contract lets a cloud accept or refuse.
func (h Harness) wantNoneOrBusy(t *testing.T, outcomes []backend.Outcome) {
	t.Helper()
	for _, outcome := range outcomes {
		if outcome.Err != nil {
			h.wantKind(t, outcome.Err, backend.KindBusy)
		}
	}
}

// notFound are the kinds that a refusal of an id that does not exist may have.
func (h Harness) notFound() []backend.Kind {
	if h.NoReasons {
		return []backend.Kind{backend.KindNotFound, backend.KindBusy}
	}
	return []backend.Kind{backend.KindNotFound}
}

func (h Harness) show(err error) string {
	return fmt.Sprintf("%v (fault %+v)", err, h.Driver.Fault(err))
}

// arrived returns the writes that were about an id.
func (h Harness) arrived(id string) []Write {
	var about []Write
	for _, w := range h.Writes() {
		if slices.Contains(w.IDs, id) {
			about = append(about, w)
		}
	}
	return about
}

// arrivedOnce returns the one write that was about an id.
func (h Harness) arrivedOnce(t *testing.T, id string, op backend.Op) Write {
	t.Helper()
	about := h.arrived(id)
	if len(about) != 1 || about[0].Op != op {
		t.Fatalf("what arrived about %q is %+v, want one %v", id, about, op)
	}
	return about[0]
}

func idsOf(instances []backend.Instance) []string {
	ids := make([]string, len(instances))
	for i, in := range instances {
		ids[i] = in.ID
	}
	return ids
}
