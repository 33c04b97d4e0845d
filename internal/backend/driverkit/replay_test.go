package driverkit_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// fickle is a raw server. The first request of its first connection is
// answered; the second is read, and then the connection closes. Requests on
// later connections are answered.
type fickle struct {
	url string
	// read counts the requests that arrived in full.
	read atomic.Int32
}

func newFickle(t *testing.T) *fickle {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fickle{url: "http://" + listener.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for first := true; ; first = false {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.serve(t, conn, first)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return f
}

// serve answers one request, reads another and closes the connection.
func (f *fickle) serve(t *testing.T, conn net.Conn, first bool) {
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}()
	requests := bufio.NewReader(conn)
	if !f.request(requests) {
		return
	}
	header := ""
	if !first {
		header = "Connection: close\r\n"
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"+header+"\r\n{}"); err != nil {
		t.Error(err)
	}
	if first {
		f.request(requests)
	}
}

func (f *fickle) request(r *bufio.Reader) bool {
	req, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return false
	}
	f.read.Add(1)
	return true
}

// TestNothingIsSentTwice is about a GET that may stop an instance: net/http
// takes it for harmless and sends it again by itself, which is shown beside it.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		client func() *http.Client
		method string
		body   func() io.Reader
		want   int32
		fails  bool
	}{
		"net/http sends a GET again": {
			client: func() *http.Client { return &http.Client{Transport: &http.Transport{}} },
			method: http.MethodGet, want: 3,
		},
		"a GET": {client: plain, method: http.MethodGet, want: 2, fails: true},
		"a GET with a body that can be read again": {
			client: plain, method: http.MethodGet, body: reader(""), want: 2, fails: true,
		},
		"a POST":              {client: plain, method: http.MethodPost, body: reader("{}"), want: 2, fails: true},
		"a POST without body": {client: plain, method: http.MethodPost, want: 2, fails: true},
		"a GET over a given base": {
			client: func() *http.Client { return newClient(&http.Transport{}) },
			method: http.MethodGet, want: 2, fails: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, recorded, err := sendTwice(t, test.client(), test.method, test.body)
			if got := err != nil; got != test.fails {
				t.Fatalf("the second request failed with %v, want failed: %v", err, test.fails)
			}
			if got := server.read.Load(); got != test.want {
				t.Errorf("%d requests arrived, want %d", got, test.want)
			}
			if !test.fails {
				return
			}
			if recorded.Status != 0 || recorded.Err == nil {
				t.Errorf("recorded %d, %v, want no status and an error", recorded.Status, recorded.Err)
			}
			fault := faultOf(t, err, recorded)
			if !fault.Unreachable || fault.Kind != backend.KindUnavailable || fault.Status != 0 {
				t.Errorf("fault is %+v, want unavailable without a status", fault)
			}
			if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "EOF") &&
				!strings.Contains(err.Error(), "reset") {
				t.Errorf("error is %v, want that of a broken connection", err)
			}
		})
	}
}

// slowly is an empty body whose end is noticed late.
type slowly struct{}

func (slowly) Read([]byte) (int, error) {
	time.Sleep(time.Second)
	return 0, io.EOF
}

// TestAGETIsNeverChunked: net/http waits 200 ms for the first byte of a body of unknown
// length, and a machine that is busy may need longer to find that there is none. Some
// servers refuse a GET in chunks.
func TestAGETIsNeverChunked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent strings.Builder
		base := roundTripper(func(req *http.Request) (*http.Response, error) {
			req.Body = io.NopCloser(slowly{})
			return nil, errors.Join(errors.New("no network"), req.Write(&sent))
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.invalid/?Action=Stop", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := newTransport("agent", base).RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
			t.Fatal("got no error, want one")
		}
		const want = "GET /?Action=Stop HTTP/1.1\r\nHost: api.invalid\r\nUser-Agent: agent\r\n\r\n"
		if sent.String() != want {
			t.Errorf("got %q, want %q", &sent, want)
		}
	})
}

// sendTwice sends a request after one that was answered, on the same connection. A busy
// machine may find out too late that the connection can be used again, and make another.
func sendTwice(
	t *testing.T, client *http.Client, method string, body func() io.Reader,
) (*fickle, *driverkit.Exchange, error) {
	t.Helper()
	t.Cleanup(client.CloseIdleConnections)
	for range 100 {
		server := newFickle(t)
		if _, _, err := exchange(t, client, method, server.url, nil); err != nil {
			t.Fatalf("the first request: %v", err)
		}
		var second io.Reader
		if body != nil {
			second = body()
		}
		_, recorded, err := exchange(t, client, method, server.url, second)
		if err != nil || server.read.Load() != 2 {
			return server, recorded, err
		}
	}
	t.Fatal("the connection was never used again")
	return nil, nil, nil
}

func reader(text string) func() io.Reader {
	return func() io.Reader { return strings.NewReader(text) }
}

func plain() *http.Client { return newClient(nil) }
