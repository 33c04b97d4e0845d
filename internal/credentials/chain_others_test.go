package credentials

import (
	"testing"
)

func TestChainOfVolcengine(t *testing.T) {
	t.Parallel()
	const arn = "trn:iam::2100000001:role/ops"
	config := func(profiles string) map[string]string {
		return map[string]string{in(".volcengine", "config.json"): `{"current":"ops","profiles":{` + profiles + `}}`}
	}
	runRows(t, map[string]row{
		"web identity of the environment": {
			cloud: Volcengine,
			env: env(
				"VOLCENGINE_OIDC_ROLE_TRN",
				arn,
				"VOLCENGINE_OIDC_TOKEN_FILE",
				"/var/run/token",
				"VOLCENGINE_OIDC_STS_ENDPOINT",
				"sts.cn-shanghai.volcengineapi.com",
			),
			files:  map[string]string{"/var/run/token": jwt},
			keys:   issuedKeys,
			source: "the environment variables VOLCENGINE_OIDC_ROLE_TRN and VOLCENGINE_OIDC_TOKEN_FILE",
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"web identity of the environment over plain http": {
			cloud: Volcengine,
			env: env(
				"VOLCENGINE_OIDC_ROLE_TRN",
				arn,
				"VOLCENGINE_OIDC_TOKEN_FILE",
				"/var/run/token",
				"VOLCENGINE_OIDC_STS_ENDPOINT",
				"http://sts.volcengineapi.com",
			),
			files: map[string]string{"/var/run/token": jwt},
			want: "the environment variables VOLCENGINE_OIDC_ROLE_TRN and VOLCENGINE_OIDC_TOKEN_FILE: " +
				"VOLCENGINE_OIDC_STS_ENDPOINT is plain http, and not on a loopback address: credentials would travel " +
				"unprotected, use `https://`",
		},
		"web identity with the token of HCP Terraform": {
			cloud:  Volcengine,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn}},
			env:    env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			keys:   issuedKeys,
			source: "`assume_role_with_oidc` in the provider's `volcengine` block",
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"keys of a profile": {
			cloud: Volcengine,
			files: config(
				`"ops":{"access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222","disable-ssl":null}`,
			),
			keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
			source: `profile "ops" of ~/.volcengine/config.json (ak)`,
		},
		"a role of a profile": {
			cloud: Volcengine,
			files: config(
				`"ops":{"mode":"RamRoleArn","access-key":"id-1","secret-key":"SECRETone1111","role-name":"ops",` +
					`"account-id":"2100000001"}`,
			),
			keys:   issuedKeys,
			source: `profile "ops" of ~/.volcengine/config.json (ramrolearn)`,
			calls:  []string{"AssumeRole"},
		},
		"web identity of a profile": {
			cloud: Volcengine,
			files: merge(
				config(`"ops":{"mode":"oidc","oidc-token-file":"/var/run/token","role-trn":"`+arn+`"}`),
				map[string]string{"/var/run/token": jwt},
			),
			keys:   issuedKeys,
			source: `profile "ops" of ~/.volcengine/config.json (oidc)`,
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"the role of the machine of a profile": {
			cloud:    Volcengine,
			files:    config(`"ops":{"mode":"ecsrole","role-name":"web"}`),
			metadata: true,
			keys:     machineKeys,
			source:   `the role "web" of the metadata service (profile "ops" of ~/.volcengine/config.json (ecsrole))`,
		},
		"cached keys of a login with single sign-on": {
			cloud: Volcengine,
			files: config(
				`"ops":{"mode":"sso","access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222",` +
					`"sts-expiration":4102444800000}`,
			),
			keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
			source: `profile "ops" of ~/.volcengine/config.json (sso)`,
		},
		"cached keys that have ended": {
			cloud: Volcengine,
			files: config(
				`"ops":{"mode":"sso","access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222",` +
					`"sts-expiration":1700000000000000000}`,
			),
			want: "profile \"ops\" of ~/.volcengine/config.json (sso): the keys of the profile ended at " +
				"2023-11-14T22:13:20Z, and new ones need a browser. Run `ve sso login` and try again.",
		},
		"cached keys of a login on the console": {
			cloud: Volcengine,
			files: merge(config(`"ops":{"mode":"console-login","login-session":"session-1"}`), map[string]string{
				// SHA-1 of session-1.
				in(".volcengine", "login", "cache", "96c71081c21826a93aad95a48dad46723ef67a06.json"): "" +
					`{"login_session":"session-1",` +
					`"access_token":"{\"access_key_id\":\"id-2\",` +
					`\"secret_access_key\":\"SECRETtwo2222\",\"session_token\":\"TOKENtwo2222\"}"` +
					`,"issued_at":"2099-01-01T00:00:00Z","expires_in":3600}`,
			}),
			keys: [3]string{
				"id-2",
				"SECRETtwo2222",
				"TOKENtwo2222",
			},
			source: `profile "ops" of ~/.volcengine/config.json (console-login)`,
		},
		"no keys of a login on the console": {
			cloud: Volcengine,
			files: config(`"ops":{"mode":"console-login","login-session":"session-1"}`),
			want: "profile \"ops\" of ~/.volcengine/config.json (console-login): the profile has no keys yet, and new ones " +
				"need a browser. Run `ve login` and try again.",
		},
		"a profile that is null": {
			cloud: Volcengine, config: Config{Profile: "ops"}, files: config(`"ops":null,"other":{}`),
			want: `~/.volcengine/config.json has no profile "ops"; it has "ops", "other"`,
		},
		"a profile that appears twice": {
			cloud: Volcengine, files: config("\"ops\":{\"access-key\":\"id-1\"},\n\"ops\":{\"secret-key\":\"SECRETone1111\"}"),
			want: `~/.volcengine/config.json, line 2: the key "ops" appears twice`,
		},
		"a number in place of a key": {
			cloud: Volcengine, files: config("\n\"ops\":{\n\"access-key\":98765432109876543210}"),
			want: `~/.volcengine/config.json, line 3: profile "ops": "access-key" is a number, and must be a string`,
		},
		"the old file": {
			cloud: Volcengine,
			files: map[string]string{
				in(".volcengine", "credentials"): "[default]\nvolcengine_access_key_id=id-1\n" +
					"volcengine_secret_access_key=SECRETone1111\n",
			},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "default" of ~/.volcengine/credentials`,
		},
		"the old file by its variable": {
			cloud: Volcengine,
			env:   env("VOLCSTACK_SHARED_CREDENTIALS_FILE", "/etc/old"),
			files: map[string]string{"/etc/old": "[default]\nvolcengine_access_key_id=id-1\n"},
			want:  `/etc/old, line 1: profile "default": "volcengine_secret_access_key" is missing`,
		},
	})
}

func TestChainOfZenlayer(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		in(".zenlayer", "config.json"): `{"current_profile":"ops","profiles":{"ops":{"language":"en"}}}`,
		in(".zenlayer", "credentials.json"): `{"ops":{"access_key_id":"id-1","access_key_secret":"SECRETone1111"},` +
			`"bot":{"token":"TOKENone1111"},"half":{"access_key_id":"id-1"}}`,
	}
	runRows(t, map[string]row{
		"the current profile": {
			cloud:  Zenlayercloud,
			files:  files,
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "ops" of ~/.zenlayer/credentials.json`,
		},
		"a profile with a token": {
			cloud:  Zenlayercloud,
			files:  files,
			env:    env("ZENLAYER_PROFILE", "bot"),
			keys:   [3]string{"", "", "TOKENone1111"},
			source: `profile "bot" of ~/.zenlayer/credentials.json`,
		},
		"a profile that does not exist": {
			cloud:  Zenlayercloud,
			files:  files,
			config: Config{Profile: "prod"},
			want:   `~/.zenlayer/credentials.json has no profile "prod"; it has "ops", "bot", "half"`,
		},
		"half a profile": {
			cloud:  Zenlayercloud,
			files:  files,
			config: Config{Profile: "half"},
			want:   `~/.zenlayer/credentials.json, line 1: profile "half": a key without "token" needs "access_key_secret"`,
		},
		"a token beside a pair": {
			cloud: Zenlayercloud, config: Config{ID: "id-1", Secret: "SECRETone1111", Token: "TOKENone1111"},
			want: "`token` is set beside `access_key_id` or `access_key_password`. Set either the token or the pair",
		},
		"allowed accounts": {
			cloud:  Zenlayercloud,
			config: Config{ID: "id-1", Secret: "SECRETone1111", AllowedAccountIDs: []string{"1"}},
			want: "`access_key_id` in the provider's `zenlayercloud` block: Zenlayer has no call for the account of a " +
				"key: remove `allowed_account_ids`",
		},
		"nothing": {
			cloud: Zenlayercloud,
			want: "no credentials for Zenlayer were found. The places, in the order of their precedence:\n" +
				"- `access_key_id` with `access_key_password`, `token`, `profile`, `shared_credentials_file` in the provider's " +
				"`zenlayercloud` block: not set\n" +
				"- the environment variables ZENLAYERCLOUD_ACCESS_KEY_ID with ZENLAYERCLOUD_ACCESS_KEY_PASSWORD, " +
				"ZENLAYER_TOKEN, ZENLAYER_ACCESS_KEY_ID with ZENLAYER_ACCESS_KEY_SECRET: not set\n" +
				"- a profile that one of the environment variables ZENLAYER_PROFILE names: not set\n" +
				"- ~/.zenlayer/credentials.json: the file does not exist",
		},
	})
}
