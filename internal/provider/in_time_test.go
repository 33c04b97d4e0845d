package provider

import (
	"testing"
	"time"
)

// TestATimeLimitCountsFromTheArrivalOfTheRequest, and from now where that is not known.
func TestATimeLimitCountsFromTheArrivalOfTheRequest(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		began := time.Now()
		request := arrived(t.Context())
		time.Sleep(3 * time.Second) // The request is decoded.
		within, cancel := inTime(request, 10*time.Second)
		defer cancel()
		if got, _ := within.Deadline(); got.Sub(began) != 10*time.Second {
			t.Errorf("the deadline is %v after the arrival, want 10s", got.Sub(began))
		}
		unknown, cancelUnknown := inTime(t.Context(), 10*time.Second)
		defer cancelUnknown()
		if got, _ := unknown.Deadline(); got.Sub(began) != 13*time.Second {
			t.Errorf("without an arrival the deadline is %v after the beginning, want 13s", got.Sub(began))
		}
	})
}
