package alicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestPowerSendsEveryParameterExplicitly(t *testing.T) {
	t.Parallel()
	one := map[string]string{"RegionId": testRegion, "InstanceId.1": "i-a", "BatchOptimization": "AllTogether"}
	with := func(more map[string]string) map[string]string {
		all := map[string]string{}
		for _, m := range []map[string]string{one, more} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	stop := func(opts backend.StopOptions) func(context.Context, *Driver) []backend.Outcome {
		return func(ctx context.Context, d *Driver) []backend.Outcome { return d.Stop(ctx, []string{"i-a"}, opts) }
	}
	reboot := func(opts backend.StopOptions) func(context.Context, *Driver) []backend.Outcome {
		return func(ctx context.Context, d *Driver) []backend.Outcome { return d.Reboot(ctx, []string{"i-a"}, opts) }
	}
	tests := []struct {
		name   string
		do     func(context.Context, *Driver) []backend.Outcome
		action string
		want   map[string]string
	}{
		{
			"a start has no force",
			func(ctx context.Context, d *Driver) []backend.Outcome { return d.Start(ctx, []string{"i-a"}) }, "StartInstances",
			one,
		},
		{
			"a graceful stop says so", stop(backend.StopOptions{}), "StopInstances",
			with(map[string]string{"ForceStop": "false"}),
		},
		{
			"a stop that may escalate is graceful", stop(backend.StopOptions{Force: backend.EscalateLater}), "StopInstances",
			with(map[string]string{"ForceStop": "false"}),
		},
		{
			"a forced stop says so", stop(backend.StopOptions{Force: backend.Forced}), "StopInstances",
			with(map[string]string{"ForceStop": "true"}),
		},
		{
			"keep charging is sent", stop(backend.StopOptions{Mode: backend.KeepCharging}), "StopInstances",
			with(map[string]string{"ForceStop": "false", "StoppedMode": "KeepCharging"}),
		},
		{
			"stop charging is sent", stop(backend.StopOptions{Force: backend.Forced, Mode: backend.StopCharging}),
			"StopInstances", with(map[string]string{"ForceStop": "true", "StoppedMode": "StopCharging"}),
		},
		{
			"not applicable is not sent", stop(backend.StopOptions{Mode: backend.NotApplicable}), "StopInstances",
			with(map[string]string{"ForceStop": "false"}),
		},
		{
			"a graceful reboot says so", reboot(backend.StopOptions{Mode: backend.StopCharging}), "RebootInstances",
			with(map[string]string{"ForceReboot": "false"}),
		},
		{
			"a reboot that may escalate is graceful", reboot(backend.StopOptions{Force: backend.EscalateLater}),
			"RebootInstances", with(map[string]string{"ForceReboot": "false"}),
		},
		{
			"a forced reboot says so", reboot(backend.StopOptions{Force: backend.Forced}), "RebootInstances",
			with(map[string]string{"ForceReboot": "true"}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, accepts)
			wantAccepted(t, tt.do(t.Context(), c.driver(t)), 1)
			wantQuery(t, c.only(t), tt.action, tt.want)
		})
	}
}

func TestRequestIsSignedAndNamesTheCaller(t *testing.T) {
	t.Parallel()
	c := newCloud(t, accepts)
	wantAccepted(t, c.driver(t).Start(t.Context(), []string{"i-a"}), 1)
	h := c.only(t).header
	if got := h.Get("Authorization"); !strings.HasPrefix(got, "ACS3-HMAC-SHA256 Credential=LTAItestAccessKeyId,") {
		t.Errorf("Authorization: got %q, want ACS3 of the access key", got)
	}
	if got, want := h.Get("X-Acs-Version"), "2014-05-26"; got != want {
		t.Errorf("version: got %q, want %q", got, want)
	}
	if got, want := h.Get("X-Acs-Security-Token"), string(testCredentials().SecurityToken); got != want {
		t.Errorf("security token: got %q, want %q", got, want)
	}
	if got := h.Get("User-Agent"); !strings.HasPrefix(got, "test-agent/1 AlibabaCloud") {
		t.Errorf("user agent: got %q, want ours and then the SDK's", got)
	}
}

func TestSeveralIDsHaveOneAnswerEachInOrder(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) {
		write(w, http.StatusOK, `{"RequestId":"REQ-2","InstanceResponses":{"InstanceResponse":[
			{"InstanceId":"i-d","Code":200,"Message":"success"},
			{"InstanceId":"i-c","Code":"IncorrectInstanceStatus","Message":"wrong status","PreviousStatus":"",
			"CurrentStatus":""},
			{"InstanceId":"i-stranger","Code":"200"},
			{"InstanceId":"i-b","Code":"InvalidInstanceId.NotFound","Message":"no such instance"},
			{"InstanceId":"i-f","Message":"no code"},
			{"InstanceId":"i-a","Code":"200","Message":"success"}]}}`)
	})
	d := c.driver(t)
	ids := []string{"i-a", "i-b", "i-c", "i-d", "i-e", "i-f"}
	got := d.Stop(t.Context(), ids, backend.StopOptions{})
	want := map[string]string{"RegionId": testRegion, "BatchOptimization": "SuccessFirst", "ForceStop": "false"}
	for i, id := range ids {
		want[fmt.Sprintf("InstanceId.%d", i+1)] = id
	}
	wantQuery(t, c.only(t), "StopInstances", want)

	type answer struct {
		Kind    backend.Kind
		Code    string
		Failed  bool
		Shared  bool
		Request string
	}
	var answers []answer
	for _, o := range got {
		a := answer{Failed: o.Err != nil, Request: o.RequestID}
		if o.Err != nil {
			f := d.Fault(o.Err)
			a.Kind, a.Code, a.Shared = f.Kind, f.Code, f.Shared
			if f.RequestID != "REQ-2" {
				t.Errorf("request id of a failed item: got %q, want REQ-2", f.RequestID)
			}
		}
		answers = append(answers, a)
	}
	if diff := cmp.Diff([]answer{
		{Request: "REQ-2"},
		{Kind: backend.KindNotFound, Code: "InvalidInstanceId.NotFound", Failed: true, Request: "REQ-2"},
		{Kind: backend.KindBusy, Code: "IncorrectInstanceStatus", Failed: true, Request: "REQ-2"},
		{Request: "REQ-2"},
		{Kind: backend.KindUnavailable, Failed: true, Request: "REQ-2"},
		{Kind: backend.KindUnavailable, Failed: true, Request: "REQ-2"},
	}, answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestIncompleteAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"RequestId":"R"}`, `{"InstanceResponses":null}`, `{"InstanceResponses":{}}`,
		`{"InstanceResponses":{"InstanceResponse":[]}}`, `{"InstanceResponses":[]}`, `{"cut`,
	} {
		t.Run("a power operation answered with "+body, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) { write(w, http.StatusOK, body) })
			d := c.driver(t)
			for _, o := range d.Start(t.Context(), []string{"i-a", "i-b"}) {
				if f := d.Fault(o.Err); o.Err == nil || f.Kind != backend.KindUnavailable || f.Shared {
					t.Errorf("outcome: got (%v, %v, shared %t), want an error of kind Unavailable, not shared", o.Err, f.Kind,
						f.Shared)
				}
			}
		})
	}
	for _, body := range []string{
		`{}`, `{"Instances":null}`, `{"Instances":{}}`, `{"Instances":{"Instance":null}}`,
		`{"Instances":{"Instance":[{"Status":"Running"}]}}`,
		`{"Instances":{"Instance":{}}}`, `{"TotalCount":`,
	} {
		t.Run("a describe answered with "+body, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) { write(w, http.StatusOK, body) })
			d := c.driver(t)
			got, err := d.Describe(t.Context(), []string{"i-a"})
			if f := d.Fault(err); err == nil || f.Kind != backend.KindUnavailable {
				t.Errorf("Describe: got (%v, %v, %v), want an error of kind Unavailable", got, err, f.Kind)
			}
		})
	}
}

func TestDescribeFollowsThePages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(w http.ResponseWriter, _ received, n int) {
		switch n {
		case 1:
			write(w, http.StatusOK, `{"NextToken":"page-2","Instances":{"Instance":[{"InstanceId":"i-a","Status":"Running"}]}}`)
		case 2:
			write(w, http.StatusOK, `{"NextToken":"page-3","Instances":{"Instance":[]}}`)
		default:
			write(
				w,
				http.StatusOK,
				`{"NextToken":"","TotalCount":0,"Instances":{"Instance":[{"InstanceId":"i-a","Status":"Running"},
				{"InstanceId":"i-stranger"},{"InstanceId":"i-b","Status":"Stopped"}]}}`,
			)
		}
	})
	got, err := c.driver(t).Describe(t.Context(), []string{"i-a", "i-b", "i-gone"})
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	want := []backend.Instance{
		{ID: "i-a", State: backend.Running, Raw: "Running"}, {ID: "i-b", State: backend.Stopped, Raw: "Stopped"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	seen := c.requests()
	if len(seen) != 3 {
		t.Fatalf("requests: got %d, want 3", len(seen))
	}
	for i, token := range []string{"", "page-2", "page-3"} {
		want := map[string]string{"RegionId": testRegion, "InstanceIds": `["i-a","i-b","i-gone"]`, "MaxResults": "100"}
		if token != "" {
			want["NextToken"] = token
		}
		wantQuery(t, seen[i], "DescribeInstances", want)
	}
}

func TestDescribeRefusesToGoInCircles(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) {
		write(w, http.StatusOK, `{"NextToken":"again","Instances":{"Instance":[]}}`)
	})
	if got, err := c.driver(t).Describe(t.Context(), []string{"i-a"}); err == nil {
		t.Errorf("Describe: got %v, want an error", got)
	}
	if got := len(c.requests()); got != 2 {
		t.Errorf("requests: got %d, want 2", got)
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := newCloud(t, func(_ http.ResponseWriter, _ received, _ int) { <-release })
	defer close(release)
	d := c.driver(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	got := d.Stop(ctx, []string{"i-a", "i-b"}, backend.StopOptions{})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a stop with a deadline of 50 ms took %v", took)
	}
	for _, o := range got {
		f := d.Fault(o.Err)
		if !errors.Is(o.Err, context.DeadlineExceeded) || f.Kind != backend.KindUnavailable || f.Shared {
			t.Errorf("outcome: got (%v, %v, shared %t), want the deadline, Unavailable, not shared", o.Err, f.Kind, f.Shared)
		}
	}
	if got := len(c.requests()); got > 1 {
		t.Errorf("requests: got %d, want at most 1", got)
	}
}

func TestNothingIsSentUnderACanceledContext(t *testing.T) {
	t.Parallel()
	c := newCloud(t, accepts)
	d := c.driver(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Describe(ctx, []string{"i-a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Describe: got %v, want context.Canceled", err)
	}
	if err := d.Start(ctx, []string{"i-a"})[0].Err; !errors.Is(err, context.Canceled) {
		t.Errorf("Start: got %v, want context.Canceled", err)
	}
	if got := len(c.requests()); got != 0 {
		t.Errorf("requests: got %d, want 0", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(w http.ResponseWriter, r received, n int) {
		switch {
		case n%3 == 1:
			fails(http.StatusForbidden, "IncorrectInstanceStatus", "no")(w, r, n)
		case r.action == "DescribeInstances":
			write(w, http.StatusOK, `{"Instances":{"Instance":[]}}`)
		default:
			accepts(w, r, n)
		}
	})
	d := c.driver(t)
	shared := d.Start(t.Context(), []string{"i-a", "i-b"})
	if shared[0].Err == nil || shared[1].Err == nil {
		t.Fatalf("Start: got %v, want an error for each", shared)
	}
	const workers, calls = 16, 5
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range calls {
				id := fmt.Sprintf("i-%d", w)
				for _, o := range d.Stop(t.Context(), []string{id, "i-x"}, backend.StopOptions{}) {
					if o.Err != nil && d.Fault(o.Err).Kind != backend.KindBusy {
						t.Errorf("stop %s: got %v, want none or busy", id, o.Err)
					}
				}
				if _, err := d.Describe(t.Context(), []string{id}); err != nil && d.Fault(err).Code == "" {
					t.Errorf("describe %s: %v", id, err)
				}
				// One error is the answer for both ids: whoever has it may read it.
				if text := shared[w%2].Err.Error(); text == "" || d.Fault(shared[w%2].Err).Kind != backend.KindBusy {
					t.Errorf("the shared error: got %q, want a text of kind Busy", text)
				}
			}
		})
	}
	wg.Wait()
	if got, want := len(c.requests()), workers*calls*2+1; got != want {
		t.Errorf("requests: got %d, want %d", got, want)
	}
}
