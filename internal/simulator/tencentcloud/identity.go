package tencentcloud

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The accounts of the simulator, by their UIN. The demo key is one of a user of
// the first.
const (
	AccountID       = "100000000001"
	SecondAccountID = "100000000101"
)

// Audience is what the tokens of the identity provider name that the first account has
// from the start.
const Audience = "tencentcloud.workload.identity"

// RoleARN is the name by which a role is assumed
// (https://cloud.tencent.com/document/product/598/33164, RoleArn).
func RoleARN(account, name string) string {
	return "qcs::cam::uin/" + account + ":roleName/" + name
}

// RoleARNByID names a role by its id, as the same page allows.
func RoleARNByID(account, name string) string {
	return "qcs::cam::uin/" + account + ":role/" + roleID(account, name)
}

// ProviderARN is how a trust policy names an identity provider.
func ProviderARN(account, name string) string {
	return "qcs::cam::uin/" + account + ":oidc-provider/" + name
}

// roleID is a number that a role keeps.
func roleID(account, name string) string {
	return "46116860184" + signing.Number(account+"/"+name, 8)
}

// uin is the number of a user of an account.
func uin(account, user string) string { return "2" + signing.Number(account+"/"+user, 11) }

// identityWords have the names of GetCallerIdentity's page
// (https://cloud.tencent.com/document/api/1312/66098).
func identityWords() simulator.IdentityWords {
	return simulator.IdentityWords{
		Account: AccountID, KeyPrefix: "AKIDSTS", PrincipalKey: "qcs", Equals: "string_equal", Like: "string_like",
		AssumeAction: "name/sts:AssumeRole", FederatedAction: "name/sts:AssumeRoleWithWebIdentity",
		Root:     func(account string) string { return "qcs::cam::uin/" + account + ":root" },
		User:     func(account, name string) string { return "qcs::cam::uin/" + account + ":uin/" + uin(account, name) },
		Role:     RoleARN,
		Provider: ProviderARN,
		Session: func(account, role, _ string) string {
			return "qcs::sts:" + account + ":assumed-role/" + roleID(account, role)
		},
		RoleID: roleID,
	}
}

// firstIdentities are what the constants above name.
func firstIdentities() simulator.FirstIdentities {
	return simulator.FirstIdentities{
		Account: AccountID, SecondAccount: SecondAccountID, Audience: Audience, Describe: "cvm:Describe*",
		TrustRuns: trustRuns, TrustAccount: trustAccount,
	}
}

// trustRuns is a trust policy for the runs of HCP Terraform of one phase, in
// the form of https://cloud.tencent.com/document/product/598/10603.
func trustRuns(phase string) json.RawMessage {
	return fmt.Appendf(nil, `{"version":"2.0","statement":[{"action":"name/sts:AssumeRoleWithWebIdentity","effect":"allow",
 "principal":{"federated":[%q]},
 "condition":{"string_equal":{"oidc:iss":%q,"oidc:aud":%q},
  "string_like":{"oidc:sub":"organization:*:project:*:workspace:*:run_phase:%s"}}}]}`,
		ProviderARN(AccountID, simulator.ProviderName), oidc.HCPTerraform, Audience, phase)
}

func trustAccount(account string) json.RawMessage {
	return fmt.Appendf(nil, `{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow",
 "principal":{"qcs":["qcs::cam::uin/%s:root"]}}]}`, account)
}

// seedIdentities puts what the constants above name.
func (w *Wire) seedIdentities() {
	w.cloud.SetDefaultRate(600, time.Second, assumeRole)
	w.cloud.SetDefaultRate(20, time.Second, assumeRoleWithWebIdentity, getCallerIdentity)
	first := firstIdentities()
	w.cloud.MustSeed(first.Providers(), first.Roles())
}

// federation is how a run uses the cloud without a key.
func federation() simulator.Federation {
	return simulator.Federation{
		Audience: Audience, Block: "assume_role_with_web_identity", RoleArgument: "role_arn",
		TokenArgument: "web_identity_token",
		Arguments:     []string{`provider_id = "` + simulator.ProviderName + `"`},
		PlanRole:      RoleARN(AccountID, simulator.PlanRole), ApplyRole: RoleARN(AccountID, simulator.ApplyRole),
		Operator: RoleARN(AccountID, simulator.OperatorRole),
	}
}
