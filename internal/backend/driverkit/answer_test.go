package driverkit_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// TestAnotherFormatIsAPredicate: a cloud that answers in XML needs nothing but to say so.
func TestAnotherFormatIsAPredicate(t *testing.T) {
	t.Parallel()
	isAnswer := func(body []byte) bool { return bytes.HasPrefix(body, []byte("<Response>")) }
	for body, answered := range map[string]bool{
		"<Response><Id>r-1</Id></Response>":  true,
		"<html><title>Log in</title></html>": false,
		`{"RequestId":"r-1"}`:                false,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		client := &http.Client{Transport: driverkit.NewTransport("", nil, isAnswer, driverkit.NewRedactor())}
		t.Cleanup(client.CloseIdleConnections)
		got, recorded, err := exchange(t, client, http.MethodGet, url, http.NoBody)
		var page *driverkit.GatewayError
		if answered != (err == nil && got == body && recorded.Err == nil) || answered == errors.As(err, &page) {
			t.Errorf("%s: got %q, %v, want it taken for an answer: %v", body, got, err, answered)
		}
	}
}

// TestAnAnswerHasAFieldAtItsTop: a name that stands deeper, or within a text, is none.
func TestAnAnswerHasAFieldAtItsTop(t *testing.T) {
	t.Parallel()
	isAnswer := driverkit.HasField("RequestId", "Response")
	for body, want := range map[string]bool{
		`{"Response":{}}`: true,
		"\ufeff {\n\"Other\": [{}, \"]}\"],\n\"RequestId\" : \"r\"}": true,
		`{"Response":`:                     true,
		`{"Response"`:                      false,
		`{"Respon`:                         false,
		`{}`:                               false,
		``:                                 false,
		`["RequestId"]`:                    false,
		`{"Result":{"RequestId":"r"}}`:     false,
		`{"Result":"\"RequestId\":"}`:      false,
		`{"Result":"RequestId"}`:           false,
		`{"response":{},"requestid":"r"}`:  false,
		`<html>{"RequestId":"r"}</html>`:   false,
		`{"\\":"x","Response":{"a":"\\"}}`: true,
	} {
		if got := isAnswer([]byte(body)); got != want {
			t.Errorf("%s: got %v, want %v", body, got, want)
		}
	}
}
