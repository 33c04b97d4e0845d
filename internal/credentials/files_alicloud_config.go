package credentials

import (
	"fmt"
	"slices"
	"strings"
)

// alicloudConfig is a config.json.
type alicloudConfig struct{ jsonFile }

// profile returns one profile. Two with the same name are an error, since the
// tools differ in which one they take.
func (c alicloudConfig) profile(name string) (*record, error) {
	root, err := c.root("")
	if err != nil {
		return nil, err
	}
	list := root.at("profiles", isList)
	if root.err != nil {
		return nil, root.err
	}
	var found *record
	var all []string
	if list == nil {
		list = &node{}
	}
	for _, item := range list.items {
		if item.kind == isNull {
			continue
		}
		r := newRecord(c.show(), "", item)
		own := r.text("name")
		if r.err != nil {
			return nil, r.err
		}
		all = append(all, own)
		if own != name {
			continue
		}
		if found != nil {
			return nil, r.problem(item.line, fmt.Sprintf("the profile %s appears twice; the first one is in line %d",
				quote(name), found.node.line))
		}
		r.name = "profile " + quote(name)
		found = r
	}
	if found == nil {
		return nil, noProfile(c.show(), name, all)
	}
	return found, nil
}

// alicloudModes are the modes that messages know, by their name in lower case.
var alicloudModes = map[string]string{
	"external": "External", "credentialsuri": "CredentialsURI",
	"ak": "AK", "ststoken": "StsToken", "ramrolearn": "RamRoleArn", "chainableramrolearn": "ChainableRamRoleArn",
	"ecsramrole": "EcsRamRole", "oidc": "OIDC", "cloudsso": "CloudSSO", "oauth": "OAuth",
}

// source returns the source of a profile. path are the profiles that lead to it.
func (c alicloudConfig) source(name string, path []string) (source, error) {
	p, err := c.profile(name)
	if err != nil {
		return nil, err
	}
	for _, before := range path {
		if before == name {
			circle := strings.Join(append(slices.Clone(path), name), " -> ")
			return nil, p.problem(p.node.line, "its \"source_profile\" leads back to itself: "+circle)
		}
	}
	mode := p.text("mode")
	if known, ok := alicloudModes[strings.ToLower(mode)]; ok {
		mode = known
	} else if mode == "" && p.err == nil {
		mode = alicloudMode(p)
	}
	if p.err != nil {
		return nil, p.err
	}
	title := profileName(name, c.show(), mode)
	r := c.resolver
	switch mode {
	case "AK", "StsToken", "CloudSSO", "OAuth":
		return c.stored(p, name, mode, title)
	case "RamRoleArn":
		base, err := c.stored(p, name, "RamRoleArn", title)
		if err != nil {
			return nil, err
		}
		return c.role(p, base, title)
	case "ChainableRamRoleArn":
		if err := p.missing("the mode "+mode, "source_profile"); err != nil {
			return nil, err
		}
		base, err := c.source(p.text("source_profile"), append(slices.Clone(path), name))
		if err != nil {
			return nil, err
		}
		return c.role(p, base, title)
	case "EcsRamRole":
		return r.machine(p.text("ram_role_name"), title)
	case "OIDC":
		return c.identity(p, title)
	case "External":
		return nil, refusedMode(p, mode, runsProgram)
	case "CredentialsURI":
		return nil, refusedMode(p, mode, asksURL)
	case "":
		return nil, p.problem(p.node.line, "it has no \"mode\", and no keys to derive one from")
	}
	return nil, refusedMode(p, mode, otherMode)
}

// alicloudMode derives the mode of a profile without one by its content, as the
// CLI does.
func alicloudMode(p *record) string {
	has := func(key string) bool { return p.text(key) != "" }
	switch {
	case has("access_key_id") && has("ram_role_arn"):
		return "RamRoleArn"
	case has("access_key_id") && has("sts_token"):
		return "StsToken"
	case has("access_key_id") || has("access_key_secret"):
		return "AK"
	case has("ram_role_name"):
		return "EcsRamRole"
	case has("process_command"):
		return "External"
	case has("oidc_provider_arn") && has("oidc_token_file") && has("ram_role_arn"):
		return "OIDC"
	case has("cloud_sso_sign_in_url"):
		return "CloudSSO"
	}
	return ""
}

// stored returns the source of keys that are in the file.
func (c alicloudConfig) stored(first *record, name, mode, title string) (source, error) {
	return stored(
		first, title,
		func() (*record, error) { return c.profile(name) },
		func(p *record) (Set, error) { return c.keysOf(p, mode) },
	)
}

// keysOf takes the keys of a profile.
func (c alicloudConfig) keysOf(p *record, mode string) (Set, error) {
	set := Set{ID: p.text("access_key_id"), Secret: p.text("access_key_secret"), Token: p.text("sts_token")}
	end := unixTime(p.number("sts_expiration"))
	if p.err != nil {
		return Set{}, p.err
	}
	if err := checkFileKeys(p.path, p.name, set); err != nil {
		return Set{}, err
	}
	switch mode {
	case "AK":
		set.Token = "" // A token beside long-lived keys is a leftover of another mode.
		return set, p.missing("the mode "+mode, "access_key_id", "access_key_secret")
	case "StsToken":
		return set, p.missing("the mode "+mode, "access_key_id", "access_key_secret", "sts_token")
	case "RamRoleArn":
		return set, p.missing("the mode "+mode, "access_key_id", "access_key_secret")
	}
	return cached{
		id: set.ID, secret: set.Secret, token: set.Token, end: end,
		command: "aliyun configure --mode " + mode + " --profile " + shellWord(p.text("name")),
	}.set(c.resolver.system.Now())
}

// role returns the source that assumes the role of a profile.
func (c alicloudConfig) role(p *record, base source, title string) (source, error) {
	role := AssumeRole{
		RoleARN:         p.text("ram_role_arn"),
		SessionName:     p.text("ram_session_name"),
		DurationSeconds: p.number("expired_seconds"),
		ExternalID:      p.text("external_id"),
		Policy:          p.text("policy"),
	}
	host := c.host(p)
	if err := p.missing("a role", "ram_role_arn"); err != nil {
		return nil, err
	}
	return c.resolver.profileRole(base, role, host, title)
}

// host is the token service that a profile names.
func (c alicloudConfig) host(p *record) string {
	if host := p.text("sts_endpoint"); host != "" {
		return host
	}
	if region := p.text("sts_region"); region != "" {
		return alicloudRegionHost(region, false)
	}
	return ""
}

// identity returns the source of a profile with web identity.
func (c alicloudConfig) identity(p *record, title string) (source, error) {
	if err := p.missing("the mode OIDC", "oidc_provider_arn", "oidc_token_file", "ram_role_arn"); err != nil {
		return nil, err
	}
	role := WebIdentity{
		RoleARN: p.text("ram_role_arn"), Provider: p.text("oidc_provider_arn"),
		SessionName: p.text("ram_session_name"), DurationSeconds: p.number("expired_seconds"), Policy: p.text("policy"),
	}
	host := c.host(p)
	if p.err != nil {
		return nil, p.err
	}
	return c.resolver.profileIdentity(role, p.text("oidc_token_file"), host, title)
}
