package alicloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const testRegion = "cn-hangzhou"

func testCredentials() Credentials {
	return Credentials{
		AccessKeyID: "LTAItestAccessKeyId", AccessKeySecret: "test/Access+Key=Secret",
		SecurityToken: "CAIStest/Security+Token==",
	}
}

// received is one request as the server saw it.
type received struct {
	action string
	query  url.Values
	header http.Header
}

// cloud is a loopback server that notes what it is asked.
type cloud struct {
	*httptest.Server
	mu   sync.Mutex
	seen []received
}

// answerFunc answers a request; n counts from 1.
type answerFunc func(w http.ResponseWriter, r received, n int)

func newCloud(t *testing.T, answer answerFunc) *cloud {
	t.Helper()
	c := &cloud{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r := received{action: req.Header.Get("X-Acs-Action"), query: req.URL.Query(), header: req.Header.Clone()}
		if req.Method != http.MethodPost || req.URL.Path != "/" {
			t.Errorf("request line: got %s %s, want POST /", req.Method, req.URL.Path)
		}
		c.mu.Lock()
		c.seen = append(c.seen, r)
		n := len(c.seen)
		c.mu.Unlock()
		answer(w, r, n)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) requests() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

// only returns the one request that was made.
func (c *cloud) only(t *testing.T) received {
	t.Helper()
	seen := c.requests()
	if len(seen) != 1 {
		t.Fatalf("requests: got %d, want 1", len(seen))
	}
	return seen[0]
}

func (c *cloud) driver(t *testing.T) *Driver {
	t.Helper()
	d, err := New(testCredentials(), testRegion, Options{Endpoint: c.URL, UserAgent: "test-agent/1"})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return d
}

func write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// fails answers every request with an error of the cloud.
func fails(status int, code, message string) answerFunc {
	return func(w http.ResponseWriter, _ received, _ int) {
		body, _ := json.Marshal(map[string]any{
			"RequestId": "REQ-1", "HostId": "ecs.test", "Code": code, "Message": message, "Recommend": "https://example.com",
			"New": map[string]any{"a": 1},
		})
		write(w, status, string(body))
	}
}

// accepts answers a power operation with success for each id.
func accepts(w http.ResponseWriter, r received, _ int) {
	var items []string
	for i := 1; ; i++ {
		id := r.query.Get(fmt.Sprintf("InstanceId.%d", i))
		if id == "" {
			break
		}
		items = append(items,
			fmt.Sprintf(
				`{"InstanceId":%q,"Code":"200","Message":"success","PreviousStatus":"Running","CurrentStatus":"Stopping",
				"Later":[1]}`,
				id,
			))
	}
	write(w, http.StatusOK,
		`{"RequestId":"REQ-OK","More":{},"InstanceResponses":{"InstanceResponse":[`+strings.Join(items, ",")+`]}}`)
}

// flat is a query without its repetitions.
func flat(query url.Values) map[string]string {
	out := make(map[string]string, len(query))
	for key, values := range query {
		out[key] = strings.Join(values, "|")
	}
	return out
}

func wantQuery(t *testing.T, r received, action string, want map[string]string) {
	t.Helper()
	if r.action != action {
		t.Errorf("action: got %q, want %q", r.action, action)
	}
	if diff := cmp.Diff(want, flat(r.query)); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func wantAccepted(t *testing.T, got []backend.Outcome, n int) {
	t.Helper()
	if len(got) != n {
		t.Fatalf("outcomes: got %d, want %d", len(got), n)
	}
	for i, o := range got {
		if o.Err != nil || o.RequestID != "REQ-OK" {
			t.Errorf("outcome %d: got (%q, %v), want (REQ-OK, nil)", i, o.RequestID, o.Err)
		}
	}
}
