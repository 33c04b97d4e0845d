package dispatch

import (
	"testing"
	"time"
)

func TestATurnThatIsGivenBackIsFree(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(1, 0)
		began := time.Now()
		for range 5 {
			turn, err := b.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			turn.giveBack()
		}
		if got := time.Since(began); got != 0 {
			t.Errorf("five turns that were given back took %v, want no time", got)
		}
		time.Sleep(time.Minute)
		if got := len(b.turns); got != 1 {
			t.Errorf("there are %d turns, want 1", got)
		}
	})
}
