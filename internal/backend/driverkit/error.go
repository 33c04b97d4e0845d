package driverkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Error is a vendor's error together with the exchange that it came from.
// errors.As reaches the vendor's.
type Error struct {
	Err      error
	Exchange Exchange
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Wrap returns err with the exchange, or nil when err is nil. The context's own
// error takes the place of err when that is why the call ended, since not every
// SDK lets errors.Is find it.
func Wrap(ctx context.Context, err error, ex *Exchange) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil && (ex.Status == 0 || ex.Err != nil) {
		err = cause
	}
	return &Error{Err: err, Exchange: *ex}
}

// GatewayError is an answer that did not come from the API: the page of a load
// balancer, a firewall or a proxy.
type GatewayError struct {
	Status int
	Header http.Header
	// Title is that of an HTML page, or the start of a plain text; it may be
	// empty.
	Title string
}

func (e *GatewayError) Error() string {
	text := fmt.Sprintf("the answer is not JSON (HTTP status %d", e.Status)
	if e.Title != "" {
		text += ", " + strconv.Quote(e.Title)
	}
	return text + ")"
}

var (
	title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

const maxTitle = 120

func newGatewayError(resp *http.Response, body []byte) *GatewayError {
	text := string(body)
	if m := title.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = strings.Join(strings.Fields(tag.ReplaceAllString(text, " ")), " ")
	if len(text) > maxTitle {
		text = strings.ToValidUTF8(text[:maxTitle], "") + "..."
	}
	return &GatewayError{Status: resp.StatusCode, Header: resp.Header, Title: text}
}

// Fault reads what the exchange alone tells of err: a driver asks it first for
// what its own table cannot know, and fills in code and request id. ok is false
// when the cloud itself answered in JSON, so that its code decides.
func Fault(err error) (fault backend.Fault, ok bool) {
	var wrapped *Error
	if !errors.As(err, &wrapped) {
		return backend.Fault{Kind: backend.KindOther, Message: err.Error()}, false
	}
	ex := wrapped.Exchange
	fault = backend.Fault{
		Kind:       KindOfStatus(ex.Status),
		Status:     ex.Status,
		RetryAfter: RetryAfter(ex.Header),
		Message:    wrapped.Err.Error(),
	}
	if errors.Is(wrapped.Err, context.Canceled) || errors.Is(wrapped.Err, context.DeadlineExceeded) {
		fault.Kind = backend.KindUnavailable
		return fault, true
	}
	if ex.Err == nil {
		// The cloud's code decides, or the SDK refused before anything was
		// sent.
		return fault, false
	}
	fault.Message = ex.Err.Error()
	var gateway *GatewayError
	if errors.As(ex.Err, &gateway) {
		return gatewayFault(fault, gateway), true
	}
	fault.Kind = backend.KindUnavailable
	var dns *net.DNSError
	if errors.As(ex.Err, &dns) && dns.IsNotFound {
		fault.Kind = backend.KindInvalid
		fault.Advice = "The host name of the API does not exist: check `region` (or `endpoint`), and that this machine can resolve public names."
	}
	if refusedHere(ex.Err) {
		fault.Kind = backend.KindInvalid
		fault.Advice = "Nothing listens at that address of this machine: start what serves it, such as the simulator, or correct `endpoint`."
	}
	if fault.Message == "" || errors.Is(ex.Err, io.EOF) {
		fault.Message = "the connection ended before the answer: " + ex.Err.Error()
	}
	return fault, true
}

// refusedHere reports whether this machine itself refused the connection. A cloud
// that does so may be back in a moment; a program that does not run will not.
func refusedHere(err error) bool {
	var op *net.OpError
	if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) {
		return false
	}
	address, ok := op.Addr.(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

// gatewayFault reads a page that is not the API's. A 2xx page is a fault too:
// whether the call took effect is unknown.
func gatewayFault(fault backend.Fault, gateway *GatewayError) backend.Fault {
	switch {
	case gateway.Status < http.StatusMultipleChoices:
		fault.Kind = backend.KindUnavailable
	case gateway.Status < http.StatusBadRequest:
		fault.Kind = backend.KindInvalid
		fault.Advice = "Something redirects the request away from the API: check `endpoint`, and proxies between this machine and the cloud."
	case gateway.Status == http.StatusNotFound:
		// A page that does not exist says nothing about an instance.
		fault.Kind = backend.KindOther
	}
	blocked := gateway.Header.Get("Cf-Mitigated") != "" || gateway.Status == http.StatusUnavailableForLegalReasons
	if blocked {
		fault.Kind = backend.KindDenied
	}
	if fault.Kind == backend.KindDenied {
		fault.Advice = "A gateway in front of the API refused the request, not the API itself: check proxies, firewalls and address allow lists between this machine and the cloud."
	}
	return fault
}

// KindOfStatus classifies an answer whose code no table knows. A status of 0,
// where nothing was sent or no answer came, is Other.
func KindOfStatus(status int) backend.Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return backend.KindDenied
	case status == http.StatusNotFound:
		return backend.KindNotFound
	case status == http.StatusRequestTimeout:
		return backend.KindUnavailable
	case status == http.StatusTooManyRequests:
		return backend.KindThrottled
	case status == http.StatusBadRequest:
		return backend.KindInvalid
	case status >= http.StatusInternalServerError:
		return backend.KindUnavailable
	}
	return backend.KindOther
}

// RetryAfter reads the standard header: seconds, or a date. It returns 0 when
// there is none that makes sense.
func RetryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
