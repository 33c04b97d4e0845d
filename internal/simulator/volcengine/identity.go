package volcengine

import (
	"encoding/json"
	"fmt"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The accounts of the simulator. The demo key is one of a user of the first.
const (
	AccountID       = "2100000001"
	SecondAccountID = "2100000101"
)

// Audience is what the tokens of the identity provider name that the first account has
// from the start.
const Audience = "volcengine.workload.identity"

// RoleTRN is the name by which a role is assumed
// (https://www.volcengine.com/docs/6257/1631607, RoleTrn).
func RoleTRN(account, name string) string { return "trn:iam::" + account + ":role/" + name }

// ProviderTRN is how a trust policy names an identity provider.
func ProviderTRN(account, name string) string {
	return "trn:iam::" + account + ":oidc-provider/" + name
}

// identityWords have the names of GetCallerIdentity's page
// (https://www.volcengine.com/docs/6257/1902650). The operators of conditions are
// assumed to be those of Alibaba Cloud.
func identityWords() simulator.IdentityWords {
	return simulator.IdentityWords{
		Account: AccountID, KeyPrefix: "AKTP", PrincipalKey: "IAM", Equals: "StringEquals", Like: "StringLike",
		AssumeAction: "sts:AssumeRole", FederatedAction: "sts:AssumeRoleWithOIDC",
		Root:     func(account string) string { return "trn:iam::" + account + ":root" },
		User:     func(account, name string) string { return "trn:iam::" + account + ":user/" + name },
		Role:     RoleTRN,
		Provider: ProviderTRN,
		Session: func(account, role, session string) string {
			return "trn:sts::" + account + ":assumed-role/" + role + "/" + session
		},
		RoleID: number,
	}
}

// number is one that the name of a role or a user keeps.
func number(account, name string) string { return "1" + signing.Number(account+"/"+name, 7) }

// firstIdentities are what the constants above name.
func firstIdentities() simulator.FirstIdentities {
	return simulator.FirstIdentities{
		Account: AccountID, SecondAccount: SecondAccountID, Audience: Audience, Describe: "ecs:Describe*",
		TrustRuns: trustRuns, TrustAccount: trustAccount,
	}
}

// trustRuns is a trust policy for the runs of HCP Terraform of one phase.
func trustRuns(phase string) json.RawMessage {
	return fmt.Appendf(nil, `{"Statement":[{"Effect":"Allow","Action":["sts:AssumeRoleWithOIDC"],
 "Principal":{"Federated":[%q]},
 "Condition":{"StringEquals":{"oidc:iss":[%q],"oidc:aud":[%q]},
  "StringLike":{"oidc:sub":["organization:*:project:*:workspace:*:run_phase:%s"]}}}]}`,
		ProviderTRN(AccountID, simulator.ProviderName), oidc.HCPTerraform, Audience, phase)
}

func trustAccount(account string) json.RawMessage {
	return fmt.Appendf(nil, `{"Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
 "Principal":{"IAM":["trn:iam::%s:root"]}}]}`, account)
}

// federation is how a run uses the cloud without a key.
func federation() simulator.Federation {
	return simulator.Federation{
		Audience: Audience, Block: "assume_role_with_oidc", RoleArgument: "role_trn", TokenArgument: "oidc_token",
		PlanRole: RoleTRN(AccountID, simulator.PlanRole), ApplyRole: RoleTRN(AccountID, simulator.ApplyRole),
		Operator: RoleTRN(AccountID, simulator.OperatorRole),
	}
}
