package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
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
