// Package driverkit is the HTTP beneath the vendors' SDKs. It keeps what they
// forget (status, Retry-After, headers, a gateway's page that is not JSON), adds
// the user agent, and never sends a request a second time by itself. It knows
// no cloud; what a code means is the drivers' business.
package driverkit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxBody is the most that is read of an answer. The largest real one, a page
// of 100 instances, stays far below it.
const maxBody = 32 << 20

// Transport is an http.RoundTripper for one driver. Make it with New.
type Transport struct {
	base      http.RoundTripper
	userAgent string
}

var _ http.RoundTripper = (*Transport)(nil)

// New returns a transport that puts userAgent in front of the SDK's own. A nil
// base means a pool of connections of its own, with the proxy of the
// environment and no time limit but for the dial and the TLS handshake: the
// context of a request is its only clock.
func New(userAgent string, base http.RoundTripper) *Transport {
	if base == nil {
		base = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          64,
			MaxIdleConnsPerHost:   32,
			IdleConnTimeout:       60 * time.Second,
			ExpectContinueTimeout: time.Second,
		}
	}
	return &Transport{base: base, userAgent: userAgent}
}

// RoundTrip sends req once. An answer whose body is not a JSON object comes
// back as a *GatewayError, whatever its status, since the SDKs lose the status
// of such an answer and some print it.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = t.prepare(req)
	ex := exchangeOf(req.Context())
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		ex.set(nil, err)
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("it is larger than %d MiB", maxBody>>20)
	}
	closeErr := resp.Body.Close()
	if err == nil {
		err = closeErr
	}
	if err != nil {
		ex.set(resp, err)
		return nil, fmt.Errorf("read the answer (HTTP status %d): %w", resp.StatusCode, err)
	}
	if !isObject(body) {
		err := newGatewayError(resp, body)
		ex.set(resp, err)
		return nil, err
	}
	ex.set(resp, nil)
	// An HTTP client over this transport would follow it with a second request.
	resp.Header.Del("Location")
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// prepare copies req, adds the user agent, and makes net/http unable to replay
// it: a GET that stops an instance would otherwise be sent again by itself when
// a kept-alive connection breaks before the answer.
func (t *Transport) prepare(req *http.Request) *http.Request {
	req = req.Clone(req.Context())
	if t.userAgent != "" {
		agent := t.userAgent
		if own := req.Header.Get("User-Agent"); own != "" {
			agent += " " + own
		}
		req.Header.Set("User-Agent", agent)
	}
	if req.Method != http.MethodPost && (req.Body == nil || req.Body == http.NoBody) {
		// A POST is never replayed, and would go out chunked.
		req.Body = io.NopCloser(eof{})
	}
	req.GetBody = nil
	return req
}

// eof is an empty body that net/http does not know to be empty.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func isObject(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	return len(body) > 0 && body[0] == '{'
}

// Exchange is what the last HTTP exchange of a call said. The zero value means
// that nothing was sent.
type Exchange struct {
	// Status is 0 when no answer came.
	Status int
	// Header is that of the answer.
	Header http.Header
	// Err is why there was no usable answer.
	Err error
}

func (e *Exchange) set(resp *http.Response, err error) {
	if e == nil {
		return
	}
	*e = Exchange{Err: err}
	if resp != nil {
		e.Status, e.Header = resp.StatusCode, resp.Header
	}
}

type exchangeKey struct{}

// Record returns a context whose requests are noted in the Exchange. It is for
// one call at a time: concurrent requests need a Record each.
func Record(ctx context.Context) (context.Context, *Exchange) {
	ex := new(Exchange)
	return context.WithValue(ctx, exchangeKey{}, ex), ex
}

func exchangeOf(ctx context.Context) *Exchange {
	ex, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return ex
}
