package tencentcloud

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestEveryCallSaysHowHardAndNoMore(t *testing.T) {
	t.Parallel()
	stop := func(opts backend.StopOptions) func(*testing.T, *Driver) []backend.Outcome {
		return func(t *testing.T, d *Driver) []backend.Outcome {
			t.Helper()
			return d.Stop(t.Context(), []string{id1, id2}, opts)
		}
	}
	reboot := func(opts backend.StopOptions) func(*testing.T, *Driver) []backend.Outcome {
		return func(t *testing.T, d *Driver) []backend.Outcome {
			t.Helper()
			return d.Reboot(t.Context(), []string{id1, id2}, opts)
		}
	}
	const ids = `{"InstanceIds":["` + id1 + `","` + id2 + `"]`
	for name, tc := range map[string]struct {
		do           func(*testing.T, *Driver) []backend.Outcome
		action, body string
	}{
		"a start": {func(t *testing.T, d *Driver) []backend.Outcome {
			t.Helper()
			return d.Start(t.Context(), []string{id1, id2})
		}, "StartInstances", ids + `}`},
		"a stop": {stop(backend.StopOptions{}), "StopInstances", ids + `,"StopType":"SOFT"}`},
		"a stop that may escalate": {
			stop(backend.StopOptions{Force: backend.EscalateLater}), "StopInstances", ids + `,"StopType":"SOFT_FIRST"}`,
		},
		"a forced stop": {
			stop(backend.StopOptions{Force: backend.Forced}), "StopInstances", ids + `,"StopType":"HARD"}`,
		},
		"a force that does not exist": {stop(backend.StopOptions{Force: 99}), "StopInstances", ids + `,"StopType":"SOFT"}`},
		"a stop that ends charging": {
			stop(backend.StopOptions{Mode: backend.StopCharging}), "StopInstances",
			ids + `,"StopType":"SOFT","StoppedMode":"STOP_CHARGING"}`,
		},
		"a stop that keeps charging": {
			stop(backend.StopOptions{Force: backend.Forced, Mode: backend.KeepCharging}), "StopInstances",
			ids + `,"StopType":"HARD","StoppedMode":"KEEP_CHARGING"}`,
		},
		"a mode that is only observed": {
			stop(backend.StopOptions{Mode: backend.NotApplicable}), "StopInstances", ids + `,"StopType":"SOFT"}`,
		},
		"a reboot": {
			reboot(backend.StopOptions{Mode: backend.StopCharging}), "RebootInstances", ids + `,"StopType":"SOFT"}`,
		},
		"a reboot that may escalate": {
			reboot(backend.StopOptions{Force: backend.EscalateLater}), "RebootInstances", ids + `,"StopType":"SOFT_FIRST"}`,
		},
		"a forced reboot": {
			reboot(backend.StopOptions{Force: backend.Forced}), "RebootInstances", ids + `,"StopType":"HARD"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, accepted))
			got := tc.do(t, f.driver(t))
			want := []backend.Outcome{{RequestID: "req-1"}, {RequestID: "req-1"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("outcomes: -want +got:\n%s", diff)
			}
			c := f.only(t)
			if c.Action != tc.action || c.Body != tc.body {
				t.Errorf("got %s %s, want %s %s", c.Action, c.Body, tc.action, tc.body)
			}
		})
	}
}

func TestAlreadySoIsSuccessForOneAlone(t *testing.T) {
	t.Parallel()
	const running, stopped = "UnsupportedOperation.InstanceStateRunning", "UnsupportedOperation.InstanceStateStopped"
	for name, tc := range map[string]struct {
		op   backend.Op
		code string
		ids  []string
		ok   bool
	}{
		"stopping what is stopped":          {backend.OpStop, stopped, []string{id1}, true},
		"starting what runs":                {backend.OpStart, running, []string{id1}, true},
		"stopping two of which one stopped": {backend.OpStop, stopped, []string{id1, id2}, false},
		"starting two of which one runs":    {backend.OpStart, running, []string{id1, id2}, false},
		"starting what is said to be off":   {backend.OpStart, stopped, []string{id1}, false},
		"stopping what is said to run":      {backend.OpStop, running, []string{id1}, false},
		"rebooting what is stopped":         {backend.OpReboot, stopped, []string{id1}, false},
		"stopping what is stopping": {
			backend.OpStop, "UnsupportedOperation.InstanceStateStopping", []string{id1}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, failure(tc.code, "The instance "+id1+" is so.")))
			d := f.driver(t)
			var outcomes []backend.Outcome
			switch tc.op {
			case backend.OpStart:
				outcomes = d.Start(t.Context(), tc.ids)
			case backend.OpStop:
				outcomes = d.Stop(t.Context(), tc.ids, backend.StopOptions{})
			case backend.OpReboot:
				outcomes = d.Reboot(t.Context(), tc.ids, backend.StopOptions{})
			}
			if got, want := len(outcomes), len(tc.ids); got != want {
				t.Fatalf("got %d outcomes, want %d", got, want)
			}
			for _, outcome := range outcomes {
				if tc.ok {
					if outcome.Err != nil {
						t.Errorf("got %v, want no error", outcome.Err)
					}
					continue
				}
				got := d.Fault(outcome.Err)
				if got.Kind != backend.KindBusy || got.Shared != (len(tc.ids) > 1) || slices.Contains(got.IDs, id1) != got.Shared {
					t.Errorf("got %+v, want it busy, and of several to name %s", got, id1)
				}
			}
		})
	}
}

// page answers DescribeInstances as the cloud does, but with pages of size.
func page(t *testing.T, w io.Writer, c call, total, size int) {
	t.Helper()
	var request struct{ Offset, Limit int }
	if err := json.Unmarshal([]byte(c.Body), &request); err != nil {
		t.Errorf("unmarshal %s: %v", c.Body, err)
	}
	if request.Limit != 100 {
		t.Errorf("got limit %d, want 100", request.Limit)
	}
	items := []string{}
	for i := request.Offset; i < min(total, request.Offset+size); i++ {
		items = append(items, fmt.Sprintf(`{"InstanceId":"ins-%08d","InstanceState":"RUNNING"}`, i))
	}
	_, _ = fmt.Fprintf(w, `{"Response":{"TotalCount":%d,"InstanceSet":[%s],"RequestId":"req-1"}}`, total,
		strings.Join(items, ","))
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("ins-%08d", i)
	}
	return ids
}

func TestDescribeReadsToTheEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ asked, total, size, found, calls int }{
		"one page of a full batch": {100, 100, 100, 100, 1},
		"none exist":               {3, 0, 100, 0, 1},
		"some exist":               {5, 3, 100, 3, 1},
		"pages cut smaller":        {100, 100, 20, 100, 5},
		"pages cut, some missing":  {100, 50, 20, 50, 3},
		"more than was asked for":  {2, 50, 20, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, _ *http.Request, c call) { page(t, w, c, tc.total, tc.size) })
			got, err := f.driver(t).Describe(t.Context(), numbered(tc.asked))
			if err != nil {
				t.Fatalf("Describe: %v", err)
			}
			if len(got) != tc.found {
				t.Errorf("got %d instances, want %d", len(got), tc.found)
			}
			calls := f.seen()
			if len(calls) != tc.calls {
				t.Errorf("got %d requests, want %d", len(calls), tc.calls)
			}
			for _, c := range calls {
				var request struct{ InstanceIds []string }
				if err := json.Unmarshal([]byte(c.Body), &request); err != nil {
					t.Fatalf("unmarshal: %v", err)
				}
				if got, want := len(request.InstanceIds), tc.asked; got != want {
					t.Errorf("got %d ids in a request, want %d", got, want)
				}
			}
		})
	}
}

func TestDescribeLeavesOutWhatWasNotAskedForAndRepeats(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		items := `{"InstanceId":"` + id3 + `"},{"InstanceId":"` + id1 + `"}`
		if strings.Contains(c.Body, `"Offset":2`) {
			items = `{"InstanceId":"` + id1 + `"},{"InstanceId":"` + id2 + `"}`
		}
		_, _ = io.WriteString(w, `{"Response":{"TotalCount":4,"InstanceSet":[`+items+`]}}`)
	})
	found, err := f.driver(t).Describe(t.Context(), []string{id1, id2})
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	var got []string
	for _, instance := range found {
		got = append(got, instance.ID)
	}
	if diff := cmp.Diff([]string{id1, id2}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAListingThatSaysTooLittleIsAnError(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no Response":          `{"RequestId":"req-1"}`,
		"no list":              `{"Response":{"TotalCount":0,"RequestId":"req-1"}}`,
		"a list that is null":  `{"Response":{"TotalCount":0,"InstanceSet":null,"RequestId":"req-1"}}`,
		"no count":             `{"Response":{"InstanceSet":[],"RequestId":"req-1"}}`,
		"a count and no items": `{"Response":{"TotalCount":2,"InstanceSet":[],"RequestId":"req-1"}}`,
		"an item without id": `{"Response":{"TotalCount":1,"InstanceSet":[{"InstanceState":"RUNNING"}],
		"RequestId":"req-1"}}`,
		"an item that is null":  `{"Response":{"TotalCount":1,"InstanceSet":[null],"RequestId":"req-1"}}`,
		"another API's listing": `{"Response":{"TotalCount":1,"Instances":[],"RequestId":"req-1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, body))
			d := f.driver(t)
			got, err := d.Describe(t.Context(), []string{id1})
			if err == nil {
				t.Fatalf("got %v, want an error", got)
			}
			if got := d.Fault(err).Kind; got != backend.KindUnavailable {
				t.Errorf("got %v, want %v", got, backend.KindUnavailable)
			}
		})
	}
}

func TestNoCallIsMadeWithoutIDs(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, accepted))
	d := f.driver(t)
	if found, err := d.Describe(t.Context(), nil); err != nil || len(found) != 0 {
		t.Errorf("got %v, %v; want nothing", found, err)
	}
	for _, outcomes := range [][]backend.Outcome{
		d.Start(t.Context(), nil), d.Stop(t.Context(), []string{}, backend.StopOptions{}),
		d.Reboot(t.Context(), nil, backend.StopOptions{}),
	} {
		if len(outcomes) != 0 {
			t.Errorf("got %v, want no outcomes", outcomes)
		}
	}
	if got := len(f.seen()); got != 0 {
		t.Errorf("got %d requests, want none", got)
	}
	stopOne(t, d)
	f.only(t)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		if c.Action == "DescribeInstances" {
			page(t, w, c, 3, 2)
			return
		}
		// Each caller must get the answer to its own question.
		_, _ = io.WriteString(w, failure("ResourceInUse", c.Body))
	})
	d := f.driver(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			id := fmt.Sprintf("ins-%08d", i)
			for range 5 {
				found, err := d.Describe(t.Context(), numbered(3))
				if err != nil || len(found) != 3 {
					t.Errorf("got %d instances, %v; want 3", len(found), err)
				}
				for _, outcome := range slices.Concat(
					d.Start(t.Context(), []string{id}),
					d.Stop(t.Context(), []string{id}, backend.StopOptions{}),
					d.Reboot(t.Context(), []string{id}, backend.StopOptions{}),
				) {
					if got := d.Fault(outcome.Err); got.Kind != backend.KindBusy || !strings.Contains(got.Message, id) {
						t.Errorf("got %+v, want it busy, about %s", got, id)
					}
				}
			}
		})
	}
	wg.Wait()
}
