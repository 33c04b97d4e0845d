package zenlayercloud_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// list is n ids in JSON.
func list(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%q", fmt.Sprintf("id-%d", i))
	}
	return "[" + strings.Join(ids, ",") + "]"
}

func tagList(n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(`{"key":"k"},`, n), ",") + "]"
}

func TestRequestsThatAreWrong(t *testing.T) {
	t.Parallel()
	const (
		wrong   = "INVALID_PARAMETER"
		missing = "MISSING_PARAMETER"
	)
	w := start(t, long, vm("a", "RUNNING"), zec("z", "RUNNING"))
	vmCall := func(action, body string) raw { return request("vm", "2026-04-01", action, body) }
	zecCall := func(action, body string) raw { return request("zec", "2025-09-01", action, body) }
	with := func(r raw, change func(*raw)) raw {
		change(&r)
		return r
	}
	for _, test := range []struct {
		name string
		raw  raw
		code string
	}{
		{"a stop of nothing", vmCall("StopInstances", `{}`), missing},
		{"a stop of an empty list", vmCall("StopInstances", `{"instanceIds":[]}`), missing},
		{"a start of null", zecCall("StartInstances", `{"instanceIds":null}`), missing},
		{"more ids than one call takes", zecCall("StopInstances", `{"instanceIds":`+list(101)+`}`), wrong},
		{"more ids than one describe takes", vmCall("DescribeInstances", `{"instanceIds":`+list(101)+`}`), wrong},
		{"an id that is empty", vmCall("StopInstances", `{"instanceIds":["a",""]}`), wrong},
		{"ids that are no list", vmCall("StopInstances", `{"instanceIds":"a"}`), wrong},
		{"force that is a text", vmCall("StopInstances", `{"instanceIds":["a"],"forceShutdown":"false"}`), wrong},
		{"a region", vmCall("StopInstances", `{"instanceIds":["a"],"regionId":"x"}`), wrong},
		{"a stopped mode", vmCall("StopInstances", `{"instanceIds":["a"],"stoppedMode":"StopCharging"}`), wrong},
		{"a client token", zecCall("StopInstances", `{"instanceIds":["z"],"clientToken":"x"}`), wrong},
		{"a dry run", vmCall("StopInstances", `{"instanceIds":["a"],"dryRun":true}`), wrong},
		{"a parameter in another case", vmCall("StopInstances", `{"InstanceIds":["a"]}`), wrong},
		{"a forced reboot on vm", vmCall("RebootInstances", `{"instanceIds":["a"],"forceReboot":true}`), wrong},
		{
			"a forced reboot before zec had it",
			request("zec", "2024-04-01", "RebootInstances", `{"instanceIds":["z"],"forceReboot":true}`), wrong,
		},
		{"tags before zec had them", request("zec", "2024-04-01", "DescribeInstances", `{"tagKeys":["k"]}`), wrong},
		{"the name of vm's filter on zec", zecCall("DescribeInstances", `{"instanceStatus":"RUNNING"}`), wrong},
		{"the name of zec's filter on vm", vmCall("DescribeInstances", `{"status":"RUNNING"}`), wrong},
		{
			"a filter of the status action that vm has not", vmCall("DescribeInstancesStatus", `{"resourceGroupId":"x"}`), wrong,
		},
		{"a page of size zero", vmCall("DescribeInstances", `{"pageSize":0}`), wrong},
		{"a page of size 1001", zecCall("DescribeInstances", `{"pageSize":1001}`), wrong},
		{"page zero", vmCall("DescribeInstances", `{"pageNum":0}`), wrong},
		{"a page size that is a text", vmCall("DescribeInstances", `{"pageSize":"20"}`), wrong},
		{"21 tag keys", vmCall("DescribeInstances", `{"tagKeys":`+list(21)+`}`), wrong},
		{"21 tags", vmCall("DescribeInstances", `{"tags":`+tagList(21)+`}`), wrong},
		{"no JSON", vmCall("DescribeInstances", `instanceIds=a`), wrong},
		{"no body", vmCall("DescribeInstances", ``), wrong},
		{"two values", vmCall("DescribeInstances", `{}{}`), wrong},
		{"a list", vmCall("DescribeInstances", `[]`), wrong},
		{"no action", vmCall("", `{}`), missing},
		{"an action that does not exist", vmCall("DestroyInstances", `{}`), wrong},
		{"no version", request("vm", "", "DescribeInstances", `{}`), missing},
		{"the version of the other service", request("vm", "2025-09-01", "DescribeInstances", `{}`), wrong},
		{"a service that is not served", request("bmc", "2026-02-01", "DescribeInstances", `{}`), wrong},
		{
			"a header for another service than the path",
			with(vmCall("DescribeInstances", `{}`), func(r *raw) { r.service = "zec" }), wrong,
		},
		{
			"a form",
			with(vmCall("DescribeInstances", `{}`), func(r *raw) { r.contentType = "application/x-www-form-urlencoded" }), wrong,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := w.send(t, test.raw); got.status != http.StatusBadRequest || got.code() != test.code {
				t.Errorf("answer is %d %s, want 400 %s", got.status, got.text, test.code)
			}
		})
	}
}

func TestOnlyPOSTIsServed(t *testing.T) {
	t.Parallel()
	w := start(t, long)
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		r := describeAll()
		r.method = method
		// What is signed begins with POST, so that only a token gets so far.
		r.change = put("Authorization", "Bearer "+demo.Temporary.Token)
		if got := w.send(t, r); got.status != http.StatusMethodNotAllowed || got.code() == "" {
			t.Errorf("answer to %s is %d %s, want 405 and a code", method, got.status, got.text)
		}
		r.change = nil
		if got := w.send(t, r); got.status != http.StatusUnauthorized {
			t.Errorf("answer to a signed %s is %d %s, want 401", method, got.status, got.text)
		}
	}
}

func TestRequestsThatAreRightInAnUnusualWay(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	for _, test := range []struct {
		name   string
		change func(*raw)
	}{
		{"a character set", func(r *raw) { r.contentType = "application/json; charset=utf-8" }},
		{"no header for the service", func(r *raw) { r.service = "" }},
		{"a null", func(r *raw) { r.body = `{"instanceIds":["a"],"zoneId":null,"pageSize":null}` }},
		{"100 ids", func(r *raw) { r.body = `{"instanceIds":` + list(100) + `}` }},
		{"a page far beyond the last", func(r *raw) { r.body = `{"pageSize":1000,"pageNum":9223372036854775807}` }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := describeAll()
			test.change(&r)
			if got := w.send(t, r); got.status != http.StatusOK {
				t.Errorf("answer is %d %s, want 200", got.status, got.text)
			}
		})
	}
}

func TestTheLogHasTheIdsOfRefusedCalls(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	r := request("vm", "2026-04-01", "StopInstances", `{"instanceIds":["a"],"stopIt":true}`)
	w.send(t, r)
	k := w.lastCall(t)
	if k.Op != simulator.OpStop || len(k.InstanceIDs) != 1 || k.Force != simulator.Forced || k.ForceExplicit ||
		k.Code != "INVALID_PARAMETER" {
		t.Errorf("the log has %+v, want a forced stop of one instance that was refused", k)
	}
}

func TestARateLimitIsAnsweredWith429(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"))
	if err := w.cloud.SetRate("DescribeInstances",
		simulator.Rate{Calls: 1, Window: simulator.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if got := w.send(t, describeAll()); got.status != http.StatusOK {
		t.Errorf("the first answer is %d %s, want 200", got.status, got.text)
	}
	if got := w.send(t, describeAll()); got.status != http.StatusTooManyRequests ||
		got.code() != "REQUEST_LIMIT_EXCEEDED" {
		t.Errorf("the second answer is %d %s, want 429 REQUEST_LIMIT_EXCEEDED", got.status, got.text)
	}
}
