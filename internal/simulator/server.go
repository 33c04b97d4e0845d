package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// DefaultAddress is where a simulator listens unless told otherwise: any free
// port of the loopback interface.
const DefaultAddress = "127.0.0.1:0"

// ControlPrefix is the path under which the control interface is. A change that
// breaks its users gets another version.
const ControlPrefix = controlRoot + "v1/"

// controlRoot is the path under which all versions of the control interface are.
const controlRoot = "/_simulator/"

// maxBody is the largest body that any of the clouds takes.
const maxBody = 10 << 20

// Server serves several wires on one port. It listens on loopback addresses unless it
// is told otherwise, since its credentials are public and its control interface is
// open.
type Server struct {
	wires     []Wire
	protocols []Protocol
	issuer    *oidc.Issuer
	control   http.Handler

	http     *http.Server
	listener net.Listener
	closing  chan struct{}
	closed   sync.Once
	done     chan struct{}
}

// NewServer returns a server for the wires that does not listen yet. Its
// Handler can be used with any listener.
func NewServer(wires ...Wire) (*Server, error) {
	s := &Server{
		wires: slices.Clone(wires), protocols: protocols(wires), issuer: oidc.NewIssuer(oidc.HCPTerraform),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	seen := map[string]bool{}
	for _, w := range wires {
		name := w.Cloud().Name()
		if seen[name] {
			return nil, fmt.Errorf("two wires are called %q", name)
		}
		seen[name] = true
		w.Cloud().AddIssuer(s.issuer)
	}
	s.control = newControl(s)
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		// net/http would log the connections that the simulator itself cuts.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	return s, nil
}

// Start listens on a loopback address, for example DefaultAddress, and serves
// until Close.
func (s *Server) Start(ctx context.Context, address string) error {
	if err := loopback(address); err != nil {
		return err
	}
	return s.StartAnywhere(ctx, address)
}

// StartAnywhere is Start on an address that other machines may reach. All of them
// can then change the clouds.
func (s *Server) StartAnywhere(ctx context.Context, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s.listener = listener
	go func() {
		defer close(s.done)
		// Serve always returns an error; after Close it is ErrServerClosed.
		_ = s.http.Serve(listener)
	}()
	return nil
}

// IsLoopback reports whether an address is one that no other machine can reach.
func IsLoopback(address string) bool { return loopback(address) == nil }

// loopback refuses an address that other machines could reach.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("address %q is not a loopback address", address)
	}
	return nil
}

// Close stops listening and ends all connections at once, those of calls that
// wait for a trouble to end too.
func (s *Server) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.closing)
		err = s.http.Close()
		if s.listener != nil {
			<-s.done
		}
	})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Address returns the host and port that the server listens on.
func (s *Server) Address() string { return s.listener.Addr().String() }

// URL returns the base URL of the server, without a slash at the end. Of a server that
// listens on all addresses it is the one for this machine.
func (s *Server) URL() string { return BaseURL(s.Address()) }

// BaseURL returns the URL by which this machine reaches a server that listens on an
// address.
func BaseURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + address
}

// Wires returns the wires in their order.
func (s *Server) Wires() []Wire { return slices.Clone(s.wires) }

// Issuer returns the identity provider of the server, whose tokens the clouds
// take. It signs as HCP Terraform does.
func (s *Server) Issuer() *oidc.Issuer { return s.issuer }

// Cloud returns a cloud by its name, nil if it is not served.
func (s *Server) Cloud(name string) *Cloud {
	for _, w := range s.wires {
		if w.Cloud().Name() == name {
			return w.Cloud()
		}
	}
	return nil
}

// Handler returns the handler for everything that the server serves.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, controlRoot) {
			s.control.ServeHTTP(w, r)
			return
		}
		for _, protocol := range s.protocols {
			if protocol.Match(r) {
				s.serve(w, r, protocol)
				return
			}
		}
		names := make([]string, len(s.wires))
		for i, wire := range s.wires {
			names[i] = wire.Cloud().Name()
		}
		writeJSON(w, http.StatusNotFound, map[string]any{
			"error":  "this is the instance simulator, and the request looks like none of its clouds",
			"clouds": names, "control": ControlPrefix,
		})
	})
}
