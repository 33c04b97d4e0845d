package dispatch

import (
	"testing"
	"time"
)

func TestThePauseAfterALostAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(0, 0)
		within := func(got, about time.Duration) {
			t.Helper()
			if got < about*7/10-time.Millisecond || got > about*13/10+time.Millisecond {
				t.Errorf("the pause is %v, want about %v", got, about)
			}
		}
		for _, about := range []time.Duration{1, 2, 4, 8, 15, 15} {
			pause := b.lost()
			within(pause, about*time.Second)
			// One that was on its way at the same time comes back at the same time.
			time.Sleep(pause / 2)
			if got, want := b.lost(), pause-pause/2; got != want {
				t.Errorf("another stays away for %v, want the %v that are left", got, want)
			}
			time.Sleep(pause - pause/2)
		}
		b.passed()
		within(b.lost(), time.Second)
	})
}
