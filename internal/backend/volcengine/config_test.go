package volcengine

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestNewNamesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	good := Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey}
	for name, test := range map[string]struct {
		creds    Credentials
		region   string
		endpoint string
		want     string // empty: no error
	}{
		"the zero options work":             {creds: good, region: "cn-beijing"},
		"an endpoint of scheme and host":    {creds: good, region: "cn-beijing", endpoint: "http://127.0.0.1:8080/"},
		"no access key":                     {creds: Credentials{SecretKey: testSecretKey}, region: "cn-beijing", want: "access_key"},
		"no secret key":                     {creds: Credentials{AccessKey: testAccessKey}, region: "cn-beijing", want: "secret_key"},
		"a secret key with a line end":      {creds: Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey + "\n"}, region: "cn-beijing", want: "secret_key"},
		"a session token with a space":      {creds: Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey, SessionToken: testToken + " x"}, region: "cn-beijing", want: "session_token"},
		"no region":                         {creds: good, want: "region"},
		"a region that is no name":          {creds: good, region: "cn beijing", want: "region"},
		"an endpoint that does not parse":   {creds: good, region: "cn-beijing", endpoint: "http://[::1", want: "endpoint"},
		"an endpoint without a scheme":      {creds: good, region: "cn-beijing", endpoint: "127.0.0.1:80", want: "endpoint"},
		"an endpoint with a path":           {creds: good, region: "cn-beijing", endpoint: "http://127.0.0.1/x", want: "endpoint"},
		"an endpoint that holds a password": {creds: good, region: "cn-beijing", endpoint: "http://u:" + testSecretKey + "@127.0.0.1", want: "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(test.creds, test.region, Options{Endpoint: test.endpoint})
			if test.want == "" {
				if err != nil {
					t.Fatalf("got error %v, want nil", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got error %v, want one that names %s", err, test.want)
			}
			if strings.Contains(err.Error(), testSecretKey) || strings.Contains(err.Error(), testToken) {
				t.Errorf("got error %q, want no secret in it", err)
			}
		})
	}
}

func TestCredentialsAreMasked(t *testing.T) {
	t.Parallel()
	creds := Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey, SessionToken: testToken}
	driver, err := New(creds, "cn-beijing", Options{})
	if err != nil {
		t.Fatalf("New: got error %v, want nil", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{creds, &creds, struct{ C Credentials }{creds}, driver} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range []string{testAccessKey, testSecretKey, testToken} {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %T: got %q, want no key in it", verb, value, text)
				}
			}
		}
	}
}

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

func TestDefaultEndpointFollowsTheRegion(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-beijing":     "https://open.volcengineapi.com/",
		"ap-southeast-2": "https://ecs.ap-southeast-2.volcengineapi.com/",
	} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			var got string
			driver, err := New(Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey}, region, Options{
				HTTP: roundTripper(func(r *http.Request) (*http.Response, error) {
					got = r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
					return nil, errors.New("no network")
				}),
			})
			if err != nil {
				t.Fatalf("New: got error %v, want nil", err)
			}
			if _, err := driver.Describe(t.Context(), []string{"i-1"}); err == nil {
				t.Error("Describe: got nil, want an error")
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
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
	if got, want := header.Get("User-Agent"), "terraform-provider-instance/test "; !strings.HasPrefix(got, want) {
		t.Errorf("User-Agent: got %q, want it to begin with %q", got, want)
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
	}
}
