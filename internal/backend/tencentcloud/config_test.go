package tencentcloud

import (
	"errors"
	"fmt"
	"io"
	"log" //nolint:depguard // The SDK prints through it; the test listens.
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestNewRefusesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		creds    Credentials
		region   string
		endpoint string
		want     string
	}{
		"no secret id":              {creds: Credentials{SecretKey: testKey}, region: "ap-guangzhou", want: "secret_id"},
		"no secret key":             {creds: Credentials{SecretID: testID}, region: "ap-guangzhou", want: "secret_key"},
		"a line break in the id":    {creds: Credentials{SecretID: testID + "\n", SecretKey: testKey}, region: "ap-guangzhou", want: "secret_id"},
		"a space in the key":        {creds: Credentials{SecretID: testID, SecretKey: testKey + " "}, region: "ap-guangzhou", want: "secret_key"},
		"a line break in the token": {creds: Credentials{SecretID: testID, SecretKey: testKey, Token: testToken + "\r\n"}, region: "ap-guangzhou", want: "security_token"},
		"no region":                 {creds: testCredentials(), want: "region"},
		"a region with a slash":     {creds: testCredentials(), region: "x/y-fsi", want: "region"},
		"an endpoint without host":  {creds: testCredentials(), region: "ap-guangzhou", endpoint: "https://", want: "endpoint"},
		"an endpoint of no scheme":  {creds: testCredentials(), region: "ap-guangzhou", endpoint: "cvm.tencentcloudapi.com", want: "endpoint"},
		"an endpoint of ftp":        {creds: testCredentials(), region: "ap-guangzhou", endpoint: "ftp://127.0.0.1", want: "endpoint"},
		"an endpoint with a user":   {creds: testCredentials(), region: "ap-guangzhou", endpoint: "https://u:hunter22@h", want: "endpoint"},
		"an endpoint with a query":  {creds: testCredentials(), region: "ap-guangzhou", endpoint: "https://h/?a=b", want: "endpoint"},
		"an endpoint that is noise": {creds: testCredentials(), region: "ap-guangzhou", endpoint: "https://u:hunter22@h:%zz", want: "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(tc.creds, tc.region, Options{Endpoint: tc.endpoint})
			if err == nil {
				t.Fatal("got no error, want one")
			}
			if got := err.Error(); !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want it to name %q", got, tc.want)
			}
			for _, secret := range []string{testID, testKey, testToken, "hunter22"} {
				if got := err.Error(); strings.Contains(got, secret) {
					t.Errorf("got %q, want it without %q", got, secret)
				}
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestEndpointFollowsTheRegionUnlessItIsGiven(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ region, endpoint, want string }{
		"an ordinary region": {"ap-guangzhou", "", "https://cvm.tencentcloudapi.com/"},
		"a finance region":   {"ap-shanghai-fsi", "", "https://cvm.ap-shanghai-fsi.tencentcloudapi.com/"},
		"an endpoint":        {"ap-shanghai-fsi", "https://cvm.example.com", "https://cvm.example.com/"},
		"a port and a path":  {"ap-guangzhou", "http://127.0.0.1:8080/tencent/cvm", "http://127.0.0.1:8080/tencent/cvm"},
		"a slash at the end": {"ap-guangzhou", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"},
		"an IPv6 address":    {"ap-guangzhou", "http://[::1]:8080", "http://[::1]:8080/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			d, err := New(testCredentials(), tc.region, Options{Endpoint: tc.endpoint, HTTP: roundTripper(func(req *http.Request) (*http.Response, error) {
				got = req.URL.String()
				return nil, errors.New("not today")
			})})
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			if outcome := stopOne(t, d); outcome.Err == nil {
				t.Error("got no error, want that of the transport")
			}
			if got != tc.want {
				t.Errorf("got URL %q, want %q", got, tc.want)
			}
		})
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
		"X-TC-RequestClient": "SDK_GO_1.3.209: terraform-provider-instance-0.1.0",
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

func TestRequestClientIsShortAndPlain(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"":  "",
		" ": "",
		"terraform-provider-instance/0.1.0 (+https://x) y/1": "terraform-provider-instance-0.1.0",
		"ünï/1":                           "-n--1",
		strings.Repeat("long", 50) + "/1": strings.Repeat("long", 32),
	} {
		if got := requestClient(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	echo := fmt.Sprintf("bad token %s for %s with %s", testToken, testID, testKey)
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		if c.Action == "StopInstances" {
			_, _ = io.WriteString(w, failure("AuthFailure.TokenFailure", echo))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<title>"+echo+"</title>")
	})
	d := f.driver(t)
	creds := testCredentials()
	texts := []string{fmt.Sprint(creds), fmt.Sprintf("%+v", creds), fmt.Sprintf("%#v", creds), fmt.Sprintf("%v", &creds), fmt.Sprintf("%+v", *d), fmt.Sprintf("%#v", d)}
	for _, err := range []error{stopOne(t, d).Err, d.Start(t.Context(), []string{id1})[0].Err} {
		if err == nil {
			t.Fatal("got no error, want one")
		}
		texts = append(texts, err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%+v", d.Fault(err)))
	}
	for _, text := range texts {
		for _, secret := range []string{testID, testKey, testToken} {
			if strings.Contains(text, secret) {
				t.Errorf("got %q, want it without %q", text, secret)
			}
		}
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

	bodies := []string{"<html>502</html>", "", "{", `{"Response":null}`, "data: {}\n\n", failure("RequestLimitExceeded", "slow"), failure("InternalError", "x")}
	f := newFake(t, func(w http.ResponseWriter, r *http.Request, c call) {
		if strings.HasPrefix(r.URL.Path, "/events") {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		_, _ = io.WriteString(w, bodies[len(c.Body)%len(bodies)])
	})
	for _, agent := range []string{"", "a/1", strings.Repeat("ünï", 100)} {
		for _, prefix := range []string{"", "/events"} {
			d, err := New(testCredentials(), "ap-guangzhou", Options{Endpoint: f.URL + prefix, UserAgent: agent})
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
