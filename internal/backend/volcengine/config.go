// Package volcengine drives Volcengine ECS through its API version 2020-04-01
// and the official SDK: it translates calls, states and errors, and nothing
// else. It leaves deciding, waiting, retrying and joining to its callers, and
// finding credentials too: it uses the keys that it is given, and asks no
// environment, file or metadata server for others.
package volcengine

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineutil"
)

// Credentials are static keys, or temporary ones with their session token.
// They do not show when they are printed.
type Credentials struct {
	AccessKey string
	SecretKey string
	// SessionToken is empty for keys that are not temporary.
	SessionToken string
}

// String masks the keys.
func (c Credentials) String() string {
	return fmt.Sprintf("{AccessKey:%s SecretKey:%s SessionToken:%s}", mask(c.AccessKey), mask(c.SecretKey), mask(c.SessionToken))
}

// GoString masks the keys.
func (c Credentials) GoString() string { return "volcengine.Credentials" + c.String() }

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return masked
}

const masked = "***"

// Options are what rarely changes. The zero value works.
type Options struct {
	// Endpoint is a URL of scheme and host that is used instead of the cloud's
	// own for the region.
	Endpoint string
	// UserAgent goes in front of the SDK's own.
	UserAgent string
	// HTTP carries the requests; nil means a pool of connections of the
	// driver's own.
	HTTP http.RoundTripper
}

// regionForm is what the name of a region can look like at all: it becomes part
// of a signature header and, for some regions, of a host name.
var regionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// New returns a driver for one account and region. It asks nobody, and fails
// only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	if err := creds.check(); err != nil {
		return nil, err
	}
	if region == "" {
		return nil, errors.New("region is empty")
	}
	if !regionForm.MatchString(region) {
		return nil, fmt.Errorf("region %q is not the name of a region, such as \"cn-beijing\"", region)
	}
	endpoint, err := endpointFor(region, opts.Endpoint)
	if err != nil {
		return nil, err
	}
	return &Driver{
		api:    newAPI(creds, region, endpoint, opts),
		tokens: newTokens(),
	}, nil
}

// check names the field of a key that can never sign a request. A key with a
// space or a line end is one that was copied with too much.
func (c Credentials) check() error {
	for _, field := range []struct {
		name, value string
		required    bool
	}{
		{"access_key", c.AccessKey, true},
		{"secret_key", c.SecretKey, true},
		{"session_token", c.SessionToken, false},
	} {
		if field.required && field.value == "" {
			return fmt.Errorf("%s is empty", field.name)
		}
		if strings.ContainsFunc(field.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("%s contains a space, a line end or another character that no key has", field.name)
		}
	}
	return nil
}

// endpointFor returns the URL without a trailing slash. Most regions share one
// host; which do not is known to the SDK.
func endpointFor(region, override string) (string, error) {
	if override == "" {
		host := volcengineutil.GetDefaultEndpointByServiceInfo(ecs.ServiceName, region, nil, nil, silent{})
		if host == nil || *host == "" {
			return "", fmt.Errorf("region %q has no endpoint that the SDK knows: set endpoint", region)
		}
		return "https://" + *host, nil
	}
	// The URL is not repeated in the error, since it may hold a password.
	u, err := url.Parse(override)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") ||
		u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("endpoint is not a URL of scheme and host, such as \"https://open.volcengineapi.com\"")
	}
	return u.Scheme + "://" + u.Host, nil
}

// idForm is that of the instance ids in the examples of the API reference.
var idForm = regexp.MustCompile(`^i-[0-9a-z]+$`)

// ValidID reports whether id has the form of an ECS instance id.
func ValidID(id string) bool { return idForm.MatchString(id) }
