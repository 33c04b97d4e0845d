package zenlayercloud

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestNewRefusesOnlyWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	pair := Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword}
	tests := []struct {
		name    string
		creds   Credentials
		service Service
		opts    Options
		want    string // "" means no error
	}{
		{"zero options are enough", pair, VM, Options{}, ""},
		{"zec is a service", pair, ZEC, Options{}, ""},
		{"a token needs no keys", Credentials{Token: testToken}, VM, Options{}, ""},
		{"an endpoint on a loopback port", pair, VM, Options{Endpoint: "http://127.0.0.1:8080"}, ""},
		{"an endpoint with a final slash", pair, VM, Options{Endpoint: "https://console.zenlayer.com/"}, ""},
		{"nothing at all", Credentials{}, VM, Options{}, "access_key_id"},
		{"no key id", Credentials{AccessKeyPassword: testPassword}, VM, Options{}, "access_key_id"},
		{"no key password", Credentials{AccessKeyID: testKeyID}, VM, Options{}, "access_key_password"},
		{"a key id with a line break", Credentials{AccessKeyID: testKeyID + "\n", AccessKeyPassword: testPassword}, VM, Options{}, "access_key_id"},
		{"a token with a line break", Credentials{Token: testToken + "\n"}, VM, Options{}, "token"},
		{"no service", pair, "", Options{}, "service"},
		{"a service that has no graceful stop", pair, "bmc", Options{}, "service"},
		{"an endpoint that does not parse", pair, VM, Options{Endpoint: "http://user:" + testPassword + "@[::1"}, "endpoint"},
		{"an endpoint without a scheme", pair, VM, Options{Endpoint: "console.zenlayer.com"}, "endpoint"},
		{"an endpoint without a host", pair, VM, Options{Endpoint: "https://"}, "endpoint"},
		{"an endpoint with a path", pair, VM, Options{Endpoint: "https://console.zenlayer.com/api"}, "endpoint"},
		{"an endpoint with a password", pair, VM, Options{Endpoint: "https://user:" + testPassword + "@console.zenlayer.com"}, "endpoint"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(test.creds, test.service, test.opts)
			if test.want == "" {
				if err != nil {
					t.Fatalf("got error %v, want none", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got error %v, want one that names %q", err, test.want)
			}
			for _, secret := range []string{testPassword, testToken} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
		})
	}
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	creds := Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword, Token: testToken}
	driver, err := New(creds, VM, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{creds, &creds, struct{ C Credentials }{creds}, driver} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range []string{testKeyID, testPassword, testToken} {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %T shows a secret: %s", verb, value, text)
				}
			}
		}
	}
	if got, want := (Credentials{Token: "x"}).String(), "{AccessKeyID: AccessKeyPassword: Token:***}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// roundTripper is a base for Options.HTTP.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// The signatures were computed apart from the SDK, for the sample password of
// https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/sign.
func TestRequestsAreSignedForTheBytesThatAreSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		do            func(t *testing.T, d *Driver)
		body, signed  string
		action, agent string
	}{
		{
			name: "a graceful stop",
			do: func(t *testing.T, d *Driver) {
				t.Helper()
				d.Stop(t.Context(), []string{"instanceId1", "instanceId2"}, backend.StopOptions{})
			},
			action: "StopInstances",
			body:   `{"instanceIds":["instanceId1","instanceId2"],"forceShutdown":false}`,
			signed: "2a6ec10c33ee023c90468cdcb250c13ae7d093839bd18a5f76f9de6e96abc4fe",
		},
		{
			name: "a start",
			do: func(t *testing.T, d *Driver) {
				t.Helper()
				d.Start(t.Context(), []string{"instanceId1"})
			},
			action: "StartInstances",
			body:   `{"instanceIds":["instanceId1"]}`,
			signed: "17ab7d48426d47e28f8d28c18c7255230c15edbadac3c4fa7ce6014df72d160d",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Unix(1700000000, 0)))
				var got *http.Request
				var sent []byte
				driver, err := New(Credentials{AccessKeyID: testKeyID, AccessKeyPassword: "Gu5t9xGARNpq86cd98joQYCN3"}, VM, Options{
					UserAgent: testAgent,
					HTTP: roundTripper(func(req *http.Request) (*http.Response, error) {
						got = req
						var err error
						sent, err = io.ReadAll(req.Body)
						return nil, errors.Join(errors.New("no network here"), err)
					}),
				})
				if err != nil {
					t.Fatal(err)
				}
				test.do(t, driver)
				if got == nil {
					t.Fatal("nothing was sent")
				}
				if got, want := got.URL.String(), "https://console.zenlayer.com/api/v2/vm"; got != want {
					t.Errorf("got URL %q, want %q", got, want)
				}
				if string(sent) != test.body {
					t.Errorf("got body %s, want %s", sent, test.body)
				}
				want := "ZC2-HMAC-SHA256 Credential=" + testKeyID + ", SignedHeaders=content-type;host, Signature=" + test.signed
				if got := got.Header.Get("Authorization"); got != want {
					t.Errorf("got Authorization %q, want %q", got, want)
				}
				//nolint:staticcheck // The SDK sends the name in lower case, and a request recorded before the wire keeps it.
				if got := got.Header["x-zc-action"]; len(got) != 1 || got[0] != test.action {
					t.Errorf("got action %q, want %q", got, test.action)
				}
				if got := got.Header.Get("User-Agent"); !strings.HasPrefix(got, testAgent) {
					t.Errorf("got User-Agent %q, want it to begin with %q", got, testAgent)
				}
			})
		})
	}
}

func TestATokenIsSentAsBearer(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, `{"requestId":"r","response":{"requestId":"r"}}`)
	driver, err := New(Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword, Token: testToken}, VM, Options{Endpoint: c.url})
	if err != nil {
		t.Fatal(err)
	}
	if err := driver.Start(t.Context(), []string{"a"})[0].Err; err != nil {
		t.Fatal(err)
	}
	if got, want := c.seen()[0].header.Get("Authorization"), "Bearer "+testToken; got != want {
		t.Errorf("got Authorization %q, want %q", got, want)
	}
}
