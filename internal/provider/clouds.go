package provider

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/backend/zenlayercloud"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
)

// clouds is the one list of the clouds. Nothing registers itself.
var clouds = map[string]cloud{
	"alicloud":      alicloudCloud,
	"tencentcloud":  tencentcloudCloud,
	"volcengine":    volcengineCloud,
	"zenlayercloud": zenlayercloudCloud,
}

var alicloudCloud = cloud{
	title:     "Alibaba Cloud ECS",
	account:   credentials.Alicloud,
	example:   "i-bp1fgo8es0i2mp5fa3bq",
	zero:      new(alicloud.Driver),
	validID:   alicloud.ValidID,
	regionEnv: []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"},
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		return alicloud.New(
			alicloud.Credentials{
				AccessKeyID:     v.secret("access_key"),
				AccessKeySecret: v.secret("secret_key"),
				SecurityToken:   v.secret("security_token"),
			},
			region, opts.driver())
	},
}

var tencentcloudCloud = cloud{
	title:     "Tencent Cloud CVM",
	account:   credentials.Tencentcloud,
	example:   "ins-r8hr2upy",
	zero:      new(tencentcloud.Driver),
	validID:   tencentcloud.ValidID,
	regionEnv: []string{"TENCENTCLOUD_REGION"},
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		return tencentcloud.New(
			tencentcloud.Credentials{
				SecretID:  v.secret("secret_id"),
				SecretKey: v.secret("secret_key"),
				Token:     v.secret("security_token"),
			},
			region, opts.driver())
	},
}

var volcengineCloud = cloud{
	title:     "Volcengine ECS",
	account:   credentials.Volcengine,
	example:   "i-ybvjq7o2h0ay8n3vxxxx",
	zero:      new(volcengine.Driver),
	validID:   volcengine.ValidID,
	plainID:   volcengine.PlainID,
	regionEnv: []string{"VOLCENGINE_REGION", "VOLCSTACK_REGION"},
	open: func(v values, region string, opts openOptions) (backend.Driver, error) {
		driver, err := volcengine.New(
			volcengine.Credentials{
				AccessKey:    v.secret("access_key"),
				SecretKey:    v.secret("secret_key"),
				SessionToken: v.secret("session_token"),
			},
			region, opts.driver())
		if err != nil {
			return nil, err
		}
		if previous, ok := opts.previous.(*volcengine.Driver); ok {
			driver.Continue(previous)
		}
		return driver, nil
	},
}

var zenlayercloudCloud = cloud{
	title:   "Zenlayer VM and ZEC",
	account: credentials.Zenlayercloud,
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
			name:        "service",
			fallback:    string(zenlayercloud.VM),
			oneOf:       []string{string(zenlayercloud.VM), string(zenlayercloud.ZEC)},
			description: "Product: `vm` (Virtual Machine, the default) or `zec` (Zenlayer Elastic Compute).",
		},
	},
	open: func(v values, _ string, opts openOptions) (backend.Driver, error) {
		return zenlayercloud.New(
			zenlayercloud.Credentials{
				AccessKeyID:       v.secret("access_key_id"),
				AccessKeyPassword: v.secret("access_key_password"),
				Token:             v.secret("token"),
			},
			zenlayercloud.Service(v["service"]), opts.driver())
	},
}
