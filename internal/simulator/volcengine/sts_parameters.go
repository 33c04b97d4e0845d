package volcengine

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// The limits of https://www.volcengine.com/docs/6257/1631607 and its sisters. A
// duration below the minimum becomes the default, and one above the maximum the
// maximum, without an error.
const (
	defaultSeconds = 3600
	minSeconds     = 900
	maxSeconds     = 43200
	maxPolicy      = 2048
	minOIDCToken   = 4
	maxOIDCToken   = 65536
)

var (
	roleForm    = regexp.MustCompile(`^trn:iam::(\d+):role/([A-Za-z0-9.@_-]{1,64})$`)
	sessionForm = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)
)

// tokenParameters are those of all actions of the token service together.
type tokenParameters struct {
	role, session, policy, token, seconds string

	narrowed *simulator.Policy // the parsed policy
}

func readTokenParameters(v url.Values) tokenParameters {
	return tokenParameters{
		role: v.Get("RoleTrn"), session: v.Get("RoleSessionName"), policy: v.Get("Policy"), token: v.Get("OIDCToken"),
		seconds: v.Get("DurationSeconds"),
	}
}

// unknownParameter refuses a parameter that the action does not have.
func unknownParameter(v url.Values, names []string) *simulator.Refusal {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if name != "Action" && name != "Version" && !slices.Contains(names, name) {
			return invalid(name)
		}
	}
	return nil
}

// describe tells the log what the request asks for.
func (p *tokenParameters) describe(call *simulator.Call) {
	call.Role, call.Session = p.role, p.session
	if claims, err := oidc.Read(p.token); err == nil {
		call.Subject = claims.Subject
	}
}

func (p *tokenParameters) roleName() (account, name string) {
	m := roleForm.FindStringSubmatch(p.role)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

// duration is the life that is asked for, within the limits.
func (p *tokenParameters) duration() time.Duration {
	seconds, err := strconv.Atoi(p.seconds)
	if err != nil || seconds < minSeconds {
		seconds = defaultSeconds
	}
	return time.Duration(min(seconds, maxSeconds)) * time.Second
}

// check applies the rules that do not depend on the role.
func (p *tokenParameters) check(action string) *simulator.Refusal {
	switch {
	case p.role == "":
		return missing("RoleTrn")
	case p.session == "":
		return missing("RoleSessionName")
	case action == assumeRoleWithOIDC && p.token == "":
		return missing("OIDCToken")
	case !roleForm.MatchString(p.role):
		return invalid("RoleTrn")
	case !sessionForm.MatchString(p.session):
		return invalid("RoleSessionName")
	case action == assumeRoleWithOIDC && (len(p.token) < minOIDCToken || len(p.token) > maxOIDCToken):
		return invalid("OIDCToken")
	}
	if _, err := strconv.Atoi(p.seconds); err != nil && p.seconds != "" {
		return invalid("DurationSeconds")
	}
	if p.policy == "" {
		return nil
	}
	narrowed, err := simulator.ParseSessionPolicy(p.policy)
	if err != nil || len(p.policy) > maxPolicy {
		return invalid("Policy")
	}
	p.narrowed = narrowed
	return nil
}
