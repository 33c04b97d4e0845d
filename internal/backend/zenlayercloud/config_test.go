package zenlayercloud

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestNewRefusesAnotherService(t *testing.T) {
	t.Parallel()
	pair := Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword}
	for _, service := range []Service{"", "bmc"} {
		if _, err := New(pair, service, Options{}); err == nil || !strings.Contains(err.Error(), "`service`") {
			t.Errorf("service %q: got %v, want an error that names it", service, err)
		}
	}
}

func TestATokenNeedsNoKeys(t *testing.T) {
	t.Parallel()
	if _, err := New(Credentials{Token: testToken}, VM, Options{}); err != nil {
		t.Errorf("got %v, want no error", err)
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
	driver, err := New(Credentials{AccessKeyID: testKeyID, AccessKeyPassword: testPassword, Token: testToken}, VM,
		Options{Endpoint: c.url})
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
