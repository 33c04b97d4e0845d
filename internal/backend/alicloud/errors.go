package alicloud

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// vendorError is what the SDK's ClientError, ServerError and ThrottlingError
// have in common.
type vendorError interface {
	error
	GetCode() *string
	GetRequestId() *string
	GetData() map[string]any
	GetAccessDeniedDetail() map[string]any
}

// callError is the refusal of a whole call, with the ids that it was for.
type callError struct {
	err error
	ids []string
}

func (e *callError) Error() string { return e.err.Error() }

func (e *callError) Unwrap() error { return e.err }

// answerError is a good answer that lacks what it must have. Taken as it is, an
// empty listing would read as instances that are gone.
type answerError struct {
	what      string
	requestID string
}

func (e *answerError) Error() string { return e.what }

func (d *Driver) incomplete(ex *driverkit.Exchange, requestID, what string) error {
	return &driverkit.Error{Err: &answerError{what: d.hide.Replace(what), requestID: requestID}, Exchange: *ex}
}

// itemError is the answer for one id of a call that the cloud took, as the SDK
// would give it for a call of that id alone.
func (d *Driver) itemError(ex *driverkit.Exchange, requestID string, item powerItem) error {
	code, message := string(item.Code), d.hide.Replace(item.Message)
	return &driverkit.Error{
		Err: &openapi.ClientError{
			Code:      dara.String(code),
			Message:   dara.String("code: " + code + ", " + message + " request id: " + requestID),
			RequestId: dara.String(requestID),
			Data:      map[string]any{"Code": code, "Message": message, "RequestId": requestID},
		},
		Exchange: *ex,
	}
}

// hideKeys takes the keys out of a new error of the SDK, before anyone else
// sees it.
func (d *Driver) hideKeys(err error) {
	var (
		client    *openapi.ClientError
		server    *openapi.ServerError
		throttled *openapi.ThrottlingError
	)
	switch {
	case errors.As(err, &client):
		d.hideFields(client.Data, client.Message, client.Detail, client.Description)
	case errors.As(err, &server):
		d.hideFields(server.Data, server.Message, server.Detail, server.Description)
	case errors.As(err, &throttled):
		d.hideFields(throttled.Data, throttled.Message, throttled.Detail, throttled.Description)
	}
}

func (d *Driver) hideFields(data map[string]any, fields ...*string) {
	for _, field := range fields {
		if field != nil {
			*field = d.hide.Replace(*field)
		}
	}
	for key, value := range data {
		if text, ok := value.(string); ok {
			data[key] = d.hide.Replace(text)
		}
	}
}

// vendorCode returns the cloud's code and the HTTP status of err, as far as it
// has them.
func vendorCode(err error) (code string, status int) {
	var wrapped *driverkit.Error
	if errors.As(err, &wrapped) {
		status = wrapped.Exchange.Status
	}
	var vendor vendorError
	if errors.As(err, &vendor) {
		code = text(vendor, "Code", vendor.GetCode())
	}
	return code, status
}

func requestID(err error) string {
	var vendor vendorError
	if errors.As(err, &vendor) {
		return text(vendor, "RequestId", vendor.GetRequestId())
	}
	var incomplete *answerError
	if errors.As(err, &incomplete) {
		return incomplete.requestID
	}
	return ""
}

// text reads one field of an error from the answer, or as the SDK has it, which
// writes "<nil>" for what the answer lacks.
func text(vendor vendorError, name string, fallback *string) string {
	if found, ok := answered(vendor, name); ok {
		return found
	}
	if found := dara.StringValue(fallback); found != "<nil>" {
		return found
	}
	return ""
}

// answered returns a field of the answer's JSON, whose name may begin with a
// small letter.
func answered(vendor vendorError, name string) (string, bool) {
	data := vendor.GetData()
	for _, key := range []string{name, strings.ToLower(name[:1]) + name[1:]} {
		if found, ok := data[key].(string); ok {
			return found, true
		}
	}
	return "", false
}

// Fault reads an error of the driver.
func (d *Driver) Fault(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	var hidden *hiddenError
	if errors.As(err, &hidden) {
		return hidden.fault()
	}
	fault, decided := driverkit.Fault(err)
	var wrapped *driverkit.Error
	if !errors.As(err, &wrapped) {
		return fault
	}
	if !decided {
		fault = readAnswer(err, fault)
	}
	fault.RetryAfter = max(fault.RetryAfter, retryAfter(wrapped.Exchange.Header, fault.Kind))
	return fault
}

// readAnswer adds to fault what the cloud's JSON says.
func readAnswer(err error, fault backend.Fault) backend.Fault {
	fault.RequestID = requestID(err)
	var vendor vendorError
	known := errors.As(err, &vendor)
	if known {
		fault.Code = text(vendor, "Code", vendor.GetCode())
		fault.Message = message(vendor, fault.Status)
	}
	if fault.Code == "" {
		fault.Kind = kindWithoutCode(fault)
		return fault
	}
	entry := lookup(fault.Code)
	if entry.kind != backend.KindOther {
		fault.Kind = entry.kind
	}
	fault.Advice = entry.advice
	if fault.Code == codeNotFound && fault.Status == http.StatusForbidden {
		// With this status it means that the list of ids was empty: nothing
		// that may be read as an instance that is gone.
		fault.Kind = backend.KindInvalid
	}
	if action, ok := vendor.GetAccessDeniedDetail()["AuthAction"].(string); ok && action != "" && fault.Kind == backend.KindDenied {
		fault.Advice = strings.TrimSpace(fault.Advice + " The action that was denied is " + action + ".")
	}
	var call *callError
	if errors.As(err, &call) {
		fault.IDs = named(fault.Message, call.ids)
		fault.Shared = len(call.ids) > 1 && mayBeOnes(fault, entry.about)
	}
	return fault
}

// message is the cloud's own text, without what the SDK puts around it.
func message(vendor vendorError, status int) string {
	if found, ok := answered(vendor, "Message"); ok && found != "" {
		return found
	}
	return "the answer has no message (HTTP status " + strconv.Itoa(status) + ")"
}

// kindWithoutCode classifies a JSON answer that has no code of the cloud: one
// that was cut short, or the JSON of something else on the way.
func kindWithoutCode(fault backend.Fault) backend.Kind {
	switch {
	case fault.Status == http.StatusNotFound:
		return backend.KindOther
	case fault.Status >= http.StatusOK && fault.Status < http.StatusBadRequest:
		// Whether the call took effect is unknown.
		return backend.KindUnavailable
	}
	return fault.Kind
}

// mayBeOnes reports whether one member of a call may be the reason that all of
// it was refused. A policy may permit an operation on some instances alone; what
// is wrong with the key is the whole call's.
func mayBeOnes(fault backend.Fault, subject about) bool {
	switch fault.Kind {
	case backend.KindThrottled, backend.KindUnavailable:
		return false
	case backend.KindDenied:
		return subject != aboutCall && fault.Status != http.StatusUnauthorized
	case backend.KindNotFound, backend.KindBusy, backend.KindInvalid, backend.KindOther:
		return subject != aboutCall
	}
	return false
}

// word is what may be an id in a message.
var word = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9_-]*`)

// named returns those of ids that text names, in their order.
func named(text string, ids []string) []string {
	words := word.FindAllString(text, -1)
	var found []string
	for _, id := range ids {
		if slices.Contains(words, id) {
			found = append(found, id)
		}
	}
	return found
}

// retryAfter reads the cloud's own headers, which count in milliseconds (SDK
// source: x-acs-retry-after becomes the RetryAfter of a ThrottlingError, which
// dara.Sleep takes as milliseconds; TimeLeft of the older headers became the
// same). The buckets' headers come with good answers too, so they count only
// where a call was throttled.
func retryAfter(header http.Header, kind backend.Kind) time.Duration {
	if kind != backend.KindThrottled && kind != backend.KindUnavailable {
		return 0
	}
	wait := milliseconds(header.Get("X-Acs-Retry-After"))
	if kind != backend.KindThrottled {
		return wait
	}
	for _, name := range []string{"X-Ratelimit-User-Api", "X-Ratelimit-User"} {
		for pair := range strings.SplitSeq(header.Get(name), ",") {
			if key, value, ok := strings.Cut(strings.TrimSpace(pair), ":"); ok && key == "TimeLeft" {
				wait = max(wait, milliseconds(value))
			}
		}
	}
	return wait
}

func milliseconds(text string) time.Duration {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0
	}
	return max(0, time.Duration(n)*time.Millisecond)
}
