package tencentcloud

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// TokenVersion is the version of the token service's API
// (https://cloud.tencent.com/document/api/1312/66098).
const TokenVersion = "2018-08-13"

// The actions of the token service that are served.
const (
	assumeRole                = "AssumeRole"
	assumeRoleWithWebIdentity = "AssumeRoleWithWebIdentity"
	getCallerIdentity         = "GetCallerIdentity"
)

// skip stands in the place of a signature where there is none.
const skip = "SKIP"

// tokenActions are the actions with their parameters.
func tokenActions() map[string][]string {
	return map[string][]string{
		assumeRole: {
			"RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId", "Tags", "SourceIdentity", "SerialNumber",
			"TokenCode",
		},
		assumeRoleWithWebIdentity: {"ProviderId", "WebIdentityToken", "RoleArn", "RoleSessionName", "DurationSeconds"},
		getCallerIdentity:         {},
	}
}

// tokens is the token service, STS. It shares keys, signature and the shape of
// errors with the wire.
type tokens struct{ *Wire }

var _ simulator.MultiWire = (*Wire)(nil)

// Protocols implements simulator.MultiWire.
func (w *Wire) Protocols() []simulator.Protocol {
	return []simulator.Protocol{tokens{w}, simulator.NewMetadata(w.cloud, metadataWords())}
}

// Match implements simulator.Protocol.
func (s tokens) Match(r *http.Request) bool {
	h := r.Header
	_, known := tokenActions()[h.Get("X-TC-Action")]
	return known || h.Get("X-TC-Version") == TokenVersion ||
		strings.Contains(h.Get("Authorization"), "/sts/tc3_request") ||
		h.Get("Authorization") == skip || r.URL.Query().Get("Version") == TokenVersion
}

// Parse implements simulator.Protocol.
func (s tokens) Parse(req *simulator.Request) *simulator.Refusal {
	call := req.Call
	call.Service = simulator.TokenService
	call.Action = commonParameter(req.HTTP, "Action")
	call.Region = commonParameter(req.HTTP, "Region")
	names, known := tokenActions()[call.Action]
	params := &tokenParameters{}
	wrong := decode(req, names, params)
	req.Params = params
	params.describe(call)
	if refusal := s.admit(req); refusal != nil {
		return refusal
	}
	switch version := commonParameter(req.HTTP, "Version"); {
	case call.Action == "":
		return missing("Action")
	case version == "":
		return missing("Version")
	case version != TokenVersion:
		return refuse("NoSuchVersion", "The specified version `%s` does not exist.", version)
	case !known:
		return refuse("InvalidAction", "The specified action `%s` does not exist.", call.Action)
	case call.Region == "" && s.cloud.Setting(TokenRegion) == Required:
		return missing("Region")
	case call.Region != "" && !s.cloud.KnowsRegion(call.Region):
		return refuse("UnsupportedRegion", "The region `%s` is not supported.", call.Region)
	case wrong != nil:
		return wrong
	case call.Action == getCallerIdentity:
		return nil
	default:
		return params.check(call.Action, s.cloud.Setting(PlainPolicy) == Accepted)
	}
}

// admit authenticates the caller. A web identity call is not signed: its token is
// checked when the call is served.
func (s tokens) admit(req *simulator.Request) *simulator.Refusal {
	header := req.HTTP.Header.Get("Authorization")
	if req.Call.Action == assumeRoleWithWebIdentity && (header == skip || s.cloud.Setting(SignedWebIdentity) == Accepted) {
		seconds, err := strconv.ParseInt(commonParameter(req.HTTP, "Timestamp"), 10, 64)
		if err != nil {
			return missing("Timestamp")
		}
		if s.cloud.Setting(UnsignedTime) == Checked && !s.cloud.SkewAllowed(time.Unix(seconds, 0)) {
			return refuse("AuthFailure.SignatureExpire", "The timestamp and the server time differ by more than five minutes.")
		}
		return nil
	}
	if req.Call.Action == assumeRoleWithWebIdentity {
		return refuse("AuthFailure.InvalidAuthorization", "The request header `Authorization` of this action must be `SKIP`.")
	}
	key, refusal := s.authenticate(req)
	if refusal == nil && req.Call.Action == assumeRole && !mayAssume(key, req.Call.Role) {
		refusal = unauthorized(req)
	}
	return refusal
}

// mayAssume reports whether the caller's policy allows the call. Names of actions
// are written with and without "name/" in front
// (https://cloud.tencent.com/document/product/598/10603).
func mayAssume(key simulator.Credential, role string) bool {
	return key.Allows("name/sts:AssumeRole", role) || key.Allows("sts:AssumeRole", role)
}

func unauthorized(req *simulator.Request) *simulator.Refusal {
	return refuse("UnauthorizedOperation", "You are not authorized to perform operation (sts:%s).", req.Call.Action)
}

// Serve implements simulator.Protocol.
func (s tokens) Serve(req *simulator.Request) simulator.Answer {
	params, ok := req.Params.(*tokenParameters)
	if !ok {
		return s.Refuse(req, *refuse("InternalError.SystemError", "The request was not parsed."))
	}
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		if req.Call.Action == getCallerIdentity {
			return identity(req, tx)
		}
		role, _ := params.role()
		if role.name == "" {
			role.name = tx.RoleOfID(role.account, role.id)
		}
		grant, claims, objection := tx.Exchange(simulator.Exchange{
			Account: role.account, Role: role.name, Session: *params.RoleSessionName, Duration: params.duration(),
			Conditions: map[string]string{"sts:external_id": text(params.ExternalID)},
			Federated:  req.Call.Action == assumeRoleWithWebIdentity, Token: text(params.WebIdentityToken),
			Policy:   params.narrowed,
			Provider: text(params.ProviderID), ProviderAccount: role.account,
		})
		if objection != "" {
			return s.Refuse(req, *objected(req, tx, objection, claims))
		}
		return succeed(req, map[string]any{
			"Credentials": map[string]string{
				"Token": grant.Token, "TmpSecretId": grant.AccessKeyID,
				"TmpSecretKey": grant.Secret,
			},
			"ExpiredTime": grant.Expires.Unix(), "Expiration": grant.Expires.Format(time.RFC3339),
		})
	})
}

// objected is the code for what the shared machine objects to. The codes are
// those of https://cloud.tencent.com/document/product/1312/73070 and
// https://cloud.tencent.com/document/product/598/33164.
func objected(req *simulator.Request, tx *simulator.Tx, o simulator.Objection, claims oidc.Claims) *simulator.Refusal {
	if req.Call.Action == assumeRole {
		switch o {
		case simulator.NoSuchRole:
			return refuse("ResourceNotFound.RoleNotFound", "The role `%s` does not exist.", req.Call.Role)
		case simulator.TooLong:
			return refuse("InvalidParameter.OverTimeError", "DurationSeconds exceeds the longest session of the role.")
		default:
			return unauthorized(req)
		}
	}
	switch o {
	case simulator.NoSuchRole:
		return refuse(tx.Setting(MissingRole), "The role `%s` cannot be read.", req.Call.Role)
	case simulator.NotTrusted:
		return unauthorized(req)
	case simulator.NoSuchProvider:
		return refuse(tx.Setting(MissingProvider), "The identity provider does not exist.")
	case simulator.TooLong:
		return refuse("InvalidParameter.ParamError", "DurationSeconds exceeds the longest session of the role.")
	default:
		return refuse("InvalidParameter.WebIdentityTokenError", "The web identity token is not valid (%s, iss `%s`).", o,
			claims.Issuer)
	}
}

// identity answers GetCallerIdentity
// (https://cloud.tencent.com/document/api/1312/66098). The page names the types
// CAMUser and CAMRole; that of the account itself is a guess.
func identity(req *simulator.Request, tx *simulator.Tx) simulator.Answer {
	caller, account := tx.Caller(), req.Call.Account
	id, kind := uin(account, caller.UserName()), "CAMUser"
	principal := id
	switch {
	case caller.Main:
		id, principal, kind = account, account, "RootAccount"
	case caller.Role != "":
		id, principal, kind = roleID(account, caller.Role)+":"+caller.Session, account, "CAMRole"
	}
	return succeed(req, map[string]any{
		"Arn": req.Call.Principal, "AccountId": account, "UserId": id, "PrincipalId": principal, "Type": kind,
	})
}

// succeed wraps the answer of an action.
func succeed(req *simulator.Request, fields map[string]any) simulator.Answer {
	fields["RequestId"] = req.Call.RequestID
	return simulator.JSON(http.StatusOK, map[string]any{"Response": fields})
}

// Default implements simulator.Protocol.
func (s tokens) Default(kind simulator.Kind) simulator.Refusal {
	if kind == simulator.Throttle {
		return s.Wire.Default(kind)
	}
	return *refuse("InternalError.SystemError", "An internal error has occurred.")
}

// hasAll reports whether all of the texts are there and not empty.
func hasAll(all ...*string) bool {
	return !slices.ContainsFunc(all, func(s *string) bool { return s == nil || *s == "" })
}
