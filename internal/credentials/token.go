package credentials

import (
	"context"
	"errors"
	"io/fs"
	"strings"
)

// tokenSource has the web identity token of an exchange.
type tokenSource struct {
	// name is the argument or the variable that the token or its path is in.
	name string
	// value is the token; path is the file that has it.
	value, path string
	// variable is the environment variable that has it, read at each exchange.
	variable string
	system   System
}

// tfcVariable is the variable in which HCP Terraform has the token of a run,
// alone or with a tag
// (https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/manual-generation).
const (
	tfcVariable         = "TFC_WORKLOAD_IDENTITY_TOKEN"
	tfcAudienceVariable = "TFC_WORKLOAD_IDENTITY_AUDIENCE"
)

// token returns the token, trimmed. A file is opened each time, since it is
// replaced when the token in it ends.
func (t tokenSource) token() (string, error) {
	text := t.value
	switch {
	case t.variable != "":
		if text = t.system.env(t.variable); text == "" {
			missing := invalid("the environment variable %s is not set", t.variable)
			if suffix, ok := strings.CutPrefix(t.variable, tfcVariable); ok {
				missing.Advice = "HCP Terraform sets it in the runs of a workspace that has the environment " +
					"variable " + tfcAudienceVariable + suffix + "."
			}
			return "", missing
		}
	case t.path != "":
		path, err := t.system.expand(t.path)
		if err != nil {
			return "", invalid("%s: %s", t.name, err)
		}
		data, err := t.system.readFile(path, maxToken)
		if err != nil {
			return "", fileOf(t.name, err)
		}
		if text, err = fileText(t.system.show(path), data, "web_identity_token"); err != nil {
			return "", fileOf(t.name, err)
		}
	default:
		var err error
		if text, err = fileText(t.name, []byte(text), "web_identity_token"); err != nil {
			return "", err
		}
	}
	if !webTokenForm.MatchString(text) {
		return "", invalid("%s does not hold a JSON Web Token: it is cut off, or another kind of text", t.place())
	}
	return text, nil
}

// fileOf names the argument that an error of a file belongs to.
func fileOf(name string, err error) error {
	var known *Error
	if !errors.As(err, &known) {
		return err
	}
	of := *known
	of.Problem = name + ": " + known.Problem
	return &of
}

// place names where the token is.
func (t tokenSource) place() string {
	switch {
	case t.variable != "":
		return "the environment variable " + t.variable
	case t.path != "":
		return t.name + ": " + t.system.show(t.path)
	}
	return t.name
}

// renewal tells how a token that has ended is renewed.
func (t tokenSource) renewal() string {
	switch {
	case strings.HasPrefix(t.variable, tfcVariable):
		return "It lasts as long as the phase of the run may take: start a new run."
	case t.path != "":
		return "The file is read at each exchange: whatever writes it must replace it before its token ends."
	}
	return "Give a new one, or a file, which is read at each exchange."
}

// fileText returns the text of a file that has one value: raw, or as the member
// key of a JSON object.
func fileText(place string, data []byte, key string) (string, error) {
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", invalid("%s is empty", place)
	}
	if text[0] != '{' {
		return text, nil
	}
	root, err := parseFile(place, []byte(text))
	if err != nil {
		return "", err
	}
	r := newRecord(place, "", root)
	if text = r.text(key); r.err != nil {
		return "", r.err
	}
	if text == "" {
		return "", r.problem(root.line, quote(key)+" is missing")
	}
	return text, nil
}

// identitySource exchanges a web identity token for the keys of a role.
type identitySource struct {
	service  *tokenService
	endpoint func() (endpoint, error)
	action   string
	role     WebIdentity
	// roleFile is a file that has the ARN of the role; it may be empty.
	roleFile string
	token    tokenSource
	system   System
	name     string
}

// String names the source.
func (s *identitySource) String() string { return s.name }

// keys exchanges the token, which is read anew.
func (s *identitySource) keys(ctx context.Context) (Set, error) {
	e, err := s.endpoint()
	if err != nil {
		return Set{}, named(err, s.name)
	}
	role := s.role
	if role.RoleARN == "" && s.roleFile != "" {
		if role.RoleARN, err = s.readRole(); err != nil {
			return Set{}, named(err, s.name)
		}
	}
	token, err := s.token.token()
	if err != nil {
		return Set{}, named(err, s.name)
	}
	set, err := attempt(ctx, func(ctx context.Context) (Set, error) {
		return s.service.webIdentity(ctx, e, role, token)
	})
	if err != nil {
		return Set{}, s.failed(err, role, token)
	}
	set.Source = s.name
	return set, nil
}

func (s *identitySource) readRole() (string, error) {
	path, err := s.system.expand(s.roleFile)
	if err != nil {
		return "", err
	}
	data, err := s.system.readFile(path, maxToken)
	if err != nil {
		return "", err
	}
	return fileText(s.system.show(path), data, "role_arn")
}

// failed names the exchange that failed, and shows the claims of a token that the
// cloud refused, never the token.
func (s *identitySource) failed(err error, role WebIdentity, token string) error {
	var known *Error
	if !errors.As(err, &known) {
		return named(err, s.name)
	}
	failed := *known.of(s.name)
	exchange := s.action + " for " + quote(role.RoleARN)
	failed.Problem = exchange + " failed: " + known.Problem
	if failed.Kind != Denied {
		return &failed
	}
	now := s.system.Now()
	failed.Claims = describeToken(token, now)
	if c, ok := parseClaims(token); ok && c.ended(now) {
		failed.Kind = Expired
		failed.Problem = exchange + " failed: the token in " + s.token.place() + " has expired"
		failed.Advice = s.token.renewal()
	}
	return &failed
}

// roleSource assumes a role with the keys of another source.
type roleSource struct {
	service  *tokenService
	endpoint func() (endpoint, error)
	role     AssumeRole
	base     *cache
	name     string
}

// String names the source.
func (s *roleSource) String() string { return s.name }

// keys assumes the role. Where the cloud reports that the keys of the caller
// have expired, these are renewed once.
func (s *roleSource) keys(ctx context.Context) (Set, error) {
	e, err := s.endpoint()
	if err != nil {
		return Set{}, named(err, s.name)
	}
	for renewed := false; ; renewed = true {
		base, err := s.base.keys(ctx)
		if err != nil {
			return Set{}, err
		}
		set, err := attempt(ctx, func(ctx context.Context) (Set, error) {
			return s.service.assumeRole(ctx, e, base, s.role)
		})
		if err == nil {
			set.Source = s.name
			return set, nil
		}
		var known *Error
		if !errors.As(err, &known) {
			return Set{}, named(err, s.name)
		}
		if !renewed && s.service.isExpired(known) {
			s.base.invalidate(base)
			continue
		}
		failed := *known.of(s.name)
		failed.Problem = "AssumeRole for " + quote(s.role.RoleARN) + " failed: " + known.Problem
		return Set{}, &failed
	}
}

// staticSource has keys that are the same each time.
type staticSource struct {
	set Set
}

// String names the source.
func (s staticSource) String() string { return s.set.Source }

func (s staticSource) keys(context.Context) (Set, error) { return s.set, nil }

// fileSource has keys that are read from a file each time, so that keys
// that a CLI has renewed are found.
type fileSource struct {
	read func() (Set, error)
	name string
}

// String names the source.
func (s fileSource) String() string { return s.name }

func (s fileSource) keys(context.Context) (Set, error) {
	set, err := s.read()
	if err != nil {
		return Set{}, named(err, s.name)
	}
	set.Source = s.name
	return set, nil
}

// isAbsent reports whether an error is that of a file which does not exist.
func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
