package zenlayercloud

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	testKeyID    = "test-access-key-id"
	testPassword = "test-access-key-password"
	testToken    = "test-access-token-value"
	testAgent    = "terraform-provider-instance/test"
)

// call is one request as the server saw it.
type call struct {
	path   string
	header http.Header
	body   string
}

// body is what any of the four actions may ask.
type body struct {
	InstanceIDs   []string `json:"instanceIds"`
	ForceShutdown *bool    `json:"forceShutdown"`
	PageSize      int      `json:"pageSize"`
	PageNum       int      `json:"pageNum"`
}

// cloud is a server whose answers a test gives.
type cloud struct {
	url string

	mu    sync.Mutex
	calls []call
}

func newCloud(t *testing.T, handle http.HandlerFunc) *cloud {
	t.Helper()
	c := new(cloud)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		c.mu.Lock()
		c.calls = append(c.calls, call{path: r.URL.Path, header: r.Header.Clone(), body: string(raw)})
		c.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(raw)))
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// seen returns the requests so far.
func (c *cloud) seen() []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]call(nil), c.calls...)
}

// answering returns a cloud that gives everyone the same answer.
func answering(t *testing.T, status int, text string) *cloud {
	t.Helper()
	return newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		write(t, w, text)
	})
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Logf("write the answer: %v", err)
	}
}

func decode(t *testing.T, text string) body {
	t.Helper()
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Errorf("the request %q is not JSON: %v", text, err)
	}
	return b
}

func newDriver(t *testing.T, service Service, c *cloud) *Driver {
	t.Helper()
	d, err := New(Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword}, service,
		Options{Endpoint: c.url, UserAgent: testAgent})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return d
}

// operation is one of the four, reduced to its errors.
type operation struct {
	name string
	do   func(t *testing.T, d *Driver, ids ...string) []error
}

func errorsOf(outcomes []backend.Outcome) []error {
	errs := make([]error, len(outcomes))
	for i, outcome := range outcomes {
		errs[i] = outcome.Err
	}
	return errs
}

func operations() []operation {
	return []operation{
		{name: "describe", do: func(t *testing.T, d *Driver, ids ...string) []error {
			t.Helper()
			_, err := d.Describe(t.Context(), ids)
			return []error{err}
		}},
		{name: "start", do: func(t *testing.T, d *Driver, ids ...string) []error {
			t.Helper()
			return errorsOf(d.Start(t.Context(), ids))
		}},
		{name: "stop", do: func(t *testing.T, d *Driver, ids ...string) []error {
			t.Helper()
			return errorsOf(d.Stop(t.Context(), ids, backend.StopOptions{}))
		}},
		{name: "reboot", do: func(t *testing.T, d *Driver, ids ...string) []error {
			t.Helper()
			return errorsOf(d.Reboot(t.Context(), ids, backend.StopOptions{}))
		}},
	}
}
