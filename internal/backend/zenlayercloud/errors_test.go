package zenlayercloud

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// kinds is what each code of the tables means.
func kinds() map[string]backend.Kind {
	return map[string]backend.Kind{
		"REQUEST_LIMIT_EXCEEDED":                        backend.KindThrottled,
		"INTERNAL_SERVER_ERROR":                         backend.KindUnavailable,
		"SERVICE_TEMPORARY_UNAVAILABLE":                 backend.KindUnavailable,
		"REQUEST_TIMED_OUT":                             backend.KindUnavailable,
		"INVALID_OPERATION_TIMEOUT":                     backend.KindUnavailable,
		"OPERATION_DENIED_INSTANCE_NOT_RUNNING":         backend.KindBusy,
		"OPERATION_DENIED_INSTANCE_NOT_STOPPED":         backend.KindBusy,
		"OPERATION_DENIED_INSTANCE_STATUS":              backend.KindBusy,
		"OPERATION_DENIED_INSTANCE_CREATING":            backend.KindBusy,
		"OPERATION_DENIED_INSTANCE_STATUS_INSTALLING":   backend.KindBusy,
		"UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE":       backend.KindBusy,
		"UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING": backend.KindBusy,
		"INVALID_INSTANCE_NOT_FOUND":                    backend.KindNotFound,
		"OPERATION_FAILED_RESOURCE_NOT_FOUND":           backend.KindNotFound,
		"OPERATION_DENIED_INSTANCE_RECYCLED":            backend.KindInvalid,
		"OPERATION_DENIED_INSTANCE_SUBSCRIPTION":        backend.KindInvalid,
		"MISSING_PARAMETER":                             backend.KindInvalid,
		"AUTHFAILURE_SIGNATURE_FAILURE":                 backend.KindDenied,
		"SECURITY_CHALLENGE":                            backend.KindDenied,
		"REQUEST_BLOCKED":                               backend.KindDenied,
	}
}

func TestEveryCodeHasItsKind(t *testing.T) {
	t.Parallel()
	want := kinds()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(codes))); diff != "" {
		t.Errorf("the test and the table list other codes (-test +table):\n%s", diff)
	}
	for code, kind := range want {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			// A status that says something else: the code decides.
			c := answering(t, http.StatusConflict, fmt.Sprintf(`{"requestId":"r1","code":%q,"message":"about b"}`, code))
			driver := newDriver(t, VM, c)
			outcomes := driver.Stop(t.Context(), []string{"a", "b"}, backend.StopOptions{})
			fault := driver.Fault(outcomes[0].Err)
			if fault.Kind != kind {
				t.Errorf("got %v, want %v", fault.Kind, kind)
			}
			if fault.Code != code || fault.RequestID != "r1" || fault.Message != "about b" ||
				fault.Status != http.StatusConflict {
				t.Errorf("got %+v, want the cloud's own code, message, request id and status", fault)
			}
			shared := kind == backend.KindBusy || kind == backend.KindNotFound ||
				kind == backend.KindInvalid && code != "MISSING_PARAMETER"
			if fault.Shared != shared {
				t.Errorf("got Shared %t, want %t", fault.Shared, shared)
			}
			if shared && !slices.Equal(fault.IDs, []string{"b"}) {
				t.Errorf("got IDs %q, want b", fault.IDs)
			}
			var vendor *common.ZenlayerCloudSdkError
			if !errors.As(outcomes[0].Err, &vendor) || vendor.Code != code {
				t.Errorf("errors.As does not reach the vendor's error in %v", outcomes[0].Err)
			}
			if outcomes[0].RequestID != "r1" {
				t.Errorf("got request id %q, want r1", outcomes[0].RequestID)
			}
			if n := len(c.seen()); n != 1 {
				t.Errorf("got %d requests, want 1", n)
			}
		})
	}
}

func TestCodesOutsideTheTable(t *testing.T) {
	t.Parallel()
	const malformed = "If it stays so, check `endpoint`: something answers there that is not the API, or speaks " +
		"another version of it."
	tests := []struct {
		status int
		code   string
		want   backend.Kind
		shared bool
		advice string
	}{
		{400, "INVALID_PARAMETER", backend.KindInvalid, true, ""},
		{500, "INVALID_PARAMETER_INSTANCE_ID", backend.KindInvalid, true, ""},
		{400, "SOMETHING_NEW", backend.KindInvalid, true, ""},
		{403, "RESOURCES_SOLDOUT_INSTANCE_TYPE", backend.KindInvalid, true, adviceNoStock},
		{403, "RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT", backend.KindInvalid, true, adviceNoStock},
		{403, "AUTHFAILURE_TOKEN_FAILURE", backend.KindDenied, false, adviceLogin},
		{401, "SOMETHING_NEW", backend.KindDenied, false, adviceLogin},
		{403, "SOMETHING_NEW", backend.KindDenied, true, ""},
		{403, "OPERATION_DENIED_SOMETHING_NEW", backend.KindDenied, true, adviceDenied},
		{403, "UNSUPPORTED_OPERATION_SOMETHING_NEW", backend.KindDenied, true, adviceDenied},
		{404, "SOMETHING_NEW", backend.KindOther, true, ""},
		{409, "SOMETHING_NEW", backend.KindOther, true, ""},
		{429, "SOMETHING_NEW", backend.KindThrottled, false, ""},
		{429, "INVALID_PARAMETER", backend.KindThrottled, false, ""},
		{451, "SOMETHING_NEW", backend.KindDenied, false, driverkit.AdviceGateway},
		{500, "SOMETHING_NEW", backend.KindUnavailable, false, ""},
		{503, "OPERATION_DENIED_SOMETHING_NEW", backend.KindUnavailable, false, ""},
		// JSON, but not the API's.
		{403, "", backend.KindDenied, false, driverkit.AdviceGateway},
		{404, "", backend.KindOther, false, malformed},
		{500, "", backend.KindUnavailable, false, malformed},
		// The SDK's spelling is not the wire's.
		{409, "Invalid.Instance.Not.Found", backend.KindOther, true, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d %s", test.status, test.code), func(t *testing.T) {
			t.Parallel()
			driver := newDriver(t, ZEC,
				answering(t, test.status, fmt.Sprintf(`{"requestId":"r1","code":%q,"message":"no"}`, test.code)))
			got := driver.Fault(driver.Start(t.Context(), []string{"a", "b"})[1].Err)
			want := backend.Fault{
				Kind: test.want, Code: test.code, Message: "no", RequestID: "r1", Status: test.status,
				Shared: test.shared, Advice: test.advice,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatus200IsNoSuccessByItself(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		want         backend.Kind
		code         string
		describe     bool // only Describe misses something
	}{
		{
			"an error body", `{"requestId":"r1","code":"OPERATION_DENIED_INSTANCE_STATUS","message":"no"}`, backend.KindBusy,
			"OPERATION_DENIED_INSTANCE_STATUS", false,
		},
		{
			"an error body with a response", `{"requestId":"r1","code":"INTERNAL_SERVER_ERROR","response":{}}`,
			backend.KindUnavailable, "INTERNAL_SERVER_ERROR", false,
		},
		{
			"an error body of an unknown code", `{"requestId":"r1","code":"SOMETHING_NEW"}`, backend.KindOther, "SOMETHING_NEW",
			false,
		},
		{"an empty object", `{}`, backend.KindUnavailable, "", false},
		{
			"no response", `{"requestId":"r1","totalCount":1,"dataSet":[{"instanceId":"a","instanceStatus":"RUNNING"}]}`,
			backend.KindUnavailable, "", false,
		},
		{"a null response", `{"requestId":"r1","response":null}`, backend.KindUnavailable, "", false},
		{"a response of another type", `{"requestId":"r1","response":"fine"}`, backend.KindUnavailable, "", false},
		{
			"half an answer", `{"requestId":"r1","response":{"totalCount":1,"dataSet":[{"instanceId":"a"`,
			backend.KindUnavailable, "", false,
		},
		{"no list", `{"requestId":"r1","response":{"totalCount":1}}`, backend.KindUnavailable, "", true},
		{"no total", `{"requestId":"r1","response":{"dataSet":[]}}`, backend.KindUnavailable, "", true},
		{
			"an instance without an id",
			`{"requestId":"r1","response":{"totalCount":1,"dataSet":[{"instanceStatus":"RUNNING"}]}}`, backend.KindUnavailable,
			"", true,
		},
		{
			"a null instance", `{"requestId":"r1","response":{"totalCount":1,"dataSet":[null]}}`, backend.KindUnavailable, "",
			true,
		},
		{
			"a list that stops short", `{"requestId":"r1","response":{"totalCount":2,"dataSet":[]}}`, backend.KindUnavailable,
			"", true,
		},
	}
	for _, test := range tests {
		for _, op := range operations() {
			if test.describe && op.name != "describe" {
				continue
			}
			t.Run(test.name+" to "+op.name, func(t *testing.T) {
				t.Parallel()
				c := answering(t, http.StatusOK, test.answer)
				driver := newDriver(t, VM, c)
				err := op.do(t, driver, "a")[0]
				if err == nil {
					t.Fatal("got success, want an error")
				}
				fault := driver.Fault(err)
				if fault.Kind != test.want || fault.Code != test.code {
					t.Errorf("got %v with code %q, want %v with %q", fault.Kind, fault.Code, test.want, test.code)
				}
				if n := len(c.seen()); n != 1 {
					t.Errorf("got %d requests, want 1", n)
				}
			})
		}
	}
}

func TestAListingThatRepeatsItselfEnds(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK,
		`{"response":{"requestId":"r1","totalCount":2,"dataSet":[{"instanceId":"a","status":"RUNNING"}]}}`)
	driver := newDriver(t, ZEC, c)
	_, err := driver.Describe(t.Context(), []string{"a", "b"})
	if fault := driver.Fault(err); fault.Kind != backend.KindUnavailable || fault.RequestID != "r1" {
		t.Errorf("got %v (%+v), want Unavailable: b would read as gone", err, fault)
	}
	if n := len(c.seen()); n != 2 {
		t.Errorf("got %d pages, want 2", n)
	}
}
