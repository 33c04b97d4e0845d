package credentials

import (
	"path/filepath"
	"strings"
)

// tencentcloudFiles reads tccli's files and the SDKs' INI file (source of
// TencentCloud/tencentcloud-cli, and of the Go SDK's profile provider).
type tencentcloudFiles struct{}

func (tencentcloudFiles) places() []string {
	return []string{"~/.tccli/default.credential", "~/.tencentcloud/credentials"}
}

func (tencentcloudFiles) off(System) string { return "" }

// iniVariable names the SDKs' INI file.
const iniVariable = "TENCENTCLOUD_CREDENTIALS_FILE"

var tencentcloudINIFields = [3]string{"secret_id", "secret_key", "token"}

// find reads <directory>/<name>.credential.
func (f tencentcloudFiles) find(r *resolver, name, directory string) (source, string, error) {
	implicit := name == "" && directory == ""
	if name == "" {
		name = "default"
	}
	if strings.ContainsAny(name, `/\`) || name == ".." {
		return nil, "", invalid("the profile %s is not the name of a file", quote(name))
	}
	ini := r.system.env(iniVariable)
	if implicit && ini != "" {
		s, err := r.iniKeys(ini, "default", tencentcloudINIFields)
		return s, "", err
	}
	directory, err := r.profilePath(directory, ".tccli")
	if err != nil {
		return nil, "", err
	}
	p := tccliProfile{jsonFile{resolver: r, path: filepath.Join(directory, name+".credential")}, name}
	s, err := p.source()
	if err == nil || !implicit || !isAbsent(err) {
		return s, "", err
	}
	ini, err = r.homeFile(".tencentcloud", "credentials")
	if err != nil {
		return nil, "", err
	}
	s, err = r.iniKeys(ini, "default", tencentcloudINIFields)
	if err != nil && isAbsent(err) {
		const absent = ": the file does not exist"
		return nil, r.system.show(p.path) + absent + "\n- " + r.system.show(ini) + absent, nil
	}
	return s, "", err
}

// tccliProfile is one .credential file.
type tccliProfile struct {
	jsonFile

	name string
}

func (p tccliProfile) record() (*record, error) { return p.root(p.name) }

func (p tccliProfile) source() (source, error) {
	record, err := p.record()
	if err != nil {
		return nil, err
	}
	mode := strings.ToLower(record.text("type"))
	arn, session := record.text("role-arn"), record.text("role-session-name")
	if record.err != nil {
		return nil, record.err
	}
	r := p.resolver
	var base source
	switch mode {
	case "cvm-role":
		base, err = r.machine("", profileName(p.name, p.show(), mode))
	case "", "oauth", "sso":
		base, err = p.stored(record, mode)
	default:
		return nil, refusedMode(record, mode, otherMode)
	}
	if err != nil || arn == "" {
		return base, err
	}
	role := AssumeRole{RoleARN: arn, SessionName: session}
	return r.profileRole(base, role, "", profileName(p.name, p.show(), "role-arn"))
}

func (p tccliProfile) stored(first *record, mode string) (source, error) {
	return stored(
		first, profileName(p.name, p.show(), mode), p.record,
		func(r *record) (Set, error) { return p.keysOf(r, mode) },
	)
}

func (p tccliProfile) keysOf(r *record, mode string) (Set, error) {
	set := Set{ID: r.text("secretId"), Secret: r.text("secretKey"), Token: r.text("token")}
	end := unixTime(r.number("expiresAt"))
	if r.err != nil {
		return Set{}, r.err
	}
	if err := checkFileKeys(r.path, r.name, set); err != nil {
		return Set{}, err
	}
	if mode == "" {
		return set, r.missing("a profile without a type", "secretId", "secretKey")
	}
	command := "tccli auth login"
	if mode == "sso" {
		command = "tccli sso login"
	}
	if p.name != "default" {
		command += " --profile " + shellWord(p.name)
	}
	held := cached{id: set.ID, secret: set.Secret, token: set.Token, end: end, command: command}
	return held.set(p.resolver.system.Now())
}
