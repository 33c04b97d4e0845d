package credentials

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // G505: the CLI names its files by it; nothing is protected.
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// volcengineFiles reads the CLI's config.json and the old INI file (source of
// the Go SDK, package credentials/clicreds).
type volcengineFiles struct{}

func (volcengineFiles) places() []string {
	return []string{"~/.volcengine/config.json", "~/.volcengine/credentials"}
}

func (volcengineFiles) off(System) string { return "" }

var volcengineINIFields = [3]string{
	"volcengine_access_key_id",
	"volcengine_secret_access_key",
	"volcengine_session_token",
}

func (f volcengineFiles) find(r *resolver, name, path string) (source, string, error) {
	implicit := path == ""
	path, err := r.profilePath(path, ".volcengine", "config.json")
	if err != nil {
		return nil, "", err
	}
	data, err := r.system.readFile(path, maxFile)
	if err != nil && isAbsent(err) && implicit && name == "" {
		return f.oldFile(r, r.system.show(path))
	}
	if err != nil {
		return nil, "", err
	}
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] != '{' {
		s, err := r.iniKeys(path, orDefault(name), volcengineINIFields)
		return s, "", err
	}
	c := volcengineConfig{jsonFile{resolver: r, path: path}}
	if name == "" {
		root, err := c.root("")
		if err != nil {
			return nil, "", err
		}
		name = orDefault(root.text("current"))
		if root.err != nil {
			return nil, "", root.err
		}
	}
	s, err := c.source(name)
	return s, "", err
}

func orDefault(name string) string {
	if name == "" {
		return "default"
	}
	return name
}

// oldFile reads the INI file at its default place; nil where there is none.
func (volcengineFiles) oldFile(r *resolver, newer string) (source, string, error) {
	path, err := r.homeFile(".volcengine", "credentials")
	if err != nil {
		return nil, "", err
	}
	s, err := r.iniKeys(path, "default", volcengineINIFields)
	if err != nil && isAbsent(err) {
		return nil, newer + ": the file does not exist\n- " + r.system.show(path) + ": the file does not exist", nil
	}
	return s, "", err
}

// volcengineConfig is a config.json.
type volcengineConfig struct{ jsonFile }

func (c volcengineConfig) profile(name string) (*record, error) {
	root, err := c.root("")
	if err != nil {
		return nil, err
	}
	profiles := root.at("profiles", isObject)
	if root.err != nil {
		return nil, root.err
	}
	if profiles == nil {
		profiles = &node{}
	}
	n := profiles.members[name]
	if n == nil || n.kind == isNull {
		return nil, noProfile(c.show(), name, profiles.keys)
	}
	p := newRecord(c.show(), "profile "+quote(name), n)
	return p, p.err
}

// The modes, in lower case as the CLI writes them.
const (
	modeAK           = "ak"
	modeRole         = "ramrolearn"
	modeOIDC         = "oidc"
	modeMachine      = "ecsrole"
	modeSSO          = "sso"
	modeConsoleLogin = "console-login"
)

func (c volcengineConfig) source(name string) (source, error) {
	p, err := c.profile(name)
	if err != nil {
		return nil, err
	}
	mode := strings.ToLower(p.text("mode"))
	if mode == "" {
		mode = modeAK
	}
	title := profileName(name, c.show(), mode)
	if p.err != nil {
		return nil, p.err
	}
	switch mode {
	case modeAK, modeSSO, modeConsoleLogin:
		return c.stored(p, name, mode, title)
	case modeRole:
		if err := p.missing("the mode "+mode, "role-name", "account-id"); err != nil {
			return nil, err
		}
		base, err := c.stored(p, name, mode, title)
		if err != nil {
			return nil, err
		}
		role := AssumeRole{RoleARN: "trn:iam::" + p.text("account-id") + ":role/" + p.text("role-name")}
		return c.resolver.profileRole(base, role, "", title)
	case modeOIDC:
		if err := p.missing("the mode "+mode, "oidc-token-file", "role-trn"); err != nil {
			return nil, err
		}
		return c.resolver.profileIdentity(WebIdentity{RoleARN: p.text("role-trn")}, p.text("oidc-token-file"), "", title)
	case modeMachine:
		if err := p.missing("the mode "+mode, "role-name"); err != nil {
			return nil, err
		}
		return c.resolver.machine(p.text("role-name"), title)
	}
	return nil, refusedMode(p, mode, otherMode)
}

func (c volcengineConfig) stored(first *record, name, mode, title string) (source, error) {
	return stored(
		first, title,
		func() (*record, error) { return c.profile(name) },
		func(p *record) (Set, error) { return c.keysOf(p, mode) },
	)
}

func (c volcengineConfig) keysOf(p *record, mode string) (Set, error) {
	set := Set{ID: p.text("access-key"), Secret: p.text("secret-key"), Token: p.text("session-token")}
	end := unixTime(p.number("sts-expiration"))
	session := p.text("login-session")
	if p.err != nil {
		return Set{}, p.err
	}
	if err := checkFileKeys(p.path, p.name, set); err != nil {
		return Set{}, err
	}
	now := c.resolver.system.Now()
	switch {
	case mode == modeSSO:
		return cached{id: set.ID, secret: set.Secret, token: set.Token, end: end, command: "ve sso login"}.set(now)
	case mode == modeConsoleLogin && set.ID == "" && session != "":
		return c.login(session)
	case mode == modeConsoleLogin:
		return cached{id: set.ID, secret: set.Secret, token: set.Token, end: end, command: "ve login"}.set(now)
	}
	return set, p.missing("the mode "+mode, "access-key", "secret-key")
}

// login reads the keys that `ve login` has stored in a file of its own, named by
// the SHA-1 of the session.
func (c volcengineConfig) login(session string) (Set, error) {
	system := c.resolver.system
	directory := system.env("VOLCENGINE_LOGIN_CACHE_DIRECTORY")
	if directory == "" {
		directory = filepath.Join(filepath.Dir(c.path), "login", "cache")
	}
	sum := sha1.Sum([]byte(session)) //nolint:gosec // G401: the name of a file.
	path := filepath.Join(directory, hex.EncodeToString(sum[:])+".json")
	keys := cached{command: "ve login"}
	r, err := jsonFile{resolver: c.resolver, path: path}.root("")
	if err != nil && isAbsent(err) {
		return keys.set(system.Now())
	}
	if err != nil {
		return Set{}, err
	}
	token := r.node.members["access_token"]
	if token != nil && token.kind == isText {
		// The keys are an object, or the JSON of one in a string.
		if token, err = parseFile(system.show(path), []byte(token.text)); err != nil {
			return Set{}, err
		}
	}
	if token == nil {
		token = &node{kind: isNull, line: r.node.line}
	}
	k := newRecord(system.show(path), "access_token", token)
	keys.id, keys.secret, keys.token = k.text("access_key_id"), k.text("secret_access_key"), k.text("session_token")
	issuedAt, err := time.Parse(time.RFC3339, r.text("issued_at"))
	life := r.number("expires_in")
	switch {
	case r.err != nil:
		return Set{}, r.err
	case k.err != nil:
		return Set{}, k.err
	case err != nil || life <= 0 || life > maxLife:
		return Set{}, r.problem(
			r.node.line,
			strconv.Quote("issued_at")+" and "+strconv.Quote("expires_in")+" do not give the end of the keys",
		)
	}
	keys.end = issuedAt.Add(time.Duration(life) * time.Second)
	return keys.set(system.Now())
}

// maxLife bounds the life of stored keys, in seconds: a year.
const maxLife = 365 * 24 * 60 * 60
