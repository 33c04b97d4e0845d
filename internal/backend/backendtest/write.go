package backendtest

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func writeTests() []test {
	reboot := writes()[2]
	return slices.Concat(
		each(writes(), "has one outcome for each id, and does it", hasOneOutcomeEach),
		each(writes(), "does not wait", doesNotWait),
		each(writes()[:2], "of what is so already is no error, or busy", alreadySo),
		each(writes(), "keeps the order of the ids", keepsOrder),
		each(writes(), "is busy while the instance is in another transition", isBusy),
		[]test{{"reboot of what is stopped is busy", func(t *testing.T, h Harness) {
			ids := []string{h.seedIn(t, backend.Stopped)}
			outcomes := h.do(t, reboot, ids)
			if h.RebootsStopped {
				h.accepted(t, ids, outcomes)
				h.Settle(t)
				h.wantStates(t, ids, backend.Running)
				return
			}
			h.wantKind(t, outcomes[0].Err, backend.KindBusy)
			h.Settle(t)
			h.wantStates(t, ids, backend.Stopped)
		}}},
		each(writes(), "is reported as the last operation", isLastOperation),
		each(writes()[:2], "that fails is reported with its reason", failsWithReason),
		each(writes(), "can be called concurrently", isConcurrent),
	)
}

func hasOneOutcomeEach(t *testing.T, h Harness, o operation) {
	t.Helper()
	ids := h.seed(t, h.Driver.BatchSize(), Seed{State: o.from})
	asked := slices.Clone(ids)
	h.accepted(t, ids, h.do(t, o, ids))
	if diff := cmp.Diff(ids, asked); diff != "" {
		t.Errorf("the driver changed the ids that it was given (-got +want):\n%s", diff)
	}
	for _, id := range ids {
		h.arrivedOnce(t, id, o.op)
	}
	h.Settle(t)
	h.wantStates(t, ids, o.to)
}

// doesNotWait counts on the harness to hold transitions until Settle.
func doesNotWait(t *testing.T, h Harness, o operation) {
	t.Helper()
	id := h.seedIn(t, o.from)
	h.accepted(t, []string{id}, h.do(t, o, []string{id}))
	switch o.op {
	case backend.OpStart:
		h.wantStates(t, []string{id}, backend.Stopped, backend.Starting)
	case backend.OpStop:
		h.wantStates(t, []string{id}, backend.Running, backend.Stopping)
	case backend.OpReboot:
		// Some clouds show a reboot as its parts, and some not at all.
		h.wantStates(t, []string{id}, backend.Running, backend.Restarting, backend.Stopping, backend.Starting)
	}
	h.Settle(t)
	h.wantStates(t, []string{id}, o.to)
}

func alreadySo(t *testing.T, h Harness, o operation) {
	t.Helper()
	id := h.seedIn(t, o.to)
	outcomes := h.do(t, o, []string{id})
	h.wantNoneOrBusy(t, outcomes)
	h.Settle(t)
	h.wantStates(t, []string{id}, o.to)
}

// keepsOrder puts an id that does not exist in each place of a call. Either its
// outcome alone has an error, or the call was refused as a whole.
func keepsOrder(t *testing.T, h Harness, o operation) {
	t.Helper()
	const n = 3
	if h.Driver.BatchSize() < n {
		t.Skip("this cloud does not take so many ids at a time")
	}
	for place := range n {
		ids := h.IDs(n)
		good := slices.Concat(ids[:place], ids[place+1:])
		h.Seed(t, good, Seed{State: o.from})
		outcomes := h.do(t, o, ids)
		if h.Driver.Capabilities().PerItemOutcomes && !h.RefusesWrites {
			fault := h.wantKind(t, outcomes[place].Err, h.notFound()...)
			if fault.Shared {
				t.Errorf("the fault of one id is shared: %+v", fault)
			}
			h.accepted(t, good, slices.Concat(outcomes[:place], outcomes[place+1:]))
			h.Settle(t)
			h.wantStates(t, good, o.to)
			continue
		}
		for i, outcome := range outcomes {
			fault := h.wantKind(t, outcome.Err, h.notFound()...)
			if !fault.Shared {
				t.Errorf("outcome of %q: the fault is not shared: %+v", ids[i], fault)
			}
			if diff := cmp.Diff(fault, h.fault(t, outcomes[0].Err)); diff != "" {
				t.Errorf("outcome of %q: another fault than that of the first (-got +want):\n%s", ids[i], diff)
			}
			for _, named := range fault.IDs {
				if named != ids[place] {
					t.Errorf("the fault names %q, want no other than %q", named, ids[place])
				}
			}
		}
	}
}

// isBusy tries each operation while the opposite one is under way.
func isBusy(t *testing.T, h Harness, o operation) {
	t.Helper()
	during, end := backend.Stopping, backend.Stopped
	if o.op == backend.OpStop {
		during, end = backend.Starting, backend.Running
	}
	id := h.seedIn(t, during)
	outcomes := h.do(t, o, []string{id})
	h.wantKind(t, outcomes[0].Err, backend.KindBusy)
	h.Settle(t)
	h.wantStates(t, []string{id}, end)
}

func isLastOperation(t *testing.T, h Harness, o operation) {
	t.Helper()
	if !h.Driver.Capabilities().OperationReason {
		t.Skip("this cloud does not report the last operation")
	}
	id := h.seedIn(t, o.from)
	outcomes := h.do(t, o, []string{id})
	h.accepted(t, []string{id}, outcomes)
	for _, want := range []backend.OperationState{backend.OperationRunning, backend.OperationSucceeded} {
		got := h.observe(t, id)[0].LastOperation
		if h.HidesLastOperation {
			if got != nil {
				t.Errorf("last operation is %+v, want none", got)
			}
			h.Settle(t)
			continue
		}
		if got == nil || got.State != want || got.RequestID != outcomes[0].RequestID || got.RequestID == "" {
			t.Errorf("last operation is %+v, want state %d and request id %q", got, want, outcomes[0].RequestID)
		}
		h.Settle(t)
	}
}

func failsWithReason(t *testing.T, h Harness, o operation) {
	t.Helper()
	if !h.Driver.Capabilities().OperationReason {
		t.Skip("this cloud does not say why a transition failed")
	}
	id := h.seedIn(t, o.from)
	h.FailTransition(t, id)
	outcomes := h.do(t, o, []string{id})
	h.accepted(t, []string{id}, outcomes)
	h.Settle(t)
	h.wantStates(t, []string{id}, o.from)
	got := h.observe(t, id)[0].LastOperation
	if h.HidesLastOperation {
		if got != nil {
			t.Errorf("last operation is %+v, want none", got)
		}
		return
	}
	if got == nil || got.State != backend.OperationFailed || got.Message == "" || got.RequestID != outcomes[0].RequestID {
		t.Errorf("last operation is %+v, want a failed one with a reason and request id %q", got, outcomes[0].RequestID)
	}
}

func isConcurrent(t *testing.T, h Harness, o operation) {
	t.Helper()
	const callers = 16
	ids := h.IDs(callers)
	for _, id := range ids {
		h.Seed(t, []string{id}, Seed{State: o.from})
	}
	var group sync.WaitGroup
	for _, id := range ids {
		group.Go(func() {
			outcomes := o.call(t.Context(), h.Driver, []string{id})
			if len(outcomes) != 1 || outcomes[0].Err != nil {
				t.Errorf("outcomes of %q are %+v, want one without an error", id, outcomes)
			}
			found, err := h.Driver.Describe(t.Context(), []string{id})
			if err != nil || len(found) != 1 || found[0].ID != id {
				t.Errorf("describe %q: got %+v, %v", id, found, err)
			}
		})
	}
	group.Wait()
	for _, id := range ids {
		h.arrivedOnce(t, id, o.op)
	}
	h.Settle(t)
	for _, id := range ids {
		h.wantStates(t, []string{id}, o.to)
	}
}
