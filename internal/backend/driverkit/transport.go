package driverkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// maxBody is the most that is read of an answer. The largest real one, a page
// of 100 instances, stays far below it.
const maxBody = 32 << 20

// Transport is the http.RoundTripper of one driver. It keeps what the vendors'
// SDKs forget (status, headers, a gateway's page), adds the user agent, and
// never sends a request a second time by itself. Make it with NewTransport.
type Transport struct {
	base http.RoundTripper
	// single is base without a pool: each request has a connection of its own.
	single    http.RoundTripper
	userAgent string
	isAnswer  func(body []byte) bool
	redact    *Redactor

	mu sync.Mutex
	// paged is when the first of the pages came that stood in the place of an
	// answer, with a status of success, since the last answer.
	paged time.Time
}

var _ http.RoundTripper = (*Transport)(nil)

// NewTransport returns a transport that puts userAgent in front of the SDK's
// own. A nil base means NewBase. isAnswer tells the answers of the API from what
// something else sends in their place, and redact is for the text of the latter.
func NewTransport(
	userAgent string,
	base http.RoundTripper,
	isAnswer func(body []byte) bool,
	redact *Redactor,
) *Transport {
	if base == nil {
		base = NewBase()
	}
	t := &Transport{base: base, single: base, userAgent: userAgent, isAnswer: isAnswer, redact: redact}
	if pool, ok := base.(*http.Transport); ok {
		single := pool.Clone()
		single.DisableKeepAlives = true
		t.single = single
	}
	return t
}

// NewBase returns a pool of connections with the proxy of the environment, as
// it is now, and no time limit but for the dial and the TLS handshake: the
// context of a request is its only clock.
func NewBase() *http.Transport {
	proxy := proxyFromEnvironment()
	return &http.Transport{
		Proxy: func(req *http.Request) (*url.URL, error) {
			u, err := proxy(req.URL)
			if err != nil {
				// The error holds the address, which may hold a password.
				return nil, &ProxyError{}
			}
			return u, nil
		},
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			return &ProxyError{Host: proxy.Host, Status: answer.StatusCode}
		},
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		// An answer has one or two kilobytes of them.
		MaxResponseHeaderBytes: 1 << 20,

		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       60 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// unparsable stands for an address of a proxy that does not parse.
const unparsable = "proxy.invalid"

// proxyFromEnvironment returns the proxy of a request, as the variables are now. The
// library takes an address that it cannot parse for a host without a scheme, and would
// look up the host "http", or takes it for none, and would go around the proxy.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	for _, address := range []*string{&config.HTTPSProxy, &config.HTTPProxy} {
		full := *address
		if !strings.Contains(full, "://") {
			full = "http://" + full
		}
		if _, err := url.Parse(full); err != nil {
			*address = unparsable
		}
	}
	proxy := config.ProxyFunc()
	return func(request *url.URL) (*url.URL, error) {
		found, err := proxy(request)
		if found != nil && found.Host == unparsable {
			return nil, &ProxyError{}
		}
		return found, err
	}
}

// proxyPasswords returns the passwords in the variables, as they are written there and as
// they are sent, whether the addresses parse or not.
func proxyPasswords() []string {
	config := httpproxy.FromEnvironment()
	var passwords []string
	for _, address := range []string{config.HTTPSProxy, config.HTTPProxy} {
		user := address[:max(strings.LastIndexByte(address, '@'), 0)]
		if _, behind, ok := strings.Cut(user, "://"); ok {
			user = behind
		}
		_, written, _ := strings.Cut(user, ":")
		passwords = append(passwords, written)
		if sent, err := url.PathUnescape(written); err == nil && sent != written {
			passwords = append(passwords, sent)
		}
	}
	return passwords
}

// ProxyError is a proxy that does not let a request through.
type ProxyError struct {
	// Host is empty where the address of the proxy does not parse.
	Host string
	// Status is the proxy's HTTP status.
	Status int
}

func (e *ProxyError) Error() string {
	if e.Host == "" {
		return "the address of the proxy does not parse"
	}
	return fmt.Sprintf("the proxy %s answered with the HTTP status %d", Visible(e.Host), e.Status)
}

// RoundTrip sends req once. What is no answer of the API comes back as a
// *GatewayError, whatever its status, since the SDKs lose the status of such an
// answer and some print it.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = t.prepare(req)
	ex := exchangeOf(req.Context())
	sent := time.Now()
	base := t.base
	if backend.WantsNewConnection(req.Context()) {
		base = t.single
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		ex.set(req, sent, nil, err)
		return nil, err
	}
	body, err := ReadBody(resp, maxBody+1)
	if err != nil {
		err = fmt.Errorf("the answer cannot be read: %w", err)
	} else if len(body) > maxBody {
		err = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	}
	if err != nil {
		ex.set(req, sent, resp, err)
		return nil, fmt.Errorf("HTTP status %d: %w", resp.StatusCode, err)
	}
	answered := t.isAnswer(body) && !leadsAway(resp.StatusCode)
	again := t.pagedBefore(sent, answered, resp.StatusCode)
	if !answered {
		err := &GatewayError{
			Status: resp.StatusCode,
			Header: resp.Header,
			Title:  titleOf(body, t.redact),
			Again:  again,
		}
		ex.set(req, sent, resp, err)
		return nil, err
	}
	ex.set(req, sent, resp, nil)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// Send is RoundTrip for a driver that makes its requests without an SDK. It returns
// the body of the answer.
func (t *Transport) Send(req *http.Request) ([]byte, error) {
	resp, err := t.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	return ReadBody(resp, maxBody)
}

// leadsAway reports whether a status is none of the API whatever its body: that of
// another protocol, or of a redirect, which an HTTP client over this transport would
// follow with a second request.
func leadsAway(status int) bool {
	return status < http.StatusOK || status >= http.StatusMultipleChoices && status < http.StatusBadRequest
}

// ReadBody reads at most so many bytes of the body of an answer, and closes it. Where
// the server switches to another protocol there is none, but the connection, whose
// reads package net/http lets no context end.
func ReadBody(resp *http.Response, most int64) ([]byte, error) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, resp.Body.Close()
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	return body, errors.Join(err, resp.Body.Close())
}

// pagedBefore notes an answer, or a page with a status of success in the place
// of one, and reports whether another page had come before the request was sent.
func (t *Transport) pagedBefore(sent time.Time, answered bool, status int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case answered:
		t.paged = time.Time{}
	case status >= http.StatusMultipleChoices:
	case t.paged.IsZero():
		t.paged = time.Now()
	default:
		return !sent.Before(t.paged)
	}
	return false
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
		// A POST is never replayed, and would go out chunked. So would any other, on a
		// machine that takes 200 ms to read nothing, without an encoding of its own.
		req.Body, req.TransferEncoding = io.NopCloser(eof{}), []string{"identity"}
	}
	req.GetBody = nil
	return req
}

// eof is an empty body that net/http does not know to be empty.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// HasField returns the isAnswer of an API whose answers are JSON objects with one of
// these names at the top. Another cloud's answer is none, nor is that of a gateway with
// errors of its own.
func HasField(names ...string) func(body []byte) bool {
	return func(body []byte) bool {
		return IsObject(body) && slices.ContainsFunc(names, func(name string) bool { return atTop(body, name) })
	}
}

// atTop reports whether an object has a name. The object may be cut off behind it.
func atTop(body []byte, name string) bool {
	depth, from := 0, -1
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case from >= 0 && c == '\\':
			i++
		case from >= 0 && c == '"':
			rest := bytes.TrimLeft(body[i+1:], " \t\r\n")
			if depth == 1 && string(body[from:i]) == name && bytes.HasPrefix(rest, []byte(":")) {
				return true
			}
			from = -1
		case from >= 0:
		case c == '"':
			from = i + 1
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// IsObject reports whether a body is a JSON object, which may be cut off.
func IsObject(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	return len(body) > 0 && body[0] == '{'
}

// Exchange is the last HTTP exchange of a call. The zero value means that
// nothing was sent.
type Exchange struct {
	// Scheme and Host are those of the request.
	Scheme, Host string
	// Status is 0 when no answer came.
	Status int
	// Header is that of the answer.
	Header http.Header
	// Sent is when the request went out, on the clock of this machine.
	Sent time.Time
	// Err is why there was no usable answer.
	Err error
}

func (e *Exchange) set(req *http.Request, sent time.Time, resp *http.Response, err error) {
	if e == nil {
		return
	}
	*e = Exchange{Scheme: req.URL.Scheme, Host: req.URL.Host, Sent: sent, Err: err}
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
