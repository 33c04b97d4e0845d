package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestGuardRefusesAndRemembers(t *testing.T) {
	t.Parallel()
	g, err := startGuard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.check(); err != nil {
		t.Fatalf("before any request: got %v, want no error", err)
	}
	proxy, err := url.Parse("http://" + g.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
	get := func(address string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		return client.Do(req)
	}
	resp, err := get("http://plain.invalid/")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("plain request: got status %d, want %d", resp.StatusCode, http.StatusForbidden)
	}
	if resp, err = get("https://secret.invalid/"); err == nil {
		_ = resp.Body.Close()
		t.Error("request over TLS: got an answer, want an error")
	}
	err = g.check()
	if err == nil {
		t.Fatal("after two requests: got no error")
	}
	for _, want := range []string{"2 requests", "plain.invalid, secret.invalid:443"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("after two requests: got %q, want %q in it", err, want)
		}
	}
}

func TestGuardEnvironmentNamesBothProxies(t *testing.T) {
	t.Parallel()
	g, err := startGuard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	})
	set := strings.Join(g.environment(), "\n")
	for _, want := range []string{"HTTP_PROXY=http://127.0.0.1:", "HTTPS_PROXY=http://127.0.0.1:"} {
		if !strings.Contains(set, want) {
			t.Errorf("environment: got %q, want %q in it", set, want)
		}
	}
}
