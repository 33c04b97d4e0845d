// Package zenlayercloud drives the power state of instances of Zenlayer Cloud:
// virtual machines (service "vm") and elastic compute (service "zec"), through
// the official Go SDK. It translates and no more: waiting, retrying, joining and
// deciding are left to the engine above, and the HTTP beneath to package
// driverkit.
package zenlayercloud

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

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
	AccessKeyID, AccessKeyPassword string
	// Token is a Bearer access token, which the console makes with a lifetime.
	Token string
}

// String tells which fields are set, and nothing of what they hold.
func (c Credentials) String() string {
	return fmt.Sprintf("{AccessKeyID:%s AccessKeyPassword:%s Token:%s}",
		mask(c.AccessKeyID), mask(c.AccessKeyPassword), mask(c.Token))
}

// GoString is String, so that no verb of package fmt shows a secret.
func (c Credentials) GoString() string { return "zenlayercloud.Credentials" + c.String() }

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return "***"
}

// check returns why the credentials can never work, or nil.
func (c Credentials) check() error {
	if c.Token != "" {
		return checkPrintable("token", c.Token)
	}
	switch {
	case c.AccessKeyID == "" && c.AccessKeyPassword == "":
		return errors.New("access_key_id and access_key_password are missing, and so is an access token")
	case c.AccessKeyID == "":
		return errors.New("access_key_id is missing")
	case c.AccessKeyPassword == "":
		return errors.New("access_key_password is missing")
	}
	return checkPrintable("access_key_id", c.AccessKeyID)
}

// checkPrintable refuses what cannot stand in a header: mostly the line break
// at the end of a file, which net/http would report for each request as a
// failure of the network.
func checkPrintable(field, value string) error {
	for _, r := range value {
		if r <= ' ' || r > '~' {
			return fmt.Errorf("%s holds a space, a line break or another character that cannot be sent", field)
		}
	}
	return nil
}

// credential returns the SDK's form.
func (c Credentials) credential() common.CredentialIface {
	if c.Token != "" {
		return common.NewTokenCredential(c.Token)
	}
	return common.NewCredential(c.AccessKeyID, c.AccessKeyPassword)
}

// Options are what rarely changes. The zero value works.
type Options struct {
	// Endpoint is a URL of scheme and host; empty means the public endpoint.
	Endpoint string
	// UserAgent is put in front of the SDK's own.
	UserAgent string
	// HTTP is what the requests go through; nil means a pool of its own.
	HTTP http.RoundTripper
}

// New returns a driver for one account and one service. It asks nobody, and
// fails only on what can never work.
func New(creds Credentials, service Service, opts Options) (*Driver, error) {
	if err := creds.check(); err != nil {
		return nil, err
	}
	requests, ok := services[service]
	if !ok {
		return nil, fmt.Errorf("service is %q, and must be %q or %q", service, VM, ZEC)
	}
	scheme, host, err := splitEndpoint(opts.Endpoint)
	if err != nil {
		return nil, err
	}
	config := common.NewConfig().
		WithAutoRetry(false).
		WithRateLimitRetry(0, nil).
		WithScheme(scheme)
	config.Domain = host
	config.Transport = quiet{next: driverkit.New(opts.UserAgent, opts.HTTP)}
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
	return &Driver{requests: requests, client: client, redact: newRedactor(creds)}, nil
}

// splitEndpoint returns the scheme and the host, with its port, of a URL. The
// SDK has no place for a path: it is always /api/v2/<service>.
func splitEndpoint(endpoint string) (scheme, host string, err error) {
	if endpoint == "" {
		return "https", defaultHost, nil
	}
	parsed, err := url.Parse(endpoint)
	if err != nil {
		// The text of the URL stays out of the error, since it may hold a
		// password.
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return "", "", fmt.Errorf("endpoint is not a URL: %w", err)
	}
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", "", errors.New("endpoint must begin with https:// (or http://)")
	case parsed.Hostname() == "":
		return "", "", errors.New("endpoint has no host")
	case parsed.User != nil, strings.Trim(parsed.Path, "/") != "", parsed.RawQuery != "", parsed.Fragment != "":
		return "", "", errors.New("endpoint must be scheme and host only")
	}
	// net/http sends no empty port, and the host is signed as it is sent.
	return parsed.Scheme, strings.TrimSuffix(parsed.Host, ":"), nil
}
