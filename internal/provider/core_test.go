package provider

// A core in small: it plans and applies a configuration of several objects as Terraform
// and OpenTofu do, in two processes of the provider, so that tests can play many runs in
// fake time. What the core does with each object is in its nodes of the plan and of the
// apply (internal/terraform and internal/tofu: node_resource_plan_instance.go,
// node_resource_apply_instance.go, node_resource_destroy_deposed.go).

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// kind is a type of resource, as the core speaks of it to the provider.
type kind interface {
	plan(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse
	applied(config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse) (held, []*tfprotov6.Diagnostic)
	read(prior held) (held, []*tfprotov6.Diagnostic)
	values(state *tfprotov6.DynamicValue) map[string]any
}

func (r *rpc) applied(
	config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse,
) (held, []*tfprotov6.Diagnostic) {
	return r.apply(r.t.Context(), config, prior, plan)
}

func (f *fleetSetup) applied(
	config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse,
) (held, []*tfprotov6.Diagnostic) {
	return f.apply(f.t.Context(), config, prior, plan)
}

// resourceBlock is a resource of a configuration.
type resourceBlock struct {
	config map[string]any
	// createFirst is create_before_destroy; replace and tainted make the core replace it.
	createFirst, replace, tainted bool
	// notYet are the arguments that are known in the apply alone.
	notYet []string
}

// planned is the configuration as the plan knows it.
func (b resourceBlock) planned() map[string]any {
	config := maps.Clone(b.config)
	for _, name := range b.notYet {
		config[name] = tftypes.UnknownValue
	}
	return config
}

// core holds the state between runs. Addresses of fleets begin with "fleet".
type core struct {
	*setup

	fleets *fleetSetup
	state  map[string]held
	random *rand.Rand
	mu     sync.Mutex // of what follows, and of random
	log    []string
	// refreshes is unset for a plan with -refresh=false.
	refreshes   bool
	parallelism int
}

// change is what a plan does to one object.
type change struct {
	action string // "no-op", "create", "update", "replace", "delete"
	prior  held   // as it was refreshed
	plan   *tfprotov6.PlanResourceChangeResponse
}

func (c *core) kind(address string) kind {
	if strings.HasPrefix(address, "fleet") {
		return c.fleets
	}
	return c.rpc
}

func (c *core) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

// pause lets other objects go first, for some milliseconds.
func (c *core) pause(most int) {
	c.mu.Lock()
	d := time.Duration(c.random.IntN(most)) * time.Millisecond
	c.mu.Unlock()
	time.Sleep(d)
}

// each does something for all addresses, as many at a time as the parallelism.
func (c *core) each(addresses []string, do func(address string)) {
	c.random.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	hands := make(chan struct{}, c.parallelism)
	var all sync.WaitGroup
	for _, address := range addresses {
		hands <- struct{}{}
		all.Go(func() {
			defer func() { <-hands }()
			do(address)
		})
	}
	all.Wait()
}

// planAll is the walk of a plan. It returns no changes where there is an error.
func (c *core) planAll(blocks map[string]resourceBlock) map[string]change {
	c.t.Helper()
	c.nextRun()
	addresses := []string{}
	for address := range blocks {
		addresses = append(addresses, address)
	}
	for address := range c.state {
		if _, ok := blocks[address]; !ok {
			addresses = append(addresses, address)
		}
	}
	slices.Sort(addresses)
	changes, failed := map[string]change{}, false
	c.each(addresses, func(address string) {
		c.pause(60)
		block, declared := blocks[address]
		one, ok := c.planOne(address, block, declared)
		c.mu.Lock()
		defer c.mu.Unlock()
		changes[address], failed = one, failed || !ok
	})
	if failed {
		return nil
	}
	return changes
}

// planDestroy is the plan of "terraform destroy": the core plans as usual, takes what was
// refreshed alone, and plans the destroys in another process, without a read.
func (c *core) planDestroy(blocks map[string]resourceBlock) map[string]change {
	c.t.Helper()
	usual := c.planAll(blocks)
	if usual == nil {
		return nil
	}
	for address, ch := range usual {
		c.put(address, ch.prior)
	}
	c.refreshes = false
	defer func() { c.refreshes = true }()
	return c.planAll(nil)
}

func (c *core) planOne(address string, block resourceBlock, declared bool) (change, bool) {
	k := c.kind(address)
	c.mu.Lock()
	prior := c.state[address]
	c.mu.Unlock()
	if prior.state != nil && c.refreshes {
		read, diags := k.read(prior)
		if hasError(diags) {
			c.t.Errorf("%s: read: %s", address, texts(diags))
			return change{}, false
		}
		prior = read
		c.note("plan: read %s", address)
		// The plan follows at once. What the core does before it takes less than a read of another
		// object, which takes no time at all if the instance has just been read.
	}
	if k.values(prior.state) == nil {
		prior = held{}
	}
	ch := change{action: "no-op", prior: prior}
	var config map[string]any
	if declared {
		config = block.planned()
	}
	switch {
	case !declared && prior.state == nil:
		return ch, true
	case !declared:
		ch.action = "delete"
		ch.plan = k.plan(nil, prior)
	case prior.state == nil:
		ch.action = "create"
		ch.plan = k.plan(config, held{})
	case block.tainted:
		ch.action = "replace"
		ch.plan = k.plan(config, held{})
	default:
		ch.plan = k.plan(config, prior)
		if len(ch.plan.RequiresReplace) > 0 || block.replace {
			ch.action = "replace"
			ch.plan = k.plan(config, held{private: ch.plan.PlannedPrivate})
		} else if !cmp.Equal(k.values(ch.plan.PlannedState), k.values(prior.state)) {
			ch.action = "update"
		}
	}
	c.note("plan: %s %s%s", ch.action, address, summaries(ch.plan.Diagnostics))
	if hasError(ch.plan.Diagnostics) {
		c.t.Errorf("%s: plan: %s", address, texts(ch.plan.Diagnostics))
		return ch, false
	}
	return ch, true
}

func summaries(diags []*tfprotov6.Diagnostic) string {
	var text strings.Builder
	for _, d := range diags {
		text.WriteString(" [" + d.Summary + "]")
	}
	return text.String()
}

// applyAll is the walk of an apply, in a process of its own, which knows only what
// changes.
func (c *core) applyAll(blocks map[string]resourceBlock, changes map[string]change) bool {
	c.t.Helper()
	c.nextRun()
	addresses := []string{}
	for address, ch := range changes {
		c.put(address, ch.prior)
		if ch.action != "no-op" {
			addresses = append(addresses, address)
		}
	}
	slices.Sort(addresses)
	failed := false
	c.each(addresses, func(address string) {
		c.pause(60)
		if ok := c.applyOne(address, blocks[address], changes[address]); !ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			failed = true
		}
	})
	return !failed
}

func (c *core) put(address string, h held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.state == nil || c.kind(address).values(h.state) == nil {
		delete(c.state, address)
		return
	}
	c.state[address] = h
}

func (c *core) applyOne(address string, block resourceBlock, ch change) bool {
	k := c.kind(address)
	destroy := func(plan *tfprotov6.PlanResourceChangeResponse) bool {
		_, diags := k.applied(nil, ch.prior, plan)
		c.note("apply: destroy %s%s", address, summaries(diags))
		if hasError(diags) {
			c.t.Errorf("%s: destroy: %s", address, texts(diags))
		}
		return !hasError(diags)
	}
	prior := ch.prior
	switch ch.action {
	case "delete":
		if !destroy(ch.plan) {
			return false
		}
		c.put(address, held{})
		return true
	case "replace":
		prior = held{}
		if !block.createFirst {
			if !destroy(&tfprotov6.PlanResourceChangeResponse{
				PlannedState: c.null(address), PlannedPrivate: ch.plan.PlannedPrivate,
			}) {
				return false
			}
			c.put(address, held{})
			c.pause(60)
		}
	}
	again := k.plan(block.config, prior)
	if hasError(again.Diagnostics) {
		c.t.Errorf("%s: the plan within the apply: %s", address, texts(again.Diagnostics))
		return false
	}
	first, second := k.values(ch.plan.PlannedState), k.values(again.PlannedState)
	for name := range first {
		if !allows(first[name], second[name]) {
			c.t.Errorf("%s: %s is %v in the plan within the apply, and was %v", address, name, second[name], first[name])
		}
	}
	if ch.action == "update" && cmp.Equal(second, k.values(prior.state)) {
		c.note("apply: nothing to do for %s", address)
		return true
	}
	c.pause(60)
	after, diags := k.applied(block.config, prior, again)
	c.note("apply: %s %s%s", ch.action, address, summaries(diags))
	if hasError(diags) {
		c.t.Errorf("%s: apply: %s", address, texts(diags))
		return false
	}
	got := k.values(after.state)
	for name, value := range second {
		if !keepsTo(got[name], value) {
			c.t.Errorf("%s: %s is %v after the apply, and was planned as %v", address, name, got[name], value)
		}
	}
	c.put(address, after)
	if ch.action == "replace" && block.createFirst {
		c.pause(60)
		return destroy(k.plan(nil, ch.prior)) // What is deposed is planned in the apply.
	}
	return true
}

func (c *core) null(address string) *tfprotov6.DynamicValue {
	if strings.HasPrefix(address, "fleet") {
		return c.fleets.dynamic(nil)
	}
	return c.dynamic(c.resourceType(), nil)
}

// allows reports whether a plan within the apply may follow the first one: it keeps all
// that the first one knew.
func allows(first, second any) bool {
	members, ok := first.(map[string]any)
	if !ok {
		return first == tftypes.UnknownValue || cmp.Equal(first, second)
	}
	others, ok := second.(map[string]any)
	if !ok || len(others) != len(members) {
		return false
	}
	for name, member := range members {
		if !allows(member, others[name]) {
			return false
		}
	}
	return true
}
