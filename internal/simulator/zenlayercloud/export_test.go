package zenlayercloud

import (
	"net/http"
	"strconv"
	"time"
)

// Sign signs a request with a key at a time. What the request says in its
// headers already stays.
func Sign(r *http.Request, body, id, secret string, at time.Time) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("X-ZC-Timestamp", timestamp)
	r.Header.Set("X-ZC-Signature-Method", algorithm)
	r.Header.Set("Authorization", algorithm+" Credential="+id+", SignedHeaders="+signedHeaders+", Signature="+
		signature(secret, timestamp, canonicalRequest(r.Header.Get("Content-Type"), r.URL.Host, []byte(body))))
}
