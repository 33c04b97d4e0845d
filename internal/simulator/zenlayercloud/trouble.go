package zenlayercloud

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The troubles of this wire alone.
const (
	// Unwrapped leaves out the object "response": its fields are beside
	// requestId. The page of vm DescribeInstancesStatus has such an example.
	Unwrapped simulator.Kind = "unwrapped"

	// ErrorUnder200 sends the body of an error with HTTP status 200, which the
	// vendor's Go SDK takes for a success. The call has no effect. Code and
	// Message are parameters.
	ErrorUnder200 simulator.Kind = "error_under_200"

	// WAFPage answers as the gateway before the API does. Status 403, the
	// default, has the header "cf-mitigated: challenge"; any other Status, such
	// as 451 for a blocked request, has not (source of the vendor's Python SDK,
	// abstract_client.py).
	WAFPage simulator.Kind = "waf_page"
)

func extraKinds() map[simulator.Kind]simulator.ExtraKind {
	return map[simulator.Kind]simulator.ExtraKind{
		Unwrapped: {Doc: "leaves out the object response around the fields of an answer"},
		ErrorUnder200: {
			Doc:        "sends an error (code, message) with HTTP status 200, and does nothing",
			Parameters: []string{"code", "message"},
		},
		WAFPage: {
			Doc: "answers a page of the firewall: status 403 with the header cf-mitigated, or another status, such as 451, " +
				"without it",
			Parameters: []string{"status", "message"},
		},
	}
}

// misbehave looks for the troubles that take the place of the answer.
func (w *Wire) misbehave(req *simulator.Request) (simulator.Answer, bool) {
	if t := req.Hit(WAFPage); t != nil {
		return wafPage(t), true
	}
	if t := req.Hit(ErrorUnder200); t != nil {
		refusal := w.Default(simulator.Error)
		refusal.Status = http.StatusOK
		if t.Code != "" {
			refusal.Code = t.Code
		}
		if t.Message != "" {
			refusal.Message = t.Message
		}
		return w.Refuse(req, refusal), true
	}
	return simulator.Answer{}, false
}

func wafPage(t *simulator.Trouble) simulator.Answer {
	status := t.Status
	if status == 0 {
		status = http.StatusForbidden
	}
	header := http.Header{"Content-Type": {"text/html; charset=UTF-8"}}
	if status == http.StatusForbidden {
		header.Set("cf-mitigated", "challenge")
	}
	return simulator.Answer{
		Status: status, Header: header, Code: "http." + strconv.Itoa(status),
		Body: fmt.Appendf(nil,
			"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>%d %s</body></html>\n", status, t.Message),
	}
}
