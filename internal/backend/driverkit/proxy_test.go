package driverkit_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// socksServer reads so many bytes and writes an answer, in turn, on each connection.
func socksServer(t *testing.T, steps []socksStep) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
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
			for _, step := range steps {
				if _, err := io.ReadFull(conn, make([]byte, step.read)); err != nil {
					break
				}
				_, _ = io.WriteString(conn, step.answer)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

type socksStep struct {
	read   int
	answer string
}

// TestASOCKSProxyThatRefuses: what no retry cures is not Unavailable, as for a proxy of
// HTTP.
func TestASOCKSProxyThatRefuses(t *testing.T) {
	t.Parallel()
	const (
		greeting = 4 // with two methods of authentication
		login    = 3 + len("user") + len("pass")
		request  = 4 + 1 + len("api.example.com") + 2
		open     = "\x05\x00"
		rest     = "\x00\x01\x00\x00\x00\x00\x00\x00"
	)
	for name, test := range map[string]struct {
		steps  []socksStep
		kind   backend.Kind
		want   string
		advice string
	}{
		"one of HTTP": {
			[]socksStep{{greeting, "HTTP/1.1 400 Bad Request\r\n\r\n"}},
			backend.KindInvalid, "the proxy does not speak SOCKS", "Correct the environment variable HTTPS_PROXY",
		},
		"no method": {
			[]socksStep{{greeting, "\x05\xff"}},
			backend.KindDenied, "no acceptable authentication methods", "Put the user name and the password",
		},
		"a wrong password": {
			[]socksStep{{greeting, "\x05\x02"}, {login, "\x01\x01"}},
			backend.KindDenied, "username/password authentication failed", "Put the user name and the password",
		},
		"a ruleset": {
			[]socksStep{{greeting, open}, {request, "\x05\x02" + rest}},
			backend.KindDenied, "connection not allowed by ruleset", "Have the cloud's host allowed at the proxy",
		},
		"a host that is down": {
			[]socksStep{{greeting, open}, {request, "\x05\x04" + rest}},
			backend.KindUnavailable, "host unreachable", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := driverkit.NewBase()
			base.Proxy = http.ProxyURL(&url.URL{
				Scheme: "socks5", User: url.UserPassword("user", "pass"), Host: socksServer(t, test.steps),
			})
			client := newClient(base)
			t.Cleanup(client.CloseIdleConnections)
			_, recorded, err := exchange(t, client, http.MethodGet, "https://api.example.com", nil)
			if err == nil {
				t.Fatal("got an answer, want an error")
			}
			fault := faultOf(t, err, recorded)
			if fault.Kind != test.kind || !fault.Unreachable || !strings.Contains(fault.Message, test.want) ||
				!strings.HasPrefix(fault.Advice, test.advice) || test.advice == "" && fault.Advice != "" {
				t.Errorf("got the kind %s, %q and the advice %q, want %s, %q and %q", fault.Kind, fault.Message,
					fault.Advice, test.kind, test.want, test.advice)
			}
		})
	}
}
