package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// searched are the instances of a service that differ in what a search can name, and
// many others.
type searched struct {
	on, off, other, released, paid string
	many                           []string
}

func (h *harness) searched() searched {
	h.t.Helper()
	released := h.stopped()
	if h.stopCharging {
		h.change(released, func(in *simulator.Instance) { in.StoppedMode = h.sim.Words().StopCharging })
	}
	return searched{
		on: h.tagged("prod", false), off: h.tagged("prod", true), other: h.tagged("test", true), released: released,
		paid: h.seed(func(in *simulator.Instance) { in.ChargeType = h.Prepaid }), many: h.many(120),
	}
}

// few are those whose names begin with web.
func (s searched) few() []string { return []string{s.on, s.off, s.other, s.released, s.paid} }

// searchRow are arguments of a search, and the instances that it finds.
type searchRow struct {
	name  string
	lines []string
	want  []string
}

// finds are searches with every argument, which a data source and a list share.
func (h *harness) finds(s searched) []searchRow {
	h.t.Helper()
	in, _ := h.sim.Instance(s.on)
	quoted := func(format string, word string) string { return fmt.Sprintf(format, word) }
	const web = `name = "web-*"`
	where := func(holds bool, ids ...string) []string {
		if holds {
			return ids
		}
		return nil
	}
	return []searchRow{
		{"all", nil, slices.Concat(s.few(), s.many)},
		{"named", []string{web}, s.few()},
		{"tagged", []string{`tags = { env = "prod" }`}, []string{s.on, s.off}},
		{"with_the_tag", []string{`tags = { env = "" }`}, []string{s.on, s.off, s.other}},
		{"stopped", []string{`states = ["stopped", "stopping"]`}, []string{s.off, s.other, s.released}},
		{
			"stopped_and_billed",
			[]string{`states = ["stopped"]`, "charging = true"},
			append(where(!h.stopCharging, s.released), s.off, s.other),
		},
		{"not_billed", []string{"charging = false"}, where(h.stopCharging, s.released)},
		{"prepaid", []string{`charge_types = ["prepaid"]`}, where(h.reportsChargeTypes(), s.paid)},
		{
			"by_the_hour",
			[]string{web, `charge_types = ["pay_as_you_go", "spot"]`},
			where(h.reportsChargeTypes(), s.on, s.off, s.other, s.released),
		},
		{"of_the_type", []string{web, quoted("instance_types = [%q]", in.Type)}, s.few()},
		{"in_the_zone", []string{web, quoted("zones = [%q]", in.Zone)}, s.few()},
		{"in_another_zone", []string{quoted("zones = [%q]", in.Zone+"-9")}, nil},
		{
			"able_to_stop_charging",
			[]string{web, "can_stop_charging = true"},
			where(h.stopCharging, s.on, s.off, s.other, s.released),
		},
		{
			"not_able_to_stop_charging",
			[]string{web, "can_stop_charging = false"},
			append(where(!h.stopCharging, s.on, s.off, s.other, s.released), s.paid),
		},
	}
}

// reportsChargeTypes is false for the one listing that does not say how an instance
// is paid for.
func (h *harness) reportsChargeTypes() bool { return h.scope != "zec" }

// truth is an instance as a data source shows it.
func (h *harness) truth(id string) map[string]any {
	h.t.Helper()
	in, _ := h.sim.Instance(id)
	words := h.sim.Words()
	tags := map[string]any{}
	for key, value := range in.Tags {
		tags[key] = value
	}
	all := map[string]any{
		"id": h.cloud + "/" + h.scope + "/" + id, "state": "running", "status": in.Status, "stopped_mode": nil,
		"charging": true, "instance_name": in.Name, "tags": tags, "instance_type": in.Type, "zone": in.Zone,
		"charge_type": "pay_as_you_go", "can_stop_charging": h.stopCharging,
	}
	if in.Status == words.Stopped {
		all["state"], all["stopped_mode"] = "stopped", "keep_charging"
		if words.StopCharging != "" && in.StoppedMode == words.StopCharging {
			all["stopped_mode"], all["charging"] = "stop_charging", false
		}
	}
	if in.ChargeType == h.Prepaid {
		all["charge_type"], all["can_stop_charging"] = "prepaid", false
	}
	if !h.reportsChargeTypes() {
		all["charge_type"] = nil
	}
	return all
}

// wantTruth compares what a data source shows of an instance with the truth.
func (h *harness) wantTruth(at, id string, got map[string]any) {
	h.t.Helper()
	want := h.truth(id)
	shown := map[string]any{}
	for name := range want {
		shown[name] = got[name]
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		h.t.Errorf("%s: %s (-truth +got):\n%s", at, id, diff)
	}
}

// TestEndToEndDataSources searches all clouds with every argument, and shows what the
// searches find. It counts reads, of which the provider repeats one that takes three
// seconds: with the searches of all clouds at once beside other tests, some do.
func TestEndToEndDataSources(t *testing.T) { //nolint:paralleltest // It runs alone.
	all, providers := newTogether(t, "")
	missing, config := providers, providers
	seeded := map[*harness]searched{}
	for _, h := range all {
		s := h.searched()
		seeded[h] = s
		missing += fmt.Sprintf("data \"instance_power_state\" %q {\n%s\n instance_id = %q\n}\n", h.key(), h.via(), fresh(h))
		for i, id := range s.few() {
			config += fmt.Sprintf("data \"instance_power_state\" \"%s_%d\" {\n%s\n instance_id = %q\n}\n", h.key(), i, h.via(),
				id)
		}
		rows := append(h.finds(s), searchRow{
			name: "these", lines: []string{"instance_ids = " + hclList([]string{s.other, s.on, fresh(h)})},
		})
		for _, row := range rows {
			config += fmt.Sprintf("data \"instance_power_states\" \"%s_%s\" {\n%s\n%s\n}\n", h.key(), row.name, h.via(),
				strings.Join(row.lines, "\n"))
		}
		config += fmt.Sprintf("resource \"instance_fleet_power_state\" %q {\n%s\n"+
			" instance_ids = data.instance_power_states.%s_stopped.ids\n state = \"stopped\"\n}\n", h.key(), h.via(), h.key())
	}
	c := newCLI(t, missing)
	o := c.do("plan")
	for _, h := range all {
		o.hasError(t, "data.instance_power_state."+h.key(), "There is no instance")
	}
	forgetCalls(all)
	c.configure(config)
	o = c.do("apply")
	o.succeeded(t)
	held := c.attributes()
	for _, h := range all {
		s := seeded[h]
		for i, id := range s.few() {
			at := fmt.Sprintf("data.instance_power_state.%s_%d", h.key(), i)
			h.wantTruth(at, id, held[at])
		}
		rows := append(h.finds(s), searchRow{name: "these", want: []string{s.on, s.other}})
		for _, row := range rows {
			at := "data.instance_power_states." + h.key() + "_" + row.name
			instances, _ := held[at]["instances"].(map[string]any)
			want := slices.Sorted(slices.Values(row.want))
			if got := slices.Sorted(maps.Keys(instances)); !slices.Equal(got, want) {
				t.Errorf("%s found %v, want %v", at, got, want)
				continue
			}
			if got := fmt.Sprint(held[at]["ids"]); got != fmt.Sprint(want) {
				t.Errorf("%s has the ids %s, want %v", at, got, want)
			}
			for id, one := range instances {
				shown, _ := one.(map[string]any)
				h.wantTruth(at, id, shown)
			}
		}
		at := "data.instance_power_states." + h.key() + "_these"
		if got := o.warnings(at); len(got) != 1 || !strings.Contains(got[0], "1 instance of `instance_ids` is missing") {
			t.Errorf("%s: got the warnings %q, want one of the id that is missing", at, got)
		}
		fleet := held["instance_fleet_power_state."+h.key()]["instance_ids"]
		if got, _ := fleet.([]any); len(got) != 3 {
			t.Errorf("the fleet of %s has %v, want the stopped instances", h.name, fleet)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("%s: got %d writes, want none", h.name, got)
		}
		// A search takes at most two pages. The reads of single instances are joined.
		if got, most := readsOf(h.own()), 2*len(rows)+4; got > most {
			t.Errorf("%s: got %d reads, want at most %d%s", h.name, got, most, describeCalls(h.own()))
		}
	}
}
