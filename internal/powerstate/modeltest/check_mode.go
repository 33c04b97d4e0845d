package modeltest

import (
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// modeGrace is how long after a stop its mode may read as another one.
const modeGrace = 30 * time.Second

// mustMatch tells whether a target is satisfied by one mode alone.
func mustMatch(mode backend.StoppedMode) bool {
	return mode != backend.UnknownMode && mode != powerstate.StopChargingIfSupported
}

// modeOf is the mode that a stop of the operation must ask for. Where the target only
// prefers to stop charging, it asks for that unless the last observation or a refusal
// shows that the instance cannot.
func (c *checker) modeOf(v *instanceView, w event, o *operationView, last *event) backend.StoppedMode {
	if o.Target.Mode != powerstate.StopChargingIfSupported {
		return o.Target.Mode
	}
	refused := slices.ContainsFunc(v.writes, func(before event) bool {
		return !before.Requested.Before(o.start) && before.Answered.Before(w.Requested) &&
			before.Fault != nil && before.Fault.ModeRefused && (len(before.IDs) == 1 || !before.Fault.Shared) &&
			before.Options.Mode == backend.StopCharging
	})
	if refused || !c.h.Scenario.Cloud.StopCharging || last.Observed == nil || last.Observed.StopChargingBar != "" {
		return backend.KeepCharging
	}
	return backend.StopCharging
}

// modeFits tells whether a stop asks for a mode that the target has then. Another operation
// that only reads may have made the last observation: what this one decided on is then an
// earlier one, from after the write before.
func (c *checker) modeFits(v *instanceView, w event, o *operationView, last *event) bool {
	if w.Options.Mode == c.modeOf(v, w, o, last) {
		return true
	}
	return !o.quiet && slices.ContainsFunc(v.reads, func(r event) bool {
		superseded := slices.ContainsFunc(v.writes, func(before event) bool {
			return before.Requested.Before(w.Requested) && !before.Answered.Before(r.Requested)
		})
		return r.Answered.Before(w.Requested) && w.Requested.At-r.Answered.At <= writeAge && !superseded &&
			w.Options.Mode == c.modeOf(v, w, o, &r)
	})
}

// stopsCharging tells whether a write is an accepted stop that asks to stop charging.
func stopsCharging(w event) bool {
	return w.Op == Stop && w.OK() && w.Options.Mode == backend.StopCharging
}

// modeMayBeLate tells whether an operation may go on after an observation of its target
// since the mode that its stop asked for, and that the target only prefers, may still
// show.
func modeMayBeLate(o *operationView, writes []event, r event) bool {
	return o.Target.Mode == powerstate.StopChargingIfSupported && r.Observed.StoppedMode != backend.StopCharging &&
		r.Observed.StopChargingBar == "" && slices.ContainsFunc(writes, func(w event) bool {
		return stopsCharging(w) && w.Answered.Before(r.Requested)
	})
}
