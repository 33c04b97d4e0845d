package volcengine

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestWritesSayWhatIsMeant(t *testing.T) {
	t.Parallel()
	start := func(d *Driver, t *testing.T, ids []string, _ backend.StopOptions) []backend.Outcome {
		t.Helper()
		return d.Start(t.Context(), ids)
	}
	stop := func(d *Driver, t *testing.T, ids []string, opts backend.StopOptions) []backend.Outcome {
		t.Helper()
		return d.Stop(t.Context(), ids, opts)
	}
	reboot := func(d *Driver, t *testing.T, ids []string, opts backend.StopOptions) []backend.Outcome {
		t.Helper()
		return d.Reboot(t.Context(), ids, opts)
	}
	for name, test := range map[string]struct {
		call func(*Driver, *testing.T, []string, backend.StopOptions) []backend.Outcome
		opts backend.StopOptions
		want url.Values
	}{
		"start": {start, backend.StopOptions{}, url.Values{"Action": {"StartInstances"}}},
		"stop with the zero options": {
			stop, backend.StopOptions{}, url.Values{"Action": {"StopInstances"}, "ForceStop": {"false"}},
		},
		"stop that escalates later": {
			stop,
			backend.StopOptions{Force: backend.EscalateLater},
			url.Values{"Action": {"StopInstances"}, "ForceStop": {"false"}},
		},
		"stop by force": {
			stop, backend.StopOptions{Force: backend.Forced}, url.Values{"Action": {"StopInstances"}, "ForceStop": {"true"}},
		},
		"stop that stops charging": {
			stop,
			backend.StopOptions{Mode: backend.StopCharging},
			url.Values{"Action": {"StopInstances"}, "ForceStop": {"false"}, "StoppedMode": {"StopCharging"}},
		},
		"stop that keeps charging": {
			stop,
			backend.StopOptions{Mode: backend.KeepCharging},
			url.Values{"Action": {"StopInstances"}, "ForceStop": {"false"}, "StoppedMode": {"KeepCharging"}},
		},
		"stop in a mode that is only seen": {
			stop,
			backend.StopOptions{Mode: backend.NotApplicable},
			url.Values{"Action": {"StopInstances"}, "ForceStop": {"false"}},
		},
		"reboot": {
			reboot, backend.StopOptions{}, url.Values{"Action": {"RebootInstances"}, "ForceStop": {"false"}},
		},
		"reboot by force, which has no modes": {
			reboot,
			backend.StopOptions{Force: backend.Forced, Mode: backend.StopCharging},
			url.Values{"Action": {"RebootInstances"}, "ForceStop": {"true"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
				reply(w, http.StatusOK, accepted(r.URL.Query()))
			})
			outcomes := test.call(driver, t, []string{"i-2", "i-1"}, test.opts)
			want := []backend.Outcome{{RequestID: testRequestID}, {RequestID: testRequestID}}
			if diff := cmp.Diff(want, outcomes); diff != "" {
				t.Errorf("outcomes differ (-want +got):\n%s", diff)
			}
			calls := cloud.calls()
			if len(calls) != 1 {
				t.Fatalf("got %d calls, want 1", len(calls))
			}
			token := calls[0].Get("ClientToken")
			if len(token) < 16 || len(token) > 64 {
				t.Errorf("ClientToken: got %q, want 16 to 64 characters", token)
			}
			calls[0].Del("ClientToken")
			test.want.Set("Version", "2020-04-01")
			test.want.Set("InstanceIds.1", "i-2")
			test.want.Set("InstanceIds.2", "i-1")
			if diff := cmp.Diff(test.want, calls[0]); diff != "" {
				t.Errorf("call differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachItemHasItsOwnAnswer(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, always(http.StatusOK, result(`{"OperationDetails":[
		null,
		{"InstanceId":"i-9"},
		{"InstanceId":"i-4","Error":{"Code":"InvalidInstance.NotFound","Message":"no i-4"}},
		{"InstanceId":"i-3","Error":null},
		{"InstanceId":"i-2","Error":{"Code":"InvalidInstanceStatus","Message":"not now"}},
		{"InstanceId":"i-2"},
		{"InstanceId":"i-1","Error":{}}
	]}`)))
	for name, call := range operations {
		outcomes := call(driver, t, "i-1", "i-2", "i-3", "i-4", "i-5")
		if len(outcomes) != 5 {
			t.Fatalf("%s: got %d outcomes, want 5", name, len(outcomes))
		}
		want := []backend.Fault{
			{},
			{Kind: backend.KindBusy, Code: "InvalidInstanceStatus", Message: "not now", RequestID: testRequestID, Status: 200},
			{},
			{
				Kind: backend.KindNotFound, Code: "InvalidInstance.NotFound", Message: "no i-4", RequestID: testRequestID,
				Status: 200,
			},
			{
				Kind: backend.KindUnavailable, Message: "the answer is incomplete: it does not mention i-5",
				RequestID: testRequestID, Status: 200,
			},
		}
		for i, outcome := range outcomes {
			if got, want := outcome.Err != nil, want[i].Message != ""; got != want {
				t.Errorf("%s, outcome %d: got error %v, want one: %v", name, i, outcome.Err, want)
			}
			got := driver.Fault(outcome.Err)
			got.Advice = ""
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("%s, outcome %d: fault differs (-want +got):\n%s", name, i, diff)
			}
			if outcome.RequestID != testRequestID {
				t.Errorf("%s, outcome %d: got request id %q, want %q", name, i, outcome.RequestID, testRequestID)
			}
		}
	}
	if got, want := len(cloud.calls()), len(operations); got != want {
		t.Errorf("got %d calls, want %d", got, want)
	}
}

func TestCapabilitiesAndBatchSize(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, always(http.StatusOK, result("{}")))
	want := backend.Capabilities{
		StopCharging: true, ModeChangeNeedsRestart: true, PerItemOutcomes: true,
		ReadsPerSecond: 4, WritesPerSecond: 4, RatesAssumed: true, Burst: 20,
	}
	if diff := cmp.Diff(want, driver.Capabilities()); diff != "" {
		t.Errorf("capabilities differ (-want +got):\n%s", diff)
	}
	if got := driver.BatchSize(); got != 100 {
		t.Errorf("BatchSize: got %d, want 100", got)
	}
	if got := len(cloud.calls()); got != 0 {
		t.Errorf("got %d calls, want none", got)
	}
}

func TestDryRunAsksForEachAlone(t *testing.T) {
	t.Parallel()
	for op, want := range map[backend.Op]url.Values{
		backend.OpStart: {"Action": {"StartInstance"}, "DryRun": {"true"}},
		backend.OpStop: {
			"Action": {"StopInstance"}, "DryRun": {"true"}, "ForceStop": {"true"}, "StoppedMode": {"StopCharging"},
		},
		backend.OpReboot: {"Action": {"RebootInstance"}, "DryRun": {"true"}, "ForceStop": {"true"}},
	} {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Query().Get("InstanceId") {
				case "i-1":
					reply(w, http.StatusPreconditionFailed, refusal("DryRunOperation", "would succeed"))
				case "i-2":
					reply(w, http.StatusPreconditionFailed, refusal("InvalidStoppedMode.ChargeTypeMismatch", "prepaid"))
				default:
					reply(w, http.StatusOK, result("{}"))
				}
			})
			errs := driver.DryRun(t.Context(), op, []string{"i-1", "i-2", "i-3"},
				backend.StopOptions{Force: backend.Forced, Mode: backend.StopCharging})
			if len(errs) != 3 {
				t.Fatalf("got %d answers, want 3", len(errs))
			}
			if errs[0] != nil {
				t.Errorf("i-1: got error %v, want nil", errs[0])
			}
			if got := driver.Fault(errs[1]); got.Kind != backend.KindInvalid || got.Shared {
				t.Errorf("i-2: got %+v, want Invalid and not Shared", got)
			}
			if errs[2] == nil {
				t.Error("i-3: got nil for an answer without DryRunOperation, want an error")
			}
			for i, call := range cloud.calls() {
				call.Del("ClientToken")
				want := maps.Clone(want)
				want.Set("Version", "2020-04-01")
				want.Set("InstanceId", fmt.Sprintf("i-%d", i+1))
				if diff := cmp.Diff(want, call); diff != "" {
					t.Errorf("call %d differs (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("Action") == "DescribeInstances" {
			reply(w, http.StatusOK,
				result(fmt.Sprintf(`{"TotalCount":1,"Instances":[{"InstanceId":%q,"Status":"STOPPED"}]}`,
					query.Get("InstanceIds.1"))))
			return
		}
		if strings.HasSuffix(query.Get("InstanceIds.1"), "3") {
			reply(w, http.StatusPreconditionFailed, refusal("IdempotentProcessing", "wait"))
			return
		}
		reply(w, http.StatusOK, accepted(query))
	})
	const workers, rounds = 16, 5
	var wg sync.WaitGroup
	for worker := range workers {
		id := fmt.Sprintf("i-%d", worker)
		wg.Go(func() {
			for range rounds {
				outcome := driver.Stop(t.Context(), []string{id}, backend.StopOptions{})[0]
				if got, want := outcome.Err != nil, strings.HasSuffix(id, "3"); got != want {
					t.Errorf("%s: got error %v, want one: %v", id, outcome.Err, want)
				}
				found, err := driver.Describe(t.Context(), []string{id})
				if err != nil || len(found) != 1 || found[0].ID != id {
					t.Errorf("%s: got %v and error %v, want it", id, found, err)
				}
			}
		})
	}
	wg.Wait()
	if got, want := len(cloud.calls()), workers*rounds*2; got != want {
		t.Errorf("got %d calls, want %d", got, want)
	}
}

// What the SDK prints in these cases would break the plugin protocol on stdout.
func TestNothingIsPrinted(t *testing.T) {
	stdout, stderr := os.Stdout, os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout, os.Stderr = write, write
	t.Cleanup(func() { os.Stdout, os.Stderr = stdout, stderr })

	bodies := []string{
		"", "<html></html>", `{"ResponseMetadata":`, `{}`, `{"ResponseMetadata":{}}`, `{"ResponseMetadata":{"Error":{}}}`,
		`{"errorcode":7}`, result(`[]`), result(`{"OperationDetails":7,"Instances":7}`), refusal("FlowLimitExceeded", "x"),
		refusal("InvalidAccessKey", "x"),
	}
	failed, calls := 0, 0
	for _, status := range []int{200, 302, 400, 429, 500, 503} {
		for _, body := range bodies {
			driver, _ := serve(t, always(status, body))
			_, err := driver.Describe(t.Context(), []string{"i-1"})
			for _, err := range []error{err, driver.Stop(t.Context(), []string{"i-1"}, backend.StopOptions{})[0].Err} {
				calls++
				if err != nil {
					failed++
				}
			}
		}
	}
	dead, server := serve(t, always(http.StatusOK, ""))
	server.Close()
	if dead.Start(t.Context(), []string{"i-1"})[0].Err == nil {
		t.Error("Start with no server: got nil, want an error")
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	if len(printed) != 0 {
		t.Errorf("got %q on stdout and stderr, want nothing", printed)
	}
	if failed != calls {
		t.Errorf("got %d errors of %d calls, want all", failed, calls)
	}
}
