package powerstate

import (
	"fmt"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// busiest returns the most that came in any second.
func busiest(at []time.Duration) int {
	most := 0
	for i, from := range at {
		n := 0
		for _, then := range at[i:] {
			if then-from <= time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// TestQuestionsAboutAbsenceHaveALimitOfTheirOwn: that of a write, as what a cloud
// has to be asked can be the dry run of one, and not at the cost of the reads.
func TestQuestionsAboutAbsenceHaveALimitOfTheirOwn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		can := memory.AllCapabilities()
		can.ReadsPerSecond, can.WritesPerSecond = 40, 10
		w := newEmptyTestCloud(memory.Options{Capabilities: &can}, Options{})
		w.through(memory.WithAbsenceCheck(w.Driver))
		ids := make([]string, 100)
		for i := range ids {
			ids[i] = fmt.Sprintf("i-%03d", i)
		}
		for i, result := range w.client.ObserveAll(t.Context(), ids) {
			if result.Err != nil || result.After.State != backend.Absent {
				t.Errorf("%s is %v, %v, want absent", ids[i], result.After.State, result.Err)
			}
		}
		var at []time.Duration
		for _, call := range w.Calls(memory.CheckAbsent) {
			at = append(at, call.At.Sub(w.began))
		}
		if got := busiest(at); len(at) != len(ids) || got != 10 {
			t.Errorf("got %d questions, %d in the busiest second, want %d and 10", len(at), got, len(ids))
		}
	})
}
