package credentials

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// resolver chooses the source of one chain. It reads the environment and files,
// and makes no call.
type resolver struct {
	cloud  *Cloud
	config Config
	system System
	// tried are the places without credentials, for the error.
	tried []string
}

func (r *resolver) try(format string, args ...any) {
	r.tried = append(r.tried, fmt.Sprintf(format, args...))
}

// resolve returns the source that wins, and the role that is assumed with it.
// The source has no cache of its own, but those that it uses have.
func (r *resolver) resolve(ctx context.Context) (source, error) {
	if problems := r.cloud.Check(r.config); len(problems) > 0 {
		return nil, &Error{Kind: Invalid, Problem: problems[0].Text}
	}
	base, err := r.base(ctx)
	if err != nil {
		return nil, err
	}
	if base == nil {
		return nil, r.none()
	}
	return r.withRole(base)
}

// base returns the first source that has a whole set: the configuration before
// the environment, and within the environment keys, web identity, a profile
// that is named, the role of a machine, and the files at their default places.
func (r *resolver) base(ctx context.Context) (source, error) {
	if len(r.cloud.written(r.config)) > 0 {
		return r.configured()
	}
	r.try("%s in the provider's `%s` block: not set", r.cloud.arguments(), r.cloud.names.Block)
	for _, step := range []func() (source, error){
		func() (source, error) { return r.environmentKeys(ctx) },
		r.environmentIdentity,
		r.namedProfile,
		r.environmentMachine,
		r.defaultFiles,
	} {
		if s, err := step(); s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}

// configured returns the source that the block names. Its arguments take a
// value from their variables where they have none.
func (r *resolver) configured() (source, error) {
	n, c := r.cloud.names, r.config
	switch {
	case c.ID != "" || c.Token != "":
		name := r.cloud.own(n.ID)
		if c.ID == "" {
			name = r.cloud.own(n.Token)
		}
		return staticSource{Set{ID: c.ID, Secret: c.Secret, Token: c.Token, Source: name}}, nil
	case c.WebIdentity != nil:
		return r.blockIdentity(*c.WebIdentity)
	case c.MachineRole != "":
		return r.machine(c.MachineRole, r.cloud.own(n.MachineRole))
	}
	return r.namedProfile()
}

// namedProfile returns the profile that the block or a variable names.
func (r *resolver) namedProfile() (source, error) {
	if r.cloud.files == nil {
		return nil, nil
	}
	n, c := r.cloud.names, r.config
	name, path := c.Profile, c.File
	written := name != "" || path != ""
	if off := r.cloud.files.off(r.system); off != "" && !written {
		r.try("profiles: switched off by the environment variable %s", off)
		return nil, nil
	}
	if name == "" {
		name, _ = r.system.first(n.Profile.Env)
	}
	if path == "" {
		path, _ = r.system.first(n.File.Env)
	}
	if name == "" && path == "" {
		r.try(
			"a profile that one of the environment variables %s names: not set",
			strings.Join(append(slices.Clone(n.Profile.Env), n.File.Env...), ", "),
		)
		return nil, nil
	}
	if path != "" {
		expanded, err := r.system.expand(path)
		if err != nil {
			return nil, err
		}
		path = expanded
	}
	s, _, err := r.cloud.files.find(r, name, path)
	return s, err
}

// defaultFiles returns the profile of the files at their default places, which
// are read only when nothing else is set.
func (r *resolver) defaultFiles() (source, error) {
	if r.cloud.files == nil || r.cloud.files.off(r.system) != "" {
		return nil, nil
	}
	if _, err := r.system.home(); err != nil {
		r.try("the files in the home directory: HOME is not set")
		return nil, nil //nolint:nilerr // Files at default places are optional.
	}
	s, why, err := r.cloud.files.find(r, "", "")
	if s == nil && err == nil {
		r.try("%s", why)
	}
	return s, err
}

// environmentMachine returns the role of the machine that a variable names.
func (r *resolver) environmentMachine() (source, error) {
	names := r.cloud.names.MachineRole.Env
	if len(names) == 0 {
		return nil, nil
	}
	role, name := r.system.first(names)
	if role == "" {
		r.try("the role of the machine, by the environment variables %s: not set", strings.Join(names, ", "))
		return nil, nil
	}
	return r.machine(role, "the environment variable "+name)
}

// machine returns the role of the machine. by is the argument or the file that names the role.
func (r *resolver) machine(role, by string) (source, error) {
	name := "the metadata service"
	if role != "" {
		name = fmt.Sprintf("the role %s of the metadata service", quote(role))
	}
	text := r.cloud.metadata.url
	if r.config.MetadataEndpoint != "" {
		text = r.config.MetadataEndpoint
	}
	u, err := parseEndpoint("`"+byMetadataService.argument+"`", text, r.config.Region, r.cloud.metadata.host())
	if err != nil {
		return nil, err
	}
	return &machineSource{
		service: r.cloud.metadata,
		base:    u,
		system:  r.system,
		role:    role,
		name:    name + " (" + by + ")",
	}, nil
}

// endpoint returns the token service's endpoint, at each exchange anew. host is
// a host or a URL of a profile or a variable, named from; the configuration
// beats it.
func (r *resolver) endpoint(host, from string) func() (endpoint, error) {
	return func() (endpoint, error) {
		text, name := host, from
		if r.config.STSEndpoint != "" {
			text, name = r.config.STSEndpoint, "`"+byTokenService.argument+"`"
		}
		if text == "" {
			text, name = r.cloud.sts.host(r.system, r.config.Region)
		}
		if !strings.Contains(text, "://") {
			text = "https://" + text
		}
		u, err := parseEndpoint(name, text, r.config.Region, "")
		if err != nil {
			return endpoint{}, err
		}
		return endpoint{url: u, region: r.config.Region, system: r.system}, nil
	}
}

// arguments lists the arguments of the block for messages.
func (c *Cloud) arguments() string {
	n := c.names
	list := []string{"`" + n.ID.Name + "` with `" + n.Secret.Name + "`"}
	if c.tokenAlone {
		list = append(list, "`"+n.Token.Name+"`")
	}
	for _, name := range []string{n.WebIdentity.Block, n.Profile.Name, n.File.Name, n.MachineRole.Name} {
		if name != "" {
			list = append(list, "`"+name+"`")
		}
	}
	return strings.Join(list, ", ")
}

// none is the error for a chain without any source.
func (r *resolver) none() error {
	return &Error{
		Kind: Missing,
		Problem: fmt.Sprintf("no credentials for %s were found. The places, in the order of their precedence:\n- %s",
			r.cloud.title, strings.Join(r.tried, "\n- ")),
	}
}
