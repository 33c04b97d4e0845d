package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// maxAnswer is the most that is read of an answer, which has a few kilobytes.
const maxAnswer = 256 << 10

// served is how a service is named in errors, with the argument that holds its address,
// and what a user can do where a page comes in the place of its answer.
type served struct{ by, argument, pageAdvice string }

var (
	byTokenService    = served{"a token service", "sts_endpoint", driverkit.AdvicePage("sts_endpoint")}
	byMetadataService = served{"a metadata service", "metadata_endpoint", adviceOtherMachine}
)

const adviceOtherMachine = "Is this machine one of this cloud?"

// answer is what a service returned to one call.
type answer struct {
	served

	status int
	header http.Header
	body   []byte
	// sent is when the call went out, on the clock of this machine.
	sent time.Time
}

// serverTime returns the clock of the server at the answer, and the clock of
// this machine where the answer has no date.
func (a *answer) serverTime() time.Time {
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return a.sent
	}
	return date
}

// errRecorded takes the place of an answer, which the SDK never gets.
var errRecorded = errors.New("the answer was recorded")

// recorder sends the one request of a call and keeps the answer. The SDK above
// it signs and sends, and gets errRecorded: their decoders lose the status and
// the date of an answer, print it, or quote it in errors.
type recorder struct {
	base      http.RoundTripper
	userAgent string
	now       func() time.Time
	answer    *answer
	err       error
}

var _ http.RoundTripper = (*recorder)(nil)

// RoundTrip sends req once, over TLS or to a loopback address.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.answer, r.err = r.send(req); r.err != nil {
		return nil, r.err
	}
	return nil, errRecorded
}

func (r *recorder) send(req *http.Request) (*answer, error) {
	if req.URL.Scheme != "https" && !driverkit.IsLoopback(req.URL.Hostname()) {
		return nil, errPlain
	}
	req = req.Clone(req.Context())
	for name, values := range req.Header {
		// An SDK writes names in lower case, which Get and Set do not find.
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(req.Header, name)
			req.Header[canonical] = values
		}
	}
	if r.userAgent != "" {
		agent := r.userAgent
		if own := req.Header.Get("User-Agent"); own != "" {
			agent += " " + own
		}
		req.Header.Set("User-Agent", agent)
	}
	return fetch(r.base, req, byTokenService, r.now())
}

// errPlain keeps a token or a signature from being sent unencrypted.
var errPlain = errors.New("plain http is allowed to loopback addresses only")

// fetch sends a request and reads the answer. It follows no redirect.
func fetch(transport http.RoundTripper, req *http.Request, from served, sent time.Time) (*answer, error) {
	resp, err := transport.RoundTrip(req) //nolint:bodyclose // ReadBody closes it.
	if err != nil {
		return nil, err
	}
	body, err := driverkit.ReadBody(resp, maxAnswer+1)
	if err != nil {
		return nil, fmt.Errorf("read the answer (HTTP status %d): %w", resp.StatusCode, err)
	}
	a := &answer{served: from, status: resp.StatusCode, header: resp.Header, body: body, sent: sent}
	if len(body) > maxAnswer {
		return nil, a.unreadable(fmt.Sprintf("it is larger than %d KiB", maxAnswer>>10))
	}
	return a, nil
}

// endpoint is where the calls of one cloud's token service go.
type endpoint struct {
	url    *url.URL
	region string
	system System
}

// call sends one request through send, which has an SDK do it. The secrets are those of
// the request, which no error shows.
func (e endpoint) call(
	ctx context.Context, secrets []string, send func(context.Context, http.RoundTripper) error,
) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	rec := &recorder{base: e.system.Transport, userAgent: e.system.UserAgent, now: e.system.Now}
	err := send(ctx, rec)
	switch {
	case rec.answer != nil:
		return rec.answer, nil
	case rec.err != nil:
		return nil, unreachable(e.url.Host, e.url, byTokenService, rec.err, secrets)
	case ctx.Err() != nil:
		return nil, unreachable(e.url.Host, e.url, byTokenService, ctx.Err(), secrets)
	}
	return nil, &Error{Kind: Other, Problem: fmt.Sprintf("the call could not be prepared (%T)", err), err: err}
}

// unreachable is the error for a call without an answer. What no retry cures, such as a
// certificate, a name or a proxy that refuses, has an advice, and is not tried again. An
// answer that came and cannot be used is an error of its own already.
func unreachable(service string, at *url.URL, from served, err error, secrets []string) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	ex := driverkit.Exchange{Scheme: at.Scheme, Host: at.Host, Err: err}
	text, advice, final := driverkit.Unreached(ex, from.argument)
	switch {
	case errors.Is(err, errPlain):
		final = true
	case errors.Is(err, context.DeadlineExceeded):
		text = "there was no answer in time"
	}
	return &Error{
		Kind:      Unavailable,
		Problem:   service + " could not be reached: " + redact(text, secrets),
		Advice:    advice,
		transient: !final,
		err:       err,
	}
}

// The pauses between the attempts of one exchange, before jitter.
const (
	firstRetry  = 500 * time.Millisecond
	maxAttempts = 4
)

// attempt repeats call while it fails for a reason that passes, within the
// limit of one exchange. An exchange changes nothing in the cloud.
func attempt[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeLimit)
	defer cancel()
	pause := firstRetry
	for n := 1; ; n++ {
		result, err := call(ctx)
		var known *Error
		if err == nil || n == maxAttempts || !errors.As(err, &known) || !known.transient {
			return result, err
		}
		timer := time.NewTimer(pause + rand.N(pause/2)) //nolint:gosec // G404: jitter is no secret.
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return result, err
		}
		pause *= 2
	}
}

// decode reads the JSON of an answer. The decoder's error, which quotes the
// answer, is dropped.
func (a *answer) decode(into any) error {
	problem := "it is not the JSON of " + a.by
	if !driverkit.IsObject(a.body) {
		return a.foreign(problem)
	}
	if json.Unmarshal(a.body, into) != nil {
		return a.unreadable(problem)
	}
	return nil
}

// foreign is the error for an answer that is likely none of the service.
func (a *answer) foreign(problem string) *Error {
	failed := a.unreadable(problem)
	failed.Advice = a.pageAdvice
	return failed
}

// unreadable is the error for an answer of another form than documented.
func (a *answer) unreadable(problem string) *Error {
	return &Error{
		Kind:      Unavailable,
		Problem:   fmt.Sprintf("the answer cannot be used: %s (HTTP status %d)", problem, a.status),
		Status:    a.status,
		transient: a.status >= http.StatusInternalServerError,
	}
}

// issued are the keys in an answer.
type issued struct {
	id, secret, token string
	// end is on the server's clock, and so is now, which may be zero.
	end, now time.Time
	account  string
}

// set returns the keys with their end on the clock of this machine. The server's
// clock decides how long they live: from the moment the call was sent, which is
// never too long.
func (a *answer) set(keys issued, secrets []string) (Set, error) {
	for _, field := range []struct{ name, value string }{
		{"key id", keys.id}, {"secret", keys.secret}, {"session token", keys.token},
	} {
		if field.value == "" {
			return Set{}, a.unreadable("it has no " + field.name)
		}
	}
	if keys.end.IsZero() {
		return Set{}, a.unreadable("it has no end of the keys")
	}
	now := keys.now
	if now.IsZero() {
		now = a.serverTime()
	}
	life := keys.end.Sub(now)
	if life <= 0 {
		return Set{}, a.unreadable("the keys ended before they were issued")
	}
	return Set{
		ID: keys.id, Secret: keys.secret, Token: keys.token,
		Expires: a.sent.Add(life), issued: a.sent,
		Account: keys.account, secrets: secrets,
	}, nil
}

// clockOff is how far the clock of this machine is off before it is named: the
// tolerance of Tencent Cloud, the strictest, is five minutes.
const clockOff = 4 * time.Minute

// clockAdvice names a clock that is off, from the date of an answer.
func (a *answer) clockAdvice() string {
	off := a.sent.Sub(a.serverTime()).Round(time.Second)
	switch {
	case off > clockOff:
		return fmt.Sprintf("The clock of this machine is %s ahead of the cloud's: set it right.", off)
	case off < -clockOff:
		return fmt.Sprintf("The clock of this machine is %s behind the cloud's: set it right.", -off)
	}
	return ""
}
