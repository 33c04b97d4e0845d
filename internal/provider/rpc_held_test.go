package provider

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestADestroyLeavesWhatAnotherObjectOfTheStateMayDeclare: the plan of the destroy comes
// before that of the object that stays, and the apply does not plan what stays again.
func TestADestroyLeavesWhatAnotherObjectOfTheStateMayDeclare(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		config := resourceOf("stopped", map[string]any{"on_destroy": "running"})
		goes, stays := s.step(config, held{}), s.step(config, held{})
		s.nextRun()
		goes, stays = s.refresh(goes), s.refresh(stays)
		destroy := s.plan(nil, goes)
		wantNames(t, "changes", s.changes(stays, s.plan(config, stays)))
		s.nextRun()
		if _, diags := s.apply(t.Context(), nil, goes, destroy); hasError(diags) {
			t.Fatal(texts(diags))
		}
		if in, _ := s.cloud.Instance("h-1"); in.State != backend.Stopped {
			t.Errorf("the instance is %v, want it stopped as declared", in.State)
		}
	})
}

func TestTheLastOfSeveralThatGoActs(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		config := resourceOf("stopped", map[string]any{"on_destroy": "running"})
		one, other := s.step(config, held{}), s.step(config, held{})
		s.nextRun()
		one, other = s.refresh(one), s.refresh(other)
		first, second := s.plan(nil, one), s.plan(nil, other)
		s.nextRun()
		for _, goes := range []struct {
			held held
			plan *tfprotov6.PlanResourceChangeResponse
		}{{one, first}, {other, second}} {
			if _, diags := s.apply(t.Context(), nil, goes.held, goes.plan); hasError(diags) {
				t.Fatal(texts(diags))
			}
		}
		if in, _ := s.cloud.Instance("h-1"); in.State != backend.Running {
			t.Errorf("the instance is %v, want it running as on_destroy says", in.State)
		}
	})
}

// TestTheCreateOfWhatTheStateHoldsWarns of what a destroy of the same run may do to the
// instance, for a resource and for a fleet.
func TestTheCreateOfWhatTheStateHoldsWarns(t *testing.T) {
	t.Parallel()
	const twice = "warning: Instance \"h-1\" may change twice\n\n" +
		"This run destroys another resource"
	const replaced = "warning: `on_destroy` is not carried out for instance \"h-1\"\n\n" + ifReplaced
	for name, test := range map[string]struct {
		onDestroy        string
		planned, destroy bool
		want             string
	}{
		"when a destroy that acts is planned":        {"running", true, true, twice},
		"when the former may be replaced by this":    {"running", false, false, replaced},
		"not when the former stays":                  {"running", true, false, ""},
		"not when the destroy leaves the instance":   {"leave", true, true, ""},
		"not when the former would be left as it is": {"leave", false, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				config := resourceOf("stopped", map[string]any{"on_destroy": test.onDestroy})
				former := s.step(config, held{})
				f, _ := fleetIn(t, s, 0, backend.Running)
				create := map[string]func() []*tfprotov6.Diagnostic{
					"a resource": func() []*tfprotov6.Diagnostic { return s.plan(resourceOf("stopped", nil), held{}).Diagnostics },
					"a fleet": func() []*tfprotov6.Diagnostic {
						return f.plan(fleetOf("stopped", []string{"h-1"}, nil), held{}).Diagnostics
					},
				}
				for what, plan := range create {
					s.nextRun()
					former := s.refresh(former)
					switch {
					case test.destroy:
						s.plan(nil, former)
					case test.planned:
						s.plan(config, former)
					}
					got := texts(plan())
					if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
						t.Errorf("%s: the plan says %q, want %q", what, got, test.want)
					}
				}
			})
		})
	}
}

// TestADestroyedObjectDeclaresNothing: one process serves several runs, as the CLI's tests
// do. What a run has destroyed does not contradict what a later one creates.
func TestADestroyedObjectDeclaresNothing(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		stopped := s.step(resourceOf("stopped", nil), held{})
		s.step(nil, s.refresh(stopped))
		running := s.plan(resourceOf("running", nil), held{})
		if hasError(running.Diagnostics) {
			t.Error(texts(running.Diagnostics))
		}
	})
}

// TestATaintedObjectThatIsNotReadLeavesItsInstances: with -refresh=false nothing tells the
// plan that it is of a replacement, and the destroy leaves what the new object declares.
func TestATaintedObjectThatIsNotReadLeavesItsInstances(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{onDestroyRestore, onDestroyRunning} {
		for _, createFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, create first: %v", onDestroy, createFirst), func(t *testing.T) {
				t.Parallel()
				inFakeTime(t, func(t *testing.T) {
					s := newSetup(t)
					fleets, ids := fleetIn(t, s, 3, backend.Running)
					single := resourceOf("stopped", map[string]any{"instance_id": ids[0], "on_destroy": onDestroy})
					fleet := fleetOf("stopped", ids[1:], map[string]any{"on_destroy": onDestroy})
					blocks := map[string]resourceBlock{
						"single": {config: single, createFirst: createFirst}, "fleet": {config: fleet, createFirst: createFirst},
					}
					c := &core{
						setup: s, fleets: fleets, state: map[string]held{}, random: rand.New(rand.NewPCG(1, 0)), //nolint:gosec // A seed.
						refreshes: true, parallelism: 2,
					}
					c.applyAll(blocks, c.planAll(blocks))
					s.cloud.ForgetCalls()
					c.refreshes = false
					for address, block := range blocks {
						block.tainted = true
						blocks[address] = block
					}
					c.applyAll(blocks, c.planAll(blocks))
					if got := s.cloud.Count(memory.Start, memory.Stop); got != 0 {
						t.Errorf("got %d writes, want none: the instances stay declared", got)
					}
				})
			})
		}
	}
}
