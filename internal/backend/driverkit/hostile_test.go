package driverkit_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// raw answers each request with bytes of the test's own.
func raw(t *testing.T, write func(w io.Writer) error) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = write(conn) // The client may end the connection before all of it is written.
		_ = conn.Close()
	})
}

func pack(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// TestAServerThatMeansNoGood: whatever a server sends, a call ends soon, with an error
// after which the engine reads before it acts, and the text is bounded.
func TestAServerThatMeansNoGood(t *testing.T) {
	t.Parallel()
	repeat := func(head, piece, tail string, times int) func(io.Writer) error {
		return func(w io.Writer) error {
			if _, err := io.WriteString(w, head); err != nil {
				return err
			}
			for range times {
				if _, err := io.WriteString(w, piece); err != nil {
					return err
				}
			}
			_, err := io.WriteString(w, tail)
			return err
		}
	}
	const ok = "HTTP/1.1 200 OK\r\n"
	packed := pack(t, "{"+strings.Repeat("\x00", 1<<20-1)) // Any number of it in a row unpack as one.
	for name, test := range map[string]struct {
		write func(io.Writer) error
		want  string
		// invalid is set where no other try can help.
		invalid bool
	}{
		"a small answer that unpacks to 64 MiB": {
			repeat(fmt.Sprintf(ok+"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", 64*len(packed)), packed, "", 64),
			"the answer is larger than 32 MiB", false,
		},
		"a body that is packed by its header alone": {
			repeat(ok+"Content-Encoding: gzip\r\nContent-Length: 16\r\n\r\n", `{"a":1234567890}`, "", 1),
			"gzip: invalid header", false,
		},
		"a body that ends early": {
			repeat(ok+"Content-Length: 500\r\n\r\n{", "", "", 1), "the answer cannot be read: unexpected EOF", false,
		},
		"headers of 2 MiB": {
			repeat(ok, "X-Filler: "+strings.Repeat("a", 1014)+"\r\n", "Content-Length: 2\r\n\r\n{}", 2048),
			"server response headers exceeded", false,
		},
		"one header without end": {
			repeat(ok+"X-Filler: ", strings.Repeat("a", 1024), "", 64<<10), "server response headers exceeded", false,
		},
		"early hints without end": {
			repeat("", "HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("a", 1000)+"\r\n\r\n", "", 64<<10),
			"server response headers exceeded", false,
		},
		"chunks that are none": {
			repeat(ok+"Transfer-Encoding: chunked\r\n\r\n", "zz\r\n{}", "", 1), "invalid byte in chunk length", false,
		},
		"two lengths": {
			repeat(ok+"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "", "", 1), "Content-Length", false,
		},
		"another protocol": {
			write: func(w io.Writer) error {
				_, err := io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n{")
				if conn, ok := w.(net.Conn); ok {
					// The client has to end this.
					err = errors.Join(err, conn.SetReadDeadline(time.Now().Add(time.Minute)))
					_, _ = io.Copy(io.Discard, conn)
				}
				return err
			},
			want: "HTTP status 101",
		},
		"a redirect with an answer": {
			write: repeat("HTTP/1.1 307 Away\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n{}", "", "", 1),
			want:  "HTTP status 307", invalid: true,
		},
		"a status that is none": {
			repeat("HTTP/1.1 9999 \x1b[31m\r\n\r\n", "", "", 1), "does not speak HTTP", true,
		},
		"the answer of something else": {
			repeat("220 mail.example.com ESMTP \x1b]0;x\x07\r\n", "", "", 1), "does not speak HTTP", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			client := newClient(nil)
			t.Cleanup(client.CloseIdleConnections)
			_, recorded, err := exchange(t, client, http.MethodGet, raw(t, test.write), nil)
			if err == nil {
				t.Fatal("got an answer, want an error")
			}
			fault := faultOf(t, err, recorded)
			kind := backend.KindUnavailable
			if test.invalid {
				kind = backend.KindInvalid
			}
			if fault.Kind != kind || !fault.Unreachable || !strings.Contains(fault.Message, test.want) {
				t.Errorf("got the kind %s and %q, want %s and %q", fault.Kind, fault.Message, kind, test.want)
			}
			if len(fault.Message) > driverkit.MaxText || driverkit.Visible(fault.Message) != fault.Message {
				t.Errorf("the message acts on a terminal, or has %d bytes: %q", len(fault.Message), fault.Message)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the call took %v", took)
			}
		})
	}
}
