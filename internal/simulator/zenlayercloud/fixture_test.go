package zenlayercloud_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// demo are the keys that the cloud accepts from the start.
var demo = zenlayercloud.Keys()

// short is how long a transition takes where a test waits for its end, and long
// where the transition must not end before the test does.
const (
	short = 20 * time.Millisecond
	long  = time.Hour
)

// fixture is a simulator of this cloud alone.
type fixture struct {
	server *simulator.Server
	cloud  *simulator.Cloud
	// seen is what the last answer had that the SDK does not keep.
	seen recorder
}

type recorder struct {
	status int
	header http.Header
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	r.status, r.header = 0, nil
	if err == nil {
		r.status, r.header = resp.StatusCode, resp.Header
	}
	return resp, err
}

func start(t *testing.T, transition time.Duration, instances ...simulator.Instance) *fixture {
	t.Helper()
	wire := zenlayercloud.New()
	return &fixture{server: wiretest.Serve(t, wire, transition, instances...), cloud: wire.Cloud()}
}

// vm and zec make an instance of a service.
func vm(id, status string) simulator.Instance { return simulator.Instance{ID: id, Status: status} }

func zec(id, status string) simulator.Instance {
	return simulator.Instance{
		ID: id, Status: status, Extra: map[string]string{zenlayercloud.ServiceKey: zenlayercloud.ZEC},
	}
}

// of makes an instance of any service.
func of(service, id, status string) simulator.Instance {
	if service == zenlayercloud.ZEC {
		return zec(id, status)
	}
	return vm(id, status)
}

func (w *fixture) config() *common.Config {
	config := common.NewConfig().WithScheme("HTTP").WithRateLimitRetry(0, nil)
	config.Domain = w.server.Address()
	config.Debug = common.Bool(false)
	config.Transport = &w.seen
	return config
}

func (w *fixture) set(t *testing.T, name, value string) {
	t.Helper()
	wiretest.Set(t, w.cloud, name, value)
}

func (w *fixture) trouble(t *testing.T, trouble simulator.Trouble) string {
	t.Helper()
	return wiretest.Trouble(t, w.cloud, trouble)
}

func (w *fixture) status(t *testing.T, id string) string {
	t.Helper()
	return wiretest.Status(t, w.cloud, id)
}

// reaches waits for a status. The limit is generous: it ends a test that hangs
// and measures nothing.
func (w *fixture) reaches(t *testing.T, id, want string) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for range 2000 {
		if w.status(t, id) == want {
			return
		}
		<-ticker.C
	}
	t.Fatalf("%s is %s, want %s", id, w.status(t, id), want)
}

func (w *fixture) lastCall(t *testing.T) simulator.Call {
	t.Helper()
	calls := w.cloud.Calls(0)
	if len(calls) == 0 {
		t.Fatal("no call was logged")
	}
	return calls[len(calls)-1]
}

// code is the code of an error of the SDK, empty for none.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var vendor *common.ZenlayerCloudSdkError
	if !errors.As(err, &vendor) {
		t.Fatalf("error is %v, want one of the SDK", err)
	}
	return vendor.Code
}

// raw is a request that no SDK sends.
type raw struct {
	method, path, service, version, action, contentType, body string
	key, secret                                               string
	at                                                        time.Time
	change                                                    func(*http.Request)
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (r reply) code() string {
	s, _ := r.body["code"].(string)
	return s
}

// response is the object around the fields of a success.
func (r reply) response(t *testing.T) map[string]any {
	t.Helper()
	fields, ok := r.body["response"].(map[string]any)
	if !ok {
		t.Fatalf("the answer %s has no response", r.text)
	}
	return fields
}

// request is one that is right in every way.
func request(service, version, action, body string) raw {
	return raw{
		method: http.MethodPost, path: "/api/v2/" + service, service: service, version: version, action: action,
		contentType: "application/json", body: body, key: demo.Lasting.AccessKeyID, secret: demo.Lasting.Secret,
		at: time.Now(),
	}
}

func (w *fixture) send(t *testing.T, r raw) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, w.server.URL()+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"X-ZC-Service": r.service, "X-ZC-Version": r.version, "X-ZC-Action": r.action, "Content-Type": r.contentType,
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	zenlayercloud.Sign(req, r.body, r.key, r.secret, r.at)
	if r.change != nil {
		r.change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	out := reply{status: resp.StatusCode, header: resp.Header, text: string(data)}
	if resp.Header.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(data, &out.body); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
	return out
}
