package zenlayercloud

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// entry is what is known of one code.
type entry struct {
	kind   backend.Kind
	advice string
}

const (
	codeInstanceNotFound = "INVALID_INSTANCE_NOT_FOUND"
	codeResourceNotFound = "OPERATION_FAILED_RESOURCE_NOT_FOUND"
)

const (
	adviceKeys = "Check `access_key_id` and `access_key_password` (`ZENLAYERCLOUD_ACCESS_KEY_ID` and `ZENLAYERCLOUD_ACCESS_KEY_PASSWORD`), " +
		"and that the clock of this machine is right: a signature is only good for a short while."
	adviceLogin = "Check `access_key_id` and `access_key_password` (`ZENLAYERCLOUD_ACCESS_KEY_ID` and `ZENLAYERCLOUD_ACCESS_KEY_PASSWORD`), " +
		"or the access token, which may have reached the end of its lifetime."
	adviceOtherService = "Check the id, and that the provider's `service` (`vm` or `zec`) is the product that the instance belongs to: neither finds the other's instances."
	adviceRecycled     = "The instance is in the recycle bin: renew or restore it in the console first, or remove it from the configuration."
	adviceSubscription = "The subscription of the instance does not allow the operation: look at its billing in the console."
	adviceNoStock      = "The zone has no stock of this instance type now: apply again later, or move the instance."
	adviceDenied       = "The code says that the operation was refused, which need not be a matter of permissions: the cloud's message tells the reason."
	adviceGateway      = "A gateway in front of the API refused the request: check proxies, firewalls and address allow lists between this machine and the cloud."
	adviceNoReason     = "The cloud listed the instance as failed and gave no reason. If it stays so, look at the instance in the console."
	adviceMalformed    = "If it stays so, check `endpoint`: something answers there that is not the API, or speaks another version of it."
	adviceKeepCharging = "Set `stopped_mode` to `keep_charging`, or leave it out."
)

// codes are the wire's own strings. The constants of the SDK are not: theirs
// have the value "Invalid.Instance.Not.Found" where the wire carries
// INVALID_INSTANCE_NOT_FOUND (SDK source, vm20230313/errors.go). Sources are the
// error lists of the actions
// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances
// and its neighbors), the SDK, and the vendor's Terraform provider.
var codes = map[string]entry{
	"REQUEST_LIMIT_EXCEEDED": {kind: backend.KindThrottled},

	"INTERNAL_SERVER_ERROR":         {kind: backend.KindUnavailable},
	"SERVICE_TEMPORARY_UNAVAILABLE": {kind: backend.KindUnavailable},
	"REQUEST_TIMED_OUT":             {kind: backend.KindUnavailable},
	"INVALID_OPERATION_TIMEOUT":     {kind: backend.KindUnavailable},

	// Each says only what the instance is not: it may be there already, or on
	// its way in either direction.
	"OPERATION_DENIED_INSTANCE_NOT_RUNNING": {kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_NOT_STOPPED": {kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_STATUS":      {kind: backend.KindBusy},

	"OPERATION_DENIED_INSTANCE_CREATING":            {kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_STATUS_INSTALLING":   {kind: backend.KindBusy},
	"UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE":       {kind: backend.KindBusy},
	"UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING": {kind: backend.KindBusy},

	codeInstanceNotFound: {kind: backend.KindNotFound, advice: adviceOtherService},
	codeResourceNotFound: {kind: backend.KindNotFound, advice: adviceOtherService},

	"OPERATION_DENIED_INSTANCE_RECYCLED":     {kind: backend.KindInvalid, advice: adviceRecycled},
	"OPERATION_DENIED_INSTANCE_SUBSCRIPTION": {kind: backend.KindInvalid, advice: adviceSubscription},

	"MISSING_PARAMETER": {kind: backend.KindInvalid},

	"AUTHFAILURE_SIGNATURE_FAILURE": {kind: backend.KindDenied, advice: adviceKeys},

	// The names that the vendor's Python and Java SDKs give to a firewall's
	// refusal.
	"SECURITY_CHALLENGE": {kind: backend.KindDenied, advice: adviceGateway},
	"REQUEST_BLOCKED":    {kind: backend.KindDenied, advice: adviceGateway},
}

// families are read where codes has nothing; the longest prefix wins.
var families = map[string]entry{
	"INVALID_PARAMETER": {kind: backend.KindInvalid},
	"AUTHFAILURE_":      {kind: backend.KindDenied, advice: adviceLogin},
	// The SDK lists these for bare metal (SDK source, bmc20221120/errors.go and
	// its neighbors); a start has no list of its own for a want of stock.
	"RESOURCES_SOLDOUT_":     {kind: backend.KindInvalid, advice: adviceNoStock},
	"RESOURCE_INSUFFICIENT_": {kind: backend.KindInvalid, advice: adviceNoStock},
}

// sdkCodes are made by the SDK on this side of the wire (SDK source,
// common/error.go), so they never are a Fault's Code.
var sdkCodes = map[string]entry{
	common.NetworkError:           {kind: backend.KindUnavailable},
	common.IoError:                {kind: backend.KindUnavailable},
	common.CredentialMissingError: {kind: backend.KindDenied, advice: adviceLogin},
}

// classify reads a code with the status that it came with.
func classify(code string, status int) entry {
	if status == http.StatusTooManyRequests {
		return entry{kind: backend.KindThrottled}
	}
	if known, ok := lookup(code); ok {
		return known
	}
	known := entry{kind: driverkit.KindOfStatus(status)}
	switch {
	case status == http.StatusUnavailableForLegalReasons:
		// Never the API's own: a firewall in front of it answers so.
		return entry{kind: backend.KindDenied, advice: adviceGateway}
	case status == http.StatusUnauthorized:
		known.advice = adviceLogin
	case code == "" || code == common.JsonParseError:
		// It is JSON, but not the API's. A success of that form leaves open
		// what happened, and a 404 says nothing about an instance.
		known.advice = adviceMalformed
		switch {
		case status < http.StatusBadRequest:
			known.kind = backend.KindUnavailable
		case status == http.StatusNotFound:
			known.kind = backend.KindOther
		case known.kind == backend.KindDenied:
			known.advice = adviceGateway
		}
	case known.kind == backend.KindDenied && isRefusal(code):
		known.advice = adviceDenied
	}
	return known
}

func lookup(code string) (entry, bool) {
	for _, table := range []map[string]entry{codes, sdkCodes} {
		if known, ok := table[code]; ok {
			return known, true
		}
	}
	var best string
	for prefix := range families {
		if strings.HasPrefix(code, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	known, ok := families[best]
	return known, ok
}

// isRefusal reports a code by which the cloud refuses an operation, not its
// caller: both come with status 403.
func isRefusal(code string) bool {
	return strings.HasPrefix(code, "OPERATION_") || strings.HasPrefix(code, "UNSUPPORTED_OPERATION_")
}

// mayBeOneMembers reports whether a refusal of the whole call can have its
// reason in one of the ids.
func mayBeOneMembers(code string, kind backend.Kind) bool {
	switch kind {
	case backend.KindNotFound, backend.KindBusy, backend.KindInvalid, backend.KindOther:
		return code != ""
	case backend.KindDenied:
		return isRefusal(code)
	case backend.KindThrottled, backend.KindUnavailable:
		return false
	}
	return false
}

// Fault implements backend.Driver.
func (d *Driver) Fault(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	var refused *refusedError
	if errors.As(err, &refused) {
		return refused.fault()
	}
	if errors.Is(err, errNoStopCharging) {
		return backend.Fault{Kind: backend.KindInvalid, Message: errNoStopCharging.Error(), Advice: adviceKeepCharging}
	}
	fault, decided := driverkit.Fault(err)
	fault.Message = d.redact(fault.Message)
	var call *callError
	if decided || !errors.As(err, &call) {
		return fault
	}
	var malformed *answerError
	if errors.As(call.err, &malformed) {
		// A write of which nothing else is known may have taken effect.
		fault.Kind = backend.KindUnavailable
		fault.RequestID = malformed.requestID
		fault.Advice = adviceMalformed
		return fault
	}
	var vendor *common.ZenlayerCloudSdkError
	if !errors.As(call.err, &vendor) {
		return fault
	}
	known := classify(vendor.Code, fault.Status)
	fault.Kind, fault.Advice = known.kind, known.advice
	fault.Message, fault.RequestID = vendor.Message, vendor.RequestId
	if _, ours := sdkCodes[vendor.Code]; !ours && vendor.Code != common.JsonParseError {
		fault.Code = vendor.Code
	}
	if len(call.ids) > 1 && mayBeOneMembers(fault.Code, fault.Kind) {
		fault.Shared = true
		fault.IDs = named(fault.Message, call.ids)
	}
	return fault
}

// isAbsent reports the two codes by which the cloud says that the one instance
// of a call does not exist.
func isAbsent(err error) bool {
	var vendor *common.ZenlayerCloudSdkError
	return errors.As(err, &vendor) && slices.Contains([]string{codeInstanceNotFound, codeResourceNotFound}, vendor.Code)
}

// named returns the ids that stand in text as words of their own.
func named(text string, ids []string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	var found []string
	for _, id := range ids {
		if slices.Contains(words, id) {
			found = append(found, id)
		}
	}
	return found
}
