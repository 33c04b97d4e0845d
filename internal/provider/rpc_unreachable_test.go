package provider

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/zenlayercloud"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// wired is a cloud with keys that no server knows, and an id of its form.
type wired struct {
	config map[string]any
	id     string
}

// allWired are all clouds.
var allWired = map[string]wired{
	"alicloud": {
		map[string]any{
			"region":         "cn-hangzhou",
			"access_key":     "LTAItest0001",
			"secret_key":     "secret-value-0002",
			"security_token": "token-value-0003",
		},
		"i-bp1fgo8es0i2mp5fa3bq",
	},
	"tencentcloud": {
		map[string]any{
			"region":         "ap-guangzhou",
			"secret_id":      "AKIDtest0001",
			"secret_key":     "secret-value-0002",
			"security_token": "token-value-0003",
		},
		"ins-r8hr2upy",
	},
	"volcengine": {
		map[string]any{
			"region":        "cn-beijing",
			"access_key":    "AKLTtest0001",
			"secret_key":    "secret-value-0002",
			"session_token": "token-value-0003",
		},
		"i-ybvjq7o2h0ay8n3v0001",
	},
	"zenlayercloud": {
		map[string]any{"access_key_id": "test-key-0001", "access_key_password": "secret-value-0002"},
		"1205432187642",
	},
}

// place is how diagnostics name a cloud and its region.
func (w wired) place(cloudName string) string {
	if region, ok := w.config["region"].(string); ok {
		return cloudName + ", " + region
	}
	return cloudName
}

// wiredRPC is a provider server over a cloud, whose requests go out through base.
func wiredRPC(t *testing.T, cloudName, endpoint string, base http.RoundTripper) *rpc {
	t.Helper()
	w, all := allWired[cloudName], maps.Clone(clouds)
	c := all[cloudName]
	open := c.open
	c.open = func(v values, region string, opts openOptions) (backend.Driver, error) {
		opts.http = base
		return open(v, region, opts)
	}
	all[cloudName] = c
	r := rpcOf(t, all)
	config := maps.Clone(w.config)
	config["endpoint"] = endpoint
	if got := r.configure(map[string]any{cloudName: config}); len(got) > 0 {
		t.Fatalf("configure: %s", texts(got))
	}
	return r
}

// TestAllCloudsAreWired: a cloud that is new has all rows here too.
func TestAllCloudsAreWired(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(maps.Keys(allWired)), cloudNames(clouds); !slices.Equal(got, want) {
		t.Errorf("the tests of the wire know %v, want %v", got, want)
	}
}

// soon is within what a user waits for without wondering.
const soon = 5 * time.Second

// wantSoon plans a new resource and refreshes one that is there, and compares the
// whole text of what each ends with.
func wantSoon(t *testing.T, cloudName string, r *rpc, happened, facts, advice string) {
	t.Helper()
	w := allWired[cloudName]
	text := func(op backend.Op, wanted string) string {
		heading := summary(&powerstate.Error{InstanceID: w.id, Op: op})
		return fmt.Sprintf("error: %s\n\n%s\n\n  Cloud:       %s\n%s%s\n%s",
			heading, happened, w.place(cloudName), wanted, facts, advice)
	}
	began := time.Now()
	plan := r.plan(map[string]any{"cloud": cloudName, "instance_id": w.id, "state": "stopped"}, held{})
	wantTexts(t, plan.Diagnostics, text(backend.OpStop, "  Wanted:      stopped\n"))
	imported, diags := r.importID(strings.Join([]string{cloudName, w.scope(), w.id}, "/"))
	if len(diags) > 0 {
		t.Fatalf("import: %s", texts(diags))
	}
	_, diags = r.read(imported)
	wantTexts(t, diags, text(0, ""))
	if took := time.Since(began); took > soon {
		t.Errorf("a plan and a refresh took %v, want at most %v", took, soon)
	}
}

// scope is the second part of an id.
func (w wired) scope() string {
	if region, ok := w.config["region"].(string); ok {
		return region
	}
	return string(zenlayercloud.VM)
}

func eachWired(t *testing.T, run func(t *testing.T, cloudName string)) {
	t.Helper()
	for _, name := range cloudNames(clouds) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, name)
		})
	}
}

func TestWhatNoRetryCuresFailsAtOnce(t *testing.T) {
	t.Parallel()
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	good := backendtest.Certificate{Hosts: []string{"127.0.0.1"}, From: year(2020), To: year(2120)}
	foreign, ended := good, good
	foreign.Hosts = []string{"other.example.com"}
	ended.To = year(2021)
	known := backendtest.ServeTLS(t, good, handler)
	other := backendtest.ServeTLS(t, foreign, handler)
	expired := backendtest.ServeTLS(t, ended, handler)
	plain := serveUntilTheEnd(t, handler)
	refuser := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Client sent an HTTP request to an HTTPS server.", http.StatusBadRequest)
	}))
	portal := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html><head><title>Hotel \x1b[31mlogin</title></head></html>")
	}))
	network := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNetworkAuthenticationRequired)
	}))
	proxy := func(status int) *url.URL {
		refuse := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
		u, err := url.Parse(serveUntilTheEnd(t, http.HandlerFunc(refuse)))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	login, policy := proxy(http.StatusProxyAuthRequired), proxy(http.StatusForbidden)
	through := func(u *url.URL, err error) http.RoundTripper {
		base := driverkit.NewBase()
		base.DialContext = backendtest.NoNames(base.DialContext)
		base.Proxy = func(*http.Request) (*url.URL, error) { return u, err }
		return base
	}
	const api = "https://api.example.invalid"
	const adviceProxy = "Correct the environment variable HTTPS_PROXY (or HTTP_PROXY, in small or capital letters): " +
		"it is a URL such as http://proxy.example.com:3128. NO_PROXY names hosts that need no proxy."
	for name, row := range map[string]struct {
		endpoint string
		base     http.RoundTripper
		happened string
		facts    string
		advice   string
	}{
		"an unknown authority": {
			known.URL, nil, "the certificate of HOST is from an authority that this machine does not know.", "",
			"Add the authority's certificate to those that this machine trusts (SSL_CERT_FILE names a file of them), " +
				"for example that of a proxy that inspects TLS, or correct `endpoint`.",
		},
		"a certificate for another name": {
			other.URL, other.Base(), "the certificate of HOST is for other.example.com, and not for 127.0.0.1.", "",
			"Check `endpoint`, and whether a proxy or the DNS leads to another machine.",
		},
		"a certificate that ended": {
			expired.URL, expired.Base(),
			"the certificate of HOST is valid from 2020-01-01T00:00:00Z to 2021-01-01T00:00:00Z.",
			"",
			"Check the clock of this machine; if it is right, the owner of that host must renew the certificate.",
		},
		"plain HTTP on a port of TLS": {
			strings.Replace(plain, "http://", "https://", 1), nil, "HOST does not speak TLS.", "",
			"Check the port of `endpoint`; https needs a port that speaks TLS. " +
				"A proxy or a login page in between may answer in its place.",
		},
		"TLS on a port of plain HTTP": {
			refuser, nil, "HOST answered plain HTTP with the status 400, as a port that speaks TLS does.",
			"  HTTP status: 400\n", "Check the scheme and the port of `endpoint`: a port that speaks TLS needs `https://`.",
		},
		"a login page, after a second try": {
			portal, nil, `the answer is not from the API (HTTP status 200, "Hotel \x1b[31mlogin").`, "",
			"A page comes in the place of the API's answer, such as the login page of a network: " +
				"log in to it, or check `endpoint` and proxies.",
		},
		"a network that wants a login": {
			network, nil, "the answer is not from the API (HTTP status 511).", "  HTTP status: 511\n",
			"A page comes in the place of the API's answer, such as the login page of a network: " +
				"log in to it, or check `endpoint` and proxies.",
		},
		"a proxy that wants a login": {
			api, through(login, nil), "the proxy " + login.Host + " answered with the HTTP status 407.", "",
			"Put the user name and the password into HTTPS_PROXY (http://user:password@proxy.example.com:3128), " +
				"or except the cloud's host with NO_PROXY.",
		},
		"a proxy that refuses the host": {
			api, through(policy, nil), "the proxy " + policy.Host + " answered with the HTTP status 403.", "",
			"Have the cloud's host allowed at the proxy, or except it with NO_PROXY.",
		},
		"a proxy whose address does not parse": {
			api, through(nil, &driverkit.ProxyError{}), "the address of the proxy does not parse.", "", adviceProxy,
		},
		"a proxy whose name does not resolve": {
			api,
			through(&url.URL{Scheme: "http", Host: "proxy.invalid:3128"}, nil),
			`the host name of the proxy, "proxy.invalid", does not exist.`,
			"", adviceProxy,
		},
		"a proxy whose port is out of range": {
			api,
			through(&url.URL{Scheme: "http", Host: "127.0.0.1:99999"}, nil),
			"the address of the proxy is wrong: invalid port.", "", adviceProxy,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachWired(t, func(t *testing.T, cloudName string) {
				_, host, _ := strings.Cut(row.endpoint, "://")
				happened := "The cloud could not be reached: " + strings.ReplaceAll(row.happened, "HOST", host)
				wantSoon(t, cloudName, wiredRPC(t, cloudName, row.endpoint, row.base), happened, row.facts, row.advice)
			})
		})
	}
}

func serveUntilTheEnd(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnEndpointThatCanNeverWorkIsRefusedByConfigure(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ endpoint, problem string }{
		"a port out of range": {
			"https://api.example.invalid:99999", "`endpoint` has a port that is not from 1 to 65535",
		},
		"a host that is missing": {"https://:443", "`endpoint` has no host"},
		"a path":                 {"https://api.example.invalid/v2", "`endpoint` has more than a scheme and a host"},
		"a password":             {"https://user:hunter22@api.example.invalid", "`endpoint` has a user name or a password"},
		"an invisible character": {
			"https://api\u200b.example.invalid", "`endpoint` has a space, or a character that is not ASCII",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachWired(t, func(t *testing.T, cloudName string) {
				config := maps.Clone(allWired[cloudName].config)
				config["endpoint"] = row.endpoint
				want := fmt.Sprintf("error at AttributeName(%q).AttributeName(\"endpoint\"): Invalid endpoint of %s\n\n%s: "+
					"write it as `https://host` or `https://host:port`, or leave it out to use the cloud's own.", cloudName, cloudName,
					row.problem)
				wantTexts(t, rpcOf(t, clouds).configure(map[string]any{cloudName: config}), want)
			})
		})
	}
}
