package alicloud

import (
	"regexp"
	"strconv"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// The limits of
// https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole and
// https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc.
const (
	defaultSeconds = 3600
	minSeconds     = 900
	maxPolicy      = 2048
	minOIDCToken   = 4
	maxOIDCToken   = 20000
	minExternalID  = 2
	maxExternalID  = 1224
)

var (
	roleForm       = regexp.MustCompile(`^acs:ram::(\d+):role/([A-Za-z0-9.-]{1,64})$`)
	providerForm   = regexp.MustCompile(`^acs:ram::(\d+):oidc-provider/([A-Za-z0-9._-]{1,128})$`)
	sessionForm    = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)
	externalIDForm = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
)

// oldSessionName is the longest name of a session in the older text.
const oldSessionName = 32

// tokenParameters are those of all actions of the token service together.
type tokenParameters struct {
	role, session, policy, externalID string
	provider, token                   string
	seconds                           string

	narrowed *simulator.Policy // the parsed policy
}

func readTokenParameters(m *message) tokenParameters {
	return tokenParameters{
		role: m.get("RoleArn"), session: m.get("RoleSessionName"), policy: m.get("Policy"), externalID: m.get("ExternalId"),
		provider: m.get("OIDCProviderArn"), token: m.get("OIDCToken"), seconds: m.get("DurationSeconds"),
	}
}

// describe tells the log what the request asks for.
func (p *tokenParameters) describe(call *simulator.Call) {
	call.Role, call.Session = p.role, p.session
	if claims, err := oidc.Read(p.token); err == nil {
		call.Subject = claims.Subject
	}
}

// split takes account and name out of the name of a role or a provider.
func split(arn string, form *regexp.Regexp) (account, name string) {
	m := form.FindStringSubmatch(arn)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

func (p *tokenParameters) duration() time.Duration {
	seconds, err := strconv.Atoi(p.seconds)
	if err != nil {
		seconds = defaultSeconds
	}
	return time.Duration(seconds) * time.Second
}

// check applies the rules that do not depend on the role.
func (p *tokenParameters) check(action string, oldLength bool) *simulator.Refusal {
	federated := action == assumeRoleWithOIDC
	switch {
	case !roleForm.MatchString(p.role):
		return refuse("InvalidParameter.RoleArn")
	case !sessionForm.MatchString(p.session), oldLength && len(p.session) > oldSessionName:
		return refuse("InvalidParameter.RoleSessionName")
	case p.externalID != "" && (len(p.externalID) < minExternalID || len(p.externalID) > maxExternalID ||
		!externalIDForm.MatchString(p.externalID)):
		return refuse("InvalidParameter.ExternalId")
	case federated && !providerForm.MatchString(p.provider):
		return refuse("InvalidParameter.OIDCProviderArn")
	case federated && p.token == "":
		return &simulator.Refusal{Code: tokenInvalid, Message: "The OIDCToken can not empty."}
	case federated && (len(p.token) < minOIDCToken || len(p.token) > maxOIDCToken):
		return refuse(tokenInvalid)
	}
	if p.seconds != "" {
		if n, err := strconv.Atoi(p.seconds); err != nil || n < minSeconds {
			return refuse("InvalidParameter.DurationSeconds")
		}
	}
	return p.checkPolicy()
}

func (p *tokenParameters) checkPolicy() *simulator.Refusal {
	if p.policy == "" {
		return nil
	}
	if len(p.policy) > maxPolicy {
		return refuse("InvalidParameter.PolicySize")
	}
	narrowed, err := simulator.ParseSessionPolicy(p.policy)
	if err != nil {
		return refuse("InvalidParameter.PolicyGrammar")
	}
	p.narrowed = narrowed
	return nil
}
