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

func TestPagesOfGateways(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><html><head><TITLE lang=en>\n 502  Bad\tGateway </TITLE></head><body><h1>Sorry</h1></body></html>"
	const title = "502 Bad Gateway"
	refused := "A gateway in front of the API refused the request, not the API itself: check proxies, firewalls and address allow lists between this machine and the cloud."
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		title  string
		want   backend.Fault
	}{
		{"a page of success", http.StatusOK, nil, page, title, backend.Fault{Kind: backend.KindUnavailable}},
		{"a challenge", http.StatusForbidden, http.Header{"Cf-Mitigated": {"challenge"}}, page, title, backend.Fault{Kind: backend.KindDenied, Advice: refused}},
		{"a challenge with another status", http.StatusServiceUnavailable, http.Header{"Cf-Mitigated": {"challenge"}}, page, title, backend.Fault{Kind: backend.KindDenied, Advice: refused}},
		{"a refusal", http.StatusForbidden, nil, page, title, backend.Fault{Kind: backend.KindDenied, Advice: refused}},
		{"a missing page", http.StatusNotFound, nil, page, title, backend.Fault{Kind: backend.KindOther}},
		{"a block for legal reasons", http.StatusUnavailableForLegalReasons, nil, page, title, backend.Fault{Kind: backend.KindDenied, Advice: refused}},
		{"a throttle", http.StatusTooManyRequests, http.Header{"Retry-After": {"9"}}, page, title, backend.Fault{Kind: backend.KindThrottled, RetryAfter: 9 * time.Second}},
		{"a bad gateway", http.StatusBadGateway, nil, page, title, backend.Fault{Kind: backend.KindUnavailable}},
		{"an empty answer", http.StatusServiceUnavailable, http.Header{"Retry-After": {"2"}}, "", "", backend.Fault{Kind: backend.KindUnavailable, RetryAfter: 2 * time.Second}},
		{"a plain text", http.StatusBadGateway, nil, "upstream\n gone", "upstream gone", backend.Fault{Kind: backend.KindUnavailable}},
		{"a page without a title", http.StatusBadGateway, nil, "<p>upstream <b>gone</b></p>", "upstream gone", backend.Fault{Kind: backend.KindUnavailable}},
		{"a long text", http.StatusBadGateway, nil, strings.Repeat("x", 119) + "\u00e9\u00e9", strings.Repeat("x", 119) + "...", backend.Fault{Kind: backend.KindUnavailable}},
		{"an XML error", http.StatusBadGateway, nil, "<Error><Code>Oops</Code></Error>", "Oops", backend.Fault{Kind: backend.KindUnavailable}},
		{"a JSON list", http.StatusOK, nil, "[1]", "[1]", backend.Fault{Kind: backend.KindUnavailable}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, recorded, err := exchange(t, newClient(nil), http.MethodPost, answer(t, test.status, test.header, test.body), strings.NewReader("{}"))
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
			got, ok := driverkit.Fault(driverkit.Wrap(t.Context(), errors.New("invalid character '<'"), recorded))
			if !ok {
				t.Error("the fault is left to the cloud's table")
			}
			want := test.want
			want.Status, want.Message = test.status, gateway.Error()
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("fault (-got +want):\n%s", diff)
			}
		})
	}
}

func TestGatewayErrorText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*driverkit.GatewayError{
		`the answer is not JSON (HTTP status 502, "Bad Gateway")`: {Status: http.StatusBadGateway, Title: "Bad Gateway"},
		`the answer is not JSON (HTTP status 503)`:                {Status: http.StatusServiceUnavailable},
	} {
		if got := err.Error(); got != want {
			t.Errorf("text is %q, want %q", got, want)
		}
	}
}

func TestFaultLeavesAnAPIErrorToTheTable(t *testing.T) {
	t.Parallel()
	vendor := errors.New("InvalidInstanceId.NotFound: no such instance")
	url := answer(t, http.StatusNotFound, http.Header{"Retry-After": {"4"}}, `{"Code":"InvalidInstanceId.NotFound"}`)
	_, recorded, err := exchange(t, newClient(nil), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := driverkit.Wrap(t.Context(), vendor, recorded)
	if !errors.Is(wrapped, vendor) {
		t.Errorf("%v does not reach the vendor's error", wrapped)
	}
	if got, want := wrapped.Error(), vendor.Error(); got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
	got, ok := driverkit.Fault(wrapped)
	want := backend.Fault{Kind: backend.KindNotFound, Status: http.StatusNotFound, RetryAfter: 4 * time.Second, Message: vendor.Error()}
	if ok {
		t.Error("the exchange decides, want the table to")
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("fault (-got +want):\n%s", diff)
	}
}

func TestFaultOfWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"an error of somebody else": errors.New("the dog ate it"),
		"an SDK's own refusal":      driverkit.Wrap(t.Context(), errors.New("the dog ate it"), new(driverkit.Exchange)),
	} {
		got, ok := driverkit.Fault(err)
		want := backend.Fault{Kind: backend.KindOther, Message: "the dog ate it"}
		if ok {
			t.Errorf("%s: the exchange decides, want the table to", name)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: fault (-got +want):\n%s", name, diff)
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
		"the host does not exist": {&net.DNSError{Err: "no such host", Name: "ecs.nowhere.invalid", IsNotFound: true}, backend.KindInvalid, "no such host", "`region`"},
		"nothing listens on this machine": {
			&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8090}, Err: syscall.ECONNREFUSED},
			backend.KindInvalid, "connection refused", "`endpoint`",
		},
		"another machine refuses": {
			&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: syscall.ECONNREFUSED},
			backend.KindUnavailable, "connection refused", "",
		},
		"the resolver fails":        {&net.DNSError{Err: "server misbehaving", Name: "ecs.invalid", IsTemporary: true}, backend.KindUnavailable, "server misbehaving", ""},
		"the connection is refused": {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, backend.KindUnavailable, "connection refused", ""},
		"the connection ends":       {io.EOF, backend.KindUnavailable, "the connection ended before the answer: EOF", ""},
		"the error has no text":     {errors.New(""), backend.KindUnavailable, "the connection ended before the answer", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := roundTripper(func(*http.Request) (*http.Response, error) { return nil, test.err })
			_, recorded, err := exchange(t, newClient(base), http.MethodGet, "http://ecs.invalid/", nil)
			if !errors.Is(err, test.err) {
				t.Errorf("error is %v, want one that is %v", err, test.err)
			}
			got, ok := driverkit.Fault(driverkit.Wrap(t.Context(), errors.New("network error"), recorded))
			if !ok || got.Kind != test.want || got.Status != 0 {
				t.Errorf("fault is %+v, %v, want kind %v without a status", got, ok, test.want)
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

func TestWrap(t *testing.T) {
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
		"keeps the vendor's error":                        {t.Context(), driverkit.Exchange{}, vague},
		"says that the context was canceled":              {canceled, driverkit.Exchange{Err: errors.New("gone")}, context.Canceled},
		"says that the deadline passed":                   {late, driverkit.Exchange{}, context.DeadlineExceeded},
		"says it too when the answer broke off for it":    {late, driverkit.Exchange{Status: http.StatusOK, Err: fmt.Errorf("read: %w", context.DeadlineExceeded)}, context.DeadlineExceeded},
		"keeps the vendor's error where an answer came":   {late, driverkit.Exchange{Status: http.StatusForbidden}, vague},
		"keeps a broken connection's where that came too": {t.Context(), driverkit.Exchange{Status: http.StatusOK, Err: io.ErrUnexpectedEOF}, vague},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := driverkit.Wrap(test.ctx, vague, &test.ex)
			if !errors.Is(got, test.want) {
				t.Errorf("error is %v, want one that is %v", got, test.want)
			}
			var wrapped *driverkit.Error
			if !errors.As(got, &wrapped) || wrapped.Exchange.Status != test.ex.Status {
				t.Errorf("the exchange is lost: %v", got)
			}
			if !errors.Is(test.want, vague) {
				fault, ok := driverkit.Fault(got)
				if !ok || fault.Kind != backend.KindUnavailable {
					t.Errorf("fault is %+v, %v, want unavailable", fault, ok)
				}
			}
		})
	}
	if got := driverkit.Wrap(canceled, nil, new(driverkit.Exchange)); got != nil {
		t.Errorf("no error became %v", got)
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
				wrapped := driverkit.Wrap(ctx, errors.New(err.Error()), recorded)
				if !errors.Is(wrapped, want) {
					t.Errorf("error is %v (recorded %+v), want one that is %v", wrapped, recorded, want)
				}
				if fault, ok := driverkit.Fault(wrapped); !ok || fault.Kind != backend.KindUnavailable {
					t.Errorf("fault is %+v, %v, want unavailable", fault, ok)
				}
			})
		}
	}
}

func TestKindOfStatus(t *testing.T) {
	t.Parallel()
	named := map[int]backend.Kind{
		http.StatusBadRequest:        backend.KindInvalid,
		http.StatusUnauthorized:      backend.KindDenied,
		http.StatusForbidden:         backend.KindDenied,
		http.StatusProxyAuthRequired: backend.KindDenied,
		http.StatusNotFound:          backend.KindNotFound,
		http.StatusRequestTimeout:    backend.KindUnavailable,
		http.StatusTooManyRequests:   backend.KindThrottled,
	}
	for status := range 600 {
		want, ok := named[status]
		if !ok && status >= 500 {
			want = backend.KindUnavailable
		}
		if got := driverkit.KindOfStatus(status); got != want {
			t.Errorf("kind of %d is %v, want %v", status, got, want)
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
