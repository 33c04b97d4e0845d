package volcengine_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/credentials"
	"github.com/volcengine/volcengine-go-sdk/volcengine/session"
	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineerr"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// demo are the keys that the cloud accepts from the start.
var demo = volcengine.Keys()

const region = "cn-beijing"

// fixture is a simulator with one cloud, and the vendor's SDK pointed at it.
type fixture struct {
	server *simulator.Server
	cloud  *simulator.Cloud
	http   *http.Client
	sdk    *ecs.ECS
}

func setUp(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	wire := volcengine.New()
	server := wiretest.Serve(t, wire, 0, instances...)
	// Without keeping connections alive, net/http has no reason to send a GET
	// again by itself.
	f := &fixture{
		server: server, cloud: wire.Cloud(), http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	f.sdk = f.client(t, region, demo.Lasting.AccessKeyID, demo.Lasting.Secret, "")
	return f
}

func (f *fixture) client(t *testing.T, region, id, secret, token string) *ecs.ECS {
	t.Helper()
	s, err := session.NewSession(sdk.NewConfig().
		WithRegion(region).WithEndpoint(f.server.URL()).WithMaxRetries(0).WithHTTPClient(f.http).
		WithCredentials(credentials.NewStaticCredentials(id, secret, token)))
	if err != nil {
		t.Fatal(err)
	}
	return ecs.New(s)
}

func (f *fixture) set(t *testing.T, name, value string) {
	t.Helper()
	wiretest.Set(t, f.cloud, name, value)
}

func (f *fixture) trouble(t *testing.T, trouble simulator.Trouble) {
	t.Helper()
	wiretest.Trouble(t, f.cloud, trouble)
}

// truth is an instance as it truly is.
func (f *fixture) truth(t *testing.T, id string) simulator.Instance {
	t.Helper()
	i, ok := f.cloud.Instance(id)
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	return i
}

func (f *fixture) wantStatus(t *testing.T, id, want string) {
	t.Helper()
	if got := f.truth(t, id).Status; got != want {
		t.Errorf("%s is %s, want %s", id, got, want)
	}
}

func (f *fixture) last() simulator.Call {
	calls := f.cloud.Calls(0)
	return calls[len(calls)-1]
}

// items are the codes of a plural answer by id, empty for what was accepted.
type items map[string]string

// stop sends StopInstances with whatever the change sets.
func (f *fixture) stop(t *testing.T, change func(*ecs.StopInstancesInput), ids ...string) (items, error) {
	t.Helper()
	in := &ecs.StopInstancesInput{InstanceIds: sdk.StringSlice(ids)}
	if change != nil {
		change(in)
	}
	out, err := f.sdk.StopInstancesWithContext(t.Context(), in)
	if err != nil {
		return nil, err
	}
	got := items{}
	for _, d := range out.OperationDetails {
		got[*d.InstanceId] = ""
		if d.Error != nil {
			got[*d.InstanceId] = *d.Error.Code
		}
	}
	return got, nil
}

func (f *fixture) start(t *testing.T, ids ...string) (items, error) {
	t.Helper()
	out, err := f.sdk.StartInstancesWithContext(t.Context(), &ecs.StartInstancesInput{InstanceIds: sdk.StringSlice(ids)})
	if err != nil {
		return nil, err
	}
	got := items{}
	for _, d := range out.OperationDetails {
		got[*d.InstanceId] = ""
		if d.Error != nil {
			got[*d.InstanceId] = *d.Error.Code
		}
	}
	return got, nil
}

func (f *fixture) reboot(t *testing.T, ids ...string) (items, error) {
	t.Helper()
	out, err := f.sdk.RebootInstancesWithContext(t.Context(), &ecs.RebootInstancesInput{InstanceIds: sdk.StringSlice(ids)})
	if err != nil {
		return nil, err
	}
	got := items{}
	for _, d := range out.OperationDetails {
		got[*d.InstanceId] = ""
		if d.Error != nil {
			got[*d.InstanceId] = *d.Error.Code
		}
	}
	return got, nil
}

// one returns the code of a call about one instance.
func one(t *testing.T, got items, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("the answer has %d entries, want 1", len(got))
	}
	for _, c := range got {
		return c
	}
	return ""
}

// describe sends DescribeInstances and fails the test if that fails.
func (f *fixture) describe(
	t *testing.T, change func(*ecs.DescribeInstancesInput), ids ...string,
) *ecs.DescribeInstancesOutput {
	t.Helper()
	in := &ecs.DescribeInstancesInput{}
	if len(ids) > 0 {
		in.InstanceIds = sdk.StringSlice(ids)
	}
	if change != nil {
		change(in)
	}
	out, err := f.sdk.DescribeInstancesWithContext(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// shown is one instance as a client sees it.
func (f *fixture) shown(t *testing.T, id string) *ecs.InstanceForDescribeInstancesOutput {
	t.Helper()
	out := f.describe(t, nil, id)
	if len(out.Instances) != 1 {
		t.Fatalf("a describe of %s shows %d instances, want 1", id, len(out.Instances))
	}
	return out.Instances[0]
}

// wantError checks the code and the HTTP status of a call that was refused.
func wantError(t *testing.T, err error, code string, status int) {
	t.Helper()
	var failure volcengineerr.RequestFailure
	if !errors.As(err, &failure) {
		t.Errorf("error is %v, want one with the code %s", err, code)
		return
	}
	if failure.Code() != code || failure.StatusCode() != status {
		t.Errorf("error is %s with %d, want %s with %d", failure.Code(), failure.StatusCode(), code, status)
	}
	if failure.RequestID() == "" {
		t.Errorf("error %s has no request id", code)
	}
}

// answer is what came back to a request without the SDK.
type answer struct {
	status           int
	header           http.Header
	body             string
	ResponseMetadata struct {
		RequestID string `json:"RequestId"`
		Action    string
		Version   string
		Service   string
		Region    string
		Error     *struct {
			CodeN   int
			Code    string
			Message string
		}
	}
}

func (a answer) code() string {
	if a.ResponseMetadata.Error == nil {
		return ""
	}
	return a.ResponseMetadata.Error.Code
}

// raw is a request without the SDK. What is not set has a sensible value.
type raw struct {
	method  string
	query   string // without Action and Version
	action  string
	version string
	body    string
	header  map[string]string
	sign    func(*volcengine.Signing) // nil: signed as the Go SDK does
	spoil   func(*http.Request)       // after signing
}

func (f *fixture) send(t *testing.T, q raw) answer {
	t.Helper()
	values, err := url.ParseQuery(q.query)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]string{
		"Action": orElse(q.action, "DescribeInstances"), "Version": orElse(q.version, volcengine.Version),
	} {
		if v != "none" {
			values.Set(name, v)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), orElse(q.method, http.MethodGet),
		f.server.URL()+"/?"+values.Encode(), strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range q.header {
		r.Header.Set(name, v)
	}
	signing := volcengine.GoSDK()
	if q.sign != nil {
		q.sign(&signing)
	}
	volcengine.Sign(r, q.body, signing)
	if q.spoil != nil {
		q.spoil(r)
	}
	return f.do(t, r)
}

func (f *fixture) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := f.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := answer{status: resp.StatusCode, header: resp.Header, body: string(body)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(body, &out); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func wantAnswer(t *testing.T, got answer, code string, status int) {
	t.Helper()
	if got.code() != code || got.status != status {
		t.Errorf("answer is %q with %d, want %q with %d\n%s", got.code(), got.status, code, status, got.body)
	}
}

func stopCharging(in *ecs.StopInstancesInput) { in.StoppedMode = sdk.String("StopCharging") }
func keepCharging(in *ecs.StopInstancesInput) { in.StoppedMode = sdk.String("KeepCharging") }
func byForce(in *ecs.StopInstancesInput)      { in.ForceStop = sdk.Bool(true) }
