package credentials

// Cloud is what a chain knows about one cloud: names, and how to read its files
// and call its services. The clouds are variables of this package.
type Cloud struct {
	// title is the name that users know.
	title string
	names Names
	// tokenAlone is set where the token of the block is an access token that stands
	// alone, in place of a pair.
	tokenAlone bool
	// families are the keys in the environment, the first one first.
	families []Family
	// identities are the web identities that variables alone configure.
	identities []identityVariables
	// environmentRole are variables that assume a role without a block, where
	// both are set: ARN and session name.
	environmentRole [2]string
	// files reads profiles; nil for a cloud that has none.
	files fileReader
	// sts and metadata are nil where the cloud has no such service.
	sts      *tokenService
	metadata *metadataService
	// webAction is the call for web identity, and defaultProvider its identity
	// provider where none is named.
	webAction       string
	defaultProvider string
	session         sessionForm
}

// Names returns the arguments of the cloud's block, and their variables.
func (c *Cloud) Names() Names { return c.names }

// Families returns the families of variables that hold keys, in the order of
// their precedence.
func (c *Cloud) Families() []Family { return c.families }

// HasTokenService reports whether the cloud has roles, web identity and a call
// for the caller's account.
func (c *Cloud) HasTokenService() bool { return c.sts != nil }

// TokenAlone reports whether the token of the block stands alone, in place of a pair.
func (c *Cloud) TokenAlone() bool { return c.tokenAlone }

// Family is one family of variables with the same prefix. Keys are taken whole
// from one of them. Of several names for one value the first one that is set
// counts. A family without ID and Secret has an access token that stands alone.
type Family struct {
	ID, Secret, Token []string
}

// identityVariables configure web identity without a block.
type identityVariables struct {
	// triggers: one of them set selects this source.
	triggers []string
	// provider is nil where the call has none; defaultProvider is used where it
	// may be left out.
	role, provider, token, tokenFile, session, policy []string
	defaultProvider                                   string
	// tfc is set where the token may also be that of HCP Terraform.
	tfc bool
	// endpoint names a variable that has the host of the token service.
	endpoint string
	// region names a variable that has the region for this call.
	region string
}

// fileReader reads the profiles of one cloud.
type fileReader interface {
	// find returns the source of a profile. name and path are empty for the
	// defaults of the cloud. It returns nil without an error, and why, when both
	// are empty and there is no such file.
	find(r *resolver, name, path string) (s source, why string, err error)
	// off returns the variable that switches files off, where one is on.
	off(s System) string
	// places lists the files at their default places, the first one first.
	places() []string
}

// Alicloud is Alibaba Cloud. Names of the block:
// https://registry.terraform.io/providers/aliyun/alicloud/latest/docs.
var Alicloud = &Cloud{
	title: "Alibaba Cloud",
	names: Names{
		Block:   "alicloud",
		ID:      Argument{Name: "access_key"},
		Secret:  Argument{Name: "secret_key"},
		Token:   Argument{Name: "security_token"},
		Profile: Argument{"profile", []string{"ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALIBABACLOUD_PROFILE"}},
		File: Argument{
			"shared_credentials_file",
			[]string{"ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE", "ALIBABA_CLOUD_CONFIG_FILE"},
		},
		MachineRole: Argument{"ecs_role_name", []string{"ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"}},
		AssumeRole: RoleNames{
			Block:   "assume_role",
			RoleARN: Argument{"role_arn", []string{"ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"}},
			SessionName: Argument{
				"session_name",
				[]string{"ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"},
			},
			Duration:    Argument{"session_expiration", []string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"}},
			Policy:      Argument{Name: "policy"},
			ExternalID:  Argument{Name: "external_id"},
			MinDuration: 900,
			MaxDuration: 43200,
		},
		WebIdentity: RoleNames{
			Block:       "assume_role_with_oidc",
			RoleARN:     Argument{"role_arn", []string{"ALIBABA_CLOUD_ROLE_ARN"}},
			SessionName: Argument{"role_session_name", []string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"}},
			Duration:    Argument{Name: "session_expiration"},
			Policy:      Argument{Name: "policy"},
			Provider:    Argument{"oidc_provider_arn", []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"}},
			Token:       Argument{"oidc_token", []string{"ALIBABA_CLOUD_OIDC_TOKEN"}},
			TokenFile:   Argument{"oidc_token_file", []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE"}},
			TFCTag:      Argument{Name: "tfc_credential_tag_name"},
			MinDuration: 900, MaxDuration: 43200,
		},
	},
	families: []Family{
		{
			ID:     []string{"ALICLOUD_ACCESS_KEY", "ALICLOUD_ACCESS_KEY_ID"},
			Secret: []string{"ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY_SECRET"},
			Token:  []string{"ALICLOUD_SECURITY_TOKEN"},
		},
		{
			ID:     []string{"ALIBABA_CLOUD_ACCESS_KEY_ID"},
			Secret: []string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET"},
			Token:  []string{"ALIBABA_CLOUD_SECURITY_TOKEN"},
		},
		{
			ID:     []string{"ALIBABACLOUD_ACCESS_KEY_ID"},
			Secret: []string{"ALIBABACLOUD_ACCESS_KEY_SECRET"},
			Token:  []string{"ALIBABACLOUD_SECURITY_TOKEN"},
		},
	},
	identities: []identityVariables{{
		triggers:  []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
		role:      []string{"ALIBABA_CLOUD_ROLE_ARN"},
		provider:  []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"},
		token:     []string{"ALIBABA_CLOUD_OIDC_TOKEN"},
		tokenFile: []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
		session:   []string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"},
		tfc:       true,
	}},
	files:     alicloudFiles{},
	sts:       &alicloudSTS,
	metadata:  alicloudMetadata,
	webAction: "AssumeRoleWithOIDC",
	session:   shortSession,
}

// Tencentcloud is Tencent Cloud. Names of the block:
// https://registry.terraform.io/providers/tencentcloudstack/tencentcloud/latest/docs.
var Tencentcloud = &Cloud{
	title: "Tencent Cloud",
	names: Names{
		Block:       "tencentcloud",
		ID:          Argument{Name: "secret_id"},
		Secret:      Argument{Name: "secret_key"},
		Token:       Argument{Name: "security_token"},
		Profile:     Argument{"profile", []string{"TENCENTCLOUD_PROFILE", "TCCLI_PROFILE"}},
		File:        Argument{"shared_credentials_dir", []string{"TENCENTCLOUD_SHARED_CREDENTIALS_DIR"}},
		FileIsDir:   true,
		MachineRole: Argument{"cam_role_name", []string{"TENCENTCLOUD_CAM_ROLE_NAME"}},
		AssumeRole: RoleNames{
			Block:          "assume_role",
			RoleARN:        Argument{"role_arn", []string{"TENCENTCLOUD_ASSUME_ROLE_ARN"}},
			SessionName:    Argument{"session_name", []string{"TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME"}},
			Duration:       Argument{"session_duration", []string{"TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION"}},
			Policy:         Argument{Name: "policy"},
			ExternalID:     Argument{"external_id", []string{"TENCENTCLOUD_ASSUME_ROLE_EXTERNAL_ID"}},
			SourceIdentity: Argument{"source_identity", []string{"TENCENTCLOUD_ASSUME_ROLE_SOURCE_IDENTITY"}},
			MinDuration:    1, MaxDuration: 43200,
		},
		WebIdentity: RoleNames{
			Block:   "assume_role_with_web_identity",
			RoleARN: Argument{"role_arn", []string{"TENCENTCLOUD_ASSUME_ROLE_ARN"}},
			RoleARNFile: Argument{
				"role_arn_file",
				[]string{"TENCENTCLOUD_ASSUME_ROLE_ARN_FILE", "TENCENTCLOUD_ASSUME_ROLE_ARNN_FILE"},
			},
			SessionName: Argument{"session_name", []string{"TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME"}},
			Duration:    Argument{"session_duration", []string{"TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION"}},
			Provider:    Argument{"provider_id", []string{"TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID"}},
			Token:       Argument{"web_identity_token", []string{"TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN"}},
			TokenFile:   Argument{"web_identity_token_file", []string{"TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE"}},
			TFCTag:      Argument{Name: "tfc_credential_tag_name"},
			MinDuration: 1,
			MaxDuration: 43200,
		},
	},
	families: []Family{{
		ID:     []string{"TENCENTCLOUD_SECRET_ID"},
		Secret: []string{"TENCENTCLOUD_SECRET_KEY"},
		Token:  []string{"TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"},
	}},
	identities: []identityVariables{
		{
			triggers:        []string{"TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN"},
			role:            []string{"TENCENTCLOUD_ASSUME_ROLE_ARN"},
			provider:        []string{"TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID"},
			defaultProvider: tencentcloudProvider,
			token:           []string{"TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN"},
			session:         []string{"TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME"},
		},
		{ // A pod of Tencent Kubernetes Engine.
			triggers:  []string{"TKE_PROVIDER_ID", "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN"},
			role:      []string{"TKE_ROLE_ARN"},
			provider:  []string{"TKE_PROVIDER_ID"},
			tokenFile: []string{"TKE_WEB_IDENTITY_TOKEN_FILE"},
			region:    "TKE_REGION",
		},
	},
	environmentRole: [2]string{"TENCENTCLOUD_ASSUME_ROLE_ARN", "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME"},
	files:           tencentcloudFiles{},
	sts:             &tencentcloudSTS,
	metadata:        tencentcloudMetadata,
	webAction:       "AssumeRoleWithWebIdentity",
	defaultProvider: tencentcloudProvider,
	session:         longSession,
}

// tencentcloudProvider is the identity provider where none is named, as in the
// cloud's own provider.
const tencentcloudProvider = "OIDC"

// Volcengine is Volcengine. Names of the block, but for the files and the role
// of a machine, which that one does not have:
// https://registry.terraform.io/providers/volcengine/volcengine/latest/docs.
var Volcengine = &Cloud{
	title: "Volcengine",
	names: Names{
		Block:   "volcengine",
		ID:      Argument{Name: "access_key"},
		Secret:  Argument{Name: "secret_key"},
		Token:   Argument{Name: "session_token"},
		Profile: Argument{"profile", []string{"VOLCENGINE_PROFILE"}},
		File: Argument{
			"shared_credentials_file",
			[]string{"VOLCENGINE_CLI_CONFIG_FILE", "VOLCSTACK_SHARED_CREDENTIALS_FILE"},
		},
		MachineRole: Argument{"ecs_role_name", []string{"VOLCENGINE_ECS_METADATA"}},
		AssumeRole: RoleNames{
			Block:       "assume_role",
			RoleARN:     Argument{"assume_role_trn", []string{"VOLCENGINE_ASSUME_ROLE_TRN"}},
			SessionName: Argument{"assume_role_session_name", []string{"VOLCENGINE_ASSUME_ROLE_SESSION_NAME"}},
			Duration:    Argument{"duration_seconds", []string{"VOLCENGINE_ASSUME_ROLE_DURATION_SECONDS"}},
			Policy:      Argument{Name: "policy"},
			MinDuration: 900, MaxDuration: 43200,
		},
		WebIdentity: RoleNames{
			Block:   "assume_role_with_oidc",
			RoleARN: Argument{"role_trn", []string{"VOLCENGINE_ASSUME_ROLE_WITH_OIDC_TRN", "VOLCENGINE_OIDC_ROLE_TRN"}},
			SessionName: Argument{
				"role_session_name",
				[]string{"VOLCENGINE_ASSUME_ROLE_WITH_OIDC_SESSION_NAME", "VOLCENGINE_OIDC_ROLE_SESSION_NAME"},
			},
			Duration:    Argument{"duration_seconds", []string{"VOLCENGINE_ASSUME_ROLE_WITH_OIDC_DURATION_SECONDS"}},
			Policy:      Argument{Name: "policy"},
			Token:       Argument{"oidc_token", []string{"VOLCENGINE_ASSUME_ROLE_WITH_OIDC_TOKEN"}},
			TokenFile:   Argument{"oidc_token_file", []string{"VOLCENGINE_OIDC_TOKEN_FILE"}},
			TFCTag:      Argument{Name: "tfc_credential_tag_name"},
			MinDuration: 900,
			MaxDuration: 43200,
		},
	},
	families: []Family{
		{
			ID:     []string{"VOLCENGINE_ACCESS_KEY"},
			Secret: []string{"VOLCENGINE_SECRET_KEY"},
			Token:  []string{"VOLCENGINE_SESSION_TOKEN"},
		},
		{
			ID:     []string{"VOLCSTACK_ACCESS_KEY_ID", "VOLCSTACK_ACCESS_KEY"},
			Secret: []string{"VOLCSTACK_SECRET_ACCESS_KEY", "VOLCSTACK_SECRET_KEY"},
			Token:  []string{"VOLCSTACK_SESSION_TOKEN"},
		},
	},
	identities: []identityVariables{{
		triggers:  []string{"VOLCENGINE_OIDC_ROLE_TRN", "VOLCENGINE_OIDC_TOKEN_FILE"},
		role:      []string{"VOLCENGINE_OIDC_ROLE_TRN"},
		tokenFile: []string{"VOLCENGINE_OIDC_TOKEN_FILE"},
		session:   []string{"VOLCENGINE_OIDC_ROLE_SESSION_NAME"},
		policy:    []string{"VOLCENGINE_OIDC_ROLE_POLICY"},
		endpoint:  "VOLCENGINE_OIDC_STS_ENDPOINT",
		tfc:       true,
	}},
	files:     volcengineFiles{},
	sts:       &volcengineSTS,
	metadata:  volcengineMetadata,
	webAction: "AssumeRoleWithOIDC",
	session:   shortSession,
}

// Zenlayercloud is Zenlayer Cloud, which has no token service, no roles and no
// metadata service. Names of the block:
// https://registry.terraform.io/providers/zenlayer/zenlayercloud/latest/docs.
var Zenlayercloud = &Cloud{
	title: "Zenlayer",
	names: Names{
		Block:   "zenlayercloud",
		ID:      Argument{Name: "access_key_id"},
		Secret:  Argument{Name: "access_key_password"},
		Token:   Argument{Name: "token"},
		Profile: Argument{"profile", []string{"ZENLAYER_PROFILE"}},
		File:    Argument{Name: "shared_credentials_file"},
	},
	families: []Family{
		{ID: []string{"ZENLAYERCLOUD_ACCESS_KEY_ID"}, Secret: []string{"ZENLAYERCLOUD_ACCESS_KEY_PASSWORD"}},
		{Token: []string{"ZENLAYER_TOKEN"}},
		{ID: []string{"ZENLAYER_ACCESS_KEY_ID"}, Secret: []string{"ZENLAYER_ACCESS_KEY_SECRET"}},
	},
	tokenAlone: true,
	files:      zenlayercloudFiles{},
}
