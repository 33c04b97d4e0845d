// Package alicloud is the driver of Alibaba Cloud ECS (API 2014-05-26): it
// translates between the backend contract and the vendor's generic OpenAPI
// client, with tables for its states and error codes. It leaves waiting,
// retrying, joining and rate limits to those above it, and HTTP to package
// driverkit.
package alicloud

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"unicode"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Credentials are static keys, named as Alibaba Cloud names them. SecurityToken
// is only for temporary keys of STS.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string
}

// String hides the keys.
func (c Credentials) String() string {
	if c.SecurityToken != "" {
		return "alicloud.Credentials(temporary, hidden)"
	}
	return "alicloud.Credentials(hidden)"
}

// GoString hides the keys from %#v.
func (c Credentials) GoString() string { return c.String() }

func (c Credentials) validate() error {
	if err := checkKey("AccessKeyID", "access_key", c.AccessKeyID); err != nil {
		return err
	}
	if err := checkKey("AccessKeySecret", "secret_key", c.AccessKeySecret); err != nil {
		return err
	}
	if c.SecurityToken == "" {
		return nil
	}
	return checkKey("SecurityToken", "security_token", c.SecurityToken)
}

// checkKey refuses what no key can be. A line feed at the end, from a file or a
// paste, would otherwise show as a signature that does not match.
func checkKey(field, attribute, value string) error {
	if value == "" {
		return fmt.Errorf("%s is empty: set `%s`", field, attribute)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return fmt.Errorf("%s (`%s`) contains white space or a control character", field, attribute)
	}
	return nil
}

// minSecret is the length from which a text is worth hiding: replacing a
// shorter one would only garble messages.
const minSecret = 4

// hider returns what replaces the keys in a text. The cloud quotes the signed
// headers, a security token among them, when a signature does not match.
func (c Credentials) hider() *strings.Replacer {
	var pairs []string
	for _, secret := range []string{c.SecurityToken, c.AccessKeySecret, c.AccessKeyID} {
		if len(secret) < minSecret {
			continue
		}
		pairs = append(pairs, secret, "(hidden)")
		if escaped := url.QueryEscape(secret); escaped != secret {
			pairs = append(pairs, escaped, "(hidden)")
		}
	}
	return strings.NewReplacer(pairs...)
}

// Options are what rarely changes. The zero value works.
type Options struct {
	// Endpoint is a URL, scheme and host; empty means the cloud's own for the
	// region.
	Endpoint string
	// UserAgent is put in front of the SDK's own.
	UserAgent string
	// HTTP is the base transport; nil means the default.
	HTTP http.RoundTripper
}

// regionForm keeps a region from being anything but a label of a host name.
var regionForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// quietSDK refuses a value of the environment variable DEBUG with which the SDK
// prints each request with its signature. The SDK reads it before main begins,
// so nothing else keeps that from happening (SDK source: debug, debug.Init).
func quietSDK(debug string) error {
	for _, part := range strings.Split(debug, ",") {
		if part == "dara" || part == "tea" || part == "credential" {
			return fmt.Errorf("the environment variable DEBUG holds %q, which makes the SDK print signed requests: unset it", part)
		}
	}
	return nil
}

// New returns the driver of one account and region. It asks nobody, and fails
// only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	if err := creds.validate(); err != nil {
		return nil, err
	}
	if region == "" {
		return nil, errors.New("region is empty: set `region`")
	}
	if !regionForm.MatchString(region) {
		return nil, fmt.Errorf("region %q is not a region's id, such as cn-hangzhou", region)
	}
	scheme, host, err := address(opts.Endpoint, region)
	if err != nil {
		return nil, err
	}
	if err := quietSDK(os.Getenv("DEBUG")); err != nil {
		return nil, err
	}
	client, err := openapi.NewClient(&openapimodels.Config{
		AccessKeyId:     dara.String(creds.AccessKeyID),
		AccessKeySecret: dara.String(creds.AccessKeySecret),
		SecurityToken:   dara.String(creds.SecurityToken),
		Endpoint:        dara.String(host),
		Protocol:        dara.String(scheme),
		RegionId:        dara.String(region),
		// Not nil, or the SDK would take one from its environment variable.
		UserAgent: dara.String(""),
		// The SDK reads the proxy variables itself, fails on values that
		// net/http accepts, and sends the proxy's password to the API in a
		// header. Named here, the host is left to our transport (SDK source:
		// tea, dara/core.go, getHttpProxy).
		NoProxy: dara.String(host),
		// The default client is written to by every call while others read it.
		HttpClient: httpClient{driverkit.New(opts.UserAgent, opts.HTTP)},
	})
	if err != nil {
		return nil, fmt.Errorf("make the client: %w", err)
	}
	// Otherwise errors become tea.SDKError, whose Error method writes to the
	// value: a race where one error is the answer for many ids.
	client.DisableSDKError = dara.Bool(true)
	return &Driver{client: client, region: region, hide: creds.hider()}, nil
}

// httpClient is what the SDK sends through. It follows no redirect and keeps no
// time: a SDK read time-out of zero means none, and the context is the clock.
type httpClient struct {
	base http.RoundTripper
}

func (c httpClient) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	return c.base.RoundTrip(req)
}

// address returns the scheme and the host of the API. The SDK takes them apart.
func address(endpoint, region string) (scheme, host string, err error) {
	if endpoint == "" {
		return "https", regionHost(region), nil
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", "", fmt.Errorf("endpoint does not parse: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", "", fmt.Errorf("endpoint %q is not a URL with the scheme http or https and a host", u.Redacted())
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", "", fmt.Errorf("endpoint %q has more than a scheme and a host", u.Redacted())
	}
	return u.Scheme, u.Host, nil
}

// hosts are the regions whose host does not follow the rule (SDK source: the
// endpoint map of the ECS client; regions of the vendor's own tests are left
// out).
var hosts = map[string]string{
	"cn-hangzhou":             "ecs-cn-hangzhou.aliyuncs.com",
	"cn-shanghai-finance-1":   "ecs-cn-hangzhou.aliyuncs.com",
	"cn-shenzhen-finance-1":   "ecs-cn-hangzhou.aliyuncs.com",
	"cn-fujian":               "ecs-cn-hangzhou.aliyuncs.com",
	"cn-hangzhou-finance":     "ecs.aliyuncs.com",
	"cn-beijing-finance-pop":  "ecs.aliyuncs.com",
	"cn-hongkong-finance-pop": "ecs.aliyuncs.com",
	"cn-north-2-gov-1":        "ecs.aliyuncs.com",
	"cn-beijing-gov-1":        "ecs.aliyuncs.com",
	"cn-wuhan":                "ecs.aliyuncs.com",
	"cn-zhangbei":             "ecs.aliyuncs.com",
	"cn-yushanfang":           "ecs.aliyuncs.com",
	"ap-northeast-2-pop":      "ecs.aliyuncs.com",
	"rus-west-1-pop":          "ecs.aliyuncs.com",
}

func regionHost(region string) string {
	if host, ok := hosts[region]; ok {
		return host
	}
	return "ecs." + region + ".aliyuncs.com"
}
