// Package credentials finds the keys of each cloud, exchanges tokens and roles
// for temporary keys, and keeps these renewed. Sources, files and exchanges are
// its own: the vendors' chains print secrets in parse errors, continue with
// keys that have ended, or send a token over plain http. It leaves to its
// callers which cloud and region a key is for, the API's own errors, and the
// texts of Terraform. Nothing is read, and no call is made, before the first
// use of a Chain; no file is ever written.
package credentials

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Set is one set of keys, taken whole from one source. It does not show its
// keys when it is printed.
type Set struct {
	// ID and Secret sign requests. They are empty where Token is an access token
	// that stands alone, which only Zenlayer has.
	ID, Secret string
	// Token belongs to temporary keys, and is empty for others.
	Token string
	// Expires is the end of the keys on the clock of this machine; zero when
	// they have none or it is not known.
	Expires time.Time
	// Account is the id of the account, where the source has it; else empty.
	// Chain.Account finds it.
	Account string
	// Source names where the keys come from, such as
	// `profile "ops" of ~/.aliyun/config.json (RamRoleArn)`.
	Source string

	// issued is the beginning of the keys' life on the clock of this machine.
	issued time.Time
	// generation counts the sets of one cache.
	generation uint64
	// secrets are those that were used to get the keys.
	secrets []string
}

// Secrets returns every value of the set that must not appear in a text: the
// keys, and the tokens and keys that they were exchanged for.
func (s Set) Secrets() []string {
	all := make([]string, 0, 3+len(s.secrets))
	for _, secret := range append([]string{s.Token, s.Secret, s.ID}, s.secrets...) {
		if secret != "" && !slices.Contains(all, secret) {
			all = append(all, secret)
		}
	}
	return all
}

// String names the source alone.
func (s Set) String() string { return "credentials.Set{" + s.Source + "}" }

// Format names the source alone, whatever the verb.
func (s Set) Format(state fmt.State, _ rune) { _, _ = fmt.Fprint(state, s.String()) }

// MarshalJSON names the source alone.
func (s Set) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(s.String())), nil }

// LogValue names the source alone.
func (s Set) LogValue() slog.Value { return slog.StringValue(s.String()) }

// usable reports whether the keys have not ended.
func (s Set) usable(now time.Time) bool {
	return s.generation > 0 && (s.Expires.IsZero() || now.Before(s.Expires))
}

// Kind is what an error of this package is about.
type Kind int

// The kinds of errors.
const (
	// Other is none of the kinds below.
	Other Kind = iota
	// Missing: no source has a whole set of keys.
	Missing
	// Invalid: the configuration, a variable or a file is malformed, or asks for
	// something that is not supported.
	Invalid
	// Denied: a token service refused, or the account is not an allowed one.
	Denied
	// Expired: the keys or the token have ended, and cannot be renewed here.
	Expired
	// Throttled: a token service is limiting the rate.
	Throttled
	// Unavailable: a token service could not be reached, or failed.
	Unavailable
)

// Error is why there are no keys. Its text holds no secret.
type Error struct {
	Kind Kind
	// Source names the source that failed; empty when none was found.
	Source string
	// Problem is a sentence without its full stop.
	Problem string
	// Advice is what the user can do, in sentences; it may be empty.
	Advice string
	// Claims are iss, aud, sub and exp of the token that was exchanged.
	Claims string
	// Status, Code, Message and RequestID are from the answer of the token
	// service, where there was one.
	Status    int
	Code      string
	Message   string
	RequestID string

	// transient is set where the same call may succeed in a moment.
	transient bool
	err       error
}

// Error returns the problem and the advice, and the cloud's own words on lines
// of their own.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString(e.Source + ": ")
	}
	b.WriteString(e.Problem)
	if e.Advice != "" {
		b.WriteString(". " + e.Advice)
	}
	for _, line := range []struct{ name, value string }{
		{"Token", e.Claims},
		{"Code", e.Code},
		{"Message", e.Message},
		{"Request id", e.RequestID},
	} {
		if line.value != "" {
			b.WriteString("\n" + line.name + ": " + line.value)
		}
	}
	return b.String()
}

// Unwrap returns the cause, such as context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.err }

// invalid returns an error about a value of the configuration or a file.
func invalid(format string, args ...any) *Error {
	return &Error{Kind: Invalid, Problem: fmt.Sprintf(format, args...)}
}

// of returns a copy of e that names its source.
func (e *Error) of(source string) *Error {
	named := *e
	if named.Source == "" {
		named.Source = source
	}
	return &named
}

// asError finds the *Error in an error.
func asError(err error, into **Error) bool { return errors.As(err, into) }
