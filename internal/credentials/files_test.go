package credentials

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// laptop is a machine with one config.json and every service.
func laptop(content string) *computer {
	return &computer{
		home: "/home/u", now: time.Now,
		files: map[string]string{in(".aliyun", "config.json"): content, "/var/run/token": jwt},
		sts: &service{
			cloud: Alicloud, now: time.Now,
			callers: env("id-1", "SECRETone1111", "id-2", "SECRETtwo2222"), sessions: env("id-2", "TOKENtwo2222"),
		},
		metadata: &machineRole{cloud: Alicloud, now: time.Now, role: "web"},
	}
}

func TestModesOfConfigJSON(t *testing.T) {
	t.Parallel()
	for name, p := range profiles {
		for form, content := range map[string]string{
			"":                         `{"current":"x","profiles":[` + p.text + `],"meta_path":""}`,
			", with a byte order mark": "\ufeff" + `{"current":"x","profiles":[` + p.text + `]}`,
			", with CRLF line ends": "{\"unknown\": {\"a\": [1, 2.5, true]}, " +
				"\"profiles\":[" + strings.ReplaceAll(p.text, "\n", "\r\n") + "]}\r\n",
			", with white space around": " {\"profiles\" : [ " + p.text + " ] } ",
		} {
			t.Run(name+form, func(t *testing.T) {
				t.Parallel()
				c := laptop(content)
				set, err := New(Alicloud, Config{Profile: "ops"}, c.system()).Keys(t.Context())
				if p.err != "" {
					wantText(t, err, p.err)
					return
				}
				source := `profile "ops" of ~/.aliyun/config.json ` + p.source
				if p.source == "" {
					source = set.Source
				}
				wantKeys(t, set, err, p.keys[0], p.keys[1], p.keys[2], source)
				sts, ok := c.sts.(*service)
				if !ok {
					t.Fatal("no token service")
				}
				if got := strings.Join(sts.actions(), " "); got != p.call {
					t.Errorf("calls are %q, want %q", got, p.call)
				}
			})
		}
	}
}

func TestConfigJSONCutAtEveryByte(t *testing.T) {
	t.Parallel()
	for name, p := range profiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := "\ufeff{\r\n\"current\":\"ops\",\"profiles\":[" + p.text + "]}"
			for end := range content {
				c := laptop(content[:end])
				_, err := New(Alicloud, Config{Profile: "ops"}, c.system()).Keys(t.Context())
				if err == nil {
					t.Fatalf("no error after %d bytes", end)
				}
				noSecret(t, err.Error())
				noSecret(t, strings.Join(c.logged, "\n"))
				if !strings.Contains(err.Error(), "config.json") {
					t.Fatalf("after %d bytes the error does not name the file: %s", end, err)
				}
			}
		})
	}
}

func TestOtherFilesCutAtEveryByte(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cloud   *Cloud
		path    string
		content string
	}{
		"tccli": {
			Tencentcloud,
			in(".tccli", "default.credential"),
			`{"secretId":"id-1","secretKey":"SECRETone1111","token":"TOKENone1111"}`,
		},
		"tccli, oauth": {
			Tencentcloud,
			in(".tccli", "default.credential"),
			`{"type":"oauth","secretId":"id-1","secretKey":"SECRETone1111","token":"TOKENone1111","expiresAt":4102444800,` +
				`"oauth":{"refreshToken":"TOKENthree3333"}}`,
		},
		"Volcengine, sso": {
			Volcengine,
			in(".volcengine", "config.json"),
			`{"current":"ops","profiles":{"ops":{"mode":"sso","access-key":"id-1","secret-key":"SECRETone1111",` +
				`"session-token":"TOKENone1111","sts-expiration":4102444800}}}`,
		},
		"Volcengine": {
			Volcengine,
			in(".volcengine", "config.json"),
			`{"current":"ops","profiles":{"ops":{"mode":"ak","access-key":"id-1","secret-key":"SECRETone1111",` +
				`"session-token":"TOKENone1111"}}}`,
		},
		"Zenlayer": {
			Zenlayercloud,
			in(".zenlayer", "credentials.json"),
			`{"default":{"access_key_id":"id-1","access_key_secret":"SECRETone1111"}}`,
		},
		"the INI file of Alibaba": {
			Alicloud,
			in(".alibabacloud", "credentials"),
			"[default]\ntype = access_key\naccess_key_id = id-1\naccess_key_secret = SECRETone1111",
		},
		"the INI file of Tencent": {
			Tencentcloud,
			in(".tencentcloud", "credentials"),
			"[default]\nsecret_id = id-1\nsecret_key = SECRETone1111",
		},
		"the old file of Volcengine": {
			Volcengine,
			in(".volcengine", "credentials"),
			"[default]\nvolcengine_access_key_id=id-1\nvolcengine_secret_access_key=SECRETone1111",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for end := range test.content {
				c := &computer{home: "/home/u", files: map[string]string{test.path: test.content[:end]}}
				set, err := New(test.cloud, Config{}, c.system()).Keys(t.Context())
				if err != nil {
					noSecret(t, err.Error())
				} else if set.Secret == "SECRETone1111" {
					t.Fatalf("the whole secret was read from %d bytes", end)
				}
			}
			c := &computer{home: "/home/u", files: map[string]string{test.path: test.content}}
			if set, err := New(test.cloud, Config{}, c.system()).Keys(t.Context()); err != nil || set.Secret != "SECRETone1111" {
				t.Errorf("the whole file gives %s and %v", set.Secret, err)
			}
		})
	}
}

func TestFormsOfConfigJSON(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"":                                `~/.aliyun/config.json has no profile "ops"; it has none`,
		"null":                            `~/.aliyun/config.json, line 1: this is neither a section nor a key with a value`,
		`{"profiles":null}`:               `~/.aliyun/config.json has no profile "ops"; it has none`,
		`{"profiles":{}}`:                 `~/.aliyun/config.json, line 1: "profiles" is an object, and must be a list`,
		"{\n\"profiles\":[\n":             `~/.aliyun/config.json, line 2: the file ends in the middle of its JSON`,
		"{\n\n\"profiles\" 1}":            `~/.aliyun/config.json, line 3: this is not valid JSON`,
		`{"profiles":[]} x`:               `~/.aliyun/config.json, line 1: the file continues after the end of its JSON`,
		"\xff\xfe{\x00":                   `~/.aliyun/config.json is UTF-16; save it as UTF-8`,
		"!denied":                         `~/.aliyun/config.json: permission denied`,
		strings.Repeat(`{"a":`, 40) + "1": `~/.aliyun/config.json, line 1: the JSON is nested too deeply`,
		strings.Repeat(" ", maxFile+1):    `~/.aliyun/config.json is larger than 1024 KiB`,
	} {
		t.Run(want, func(t *testing.T) {
			_, err := New(Alicloud, Config{Profile: "ops"}, laptop(content).system()).Keys(t.Context())
			wantText(t, err, want)
		})
	}
}

func TestProfilesThatAreNotNamed(t *testing.T) {
	t.Parallel()
	const keys = `"mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`
	runRows(t, map[string]row{
		"the current one": {
			cloud:  Alicloud,
			files:  map[string]string{in(".aliyun", "config.json"): `{"current":"ops","profiles":[{"name":"ops",` + keys + `]}`},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "ops" of ~/.aliyun/config.json (AK)`,
		},
		"the default one": {
			cloud:  Alicloud,
			files:  map[string]string{in(".aliyun", "config.json"): `{"profiles":[{"name":"default",` + keys + `]}`},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"a variable that is a JSON file": {
			cloud:  Alicloud,
			env:    env("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/c.json", "ALICLOUD_PROFILE", "ops"),
			files:  map[string]string{in("c.json"): `{"profiles":[{"name":"ops",` + keys + `]}`},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "ops" of ~/c.json (AK)`,
		},
		"the same variable that is an INI file": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/c.ini", "ALICLOUD_PROFILE", "ops"),
			files: map[string]string{in("c.ini"): "[ops]\naccess_key_id = id-1\naccess_key_secret = SECRETone1111\n"},
			keys:  [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/c.ini`,
		},
		"an INI file with a role": {
			cloud: Alicloud,
			files: map[string]string{
				in(".alibabacloud", "credentials"): "[default]\ntype=ram_role_arn\naccess_key_id=id-1\n" +
					"access_key_secret=SECRETone1111\nrole_arn=acs:ram::1:role/x\n",
			},
			keys:   issuedKeys,
			source: `profile "default" of ~/.alibabacloud/credentials (ram_role_arn)`,
			calls:  []string{"AssumeRole"},
		},
		"an INI file with the role of the machine": {
			cloud:    Alicloud,
			metadata: true,
			files:    map[string]string{in(".alibabacloud", "credentials"): "[default]\ntype=ecs_ram_role\nrole_name=web\n"},
			keys:     machineKeys,
			source:   `the role "web" of the metadata service (profile "default" of ~/.alibabacloud/credentials (ecs_ram_role))`,
		},
		"an INI file of a type that is not known": {
			cloud: Alicloud,
			files: map[string]string{
				in(".alibabacloud", "credentials"): "[default]\ntype=rsa_key_pair\nprivate_key_file=SECRETone1111\n",
			},
			want: `~/.alibabacloud/credentials, line 2: profile "default": the type "rsa_key_pair" is not supported`,
		},
		"an INI file with a section twice": {
			cloud: Alicloud, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\n[default]\n"},
			want: `~/.alibabacloud/credentials, line 2: the section "default" appears twice`,
		},
		"an INI file with a key twice": {
			cloud: Alicloud,
			files: map[string]string{
				in(".alibabacloud", "credentials"): "[default]\naccess_key_secret=SECRETone1111\naccess_key_secret=SECRETtwo2222\n",
			},
			want: `~/.alibabacloud/credentials, line 3: the key "access_key_secret" appears twice in the section "default"`,
		},
		"a switch for files does not apply to a profile of the configuration": {
			cloud: Alicloud, config: Config{Profile: "ops"}, env: env("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"),
			files: map[string]string{in(".aliyun", "config.json"): `{"profiles":[{"name":"ops",` + keys + `]}`},
			keys:  [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/.aliyun/config.json (AK)`,
		},
	})
}

func TestTokenFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"a raw token":                 {jwt, ""},
		"a token with line ends":      {"\ufeff" + jwt + "\r\n\n", ""},
		"a token in JSON":             {`{"web_identity_token": "` + jwt + `", "other": 1}`, ""},
		"no file":                     {"-", "the file does not exist"},
		"an empty file":               {" \n", "is empty"},
		"a file that may not be read": {"!denied", "permission denied"},
		"a large file":                {strings.Repeat("a", maxToken+1), "is larger than 64 KiB"},
		"JSON without the token":      {`{"token": "` + jwt + `"}`, `, line 1: "web_identity_token" is missing`},
		"JSON with a number": {`{"web_identity_token": 1234567890}`, `, line 1: "web_identity_token" is a ` +
			`number, and must be a string`},
		"JSON that is cut off": {`{"web_identity_token": "` + jwt, `, line 1: the file ends in the middle of its ` +
			`JSON`},
		"a token that is cut off": {jwt[:strings.LastIndex(jwt, ".")], " does not hold a JSON Web Token: it is cut " +
			"off, or another kind of text"},
		"a file of another kind": {"-----BEGIN KEY-----\nSECRETone1111", " does not hold a JSON Web Token: it is " +
			"cut off, or another kind of text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachService(t, func(t *testing.T, cloud *Cloud) {
				sts := &service{cloud: cloud, now: time.Now}
				c := &computer{sts: sts, files: map[string]string{"/run/token": test.content}}
				if test.content == "-" {
					c.files = nil
				}
				config := webConfig(cloud, "")
				config.WebIdentity.Token, config.WebIdentity.TokenFile = "", "/run/token"
				_, err := New(cloud, config, c.system()).Keys(t.Context())
				if test.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				separator := ""
				switch test.want[0] {
				case 't', 'p':
					separator = ": "
				case 'i':
					separator = " "
				}
				n := cloud.names
				wantText(
					t,
					err,
					fmt.Sprintf(
						"`%s` in the provider's `%s` block: `%s`: /run/token%s%s",
						n.WebIdentity.Block,
						n.Block,
						n.WebIdentity.TokenFile.Name,
						separator,
						test.want,
					),
				)
				if sts.count() != 0 {
					t.Errorf("%d calls, want none", sts.count())
				}
			})
		})
	}
}
