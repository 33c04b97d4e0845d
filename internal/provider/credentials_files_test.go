package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// writeProfile writes the file of a cloud's command line with one profile, and returns
// the value of the argument for it and how messages show it.
func writeProfile(
	t *testing.T, row simulator.Service, folder, name string, key simulator.Credential,
) (path, shown string) {
	t.Helper()
	path = filepath.Join(folder, row.Name()+"-"+name+".json")
	shown = path
	var text string
	switch row.Cloud {
	case "alicloud":
		text = fmt.Sprintf(`{"profiles": [{"name": %q, "mode": "AK", "access_key_id": %q, "access_key_secret": %q}]}`, name,
			key.AccessKeyID, key.Secret)
		shown += " (AK)"
	case "tencentcloud":
		text = fmt.Sprintf(`{"secretId": %q, "secretKey": %q, "token": null}`, key.AccessKeyID, key.Secret)
		path, shown = folder, filepath.Join(folder, name+".credential")
		writeFile(t, shown, text)
		return path, shown
	case "volcengine":
		text = fmt.Sprintf(`{"profiles": {%q: {"mode": "ak", "access-key": %q, "secret-key": %q}}}`, name, key.AccessKeyID,
			key.Secret)
		shown += " (ak)"
	case "zenlayercloud":
		text = fmt.Sprintf(`{%q: {"access_key_id": %q, "access_key_secret": %q}}`, name, key.AccessKeyID, key.Secret)
	default:
		t.Fatalf("no form of a profile is known for %s", row.Cloud)
	}
	writeFile(t, path, text)
	return path, shown
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// defaultFile is a file at one of the default places of a cloud.
type defaultFile struct {
	path, text, shown string
}

// defaultFiles are the files that are read when nothing else is set.
func defaultFiles(row simulator.Service, key simulator.Credential) []defaultFile {
	id, secret := key.AccessKeyID, key.Secret
	switch row.Cloud {
	case "alicloud":
		return []defaultFile{
			{
				".aliyun/config.json",
				fmt.Sprintf(`{"current": "day", "profiles": [{"name": "day", "mode": "AK", "access_key_id": `+
					`%q, "access_key_secret": %q}]}`, id, secret),
				`profile "day" of ~/.aliyun/config.json (AK)`,
			},
			{
				".alibabacloud/credentials",
				"[default]\ntype = access_key\naccess_key_id = " + id + "\naccess_key_secret = " + secret + "\n",
				`profile "default" of ~/.alibabacloud/credentials`,
			},
		}
	case "tencentcloud":
		return []defaultFile{
			{
				".tccli/default.credential", fmt.Sprintf(`{"secretId": %q, "secretKey": %q}`, id, secret),
				`profile "default" of ~/.tccli/default.credential`,
			},
			{
				".tencentcloud/credentials", "[default]\nsecret_id = " + id + "\nsecret_key = " + secret + "\n",
				`profile "default" of ~/.tencentcloud/credentials`,
			},
		}
	case "volcengine":
		return []defaultFile{
			{
				".volcengine/config.json",
				fmt.Sprintf(`{"current": "day", "profiles": {"day": {"mode": "ak", "access-key": %q, "secret-key": %q}}}`, id,
					secret),
				`profile "day" of ~/.volcengine/config.json (ak)`,
			},
			{
				".volcengine/credentials",
				"[default]\nvolcengine_access_key_id = " + id + "\nvolcengine_secret_access_key = " + secret + "\n",
				`profile "default" of ~/.volcengine/credentials`,
			},
		}
	case "zenlayercloud":
		return []defaultFile{{
			".zenlayer/credentials.json", fmt.Sprintf(`{"default": {"access_key_id": %q, "access_key_secret": %q}}`, id, secret),
			`profile "default" of ~/.zenlayer/credentials.json`,
		}}
	default:
		panic("no default place of a file is known for " + row.Cloud)
	}
}

// fileKinds are profiles that variables name, and the files at their default places,
// each in a home directory of its own.
func fileKinds(t *testing.T, row simulator.Service, folder string, other simulator.Credential) []credentialKind {
	t.Helper()
	n := clouds[row.Cloud].account.Names()
	var kinds []credentialKind
	for i, file := range defaultFiles(row, other) {
		home := filepath.Join(folder, fmt.Sprintf("home-%s-%d", row.Name(), i))
		path := filepath.Join(home, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, file.text)
		kinds = append(kinds, credentialKind{
			name: "~/" + file.path, env: map[string]string{"HOME": home}, place: "~/" + file.path, source: file.shown,
			account: other.Account, secrets: []string{other.Secret},
		})
	}
	byVariable := kinds[0]
	name := "day"
	if row.Cloud == "tencentcloud" || row.Cloud == "zenlayercloud" {
		name = "default"
	}
	byVariable.name, byVariable.place = "a profile by a variable", n.Profile.Env[0]
	byVariable.env = map[string]string{"HOME": byVariable.env["HOME"], n.Profile.Env[0]: name}
	return append(kinds, byVariable)
}

// TestEachRowOfTheDocumentationHasAKind: what the table of the documentation lists is
// what TestEachKindOfCredentials tries.
func TestEachRowOfTheDocumentationHasAKind(t *testing.T) {
	eachSimulation(t, func(t *testing.T, s *simulation, row simulator.Service) {
		kinds := kindsOf(t, s.server, row, t.TempDir())
		for _, source := range clouds[row.Cloud].account.Sources() {
			if !slices.ContainsFunc(kinds,
				func(k credentialKind) bool { return k.place != "" && strings.Contains(source, k.place) }) {
				t.Errorf("no kind is that of the row %q", source)
			}
		}
	})
}
