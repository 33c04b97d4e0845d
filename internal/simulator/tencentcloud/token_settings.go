package tencentcloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The switches of the token service, for behavior that no page documents.
const (
	// UnsignedTime: whether the time of an exchange that is not signed is
	// compared with the server's.
	UnsignedTime = "unsigned_time"
	Unchecked    = "unchecked"
	Checked      = "checked"

	// SignedWebIdentity: a web identity call that is signed. The page requires
	// the value SKIP in the place of a signature
	// (https://cloud.tencent.com/document/product/1312/73070).
	SignedWebIdentity = "signed_web_identity"

	// PlainPolicy: a policy that is not URL-encoded. The page requires the
	// encoding (https://cloud.tencent.com/document/product/598/33164).
	PlainPolicy = "plain_policy"

	// TokenRegion: a call to the token service without a region. The table of
	// parameters has it as required, and the service has no regions.
	TokenRegion = "token_region"
	Optional    = "optional"
	Required    = "required"

	// MissingRole: the code of a web identity call for a role that does not
	// exist. Its list of codes has none for that.
	MissingRole = "web_identity_missing_role"

	// MissingProvider: the same for the provider.
	MissingProvider = "web_identity_missing_provider"
)

func tokenSettings() []simulator.Setting {
	own := []simulator.Setting{
		{Name: UnsignedTime, Doc: "the time of an exchange that is not signed", Values: []string{Unchecked, Checked}},
		{Name: SignedWebIdentity, Doc: "a web identity call that is signed", Values: []string{Refused, Accepted}},
		{Name: PlainPolicy, Doc: "a session policy that is not URL-encoded", Values: []string{Refused, Accepted}},
		{Name: TokenRegion, Doc: "the region of a call to the token service", Values: []string{Optional, Required}},
		{
			Name: MissingRole, Doc: "code of a web identity call for a role that does not exist",
			Values: []string{"InternalError.GetRoleError", "UnauthorizedOperation"},
		},
		{
			Name: MissingProvider, Doc: "code of a web identity call for a provider that does not exist",
			Values: []string{"InvalidParameter.ParamError", "InvalidParameter.WebIdentityTokenError"},
		},
	}
	own = append(own, simulator.ExchangeSettings(simulator.Stored, simulator.Fetched)...)
	return append(own, metadataWords().Settings()...)
}
