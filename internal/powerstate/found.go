package powerstate

import (
	"sync"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// found keeps the first observation of each instance in this process, which is from
// before any call of ours. The zero value is ready.
type found struct {
	mu    sync.Mutex
	first map[string]backend.State
}

// put keeps a state, unless there is one. Absence is none: the instance may appear.
func (f *found) put(in *backend.Instance) {
	if in.State == backend.Absent {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first == nil {
		f.first = make(map[string]backend.State)
	}
	if _, ok := f.first[in.ID]; !ok {
		f.first[in.ID] = in.State
	}
}

// FoundState returns the state in which this process first observed an instance; ok is
// false where it has not. What this process did to the instance does not show in it.
func (c *Client) FoundState(id string) (state backend.State, ok bool) {
	c.found.mu.Lock()
	defer c.found.mu.Unlock()
	state, ok = c.found.first[id]
	return state, ok
}
