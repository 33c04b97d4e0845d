package tencentcloud

import (
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// entry is what is known of a code.
type entry struct {
	kind backend.Kind
	// wholeCall is set where the code never speaks of one instance among many.
	wholeCall bool
	// advice is what the user can do, where the kind does not tell.
	advice string
}

// The codes that the code itself looks for.
const (
	codeRunning    = "UnsupportedOperation.InstanceStateRunning"
	codeStopped    = "UnsupportedOperation.InstanceStateStopped"
	codeHTTPStatus = "ClientError.HttpStatusCodeError"
	clientFamily   = "ClientError."
	// codeUnauthorized begins the codes of the policies, as AuthFailure does
	// those of the keys.
	codeUnauthorized = "UnauthorizedOperation"
)

const (
	adviseStock    = "The zone has no stock of this instance type now. Try again later, or move the instance; `stopped_mode = \"keep_charging\"` keeps the hardware of an instance reserved while it is stopped."
	advisePay      = "Settle the account in the billing center of the console, then try again."
	adviseCAM      = "Grant the credentials these CAM actions on the instance: cvm:DescribeInstances, cvm:StartInstances, cvm:StopInstances (and cvm:RebootInstances, to reboot)."
	adviseMFA      = "A CAM policy asks for multi-factor authentication, which an API key cannot pass: use the keys of a user or role without that condition."
	adviseTempKeys = "Check `security_token` (TENCENTCLOUD_SECURITY_TOKEN): it must belong to the same temporary keys, and they may have expired."
	adviseIP       = "A CAM policy limits the addresses that these credentials may be used from: run from one of them, or change the policy."
	adviseOwner    = "Another service, such as EMR, manages this instance: start and stop it there."
	adviseID       = "Check the instance id: it looks like ins-r8hr2upy."
	adviseBan      = "The cloud has locked this instance: look at the messages in the console, or ask its support."
	adviseBin      = "Recover the instance from the recycle bin, renew it, or pay what is due, in the console; then try again."
	adviseMode     = "This instance cannot stop charging: only pay-as-you-go instances whose disks are all cloud disks can. Set `stopped_mode = \"keep_charging\"`, or leave it out."
	adviseOlder    = "The API does not know this call: a newer version of the provider may be needed. Check `endpoint`, too, if it is set."
)

// codes classifies the codes of StartInstances, StopInstances, RebootInstances
// and DescribeInstances (SDK source, client.go and errors.go), the common ones
// (https://cloud.tencent.com/document/api/1721/101527), and those that the SDK
// makes up. The classes are ours.
var codes = map[string]entry{
	"RequestLimitExceeded":                              {kind: backend.KindThrottled},
	"RequestLimitExceeded.GlobalRegionUinLimitExceeded": {kind: backend.KindThrottled},
	"RequestLimitExceeded.IPLimitExceeded":              {kind: backend.KindThrottled},
	"RequestLimitExceeded.UinLimitExceeded":             {kind: backend.KindThrottled},

	"InternalError":               {kind: backend.KindUnavailable},
	"InternalServerError":         {kind: backend.KindUnavailable},
	"ServiceUnavailable":          {kind: backend.KindUnavailable},
	"ResourceUnavailable":         {kind: backend.KindUnavailable},
	"ClientError.NetworkError":    {kind: backend.KindUnavailable},
	codeHTTPStatus:                {kind: backend.KindUnavailable},
	"ClientError.ParseJsonError":  {kind: backend.KindUnavailable},
	"ClientError.IOError":         {kind: backend.KindUnavailable},
	"ClientError.CredentialError": {kind: backend.KindDenied},

	"MutexOperation.TaskRunning":                                {kind: backend.KindBusy},
	"OperationDenied.InstanceOperationInProgress":               {kind: backend.KindBusy},
	"ResourceInUse":                                             {kind: backend.KindBusy},
	"InvalidInstanceState":                                      {kind: backend.KindBusy},
	"UnsupportedOperation.LocalDiskMigratingToCloudDisk":        {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStatePending":                 {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateStarting":                {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateStopping":                {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateRebooting":               {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateEnterRescueMode":         {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateExitRescueMode":          {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateEnterServiceLiveMigrate": {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateServiceLiveMigrate":      {kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateExitServiceLiveMigrate":  {kind: backend.KindBusy},
	codeRunning: {kind: backend.KindBusy},
	codeStopped: {kind: backend.KindBusy},

	"InvalidInstanceId.NotFound":                    {kind: backend.KindNotFound},
	"ResourceNotFound.InvalidInstanceIdNotFound":    {kind: backend.KindNotFound},
	"UnsupportedOperation.InstanceStateTerminating": {kind: backend.KindNotFound},
	"UnsupportedOperation.InstanceStateTerminated":  {kind: backend.KindNotFound},

	"ResourceInsufficient":                                 {kind: backend.KindInvalid, advice: adviseStock},
	"ResourceInsufficient.SpecifiedInstanceType":           {kind: backend.KindInvalid, advice: adviseStock},
	"ResourceInsufficient.AvailabilityZoneSoldOut":         {kind: backend.KindInvalid, advice: adviseStock},
	"ResourceInsufficient.ZoneSoldOutForSpecifiedInstance": {kind: backend.KindInvalid, advice: adviseStock},

	"InvalidAccount.InsufficientBalance":         {kind: backend.KindInvalid, wholeCall: true, advice: advisePay},
	"InvalidAccount.UnpaidOrder":                 {kind: backend.KindInvalid, wholeCall: true, advice: advisePay},
	"UnsupportedOperation.NotSupportUnpaidOrder": {kind: backend.KindInvalid, advice: "The instance has an unpaid order: settle it in the billing center of the console, then try again."},

	"InvalidInstance.NotSupported":                      {kind: backend.KindInvalid, advice: "The cloud does not support this operation for this kind of instance."},
	"InvalidParameter.InvalidInstanceNotSupported":      {kind: backend.KindInvalid, advice: "The cloud does not support this operation for this kind of instance."},
	"UnsupportedOperation":                              {kind: backend.KindInvalid},
	"UnsupportedOperation.StoppedModeStopCharging":      {kind: backend.KindInvalid, advice: adviseMode},
	"UnsupportedOperation.HibernationForNormalInstance": {kind: backend.KindInvalid, advice: "The instance was created without hibernation, which this call needs."},
	"UnsupportedOperation.InstanceReinstallFailed":      {kind: backend.KindInvalid, advice: "The last reinstallation of this instance failed: reinstall it again in the console, or ask the support of the cloud."},
	"UnsupportedOperation.InstanceMixedZoneType":        {kind: backend.KindInvalid, advice: "The cloud takes no call for instances of central and of edge zones together."},
	"UnsupportedOperation.InvalidInstancesOwner":        {kind: backend.KindInvalid, advice: "The instance belongs to another account: use that account's credentials."},
	"UnsupportedOperation.InstanceStateShutdown":        {kind: backend.KindInvalid, advice: adviseBin},
	"UnsupportedOperation.InstanceStateIsolating":       {kind: backend.KindInvalid, advice: adviseBin},
	"UnsupportedOperation.InstanceStateRescueMode":      {kind: backend.KindInvalid, advice: "The instance is in rescue mode: end it in the console, then try again."},
	"UnsupportedOperation.InstanceStateFreezing":        {kind: backend.KindInvalid, advice: adviseBan},
	"UnsupportedOperation.InstanceStateBanning":         {kind: backend.KindInvalid, advice: adviseBan},
	"UnsupportedOperation.InstanceStateCorrupted":       {kind: backend.KindInvalid, advice: "The instance has a permanent fault: ask the support of the cloud."},
	"UnsupportedOperation.InstanceStateLaunchFailed":    {kind: backend.KindInvalid, advice: "The instance was never created: remove it, and create another."},
	"FailedOperation.InvalidInstanceApplicationRole":    {kind: backend.KindInvalid, advice: adviseOwner},
	"FailedOperation.InvalidInstanceApplicationRoleEmr": {kind: backend.KindInvalid, advice: adviseOwner},
	"OperationDenied.InnerUserProhibitAction":           {kind: backend.KindInvalid, wholeCall: true, advice: "The account is under the control of another one, which forbids this: ask whoever administers it."},
	"OperationDenied.AccountNotSupported":               {kind: backend.KindInvalid, wholeCall: true, advice: "The cloud does not offer this operation to this kind of account: ask its support."},

	"InvalidInstanceId.Malformed":               {kind: backend.KindInvalid, advice: adviseID},
	"InvalidParameterValue.InstanceIdMalformed": {kind: backend.KindInvalid, advice: adviseID},
	"InvalidParameter":                          {kind: backend.KindInvalid},
	"InvalidParameterValue":                     {kind: backend.KindInvalid},
	"InvalidParameterCombination":               {kind: backend.KindInvalid},
	"InvalidParameterValue.ZoneNotSupported":    {kind: backend.KindInvalid, advice: "The zone of the instance does not support this operation."},
	"InvalidParameterValue.LimitExceeded":       {kind: backend.KindInvalid, wholeCall: true},
	"InvalidFilter":                             {kind: backend.KindInvalid, wholeCall: true},
	"InvalidFilterValue.LimitExceeded":          {kind: backend.KindInvalid, wholeCall: true},
	"InvalidRequest":                            {kind: backend.KindInvalid, wholeCall: true},
	"LimitExceeded":                             {kind: backend.KindInvalid, wholeCall: true, advice: "A quota of the account is used up: look at its quotas in the console."},
	"MissingParameter":                          {kind: backend.KindInvalid, wholeCall: true},
	"UnknownParameter":                          {kind: backend.KindInvalid, wholeCall: true, advice: adviseOlder},
	"ActionOffline":                             {kind: backend.KindInvalid, wholeCall: true, advice: adviseOlder},
	"InvalidAction":                             {kind: backend.KindInvalid, wholeCall: true, advice: adviseOlder},
	"NoSuchProduct":                             {kind: backend.KindInvalid, wholeCall: true, advice: adviseOlder},
	"NoSuchVersion":                             {kind: backend.KindInvalid, wholeCall: true, advice: adviseOlder},
	"UnsupportedProtocol":                       {kind: backend.KindInvalid, wholeCall: true, advice: "Check `endpoint`: the API wants another protocol."},
	"UnsupportedRegion":                         {kind: backend.KindInvalid, wholeCall: true, advice: "Check `region` (TENCENTCLOUD_REGION): it is a name such as ap-guangzhou, not that of a zone such as ap-guangzhou-3."},

	"AuthFailure.InvalidAuthorization":       {kind: backend.KindDenied, advice: "The API could not read the signature: check proxies that may change headers between this machine and the cloud."},
	"AuthFailure.InvalidSecretId":            {kind: backend.KindDenied, advice: "Check `secret_id` (TENCENTCLOUD_SECRET_ID): it is not a key of the cloud API."},
	"AuthFailure.MFAFailure":                 {kind: backend.KindDenied, advice: adviseMFA},
	"AuthFailure.SecretIdNotFound":           {kind: backend.KindDenied, advice: "Check `secret_id` (TENCENTCLOUD_SECRET_ID): the cloud has no such key, or it was disabled or deleted. Temporary keys need `security_token` as well."},
	"AuthFailure.SignatureExpire":            {kind: backend.KindDenied, advice: "Check the clock of this machine: the API accepts a difference of five minutes."},
	"AuthFailure.SignatureFailure":           {kind: backend.KindDenied, advice: "Check `secret_key` (TENCENTCLOUD_SECRET_KEY): it does not belong to the secret id, or was not copied whole."},
	"AuthFailure.TokenFailure":               {kind: backend.KindDenied, advice: adviseTempKeys},
	"AuthFailure.UnauthorizedOperation":      {kind: backend.KindDenied, advice: adviseCAM},
	"UnauthorizedOperation":                  {kind: backend.KindDenied, advice: adviseCAM},
	"UnauthorizedOperation.PermissionDenied": {kind: backend.KindDenied, advice: adviseCAM},
	"UnauthorizedOperation.InvalidToken":     {kind: backend.KindDenied, wholeCall: true, advice: adviseTempKeys},
	"UnauthorizedOperation.MFAExpired":       {kind: backend.KindDenied, wholeCall: true, advice: adviseMFA},
	"UnauthorizedOperation.MFANotFound":      {kind: backend.KindDenied, wholeCall: true, advice: adviseMFA},
	"IpInBlacklist":                          {kind: backend.KindDenied, advice: adviseIP},
	"IpNotInWhitelist":                       {kind: backend.KindDenied, advice: adviseIP},
}

// families classifies, by how they begin, codes that are not listed one by one.
// Those of OperationDenied, FailedOperation and ResourceUnavailable are too
// mixed for it.
var families = map[string]entry{
	"RequestLimitExceeded.":  {kind: backend.KindThrottled},
	"InternalError.":         {kind: backend.KindUnavailable},
	"InternalServerError.":   {kind: backend.KindUnavailable},
	"ServiceUnavailable.":    {kind: backend.KindUnavailable},
	"MutexOperation.":        {kind: backend.KindBusy},
	"ResourceInUse.":         {kind: backend.KindBusy},
	"ResourceInsufficient.":  {kind: backend.KindInvalid, advice: adviseStock},
	"ResourcesSoldOut.":      {kind: backend.KindInvalid, advice: adviseStock},
	"InvalidAccount.":        {kind: backend.KindInvalid, wholeCall: true},
	"InvalidFilter.":         {kind: backend.KindInvalid, wholeCall: true},
	"InvalidFilterValue.":    {kind: backend.KindInvalid, wholeCall: true},
	"InvalidInstance.":       {kind: backend.KindInvalid},
	"InvalidInstanceId.":     {kind: backend.KindInvalid},
	"InvalidParameter.":      {kind: backend.KindInvalid},
	"InvalidParameterValue.": {kind: backend.KindInvalid},
	"LimitExceeded.":         {kind: backend.KindInvalid, wholeCall: true},
	"UnsupportedOperation.":  {kind: backend.KindInvalid},
	// It names a state that stands in the way: a look tells more.
	"UnsupportedOperation.InstanceState": {kind: backend.KindBusy},
	"AuthFailure.":                       {kind: backend.KindDenied},
	"UnauthorizedOperation.":             {kind: backend.KindDenied, advice: adviseCAM},
	clientFamily:                         {kind: backend.KindUnavailable},
}

// lookup finds what is known of a code: the code itself, else the longest
// family that it begins with.
func lookup(code string) (entry, bool) {
	if found, ok := codes[code]; ok {
		return found, true
	}
	var best string
	for prefix := range families {
		if strings.HasPrefix(code, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	found, ok := families[best]
	return found, ok
}
