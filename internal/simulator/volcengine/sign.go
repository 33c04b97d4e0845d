package volcengine

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// algorithm is the only way to sign that is served
// (https://www.volcengine.com/docs/6369/67269).
const algorithm = "HMAC-SHA256"

// dateForm is the form of X-Date.
const dateForm = "20060102T150405Z"

var (
	authorizationForm = regexp.MustCompile(
		`^HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([0-9a-z;-]+), *Signature=([0-9a-f]{64})$`)
	credentialForm = regexp.MustCompile(`^([^/]+)/(\d{8})/([^/]+)/([^/]+)/request$`)
)

// scope is the part of a credential after the key.
type scope struct{ date, region, service string }

func (s scope) String() string { return s.date + "/" + s.region + "/" + s.service + "/request" }

// authorization is what the header of that name says.
type authorization struct {
	id            string
	scope         scope
	signedHeaders []string
	signature     string
}

func parseAuthorization(header string) (authorization, *simulator.Refusal) {
	var none authorization
	if header == "" {
		return none, refuse("MissingAuthenticationToken", "Request is missing Authentication Token.")
	}
	if !strings.Contains(header, "Signature=") {
		return none, refuse("MissingSignature", "The request is missing signature.")
	}
	m := authorizationForm.FindStringSubmatch(header)
	if m == nil {
		return none, refuse("InvalidAuthorization", "Invalid 'Authorization' header, Pls check your authorization header.")
	}
	credential := credentialForm.FindStringSubmatch(m[1])
	if credential == nil {
		return none, refuse("InvalidCredential",
			"Invalid credential in 'Authorization', Pls check your authorization header.")
	}
	return authorization{
		id: credential[1], scope: scope{credential[2], credential[3], credential[4]},
		signedHeaders: strings.Split(m[2], ";"), signature: m[3],
	}, nil
}

// authenticate verifies who sent the request to a service, and takes the region
// from the scope of the signature, which is the only place where it is.
func (w *Wire) authenticate(req *simulator.Request, service string) (simulator.Credential, *simulator.Refusal) {
	r := req.HTTP
	var nobody simulator.Credential
	a, refusal := parseAuthorization(r.Header.Get("Authorization"))
	if refusal != nil {
		return nobody, refusal
	}
	req.Call.AccessKeyID, req.Call.Region, req.Call.Service = a.id, a.scope.region, a.scope.service
	date := r.Header.Get("X-Date")
	signedAt, err := time.Parse(dateForm, date)
	if err != nil || !w.cloud.SkewAllowed(signedAt) {
		return nobody, refuse("InvalidTimestamp", "The signature of the request is expired.")
	}
	key, known := w.cloud.Credential(a.id)
	if !known {
		return nobody, refuse("InvalidAccessKey", "The accesskey [%s] included in the request is invalid.", a.id)
	}
	if refusal := w.checkToken(key, r.Header.Get("X-Security-Token")); refusal != nil {
		return nobody, refusal
	}
	if !verified(r, req.Body, a, date, key.Secret) {
		return nobody, refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature "+
			"you provided. "+
			"Check your Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if a.scope.service != service {
		return nobody, refuse("ServiceNotFound", "This service[%s] not found.", a.scope.service)
	}
	if !w.cloud.KnowsRegion(a.scope.region) {
		return nobody, refuse("InvalidCredential",
			"Invalid credential in 'Authorization', Pls check your authorization header.")
	}
	req.Identify(key)
	return key, nil
}

// checkToken compares the session token of a temporary key.
func (w *Wire) checkToken(key simulator.Credential, token string) *simulator.Refusal {
	if !signing.Equal(token, key.Token) {
		return refuse("InvalidSecurityToken", "The security token included in the request is invalid.")
	}
	if key.Expired {
		return refuse(w.cloud.Setting(ExpiredTokenCode), "The security token included in the request is expired.")
	}
	return nil
}

// verified reports whether the signature is right. Which headers it covers is
// for the client to say: the Go SDK signs four or five, the Node SDK the date
// alone.
func verified(r *http.Request, body []byte, a authorization, date, secret string) bool {
	if !slices.Contains(a.signedHeaders, "x-date") || !strings.HasPrefix(date, a.scope.date) {
		return false
	}
	payload := signing.Hash(body)
	if sum := r.Header.Get("X-Content-Sha256"); sum != "" && sum != payload {
		return false
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false
	}
	canonical := canonicalRequest(r, query, a.signedHeaders, payload)
	text := strings.Join([]string{algorithm, date, a.scope.String(), signing.Hash([]byte(canonical))}, "\n")
	want := signature(secret, a.scope, text)
	return signing.Equal(want, a.signature)
}

// canonicalRequest is the text that is signed.
func canonicalRequest(r *http.Request, query url.Values, signed []string, payload string) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return signing.Request{
		Method: r.Method, Path: path, Query: strings.ReplaceAll(query.Encode(), "+", "%20"), Signed: signed, Payload: payload,
		Value: func(name string) string {
			if name == "host" {
				return host(r.Host)
			}
			return r.Header.Get(name)
		},
	}.Canonical()
}

// host is the host as it is signed: without a port that is the scheme's own.
func host(value string) string {
	for _, port := range []string{":80", ":443"} {
		if h, ok := strings.CutSuffix(value, port); ok {
			return h
		}
	}
	return value
}

// signature derives the key of the day, the region and the service, and signs
// with it.
func signature(secret string, s scope, text string) string {
	return signing.HexHMAC(signing.Derive(secret, s.date, s.region, s.service, "request"), text)
}
