package driverkit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// exchange sends one request through a transport and returns the body of the
// answer, the error as an SDK's http.Client has it, and what was recorded.
func exchange(
	t *testing.T,
	client *http.Client,
	method, url string,
	body io.Reader,
) (string, *driverkit.Exchange, error) {
	t.Helper()
	ctx, recorded := driverkit.Record(t.Context())
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "sdk/1.0")
	resp, err := client.Do(req)
	if err != nil {
		return "", recorded, err
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}()
	got, err := io.ReadAll(resp.Body)
	return string(got), recorded, err
}

func newTransport(agent string, base http.RoundTripper) *driverkit.Transport {
	return driverkit.NewTransport(agent, base, driverkit.IsObject, driverkit.NewRedactor())
}

func newClient(base http.RoundTripper) *http.Client {
	return &http.Client{Transport: newTransport("provider/0.1", base)}
}

// serve is a server that gives one answer.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(t *testing.T, status int, header http.Header, body string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	})
}

func TestJSONPassesUntouched(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"an object":                   `{"Response":{"RequestId":"r-1"}}`,
		"an object after white space": "\r\n\t {\"a\":1}\n",
		"an object after a BOM":       "\ufeff{\"a\":1}",
		"an empty object":             "{}",
		"an object that is cut short": `{"a":`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusServiceUnavailable} {
				got, recorded, err := exchange(
					t,
					newClient(nil),
					http.MethodPost,
					answer(t, status, nil, body),
					strings.NewReader("{}"),
				)
				if err != nil || got != body {
					t.Errorf("status %d: got %q, %v, want %q", status, got, err, body)
				}
				if recorded.Status != status || recorded.Err != nil {
					t.Errorf("recorded %d, %v, want %d and no error", recorded.Status, recorded.Err, status)
				}
			}
		})
	}
}

func TestHeadersAreRecorded(t *testing.T) {
	t.Parallel()
	url := answer(t, http.StatusTooManyRequests, http.Header{"Retry-After": {"3"}, "X-Request-Id": {"r-1"}}, "{}")
	_, recorded, err := exchange(t, newClient(nil), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := recorded.Header.Get("X-Request-Id"), "r-1"; got != want {
		t.Errorf("header is %q, want %q", got, want)
	}
	if got, want := driverkit.RetryAfter(recorded.Header).Seconds(), 3.0; got != want {
		t.Errorf("retry after is %v s, want %v s", got, want)
	}
}

func TestWithoutARecord(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, answer(t, http.StatusOK, nil, "{}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := newTransport("", nil).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestLastExchangeIsRecorded(t *testing.T) {
	t.Parallel()
	ctx, recorded := driverkit.Record(t.Context())
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, answer(t, status, nil, "{}"), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := newTransport("", nil).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, want := recorded.Status, http.StatusOK; got != want {
		t.Errorf("status is %d, want that of the last, %d", got, want)
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	agents := make(chan string, 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		agents <- r.UserAgent()
		_, _ = io.WriteString(w, "{}")
	})
	for _, test := range []struct{ ours, sdk, want string }{
		{"provider/0.1", "sdk/1.0", "provider/0.1 sdk/1.0"},
		{"provider/0.1", "", "provider/0.1"},
		{"", "sdk/1.0", "sdk/1.0"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.sdk != "" {
			req.Header.Set("User-Agent", test.sdk)
		}
		before := req.Header.Clone()
		resp, err := newTransport(test.ours, nil).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := <-agents; got != test.want {
			t.Errorf("user agent is %q, want %q", got, test.want)
		}
		if diff := cmp.Diff(req.Header, before); diff != "" {
			t.Errorf("the caller's request was changed (-got +want):\n%s", diff)
		}
	}
}

// TestRequestsArriveAsTheyAre holds what a signature or a strict server may
// depend on.
func TestRequestsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	type arrived struct {
		Method, Body string
		Length       int64
		Encoding     []string
	}
	requests := make(chan arrived, 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		requests <- arrived{r.Method, string(body), r.ContentLength, r.TransferEncoding}
		_, _ = io.WriteString(w, "{}")
	})
	for _, test := range []struct {
		method string
		body   io.Reader
		want   arrived
	}{
		{http.MethodGet, nil, arrived{Method: http.MethodGet}},
		{http.MethodGet, http.NoBody, arrived{Method: http.MethodGet}},
		{http.MethodPost, nil, arrived{Method: http.MethodPost}},
		{http.MethodPost, strings.NewReader(""), arrived{Method: http.MethodPost}},
		{http.MethodPost, strings.NewReader(`{"a":1}`), arrived{Method: http.MethodPost, Body: `{"a":1}`, Length: 7}},
	} {
		if _, _, err := exchange(t, newClient(nil), test.method, url, test.body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(<-requests, test.want); diff != "" {
			t.Errorf("%s arrived otherwise (-got +want):\n%s", test.method, diff)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", "<html></html>", ""} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				t.Errorf("a signed request was sent on to %s", r.URL)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
			_, _ = io.WriteString(w, body)
		})
		_, recorded, err := exchange(t, newClient(nil), http.MethodGet, url+"/", nil)
		var page *driverkit.GatewayError
		if !errors.As(err, &page) || recorded.Status != http.StatusFound {
			t.Errorf("%s: got %v, status %d, want an answer that is not the API's, and %d", body, err, recorded.Status,
				http.StatusFound)
		}
	}
}

// endless is a body that goes on; it counts what is read of it.
type endless struct {
	read, limit int64
	closed      bool
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read >= e.limit {
		return 0, io.EOF
	}
	p[0] = '{'
	e.read += int64(len(p))
	return len(p), nil
}

func (e *endless) Close() error {
	e.closed = true
	return nil
}

type roundTripper func(req *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestBodyOverTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 32 << 20
	body := &endless{limit: 2 * limit}
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: body, Request: req}, nil
	})
	_, recorded, err := exchange(t, newClient(base), http.MethodGet, "http://api.invalid/", nil)
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error is %v, want one that says that the answer is too large", err)
	}
	if recorded.Err == nil || recorded.Status != http.StatusOK {
		t.Errorf("recorded %d, %v, want the status and the error", recorded.Status, recorded.Err)
	}
	if got := body.read; got > limit+1<<20 {
		t.Errorf("read %d bytes, want not much more than %d", got, limit)
	}
	if !body.closed {
		t.Error("the body was not closed, so that its connection stays open")
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"a":`)
	})
	_, recorded, err := exchange(t, newClient(nil), http.MethodGet, url, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || recorded.Status != http.StatusOK {
		t.Errorf("got %v, status %d, want %v and the status", err, recorded.Status, io.ErrUnexpectedEOF)
	}
}

func TestConcurrentCallsKeepTheirRecords(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Number"))
		_, _ = io.WriteString(w, "{}")
	})
	client := newClient(nil)
	errs := make(chan error)
	const callers = 16
	for i := range callers {
		go func() { errs <- echo(t.Context(), client, url, fmt.Sprint(i)) }()
	}
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func echo(ctx context.Context, client *http.Client, url, number string) error {
	ctx, recorded := driverkit.Record(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Number", number)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if got := recorded.Header.Get("X-Echo"); got != number {
		err = fmt.Errorf("recorded the exchange of %s, want %s", got, number)
	}
	return errors.Join(err, resp.Body.Close())
}

// TestAProxyVariableThatDoesNotParseIsNamedAsOne: the library would look up the host
// "http", or go around the proxy.
func TestAProxyVariableThatDoesNotParseIsNamedAsOne(t *testing.T) {
	t.Setenv("NO_PROXY", "direct.example.com")
	for _, address := range []string{
		"http://user:secret@[bad:3128", "http://user:100%secret@proxy.example.com:3128",
		"user:100%secret@proxy.example.com:3128", "http://proxy.example.com:3128\n", "http://proxy.example.com:31x28",
	} {
		t.Setenv("HTTPS_PROXY", address)
		for host, refused := range map[string]bool{"api.example.com": true, "direct.example.com": false} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			_, err = driverkit.NewBase().Proxy(req)
			var proxy *driverkit.ProxyError
			if errors.As(err, &proxy) != refused {
				t.Errorf("%q: %s: got the error %v, want one of the proxy: %t", address, host, err, refused)
			}
			if refused && proxy != nil && proxy.Error() != "the address of the proxy does not parse" {
				t.Errorf("%q: got %q", address, proxy.Error())
			}
		}
	}
}

// TestAProxyVariableMayLeaveOutTheScheme: the proxy is then one of HTTP.
func TestAProxyVariableMayLeaveOutTheScheme(t *testing.T) {
	for address, want := range map[string]string{
		"proxy.example.com:3128": "http://proxy.example.com:3128", "[::1]:3128": "http://[::1]:3128",
		"user:a%25b@proxy.example.com": "http://user:a%25b@proxy.example.com", "socks5://proxy": "socks5://proxy",
	} {
		t.Setenv("HTTPS_PROXY", address)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := driverkit.NewBase().Proxy(req); err != nil || got == nil || got.String() != want {
			t.Errorf("%q: got %v and the error %v, want %s", address, got, err, want)
		}
	}
}
