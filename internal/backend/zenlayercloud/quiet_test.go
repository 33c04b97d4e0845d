package zenlayercloud

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const page = `<html><head><title>Bad
 Gateway</title></head><body>no</body></html>`

// trouble is an answer that is not the API's, or none.
type trouble struct {
	name   string
	handle http.HandlerFunc
	want   backend.Kind
	status int
	after  time.Duration
}

func pageOf(t *testing.T, status int, header map[string]string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, _ *http.Request) {
		for key, value := range header {
			w.Header().Set(key, value)
		}
		w.WriteHeader(status)
		write(t, w, page)
	}
}

func hangUp(t *testing.T, text string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, _ *http.Request) {
		hijacker, ok := w.(http.Hijacker)
		if !ok {
			t.Error("the server cannot hang up")
			return
		}
		conn, _, err := hijacker.Hijack()
		if err != nil {
			t.Errorf("hijack: %v", err)
			return
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Logf("write: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Logf("close: %v", err)
		}
	}
}

func troubles(t *testing.T) []trouble {
	t.Helper()
	return []trouble{
		{"a page with 502", pageOf(t, 502, nil), backend.KindUnavailable, 502, 0},
		{
			"a page with 503 and Retry-After", pageOf(t, 503, map[string]string{"Retry-After": "7"}), backend.KindUnavailable,
			503, 7 * time.Second,
		},
		{"a page with 403", pageOf(t, 403, nil), backend.KindDenied, 403, 0},
		{
			"a challenge of the firewall", pageOf(t, 403, map[string]string{"Cf-Mitigated": "challenge"}), backend.KindDenied,
			403, 0,
		},
		{"a page with 451", pageOf(t, 451, nil), backend.KindDenied, 451, 0},
		{"a page with 404", pageOf(t, 404, nil), backend.KindOther, 404, 0},
		{
			"a page with 429", pageOf(t, 429, map[string]string{"Retry-After": "3"}), backend.KindThrottled, 429,
			3 * time.Second,
		},
		{"a page with 200", pageOf(t, 200, nil), backend.KindUnavailable, 200, 0},
		{"an empty answer", func(http.ResponseWriter, *http.Request) {}, backend.KindUnavailable, 200, 0},
		{"a redirect with a page", pageOf(t, 307, map[string]string{"Location": "/elsewhere"}), backend.KindInvalid, 307, 0},
		{"a redirect in JSON", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
			write(t, w, `{"moved":true}`)
		}, backend.KindInvalid, 302, 0},
		{"a throttle with Retry-After", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "11")
			w.WriteHeader(http.StatusTooManyRequests)
			write(t, w, `{"requestId":"r1","code":"REQUEST_LIMIT_EXCEEDED","message":"slow down"}`)
		}, backend.KindThrottled, 429, 11 * time.Second},
		{"a connection closed before the answer", hangUp(t, ""), backend.KindUnavailable, 0, 0},
		{
			"a connection closed within the answer", hangUp(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"requestId\":"),
			backend.KindUnavailable, 200, 0,
		},
	}
}

func TestTroubleOnTheWay(t *testing.T) {
	t.Parallel()
	for _, test := range troubles(t) {
		for _, op := range operations() {
			t.Run(test.name+" to "+op.name, func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, test.handle)
				driver := newDriver(t, VM, c)
				for _, err := range op.do(t, driver, "a", "b") {
					if err == nil {
						t.Fatal("got success, want an error")
					}
					fault := driver.Fault(err)
					if fault.Kind != test.want || fault.Status != test.status || fault.RetryAfter != test.after {
						t.Errorf("got %v, status %d, Retry-After %v, want %v, %d, %v",
							fault.Kind, fault.Status, fault.RetryAfter, test.want, test.status, test.after)
					}
					if fault.Shared {
						t.Error("got Shared, want none: no id is to blame")
					}
					if strings.Contains(fault.Message, "<") {
						t.Errorf("the message is markup: %s", fault.Message)
					}
				}
				if n := len(c.seen()); n != 1 {
					t.Errorf("got %d requests, want 1", n)
				}
			})
		}
	}
}

func TestACanceledContextEndsACallAtOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	arrived := make(chan struct{}, 1)
	c := newCloud(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	driver := newDriver(t, VM, c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := driver.Describe(ctx, []string{"a"})
		done <- err
	}()
	<-arrived
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := driver.Start(ctx, []string{"a"})[0].Err; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if n := len(c.seen()); n != 1 {
		t.Errorf("got %d requests, want 1: nothing is sent under an ended context", n)
	}
}

// capture returns what do prints to stdout and stderr. The SDK's logger keeps
// the stderr of the moment at which its client is made, so do makes its own.
func capture(t *testing.T, do func()) string {
	t.Helper()
	file, err := os.Create(t.TempDir() + "/printed")
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() {
		os.Stdout, os.Stderr = stdout, stderr
		if err := file.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	do()
	printed, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(printed)
}

// It is not parallel: it takes the standard streams of the whole process.
func TestTheSDKPrintsNothing(t *testing.T) {
	t.Setenv("DEBUG", "on")
	all := troubles(t)
	all = append(all,
		trouble{name: "an error", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			write(t, w, `{"code":"OPERATION_DENIED_INSTANCE_STATUS","message":"no"}`)
		}},
		trouble{name: "no JSON after all", handle: func(w http.ResponseWriter, _ *http.Request) { write(t, w, "{]") }},
		trouble{name: "a success", handle: func(w http.ResponseWriter, _ *http.Request) { write(t, w, accepted) }},
	)
	for _, test := range all {
		c := newCloud(t, test.handle)
		printed := capture(t, func() {
			driver := newDriver(t, ZEC, c)
			for _, op := range operations() {
				op.do(t, driver, "a", "b")
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			driver.Start(ctx, []string{"a"})
		})
		if printed != "" {
			t.Errorf("%s: got %q, want nothing printed", test.name, printed)
		}
		if n := len(c.seen()); n != 4 {
			t.Errorf("%s: got %d requests, want 4", test.name, n)
		}
	}

	// The same trouble as the SDK shows it when left alone, so that silence
	// above is known to be ours.
	c := newCloud(t, hangUp(t, ""))
	printed := capture(t, func() {
		client := new(common.Client)
		config := common.NewConfig().WithScheme("http")
		config.Domain = strings.TrimPrefix(c.url, "http://")
		if err := client.WithConfig(config); err != nil {
			t.Fatal(err)
		}
		client.WithCredential(common.NewTokenCredential(testToken))
		if err := client.ApiCall(services[VM].start([]string{"a"}), new(answer)); err == nil {
			t.Error("got success, want an error")
		}
	})
	if !strings.Contains(printed, testToken) || !strings.Contains(printed, "[WARN]") {
		t.Errorf("got %q, want the request and a warning: the test does not see what the SDK prints", printed)
	}
}
