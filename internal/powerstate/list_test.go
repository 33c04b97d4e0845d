package powerstate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// listed reads a listing to its end, or to its error.
func (w *testCloud) listed(ctx context.Context, filter backend.Filter) (ids []string, err error) {
	for in, err := range w.client.List(ctx, filter) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, in.ID)
	}
	return ids, nil
}

// listCloud is a cloud with 25 instances and pages of ten.
func listCloud(cloud memory.Options) *testCloud {
	cloud.BatchSize = 10
	w := newEmptyTestCloud(cloud, Options{})
	w.AddN(25, backend.Instance{ID: "i", Name: "web", State: backend.Running})
	return w
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%03d", i)
	}
	return ids
}

func TestListShowsAllPages(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := listCloud(memory.Options{})
		got, err := w.listed(t.Context(), backend.Filter{Name: "w*"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, numbered(25)); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
		if got, want := w.Count(memory.List), 3; got != want {
			t.Errorf("%d pages were read, want %d", got, want)
		}
	})
}

func TestListRequestsNoPageThatIsNotConsumed(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := listCloud(memory.Options{})
		n := 0
		for _, err := range w.client.List(t.Context(), backend.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 10 {
				break
			}
		}
		if got, want := w.Count(memory.List), 1; got != want {
			t.Errorf("%d pages were read for ten instances, want %d", got, want)
		}
	})
}

func TestListShowsEachInstanceOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		pages := map[string]paged{
			"":  {[]string{"i-1", "i-2"}, "b"},
			"b": {nil, "c"},
			"c": {[]string{"i-2", "i-3"}, ""},
		}
		w := newEmptyTestCloud(memory.Options{}, Options{})
		w.through(scripted{w.Driver, pages})
		got, err := w.listed(t.Context(), backend.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, []string{"i-1", "i-2", "i-3"}); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
	})
}

func TestListThatDoesNotEndIsAnError(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(memory.Options{}, Options{})
		w.through(scripted{w.Driver, map[string]paged{
			"": {[]string{"i-1"}, "b"}, "b": {[]string{"i-2"}, "c"},
			"c": {nil, "b"},
		}})
		got, err := w.listed(t.Context(), backend.Filter{})
		e := wantError(t, err, CloudFault)
		if diff := cmp.Diff(got, []string{"i-1", "i-2"}); diff != "" {
			t.Errorf("ids before the error (-got +want):\n%s", diff)
		}
		want := `list the instances of memory: the listing does not end: after "c" it begins at "b" again`
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// paged is a page of a listing, and scripted a cloud that lists nothing else.
type paged struct {
	ids  []string
	next string
}

type scripted struct {
	*memory.Driver
	pages map[string]paged
}

func (s scripted) ListPage(_ context.Context, _ backend.Filter, cursor string) ([]backend.Instance, string, error) {
	page := s.pages[cursor]
	var all []backend.Instance
	for _, id := range page.ids {
		all = append(all, backend.Instance{ID: id})
	}
	return all, page.next, nil
}

func TestListAsksAgain(t *testing.T) {
	for name, test := range map[string]struct {
		fault         backend.Fault
		least, atMost time.Duration
	}{
		"after a throttle": {
			backend.Fault{Kind: backend.KindThrottled},
			700 * time.Millisecond,
			1400 * time.Millisecond,
		},
		"when the cloud sets the time": {
			backend.Fault{Kind: backend.KindThrottled, RetryAfter: 7 * time.Second},
			7 * time.Second, 7 * time.Second,
		},
		"after an answer that got lost": {
			backend.Fault{Kind: backend.KindUnavailable},
			700 * time.Millisecond,
			1400 * time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := listCloud(memory.Options{})
				w.Fail(memory.Trouble{Op: memory.List, After: 1, Fault: test.fault})
				got, err := w.listed(t.Context(), backend.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(got, numbered(25)); diff != "" {
					t.Errorf("ids (-got +want):\n%s", diff)
				}
				if got, want := w.Count(memory.List), 4; got != want {
					t.Errorf("%d pages were asked for, want %d: one of the three twice", got, want)
				}
				if got := w.elapsed().Round(time.Millisecond); got < test.least || got > test.atMost {
					t.Errorf("it lasted %v, want %v to %v", got, test.least, test.atMost)
				}
			})
		})
	}
}

func TestListEndsWithAnError(t *testing.T) {
	for name, test := range map[string]struct {
		trouble memory.Trouble
		within  time.Duration
		cause   Cause
		elapsed time.Duration
	}{
		"that the cloud refuses for good": {
			memory.Trouble{Op: memory.List, After: 1, Fault: backend.Fault{Kind: backend.KindDenied, Code: "NoRights"}},
			time.Minute, CloudFault, 0,
		},
		"that the cloud throttles until time is up": {
			memory.Trouble{
				Op: memory.List, After: 1, Times: memory.Always,
				Fault: backend.Fault{Kind: backend.KindThrottled},
			}, time.Minute, TimedOut, time.Minute,
		},
		"whose answer does not come until time is up": {
			memory.Trouble{Op: memory.List, After: 1, Times: memory.Always, Hang: true},
			30 * time.Second, TimedOut,
			30 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := listCloud(memory.Options{})
				w.Fail(test.trouble)
				ctx, cancel := context.WithTimeout(t.Context(), test.within)
				defer cancel()
				got, err := w.listed(ctx, backend.Filter{})
				e := wantError(t, err, test.cause)
				if e.InstanceID != "" || e.Cloud != "memory" || e.Region != "r-1" {
					t.Errorf("the error is about %q in %s, %s, want no instance in memory, r-1", e.InstanceID, e.Cloud,
						e.Region)
				}
				if diff := cmp.Diff(got, numbered(10)); diff != "" {
					t.Errorf("ids before the error (-got +want):\n%s", diff)
				}
				if got := w.elapsed().Round(time.Millisecond); got != test.elapsed {
					t.Errorf("it lasted %v, want %v", got, test.elapsed)
				}
			})
		})
	}
}

func TestListThatIsCanceledIsNotComplete(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := listCloud(memory.Options{Latency: time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		var last error
		for _, err := range w.client.List(ctx, backend.Filter{}) {
			if n++; n == 10 {
				cancel()
			}
			last = err
		}
		_ = wantError(t, last, Canceled)
	})
}

func TestListKeepsToTheRateOfReads(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		can := memory.AllCapabilities()
		can.ReadsPerSecond = 1.01
		w := listCloud(memory.Options{Capabilities: &can})
		if _, err := w.listed(t.Context(), backend.Filter{}); err != nil {
			t.Fatal(err)
		}
		if got, want := w.elapsed(), 2*time.Second; got != want {
			t.Errorf("three pages at one a second lasted %v, want %v", got, want)
		}
	})
}

func TestListOfACloudThatCannotBeListed(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, memory.Options{}, Options{})
		w.through(struct{ backend.Driver }{w.Driver})
		_, err := w.listed(t.Context(), backend.Filter{})
		_ = wantError(t, err, CloudFault)
	})
}

// What a listing shows serves a plan, and the decision to act, like any other
// observation: for a short while, and not after a call.
func TestAListingServesAPlan(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := listCloud(memory.Options{})
		ids, err := w.listed(t.Context(), backend.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		plan := func(reads int) {
			t.Helper()
			before := w.Count(memory.Describe)
			for _, result := range w.client.PreflightAll(t.Context(), ids, stopped, PreflightOptions{}) {
				if result.Err != nil || result.Observed.State != backend.Running {
					t.Errorf("got %v, %v", result.Observed, result.Err)
				}
			}
			if got := w.Count(memory.Describe) - before; got != reads {
				t.Errorf("the plan made %d reads, want %d", got, reads)
			}
		}
		plan(0)
		time.Sleep(cachedForPlan)
		plan(3)
	})
}
