package backendtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var otherTests = []test{
	{"the batch size is one or more", func(t *testing.T, h Harness) {
		if got := h.Driver.BatchSize(); got < 1 {
			t.Errorf("batch size is %d, want at least 1", got)
		}
	}},
	{"the capabilities are coherent and do not change", func(t *testing.T, h Harness) {
		got := h.Driver.Capabilities()
		if got.ReadsPerSecond <= 0 || got.WritesPerSecond <= 0 {
			t.Errorf("rates are %v and %v, want more than none", got.ReadsPerSecond, got.WritesPerSecond)
		}
		if h.Driver.BatchSize() == 1 && !got.PerItemOutcomes {
			t.Errorf("one id at a time, and yet a bad one fails its neighbors")
		}
		id := h.seedIn(t, backend.Running)
		h.observe(t, id)
		if diff := cmp.Diff(h.Driver.Capabilities(), got); diff != "" {
			t.Errorf("they changed (-got +want):\n%s", diff)
		}
	}},
	{"batch size, capabilities and faults are known without asking", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Running)
		h.Throttle(t, 0)
		h.Driver.BatchSize()
		h.Driver.Capabilities()
		h.Driver.Fault(errors.New("the dog ate it"))
		_, err := h.Driver.Describe(t.Context(), []string{id})
		// Whoever had asked would have met it instead.
		h.wantKind(t, err, backend.KindThrottled)
	}},
}

func dryRunner(t *testing.T, d backend.Driver) backend.DryRunner {
	t.Helper()
	runner, ok := d.(backend.DryRunner)
	if !ok {
		t.Skip("this cloud has no dry run")
	}
	return runner
}

var dryRunTests = []test{
	{"accepts what would be accepted, and changes nothing", func(t *testing.T, h Harness) {
		runner := dryRunner(t, h.Driver)
		for _, o := range writes() {
			ids := h.seed(t, 3, Seed{State: o.from})
			answers := runner.DryRun(t.Context(), o.op, ids, backend.StopOptions{})
			if len(answers) != len(ids) {
				t.Fatalf("got %d answers for %d ids, want one for each", len(answers), len(ids))
			}
			for i, err := range answers {
				if err != nil {
					t.Errorf("dry run of a %v of %q: %s, want no error", o.op, ids[i], h.show(err))
				}
			}
			h.Settle(t)
			h.wantStates(t, ids, o.from)
		}
		if got := h.Writes(); len(got) != 0 {
			t.Errorf("these arrived as writes: %+v", got)
		}
	}},
	{"refuses what does not exist, in its place", func(t *testing.T, h Harness) {
		runner := dryRunner(t, h.Driver)
		if h.Driver.BatchSize() < 2 {
			t.Skip("this cloud takes one id at a time")
		}
		for place := range 2 {
			ids := h.IDs(2)
			h.Seed(t, ids[1-place:2-place], Seed{State: backend.Running})
			answers := runner.DryRun(t.Context(), backend.OpStop, ids, backend.StopOptions{})
			if len(answers) != len(ids) {
				t.Fatalf("got %d answers for %d ids, want one for each", len(answers), len(ids))
			}
			h.wantKind(t, answers[place], h.notFound()...)
			if err := answers[1-place]; err != nil && !h.fault(t, err).Shared {
				t.Errorf("the other id: %s, want no error, or a shared one", h.show(err))
			}
		}
	}},
	{"is denied with a wrong secret", func(t *testing.T, h Harness) {
		runner := dryRunner(t, h.WrongSecret)
		id := h.seedIn(t, backend.Running)
		for _, err := range runner.DryRun(t.Context(), backend.OpStop, []string{id}, backend.StopOptions{}) {
			h.wantKind(t, err, backend.KindDenied)
		}
	}},
}

func absenceChecker(t *testing.T, d backend.Driver) backend.AbsenceChecker {
	t.Helper()
	checker, ok := d.(backend.AbsenceChecker)
	if !ok {
		t.Skip("this cloud's empty answers are not ambiguous")
	}
	return checker
}

var absenceTests = []test{
	{"is confirmed of what does not exist", func(t *testing.T, h Harness) {
		checker := absenceChecker(t, h.Driver)
		if err := checker.CheckAbsent(t.Context(), h.IDs(1)[0]); err != nil {
			t.Errorf("got %s, want no error", h.show(err))
		}
	}},
	{"is not confirmed of what exists, in whatever state", func(t *testing.T, h Harness) {
		checker := absenceChecker(t, h.Driver)
		for _, state := range []backend.State{backend.Running, backend.Stopped, backend.Starting, backend.Stopping} {
			id := h.seedIn(t, state)
			if err := checker.CheckAbsent(t.Context(), id); err == nil {
				t.Errorf("an instance that is %v passes for absent", state)
			}
		}
		if got := h.Writes(); len(got) != 0 {
			t.Errorf("the question arrived as a write: %+v", got)
		}
	}},
	{"is not confirmed with a wrong secret", func(t *testing.T, h Harness) {
		checker := absenceChecker(t, h.WrongSecret)
		h.wantKind(t, checker.CheckAbsent(t.Context(), h.IDs(1)[0]), backend.KindDenied)
	}},
	{"is not confirmed when the answer does not come", func(t *testing.T, h Harness) {
		checker := absenceChecker(t, h.Driver)
		for _, arrange := range []func(*testing.T){h.ServerError, h.Page, h.Disconnect} {
			arrange(t)
			h.wantKind(t, checker.CheckAbsent(t.Context(), h.IDs(1)[0]), backend.KindUnavailable)
		}
	}},
	{"agrees with describe", func(t *testing.T, h Harness) {
		checker := absenceChecker(t, h.Driver)
		ids := h.IDs(2)
		h.Seed(t, ids[:1], Seed{State: backend.Running})
		for _, id := range ids {
			found, err := h.Driver.Describe(t.Context(), []string{id})
			if err != nil {
				t.Fatal(err)
			}
			exists := slices.Contains(idsOf(found), id)
			if absent := checker.CheckAbsent(t.Context(), id) == nil; absent == exists {
				t.Errorf("describe finds %q: %v; absent: %v", id, exists, absent)
			}
		}
	}},
}
