package backendtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log" //nolint:depguard // net/http reports handshakes that fail through it.
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Certificate is what a server of TLS shows.
type Certificate struct {
	// Hosts are names and addresses.
	Hosts    []string
	From, To time.Time
	// Version is the only one of TLS that the server speaks; 0 stands for each that is
	// safe.
	Version uint16
}

// TLSServer is a server whose certificate comes from an authority of its own.
type TLSServer struct {
	*httptest.Server
	// Connections counts those that were made, whether their handshake succeeded or not.
	Connections *atomic.Int64
	roots       *x509.CertPool
}

// CountConnections counts the connections to a server that is not started yet.
func CountConnections(server *httptest.Server) *atomic.Int64 {
	connections := new(atomic.Int64)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	return connections
}

// Base returns the transport of a machine that knows the authority; that of the
// zero value knows what this machine does.
func (s TLSServer) Base() *http.Transport {
	base := driverkit.NewBase()
	if s.roots != nil {
		base.TLSClientConfig = &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	}
	return base
}

// ServeTLS serves HTTP/1 until the test ends.
func ServeTLS(t *testing.T, shown Certificate, handler http.Handler) TLSServer {
	t.Helper()
	return serveTLS(t, shown, handler, false)
}

// ServeHTTP2 serves HTTP/2 too.
func ServeHTTP2(t *testing.T, shown Certificate, handler http.Handler) TLSServer {
	t.Helper()
	return serveTLS(t, shown, handler, true)
}

func serveTLS(t *testing.T, shown Certificate, handler http.Handler, http2 bool) TLSServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "backendtest"},
		NotBefore:             shown.From,
		NotAfter:              shown.To,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, host := range shown.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	server := TLSServer{Server: httptest.NewUnstartedServer(handler), roots: x509.NewCertPool()}
	server.roots.AddCert(certificate)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS12,
	}
	if shown.Version != 0 {
		server.TLS.MinVersion, server.TLS.MaxVersion = shown.Version, shown.Version
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Connections = CountConnections(server.Server)
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// NoNames returns a dialer that finds no host name, as on a machine whose
// resolver answers that none exists.
func NoNames(
	dial func(ctx context.Context, network, address string) (net.Conn, error),
) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err == nil && net.ParseIP(host) == nil {
			return nil, &net.OpError{
				Op:  "dial",
				Net: network,
				Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true},
			}
		}
		return dial(ctx, network, address)
	}
}
