package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// plannedWith configures the provider and plans a resource; it returns the texts of
// both.
func plannedWith(t *testing.T, cloudName string, block map[string]any) string {
	t.Helper()
	r := rpcOf(t, clouds)
	config := map[string]any{}
	if block != nil {
		config[cloudName] = block
	}
	if got := r.configure(config); len(got) > 0 {
		return texts(got)
	}
	resource := map[string]any{"cloud": cloudName, "instance_id": clouds[cloudName].example, "state": "stopped"}
	if clouds[cloudName].hasRegion() {
		resource["region"] = "cn-beijing"
	}
	return texts(r.plan(resource, held{}).Diagnostics)
}

func TestMissingCredentialsNameEveryPlace(t *testing.T) {
	for name, want := range map[string]string{
		"alicloud": missing("Alibaba Cloud", "alicloud",
			"`access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, `ecs_role_name`",
			"the environment variables ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, "+
				"ALIBABA_CLOUD_ACCESS_KEY_ID with ALIBABA_CLOUD_ACCESS_KEY_SECRET, "+
				"ALIBABACLOUD_ACCESS_KEY_ID with ALIBABACLOUD_ACCESS_KEY_SECRET: not set",
			"the environment variables ALIBABA_CLOUD_ROLE_ARN with ALIBABA_CLOUD_OIDC_PROVIDER_ARN with "+
				"ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN: not set",
			"a profile that one of the environment variables ALICLOUD_PROFILE, ALIBABA_CLOUD_PROFILE, ALIBABACLOUD_PROFILE, "+
				"ALICLOUD_SHARED_CREDENTIALS_FILE, ALIBABA_CLOUD_CREDENTIALS_FILE, ALIBABA_CLOUD_CONFIG_FILE names: not set",
			"the role of the machine, by the environment variables ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA: not set",
			"~/.aliyun/config.json: the file does not exist", "~/.alibabacloud/credentials: the file does not exist"),
		"tencentcloud": missing("Tencent Cloud", "tencentcloud",
			"`secret_id` with `secret_key`, `assume_role_with_web_identity`, `profile`, `shared_credentials_dir`, "+
				"`cam_role_name`",
			"the environment variables TENCENTCLOUD_SECRET_ID with TENCENTCLOUD_SECRET_KEY: not set",
			"the environment variables TENCENTCLOUD_ASSUME_ROLE_ARN with TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN, "+
				"TKE_ROLE_ARN with TKE_PROVIDER_ID with TKE_WEB_IDENTITY_TOKEN_FILE: not set",
			"a profile that one of the environment variables TENCENTCLOUD_PROFILE, TCCLI_PROFILE, "+
				"TENCENTCLOUD_SHARED_CREDENTIALS_DIR names: not set",
			"the role of the machine, by the environment variables TENCENTCLOUD_CAM_ROLE_NAME: not set",
			"~/.tccli/default.credential: the file does not exist", "~/.tencentcloud/credentials: the file does not exist"),
		"volcengine": missing("Volcengine", "volcengine",
			"`access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, `ecs_role_name`",
			"the environment variables VOLCENGINE_ACCESS_KEY with VOLCENGINE_SECRET_KEY, "+
				"VOLCSTACK_ACCESS_KEY_ID with VOLCSTACK_SECRET_ACCESS_KEY: not set",
			"the environment variables VOLCENGINE_OIDC_ROLE_TRN with VOLCENGINE_OIDC_TOKEN_FILE or "+
				"TFC_WORKLOAD_IDENTITY_TOKEN: not set",
			"a profile that one of the environment variables VOLCENGINE_PROFILE, VOLCENGINE_CLI_CONFIG_FILE, "+
				"VOLCSTACK_SHARED_CREDENTIALS_FILE names: not set",
			"the role of the machine, by the environment variables VOLCENGINE_ECS_METADATA: not set",
			"~/.volcengine/config.json: the file does not exist", "~/.volcengine/credentials: the file does not exist"),
		"zenlayercloud": missing("Zenlayer", "zenlayercloud",
			"`access_key_id` with `access_key_password`, `token`, `profile`, `shared_credentials_file`",
			"the environment variables ZENLAYERCLOUD_ACCESS_KEY_ID with ZENLAYERCLOUD_ACCESS_KEY_PASSWORD, ZENLAYER_TOKEN, "+
				"ZENLAYER_ACCESS_KEY_ID with ZENLAYER_ACCESS_KEY_SECRET: not set",
			"a profile that one of the environment variables ZENLAYER_PROFILE names: not set",
			"~/.zenlayer/credentials.json: the file does not exist"),
	} {
		t.Run(name, func(t *testing.T) {
			clearEnvironment(t)
			want = "error at AttributeName(\"cloud\"): Unable to get credentials for " + name + "\n\n" + want
			if diff := cmp.Diff(plannedWith(t, name, nil), want); diff != "" {
				t.Errorf("diagnostics (-got +want):\n%s", diff)
			}
		})
	}
}

func TestABlockThatContradictsItselfIsAnErrorOfItsArgument(t *testing.T) {
	for _, name := range cloudNames(clouds) {
		n := clouds[name].account.Names()
		for _, test := range []struct {
			name string
			// at is empty for a problem of a secret, whose line must not be shown.
			at     string
			block  map[string]any
			want   string
			tokens bool
		}{
			{
				"half a set", "",
				map[string]any{n.ID.Name: "an-id-of-a-key"},
				"`" + n.ID.Name + "` is set in the provider's `" + name + "` block and `" + n.Secret.Name +
					"` is not. A set of keys is taken whole from one source, and the environment does not complete it: " +
					"set them all there, or none.",
				false,
			},
			{
				"keys beside a profile", n.Profile.Name,
				map[string]any{n.ID.Name: "an-id-of-a-key", n.Secret.Name: "the-secret-of-it", n.Profile.Name: "ops"},
				"The provider's `" + name + "` block names more than one source of credentials: `" + n.ID.Name + "` and `" +
					n.Profile.Name + "`. Leave one of them.",
				false,
			},
			{
				"keys beside a web identity", n.WebIdentity.Block,
				map[string]any{
					n.ID.Name: "an-id-of-a-key", n.Secret.Name: "the-secret-of-it", n.WebIdentity.Block: map[string]any{},
				},
				"The provider's `" + name + "` block names more than one source of credentials: `" + n.ID.Name + "` and `" +
					n.WebIdentity.Block +
					"`. Leave one of them.", true,
			},
			{
				"a token service over plain http", "sts_endpoint",
				map[string]any{"sts_endpoint": "http://sts.example.com"},
				"`sts_endpoint` is plain http, and not on a loopback address: " +
					"credentials would travel unprotected, use `https://`.",
				true,
			},
			{
				"a token service of an unknown region", "sts_endpoint",
				map[string]any{"sts_endpoint": "https://sts.{region}.example.com"},
				"`sts_endpoint` contains {region}, and the region is not known: set `region` in the same block.", true,
			},
		} {
			if test.tokens && !clouds[name].account.HasTokenService() {
				continue // It has no such argument, as the schema tells.
			}
			t.Run(name+": "+test.name, func(t *testing.T) {
				clearEnvironment(t)
				at := "AttributeName(\"" + name + "\")"
				if test.at != "" {
					at += ".AttributeName(\"" + test.at + "\")"
				}
				want := "error at " + at + ": Invalid configuration of " + name + "\n\n" + test.want
				if diff := cmp.Diff(plannedWith(t, name, test.block), want); diff != "" {
					t.Errorf("diagnostics (-got +want):\n%s", diff)
				}
			})
		}
	}
}

// What is not known while planning is no reason for an error, and no half set.
func TestUnknownValuesInABlockAreAcceptedWhilePlanning(t *testing.T) {
	for _, name := range cloudNames(clouds) {
		n := clouds[name].account.Names()
		blocks := map[string]map[string]any{
			"a secret": {n.ID.Name: "an-id-of-a-key", n.Secret.Name: tftypes.UnknownValue},
			"a rate":   {"requests_per_second": tftypes.UnknownValue},
		}
		if clouds[name].account.HasTokenService() {
			blocks["the role"] = map[string]any{
				n.WebIdentity.Block: map[string]any{n.WebIdentity.RoleARN.Name: tftypes.UnknownValue},
			}
			blocks["the accounts"] = map[string]any{"allowed_account_ids": tftypes.UnknownValue}
		}
		for what, block := range blocks {
			t.Run(name+": "+what, func(t *testing.T) {
				clearEnvironment(t)
				r := rpcOf(t, clouds)
				wantTexts(t, r.configure(map[string]any{name: block}), "")
			})
		}
	}
}
