package alicloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// demo are the keys that the cloud accepts from the start.
var demo = alicloud.Keys()

const (
	region = "cn-hangzhou"
	one    = "i-bp10000001"
	two    = "i-bp10000002"
	absent = "i-bp1absent"
)

// object is what the SDK makes of a JSON object.
type object = map[string]any

// fixture is a simulator with one cloud, and the vendor's SDK pointed at it.
type fixture struct {
	server *simulator.Server
	cloud  *simulator.Cloud
	sdk    *openapi.Client
}

func setUp(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	f := served(t, instances...)
	if err := f.server.Start(t.Context(), simulator.DefaultAddress); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.server.Close(); err != nil {
			t.Error(err)
		}
	})
	f.sdk = f.client(t, nil)
	return f
}

// served is a fixture whose server does not listen.
func served(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	wire := alicloud.New()
	server, err := simulator.NewServer(wire)
	if err != nil {
		t.Fatal(err)
	}
	// A transition ends at the first describe after it: no test waits.
	wire.Cloud().SetTransition(0)
	if err := wire.Cloud().Seed(instances...); err != nil {
		t.Fatal(err)
	}
	return &fixture{server: server, cloud: wire.Cloud()}
}

// network is an HTTP client that no other test shares: the SDK's own changes
// its timeout while others read it.
type network struct{ client *http.Client }

func (n network) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	return n.client.Do(r)
}

// direct calls the server without a network, so that a test can hold the time.
type direct struct{ handler http.Handler }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	in := r.Clone(r.Context())
	// The SDK writes names of headers in lower case, which a network undoes.
	in.Header = http.Header{}
	for name, values := range r.Header {
		for _, v := range values {
			in.Header.Add(name, v)
		}
	}
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	d.handler.ServeHTTP(out, in)
	return out.Result(), nil
}

func (f *fixture) client(t *testing.T, change func(*openapi.Config)) *openapi.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	config := &openapi.Config{
		AccessKeyId: dara.String(demo.Lasting.AccessKeyID), AccessKeySecret: dara.String(demo.Lasting.Secret),
		Protocol: dara.String("http"), HttpClient: network{&http.Client{Transport: transport, Timeout: time.Minute}},
	}
	if change != nil {
		change(config)
	}
	if config.Endpoint == nil {
		config.Endpoint = dara.String(f.server.Address())
	}
	client, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// rpc makes the SDK sign in the older way.
func rpc(c *openapi.Config) { c.SignatureAlgorithm = dara.String("v2") }

// call sends an action with its parameters in the query.
func (f *fixture) call(ctx context.Context, action string, query object) (object, error) {
	return send(ctx, f.sdk, action, alicloud.Version, &openapi.OpenApiRequest{Query: openapiutil.Query(query)})
}

func send(
	ctx context.Context, client *openapi.Client, action, version string, req *openapi.OpenApiRequest,
) (object, error) {
	result, err := client.CallApiWithCtx(ctx, &openapi.Params{
		Action: dara.String(action), Version: dara.String(version), Protocol: dara.String("HTTP"),
		Method:   dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"), Pathname: dara.String("/"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, req, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, _ := result["body"].(object)
	return body, nil
}

// plural are the parameters of an operation on several instances.
func plural(change object, ids ...string) object {
	query := object{"RegionId": region, "InstanceId": ids}
	for name, value := range change {
		query[name] = value
	}
	return query
}

// items sends a plural operation and returns the parts of the answer.
func (f *fixture) items(t *testing.T, action string, change object, ids ...string) []object {
	t.Helper()
	body, err := f.call(t.Context(), action, plural(change, ids...))
	if err != nil {
		t.Fatal(err)
	}
	return list(t, body, "InstanceResponses", "InstanceResponse")
}

// describe returns a list of instances, of all when there are no ids.
func (f *fixture) describe(t *testing.T, change object, ids ...string) []object {
	t.Helper()
	body, err := f.call(t.Context(), "DescribeInstances", listing(t, change, ids...))
	if err != nil {
		t.Fatal(err)
	}
	return list(t, body, "Instances", "Instance")
}

func listing(t *testing.T, change object, ids ...string) object {
	t.Helper()
	query := object{"RegionId": region}
	if len(ids) > 0 {
		text, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		query["InstanceIds"] = string(text)
	}
	for name, value := range change {
		query[name] = value
	}
	return query
}

// list returns the objects of a list that is inside of an object.
func list(t *testing.T, body object, outer, inner string) []object {
	t.Helper()
	wrapper, ok := body[outer].(object)
	if !ok {
		t.Fatalf("there is no %s in %v", outer, body)
	}
	values, ok := wrapper[inner].([]any)
	if !ok {
		t.Fatalf("there is no list %s in %v", inner, wrapper)
	}
	var all []object
	for _, v := range values {
		o, ok := v.(object)
		if !ok {
			t.Fatalf("%v is no object", v)
		}
		all = append(all, o)
	}
	return all
}

// texts are the values of one field.
func texts(all []object, field string) []string {
	values := []string{}
	for _, o := range all {
		s, _ := o[field].(string)
		values = append(values, s)
	}
	return values
}

func (f *fixture) set(t *testing.T, name, value string) {
	t.Helper()
	wiretest.Set(t, f.cloud, name, value)
}

func (f *fixture) trouble(t *testing.T, trouble simulator.Trouble) {
	t.Helper()
	wiretest.Trouble(t, f.cloud, trouble)
}

// status is the true status of an instance.
func (f *fixture) status(t *testing.T, id string) string {
	t.Helper()
	return wiretest.Status(t, f.cloud, id)
}

func (f *fixture) wantStatus(t *testing.T, id, want string) {
	t.Helper()
	if got := f.status(t, id); got != want {
		t.Errorf("status of %s is %s, want %s", id, got, want)
	}
}

func (f *fixture) last() simulator.Call {
	calls := f.cloud.Calls(0)
	return calls[len(calls)-1]
}

// slow makes transitions last longer than any test.
func (f *fixture) slow() { f.cloud.SetTransition(time.Hour) }

// refusal is the code and status of an error of the SDK.
func refusal(err error) (string, int) {
	var sdk *tea.SDKError
	if errors.As(err, &sdk) {
		return tea.StringValue(sdk.Code), tea.IntValue(sdk.StatusCode)
	}
	if err != nil {
		return err.Error(), 0
	}
	return "", 0
}

func wantRefusal(t *testing.T, err error, code string, status int) {
	t.Helper()
	if gotCode, gotStatus := refusal(err); gotCode != code || gotStatus != status {
		t.Errorf("refused with %q, HTTP %d (%v), want %q, HTTP %d", gotCode, gotStatus, err, code, status)
	}
}

// fork is the same simulator with an SDK of its own, for tests that run beside
// each other.
func (f *fixture) fork(t *testing.T) *fixture {
	t.Helper()
	return &fixture{server: f.server, cloud: f.cloud, sdk: f.client(t, nil)}
}
