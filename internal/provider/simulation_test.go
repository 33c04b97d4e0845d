package provider

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// simulation is the simulator without a network: the requests of the provider are
// handed to it in this process, so that a test can run in fake time and read what
// was sent.
type simulation struct {
	t      *testing.T
	server *simulator.Server
	// log is the provider's own log at the level TRACE.
	log *synced

	mu   sync.Mutex
	sent []string // each request as it was sent
}

// simulatedURL is the address of the simulation in configurations. Nothing listens
// there.
const simulatedURL = "http://127.0.0.1:1"

// testIssuer has the keys of the identity provider of every simulation: to make one
// takes longer than most tests.
var testIssuer = oidc.NewIssuer(oidc.HCPTerraform)

func newSimulation(t *testing.T) *simulation {
	t.Helper()
	server, err := localcloud.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Issuer().Adopt(testIssuer); err != nil {
		t.Fatal(err)
	}
	localcloud.SetTransition(server, transition)
	return &simulation{t: t, server: server, log: new(synced)}
}

// eachSimulation runs f once for each row of the table of services, without
// credentials in the environment.
func eachSimulation(t *testing.T, f func(t *testing.T, s *simulation, row simulator.Service)) {
	t.Helper()
	for _, row := range localcloud.Services() {
		t.Run(row.Name(), func(t *testing.T) {
			clearEnvironment(t)
			f(t, newSimulation(t), row)
		})
	}
}

// eachTokenService is eachSimulation for the clouds that exchange tokens.
func eachTokenService(t *testing.T, f func(t *testing.T, s *simulation, row simulator.Service)) {
	t.Helper()
	for _, row := range localcloud.Services() {
		if row.Federation.Tokens() {
			t.Run(row.Name(), func(t *testing.T) {
				clearEnvironment(t)
				f(t, newSimulation(t), row)
			})
		}
	}
}

// RoundTrip hands a request to the simulator as it would arrive over a connection. It
// ends with the context, as a network does.
func (s *simulation) RoundTrip(req *http.Request) (*http.Response, error) {
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.sent = append(s.sent, wire.String())
	s.mu.Unlock()
	received, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme == "https" {
		received.TLS = new(tls.ConnectionState)
	}
	received = received.WithContext(req.Context())
	done := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		s.server.Handler().ServeHTTP(w, received)
		done <- w.Result()
	}()
	select {
	case resp := <-done:
		resp.Request = req
		return resp, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// requests returns what was sent so far, as text.
func (s *simulation) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// provider is a provider over the simulation, with a configuration.
func (s *simulation) provider(config map[string]any) *rpc {
	s.t.Helper()
	r := s.unconfigured()
	wantTexts(s.t, r.configure(config), "")
	return r
}

func (s *simulation) unconfigured() *rpc {
	s.t.Helper()
	simulated := maps.Clone(clouds)
	for name, c := range simulated {
		c.transport = s
		simulated[name] = c
	}
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: s.log})
	return rpcOfEngine(s.t, simulated, powerstate.Options{
		AppearGrace: time.Second, ModeGrace: time.Second, Logger: logger,
	})
}

// here adds the endpoints of the simulation, and what selects the service, to the
// arguments of a cloud's block.
func (s *simulation) here(row simulator.Service, arguments map[string]any) map[string]any {
	all := map[string]any{"endpoint": simulatedURL}
	if row.Federation.Tokens() {
		all["sts_endpoint"], all["metadata_endpoint"] = simulatedURL, simulatedURL
	}
	if row.Product != "" {
		all["service"] = row.Product
	}
	if row.Region != "" {
		all["region"] = row.Region
	}
	maps.Copy(all, arguments)
	return all
}

// seed makes running instances in a region, which may be empty, and returns their
// ids.
func (s *simulation) seed(row simulator.Service, region string, first, count int) []string {
	s.t.Helper()
	template := row.Template
	template.Region = region
	ids, err := s.server.Cloud(row.Cloud).SeedBulk(simulator.Bulk{
		Count: count, First: first, IDPattern: row.IDPattern, Template: template,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

// stopped is the configuration of a resource that stops an instance.
func stopped(row simulator.Service, region, id string) map[string]any {
	config := map[string]any{"cloud": row.Cloud, "instance_id": id, "state": "stopped"}
	if region != "" {
		config["region"] = region
	}
	return config
}

// issuedKeys counts the sets of keys that were issued.
func (s *simulation) issuedKeys(row simulator.Service) int {
	total := 0
	for _, n := range s.server.Cloud(row.Cloud).ExchangeCounts() {
		total += n
	}
	return total
}

// synced is a buffer for several goroutines.
type synced struct {
	mu  sync.Mutex
	all strings.Builder
}

func (b *synced) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *synced) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// serviceCalls counts the calls to the token service and the metadata service.
func serviceCalls(cloud *simulator.Cloud) int {
	n := 0
	for action, count := range cloud.CallCounts() {
		if strings.HasPrefix(action, "AssumeRole") || action == "GetCallerIdentity" ||
			strings.HasPrefix(action, "metadata:") {
			n += count
		}
	}
	return n
}
