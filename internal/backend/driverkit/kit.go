package driverkit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// API is what differs from one cloud to the next, as far as this package goes.
type API struct {
	// Host returns the host that serves the API for a region, which is empty
	// where the cloud has none.
	Host func(region string) (string, error)
	// Regional is set where the cloud has regions.
	Regional bool
	// IsAnswer reports whether a body is an answer of the API, such as that of
	// HasField. What is none comes from something on the way.
	IsAnswer func(body []byte) bool
	// Codes is the table of its error codes.
	Codes Codes
	// Read reads an error of the vendor's SDK. It reports false for one that is
	// not an answer of the API. It may be nil.
	Read func(err error) (APIError, bool)
	// RetryAfter reads a header of its own, beside the standard one. It may be
	// nil.
	RetryAfter func(header http.Header, kind backend.Kind) time.Duration
	// RequestIDHeader repeats the id of the call; it may be empty.
	RequestIDHeader string
}

// Options are what rarely changes. The zero value works.
type Options struct {
	// Endpoint is that of ParseEndpoint; empty means the cloud's own for the
	// region.
	Endpoint string
	// UserAgent is put in front of the SDK's own.
	UserAgent string
	// HTTP is the base transport; nil means NewBase.
	HTTP http.RoundTripper
	// Secrets are further values that no text may show, beside the keys: what
	// these were exchanged for, and the keys before them.
	Secrets []string
}

// Kit is an API for one account and region: where its requests go, and how its
// errors are made and read.
type Kit struct {
	Endpoint Endpoint
	// Region is empty where the cloud has none.
	Region string
	// Transport is what the SDK must send through.
	Transport *Transport

	api    *API
	redact *Redactor
}

// Open returns the kit for an account and region. It makes no request, and fails
// only on what can never work.
func (a *API) Open(keys Keys, region string, opts Options) (*Kit, error) {
	if err := keys.Check(); err != nil {
		return nil, err
	}
	var err error
	if a.Regional {
		if region, err = ParseRegion(region); err != nil {
			return nil, err
		}
	}
	endpoint := Endpoint{Scheme: "https"}
	if opts.Endpoint != "" {
		endpoint, err = ParseEndpoint(opts.Endpoint, region)
	} else {
		endpoint.Host, err = a.Host(region)
	}
	if err != nil {
		return nil, err
	}
	redact := keys.redactor(opts.Secrets)
	return &Kit{
		Endpoint: endpoint, Region: region, Transport: NewTransport(opts.UserAgent, opts.HTTP, a.IsAnswer, redact),
		api: a, redact: redact,
	}, nil
}

// Clean returns a text of the cloud as it may be shown.
func (k *Kit) Clean(text string) string { return k.redact.Clean(text) }

// APIError is an error as the API answers it.
type APIError struct {
	// Code is empty where the answer has none.
	Code, Message, RequestID string
	// Advice is what the answer itself adds to the advice of the code.
	Advice string
}

func (e *APIError) Error() string {
	return fmt.Sprintf("%s: %s (request id %s)", e.Code, e.Message, e.RequestID)
}

// CallError is an error of a driver's method. errors.As reaches the vendor's, or
// the context's.
type CallError struct {
	fault backend.Fault
	err   error
}

// Error returns the text of the error as it may be shown, of at most MaxText bytes.
func (e *CallError) Error() string {
	if e.fault.Code == "" {
		return e.fault.Message
	}
	return Visible(e.fault.Code + ": " + e.fault.Message)
}

// Unwrap returns the vendor's error as it is, which may hold what must not be
// shown.
func (e *CallError) Unwrap() error { return e.err }

// Fail returns the error of a call for ids that failed as a whole. The context's
// own error takes the place of err when that is why the call ended, since not
// every SDK lets errors.Is find it.
func (k *Kit) Fail(ctx context.Context, ex *Exchange, ids []string, err error) error {
	if cause := ctx.Err(); cause != nil && (ex.Status == 0 || ex.Err != nil) {
		err = cause
	}
	return k.fail(*ex, ids, err)
}

// FailOne returns the error of one id of a call that the API took.
func (k *Kit) FailOne(ex *Exchange, answer APIError) error {
	return k.fail(*ex, nil, &answer)
}

// Incomplete returns the error of an answer that lacks what it must have. Taken
// as it is, an empty listing would read as instances that are gone.
func (k *Kit) Incomplete(ex *Exchange, requestID, problem string) error {
	return k.fail(*ex, nil, &incompleteError{problem: problem, requestID: requestID})
}

// Unsent returns the error of a call that the driver does not make.
func (k *Kit) Unsent(problem, advice string) error {
	return &CallError{
		err:   errors.New(problem),
		fault: backend.Fault{Kind: backend.KindInvalid, Unsent: true, Message: problem, Advice: advice},
	}
}

// UnsentMode is Unsent for a stop in a mode that the cloud does not have.
func (k *Kit) UnsentMode(problem, advice string) error {
	return &CallError{err: errors.New(problem), fault: backend.Fault{
		Kind: backend.KindInvalid, Unsent: true, ModeRefused: true, Message: problem, Advice: advice,
	}}
}

// Unexplained returns the error of one id that the cloud lists as failed, with
// no reason. The likeliest is the state of the instance, and an observation tells.
func (k *Kit) Unexplained(ex *Exchange, requestID string) error {
	const problem = "the cloud lists the instance as failed, without a reason"
	return &CallError{err: errors.New(problem), fault: backend.Fault{
		Kind:        backend.KindBusy,
		Unexplained: true,
		Message:     problem,
		RequestID:   k.redact.Clean(requestID),
		Status:      ex.Status,
		Advice: "The cloud listed the instance as failed and gave no reason. If it stays so, see the instance " +
			"in the console.",
	}}
}

// Hidden returns the error of an instance that exists although a listing lacks
// it.
func (k *Kit) Hidden(ex *Exchange, requestID, id, listing, advice string) error {
	problem := id + " exists, but " + listing + " does not show it"
	return &CallError{err: errors.New(problem), fault: backend.Fault{
		Kind:      backend.KindDenied,
		Message:   problem,
		RequestID: k.redact.Clean(requestID),
		Status:    ex.Status,
		Advice:    advice,
	}}
}

type incompleteError struct{ problem, requestID string }

func (e *incompleteError) Error() string { return "the answer is incomplete: " + e.problem }

// fail reads the error at once, while all of its text is at hand: the ids that
// it names may stand behind what is shown of it.
func (k *Kit) fail(ex Exchange, ids []string, err error) error {
	fault := k.read(ex, ids, err)
	for _, text := range []*string{&fault.Code, &fault.Message, &fault.RequestID, &fault.Advice} {
		*text = k.redact.Clean(*text)
	}
	return &CallError{fault: fault, err: err}
}

func (k *Kit) read(ex Exchange, ids []string, err error) backend.Fault {
	if ended(err) {
		return backend.Fault{Kind: backend.KindUnavailable, Status: ex.Status, Unreachable: true, Message: err.Error()}
	}
	if ex.Err != nil {
		fault := unreached(ex, k.api.Regional)
		fault.RequestID = ex.Header.Get(k.api.RequestIDHeader)
		return fault
	}
	var incomplete *incompleteError
	if !errors.As(err, &incomplete) && ex.Status == 0 {
		return backend.Fault{Kind: backend.KindOther, Unsent: true, Message: err.Error()}
	}
	fault := backend.Fault{Status: ex.Status, RequestID: ex.Header.Get(k.api.RequestIDHeader)}
	answer, answered := k.answer(err)
	switch {
	case incomplete != nil:
		fault.Kind, fault.Message, fault.Advice = backend.KindUnavailable, err.Error(), adviceMalformed
		fault.RequestID = First(incomplete.requestID, fault.RequestID)
	case answered && answer.Code != "":
		entry := k.api.Codes.read(answer.Code, ex.Status)
		fault.Kind, fault.Advice, fault.Code = entry.Kind, entry.Advice, answer.Code
		fault.ModeRefused = entry.ModeRefused
		if off := ex.clockOff(); entry.Clock && off != "" {
			fault.Advice = joined(fault.Advice, off)
		}
		if fault.Shared = len(ids) > 1 && entry.mayBeOne(); fault.Shared {
			fault.IDs = named(answer.Message, ids)
		}
	default:
		fault.Kind, fault.Advice = withoutCode(ex.Status)
		if !answered {
			answer.Message = "the answer cannot be read: " + err.Error()
		}
	}
	if answer.Advice != "" {
		fault.Advice = joined(fault.Advice, answer.Advice)
	}
	fault.RequestID = First(answer.RequestID, fault.RequestID)
	if fault.Message == "" {
		fault.Message = First(answer.Message, fmt.Sprintf("the answer has no message (HTTP status %d)", ex.Status))
	}
	fault.RetryAfter = RetryAfter(ex.Header)
	if k.api.RetryAfter != nil {
		fault.RetryAfter = max(fault.RetryAfter, k.api.RetryAfter(ex.Header, fault.Kind))
	}
	return fault
}

func (k *Kit) answer(err error) (APIError, bool) {
	var own *APIError
	if errors.As(err, &own) {
		return *own, true
	}
	if k.api.Read == nil {
		return APIError{}, false
	}
	return k.api.Read(err)
}

// withoutCode classifies an answer in the API's form that has no code: one that
// was cut short, or that of something else on the way. After a status of success
// whether the call took effect is unknown.
func withoutCode(status int) (backend.Kind, string) {
	kind := kindOfStatus(status)
	switch {
	case status < http.StatusBadRequest:
		return backend.KindUnavailable, adviceMalformed
	case kind == backend.KindDenied:
		return kind, AdviceGateway
	case kind == backend.KindThrottled:
		return kind, ""
	}
	return kind, adviceMalformed
}

// Fault reads an error of a driver. One of somebody else is of no kind.
func Fault(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	var call *CallError
	if errors.As(err, &call) {
		fault := call.fault
		fault.IDs = slices.Clone(fault.IDs)
		return fault
	}
	return backend.Fault{Kind: backend.KindOther, Message: Visible(err.Error())}
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
