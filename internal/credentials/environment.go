package credentials

import (
	"context"
	"fmt"
	"strings"
)

// half is a family of which a part is set.
type half struct {
	set, missing string
}

// environmentKeys returns the keys of the first complete family. Where none is
// complete and one is half set, that is an error: to continue would use an
// account that the user did not intend.
func (r *resolver) environmentKeys(ctx context.Context) (source, error) {
	var halves []half
	var found source
	var foundErr error
	for _, family := range r.cloud.families {
		s, h, err := r.familyKeys(family)
		switch {
		case h != nil:
			halves = append(halves, *h)
		case found == nil && foundErr == nil:
			found, foundErr = s, err
		}
	}
	if found != nil || foundErr != nil {
		for _, h := range halves {
			r.system.Log(ctx, "half a set of keys in the environment is ignored", map[string]any{
				"cloud": r.cloud.names.Block, "set": h.set, "missing": h.missing,
			})
		}
		return found, foundErr
	}
	if len(halves) > 0 {
		return nil, halfError(halves)
	}
	r.try("the environment variables %s: not set", r.cloud.familyNames())
	return nil, nil
}

// halfError names what is set and what is missing.
func halfError(halves []half) error {
	parts := make([]string, len(halves))
	for i, h := range halves {
		parts[i] = h.set + " is set and " + h.missing + " is not"
	}
	return &Error{
		Kind:    Missing,
		Problem: "half a set of keys is in the environment: " + strings.Join(parts, "; "),
		Advice:  "The parts of a set are taken from one family of names and are never mixed: set both, or neither.",
	}
}

// familyKeys returns the keys of one family: a source when it is complete, or
// the half of it that is set, or neither.
func (r *resolver) familyKeys(family Family) (source, *half, error) {
	token, tokenName := r.system.first(family.Token)
	if len(family.ID) == 0 {
		if token == "" {
			return nil, nil, nil
		}
		s, err := r.static(Set{Token: token, Source: "the environment variable " + tokenName}, [2]string{tokenName, token})
		return s, nil, err
	}
	id, idName := r.system.first(family.ID)
	secret, secretName := r.system.first(family.Secret)
	switch {
	case id == "" && secret == "":
		return nil, nil, nil
	case secret == "":
		return nil, &half{idName, strings.Join(family.Secret, " (or ") + strings.Repeat(")", len(family.Secret)-1)}, nil
	case id == "":
		return nil, &half{secretName, strings.Join(family.ID, " (or ") + strings.Repeat(")", len(family.ID)-1)}, nil
	}
	used := []string{idName, secretName}
	fields := [][2]string{{idName, id}, {secretName, secret}}
	if token != "" {
		used = append(used, tokenName)
		fields = append(fields, [2]string{tokenName, token})
	}
	s, err := r.static(
		Set{ID: id, Secret: secret, Token: token, Source: "the environment variables " + plural(used)},
		fields...)
	return s, nil, err
}

// static returns a source of fixed keys after a check of their form.
func (r *resolver) static(set Set, fields ...[2]string) (source, error) {
	if err := checkKeys(fields...); err != nil {
		return nil, named(err, "")
	}
	return staticSource{set}, nil
}

// familyNames lists the families for messages, by the first name of each part.
func (c *Cloud) familyNames() string {
	parts := make([]string, len(c.families))
	for i, family := range c.families {
		parts[i] = strings.Join(family.Token, "")
		if len(family.ID) > 0 {
			parts[i] = fmt.Sprintf("%s with %s", family.ID[0], family.Secret[0])
		}
	}
	return strings.Join(parts, ", ")
}

// environmentIdentity returns the web identity that variables alone configure.
func (r *resolver) environmentIdentity() (source, error) {
	var partial error
	for _, v := range r.cloud.identities {
		if value, _ := r.system.first(v.triggers); value == "" {
			continue
		}
		s, err := r.identityOf(v)
		if err == nil {
			return s, nil
		}
		if partial == nil {
			partial = err
		}
	}
	if partial != nil {
		return nil, partial
	}
	if len(r.cloud.identities) > 0 {
		var all []string
		for _, v := range r.cloud.identities {
			all = append(all, strings.Join(v.required(), " with "))
		}
		r.try("the environment variables %s: not set", strings.Join(all, ", "))
	}
	return nil, nil
}

// required lists the variables that a web identity needs, for messages.
func (v identityVariables) required() []string {
	list := []string{v.role[0]}
	if len(v.provider) > 0 && v.defaultProvider == "" {
		list = append(list, v.provider[0])
	}
	return append(list, strings.Join(v.tokenNames(), " or "))
}

func (v identityVariables) tokenNames() []string {
	var list []string
	list = append(list, v.token...)
	list = append(list, v.tokenFile...)
	if v.tfc {
		list = append(list, tfcVariable)
	}
	return list
}

// identityOf returns the web identity of one family of variables.
func (r *resolver) identityOf(v identityVariables) (source, error) {
	var used, missing []string
	get := func(list []string, needed bool) string {
		value, name := r.system.first(list)
		switch {
		case name != "":
			used = append(used, name)
		case needed:
			missing = append(missing, strings.Join(list, " or "))
		}
		return value
	}
	role := WebIdentity{Provider: v.defaultProvider}
	if provider := get(v.provider, len(v.provider) > 0 && v.defaultProvider == ""); provider != "" {
		role.Provider = provider
	}
	role.RoleARN = get(v.role, true)
	token := r.variableToken(v.token, v.tokenFile, v.tfc)
	if token == nil {
		missing = append(missing, strings.Join(v.tokenNames(), " or "))
	} else {
		used = append(used, token.name)
	}
	if len(missing) > 0 {
		return nil, &Error{
			Kind: Missing,
			Problem: fmt.Sprintf("half a web identity is in the environment: %s %s set and %s %s not",
				plural(used), verb(used), plural(missing), verb(missing)),
			Advice: "Set all of these variables, or none.",
		}
	}
	name := "the environment variables " + plural(used)
	session, sessionName := r.system.first(v.session)
	policy, policyName := r.system.first(v.policy)
	role.SessionName, role.Policy = session, policy
	checked, err := r.checkIdentity(role, "the environment variable "+sessionName, "the environment variable "+policyName)
	if err != nil {
		return nil, named(err, "")
	}
	e := r.endpoint("", "")
	if host, variable := r.system.first([]string{v.endpoint}); host != "" {
		e = r.endpoint(host, variable)
	}
	if region := r.system.env(v.region); region != "" {
		e = inRegion(e, region)
	}
	return &identitySource{
		service:  r.cloud.sts,
		endpoint: e,
		action:   r.cloud.webAction,
		role:     checked,
		token:    *token,
		system:   r.system,
		name:     name,
	}, nil
}

// inRegion replaces the region of an endpoint.
func inRegion(of func() (endpoint, error), region string) func() (endpoint, error) {
	return func() (endpoint, error) {
		e, err := of()
		e.region = region
		return e, err
	}
}

// variableToken returns the token that the environment has; nil without one.
func (r *resolver) variableToken(token, tokenFile []string, tfc bool) *tokenSource {
	if _, name := r.system.first(token); name != "" {
		return &tokenSource{name: name, variable: name, system: r.system}
	}
	if path, name := r.system.first(tokenFile); name != "" {
		return &tokenSource{name: name, path: path, system: r.system}
	}
	if tfc && r.system.env(tfcVariable) != "" {
		return &tokenSource{name: tfcVariable, variable: tfcVariable, system: r.system}
	}
	return nil
}
