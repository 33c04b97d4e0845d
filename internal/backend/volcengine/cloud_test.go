package volcengine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	testAccessKey = "AKLTaccessaccessaccess"
	testSecretKey = "c2VjcmV0c2VjcmV0c2VjcmV0=="
	testToken     = "STStokentokentoken"
	testRequestID = "20240521aaaabbbbcccc"
)

// cloud is an HTTP server that answers as a test says, and keeps what it was
// asked.
type cloud struct {
	*httptest.Server
	mu      sync.Mutex
	queries []url.Values
	headers []http.Header
}

func (c *cloud) calls() []url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]url.Values(nil), c.queries...)
}

// serve returns a driver for a server with the answer.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) (*Driver, *cloud) {
	t.Helper()
	c := new(cloud)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.queries = append(c.queries, r.URL.Query())
		c.headers = append(c.headers, r.Header.Clone())
		c.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(c.Close)
	driver, err := New(
		Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey, SessionToken: testToken},
		"cn-beijing",
		Options{Endpoint: c.URL, UserAgent: "terraform-provider-instance/test"},
	)
	if err != nil {
		t.Fatalf("New: got error %v, want nil", err)
	}
	return driver, c
}

// always answers each request alike.
func always(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) }
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// result is a successful answer.
func result(content string) string {
	return fmt.Sprintf(
		`{"ResponseMetadata":{"RequestId":%q,"Action":"A","Version":"2020-04-01","Service":"ecs","Region":"cn-beijing"},
		"Result":%s}`,
		testRequestID,
		content,
	)
}

// refusal is an answer with an error code.
func refusal(code, message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"ResponseMetadata":{"RequestId":%q,"Error":{"CodeN":100000,"Code":%q,"Message":%s}}}`,
		testRequestID, code, text)
}

// accepted is the answer of a plural operation that takes all ids.
func accepted(query url.Values) string {
	details := ""
	for n := 1; query.Has(fmt.Sprintf("InstanceIds.%d", n)); n++ {
		if n > 1 {
			details += ","
		}
		details += fmt.Sprintf(`{"InstanceId":%q}`, query.Get(fmt.Sprintf("InstanceIds.%d", n)))
	}
	return result(`{"OperationDetails":[` + details + `]}`)
}

// operations are the three writes, by name of the plural action.
var operations = map[string]func(*Driver, *testing.T, ...string) []backend.Outcome{
	"StartInstances": func(d *Driver, t *testing.T, ids ...string) []backend.Outcome {
		t.Helper()
		return d.Start(t.Context(), ids)
	},
	"StopInstances": func(d *Driver, t *testing.T, ids ...string) []backend.Outcome {
		t.Helper()
		return d.Stop(t.Context(), ids, backend.StopOptions{})
	},
	"RebootInstances": func(d *Driver, t *testing.T, ids ...string) []backend.Outcome {
		t.Helper()
		return d.Reboot(t.Context(), ids, backend.StopOptions{})
	},
}

// roundTripper is a transport without a network, for tests with fake time.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
