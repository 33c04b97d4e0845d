package simulator

import (
	"encoding/json"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// The identity provider and the roles that the first account of each cloud with a
// token service has from the start. PlanRole and ApplyRole trust the runs of HCP
// Terraform of their phase, in any workspace; OperatorRole trusts the users of its own
// account, and exists in the second account too.
const (
	ProviderName = "app.terraform.io"
	PlanRole     = "terraform-plan"
	ApplyRole    = "terraform-apply"
	OperatorRole = "operator"
	MachineRole  = "machine"
)

// FirstIdentities are what a cloud needs to tell of them.
type FirstIdentities struct {
	Account, SecondAccount string
	// Audience is what the tokens of the provider name.
	Audience string
	// Describe are the actions that PlanRole allows.
	Describe string
	// TrustRuns and TrustAccount are trust policies in the cloud's language, for the
	// runs of one phase and for the users of an account.
	TrustRuns    func(phase string) json.RawMessage
	TrustAccount func(account string) json.RawMessage
}

// Providers returns the identity provider.
func (f FirstIdentities) Providers() []OIDCProvider {
	return []OIDCProvider{{Name: ProviderName, Issuer: oidc.HCPTerraform, Audiences: []string{f.Audience}}}
}

// Roles returns the roles.
func (f FirstIdentities) Roles() []Role {
	return []Role{
		{Name: PlanRole, TrustPolicy: f.TrustRuns("plan"), Policy: AllowOnly(f.Describe)},
		{Name: ApplyRole, TrustPolicy: f.TrustRuns("apply")},
		{Name: OperatorRole, TrustPolicy: f.TrustAccount(f.Account)},
		{Name: MachineRole},
		{Account: f.SecondAccount, Name: OperatorRole, TrustPolicy: f.TrustAccount(f.SecondAccount)},
	}
}
