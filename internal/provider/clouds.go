package provider

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/backend/zenlayercloud"
)

// clouds is the one list of the clouds. Nothing registers itself.
var clouds = map[string]cloud{
	"alicloud":      alicloudCloud,
	"tencentcloud":  tencentcloudCloud,
	"volcengine":    volcengineCloud,
	"zenlayercloud": zenlayercloudCloud,
}

// The names of the fields and variables are those of the cloud's own Terraform
// provider.
var alicloudCloud = cloud{
	title:     "Alibaba Cloud ECS",
	example:   "i-bp1fgo8es0i2mp5fa3bq",
	zero:      new(alicloud.Driver),
	validID:   alicloud.ValidID,
	regionEnv: []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"},
	fields: []field{
		{
			name: "access_key", sensitive: true, env: []string{"ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"},
			description: "Id of the access key.",
		},
		{
			name: "secret_key", sensitive: true, env: []string{"ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"},
			description: "Secret of the access key.",
		},
		{
			name: "security_token", sensitive: true, env: []string{"ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN"},
			goesWith:    []string{"access_key", "secret_key"},
			description: "Token that belongs to a temporary access key.",
		},
	},
	credentials: needs("access_key", "secret_key"),
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		return alicloud.New(
			alicloud.Credentials{AccessKeyID: v["access_key"], AccessKeySecret: v["secret_key"], SecurityToken: v["security_token"]},
			region, alicloud.Options{Endpoint: opts.endpoint, UserAgent: opts.userAgent})
	},
}

var tencentcloudCloud = cloud{
	title:     "Tencent Cloud CVM",
	example:   "ins-r8hr2upy",
	zero:      new(tencentcloud.Driver),
	validID:   tencentcloud.ValidID,
	regionEnv: []string{"TENCENTCLOUD_REGION"},
	fields: []field{
		{name: "secret_id", sensitive: true, env: []string{"TENCENTCLOUD_SECRET_ID"}, description: "Id of the API key."},
		{name: "secret_key", sensitive: true, env: []string{"TENCENTCLOUD_SECRET_KEY"}, description: "Secret of the API key."},
		{
			name: "security_token", sensitive: true, env: []string{"TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"},
			goesWith:    []string{"secret_id", "secret_key"},
			description: "Token that belongs to a temporary key.",
		},
	},
	credentials: needs("secret_id", "secret_key"),
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		return tencentcloud.New(
			tencentcloud.Credentials{SecretID: v["secret_id"], SecretKey: v["secret_key"], Token: v["security_token"]},
			region, tencentcloud.Options{Endpoint: opts.endpoint, UserAgent: opts.userAgent})
	},
}

var volcengineCloud = cloud{
	title:     "Volcengine ECS",
	example:   "i-ybvjq7o2h0ay8n3vxxxx",
	zero:      new(volcengine.Driver),
	validID:   volcengine.ValidID,
	plainID:   volcengine.PlainID,
	regionEnv: []string{"VOLCENGINE_REGION", "VOLCSTACK_REGION"},
	fields: []field{
		{name: "access_key", sensitive: true, env: []string{"VOLCENGINE_ACCESS_KEY"}, description: "Id of the access key."},
		{name: "secret_key", sensitive: true, env: []string{"VOLCENGINE_SECRET_KEY"}, description: "Secret of the access key."},
		{
			name: "session_token", sensitive: true, env: []string{"VOLCENGINE_SESSION_TOKEN"}, goesWith: []string{"access_key", "secret_key"},
			description: "Token that belongs to a temporary access key.",
		},
	},
	credentials: needs("access_key", "secret_key"),
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		return volcengine.New(
			volcengine.Credentials{AccessKey: v["access_key"], SecretKey: v["secret_key"], SessionToken: v["session_token"]},
			region, volcengine.Options{Endpoint: opts.endpoint, UserAgent: opts.userAgent})
	},
}

var zenlayercloudCloud = cloud{
	title:   "Zenlayer VM and ZEC",
	example: "1205432187642",
	zero:    new(zenlayercloud.Driver),
	validID: zenlayercloud.ValidID,
	plainID: zenlayercloud.PlainID,
	anyForm: true,
	// No request and no answer knows of a stop that ends billing
	// (https://docs.console.zenlayer.com/api-reference/vm/instance/terminateinstance).
	alwaysCharges: true,
	scopeField:    "service",
	fields: []field{
		{
			name: "service", fallback: string(zenlayercloud.VM), oneOf: []string{string(zenlayercloud.VM), string(zenlayercloud.ZEC)},
			description: "The product: `vm` (Virtual Machine, the default) or `zec` (Zenlayer Elastic Compute).",
		},
		{
			name: "access_key_id", sensitive: true, env: []string{"ZENLAYERCLOUD_ACCESS_KEY_ID", "ZENLAYER_ACCESS_KEY_ID"},
			description: "Id of the access key.",
		},
		{
			name: "access_key_password", sensitive: true, env: []string{"ZENLAYERCLOUD_ACCESS_KEY_PASSWORD", "ZENLAYER_ACCESS_KEY_SECRET"},
			description: "Password of the access key.",
		},
		{
			name: "token", sensitive: true, env: []string{"ZENLAYER_TOKEN"}, goesWith: []string{"access_key_id", "access_key_password"},
			description: "Access token, instead of an access key.",
		},
	},
	instead: "Or set `token` (ZENLAYER_TOKEN), an access token.",
	credentials: func(v values) []string {
		if v["token"] != "" {
			return nil
		}
		return needs("access_key_id", "access_key_password")(v)
	},
	open: func(v values, _ string, opts openOptions) (backend.Driver, error) {
		return zenlayercloud.New(
			zenlayercloud.Credentials{AccessKeyID: v["access_key_id"], AccessKeyPassword: v["access_key_password"], Token: v["token"]},
			zenlayercloud.Service(v["service"]), zenlayercloud.Options{Endpoint: opts.endpoint, UserAgent: opts.userAgent})
	},
}
