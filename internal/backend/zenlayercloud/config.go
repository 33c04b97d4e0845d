// Package zenlayercloud drives the power state of instances of Zenlayer Cloud:
// virtual machines (service "vm") and elastic compute (service "zec"), through
// the official Go SDK. It translates and no more: waiting, retrying, joining and
// deciding are left to the engine above, and HTTP and errors to package
// driverkit.
package zenlayercloud

import (
	"errors"
	"fmt"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// defaultHost is the one public endpoint; the API has no regions
// (https://docs.console.zenlayer.com/api-reference/api-introduction).
const defaultHost = "console.zenlayer.com"

// Service is the product that the instances belong to.
type Service string

// The services that can stop an instance gracefully and say so. Bare metal
// (bmc) has no such choice and is left out.
const (
	// VM is the Virtual Machine product, API version 2026-04-01. Of the two
	// versions that the SDK has, it is the one that documents forceShutdown and
	// its default (SDK source, vm20260401/models.go), and the one that the
	// vendor's own command line sends. The older reference page
	// (https://docs.console.zenlayer.com/api-reference/vm/instance/stopinstances)
	// does not list the field, so that under 2023-03-13 "do not cut the power"
	// might go unheard.
	VM Service = "vm"
	// ZEC is Zenlayer Elastic Compute, API version 2025-09-01. The SDK of
	// 2024-04-01 cannot send forceShutdown=false at all (SDK source, a plain
	// bool with omitempty).
	ZEC Service = "zec"
)

// Credentials are either a pair of access keys or an access token. When both
// are given, the token is used.
type Credentials struct {
	// AccessKeyID and AccessKeyPassword sign each request.
	AccessKeyID, AccessKeyPassword driverkit.Secret
	// Token is a Bearer access token, which the console makes with a lifetime.
	Token driverkit.Secret
}

func (c Credentials) keys() driverkit.Keys {
	return driverkit.Keys{
		{Name: "access_key_id", Value: c.AccessKeyID, Optional: c.Token != ""},
		{Name: "access_key_password", Value: c.AccessKeyPassword, Optional: c.Token != ""},
		{Name: "token", Value: c.Token, Optional: true},
	}
}

// credential returns the SDK's form.
func (c Credentials) credential() common.CredentialIface {
	if c.Token != "" {
		return common.NewTokenCredential(string(c.Token))
	}
	return common.NewCredential(string(c.AccessKeyID), string(c.AccessKeyPassword))
}

// Options are those of every driver.
type Options = driverkit.Options

var api = driverkit.API{
	Host:     func(string) (string, error) { return defaultHost, nil },
	IsAnswer: driverkit.HasField("requestId", "response", "code"),
	Codes:    driverkit.Codes{Exact: codes, Families: families, Otherwise: otherwise},
	Read:     readError,
}

// readError reads an error of the SDK, other than those that it makes up (SDK
// source, common/error.go).
func readError(err error) (driverkit.APIError, bool) {
	var vendor *common.ZenlayerCloudSdkError
	if !errors.As(err, &vendor) {
		return driverkit.APIError{}, false
	}
	switch vendor.Code {
	case common.NetworkError, common.IoError, common.CredentialMissingError, common.JsonParseError:
		return driverkit.APIError{}, false
	}
	return driverkit.APIError{Code: vendor.Code, Message: vendor.Message, RequestID: vendor.RequestId}, true
}

// New returns a driver for one account and one service. It makes no request,
// and fails only on what can never work.
func New(creds Credentials, service Service, opts Options) (*Driver, error) {
	requests, ok := services[service]
	if !ok {
		return nil, fmt.Errorf("`service` is %q, and must be %q or %q", service, VM, ZEC)
	}
	kit, err := api.Open(creds.keys(), "", opts)
	if err != nil {
		return nil, err
	}
	config := common.NewConfig().
		WithAutoRetry(false).
		WithRateLimitRetry(0, nil).
		WithScheme(kit.Endpoint.Scheme)
	config.Domain = kit.Endpoint.Host
	config.Transport = quiet{next: kit.Transport}
	// No limit but the context of each call.
	config.Timeout = 0
	// Left nil, DEBUG=on in the environment would print every request with its
	// Authorization header (SDK source, common/client.go).
	config.Debug = common.Bool(false)

	client := new(common.Client)
	if err := client.WithConfig(config); err != nil {
		return nil, fmt.Errorf("configure the SDK: %w", err)
	}
	client.WithCredential(creds.credential())
	return &Driver{requests: requests, kit: kit, send: client.ApiCall}, nil
}
