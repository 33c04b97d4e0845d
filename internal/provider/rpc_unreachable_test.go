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

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// wired is a cloud, or a service of one, with keys that no server knows, and an id of its
// form.
type wired struct {
	config map[string]any
	id     string
}

// wiredService is a row of the table of services with the keys of its cloud.
type wiredService struct {
	wired
	simulator.Service
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

// wiredRPC is a provider server over a service, whose requests go out through base.
func wiredRPC(t *testing.T, w wiredService, endpoint string, base http.RoundTripper) *rpc {
	t.Helper()
	all := maps.Clone(clouds)
	c := all[w.Cloud]
	open := c.open
	c.open = func(v values, region string, opts openOptions) (backend.Driver, error) {
		opts.http = base
		return open(v, region, opts)
	}
	all[w.Cloud] = c
	r := rpcOf(t, all)
	config := maps.Clone(w.config)
	config["endpoint"] = endpoint
	r.config = map[string]any{w.Cloud: config}
	r.nextRun()
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

// wantSoon makes each kind of request about an instance, and compares the whole text of
// what each ends with.
func wantSoon(t *testing.T, w wiredService, r *rpc, happened, facts, advice string) {
	t.Helper()
	began := time.Now()
	within := func(what string, diags []*tfprotov6.Diagnostic, want string) {
		t.Helper()
		if got := texts(diags); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
		}
		if took := time.Since(began); took > soon {
			t.Errorf("%s took %v, want at most %v", what, took, soon)
		}
		began = time.Now()
	}
	text := func(op backend.Op, wanted string) string {
		heading := summary(&powerstate.Error{InstanceID: w.id, Op: op})
		return fmt.Sprintf("error: %s\n\n%s\n\n  Cloud:       %s\n%s%s\n%s",
			heading, happened, w.place(w.Cloud), wanted, facts, advice)
	}
	config := map[string]any{"cloud": w.Cloud, "instance_id": w.id, "state": "stopped"}
	within("a plan", r.plan(config, held{}).Diagnostics, text(backend.OpStop, "  Wanted:      stopped\n"))
	imported, diags := r.importID(strings.Join([]string{w.Cloud, w.Scope(), w.id}, "/"))
	within("an import", diags, "")
	_, diags = r.read(imported)
	within("a refresh", diags, text(0, ""))
	_, diags = r.readData("instance_power_state", map[string]any{"cloud": w.Cloud, "instance_id": w.id})
	within("a data source", diags, text(0, ""))

	r.config["preflight"] = "off" // So that the cloud is first asked by the apply.
	r.nextRun()
	apply := func(what string, config map[string]any, prior held, want string) {
		t.Helper()
		plan := r.plan(config, prior)
		if hasError(plan.Diagnostics) {
			t.Fatalf("the plan of %s: %s", what, texts(plan.Diagnostics))
		}
		_, diags := r.apply(t.Context(), config, prior, plan)
		within(what, diags, want)
	}
	apply("a create", config, held{}, text(backend.OpStop, "  Wanted:      stopped\n"))
	r.nextRun()
	before := r.values(imported.state)
	before["state"], before["on_destroy"] = "running", "stopped"
	prior := held{state: r.dynamic(r.resourceType(), before), private: imported.private}
	apply("an update", config, prior, text(backend.OpStop, "  Wanted:      stopped\n"))
	r.nextRun()
	apply("a destroy", nil, prior, text(backend.OpStop, "  Wanted:      stopped\n"))
	r.nextRun()
	ofMany := fmt.Sprintf("error: Unable to stop 1 of 1 instance\n\n%s\n  - %s\n%s\n\n"+
		"At most 0 may fail (`max_failures`).", happened, w.id, advice)
	f := &fleetSetup{setup: &setup{rpc: r}, typ: listsInside(t, r.schema.ResourceSchemas[fleetType].ValueType())}
	many := map[string]any{"cloud": w.Cloud, "instance_ids": []string{w.id}}
	_, diags = actionOver(t, f, stopAction).invoke(t.Context(), many)
	within("an action", diags, ofMany)
	many["state"] = "stopped"
	_, diags = f.try(many, held{})
	within("a create of a fleet", diags, ofMany+" The next apply touches only those that are not as declared.")
	r.nextRun()
	_, diags = r.results(t.Context(), r.listRequest(map[string]any{"cloud": w.Cloud}))
	where := w.Cloud
	if w.Region != "" {
		where += " (" + w.Region + ")"
	}
	within("a list", diags, fmt.Sprintf("error: Unable to list the instances of %s\n\n%s\n\n  Cloud:       %s\n%s\n%s",
		where, happened, w.place(w.Cloud), facts, advice))
}

func eachWired(t *testing.T, run func(t *testing.T, w wiredService)) {
	t.Helper()
	for _, row := range localcloud.Services() {
		w := wiredService{allWired[row.Cloud], row}
		if row.Product != "" {
			w.config = maps.Clone(w.config)
			w.config["service"] = row.Product
		}
		t.Run(row.Name(), func(t *testing.T) {
			t.Parallel()
			run(t, w)
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
			eachWired(t, func(t *testing.T, w wiredService) {
				_, host, _ := strings.Cut(row.endpoint, "://")
				happened := "The cloud could not be reached: " + strings.ReplaceAll(row.happened, "HOST", host)
				wantSoon(t, w, wiredRPC(t, w, row.endpoint, row.base), happened, row.facts, row.advice)
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
			eachWired(t, func(t *testing.T, w wiredService) {
				cloudName, config := w.Cloud, maps.Clone(w.config)
				config["endpoint"] = row.endpoint
				want := fmt.Sprintf("error at AttributeName(%q).AttributeName(\"endpoint\"): Invalid endpoint of %s\n\n%s: "+
					"write it as `https://host` or `https://host:port`, or leave it out to use the cloud's own.", cloudName, cloudName,
					row.problem)
				wantTexts(t, rpcOf(t, clouds).configure(map[string]any{cloudName: config}), want)
			})
		})
	}
}
