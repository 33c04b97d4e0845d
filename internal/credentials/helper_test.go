package credentials

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// startTime is when tests without fake time run.
var startTime = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// computer is a machine for tests. Every variable, file and call that is not
// given does not exist.
type computer struct {
	env map[string]string
	// files are by path. A content that begins with "!" is an error of the
	// system: "!denied".
	files map[string]string
	// home is empty where HOME is not set.
	home string
	// sts and metadata answer the calls; nil refuses them.
	sts, metadata http.Handler
	now           func() time.Time

	mu     sync.Mutex
	opened []string
	calls  []string
	logged []string
}

func (c *computer) system() System {
	if c.now == nil {
		c.now = func() time.Time { return startTime }
	}
	return System{
		LookupEnv: func(name string) (string, bool) {
			value, ok := c.env[name]
			return value, ok
		},
		HomeDir: func() (string, error) {
			if c.home == "" {
				return "", errors.New("$HOME is not defined")
			}
			return c.home, nil
		},
		Open:              c.open,
		Transport:         c.transport("sts", func() http.Handler { return c.sts }),
		MetadataTransport: c.transport("metadata", func() http.Handler { return c.metadata }),
		Now:               c.now,
		Log: func(_ context.Context, message string, fields map[string]any) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.logged = append(c.logged, fmt.Sprint(message, " ", fields))
		},
	}
}

func (c *computer) open(path string) (fs.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opened = append(c.opened, path)
	content, ok := c.files[path]
	switch {
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	case content == "!denied":
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	return fstest.MapFS{"file": {Data: []byte(content)}}.Open("file")
}

// write replaces a file.
func (c *computer) write(path, content string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files = maps.Clone(c.files)
	c.files[path] = content
}

// count returns the number of calls so far.
func (c *computer) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// errNoNetwork is the error of a call that a test does not expect. It is not
// tried again.
var errNoNetwork = &net.DNSError{Err: "no such host", Name: "test", IsNotFound: true}

// transport answers calls in memory, and ends with the context as a network
// does.
func (c *computer) transport(kind string, handler func() http.Handler) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		c.mu.Lock()
		c.calls = append(c.calls, kind+" "+req.Method+" "+req.URL.Scheme+"://"+req.URL.Host+req.URL.Path)
		c.mu.Unlock()
		h := handler()
		if h == nil {
			return nil, errNoNetwork
		}
		done := make(chan *http.Response, 1)
		go func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			done <- w.Result()
		}()
		select {
		case resp := <-done:
			return resp, nil
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	})
}

// token makes a JSON Web Token with the claims, and a signature that no test
// checks.
func token(claims map[string]any) string {
	encode := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	return encode(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + encode(claims) + ".c2lnbmF0dXJlLXNlY3JldA"
}

// runToken is a token of HCP Terraform.
func runToken(expires time.Time) string {
	return token(map[string]any{
		"iss": "https://app.terraform.io", "aud": "cloud.workload.identity",
		"sub": "organization:o:project:p:workspace:w:run_phase:apply", "exp": expires.Unix(),
	})
}

// secrets are the values that no text may hold.
var secrets = []string{
	"SECRETone1111",
	"SECRETtwo2222",
	"SECRETthree3333",
	"TOKENone1111",
	"TOKENtwo2222",
	"TOKENthree3333",
	"c2lnbmF0dXJlLXNlY3JldA",
}

// noSecret fails when a text holds a secret, or a part of one that is long
// enough to be recognized.
func noSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range secrets {
		if part := secret[:8]; strings.Contains(text, part) {
			t.Errorf("the text holds a part of the secret %q:\n%s", secret, text)
		}
	}
}

// wantText compares the whole text of an error.
func wantText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want:\n%s", want)
	}
	noSecret(t, err.Error())
	if got := err.Error(); got != want {
		t.Errorf("error:\n%s\nwant:\n%s", got, want)
	}
}

// wantKeys compares the keys of a set and its source.
func wantKeys(t *testing.T, set Set, err error, id, secret, sessionToken, sourceName string) {
	t.Helper()
	if err != nil {
		t.Fatalf("error: %v", err)
	}
	if set.ID != id || set.Secret != secret || set.Token != sessionToken {
		t.Errorf("keys are (%s, %s, %s), want (%s, %s, %s)", set.ID, set.Secret, set.Token, id, secret, sessionToken)
	}
	if set.Source != sourceName {
		t.Errorf("source is\n%s\nwant\n%s", set.Source, sourceName)
	}
}

// in returns a path below the home directory of tests.
func in(parts ...string) string { return filepath.Join(append([]string{"/home/u"}, parts...)...) }

// env makes a map of pairs.
func env(pairs ...string) map[string]string {
	m := make(map[string]string)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// clouds are all of them.
var clouds = map[string]*Cloud{
	"alicloud": Alicloud, "tencentcloud": Tencentcloud, "volcengine": Volcengine, "zenlayercloud": Zenlayercloud,
}

// openAny opens the one file under every name.
func (c *computer) openAny(string) (fs.File, error) {
	for _, content := range c.files {
		return fstest.MapFS{"file": {Data: []byte(content)}}.Open("file")
	}
	return nil, fs.ErrNotExist
}

func mustURL(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}
