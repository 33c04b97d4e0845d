package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSocketOf(t *testing.T) {
	t.Parallel()
	got, err := socketOf("1|6|unix|/tmp/plugin123|grpc|\n")
	if got != "/tmp/plugin123" || err != nil {
		t.Errorf("got %q, %v, want the socket", got, err)
	}
	for _, line := range []string{"", "panic: no\n", "1|6|tcp|127.0.0.1:1234|grpc\n", "1|4|unix|/tmp/plugin123|netrpc\n"} {
		if got, err := socketOf(line); err == nil {
			t.Errorf("socketOf(%q): got %q, want an error", line, got)
		}
	}
}

func TestAskForSchema(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status, body string
		fails        bool
	}{
		"an answer":                 {status: "0", body: "\x00\x00\x00\x00\x06schema"},
		"an error":                  {status: "12", fails: true},
		"a success without content": {status: "0", body: "\x00\x00\x00\x00\x00", fails: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := ""
			socket := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
				asked = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type")
				w.Header().Set("Trailer", "Grpc-Status")
				_, _ = io.WriteString(w, test.body)
				w.Header().Set("Grpc-Status", test.status)
			})
			if err := askForSchema(t.Context(), socket); (err != nil) != test.fails {
				t.Errorf("got the error %v, want one: %v", err, test.fails)
			}
			if want := "POST /tfplugin6.Provider/GetProviderSchema application/grpc"; asked != want {
				t.Errorf("the server was asked %q, want %q", asked, want)
			}
		})
	}
}

// serveHTTP2 serves HTTP/2 without TLS on a socket until the test ends.
func serveHTTP2(t *testing.T, handler http.HandlerFunc) (socket string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "size-") //nolint:usetesting // A test's own folder may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket = filepath.Join(folder, "plugin")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols} //nolint:gosec // One request of a test.
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // It ends when it is closed.
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return socket
}

func TestMeasureStartTellsWhyAProgramDoesNotStart(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "program")
	script := "#!/bin/sh\necho 'no such library' >&2\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := measureStart(t.Context(), program)
	if err == nil || !strings.Contains(err.Error(), "read the handshake") ||
		!strings.Contains(err.Error(), "no such library") {
		t.Errorf("got %v, want the reason and the output of the program", err)
	}
}

func TestTheMemoryOfAStartIsLimited(t *testing.T) {
	t.Parallel()
	if err := (start{memory: memoryLimit}).check(); err != nil {
		t.Errorf("at the limit: got %v, want no error", err)
	}
	err := (start{memory: memoryLimit + 1<<20}).check()
	if want := "an idle process holds 29.0 MiB, the limit is 28.0 MiB"; err == nil || err.Error() != want {
		t.Errorf("above the limit: got %v, want %q", err, want)
	}
}

func TestResidentMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only the Linux kernel tells it")
	}
	if got, err := residentMemory(os.Getpid()); err != nil || got < 1<<20 || got > 4<<30 {
		t.Errorf("got %d bytes, %v, for this process", got, err)
	}
}
