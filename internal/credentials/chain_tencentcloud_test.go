package credentials

import (
	"testing"
)

func TestChainOfTencentCloud(t *testing.T) {
	t.Parallel()
	const arn = "qcs::cam::uin/100000000001:roleName/ops"
	keysInEnv := env(
		"TENCENTCLOUD_SECRET_ID",
		"id-2",
		"TENCENTCLOUD_SECRET_KEY",
		"SECRETtwo2222",
		"TENCENTCLOUD_TOKEN",
		"TOKENtwo2222",
	)
	const keysSource = "the environment variables TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and TENCENTCLOUD_TOKEN"
	runRows(t, map[string]row{
		"keys of the environment": {
			cloud: Tencentcloud, env: keysInEnv, keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: keysSource,
		},
		"a role of the environment on top, without a block": {
			cloud:  Tencentcloud,
			env:    merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn, "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "s-1")),
			keys:   issuedKeys,
			source: "the role \"" + arn + "\" (the environment variable TENCENTCLOUD_ASSUME_ROLE_ARN) with " + keysSource,
			calls:  []string{"AssumeRole"},
		},
		"a role of the environment without the name of a session": {
			cloud: Tencentcloud, env: merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn)),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: keysSource,
		},
		"the role of the block beats that of the environment": {
			cloud:  Tencentcloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: "qcs::cam::uin/1:roleName/block"}},
			env:    merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn, "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "s-1")),
			keys:   issuedKeys,
			source: "the role \"qcs::cam::uin/1:roleName/block\" (`assume_role` in the provider's `tencentcloud` block) " +
				"with " + keysSource,
			calls: []string{"AssumeRole"},
		},
		"web identity of the environment is exchanged once": {
			cloud: Tencentcloud,
			env: env(
				"TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN",
				jwt,
				"TENCENTCLOUD_ASSUME_ROLE_ARN",
				arn,
				"TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME",
				"s-1",
			),
			keys:   issuedKeys,
			source: "the environment variables TENCENTCLOUD_ASSUME_ROLE_ARN and TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN",
			calls:  []string{"AssumeRoleWithWebIdentity"},
		},
		"web identity of a pod": {
			cloud: Tencentcloud,
			env: env(
				"TKE_REGION",
				"ap-tokyo",
				"TKE_PROVIDER_ID",
				"cls-1",
				"TKE_WEB_IDENTITY_TOKEN_FILE",
				"/var/run/token",
				"TKE_ROLE_ARN",
				arn,
			),
			files:  map[string]string{"/var/run/token": jwt},
			keys:   issuedKeys,
			source: "the environment variables TKE_PROVIDER_ID, TKE_ROLE_ARN and TKE_WEB_IDENTITY_TOKEN_FILE",
			calls:  []string{"AssumeRoleWithWebIdentity"},
		},
		"half a web identity of a pod": {
			cloud: Tencentcloud,
			env:   env("TKE_PROVIDER_ID", "cls-1", "TKE_ROLE_ARN", arn),
			want: "half a web identity is in the environment: TKE_PROVIDER_ID and TKE_ROLE_ARN are set and " +
				"TKE_WEB_IDENTITY_TOKEN_FILE is not. Set all of these variables, or none.",
		},
		"the variable object of HCP Terraform": {
			cloud:  Tencentcloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: "app.terraform.io", TokenFile: "/tmp/run/token"}},
			env:    keysInEnv,
			files:  map[string]string{"/tmp/run/token": jwt},
			keys:   issuedKeys,
			source: "`assume_role_with_web_identity` in the provider's `tencentcloud` block",
			calls:  []string{"AssumeRoleWithWebIdentity"},
		},
		"the files of the cloud's own provider": {
			cloud:  Tencentcloud,
			config: Config{WebIdentity: &WebIdentity{RoleARNFile: "~/role.json", TokenFile: "~/token.json"}},
			files: map[string]string{
				in("role.json"):  `{"role_arn": "` + arn + `"}`,
				in("token.json"): "\ufeff{\r\n\"web_identity_token\": \"" + jwt + "\"}\r\n",
			},
			keys:   issuedKeys,
			source: "`assume_role_with_web_identity` in the provider's `tencentcloud` block",
			calls:  []string{"AssumeRoleWithWebIdentity"},
		},
		"a file of tccli": {
			cloud: Tencentcloud, env: env("TCCLI_PROFILE", "ops", "TENCENTCLOUD_SHARED_CREDENTIALS_DIR", "/etc/tc"),
			files: map[string]string{"/etc/tc/ops.credential": `{"secretId":"id-1","secretKey":"SECRETone1111","token":null}`},
			keys:  [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of /etc/tc/ops.credential`,
		},
		"a file of tccli with a role": {
			cloud:  Tencentcloud,
			config: Config{Profile: "ops"},
			files: map[string]string{
				in(".tccli", "ops.credential"): `{"secretId":"id-1","secretKey":"SECRETone1111","role-arn":"` + arn + `",` +
					`"role-session-name":"s-1"}`,
			},
			keys:   issuedKeys,
			source: `profile "ops" of ~/.tccli/ops.credential (role-arn)`,
			calls:  []string{"AssumeRole"},
		},
		"a file of tccli with the role of the machine": {
			cloud: Tencentcloud, config: Config{Profile: "ops"}, metadata: true,
			files: map[string]string{in(".tccli", "ops.credential"): `{"type":"cvm-role"}`},
			keys:  machineKeys, source: `the metadata service (profile "ops" of ~/.tccli/ops.credential (cvm-role))`,
		},
		"a file of tccli after a login": {
			cloud:  Tencentcloud,
			config: Config{Profile: "ops"},
			files: map[string]string{
				in(".tccli", "ops.credential"): `{"type":"oauth","secretId":"id-1","secretKey":"SECRETone1111",` +
					`"token":"TOKENone1111","expiresAt":4102444800,"oauth":{"x":1}}`,
			},
			keys: [3]string{
				"id-1",
				"SECRETone1111",
				"TOKENone1111",
			},
			source: `profile "ops" of ~/.tccli/ops.credential (oauth)`,
		},
		"a file of tccli long after a login": {
			cloud:  Tencentcloud,
			config: Config{Profile: "ops"},
			files: map[string]string{
				in(".tccli", "ops.credential"): `{"type":"sso","secretId":"id-1","secretKey":"SECRETone1111",` +
					`"token":"TOKENone1111","expiresAt":1700000000}`,
			},
			want: "profile \"ops\" of ~/.tccli/ops.credential (sso): the keys of the profile ended at 2023-11-14T22:13:20Z, " +
				"and new ones need a browser. Run `tccli sso login --profile ops` and try again.",
		},
		"a file of tccli with half a set": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): "{\n\"secretId\":\"id-1\"}"},
			want:  `~/.tccli/ops.credential, line 1: profile "ops": a profile without a type needs "secretKey"`,
		},
		"a file of tccli of a type that is not known": {
			cloud:  Tencentcloud,
			config: Config{Profile: "ops"},
			files: map[string]string{
				in(".tccli", "ops.credential"): `{"type":"magic","secretId":"id-1","secretKey":"SECRETone1111"}`,
			},
			want: `~/.tccli/ops.credential, line 1: profile "ops": the mode "magic" is not supported: the provider does not ` +
				`know it. Use another profile.`,
		},
		"a profile that is a path": {
			cloud: Tencentcloud, config: Config{Profile: "../ops"}, want: `the profile "../ops" is not the name of a file`,
		},
		"a profile that does not exist": {
			cloud: Tencentcloud, config: Config{Profile: "ops"}, want: `~/.tccli/ops.credential: the file does not exist`,
		},
		"a file that may not be read": {
			cloud:  Tencentcloud,
			config: Config{Profile: "ops"},
			files:  map[string]string{in(".tccli", "ops.credential"): "!denied"},
			want:   `~/.tccli/ops.credential: permission denied`,
		},
		"the file of the SDKs": {
			cloud: Tencentcloud,
			files: map[string]string{
				in(".tencentcloud", "credentials"): "\ufeff[default]\r\nsecret_id = id-1\r\nsecret_key = SECRETone1111 ; note\r\n",
			},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "default" of ~/.tencentcloud/credentials`,
		},
		"the file of the SDKs without a section": {
			cloud: Tencentcloud,
			env:   env("TENCENTCLOUD_CREDENTIALS_FILE", "/etc/tc.ini"),
			files: map[string]string{"/etc/tc.ini": "secret_id = SECRETone1111"},
			want:  `/etc/tc.ini, line 1: a key stands before the first section`,
		},
		"nothing": {
			cloud: Tencentcloud,
			want: "no credentials for Tencent Cloud were found. The places, in the order of their precedence:\n" +
				"- `secret_id` with `secret_key`, `assume_role_with_web_identity`, `profile`, `shared_credentials_dir`, " +
				"`cam_role_name` in the provider's `tencentcloud` block: not set\n" +
				"- the environment variables TENCENTCLOUD_SECRET_ID with TENCENTCLOUD_SECRET_KEY: not set\n" +
				"- the environment variables TENCENTCLOUD_ASSUME_ROLE_ARN with TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN, " +
				"TKE_ROLE_ARN with TKE_PROVIDER_ID with TKE_WEB_IDENTITY_TOKEN_FILE: not set\n" +
				"- a profile that one of the environment variables TENCENTCLOUD_PROFILE, TCCLI_PROFILE, " +
				"TENCENTCLOUD_SHARED_CREDENTIALS_DIR names: not set\n" +
				"- the role of the machine, by the environment variables TENCENTCLOUD_CAM_ROLE_NAME: not set\n" +
				"- ~/.tccli/default.credential: the file does not exist\n" +
				"- ~/.tencentcloud/credentials: the file does not exist",
		},
	})
}
