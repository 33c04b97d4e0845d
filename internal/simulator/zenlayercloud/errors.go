package zenlayercloud

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The codes of the pages and of the SDK. On the wire a code is the name of the
// SDK's constant, not the constant's value.
const (
	missingParameter = "MISSING_PARAMETER"
	invalidParameter = "INVALID_PARAMETER"

	instanceNotFound = "INVALID_INSTANCE_NOT_FOUND"
	resourceNotFound = "OPERATION_FAILED_RESOURCE_NOT_FOUND"

	notRunning   = "OPERATION_DENIED_INSTANCE_NOT_RUNNING"
	notStopped   = "OPERATION_DENIED_INSTANCE_NOT_STOPPED"
	wrongStatus  = "OPERATION_DENIED_INSTANCE_STATUS"
	isRecycled   = "OPERATION_DENIED_INSTANCE_RECYCLED"
	subscription = "OPERATION_DENIED_INSTANCE_SUBSCRIPTION"
	soldOut      = "RESOURCES_SOLDOUT_INSTANCE_TYPE"

	tooManyRequests = "REQUEST_LIMIT_EXCEEDED"
	internalError   = "INTERNAL_SERVER_ERROR"

	signatureFailure = "AUTHFAILURE_SIGNATURE_FAILURE"
)

// The names of these codes are not public. A client can rely on their HTTP
// status alone.
const (
	accessRefused = "AUTHFAILURE_TOKEN_FAILURE"
	noPermission  = "OPERATION_DENIED_NO_PERMISSION"
)

// statusOf is the HTTP status of a code: 4xx for what the caller can change and
// 5xx for the rest
// (https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/response).
func statusOf(code string) int {
	switch code {
	case instanceNotFound, resourceNotFound:
		return http.StatusNotFound
	case tooManyRequests:
		return http.StatusTooManyRequests
	case internalError:
		return http.StatusInternalServerError
	case "SERVICE_TEMPORARY_UNAVAILABLE":
		return http.StatusServiceUnavailable
	case "REQUEST_TIMED_OUT", "INVALID_OPERATION_TIMEOUT":
		return http.StatusGatewayTimeout
	}
	switch {
	case strings.HasPrefix(code, "AUTHFAILURE_"):
		return http.StatusUnauthorized
	case strings.HasPrefix(code, "OPERATION_DENIED_"), strings.HasPrefix(code, "UNSUPPORTED_OPERATION_"),
		strings.HasPrefix(code, "RESOURCES_SOLDOUT_"), strings.HasPrefix(code, "RESOURCE_INSUFFICIENT_"):
		return http.StatusForbidden
	default:
		return http.StatusBadRequest
	}
}

func refuse(code, format string, args ...any) *simulator.Refusal {
	return &simulator.Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(name, value string) *simulator.Refusal {
	return refuse(invalidParameter, "The value `%s` of `%s` is not valid.", value, name)
}

// errorBody is the shape of an error (SDK source, common/response.go).
type errorBody struct {
	RequestID string `json:"requestId"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// Refuse implements simulator.Wire.
func (w *Wire) Refuse(req *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	status := refusal.Status
	if status == 0 {
		status = statusOf(refusal.Code)
	}
	answer := simulator.JSON(status, errorBody{
		RequestID: req.Call.RequestID, Code: refusal.Code, Message: refusal.Message,
	})
	answer.Code = refusal.Code
	simulator.SetRetryAfter(&answer, refusal)
	return answer
}

// Default implements simulator.Wire. A throttle is told by the status 429 or by
// its code (SDK source, common/ratelimitretry.go). The other default has no
// status, so that a trouble that sets a code alone gets the status of that code.
func (w *Wire) Default(kind simulator.Kind) simulator.Refusal {
	if kind == simulator.Throttle {
		return simulator.Refusal{
			Code: tooManyRequests, Message: "The request rate exceeds the limit.", Status: http.StatusTooManyRequests,
		}
	}
	return *refuse(internalError, "An internal error has occurred.")
}

// denied is the code for what the shared machine denies.
func denied(tx *simulator.Tx, op simulator.Op, d *simulator.Denial) simulator.Refusal {
	id := "instance"
	if tx.Setting(Messages) == WithID {
		id = "instance `" + d.ID + "`"
	}
	var usual *simulator.Refusal
	switch d.Reason {
	case simulator.NotFound:
		usual = refuse(instanceNotFound, "The %s does not exist.", id)
	case simulator.InBin:
		usual = refuse(isRecycled, "The %s is in the recycle bin.", id)
	case simulator.Unpaid:
		usual = refuse(subscription, "The subscription of the %s does not allow the operation.", id)
	case simulator.SoldOut:
		usual = refuse(soldOut, "The type of the %s is sold out.", id)
	case simulator.WrongState, simulator.IsBusy, simulator.Repairing, simulator.Imaging, simulator.Locked,
		simulator.ModeRefused:
		usual = wrongState(op, id, d.Status)
	default:
		usual = wrongState(op, id, d.Status)
	}
	return d.Refusal(*usual)
}

// wrongState is the one code that an action has for a status that it cannot
// start from; that code covers what is busy or locked too, since the pages list
// no other.
func wrongState(op simulator.Op, id, status string) *simulator.Refusal {
	switch {
	case status == recycle || status == recycledWord || status == recycling:
		return refuse(isRecycled, "The %s is in the recycle bin.", id)
	case op == simulator.OpStop:
		return refuse(notRunning, "The %s is not in status RUNNING.", id)
	case op == simulator.OpStart:
		return refuse(notStopped, "The %s is not in status STOPPED.", id)
	default:
		return refuse(wrongStatus, "The status of the %s does not allow the operation.", id)
	}
}
