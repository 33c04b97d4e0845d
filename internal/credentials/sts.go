package credentials

import (
	"context"
	"net/http"
	"strings"
)

// tokenService makes the calls of one cloud's security token service. Its
// fields are functions, so that the linker drops what the SDKs have besides.
type tokenService struct {
	assumeRole     func(ctx context.Context, e endpoint, base Set, role AssumeRole) (Set, error)
	webIdentity    func(ctx context.Context, e endpoint, role WebIdentity, token string) (Set, error)
	callerIdentity func(ctx context.Context, e endpoint, base Set) (account string, err error)
	// expired are the codes for keys that have ended.
	expired []string
	// host returns the host or the URL of the service, and the variable that it
	// comes from; without one it is the cloud's own.
	host func(s System, region string) (text, variable string)
}

// isExpired reports whether an error calls the keys of a call expired.
func (s *tokenService) isExpired(err *Error) bool {
	for _, code := range s.expired {
		if err.Code == code {
			return true
		}
	}
	return false
}

// refusal are the words of a cloud.
type refusal struct {
	code, message, requestID string
}

// refused returns the error for a call that the cloud refused.
func (a *answer) refused(r refusal, secrets []string, advice map[string]string) *Error {
	e := &Error{
		Kind:      Denied,
		Problem:   "the cloud refused",
		Status:    a.status,
		Code:      redact(r.code, secrets),
		Message:   redact(r.message, secrets),
		RequestID: redact(r.requestID, secrets),
	}
	switch {
	case isThrottled(a.status, r.code):
		e.Kind, e.transient = Throttled, true
		e.Problem = "the cloud is limiting the rate of this call"
	case a.status >= http.StatusInternalServerError || isFailure(r.code):
		e.Kind, e.transient = Unavailable, true
		e.Problem = "the token service failed"
	}
	e.Advice = advice[r.code]
	if clock := a.clockAdvice(); clock != "" {
		e.Advice = strings.TrimSpace(e.Advice + " " + clock)
	}
	return e
}

// isThrottled reports whether a code limits the rate: Throttling and
// Throttling.User (Alibaba), RequestLimitExceeded (Tencent), FlowLimitExceeded
// (Volcengine).
func isThrottled(status int, code string) bool {
	return status == http.StatusTooManyRequests || strings.HasPrefix(code, "Throttling") ||
		strings.HasPrefix(code, "RequestLimitExceeded") || strings.Contains(code, "FlowLimit")
}

// lasting are codes of Tencent Cloud that begin with InternalError and mean the
// role.
var lasting = map[string]bool{"InternalError.GetRoleError": true, "InternalError.IllegalRole": true}

// isFailure reports whether a code is the service's own failure.
func isFailure(code string) bool {
	if lasting[code] {
		return false
	}
	return strings.HasPrefix(code, "InternalError") || code == "ServiceUnavailable" || code == "InternalServiceError"
}
