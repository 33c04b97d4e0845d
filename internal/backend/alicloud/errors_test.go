package alicloud

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestEveryCodeHasItsKind(t *testing.T) {
	t.Parallel()
	kinds := map[backend.Kind]string{
		backend.KindThrottled: "Throttling Throttling.User Throttling.Api Throttling.ConcurrentLimitExceeded " +
			"Rejected.Throttling",
		backend.KindUnavailable: "InternalError ServiceUnavailable LimitedOperation.ServiceUnavailable UnknownError " +
			"SignatureNonceUsed",
		backend.KindBusy: "IncorrectInstanceStatus IncorrectInstanceStatus.Initializing InstanceNotReady " +
			"InvalidOperation.Conflict " +
			"OperationConflict LastTokenProcessing DiskError OperationDenied.HostRepairing",
		backend.KindNotFound: "InvalidInstanceId.NotFound InvalidInstanceIds.NotFound Forbidden.InstanceNotFound",
		backend.KindInvalid: "OperationDenied.NoStock LackResource Invalid.PrivatePoolOptions.NoStock " +
			"InvalidDedicatedHost.NotEnoughResource " +
			"OperationDenied.SpotPriceLowerThanPublicPrice QuotaExceed.ElasticQuota " +
			"InsufficientBalance InstanceExpired InstanceExpiredOrInArrears DiskInArrears InstanceLockedForSecurity " +
			"InvalidInstanceId.NotSupport OperationDenied.SystemInstanceNotSupport " +
			"HibernationConfigured.InstanceOperationForbidden " +
			"HibernationConfigured.NotEnabled InvalidInstance.NotFoundSystemDisk InstanceType.ParameterMismatch " +
			"InvalidCapacityReservationId.NotFound " +
			"InvalidParameter.TooManyInstanceIds Abs.InvalidInstanceIds.MalFormed UnsupportedOperation " +
			"InvalidAction.NotFound InvalidVersion UnsupportedHTTPMethod " +
			"InvalidRegionId.NotFound InvalidZoneId.NotFound " +
			"InvalidParameter.KMSKeyId.CMKNotEnabled InvalidParameter.KMSKeyId.CMKUnauthorized " +
			"InvalidParameter.KMSKeyId.KMSUnauthorized " +
			"InvalidParameter.KMSKeyId.NotFound InvalidParameter.Encrypted.KmsNotEnable InvalidOperation.KMSKeyIdNotFound " +
			"InvalidOperation.KMSServiceNotOpen",
		backend.KindDenied: "InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive SignatureDoesNotMatch " +
			"IncompleteSignature InvalidTimeStamp.Expired " +
			"InvalidSecurityToken.Expired InvalidSecurityToken.Malformed MissingSecurityToken Forbidden Forbidden.RAM " +
			"NoPermission ActionUnauthorized " +
			"Forbidden.RiskControl Forbidden.UserVerification",
	}
	listed := map[string]bool{}
	for kind, list := range kinds {
		for code := range strings.FieldsSeq(list) {
			listed[code] = true
			if got := codes[code].Kind; got != kind {
				t.Errorf("%s: got %v, want %v", code, got, kind)
			}
		}
	}
	for code := range codes {
		if code, _, _ := strings.Cut(code, " "); !listed[code] {
			t.Errorf("%s is in the table, but not in this test", code)
		}
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	const several, one = 2, 1
	tests := []struct {
		name          string
		status        int
		code, message string
		ids           int
		kind          backend.Kind
		shared        bool
		named         []string
		advice        string
	}{
		{
			"a listed code", 403, "IncorrectInstanceStatus",
			"The current status of the resource does not support this operation.", one, backend.KindBusy, false, nil, "",
		},
		{"the same code with another status", 500, "InstanceNotReady", "wait", one, backend.KindBusy, false, nil, ""},
		{
			"a member that is not found", 404, "InvalidInstanceId.NotFound",
			`The specified InstanceId "i-b" does not exist, i-bb.`, several, backend.KindNotFound, true,
			[]string{"i-b"},
			"",
		},
		{
			"an empty list of ids is no instance that is gone", 403, "InvalidInstanceId.NotFound", "empty", one,
			backend.KindInvalid, false, nil, "",
		},
		{"a lock", 403, "InstanceLockedForSecurity", "locked", several, backend.KindInvalid, true, nil, "unlocked"},
		{"arrears", 403, "InstanceExpiredOrInArrears", "pay", one, backend.KindInvalid, false, nil, "balance"},
		{"no stock", 403, "OperationDenied.NoStock", "sold out", several, backend.KindInvalid, true, nil, "stock"},
		{
			"a mode that cannot be", 403, "InvalidInstanceId.NotSupport", "no", one, backend.KindInvalid, false, nil,
			"stopped_mode",
		},
		{
			"a region that does not exist is the call's", 404, "InvalidRegionId.NotFound", "no", several, backend.KindInvalid,
			false, nil, "`region`",
		},
		{"a throttle is the call's", 400, "Throttling.User", "slow down i-a", several, backend.KindThrottled, false, nil, ""},
		{
			"a throttle of a new name", 400, "Throttling.Brand.New", "slow down", several, backend.KindThrottled, false, nil, "",
		},
		{
			"a throttle with the word within", 503, "Brand.Throttling.New", "slow down", several, backend.KindThrottled, false,
			nil, "",
		},
		{
			"a failure of the cloud is the call's", 500, "InternalError", "oops i-a", several, backend.KindUnavailable, false,
			nil, "",
		},
		{
			"a method that is not taken", 403, "UnsupportedHTTPMethod", "no", several, backend.KindInvalid, false, nil,
			"`endpoint`",
		},
		{
			"a wrong key", 404, "InvalidAccessKeyId.NotFound", "no key", several, backend.KindDenied, false, nil,
			"ALICLOUD_ACCESS_KEY",
		},
		{"a wrong secret", 400, "SignatureDoesNotMatch", "no match", several, backend.KindDenied, false, nil, "`secret_key`"},
		{"a wrong clock", 400, "InvalidTimeStamp.Expired", "late", several, backend.KindDenied, false, nil, "clock"},
		{"a denial", 403, "Forbidden.RAM", "not authorized", several, backend.KindDenied, true, nil, "ecs:StopInstances"},
		{
			"a denial of a call of one", 403, "Forbidden.RAM", "not authorized", one, backend.KindDenied, false, nil,
			"ecs:StopInstances",
		},
		{
			"a denial by another code", 403, "NoPermission", "not authorized", several, backend.KindDenied, true, nil,
			"ecs:StopInstances",
		},
		{"a denial of a new name", 403, "Forbidden.Brand", "not authorized", several, backend.KindDenied, true, nil, ""},
		{
			"an account that is held back", 403, "Forbidden.RiskControl", "no", several, backend.KindDenied, false, nil,
			"verified",
		},
		{
			"a token that has ended", 400, "InvalidSecurityToken.Expired", "late", several, backend.KindDenied, false, nil,
			"`security_token`",
		},
		{"an unlisted code by 401", 401, "Brand.New", "x", several, backend.KindDenied, false, nil, ""},
		{
			"a denial that names a member", 403, "Forbidden.RAM", "not authorized on instance/i-b", several, backend.KindDenied,
			true,
			[]string{"i-b"},
			"ecs:StopInstances",
		},
		{
			"a denial that names all members", 403, "Forbidden.RAM", "not authorized on i-a,i-b", several, backend.KindDenied,
			true,
			[]string{"i-a", "i-b"},
			"",
		},
		{
			"the longest family wins", 400, "InvalidParameter.KMSKeyId.Other", "key", one, backend.KindInvalid, false, nil,
			"KMS",
		},
		{"a shorter family", 403, "InvalidParameterValue", "bad", one, backend.KindInvalid, false, nil, ""},
		{"a refusal with a status of denials", 403, "OperationDenied.Brand", "no", one, backend.KindInvalid, false, nil, ""},
		{"an unlisted code by 400", 400, "Brand.New", "x", several, backend.KindInvalid, true, nil, ""},
		{"an unlisted code by 403", 403, "Brand.New", "x", several, backend.KindDenied, true, nil, ""},
		{"an unlisted code by 404", 404, "Brand.New", "x", one, backend.KindOther, false, nil, ""},
		{"an unlisted code by 409", 409, "Brand.New", "x", several, backend.KindOther, true, nil, ""},
		{"an unlisted code by 429", 429, "Brand.New", "x", several, backend.KindThrottled, false, nil, ""},
		{"an unlisted code by 503", 503, "Brand.New", "x", several, backend.KindUnavailable, false, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, fails(tt.status, tt.code, tt.message))
			d := c.driver(t)
			got := d.Stop(t.Context(), []string{"i-a", "i-b"}[:tt.ids], backend.StopOptions{})
			if len(got) != tt.ids {
				t.Fatalf("outcomes: got %d, want %d", len(got), tt.ids)
			}
			c.only(t)
			for _, o := range got {
				if o.RequestID != "REQ-1" {
					t.Errorf("request id of the outcome: got %q, want REQ-1", o.RequestID)
				}
				f := d.Fault(o.Err)
				if !strings.Contains(f.Advice, tt.advice) {
					t.Errorf("advice: got %q, want it to contain %q", f.Advice, tt.advice)
				}
				f.Advice = ""
				want := backend.Fault{
					Kind: tt.kind, Code: tt.code, Message: tt.message, RequestID: "REQ-1", Status: tt.status, IDs: tt.named,
					Shared: tt.shared, ModeRefused: tt.code == "InvalidInstanceId.NotSupport",
				}
				if diff := cmp.Diff(want, f); diff != "" {
					t.Errorf("fault (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestFaultOfADescribeKnowsItsIDs(t *testing.T) {
	t.Parallel()
	d := newCloud(t, fails(http.StatusForbidden, "Abs.InvalidInstanceIds.MalFormed", "The id i-b is malformed.")).driver(t)
	_, err := d.Describe(t.Context(), []string{"i-a", "i-b"})
	if f := d.Fault(err); f.Kind != backend.KindInvalid || !f.Shared || !cmp.Equal(f.IDs, []string{"i-b"}) {
		t.Errorf("fault: got %+v, want Invalid, shared, [i-b]", f)
	}
}

func TestADenialNamesItsAction(t *testing.T) {
	t.Parallel()
	d := newCloud(t, func(w http.ResponseWriter, _ received, _ int) {
		write(
			w,
			http.StatusForbidden,
			`{"Code":"Forbidden.RAM","Message":"no","RequestId":"R","AccessDeniedDetail":{"AuthAction":"ecs:StopInstances",
			"PolicyType":"x"}}`,
		)
	}).driver(t)
	f := d.Fault(d.Stop(t.Context(), []string{"i-a"}, backend.StopOptions{})[0].Err)
	if want := "The action that was denied is ecs:StopInstances."; !strings.HasSuffix(f.Advice, want) {
		t.Errorf("advice: got %q, want it to end with %q", f.Advice, want)
	}
}

func TestFaultOfOddAnswers(t *testing.T) {
	t.Parallel()
	const page = "<html><head><title>Bad\n Gateway</title></head></html>"
	tests := []struct {
		name, body string
		status     int
		kind       backend.Kind
	}{
		{"a gateway's 502", page, 502, backend.KindUnavailable},
		{"a gateway's 503", page, 503, backend.KindUnavailable},
		{"a gateway's 403", page, 403, backend.KindDenied},
		{"a gateway's 404", page, 404, backend.KindOther},
		{"a gateway's 429", page, 429, backend.KindThrottled},
		{"a gateway's 200", page, 200, backend.KindUnavailable},
		{"nothing", "", 503, backend.KindUnavailable},
		{"nothing, and well", "", 200, backend.KindUnavailable},
		{"JSON without a code", `{"message":"no"}`, 503, backend.KindUnavailable},
		{"JSON that was cut", `{"Code":"Inter`, 500, backend.KindUnavailable},
		{"JSON that was cut, not found", `{"Code":"Inva`, 404, backend.KindOther},
		{"JSON with a redirection", `{"Location":"elsewhere"}`, 302, backend.KindInvalid},
		{
			"fields of odd types", `{"Code":12,"Message":{"a":[1]},"RequestId":null,"AccessDeniedDetail":"x"}`, 500,
			backend.KindUnavailable,
		},
		{"a code of an odd type", `{"Code":["x"],"AccessDeniedDetail":[1]}`, 400, backend.KindInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("Location", "/elsewhere")
				write(w, tt.status, tt.body)
			})
			d := c.driver(t)
			for _, o := range d.Stop(t.Context(), []string{"i-a", "i-b"}, backend.StopOptions{}) {
				f := d.Fault(o.Err)
				if o.Err == nil || f.Kind != tt.kind || f.Status != tt.status || f.RetryAfter != 7*time.Second {
					t.Errorf("fault of %v: got %v, status %d, retry after %v; want %v, %d, 7s", o.Err, f.Kind, f.Status, f.RetryAfter,
						tt.kind, tt.status)
				}
				if f.Shared && f.Kind == backend.KindUnavailable {
					t.Error("a failure on the way is shared")
				}
				if strings.Contains(f.Message, "<nil>") || f.Message == "" {
					t.Errorf("message: got %q, want words", f.Message)
				}
			}
			c.only(t)
		})
	}
}

func TestRetryAfterOfTheCloud(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code string
		status     int
		header     map[string]string
		want       time.Duration
	}{
		{
			"the header of throttles", "Throttling", 400,
			map[string]string{"x-acs-retry-after": "2500"},
			2500 * time.Millisecond,
		},
		{
			"the buckets, the longest", "Throttling", 400,
			map[string]string{
				"x-ratelimit-user-api": "Remain:0,Limit:1,TimeLeft:1500", "x-ratelimit-user": "Remain:0, TimeLeft:700",
			},
			1500 * time.Millisecond,
		},
		{
			"the standard header and another", "Throttling", 400,
			map[string]string{"Retry-After": "1", "x-acs-retry-after": "3000"},
			3 * time.Second,
		},
		{
			"the standard header, which is longer", "Throttling", 400,
			map[string]string{"Retry-After": "5", "x-acs-retry-after": "3000"},
			5 * time.Second,
		},
		{
			"a failure of the cloud", "ServiceUnavailable", 503,
			map[string]string{"x-acs-retry-after": "100", "x-ratelimit-user": "TimeLeft:9000"},
			100 * time.Millisecond,
		},
		{
			"a bucket that has nothing to do with it", "IncorrectInstanceStatus", 403,
			map[string]string{"x-ratelimit-user": "TimeLeft:9000", "x-acs-retry-after": "100"},
			0,
		},
		{
			"nonsense", "Throttling", 400,
			map[string]string{"x-acs-retry-after": "soon", "x-ratelimit-user": "TimeLeft:-5,TimeLeft"},
			0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newCloud(t, func(w http.ResponseWriter, r received, n int) {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}
				fails(tt.status, tt.code, "no")(w, r, n)
			}).driver(t)
			_, err := d.Describe(t.Context(), []string{"i-a"})
			if got := d.Fault(err).RetryAfter; got != tt.want {
				t.Errorf("retry after: got %v, want %v", got, tt.want)
			}
		})
	}
}
