package volcengine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// documented is every code of the reference pages, with its status there.
var documented = []struct {
	code   string
	status int
	kind   backend.Kind
	advice string // a part of it; empty where there is none
	shared bool   // whether another id of the call may be to blame
}{
	{"FlowLimitExceeded", 429, backend.KindThrottled, "", false},
	{"FlowLimitExceeded", 400, backend.KindThrottled, "", false},
	{"AccountFlowLimitExceeded", 200, backend.KindThrottled, "", false},
	{"RequestLimitExceeded", 400, backend.KindThrottled, "", false},
	{"Throttling", 400, backend.KindThrottled, "", false},
	{"Throttling.User", 400, backend.KindThrottled, "", false},
	{"InternalError", 500, backend.KindUnavailable, "", false},
	{"InternalServiceError", 500, backend.KindUnavailable, "", false},
	{"InternalServiceTimeout", 504, backend.KindUnavailable, "", false},
	{"ServiceUnavailableTemp", 503, backend.KindUnavailable, "", false},
	{"ServiceUnavailable", 503, backend.KindUnavailable, "", false},
	{"ServiceUnavailable.Region", 400, backend.KindUnavailable, "", false},
	{"InvalidInstanceStatus", 400, backend.KindBusy, "", true},
	{"OperationDenied.ResourceLocked", 412, backend.KindBusy, "", true},
	{"OperationDenied.InstanceIsCreatingImage", 412, backend.KindBusy, "", true},
	{"IdempotentProcessing", 412, backend.KindBusy, "", false},
	{"InvalidDedicatedHostStatus.Unsupported", 400, backend.KindBusy, "host", true},
	{"InvalidInstance.NotFound", 404, backend.KindNotFound, "", true},
	{"DryRunOperation", 412, backend.KindOther, "", false},
	{"Insufficient.InstanceCapacity", 500, backend.KindInvalid, "stock", true},
	{"Insufficient.Balance", 400, backend.KindInvalid, "arrears", true},
	{"InvalidStoppedMode.Malformed", 400, backend.KindInvalid, "`stopped_mode`", false},
	{"InvalidStoppedMode.Conflict", 409, backend.KindInvalid, "`allow_restart`", true},
	{"InvalidStoppedMode.InstanceTypeMismatch", 412, backend.KindInvalid, "`stopped_mode`", true},
	{"InvalidStoppedMode.ChargeTypeMismatch", 412, backend.KindInvalid, "`stopped_mode`", true},
	{"InvalidStoppedModeForScheduledInstance.Unsupported", 400, backend.KindInvalid, "`stopped_mode`", true},
	{"OperationDenied.ResourceCreatedByOtherService", 412, backend.KindInvalid, "node pool", true},
	{"InvalidArgument", 400, backend.KindInvalid, "", true},
	{"MissingParameter", 400, backend.KindInvalid, "", false},
	{"MissingParameter.InstanceId", 400, backend.KindInvalid, "", false},
	{"InvalidClientToken.Malformed", 400, backend.KindInvalid, "", false},
	{"IdempotentParameterMismatch", 400, backend.KindInvalid, "", false},
	{"InvalidActionOrVersion", 404, backend.KindInvalid, "`endpoint`", false},
	{"ServiceNotFound", 404, backend.KindInvalid, "`endpoint`", false},
	{"MethodNotAllowed", 405, backend.KindInvalid, "`endpoint`", false},
	{"MissingAuthenticationToken", 401, backend.KindDenied, "prox", false},
	{"MissingSignature", 401, backend.KindDenied, "prox", false},
	{"InvalidAuthorization", 400, backend.KindDenied, "prox", false},
	{"InvalidCredential", 400, backend.KindDenied, "`region`", false},
	{"InvalidTimestamp", 400, backend.KindDenied, "clock", false},
	{"InvalidAccessKey", 401, backend.KindDenied, "VOLCENGINE_ACCESS_KEY", false},
	{"SignatureDoesNotMatch", 401, backend.KindDenied, "VOLCENGINE_SECRET_KEY", false},
	{"InvalidSecurityToken", 401, backend.KindDenied, "VOLCENGINE_SESSION_TOKEN", false},
	{"ExpiredToken", 401, backend.KindDenied, "VOLCENGINE_SESSION_TOKEN", false},
	{"LackPolicy", 403, backend.KindDenied, "ecs:StopInstances", true},
	{"AccessDenied", 403, backend.KindDenied, "ecs:StopInstances", true},
	// Codes that no page lists go by their status.
	{"SomethingNew", 429, backend.KindThrottled, "", false},
	{"SomethingNew", 400, backend.KindInvalid, "", true},
	{"SomethingNew", 404, backend.KindOther, "", true},
	{"SomethingNew", 403, backend.KindDenied, "", true},
	{"SomethingNew", 500, backend.KindUnavailable, "", false},
	{"SomethingNew", 412, backend.KindOther, "", true},
	{"SomethingNew", 200, backend.KindOther, "", true},
}

// modeRefused are the codes for an instance that cannot stop charging.
var modeRefused = map[string]bool{
	"InvalidStoppedMode.InstanceTypeMismatch": true, "InvalidStoppedMode.ChargeTypeMismatch": true,
	"InvalidStoppedModeForScheduledInstance.Unsupported": true,
}

func TestFaultOfEveryCode(t *testing.T) {
	t.Parallel()
	for _, test := range documented {
		t.Run(fmt.Sprintf("%s with status %d", test.code, test.status), func(t *testing.T) {
			t.Parallel()
			const message = "The instance i-2, not i-99, is why."
			driver, cloud := serve(t, always(test.status, refusal(test.code, message)))
			outcomes := driver.Stop(t.Context(), []string{"i-1", "i-2"}, backend.StopOptions{})
			for i, outcome := range outcomes {
				got := driver.Fault(outcome.Err)
				if test.advice == "" != (got.Advice == "") || !strings.Contains(got.Advice, test.advice) {
					t.Errorf("outcome %d: got advice %q, want %q in it", i, got.Advice, test.advice)
				}
				got.Advice = ""
				want := backend.Fault{
					Kind: test.kind, Code: test.code, Message: message, RequestID: testRequestID,
					Status: test.status, Shared: test.shared, ModeRefused: modeRefused[test.code],
				}
				if test.shared {
					want.IDs = []string{"i-2"}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("outcome %d: fault differs (-want +got):\n%s", i, diff)
				}
				if outcome.RequestID != testRequestID {
					t.Errorf("outcome %d: got request id %q, want %q", i, outcome.RequestID, testRequestID)
				}
			}
			if got, want := len(cloud.calls()), 1; got != want {
				t.Errorf("got %d calls, want %d", got, want)
			}
			alone := driver.Stop(t.Context(), []string{"i-2"}, backend.StopOptions{})[0].Err
			if driver.Fault(alone).Shared {
				t.Error("got Shared for a call with one id, want not")
			}
		})
	}
}

func TestEveryCodeOfTheTableIsTested(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, test := range documented {
		tested[test.code] = true
	}
	for code := range codes {
		if !tested[code] {
			t.Errorf("code %s is in the table, and in no test", code)
		}
	}
	for prefix := range families {
		if !tested[prefix] {
			t.Errorf("family %s is in the table, and in no test", prefix)
		}
	}
}
