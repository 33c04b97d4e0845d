package alicloud

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// TokenVersion is the version of the token service's API
// (https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole).
const TokenVersion = "2015-04-01"

// The actions of the token service that are served.
const (
	assumeRole         = "AssumeRole"
	assumeRoleWithOIDC = "AssumeRoleWithOIDC"
	getCallerIdentity  = "GetCallerIdentity"
)

// tokenActions are the actions with their parameters.
func tokenActions() map[string]action {
	return map[string]action{
		assumeRole: {
			op: simulator.OpOther, required: []string{"RoleArn", "RoleSessionName"},
			optional: []string{"DurationSeconds", "Policy", "ExternalId", "SourceIdentity"},
		},
		assumeRoleWithOIDC: {
			op: simulator.OpOther, required: []string{"RoleArn", "RoleSessionName", "OIDCProviderArn"},
			optional: []string{"OIDCToken", "DurationSeconds", "Policy"},
		},
		getCallerIdentity: {op: simulator.OpOther},
	}
}

// tokens is the token service, STS. It shares keys, signatures and the form of
// answers with the wire.
type tokens struct{ *Wire }

var _ simulator.MultiWire = (*Wire)(nil)

// Protocols implements simulator.MultiWire.
func (w *Wire) Protocols() []simulator.Protocol {
	return []simulator.Protocol{tokens{w}, simulator.NewMetadata(w.cloud, metadataWords())}
}

// Match implements simulator.Protocol. In the older form of a request a number
// that is used once tells it from one of another cloud.
func (s tokens) Match(r *http.Request) bool {
	q := r.URL.Query()
	if r.Header.Get("X-Acs-Version") == TokenVersion || q.Get("Version") == TokenVersion {
		return true
	}
	if r.Header.Get("X-Acs-Action") == "" && !q.Has("SignatureNonce") {
		return false
	}
	_, known := tokenActions()[r.Header.Get("X-Acs-Action")+q.Get("Action")]
	return known
}

// Parse implements simulator.Protocol.
func (s tokens) Parse(req *simulator.Request) *simulator.Refusal {
	call := req.Call
	call.Service = simulator.TokenService
	call.RequestID = strings.ToUpper(call.RequestID)
	m := read(req)
	p := &parameters{message: m}
	req.Params = p
	call.Action = m.common("x-acs-action", "Action")
	spec, known := tokenActions()[call.Action]
	p.sts = readTokenParameters(m)
	p.sts.describe(call)
	if refusal := s.admit(req, m, &p.sts); refusal != nil {
		return refusal
	}
	version := m.common("x-acs-version", "Version")
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost}, req.HTTP.Method):
		return refuse("UnsupportedHTTPMethod")
	case call.Action == "":
		return missing("Action")
	case version == "":
		return missing("Version")
	case version != TokenVersion:
		return refuse("InvalidVersion")
	case !known, req.HTTP.URL.Path != "/" && req.HTTP.URL.Path != "":
		return refuse("InvalidAction.NotFound")
	}
	f := &filling{message: m}
	if s.cloud.Setting(UnknownParameter) == Refused {
		f.unknown(spec)
	}
	for _, name := range spec.required {
		if m.get(name) == "" {
			f.refuse(missing(name))
		}
	}
	if f.refusal != nil || call.Action == getCallerIdentity {
		return f.refusal
	}
	return p.sts.check(call.Action, s.cloud.Setting(SessionNameLength) == "32")
}

// admit authenticates the caller. AssumeRoleWithOIDC is not signed: its token is
// checked when the call is served.
func (s tokens) admit(req *simulator.Request, m *message, p *tokenParameters) *simulator.Refusal {
	if req.Call.Action == assumeRoleWithOIDC {
		if (m.acs3() || m.has("Signature") || m.has("AccessKeyId")) && s.cloud.Setting(SignedOIDC) == Refused {
			return &simulator.Refusal{
				Code:    "IncompleteSignature",
				Message: "This action takes neither a signature nor an access key.",
			}
		}
		return nil
	}
	key, refusal := s.authenticate(req, m)
	if refusal != nil || req.Call.Action != assumeRole {
		return refusal
	}
	switch {
	case key.Main:
		return &simulator.Refusal{Code: "NoPermission", Message: "Roles may not be assumed by root accounts."}
	case !key.Allows("sts:AssumeRole", p.role):
		return &simulator.Refusal{
			Code:    "NoPermission",
			Message: "You are not authorized to do this action. You should be authorized by RAM.",
		}
	}
	return nil
}

// Serve implements simulator.Protocol.
func (s tokens) Serve(req *simulator.Request) simulator.Answer {
	p := parametersOf(req).sts
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		if req.Call.Action == getCallerIdentity {
			return s.identity(req, tx)
		}
		federated := req.Call.Action == assumeRoleWithOIDC
		account, role := split(p.role, roleForm)
		providerAccount, provider := split(p.provider, providerForm)
		grant, claims, objection := tx.Exchange(simulator.Exchange{
			Account: account, Role: role, Session: p.session, Duration: p.duration(), Policy: p.narrowed,
			Conditions: map[string]string{"sts:ExternalId": p.externalID},
			Federated:  federated, Token: p.token, Provider: provider, ProviderAccount: providerAccount,
		})
		if objection != "" {
			return s.Refuse(req, *objected(req, tx, objection))
		}
		body := map[string]any{
			"RequestId": req.Call.RequestID,
			"AssumedRoleUser": map[string]string{
				"Arn": p.role + "/" + p.session, "AssumedRoleId": grant.RoleID + ":" + p.session,
			},
			"Credentials": map[string]string{
				"AccessKeyId": grant.AccessKeyID, "AccessKeySecret": grant.Secret, "SecurityToken": grant.Token,
				"Expiration": grant.Expires.Format(timeForm),
			},
		}
		if federated {
			body["OIDCTokenInfo"] = tokenInfo(claims)
		}
		return answer(req, http.StatusOK, req.Call.Action+"Response", body)
	})
}

// tokenInfo describes the token that was taken
// (https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc, OIDCTokenInfo).
func tokenInfo(c oidc.Claims) map[string]string {
	return map[string]string{
		"Issuer": c.Issuer, "Subject": c.Subject, "ClientIds": strings.Join(c.Audience, ","), "VerificationInfo": "Success",
		"ExpirationTime": time.Unix(c.Expires, 0).UTC().Format(timeForm),
		"IssuanceTime":   time.Unix(c.IssuedAt, 0).UTC().Format(timeForm),
	}
}

// identity answers GetCallerIdentity
// (https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity).
func (s tokens) identity(req *simulator.Request, tx *simulator.Tx) simulator.Answer {
	caller, account := tx.Caller(), req.Call.Account
	body := map[string]any{
		"RequestId": req.Call.RequestID, "AccountId": account, "Arn": req.Call.Principal, "IdentityType": "RAMUser",
	}
	switch {
	case caller.Main:
		body["IdentityType"], body["UserId"], body["PrincipalId"] = "Account", account, account
	case caller.Role != "":
		id := identityWords().RoleID(account, caller.Role)
		body["IdentityType"], body["RoleId"], body["PrincipalId"] = "AssumedRoleUser", id, id+":"+caller.Session
	default:
		id := number("2", account+"/"+caller.UserName())
		body["UserId"], body["PrincipalId"] = id, id
	}
	return answer(req, http.StatusOK, "GetCallerIdentityResponse", body)
}
