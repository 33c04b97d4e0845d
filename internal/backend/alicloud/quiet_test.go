package alicloud

import (
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

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
