package alicloud

import (
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	codeNotFound          = "InvalidInstanceId.NotFound"
	codeForbiddenNotFound = "Forbidden.InstanceNotFound"
)

const (
	adviceKey = "Check `access_key` (or ALIBABA_CLOUD_ACCESS_KEY_ID, ALICLOUD_ACCESS_KEY): the key does not exist, or " +
		"is disabled. " +
		"Keys of the international and of the Chinese site are not interchangeable."
	adviceSecret = "Check `secret_key` (or ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALICLOUD_SECRET_KEY): it does not belong " +
		"to the access key."
	adviceToken = "Check `security_token` (or ALIBABA_CLOUD_SECURITY_TOKEN, ALICLOUD_SECURITY_TOKEN): temporary keys " +
		"need the token that was issued " +
		"with them, and expire with it."
	adviceClock  = "The clock of this machine is off by more than 15 minutes: set it right."
	advicePolicy = "Grant the RAM identity ecs:DescribeInstances and ecs:DescribeInstanceAttribute on all instances, " +
		"and ecs:StartInstances and ecs:StopInstances (for reboots also ecs:RebootInstances) on this one."
	adviceAccount = "Alibaba Cloud restricts this account or identity until it is verified: see its console."
	adviceBalance = "Settle the account's balance in the Alibaba Cloud console, or renew the subscription, and apply " +
		"again."
	adviceNoStock = "The zone has no stock of this instance type now: apply again later, or change the type. " +
		"`stopped_mode = \"keep_charging\"` keeps the hardware reserved while stopped."
	adviceMode = "This instance cannot stop in this way. `stopped_mode = \"stop_charging\"` needs pay-as-you-go, a VPC " +
		"and no local disks: " +
		"use \"keep_charging\"."
	adviceHibernation = "Hibernation stands in the way: change the instance's hibernation in the ECS console."
	adviceKMS         = "The key of an encrypted disk cannot be used: enable the KMS key, and let ECS use it, in the " +
		"KMS console."
	adviceRegion = "Check `region` (or ALIBABA_CLOUD_REGION, ALICLOUD_REGION): Alibaba Cloud has none of this id, " +
		"or the `endpoint` does not serve it."
	adviceHost = "The dedicated host or the private pool has no room for this instance: free some, or change " +
		"the instance's target."
)

// codes are those of the operations' pages and of the common error codes.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-startinstances
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-rebootinstances
// https://api.alibabacloud.com/document/Ecs/2014-05-26/errorCode
var codes = map[string]driverkit.Entry{
	"Throttling":                         {Kind: backend.KindThrottled},
	"Throttling.User":                    {Kind: backend.KindThrottled},
	"Throttling.Api":                     {Kind: backend.KindThrottled},
	"Throttling.ConcurrentLimitExceeded": {Kind: backend.KindThrottled},
	"Rejected.Throttling":                {Kind: backend.KindThrottled},

	"InternalError":                       {Kind: backend.KindUnavailable},
	"ServiceUnavailable":                  {Kind: backend.KindUnavailable},
	"LimitedOperation.ServiceUnavailable": {Kind: backend.KindUnavailable},
	"UnknownError":                        {Kind: backend.KindUnavailable},
	// A nonce that was used may be a request that something on the way sent
	// twice: whether the first took effect is unknown.
	"SignatureNonceUsed": {Kind: backend.KindUnavailable},

	// There is no code for "already so": an observation after it tells.
	"IncorrectInstanceStatus":              {Kind: backend.KindBusy},
	"IncorrectInstanceStatus.Initializing": {Kind: backend.KindBusy},
	"InstanceNotReady":                     {Kind: backend.KindBusy},
	"InvalidOperation.Conflict":            {Kind: backend.KindBusy},
	"OperationConflict":                    {Kind: backend.KindBusy},
	"LastTokenProcessing":                  {Kind: backend.KindBusy},
	"DiskError": {
		Kind:   backend.KindBusy,
		Advice: "A disk of the instance is not in a state that allows this: see its disks in the ECS console if this lasts.",
	},
	"OperationDenied.HostRepairing": {
		Kind: backend.KindBusy,
		Advice: "The host of the instance is under repair: see the instance's system events in the ECS console if this " +
			"lasts.",
	},

	codeNotFound: {Kind: backend.KindNotFound},
	// With this status the list of ids was empty, and nothing is gone.
	codeNotFound + " 403":         {Kind: backend.KindInvalid},
	"InvalidInstanceIds.NotFound": {Kind: backend.KindNotFound},
	codeForbiddenNotFound:         {Kind: backend.KindNotFound},

	"OperationDenied.NoStock":                {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"LackResource":                           {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"Invalid.PrivatePoolOptions.NoStock":     {Kind: backend.KindInvalid, Advice: adviceHost},
	"InvalidDedicatedHost.NotEnoughResource": {Kind: backend.KindInvalid, Advice: adviceHost},
	"OperationDenied.SpotPriceLowerThanPublicPrice": {
		Kind:   backend.KindInvalid,
		Advice: "The market price is above the instance's highest spot price: apply again later, or raise that price.",
	},
	"QuotaExceed.ElasticQuota": {
		Kind:   backend.KindInvalid,
		Advice: "The account's quota of vCPUs is used up: raise it in the Quota Center, or stop other instances.",
	},

	"InsufficientBalance":        {Kind: backend.KindInvalid, Advice: adviceBalance},
	"InstanceExpired":            {Kind: backend.KindInvalid, Advice: adviceBalance},
	"InstanceExpiredOrInArrears": {Kind: backend.KindInvalid, Advice: adviceBalance},
	"DiskInArrears":              {Kind: backend.KindInvalid, Advice: adviceBalance},
	"InstanceLockedForSecurity": {
		Kind: backend.KindInvalid,
		Advice: "Alibaba Cloud locked the instance for security reasons: see the reason in the ECS console, and have it " +
			"unlocked there.",
	},

	"InvalidInstanceId.NotSupport": {Kind: backend.KindInvalid, ModeRefused: true, Advice: adviceMode},
	"OperationDenied.SystemInstanceNotSupport": {
		Kind: backend.KindInvalid, Advice: "Another Alibaba Cloud service owns this instance: change its power state there.",
	},
	"HibernationConfigured.InstanceOperationForbidden": {Kind: backend.KindInvalid, Advice: adviceHibernation},
	"HibernationConfigured.NotEnabled":                 {Kind: backend.KindInvalid, Advice: adviceHibernation},
	"InvalidInstance.NotFoundSystemDisk": {
		Kind: backend.KindInvalid, Advice: "The instance has no system disk: attach one first.",
	},
	"InstanceType.ParameterMismatch": {
		Kind: backend.KindInvalid,
		Advice: "The type of this instance needs a confirmation that its local disks may be lost: stop it in the ECS " +
			"console.",
	},
	"InvalidCapacityReservationId.NotFound": {
		Kind:   backend.KindInvalid,
		Advice: "The capacity reservation that the instance asks for is gone: change the instance's private pool.",
	},

	"InvalidParameter.TooManyInstanceIds": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"Abs.InvalidInstanceIds.MalFormed": {
		Kind: backend.KindInvalid, Advice: "Check the instance id: it begins with \"i-\".",
	},
	"UnsupportedOperation": {Kind: backend.KindInvalid},
	"InvalidAction.NotFound": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: "The `endpoint` does not serve ECS: check it.",
	},
	"InvalidVersion": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall,
		Advice: "The `endpoint` does not serve this version of ECS: check it.",
	},
	"UnsupportedHTTPMethod": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: "The `endpoint` does not serve ECS: check it.",
	},
	"InvalidRegionId.NotFound": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceRegion},
	"InvalidZoneId.NotFound":   {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},

	"InvalidParameter.KMSKeyId.CMKNotEnabled":   {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidParameter.KMSKeyId.CMKUnauthorized": {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidParameter.KMSKeyId.KMSUnauthorized": {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidParameter.KMSKeyId.NotFound":        {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidParameter.Encrypted.KmsNotEnable":   {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidOperation.KMSKeyIdNotFound":         {Kind: backend.KindInvalid, Advice: adviceKMS},
	"InvalidOperation.KMSServiceNotOpen":        {Kind: backend.KindInvalid, Advice: adviceKMS},

	"InvalidAccessKeyId.NotFound": {Kind: backend.KindDenied, Advice: adviceKey},
	"InvalidAccessKeyId.Inactive": {Kind: backend.KindDenied, Advice: adviceKey},
	"SignatureDoesNotMatch":       {Kind: backend.KindDenied, Advice: adviceSecret},
	"IncompleteSignature": {
		Kind:   backend.KindDenied,
		Advice: "The signature was refused: check `secret_key`, and that nothing on the way changes the request.",
	},
	"InvalidTimeStamp.Expired":       {Kind: backend.KindDenied, Advice: adviceClock, Clock: true},
	"InvalidSecurityToken.Expired":   {Kind: backend.KindDenied, Advice: adviceToken},
	"InvalidSecurityToken.Malformed": {Kind: backend.KindDenied, Advice: adviceToken},
	"MissingSecurityToken":           {Kind: backend.KindDenied, Advice: adviceToken},
	"Forbidden":                      {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"Forbidden.RAM":                  {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"NoPermission":                   {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"ActionUnauthorized":             {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"Forbidden.RiskControl":          {Kind: backend.KindDenied, Advice: adviceAccount},
	"Forbidden.UserVerification":     {Kind: backend.KindDenied, Advice: adviceAccount},
}

// families are for codes that are not listed one by one, by how they begin.
var families = map[string]driverkit.Entry{
	"Throttling":                {Kind: backend.KindThrottled},
	"Rejected.Throttling":       {Kind: backend.KindThrottled},
	"IncorrectInstanceStatus":   {Kind: backend.KindBusy},
	"HibernationConfigured":     {Kind: backend.KindInvalid, Advice: adviceHibernation},
	"InvalidParameter":          {Kind: backend.KindInvalid},
	"InvalidParameter.KMSKeyId": {Kind: backend.KindInvalid, Advice: adviceKMS},
	"Missing":                   {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidAccessKeyId":        {Kind: backend.KindDenied, Advice: adviceKey},
	"InvalidSecurityToken":      {Kind: backend.KindDenied, Advice: adviceToken},
	"InvalidTimeStamp":          {Kind: backend.KindDenied, Advice: adviceClock, Clock: true},
	"Forbidden":                 {Kind: backend.KindDenied, Blame: driverkit.OneID},
	"NoPermission":              {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	// These come with the status 403, but are about the instance.
	"OperationDenied": {Kind: backend.KindInvalid},
}

// otherwise reads a code that is in neither table (SDK source: such a code
// becomes a ThrottlingError).
func otherwise(code string, _ int) (driverkit.Entry, bool) {
	return driverkit.Entry{Kind: backend.KindThrottled}, strings.Contains(code, "Throttling")
}
