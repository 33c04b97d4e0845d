package alicloud

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// secretsIn returns which of the keys text shows.
func secretsIn(text string) []string {
	var found []string
	creds := testCredentials()
	for _, secret := range []string{creds.AccessKeyID, creds.AccessKeySecret, creds.SecurityToken} {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

func TestCredentialsDoNotPrint(t *testing.T) {
	t.Parallel()
	creds := testCredentials()
	d, err := New(creds, testRegion, Options{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{creds, &creds, struct{ C Credentials }{creds}, d} {
			if text := fmt.Sprintf(format, value); len(secretsIn(text)) > 0 {
				t.Errorf("%s of %T shows %v", format, value, secretsIn(text))
			}
		}
	}
}

func TestErrorsDoNotShowTheKeysThatTheCloudQuotes(t *testing.T) {
	t.Parallel()
	creds := testCredentials()
	quoted := "not matched: x-acs-security-token:" + creds.SecurityToken + " " + creds.AccessKeyID + " " + creds.AccessKeySecret
	body, err := json.Marshal(map[string]any{"Code": "SignatureDoesNotMatch", "Message": quoted, "Detail": quoted, "Description": quoted, "RequestId": "R"})
	if err != nil {
		t.Fatal(err)
	}
	item, err := json.Marshal(map[string]any{"InstanceResponses": map[string]any{"InstanceResponse": []any{
		map[string]any{"InstanceId": "i-a", "Code": "SignatureDoesNotMatch", "Message": quoted}, map[string]any{"InstanceId": "i-b", "Code": 200},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	throttled := strings.Replace(string(body), "SignatureDoesNotMatch", "Throttling", 1)
	tests := []struct {
		name   string
		status int
		body   string
	}{
		{"a client's error", http.StatusBadRequest, string(body)},
		{"a server's error", http.StatusInternalServerError, string(body)},
		{"a throttle", http.StatusBadRequest, throttled},
		{"an item's error", http.StatusOK, string(item)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newCloud(t, func(w http.ResponseWriter, _ received, _ int) { write(w, tt.status, tt.body) }).driver(t)
			err := d.Stop(t.Context(), []string{"i-a", "i-b"}, backend.StopOptions{})[0].Err
			if err == nil {
				t.Fatal("Stop: got nil, want an error")
			}
			text := fmt.Sprintf("%v %+v %+v", err, err, d.Fault(err))
			var vendor vendorError
			for e := err; e != nil; {
				if v, ok := e.(vendorError); ok { //nolint:errorlint // the chain is walked by hand
					vendor = v
				}
				u, ok := e.(interface{ Unwrap() error })
				if !ok {
					break
				}
				e = u.Unwrap()
			}
			if vendor == nil {
				t.Fatal("the chain has no error of the vendor")
			}
			text += fmt.Sprintf("%+v", vendor.GetData())
			if found := secretsIn(text); len(found) > 0 {
				t.Errorf("the error shows %v: %s", found, text)
			}
			if !strings.Contains(text, "not matched: x-acs-security-token:(hidden)") {
				t.Errorf("the error lost its text: %s", text)
			}
		})
	}
}

// TestNothingIsPrinted is not parallel, since it takes the process's output.
func TestNothingIsPrinted(t *testing.T) {
	answers := []struct {
		status int
		body   string
	}{
		{503, "<html>down</html>"},
		{200, "<html>login</html>"},
		{500, ""},
		{500, `{"cut`},
		{200, `{"cut`},
		{400, `{"Code":1,"Message":{},"AccessDeniedDetail":[]}`},
		{400, `{"Code":"Throttling","Message":"x"}`},
		{404, `{"Code":"InvalidInstanceId.NotFound","Message":"x"}`},
		{200, `{"InstanceResponses":{"InstanceResponse":[{"InstanceId":"i-a","Code":[1]}]}}`},
	}
	c := newCloud(t, func(w http.ResponseWriter, _ received, n int) {
		if n > len(answers) {
			panic(http.ErrAbortHandler)
		}
		write(w, answers[n-1].status, answers[n-1].body)
	})
	// The SDK reads these; a value that only net/http takes, or one with a
	// password, must neither fail a call nor travel to the API.
	for _, name := range []string{"HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, "http://user:proxy-password@127.0.0.1:1")
	}
	d := c.driver(t)
	stdout, stderr := os.Stdout, os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout, os.Stderr = w, w
	var errs []error
	for range len(answers) + 1 {
		errs = append(errs, d.Stop(t.Context(), []string{"i-a"}, backend.StopOptions{})[0].Err)
	}
	os.Stdout, os.Stderr = stdout, stderr
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(printed) > 0 {
		t.Errorf("printed: %q, want nothing", printed)
	}
	for i, err := range errs {
		if err == nil {
			t.Errorf("answer %d: got nil, want an error", i)
		}
	}
	seen := c.requests()
	if got, want := len(seen), len(answers)+1; got != want {
		t.Errorf("requests: got %d, want %d", got, want)
	}
	for _, r := range seen {
		if got := r.header.Get("Proxy-Authorization"); got != "" {
			t.Errorf("the proxy's password was sent to the API: %q", got)
		}
	}
}
