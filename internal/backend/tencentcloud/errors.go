package tencentcloud

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// callError is the error of a method, with the ids that it was asked for.
// errors.As reaches the vendor's.
type callError struct {
	ids    []string
	redact *strings.Replacer
	err    error
}

func (e *callError) Error() string { return e.clean(e.err.Error()) }

func (e *callError) Unwrap() error { return e.err }

// maxText keeps a text readable: the SDK quotes whole answers that it cannot
// parse.
const maxText = 1000

func (e *callError) clean(text string) string {
	text = e.redact.Replace(text)
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	return text
}

func (d *Driver) fail(ctx context.Context, ids []string, err error, ex *driverkit.Exchange) error {
	return &callError{ids: slices.Clone(ids), redact: d.redact, err: driverkit.Wrap(ctx, err, ex)}
}

// alreadySo reports whether the code says that the one instance asked for is
// where the operation would bring it. StartInstances may answer
// InstanceStateStopped too, which says nothing of the kind.
func alreadySo(op backend.Op, code string) bool {
	switch op {
	case backend.OpStart:
		return code == codeRunning
	case backend.OpStop:
		return code == codeStopped
	case backend.OpReboot:
	}
	return false
}

// requestIDHeader repeats the id of the call (SDK source, parseFromSSE).
const requestIDHeader = "X-TC-RequestId"

// Fault reads an error of this driver. The code decides; the HTTP status is 200
// with nearly every error
// (https://www.tencentcloud.com/document/product/213/31576).
func (*Driver) Fault(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	var call *callError
	if !errors.As(err, &call) {
		return backend.Fault{Kind: backend.KindOther, Message: err.Error()}
	}
	fault, ok := driverkit.Fault(err)
	var wrapped *driverkit.Error
	if errors.As(err, &wrapped) {
		fault.RequestID = wrapped.Exchange.Header.Get(requestIDHeader)
	}
	if !ok {
		fault = readAnswer(fault, err, call.ids)
	}
	fault.Message = call.clean(fault.Message)
	return fault
}

// readAnswer completes a fault that came as JSON.
func readAnswer(fault backend.Fault, err error, ids []string) backend.Fault {
	if errors.Is(err, errIncomplete) {
		// What a call did, or what a listing would have held, is unknown.
		fault.Kind = backend.KindUnavailable
		return fault
	}
	var vendor *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &vendor) {
		return fault
	}
	fault.Message = vendor.Message
	if vendor.RequestId != "" {
		fault.RequestID = vendor.RequestId
	}
	entry, known := lookup(vendor.Code)
	switch {
	case vendor.Code == codeHTTPStatus && fault.Status >= http.StatusBadRequest:
		// No code came, so that the status is all there is.
		entry.kind = kindOfStatus(fault.Status)
	case !known:
		entry.kind = kindOfStatus(fault.Status)
	}
	fault.Kind, fault.Advice = entry.kind, entry.advice
	if vendor.Code == "" || strings.HasPrefix(vendor.Code, clientFamily) {
		// The SDK made it up; the cloud gave no code.
		return fault
	}
	fault.Code = vendor.Code
	fault.IDs = named(vendor.Message, ids)
	fault.Shared = len(ids) > 1 && !entry.wholeCall && mayBeOnes(entry.kind, vendor.Code)
	return fault
}

// kindOfStatus is driverkit.KindOfStatus, but for 404: without a code that says
// so, it tells of a wrong path and not of an instance that is gone.
func kindOfStatus(status int) backend.Kind {
	if kind := driverkit.KindOfStatus(status); kind != backend.KindNotFound {
		return kind
	}
	return backend.KindOther
}

// mayBeOnes reports whether a fault of this kind can be due to one id among
// several. The cloud answers a call as a whole, with one error. A policy may
// permit an operation on some instances alone; keys are the whole call's.
func mayBeOnes(kind backend.Kind, code string) bool {
	switch kind {
	case backend.KindNotFound, backend.KindBusy, backend.KindInvalid, backend.KindOther:
		return true
	case backend.KindDenied:
		return code == codeUnauthorized || strings.HasPrefix(code, codeUnauthorized+".")
	case backend.KindThrottled, backend.KindUnavailable:
	}
	return false
}

var idInText = regexp.MustCompile(`\bins-[0-9a-z]{8,}`)

// named returns those of ids that the text names, in their order: the cloud has
// no other place for them.
func named(text string, ids []string) []string {
	inText := idInText.FindAllString(text, -1)
	var found []string
	for _, id := range ids {
		if slices.Contains(inText, id) {
			found = append(found, id)
		}
	}
	return found
}
