// Package alicloud is the driver of Alibaba Cloud ECS (API 2014-05-26): it
// translates between the backend contract and the vendor's generic OpenAPI
// client, with tables for its states and error codes. It leaves waiting,
// retrying, batching and rate limits to those above it, and HTTP and errors to
// package driverkit.
package alicloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Credentials are static keys, named as Alibaba Cloud names them. SecurityToken
// is only for temporary keys of STS.
type Credentials struct {
	AccessKeyID     driverkit.Secret
	AccessKeySecret driverkit.Secret
	SecurityToken   driverkit.Secret
}

func (c Credentials) keys() driverkit.Keys {
	return driverkit.Keys{
		{Name: "access_key", Value: c.AccessKeyID},
		{Name: "secret_key", Value: c.AccessKeySecret},
		{Name: "security_token", Value: c.SecurityToken, Optional: true},
	}
}

// Options are those of every driver.
type Options = driverkit.Options

var api = driverkit.API{
	Regional: true,
	// All regions follow the rule
	// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-endpoint).
	Host:       func(region string) (string, error) { return "ecs." + region + ".aliyuncs.com", nil },
	IsAnswer:   driverkit.HasField("RequestId", "Code", "Instances", "InstanceResponses"),
	Codes:      driverkit.Codes{Exact: codes, Families: families, Otherwise: otherwise},
	Read:       readError,
	RetryAfter: retryAfter,
}

// New returns the driver of one account and region. It makes no request, and
// fails only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	kit, err := api.Open(creds.keys(), region, opts)
	if err != nil {
		return nil, err
	}
	if err := driverkit.QuietSDK(os.Getenv("DEBUG")); err != nil {
		return nil, err
	}
	client, err := openapi.NewClient(&openapimodels.Config{
		AccessKeyId:     dara.String(string(creds.AccessKeyID)),
		AccessKeySecret: dara.String(string(creds.AccessKeySecret)),
		SecurityToken:   dara.String(string(creds.SecurityToken)),
		Endpoint:        dara.String(kit.Endpoint.Host),
		Protocol:        dara.String(kit.Endpoint.Scheme),
		RegionId:        dara.String(kit.Region),
		// Not nil, or the SDK would take one from its environment variable.
		UserAgent: dara.String(""),
		// The SDK reads the proxy variables itself, fails on values that
		// net/http accepts, and sends the proxy's password to the API in a
		// header. Named here, the host is left to our transport (SDK source:
		// tea, dara/core.go, getHttpProxy).
		NoProxy: dara.String(kit.Endpoint.Host),
		// The default client is written to by every call while others read it.
		HttpClient: httpClient{kit.Transport},
	})
	if err != nil {
		return nil, fmt.Errorf("make the client: %w", err)
	}
	// Otherwise errors become tea.SDKError, whose Error method writes to the
	// value: a race where one error is the answer for many ids.
	client.DisableSDKError = dara.Bool(true)
	return &Driver{kit: kit, send: client.CallApiWithCtx}, nil
}

// httpClient is what the SDK sends through. It follows no redirect and keeps no
// time: a SDK read time-out of zero means none, and the context is the clock.
type httpClient struct {
	base http.RoundTripper
}

// Call sends a request. The SDK reads the first JSON value of an error alone, so what
// is damaged behind it would pass for an answer, such as one that an instance is gone.
func (c httpClient) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	resp, err := c.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
