package zenlayercloud

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// algorithm is the only way to sign that is served
// (https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/sign).
const algorithm = "ZC2-HMAC-SHA256"

// signedHeaders is the only list of headers that the page and the SDKs sign.
const signedHeaders = "content-type;host"

var authorizationForm = regexp.MustCompile(
	`^ZC2-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([0-9a-z;-]+), *Signature=([0-9a-f]{64})$`)

// authenticate verifies who sent the request: an access key that signed it, or
// an access token, with which nothing is signed (SDK source,
// common/credentials.go).
func (w *Wire) authenticate(req *simulator.Request) (simulator.Credential, *simulator.Refusal) {
	header := req.HTTP.Header.Get("Authorization")
	if token, ok := strings.CutPrefix(header, "Bearer "); ok {
		key, known := w.cloud.Bearer(token)
		if !known {
			return key, w.unauthorized(accessRefused, "The access token is not valid.")
		}
		if key.Expired {
			return key, w.unauthorized(accessRefused, "The access token has expired.")
		}
		req.Identify(key)
		return key, nil
	}
	m := authorizationForm.FindStringSubmatch(header)
	if m == nil {
		return simulator.Credential{}, w.unauthorized(signatureFailure, "The header `Authorization` is missing or malformed.")
	}
	req.Call.AccessKeyID = m[1]
	return w.verify(req, m[1], m[2], m[3])
}

// verify checks a signature. The vendor has one code for a wrong key, a wrong
// time and a request that was changed on its way.
func (w *Wire) verify(req *simulator.Request, id, headers, given string) (simulator.Credential, *simulator.Refusal) {
	var nobody simulator.Credential
	h := req.HTTP.Header
	if method := h.Get("X-ZC-Signature-Method"); method != algorithm {
		return nobody, w.unauthorized(signatureFailure, "The signature method is not supported.")
	}
	timestamp := h.Get("X-ZC-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return nobody, w.unauthorized(signatureFailure, "The header `X-ZC-Timestamp` is missing or malformed.")
	}
	if !w.cloud.SkewAllowed(time.Unix(seconds, 0)) {
		return nobody, w.unauthorized(signatureFailure, "The time of the request is too far from the time of the server.")
	}
	key, known := w.cloud.Credential(id)
	if !known || key.Expired {
		return nobody, w.unauthorized(signatureFailure, "The access key does not exist or is disabled.")
	}
	want := signature(key.Secret, timestamp, canonicalRequest(h.Get("Content-Type"), req.HTTP.Host, req.Body))
	if headers != signedHeaders || req.HTTP.Method != http.MethodPost || !signing.Equal(want, given) {
		return nobody, w.unauthorized(signatureFailure, "The signature does not match the request.")
	}
	req.Identify(key)
	return key, nil
}

// unauthorized refuses credentials. It reads a switch, so it is for Parse only,
// where the cloud is not locked.
func (w *Wire) unauthorized(code, message string) *simulator.Refusal {
	status := http.StatusUnauthorized
	if w.cloud.Setting(AuthStatus) == "403" {
		status = http.StatusForbidden
	}
	return &simulator.Refusal{Code: code, Message: message, Status: status}
}

// canonicalRequest is the text that is signed. Its path is always "/": neither
// path nor action nor version is signed (SDK source, common/client.go).
func canonicalRequest(contentType, host string, body []byte) string {
	values := map[string]string{"content-type": contentType, "host": host}
	return signing.Request{
		Method: http.MethodPost, Path: "/", Signed: strings.Split(signedHeaders, ";"),
		Value: func(name string) string { return values[name] }, Payload: signing.Hash(body),
	}.Canonical()
}

// signature signs with the password of the key itself; nothing is derived.
func signature(password, timestamp, canonical string) string {
	return signing.HexHMAC([]byte(password), algorithm+"\n"+timestamp+"\n"+signing.Hash([]byte(canonical)))
}
