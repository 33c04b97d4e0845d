package credentials

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// withRole puts the role of the block, or of the environment where the cloud
// has that, on top of a source.
func (r *resolver) withRole(base source) (source, error) {
	n := r.cloud.names.AssumeRole
	if r.cloud.sts == nil {
		return base, nil
	}
	if r.config.AssumeRole != nil {
		role, err := r.blockRole(*r.config.AssumeRole)
		if err != nil {
			return nil, err
		}
		by := fmt.Sprintf("`%s` in the provider's `%s` block", n.Block, r.cloud.names.Block)
		return r.assume(base, role, r.endpoint("", ""), by), nil
	}
	if r.cloud.environmentRole[0] == "" {
		return base, nil
	}
	arn, session := r.system.env(r.cloud.environmentRole[0]), r.system.env(r.cloud.environmentRole[1])
	if _, isIdentity := base.(*identitySource); arn == "" || session == "" || isIdentity {
		return base, nil // A web identity has used the variables itself.
	}
	role, err := r.blockRole(AssumeRole{})
	if err != nil {
		return nil, err
	}
	return r.assume(base, role, r.endpoint("", ""), "the environment variable "+r.cloud.environmentRole[0]), nil
}

// assume returns the source that assumes a role with the keys of base.
func (r *resolver) assume(base source, role AssumeRole, at func() (endpoint, error), by string) source {
	return &roleSource{
		service: r.cloud.sts, endpoint: at, role: role, base: newCache(base, r.system.Now),
		name: fmt.Sprintf("the role %s (%s) with %s", quote(role.RoleARN), by, base),
	}
}

// blockRole fills in the variables of the arguments of a role.
func (r *resolver) blockRole(role AssumeRole) (AssumeRole, error) {
	n := r.cloud.names.AssumeRole
	r.fill(&role.RoleARN, n.RoleARN)
	r.fill(&role.ExternalID, n.ExternalID)
	r.fill(&role.SourceIdentity, n.SourceIdentity)
	if role.RoleARN == "" {
		return role, missingArgument(r.cloud.nested(n, n.RoleARN), n.RoleARN)
	}
	sessionFrom := r.fill(&role.SessionName, n.SessionName)
	if err := r.fillSeconds(&role.DurationSeconds, n); err != nil {
		return role, err
	}
	if err := r.cloud.checkSession(sessionFrom, role.SessionName); err != nil {
		return role, err
	}
	return r.finishRole(role), nil
}

// finishRole sets the default name of the session, and writes the policy in its
// shortest form, which the token services limit.
func (r *resolver) finishRole(role AssumeRole) AssumeRole {
	if role.SessionName == "" {
		role.SessionName = defaultSession(r.system)
	}
	role.Policy = compact(role.Policy)
	return role
}

// compact returns JSON without the white space between its tokens.
func compact(policy string) string {
	var short bytes.Buffer
	if policy == "" || json.Compact(&short, []byte(policy)) != nil {
		return policy
	}
	return short.String()
}

// fill gives an argument without a value that of its variables, and names where
// the value comes from.
func (r *resolver) fill(value *string, a Argument) string {
	if *value == "" {
		if text, name := r.system.first(a.Env); name != "" {
			*value = text
			return "the environment variable " + name
		}
	}
	return "`" + a.Name + "`"
}

// fillSeconds is fill for a duration, and checks it.
func (r *resolver) fillSeconds(value *int64, n RoleNames) error {
	if *value != 0 {
		return nil
	}
	text, name := r.system.first(n.Duration.Env)
	if name == "" {
		return nil
	}
	seconds, err := parseSeconds(name, text)
	if err != nil {
		return err
	}
	*value = seconds
	return checkDuration("the environment variable "+name, seconds, n.MinDuration, n.MaxDuration)
}

// missingArgument is the error for an argument that has no value.
func missingArgument(where string, a Argument) error {
	problem := where + " is not set"
	if len(a.Env) > 0 {
		problem += ", and neither is the environment variable " + strings.Join(a.Env, " or ")
	}
	return &Error{Kind: Missing, Problem: problem}
}

// blockIdentity returns the web identity of the block.
func (r *resolver) blockIdentity(role WebIdentity) (source, error) {
	n := r.cloud.names.WebIdentity
	name := fmt.Sprintf("`%s` in the provider's `%s` block", n.Block, r.cloud.names.Block)
	if role.RoleARNFile == "" {
		r.fill(&role.RoleARN, n.RoleARN)
	}
	if role.RoleARN == "" {
		r.fill(&role.RoleARNFile, n.RoleARNFile)
	}
	if role.RoleARN == "" && role.RoleARNFile == "" {
		return nil, missingArgument(r.cloud.nested(n, n.RoleARN), n.RoleARN)
	}
	r.fill(&role.Provider, n.Provider)
	if role.Provider == "" && n.Provider.Name != "" {
		if role.Provider = r.cloud.defaultProvider; role.Provider == "" {
			return nil, missingArgument(r.cloud.nested(n, n.Provider), n.Provider)
		}
	}
	if err := r.fillSeconds(&role.DurationSeconds, n); err != nil {
		return nil, err
	}
	sessionFrom := r.fill(&role.SessionName, n.SessionName)
	token, err := r.blockToken(n, role)
	if err != nil {
		return nil, err
	}
	checked, err := r.checkIdentity(role, sessionFrom, "`"+n.Policy.Name+"`")
	if err != nil {
		return nil, err
	}
	return &identitySource{
		service: r.cloud.sts, endpoint: r.endpoint("", ""), action: r.cloud.webAction,
		role: checked, roleFile: role.RoleARNFile, token: *token, system: r.system, name: name,
	}, nil
}

// blockToken returns the token that the block names, else that of the
// environment.
func (r *resolver) blockToken(n RoleNames, role WebIdentity) (*tokenSource, error) {
	switch {
	case role.Token != "":
		return &tokenSource{name: "`" + n.Token.Name + "`", value: role.Token, system: r.system}, nil
	case role.TokenFile != "":
		return &tokenSource{name: "`" + n.TokenFile.Name + "`", path: role.TokenFile, system: r.system}, nil
	case role.TFCTag != "":
		name := tfcVariable + "_" + role.TFCTag
		return &tokenSource{name: name, variable: name, system: r.system}, nil
	}
	if token := r.variableToken(n.Token.Env, n.TokenFile.Env, true); token != nil {
		return token, nil
	}
	variables := slices.Concat(n.Token.Env, n.TokenFile.Env, []string{tfcVariable})
	return nil, &Error{
		Kind: Missing,
		Problem: fmt.Sprintf(
			"`%s` in the provider's `%s` block has no token: none of `%s`, `%s` and `%s` is set, nor an environment variable %s",
			n.Block, r.cloud.names.Block, n.Token.Name, n.TokenFile.Name, n.TFCTag.Name, strings.Join(variables, ", "),
		),
		Advice: "In HCP Terraform, set " + tfcAudienceVariable + " in the workspace.",
	}
}

// checkIdentity checks and completes the role of a web identity.
func (r *resolver) checkIdentity(role WebIdentity, sessionFrom, policyFrom string) (WebIdentity, error) {
	if err := r.cloud.checkSession(sessionFrom, role.SessionName); err != nil {
		return role, err
	}
	if err := checkPolicy(policyFrom, role.Policy); err != nil {
		return role, err
	}
	if role.SessionName == "" {
		role.SessionName = defaultSession(r.system)
	}
	role.Policy = compact(role.Policy)
	return role, nil
}
