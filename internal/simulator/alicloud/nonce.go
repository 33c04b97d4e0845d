package alicloud

import (
	"sync"
	"time"
)

// nonces remembers the numbers that requests used, so that none can be sent a
// second time. It keeps two generations, each for as long as the time of a
// request may be off: a request that is older than both is refused for its age.
type nonces struct {
	mu       sync.Mutex
	began    time.Time
	now, old map[string]bool
}

// use notes a number and reports whether it is new.
func (n *nonces) use(nonce string, at time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	// A request from a clock that is ahead stays valid for twice the skew.
	if n.now == nil || at.Sub(n.began) > 2*maxSkew {
		n.old, n.now, n.began = n.now, map[string]bool{}, at
	}
	if n.now[nonce] || n.old[nonce] {
		return false
	}
	n.now[nonce] = true
	return true
}
