// Package gate serves the simulated clouds through a gate that counts connections
// and requests, and that can be shut: then it cuts every connection, as a network
// that fails does. The clouds behind it go on and do not notice.
package gate

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Moment is a moment of a request.
type Moment int

// A request arrives before it has an effect, and is served before its answer is
// sent.
const (
	Arrived Moment = iota
	Served
)

// Gate is a server on a loopback port.
type Gate struct {
	handler  http.Handler
	server   *http.Server
	listener net.Listener
	done     chan struct{}

	mu          sync.Mutex
	shut        bool
	connections map[net.Conn]bool
	requests    int
	watch       func(request int, m Moment)
}

// Open serves a handler until Close. The gate is open.
func Open(ctx context.Context, handler http.Handler) (*Gate, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gate{handler: handler, listener: listener, done: make(chan struct{}), connections: map[net.Conn]bool{}}
	g.server = &http.Server{
		Handler: g, ConnState: g.note, ReadHeaderTimeout: 10 * time.Second,
		// net/http would log the connections that the gate itself cuts.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go func() {
		defer close(g.done)
		// Serve always returns an error; after Close it is ErrServerClosed.
		_ = g.server.Serve(listener)
	}()
	return g, nil
}

// URL returns the base URL, without a slash at the end.
func (g *Gate) URL() string { return "http://" + g.listener.Addr().String() }

// Close ends the server and cuts all connections.
func (g *Gate) Close() error {
	err := g.server.Close()
	<-g.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// note keeps the set of connections.
func (g *Gate) note(c net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		g.connections[c] = true
		if g.shut {
			// The client gets an error, which is what is asked for.
			_ = c.Close()
		}
	case http.StateClosed, http.StateHijacked:
		delete(g.connections, c)
	case http.StateActive, http.StateIdle:
	}
}

// ServeHTTP implements http.Handler.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.requests++
	n, watch := g.requests, g.watch
	g.mu.Unlock()
	if watch != nil {
		watch(n, Arrived)
	}
	if g.isShut() {
		panic(http.ErrAbortHandler)
	}
	g.handler.ServeHTTP(w, r)
	if watch != nil {
		watch(n, Served)
	}
}

func (g *Gate) isShut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// Shut cuts all connections, and each new one as it is made, until Reopen.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for c := range g.connections {
		_ = c.Close() // The client gets an error, which is what is asked for.
	}
}

// Reopen lets connections through again.
func (g *Gate) Reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
}

// Watch counts requests from 1 again, and calls a function at each moment of each
// of them; nil ends that. The request waits for the function.
func (g *Gate) Watch(f func(request int, m Moment)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests, g.watch = 0, f
}

// Connections returns how many connections there are, idle ones included.
func (g *Gate) Connections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.connections)
}
