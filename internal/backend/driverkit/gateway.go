package driverkit

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// GatewayError is an answer that did not come from the API: the page of a load
// balancer, a firewall, a proxy or a login.
type GatewayError struct {
	Status int
	Header http.Header
	// Title is that of an HTML page, or the start of its text, as it may be
	// shown. It may be empty.
	Title string
	// Again is set when the call before this one ended in the same way, and both
	// with a status of success.
	Again bool
}

func (e *GatewayError) Error() string {
	text := fmt.Sprintf("the answer is not from the API (HTTP status %d", e.Status)
	if e.Title != "" {
		text += ", " + `"` + e.Title + `"`
	}
	return text + ")"
}

var (
	title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// titleOf returns the title of a page, or its text, as it may be shown. The secrets go
// first: one that is broken into two lines is not found once these are one.
func titleOf(body []byte, redact *Redactor) string {
	text := string(body[:min(len(body), 4*maxSearched)])
	if m := title.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = redact.Redact(tag.ReplaceAllString(text, " "))
	return Visible(strings.Join(strings.Fields(text), " "))
}
