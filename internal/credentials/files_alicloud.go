package credentials

import (
	"bytes"
)

// alicloudFiles reads the CLI's config.json and the SDKs' INI file. The names
// of modes and keys are those of the CLI's source (aliyun/aliyun-cli, package
// config).
type alicloudFiles struct{}

func (alicloudFiles) places() []string {
	return []string{"~/.aliyun/config.json", "~/.alibabacloud/credentials"}
}

func (alicloudFiles) off(s System) string {
	for _, name := range []string{"ALIBABA_CLOUD_IGNORE_PROFILE", "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"} {
		if s.isTrue(name) {
			return name
		}
	}
	return ""
}

var alicloudINIFields = [3]string{"access_key_id", "access_key_secret", "security_token"}

func (f alicloudFiles) find(r *resolver, name, path string) (source, string, error) {
	implicit := path == ""
	path, err := r.profilePath(path, ".aliyun", "config.json")
	if err != nil {
		return nil, "", err
	}
	data, err := r.system.readFile(path, maxFile)
	if err != nil && isAbsent(err) && implicit {
		s, why, iniErr := f.oldFile(r, name)
		if s == nil && iniErr == nil && name != "" {
			return nil, "", err
		}
		return s, r.system.show(path) + ": the file does not exist\n- " + why, iniErr
	}
	if err != nil {
		return nil, "", err
	}
	// ALIBABA_CLOUD_CREDENTIALS_FILE is a JSON file for the Terraform provider and
	// an INI file for the SDKs.
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] != '{' {
		s, err := f.section(r, name, path)
		return s, "", err
	}
	c := alicloudConfig{jsonFile{resolver: r, path: path}}
	root, err := c.root("")
	if err != nil {
		return nil, "", err
	}
	if name == "" {
		if name = root.text("current"); name == "" {
			name = "default"
		}
		if root.err != nil {
			return nil, "", root.err
		}
	}
	s, err := c.source(name, nil)
	return s, "", err
}

// oldFile reads the SDKs' file at its default place; nil where there is none.
func (f alicloudFiles) oldFile(r *resolver, name string) (source, string, error) {
	path, err := r.homeFile(".alibabacloud", "credentials")
	if err != nil {
		return nil, "", err
	}
	s, err := f.section(r, name, path)
	if err != nil && isAbsent(err) {
		return nil, r.system.show(path) + ": the file does not exist", nil
	}
	return s, "", err
}

// section returns the source of a section of the SDKs' file.
func (f alicloudFiles) section(r *resolver, name, path string) (source, error) {
	if name == "" {
		name = "default"
	}
	section, err := r.iniSection(path, name)
	if err != nil {
		return nil, err
	}
	switch kind := section.values["type"]; kind {
	case "", "access_key", "sts":
		return r.iniKeys(path, name, alicloudINIFields)
	case "ecs_ram_role":
		return r.machine(section.values["role_name"], profileName(name, r.system.show(path), kind))
	case "ram_role_arn":
		base, err := r.iniKeys(path, name, alicloudINIFields)
		if err != nil {
			return nil, err
		}
		role := AssumeRole{
			RoleARN:     section.values["role_arn"],
			SessionName: section.values["role_session_name"],
			Policy:      section.values["policy"],
		}
		if role.RoleARN == "" {
			return nil, invalid("%s, line %d: profile %s: the type ram_role_arn needs \"role_arn\"",
				r.system.show(path), section.line, quote(name))
		}
		return r.profileRole(base, role, "", profileName(name, r.system.show(path), kind))
	default:
		return nil, invalid("%s, line %d: profile %s: the type %s is not supported",
			r.system.show(path), section.lines["type"], quote(name), quote(kind))
	}
}
