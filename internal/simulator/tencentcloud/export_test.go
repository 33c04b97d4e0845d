package tencentcloud

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sign signs a request as the vendor's Node SDK does: the host without its
// port, and the first label of the endpoint for a service.
func Sign(r *http.Request, body string, at time.Time) {
	host, _, err := net.SplitHostPort(r.URL.Host)
	if err != nil {
		host = r.URL.Host
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", "DescribeInstances")
	r.Header.Set("X-TC-Version", Version)
	r.Header.Set("X-TC-Region", "ap-guangzhou")
	timestamp, date := strconv.FormatInt(at.Unix(), 10), at.UTC().Format(time.DateOnly)
	r.Header.Set("X-TC-Timestamp", timestamp)
	service, _, _ := strings.Cut(host, ".")
	canonical := canonicalRequest(r, host, []string{"content-type", "host"}, []byte(body), same)
	r.Header.Set("Authorization", algorithm+" Credential="+Keys().Lasting.AccessKeyID+"/"+date+"/"+service+
		"/tc3_request, SignedHeaders=content-type;host, Signature="+
		signature(Keys().Lasting.Secret, date, service, stringToSign(timestamp, date, service, canonical)))
}

// SignAs signs a request over the headers that it has, as the vendor's Go SDK does.
func SignAs(r *http.Request, body string) {
	at := time.Now().UTC()
	timestamp, date := strconv.FormatInt(at.Unix(), 10), at.Format(time.DateOnly)
	r.Header.Set("X-TC-Timestamp", timestamp)
	canonical := canonicalRequest(r, r.Host, []string{"content-type", "host"}, []byte(body), same)
	r.Header.Set("Authorization", algorithm+" Credential="+Keys().Lasting.AccessKeyID+"/"+date+"/cvm/tc3_request, "+
		"SignedHeaders=content-type;host, Signature="+signature(Keys().Lasting.Secret, date, "cvm",
		stringToSign(timestamp, date, "cvm", canonical)))
}
