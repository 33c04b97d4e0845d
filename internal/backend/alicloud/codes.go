package alicloud

import (
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// about says what a code speaks of.
type about int

const (
	// aboutEither is a call or an instance.
	aboutEither about = iota
	// aboutCall is the call as such: no instance in it is to blame.
	aboutCall
	// aboutInstance is an instance; unless it was not found, it exists.
	aboutInstance
)

// entry is what is known of a code. The zero value is a code that is not: its
// HTTP status classifies it.
type entry struct {
	kind   backend.Kind
	about  about
	advice string
}

const (
	codeNotFound          = "InvalidInstanceId.NotFound"
	codeForbiddenNotFound = "Forbidden.InstanceNotFound"
)

const (
	adviceKey = "Check `access_key` (or ALIBABA_CLOUD_ACCESS_KEY_ID, ALICLOUD_ACCESS_KEY): the key does not exist, or is disabled. " +
		"Keys of the international and of the Chinese site are not interchangeable."
	adviceSecret = "Check `secret_key` (or ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALICLOUD_SECRET_KEY): it does not belong to the access key."
	adviceToken  = "Check `security_token` (or ALIBABA_CLOUD_SECURITY_TOKEN, ALICLOUD_SECURITY_TOKEN): temporary keys need the token that was issued " +
		"with them, and expire with it."
	adviceClock = "The clock of this machine is off by more than 15 minutes: set it right."
	adviceRAM   = "Grant the RAM identity ecs:DescribeInstances, ecs:StartInstances, ecs:StopInstances and ecs:RebootInstances " +
		"(and ecs:StopInstance, by which a missing instance is checked) on this instance."
	adviceAccount = "Alibaba Cloud holds this account or identity back until it is verified: see its console."
	adviceMoney   = "Settle the account's balance in the Alibaba Cloud console, or renew the subscription, and apply again."
	adviceNoStock = "The zone has no stock of this instance type now: apply again later, or change the type. " +
		"`stopped_mode = \"keep_charging\"` keeps the hardware reserved while stopped."
	adviceMode = "This instance cannot stop in this way. `stopped_mode = \"stop_charging\"` needs pay-as-you-go, a VPC and no local disks: " +
		"use \"keep_charging\"."
	adviceHibernation = "Hibernation stands in the way: change the instance's hibernation in the ECS console."
	adviceKMS         = "The key of an encrypted disk cannot be used: enable the KMS key, and let ECS use it, in the KMS console."
	adviceRegion      = "Check `region` (or ALIBABA_CLOUD_REGION, ALICLOUD_REGION): Alibaba Cloud has none of this id, or the `endpoint` does not serve it."
	adviceHost        = "The dedicated host or the private pool has no room for this instance: free some, or change the instance's target."
)

// entries are the codes of the operations' pages and of the common error codes.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-startinstances
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-rebootinstances
// https://api.alibabacloud.com/document/Ecs/2014-05-26/errorCode
var entries = map[string]entry{
	"Throttling":                         {backend.KindThrottled, aboutCall, ""},
	"Throttling.User":                    {backend.KindThrottled, aboutCall, ""},
	"Throttling.Api":                     {backend.KindThrottled, aboutCall, ""},
	"Throttling.ConcurrentLimitExceeded": {backend.KindThrottled, aboutCall, ""},
	"Rejected.Throttling":                {backend.KindThrottled, aboutCall, ""},

	"InternalError":                       {backend.KindUnavailable, aboutCall, ""},
	"ServiceUnavailable":                  {backend.KindUnavailable, aboutCall, ""},
	"LimitedOperation.ServiceUnavailable": {backend.KindUnavailable, aboutCall, ""},
	"UnknownError":                        {backend.KindUnavailable, aboutCall, ""},
	// A nonce that was used may be a request that something on the way sent
	// twice: whether the first took effect is unknown.
	"SignatureNonceUsed": {backend.KindUnavailable, aboutCall, ""},

	// There is no code for "already so": a look after this one tells.
	"IncorrectInstanceStatus":              {backend.KindBusy, aboutInstance, ""},
	"IncorrectInstanceStatus.Initializing": {backend.KindBusy, aboutInstance, ""},
	"InstanceNotReady":                     {backend.KindBusy, aboutInstance, ""},
	"InvalidOperation.Conflict":            {backend.KindBusy, aboutInstance, ""},
	"OperationConflict":                    {backend.KindBusy, aboutInstance, ""},
	"LastTokenProcessing":                  {backend.KindBusy, aboutEither, ""},
	"DiskError":                            {backend.KindBusy, aboutInstance, "A disk of the instance is not in a state that allows this: see its disks in the ECS console if this lasts."},
	"OperationDenied.HostRepairing":        {backend.KindBusy, aboutInstance, "The host of the instance is under repair: see the instance's system events in the ECS console if this lasts."},

	codeNotFound:                  {backend.KindNotFound, aboutInstance, ""},
	"InvalidInstanceIds.NotFound": {backend.KindNotFound, aboutInstance, ""},
	codeForbiddenNotFound:         {backend.KindNotFound, aboutInstance, ""},

	"OperationDenied.NoStock":                       {backend.KindInvalid, aboutInstance, adviceNoStock},
	"LackResource":                                  {backend.KindInvalid, aboutInstance, adviceNoStock},
	"Invalid.PrivatePoolOptions.NoStock":            {backend.KindInvalid, aboutInstance, adviceHost},
	"InvalidDedicatedHost.NotEnoughResource":        {backend.KindInvalid, aboutInstance, adviceHost},
	"OperationDenied.SpotPriceLowerThanPublicPrice": {backend.KindInvalid, aboutInstance, "The market price is above the instance's highest spot price: apply again later, or raise that price."},
	"QuotaExceed.ElasticQuota":                      {backend.KindInvalid, aboutEither, "The account's quota of vCPUs is used up: raise it in the Quota Center, or stop other instances."},

	"InsufficientBalance":        {backend.KindInvalid, aboutEither, adviceMoney},
	"InstanceExpired":            {backend.KindInvalid, aboutInstance, adviceMoney},
	"InstanceExpiredOrInArrears": {backend.KindInvalid, aboutInstance, adviceMoney},
	"DiskInArrears":              {backend.KindInvalid, aboutInstance, adviceMoney},
	"InstanceLockedForSecurity":  {backend.KindInvalid, aboutInstance, "Alibaba Cloud locked the instance for security reasons: see the reason in the ECS console, and have it unlocked there."},

	"InvalidInstanceId.NotSupport":                     {backend.KindInvalid, aboutInstance, adviceMode},
	"OperationDenied.SystemInstanceNotSupport":         {backend.KindInvalid, aboutInstance, "Another Alibaba Cloud service owns this instance: change its power state there."},
	"HibernationConfigured.InstanceOperationForbidden": {backend.KindInvalid, aboutInstance, adviceHibernation},
	"HibernationConfigured.NotEnabled":                 {backend.KindInvalid, aboutInstance, adviceHibernation},
	"InvalidInstance.NotFoundSystemDisk":               {backend.KindInvalid, aboutInstance, "The instance has no system disk: attach one first."},
	"InstanceType.ParameterMismatch":                   {backend.KindInvalid, aboutInstance, "The type of this instance needs a confirmation that its local disks may be lost: stop it in the ECS console."},
	"InvalidCapacityReservationId.NotFound":            {backend.KindInvalid, aboutInstance, "The capacity reservation that the instance asks for is gone: change the instance's private pool."},

	"InvalidParameter.TooManyInstanceIds": {backend.KindInvalid, aboutCall, ""},
	"Abs.InvalidInstanceIds.MalFormed":    {backend.KindInvalid, aboutEither, "Check the instance id: it begins with \"i-\"."},
	"UnsupportedOperation":                {backend.KindInvalid, aboutEither, ""},
	"InvalidAction.NotFound":              {backend.KindInvalid, aboutCall, "The `endpoint` does not serve ECS: check it."},
	"InvalidVersion":                      {backend.KindInvalid, aboutCall, "The `endpoint` does not serve this version of ECS: check it."},
	"UnsupportedHTTPMethod":               {backend.KindInvalid, aboutCall, "The `endpoint` does not serve ECS: check it."},
	"InvalidRegionId.NotFound":            {backend.KindInvalid, aboutCall, adviceRegion},
	"InvalidZoneId.NotFound":              {backend.KindInvalid, aboutCall, ""},

	"InvalidParameter.KMSKeyId.CMKNotEnabled":   {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidParameter.KMSKeyId.CMKUnauthorized": {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidParameter.KMSKeyId.KMSUnauthorized": {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidParameter.KMSKeyId.NotFound":        {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidParameter.Encrypted.KmsNotEnable":   {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidOperation.KMSKeyIdNotFound":         {backend.KindInvalid, aboutInstance, adviceKMS},
	"InvalidOperation.KMSServiceNotOpen":        {backend.KindInvalid, aboutInstance, adviceKMS},

	"InvalidAccessKeyId.NotFound":    {backend.KindDenied, aboutCall, adviceKey},
	"InvalidAccessKeyId.Inactive":    {backend.KindDenied, aboutCall, adviceKey},
	"SignatureDoesNotMatch":          {backend.KindDenied, aboutCall, adviceSecret},
	"IncompleteSignature":            {backend.KindDenied, aboutCall, "The signature was refused: check `secret_key`, and that nothing on the way changes the request."},
	"InvalidTimeStamp.Expired":       {backend.KindDenied, aboutCall, adviceClock},
	"InvalidSecurityToken.Expired":   {backend.KindDenied, aboutCall, adviceToken},
	"InvalidSecurityToken.Malformed": {backend.KindDenied, aboutCall, adviceToken},
	"MissingSecurityToken":           {backend.KindDenied, aboutCall, adviceToken},
	"Forbidden":                      {backend.KindDenied, aboutEither, adviceRAM},
	"Forbidden.RAM":                  {backend.KindDenied, aboutEither, adviceRAM},
	"NoPermission":                   {backend.KindDenied, aboutEither, adviceRAM},
	"ActionUnauthorized":             {backend.KindDenied, aboutEither, adviceRAM},
	"Forbidden.RiskControl":          {backend.KindDenied, aboutCall, adviceAccount},
	"Forbidden.UserVerification":     {backend.KindDenied, aboutCall, adviceAccount},
}

// families are for codes that are not in entries, by how they begin; the
// longest that fits wins.
var families = map[string]entry{
	"Throttling":                {backend.KindThrottled, aboutCall, ""},
	"Rejected.Throttling":       {backend.KindThrottled, aboutCall, ""},
	"IncorrectInstanceStatus":   {backend.KindBusy, aboutInstance, ""},
	"HibernationConfigured":     {backend.KindInvalid, aboutInstance, adviceHibernation},
	"InvalidParameter":          {backend.KindInvalid, aboutEither, ""},
	"InvalidParameter.KMSKeyId": {backend.KindInvalid, aboutInstance, adviceKMS},
	"Missing":                   {backend.KindInvalid, aboutCall, ""},
	"InvalidAccessKeyId":        {backend.KindDenied, aboutCall, adviceKey},
	"InvalidSecurityToken":      {backend.KindDenied, aboutCall, adviceToken},
	"InvalidTimeStamp":          {backend.KindDenied, aboutCall, adviceClock},
	"Forbidden":                 {backend.KindDenied, aboutEither, ""},
	"NoPermission":              {backend.KindDenied, aboutEither, adviceRAM},
	// These come with the status 403, but are about the instance.
	"OperationDenied": {backend.KindInvalid, aboutInstance, ""},
}

// lookup returns the entry of a code, that of its family, or the zero value.
func lookup(code string) entry {
	if known, ok := entries[code]; ok {
		return known
	}
	var best entry
	longest := 0
	for prefix, family := range families {
		if len(prefix) > longest && strings.HasPrefix(code, prefix) {
			best, longest = family, len(prefix)
		}
	}
	if longest == 0 && strings.Contains(code, "Throttling") {
		// SDK source: such a code becomes a ThrottlingError.
		return entry{backend.KindThrottled, aboutCall, ""}
	}
	return best
}
