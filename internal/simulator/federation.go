package simulator

import (
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// Federation is how a service is used without a key of one's own: by the token
// of an identity provider. It is zero for a cloud that has no token service.
type Federation struct {
	// Audience is what a token must name.
	Audience string
	// Block is the nested block of the provider's configuration, RoleArgument and
	// TokenArgument its arguments for the role and the token; Arguments are further
	// lines of it.
	Block, RoleArgument, TokenArgument string
	Arguments                          []string
	// PlanRole and ApplyRole are roles that trust the runs of HCP Terraform of
	// that phase; Operator is one that the key of a user can assume.
	PlanRole, ApplyRole, Operator string
}

// Tokens reports whether the cloud has a token service.
func (f Federation) Tokens() bool { return f.Block != "" }

// Request asks for the token of a run of HCP Terraform; the phase is plan or
// apply.
func (f Federation) Request(phase string) TokenRequest {
	return TokenRequest{
		Subject: oidc.HCPSubject("demo", "demo", "demo", phase), Audience: oidc.Audience{f.Audience},
	}
}

// Configuration returns the block that makes the provider use a role with a
// token.
func (f Federation) Configuration(role, token string) string {
	lines := append([]string{
		fmt.Sprintf("%s = %q", f.RoleArgument, role), fmt.Sprintf("%s = %q", f.TokenArgument, token),
	}, f.Arguments...)
	return f.Block + " {\n  " + strings.Join(lines, "\n  ") + "\n}"
}
