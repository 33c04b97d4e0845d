package gate

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// open opens a gate before a handler that counts what reaches it.
func open(t *testing.T) (g *Gate, reached *atomic.Int64) {
	t.Helper()
	reached = new(atomic.Int64)
	g, err := Open(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, "served")
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g, reached
}

// get reports whether a request through the gate is answered.
func get(t *testing.T, client *http.Client, g *Gate) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }() // It was only read.
	body, err := io.ReadAll(response.Body)
	return err == nil && string(body) == "served"
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestAGateThatIsShutLetsNothingThrough(t *testing.T) {
	t.Parallel()
	g, reached := open(t)
	client := newClient(t)
	if !get(t, client, g) || g.Connections() != 1 || reached.Load() != 1 {
		t.Fatalf("an open gate: %d connections and %d requests, want one answered request", g.Connections(), reached.Load())
	}
	g.Shut()
	if get(t, client, g) || reached.Load() != 1 {
		t.Errorf("a request went through a gate that is shut, or %d reached the handler, want 1", reached.Load())
	}
	g.Reopen()
	if !get(t, client, g) || reached.Load() != 2 {
		t.Errorf("no request went through a gate that is open again; %d reached the handler, want 2", reached.Load())
	}
}

func TestAGateThatIsShutTakesNoConnection(t *testing.T) {
	t.Parallel()
	g, _ := open(t)
	g.Shut()
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(g.URL(), "http://"))
	if err != nil {
		return // It was cut before the client knew of it.
	}
	defer func() { _ = c.Close() }() // It may be closed already.
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is open, or not cut: got error %v", err)
	}
}

func TestAConnectionThatEndsDoesNotCount(t *testing.T) {
	t.Parallel()
	g, _ := open(t)
	client := newClient(t)
	if !get(t, client, g) {
		t.Fatal("the request was not answered")
	}
	client.CloseIdleConnections()
	for deadline := time.Now().Add(30 * time.Second); g.Connections() != 0; {
		if time.Now().After(deadline) {
			t.Fatalf("got %d connections, want none", g.Connections())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAGateThatIsShutAtAMoment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		moment  Moment
		reached int64
	}{
		{"when the request arrives, it has no effect", Arrived, 1},
		{"when the request is served, it has one, and no answer", Served, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, reached := open(t)
			client := newClient(t)
			g.Watch(func(request int, m Moment) {
				if request == 2 && m == test.moment {
					g.Shut()
				}
			})
			if !get(t, client, g) {
				t.Fatal("the first request was not answered")
			}
			if get(t, client, g) {
				t.Error("the second request was answered")
			}
			if got := reached.Load(); got != test.reached {
				t.Errorf("%d requests reached the handler, want %d", got, test.reached)
			}
		})
	}
}
