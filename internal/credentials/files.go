package credentials

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// profileName is how sources of profiles are named.
func profileName(name, path, mode string) string {
	text := fmt.Sprintf("profile %s of %s", quote(name), path)
	if mode != "" {
		text += " (" + mode + ")"
	}
	return text
}

// homeFile returns the path of a file below the home directory.
func (r *resolver) homeFile(parts ...string) (string, error) {
	home, err := r.system.home()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{home}, parts...)...), nil
}

// profilePath returns path, or the default place of a cloud's file. Where a
// profile was named and HOME is not known, the error names both.
func (r *resolver) profilePath(path string, parts ...string) (string, error) {
	if path != "" {
		return path, nil
	}
	found, err := r.homeFile(parts...)
	if err != nil {
		e := invalid("the file %s cannot be found: %s", "~/"+strings.Join(parts, "/"), err)
		if n := r.cloud.names.File.Name; n != "" {
			e.Advice = "Set HOME, or `" + n + "` in the provider's `" + r.cloud.names.Block + "` block."
		}
		return "", e
	}
	return found, nil
}

// refusedMode is the error for a mode that is not supported.
func refusedMode(r *record, mode, reason string) error {
	e := r.problem(r.node.line, "the mode "+quote(mode)+" is not supported: "+reason)
	e.Advice = "Use another profile."
	return e
}

// The reasons of refusedMode.
const (
	runsProgram = "it runs an external program"
	asksURL     = "it gets keys from a URL"
	otherMode   = "the provider does not know it"
)

// cached are keys that a CLI got in a browser and stored.
type cached struct {
	id, secret, token string
	end               time.Time
	// command gets new ones.
	command string
}

// set returns the keys while they are good, and the command afterwards.
func (c cached) set(now time.Time) (Set, error) {
	stale := func(problem string) error {
		return &Error{Kind: Expired, Problem: problem, Advice: "Run `" + c.command + "` and try again."}
	}
	switch {
	case c.id == "" || c.secret == "":
		return Set{}, stale("the profile has no keys yet, and new ones need a browser")
	case !c.end.IsZero() && !now.Before(c.end):
		return Set{}, stale(
			"the keys of the profile ended at " + c.end.UTC().Format(time.RFC3339) + ", and new ones need a browser",
		)
	}
	return Set{ID: c.id, Secret: c.secret, Token: c.token, Expires: c.end}, nil
}

// unixTime reads a time in seconds, milliseconds, microseconds or nanoseconds,
// distinguished by size; 0 is no time.
func unixTime(n int64) time.Time {
	switch {
	case n <= 0:
		return time.Time{}
	case n >= 1e18:
		return time.Unix(0, n)
	case n >= 1e15:
		return time.UnixMicro(n)
	case n >= 1e12:
		return time.UnixMilli(n)
	}
	return time.Unix(n, 0)
}

// shellWord quotes a profile for a command in a message.
func shellWord(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", r)
	}) && name != "" {
		return name
	}
	return "'" + strings.ReplaceAll(clean(name), "'", `'\''`) + "'"
}

// iniKeys is one section of an INI file as a source. fields name id, secret and
// token.
func (r *resolver) iniKeys(path, profile string, fields [3]string) (source, error) {
	name := profileName(profile, r.system.show(path), "")
	read := func() (Set, error) {
		section, err := r.iniSection(path, profile)
		if err != nil {
			return Set{}, err
		}
		return iniSet(r.system.show(path), section, fields)
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	return fileSource{read: read, name: name}, nil
}

// iniSection reads a file and returns one section of it.
func (r *resolver) iniSection(path, profile string) (*iniSection, error) {
	data, err := r.system.readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	sections, err := parseINI(data)
	if err != nil {
		return nil, invalid("%s, %s", r.system.show(path), err)
	}
	var all []string
	for _, section := range sections {
		if section.name == profile {
			return section, nil
		}
		all = append(all, section.name)
	}
	return nil, noProfile(r.system.show(path), profile, all)
}

// noProfile is the error for a profile that a file does not have.
func noProfile(path, profile string, all []string) error {
	return invalid("%s has no profile %s; it has %s", path, quote(profile), names(all))
}

// iniSet takes a whole set from a section.
func iniSet(path string, section *iniSection, fields [3]string) (Set, error) {
	set := Set{ID: section.values[fields[0]], Secret: section.values[fields[1]], Token: section.values[fields[2]]}
	var missing []string
	for i, value := range []string{set.ID, set.Secret} {
		if value == "" {
			missing = append(missing, quote(fields[i]))
		}
	}
	if len(missing) > 0 {
		return Set{}, invalid("%s, line %d: profile %s: %s is missing", path, section.line, quote(section.name),
			plural(missing))
	}
	return set, checkFileKeys(path, "profile "+quote(section.name), set)
}

// checkFileKeys refuses keys of a file that can never be sent.
func checkFileKeys(path, profile string, set Set) error {
	where := path + ": " + profile + ": "
	return checkKeys(
		[2]string{where + "the key id", set.ID},
		[2]string{where + "the secret", set.Secret},
		[2]string{where + "the token", set.Token},
	)
}
