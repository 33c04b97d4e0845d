package driverkit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// TestANewConnection: over HTTP/2 all requests share one connection, and over
// HTTP/1 they follow each other on one. One that is marked shares none.
func TestANewConnection(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remotes := make(chan string, 1)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.ProtoMajor == 2; got != http2 {
					t.Errorf("the request came by %s", r.Proto)
				}
				remotes <- r.RemoteAddr
				_, _ = io.WriteString(w, "{}")
			}))
			server.EnableHTTP2 = http2
			server.StartTLS()
			t.Cleanup(server.Close)
			base := driverkit.NewBase()
			base.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone() //nolint:forcetypeassert // httptest's own.
			transport := newTransport("", base)
			var seen []string
			for _, marked := range []bool{false, false, true, true, false} {
				ctx := t.Context()
				if marked {
					ctx = backend.WithNewConnection(ctx)
				}
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := transport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				seen = append(seen, <-remotes)
			}
			if seen[1] != seen[0] || seen[4] != seen[0] {
				t.Errorf("ordinary requests came by %v, want one connection for the first, second and fifth", seen)
			}
			if seen[2] == seen[0] || seen[3] == seen[0] || seen[2] == seen[3] {
				t.Errorf("marked requests came by %v, want connections of their own for the third and fourth", seen)
			}
			base.CloseIdleConnections()
		})
	}
}
