package backendtest

import (
	"io"
	"net"
	"testing"
)

// Reply is what a server writes after it has read at least so many bytes.
type Reply struct {
	After int
	Text  string
}

// ServeReplies runs a server, on a loopback address until the test ends, that gives the
// replies in turn on each connection and closes it. It returns the host and the port.
func ServeReplies(t *testing.T, replies ...Reply) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			for _, reply := range replies {
				if _, err := io.ReadAtLeast(conn, make([]byte, 4096), reply.After); err != nil {
					break
				}
				_, _ = io.WriteString(conn, reply.Text)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}
