package zenlayercloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const accepted = `{"requestId":"outer","response":{"requestId":"inner"}}`

func TestDescribeReadsAnInstanceOfVM(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, `{"requestId":"r","response":{"requestId":"r","totalCount":1,"dataSet":[{
		"instanceId":"a","instanceName":"web","instanceStatus":"STOPPED","instanceChargeType":"PREPAID","zoneId":"SEL-A",
		"instanceType":"z2a.cpu.1",
		"publicIpAddresses":["203.0.113.1","203.0.113.2"],"privateIpAddresses":["10.0.0.1"],
		"tags":{"tags":[{"key":"team","value":"blue"},{"key":"empty","value":null}]},
		"keyId":null,"brandNew":{"deep":[1,"2",{}]},"cpuCount":"a word where a number was"}]}}`)
	got, err := newDriver(t, VM, c).Describe(t.Context(), []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	want := []backend.Instance{
		{
			ID:              "a",
			Name:            "web",
			State:           backend.Stopped,
			Raw:             "STOPPED",
			StoppedMode:     backend.KeepCharging,
			StopChargingBar: stopChargingBar,
			ChargeType:      backend.Prepaid,
			Type:            "z2a.cpu.1",
			Zone:            "SEL-A",
			PublicIP:        "203.0.113.1",
			PrivateIP:       "10.0.0.1",
			Tags:            map[string]string{"team": "blue", "empty": ""},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := c.seen()[0]
	if got, want := sent.body, `{"instanceIds":["a"],"pageSize":100,"pageNum":1}`; got != want {
		t.Errorf("got body %s, want %s", got, want)
	}
	if got, want := sent.path+" "+sent.header.Get("X-Zc-Version"), "/api/v2/vm 2026-04-01"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDescribeReadsAnInstanceOfZEC(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, `{"requestId":"r","response":{"totalCount":1,"dataSet":[{
		"instanceId":"a","status":"RUNNING","instanceType":"z2a.cpu.4","zoneId":"HKG-A","publicIpAddresses":null,
		"tags":null}]}}`)
	got, err := newDriver(t, ZEC, c).Describe(t.Context(), []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	want := []backend.Instance{
		{ID: "a", State: backend.Running, Raw: "RUNNING", StopChargingBar: stopChargingBar, Type: "z2a.cpu.4", Zone: "HKG-A"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := c.seen()[0]
	if got, want := sent.path+" "+sent.header.Get("X-Zc-Version"), "/api/v2/zec 2025-09-01"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDescribeOfAMissingInstance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		ids    []string
		status int
		answer string
		want   backend.Kind // KindOther means no error
	}{
		{"an empty list is absent", []string{"a"}, 200, `{"response":{"totalCount":0,"dataSet":[]}}`, backend.KindOther},
		{
			"a null list of none is absent",
			[]string{"a"},
			200, `{"response":{"totalCount":0,"dataSet":null}}`,
			backend.KindOther,
		},
		{
			"the code is absent for one id",
			[]string{"a"},
			404, `{"code":"INVALID_INSTANCE_NOT_FOUND","message":"no"}`,
			backend.KindOther,
		},
		{
			"the other code too",
			[]string{"a"},
			400, `{"code":"OPERATION_FAILED_RESOURCE_NOT_FOUND","message":"no"}`,
			backend.KindOther,
		},
		{
			"the code under status 200 too",
			[]string{"a"},
			200, `{"code":"INVALID_INSTANCE_NOT_FOUND","message":"no"}`,
			backend.KindOther,
		},
		{
			"for several ids it is an error",
			[]string{"a", "b"},
			404, `{"code":"INVALID_INSTANCE_NOT_FOUND","message":"no"}`,
			backend.KindNotFound,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			driver := newDriver(t, VM, answering(t, test.status, test.answer))
			got, err := driver.Describe(t.Context(), test.ids)
			if test.want == backend.KindOther {
				if err != nil || len(got) != 0 {
					t.Fatalf("got %v and error %v, want neither", got, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("got %v and no error, want one", got)
			}
			if fault := driver.Fault(err); fault.Kind != test.want || !fault.Shared {
				t.Errorf("got %v, Shared %t, want %v, Shared", fault.Kind, fault.Shared, test.want)
			}
		})
	}
}

// pages answers like a cloud whose pages are smaller than what was asked for.
func pages(t *testing.T, size int, all []string) *cloud {
	t.Helper()
	return newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		var asked body
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Errorf("decode: %v", err)
		}
		from := min((asked.PageNum-1)*size, len(all))
		to := min(from+size, len(all))
		var list []map[string]string
		for _, id := range all[from:to] {
			list = append(list, map[string]string{"instanceId": id, "status": "RUNNING"})
		}
		if err := json.NewEncoder(w).Encode(map[string]any{
			"response": map[string]any{"totalCount": len(all), "dataSet": list},
		}); err != nil {
			t.Errorf("encode: %v", err)
		}
	})
}

func ids(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "vm" + strconv.Itoa(i)
	}
	return list
}

func TestDescribeFollowsPagesToTheEnd(t *testing.T) {
	t.Parallel()
	all := ids(100)
	c := pages(t, 30, all)
	got, err := newDriver(t, ZEC, c).Describe(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(all) {
		t.Errorf("got %d instances, want %d", len(got), len(all))
	}
	var asked []int
	for _, call := range c.seen() {
		b := decode(t, call.body)
		if len(b.InstanceIDs) != len(all) || b.PageSize != 100 {
			t.Errorf("got a page for %d ids of size %d, want 100 and 100", len(b.InstanceIDs), b.PageSize)
		}
		asked = append(asked, b.PageNum)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4}, asked); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestDescribeReturnsOnlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	got, err := newDriver(t, ZEC, pages(t, 2, []string{"x", "a", "y"})).Describe(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].ID != "a" {
		t.Errorf("got %v, want the instance a alone", got)
	}
}

func TestDescribeNeverAsksForNothing(t *testing.T) {
	t.Parallel()
	c := pages(t, 10, ids(3))
	driver := newDriver(t, ZEC, c)
	got, err := driver.Describe(t.Context(), nil)
	if err != nil || len(got) != 0 {
		t.Fatalf("got %v and %v, want nothing", got, err)
	}
	for _, op := range operations()[1:] {
		if errs := op.do(t, driver); len(errs) != 0 {
			t.Errorf("%s: got %v, want no outcome", op.name, errs)
		}
	}
	if n := len(c.seen()); n != 0 {
		t.Fatalf("got %d calls, want none", n)
	}
	if _, err := driver.Describe(t.Context(), []string{"vm0"}); err != nil || len(c.seen()) != 1 {
		t.Errorf("got %d calls and %v, want one for one id", len(c.seen()), err)
	}
}

func TestEveryStopSaysHowHard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		opts backend.StopOptions
		want string
	}{
		{backend.StopOptions{}, `{"instanceIds":["a","b"],"forceShutdown":false}`},
		{
			backend.StopOptions{Force: backend.Graceful, Mode: backend.KeepCharging},
			`{"instanceIds":["a","b"],"forceShutdown":false}`,
		},
		{backend.StopOptions{Force: backend.EscalateLater}, `{"instanceIds":["a","b"],"forceShutdown":false}`},
		{backend.StopOptions{Force: backend.Forced}, `{"instanceIds":["a","b"],"forceShutdown":true}`},
	}
	for _, service := range []Service{VM, ZEC} {
		c := answering(t, http.StatusOK, accepted)
		driver := newDriver(t, service, c)
		for i, test := range tests {
			for _, outcome := range driver.Stop(t.Context(), []string{"a", "b"}, test.opts) {
				if outcome.Err != nil || outcome.RequestID != "inner" {
					t.Errorf("%s %v: got %+v, want the request id inner and no error", service, test.opts.Force, outcome)
				}
			}
			calls := c.seen()
			if len(calls) != i+1 {
				t.Fatalf("%s: got %d calls, want %d", service, len(calls), i+1)
			}
			if got := calls[i].body; got != test.want {
				t.Errorf("%s %v: got %s, want %s", service, test.opts.Force, got, test.want)
			}
		}
	}
}

func TestAStopThatEndsBillingIsRefusedUnsent(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, accepted)
	driver := newDriver(t, VM, c)
	outcomes := driver.Stop(t.Context(), []string{"a", "b"}, backend.StopOptions{Mode: backend.StopCharging})
	if len(outcomes) != 2 {
		t.Fatalf("got %d outcomes, want 2", len(outcomes))
	}
	for _, outcome := range outcomes {
		fault := driver.Fault(outcome.Err)
		if fault.Kind != backend.KindInvalid || !strings.Contains(fault.Advice, "`stopped_mode`") || fault.Shared {
			t.Errorf("got %+v, want Invalid with advice about stopped_mode", fault)
		}
	}
	if n := len(c.seen()); n != 0 {
		t.Errorf("got %d calls, want none", n)
	}
	keep := backend.StopOptions{Mode: backend.KeepCharging}
	if err := driver.Stop(t.Context(), []string{"a"}, keep)[0].Err; err != nil || len(c.seen()) != 1 {
		t.Errorf("got %v after %d calls, want one call that keeps charging", err, len(c.seen()))
	}
}

func TestStartAndRebootSendIdsAlone(t *testing.T) {
	t.Parallel()
	for _, service := range []Service{VM, ZEC} {
		c := answering(t, http.StatusOK, accepted)
		driver := newDriver(t, service, c)
		driver.Start(t.Context(), []string{"a", "b"})
		driver.Reboot(t.Context(), []string{"a", "b"}, backend.StopOptions{Force: backend.Forced})
		var got []string
		for _, call := range c.seen() {
			got = append(got, call.header.Get("X-Zc-Action")+call.body)
		}
		want := []string{`StartInstances{"instanceIds":["a","b"]}`, `RebootInstances{"instanceIds":["a","b"]}`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", service, diff)
		}
	}
}

func TestZECListsTheIdsThatFailed(t *testing.T) {
	t.Parallel()
	const answer = `{"requestId":"r1","response":{"requestId":"r1","instanceIds":["d","b","stranger"]}}`
	for _, op := range operations()[1:] {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			driver := newDriver(t, ZEC, answering(t, http.StatusOK, answer))
			errs := op.do(t, driver, "a", "b", "c", "d")
			for i, failed := range []bool{false, true, false, true} {
				if (errs[i] != nil) != failed {
					t.Errorf("outcome %d: got %v, want failed %t", i, errs[i], failed)
				}
			}
			want := backend.Fault{
				Kind: backend.KindBusy, Unexplained: true, RequestID: "r1", Status: 200, Advice: "The cloud listed the instance " +
					"as failed and gave no reason. If it stays so, see the instance in the console.",
				Message: "the cloud lists the instance as failed, without a reason",
			}
			if diff := cmp.Diff(want, driver.Fault(errs[1])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("vm knows no such list", func(t *testing.T) {
		t.Parallel()
		for i, err := range operations()[2].do(t, newDriver(t, VM, answering(t, http.StatusOK, answer)), "a", "b") {
			if err != nil {
				t.Errorf("outcome %d: got %v, want none", i, err)
			}
		}
	})
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, accepted)
	for service, perItem := range map[Service]bool{VM: false, ZEC: true} {
		driver := newDriver(t, service, c)
		want := backend.Capabilities{
			PerItemOutcomes: perItem, ReadsPerSecond: 5, WritesPerSecond: 5, RatesAssumed: true, Burst: 20,
		}
		if diff := cmp.Diff(want, driver.Capabilities()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", service, diff)
		}
		if got := driver.BatchSize(); got != 100 {
			t.Errorf("got %d, want 100", got)
		}
	}
}

func TestManyCallersShareADriver(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		var asked body
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Errorf("decode: %v", err)
		}
		id := asked.InstanceIDs[0]
		if r.Header.Get("X-Zc-Action") == actionDescribe {
			write(t, w, fmt.Sprintf(`{"response":{"totalCount":1,"dataSet":[{"instanceId":%q,"status":"RUNNING"}]}}`, id))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		write(t, w, fmt.Sprintf(`{"requestId":%q,"code":"OPERATION_DENIED_INSTANCE_STATUS","message":"no"}`, id))
	})
	driver := newDriver(t, ZEC, c)
	var callers sync.WaitGroup
	for _, id := range ids(16) {
		callers.Go(func() {
			found, err := driver.Describe(t.Context(), []string{id})
			if err != nil || len(found) != 1 || found[0].ID != id {
				t.Errorf("describe %s: got %v and %v", id, found, err)
			}
			outcomes := slices.Concat(
				driver.Start(t.Context(), []string{id}),
				driver.Stop(t.Context(), []string{id}, backend.StopOptions{}),
				driver.Reboot(t.Context(), []string{id}, backend.StopOptions{}),
			)
			for _, outcome := range outcomes {
				if fault := driver.Fault(outcome.Err); outcome.RequestID != id || fault.RequestID != id {
					t.Errorf("got the answer of %q and %q, want that of %q", outcome.RequestID, fault.RequestID, id)
				}
			}
		})
	}
	callers.Wait()
	if got, want := len(c.seen()), 64; got != want {
		t.Errorf("got %d calls, want %d", got, want)
	}
}

func TestFormsOfIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]struct{ valid, plain bool }{
		"1386223401":      {true, true},
		"138622340":       {true, false},
		"instanceId1":     {true, false},
		"i":               {true, false},
		"i-bp67acfmxazb4": {true, false}, // No form is documented.
		"":                {false, false},
		"a b":             {false, false},
		"vm/a":            {false, false},
		"a\n":             {false, false},
		"1386223401\n":    {false, false},

		strings.Repeat("i", 64): {true, false},
		strings.Repeat("i", 65): {false, false},
	} {
		if valid, plain := ValidID(id), PlainID(id); valid != want.valid || plain != want.plain {
			t.Errorf("%q is valid: %t, plain: %t, want %+v", id, valid, plain, want)
		}
	}
}
