package volcengine

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// TokenVersion is the version of the token service's API
// (https://www.volcengine.com/docs/6257/1902650).
const TokenVersion = "2018-01-01"

// The actions of the token service that are served.
const (
	assumeRole         = "AssumeRole"
	assumeRoleWithOIDC = "AssumeRoleWithOIDC"
	getCallerIdentity  = "GetCallerIdentity"
)

// tokenActions are the actions with their parameters.
func tokenActions() map[string][]string {
	return map[string][]string{
		assumeRole:         {"RoleTrn", "RoleSessionName", "DurationSeconds", "Policy"},
		assumeRoleWithOIDC: {"RoleTrn", "RoleSessionName", "OIDCToken", "DurationSeconds", "Policy"},
		getCallerIdentity:  {},
	}
}

// tokens is the token service, STS. It shares keys, signature and the form of
// answers with the wire.
type tokens struct{ *Wire }

var _ simulator.MultiWire = (*Wire)(nil)

// Protocols implements simulator.MultiWire.
func (w *Wire) Protocols() []simulator.Protocol {
	return []simulator.Protocol{tokens{w}, simulator.NewMetadata(w.cloud, metadataWords())}
}

// Match implements simulator.Protocol. A signature tells the services apart that
// have the same version.
func (s tokens) Match(r *http.Request) bool {
	h, q := r.Header, r.URL.Query()
	if h.Get("X-Acs-Action") != "" || h.Get("X-TC-Action") != "" || q.Has("SignatureNonce") {
		return false
	}
	_, known := tokenActions()[q.Get("Action")]
	signature := h.Get("Authorization")
	return known || signature == "" && q.Get("Version") == TokenVersion ||
		strings.Contains(signature, "/"+simulator.TokenService+"/request")
}

// Parse implements simulator.Protocol.
func (s tokens) Parse(req *simulator.Request) *simulator.Refusal {
	call, r := req.Call, req.HTTP
	call.RequestID = requestID(call)
	call.Service = simulator.TokenService
	values, wrong := form(req)
	call.Action = values.Get("Action")
	names, known := tokenActions()[call.Action]
	params := &parameters{version: values.Get("Version"), sts: readTokenParameters(values)}
	req.Params = params
	params.sts.describe(call)
	if wrong == nil && known && s.cloud.Setting(UnknownParameters) == Refused {
		wrong = unknownParameter(values, names)
	}
	if r.TLS == nil && !simulator.LoopbackHost(r.Host) && s.cloud.Setting(PlainHTTP) == Refused {
		return &simulator.Refusal{Code: accessDenied, Status: http.StatusForbidden, Message: "The service takes HTTPS only."}
	}
	refusal := s.admit(req, &params.sts)
	call.Service = simulator.TokenService
	switch {
	case refusal != nil:
		return refusal
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return refuse("MethodNotAllowed", "The method %s is not allowed.", r.Method)
	case call.Action == "":
		return missing("Action")
	case params.version == "":
		return missing("Version")
	case !known || params.version != TokenVersion:
		return refuse("InvalidActionOrVersion", "Could not find operation %s for version %s.", call.Action, params.version)
	case wrong != nil:
		return wrong
	case call.Action == getCallerIdentity:
		return nil
	default:
		return params.sts.check(call.Action)
	}
}

// admit authenticates the caller. AssumeRoleWithOIDC is not signed: its token is
// checked when the call is served.
func (s tokens) admit(req *simulator.Request, p *tokenParameters) *simulator.Refusal {
	if req.Call.Action == assumeRoleWithOIDC {
		if req.HTTP.Header.Get("Authorization") != "" && s.cloud.Setting(SignedOIDC) == Refused {
			return refuse("InvalidAuthorization", "The action AssumeRoleWithOIDC takes no signature.")
		}
		return nil
	}
	key, refusal := s.authenticate(req, simulator.TokenService)
	if refusal != nil || req.Call.Action != assumeRole {
		return refusal
	}
	if key.Main || !key.Allows("sts:AssumeRole", p.role) {
		return notAuthorized(req)
	}
	return nil
}

func notAuthorized(req *simulator.Request) *simulator.Refusal {
	return refuse(accessDenied, "User is not authorized to perform: sts:%s on resource: %s.", req.Call.Action,
		req.Call.Role)
}

// Serve implements simulator.Protocol.
func (s tokens) Serve(req *simulator.Request) simulator.Answer {
	params, ok := req.Params.(*parameters)
	if !ok {
		return s.Refuse(req, *refuse("InternalError", "The request was not parsed."))
	}
	p := params.sts
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		if req.Call.Action == getCallerIdentity {
			return identity(req, tx)
		}
		account, role := p.roleName()
		federated := req.Call.Action == assumeRoleWithOIDC
		grant, claims, objection := tx.Exchange(simulator.Exchange{
			Account: account, Role: role, Session: p.session, Duration: p.duration(), Clamp: true, Policy: p.narrowed,
			Federated: federated, Token: p.token,
		})
		if objection != "" {
			return s.Refuse(req, *objected(req, tx, objection))
		}
		keys := map[string]string{
			"CurrentTime": stamp(tx, grant.Since), "AccessKeyId": grant.AccessKeyID, "SecretAccessKey": grant.Secret,
			"SessionToken": grant.Token,
		}
		result := map[string]any{
			"Credentials": keys,
			"AssumedRoleUser": map[string]string{
				"Trn":           identityWords().Session(grant.Account, role, p.session),
				"AssumedRoleId": grant.RoleID + ":" + p.session,
			},
		}
		// The two actions name the end of the keys differently.
		if federated {
			keys["Expiration"] = stamp(tx, grant.Expires)
			result["OIDCTokenInfo"] = tokenInfo(tx, claims)
		} else {
			keys["ExpiredTime"] = stamp(tx, grant.Expires)
		}
		return success(req, result)
	})
}

// tokenInfo describes the token that was taken.
func tokenInfo(tx *simulator.Tx, c oidc.Claims) map[string]any {
	return map[string]any{
		"Subject": c.Subject, "Issuer": c.Issuer, "ClientIds": []string(c.Audience),
		"ExpirationTime": stamp(tx, time.Unix(c.Expires, 0)), "IssuanceTime": stamp(tx, time.Unix(c.IssuedAt, 0)),
	}
}

// objected is the refusal for what the shared machine objects to.
func objected(req *simulator.Request, tx *simulator.Tx, o simulator.Objection) *simulator.Refusal {
	status := http.StatusForbidden
	switch o {
	case simulator.NotTrusted:
		return notAuthorized(req)
	case simulator.NoSuchRole:
		code := tx.Setting(MissingRole)
		if code == roleNotExist {
			status = http.StatusNotFound
		}
		return &simulator.Refusal{Code: code, Status: status, Message: "The role " + req.Call.Role + " does not exist."}
	default:
		code := tx.Setting(OIDCTokenCode)
		if code == invalidOIDCToken {
			status = http.StatusBadRequest
		}
		return &simulator.Refusal{Code: code, Status: status, Message: "The OIDC token is not valid (" + string(o) + ")."}
	}
}

// identity answers GetCallerIdentity
// (https://www.volcengine.com/docs/6257/1902650).
func identity(req *simulator.Request, tx *simulator.Tx) simulator.Answer {
	caller, account := tx.Caller(), req.Call.Account
	kind, id := "User", number(account, caller.UserName())
	switch {
	case caller.Main:
		kind, id = "Account", account
	case caller.Role != "":
		kind, id = "Role", number(account, caller.Role)+":"+caller.Session
	}
	// An account is a number on the wire, whatever text a test has seeded.
	n, err := strconv.ParseInt(account, 10, 64)
	if err != nil {
		return simulator.Answer{Status: http.StatusInternalServerError, Body: []byte(err.Error()), Code: "simulator.Account"}
	}
	return success(req, map[string]any{"AccountId": n, "Trn": req.Call.Principal, "IdentityType": kind, "IdentityId": id})
}
