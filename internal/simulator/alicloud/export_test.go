package alicloud

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// Nonces gives the tests the memory of used numbers.
type Nonces struct{ inner nonces }

// Use is nonces.use.
func (n *Nonces) Use(nonce string, at time.Time) bool { return n.inner.use(nonce, at) }

// SkewAllowed is how far a request may be off.
const SkewAllowed = maxSkew

// SignHeaders signs a request in its headers, over those that it has.
func SignHeaders(r *http.Request, id, secret, body string) {
	payload := signing.Hash([]byte(body))
	r.Header.Set("X-Acs-Content-Sha256", payload)
	signed := []string{"host"}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if strings.HasPrefix(name, "X-Acs-") {
			signed = append(signed, strings.ToLower(name))
		}
	}
	r.Header.Set("Authorization", algorithm+" Credential="+id+",SignedHeaders="+strings.Join(signed, ";")+",Signature="+
		signing.HexHMAC([]byte(secret),
			algorithm+"\n"+signing.Hash([]byte(canonicalRequest(r, r.URL.Query(), signed, payload)))))
}

// SignQuery returns the older signature of parameters.
func SignQuery(method string, all url.Values, secret string) string {
	return hmacBase64(secret+"&", rpcStringToSign(method, all))
}
