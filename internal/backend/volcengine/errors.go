package volcengine

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineerr"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Codes that the driver itself looks for.
const (
	codeNotFound   = "InvalidInstance.NotFound"
	codeProcessing = "IdempotentProcessing"
	codeDryRun     = "DryRunOperation"
)

// entry is what a code means.
type entry struct {
	kind   backend.Kind
	advice string
	// callWide is set where the reason lies in the call and not in one of its
	// instances, so that no other id can be to blame.
	callWide bool
	// policy is set where a policy refused, which may permit the operation on
	// some instances alone. Any other denial is about the keys.
	policy bool
}

const (
	adviceModeRefused = "This instance cannot stop charging: set `stopped_mode` to \"keep_charging\", or leave it out."
	advicePolicy      = "Give the identity of `access_key` the IAM actions ecs:DescribeInstances, ecs:StartInstances and " +
		"ecs:StopInstances (also ecs:RebootInstances for reboots) on this instance."
	adviceSession  = "Temporary credentials need their `session_token` (VOLCENGINE_SESSION_TOKEN), and end with it: get new ones."
	adviceOutdated = "The endpoint does not know this operation: check `endpoint` and `region`."
	adviceUnsigned = "Something between this machine and the cloud may have removed headers of the request: check proxies and `endpoint`."
)

// codes holds every code that the reference pages of the operations
// (https://www.volcengine.com/docs/6396/70467, 70468, 101067 and 101068) and of
// the common errors
// (https://docs.byteplus.com/byteplus-platform/reference/common-error-codes)
// give. One status, above all 412, comes with success, busy and permanent codes
// alike, so the code decides.
var codes = map[string]entry{
	"FlowLimitExceeded":        {kind: backend.KindThrottled},
	"AccountFlowLimitExceeded": {kind: backend.KindThrottled},
	"RequestLimitExceeded":     {kind: backend.KindThrottled},

	"InternalError":          {kind: backend.KindUnavailable},
	"InternalServiceError":   {kind: backend.KindUnavailable},
	"InternalServiceTimeout": {kind: backend.KindUnavailable},
	"ServiceUnavailableTemp": {kind: backend.KindUnavailable},

	"InvalidInstanceStatus":                   {kind: backend.KindBusy},
	"OperationDenied.ResourceLocked":          {kind: backend.KindBusy},
	"OperationDenied.InstanceIsCreatingImage": {kind: backend.KindBusy},
	"InvalidDedicatedHostStatus.Unsupported": {
		kind:   backend.KindBusy,
		advice: "The dedicated host of this instance is not ready; the console shows its state.",
	},
	codeProcessing: {kind: backend.KindBusy, callWide: true},
	codeNotFound:   {kind: backend.KindNotFound},
	codeDryRun:     {kind: backend.KindOther, callWide: true},
	"Insufficient.InstanceCapacity": {
		kind: backend.KindInvalid,
		advice: "The zone has no stock of this instance type at the moment: try again later, or move the instance to " +
			"another type or zone. An instance that must start again at once is better stopped with `stopped_mode` = " +
			"\"keep_charging\".",
	},
	"Insufficient.Balance": {
		kind:   backend.KindInvalid,
		advice: "The account is in arrears or its balance is too low: top it up, then apply again.",
	},
	"InvalidStoppedMode.Malformed": {
		kind:     backend.KindInvalid,
		callWide: true,
		advice:   "This endpoint does not know the value of `stopped_mode`.",
	},
	"InvalidStoppedMode.Conflict": {
		kind: backend.KindInvalid,
		advice: "The instance is stopped in another mode already, and that cannot be changed while it is stopped: set " +
			"`allow_restart`, or leave `stopped_mode` as it is.",
	},
	"InvalidStoppedMode.InstanceTypeMismatch": {
		kind:   backend.KindInvalid,
		advice: "Types with local disks, elastic bare metal and high-performance computing cannot stop charging. " + adviceModeRefused,
	},
	"InvalidStoppedMode.ChargeTypeMismatch": {
		kind:   backend.KindInvalid,
		advice: "Only pay-as-you-go instances can stop charging. " + adviceModeRefused,
	},
	"OperationDenied.ResourceCreatedByOtherService": {
		kind: backend.KindInvalid,
		advice: "Another service owns this instance, such as a node pool (its system tags name the owner): change its " +
			"state there.",
	},
	"InvalidStoppedModeForScheduledInstance.Unsupported": {
		kind:   backend.KindInvalid,
		advice: "Elastic scheduled instances cannot stop charging. " + adviceModeRefused,
	},

	"InvalidArgument":              {kind: backend.KindInvalid},
	"MissingParameter":             {kind: backend.KindInvalid, callWide: true},
	"MissingParameter.InstanceId":  {kind: backend.KindInvalid, callWide: true},
	"InvalidClientToken.Malformed": {kind: backend.KindInvalid, callWide: true},
	"IdempotentParameterMismatch":  {kind: backend.KindInvalid, callWide: true},
	"InvalidActionOrVersion":       {kind: backend.KindInvalid, callWide: true, advice: adviceOutdated},
	"ServiceNotFound":              {kind: backend.KindInvalid, callWide: true, advice: adviceOutdated},
	"MethodNotAllowed":             {kind: backend.KindInvalid, callWide: true, advice: adviceOutdated},

	"MissingAuthenticationToken": {kind: backend.KindDenied, advice: adviceUnsigned},
	"MissingSignature":           {kind: backend.KindDenied, advice: adviceUnsigned},
	"InvalidAuthorization":       {kind: backend.KindDenied, advice: adviceUnsigned},
	"InvalidCredential": {
		kind:   backend.KindDenied,
		advice: "The cloud cannot use the key as it was sent: check `region` (VOLCENGINE_REGION) and `access_key` (VOLCENGINE_ACCESS_KEY).",
	},
	"InvalidTimestamp": {
		kind:   backend.KindDenied,
		advice: "The clock of this machine and the cloud's are too far apart: set it, then apply again.",
	},
	"InvalidAccessKey": {
		kind:   backend.KindDenied,
		advice: "The cloud does not know the access key, or it is disabled: check `access_key` (VOLCENGINE_ACCESS_KEY).",
	},
	"SignatureDoesNotMatch": {
		kind:   backend.KindDenied,
		advice: "The secret key does not belong to the access key: check `secret_key` (VOLCENGINE_SECRET_KEY).",
	},
	"InvalidSecurityToken": {kind: backend.KindDenied, advice: adviceSession},
	"ExpiredToken":         {kind: backend.KindDenied, advice: adviceSession},
	"LackPolicy":           {kind: backend.KindDenied, advice: advicePolicy, policy: true},
	"AccessDenied":         {kind: backend.KindDenied, advice: advicePolicy, policy: true},
}

// families are prefixes of codes that come with many endings. The longest
// prefix decides.
var families = map[string]entry{
	"Throttling":         {kind: backend.KindThrottled},
	"ServiceUnavailable": {kind: backend.KindUnavailable},
}

func entryOf(code string) (entry, bool) {
	if known, ok := codes[code]; ok {
		return known, true
	}
	longest := ""
	for prefix := range families {
		if strings.HasPrefix(code, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	known, ok := families[longest]
	return known, ok
}

// callError is an error of a call, with the ids that it was made for. errors.As
// reaches the SDK's volcengineerr.RequestFailure.
type callError struct {
	ids []string
	// whole is set where the call was refused as one, and not in its answer for
	// a single instance.
	whole bool
	err   error
}

func (e *callError) Error() string { return e.err.Error() }

func (e *callError) Unwrap() error { return e.err }

// wrongAnswer is the error for a 200 answer that lacks what it must have.
func wrongAnswer(ids []string, requestID, problem string) error {
	return &callError{ids: ids, err: &answerError{status: http.StatusOK, requestID: requestID, problem: problem}}
}

// Fault reads an error of this driver.
func (d *Driver) Fault(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	fault, decided := driverkit.Fault(err)
	var call *callError
	if decided || !errors.As(err, &call) {
		return fault
	}
	var answer *answerError
	if errors.As(err, &answer) {
		return answer.fault(fault)
	}
	var failure volcengineerr.RequestFailure
	if !errors.As(err, &failure) {
		return fault
	}
	fault.Status = failure.StatusCode()
	fault.Code = failure.Code()
	fault.Message = failure.Message()
	fault.RequestID = failure.RequestID()
	known, ok := entryOf(fault.Code)
	if !ok {
		known.kind = driverkit.KindOfStatus(fault.Status)
	}
	fault.Kind = known.kind
	fault.Advice = known.advice
	if call.whole {
		fault.IDs = named(fault.Message, call.ids)
		fault.Shared = len(call.ids) > 1 && !known.callWide && (known.policy || mayBeOnes(fault.Kind))
	}
	return fault
}

// fault completes what the exchange told. After a 2xx answer that cannot be
// read, whether a write took effect is unknown.
func (e *answerError) fault(fault backend.Fault) backend.Fault {
	fault.Status, fault.RequestID, fault.Message = e.status, e.requestID, e.problem
	fault.Kind = driverkit.KindOfStatus(e.status)
	switch {
	case e.status < http.StatusMultipleChoices:
		fault.Kind = backend.KindUnavailable
	case e.status == http.StatusNotFound:
		// Without a code it says nothing of an instance.
		fault.Kind = backend.KindOther
	}
	return fault
}

// mayBeOnes reports whether a whole call may be refused with kind because of
// one of its instances.
func mayBeOnes(kind backend.Kind) bool {
	switch kind {
	case backend.KindNotFound, backend.KindBusy, backend.KindInvalid, backend.KindOther:
		return true
	case backend.KindThrottled, backend.KindDenied, backend.KindUnavailable:
	}
	return false
}

var idInText = regexp.MustCompile(`\bi-[0-9A-Za-z]+`)

// named returns those of ids that the text names, in the order of the call.
func named(text string, ids []string) []string {
	words := idInText.FindAllString(text, -1)
	var list []string
	for _, id := range ids {
		if slices.Contains(words, id) {
			list = append(list, id)
		}
	}
	return list
}
