package credentials

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row is one row of a chain: what is set, and the keys or the whole text of the
// error.
type row struct {
	cloud  *Cloud
	config Config
	env    map[string]string
	files  map[string]string
	noHome bool
	// metadata is set where the machine has a role.
	metadata bool

	keys   [3]string // id, secret, token; "*" is one of the token service
	source string
	want   string // the error
	calls  []string
}

// issuedKeys are the keys of the first call to the token service.
var issuedKeys = [3]string{"temporary-id-1", "temporary-secret-1", "temporary-token-1"}

// machineKeys are those of the metadata service for tests.
var machineKeys = [3]string{"machine-id", "SECRETthree3333", "TOKENthree3333"}

func runRows(t *testing.T, rows map[string]row) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &computer{env: r.env, files: r.files, home: "/home/u", now: time.Now}
			if r.noHome {
				c.home = ""
			}
			if r.cloud.sts != nil {
				c.sts = &service{
					cloud: r.cloud, now: time.Now,
					callers:  env("id-1", "SECRETone1111", "id-2", "SECRETtwo2222", machineKeys[0], machineKeys[1]),
					sessions: env("id-2", "TOKENtwo2222", machineKeys[0], machineKeys[2]),
				}
				if r.metadata {
					c.metadata = &machineRole{cloud: r.cloud, now: time.Now, role: "web"}
				}
			}
			set, err := New(r.cloud, r.config, c.system()).Keys(t.Context())
			if r.want != "" {
				wantText(t, err, r.want)
			} else {
				wantKeys(t, set, err, r.keys[0], r.keys[1], r.keys[2], r.source)
			}
			var actions []string
			if sts, ok := c.sts.(*service); ok {
				actions = sts.actions()
			}
			if diff := cmp.Diff(r.calls, actions); diff != "" {
				t.Errorf("calls to the token service (-want +got):\n%s", diff)
			}
			noSecret(t, strings.Join(c.logged, "\n"))
		})
	}
}

// jwt is a token that is good for tests in real time.
var jwt = runToken(time.Now().Add(time.Hour))

func TestChainOfAlibabaCloud(t *testing.T) {
	t.Parallel()
	const arn, oidc = "acs:ram::1234567890123456:role/ops", "acs:ram::1234567890123456:oidc-provider/hcp"
	profile := func(profiles string) map[string]string {
		return map[string]string{in(".aliyun", "config.json"): `{"current":"default","profiles":[` + profiles + `]}`}
	}
	const ak = `{"name":"default","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`
	keysInEnv := env("ALIBABA_CLOUD_ACCESS_KEY_ID", "id-2", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SECRETtwo2222", "ALIBABA_CLOUD_SECURITY_TOKEN", "TOKENtwo2222")
	block := &WebIdentity{RoleARN: arn, Provider: oidc, Token: jwt}
	runRows(t, map[string]row{
		"keys of the configuration beat everything else": {
			cloud: Alicloud, config: Config{ID: "id-1", Secret: "SECRETone1111", Token: "TOKENone1111"}, env: keysInEnv, files: profile(ak),
			keys: [3]string{"id-1", "SECRETone1111", "TOKENone1111"}, source: "`access_key` in the provider's `alicloud` block",
		},
		"OIDC of the configuration beats keys of the environment": {
			cloud: Alicloud, config: Config{WebIdentity: block}, env: keysInEnv,
			keys: issuedKeys, source: "`assume_role_with_oidc` in the provider's `alicloud` block", calls: []string{"AssumeRoleWithOIDC"},
		},
		"a profile of the configuration beats keys of the environment": {
			cloud: Alicloud, config: Config{Profile: "default"}, env: keysInEnv, files: profile(ak),
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"the role of the machine of the configuration beats keys of the environment": {
			cloud: Alicloud, config: Config{MachineRole: "web"}, env: keysInEnv, metadata: true,
			keys: machineKeys, source: "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block)",
		},
		"keys and OIDC in one configuration": {
			cloud: Alicloud, config: Config{ID: "id-1", Secret: "SECRETone1111", WebIdentity: block},
			want: "the provider's `alicloud` block names more than one source of credentials: `access_key` and `assume_role_with_oidc`. Leave one of them",
		},
		"a profile and the role of the machine in one configuration": {
			cloud: Alicloud, config: Config{Profile: "ops", MachineRole: "web"},
			want: "the provider's `alicloud` block names more than one source of credentials: `profile` and `ecs_role_name`. Leave one of them",
		},
		"keys of the environment beat OIDC of the environment": {
			cloud: Alicloud, env: merge(keysInEnv, env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc, "ALIBABA_CLOUD_OIDC_TOKEN", jwt)),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN",
		},
		"OIDC of the environment beats a named profile": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc, "ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/var/run/token", "ALICLOUD_PROFILE", "default"),
			files: merge(profile(ak), map[string]string{"/var/run/token": jwt + "\r\n"}),
			keys:  issuedKeys, source: "the environment variables ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE",
			calls: []string{"AssumeRoleWithOIDC"},
		},
		"OIDC of the environment with the token of HCP Terraform": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc, "TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			keys: issuedKeys, source: "the environment variables ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and TFC_WORKLOAD_IDENTITY_TOKEN",
			calls: []string{"AssumeRoleWithOIDC"},
		},
		"half of OIDC in the environment": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc), files: profile(ak),
			want: "half a web identity is in the environment: ALIBABA_CLOUD_OIDC_PROVIDER_ARN is set and ALIBABA_CLOUD_ROLE_ARN and " +
				"ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN are not. Set all of these variables, or none.",
		},
		"a token of HCP Terraform alone is not used": {
			cloud: Alicloud, env: env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt), files: profile(ak),
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"a profile that a variable names beats the role of the machine": {
			cloud: Alicloud, env: env("ALIBABACLOUD_PROFILE", "default", "ALICLOUD_ECS_ROLE_NAME", "web"), files: profile(ak), metadata: true,
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.aliyun/config.json (AK)`,
		},
		"the role of the machine that a variable names beats the files": {
			cloud: Alicloud, env: env("ALIBABA_CLOUD_ECS_METADATA", "web"), files: profile(ak), metadata: true,
			keys: machineKeys, source: `the role "web" of the metadata service (the environment variable ALIBABA_CLOUD_ECS_METADATA)`,
		},
		"a role on top of keys": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn}}, env: keysInEnv,
			keys: issuedKeys, source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with " +
				"the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN", calls: []string{"AssumeRole"},
		},
		"a role on top of OIDC": {
			cloud: Alicloud, config: Config{WebIdentity: block, AssumeRole: &AssumeRole{RoleARN: arn}},
			keys:   [3]string{"temporary-id-2", "temporary-secret-2", "temporary-token-2"},
			source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with `assume_role_with_oidc` in the provider's `alicloud` block",
			calls:  []string{"AssumeRoleWithOIDC", "AssumeRole"},
		},
		"a role on top of the role of the machine": {
			cloud: Alicloud, config: Config{MachineRole: "web", AssumeRole: &AssumeRole{}}, env: env("ALICLOUD_ASSUME_ROLE_ARN", arn), metadata: true,
			keys: issuedKeys, source: "the role \"" + arn + "\" (`assume_role` in the provider's `alicloud` block) with " +
				"the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block)", calls: []string{"AssumeRole"},
		},
		"a role by variables needs a block": {
			cloud: Alicloud, env: merge(keysInEnv, env("ALICLOUD_ASSUME_ROLE_ARN", arn)),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN",
		},
		"a role without an ARN": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{}}, env: keysInEnv,
			want: "`role_arn` in `assume_role` of the provider's `alicloud` block is not set, and neither is the environment variable ALICLOUD_ASSUME_ROLE_ARN or ALIBABA_CLOUD_ROLE_ARN",
		},
		"OIDC without an identity provider": {
			cloud: Alicloud, config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Token: jwt}},
			want: "`oidc_provider_arn` in `assume_role_with_oidc` of the provider's `alicloud` block is not set, and neither is the environment variable ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
		},
		"OIDC without a token": {
			cloud: Alicloud, config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc}},
			want: "`assume_role_with_oidc` in the provider's `alicloud` block has no token: none of `oidc_token`, `oidc_token_file` and `tfc_credential_tag_name` is set, " +
				"nor an environment variable ALIBABA_CLOUD_OIDC_TOKEN, ALIBABA_CLOUD_OIDC_TOKEN_FILE, TFC_WORKLOAD_IDENTITY_TOKEN. In HCP Terraform, set TFC_WORKLOAD_IDENTITY_AUDIENCE in the workspace.",
		},
		"OIDC with two tokens": {
			cloud: Alicloud, config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc, Token: jwt, TFCTag: "PROD"}},
			want: "`assume_role_with_oidc` of the provider's `alicloud` block has more than one token: `oidc_token` and `tfc_credential_tag_name`. Leave one of them",
		},
		"OIDC with a tag whose variable is not set": {
			cloud: Alicloud, config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: oidc, TFCTag: "PROD"}}, env: env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			want: "`assume_role_with_oidc` in the provider's `alicloud` block: the environment variable TFC_WORKLOAD_IDENTITY_TOKEN_PROD is not set. " +
				"HCP Terraform sets it in the runs of a workspace that has the environment variable TFC_WORKLOAD_IDENTITY_AUDIENCE_PROD.",
		},
		"OIDC with the arguments of the environment": {
			cloud: Alicloud, config: Config{WebIdentity: &WebIdentity{}},
			env:  env("ALIBABA_CLOUD_ROLE_ARN", arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", oidc, "ALIBABA_CLOUD_OIDC_TOKEN", jwt, "ALIBABA_CLOUD_ROLE_SESSION_NAME", "s-1"),
			keys: issuedKeys, source: "`assume_role_with_oidc` in the provider's `alicloud` block", calls: []string{"AssumeRoleWithOIDC"},
		},
		"a session name that no cloud takes": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn, SessionName: "a b"}}, env: keysInEnv,
			want: "`session_name` in `assume_role` of the provider's `alicloud` block must have 2 to 64 of the characters A-Z a-z 0-9 . @ _ -",
		},
		"a session name of the environment that no cloud takes": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn}}, env: merge(keysInEnv, env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "a b")),
			want: "the environment variable ALIBABA_CLOUD_ROLE_SESSION_NAME must have 2 to 64 of the characters A-Z a-z 0-9 . @ _ -",
		},
		"a duration that is too short": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn, DurationSeconds: 60}}, env: keysInEnv,
			want: "`session_expiration` in `assume_role` of the provider's `alicloud` block must be between 900 and 43200 seconds, and is 60",
		},
		"a duration of the environment that is no number": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn}}, env: merge(keysInEnv, env("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "1h")),
			want: "the environment variable ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION is not a number of seconds",
		},
		"a policy that is not JSON": {
			cloud: Alicloud, config: Config{AssumeRole: &AssumeRole{RoleARN: arn, Policy: "allow SECRETone1111"}}, env: keysInEnv,
			want: "`policy` in `assume_role` of the provider's `alicloud` block is not a JSON object",
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
				"- `access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, `ecs_role_name` in the provider's `alicloud` block: not set\n" +
				"- the environment variables ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, ALIBABA_CLOUD_ACCESS_KEY_ID with ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABACLOUD_ACCESS_KEY_ID with ALIBABACLOUD_ACCESS_KEY_SECRET: not set\n" +
				"- the environment variables ALIBABA_CLOUD_ROLE_ARN with ALIBABA_CLOUD_OIDC_PROVIDER_ARN with ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN: not set\n" +
				"- a profile that one of the environment variables ALICLOUD_PROFILE, ALIBABA_CLOUD_PROFILE, ALIBABACLOUD_PROFILE, ALICLOUD_SHARED_CREDENTIALS_FILE, ALIBABA_CLOUD_CREDENTIALS_FILE, ALIBABA_CLOUD_CONFIG_FILE names: not set\n" +
				"- the role of the machine, by the environment variables ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA: not set\n" +
				"- ~/.aliyun/config.json: the file does not exist\n" +
				"- ~/.alibabacloud/credentials: the file does not exist",
		},
		"nothing, and no HOME": {
			cloud: Alicloud, noHome: true, env: env("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE"),
			want: "no credentials for Alibaba Cloud were found. The places, in the order of their precedence:\n" +
				"- `access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, `ecs_role_name` in the provider's `alicloud` block: not set\n" +
				"- the environment variables ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, ALIBABA_CLOUD_ACCESS_KEY_ID with ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABACLOUD_ACCESS_KEY_ID with ALIBABACLOUD_ACCESS_KEY_SECRET: not set\n" +
				"- the environment variables ALIBABA_CLOUD_ROLE_ARN with ALIBABA_CLOUD_OIDC_PROVIDER_ARN with ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN: not set\n" +
				"- profiles: switched off by the environment variable ALIBABA_CLOUD_IGNORE_PROFILE\n" +
				"- the role of the machine, by the environment variables ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA: not set",
		},
		"OIDC without HOME": {
			cloud: Alicloud, noHome: true, config: Config{WebIdentity: block},
			keys: issuedKeys, source: "`assume_role_with_oidc` in the provider's `alicloud` block", calls: []string{"AssumeRoleWithOIDC"},
		},
		"two files of a role": {
			cloud: Tencentcloud, config: Config{WebIdentity: &WebIdentity{RoleARN: "a", RoleARNFile: "/r", Token: jwt}},
			want: "`assume_role_with_web_identity` of the provider's `tencentcloud` block has both `role_arn` and `role_arn_file`. Leave one of them",
		},
		"a file of a role without HOME": {
			cloud: Tencentcloud, noHome: true, config: Config{WebIdentity: &WebIdentity{RoleARNFile: "~/r", Token: jwt}},
			want: "`assume_role_with_web_identity` in the provider's `tencentcloud` block: the home directory is not known, since HOME is not set",
		},
		"nothing but the default places, and no HOME": {
			cloud: Zenlayercloud, noHome: true,
			want: "no credentials for Zenlayer were found. The places, in the order of their precedence:\n" +
				"- `access_key_id` with `access_key_password`, `token`, `profile`, `shared_credentials_file` in the provider's `zenlayercloud` block: not set\n" +
				"- the environment variables ZENLAYERCLOUD_ACCESS_KEY_ID with ZENLAYERCLOUD_ACCESS_KEY_PASSWORD, ZENLAYER_TOKEN, ZENLAYER_ACCESS_KEY_ID with ZENLAYER_ACCESS_KEY_SECRET: not set\n" +
				"- a profile that one of the environment variables ZENLAYER_PROFILE names: not set\n" +
				"- the files in the home directory: HOME is not set",
		},
		"a profile without HOME": {
			cloud: Alicloud, noHome: true, config: Config{Profile: "ops"},
			want: "the file ~/.aliyun/config.json cannot be found: the home directory is not known, since HOME is not set. " +
				"Set HOME, or `shared_credentials_file` in the provider's `alicloud` block.",
		},
		"a file without HOME": {
			cloud: Alicloud, noHome: true, config: Config{Profile: "default", File: "/etc/config.json"}, files: map[string]string{"/etc/config.json": `{"profiles":[` + ak + `]}`},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of /etc/config.json (AK)`,
		},
		"a switch that forbids the metadata service": {
			cloud: Alicloud, config: Config{MachineRole: "web"}, env: env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"), metadata: true,
			want: "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block): the environment variable ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids the metadata service",
		},
	})
}

func TestChainOfTencentCloud(t *testing.T) {
	t.Parallel()
	const arn = "qcs::cam::uin/100000000001:roleName/ops"
	keysInEnv := env("TENCENTCLOUD_SECRET_ID", "id-2", "TENCENTCLOUD_SECRET_KEY", "SECRETtwo2222", "TENCENTCLOUD_TOKEN", "TOKENtwo2222")
	const keysSource = "the environment variables TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and TENCENTCLOUD_TOKEN"
	runRows(t, map[string]row{
		"keys of the environment": {
			cloud: Tencentcloud, env: keysInEnv, keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: keysSource,
		},
		"a role of the environment on top, without a block": {
			cloud: Tencentcloud, env: merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn, "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "s-1")),
			keys: issuedKeys, source: "the role \"" + arn + "\" (the environment variable TENCENTCLOUD_ASSUME_ROLE_ARN) with " + keysSource, calls: []string{"AssumeRole"},
		},
		"a role of the environment without the name of a session": {
			cloud: Tencentcloud, env: merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn)),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: keysSource,
		},
		"the role of the block beats that of the environment": {
			cloud: Tencentcloud, config: Config{AssumeRole: &AssumeRole{RoleARN: "qcs::cam::uin/1:roleName/block"}},
			env:  merge(keysInEnv, env("TENCENTCLOUD_ASSUME_ROLE_ARN", arn, "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "s-1")),
			keys: issuedKeys, source: "the role \"qcs::cam::uin/1:roleName/block\" (`assume_role` in the provider's `tencentcloud` block) with " + keysSource, calls: []string{"AssumeRole"},
		},
		"web identity of the environment is exchanged once": {
			cloud: Tencentcloud, env: env("TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN", jwt, "TENCENTCLOUD_ASSUME_ROLE_ARN", arn, "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "s-1"),
			keys: issuedKeys, source: "the environment variables TENCENTCLOUD_ASSUME_ROLE_ARN and TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN", calls: []string{"AssumeRoleWithWebIdentity"},
		},
		"web identity of a pod": {
			cloud: Tencentcloud, env: env("TKE_REGION", "ap-tokyo", "TKE_PROVIDER_ID", "cls-1", "TKE_WEB_IDENTITY_TOKEN_FILE", "/var/run/token", "TKE_ROLE_ARN", arn),
			files: map[string]string{"/var/run/token": jwt},
			keys:  issuedKeys, source: "the environment variables TKE_PROVIDER_ID, TKE_ROLE_ARN and TKE_WEB_IDENTITY_TOKEN_FILE", calls: []string{"AssumeRoleWithWebIdentity"},
		},
		"half a web identity of a pod": {
			cloud: Tencentcloud, env: env("TKE_PROVIDER_ID", "cls-1", "TKE_ROLE_ARN", arn),
			want: "half a web identity is in the environment: TKE_PROVIDER_ID and TKE_ROLE_ARN are set and TKE_WEB_IDENTITY_TOKEN_FILE is not. Set all of these variables, or none.",
		},
		"the variable object of HCP Terraform": {
			cloud: Tencentcloud, config: Config{WebIdentity: &WebIdentity{RoleARN: arn, Provider: "app.terraform.io", TokenFile: "/tmp/run/token"}}, env: keysInEnv,
			files: map[string]string{"/tmp/run/token": jwt},
			keys:  issuedKeys, source: "`assume_role_with_web_identity` in the provider's `tencentcloud` block", calls: []string{"AssumeRoleWithWebIdentity"},
		},
		"the files of the cloud's own provider": {
			cloud: Tencentcloud, config: Config{WebIdentity: &WebIdentity{RoleARNFile: "~/role.json", TokenFile: "~/token.json"}},
			files: map[string]string{in("role.json"): `{"role_arn": "` + arn + `"}`, in("token.json"): "\ufeff{\r\n\"web_identity_token\": \"" + jwt + "\"}\r\n"},
			keys:  issuedKeys, source: "`assume_role_with_web_identity` in the provider's `tencentcloud` block", calls: []string{"AssumeRoleWithWebIdentity"},
		},
		"a file of tccli": {
			cloud: Tencentcloud, env: env("TCCLI_PROFILE", "ops", "TENCENTCLOUD_SHARED_CREDENTIALS_DIR", "/etc/tc"),
			files: map[string]string{"/etc/tc/ops.credential": `{"secretId":"id-1","secretKey":"SECRETone1111","token":null}`},
			keys:  [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of /etc/tc/ops.credential`,
		},
		"a file of tccli with a role": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): `{"secretId":"id-1","secretKey":"SECRETone1111","role-arn":"` + arn + `","role-session-name":"s-1"}`},
			keys:  issuedKeys, source: `profile "ops" of ~/.tccli/ops.credential (role-arn)`, calls: []string{"AssumeRole"},
		},
		"a file of tccli with the role of the machine": {
			cloud: Tencentcloud, config: Config{Profile: "ops"}, metadata: true,
			files: map[string]string{in(".tccli", "ops.credential"): `{"type":"cvm-role"}`},
			keys:  machineKeys, source: `the metadata service (profile "ops" of ~/.tccli/ops.credential (cvm-role))`,
		},
		"a file of tccli after a login": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): `{"type":"oauth","secretId":"id-1","secretKey":"SECRETone1111","token":"TOKENone1111","expiresAt":4102444800,"oauth":{"x":1}}`},
			keys:  [3]string{"id-1", "SECRETone1111", "TOKENone1111"}, source: `profile "ops" of ~/.tccli/ops.credential (oauth)`,
		},
		"a file of tccli long after a login": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): `{"type":"sso","secretId":"id-1","secretKey":"SECRETone1111","token":"TOKENone1111","expiresAt":1700000000}`},
			want:  "profile \"ops\" of ~/.tccli/ops.credential (sso): the keys of the profile ended at 2023-11-14T22:13:20Z, and new ones need a browser. Run `tccli sso login --profile ops` and try again.",
		},
		"a file of tccli with half a set": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): "{\n\"secretId\":\"id-1\"}"},
			want:  `~/.tccli/ops.credential, line 1: profile "ops": a profile without a type needs "secretKey"`,
		},
		"a file of tccli of a type that is not known": {
			cloud: Tencentcloud, config: Config{Profile: "ops"},
			files: map[string]string{in(".tccli", "ops.credential"): `{"type":"magic","secretId":"id-1","secretKey":"SECRETone1111"}`},
			want:  `~/.tccli/ops.credential, line 1: profile "ops": the mode "magic" is not supported: the provider does not know it. Use another profile.`,
		},
		"a profile that is a path": {
			cloud: Tencentcloud, config: Config{Profile: "../ops"}, want: `the profile "../ops" is not the name of a file`,
		},
		"a profile that does not exist": {
			cloud: Tencentcloud, config: Config{Profile: "ops"}, want: `~/.tccli/ops.credential: the file does not exist`,
		},
		"a file that may not be read": {
			cloud: Tencentcloud, config: Config{Profile: "ops"}, files: map[string]string{in(".tccli", "ops.credential"): "!denied"},
			want: `~/.tccli/ops.credential: permission denied`,
		},
		"the file of the SDKs": {
			cloud: Tencentcloud, files: map[string]string{in(".tencentcloud", "credentials"): "\ufeff[default]\r\nsecret_id = id-1\r\nsecret_key = SECRETone1111 ; note\r\n"},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.tencentcloud/credentials`,
		},
		"the file of the SDKs without a section": {
			cloud: Tencentcloud, env: env("TENCENTCLOUD_CREDENTIALS_FILE", "/etc/tc.ini"), files: map[string]string{"/etc/tc.ini": "secret_id = SECRETone1111"},
			want: `/etc/tc.ini, line 1: a key stands before the first section`,
		},
		"nothing": {
			cloud: Tencentcloud,
			want: "no credentials for Tencent Cloud were found. The places, in the order of their precedence:\n" +
				"- `secret_id` with `secret_key`, `assume_role_with_web_identity`, `profile`, `shared_credentials_dir`, `cam_role_name` in the provider's `tencentcloud` block: not set\n" +
				"- the environment variables TENCENTCLOUD_SECRET_ID with TENCENTCLOUD_SECRET_KEY: not set\n" +
				"- the environment variables TENCENTCLOUD_ASSUME_ROLE_ARN with TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN, TKE_ROLE_ARN with TKE_PROVIDER_ID with TKE_WEB_IDENTITY_TOKEN_FILE: not set\n" +
				"- a profile that one of the environment variables TENCENTCLOUD_PROFILE, TCCLI_PROFILE, TENCENTCLOUD_SHARED_CREDENTIALS_DIR names: not set\n" +
				"- the role of the machine, by the environment variables TENCENTCLOUD_CAM_ROLE_NAME: not set\n" +
				"- ~/.tccli/default.credential: the file does not exist\n" +
				"- ~/.tencentcloud/credentials: the file does not exist",
		},
	})
}

func TestChainOfVolcengine(t *testing.T) {
	t.Parallel()
	const arn = "trn:iam::2100000001:role/ops"
	config := func(profiles string) map[string]string {
		return map[string]string{in(".volcengine", "config.json"): `{"current":"ops","profiles":{` + profiles + `}}`}
	}
	runRows(t, map[string]row{
		"web identity of the environment": {
			cloud: Volcengine, env: env("VOLCENGINE_OIDC_ROLE_TRN", arn, "VOLCENGINE_OIDC_TOKEN_FILE", "/var/run/token", "VOLCENGINE_OIDC_STS_ENDPOINT", "sts.cn-shanghai.volcengineapi.com"),
			files: map[string]string{"/var/run/token": jwt},
			keys:  issuedKeys, source: "the environment variables VOLCENGINE_OIDC_ROLE_TRN and VOLCENGINE_OIDC_TOKEN_FILE", calls: []string{"AssumeRoleWithOIDC"},
		},
		"web identity of the environment over plain http": {
			cloud: Volcengine, env: env("VOLCENGINE_OIDC_ROLE_TRN", arn, "VOLCENGINE_OIDC_TOKEN_FILE", "/var/run/token", "VOLCENGINE_OIDC_STS_ENDPOINT", "http://sts.volcengineapi.com"),
			files: map[string]string{"/var/run/token": jwt},
			want:  "the environment variables VOLCENGINE_OIDC_ROLE_TRN and VOLCENGINE_OIDC_TOKEN_FILE: VOLCENGINE_OIDC_STS_ENDPOINT is plain http, and its host is not a loopback address: use https",
		},
		"web identity with the token of HCP Terraform": {
			cloud: Volcengine, config: Config{WebIdentity: &WebIdentity{RoleARN: arn}}, env: env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt),
			keys: issuedKeys, source: "`assume_role_with_oidc` in the provider's `volcengine` block", calls: []string{"AssumeRoleWithOIDC"},
		},
		"keys of a profile": {
			cloud: Volcengine, files: config(`"ops":{"access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222","disable-ssl":null}`),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: `profile "ops" of ~/.volcengine/config.json (ak)`,
		},
		"a role of a profile": {
			cloud: Volcengine, files: config(`"ops":{"mode":"RamRoleArn","access-key":"id-1","secret-key":"SECRETone1111","role-name":"ops","account-id":"2100000001"}`),
			keys: issuedKeys, source: `profile "ops" of ~/.volcengine/config.json (ramrolearn)`, calls: []string{"AssumeRole"},
		},
		"web identity of a profile": {
			cloud: Volcengine, files: merge(config(`"ops":{"mode":"oidc","oidc-token-file":"/var/run/token","role-trn":"`+arn+`"}`), map[string]string{"/var/run/token": jwt}),
			keys: issuedKeys, source: `profile "ops" of ~/.volcengine/config.json (oidc)`, calls: []string{"AssumeRoleWithOIDC"},
		},
		"the role of the machine of a profile": {
			cloud: Volcengine, files: config(`"ops":{"mode":"ecsrole","role-name":"web"}`), metadata: true,
			keys: machineKeys, source: `the role "web" of the metadata service (profile "ops" of ~/.volcengine/config.json (ecsrole))`,
		},
		"cached keys of a login with single sign-on": {
			cloud: Volcengine, files: config(`"ops":{"mode":"sso","access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222","sts-expiration":4102444800000}`),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: `profile "ops" of ~/.volcengine/config.json (sso)`,
		},
		"cached keys that have ended": {
			cloud: Volcengine, files: config(`"ops":{"mode":"sso","access-key":"id-2","secret-key":"SECRETtwo2222","session-token":"TOKENtwo2222","sts-expiration":1700000000000000000}`),
			want: "profile \"ops\" of ~/.volcengine/config.json (sso): the keys of the profile ended at 2023-11-14T22:13:20Z, and new ones need a browser. Run `ve sso login` and try again.",
		},
		"cached keys of a login on the console": {
			cloud: Volcengine, files: merge(config(`"ops":{"mode":"console-login","login-session":"session-1"}`), map[string]string{
				// SHA-1 of session-1.
				in(".volcengine", "login", "cache", "96c71081c21826a93aad95a48dad46723ef67a06.json"): `{"login_session":"session-1","access_token":"{\"access_key_id\":\"id-2\",\"secret_access_key\":\"SECRETtwo2222\",\"session_token\":\"TOKENtwo2222\"}","issued_at":"2099-01-01T00:00:00Z","expires_in":3600}`,
			}),
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: `profile "ops" of ~/.volcengine/config.json (console-login)`,
		},
		"no keys of a login on the console": {
			cloud: Volcengine, files: config(`"ops":{"mode":"console-login","login-session":"session-1"}`),
			want: "profile \"ops\" of ~/.volcengine/config.json (console-login): the profile has no keys yet, and new ones need a browser. Run `ve login` and try again.",
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
			cloud: Volcengine, files: map[string]string{in(".volcengine", "credentials"): "[default]\nvolcengine_access_key_id=id-1\nvolcengine_secret_access_key=SECRETone1111\n"},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "default" of ~/.volcengine/credentials`,
		},
		"the old file by its variable": {
			cloud: Volcengine, env: env("VOLCSTACK_SHARED_CREDENTIALS_FILE", "/etc/old"), files: map[string]string{"/etc/old": "[default]\nvolcengine_access_key_id=id-1\n"},
			want: `/etc/old, line 1: profile "default": "volcengine_secret_access_key" is missing`,
		},
	})
}

func TestChainOfZenlayer(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		in(".zenlayer", "config.json"):      `{"current_profile":"ops","profiles":{"ops":{"language":"en"}}}`,
		in(".zenlayer", "credentials.json"): `{"ops":{"access_key_id":"id-1","access_key_secret":"SECRETone1111"},"bot":{"token":"TOKENone1111"},"half":{"access_key_id":"id-1"}}`,
	}
	runRows(t, map[string]row{
		"the current profile": {
			cloud: Zenlayercloud, files: files, keys: [3]string{"id-1", "SECRETone1111", ""}, source: `profile "ops" of ~/.zenlayer/credentials.json`,
		},
		"a profile with a token": {
			cloud: Zenlayercloud, files: files, env: env("ZENLAYER_PROFILE", "bot"), keys: [3]string{"", "", "TOKENone1111"}, source: `profile "bot" of ~/.zenlayer/credentials.json`,
		},
		"a profile that does not exist": {
			cloud: Zenlayercloud, files: files, config: Config{Profile: "prod"}, want: `~/.zenlayer/credentials.json has no profile "prod"; it has "ops", "bot", "half"`,
		},
		"half a profile": {
			cloud: Zenlayercloud, files: files, config: Config{Profile: "half"}, want: `~/.zenlayer/credentials.json, line 1: profile "half": a key without "token" needs "access_key_secret"`,
		},
		"a token beside a pair": {
			cloud: Zenlayercloud, config: Config{ID: "id-1", Secret: "SECRETone1111", Token: "TOKENone1111"},
			want: "`token` is set beside `access_key_id` or `access_key_password`. Set either the token or the pair",
		},
		"allowed accounts": {
			cloud: Zenlayercloud, config: Config{ID: "id-1", Secret: "SECRETone1111", AllowedAccountIDs: []string{"1"}},
			want: "`access_key_id` in the provider's `zenlayercloud` block: Zenlayer has no call for the account of a key: remove `allowed_account_ids`",
		},
		"nothing": {
			cloud: Zenlayercloud,
			want: "no credentials for Zenlayer were found. The places, in the order of their precedence:\n" +
				"- `access_key_id` with `access_key_password`, `token`, `profile`, `shared_credentials_file` in the provider's `zenlayercloud` block: not set\n" +
				"- the environment variables ZENLAYERCLOUD_ACCESS_KEY_ID with ZENLAYERCLOUD_ACCESS_KEY_PASSWORD, ZENLAYER_TOKEN, ZENLAYER_ACCESS_KEY_ID with ZENLAYER_ACCESS_KEY_SECRET: not set\n" +
				"- a profile that one of the environment variables ZENLAYER_PROFILE names: not set\n" +
				"- ~/.zenlayer/credentials.json: the file does not exist",
		},
	})
}
