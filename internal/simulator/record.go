package simulator

import "time"

// record is an instance and what the machine needs to know beside it.
type record struct {
	inst  Instance
	place int   // its place in the order of seeding
	move  *move // the transition under way, nil when there is none

	// frames are what the instance looked like lately, oldest first, so that a
	// reader that lags can be shown the past.
	frames        []frame
	lag, modeLag  time.Duration
	laggingMode   string // what mode_lag shows where there was no mode before
	addressFreed  bool   // the public address was given up and comes back new
	describesSeen int
}

// move is one transition.
type move struct {
	order  Order
	began  time.Time
	ends   time.Time // zero: never, until the trouble heldBy is cleared
	steps  []string
	target string
	mode   string // the stopped mode that the transition leaves
	failed string // why it fails; empty when it succeeds

	heldBy string        // id of the trouble that keeps it from ending
	shows  int           // how many more describes let it go, where they do
	length time.Duration // how long it takes once it is let go
}

// frame is the part of an instance that transitions change.
type frame struct {
	from      time.Time
	move      *move
	status    string
	mode      string
	publicIP  string
	operation LastOperation
}

// keptFrames is more than a client can cause within any lag that a test uses.
const keptFrames = 16

// remember adds a frame for how the instance looks from the given time on.
func (r *record) remember(from time.Time) {
	r.frames = append(r.frames, frame{
		from: from, move: r.move, status: r.inst.Status, mode: r.inst.StoppedMode,
		publicIP: r.inst.PublicIP, operation: r.inst.LastOperation,
	})
	if len(r.frames) > keptFrames {
		r.frames = r.frames[len(r.frames)-keptFrames:]
	}
}

// at returns the frame that was in force at t, or the oldest one kept.
func (r *record) at(t time.Time) frame {
	for i := len(r.frames) - 1; i > 0; i-- {
		if !r.frames[i].from.After(t) {
			return r.frames[i]
		}
	}
	return r.frames[0]
}

// word returns the status that the frame shows at t.
func (f frame) word(t time.Time) string {
	if f.move == nil {
		return f.status
	}
	return f.move.word(t)
}

// word returns the step of the transition that is shown at t.
func (m *move) word(t time.Time) string {
	total := m.ends.Sub(m.began)
	if m.ends.IsZero() || total <= 0 || len(m.steps) == 1 {
		return m.steps[0]
	}
	each := total / time.Duration(len(m.steps))
	end := m.began
	for _, step := range m.steps[:len(m.steps)-1] {
		if end = end.Add(each); t.Before(end) {
			return step
		}
	}
	return m.steps[len(m.steps)-1]
}

// letGo ends what keeps the transition from ending: it takes its ordinary time from
// now on.
func (m *move) letGo(now time.Time) {
	m.heldBy, m.shows = "", 0
	m.began, m.ends = now, now.Add(m.length)
}

// wasShown counts a describe that showed the instance.
func (r *record) wasShown(now time.Time) {
	r.describesSeen++
	m := r.move
	if m == nil || m.shows == 0 || r.at(now.Add(-r.lag)).move != m {
		return
	}
	if m.shows--; m.shows == 0 {
		m.letGo(now)
	}
}

// truth returns the instance as it is, with the word of its transition.
func (r *record) truth(now time.Time) Instance {
	i := r.inst.clone()
	if r.move != nil {
		i.Status = r.move.word(now)
	}
	return i
}

// settled returns the record of an id with every transition that is over
// brought to its end, or nil when there is no such instance (any more).
func (c *Cloud) settled(id string, now time.Time) *record {
	rec, ok := c.records[id]
	if !ok {
		return nil
	}
	if c.vanished(rec, now) {
		c.remove(id)
		return nil
	}
	if m := rec.move; m != nil && !m.ends.IsZero() && !now.Before(m.ends) {
		c.finish(rec)
	}
	return rec
}

// finish ends the transition of rec at the time at which it was due.
func (c *Cloud) finish(rec *record) {
	m := rec.move
	i := &rec.inst
	rec.move = nil
	i.Status = m.target
	if i.LastOperation.State == Operating {
		i.LastOperation.State = Succeeded
	}
	if m.failed != "" {
		i.LastOperation.State = Failed
		i.LastOperation.Message = m.failed
		rec.remember(m.ends)
		return
	}
	if m.order.Op == OpStop {
		i.StoppedMode = m.mode
		if m.mode != "" && m.mode == c.words.StopCharging && !c.words.KeepsPublicIP && i.PublicIP != "" {
			i.PublicIP = ""
			rec.addressFreed = true
		}
	} else {
		i.StoppedMode = ""
		if rec.addressFreed {
			i.PublicIP = c.nextAddress("198")
			rec.addressFreed = false
		}
	}
	rec.remember(m.ends)
}

func (c *Cloud) durationsOf(rec *record) Durations {
	if rec.inst.Durations != nil {
		return *rec.inst.Durations
	}
	return c.durations
}
