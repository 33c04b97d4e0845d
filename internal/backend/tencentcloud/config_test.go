package tencentcloud

import (
	"io"
	"log" //nolint:depguard // The SDK prints through it; the test listens.
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestHostOfARegion(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"ap-guangzhou":    "cvm.tencentcloudapi.com",
		"ap-shanghai-fsi": "cvm.ap-shanghai-fsi.tencentcloudapi.com",
	} {
		if got, err := api.Host(region); err != nil || got != want {
			t.Errorf("host of %s: got %q, %v, want %q", region, got, err, want)
		}
	}
}

func TestHeadersNameTheCallAndTheCaller(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, accepted))
	stopOne(t, f.driver(t))
	header := f.only(t).Header
	for name, want := range map[string]string{
		"X-TC-Action":        "StopInstances",
		"X-TC-Version":       "2017-03-12",
		"X-TC-Region":        "ap-guangzhou",
		"X-TC-Language":      "en-US",
		"X-TC-Token":         testToken,
		"X-TC-RequestClient": "SDK_GO_1.3.209: terraform-provider-instance-0.1.0;Terraform-1.11.4",
		"Content-Type":       "application/json",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got, want := header.Get("User-Agent"), "terraform-provider-instance/0.1.0 ("; !strings.HasPrefix(got, want) {
		t.Errorf("User-Agent: got %q, want it to begin with %q", got, want)
	}
	if got, want := header.Get("Authorization"), "TC3-HMAC-SHA256 Credential="+testID+"/"; !strings.HasPrefix(got, want) {
		t.Errorf("Authorization: got %q, want it to begin with %q", got, want)
	}
}

// It is not parallel, since it swaps what the whole process writes to.
func TestNothingIsPrinted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "printed")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	log.SetOutput(file)
	restore := func() {
		os.Stdout, os.Stderr = stdout, stderr
		log.SetOutput(stderr)
	}
	t.Cleanup(restore)

	bodies := []string{
		"<html>502</html>",
		"",
		"{",
		`{"Response":null}`,
		"data: {}\n\n",
		failure("RequestLimitExceeded", "slow"),
		failure("InternalError", "x"),
	}
	var events atomic.Bool
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		if events.Load() {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		_, _ = io.WriteString(w, bodies[len(c.Body)%len(bodies)])
	})
	for _, agent := range []string{"", "a/1", strings.Repeat("ünï", 100)} {
		for _, stream := range []bool{false, true} {
			events.Store(stream)
			d, err := New(testCredentials(), "ap-guangzhou", Options{Endpoint: f.URL, UserAgent: agent})
			if err != nil {
				t.Fatal(err)
			}
			for n := range bodies {
				id := "ins-" + strings.Repeat("a", 8+n)
				stopAll(t, d, id)
				if _, err := d.Describe(t.Context(), []string{id}); err == nil {
					t.Error("got no error, want one")
				}
			}
		}
	}
	restore()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	printed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(printed) != 0 {
		t.Errorf("got %q printed, want nothing", printed)
	}
}

func TestValidID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"ins-r8hr2upy":           true,
		"ins-r8hr2upyabcd":       true,
		"ins-1122":               false,
		"ins-R8HR2UPY":           false,
		"lhins-r8hr2upy":         false,
		"i-bp67acfmxazb4ph":      false,
		"ins-r8hr2upy,ins-a":     false,
		"ins-r8hr2upy\n":         false,
		"":                       false,
		"instance-1234567890abc": false,
	} {
		if got := ValidID(id); got != want {
			t.Errorf("%q: got %t, want %t", id, got, want)
		}
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	d, err := New(testCredentials(), "ap-guangzhou", Options{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	want := backend.Capabilities{
		StopCharging: true, NativeEscalation: true, ModeChangeNeedsRestart: true, OperationReason: true,
		ReadsPerSecond: 40, WritesPerSecond: 10,
	}
	if got := d.Capabilities(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := d.BatchSize(); got != 100 {
		t.Errorf("got batches of %d, want 100", got)
	}
}
