package coalesce

import "time"

// DelayTimers makes the timers of a group late, as on a machine that is busy.
func (g *Group[K, I, O]) DelayTimers(by time.Duration) { g.late = by }
