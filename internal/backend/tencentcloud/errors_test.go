package tencentcloud

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// wantKinds has every code of the table, and codes of each family.
var wantKinds = map[backend.Kind]string{
	backend.KindThrottled: `RequestLimitExceeded RequestLimitExceeded.UinLimitExceeded
		RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestLimitExceeded.IPLimitExceeded
		RequestLimitExceeded.Other`,
	backend.KindUnavailable: `InternalError InternalServerError ServiceUnavailable ResourceUnavailable
		InternalError.TradeUnknownError InternalServerError.Other ServiceUnavailable.Other`,
	backend.KindBusy: `MutexOperation.TaskRunning OperationDenied.InstanceOperationInProgress ResourceInUse
		InvalidInstanceState UnsupportedOperation.LocalDiskMigratingToCloudDisk
		UnsupportedOperation.InstanceStatePending UnsupportedOperation.InstanceStateStarting
		UnsupportedOperation.InstanceStateStopping UnsupportedOperation.InstanceStateRebooting
		UnsupportedOperation.InstanceStateEnterRescueMode UnsupportedOperation.InstanceStateExitRescueMode
		UnsupportedOperation.InstanceStateEnterServiceLiveMigrate
		UnsupportedOperation.InstanceStateServiceLiveMigrate
		UnsupportedOperation.InstanceStateExitServiceLiveMigrate
		UnsupportedOperation.InstanceStateRunning UnsupportedOperation.InstanceStateStopped
		UnsupportedOperation.InstanceStateNotRunning MutexOperation.Other ResourceInUse.DiskRollbacking`,
	backend.KindNotFound: `InvalidInstanceId.NotFound ResourceNotFound.InvalidInstanceIdNotFound
		UnsupportedOperation.InstanceStateTerminating UnsupportedOperation.InstanceStateTerminated`,
	backend.KindInvalid: `ResourceInsufficient ResourceInsufficient.SpecifiedInstanceType
		ResourceInsufficient.AvailabilityZoneSoldOut ResourceInsufficient.ZoneSoldOutForSpecifiedInstance
		ResourceInsufficient.Other ResourcesSoldOut.SpecifiedInstanceType
		InvalidAccount.InsufficientBalance InvalidAccount.UnpaidOrder UnsupportedOperation.NotSupportUnpaidOrder
		InvalidInstance.NotSupported InvalidParameter.InvalidInstanceNotSupported UnsupportedOperation
		UnsupportedOperation.StoppedModeStopCharging UnsupportedOperation.HibernationForNormalInstance
		UnsupportedOperation.InstanceReinstallFailed UnsupportedOperation.InstanceMixedZoneType
		UnsupportedOperation.InvalidInstancesOwner
		UnsupportedOperation.InstanceStateShutdown UnsupportedOperation.InstanceStateIsolating
		UnsupportedOperation.InstanceStateRescueMode UnsupportedOperation.InstanceStateFreezing
		UnsupportedOperation.InstanceStateBanning UnsupportedOperation.InstanceStateCorrupted
		UnsupportedOperation.InstanceStateLaunchFailed UnsupportedOperation.EdgeZoneInstance
		FailedOperation.InvalidInstanceApplicationRole FailedOperation.InvalidInstanceApplicationRoleEmr
		OperationDenied.InnerUserProhibitAction OperationDenied.AccountNotSupported
		InvalidInstanceId.Malformed InvalidParameterValue.InstanceIdMalformed InvalidParameter InvalidParameterValue
		InvalidParameterCombination InvalidParameterValue.ZoneNotSupported InvalidParameterValue.LimitExceeded
		InvalidParameterValue.Other InvalidFilter InvalidFilterValue.LimitExceeded InvalidRequest LimitExceeded
		MissingParameter UnknownParameter ActionOffline InvalidAction NoSuchProduct NoSuchVersion
		UnsupportedProtocol UnsupportedRegion`,
	backend.KindDenied: `AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
		AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure
		AuthFailure.TokenFailure AuthFailure.UnauthorizedOperation AuthFailure.CamRoleNameAuthenticateFailed
		UnauthorizedOperation UnauthorizedOperation.PermissionDenied UnauthorizedOperation.InvalidToken
		UnauthorizedOperation.MFAExpired UnauthorizedOperation.MFANotFound UnauthorizedOperation.Other
		IpInBlacklist IpNotInWhitelist`,
	backend.KindOther: `OperationDenied.Other FailedOperation.Other SomethingNew Something.New`,
}

func TestEveryCodeHasItsKind(t *testing.T) {
	t.Parallel()
	var answered string
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request, _ call) {
		_, _ = io.WriteString(w, failure(answered, "because of "+id2))
	})
	d := f.driver(t)
	tested := make(map[string]bool)
	for kind, list := range wantKinds {
		for code := range strings.FieldsSeq(list) {
			tested[code] = true
			answered = code
			// A reboot has no code that means already so.
			outcome := d.Reboot(t.Context(), []string{id1}, backend.StopOptions{})[0]
			got := d.Fault(outcome.Err)
			want := backend.Fault{
				Kind: kind, Code: code, Message: "because of " + id2, RequestID: "req-1", Status: http.StatusOK, Advice: got.Advice,
				ModeRefused: code == "UnsupportedOperation.StoppedModeStopCharging",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", code, diff)
			}
			if outcome.RequestID != "req-1" {
				t.Errorf("%s: got request id %q, want req-1", code, outcome.RequestID)
			}
			var vendor *sdkerrors.TencentCloudSDKError
			if !errors.As(outcome.Err, &vendor) || vendor.Code != code {
				t.Errorf("%s: got %v, want the vendor's error in it", code, outcome.Err)
			}
		}
	}
	for code := range codes {
		if !tested[code] {
			t.Errorf("%s is in the table and not in the test", code)
		}
	}
	for prefix := range families {
		found := false
		for code := range tested {
			_, listed := codes[code]
			found = found || (!listed && strings.HasPrefix(code, prefix))
		}
		// These have no other member in the vendor's list.
		if !found && !strings.HasPrefix(prefix, "Invalid") && prefix != "LimitExceeded." {
			t.Errorf("family %s is in the table and not in the test", prefix)
		}
	}
}

func TestAdviceNamesWhatToChange(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"AuthFailure.SignatureFailure":                   "TENCENTCLOUD_SECRET_KEY",
		"AuthFailure.SecretIdNotFound":                   "TENCENTCLOUD_SECRET_ID",
		"AuthFailure.TokenFailure":                       "TENCENTCLOUD_SECURITY_TOKEN",
		"AuthFailure.SignatureExpire":                    "clock",
		"UnauthorizedOperation":                          "cvm:StopInstances",
		"UnauthorizedOperation.New":                      "cvm:DescribeInstances",
		"UnsupportedRegion":                              "`region`",
		"UnsupportedOperation.StoppedModeStopCharging":   "`stopped_mode",
		"ResourceInsufficient.New":                       "stock",
		"ResourcesSoldOut.AvailableZone":                 "stock",
		"InvalidAccount.InsufficientBalance":             "billing",
		"FailedOperation.InvalidInstanceApplicationRole": "service",
		"UnsupportedOperation.InstanceStateBanning":      "locked",
		"UnsupportedOperation.InstanceStateRescueMode":   "rescue",
	} {
		got, _ := api.Codes.Lookup(code)
		if !strings.Contains(got.Advice, want) || !strings.HasSuffix(got.Advice, ".") {
			t.Errorf("%s: got advice %q, want a sentence with %q", code, got.Advice, want)
		}
	}
}

func TestRefusalOfABatchIsSharedWhereOneMayBeToBlame(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code, message string
		ids           []string
		shared        bool
		named         []string
	}{
		"one that is missing": {
			"InvalidInstanceId.NotFound", "The `['" + id2 + "', 'ins-zzzzzzz9']` does not exist.",
			[]string{id1, id2},
			true,
			[]string{id2},
		},
		"one in another state": {
			"UnsupportedOperation.InstanceStateStopped", "The instance " + id1 + "(7a5b3c2d) is stopped.",
			[]string{id1, id2},
			true,
			[]string{id1},
		},
		"a longer id is another id": {
			"UnsupportedOperation", id1 + "x failed, so did lh" + id2, []string{id1, id2}, true, nil,
		},
		"none named":      {"InvalidParameterValue", "no", []string{id1, id2}, true, nil},
		"an unknown code": {"Brand.New", "no", []string{id1, id2}, true, nil},
		"a call of one":   {"InvalidInstanceId.NotFound", id1, []string{id1}, false, nil},
		"throttling":      {"RequestLimitExceeded", "slow", []string{id1, id2}, false, nil},
		"credentials":     {"AuthFailure.SecretIdNotFound", "no", []string{id1, id2}, false, nil},
		"a permission": {
			"UnauthorizedOperation", "no permission on qcs::cvm:ap-guangzhou::instance/" + id2,
			[]string{id1, id2},
			true,
			[]string{id2},
		},
		"a permission of a call of one":  {"UnauthorizedOperation", "no", []string{id1}, false, nil},
		"a permission, in detail":        {"UnauthorizedOperation.PermissionDenied", "no", []string{id1, id2}, true, nil},
		"a permission, in new detail":    {"UnauthorizedOperation.New", "no", []string{id1, id2}, true, nil},
		"a token":                        {"UnauthorizedOperation.InvalidToken", "no", []string{id1, id2}, false, nil},
		"a second factor":                {"UnauthorizedOperation.MFAExpired", "no", []string{id1, id2}, false, nil},
		"no second factor":               {"UnauthorizedOperation.MFANotFound", "no", []string{id1, id2}, false, nil},
		"a permission, by a common code": {"AuthFailure.UnauthorizedOperation", "no", []string{id1, id2}, true, nil},
		"an address":                     {"IpNotInWhitelist", "no", []string{id1, id2}, false, nil},
		"a failure of the cloud":         {"InternalError", "oops", []string{id1, id2}, false, nil},
		"an unknown region":              {"UnsupportedRegion", "no", []string{id1, id2}, false, nil},
		"an account without money":       {"InvalidAccount.InsufficientBalance", "no", []string{id1, id2}, false, nil},
		"zones that do not mix":          {"UnsupportedOperation.InstanceMixedZoneType", "no", []string{id1, id2}, true, nil},
		"an id that is not well formed": {
			"InvalidInstanceId.Malformed", "bad " + id3, []string{id1, id2, id3}, true, []string{id3},
		},
		"a type that is out of stock":    {"ResourceInsufficient.SpecifiedInstanceType", "no", []string{id1, id2}, true, nil},
		"an unknown code of the account": {"InvalidAccount.New", "no", []string{id1, id2}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, failure(tc.code, tc.message)))
			d := f.driver(t)
			for i, outcome := range d.Reboot(t.Context(), tc.ids, backend.StopOptions{}) {
				got := d.Fault(outcome.Err)
				if got.Shared != tc.shared {
					t.Errorf("outcome %d: got shared %t, want %t", i, got.Shared, tc.shared)
				}
				if diff := cmp.Diff(tc.named, got.IDs); diff != "" {
					t.Errorf("outcome %d: ids: -want +got:\n%s", i, diff)
				}
			}
			f.only(t)
		})
	}
}

func TestAnswersThatAreNotTheAPIs(t *testing.T) {
	t.Parallel()
	const page = "<html><head><title>Bad thing</title></head><body>nginx</body></html>"
	for name, tc := range map[string]struct {
		status int
		body   string
		want   backend.Kind
	}{
		"a page with 502":            {http.StatusBadGateway, page, backend.KindUnavailable},
		"a page with 503":            {http.StatusServiceUnavailable, page, backend.KindUnavailable},
		"an empty 503":               {http.StatusServiceUnavailable, "", backend.KindUnavailable},
		"a page with 403":            {http.StatusForbidden, page, backend.KindDenied},
		"a page with 404":            {http.StatusNotFound, page, backend.KindOther},
		"a page with 200":            {http.StatusOK, page, backend.KindUnavailable},
		"an empty 200":               {http.StatusOK, "", backend.KindUnavailable},
		"JSON cut short":             {http.StatusOK, `{"Response":{"Requ`, backend.KindUnavailable},
		"JSON of other types":        {http.StatusOK, `{"Response":"yes"}`, backend.KindUnavailable},
		"an object without Response": {http.StatusOK, `{}`, backend.KindUnavailable},
		"a Response that is null":    {http.StatusOK, `{"Response":null}`, backend.KindUnavailable},
		"no code with 404":           {http.StatusNotFound, `{"message":"no route"}`, backend.KindOther},
		"no code with 403":           {http.StatusForbidden, `{"message":"no"}`, backend.KindDenied},
		"no code with 429":           {http.StatusTooManyRequests, `{"message":"slow"}`, backend.KindThrottled},
		"no code with 500":           {http.StatusInternalServerError, `{}`, backend.KindUnavailable},
		"no code with 302":           {http.StatusFound, `{}`, backend.KindInvalid},
		"an unknown code with 429":   {http.StatusTooManyRequests, failure("New", "x"), backend.KindThrottled},
		"an unknown code with 404":   {http.StatusNotFound, failure("New", "x"), backend.KindOther},
		"a known code with 500":      {http.StatusInternalServerError, failure("ResourceInUse", "x"), backend.KindBusy},
		"the shape of older APIs": {
			http.StatusOK, `{"code":4104,"codeDesc":"AuthFailure.SecretIdNotFound","message":"x"}`, backend.KindDenied,
		},
		"an older one without its code": {http.StatusOK, `{"code":4104,"message":"x"}`, backend.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(tc.status, tc.body))
			d := f.driver(t)
			outcome := stopOne(t, d)
			got := d.Fault(outcome.Err)
			if outcome.Err == nil || got.Kind != tc.want || got.Status != tc.status || got.Message == "" {
				t.Errorf("got %v, %+v; want %v with status %d and a message", outcome.Err, got, tc.want, tc.status)
			}
			if strings.HasPrefix(got.Code, clientFamily) {
				t.Errorf("got code %q, want none: the cloud gave none", got.Code)
			}
			f.only(t)

			_, err := f.driver(t).Describe(t.Context(), []string{id1, id2})
			if got := d.Fault(err); err == nil || got.Kind != tc.want {
				t.Errorf("describe: got %v, %+v; want an error of kind %v", err, got, tc.want)
			}
			if got, want := len(f.seen()), 2; got != want {
				t.Errorf("got %d requests, want %d", got, want)
			}
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, requestID string }{
		"with a code": {failure("RequestLimitExceeded", "slow"), "req-1"},
		"with a page": {"<html>slow</html>", "req-header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, _ *http.Request, _ call) {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("X-TC-RequestId", "req-header")
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = io.WriteString(w, tc.body)
			})
			d := f.driver(t)
			got := d.Fault(stopOne(t, d).Err)
			if want := 7 * time.Second; got.Kind != backend.KindThrottled || got.RetryAfter != want {
				t.Errorf("got %v after %v, want %v after %v", got.Kind, got.RetryAfter, backend.KindThrottled, want)
			}
			if got.RequestID != tc.requestID {
				t.Errorf("got request id %q, want %q", got.RequestID, tc.requestID)
			}
			f.only(t)
		})
	}
}
