package tencentcloud_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

// demo are the keys that the cloud accepts from the start.
var demo = tencentcloud.Keys()

const region = "ap-guangzhou"

// fixture is a simulator with one cloud, and the vendor's SDK pointed at it.
type fixture struct {
	server *simulator.Server
	cloud  *simulator.Cloud
	sdk    *cvm.Client
}

func setUp(t *testing.T, instances ...simulator.Instance) *fixture {
	t.Helper()
	wire := tencentcloud.New()
	f := &fixture{server: wiretest.Serve(t, wire, 0, instances...), cloud: wire.Cloud()}
	f.sdk = f.client(t, common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), region, nil)
	return f
}

func (f *fixture) client(
	t *testing.T, credential common.CredentialIface, region string, change func(*profile.ClientProfile),
) *cvm.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.Language = "en-US"
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.Endpoint = f.server.Address()
	if change != nil {
		change(p)
	}
	client, err := cvm.NewClient(credential, region, p)
	if err != nil {
		t.Fatal(err)
	}
	return client
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

func (f *fixture) last() simulator.Call {
	calls := f.cloud.Calls(0)
	return calls[len(calls)-1]
}

// stop sends StopInstances with whatever the change sets.
func (f *fixture) stop(
	ctx context.Context, change func(*cvm.StopInstancesRequest), ids ...string,
) (*cvm.StopInstancesResponse, error) {
	req := cvm.NewStopInstancesRequest()
	req.InstanceIds = common.StringPtrs(ids)
	if change != nil {
		change(req)
	}
	return f.sdk.StopInstancesWithContext(ctx, req)
}

func (f *fixture) start(ctx context.Context, ids ...string) error {
	req := cvm.NewStartInstancesRequest()
	req.InstanceIds = common.StringPtrs(ids)
	_, err := f.sdk.StartInstancesWithContext(ctx, req)
	return err
}

func (f *fixture) reboot(ctx context.Context, change func(*cvm.RebootInstancesRequest), ids ...string) error {
	req := cvm.NewRebootInstancesRequest()
	req.InstanceIds = common.StringPtrs(ids)
	if change != nil {
		change(req)
	}
	_, err := f.sdk.RebootInstancesWithContext(ctx, req)
	return err
}

// describe sends DescribeInstances and fails the test if that fails.
func (f *fixture) describe(t *testing.T, change func(*cvm.DescribeInstancesRequest), ids ...string) []*cvm.Instance {
	t.Helper()
	req := cvm.NewDescribeInstancesRequest()
	if len(ids) > 0 {
		req.InstanceIds = common.StringPtrs(ids)
	}
	if change != nil {
		change(req)
	}
	resp, err := f.sdk.DescribeInstancesWithContext(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Response.InstanceSet
}

// code is the code of an error of the SDK.
func code(err error) string {
	var sdk *sdkerrors.TencentCloudSDKError
	if errors.As(err, &sdk) {
		return sdk.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("code is %q (%v), want %q", got, err, want)
	}
}

func stopCharging(r *cvm.StopInstancesRequest) { r.StoppedMode = common.StringPtr("STOP_CHARGING") }
