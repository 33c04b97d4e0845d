package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// newTogether has all services in one configuration, since a run of the CLI costs more
// than the resources in it. Every harness is of the same simulator, and no rates are
// limited. The second result is the configuration of the providers: one has all clouds,
// and further products of a cloud have one each, under an alias.
func newTogether(t *testing.T, settings string) (all []*harness, providers string) {
	t.Helper()
	cliPath(t)
	server := startClouds(t)
	localcloud.SetTransition(server, transitionTime)
	seen, blocks := map[string]bool{}, map[string]string{}
	for i, s := range services() {
		h := harnessOn(t, server, s)
		h.next = 10_000 * i // Services of one cloud have no id in common.
		h.sim.LimitRates(false)
		if seen[s.cloud] {
			h.alias = h.key()
		}
		seen[s.cloud] = true
		blocks[h.alias] += fmt.Sprintf("%s {\n%s\n endpoint = %q\n requests_per_second = 1000\n}\n", s.cloud, s.config,
			server.URL())
		all = append(all, h)
	}
	var text strings.Builder
	for _, alias := range slices.Sorted(maps.Keys(blocks)) {
		text.WriteString("provider \"instance\" {\n" + settings)
		if alias != "" {
			fmt.Fprintf(&text, "\nalias = %q", alias)
		}
		text.WriteString("\n" + blocks[alias] + "}\n")
	}
	return all, text.String()
}

// key names the service in the name of a resource.
func (h *harness) key() string { return strings.ReplaceAll(h.name, " ", "_") }

// provider is the provider of the service, in a configuration of all.
func (h *harness) provider() string {
	if h.alias == "" {
		return "instance"
	}
	return "instance." + h.alias
}

// via are the arguments by which a resource or a data source of a configuration of all
// is one of the service.
func (h *harness) via() string {
	return fmt.Sprintf(" provider = %s\n cloud = %q", h.provider(), h.cloud)
}

// own are the calls of the service, and of no other product of its cloud.
func (h *harness) own() []simulator.Call {
	return slices.DeleteFunc(h.sim.Calls(0), func(k simulator.Call) bool {
		return h.Product != "" && k.Service != h.Product
	})
}

// readsOf counts the calls of the service that change nothing.
func readsOf(calls []simulator.Call) int {
	n := 0
	for _, k := range calls {
		if !k.Op.Write() {
			n++
		}
	}
	return n
}

// forgetCalls forgets those of all services, of which some share a cloud.
func forgetCalls(all []*harness) {
	for _, h := range all {
		h.sim.ForgetCalls()
	}
}
