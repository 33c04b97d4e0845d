package powerstate

import (
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAWithdrawnOperationMakesNoCall, and is asked only when those before it have
// ended: what they were for may be the reason to withdraw it.
func TestAWithdrawnOperationMakesNoCall(t *testing.T) {
	inEachForm(t, tenSeconds, func(t *testing.T, w *testCloud, f form) {
		for _, withdrawn := range []bool{false, true} {
			var both sync.WaitGroup
			both.Go(func() { w.mustReachBy(t, f, stopped) })
			time.Sleep(time.Second)
			w.ForgetCalls()
			_, err := w.client.Reach(t.Context(), id, running, ReachOptions{Withdrawn: func(got string) bool {
				if in, _ := w.Instance(got); in.State != backend.Stopped {
					t.Errorf("asked about %q while it is %v, want the end of the operation before it", got, in.State)
				}
				return withdrawn
			}})
			both.Wait()
			starts := w.Count(memory.Start)
			if withdrawn {
				wantError(t, err, Withdrawn)
			} else if err != nil {
				t.Error(err)
			}
			if withdrawn == (starts > 0) {
				t.Errorf("got %d starts, withdrawn: %v", starts, withdrawn)
			}
		}
	})
}
