package backendtest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// testMissing: that an instance does not exist is an error of every call but a
// description, and of several ids it is the fault of those that the cloud names.
func testMissing(t *testing.T, in Inputs) {
	refusal := in.refusal(in.NotFound, "There is no "+in.ID+".", "r-1")
	if found, err := in.driver(t, refusal).Describe(t.Context(), []string{in.ID}); err != nil || len(found) > 0 {
		t.Errorf("describe of one: got %v, %v, want nothing and no error", found, err)
	}
	several := []string{in.ID + "0", in.ID}
	for _, o := range operations() {
		driver := in.driver(t, refusal)
		for _, outcome := range o.call(t.Context(), driver, several) {
			got := driver.Fault(outcome.Err)
			if got.Kind != backend.KindNotFound || !got.Shared || !slices.Equal(got.IDs, several[1:]) {
				t.Errorf("%s of several: got %+v, want %s, shared, of %q", o.name, got, backend.KindNotFound, several[1:])
			}
		}
		if o.op == 0 {
			continue
		}
		got := driver.Fault(o.call(t.Context(), driver, several[1:])[0].Err)
		if got.Kind != backend.KindNotFound || got.Shared || got.IDs != nil {
			t.Errorf("%s of one: got %+v, want %s, not shared", o.name, got, backend.KindNotFound)
		}
	}
}

// silence is a transport that never answers.
type silence struct{}

func (silence) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// testOneClock: the context of a call is its only limit of time. An SDK has limits of a
// minute or five by itself.
func testOneClock(t *testing.T, in Inputs) {
	synctest.Test(t, func(t *testing.T) {
		driver, err := in.Open(in.keys(true), in.Region, "", silence{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range operations() {
			const limit = time.Hour
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			began := time.Now()
			err := o.call(ctx, driver, []string{in.ID})[0].Err
			if took := time.Since(began); took != limit || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: ended after %v with %v, want after %v with %v", o.name, took, err, limit, context.DeadlineExceeded)
			}
			if got := driver.Fault(err).Kind; got != backend.KindUnavailable {
				t.Errorf("%s: got %s, want %s", o.name, got, backend.KindUnavailable)
			}
			cancel()
		}
	})
}

// testOneHost: however often calls fail, the next one goes to the same host. An SDK may
// turn to another region.
func testOneHost(t *testing.T, in Inputs) {
	base := &answers{list: []answer{{err: errors.New("connection reset")}}}
	driver, err := in.Open(in.keys(true), in.Region, "", base)
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]bool{}
	for range 20 {
		driver.Stop(t.Context(), []string{in.ID}, backend.StopOptions{})
		hosts[base.last.URL.Host] = true
	}
	if len(hosts) != 1 {
		t.Errorf("the calls went to %v, want one host", hosts)
	}
}
