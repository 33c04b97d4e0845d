package credentials

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// profiles are one complete profile of each mode of config.json, with what it
// gives.
var profiles = map[string]struct {
	text string
	keys [3]string
	// source is the source's name after the path.
	source string
	// call is the call to the token service.
	call string
	// err is the error where the mode gives no keys.
	err string
}{
	"AK": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111","sts_token":"TOKENthree3333","region_id":"cn-beijing","retry_count":3,"site":null}`,
		keys: [3]string{"id-1", "SECRETone1111", ""}, source: "(AK)",
	},
	"StsToken": {
		text: `{"name":"ops","mode":"stsTOKEN","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222"}`,
		keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "(StsToken)",
	},
	"RamRoleArn": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222","ram_role_arn":"acs:ram::1234567890123456:role/ops","ram_session_name":"s-1","expired_seconds":900,"sts_region":"cn-beijing"}`,
		keys: issuedKeys, source: "(RamRoleArn)", call: "AssumeRole",
	},
	"ChainableRamRoleArn": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","source_profile":"base","ram_role_arn":"acs:ram::1234567890123456:role/ops","ram_session_name":"s-1"},{"name":"base","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		keys: issuedKeys, source: "(ChainableRamRoleArn)", call: "AssumeRole",
	},
	"EcsRamRole": {
		text: `{"name":"ops","mode":"EcsRamRole","ram_role_name":"web"}`,
		keys: machineKeys,
	},
	"EcsRamRole without a name": {
		text: `{"name":"ops","mode":"EcsRamRole"}`,
		keys: machineKeys,
	},
	"OIDC": {
		text: `{"name":"ops","mode":"OIDC","oidc_provider_arn":"acs:ram::1234567890123456:oidc-provider/hcp","oidc_token_file":"/var/run/token","ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys: issuedKeys, source: "(OIDC)", call: "AssumeRoleWithOIDC",
	},
	"CloudSSO": {
		text: `{"name":"ops","mode":"CloudSSO","cloud_sso_sign_in_url":"https://signin.example.com","access_token":"TOKENthree3333","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222","sts_expiration":4102444800}`,
		keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "(CloudSSO)",
	},
	"CloudSSO that has ended": {
		text: `{"name":"ops","mode":"CloudSSO","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222","sts_expiration":1700000000}`,
		err:  "profile \"ops\" of ~/.aliyun/config.json (CloudSSO): the keys of the profile ended at 2023-11-14T22:13:20Z, and new ones need a browser. Run `aliyun configure --mode CloudSSO --profile ops` and try again.",
	},
	"OAuth": {
		text: `{"name":"ops","mode":"OAuth","oauth_site_type":"CN","oauth_refresh_token":"TOKENthree3333","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222","sts_expiration":4102444800}`,
		keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "(OAuth)",
	},
	"OAuth without keys": {
		text: `{"name":"ops","mode":"OAuth","oauth_refresh_token":"TOKENthree3333"}`,
		err:  "profile \"ops\" of ~/.aliyun/config.json (OAuth): the profile has no keys yet, and new ones need a browser. Run `aliyun configure --mode OAuth --profile ops` and try again.",
	},
	"External": {
		text: `{"name":"ops","mode":"external","process_command":"vault read SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode "External" is not supported: it runs an external program. Use another profile.`,
	},
	"CredentialsURI": {
		text: `{"name":"ops","mode":"CredentialsURI","credentials_uri":"http://u:SECRETone1111@localhost"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode "CredentialsURI" is not supported: it gets keys from a URL. Use another profile.`,
	},
	"RsaKeyPair": {
		text: `{"name":"ops","mode":"RsaKeyPair","private_key":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode "RsaKeyPair" is not supported: the provider does not know it. Use another profile.`,
	},
	"no mode, with keys": {
		text: `{"name":"ops","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		keys: [3]string{"id-1", "SECRETone1111", ""}, source: "(AK)",
	},
	"no mode, with a token": {
		text: `{"name":"ops","mode":"","access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222"}`,
		keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "(StsToken)",
	},
	"no mode, with a role": {
		text: `{"name":"ops","mode":null,"access_key_id":"id-1","access_key_secret":"SECRETone1111","ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys: issuedKeys, source: "(RamRoleArn)", call: "AssumeRole",
	},
	"no mode, with a role of the machine": {
		text: `{"name":"ops","ram_role_name":"web"}`,
		keys: machineKeys,
	},
	"no mode, with a program": {
		text: `{"name":"ops","process_command":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode "External" is not supported: it runs an external program. Use another profile.`,
	},
	"no mode, with web identity": {
		text: `{"name":"ops","oidc_provider_arn":"acs:ram::1234567890123456:oidc-provider/hcp","oidc_token_file":"/var/run/token","ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys: issuedKeys, source: "(OIDC)", call: "AssumeRoleWithOIDC",
	},
	"no mode, with a sign-in page": {
		text: `{"name":"ops","cloud_sso_sign_in_url":"https://signin.example.com"}`,
		err:  "profile \"ops\" of ~/.aliyun/config.json (CloudSSO): the profile has no keys yet, and new ones need a browser. Run `aliyun configure --mode CloudSSO --profile ops` and try again.",
	},
	"nothing": {
		text: `{"name":"ops"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": it has no "mode", and no keys to derive one from`,
	},
	"half of AK": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":""}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode AK needs "access_key_secret"`,
	},
	"StsToken without a token": {
		text: `{"name":"ops","mode":"StsToken","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode StsToken needs "sts_token"`,
	},
	"RamRoleArn without a role": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": a role needs "ram_role_arn"`,
	},
	"OIDC without its parts": {
		text: `{"name":"ops","mode":"OIDC"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode OIDC needs "oidc_provider_arn", "oidc_token_file" and "ram_role_arn"`,
	},
	"ChainableRamRoleArn without a source": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode ChainableRamRoleArn needs "source_profile"`,
	},
	"a source that does not exist": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"base"}`,
		err:  `~/.aliyun/config.json has no profile "base"; it has "ops"`,
	},
	"a cycle": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"base"},` + "\n" +
			`{"name":"base","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"ops"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": its "source_profile" leads back to itself: ops -> base -> ops`,
	},
	"a profile that appears twice": {
		text: `{"name":"ops","mode":"AK"},` + "\n" + `{"name":"ops","mode":"AK","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 2: the profile "ops" appears twice; the first one is in line 1`,
	},
	"a key that appears twice": {
		text: `{"name":"ops","access_key_secret":"SECRETone1111",` + "\n" + `"access_key_secret":"SECRETtwo2222"}`,
		err:  `~/.aliyun/config.json, line 2: the key "access_key_secret" appears twice`,
	},
	"a number in place of a secret": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":` + "\n" + `9876543210987654321098765}`,
		err:  `~/.aliyun/config.json, line 2: profile "ops": "access_key_secret" is a number, and must be a string`,
	},
	"a list in place of a secret": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":["SECRETone1111"]}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": "access_key_secret" is a list, and must be a string`,
	},
	"a duration that is no whole number": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111","ram_role_arn":"a","expired_seconds":9.5e3}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": "expired_seconds" is not a whole number`,
	},
	"a duration that is too long": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111","ram_role_arn":"a","expired_seconds":99999}`,
		err:  `the duration of the profile "ops" of ~/.aliyun/config.json (RamRoleArn) must be between 900 and 43200 seconds, and is 99999`,
	},
	"a session name that no cloud takes": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111","ram_role_arn":"a","ram_session_name":"a b"}`,
		err:  `the session name of the profile "ops" of ~/.aliyun/config.json (RamRoleArn) must have 2 to 64 of the characters A-Z a-z 0-9 . @ _ -`,
	},
	"a token service over plain http": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111","ram_role_arn":"a","sts_endpoint":"http://sts.example.com"}`,
		err: `profile "ops" of ~/.aliyun/config.json (RamRoleArn): the token service of the profile "ops" of ~/.aliyun/config.json (RamRoleArn) ` +
			`is plain http, and its host is not a loopback address: use https`,
	},
	"a secret with a line end": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111\nx"}`,
		err:  `~/.aliyun/config.json: profile "ops": the secret contains a space, a line end or another character that no key has`,
	},
	"a profile that is null": {
		text: `null,{"name":"other"}`,
		err:  `~/.aliyun/config.json has no profile "ops"; it has "other"`,
	},
	"a profile that is a string": {
		text: `"SECRETone1111"`,
		err:  `~/.aliyun/config.json, line 1: this is a string, and must be an object`,
	},
}

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
			"":                          `{"current":"x","profiles":[` + p.text + `],"meta_path":""}`,
			", with a byte order mark":  "\ufeff" + `{"current":"x","profiles":[` + p.text + `]}`,
			", with CRLF line ends":     "{\"unknown\": {\"a\": [1, 2.5, true]}, \"profiles\":[" + strings.ReplaceAll(p.text, "\n", "\r\n") + "]}\r\n",
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
		"tccli": {Tencentcloud, in(".tccli", "default.credential"), `{"secretId":"id-1","secretKey":"SECRETone1111","token":"TOKENone1111"}`},
		"Volcengine": {
			Volcengine, in(".volcengine", "config.json"), `{"current":"ops","profiles":{"ops":{"mode":"ak","access-key":"id-1","secret-key":"SECRETone1111","session-token":"TOKENone1111"}}}`,
		},
		"Zenlayer":                   {Zenlayercloud, in(".zenlayer", "credentials.json"), `{"default":{"access_key_id":"id-1","access_key_secret":"SECRETone1111"}}`},
		"the INI file of Alibaba":    {Alicloud, in(".alibabacloud", "credentials"), "[default]\ntype = access_key\naccess_key_id = id-1\naccess_key_secret = SECRETone1111"},
		"the INI file of Tencent":    {Tencentcloud, in(".tencentcloud", "credentials"), "[default]\nsecret_id = id-1\nsecret_key = SECRETone1111"},
		"the old file of Volcengine": {Volcengine, in(".volcengine", "credentials"), "[default]\nvolcengine_access_key_id=id-1\nvolcengine_secret_access_key=SECRETone1111"},
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
			cloud: Alicloud, files: map[string]string{in(".aliyun", "config.json"): `{"current":"ops","profiles":[{"name":"ops",` + keys + `]}`},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/.aliyun/config.json (AK)`,
		},
		"the default one": {
			cloud: Alicloud, files: map[string]string{in(".aliyun", "config.json"): `{"profiles":[{"name":"default",` + keys + `]}`},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"a variable that is a JSON file": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/c.json", "ALICLOUD_PROFILE", "ops"), files: map[string]string{in("c.json"): `{"profiles":[{"name":"ops",` + keys + `]}`},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/c.json (AK)`,
		},
		"the same variable that is an INI file": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/c.ini", "ALICLOUD_PROFILE", "ops"),
			files: map[string]string{in("c.ini"): "[ops]\naccess_key_id = id-1\naccess_key_secret = SECRETone1111\n"},
			keys:  [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/c.ini`,
		},
		"an INI file with a role": {
			cloud: Alicloud, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\ntype=ram_role_arn\naccess_key_id=id-1\naccess_key_secret=SECRETone1111\nrole_arn=acs:ram::1:role/x\n"},
			keys: issuedKeys, source: `profile "default" of ~/.alibabacloud/credentials (ram_role_arn)`, calls: []string{"AssumeRole"},
		},
		"an INI file with the role of the machine": {
			cloud: Alicloud, metadata: true, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\ntype=ecs_ram_role\nrole_name=web\n"},
			keys: machineKeys, source: `the role "web" of the metadata service (profile "default" of ~/.alibabacloud/credentials (ecs_ram_role))`,
		},
		"an INI file of a type that is not known": {
			cloud: Alicloud, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\ntype=rsa_key_pair\nprivate_key_file=SECRETone1111\n"},
			want: `~/.alibabacloud/credentials, line 2: profile "default": the type "rsa_key_pair" is not supported`,
		},
		"an INI file with a section twice": {
			cloud: Alicloud, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\n[default]\n"},
			want: `~/.alibabacloud/credentials, line 2: the section "default" appears twice`,
		},
		"an INI file with a key twice": {
			cloud: Alicloud, files: map[string]string{in(".alibabacloud", "credentials"): "[default]\naccess_key_secret=SECRETone1111\naccess_key_secret=SECRETtwo2222\n"},
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
		"JSON with a number":          {`{"web_identity_token": 1234567890}`, `, line 1: "web_identity_token" is a number, and must be a string`},
		"JSON that is cut off":        {`{"web_identity_token": "` + jwt, `, line 1: the file ends in the middle of its JSON`},
		"a token that is cut off":     {jwt[:strings.LastIndex(jwt, ".")], " does not hold a JSON Web Token: it is cut off, or another kind of text"},
		"a file of another kind":      {"-----BEGIN KEY-----\nSECRETone1111", " does not hold a JSON Web Token: it is cut off, or another kind of text"},
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
				wantText(t, err, fmt.Sprintf("`%s` in the provider's `%s` block: `%s`: /run/token%s%s", n.WebIdentity.Block, n.Block, n.WebIdentity.TokenFile.Name, separator, test.want))
				if sts.count() != 0 {
					t.Errorf("%d calls, want none", sts.count())
				}
			})
		})
	}
}
