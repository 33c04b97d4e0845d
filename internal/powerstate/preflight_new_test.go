package powerstate

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestPreflightNewWaitsForAListingThatLags(t *testing.T) {
	for name, test := range map[string]struct {
		appears time.Duration
		refused bool
	}{
		"one that is listed already":         {0, false},
		"one that was made a moment ago":     {5 * time.Second, false},
		"one that does not appear in time":   {20 * time.Second, true},
		"one that is mistyped, or is no one": {time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cloud := memory.New(memory.Options{})
				cloud.Add(backend.Instance{ID: "i-1", State: backend.Running})
				cloud.Behave("i-1", memory.Behavior{AppearAfter: test.appears})
				client := New("here", "r-1", cloud, Options{})
				began := time.Now()
				_, err := client.Preflight(t.Context(), "i-1", Target{Goal: GoalStopped}, PreflightOptions{AwaitAppearance: true})
				if got := err != nil; got != test.refused {
					t.Errorf("got error %v, want refused %t", err, test.refused)
				}
				if took := time.Since(began); took > 12*time.Second {
					t.Errorf("the preflight took %v, want about ten seconds at the most", took)
				}
				if got := cloud.Count(memory.Stop, memory.Start); got != 0 {
					t.Errorf("got %d writes, want none", got)
				}
			})
		})
	}
}

func TestAStopThatNeverShowsIsWithoutEffect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		can := memory.AllCapabilities()
		can.OperationReason = false
		// The guest falls back at once, between two looks.
		cloud := memory.New(memory.Options{Capabilities: &can})
		cloud.Add(backend.Instance{ID: "i-1", State: backend.Running})
		cloud.Behave("i-1", memory.Behavior{SoftStop: memory.FallsBack})
		client := New("here", "r-1", cloud, Options{})
		began := time.Now()
		_, err := client.Reach(t.Context(), "i-1", Target{Goal: GoalStopped}, ReachOptions{})
		wantError(t, err, NoEffect)
		if took := time.Since(began); took < effectWithin || took > effectWithin+5*time.Second {
			t.Errorf("the attempt ended after %v, want soon after %v", took, effectWithin)
		}
		if got := cloud.Count(memory.Stop); got != 1 {
			t.Errorf("got %d stops, want 1", got)
		}
	})
}
