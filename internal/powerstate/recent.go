package powerstate

import (
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// recentAge is how old a reading may be to serve a preflight. A plan reads an
// instance in its refresh and decides about it at once.
const recentAge = 15 * time.Second

// recent keeps the last reading of each instance for the preflight, so that a
// plan looks once. It never serves a wait or an apply.
type recent struct {
	mu   sync.Mutex
	seen map[string]glance
}

type glance struct {
	in *backend.Instance
	at time.Time
}

func newRecent() *recent { return &recent{seen: make(map[string]glance)} }

// put keeps a reading that was asked for at a time, unless a later one is there:
// an answer can be overtaken on its way.
func (r *recent) put(in *backend.Instance, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[in.ID].at.After(at) {
		return
	}
	r.seen[in.ID] = glance{in: in, at: at}
}

func (r *recent) get(id string) (*backend.Instance, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, ok := r.seen[id]
	if !ok || time.Since(g.at) > recentAge || g.in.State == backend.Absent {
		return nil, false
	}
	return g.in, true
}
