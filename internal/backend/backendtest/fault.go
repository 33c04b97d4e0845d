package backendtest

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func faultTests() []test {
	return slices.Concat(
		each(operations(), "is throttled, and nothing was done", isThrottled),
		each(operations(), "keeps how long to stay away", keepsRetryAfter),
		each(operations(), "is unavailable when the cloud fails",
			isUnavailable(func(h Harness) func(t *testing.T) { return h.ServerError }, 0)),
		each(operations(), "is unavailable when a gateway answers with a page",
			isUnavailable(func(h Harness) func(t *testing.T) { return h.Page }, http.StatusBadGateway)),
		each(operations(), "is unavailable when the connection closes, and goes out once", isCutOff),
		each(operations(), "is denied with a wrong secret", isDenied),
		each(operations(), "is denied for a missing permission, which may concern one of several ids", isForbidden),
		each(writes(), "does not find what does not exist", isNotFound),
		each(writes(), "fails for every id of a call alike", failsAlike),
		[]test{{"an error of somebody else is of no kind", func(t *testing.T, h Harness) {
			err := errors.New("the dog ate it")
			fault := h.wantKind(t, err, backend.KindOther)
			if fault.Shared || fault.Code != "" || fault.Status != 0 || fault.RetryAfter != 0 {
				t.Errorf("the fault tells more than the error: %+v", fault)
			}
		}}},
	)
}

// wantWholeFault is for a fault that no id of the call is to blame for.
func wantWholeFault(t *testing.T, fault backend.Fault) {
	t.Helper()
	if fault.Shared || len(fault.IDs) > 0 {
		t.Errorf("the fault blames an id of the call: %+v", fault)
	}
	if fault.Message == "" {
		t.Errorf("the fault has no message: %+v", fault)
	}
	if fault.Unsent {
		t.Errorf("the fault says that the call was not made: %+v", fault)
	}
}

// isThrottled shows too that the driver does not try again by itself: the next
// call would have been answered.
func isThrottled(t *testing.T, h Harness, o operation) {
	t.Helper()
	id := h.seedIn(t, o.from)
	h.Throttle(t, 0)
	fault := h.wantKind(t, h.do(t, o, []string{id})[0].Err, backend.KindThrottled)
	wantWholeFault(t, fault)
	if fault.RetryAfter != 0 {
		t.Errorf("retry after is %v, want none", fault.RetryAfter)
	}
	if got := len(h.arrived(id)); got > 1 {
		t.Errorf("the call went out %d times, want once", got)
	}
	h.Settle(t)
	h.wantStates(t, []string{id}, o.from)
	if outcome := h.do(t, o, []string{id})[0]; outcome.Err != nil {
		t.Errorf("the call after it: %s, want no error", h.show(outcome.Err))
	}
}

func keepsRetryAfter(t *testing.T, h Harness, o operation) {
	t.Helper()
	const want = 7 * time.Second
	id := h.seedIn(t, o.from)
	h.Throttle(t, want)
	fault := h.wantKind(t, h.do(t, o, []string{id})[0].Err, backend.KindThrottled)
	if got := fault.RetryAfter; got != want {
		t.Errorf("retry after is %v, want %v", got, want)
	}
}

// isUnavailable checks the status too, unless it is 0: an API may report its own
// failures with a status of success.
func isUnavailable(arrange func(h Harness) func(t *testing.T), status int) func(t *testing.T, h Harness, o operation) {
	return func(t *testing.T, h Harness, o operation) {
		t.Helper()
		id := h.seedIn(t, o.from)
		arrange(h)(t)
		fault := h.wantKind(t, h.do(t, o, []string{id})[0].Err, backend.KindUnavailable)
		wantWholeFault(t, fault)
		if status != 0 && fault.Status != status {
			t.Errorf("status is %d, want %d", fault.Status, status)
		}
		if page := status != 0; fault.Unreachable != page {
			t.Errorf("the API did not answer: %v, want %v", fault.Unreachable, page)
		}
		if got := len(h.arrived(id)); got > 1 {
			t.Errorf("the call went out %d times, want once", got)
		}
	}
}

func isCutOff(t *testing.T, h Harness, o operation) {
	t.Helper()
	warm := h.seedIn(t, backend.Running)
	h.observe(t, warm) // The connection that breaks is one that was used before.
	id := h.seedIn(t, o.from)
	h.Disconnect(t)
	fault := h.wantKind(t, h.do(t, o, []string{id})[0].Err, backend.KindUnavailable)
	wantWholeFault(t, fault)
	if fault.Status != 0 || !fault.Unreachable {
		t.Errorf("status is %d, unreachable %v, want 0 and true since no answer came", fault.Status, fault.Unreachable)
	}
	if o.op != 0 {
		h.arrivedOnce(t, id, o.op)
	}
}

func isDenied(t *testing.T, h Harness, o operation) {
	t.Helper()
	id := h.seedIn(t, o.from)
	wantWholeFault(t, h.wantKind(t, h.doWith(t, t.Context(), h.WrongSecret, o, []string{id})[0].Err, backend.KindDenied))
	h.Settle(t)
	h.wantStates(t, []string{id}, o.from)
}

// isForbidden is about permissions, which may be granted on one instance and
// not on its neighbor; credentials are the whole call's.
func isForbidden(t *testing.T, h Harness, o operation) {
	t.Helper()
	for _, n := range []int{1, 3} {
		ids := h.seed(t, n, Seed{State: o.from})
		h.Forbid(t)
		for _, outcome := range h.do(t, o, ids) {
			fault := h.wantKind(t, outcome.Err, backend.KindDenied)
			if got, want := fault.Shared, len(ids) > 1; got != want || fault.Message == "" {
				t.Errorf("the fault of a call with %d ids is %+v, want shared %v and a message", len(ids), fault, want)
			}
		}
		h.Settle(t)
		h.wantStates(t, ids, o.from)
	}
}

func isNotFound(t *testing.T, h Harness, o operation) {
	t.Helper()
	ids := h.IDs(1)
	outcomes := h.do(t, o, ids)
	fault := h.wantKind(t, outcomes[0].Err, h.notFound()...)
	if fault.Shared {
		t.Errorf("the fault of a call with one id is shared: %+v", fault)
	}
	if fault.Message == "" || !h.NoReasons && (fault.Code == "" || fault.RequestID == "") {
		t.Errorf("the fault lacks code, message or request id: %+v", fault)
	}
}

// failsAlike makes calls of several ids, which fail for a reason that is in none of them.
func failsAlike(t *testing.T, h Harness, o operation) {
	t.Helper()
	for _, failure := range []struct {
		arrange func(t *testing.T)
		want    backend.Kind
	}{
		{func(t *testing.T) { t.Helper(); h.Throttle(t, 0) }, backend.KindThrottled},
		{h.ServerError, backend.KindUnavailable},
		{h.Page, backend.KindUnavailable},
		{h.Disconnect, backend.KindUnavailable},
	} {
		ids := h.seed(t, 3, Seed{State: o.from})
		failure.arrange(t)
		h.wantAlike(t, ids, h.do(t, o, ids), failure.want)
	}
	ids := h.seed(t, 3, Seed{State: o.from})
	h.wantAlike(t, ids, h.doWith(t, t.Context(), h.WrongSecret, o, ids), backend.KindDenied)
}

// wantAlike is for a call that failed as a whole, through the fault of no id.
func (h Harness) wantAlike(t *testing.T, ids []string, outcomes []backend.Outcome, want backend.Kind) {
	t.Helper()
	h.wantLength(t, ids, outcomes)
	for _, outcome := range outcomes {
		wantWholeFault(t, h.wantKind(t, outcome.Err, want))
		if got, want := outcome.Err.Error(), outcomes[0].Err.Error(); got != want {
			t.Errorf("errors of one call are %q and %q, want the same", got, want)
		}
	}
}
