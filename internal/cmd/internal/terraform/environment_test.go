package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		environment []string
		want        []string
	}{
		{
			"what programs need is passed on",
			[]string{"PATH=/bin", "HOME=/home/u", "LANG=C.UTF-8", "LC_ALL=C", "TMPDIR=/tmp"},
			[]string{"PATH=/bin", "HOME=/home/u", "LANG=C.UTF-8", "LC_ALL=C", "TMPDIR=/tmp"},
		},
		{
			"names are compared as Windows does",
			[]string{`SystemRoot=C:\Windows`, `Path=C:\bin`},
			[]string{`SystemRoot=C:\Windows`, `Path=C:\bin`},
		},
		{
			"what version managers need is passed on",
			[]string{"ASDF_DATA_DIR=/a", "TFENV_TERRAFORM_VERSION=1.11.4"},
			[]string{"ASDF_DATA_DIR=/a", "TFENV_TERRAFORM_VERSION=1.11.4"},
		},
		{"a value may hold an equals sign", []string{"TERM=a=b"}, []string{"TERM=a=b"}},
		{
			"settings for Terraform are not",
			[]string{
				"TF_CLI_CONFIG_FILE=/home/u/.terraformrc", "TERRAFORM_CONFIG=/home/u/.terraformrc", "TF_DATA_DIR=/d",
				"TF_CLI_ARGS=-lock=false",
				"TF_CLI_ARGS_plan=-refresh=false", "TF_LOG=TRACE", "TF_LOG_PATH=/tmp/log", "TF_WORKSPACE=other",
				"TF_REATTACH_PROVIDERS={}",
				"TF_VAR_endpoint=https://ecs.aliyuncs.com", "TF_PLUGIN_CACHE_DIR=/c", "TF_CLI=/usr/bin/tofu",
			},
			nil,
		},
		{
			"credentials and regions of clouds are not",
			[]string{
				"ALICLOUD_ACCESS_KEY=a", "ALICLOUD_SECRET_KEY=a", "ALICLOUD_REGION=a", "ALIBABA_CLOUD_ACCESS_KEY_ID=a",
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET=a",
				"ALIBABA_CLOUD_SECURITY_TOKEN=a", "ALIBABACLOUD_REGION_ID=a", "TENCENTCLOUD_SECRET_ID=a",
				"TENCENTCLOUD_SECRET_KEY=a",
				"TENCENTCLOUD_SECURITY_TOKEN=a", "TENCENTCLOUD_REGION=a", "TKE_REGION=a", "VOLCENGINE_ACCESS_KEY=a",
				"VOLCENGINE_SECRET_KEY=a",
				"VOLCSTACK_REGION=a", "VOLC_ACCESSKEY=a", "ZENLAYERCLOUD_ACCESS_KEY_ID=a", "ZENLAYERCLOUD_ACCESS_KEY_PASSWORD=a",
				"ZENLAYER_TOKEN=a",
				"TFC_WORKLOAD_IDENTITY_TOKEN=a",
			},
			nil,
		},
		{
			"proxies are not",
			[]string{"HTTPS_PROXY=http://proxy", "https_proxy=http://proxy", "NO_PROXY=*", "ALL_PROXY=socks5://proxy"},
			nil,
		},
		{"a name that begins like one that is passed is not", []string{"PATHS=1", "HOME_SECRET=1"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := append(append([]string(nil), tt.want...), "TF_VAR_endpoint=http://127.0.0.1:1")
			if diff := cmp.Diff(want, Environment(tt.environment, "TF_VAR_endpoint=http://127.0.0.1:1")); diff != "" {
				t.Errorf("environment of the CLI (-want +got):\n%s", diff)
			}
		})
	}
}
