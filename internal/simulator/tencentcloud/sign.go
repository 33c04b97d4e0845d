package tencentcloud

import (
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// algorithm is the only way to sign that is served
// (https://cloud.tencent.com/document/api/213/30654).
const algorithm = "TC3-HMAC-SHA256"

// unsigned is what X-TC-Content-SHA256 says when the body is not signed.
const unsigned = "UNSIGNED-PAYLOAD"

var authorizationForm = regexp.MustCompile(
	`^TC3-HMAC-SHA256 +Credential=([^/,\s]+)/(\d{4}-\d{2}-\d{2})/([0-9A-Za-z_-]+)/tc3_request, *` +
		`SignedHeaders=([0-9a-z;-]+), *Signature=([0-9a-f]{64})$`)

// authorization is what the header of that name says.
type authorization struct {
	id, date, service string
	signedHeaders     []string
	signature         string
}

func parseAuthorization(header string) (authorization, bool) {
	m := authorizationForm.FindStringSubmatch(header)
	if m == nil {
		return authorization{}, false
	}
	return authorization{
		id: m[1], date: m[2], service: m[3], signedHeaders: strings.Split(m[4], ";"), signature: m[5],
	}, true
}

// authenticate verifies who sent the request. The service of the scope is not
// compared with "cvm": the vendor's Node SDK takes it from the first label of
// whatever endpoint it is given.
func (w *Wire) authenticate(req *simulator.Request) (simulator.Credential, *simulator.Refusal) {
	r := req.HTTP
	var nobody simulator.Credential
	a, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return nobody, refuse("AuthFailure.InvalidAuthorization",
			"The request header `Authorization` does not conform to the Tencent Cloud standard.")
	}
	req.Call.AccessKeyID = a.id
	timestamp := commonParameter(r, "Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return nobody, missing("Timestamp")
	}
	signedAt := time.Unix(seconds, 0).UTC()
	if !w.cloud.SkewAllowed(signedAt) {
		return nobody, refuse("AuthFailure.SignatureExpire",
			"The provided credentials have expired: the timestamp and the server time differ by more than five minutes.")
	}
	key, known := w.cloud.Credential(a.id)
	if !known {
		return nobody, refuse("AuthFailure.SecretIdNotFound",
			"The SecretId is not found, please ensure that your SecretId is correct.")
	}
	token := commonParameter(r, "Token")
	if key.Expired || !signing.Equal(token, key.Token) {
		return nobody, refuse("AuthFailure.TokenFailure", "The provided token is invalid or has expired.")
	}
	if signedAt.Format(time.DateOnly) != a.date || !covers(a.signedHeaders) {
		return nobody, badSignature()
	}
	for _, canonical := range canonicalForms(r, req.Body, a.signedHeaders) {
		want := signature(key.Secret, a.date, a.service, stringToSign(timestamp, a.date, a.service, canonical))
		if signing.Equal(want, a.signature) {
			req.Identify(key)
			return key, nil
		}
	}
	return nobody, badSignature()
}

func badSignature() *simulator.Refusal {
	return refuse("AuthFailure.SignatureFailure",
		"The provided credentials could not be validated. Please check your signature is correct.")
}

// covers reports whether the headers that must be signed are.
func covers(signed []string) bool {
	var contentType, host bool
	for _, name := range signed {
		contentType = contentType || name == "content-type"
		host = host || name == "host"
	}
	return contentType && host
}

// canonicalForms returns the texts that the signature may be of. There is more
// than one because clients differ in whether the host has its port (the
// vendor's Node SDK leaves it out) and in whether values are in lower case, as
// the page asks.
func canonicalForms(r *http.Request, body []byte, signed []string) []string {
	hosts := []string{r.Host}
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		hosts = append(hosts, host)
	}
	payload := body
	if r.Header.Get("X-TC-Content-SHA256") == unsigned {
		payload = []byte(unsigned)
	}
	var forms []string
	for _, host := range hosts {
		for _, change := range []func(string) string{same, strings.ToLower} {
			forms = append(forms, canonicalRequest(r, host, signed, payload, change))
		}
	}
	return forms
}

func same(s string) string { return s }

// canonicalRequest is the text that is signed. The path is always "/", also
// when the endpoint has a path of its own.
func canonicalRequest(
	r *http.Request, host string, signed []string, payload []byte, change func(string) string,
) string {
	return signing.Request{
		Method: r.Method, Path: "/", Query: r.URL.RawQuery, Signed: signed, Payload: signing.Hash(payload),
		Value: func(name string) string {
			if name == "host" {
				return change(host)
			}
			return change(r.Header.Get(name))
		},
	}.Canonical()
}

func stringToSign(timestamp, date, service, canonical string) string {
	return strings.Join([]string{
		algorithm, timestamp, date + "/" + service + "/tc3_request", signing.Hash([]byte(canonical)),
	}, "\n")
}

// signature derives the key of the day and the service, and signs with it.
func signature(secret, date, service, text string) string {
	return signing.HexHMAC(signing.Derive("TC3"+secret, date, service, "tc3_request"), text)
}
