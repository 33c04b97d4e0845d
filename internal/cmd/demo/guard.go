package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// guard is the proxy that the CLI and the provider are told to use. Go never
// sends a request for a loopback address through a proxy, so the simulated
// clouds are reached without it; a request to anywhere else ends here, is
// refused, and is remembered. No real account can be reached.
type guard struct {
	server   *http.Server
	listener net.Listener
	done     chan struct{}

	mu      sync.Mutex
	refused []string
}

func startGuard(ctx context.Context) (*guard, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &guard{listener: listener, done: make(chan struct{})}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(g.done)
		// Serve always returns an error; after Close it is ErrServerClosed.
		_ = g.server.Serve(listener)
	}()
	return g, nil
}

// ServeHTTP implements http.Handler.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.refused = append(g.refused, r.Host)
	g.mu.Unlock()
	http.Error(w, "the demo lets no request leave this machine", http.StatusForbidden)
}

// environment are the variables that make a program use the guard.
func (g *guard) environment() []string {
	url := "http://" + g.listener.Addr().String()
	return []string{"HTTP_PROXY=" + url, "HTTPS_PROXY=" + url, "NO_PROXY="}
}

// check returns an error when a request was refused.
func (g *guard) check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.refused) == 0 {
		return nil
	}
	hosts := slices.Compact(slices.Sorted(slices.Values(g.refused)))
	return fmt.Errorf("%d requests were meant for %s, which is none of the simulated clouds; they were refused",
		len(g.refused), strings.Join(hosts, ", "))
}

func (g *guard) close() error {
	err := g.server.Close()
	<-g.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
