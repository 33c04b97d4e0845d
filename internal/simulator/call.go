package simulator

import (
	"slices"
	"time"
)

// Call is one request that a cloud got, as the log keeps it.
type Call struct {
	Index   int       `json:"index"`
	Time    time.Time `json:"time"`
	Cloud   string    `json:"cloud"`
	Service string    `json:"service,omitempty"`
	Region  string    `json:"region,omitempty"`
	Action  string    `json:"action,omitempty"`
	Op      Op        `json:"op,omitempty"`

	// InstanceIDs are the ids that the request names; none for a listing, for
	// which Shown has what it returned.
	InstanceIDs []string `json:"instance_ids,omitempty"`
	Shown       []string `json:"shown,omitempty"`

	// Force is what the call amounts to; ForceExplicit says that the request
	// said so itself and did not leave it to the cloud's default.
	Force         Force `json:"force,omitempty"`
	ForceExplicit bool  `json:"force_explicit,omitempty"`
	// ForcedByType are the instances whose power the call cut though it did not
	// ask for it, because their type knows no other stop.
	ForcedByType []string `json:"forced_by_type,omitempty"`
	StoppedMode  string   `json:"stopped_mode,omitempty"`
	DryRun       bool     `json:"dry_run,omitempty"`
	ClientToken  string   `json:"client_token,omitempty"`

	AccessKeyID string `json:"access_key_id,omitempty"`
	// Account and Principal are those of the key that signed the call.
	Account   string `json:"account,omitempty"`
	Principal string `json:"principal,omitempty"`
	// Role, Session and Subject are what an exchange asks for, and the subject of
	// its token; Issued is the id of the key that was handed out.
	Role    string `json:"role,omitempty"`
	Session string `json:"session,omitempty"`
	Subject string `json:"subject,omitempty"`
	Issued  string `json:"issued,omitempty"`

	UserAgent string `json:"user_agent,omitempty"`
	RequestID string `json:"request_id,omitempty"`

	// Code is the error code of the whole call, empty when it was accepted.
	// ItemCodes has the codes of single instances where the cloud gives them.
	Code       string            `json:"code,omitempty"`
	ItemCodes  map[string]string `json:"item_codes,omitempty"`
	HTTPStatus int               `json:"http_status,omitempty"`

	// Trouble is the kind that hit the call as a whole.
	Trouble Kind `json:"trouble,omitempty"`
	// Accepted are the instances on which the call took effect.
	Accepted []string `json:"accepted,omitempty"`
	Effect   bool     `json:"effect,omitempty"`
	// Delivered says that the answer, whatever it was, was sent in full while
	// the client was still there. Lost says that the client cannot know what
	// became of the call.
	Delivered bool `json:"delivered,omitempty"`
	Lost      bool `json:"lost,omitempty"`
}

func (k *Call) clone() Call {
	out := *k
	out.InstanceIDs = slices.Clone(k.InstanceIDs)
	out.Shown = slices.Clone(k.Shown)
	out.Accepted = slices.Clone(k.Accepted)
	out.ForcedByType = slices.Clone(k.ForcedByType)
	if k.ItemCodes != nil {
		out.ItemCodes = map[string]string{}
		for id, code := range k.ItemCodes {
			out.ItemCodes[id] = code
		}
	}
	return out
}

// Calls returns the log from an index on; 0 returns all of it.
func (c *Cloud) Calls(since int) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Call
	for _, k := range c.calls {
		if k.Index >= since {
			out = append(out, k.clone())
		}
	}
	return out
}

// CallCounts returns how many calls there were of each action.
func (c *Cloud) CallCounts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	for _, k := range c.calls {
		counts[k.Action]++
	}
	return counts
}

// ForgetCalls empties the log.
func (c *Cloud) ForgetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
}

// log puts a call into the log, where it can be seen while it is still served.
func (c *Cloud) log(k *Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.Index = len(c.calls)
	c.calls = append(c.calls, k)
}

// amend changes a call that is in the log.
func (c *Cloud) amend(k *Call, change func(*Call)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(k)
}
