package powerstate

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestTheFoundStateIsThatBeforeAnyCallOfOurs, also while an operation is under way and
// after it.
func TestTheFoundStateIsThatBeforeAnyCallOfOurs(t *testing.T) {
	inEachForm(t, tenSeconds, func(t *testing.T, w *testCloud, f form) {
		if state, ok := w.client.FoundState(id); ok {
			t.Errorf("got %v before anything was observed", state)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.mustReachBy(t, f, stopped)
		}()
		time.Sleep(5 * time.Second)
		want := func(when string) {
			t.Helper()
			if state, ok := w.client.FoundState(id); !ok || state != backend.Running {
				t.Errorf("%s: got %v (%v), want running", when, state, ok)
			}
		}
		want("while it stops")
		<-done
		want("when it is stopped")
		if _, err := w.client.Observe(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		want("after another read")
	})
}

func TestAnAbsentInstanceIsNotFound(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Absent, tenSeconds, Options{})
		observe := func() {
			t.Helper()
			if _, err := w.client.Observe(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		observe()
		if state, ok := w.client.FoundState(id); ok {
			t.Errorf("got %v of an instance that is absent", state)
		}
		w.Add(backend.Instance{ID: id, State: backend.Stopped})
		observe()
		if state, _ := w.client.FoundState(id); state != backend.Stopped {
			t.Errorf("got %v of an instance that appeared, want stopped", state)
		}
	})
}
