package alicloud

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// tokenCodes are the codes of the token service that the wire does not have
// (https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-errorcodes,
// https://www.alibabacloud.com/help/doc-detail/42775.htm).
func tokenCodes() map[string]known {
	return map[string]known{
		"NoPermission": {403, "No permission perform sts:AssumeRole on this Role. " +
			"Maybe you are not authorized or the specified role does not trust you."},
		"EntityNotExist.Role":              {404, "The role does not exist."},
		"InvalidParameter.RoleArn":         {400, "The parameter RoleArn is wrongly formed."},
		"InvalidParameter.RoleSessionName": {400, "The parameter RoleSessionName is wrongly formed."},
		"InvalidParameter.DurationSeconds": {
			400,
			"The Min/Max value of DurationSeconds is 15min/the longest session of the role.",
		},
		"InvalidParameter.PolicyGrammar":                {400, "The parameter Policy has not passed grammar check."},
		"InvalidParameter.PolicySize":                   {400, "The size of Policy must be smaller than 2048 bytes."},
		"InvalidParameter.ExternalId":                   {400, "The parameter ExternalId is wrongly formed."},
		"InvalidParameter.OIDCProviderArn":              {400, "The parameter OIDCProviderArn is wrongly formed."},
		notTrusted:                                      {401, "There is no permission"},
		tokenInvalid:                                    {401, "The Jwt content is invalid that cannot be recognized."},
		tokenExpired:                                    {401, "This JsonWebToken is expired."},
		"AuthenticationFail.OIDCToken.AudienceNotMatch": {401, "Invalid audience."},
		"AuthenticationFail.OIDCToken.InvalidSignature": {401, "OIDC token validate failed: invalid signature."},
		"AuthenticationFail.OIDCToken.HttpsUrlInvalid":  {401, "Invoke url failed due to certificate chain validation"},
	}
}

// Refuse implements simulator.Protocol, in the same form as the wire.
func (s tokens) Refuse(req *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	if usual, ok := tokenCodes()[refusal.Code]; ok {
		if refusal.Status == 0 {
			refusal.Status = usual.status
		}
		if refusal.Message == "" {
			refusal.Message = usual.message
		}
	}
	refusal = complete(refusal)
	a := answer(req, refusal.Status, "Error", map[string]any{
		"RequestId": req.Call.RequestID, "HostId": req.HTTP.Host, "Code": refusal.Code, "Message": refusal.Message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + url.QueryEscape(refusal.Code) + "&product=Sts",
	})
	a.Code = refusal.Code
	if refusal.RetryAfter > 0 {
		s.setRetryAfter(a.Header, refusal.RetryAfter)
	}
	return a
}

// Default implements simulator.Protocol.
func (s tokens) Default(kind simulator.Kind) simulator.Refusal {
	if kind == simulator.Throttle {
		return s.Wire.Default(kind)
	}
	return simulator.Refusal{
		Code: "InternalError", Status: http.StatusInternalServerError,
		Message: "STS Server Internal Error happened, please send the RequestId to us.",
	}
}

// objected is the refusal for what the shared machine objects to.
func objected(req *simulator.Request, tx *simulator.Tx, o simulator.Objection) *simulator.Refusal {
	switch o {
	case simulator.TooLong:
		return refuse("InvalidParameter.DurationSeconds")
	case simulator.NoSuchProvider:
		return &simulator.Refusal{Code: notTrusted, Message: "No such OIDC Provider registered."}
	case simulator.KeysUnreachable:
		return refuse("AuthenticationFail.OIDCToken.HttpsUrlInvalid")
	case simulator.TokenMalformed:
		return refuse(tokenInvalid)
	case simulator.TokenAlgorithm:
		return &simulator.Refusal{Code: tokenInvalid, Message: "The algorithm that be specified in Jwt header is unknown."}
	case simulator.TokenSignature:
		return refuse("AuthenticationFail.OIDCToken.InvalidSignature")
	case simulator.TokenExpired:
		return refuse(tokenExpired)
	case simulator.TokenNotYet:
		return refuse(tx.Setting(EarlyToken))
	case simulator.WrongIssuer:
		return refuse(tx.Setting(ForeignIssuer))
	case simulator.WrongAudience:
		return refuse("AuthenticationFail.OIDCToken.AudienceNotMatch")
	case simulator.NoSuchRole:
		if req.Call.Action == assumeRole {
			return &simulator.Refusal{Code: "EntityNotExist.Role", Message: fmt.Sprintf("The role not exists: %s.",
				req.Call.Role)}
		}
	case simulator.NotTrusted:
		if req.Call.Action == assumeRole {
			return refuse("NoPermission")
		}
	}
	return refuse(notTrusted)
}
