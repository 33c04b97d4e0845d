package provider

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// regional is the usual configuration with another region.
func regional(region string) map[string]any {
	return map[string]any{"here": map[string]any{"region": region, "access_key": "id", "secret_key": "secret"}}
}

// elsewhere is the provider of a setup with another configuration, over the
// same cloud.
func (s *setup) elsewhere(config map[string]any) *setup {
	return &setup{rpc: newRPC(s.t, s.cloud, config), cloud: s.cloud}
}

func TestPlaceAndIDAreFilledIn(t *testing.T) {
	t.Parallel()
	here := regional("r-1")
	flat := map[string]any{"flat": map[string]any{}}
	zec := map[string]any{"flat": map[string]any{"service": "zec"}}
	both := map[string]any{"here": here["here"], "flat": map[string]any{}}
	for name, test := range map[string]struct {
		provider, config map[string]any
		want             map[string]any
	}{
		"from the one cloud that is configured": {
			here,
			map[string]any{"instance_id": "h-1", "state": "running"},
			map[string]any{"cloud": "here", "region": "r-1", "id": "here/r-1/h-1"},
		},
		"from the resource before the provider": {
			here,
			map[string]any{"instance_id": "h-1", "state": "running", "region": "r-2"},
			map[string]any{"cloud": "here", "region": "r-2", "id": "here/r-2/h-1"},
		},
		"from the cloud that the resource names": {
			both,
			map[string]any{"instance_id": "h-1", "state": "running", "cloud": "here"},
			map[string]any{"cloud": "here", "region": "r-1", "id": "here/r-1/h-1"},
		},
		"without a region where the cloud has none": {
			flat,
			map[string]any{"instance_id": "f-1", "state": "running"},
			map[string]any{"cloud": "flat", "region": nil, "id": "flat/vm/f-1"},
		},
		"with the service that is configured": {
			zec,
			map[string]any{"instance_id": "f-1", "state": "running"},
			map[string]any{"cloud": "flat", "region": nil, "id": "flat/zec/f-1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				driver := newMemory()
				driver.Add(backend.Instance{ID: "h-1", State: backend.Running}, backend.Instance{ID: "f-1", State: backend.Running})
				s := &setup{rpc: newRPC(t, driver, test.provider), cloud: driver}
				plan := s.plan(test.config, held{})
				s.wantValues(plan.PlannedState, test.want)
				s.wantValues(s.step(test.config, held{}).state, test.want)
			})
		})
	}
}

func TestPlaceStaysWhenTheDefaultsChange(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		config := map[string]any{"instance_id": "h-1", "state": "running"}
		s := newSetup(t, machine(backend.Running))
		prior := s.step(config, held{})
		flatOnly := map[string]any{"flat": map[string]any{}, "here": nil}
		for name, provider := range map[string]map[string]any{"region": regional("r-2"), "cloud": flatOnly} {
			other := s.elsewhere(provider)
			plan := other.plan(config, prior)
			wantTexts(t, plan.Diagnostics, "")
			if got := other.changes(prior, plan); len(got) > 0 {
				t.Errorf("another default %s changes %q, want nothing", name, got)
			}
		}
	})
}

func TestAnotherPlaceIsAReplacement(t *testing.T) {
	t.Parallel()
	both := map[string]any{"here": regional("r-1")["here"], "flat": map[string]any{}}
	for name, test := range map[string]struct {
		before, after map[string]any
		replaces      string
		want          map[string]any // of the plan from nothing that follows
	}{
		"another instance": {
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			map[string]any{"cloud": "here", "instance_id": "h-2"},
			`AttributeName("instance_id")`,
			map[string]any{"id": "here/r-1/h-2"},
		},
		"another region": {
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			map[string]any{"cloud": "here", "instance_id": "h-1", "region": "r-2"},
			`AttributeName("region")`,
			map[string]any{"id": "here/r-2/h-1"},
		},
		"a cloud without regions": {
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			map[string]any{"cloud": "flat", "instance_id": "f-1"},
			`AttributeName("cloud")`,
			map[string]any{"id": "flat/vm/f-1", "region": nil},
		},
		"a cloud with regions": {
			map[string]any{"cloud": "flat", "instance_id": "f-1"},
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			`AttributeName("cloud")`,
			map[string]any{"id": "here/r-1/h-1", "region": "r-1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				driver := newMemory()
				for _, id := range []string{"h-1", "h-2", "f-1"} {
					driver.Add(backend.Instance{ID: id, State: backend.Running})
				}
				s := &setup{rpc: newRPC(t, driver, both), cloud: driver}
				test.before["state"], test.after["state"] = "running", "running"
				prior := s.step(test.before, held{})
				plan := s.plan(test.after, prior)
				wantTexts(t, plan.Diagnostics, "")
				s.wantValidPlan(test.after, prior, plan)
				if got := replacing(plan); len(got) == 0 || !slices.Contains(got, test.replaces) {
					t.Errorf("the plan replaces for %q, want %s among them", got, test.replaces)
				}
				s.wantValues(plan.PlannedState, test.want)
				// The core plans a replacement once more, from nothing.
				s.wantValues(s.step(test.after, held{}).state, test.want)
			})
		})
	}
}

func TestAReplacementIsReadInTheNewPlace(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		regions := map[string]*memory.Driver{"r-1": memory.New(memory.Options{}), "e-1": memory.New(memory.Options{})}
		regions["r-1"].Add(backend.Instance{ID: "h-1", State: backend.Running})
		regions["e-1"].Add(backend.Instance{ID: "e-9", State: backend.Running})
		clouds := memoryClouds(nil)
		here := clouds["here"]
		here.open = func(_ values, region string, _ openOptions) (backend.Driver, error) { return regions[region], nil }
		there := here
		there.validID = func(id string) bool { return id == "e-9" }
		clouds = map[string]cloud{"here": here, "there": there}
		r := rpcOf(t, clouds)
		object := func(region string) map[string]any {
			return map[string]any{"region": region, "access_key": "id", "secret_key": "secret"}
		}
		wantTexts(t, r.configure(map[string]any{"here": object("r-1"), "there": object("e-1")}), "")
		prior := r.reach(map[string]any{"cloud": "here", "instance_id": "h-1", "state": "running"}, held{})
		plan := r.plan(map[string]any{"cloud": "there", "instance_id": "e-9", "state": "running"}, prior)
		wantTexts(t, plan.Diagnostics, "")
		r.wantValues(plan.PlannedState, map[string]any{"region": "e-1", "id": "there/e-1/e-9"})
	})
}

func TestUnknownPlacesStayUnknown(t *testing.T) {
	t.Parallel()
	unknown := func(name string) map[string]any {
		config := resourceOf("stopped", map[string]any{"force_stop": true})
		config[name] = tftypes.UnknownValue
		return config
	}
	warning := func(subject string) string {
		return "warning at AttributeName(\"force_stop\"): Forced stop planned\n\n" + subject +
			" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop."
	}
	for name, test := range map[string]struct {
		config  map[string]any
		unknown []string
		want    string
	}{
		"an instance that is not known": {
			unknown("instance_id"), []string{"id", "instance_id"}, warning("The instance"),
		},
		"a region that is not known": {unknown("region"), []string{"id", "region"}, warning("Instance \"h-1\"")},
		"a cloud that is not known":  {unknown("cloud"), []string{"cloud", "id", "region"}, warning("Instance \"h-1\"")},
		"a state that is not known": {unknown("state"), []string{"state"}, "warning at AttributeName(\"force_stop\"): " +
			"Forced stop possible\n\n" +
			"`state` is not known yet. If it is `stopped`, instance \"h-1\" will lose power at once: " +
			"unsaved data can be lost. Set `force_stop = false` for a graceful stop."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				plan := s.plan(test.config, held{})
				wantTexts(t, plan.Diagnostics, test.want)
				s.wantValidPlan(test.config, held{}, plan)
				observed := []string{
					"charging", "found_state", "instance_name", "private_ip", "public_ip", "status", "stopped_mode",
				}
				wantNames(t, "unknown", s.unknowns(plan), sorted(test.unknown, observed)...)
				s.wantCalls(0)
				known := resourceOf("stopped", map[string]any{"force_stop": true, "region": "r-1"})
				planned := s.plan(known, held{})
				_, diags := s.apply(t.Context(), known, held{}, planned)
				wantTexts(t, diags, "")
			})
		})
	}
}

func TestAnUnknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	notYet := map[string]any{
		"here": map[string]any{"region": tftypes.UnknownValue, "access_key": tftypes.UnknownValue, "secret_key": "secret"},
	}
	start := func(t *testing.T) (s, blind *setup, prior held) {
		t.Helper()
		s = newSetup(t, machine(backend.Running))
		prior = s.step(resourceOf("running", nil), held{})
		s.cloud.ForgetCalls()
		return s, s.elsewhere(notYet), prior
	}
	t.Run("plans a create without a read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, blind, _ := start(t)
			config := resourceOf("stopped", map[string]any{"force_stop_after": "5m", "stopped_mode": "stop_charging"})
			plan := blind.plan(config, held{})
			wantTexts(t, plan.Diagnostics, `
warning at AttributeName("force_stop_after"): Forced stop possible

Instance "h-1" will lose power if a graceful stop has not finished after 5m: unsaved data can then be lost.
---
warning at AttributeName("stopped_mode"): Stop-charging planned

Instance "h-1" will release CPU and memory: `+
				`a later start may find no stock, and an assigned public address can be released.`)
			wantNames(t, "unknown", blind.unknowns(plan), "charging", "found_state", "id", "instance_name", "private_ip",
				"public_ip", "region", "status")
			s.wantCalls(0)
			after, diags := s.apply(t.Context(), config, held{}, plan)
			wantTexts(t, diags, "")
			s.wantConsistent(plan, after)
			s.wantValues(after.state, map[string]any{"id": "here/r-1/h-1", "region": "r-1", "state": "stopped"})
		})
	})
	t.Run("leaves the id unknown that holds the service", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, _, _ := start(t)
			s.cloud.Add(backend.Instance{ID: "f-1", State: backend.Running})
			blind := s.elsewhere(map[string]any{"flat": map[string]any{"service": tftypes.UnknownValue}})
			config := map[string]any{"instance_id": "f-1", "state": "running"}
			plan := blind.plan(config, held{})
			wantTexts(t, plan.Diagnostics, "")
			other := s.elsewhere(map[string]any{"flat": map[string]any{"service": "zec"}})
			after, diags := other.apply(t.Context(), config, held{}, plan)
			wantTexts(t, diags, "")
			other.wantConsistent(plan, after)
			other.wantValues(after.state, map[string]any{"id": "flat/zec/f-1"})
		})
	})
	t.Run("plans an update without a read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, blind, prior := start(t)
			plan := blind.plan(resourceOf("stopped", nil), prior)
			wantTexts(t, plan.Diagnostics, "")
			wantNames(t, "changes", blind.changes(prior, plan), "charging", "public_ip", "state", "status", "stopped_mode")
			s.wantCalls(0)
		})
	})
	t.Run("keeps the state at a read and says so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, blind, prior := start(t)
			after, diags := blind.read(prior)
			wantTexts(t, diags, `
warning: State not refreshed

The provider's `+"`here` block is not known yet, so instance \"h-1\" was not read; "+
				"its state is as it was at the last run.")
			s.wantValues(after.state, s.values(prior.state))
			if string(after.private) != string(prior.private) {
				t.Errorf("the private state is %s, want %s", after.private, prior.private)
			}
			s.wantCalls(0)
		})
	})
	t.Run("refuses an apply and says what to do", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, blind, prior := start(t)
			plan := blind.plan(resourceOf("stopped", nil), prior)
			after, diags := blind.apply(t.Context(), resourceOf("stopped", nil), prior, plan)
			wantTexts(t, diags, `
error at AttributeName("cloud"): Configuration of here is not known yet

The provider's `+"`here` block holds values that are known only after another resource was applied. "+
				"Apply that resource first (`-target`), or give the values as variables.")
			s.wantValues(after.state, s.values(prior.state))
			s.wantCalls(0)
		})
	})
}
