package powerstate

import (
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// cache keeps the last observation of each instance that was requested after our last
// call about it was answered. It serves a plan, and the decision to act; never a
// success, a refusal or an escalation. The zero value is ready.
type cache struct {
	mu      sync.Mutex
	entries map[string]cached
}

type cached struct {
	observation dispatch.Observation
	called      time.Time // when our last call was sent, or answered
}

// put keeps an observation, unless one that was requested later is there, or a call
// of ours was sent or answered since: an answer can be overtaken in flight.
func (c *cache) put(o dispatch.Observation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.entries[o.Instance.ID]
	if o.Requested.Before(entry.called) || o.Requested.Before(entry.observation.Requested) {
		return
	}
	if c.entries == nil {
		c.entries = make(map[string]cached)
	}
	entry.observation = o
	c.entries[o.Instance.ID] = entry
}

// call notes that a call about the instance is being sent, or was answered: what was
// observed before serves nothing any more.
func (c *cache) call(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[string]cached)
	}
	c.entries[id] = cached{called: time.Now()}
}

// get returns an observation that is younger than age.
func (c *cache) get(id string, age time.Duration) (dispatch.Observation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.entries[id].observation
	return o, o.Instance != nil && time.Since(o.Requested) < age
}

// all reports whether each instance has an observation that is younger than age. Where
// only some had, these would act ahead of the others, in batches of their own.
func (c *cache) all(ids []string, age time.Duration) bool {
	for _, id := range ids {
		if _, ok := c.get(id, age); !ok {
			return false
		}
	}
	return true
}

// absent reports whether this process has just observed that there is no such
// instance.
func (c *cache) absent(id string) bool {
	o, ok := c.get(id, cachedForPlan)
	return ok && o.Instance.State == backend.Absent
}
