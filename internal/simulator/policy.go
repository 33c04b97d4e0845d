package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Policy is what a credential may do, in the form in which the clouds write it:
// statements with actions and resources, both of which may have * for any text.
// Whatever no statement allows is denied, and a statement with the effect Deny
// wins over all others
// (https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax,
// https://cloud.tencent.com/document/product/598/10603,
// https://www.volcengine.com/docs/6257/65059).
type Policy struct {
	Version   string      `json:"Version,omitempty"`
	Statement []Statement `json:"Statement"`
}

// Statement allows or denies actions. Action names are the cloud's own, such as
// "ecs:DescribeInstances". Resources are names of instances as the cloud writes
// them; none means all.
type Statement struct {
	Effect   string `json:"Effect"`
	Action   texts  `json:"Action"`
	Resource texts  `json:"Resource,omitempty"`
}

// texts is a list that JSON may write as a single text.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		var one string
		err := json.Unmarshal(data, &one)
		*t = texts{one}
		return err
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// The effects of a statement. Tencent Cloud writes them in lower case.
const (
	effectAllow = "allow"
	effectDeny  = "deny"
)

// UnmarshalJSON reads a policy as a cloud's console shows it. The names of the
// fields differ in their case from cloud to cloud. A field that the simulator
// would not enforce, such as a condition, is an error.
func (p *Policy) UnmarshalJSON(data []byte) error {
	type plain Policy
	var read plain
	if err := DecodeStrict(data, &read); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	for n, s := range read.Statement {
		if effect := strings.ToLower(s.Effect); effect != effectAllow && effect != effectDeny {
			return fmt.Errorf("policy: the effect of statement %d is %q, not allow or deny", n+1, s.Effect)
		}
		if len(s.Action) == 0 {
			return fmt.Errorf("policy: statement %d names no action", n+1)
		}
	}
	*p = Policy(read)
	return nil
}

// AllowOnly returns a policy that allows the actions on all instances, and
// nothing else; without actions, one that allows nothing at all.
func AllowOnly(actions ...string) *Policy {
	if len(actions) == 0 {
		return &Policy{}
	}
	return &Policy{Statement: []Statement{{Effect: effectAllow, Action: actions}}}
}

// Allows reports whether the policy permits an action on a resource. No policy
// permits everything.
func (p *Policy) Allows(action, resource string) bool {
	if p == nil {
		return true
	}
	allowed := false
	for _, s := range p.Statement {
		switch {
		case !s.covers(action, resource):
		case strings.EqualFold(s.Effect, effectDeny):
			return false
		default:
			allowed = true
		}
	}
	return allowed
}

func (s Statement) covers(action, resource string) bool {
	fits := func(pattern string) bool { return Wildcard(pattern, action) }
	return slices.ContainsFunc(s.Action, fits) && (len(s.Resource) == 0 ||
		slices.ContainsFunc(s.Resource, func(pattern string) bool { return Wildcard(pattern, resource) }))
}

// Wildcard matches a text with a pattern in which * stands for any text.
func Wildcard(pattern, text string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

// FirstDenied returns the first of the instances on which the credential may not
// carry out an action, and whether there is one. Resource makes the name of an
// instance in a policy. A call that names no instance is about all of them, "*".
func (k Credential) FirstDenied(action string, ids []string, resource func(id string) string) (id string, denied bool) {
	if k.Policy == nil && k.SessionPolicy == nil {
		return "", false
	}
	if len(ids) == 0 {
		ids = []string{"*"}
	}
	at := slices.IndexFunc(ids, func(id string) bool { return !k.Allows(action, resource(id)) })
	if at < 0 {
		return "", false
	}
	return ids[at], true
}
