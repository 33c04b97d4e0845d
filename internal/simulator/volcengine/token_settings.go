package volcengine

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The switches of the token service, for behavior that no page documents.
const (
	// SignedOIDC: an AssumeRoleWithOIDC that is signed. The page of its sister
	// states that it needs no signature (https://www.volcengine.com/docs/6257/1631607).
	SignedOIDC = "signed_oidc"

	// PlainHTTP: a call over plain HTTP that did not stay on this machine.
	PlainHTTP = "plain_http"
	Served    = "served"

	// OIDCTokenCode: the code of a token that is not taken. No list of codes was
	// found; a client can count on a status from 400 to 499.
	OIDCTokenCode    = "oidc_token_code" //nolint:gosec // A name of a switch, and no secret.
	invalidOIDCToken = "InvalidOIDCToken"
	accessDenied     = "AccessDenied"

	// MissingRole: the code of a call for a role that does not exist.
	MissingRole  = "missing_role_code"
	roleNotExist = "RoleNotExist"

	// TokenTimeZone: the zone of the times of keys. Samples have Beijing's.
	TokenTimeZone = "token_time_zone"
	ZoneBeijing   = "+08:00"
	ZoneUTC       = "Z"
)

func tokenSettings() []simulator.Setting {
	own := []simulator.Setting{
		{Name: SignedOIDC, Doc: "an AssumeRoleWithOIDC that is signed", Values: []string{Refused, Ignored}},
		{
			Name: PlainHTTP, Doc: "a call to the token service over plain HTTP from elsewhere",
			Values: []string{Refused, Served},
		},
		{
			Name: OIDCTokenCode, Doc: "code of an OIDC token that is not taken",
			Values: []string{invalidOIDCToken, accessDenied},
		},
		{
			Name: MissingRole, Doc: "code of an exchange for a role that does not exist",
			Values: []string{roleNotExist, accessDenied},
		},
		{Name: TokenTimeZone, Doc: "zone of the times of keys", Values: []string{ZoneBeijing, ZoneUTC}},
	}
	own = append(own, simulator.ExchangeSettings(simulator.Fetched, simulator.Stored)...)
	return append(own, metadataWords().Settings()...)
}

// stamp writes a time in the zone of the switch.
func stamp(tx *simulator.Tx, t time.Time) string {
	if tx.Setting(TokenTimeZone) == ZoneUTC {
		return t.UTC().Format(time.RFC3339)
	}
	return t.In(beijing()).Format(time.RFC3339)
}
