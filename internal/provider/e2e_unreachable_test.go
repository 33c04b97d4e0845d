package provider

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
)

// elsewhere is what a plan meets in the place of the API of every cloud, or of a service
// that it gets its keys from.
type elsewhere struct {
	name, endpoint string
	// block has the arguments of a cloud's block; nil for a cloud that does not have the
	// row. It may be nil, for the API.
	block func(cloudName string) map[string]any
	// seen counts connections or requests, of which each read may make so many; it is
	// nil where nothing can be counted.
	seen *atomic.Int64
	each int64
}

// kinds are the kinds of objects that meet it: one where there are no keys, for whatever
// they are.
func (e elsewhere) kinds() []string {
	if e.block != nil {
		return readsElsewhere[:1]
	}
	return readsElsewhere
}

// readsElsewhere are the kinds of objects that read an instance in a plan, each an
// instance of its own.
var readsElsewhere = []string{"instance_power_state", "instance_fleet_power_state", "data.instance_power_state"}

// idOf is the id of the instance that a kind of object reads.
func (w wired) idOf(kind int) string { return fmt.Sprintf("%s%d", w.id[:len(w.id)-1], kind+1) }

// configuration is a provider that meets it on all clouds, under an alias, with one
// object of each kind on each of them.
func (e elsewhere) configuration(alias string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "provider \"instance\" {\n alias = %q\n batch_window = \"0s\"\n", alias)
	for _, cloudName := range e.clouds() {
		arguments := e.arguments(cloudName)
		arguments["endpoint"] = e.endpoint
		text.WriteString(hclBlock(cloudName, arguments))
	}
	text.WriteString("}\n")
	for _, cloudName := range e.clouds() {
		w := allWired[cloudName]
		name := alias + "_" + cloudName
		common := fmt.Sprintf(" provider = instance.%s\n cloud = %q\n", alias, cloudName)
		fmt.Fprintf(&text, "resource \"instance_power_state\" %q {\n%s instance_id = %q\n state = \"stopped\"\n}\n",
			name, common, w.idOf(0))
		if len(e.kinds()) == 1 {
			continue
		}
		fmt.Fprintf(&text, "resource \"instance_fleet_power_state\" %q {\n%s instance_ids = [%q]\n state = \"stopped\"\n}\n",
			name, common, w.idOf(1))
		fmt.Fprintf(&text, "data \"instance_power_state\" %q {\n%s instance_id = %q\n}\n", name, common, w.idOf(2))
	}
	return text.String()
}

// clouds are those that have the row.
func (e elsewhere) clouds() []string {
	return slices.DeleteFunc(cloudNames(clouds), func(name string) bool { return e.arguments(name) == nil })
}

func (e elsewhere) arguments(cloudName string) map[string]any {
	if e.block == nil {
		return maps.Clone(allWired[cloudName].config)
	}
	return e.block(cloudName)
}

// texts are the errors of the objects under an alias, with the names of the clouds
// that have the same one.
func (e elsewhere) texts(o outcome, alias string) string {
	var text strings.Builder
	_, host, _ := strings.Cut(e.endpoint, "://")
	for kind, resource := range e.kinds() {
		on := map[string][]string{}
		for _, cloudName := range e.clouds() {
			w := allWired[cloudName]
			got := strings.Join(o.errors(resource+"."+alias+"_"+cloudName), "\n---\n")
			got = strings.NewReplacer(w.place(cloudName), "CLOUD", w.idOf(kind), "ID", host, "HOST").Replace(got)
			on[got] = append(on[got], cloudName)
		}
		for _, got := range slices.SortedFunc(maps.Keys(on), func(a, b string) int { return slices.Compare(on[a], on[b]) }) {
			fmt.Fprintf(&text, "== %s: %s on %s\n%s\n\n", e.name, resource, strings.Join(on[got], ", "), got)
		}
	}
	return text.String()
}

// planElsewhere plans all rows at once and returns the texts of all errors. No row
// may be tried again: the time is that of the CLI, which depends on the machine.
func planElsewhere(t *testing.T, env []string, rows ...elsewhere) string {
	t.Helper()
	var config, text strings.Builder
	alias := func(row int) string { return fmt.Sprintf("row%d", row) }
	for i, e := range rows {
		config.WriteString(e.configuration(alias(i)))
	}
	o := newCLI(t, config.String(), env...).do("plan")
	if o.err == nil {
		t.Errorf("the plan succeeded:\n%s", o.text)
	}
	wantNothingRaw(t, "the output", o.text)
	if most := time.Minute; o.took > most {
		t.Errorf("the plan took %v, want less than %v: reads are retried for five minutes", o.took, most)
	}
	for i, e := range rows {
		text.WriteString(e.texts(o, alias(i)))
		if e.seen == nil {
			continue
		}
		reads := int64(len(e.kinds()) * len(e.clouds()))
		if got := e.seen.Load(); got < reads || got > reads*e.each {
			t.Errorf("%s: got %d connections or requests for %d reads, want at most %d for each", e.name, got, reads, e.each)
		}
	}
	return text.String()
}

// TestEndToEndUnreachable: whatever no retry cures ends a plan at once, on all clouds,
// with the whole text in testdata/unreachable.txt. Write it anew with -update.
func TestEndToEndUnreachable(t *testing.T) {
	t.Parallel()
	cliPath(t)
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("on this system Go does not read SSL_CERT_FILE, by which the test makes authorities known")
	}
	var texts strings.Builder
	direct, roots := directRows(t)
	direct = append(direct, keyRows(t)...)
	texts.WriteString(planElsewhere(t, []string{"SSL_CERT_FILE=" + roots}, direct...))

	// A CONNECT names the host, by which this proxy tells its rows apart.
	login := elsewhere{
		name: "a proxy that wants a login", endpoint: "https://login.example.invalid", seen: new(atomic.Int64), each: 1,
	}
	policy := elsewhere{
		name: "a proxy that refuses the host", endpoint: "https://policy.example.invalid", seen: new(atomic.Int64), each: 1,
	}
	proxy := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, status := login, http.StatusProxyAuthRequired
		if strings.HasPrefix(r.Host, "policy.") {
			e, status = policy, http.StatusForbidden
		}
		e.seen.Add(1)
		w.WriteHeader(status)
	}))
	_, address, _ := strings.Cut(proxy, "://")
	refused := planElsewhere(t, []string{"HTTPS_PROXY=http://user:hunter2222@" + address}, login, policy)
	texts.WriteString(strings.ReplaceAll(refused, address, "PROXY"))

	for _, row := range []struct{ name, proxy string }{
		{"a proxy whose address does not parse", "http://user:hunter2222@pro xy:3128"},
		{"a proxy whose name does not resolve", "http://user:hunter2222@" + noName + ":3128"},
		{"a proxy whose port is out of range", "http://user:hunter2222@127.0.0.1:99999"},
	} {
		env := []string{"HTTPS_PROXY=" + row.proxy}
		texts.WriteString(planElsewhere(t, env, elsewhere{name: row.name, endpoint: "https://api.example.invalid"}))
	}
	if strings.Contains(texts.String(), "hunter2222") {
		t.Error("an error shows the password of the proxy")
	}
	wantGolden(t, "unreachable.txt", texts.String())
}

// noName is a name that no DNS can have, so that nothing is looked up.
var noName = strings.Repeat("a", 64) + ".example"

// directRows are met without a proxy. roots is a file with the authorities that are to
// be known.
func directRows(t *testing.T) (rows []elsewhere, roots string) {
	t.Helper()
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	serve := func(host string, to time.Time) backendtest.TLSServer {
		certificate := backendtest.Certificate{Hosts: []string{host}, From: year(2020), To: to}
		return backendtest.ServeTLS(t, certificate, http.NotFoundHandler())
	}
	old := backendtest.ServeTLS(t, backendtest.Certificate{
		Hosts: []string{"127.0.0.1"}, From: year(2020), To: year(2120), Version: tls.VersionTLS11,
	}, http.NotFoundHandler())
	unknown, other := serve("127.0.0.1", year(2120)), serve("other.example.com", year(2120))
	expired, secure := serve("127.0.0.1", year(2021)), serve("127.0.0.1", year(2120))
	var known []byte
	for _, server := range []backendtest.TLSServer{other, expired} {
		known = append(known, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})...)
	}
	roots = filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, known, 0o600); err != nil {
		t.Fatal(err)
	}

	plain, connections := serveCounted(t, http.NotFoundHandler())
	pages := new(atomic.Int64)
	portal := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		pages.Add(1)
		_, _ = io.WriteString(w, "<html><head><title>Hotel \x1b]0;x\x07login</title></head></html>")
	}))
	answers, away := new(atomic.Int64), new(atomic.Int64)
	another := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answers.Add(1)
		_, _ = io.WriteString(w, `{"kind":"Status","status":"\u202eFailure"}`)
	}))
	redirect := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		away.Add(1)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = io.WriteString(w, "{}")
	}))
	return []elsewhere{
		{name: "a version of TLS that is too old", endpoint: old.URL, seen: old.Connections, each: 1},
		{name: "the answer of another API, after a second try", endpoint: another, seen: answers, each: 2},
		{name: "a redirect with an object", endpoint: redirect, seen: away, each: 1},
		{name: "an unknown authority", endpoint: unknown.URL, seen: unknown.Connections, each: 1},
		{name: "a certificate for another name", endpoint: other.URL, seen: other.Connections, each: 1},
		{name: "a certificate that has expired", endpoint: expired.URL, seen: expired.Connections, each: 1},
		{name: "plain HTTP on a port of TLS", endpoint: "https://" + hostOf(t, plain), seen: connections, each: 1},
		{name: "TLS on a port of plain HTTP", endpoint: "http://" + hostOf(t, secure.URL), seen: secure.Connections, each: 1},
		{name: "a login page, after a second try", endpoint: portal, seen: pages, each: 2},
		{name: "a host that does not resolve", endpoint: "https://" + noName},
	}, roots
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// serveCounted serves until the test ends, and counts the connections.
func serveCounted(t *testing.T, handler http.Handler) (address string, connections *atomic.Int64) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	connections = backendtest.CountConnections(server)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// TestEndToEndEndpointThatCanNeverWork: it is refused before anything is sent.
func TestEndToEndEndpointThatCanNeverWork(t *testing.T) {
	t.Parallel()
	e := elsewhere{endpoint: "https://api.example.invalid:99999"}
	o := newCLI(t, e.configuration("row0")).do("plan")
	for _, cloudName := range cloudNames(clouds) {
		want := fmt.Sprintf("Invalid endpoint of %s\n\n`endpoint` has a port that is not from 1 to 65535: write it as "+
			"`https://host` or `https://host:port`, or leave it out to use the cloud's own.", cloudName)
		if got := o.errors(""); !slices.Contains(got, want) {
			t.Errorf("got the errors %q, want one of them to be %q", got, want)
		}
	}
}
