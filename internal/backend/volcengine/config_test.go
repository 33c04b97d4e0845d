package volcengine

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// A malformed proxy in the environment must not stop New, nor may the SDK's own
// variables change whose account is asked.
func TestNewTakesNothingFromTheEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://[::1")
	t.Setenv("HTTP_PROXY", "http://[::1")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("VOLCSTACK_REGION", "us-elsewhere")
	t.Setenv("VOLCENGINE_ACCESS_KEY", "AKLTfromtheenvironment")
	t.Setenv("VOLCENGINE_SECRET_KEY", "secretfromtheenvironment")
	t.Setenv("VOLCSTACK_CA_BUNDLE", "/does/not/exist")
	var sent *http.Request
	driver, err := New(Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey}, "cn-beijing", Options{
		HTTP: roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r
			return nil, errors.New("no network")
		}),
	})
	if err != nil {
		t.Fatalf("New: got error %v, want nil", err)
	}
	if _, err := driver.Describe(t.Context(), []string{"i-1"}); err == nil {
		t.Fatal("Describe: got nil, want an error")
	}
	authorization := sent.Header.Get("Authorization")
	if want := "Credential=" + testAccessKey + "/"; !strings.Contains(authorization, want) {
		t.Errorf("got Authorization %q, want it to hold %q", authorization, want)
	}
	if want := "/cn-beijing/ecs/request"; !strings.Contains(authorization, want) {
		t.Errorf("got Authorization %q, want it to hold %q", authorization, want)
	}
}

func TestHostOfARegion(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-beijing":     "open.volcengineapi.com",
		"ap-southeast-1": "open.volcengineapi.com",
		"ap-southeast-2": "ecs.ap-southeast-2.volcengineapi.com",
	} {
		if got, err := api.Host(region); err != nil || got != want {
			t.Errorf("host of %s: got %q, %v, want %q", region, got, err, want)
		}
	}
	creds := Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey}
	_, err := New(creds, "CN-Atlantis", Options{})
	want := "`region` is \"cn-atlantis\", which is none that this version of the provider knows: check it, or name its " +
		"host in `endpoint`, " +
		"for example `https://ecs.{region}.volcengineapi.com`"
	if err == nil || err.Error() != want {
		t.Errorf("an unknown region: got %v, want %q", err, want)
	}
	if _, err := New(creds, "cn-atlantis", Options{Endpoint: "https://ecs.{region}.volcengineapi.com"}); err != nil {
		t.Errorf("an unknown region with an endpoint: got %v, want no error", err)
	}
}

func TestRequestsAreSignedAndNamed(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, accepted(r.URL.Query()))
	})
	if got := driver.Start(t.Context(), []string{"i-1"})[0].Err; got != nil {
		t.Fatalf("Start: got error %v, want nil", got)
	}
	header := cloud.headers[0]
	if got := header.Get("X-Security-Token"); got != testToken {
		t.Errorf("X-Security-Token: got %q, want %q", got, testToken)
	}
	if got := header.Get("Authorization"); !strings.HasPrefix(got, "HMAC-SHA256 Credential=") {
		t.Errorf("Authorization: got %q, want a signature", got)
	}
	if got, want := header.Get("User-Agent"), "terraform-provider-instance/test"; got != want {
		t.Errorf("User-Agent: got %q, want %q", got, want)
	}
}

func TestValidIDKnowsTheForm(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"i-ycc01lmwecgh9z3sqqfl":               true,
		"i-3tiefmkskq3vj0abcdef":               true,
		"ins-r8hr2upy":                         false,
		"1234567890123456789":                  false,
		"9fbc4d0e-1111-2222-3333-444455556666": false,
		"i-":                                   false,
		" i-ycc01lmwecgh9z3sqqfl":              false,
		"":                                     false,
	} {
		if got := ValidID(id); got != want {
			t.Errorf("ValidID(%q): got %v, want %v", id, got, want)
		}
		if got := PlainID(id); got != want {
			t.Errorf("PlainID(%q): got %v, want %v", id, got, want)
		}
	}
	if short := "i-bp67acfmxazb4"; !ValidID(short) || PlainID(short) {
		t.Errorf("%s is valid: %v, plain: %v, want an id that may be one", short, ValidID(short), PlainID(short))
	}
}
