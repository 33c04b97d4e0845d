package backendtest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// The advice of what no retry cures.
const (
	adviceLoginPage = "A page comes in the place of the API's answer, such as the login page of a network: log in to " +
		"it, or check `endpoint` and proxies."
	adviceRedirect = "Something redirects the request away from the API: check `endpoint`, and proxies between this " +
		"machine and the cloud."
	adviceOdd = "If it stays so, check `endpoint`: something answers there that is not the API, or speaks " +
		"another version of it."
	adviceLogin = "Put the user name and the password into HTTPS_PROXY " +
		"(http://user:password@proxy.example.com:3128), or except the cloud's host with NO_PROXY."
	advicePolicy = "Have the cloud's host allowed at the proxy, or except it with NO_PROXY."
	adviceProxy  = "Correct the environment variable HTTPS_PROXY (or HTTP_PROXY, in small or capital letters): it " +
		"is a URL such as http://proxy.example.com:3128. " +
		"NO_PROXY names hosts that need no proxy."
	adviceTLS   = "Check the scheme and the port of `endpoint`: a port that speaks TLS needs `https://`."
	advicePlain = "Check the port of `endpoint`; https needs a port that speaks TLS. A proxy or a login page in " +
		"between may answer in its place."
	adviceSpeech   = "Check the scheme and the port of `endpoint`: what listens there does not speak HTTP."
	adviceLoopback = "Nothing listens at that address of this machine: start what serves it, such as the simulator, " +
		"or correct `endpoint`."
	adviceAuthority = "Add the authority's certificate to those that this machine trusts (SSL_CERT_FILE names a file " +
		"of them), for example that of a proxy that " +
		"inspects TLS, or correct `endpoint`."
	adviceVerify  = "Check `endpoint`, and proxies between this machine and the cloud."
	adviceName    = "Check `endpoint`, and whether a proxy or the DNS leads to another machine."
	adviceExpired = "Check the clock of this machine; if it is right, the owner of that host must renew the certificate."
)

// adviceHost depends on whether there is a region to be wrong.
func (in Inputs) adviceHost() string {
	if in.Region == "" {
		return "Check `endpoint`, and that this machine can resolve public names."
	}
	return "Check `region` (or `endpoint`), and that this machine can resolve public names."
}

// wantFault compares the fault of each call.
func (in Inputs) wantFault(t *testing.T, driver backend.Driver, want backend.Fault) {
	t.Helper()
	for call, err := range in.fails(t, driver) {
		if diff := cmp.Diff(driver.Fault(err), want); diff != "" {
			t.Errorf("%s: fault (-got +want):\n%s", call, diff)
		}
	}
}

func testPages(t *testing.T, in Inputs) {
	const page = "<!DOCTYPE html><html><head><TITLE lang=en>\n 502  Bad\tGateway " +
		"</TITLE></head><body><h1>Sorry</h1></body></html>"
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		title  string
		want   backend.Fault
	}{
		"a challenge": {
			403,
			http.Header{"Cf-Mitigated": {"challenge"}},
			page, "502 Bad Gateway",
			backend.Fault{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
		},
		"a challenge by 503": {
			503,
			http.Header{"Cf-Mitigated": {"challenge"}},
			page, "502 Bad Gateway",
			backend.Fault{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
		},
		"a refusal": {
			403, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
		},
		"a refusal by 401": {
			401, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
		},
		"a block for legal reasons": {
			451, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindDenied, Advice: driverkit.AdviceGateway},
		},
		"a proxy without a login": {
			407, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindDenied, Advice: adviceLogin},
		},
		"a login to a network": {
			511, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindInvalid, Advice: adviceLoginPage},
		},
		"a redirect": {
			302,
			http.Header{"Location": {"/elsewhere"}},
			page, "502 Bad Gateway",
			backend.Fault{Kind: backend.KindInvalid, Advice: adviceRedirect},
		},
		"a redirect with an object": {
			307,
			http.Header{"Location": {"/elsewhere"}},
			"{}", "{}",
			backend.Fault{Kind: backend.KindInvalid, Advice: adviceRedirect},
		},
		"a bad request": {
			400, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindInvalid, Advice: adviceOdd},
		},
		"a missing page": {
			404, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindOther, Advice: adviceOdd},
		},
		"a throttle": {
			429,
			http.Header{"Retry-After": {"9"}},
			page, "502 Bad Gateway",
			backend.Fault{Kind: backend.KindThrottled, RetryAfter: 9 * time.Second},
		},
		"a bad gateway": {502, nil, page, "502 Bad Gateway", backend.Fault{Kind: backend.KindUnavailable}},
		"an empty 503": {
			503,
			http.Header{"Retry-After": {"2"}},
			"", "",
			backend.Fault{Kind: backend.KindUnavailable, RetryAfter: 2 * time.Second},
		},
		"a plain text": {
			502, nil, "upstream\n gone", "upstream gone", backend.Fault{Kind: backend.KindUnavailable},
		},
		"a page without a title": {
			502, nil, "<p>upstream <b>gone</b></p>", "upstream gone", backend.Fault{Kind: backend.KindUnavailable},
		},
		"an XML error": {
			502, nil, "<Error><Code>Oops</Code></Error>", "Oops", backend.Fault{Kind: backend.KindUnavailable},
		},
		"a JSON list": {500, nil, "[1]", "[1]", backend.Fault{Kind: backend.KindUnavailable}},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.want
			want.Status, want.Unreachable = test.status, true
			want.Message = fmt.Sprintf("the answer is not from the API (HTTP status %d)", test.status)
			if test.title != "" {
				want.Message = fmt.Sprintf("the answer is not from the API (HTTP status %d, %q)", test.status, test.title)
			}
			in.wantFault(t, in.driver(t, answer{status: test.status, header: test.header, body: test.body}), want)
		})
	}
}

// testPagesAgain: a page, or the answer of another API, with a status of success may be a
// slip, and the same again is something that stays.
func testPagesAgain(t *testing.T, in Inputs) {
	for _, body := range []string{
		"<html><title>Log in</title></html>", "{}", `{"Some":{"ResponseMetadata":{},"Response":{},"RequestId":"r"}}`,
	} {
		testPageAgain(t, in, answer{status: http.StatusOK, body: body})
	}
}

func testPageAgain(t *testing.T, in Inputs, page answer) {
	t.Helper()
	gateway := answer{status: http.StatusBadGateway, body: "oops"}
	refusal := in.refusal("Some.Code", "no", "r")
	driver := in.driver(t, page, page, page, gateway, page, refusal, page, page)
	const unavailable, invalid = backend.KindUnavailable, backend.KindInvalid
	for i, want := range []struct {
		kind     backend.Kind
		answered bool
	}{
		{unavailable, false},
		{invalid, false},
		{invalid, false},
		{unavailable, false},
		{invalid, false},
		{backend.KindOther, true},
		{unavailable, false},
		{invalid, false},
	} {
		_, err := driver.Describe(t.Context(), []string{in.ID})
		got := driver.Fault(err)
		answered := got.Code == "Some.Code" && !got.Unreachable
		switch {
		case answered != want.answered, !answered && (got.Kind != want.kind || !got.Unreachable):
			t.Errorf("%s, answer %d: got %+v, want %+v", page.body, i+1, got, want)
		case got.Kind == invalid && !answered && got.Advice != adviceLoginPage:
			t.Errorf("%s, answer %d: got the advice %q, want %q", page.body, i+1, got.Advice, adviceLoginPage)
		}
	}
}

func testConnections(t *testing.T, in Inputs) {
	dial := func(address *net.TCPAddr, err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: err}
	}
	remote := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8090}
	const broken = "net/http: HTTP/1.x transport connection broken: "
	for name, test := range map[string]struct {
		err  error
		want backend.Fault
	}{
		"the host name does not exist": {
			dial(nil, &net.DNSError{
				Err: "no such host", Name: "ecs.nowhere.invalid", Server: "192.0.2.53:53", IsNotFound: true,
			}),
			backend.Fault{
				Kind: backend.KindInvalid, Message: `the host name "ecs.nowhere.invalid" does not exist`, Advice: in.adviceHost(),
			},
		},
		"the resolver fails": {
			&net.DNSError{Err: "server misbehaving", Name: "ecs.invalid", IsTemporary: true},
			backend.Fault{Kind: backend.KindUnavailable, Message: "lookup ecs.invalid: server misbehaving"},
		},
		"the host name has no address": {
			dial(nil, &net.AddrError{Err: "no suitable address found", Addr: "ecs.nowhere.invalid"}),
			backend.Fault{
				Kind: backend.KindInvalid, Message: `the host name "ecs.nowhere.invalid" has no address`, Advice: in.adviceHost(),
			},
		},
		"the host name of the proxy has no address": {
			&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(nil, &net.AddrError{
				Err: "no suitable address found", Addr: "proxy.nowhere.invalid",
			})},
			backend.Fault{
				Kind: backend.KindInvalid, Message: `the host name of the proxy, "proxy.nowhere.invalid", has no address`,
				Advice: adviceProxy,
			},
		},
		"nothing listens on this machine": {
			dial(local, syscall.ECONNREFUSED),
			backend.Fault{
				Kind: backend.KindInvalid, Message: "dial tcp 127.0.0.1:8090: connection refused", Advice: adviceLoopback,
			},
		},
		"another machine refuses": {
			dial(remote, syscall.ECONNREFUSED),
			backend.Fault{Kind: backend.KindUnavailable, Message: "dial tcp 192.0.2.1:443: connection refused"},
		},
		"the connection ends": {
			io.EOF, backend.Fault{Kind: backend.KindUnavailable, Message: "the connection ended before the answer: EOF"},
		},
		"a server declines the handshake": {
			&net.OpError{Op: "remote error", Err: tls.AlertError(70)},
			backend.Fault{
				Kind:    backend.KindInvalid,
				Message: "api.example.invalid declines the connection: tls: protocol version not supported",
				Advice:  adviceVerify,
			},
		},
		"a server has trouble in the handshake": {
			&net.OpError{Op: "remote error", Err: tls.AlertError(80)},
			backend.Fault{Kind: backend.KindUnavailable, Message: "remote error: tls: internal error"},
		},
		"a certificate does not parse": {
			errors.New("tls: failed to parse certificate from server: x509: malformed tbs certificate"),
			backend.Fault{
				Kind: backend.KindInvalid,
				Message: "no connection to api.example.invalid can be made: tls: failed to parse certificate from server: " +
					"x509: malformed tbs certificate",
				Advice: adviceVerify,
			},
		},
		"something that is not HTTP answers": {
			errors.New(broken + `malformed HTTP response "SSH-2.0-OpenSSH_9.6"`),
			backend.Fault{Kind: backend.KindInvalid, Message: "api.example.invalid does not speak HTTP", Advice: adviceSpeech},
		},
		"an alert of TLS answers plain HTTP": {
			errors.New(broken + `malformed HTTP response "\x15\x03\x01\x00\x02\x02"`),
			backend.Fault{
				Kind: backend.KindInvalid, Message: "api.example.invalid speaks TLS, and the request was plain HTTP",
				Advice: adviceTLS,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.want
			want.Unreachable = true
			base := &answers{list: []answer{{err: test.err}}}
			driver, err := in.Open(in.keys(true), in.Region, "https://api.example.invalid", base)
			if err != nil {
				t.Fatal(err)
			}
			in.wantFault(t, driver, want)
		})
	}
}

func testCertificates(t *testing.T, in Inputs) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(in.RefusalStatus)
		_, _ = io.WriteString(w, in.Refusal("Some.Code", "Denied", "r-1"))
	})
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	good := Certificate{Hosts: []string{"127.0.0.1"}, From: year(2020), To: year(2120)}
	foreign, ended, early := good, good, good
	foreign.Hosts = []string{"other.example.com", "192.0.2.1"}
	ended.To = year(2021)
	early.From = year(2119)
	known, other := ServeTLS(t, good, handler), ServeTLS(t, foreign, handler)
	expired, future, plain := ServeTLS(t, ended, handler), ServeTLS(t, early, handler), httptest.NewServer(handler)
	// What a server of TLS answers to plain HTTP, without its haste to be gone.
	refuser := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Client sent an HTTP request to an HTTPS server.", http.StatusBadRequest)
	}))
	t.Cleanup(plain.Close)
	t.Cleanup(refuser.Close)
	dated := good
	dated.Version = tls.VersionTLS11
	old := ServeTLS(t, dated, handler)
	for name, test := range map[string]struct {
		server   TLSServer
		endpoint string
		message  string
		advice   string
	}{
		"a version of TLS that is too old": {
			old, old.URL, "HOST declines the connection: tls: protocol version not supported", adviceVerify,
		},
		"an authority that this machine does not know": {
			TLSServer{},
			known.URL, "the certificate of HOST is from an authority that this machine does not know",
			adviceAuthority,
		},
		"another host": {
			other, other.URL, "the certificate of HOST is for other.example.com, 192.0.2.1, and not for 127.0.0.1", adviceName,
		},
		"a certificate that ended": {
			expired, expired.URL, "the certificate of HOST is valid from 2020-01-01T00:00:00Z to 2021-01-01T00:00:00Z",
			adviceExpired,
		},
		"a certificate of tomorrow": {
			future, future.URL, "the certificate of HOST is valid from 2119-01-01T00:00:00Z to 2120-01-01T00:00:00Z",
			adviceExpired,
		},
		"plain HTTP on the port": {
			TLSServer{}, strings.Replace(plain.URL, "http://", "https://", 1), "HOST does not speak TLS", advicePlain,
		},
		"TLS on the port of plain HTTP": {
			TLSServer{}, refuser.URL, "HOST answered plain HTTP with the status 400, as a port that speaks TLS does", adviceTLS,
		},
	} {
		t.Run(name, func(t *testing.T) {
			driver, err := in.Open(in.keys(true), in.Region, test.endpoint, test.server.Base())
			if err != nil {
				t.Fatal(err)
			}
			_, host, _ := strings.Cut(test.endpoint, "://")
			want := backend.Fault{
				Kind:        backend.KindInvalid,
				Unreachable: true,
				Message:     strings.ReplaceAll(test.message, "HOST", host),
				Advice:      test.advice,
			}
			if test.advice == adviceTLS {
				want.Status = http.StatusBadRequest
			}
			in.wantFault(t, driver, want)
		})
	}
	// The same server answers those who know its authority.
	driver, err := in.Open(in.keys(true), in.Region, known.URL, known.Base())
	if err != nil {
		t.Fatal(err)
	}
	for call, err := range in.fails(t, driver) {
		if got := driver.Fault(err); got.Unreachable || got.Code != "Some.Code" {
			t.Errorf("%s with a good certificate: got %+v, want an answer", call, got)
		}
	}
}

func testProxies(t *testing.T, in Inputs) {
	answering := func(status int) string {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodConnect {
				t.Errorf("the proxy got %s %s, want a CONNECT", r.Method, r.URL)
			}
			w.WriteHeader(status)
		}))
		t.Cleanup(proxy.Close)
		return proxy.URL
	}
	parse := func(text string) func(*http.Request) (*url.URL, error) {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return http.ProxyURL(u)
	}
	replying := func(scheme string, replies ...Reply) string { return scheme + ServeReplies(t, replies...) }
	// What a client of SOCKS sends in turn has so many bytes.
	const (
		socks    = "socks5://user:pass@"
		greeting = 4 // with two methods of authentication
		login    = 3 + len("user") + len("pass")
		request  = 4 + 1 + len("api.example.invalid") + 2
		open     = "\x05\x00"
		rest     = "\x00\x01\x00\x00\x00\x00\x00\x00"
	)
	// No other test is given the port, as may happen with one that was just free.
	const unused = "http://127.0.0.1:9"
	for name, test := range map[string]struct {
		proxy   string
		kind    backend.Kind
		message string
		advice  string
	}{
		"it wants a login": {
			answering(407), backend.KindDenied, "the proxy HOST answered with the HTTP status 407", adviceLogin,
		},
		"it refuses the host": {
			answering(403), backend.KindDenied, "the proxy HOST answered with the HTTP status 403", advicePolicy,
		},
		"it has trouble itself": {
			answering(503), backend.KindUnavailable, "the proxy HOST answered with the HTTP status 503", "",
		},
		"nothing listens there": {
			unused, backend.KindInvalid, "nothing listens at the address of the proxy on this machine", adviceProxy,
		},
		"its port is out of range": {
			"http://127.0.0.1:99999", backend.KindInvalid, "the address of the proxy is wrong: invalid port", adviceProxy,
		},
		"its name does not exist": {
			"http://proxy.invalid:3128", backend.KindInvalid, `the host name of the proxy, "proxy.invalid", does not exist`,
			adviceProxy,
		},
		"it does not speak HTTP": {
			replying("http://", Reply{1, "SSH-2.0-OpenSSH_9.6\r\n"}), backend.KindInvalid, "the proxy does not speak HTTP", adviceProxy,
		},
		"it speaks TLS": {
			replying("http://", Reply{1, "\x15\x03\x01\x00\x02\x02\x46"}), backend.KindInvalid,
			"the proxy speaks TLS, and the request was plain HTTP", adviceProxy,
		},
		"it does not speak TLS": {
			replying("https://", Reply{1, "HTTP/1.1 400 Bad Request\r\n\r\n"}), backend.KindInvalid,
			"the proxy does not speak TLS", adviceProxy,
		},
		"it does not speak SOCKS": {
			replying(socks, Reply{greeting, "HTTP/1.1 400 Bad Request\r\n\r\n"}), backend.KindInvalid,
			"the proxy does not speak SOCKS", adviceProxy,
		},
		"SOCKS without a login": {
			replying(socks, Reply{greeting, "\x05\xff"}), backend.KindDenied,
			"the proxy refused the connection: no acceptable authentication methods", adviceLogin,
		},
		"SOCKS with a wrong password": {
			replying(socks, Reply{greeting, "\x05\x02"}, Reply{login, "\x01\x01"}), backend.KindDenied,
			"the proxy refused the connection: username/password authentication failed", adviceLogin,
		},
		"SOCKS with a rule against the host": {
			replying(socks, Reply{greeting, open}, Reply{request, "\x05\x02" + rest}), backend.KindDenied,
			"the proxy refused the connection: connection not allowed by ruleset", advicePolicy,
		},
		"SOCKS to a host that is down": {
			replying(socks, Reply{greeting, open}, Reply{request, "\x05\x04" + rest}), backend.KindUnavailable,
			"socks connect tcp HOST->api.example.invalid:443: unknown error host unreachable", "",
		},
		"its address does not parse": {"", backend.KindInvalid, "the address of the proxy does not parse", adviceProxy},
	} {
		t.Run(name, func(t *testing.T) {
			base := driverkit.NewBase()
			dial := base.DialContext
			base.DialContext = NoNames(dial)
			base.Proxy = parse(test.proxy)
			if test.proxy == "" {
				base.Proxy = func(*http.Request) (*url.URL, error) { return nil, &driverkit.ProxyError{} }
			}
			driver, err := in.Open(in.keys(true), in.Region, "https://api.example.invalid", base)
			if err != nil {
				t.Fatal(err)
			}
			_, host, _ := strings.Cut(test.proxy, "://")
			host = strings.TrimPrefix(host, "user:pass@")
			in.wantFault(t, driver, backend.Fault{
				Kind: test.kind, Unreachable: true, Message: strings.ReplaceAll(test.message, "HOST", host), Advice: test.advice,
			})
		})
	}
}
