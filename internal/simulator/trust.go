package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// trustPolicy defines which callers may assume a role. The languages of the clouds differ in
// the case of their names and in the operators of conditions:
// https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax,
// https://cloud.tencent.com/document/product/598/10603,
// https://www.volcengine.com/docs/6257/65059.
type trustPolicy struct {
	Version   string
	Statement []trustStatement
}

type trustStatement struct {
	Sid       string
	Effect    string
	Action    texts
	Principal map[string]texts
	Condition map[string]map[string]texts
}

// plain is a name without case and underscores, in which the languages differ.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// parseTrustPolicy reads a trust policy in the language of a cloud. What the
// simulator cannot judge is refused.
func (w IdentityWords) parseTrustPolicy(document []byte) (trustPolicy, error) {
	var p trustPolicy
	if err := DecodeStrict(document, &p); err != nil {
		return p, err
	}
	for n, s := range p.Statement {
		if e := strings.ToLower(s.Effect); e != effectAllow && e != effectDeny {
			return p, fmt.Errorf("the effect of statement %d is %q, not allow or deny", n+1, s.Effect)
		}
		if len(s.Action) == 0 || len(s.Principal) == 0 {
			return p, fmt.Errorf("statement %d names no action or no principal", n+1)
		}
		for operator := range s.Condition {
			if operator != w.Equals && operator != w.Like {
				return p, fmt.Errorf("the simulator does not know the operator %q of statement %d", operator, n+1)
			}
		}
	}
	return p, nil
}

// ParseSessionPolicy reads a policy that narrows the keys of a role. It names no
// principal (https://cloud.tencent.com/document/product/598/33164, Policy), and
// the simulator does not take conditions, which it would not enforce.
func ParseSessionPolicy(document string) (*Policy, error) {
	var p Policy
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return nil, err
	}
	if len(p.Statement) == 0 {
		return nil, errors.New("policy: it has no statement")
	}
	return &p, nil
}

// attempt is a caller, its action, and the values of the condition keys.
type attempt struct {
	action     string
	kind       string   // the key of the principal: Federated, or the cloud's
	principals []string // all names that the caller has
	like       string   // the operator of conditions with wildcards
	conditions map[string][]string
}

// allows reports whether the policy lets the attempt pass: a statement allows
// it and none denies it.
func (p trustPolicy) allows(a attempt) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.covers(a) {
			continue
		}
		if strings.EqualFold(s.Effect, effectDeny) {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s trustStatement) covers(a attempt) bool {
	if !slices.ContainsFunc(s.Action, func(pattern string) bool { return Wildcard(pattern, a.action) }) {
		return false
	}
	if !s.names(a) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, want := range keys {
			if !holds(operator == a.like, want, a.conditions[plain(key)]) {
				return false
			}
		}
	}
	return true
}

// names reports whether the statement names the caller as a principal.
func (s trustStatement) names(a attempt) bool {
	for kind, patterns := range s.Principal {
		if plain(kind) != plain(a.kind) {
			continue
		}
		if slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || slices.Contains(a.principals, p) }) {
			return true
		}
	}
	return false
}

// holds reports whether one of the values is as the condition wants it. A
// condition on what the caller did not give never holds.
func holds(like bool, want texts, got []string) bool {
	return slices.ContainsFunc(got, func(value string) bool {
		return slices.ContainsFunc(want, func(pattern string) bool {
			if like {
				return Wildcard(pattern, value)
			}
			return pattern == value
		})
	})
}
