package credentials

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// System is the machine as this package sees it. The zero value is the real
// one.
type System struct {
	// LookupEnv returns an environment variable.
	LookupEnv func(name string) (string, bool)
	// HomeDir returns the home directory. It is called only when a file below it
	// is needed.
	HomeDir func() (string, error)
	// Open opens a file to read it.
	Open func(path string) (fs.File, error)
	// Transport carries the calls to token services. The default has the proxy
	// of the environment.
	Transport http.RoundTripper
	// MetadataTransport carries the calls to metadata services. The default has
	// no proxy and a limit of one second to connect.
	MetadataTransport http.RoundTripper
	// Now is the clock.
	Now func() time.Time
	// UserAgent is put in front of the SDKs' own.
	UserAgent string
	// Log takes messages for maintainers; nil drops them. No field is a secret.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// withDefaults fills in the real machine.
func (s System) withDefaults() System {
	if s.LookupEnv == nil {
		s.LookupEnv = os.LookupEnv
	}
	if s.HomeDir == nil {
		s.HomeDir = os.UserHomeDir
	}
	if s.Open == nil {
		s.Open = func(path string) (fs.File, error) {
			return os.Open(path) //nolint:gosec // G304: the user names the files.
		}
	}
	if s.Transport == nil {
		s.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: attemptLimit}).DialContext,
			TLSHandshakeTimeout: attemptLimit,
			ForceAttemptHTTP2:   true,
			// Exchanges are rare: a connection does not live until the next one.
			DisableKeepAlives: true,
		}
	}
	if s.MetadataTransport == nil {
		s.MetadataTransport = &http.Transport{
			DialContext:       (&net.Dialer{Timeout: time.Second}).DialContext,
			DisableKeepAlives: true,
		}
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = func(context.Context, string, map[string]any) {}
	}
	return s
}

// first returns the first variable that is set and not empty, and its name.
func (s System) first(names []string) (value, name string) {
	for _, name := range names {
		if value, ok := s.LookupEnv(name); ok && value != "" {
			return value, name
		}
	}
	return "", ""
}

// env returns a variable; an empty one is an unset one.
func (s System) env(name string) string {
	value, _ := s.first([]string{name})
	return value
}

// isTrue reports whether a switch in the environment is on.
func (s System) isTrue(name string) bool {
	value := s.env(name)
	return strings.EqualFold(value, "true") || value == "1"
}

// home returns the home directory, or an error that names the variable.
func (s System) home() (string, error) {
	home, err := s.HomeDir()
	if err != nil || home == "" {
		return "", invalid("the home directory is not known, since HOME is not set")
	}
	return home, nil
}

// expand replaces "~/" at the beginning of a path by the home directory.
func (s System) expand(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") && !strings.HasPrefix(path, `~\`) {
		return path, nil
	}
	home, err := s.home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, path[1:]), nil
}

// show returns a path as messages have it: printable, with the home directory
// as "~".
func (s System) show(path string) string {
	home, err := s.HomeDir()
	if err != nil || home == "" {
		return clean(path)
	}
	rest, below := strings.CutPrefix(path, strings.TrimRight(home, `/\`))
	if below && strings.HasPrefix(filepath.ToSlash(rest), "/") {
		path = "~" + filepath.ToSlash(rest)
	}
	return clean(path)
}

// maxFile is the most that is read of a file with profiles, and maxToken of a
// file with a token. Both are far above any real one.
const (
	maxFile  = 1 << 20
	maxToken = 64 << 10
)

// readFile returns the content of a file, without a byte order mark. Its error
// names the path and wraps fs.ErrNotExist where there is no such file.
func (s System) readFile(path string, limit int64) ([]byte, error) {
	file, err := s.Open(path)
	if err != nil {
		return nil, s.fileError(path, err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, s.fileError(path, err)
	}
	if int64(len(data)) > limit {
		return nil, invalid("%s is larger than %d KiB", s.show(path), limit>>10)
	}
	if strings.HasPrefix(string(data), "\xff\xfe") || strings.HasPrefix(string(data), "\xfe\xff") {
		return nil, invalid("%s is UTF-16; save it as UTF-8", s.show(path))
	}
	return []byte(strings.TrimPrefix(string(data), "\ufeff")), nil
}

// fileError names the path once, and the system's reason.
func (s System) fileError(path string, err error) error {
	reason := err.Error()
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		reason = pathErr.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		reason = "the file does not exist"
	}
	return &Error{Kind: Invalid, Problem: s.show(path) + ": " + reason, err: err}
}
