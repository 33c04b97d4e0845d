package simulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// fetch answers a GET below the control interface of the server.
func fetch(t *testing.T, url, accept string) (status int, kind, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // It was only read.
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(data)
}

func TestCallsAsATable(t *testing.T) {
	t.Parallel()
	server, _ := startToy(t)
	control := simulator.NewControl(server.URL(), "toy")
	if err := control.Seed(t.Context(), simulator.Instance{ID: "a"}, simulator.Instance{ID: "b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := control.AddTrouble(t.Context(), simulator.Trouble{Kind: simulator.Throttle, Skip: 1}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/toy/stop",
			strings.NewReader(`["a","b"]`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // It is of no interest.
	}
	base := server.URL() + simulator.ControlPrefix + "toy/calls"
	for _, test := range []struct {
		name, query, accept string
		table               bool
	}{
		{"by its query", "?format=table", "", true},
		{"by the header", "", "text/plain", true},
		{"neither", "", "*/*", false},
		{"the query decides", "?format=json", "text/plain", false},
	} {
		status, kind, body := fetch(t, base+test.query, test.accept)
		lines := strings.Split(strings.TrimSpace(body), "\n")
		if status != http.StatusOK || strings.HasPrefix(kind, "text/plain") != test.table ||
			strings.HasPrefix(body, "CALL") != test.table {
			t.Errorf("%s: got %d %s\n%s", test.name, status, kind, body)
		}
		if !test.table {
			continue
		}
		if len(lines) != 3 {
			t.Fatalf("%s: got %d lines, want a head and 2 calls:\n%s", test.name, len(lines), body)
		}
		for _, want := range []string{"stop", "a b", "ok"} {
			if !strings.Contains(lines[1], want) {
				t.Errorf("%s: the first call has no %q: %s", test.name, want, lines[1])
			}
		}
		if !strings.Contains(lines[2], "throttle") || strings.Contains(lines[2], " ok ") {
			t.Errorf("%s: the second call is not a throttled one: %s", test.name, lines[2])
		}
	}
	if _, _, body := fetch(t, base+"?format=table&op=describe", ""); strings.Count(body, "\n") != 1 {
		t.Errorf("a table of no call is\n%s", body)
	}
}

// What a client sends reaches the terminal as text, and in its own line.
func TestATableHasNoControlCharacters(t *testing.T) {
	t.Parallel()
	server, _ := startToy(t)
	target := server.URL() + "/toy/stop%1b%5b2J%0a%09%e2%80%ae"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(`["a\nb","c\u001b"]`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // It is of no interest.
	_, _, body := fetch(t, server.URL()+simulator.ControlPrefix+"toy/calls?format=table", "")
	if lines := strings.Count(body, "\n"); lines != 2 || strings.ContainsAny(body, "\x1b\t\u202e") {
		t.Errorf("the table of one call is %q", body)
	}
	if !strings.Contains(body, `stop\x1b[2J\n\t\u202e`) || !strings.Contains(body, `a\nb c\x1b`) {
		t.Errorf("the table does not show what was sent: %q", body)
	}
}

func TestTheControlInterfaceHasAVersion(t *testing.T) {
	t.Parallel()
	server, _ := startToy(t)
	for path, want := range map[string]int{
		"/_simulator/": http.StatusOK, "/_simulator/v1/": http.StatusOK, "/_simulator/v1/clouds": http.StatusOK,
		"/_simulator/v2/clouds": http.StatusNotFound, "/_simulator/clouds": http.StatusNotFound,
	} {
		status, _, body := fetch(t, server.URL()+path, "")
		if status != want || want == http.StatusNotFound && !strings.Contains(body, "begin with /_simulator/v1/") {
			t.Errorf("%s is answered with %d %s, want %d", path, status, body, want)
		}
	}
}
