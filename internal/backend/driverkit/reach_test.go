package driverkit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// newKit is a kit of a cloud with regions and a small table of codes.
func newKit(t *testing.T) *driverkit.Kit {
	t.Helper()
	api := driverkit.API{
		Regional: true,
		Host:     func(region string) (string, error) { return region + ".invalid", nil },
		IsAnswer: driverkit.IsObject,
		Codes: driverkit.Codes{
			Exact: map[string]driverkit.Entry{
				"Gone":     {Kind: backend.KindNotFound, Advice: "Look elsewhere."},
				"Gone 403": {Kind: backend.KindInvalid},
				"Policy":   {Kind: backend.KindDenied, Blame: driverkit.OneID},
				"Key":      {Kind: backend.KindDenied},
				"Late":     {Kind: backend.KindDenied, Clock: true, Advice: "Check the clock."},
				"Action":   {Kind: backend.KindInvalid, Blame: driverkit.WholeCall},
				"Odd":      {Kind: backend.KindOther},
			},
			Families: map[string]driverkit.Entry{
				"Busy":      {Kind: backend.KindBusy},
				"Busy.Disk": {Kind: backend.KindInvalid},
				"Slow.":     {Kind: backend.KindThrottled},
			},
		},
		RequestIDHeader: "X-Request-Id",
	}
	kit, err := api.Open(driverkit.Keys{{Name: "secret_key", Value: "0123456789abcdef"}}, "r-1", driverkit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

// faultOf reads an SDK's error with what was recorded of its exchange.
func faultOf(t *testing.T, err error, recorded *driverkit.Exchange) backend.Fault {
	t.Helper()
	return driverkit.Fault(newKit(t).Fail(t.Context(), recorded, nil, err))
}

func TestPagesOfGateways(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><html><head><TITLE lang=en>\n 502  Bad\tGateway " +
		"</TITLE></head><body><h1>Sorry</h1></body></html>"
	const title = "502 Bad Gateway"
	const (
		refused = driverkit.AdviceGateway
		moved   = "Something redirects the request away from the API: check `endpoint`, and proxies between this machine " +
			"and the cloud."
		login = "A page comes in the place of the API's answer, such as the login page of a network: log in to it, or " +
			"check `endpoint` and proxies."
		proxy = "Put the user name and the password into HTTPS_PROXY (http://user:password@proxy.example.com:3128), or " +
			"except the cloud's host with NO_PROXY."
		odd = "If it stays so, check `endpoint`: something answers there that is not the API, or speaks another " +
			"version of it."
		tls = "Check the scheme and the port of `endpoint`: a port that speaks TLS needs `https://`."
	)
	long := strings.Repeat("x", 991)
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		title  string
		want   backend.Fault
	}{
		{"a page of success", http.StatusOK, nil, page, title, backend.Fault{Kind: backend.KindUnavailable}},
		{
			"a challenge", http.StatusForbidden,
			http.Header{"Cf-Mitigated": {"challenge"}},
			page, title,
			backend.Fault{Kind: backend.KindDenied, Advice: refused},
		},
		{
			"a challenge with another status", http.StatusServiceUnavailable,
			http.Header{"Cf-Mitigated": {"challenge"}},
			page,
			title,
			backend.Fault{Kind: backend.KindDenied, Advice: refused},
		},
		{"a refusal", http.StatusForbidden, nil, page, title, backend.Fault{Kind: backend.KindDenied, Advice: refused}},
		{"a missing page", http.StatusNotFound, nil, page, title, backend.Fault{Kind: backend.KindOther, Advice: odd}},
		{
			"a block for legal reasons", http.StatusUnavailableForLegalReasons, nil, page, title,
			backend.Fault{Kind: backend.KindDenied, Advice: refused},
		},
		{
			"a throttle", http.StatusTooManyRequests,
			http.Header{"Retry-After": {"9"}},
			page, title,
			backend.Fault{Kind: backend.KindThrottled, RetryAfter: 9 * time.Second},
		},
		{"a bad gateway", http.StatusBadGateway, nil, page, title, backend.Fault{Kind: backend.KindUnavailable}},
		{
			"an empty answer", http.StatusServiceUnavailable,
			http.Header{"Retry-After": {"2"}},
			"", "",
			backend.Fault{Kind: backend.KindUnavailable, RetryAfter: 2 * time.Second},
		},
		{
			"a plain text", http.StatusBadGateway, nil, "upstream\n gone", "upstream gone",
			backend.Fault{Kind: backend.KindUnavailable},
		},
		{
			"a page without a title", http.StatusBadGateway, nil, "<p>upstream <b>gone</b></p>", "upstream gone",
			backend.Fault{Kind: backend.KindUnavailable},
		},
		{
			"a long text", http.StatusBadGateway, nil, long + "\u00e9" + long, long[:990] + " ... (cut)",
			backend.Fault{Kind: backend.KindUnavailable},
		},
		{"a redirect", http.StatusFound, nil, page, title, backend.Fault{Kind: backend.KindInvalid, Advice: moved}},
		{
			"a login to the network", http.StatusNetworkAuthenticationRequired, nil, page, title,
			backend.Fault{Kind: backend.KindInvalid, Advice: login},
		},
		{
			"a proxy without a login", http.StatusProxyAuthRequired, nil, page, title,
			backend.Fault{Kind: backend.KindDenied, Advice: proxy},
		},
		{
			"plain HTTP on a port of TLS", http.StatusBadRequest, nil, page, title,
			backend.Fault{Kind: backend.KindInvalid, Advice: tls},
		},
		{
			"an XML error", http.StatusBadGateway, nil, "<Error><Code>Oops</Code></Error>", "Oops",
			backend.Fault{Kind: backend.KindUnavailable},
		},
		{"a JSON list", http.StatusOK, nil, "[1]", "[1]", backend.Fault{Kind: backend.KindUnavailable}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, recorded, err := exchange(
				t,
				newClient(nil),
				http.MethodPost,
				answer(t, test.status, test.header, test.body),
				strings.NewReader("{}"),
			)
			var gateway *driverkit.GatewayError
			if !errors.As(err, &gateway) {
				t.Fatalf("error is %v, want a gateway error", err)
			}
			if gateway.Status != test.status || gateway.Title != test.title {
				t.Errorf("got status %d and title %q, want %d and %q", gateway.Status, gateway.Title, test.status, test.title)
			}
			if recorded.Status != test.status || !errors.Is(recorded.Err, gateway) {
				t.Errorf("recorded %d, %v, want %d and the error", recorded.Status, recorded.Err, test.status)
			}
			// An SDK may lose the error and say something of its own.
			got := faultOf(t, errors.New("invalid character '<'"), recorded)
			want := test.want
			want.Status, want.Message, want.Unreachable = test.status, driverkit.Visible(gateway.Error()), true
			if test.status == http.StatusBadRequest {
				want.Message = recorded.Host + " answered plain HTTP with the status 400, as a port that speaks TLS does"
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("fault (-got +want):\n%s", diff)
			}
		})
	}
}

func TestGatewayErrorText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*driverkit.GatewayError{
		`the answer is not from the API (HTTP status 502, "Bad Gateway")`: {
			Status: http.StatusBadGateway, Title: "Bad Gateway",
		},
		`the answer is not from the API (HTTP status 503)`: {Status: http.StatusServiceUnavailable},
	} {
		if got := err.Error(); got != want {
			t.Errorf("text is %q, want %q", got, want)
		}
	}
}

func TestFaultsOfTheNetwork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		want   backend.Kind
		text   string
		advice string
	}{
		"the host does not exist": {
			&net.DNSError{Err: "no such host", Name: "ecs.nowhere.invalid", IsNotFound: true}, backend.KindInvalid,
			`the host name "ecs.nowhere.invalid" does not exist`, "`region`",
		},
		"nothing listens on this machine": {
			&net.OpError{
				Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8090}, Err: syscall.ECONNREFUSED,
			},
			backend.KindInvalid, "connection refused", "`endpoint`",
		},
		"another machine refuses": {
			&net.OpError{
				Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: syscall.ECONNREFUSED,
			},
			backend.KindUnavailable, "connection refused", "",
		},
		"the resolver fails": {
			&net.DNSError{Err: "server misbehaving", Name: "ecs.invalid", IsTemporary: true}, backend.KindUnavailable,
			"server misbehaving", "",
		},
		"the connection is refused": {
			&net.OpError{Op: "dial", Err: errors.New("connection refused")}, backend.KindUnavailable, "connection refused", "",
		},
		"the connection ends":   {io.EOF, backend.KindUnavailable, "the connection ended before the answer: EOF", ""},
		"the error has no text": {errors.New(""), backend.KindUnavailable, "the connection ended before the answer", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := roundTripper(func(*http.Request) (*http.Response, error) { return nil, test.err })
			_, recorded, err := exchange(t, newClient(base), http.MethodGet, "http://ecs.invalid/", nil)
			if !errors.Is(err, test.err) {
				t.Errorf("error is %v, want one that is %v", err, test.err)
			}
			got := faultOf(t, errors.New("network error"), recorded)
			if !got.Unreachable || got.Kind != test.want || got.Status != 0 {
				t.Errorf("fault is %+v, want unreachable, kind %v without a status", got, test.want)
			}
			if !strings.Contains(got.Message, test.text) {
				t.Errorf("message is %q, want it to say %q", got.Message, test.text)
			}
			if !strings.Contains(got.Advice, test.advice) || (test.advice == "") != (got.Advice == "") {
				t.Errorf("advice is %q, want it to name %q", got.Advice, test.advice)
			}
		})
	}
}

func TestTheContextTakesThePlaceOfTheError(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	vague := errors.New("NETWORK_ERROR")
	for name, test := range map[string]struct {
		ctx  context.Context
		ex   driverkit.Exchange
		want error
	}{
		"not where the context goes on": {t.Context(), driverkit.Exchange{}, vague},
		"when it was canceled": {
			canceled, driverkit.Exchange{Err: errors.New("gone")}, context.Canceled,
		},
		"when its deadline passed": {late, driverkit.Exchange{}, context.DeadlineExceeded},
		"when the answer broke off for it": {
			late,
			driverkit.Exchange{Status: http.StatusOK, Err: fmt.Errorf("read: %w", context.DeadlineExceeded)},
			context.DeadlineExceeded,
		},
		"not where an answer came": {late, driverkit.Exchange{Status: http.StatusForbidden}, vague},
		"not for a connection that broke for another end": {
			t.Context(), driverkit.Exchange{Status: http.StatusOK, Err: io.ErrUnexpectedEOF}, vague,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newKit(t).Fail(test.ctx, &test.ex, nil, vague)
			if !errors.Is(got, test.want) {
				t.Errorf("error is %v, want one that is %v", got, test.want)
			}
			if !errors.Is(test.want, vague) {
				if fault := driverkit.Fault(got); fault.Kind != backend.KindUnavailable {
					t.Errorf("fault is %+v, want unavailable", fault)
				}
			}
		})
	}
}

// TestContextEndsACallInFlight goes through a client to a server, at each stage
// at which a call can hang.
func TestContextEndsACallInFlight(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"within the answer": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"a":`)
			_ = http.NewResponseController(w).Flush()
		},
	} {
		for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
			t.Run(fmt.Sprintf("%s, %v", name, want), func(t *testing.T) {
				t.Parallel()
				hangs := make(chan struct{})
				url := serve(t, func(w http.ResponseWriter, r *http.Request) {
					begin(w)
					close(hangs)
					<-r.Context().Done()
				})
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				if errors.Is(want, context.DeadlineExceeded) {
					parent, cancel = context.WithTimeout(parent, 50*time.Millisecond)
					defer cancel()
				} else {
					go func() {
						<-hangs
						cancel()
					}()
				}
				ctx, recorded := driverkit.Record(parent)
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := newClient(nil).Do(req)
				if err == nil {
					_ = resp.Body.Close()
					t.Fatal("got an answer, want an error")
				}
				// As from an SDK that keeps no more than the text.
				failed := newKit(t).Fail(ctx, recorded, nil, errors.New(err.Error()))
				if !errors.Is(failed, want) {
					t.Errorf("error is %v (recorded %+v), want one that is %v", failed, recorded, want)
				}
				if fault := driverkit.Fault(failed); fault.Kind != backend.KindUnavailable {
					t.Errorf("fault is %+v, want unavailable", fault)
				}
			})
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
		for value, want := range map[string]time.Duration{
			"":                     0,
			"0":                    0,
			"7":                    7 * time.Second,
			"-7":                   0,
			"soon":                 0,
			"1.5":                  0,
			in(90 * time.Second):   90 * time.Second,
			in(-90 * time.Second):  0,
			"18446744074":          0, // As nanoseconds it does not fit, and wraps round to a fraction of a second.
			"99999999999999999999": 0,
		} {
			header := http.Header{}
			if value != "" {
				header.Set("Retry-After", value)
			}
			if got := driverkit.RetryAfter(header); got != want {
				t.Errorf("Retry-After %q is %v, want %v", value, got, want)
			}
		}
		if got := driverkit.RetryAfter(nil); got != 0 {
			t.Errorf("no header at all is %v, want none", got)
		}
	})
}
