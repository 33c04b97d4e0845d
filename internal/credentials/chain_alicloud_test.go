package credentials

import (
	"testing"
)

func TestChainOfAlibabaCloud(t *testing.T) {
	t.Parallel()
	const arn, oidc = "acs:ram::1234567890123456:role/ops", "acs:ram::1234567890123456:oidc-provider/hcp"
	profile := func(profiles string) map[string]string {
		return map[string]string{in(".aliyun", "config.json"): `{"current":"default","profiles":[` + profiles + `]}`}
	}
	const ak = `{"name":"default","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`
	keysInEnv := env(
		"ALIBABA_CLOUD_ACCESS_KEY_ID",
		"id-2",
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		"SECRETtwo2222",
		"ALIBABA_CLOUD_SECURITY_TOKEN",
		"TOKENtwo2222",
	)
	block := &WebIdentity{RoleARN: arn, Provider: oidc, Token: jwt}
	runRows(t, map[string]row{
		"keys of the configuration beat everything else": {
			cloud:  Alicloud,
			config: Config{ID: "id-1", Secret: "SECRETone1111", Token: "TOKENone1111"},
			env:    keysInEnv,
			files:  profile(ak),
			keys:   [3]string{"id-1", "SECRETone1111", "TOKENone1111"},
			source: "`access_key` in the provider's `alicloud` block",
		},
		"OIDC of the configuration beats keys of the environment": {
			cloud:  Alicloud,
			config: Config{WebIdentity: block},
			env:    keysInEnv,
			keys:   issuedKeys,
			source: "`assume_role_with_oidc` in the provider's `alicloud` block",
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"a profile of the configuration beats keys of the environment": {
			cloud: Alicloud, config: Config{Profile: "default"}, env: keysInEnv, files: profile(ak),
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"the role of the machine of the configuration beats keys of the environment": {
			cloud:    Alicloud,
			config:   Config{MachineRole: "web"},
			env:      keysInEnv,
			metadata: true,
			keys:     machineKeys,
			source:   "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block)",
		},
		"keys and OIDC in one configuration": {
			cloud:  Alicloud,
			config: Config{ID: "id-1", Secret: "SECRETone1111", WebIdentity: block},
			want: "the provider's `alicloud` block names more than one source of credentials: `access_key` and " +
				"`assume_role_with_oidc`. Leave one of them",
		},
		"a profile and the role of the machine in one configuration": {
			cloud:  Alicloud,
			config: Config{Profile: "ops", MachineRole: "web"},
			want: "the provider's `alicloud` block names more than one source of credentials: `profile` and " +
				"`ecs_role_name`. Leave one of them",
		},
		"keys of the environment beat OIDC of the environment": {
			cloud: Alicloud,
			env: merge(
				keysInEnv,
				env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc, "ALIBABA_CLOUD_OIDC_TOKEN", jwt),
			),
			keys: [3]string{
				"id-2",
				"SECRETtwo2222",
				"TOKENtwo2222",
			},
			source: "the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and " +
				"ALIBABA_CLOUD_SECURITY_TOKEN",
		},
		"OIDC of the environment beats a named profile": {
			cloud: Alicloud,
			env: env(
				"ALIBABA_CLOUD_ROLE_ARN",
				arn,
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
				oidc,
				"ALIBABA_CLOUD_OIDC_TOKEN_FILE",
				"/var/run/token",
				"ALICLOUD_PROFILE",
				"default",
			),
			files: merge(profile(ak), map[string]string{"/var/run/token": jwt + "\r\n"}),
			keys:  issuedKeys,
			source: "the environment variables ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and " +
				"ALIBABA_CLOUD_OIDC_TOKEN_FILE",
			calls: []string{"AssumeRoleWithOIDC"},
		},
		"OIDC of the environment with the token of HCP Terraform": {
			cloud: Alicloud,
			env: env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc,
				"TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			keys: issuedKeys,
			source: "the environment variables ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and " +
				"TFC_WORKLOAD_IDENTITY_TOKEN",
			calls: []string{"AssumeRoleWithOIDC"},
		},
		"half of OIDC in the environment": {
			cloud: Alicloud,
			env:   env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc),
			files: profile(ak),
			want: "half a web identity is in the environment: ALIBABA_CLOUD_OIDC_PROVIDER_ARN is set and " +
				"ALIBABA_CLOUD_ROLE_ARN and " +
				"ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN are not. Set all of " +
				"these variables, or none.",
		},
		"a token of HCP Terraform alone is not used": {
			cloud: Alicloud, env: env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt), files: profile(ak),
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"a profile that a variable names beats the role of the machine": {
			cloud:    Alicloud,
			env:      env("ALIBABACLOUD_PROFILE", "default", "ALICLOUD_ECS_ROLE_NAME", "web"),
			files:    profile(ak),
			metadata: true,
			keys:     [3]string{"id-1", "SECRETone1111", ""},
			source:   `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"the role of the machine that a variable names beats the files": {
			cloud:    Alicloud,
			env:      env("ALIBABA_CLOUD_ECS_METADATA", "web"),
			files:    profile(ak),
			metadata: true,
			keys:     machineKeys,
			source:   `the role "web" of the metadata service (the environment variable ALIBABA_CLOUD_ECS_METADATA)`,
		},
		"a role on top of keys": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn}}, env: keysInEnv,
			keys: issuedKeys, source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with " +
				"the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and " +
				"ALIBABA_CLOUD_SECURITY_TOKEN", calls: []string{"AssumeRole"},
		},
		"a role on top of OIDC": {
			cloud:  Alicloud,
			config: Config{WebIdentity: block, AssumeRole: &AssumeRole{RoleARN: arn}},
			keys:   [3]string{"temporary-id-2", "temporary-secret-2", "temporary-token-2"},
			source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with " +
				"`assume_role_with_oidc` in the provider's `alicloud` block",
			calls: []string{"AssumeRoleWithOIDC", "AssumeRole"},
		},
		"a role on top of the role of the machine": {
			cloud:    Alicloud,
			config:   Config{MachineRole: "web", AssumeRole: &AssumeRole{}},
			env:      env("ALICLOUD_ASSUME_ROLE_ARN", arn),
			metadata: true,
			keys:     issuedKeys,
			source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with " +
				"the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block)",
			calls: []string{"AssumeRole"},
		},
		"a role by variables needs a block": {
			cloud: Alicloud,
			env:   merge(keysInEnv, env("ALICLOUD_ASSUME_ROLE_ARN", arn)),
			keys: [3]string{
				"id-2",
				"SECRETtwo2222",
				"TOKENtwo2222",
			},
			source: "the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and " +
				"ALIBABA_CLOUD_SECURITY_TOKEN",
		},
		"a role without an ARN": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{}},
			env:    keysInEnv,
			want: "`role_arn` in `assume_role` of the provider's `alicloud` block is not set, and neither is the " +
				"environment variable ALICLOUD_ASSUME_ROLE_ARN or ALIBABA_CLOUD_ROLE_ARN",
		},
		"OIDC without an identity provider": {
			cloud:  Alicloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Token: jwt}},
			want: "`oidc_provider_arn` in `assume_role_with_oidc` of the provider's `alicloud` block is not set, and " +
				"neither is the environment variable ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
		},
		"OIDC without a token": {
			cloud:  Alicloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc}},
			want: "`assume_role_with_oidc` in the provider's `alicloud` block has no token: none of `oidc_token`, " +
				"`oidc_token_file` and `tfc_credential_tag_name` is set, " +
				"nor an environment variable ALIBABA_CLOUD_OIDC_TOKEN, ALIBABA_CLOUD_OIDC_TOKEN_FILE, " +
				"TFC_WORKLOAD_IDENTITY_TOKEN. In HCP Terraform, set TFC_WORKLOAD_IDENTITY_AUDIENCE in the workspace.",
		},
		"OIDC with two tokens": {
			cloud:  Alicloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc, Token: jwt, TFCTag: "PROD"}},
			want: "`assume_role_with_oidc` of the provider's `alicloud` block has more than one token: `oidc_token` and " +
				"`tfc_credential_tag_name`. Leave one of them",
		},
		"OIDC with a tag whose variable is not set": {
			cloud:  Alicloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc, TFCTag: "PROD"}},
			env:    env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			want: "`assume_role_with_oidc` in the provider's `alicloud` block: the environment variable " +
				"TFC_WORKLOAD_IDENTITY_TOKEN_PROD is not set. " +
				"HCP Terraform sets it in the runs of a workspace that has the environment variable " +
				"TFC_WORKLOAD_IDENTITY_AUDIENCE_PROD.",
		},
		"OIDC with the arguments of the environment": {
			cloud:  Alicloud,
			config: Config{WebIdentity: &WebIdentity{}},
			env: env(
				"ALIBABA_CLOUD_ROLE_ARN",
				arn,
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
				oidc,
				"ALIBABA_CLOUD_OIDC_TOKEN",
				jwt,
				"ALIBABA_CLOUD_ROLE_SESSION_NAME",
				"s-1",
			),
			keys:   issuedKeys,
			source: "`assume_role_with_oidc` in the provider's `alicloud` block",
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"a session name that no cloud takes": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: arn, SessionName: "a b"}},
			env:    keysInEnv,
			want: "`session_name` in `assume_role` of the provider's `alicloud` block must have 2 to 64 of the characters " +
				"A-Z a-z 0-9 . @ _ -",
		},
		"a session name of the environment that no cloud takes": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: arn}},
			env:    merge(keysInEnv, env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "a b")),
			want: "the environment variable ALIBABA_CLOUD_ROLE_SESSION_NAME must have 2 to 64 of the characters A-Z a-z " +
				"0-9 . @ _ -",
		},
		"a duration that is too short": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: arn, DurationSeconds: 60}},
			env:    keysInEnv,
			want: "`session_expiration` in `assume_role` of the provider's `alicloud` block must be between 900 and 43200 " +
				"seconds, and is 60",
		},
		"a duration of the environment that is no number": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: arn}},
			env:    merge(keysInEnv, env("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "1h")),
			want:   "the environment variable ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION is not a number of seconds",
		},
		"a policy that is not JSON": {
			cloud:  Alicloud,
			config: Config{AssumeRole: &AssumeRole{RoleARN: arn, Policy: "allow SECRETone1111"}},
			env:    keysInEnv,
			want:   "`policy` in `assume_role` of the provider's `alicloud` block is not a JSON object",
		},
		"a key with a line end": {
			cloud: Alicloud, env: env("ALICLOUD_ACCESS_KEY", "id-1", "ALICLOUD_SECRET_KEY", "SECRETone1111\n"),
			want: "ALICLOUD_SECRET_KEY contains a space, a line end or another character that no key has",
		},
		"a variable of the SDK that prints signed requests": {
			cloud: Alicloud, config: Config{WebIdentity: block}, env: env("DEBUG", "x,tea"),
			want: "`assume_role_with_oidc` in the provider's `alicloud` block: AssumeRoleWithOIDC for \"" + arn + "\" failed: " +
				"the environment variable DEBUG holds \"tea\", which makes the SDK print signed requests: unset it",
		},
		"nothing": {
			cloud: Alicloud,
			want: "no credentials for Alibaba Cloud were found. The places, in the order of their precedence:\n" +
				"- `access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, " +
				"`ecs_role_name` in the provider's `alicloud` block: not set\n" +
				"- the environment variables ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, ALIBABA_CLOUD_ACCESS_KEY_ID with " +
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABACLOUD_ACCESS_KEY_ID with ALIBABACLOUD_ACCESS_KEY_SECRET: not set\n" +
				"- the environment variables ALIBABA_CLOUD_ROLE_ARN with ALIBABA_CLOUD_OIDC_PROVIDER_ARN with " +
				"ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN: not set\n" +
				"- a profile that one of the environment variables ALICLOUD_PROFILE, ALIBABA_CLOUD_PROFILE, " +
				"ALIBABACLOUD_PROFILE, ALICLOUD_SHARED_CREDENTIALS_FILE, ALIBABA_CLOUD_CREDENTIALS_FILE, " +
				"ALIBABA_CLOUD_CONFIG_FILE names: not set\n" +
				"- the role of the machine, by the environment variables ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA: " +
				"not set\n" +
				"- ~/.aliyun/config.json: the file does not exist\n" +
				"- ~/.alibabacloud/credentials: the file does not exist",
		},
		"nothing, and no HOME": {
			cloud: Alicloud, noHome: true, env: env("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE"),
			want: "no credentials for Alibaba Cloud were found. The places, in the order of their precedence:\n" +
				"- `access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, " +
				"`ecs_role_name` in the provider's `alicloud` block: not set\n" +
				"- the environment variables ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, ALIBABA_CLOUD_ACCESS_KEY_ID with " +
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABACLOUD_ACCESS_KEY_ID with ALIBABACLOUD_ACCESS_KEY_SECRET: not set\n" +
				"- the environment variables ALIBABA_CLOUD_ROLE_ARN with ALIBABA_CLOUD_OIDC_PROVIDER_ARN with " +
				"ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN: not set\n" +
				"- profiles: switched off by the environment variable ALIBABA_CLOUD_IGNORE_PROFILE\n" +
				"- the role of the machine, by the environment variables ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA: " +
				"not set",
		},
		"OIDC without HOME": {
			cloud:  Alicloud,
			noHome: true,
			config: Config{WebIdentity: block},
			keys:   issuedKeys,
			source: "`assume_role_with_oidc` in the provider's `alicloud` block",
			calls:  []string{"AssumeRoleWithOIDC"},
		},
		"two files of a role": {
			cloud:  Tencentcloud,
			config: Config{WebIdentity: &WebIdentity{RoleARN: "a", RoleARNFile: "/r", Token: jwt}},
			want: "`assume_role_with_web_identity` of the provider's `tencentcloud` block has both `role_arn` and " +
				"`role_arn_file`. Leave one of them",
		},
		"a file of a role without HOME": {
			cloud:  Tencentcloud,
			noHome: true,
			config: Config{WebIdentity: &WebIdentity{RoleARNFile: "~/r", Token: jwt}},
			want: "`assume_role_with_web_identity` in the provider's `tencentcloud` block: the home directory is not " +
				"known, since HOME is not set",
		},
		"nothing but the default places, and no HOME": {
			cloud: Zenlayercloud, noHome: true,
			want: "no credentials for Zenlayer were found. The places, in the order of their precedence:\n" +
				"- `access_key_id` with `access_key_password`, `token`, `profile`, `shared_credentials_file` in the provider's " +
				"`zenlayercloud` block: not set\n" +
				"- the environment variables ZENLAYERCLOUD_ACCESS_KEY_ID with ZENLAYERCLOUD_ACCESS_KEY_PASSWORD, " +
				"ZENLAYER_TOKEN, ZENLAYER_ACCESS_KEY_ID with ZENLAYER_ACCESS_KEY_SECRET: not set\n" +
				"- a profile that one of the environment variables ZENLAYER_PROFILE names: not set\n" +
				"- the files in the home directory: HOME is not set",
		},
		"a profile without HOME": {
			cloud: Alicloud, noHome: true, config: Config{Profile: "ops"},
			want: "the file ~/.aliyun/config.json cannot be found: the home directory is not known, since HOME is not set. " +
				"Set HOME, or `shared_credentials_file` in the provider's `alicloud` block.",
		},
		"a file without HOME": {
			cloud:  Alicloud,
			noHome: true,
			config: Config{Profile: "default", File: "/etc/config.json"},
			files:  map[string]string{"/etc/config.json": `{"profiles":[` + ak + `]}`},
			keys:   [3]string{"id-1", "SECRETone1111", ""},
			source: `profile "default" of /etc/config.json (AK)`,
		},
		"a switch that forbids the metadata service": {
			cloud:    Alicloud,
			config:   Config{MachineRole: "web"},
			env:      env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
			metadata: true,
			want: "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block): the " +
				"environment variable ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids the metadata service",
		},
	})
}
