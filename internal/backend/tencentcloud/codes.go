package tencentcloud

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// The codes that the driver itself checks for.
const (
	codeRunning = "UnsupportedOperation.InstanceStateRunning"
	codeStopped = "UnsupportedOperation.InstanceStateStopped"
	// clientFamily begins the codes that the SDK makes up.
	clientFamily = "ClientError."
)

const (
	adviceNoStock = "The zone has no stock of this instance type now. Try again later, or move the instance; " +
		"`stopped_mode = \"keep_charging\"` keeps the hardware of an instance reserved while it is stopped."
	adviceBalance = "Settle the account in the billing center of the console, then try again."
	advicePolicy  = "Grant the credentials the CAM actions cvm:DescribeInstances on all instances, and " +
		"cvm:StartInstances and cvm:StopInstances (for reboots also cvm:RebootInstances) on this one."
	adviceMFA = "A CAM policy asks for multi-factor authentication, which an API key cannot pass: use the keys of " +
		"a user or role without that condition."
	adviceToken = "Check `security_token` (TENCENTCLOUD_SECURITY_TOKEN): it must belong to the same temporary keys, " +
		"and they may have expired."
	adviceIP = "A CAM policy limits the addresses that these credentials may be used from: run from one of them, " +
		"or change the policy."
	adviceOwner    = "Another service, such as EMR, manages this instance: start and stop it there."
	adviceID       = "Check the instance id: it looks like ins-r8hr2upy."
	adviceBan      = "The cloud has locked this instance: check the messages in the console, or ask its support."
	adviceRecycled = "Recover the instance from the recycle bin, renew it, or pay what is due, in the console; then " +
		"try again."
	adviceMode = "This instance cannot stop charging: only pay-as-you-go instances whose disks are all cloud disks " +
		"can. Set `stopped_mode = \"keep_charging\"`, or leave it out."
	adviceOutdated = "The API does not know this call: a newer version of the provider may be needed. Check " +
		"`endpoint`, too, if it is set."
)

// codes classifies the codes of StartInstances, StopInstances, RebootInstances
// and DescribeInstances (SDK source, client.go and errors.go), and the common ones
// (https://cloud.tencent.com/document/api/1721/101527). The kinds are
// ours.
var codes = map[string]driverkit.Entry{
	"RequestLimitExceeded":                              {Kind: backend.KindThrottled},
	"RequestLimitExceeded.GlobalRegionUinLimitExceeded": {Kind: backend.KindThrottled},
	"RequestLimitExceeded.IPLimitExceeded":              {Kind: backend.KindThrottled},
	"RequestLimitExceeded.UinLimitExceeded":             {Kind: backend.KindThrottled},

	"InternalError":       {Kind: backend.KindUnavailable},
	"InternalServerError": {Kind: backend.KindUnavailable},
	"ServiceUnavailable":  {Kind: backend.KindUnavailable},
	"ResourceUnavailable": {Kind: backend.KindUnavailable},

	"MutexOperation.TaskRunning":                                {Kind: backend.KindBusy},
	"OperationDenied.InstanceOperationInProgress":               {Kind: backend.KindBusy},
	"ResourceInUse":                                             {Kind: backend.KindBusy},
	"InvalidInstanceState":                                      {Kind: backend.KindBusy},
	"UnsupportedOperation.LocalDiskMigratingToCloudDisk":        {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStatePending":                 {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateStarting":                {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateStopping":                {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateRebooting":               {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateEnterRescueMode":         {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateExitRescueMode":          {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateEnterServiceLiveMigrate": {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateServiceLiveMigrate":      {Kind: backend.KindBusy},
	"UnsupportedOperation.InstanceStateExitServiceLiveMigrate":  {Kind: backend.KindBusy},
	codeRunning: {Kind: backend.KindBusy},
	codeStopped: {Kind: backend.KindBusy},

	"InvalidInstanceId.NotFound":                    {Kind: backend.KindNotFound},
	"ResourceNotFound.InvalidInstanceIdNotFound":    {Kind: backend.KindNotFound},
	"UnsupportedOperation.InstanceStateTerminating": {Kind: backend.KindNotFound},
	"UnsupportedOperation.InstanceStateTerminated":  {Kind: backend.KindNotFound},

	"ResourceInsufficient":                                 {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"ResourceInsufficient.SpecifiedInstanceType":           {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"ResourceInsufficient.AvailabilityZoneSoldOut":         {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"ResourceInsufficient.ZoneSoldOutForSpecifiedInstance": {Kind: backend.KindInvalid, Advice: adviceNoStock},

	"InvalidAccount.InsufficientBalance": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceBalance,
	},
	"InvalidAccount.UnpaidOrder": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceBalance,
	},
	"UnsupportedOperation.NotSupportUnpaidOrder": {
		Kind:   backend.KindInvalid,
		Advice: "The instance has an unpaid order: settle it in the billing center of the console, then try again.",
	},

	"InvalidInstance.NotSupported": {
		Kind: backend.KindInvalid, Advice: "The cloud does not support this operation for this kind of instance.",
	},
	"InvalidParameter.InvalidInstanceNotSupported": {
		Kind: backend.KindInvalid, Advice: "The cloud does not support this operation for this kind of instance.",
	},
	"UnsupportedOperation":                         {Kind: backend.KindInvalid},
	"UnsupportedOperation.StoppedModeStopCharging": {Kind: backend.KindInvalid, ModeRefused: true, Advice: adviceMode},
	"UnsupportedOperation.HibernationForNormalInstance": {
		Kind: backend.KindInvalid, Advice: "The instance was created without hibernation, which this call needs.",
	},
	"UnsupportedOperation.InstanceReinstallFailed": {
		Kind: backend.KindInvalid,
		Advice: "The last reinstallation of this instance failed: reinstall it again in the console, or ask the support " +
			"of the cloud.",
	},
	"UnsupportedOperation.InstanceMixedZoneType": {
		Kind: backend.KindInvalid, Advice: "The cloud takes no call for instances of central and of edge zones together.",
	},
	"UnsupportedOperation.InvalidInstancesOwner": {
		Kind: backend.KindInvalid, Advice: "The instance belongs to another account: use that account's credentials.",
	},
	"UnsupportedOperation.InstanceStateShutdown":  {Kind: backend.KindInvalid, Advice: adviceRecycled},
	"UnsupportedOperation.InstanceStateIsolating": {Kind: backend.KindInvalid, Advice: adviceRecycled},
	"UnsupportedOperation.InstanceStateRescueMode": {
		Kind: backend.KindInvalid, Advice: "The instance is in rescue mode: end it in the console, then try again.",
	},
	"UnsupportedOperation.InstanceStateFreezing": {Kind: backend.KindInvalid, Advice: adviceBan},
	"UnsupportedOperation.InstanceStateBanning":  {Kind: backend.KindInvalid, Advice: adviceBan},
	"UnsupportedOperation.InstanceStateCorrupted": {
		Kind: backend.KindInvalid, Advice: "The instance has a permanent fault: ask the support of the cloud.",
	},
	"UnsupportedOperation.InstanceStateLaunchFailed": {
		Kind: backend.KindInvalid, Advice: "The instance was never created: remove it, and create another.",
	},
	"FailedOperation.InvalidInstanceApplicationRole":    {Kind: backend.KindInvalid, Advice: adviceOwner},
	"FailedOperation.InvalidInstanceApplicationRoleEmr": {Kind: backend.KindInvalid, Advice: adviceOwner},
	"OperationDenied.InnerUserProhibitAction": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall,
		Advice: "The account is under the control of another one, which forbids this: ask whoever administers it.",
	},
	"OperationDenied.AccountNotSupported": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall,
		Advice: "The cloud does not offer this operation to this kind of account: ask its support.",
	},

	"InvalidInstanceId.Malformed":               {Kind: backend.KindInvalid, Advice: adviceID},
	"InvalidParameterValue.InstanceIdMalformed": {Kind: backend.KindInvalid, Advice: adviceID},
	"InvalidParameter":                          {Kind: backend.KindInvalid},
	"InvalidParameterValue":                     {Kind: backend.KindInvalid},
	"InvalidParameterCombination":               {Kind: backend.KindInvalid},
	"InvalidParameterValue.ZoneNotSupported": {
		Kind: backend.KindInvalid, Advice: "The zone of the instance does not support this operation.",
	},
	"InvalidParameterValue.LimitExceeded": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidFilter":                       {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidFilterValue.LimitExceeded":    {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidRequest":                      {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"LimitExceeded": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall,
		Advice: "A quota of the account is used up: check its quotas in the console.",
	},
	"MissingParameter": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"UnknownParameter": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated,
	},
	"ActionOffline": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated,
	},
	"InvalidAction": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated,
	},
	"NoSuchProduct": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated,
	},
	"NoSuchVersion": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated,
	},
	"UnsupportedProtocol": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: "Check `endpoint`: the API wants another protocol.",
	},
	"UnsupportedRegion": {
		Kind: backend.KindInvalid, Blame: driverkit.WholeCall,
		Advice: "Check `region` (TENCENTCLOUD_REGION): it is a name such as ap-guangzhou, not that of a zone such as " +
			"ap-guangzhou-3.",
	},

	"AuthFailure.InvalidAuthorization": {
		Kind: backend.KindDenied,
		Advice: "The API could not read the signature: check proxies that may change headers between this machine and the " +
			"cloud.",
	},
	"AuthFailure.InvalidSecretId": {
		Kind: backend.KindDenied, Advice: "Check `secret_id` (TENCENTCLOUD_SECRET_ID): it is not a key of the cloud API.",
	},
	"AuthFailure.MFAFailure": {Kind: backend.KindDenied, Advice: adviceMFA},
	"AuthFailure.SecretIdNotFound": {
		Kind: backend.KindDenied,
		Advice: "Check `secret_id` (TENCENTCLOUD_SECRET_ID): the cloud has no such key, or it was disabled or deleted. " +
			"Temporary keys need `security_token` as well.",
	},
	"AuthFailure.SignatureExpire": {
		Kind: backend.KindDenied, Clock: true,
		Advice: "Check the clock of this machine: the API accepts a difference of five minutes.",
	},
	"AuthFailure.SignatureFailure": {
		Kind:   backend.KindDenied,
		Advice: "Check `secret_key` (TENCENTCLOUD_SECRET_KEY): it does not belong to the secret id, or was not copied whole.",
	},
	"AuthFailure.TokenFailure":               {Kind: backend.KindDenied, Advice: adviceToken},
	"AuthFailure.UnauthorizedOperation":      {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"UnauthorizedOperation":                  {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"UnauthorizedOperation.PermissionDenied": {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
	"UnauthorizedOperation.InvalidToken":     {Kind: backend.KindDenied, Advice: adviceToken},
	"UnauthorizedOperation.MFAExpired":       {Kind: backend.KindDenied, Advice: adviceMFA},
	"UnauthorizedOperation.MFANotFound":      {Kind: backend.KindDenied, Advice: adviceMFA},
	"IpInBlacklist":                          {Kind: backend.KindDenied, Advice: adviceIP},
	"IpNotInWhitelist":                       {Kind: backend.KindDenied, Advice: adviceIP},
}

// families classifies, by how they begin, codes that are not listed one by one.
// Those of OperationDenied, FailedOperation and ResourceUnavailable are too
// mixed for it.
var families = map[string]driverkit.Entry{
	"RequestLimitExceeded.":  {Kind: backend.KindThrottled},
	"InternalError.":         {Kind: backend.KindUnavailable},
	"InternalServerError.":   {Kind: backend.KindUnavailable},
	"ServiceUnavailable.":    {Kind: backend.KindUnavailable},
	"MutexOperation.":        {Kind: backend.KindBusy},
	"ResourceInUse.":         {Kind: backend.KindBusy},
	"ResourceInsufficient.":  {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"ResourcesSoldOut.":      {Kind: backend.KindInvalid, Advice: adviceNoStock},
	"InvalidAccount.":        {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidFilter.":         {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidFilterValue.":    {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidInstance.":       {Kind: backend.KindInvalid},
	"InvalidInstanceId.":     {Kind: backend.KindInvalid},
	"InvalidParameter.":      {Kind: backend.KindInvalid},
	"InvalidParameterValue.": {Kind: backend.KindInvalid},
	"LimitExceeded.":         {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"UnsupportedOperation.":  {Kind: backend.KindInvalid},
	// It names a state that stands in the way: an observation tells more.
	"UnsupportedOperation.InstanceState": {Kind: backend.KindBusy},
	"AuthFailure.":                       {Kind: backend.KindDenied},
	"UnauthorizedOperation.":             {Kind: backend.KindDenied, Blame: driverkit.OneID, Advice: advicePolicy},
}
