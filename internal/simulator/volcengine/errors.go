package volcengine

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The codes of throttling, the first of which is the default.
const (
	flowLimit        = "FlowLimitExceeded"
	accountFlowLimit = "AccountFlowLimitExceeded"
)

// codes are the HTTP status and the number of each code; 400 and no number
// where nothing is said. Those of the gateway, which have a number, are at
// https://docs.byteplus.com/byteplus-platform/reference/common-error-codes, the
// others at https://www.volcengine.com/docs/6396/70468.
func codes() map[string]struct{ status, number int } {
	return map[string]struct{ status, number int }{
		"MissingParameter":           {http.StatusBadRequest, 100002},
		"MissingAuthenticationToken": {http.StatusUnauthorized, 100003},
		"MissingSignature":           {http.StatusUnauthorized, 100005},
		"InvalidTimestamp":           {http.StatusBadRequest, 100006},
		"ServiceNotFound":            {http.StatusNotFound, 100007},
		"InvalidActionOrVersion":     {http.StatusNotFound, 100008},
		"InvalidAccessKey":           {http.StatusUnauthorized, 100009},
		"SignatureDoesNotMatch":      {http.StatusUnauthorized, 100010},
		"LackPolicy":                 {http.StatusForbidden, 100012},
		"AccessDenied":               {http.StatusForbidden, 100013},
		"InternalServiceError":       {http.StatusBadGateway, 100014},
		"InternalServiceTimeout":     {http.StatusGatewayTimeout, 100016},
		flowLimit:                    {http.StatusTooManyRequests, 100018},
		"ServiceUnavailableTemp":     {http.StatusServiceUnavailable, 100019},
		"MethodNotAllowed":           {http.StatusBadRequest, 100020},
		"InvalidAuthorization":       {http.StatusBadRequest, 100024},
		"InvalidCredential":          {http.StatusBadRequest, 100025},
		accountFlowLimit:             {http.StatusTooManyRequests, 100027},

		"RequestLimitExceeded":                               {http.StatusTooManyRequests, 0},
		"InvalidSecurityToken":                               {http.StatusUnauthorized, 0},
		"ExpiredToken":                                       {http.StatusUnauthorized, 0},
		"InternalError":                                      {http.StatusInternalServerError, 0},
		"Insufficient.InstanceCapacity":                      {http.StatusInternalServerError, 0},
		"InvalidInstance.NotFound":                           {http.StatusNotFound, 0},
		"InvalidStoppedMode.Conflict":                        {http.StatusConflict, 0},
		"InvalidStoppedMode.InstanceTypeMismatch":            {http.StatusPreconditionFailed, 0},
		"InvalidStoppedMode.ChargeTypeMismatch":              {http.StatusPreconditionFailed, 0},
		"OperationDenied.ResourceLocked":                     {http.StatusPreconditionFailed, 0},
		"OperationDenied.InstanceIsCreatingImage":            {http.StatusPreconditionFailed, 0},
		"OperationDenied.ResourceCreatedByOtherService":      {http.StatusPreconditionFailed, 0},
		"IdempotentProcessing":                               {http.StatusPreconditionFailed, 0},
		"DryRunOperation":                                    {http.StatusPreconditionFailed, 0},
		"InvalidStoppedModeForScheduledInstance.Unsupported": {http.StatusBadRequest, 0},
	}
}

func refuse(code, format string, args ...any) *simulator.Refusal {
	return &simulator.Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

func missing(parameter string) *simulator.Refusal {
	return refuse("MissingParameter", "The request is missing %s parameter.", parameter)
}

func invalid(parameter string) *simulator.Refusal {
	return refuse("InvalidArgument", "The specified argument %s is invalid.", parameter)
}

// envelope is the body of every answer
// (https://docs.byteplus.com/api/docs/vmp/Response-examples).
type envelope struct {
	ResponseMetadata metadata
	Result           any `json:"Result,omitempty"`
}

type metadata struct {
	RequestId string //nolint:revive // The name is the wire's.
	Action    string
	Version   string
	Service   string
	Region    string
	Error     *errorObject `json:"Error,omitempty"`
}

type errorObject struct {
	CodeN   int `json:"CodeN,omitempty"`
	Code    string
	Message string
}

func head(req *simulator.Request) metadata {
	m := metadata{
		RequestId: req.Call.RequestID, Action: req.Call.Action, Service: req.Call.Service, Region: req.Call.Region,
	}
	if p, ok := req.Params.(*parameters); ok {
		m.Version = p.version
	}
	return m
}

// success is the answer of a call that was accepted.
func success(req *simulator.Request, result any) simulator.Answer {
	return simulator.JSON(http.StatusOK, envelope{ResponseMetadata: head(req), Result: result})
}

// Refuse implements simulator.Wire.
func (w *Wire) Refuse(req *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	usual := codes()[refusal.Code]
	status := refusal.Status
	if status == 0 {
		status = usual.status
	}
	if status == 0 {
		status = http.StatusBadRequest
	}
	body := envelope{ResponseMetadata: head(req)}
	body.ResponseMetadata.Error = &errorObject{CodeN: usual.number, Code: refusal.Code, Message: refusal.Message}
	answer := simulator.JSON(status, body)
	answer.Code = refusal.Code
	simulator.SetRetryAfter(&answer, refusal)
	return answer
}

// Default implements simulator.Wire. An error without a status gets that of its
// code.
func (w *Wire) Default(kind simulator.Kind) simulator.Refusal {
	if kind != simulator.Throttle {
		return *refuse("InternalError", "The request has failed due to an unknown error.")
	}
	refusal := *refuse(flowLimit, "Request was rejected because of request speeding, Pls try later.")
	// The value is one of the switch's, all of which are numbers; a status of
	// zero would be that of the code.
	refusal.Status, _ = strconv.Atoi(w.cloud.Setting(ThrottleStatus))
	return refusal
}

// denied is the code for what the shared machine denies. A lock has no field in
// any answer: it shows as an error alone. Its word picks the code, as the last
// part of OperationDenied.
func denied(op simulator.Op, d *simulator.Denial) simulator.Refusal {
	var usual *simulator.Refusal
	switch d.Reason {
	case simulator.NotFound:
		usual = refuse("InvalidInstance.NotFound", "The specified instance %s does not exist.", d.ID)
	case simulator.IsBusy:
		usual = resourceLocked(d.ID)
	case simulator.Locked:
		usual = resourceLocked(d.ID)
		if d.Lock == "ResourceCreatedByOtherService" {
			usual = refuse("OperationDenied.ResourceCreatedByOtherService",
				"The specified instance %s is created by another service; see its system tags.", d.ID)
		}
	case simulator.Imaging:
		usual = refuse("OperationDenied.InstanceIsCreatingImage", "An image of the specified instance %s is being created.",
			d.ID)
	case simulator.Repairing:
		usual = refuse("InvalidDedicatedHostStatus.Unsupported",
			"The status of the dedicated host of the instance %s does not support the operation.", d.ID)
	case simulator.SoldOut:
		usual = refuse("Insufficient.InstanceCapacity", "The capacity for the instance %s is insufficient.", d.ID)
	case simulator.ModeRefused:
		usual = refuse("InvalidStoppedMode.InstanceTypeMismatch",
			"The type of the instance %s does not support the specified StoppedMode.", d.ID)
	case simulator.Unpaid:
		usual = wrongState(d.ID, d.Status)
		if op == simulator.OpStart {
			usual = refuse("Insufficient.Balance", "The balance of the account of the instance %s is insufficient.", d.ID)
		}
	case simulator.WrongState, simulator.InBin:
		usual = wrongState(d.ID, d.Status)
	default:
		usual = wrongState(d.ID, d.Status)
	}
	return d.Refusal(*usual)
}

func wrongState(id, status string) *simulator.Refusal {
	return refuse("InvalidInstanceStatus", "The status %s of the specified instance %s does not support the operation.",
		status, id)
}

func resourceLocked(id string) *simulator.Refusal {
	return refuse("OperationDenied.ResourceLocked", "The specified instance %s is locked by another operation.", id)
}

// bare is an error that is not in the shape of the others.
func bare(req *simulator.Request, t *simulator.Trouble) simulator.Answer {
	status := t.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if t.Kind == NoErrorObject {
		answer := simulator.JSON(status, envelope{ResponseMetadata: head(req)})
		answer.Code = "http." + strconv.Itoa(status)
		return answer
	}
	body := struct {
		HTTPCode  int    `json:"HTTPCode"`
		ErrorCode string `json:"errorcode"`
		Message   string `json:"message"`
	}{status, t.Code, t.Message}
	if body.ErrorCode == "" {
		body.ErrorCode = "InternalError"
	}
	answer := simulator.JSON(status, body)
	answer.Code = body.ErrorCode
	return answer
}
