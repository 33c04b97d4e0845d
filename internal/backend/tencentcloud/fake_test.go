package tencentcloud

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	testID    = "AKIDtestSecretId0001"
	testKey   = "testSecretKey0000001"
	testToken = "testSecurityToken001"
	id1       = "ins-aaaaaaa1"
	id2       = "ins-bbbbbbb2"
	id3       = "ins-ccccccc3"
)

func testCredentials() Credentials {
	return Credentials{SecretID: testID, SecretKey: testKey, Token: testToken}
}

// call is one request that the fake got.
type call struct {
	Action string
	Body   string
	Path   string
	Header http.Header
}

// fake is a server that notes each request before its handler answers.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

func newFake(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, c call)) *fake {
	t.Helper()
	f := new(fake)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		c := call{Action: r.Header.Get("X-Tc-Action"), Body: string(body), Path: r.URL.Path, Header: r.Header}
		f.mu.Lock()
		f.calls = append(f.calls, c)
		f.mu.Unlock()
		answer(w, r, c)
	}))
	t.Cleanup(f.Close)
	return f
}

// says is a handler that always gives the same answer.
func says(status int, body string) func(http.ResponseWriter, *http.Request, call) {
	return func(w http.ResponseWriter, _ *http.Request, _ call) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func (f *fake) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call(nil), f.calls...)
}

// only returns the one request that came, and fails on any other number.
func (f *fake) only(t *testing.T) call {
	t.Helper()
	calls := f.seen()
	if len(calls) != 1 {
		t.Fatalf("got %d requests, want 1", len(calls))
	}
	return calls[0]
}

func (f *fake) driver(t *testing.T) *Driver {
	t.Helper()
	d, err := New(testCredentials(), "ap-guangzhou", Options{
		Endpoint: f.URL, UserAgent: "terraform-provider-instance/0.1.0 (+https://example.com) Terraform/1.11.4",
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return d
}

// failure is an error of the API. It is for ASCII texts only.
func failure(code, message string) string {
	return fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":%q},"RequestId":"req-1"}}`, code, message)
}

const accepted = `{"Response":{"RequestId":"req-1","TaskId":"1234","flowId":7}}`

// stopOne is the call that most tests of errors use.
func stopOne(t *testing.T, d *Driver) backend.Outcome {
	t.Helper()
	return stopAll(t, d, id1)[0]
}

func stopAll(t *testing.T, d *Driver, ids ...string) []backend.Outcome {
	t.Helper()
	outcomes := d.Stop(t.Context(), ids, backend.StopOptions{})
	if got, want := len(outcomes), len(ids); got != want {
		t.Fatalf("got %d outcomes, want %d", got, want)
	}
	return outcomes
}
