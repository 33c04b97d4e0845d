package tencentcloud

import (
	"net/http"
	"strconv"
	"time"
)

// SignExchange signs a request to the token service, over whatever is in its
// header Authorization.
func SignExchange(r *http.Request, body, id, secret string) {
	now := time.Now().UTC()
	timestamp, date := strconv.FormatInt(now.Unix(), 10), now.Format(time.DateOnly)
	r.Header.Set("X-TC-Timestamp", timestamp)
	canonical := canonicalRequest(r, r.URL.Host, []string{"content-type", "host"}, []byte(body), same)
	r.Header.Set("Authorization", algorithm+" Credential="+id+"/"+date+"/sts/tc3_request, "+
		"SignedHeaders=content-type;host, Signature="+
		signature(secret, date, "sts", stringToSign(timestamp, date, "sts", canonical)))
}
