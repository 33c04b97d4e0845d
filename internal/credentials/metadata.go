package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// metadataLimit ends one request to a metadata service, which is on the same
// machine or next to it.
const metadataLimit = 2 * time.Second

// metadataService is the service of one cloud that has the keys of a machine's
// role.
type metadataService struct {
	// url is the service's own, always plain http.
	url string
	// tokenPath, tokenHeader and lifeHeader are for the mode in which each
	// request needs a token; empty where the service has none.
	tokenPath, tokenHeader, lifeHeader string
	// rolesPath lists the roles, and keysPath, with the role appended, has keys.
	rolesPath, keysPath string
	// parse reads the keys.
	parse func(a *answer) (issued, error)
	// disabled and tokenOnly are switches in the environment: no metadata at all,
	// and no requests without a token.
	disabled, tokenOnly string
}

var alicloudMetadata = &metadataService{ //nolint:gosec // G101: paths and headers.
	// https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
	url:         "http://100.100.100.200",
	tokenPath:   "/latest/api/token",
	tokenHeader: "X-aliyun-ecs-metadata-token",
	lifeHeader:  "X-aliyun-ecs-metadata-token-ttl-seconds",
	rolesPath:   "/latest/meta-data/ram/security-credentials/",
	keysPath:    "/latest/meta-data/ram/security-credentials/",
	disabled:    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
	tokenOnly:   "ALIBABA_CLOUD_IMDSV1_DISABLED",
	parse: func(a *answer) (issued, error) {
		var keys struct {
			Code                           string
			AccessKeyID                    string `json:"AccessKeyId"`
			AccessKeySecret, SecurityToken string
			Expiration                     time.Time
		}
		if err := a.decode(&keys); err != nil {
			return issued{}, err
		}
		if keys.Code != "" && keys.Code != "Success" {
			return issued{}, a.unreadable("its code is " + quote(clean(keys.Code)))
		}
		return issued{
			id:     keys.AccessKeyID,
			secret: keys.AccessKeySecret,
			token:  keys.SecurityToken,
			end:    keys.Expiration,
		}, nil
	},
}

var tencentcloudMetadata = &metadataService{
	// https://www.tencentcloud.com/document/product/213/4934
	url:       "http://metadata.tencentyun.com",
	rolesPath: "/latest/meta-data/cam/security-credentials/",
	keysPath:  "/latest/meta-data/cam/security-credentials/",
	parse: func(a *answer) (issued, error) {
		var keys struct {
			Code                             string
			TmpSecretID, TmpSecretKey, Token string
			ExpiredTime                      int64
		}
		if err := a.decode(&keys); err != nil {
			return issued{}, err
		}
		if keys.Code != "" && keys.Code != "Success" {
			return issued{}, a.unreadable("its code is " + quote(clean(keys.Code)))
		}
		var end time.Time
		if keys.ExpiredTime > 0 {
			end = time.Unix(keys.ExpiredTime, 0)
		}
		return issued{id: keys.TmpSecretID, secret: keys.TmpSecretKey, token: keys.Token, end: end}, nil
	},
}

var volcengineMetadata = &metadataService{ //nolint:gosec // G101: paths and headers.
	// https://www.volcengine.com/docs/6396/101110
	url:         "http://100.96.0.96",
	tokenPath:   "/latest/api/token",
	tokenHeader: "X-volc-ecs-metadata-token",
	lifeHeader:  "X-volc-ecs-metadata-token-ttl-seconds",
	rolesPath:   "/volcstack/latest/iam/security_credentials?type=user&format=json",
	keysPath:    "/volcstack/latest/iam/security_credentials/",
	disabled:    "VOLCENGINE_ECS_METADATA_DISABLED",
	parse: func(a *answer) (issued, error) {
		var keys struct {
			AccessKeyID                   string `json:"AccessKeyId"`
			SecretAccessKey, SessionToken string
			ExpiredTime                   time.Time
		}
		if err := a.decode(&keys); err != nil {
			return issued{}, err
		}
		return issued{
			id:     keys.AccessKeyID,
			secret: keys.SecretAccessKey,
			token:  keys.SessionToken,
			end:    keys.ExpiredTime,
		}, nil
	},
}

// machineSource is the role of the machine.
type machineSource struct {
	service *metadataService
	base    *url.URL
	system  System
	// role is empty where the service is to be queried for it.
	role string
	name string
}

// String names the source.
func (m *machineSource) String() string { return m.name }

// keys gets the keys of the role from the metadata service.
func (m *machineSource) keys(ctx context.Context) (Set, error) {
	if name := m.service.disabled; name != "" && m.system.isTrue(name) {
		return Set{}, invalid("the environment variable %s forbids the metadata service", name).of(m.name)
	}
	set, err := attempt(ctx, m.exchange)
	if err != nil {
		return Set{}, named(err, m.name)
	}
	set.Source = m.name
	return set, nil
}

func (m *machineSource) exchange(ctx context.Context) (Set, error) {
	token, err := m.token(ctx)
	if err != nil {
		return Set{}, err
	}
	role := m.role
	if role == "" {
		if role, err = m.firstRole(ctx, token); err != nil {
			return Set{}, err
		}
	}
	a, err := m.request(ctx, http.MethodGet, m.service.keysPath+url.PathEscape(role), token)
	if err != nil {
		return Set{}, err
	}
	switch {
	case a.status == http.StatusNotFound:
		return Set{}, &Error{
			Kind: Denied, Status: a.status, Problem: fmt.Sprintf("the machine does not have the role %s", quote(role)),
			Advice: "Bind the role to the machine, or name the one that is bound.",
		}
	case a.status != http.StatusOK:
		return Set{}, a.unreadable("the metadata service did not return keys")
	}
	keys, err := m.service.parse(a)
	if err != nil {
		return Set{}, err
	}
	return a.set(keys, nil)
}

// metadataToken is the form of a token, which is the value of a header later. A page is
// of another one.
var metadataToken = regexp.MustCompile(`^[!-;=-~]+$`)

// token gets a token for the other requests. It is empty where the service does
// not have that mode: it then answers 404 or 405.
func (m *machineSource) token(ctx context.Context) (string, error) {
	if m.service.tokenPath == "" {
		return "", nil
	}
	a, err := m.request(ctx, http.MethodPut, m.service.tokenPath, "")
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(a.body))
	switch {
	case a.status == http.StatusOK && metadataToken.MatchString(token):
		return token, nil
	case a.status == http.StatusOK:
		return "", a.foreign("the metadata service did not return a token")
	case a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed:
		return "", a.unreadable("the metadata service did not return a token")
	case m.service.tokenOnly != "" && m.system.isTrue(m.service.tokenOnly):
		return "", invalid(
			"the metadata service has no token mode, and the environment variable %s forbids the other one",
			m.service.tokenOnly,
		)
	}
	return "", nil
}

// firstRole returns the role that is bound to the machine.
func (m *machineSource) firstRole(ctx context.Context, token string) (string, error) {
	a, err := m.request(ctx, http.MethodGet, m.service.rolesPath, token)
	if err != nil {
		return "", err
	}
	var list []string
	body := strings.TrimSpace(string(a.body))
	if json.Unmarshal(a.body, &list) != nil {
		list = strings.Fields(body)
	}
	switch {
	case a.status == http.StatusNotFound, a.status == http.StatusOK && len(list) == 0:
		return "", &Error{
			Kind:    Denied,
			Status:  a.status,
			Problem: "no role is bound to the machine",
			Advice:  "Bind a role to the machine.",
		}
	case a.status != http.StatusOK, strings.Contains(body, "<"):
		return "", a.foreign("the metadata service did not return a role")
	}
	return list[0], nil
}

func (m *machineSource) request(ctx context.Context, method, path, token string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, m.base.String()+path, nil)
	if err != nil {
		return nil, &Error{Kind: Other, Problem: "the request to the metadata service cannot be made", err: err}
	}
	if token != "" {
		req.Header.Set(m.service.tokenHeader, token)
	}
	if method == http.MethodPut {
		req.Header.Set(m.service.lifeHeader, "21600")
	}
	a, err := fetch(m.system.MetadataTransport, req, byMetadataService, m.system.Now())
	if err != nil {
		failed := unreachable("the metadata service "+m.base.Host, m.base, byMetadataService, err, []string{token})
		failed.Advice = adviceOtherMachine
		return nil, failed
	}
	return a, nil
}

// named returns err with its source.
func named(err error, source string) error {
	if known, ok := err.(*Error); ok { //nolint:errorlint // Only the outermost error is named.
		return known.of(source)
	}
	return &Error{Kind: Other, Source: source, Problem: "the keys could not be had", err: err}
}
