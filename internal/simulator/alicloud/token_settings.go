package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The switches of the token service, for behavior that no page documents.
const (
	// SignedOIDC: an AssumeRoleWithOIDC that is signed, or names a key. The page
	// states that these parameters are not needed
	// (https://api.aliyun.com/document/Sts/2015-04-01/AssumeRoleWithOIDC).
	SignedOIDC = "signed_oidc"

	// SessionNameLength: the longest name of a session. The page of AssumeRole
	// has 64, an older text 32
	// (https://www.alibabacloud.com/help/doc-detail/42775.htm).
	SessionNameLength = "session_name_length"

	// EarlyToken: the code of a token that is not valid yet.
	EarlyToken = "early_token_code"

	// ForeignIssuer: the code of a token of another issuer than the provider's.
	ForeignIssuer = "foreign_issuer_code"

	tokenInvalid = "AuthenticationFail.OIDCToken.Invalid"
	tokenExpired = "AuthenticationFail.OIDCToken.Expired"
	notTrusted   = "AuthenticationFail.NoPermission"
)

func tokenSettings() []simulator.Setting {
	own := []simulator.Setting{
		{Name: SignedOIDC, Doc: "an AssumeRoleWithOIDC that is signed or names a key", Values: []string{Refused, Ignored}},
		{Name: SessionNameLength, Doc: "the longest RoleSessionName", Values: []string{"64", "32"}},
		{Name: EarlyToken, Doc: "code of an OIDC token that is not valid yet", Values: []string{tokenInvalid, tokenExpired}},
		{Name: ForeignIssuer, Doc: "code of an OIDC token of another issuer", Values: []string{tokenInvalid, notTrusted}},
	}
	own = append(own, simulator.ExchangeSettings(simulator.Fetched, simulator.Stored)...)
	return append(own, metadataWords().Settings()...)
}
