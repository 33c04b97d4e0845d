package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Trouble is something that goes wrong on purpose. Action, Region and
// InstanceIDs say which calls it matches: an Action is the cloud's own name, or
// "describe", "start", "stop", "reboot", or "write" for the last three, or that of
// a service, as TokenService; empty matches all. Skip lets the first matching events pass, and Count is how many
// are then hit, zero for as many as come until the trouble is cleared. An event
// is a call, or, for the troubles of an instance, one instance of a call. The
// other fields are parameters; each Kind says which it reads.
type Trouble struct {
	ID          string   `json:"id,omitempty"`
	Kind        Kind     `json:"kind"`
	Action      string   `json:"action,omitempty"`
	Region      string   `json:"region,omitempty"`
	InstanceIDs []string `json:"instance_ids,omitempty"`
	Skip        int      `json:"skip,omitempty"`
	Count       int      `json:"count,omitempty"`

	Code       string   `json:"code,omitempty"`
	Status     int      `json:"status,omitempty"`
	Message    string   `json:"message,omitempty"`
	RetryAfter Duration `json:"retry_after,omitempty"`
	Delay      Duration `json:"delay,omitempty"`
	Effect     bool     `json:"effect,omitempty"`
	Mode       string   `json:"mode,omitempty"`
	Word       string   `json:"word,omitempty"`
	Late       bool     `json:"late,omitempty"`
	After      int      `json:"after,omitempty"`

	// Hits is how many events it has hit so far; the cloud counts.
	Hits int `json:"hits,omitempty"`
}

// Values of Trouble.Mode for SoftStopIgnored.
const (
	Hang     = "hang"
	Fallback = "fallback"
)

type trouble struct {
	Trouble
	since   time.Time
	skipped int
}

// AddTrouble puts a trouble and returns the id under which it can be cleared.
// Troubles are asked in the order in which they were put.
func (c *Cloud) AddTrouble(t Trouble) (string, error) {
	if err := c.checkTrouble(t); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.troubleSeq++
	t.ID = "t-" + strconv.Itoa(c.troubleSeq)
	t.Hits = 0
	t.InstanceIDs = slices.Clone(t.InstanceIDs)
	c.troubles = append(c.troubles, &trouble{Trouble: t, since: time.Now()})
	return t.ID, nil
}

func (c *Cloud) checkTrouble(t Trouble) error {
	if _, extra := c.words.ExtraKinds[t.Kind]; !extra && !t.Kind.isShared() {
		return fmt.Errorf("%s has no trouble of kind %q", c.name, t.Kind)
	}
	if err := c.checkMatch(t); err != nil {
		return err
	}
	if t.Skip < 0 || t.Count < 0 || t.After < 0 {
		return errors.New("skip, count and after of a trouble cannot be negative")
	}
	if t.Status != 0 && (t.Status < 200 || t.Status > 599) {
		return fmt.Errorf("status %d is not an HTTP status of an answer", t.Status)
	}
	switch t.Kind {
	case UnknownWord, Lock:
		if t.Word == "" {
			return fmt.Errorf("a trouble of kind %q needs a word", t.Kind)
		}
	case SoftStopIgnored:
		if t.Mode != "" && t.Mode != Hang && t.Mode != Fallback {
			return fmt.Errorf("mode of %q is %q or %q, not %q", t.Kind, Hang, Fallback, t.Mode)
		}
	case Slow, Lag, ModeLag:
		if t.Delay == 0 {
			return fmt.Errorf("a trouble of kind %q needs a delay", t.Kind)
		}
	case ServerError:
		if t.Status != 0 && t.Status < 500 {
			return fmt.Errorf("the status of %q is from 500 on, not %d", t.Kind, t.Status)
		}
	case LiveMigration, Rescue:
		if c.words.Conditions[t.Kind] == "" {
			return fmt.Errorf("%s has no word for %q", c.name, t.Kind)
		}
	default:
	}
	return nil
}

// Troubles returns the troubles that are there, with their hits.
func (c *Cloud) Troubles() []Trouble {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Trouble, len(c.troubles))
	for i, t := range c.troubles {
		all[i] = t.Trouble
		all[i].InstanceIDs = slices.Clone(t.InstanceIDs)
	}
	return all
}

// ClearTroubles takes troubles away, all of them when no id is given, and
// reports whether each id was known. What a trouble held up then goes on: a
// stuck transition ends after its ordinary duration.
func (c *Cloud) ClearTroubles(ids ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(ids) == 0 {
		for _, t := range c.troubles {
			ids = append(ids, t.ID)
		}
	}
	found := 0
	c.troubles = slices.DeleteFunc(c.troubles, func(t *trouble) bool {
		gone := slices.Contains(ids, t.ID)
		if gone {
			found++
		}
		return gone
	})
	now := time.Now()
	for _, rec := range c.records {
		if m := rec.move; m != nil && m.heldBy != "" && slices.Contains(ids, m.heldBy) {
			m.letGo(now)
		}
	}
	return found == len(ids)
}

// matches reports whether t is about the event, its counts aside.
func (t *trouble) matches(kind Kind, call *Call, ids []string, now time.Time) bool {
	if t.Kind != kind || (t.Region != "" && t.Region != call.Region) {
		return false
	}
	if kind.isLasting() && t.Delay > 0 && now.Sub(t.since) >= t.Delay.Std() {
		return false
	}
	if !matchesAction(t.Action, call) {
		return false
	}
	if len(t.InstanceIDs) == 0 {
		return true
	}
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(t.InstanceIDs, id) })
}

func matchesAction(action string, call *Call) bool {
	switch action {
	case "", call.Action, call.Service, string(call.Op):
		return true
	case "write":
		return call.Op.Write()
	default:
		return false
	}
}

// take counts the event and reports whether it is hit.
func (t *trouble) take() bool {
	if t.skipped < t.Skip {
		t.skipped++
		return false
	}
	if t.spent() {
		return false
	}
	t.Hits++
	return true
}

// spent reports whether the trouble has hit as often as it may.
func (t *trouble) spent() bool { return t.Count > 0 && t.Hits >= t.Count }

// hit looks for a trouble of one of the kinds that hits the event, and counts
// it. A trouble that matches but lets the event pass does not hide a later one.
func (c *Cloud) hit(call *Call, ids []string, kinds ...Kind) *Trouble {
	now := time.Now()
	for _, t := range c.troubles {
		for _, kind := range kinds {
			if t.matches(kind, call, ids, now) && t.take() {
				found := t.Trouble
				return &found
			}
		}
	}
	return nil
}

// standing looks for a trouble of the kind on an instance without counting: a
// condition, not an event. Its Action is what it blocks, and is not asked here.
func (c *Cloud) standing(kind Kind, rec *record, now time.Time) *trouble {
	for _, t := range c.troubles {
		if t.Kind != kind || t.spent() || (t.Region != "" && t.Region != rec.inst.Region) {
			continue
		}
		if len(t.InstanceIDs) > 0 && !slices.Contains(t.InstanceIDs, rec.inst.ID) {
			continue
		}
		if kind.isLasting() && t.Delay > 0 && now.Sub(t.since) >= t.Delay.Std() {
			continue
		}
		return t
	}
	return nil
}

// vanishesIn reports whether a trouble makes the instance disappear as this call
// arrives.
func (c *Cloud) vanishesIn(call *Call, rec *record, now time.Time) bool {
	t := c.standing(Vanish, rec, now)
	return t != nil && t.Action != "" && t.matches(Vanish, call, []string{rec.inst.ID}, now) && t.take()
}

// vanished reports whether a trouble made the instance disappear.
func (c *Cloud) vanished(rec *record, now time.Time) bool {
	t := c.standing(Vanish, rec, now)
	if t == nil || t.Action != "" {
		return false
	}
	gone := now.Sub(t.since) >= t.Delay.Std()
	if t.After > 0 {
		gone = rec.describesSeen >= t.After
	}
	if gone {
		t.Hits++
	}
	return gone
}
