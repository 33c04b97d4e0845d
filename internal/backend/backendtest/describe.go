package backendtest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var describeTests = []test{
	{"returns each instance once, whatever the order", func(t *testing.T, h Harness) {
		ids := h.seed(t, 5, Seed{State: backend.Running})
		found, err := h.Driver.Describe(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(idsOf(found))), slices.Sorted(slices.Values(ids))); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
	}},
	{"returns nothing that was not asked for", func(t *testing.T, h Harness) {
		h.seed(t, 3, Seed{State: backend.Running})
		id := h.seedIn(t, backend.Stopped)
		found, err := h.Driver.Describe(t.Context(), []string{id})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(idsOf(found), []string{id}); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
	}},
	{"leaves out what does not exist, without an error", func(t *testing.T, h Harness) {
		ids := h.seed(t, 2, Seed{State: backend.Running})
		absent := h.IDs(1)
		if h.Driver.BatchSize() < len(ids)+1 {
			ids = nil
		}
		found, err := h.Driver.Describe(t.Context(), slices.Concat(absent, ids))
		if h.RefusesReads && len(ids) > 0 {
			h.wantRefusedRead(t, err, absent)
			return
		}
		if err != nil {
			t.Fatalf("describe with an id that does not exist: %v, want no error", h.show(err))
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(idsOf(found))), slices.Sorted(slices.Values(ids))); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
	}},
	{"returns nothing, without an error, when none exists", func(t *testing.T, h Harness) {
		for _, n := range []int{1, min(3, h.Driver.BatchSize())} {
			ids := h.IDs(n)
			found, err := h.Driver.Describe(t.Context(), ids)
			if h.RefusesReads && n > 1 {
				h.wantRefusedRead(t, err, ids)
				continue
			}
			if err != nil || len(found) != 0 {
				t.Errorf("got %v, %v, want nothing and no error", found, err)
			}
		}
	}},
	{"never cuts the result at a page", func(t *testing.T, h Harness) {
		ids := h.seed(t, h.Driver.BatchSize(), Seed{State: backend.Running})
		h.wantStates(t, ids, backend.Running)
		found, err := h.Driver.Describe(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(found), len(ids); got != want {
			t.Errorf("got %d instances for %d ids", got, want)
		}
	}},
	{"finds an instance that is stopped", func(t *testing.T, h Harness) {
		h.wantStates(t, []string{h.seedIn(t, backend.Stopped)}, backend.Stopped)
	}},
	{"tells the states apart", func(t *testing.T, h Harness) {
		for _, state := range []backend.State{backend.Running, backend.Stopped, backend.Starting, backend.Stopping} {
			h.wantStates(t, []string{h.seedIn(t, state)}, state)
		}
	}},
	{"keeps the cloud's own word beside the state", func(t *testing.T, h Harness) {
		words := map[string]backend.State{}
		for _, state := range []backend.State{backend.Running, backend.Stopped, backend.Starting, backend.Stopping} {
			in := h.observe(t, h.seedIn(t, state))[0]
			if other, taken := words[in.Raw]; taken || in.Raw == "" {
				t.Errorf("the word of %v is %q, that of %v too", state, in.Raw, other)
			}
			words[in.Raw] = state
		}
	}},
	{"says unknown of a word that is not in the table, and keeps it", func(t *testing.T, h Harness) {
		const word = "GARDENING"
		id := h.seedIn(t, backend.Running)
		h.SetWord(t, id, word)
		in := h.observe(t, id)[0]
		if in.State != backend.Unknown || in.Raw != word {
			t.Errorf("got %v with the word %q, want %v with %q", in.State, in.Raw, backend.Unknown, word)
		}
	}},
	{"changes nothing", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Running)
		h.observe(t, id)
		h.Settle(t)
		h.wantStates(t, []string{id}, backend.Running)
		if got := h.Writes(); len(got) != 0 {
			t.Errorf("these writes arrived: %+v", got)
		}
	}},
	{"says what speaks against stopping to charge", func(t *testing.T, h Harness) {
		if !h.Driver.Capabilities().StopCharging {
			t.Skip("this cloud cannot stop charging")
		}
		prepaid := h.observe(t, h.seed(t, 1, Seed{State: backend.Running, ChargeType: backend.Prepaid})[0])[0]
		if prepaid.StopChargingBar == "" {
			t.Error("prepaid: got no StopChargingBar, want a reason")
		}
		other := h.observe(t, h.seedIn(t, backend.Running))[0]
		if other.StopChargingBar != "" || other.Blocked != "" {
			t.Errorf("ordinary: got StopChargingBar %q, Blocked %q, want nothing", other.StopChargingBar, other.Blocked)
		}
	}},
	{"reports how an instance is paid for, or nothing where the cloud does not", func(t *testing.T, h Harness) {
		seeded := h.ChargeTypes
		if len(seeded) == 0 {
			seeded = []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid}
		}
		for _, charge := range seeded {
			want := charge
			if len(h.ChargeTypes) == 0 {
				want = backend.UnknownChargeType
			}
			id := h.seed(t, 1, Seed{State: backend.Running, ChargeType: charge})[0]
			if got := h.observe(t, id)[0].ChargeType; got != want {
				t.Errorf("an instance that is %q: got the charge type %q, want %q", charge, got, want)
			}
		}
	}},
	{"reports type and zone", func(t *testing.T, h Harness) {
		id := h.seed(t, 1, Seed{State: backend.Running, Type: "suite.large", Zone: "suite-1"})[0]
		if in := h.observe(t, id)[0]; in.Type != "suite.large" || in.Zone != "suite-1" {
			t.Errorf("got type %q and zone %q, want %q and %q", in.Type, in.Zone, "suite.large", "suite-1")
		}
	}},
}

// wantRefusedRead is for the read of several ids that the cloud refused because
// of those that are absent. Asked for alone, each is absent without an error.
func (h Harness) wantRefusedRead(t *testing.T, err error, absent []string) {
	t.Helper()
	fault := h.wantKind(t, err, backend.KindNotFound)
	if !fault.Shared {
		t.Errorf("the fault is not shared: %+v", fault)
	}
	for _, named := range fault.IDs {
		if !slices.Contains(absent, named) {
			t.Errorf("the fault names %q, want no other than %q", named, absent)
		}
	}
	for _, id := range absent {
		if found, err := h.Driver.Describe(t.Context(), []string{id}); err != nil || len(found) != 0 {
			t.Errorf("describe %q alone: got %v, %v, want nothing and no error", id, found, err)
		}
	}
}
