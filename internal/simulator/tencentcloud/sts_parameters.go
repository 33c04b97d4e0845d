package tencentcloud

import (
	"net/url"
	"regexp"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// tokenParameters are those of all actions of the token service together
// (SDK source, sts/v20180813/models.go).
type tokenParameters struct {
	RoleARN          *string `json:"RoleArn"`
	RoleSessionName  *string
	DurationSeconds  *int64
	Policy           *string
	ExternalID       *string `json:"ExternalId"`
	SourceIdentity   *string
	SerialNumber     *string
	TokenCode        *string
	ProviderID       *string `json:"ProviderId"`
	WebIdentityToken *string
	Tags             []struct{ Key, Value string }

	narrowed *simulator.Policy // the parsed Policy
}

// The life of keys, in seconds
// (https://cloud.tencent.com/document/product/598/33164, DurationSeconds).
const (
	defaultSeconds = 7200
	maxSeconds     = 43200
)

var (
	roleForm       = regexp.MustCompile(`^qcs::cam::uin/(\d+):(?:roleName/([\w+=,.@-]+)|role/(\d+))$`)
	sessionForm    = regexp.MustCompile(`^[\w+=,.@-]{2,128}$`)
	externalIDForm = regexp.MustCompile(`^[\w+=,.@:/-]{2,128}$`)
)

// roleName is what a RoleArn names: a role by its name or by its id.
type roleName struct{ account, name, id string }

func (p *tokenParameters) role() (roleName, bool) {
	m := roleForm.FindStringSubmatch(text(p.RoleARN))
	if m == nil {
		return roleName{}, false
	}
	return roleName{m[1], m[2], m[3]}, true
}

func (p *tokenParameters) duration() time.Duration {
	if p.DurationSeconds == nil || *p.DurationSeconds == 0 {
		return defaultSeconds * time.Second
	}
	return time.Duration(*p.DurationSeconds) * time.Second
}

// describe tells the log what the request asks for.
func (p *tokenParameters) describe(call *simulator.Call) {
	call.Role, call.Session = text(p.RoleARN), text(p.RoleSessionName)
	if claims, err := oidc.Read(text(p.WebIdentityToken)); err == nil {
		call.Subject = claims.Subject
	}
}

// check applies the rules that do not depend on the role. The codes are in the
// lists of the two actions.
func (p *tokenParameters) check(action string, plainPolicy bool) *simulator.Refusal {
	federated := action == assumeRoleWithWebIdentity
	switch {
	case !hasAll(p.RoleARN):
		return missing("RoleArn")
	case !hasAll(p.RoleSessionName):
		return missing("RoleSessionName")
	case federated && !hasAll(p.ProviderID):
		return missing("ProviderId")
	case federated && !hasAll(p.WebIdentityToken):
		return missing("WebIdentityToken")
	}
	if _, ok := p.role(); !ok {
		return wrongParameter("RoleArn")
	}
	switch {
	case !sessionForm.MatchString(*p.RoleSessionName):
		return wrongParameter("RoleSessionName")
	case p.ExternalID != nil && !externalIDForm.MatchString(*p.ExternalID):
		return wrongParameter("ExternalId")
	case p.DurationSeconds != nil && *p.DurationSeconds < 0:
		return wrongParameter("DurationSeconds")
	case p.duration() > maxSeconds*time.Second && federated:
		return wrongParameter("DurationSeconds")
	case p.duration() > maxSeconds*time.Second:
		return refuse("InvalidParameter.OverTimeError", "DurationSeconds is more than %d.", maxSeconds)
	case p.SerialNumber != nil || p.TokenCode != nil:
		// The simulator has no device that could have shown the code.
		return refuse("FailedOperation.CheckMFAError", "The check of the MFA code failed.")
	}
	if p.Policy == nil {
		return nil
	}
	var wrong *simulator.Refusal
	p.narrowed, wrong = sessionPolicy(*p.Policy, plainPolicy)
	return wrong
}

func wrongParameter(name string) *simulator.Refusal {
	return refuse("InvalidParameter.ParamError", "The parameter `%s` is not valid.", name)
}

// encodedForm is URL-encoded text.
var encodedForm = regexp.MustCompile(`^(?:[A-Za-z0-9._~*+-]|%[0-9A-Fa-f]{2})*$`)

// sessionPolicy reads a session policy, which comes URL-encoded.
func sessionPolicy(policy string, plain bool) (*simulator.Policy, *simulator.Refusal) {
	if encodedForm.MatchString(policy) {
		decoded, err := url.QueryUnescape(policy)
		if err != nil {
			return nil, refuse("InvalidParameter.StrategyFormatError", "The policy is not URL-encoded.")
		}
		policy = decoded
	} else if !plain {
		return nil, refuse("InvalidParameter.StrategyFormatError", "The policy is not URL-encoded.")
	}
	parsed, err := simulator.ParseSessionPolicy(policy)
	if err != nil {
		return nil, refuse("InvalidParameter.StrategyFormatError", "The policy is not valid: %v.", err)
	}
	return parsed, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
