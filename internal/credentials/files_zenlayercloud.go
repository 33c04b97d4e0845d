package credentials

import (
	"path/filepath"
)

// zenlayercloudFiles reads the files of the CLI (source of zenlayer/zenlayercloud-cli).
type zenlayercloudFiles struct{}

func (zenlayercloudFiles) places() []string { return []string{"~/.zenlayer/credentials.json"} }

func (zenlayercloudFiles) off(System) string { return "" }

// find reads credentials.json. Without a name the current profile is that of
// config.json beside it.
func (zenlayercloudFiles) find(r *resolver, name, path string) (source, string, error) {
	implicit := name == "" && path == ""
	path, err := r.profilePath(path, ".zenlayer", "credentials.json")
	if err != nil {
		return nil, "", err
	}
	z := zenlayercloudConfig{jsonFile{resolver: r, path: path}}
	if _, err := z.root(""); err != nil {
		if implicit && isAbsent(err) {
			return nil, r.system.show(path) + ": the file does not exist", nil
		}
		return nil, "", err
	}
	if name == "" {
		if name, err = z.current(); err != nil {
			return nil, "", err
		}
	}
	if _, err := z.keys(name); err != nil {
		return nil, "", err
	}
	return fileSource{
		name: profileName(name, r.system.show(path), ""),
		read: func() (Set, error) { return z.keys(name) },
	}, "", nil
}

// zenlayercloudConfig is a credentials.json.
type zenlayercloudConfig struct{ jsonFile }

// current is the profile that the CLI uses.
func (z zenlayercloudConfig) current() (string, error) {
	config, err := jsonFile{resolver: z.resolver, path: filepath.Join(filepath.Dir(z.path), "config.json")}.root("")
	if err != nil && isAbsent(err) {
		return "default", nil
	}
	if err != nil {
		return "", err
	}
	name := config.text("current_profile")
	return orDefault(name), config.err
}

// keys takes the token of a profile, or the pair.
func (z zenlayercloudConfig) keys(name string) (Set, error) {
	root, err := z.root("")
	if err != nil {
		return Set{}, err
	}
	n := root.node.members[name]
	if n == nil || n.kind == isNull {
		return Set{}, noProfile(root.path, name, root.node.keys)
	}
	p := newRecord(root.path, "profile "+quote(name), n)
	set := Set{Token: p.text("token")}
	id, secret := p.text("access_key_id"), p.text("access_key_secret")
	if p.err != nil {
		return Set{}, p.err
	}
	if set.Token == "" {
		if err := p.missing("a key without \"token\"", "access_key_id", "access_key_secret"); err != nil {
			return Set{}, err
		}
		set.ID, set.Secret = id, secret
	}
	return set, checkFileKeys(p.path, p.name, set)
}
