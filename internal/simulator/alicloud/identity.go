package alicloud

import (
	"encoding/json"
	"fmt"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The accounts of the simulator. The demo key is one of a user of the first.
const (
	AccountID       = "1234567890123456"
	SecondAccountID = "1234567890120002"
)

// Audience is what the tokens of the identity provider name that the first account has
// from the start.
const Audience = "alibabacloud.workload.identity"

// RoleARN is the name by which a role is assumed
// (https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole).
func RoleARN(account, name string) string { return "acs:ram::" + account + ":role/" + name }

// ProviderARN is the name of an identity provider
// (https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc).
func ProviderARN(account, name string) string {
	return "acs:ram::" + account + ":oidc-provider/" + name
}

// identityWords have the names of
// https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax.
func identityWords() simulator.IdentityWords {
	return simulator.IdentityWords{
		Account: AccountID, KeyPrefix: "STS.", PrincipalKey: "RAM", Equals: "StringEquals", Like: "StringLike",
		AssumeAction: "sts:AssumeRole", FederatedAction: "sts:AssumeRoleWithOIDC",
		Root:     func(account string) string { return "acs:ram::" + account + ":root" },
		User:     func(account, name string) string { return "acs:ram::" + account + ":user/" + name },
		Role:     RoleARN,
		Provider: ProviderARN,
		Session: func(account, role, session string) string {
			return "acs:ram::" + account + ":assumed-role/" + role + "/" + session
		},
		RoleID: func(account, name string) string { return number("3", account+"/"+name) },
	}
}

// number is one of 18 digits that a name keeps.
func number(first, name string) string { return first + signing.Number(name, 17) }

// firstIdentities are what the constants above name.
func firstIdentities() simulator.FirstIdentities {
	return simulator.FirstIdentities{
		Account: AccountID, SecondAccount: SecondAccountID, Audience: Audience, Describe: "ecs:Describe*",
		TrustRuns: trustRuns, TrustAccount: trustAccount,
	}
}

// trustRuns is a trust policy for the runs of HCP Terraform of one phase, in
// the form of https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax.
func trustRuns(phase string) json.RawMessage {
	return fmt.Appendf(nil, `{"Version":"1","Statement":[{"Action":"sts:AssumeRoleWithOIDC","Effect":"Allow",
 "Principal":{"Federated":[%q]},
 "Condition":{"StringEquals":{"oidc:iss":%q,"oidc:aud":%q},
  "StringLike":{"oidc:sub":"organization:*:project:*:workspace:*:run_phase:%s"}}}]}`,
		ProviderARN(AccountID, simulator.ProviderName), oidc.HCPTerraform, Audience, phase)
}

func trustAccount(account string) json.RawMessage {
	return fmt.Appendf(nil, `{"Version":"1","Statement":[{"Action":"sts:AssumeRole","Effect":"Allow",
 "Principal":{"RAM":["acs:ram::%s:root"]}}]}`, account)
}

// federation is how a run uses the cloud without a key.
func federation() simulator.Federation {
	return simulator.Federation{
		Audience: Audience, Block: "assume_role_with_oidc", RoleArgument: "role_arn", TokenArgument: "oidc_token",
		Arguments: []string{`oidc_provider_arn = "` + ProviderARN(AccountID, simulator.ProviderName) + `"`},
		PlanRole:  RoleARN(AccountID, simulator.PlanRole), ApplyRole: RoleARN(AccountID, simulator.ApplyRole),
		Operator: RoleARN(AccountID, simulator.OperatorRole),
	}
}
