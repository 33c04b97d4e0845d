package tencentcloud

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Credentials are the keys of an account or of a CAM user, or the temporary
// keys of a role, which come with a token.
type Credentials struct {
	SecretID  string
	SecretKey string
	// Token is empty unless the keys are temporary.
	Token string
}

// String hides the keys.
func (Credentials) String() string { return "tencentcloud.Credentials{***}" }

// GoString hides the keys from %#v.
func (c Credentials) GoString() string { return c.String() }

func (c Credentials) validate() error {
	if c.SecretID == "" {
		return errors.New("secret_id is empty")
	}
	if c.SecretKey == "" {
		return errors.New("secret_key is empty")
	}
	for _, field := range []struct{ name, value string }{
		{"secret_id", c.SecretID},
		{"secret_key", c.SecretKey},
		{"security_token", c.Token},
	} {
		// Such a value cannot be sent in a header, or signs wrongly; a line
		// break at the end, copied along from a file, is the usual case.
		if strings.ContainsFunc(field.value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return fmt.Errorf("%s contains white space or a control character", field.name)
		}
	}
	return nil
}

// Options are what rarely changes. The zero value works.
type Options struct {
	// Endpoint is a URL, its scheme and host already validated; empty means
	// the cloud's own for the region.
	Endpoint string
	// UserAgent goes in front of the SDK's own.
	UserAgent string
	// HTTP is the transport beneath, nil for the default.
	HTTP http.RoundTripper
}

// regionForm is no list of regions, which the cloud extends; it keeps out what
// could not be part of a header or of a host name.
var regionForm = regexp.MustCompile(`^[0-9A-Za-z-]+$`)

// New returns a driver for one account and region. It asks nobody, and fails
// only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	if err := creds.validate(); err != nil {
		return nil, err
	}
	if region == "" {
		return nil, errors.New("region is empty")
	}
	if !regionForm.MatchString(region) {
		return nil, fmt.Errorf("region %q is not the name of a region", region)
	}
	settings := profile.NewClientProfile()
	settings.Language = "en-US"
	settings.HttpProfile.ReqMethod = http.MethodPost
	// 0 sets no limit (SDK source, http.Client.Timeout): the context is the
	// only clock.
	settings.HttpProfile.ReqTimeout = 0
	settings.RateLimitExceededMaxRetries = 0
	settings.NetworkFailureMaxRetries = 0
	// The breaker would send a call again, to a region that nobody named.
	settings.DisableRegionBreaker = true
	if err := setEndpoint(settings.HttpProfile, opts.Endpoint, region); err != nil {
		return nil, err
	}
	client, err := cvm.NewClient(common.NewTokenCredential(creds.SecretID, creds.SecretKey, creds.Token), region, settings)
	if err != nil {
		return nil, fmt.Errorf("make the client: %w", err)
	}
	client.WithHttpTransport(driverkit.New(opts.UserAgent, opts.HTTP))
	if name := requestClient(opts.UserAgent); name != "" {
		client.WithRequestClient(name)
	}
	return &Driver{client: client, redact: redactor(creds)}, nil
}

// financeSuffix marks the regions that the common host name does not serve;
// they are reached by a name of their own
// (https://www.tencentcloud.com/document/api/213/33235).
const financeSuffix = "-fsi"

func setEndpoint(to *profile.HttpProfile, endpoint, region string) error {
	if endpoint == "" {
		to.Scheme = "https"
		if strings.HasSuffix(region, financeSuffix) {
			to.Endpoint = "cvm." + region + ".tencentcloudapi.com"
		}
		return nil
	}
	// The text of the endpoint stays out of the errors: it may hold a password.
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("endpoint is not a URL of the form https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("endpoint may have a scheme, a host, a port and a path, and nothing else")
	}
	to.Scheme = u.Scheme
	to.Endpoint = u.Host + u.EscapedPath()
	return nil
}

// maxRequestClient is the most that the SDK takes before it complains on
// standard error.
const maxRequestClient = 128

// requestClient is the product at the head of the user agent, in the letters
// that X-TC-RequestClient may have (SDK source, WithRequestClient): the slash
// before the version is not one of them.
func requestClient(userAgent string) string {
	product, _, _ := strings.Cut(strings.TrimSpace(userAgent), " ")
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("-_,;.", r):
			return r
		}
		return '-'
	}, product)
	return name[:min(len(name), maxRequestClient)]
}

// minSecret is the length below which a value is not looked for in texts: it
// could be a part of any word.
const minSecret = 8

// redactor hides the keys where a server, or a proxy before it, echoes them.
func redactor(creds Credentials) *strings.Replacer {
	var pairs []string
	for _, secret := range []string{creds.SecretID, creds.SecretKey, creds.Token} {
		if len(secret) >= minSecret {
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}
