package dispatch

import (
	"testing"
	"time"
)

// TestAWriteThatNeverComesIsForgotten also while others come.
func TestAWriteThatNeverComesIsForgotten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var seen traffic
		seen.foresee("never")
		for began := time.Now(); time.Since(began) < foresight; time.Sleep(lull / 2) {
			seen.foresee("i")
			if last := seen.come("i"); last || !seen.foresees() {
				t.Fatalf("after %v the other is forgotten", time.Since(began))
			}
		}
		seen.foresee("i")
		if last := seen.come("i"); !last || seen.foresees() {
			t.Errorf("the other is foreseen for longer than %v", foresight)
		}
	})
}
