package tencentcloud

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// stateCodes are the states for which the API has a code of its own, and its
// last part (SDK source, errors.go).
func stateCodes() map[string]string {
	return map[string]string{
		pending: "Pending", running: "Running", stopped: "Stopped", starting: "Starting", stopping: "Stopping",
		rebooting: "Rebooting", shutdown: "Shutdown", terminating: "Terminating", rescueMode: "RescueMode",
		"LAUNCH_FAILED": "LaunchFailed", "ENTER_RESCUE_MODE": "EnterRescueMode", "EXIT_RESCUE_MODE": "ExitRescueMode",
		"ENTER_SERVICE_LIVE_MIGRATE": "EnterServiceLiveMigrate", migrating: "ServiceLiveMigrate",
		"EXIT_SERVICE_LIVE_MIGRATE": "ExitServiceLiveMigrate", "FREEZING": "Freezing", "BANNING": "Banning",
		"CORRUPTED": "Corrupted", "ISOLATING": "Isolating", "TERMINATED": "Terminated",
	}
}

func refuse(code, format string, args ...any) *simulator.Refusal {
	return &simulator.Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

func missing(parameter string) *simulator.Refusal {
	return refuse("MissingParameter", "The request is missing a required parameter `%s`.", parameter)
}

// errorBody is the shape of an error; see
// https://cloud.tencent.com/document/api/213/30435.
type errorBody struct {
	Response struct {
		Error struct {
			Code    string
			Message string
		}
		RequestID string `json:"RequestId"`
	}
}

// Refuse implements simulator.Wire. Errors have HTTP status 200 unless a
// trouble dictates another.
func (w *Wire) Refuse(req *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	var body errorBody
	body.Response.Error.Code = refusal.Code
	body.Response.Error.Message = refusal.Message
	body.Response.RequestID = req.Call.RequestID
	status := refusal.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer := simulator.JSON(status, body)
	answer.Code = refusal.Code
	simulator.SetRetryAfter(&answer, refusal)
	return answer
}

// Default implements simulator.Wire.
func (w *Wire) Default(kind simulator.Kind) simulator.Refusal {
	if kind == simulator.Throttle {
		return *refuse("RequestLimitExceeded",
			"Your current request times equals to the limit of the API in a second, please slow down.")
	}
	return *refuse("InternalError",
		"An internal error has occurred. Retry your request, but if the problem persists, contact us.")
}

// denied is the code for what the shared machine denies. State errors end
// with a fragment of the request id, as the service is seen to do.
func denied(req *simulator.Request, d *simulator.Denial) simulator.Refusal {
	fragment, _, _ := strings.Cut(req.Call.RequestID, "-")
	var usual *simulator.Refusal
	switch d.Reason {
	case simulator.NotFound:
		usual = notFound([]string{d.ID})
	case simulator.IsBusy, simulator.Repairing, simulator.Imaging:
		usual = refuse("MutexOperation.TaskRunning", "Another task of the instance `%s` is running. (%s)", d.ID, fragment)
	case simulator.Locked:
		usual = refuse("UnsupportedOperation.InstanceStateBanning",
			"The instance `%s` is banned (`%s`), which prohibits the operation. (%s)", d.ID, d.Lock, fragment)
	case simulator.SoldOut:
		usual = refuse("ResourceInsufficient.SpecifiedInstanceType",
			"The resources of the specified instance type of `%s` are insufficient. (%s)", d.ID, fragment)
	case simulator.ModeRefused:
		usual = unsupportedMode(d.ID, fragment)
	case simulator.WrongState, simulator.Unpaid, simulator.InBin:
		usual = wrongState(d.ID, d.Status, fragment)
	default:
		usual = refuse("UnsupportedOperation", "The instance `%s` does not support the operation. (%s)", d.ID, fragment)
	}
	return d.Refusal(*usual)
}

func wrongState(id, status, fragment string) *simulator.Refusal {
	code := "UnsupportedOperation"
	if part, ok := stateCodes()[status]; ok {
		code += ".InstanceState" + part
	}
	return refuse(code, "The instance `%s` in the state `%s` does not support the operation. (%s)", id, status, fragment)
}

func unsupportedMode(id, fragment string) *simulator.Refusal {
	return refuse("UnsupportedOperation.StoppedModeStopCharging",
		"The instance `%s` does not support `STOP_CHARGING`. (%s)", id, fragment)
}

// notFound names the ids as the service is seen to do: a list in backticks,
// each in single quotes.
func notFound(ids []string) *simulator.Refusal {
	return refuse("InvalidInstanceId.NotFound", "The instance IDs `['%s']` do not exist.", strings.Join(ids, "', '"))
}

// legacyNumber stands for the numbers that the codes had beside their names;
// all that a client may count on is that it is not zero.
const legacyNumber = 5000

// legacyError answers in the shape of the API before version 3, which the SDK
// parses too (SDK source, common/http/response.go).
func legacyError(t *simulator.Trouble) simulator.Answer {
	body := struct {
		Code     int    `json:"code"`
		CodeDesc string `json:"codeDesc"`
		Message  string `json:"message"`
	}{Code: legacyNumber, CodeDesc: t.Code, Message: t.Message}
	if body.CodeDesc == "" {
		body.CodeDesc = "InternalError"
	}
	answer := simulator.JSON(http.StatusOK, body)
	answer.Code = body.CodeDesc
	return answer
}
