package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/credentials"
)

// argument is how an argument about credentials is described.
type argument struct {
	credentials.Argument
	description string
	sensitive   bool
}

// keyArguments are the arguments of a cloud's block that hold or name keys.
func keyArguments(account *credentials.Cloud) []argument {
	n := account.Names()
	token := "Token that belongs to a temporary key."
	if account.TokenAlone() {
		token = "Access token, instead of a key."
	}
	file := "Path of the file that holds the profile."
	if n.FileIsDir {
		file = "Path of the folder that holds the files of the profile."
	}
	return []argument{
		{n.ID, "Id of the access key. The id and the secret must come from one source.", true},
		{n.Secret, "Secret of the access key.", true},
		{n.Token, token, true},
		{n.Profile, "Name of a profile of the cloud's command-line tool.", false},
		{n.File, file, false},
		{
			n.MachineRole,
			"Role that is attached to this machine; the metadata service, which issues its keys, is called only with a role.",
			false,
		},
	}
}

// roleArguments are those of the block of a role.
func roleArguments(n credentials.RoleNames) []argument {
	return []argument{
		{n.RoleARN, "Resource name of the role.", false},
		{
			n.RoleARNFile,
			"File that holds the resource name of the role, as plain text or as `{\"role_arn\": \"...\"}`.",
			false,
		},
		{n.Provider, "Identity provider in the account that trusts the issuer of the token.", false},
		{
			n.Token,
			"JSON web token, which may be ephemeral; set at most one of the token, its file and the tag of HCP Terraform's " +
				"variable.",
			true,
		},
		{
			n.TokenFile,
			"File with the token, as plain text or as `{\"web_identity_token\": \"...\"}`, which is read at each exchange.",
			false,
		},
		{
			n.TFCTag,
			"Tag of HCP Terraform's variable: `TFC_WORKLOAD_IDENTITY_TOKEN_<tag>`. If neither a tag nor a token is set, " +
				"`TFC_WORKLOAD_IDENTITY_TOKEN` is read.",
			false,
		},
		{
			n.SessionName,
			"Name of the session in the cloud's audit trail; default `terraform`, and `terraform-<TFC_RUN_ID>` on HCP " +
				"Terraform.",
			false,
		},
		{n.Policy, "Policy, as JSON, that narrows the permissions of the session.", false},
		{n.ExternalID, "External id that the role requires.", false},
		{n.SourceIdentity, "Source identity of the session.", false},
	}
}

// attributes describes the arguments that the cloud has.
func attributes(list []argument) map[string]schema.Attribute {
	described := make(map[string]schema.Attribute, len(list))
	for _, a := range list {
		if a.Name != "" {
			described[a.Name] = schema.StringAttribute{
				Optional:            true,
				Sensitive:           a.sensitive,
				MarkdownDescription: a.description + fromEnvironment(a.Env),
			}
		}
	}
	return described
}

// roleBlock describes the block of a role.
func roleBlock(n credentials.RoleNames, description string) schema.Block {
	block := schema.SingleNestedBlock{MarkdownDescription: description, Attributes: attributes(roleArguments(n))}
	block.Attributes[n.Duration.Name] = schema.NumberAttribute{
		Optional: true,
		MarkdownDescription: fmt.Sprintf("How long the keys last, in seconds: %d to %d, and no longer than the role allows.",
			n.MinDuration, n.MaxDuration) + fromEnvironment(n.Duration.Env),
		Validators: []validator.Number{
			numberValidator{whole: true, least: float64(n.MinDuration), most: float64(n.MaxDuration)},
		},
	}
	return block
}

// describeCredentials adds what concerns credentials to the block of a cloud.
func describeCredentials(account *credentials.Cloud, block *schema.SingleNestedBlock) {
	for name, described := range attributes(keyArguments(account)) {
		block.Attributes[name] = described
	}
	if !account.HasTokenService() {
		return
	}
	n := account.Names()
	block.Attributes["sts_endpoint"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "URL of the token service, scheme and host, instead of the cloud's own; `{region}` stands for " +
			"`region` of this block. Plain `http` is accepted for a loopback address only.",
	}
	block.Attributes["metadata_endpoint"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "URL of the metadata service, scheme and host, instead of the cloud's own.",
	}
	block.Attributes["allowed_account_ids"] = schema.SetAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Ids of the accounts that may be used. Keys of any other account are an error, before the " +
			"first call to the API.",
	}
	block.Blocks = map[string]schema.Block{
		n.AssumeRole.Block: roleBlock(n.AssumeRole, "A role that is assumed with the keys of any source."),
		n.WebIdentity.Block: roleBlock(n.WebIdentity,
			"A role that is assumed with a JSON web token, such as that of HCP Terraform, GitHub Actions or GitLab. No key is "+
				"needed."),
	}
}
