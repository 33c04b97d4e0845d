package alicloud

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// known is what is answered with a code: its HTTP status and usual message.
type known struct {
	status  int
	message string
}

// codes are the codes of the operations' pages, for example
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances,
// and of https://www.alibabacloud.com/help/en/ecs/developer-reference/api-error-codes.
func codes() map[string]known {
	const (
		throttled = "Request was denied due to request throttling."
		wrong     = "The current status of the resource does not support this operation."
		gone      = "The specified InstanceId does not exist."
		locked    = "The specified operation is denied as your instance is locked for security reasons."
		unpaid    = "The specified instance has expired or is in arrears."
	)
	return map[string]known{
		"Throttling":                         {400, throttled},
		"Throttling.User":                    {400, "Request was denied due to user flow control."},
		"Throttling.Api":                     {400, "Request was denied due to api flow control."},
		"Throttling.ConcurrentLimitExceeded": {400, throttled},
		"Rejected.Throttling":                {400, throttled},
		"InternalError": {
			500, "The request processing has failed due to some unknown error, exception or failure.",
		},
		"UnknownError": {500, "An unknown error occurred."},
		"ServiceUnavailable": {
			503, "The request has failed due to a temporary failure of the server.",
		},
		"LimitedOperation.ServiceUnavailable": {503, "The service is temporarily unavailable."},
		"IncorrectInstanceStatus":             {403, wrong},
		"IncorrectInstanceStatus.Initializing": {
			403, "The specified instance status does not support this operation: it is initializing.",
		},
		"InstanceNotReady": {403, "The specified instance is not ready for use."},
		"InvalidOperation.Conflict": {
			409, "The operation conflicts with another one that is in progress.",
		},
		"OperationConflict": {
			409, "The operation conflicts with another one that is in progress.",
		},
		"LastTokenProcessing": {403, "The last token request is processing."},
		"DiskError": {
			403, "The status of a disk of the instance does not support this operation.",
		},
		"OperationDenied.HostRepairing": {403, "The host of the instance is being repaired."},
		"InvalidInstanceId.NotFound":    {404, gone},
		"InvalidInstanceIds.NotFound":   {404, gone},
		"Forbidden.InstanceNotFound":    {404, gone},
		"OperationDenied.NoStock": {
			403,
			"The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
		},
		"LackResource": {
			400, "There is not enough resource on the specified zone for the instance.",
		},
		"OperationDenied.SpotPriceLowerThanPublicPrice": {403, "The spot price limit is lower than the public price."},
		"QuotaExceed.ElasticQuota": {
			403, "The number of vCPUs exceeds the quota of the account in the zone.",
		},
		"InsufficientBalance":        {403, "Your account does not have enough balance."},
		"InstanceExpired":            {403, "The specified instance has expired."},
		"InstanceExpiredOrInArrears": {403, unpaid},
		"DiskInArrears":              {403, "A disk of the instance is in arrears."},
		"InstanceLockedForSecurity":  {403, locked},
		"InvalidInstanceId.NotSupport": {
			403, "The specified instance does not support StopCharging: classic network, subscription, local disks or spot.",
		},
		"OperationDenied.SystemInstanceNotSupport": {403, "The operation is not supported for a system instance."},
		"HibernationConfigured.NotEnabled": {
			403, "The hibernation of the specified instance is not enabled.",
		},
		"HibernationConfigured.InstanceOperationForbidden": {403, "The operation is forbidden for a hibernated instance."},
		"InvalidParameter.TooManyInstanceIds":              {403, "The number of instance ids exceeds 100."},
		"Abs.InvalidInstanceIds.MalFormed":                 {403, "The specified instance ids are malformed."},
		"InvalidZoneId.NotFound":                           {404, "The specified ZoneId does not exist."},
		"InvalidRegionId.NotFound":                         {404, "The specified RegionId does not exist."},
		"InvalidAction.NotFound": {
			404, "Specified api is not found, please check your url and method.",
		},
		"InvalidVersion":              {400, "Specified parameter Version is not valid."},
		"UnsupportedHTTPMethod":       {403, "This http method is not supported."},
		"InvalidAccessKeyId.NotFound": {404, "Specified access key is not found."},
		"InvalidAccessKeyId.Inactive": {400, "Specified access key is disabled."},
		"SignatureDoesNotMatch":       {400, "Specified signature is not matched with our calculation."},
		"IncompleteSignature": {
			400, "The request signature does not conform to Aliyun standards.",
		},
		"SignatureNonceUsed":       {400, "Specified signature nonce was used already."},
		"InvalidTimeStamp.Expired": {400, "Specified time stamp or date value is expired."},
		"InvalidTimeStamp.Format": {
			400, "Specified time stamp or date value is not well formatted.",
		},
		"InvalidSecurityToken.Expired":   {400, "Specified SecurityToken is expired."},
		"InvalidSecurityToken.Malformed": {400, "Specified SecurityToken is malformed."},
		"MissingSecurityToken":           {400, "SecurityToken is mandatory for this action."},
		"Forbidden": {
			403, "User not authorized to operate on the specified resource.",
		},
		"Forbidden.RAM": {
			403, "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
		},
		"Forbidden.RiskControl": {403, "This operation is forbidden by the risk control system."},
		"NoPermission":          {403, "You are not authorized to perform this operation."},
		dryRunPlural:            {400, "Request validation has been passed with DryRun flag set."},
		dryRunSingular:          {400, "Request validation has been passed with DryRun flag set."},
	}
}

// The codes of a dry run that found nothing wrong, which is an error too.
const (
	dryRunPlural   = "DRYRUN.SUCCESS"
	dryRunSingular = "DryRunOperation"
)

// refuse makes a refusal whose status and message Refuse takes from the codes.
func refuse(code string) *simulator.Refusal { return &simulator.Refusal{Code: code} }

func missing(parameter string) *simulator.Refusal {
	return &simulator.Refusal{Code: "Missing" + parameter, Message: parameter + " is mandatory for this action."}
}

func invalid(parameter string) *simulator.Refusal {
	return &simulator.Refusal{
		Code: "InvalidParameter", Message: fmt.Sprintf("The specified parameter %q is not valid.", parameter),
	}
}

// complete fills in what a refusal leaves to its code.
func complete(r simulator.Refusal) simulator.Refusal {
	usual, ok := codes()[r.Code]
	if !ok {
		usual = known{http.StatusBadRequest, "The request was refused with " + r.Code + "."}
	}
	if r.Status == 0 {
		r.Status = usual.status
	}
	if r.Message == "" {
		r.Message = usual.message
	}
	return r
}

// Refuse implements simulator.Wire. The form is that of
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-error-codes.
func (w *Wire) Refuse(req *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	refusal = complete(refusal)
	body := map[string]any{
		"RequestId": req.Call.RequestID, "HostId": req.HTTP.Host, "Code": refusal.Code, "Message": refusal.Message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + url.QueryEscape(refusal.Code) + "&product=Ecs&requestId=" +
			req.Call.RequestID,
	}
	if refusal.Code == "Forbidden.RAM" || refusal.Code == "NoPermission" {
		body["AccessDeniedDetail"] = map[string]any{
			"AuthAction": "ecs:" + req.Call.Action, "AuthPrincipalType": principalType(req.Call.Principal),
			"AuthPrincipalOwnerId":     req.Call.Account,
			"AuthPrincipalDisplayName": req.Call.Principal, "NoPermissionType": "ImplicitDeny",
			"PolicyType": "AccountLevelIdentityBasedPolicy",
		}
	}
	a := answer(req, refusal.Status, "Error", body)
	a.Code = refusal.Code
	if refusal.RetryAfter > 0 {
		// Only the server sets a time, and it does not hold the cloud's lock then.
		w.setRetryAfter(a.Header, refusal.RetryAfter)
	}
	return a
}

// principalType is what kind of identity a principal is.
func principalType(principal string) string {
	if strings.Contains(principal, ":assumed-role/") {
		return "AssumedRoleUser"
	}
	return "SubUser"
}

// setRetryAfter writes how long a throttled caller should wait (SDK source,
// GetThrottlingTimeLeft and getTimeLeft).
func (w *Wire) setRetryAfter(header http.Header, d time.Duration) {
	unit := time.Millisecond
	if w.cloud.Setting(RetryAfterUnit) == Seconds {
		unit = time.Second
	}
	n := strconv.FormatInt(int64(math.Ceil(float64(d)/float64(unit))), 10)
	which := w.cloud.Setting(RetryAfterHeader)
	if which != HeaderRateLimit {
		header.Set(HeaderAcs, n)
	}
	if which != HeaderAcs {
		header.Set(HeaderRateLimit, "Limit:100,Remain:0,TimeLeft:"+n+",Reset:"+n)
	}
}

// Default implements simulator.Wire.
func (w *Wire) Default(kind simulator.Kind) simulator.Refusal {
	if kind == simulator.Throttle {
		return *refuse("Throttling.User")
	}
	return *refuse("InternalError")
}

// denied is the refusal for what the shared machine denies.
func denied(tx *simulator.Tx, d *simulator.Denial, i simulator.Instance) simulator.Refusal {
	r := d.Refusal(*refuse(deniedCode(tx, d, i)))
	return naming(tx, r, d.ID)
}

func deniedCode(tx *simulator.Tx, d *simulator.Denial, i simulator.Instance) string {
	switch d.Reason {
	case simulator.NotFound:
		return tx.Setting(NotFoundCode)
	case simulator.WrongState, simulator.InBin:
		return "IncorrectInstanceStatus"
	case simulator.IsBusy, simulator.Imaging:
		return "InvalidOperation.Conflict"
	case simulator.Repairing:
		return "OperationDenied.HostRepairing"
	case simulator.SoldOut:
		return "OperationDenied.NoStock"
	case simulator.ModeRefused:
		return "InvalidInstanceId.NotSupport"
	case simulator.Unpaid:
		return unpaidCode(i)
	case simulator.Locked:
		if slices.Contains([]string{lockFinancial, lockHostFinancial, lockRefunded}, d.Lock) {
			return unpaidCode(i)
		}
		return "InstanceLockedForSecurity"
	default:
		return "UnsupportedOperation"
	}
}

func unpaidCode(i simulator.Instance) string {
	if i.ChargeType == prePaid {
		return "InstanceExpired"
	}
	return "InstanceExpiredOrInArrears"
}

// naming puts the id of an instance into a message, which is the only place
// where an error can have it.
func naming(tx *simulator.Tx, r simulator.Refusal, id string) simulator.Refusal {
	given := r.Message != ""
	r = complete(r)
	if !given && tx.Setting(MessageIDs) == Named {
		r.Message = strings.TrimSuffix(r.Message, ".") + ": " + id + "."
	}
	return r
}
