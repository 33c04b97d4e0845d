// Package wiretest has what the tests of the wires share: a fuzz target that sends
// arbitrary requests to one of them.
package wiretest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Request is a request in a form that a fuzzer can change.
type Request struct {
	Method string
	// Target is the path and the query.
	Target string
	// Header has a header in each line, "Name: value".
	Header string
	Body   string
}

// Fuzz sends requests to a wire, each of them once as it is and once signed with a
// good key, so that what is beyond the signature is reached too. Whatever a
// request is, it is answered, in well-formed JSON where the answer says so; and it
// changes an instance only where the log says that it took effect, which no
// unsigned one does. The other services of the cloud are fuzzed with the wire; the
// metadata service alone serves requests that are not signed.
func Fuzz(f *testing.F, newWire func() simulator.Wire, sign func(r *http.Request, body string), seeds ...Request) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed.Method, seed.Target, seed.Header, seed.Body, true)
		f.Add(seed.Method, seed.Target, seed.Header, seed.Body, false)
	}
	wire := newWire()
	server, err := simulator.NewServer(wire)
	if err != nil {
		f.Fatal(err)
	}
	cloud := wire.Cloud()
	cloud.LimitRates(false)
	if err := cloud.Seed(wire.DemoFleet()...); err != nil {
		f.Fatal(err)
	}
	protocols := []simulator.Protocol{wire}
	if m, ok := wire.(simulator.MultiWire); ok {
		protocols = append(protocols, m.Protocols()...)
		if err := cloud.SetMachine(simulator.Machine{Role: cloud.Roles()[0].Name}); err != nil {
			f.Fatal(err)
		}
	}
	cloud.Baseline()
	f.Fuzz(func(t *testing.T, method, target, header, body string, signed bool) {
		r := request(method, target, header, body)
		if r == nil || !signed && strings.Contains(r.Header.Get("Authorization"), "Signature") {
			return // No client can send it, or it may be signed.
		}
		cloud.Reset()
		if signed {
			sign(r, body)
		}
		if !slices.ContainsFunc(protocols, func(p simulator.Protocol) bool { return p.Match(r) }) {
			return // It is for no service of the cloud.
		}
		before := states(cloud)
		answer := httptest.NewRecorder()
		server.Handler().ServeHTTP(answer, r)
		check(t, answer, signed)
		calls := cloud.Calls(0)
		if len(calls) != 1 {
			t.Fatalf("the log has %d calls, want the one", len(calls))
		}
		if !calls[0].Effect && !maps.Equal(before, states(cloud)) {
			t.Errorf("an instance changed, and the log has no effect: %+v", calls[0])
		}
		if !signed && calls[0].Service != simulator.MetadataService && (calls[0].Effect || calls[0].Code == "") {
			t.Errorf("an unsigned request was served: %+v", calls[0])
		}
	})
}

func check(t *testing.T, answer *httptest.ResponseRecorder, signed bool) {
	t.Helper()
	if answer.Code < http.StatusOK || answer.Code > 599 {
		t.Errorf("status %d", answer.Code)
	}
	body := answer.Body.Bytes()
	if strings.Contains(answer.Header().Get("Content-Type"), "json") && !json.Valid(body) {
		t.Errorf("the answer is no JSON (signed: %v): %s", signed, body)
	}
	if bytes.Contains(body, []byte("not-a-secret")) {
		t.Errorf("the answer has a secret: %s", body)
	}
}

// states are the words of all instances, by their ids.
func states(cloud *simulator.Cloud) map[string]string {
	found := map[string]string{}
	for _, i := range cloud.Instances() {
		found[i.ID] = i.Status + " " + i.StoppedMode
	}
	return found
}

// request builds what a server would get, or nil for what no client can send.
func request(method, target, header, body string) *http.Request {
	u, err := url.ParseRequestURI(target)
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		return nil
	}
	if method == "" || strings.ContainsAny(method, " /\r\n\t") {
		return nil
	}
	r := &http.Request{
		Method: method, URL: u, RequestURI: target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Host: "127.0.0.1:8090",
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	for line := range strings.Lines(header) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || name == "" || strings.ContainsAny(name, " \x00\r\n") {
			return nil
		}
		r.Header.Add(textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value))
	}
	return r
}
