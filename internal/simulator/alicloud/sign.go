package alicloud

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // The older signature of this cloud is HMAC-SHA1, and its clients are served too.
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// algorithm is the newer way to sign, in the header Authorization
// (https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature).
const algorithm = "ACS3-HMAC-SHA256"

// timeForm is how a request says when it was signed, always in UTC.
const timeForm = "2006-01-02T15:04:05Z"

var authorizationForm = regexp.MustCompile(
	`^ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([0-9a-z;-]+), *Signature=([0-9a-f]{64})$`)

// claim is what a request says about who signed it, and how.
type claim struct {
	id, token, nonce, date string
	// signed reports whether the signature was made with the secret.
	signed func(secret string) bool
}

// authenticate verifies who sent the request.
func (w *Wire) authenticate(req *simulator.Request, m *message) (simulator.Credential, *simulator.Refusal) {
	var nobody simulator.Credential
	read := readRPC
	if m.acs3() {
		read = readACS3
	}
	c, refusal := read(m)
	req.Call.AccessKeyID = c.id
	if refusal != nil {
		return nobody, refusal
	}
	signedAt, err := time.Parse(timeForm, c.date)
	if err != nil {
		return nobody, refuse("InvalidTimeStamp.Format")
	}
	if !w.cloud.SkewAllowed(signedAt) {
		return nobody, refuse("InvalidTimeStamp.Expired")
	}
	key, known := w.cloud.Credential(c.id)
	if !known {
		return nobody, refuse("InvalidAccessKeyId.NotFound")
	}
	if key.Token != "" && c.token == "" {
		return nobody, refuse("MissingSecurityToken")
	}
	if !signing.Equal(key.Token, c.token) {
		return nobody, refuse("InvalidSecurityToken.Malformed")
	}
	if key.Expired {
		return nobody, refuse("InvalidSecurityToken.Expired")
	}
	if !c.signed(key.Secret) {
		return nobody, refuse("SignatureDoesNotMatch")
	}
	if !w.nonces.use(c.id+" "+c.nonce, time.Now()) {
		return nobody, refuse("SignatureNonceUsed")
	}
	req.Identify(key)
	return key, nil
}

// readACS3 reads the newer form of a signature.
func readACS3(m *message) (claim, *simulator.Refusal) {
	h := m.http.Header
	form := authorizationForm.FindStringSubmatch(h.Get("Authorization"))
	if form == nil {
		return claim{}, refuse("IncompleteSignature")
	}
	signedHeaders := strings.Split(form[2], ";")
	c := claim{
		id: form[1], token: h.Get("X-Acs-Security-Token"), nonce: h.Get("X-Acs-Signature-Nonce"), date: h.Get("X-Acs-Date"),
	}
	switch {
	case c.date == "":
		return c, missing("Timestamp")
	case c.nonce == "":
		return c, missing("SignatureNonce")
	case !covers(h, signedHeaders):
		return c, refuse("IncompleteSignature")
	}
	payload := signing.Hash(m.body)
	c.signed = func(secret string) bool {
		want := signing.HexHMAC([]byte(secret),
			algorithm+"\n"+signing.Hash([]byte(canonicalRequest(m.http, m.query, signedHeaders, payload))))
		return h.Get("X-Acs-Content-Sha256") == payload && signing.Equal(want, form[3])
	}
	return c, nil
}

// covers reports whether all headers that must be signed are: the host, and
// every header of the service's own that the request has.
func covers(h http.Header, signed []string) bool {
	if !slices.Contains(signed, "host") || !slices.IsSorted(signed) {
		return false
	}
	for name := range h {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-acs-") && !slices.Contains(signed, lower) {
			return false
		}
	}
	return true
}

// canonicalRequest is the text whose hash the newer signature signs.
func canonicalRequest(r *http.Request, query url.Values, signed []string, payload string) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return signing.Request{
		Method: r.Method, Path: path, Query: canonicalQuery(query), Signed: signed, Payload: payload,
		Value: func(name string) string {
			if name == "host" {
				return r.Host
			}
			values := slices.Sorted(slices.Values(r.Header.Values(name)))
			for i, v := range values {
				values[i] = strings.TrimSpace(v)
			}
			return strings.Join(values, ",")
		},
	}.Canonical()
}

// canonicalQuery writes parameters in the order of their names, encoded as RFC
// 3986 has it.
func canonicalQuery(query url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			pairs = append(pairs, encode(name)+"="+encode(value))
		}
	}
	return strings.Join(pairs, "&")
}

func encode(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
}

// readRPC reads the older form of a signature, in the query or the form
// (https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism).
func readRPC(m *message) (claim, *simulator.Refusal) {
	c := claim{
		id: m.get("AccessKeyId"), token: m.get("SecurityToken"), nonce: m.get("SignatureNonce"), date: m.get("Timestamp"),
	}
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureNonce", "Timestamp"} {
		if m.get(name) == "" {
			return c, missing(name)
		}
	}
	if m.get("SignatureMethod") != "HMAC-SHA1" || m.get("SignatureVersion") != "1.0" {
		return c, refuse("IncompleteSignature")
	}
	c.signed = func(secret string) bool {
		all := url.Values{}
		for _, name := range m.names() {
			if name != "Signature" {
				all.Set(name, m.get(name))
			}
		}
		want := hmacBase64(secret+"&", rpcStringToSign(m.http.Method, all))
		return signing.Equal(want, m.get("Signature"))
	}
	return c, nil
}

// rpcStringToSign is the text that the older signature signs.
func rpcStringToSign(method string, all url.Values) string {
	return method + "&%2F&" + encode(canonicalQuery(all))
}

func hmacBase64(secret, text string) string {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
