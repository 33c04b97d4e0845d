package zenlayercloud

import (
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	codeInstanceNotFound = "INVALID_INSTANCE_NOT_FOUND"
	codeResourceNotFound = "OPERATION_FAILED_RESOURCE_NOT_FOUND"
)

const (
	adviceKeys = "Check `access_key_id` and `access_key_password` (`ZENLAYERCLOUD_ACCESS_KEY_ID` and " +
		"`ZENLAYERCLOUD_ACCESS_KEY_PASSWORD`), " +
		"and that the clock of this machine is right: a signature is only good for a short while."
	adviceLogin = "Check `access_key_id` and `access_key_password` (`ZENLAYERCLOUD_ACCESS_KEY_ID` and " +
		"`ZENLAYERCLOUD_ACCESS_KEY_PASSWORD`), " +
		"or the access token, which may have reached the end of its lifetime."
	adviceOtherService = "Check the id, and that the provider's `service` (`vm` or `zec`) is the product that the " +
		"instance belongs to: neither finds the other's instances."
	adviceRecycled = "The instance is in the recycle bin: renew or restore it in the console first, or remove it " +
		"from the configuration."
	adviceSubscription = "The subscription of the instance does not allow the operation: check its billing in the " +
		"console."
	adviceNoStock = "The zone has no stock of this instance type now: apply again later, or move the instance."
	adviceDenied  = "The code says that the operation was refused, which need not be a matter of permissions: the " +
		"cloud's message tells the reason."
	adviceMode = "Set `stopped_mode` to `keep_charging`, or leave it out."
)

// codes are the wire's own strings. The constants of the SDK are not: theirs
// have the value "Invalid.Instance.Not.Found" where the wire carries
// INVALID_INSTANCE_NOT_FOUND (SDK source, vm20230313/errors.go). Sources are the
// error lists of the actions
// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances
// and its neighbors), the SDK, and the vendor's Terraform provider.
var codes = map[string]driverkit.Entry{
	"REQUEST_LIMIT_EXCEEDED": {Kind: backend.KindThrottled},

	"INTERNAL_SERVER_ERROR":         {Kind: backend.KindUnavailable},
	"SERVICE_TEMPORARY_UNAVAILABLE": {Kind: backend.KindUnavailable},
	"REQUEST_TIMED_OUT":             {Kind: backend.KindUnavailable},
	"INVALID_OPERATION_TIMEOUT":     {Kind: backend.KindUnavailable},

	// Each says only what the instance is not: it may be there already, or on
	// its way in either direction.
	"OPERATION_DENIED_INSTANCE_NOT_RUNNING": {Kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_NOT_STOPPED": {Kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_STATUS":      {Kind: backend.KindBusy},

	"OPERATION_DENIED_INSTANCE_CREATING":            {Kind: backend.KindBusy},
	"OPERATION_DENIED_INSTANCE_STATUS_INSTALLING":   {Kind: backend.KindBusy},
	"UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE":       {Kind: backend.KindBusy},
	"UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING": {Kind: backend.KindBusy},

	codeInstanceNotFound: {Kind: backend.KindNotFound, Advice: adviceOtherService},
	codeResourceNotFound: {Kind: backend.KindNotFound, Advice: adviceOtherService},

	"OPERATION_DENIED_INSTANCE_RECYCLED":     {Kind: backend.KindInvalid, Advice: adviceRecycled},
	"OPERATION_DENIED_INSTANCE_SUBSCRIPTION": {Kind: backend.KindInvalid, Advice: adviceSubscription},

	"MISSING_PARAMETER": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},

	"AUTHFAILURE_SIGNATURE_FAILURE": {Kind: backend.KindDenied, Advice: adviceKeys, Clock: true},

	// The names that the vendor's Python and Java SDKs give to a firewall's
	// refusal.
	"SECURITY_CHALLENGE": {Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
	"REQUEST_BLOCKED":    {Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
}

// families are read where codes has nothing; the longest prefix wins.
var families = map[string]driverkit.Entry{
	"INVALID_PARAMETER": {Kind: backend.KindInvalid},
	"AUTHFAILURE_":      {Kind: backend.KindDenied, Advice: adviceLogin},
	// The SDK lists these for bare metal (SDK source, bmc20221120/errors.go and
	// its neighbors); a start has no list of its own for a want of stock.
	"RESOURCES_SOLDOUT_":     {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"RESOURCE_INSUFFICIENT_": {Kind: backend.KindInvalid, Advice: adviceNoStock},
}

// otherwise reads a code that is in neither table. The cloud refuses both an
// operation and its caller with the status 403, and the former may be about one
// instance.
func otherwise(code string, status int) (driverkit.Entry, bool) {
	switch status {
	case http.StatusUnauthorized:
		return driverkit.Entry{Kind: backend.KindDenied, Advice: adviceLogin}, true
	case http.StatusUnavailableForLegalReasons:
		// Never the API's own: a firewall in front of it answers so.
		return driverkit.Entry{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway}, true
	case http.StatusForbidden:
		if strings.HasPrefix(code, "OPERATION_") || strings.HasPrefix(code, "UNSUPPORTED_OPERATION_") {
			return driverkit.Entry{Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: adviceDenied}, true
		}
	}
	return driverkit.Entry{}, false
}
