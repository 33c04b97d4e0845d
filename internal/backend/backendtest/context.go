package backendtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	// soon is when a subtest gives up a call that hangs. Nothing depends on how
	// exactly it is kept.
	soon = 50 * time.Millisecond
	// atOnce is far more than giving up takes, and far less than any time
	// limit of an SDK.
	atOnce = 5 * time.Second
)

func contextTests() []test {
	return slices.Concat(
		each(operations(), "with a context that has ended sends nothing", sendsNothing),
		each(operations(), "ends at once when its context is canceled", endsWith(context.Canceled)),
		each(operations(), "ends at once at its deadline", endsWith(context.DeadlineExceeded)),
	)
}

func sendsNothing(t *testing.T, h Harness, o operation) {
	t.Helper()
	id := h.seedIn(t, o.from)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	outcomes := h.doWith(t, ctx, h.Driver, o, []string{id})
	if got, want := outcomes[0].Err, context.Canceled; !errors.Is(got, want) {
		t.Errorf("error is %v, want one that is %v", got, want)
	}
	if got := h.arrived(id); len(got) != 0 {
		t.Errorf("this arrived: %+v, want nothing", got)
	}
	h.Settle(t)
	h.wantStates(t, []string{id}, o.from)
}

func endsWith(want error) func(t *testing.T, h Harness, o operation) {
	return func(t *testing.T, h Harness, o operation) {
		t.Helper()
		ids := h.seed(t, 3, Seed{State: o.from})
		h.Hang(t)
		ctx, cancel := givingUp(t, want)
		defer cancel()
		done := make(chan []backend.Outcome, 1)
		go func() { done <- o.call(ctx, h.Driver, ids) }()
		select {
		case outcomes := <-done:
			h.wantAlike(t, ids, outcomes, backend.KindUnavailable)
			if got := outcomes[0].Err; !errors.Is(got, want) {
				t.Errorf("error is %v, want one that is %v", got, want)
			}
		case <-time.After(soon + atOnce):
			t.Fatalf("the call goes on %v after its context ended", atOnce)
		}
		if got := len(h.arrived(ids[0])); got > 1 {
			t.Errorf("the call went out %d times, want once", got)
		}
	}
}

// givingUp returns a context that soon ends for the given reason.
func givingUp(t *testing.T, reason error) (context.Context, context.CancelFunc) {
	t.Helper()
	if errors.Is(reason, context.DeadlineExceeded) {
		return context.WithTimeout(t.Context(), soon)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(soon, cancel)
	return ctx, cancel
}
