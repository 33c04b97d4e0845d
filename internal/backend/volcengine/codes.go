package volcengine

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// The codes that the driver itself checks for.
const (
	codeNotFound   = "InvalidInstance.NotFound"
	codeProcessing = "IdempotentProcessing"
	codeDryRun     = "DryRunOperation"
)

const (
	adviceMode   = "This instance cannot stop charging: set `stopped_mode` to \"keep_charging\", or leave it out."
	advicePolicy = "Grant the identity of `access_key` the IAM actions ecs:DescribeInstances on all instances, and " +
		"ecs:StartInstances and ecs:StopInstances (for reboots also ecs:RebootInstances) on this one."
	adviceToken = "Temporary credentials need their `session_token` (VOLCENGINE_SESSION_TOKEN), and end with it: " +
		"get new ones."
	adviceOutdated = "The endpoint does not know this operation: check `endpoint` and `region`."
	adviceUnsigned = "Something between this machine and the cloud may have removed headers of the request: check " +
		"proxies and `endpoint`."
)

// codes holds every code that the reference pages of the operations
// (https://www.volcengine.com/docs/6396/70467, 70468, 101067 and 101068) and of
// the common errors
// (https://docs.byteplus.com/byteplus-platform/reference/common-error-codes)
// give. One status, above all 412, comes with success, busy and permanent codes
// alike, so the code decides.
var codes = map[string]driverkit.Entry{
	"FlowLimitExceeded":        {Kind: backend.KindThrottled},
	"AccountFlowLimitExceeded": {Kind: backend.KindThrottled},
	"RequestLimitExceeded":     {Kind: backend.KindThrottled},

	"InternalError":          {Kind: backend.KindUnavailable},
	"InternalServiceError":   {Kind: backend.KindUnavailable},
	"InternalServiceTimeout": {Kind: backend.KindUnavailable},
	"ServiceUnavailableTemp": {Kind: backend.KindUnavailable},

	"InvalidInstanceStatus":                   {Kind: backend.KindBusy},
	"OperationDenied.ResourceLocked":          {Kind: backend.KindBusy},
	"OperationDenied.InstanceIsCreatingImage": {Kind: backend.KindBusy},
	"InvalidDedicatedHostStatus.Unsupported": {
		Kind:   backend.KindBusy,
		Advice: "The dedicated host of this instance is not ready; the console shows its state.",
	},
	codeProcessing: {Kind: backend.KindBusy, Blame: driverkit.WholeCall},
	codeNotFound:   {Kind: backend.KindNotFound},
	codeDryRun:     {Kind: backend.KindOther, Blame: driverkit.WholeCall},
	"Insufficient.InstanceCapacity": {
		Kind: backend.KindInvalid,
		Advice: "The zone has no stock of this instance type at the moment: try again later, or move the instance to " +
			"another type or zone. `stopped_mode = \"keep_charging\"` keeps the hardware reserved while stopped.",
	},
	"Insufficient.Balance": {
		Kind:   backend.KindInvalid,
		Advice: "The account is in arrears or its balance is too low: top it up, then apply again.",
	},
	"InvalidStoppedMode.Malformed": {
		Kind:   backend.KindInvalid,
		Blame:  driverkit.WholeCall,
		Advice: "This endpoint does not know the value of `stopped_mode`.",
	},
	"InvalidStoppedMode.Conflict": {
		Kind: backend.KindInvalid,
		Advice: "The instance is stopped in another mode already, and that cannot be changed while it is stopped: set " +
			"`allow_restart`, or leave `stopped_mode` as it is.",
	},
	"InvalidStoppedMode.InstanceTypeMismatch": {
		Kind:        backend.KindInvalid,
		ModeRefused: true,
		Advice: "Types with local disks, elastic bare metal and high-performance computing cannot stop charging. " +
			adviceMode,
	},
	"InvalidStoppedMode.ChargeTypeMismatch": {
		Kind:        backend.KindInvalid,
		ModeRefused: true,
		Advice:      "Only pay-as-you-go instances can stop charging. " + adviceMode,
	},
	"OperationDenied.ResourceCreatedByOtherService": {
		Kind: backend.KindInvalid,
		Advice: "Another service owns this instance, such as a node pool (its system tags name the owner): change its " +
			"state there.",
	},
	"InvalidStoppedModeForScheduledInstance.Unsupported": {
		Kind:        backend.KindInvalid,
		ModeRefused: true,
		Advice:      "Elastic scheduled instances cannot stop charging. " + adviceMode,
	},

	"InvalidArgument":              {Kind: backend.KindInvalid},
	"MissingParameter":             {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"MissingParameter.InstanceId":  {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidClientToken.Malformed": {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"IdempotentParameterMismatch":  {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
	"InvalidActionOrVersion":       {Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated},
	"ServiceNotFound":              {Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated},
	"MethodNotAllowed":             {Kind: backend.KindInvalid, Blame: driverkit.WholeCall, Advice: adviceOutdated},

	"MissingAuthenticationToken": {Kind: backend.KindDenied, Advice: adviceUnsigned},
	"MissingSignature":           {Kind: backend.KindDenied, Advice: adviceUnsigned},
	"InvalidAuthorization":       {Kind: backend.KindDenied, Advice: adviceUnsigned},
	"InvalidCredential": {
		Kind: backend.KindDenied,
		Advice: "The cloud cannot use the key as it was sent: check `region` (VOLCENGINE_REGION) and `access_key` " +
			"(VOLCENGINE_ACCESS_KEY).",
	},
	"InvalidTimestamp": {
		Kind:   backend.KindDenied,
		Advice: "The clock of this machine and the cloud's are too far apart: set it, then apply again.", Clock: true,
	},
	"InvalidAccessKey": {
		Kind:   backend.KindDenied,
		Advice: "The cloud does not know the access key, or it is disabled: check `access_key` (VOLCENGINE_ACCESS_KEY).",
	},
	"SignatureDoesNotMatch": {
		Kind:   backend.KindDenied,
		Advice: "The secret key does not belong to the access key: check `secret_key` (VOLCENGINE_SECRET_KEY).",
	},
	"InvalidSecurityToken": {Kind: backend.KindDenied, Advice: adviceToken},
	"ExpiredToken":         {Kind: backend.KindDenied, Advice: adviceToken},
	"LackPolicy":           {Kind: backend.KindDenied, Advice: advicePolicy, Blame: driverkit.OneID},
	"AccessDenied":         {Kind: backend.KindDenied, Advice: advicePolicy, Blame: driverkit.OneID},
}

// families are prefixes of codes that come with many endings. The longest
// prefix decides.
var families = map[string]driverkit.Entry{
	"Throttling":         {Kind: backend.KindThrottled},
	"ServiceUnavailable": {Kind: backend.KindUnavailable},
}
