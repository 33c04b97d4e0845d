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
			inFakeTime(t, func(t *testing.T) {
				cloud := memory.New(memory.Options{})
				cloud.Add(backend.Instance{ID: "i-1", State: backend.Running})
				cloud.Behave("i-1", memory.Behavior{AppearAfter: test.appears})
				client := New("here", "r-1", cloud, Options{})
				began := time.Now()
				_, err := client.Preflight(t.Context(), "i-1", Target{Goal: GoalStopped},
					PreflightOptions{AwaitAppearance: true})
				if got := err != nil; got != test.refused {
					t.Errorf("got error %v, want refused %t", err, test.refused)
				}
				if elapsed := time.Since(began); elapsed > 12*time.Second {
					t.Errorf("the preflight lasted %v, want about ten seconds at the most", elapsed)
				}
				if got := cloud.Count(memory.Stop, memory.Start); got != 0 {
					t.Errorf("got %d writes, want none", got)
				}
			})
		})
	}
}
