package driverkit_test

import (
	"bytes"
	"errors"
	"fmt"
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

// TestASecretInTwoLinesIsRedacted: the title of a page is shown in one.
func TestASecretInTwoLinesIsRedacted(t *testing.T) {
	t.Parallel()
	const secret, packed = "secret/Value+0001", "c2VjcmV0L1ZhbHVlKzAwMDE"
	redact := driverkit.NewRedactor(secret)
	for _, text := range []string{
		"secret/Va\nlue+0001", "secret/Va\r\n\t lue+0001",
		packed[:10] + "\n" + packed[10:], packed[:10] + "\n  " + packed[10:],
	} {
		if got := redact.Clean("Denied " + text + " today"); got != "Denied *** today" {
			t.Errorf("%q: got %q", text, got)
		}
		for form, want := range map[string]string{
			"<html><title>Denied %s today</title></html>": "Denied *** today",
			"<p>Denied <b>%s</b> today</p>":               "Denied *** today",
		} {
			body := fmt.Sprintf(form, text)
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			client := &http.Client{Transport: driverkit.NewTransport("", nil, driverkit.IsObject, redact)}
			t.Cleanup(client.CloseIdleConnections)
			_, _, err := exchange(t, client, http.MethodGet, url, http.NoBody)
			var page *driverkit.GatewayError
			if !errors.As(err, &page) || page.Title != want {
				t.Errorf("%q: got %v, want the title %q", body, err, want)
			}
		}
	}
}
