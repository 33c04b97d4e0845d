package tencentcloud

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Credentials are the keys of an account or of a CAM user, or the temporary
// keys of a role, which come with a token.
type Credentials struct {
	SecretID  driverkit.Secret
	SecretKey driverkit.Secret
	// Token is empty unless the keys are temporary.
	Token driverkit.Secret
}

func (c Credentials) keys() driverkit.Keys {
	return driverkit.Keys{
		{Name: "secret_id", Value: c.SecretID},
		{Name: "secret_key", Value: c.SecretKey},
		{Name: "security_token", Value: c.Token, Optional: true},
	}
}

// Options are those of every driver.
type Options = driverkit.Options

var api = driverkit.API{
	Regional:        true,
	Host:            hostOf,
	IsAnswer:        driverkit.HasField("Response", "codeDesc"),
	Codes:           driverkit.Codes{Exact: codes, Families: families},
	Read:            readError,
	RequestIDHeader: "X-TC-RequestId", // SDK source, parseFromSSE.
}

// financeSuffix marks the regions that the common host name does not serve;
// they are reached by a name of their own
// (https://www.tencentcloud.com/document/api/213/33235).
const financeSuffix = "-fsi"

func hostOf(region string) (string, error) {
	if strings.HasSuffix(region, financeSuffix) {
		return "cvm." + region + ".tencentcloudapi.com", nil
	}
	return "cvm.tencentcloudapi.com", nil
}

// readError reads an error of the SDK, other than those that it makes up.
func readError(err error) (driverkit.APIError, bool) {
	var vendor *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &vendor) || strings.HasPrefix(vendor.Code, clientFamily) {
		return driverkit.APIError{}, false
	}
	return driverkit.APIError{Code: vendor.Code, Message: vendor.Message, RequestID: vendor.RequestId}, true
}

// New returns a driver for one account and region. It makes no request, and
// fails only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	kit, err := api.Open(creds.keys(), region, opts)
	if err != nil {
		return nil, err
	}
	settings := profile.NewClientProfile()
	settings.Language = "en-US"
	settings.HttpProfile.ReqMethod = http.MethodPost
	settings.HttpProfile.Scheme = kit.Endpoint.Scheme
	settings.HttpProfile.Endpoint = kit.Endpoint.Host
	// 0 sets no limit (SDK source, http.Client.Timeout): the context is the
	// only clock.
	settings.HttpProfile.ReqTimeout = 0
	settings.RateLimitExceededMaxRetries = 0
	settings.NetworkFailureMaxRetries = 0
	// The breaker would send a call again, to a region that is not configured.
	settings.DisableRegionBreaker = true
	client, err := cvm.NewClient(
		common.NewTokenCredential(string(creds.SecretID), string(creds.SecretKey), string(creds.Token)),
		kit.Region,
		settings,
	)
	if err != nil {
		return nil, fmt.Errorf("make the client: %w", err)
	}
	client.WithHttpTransport(kit.Transport)
	if name := driverkit.PlainAgent(opts.UserAgent); name != "" {
		client.WithRequestClient(name)
	}
	return &Driver{
		kit:      kit,
		describe: client.DescribeInstancesWithContext,
		start:    client.StartInstancesWithContext,
		stop:     client.StopInstancesWithContext,
		reboot:   client.RebootInstancesWithContext,
	}, nil
}
