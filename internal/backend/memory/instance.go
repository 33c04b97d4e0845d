package memory

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// instance is a timeline. A write forgets the future and lays down its own; a
// describe finds the moment that it falls in. Nothing has to run in between.
type instance struct {
	// moments are in order of time, and there is at least one.
	moments   []moment
	behavior  Behavior
	since     time.Time
	described int
}

// moment is how an instance looks from a point in time on.
type moment struct {
	at   time.Time
	seen backend.Instance
}

// Behavior is how an instance misbehaves. The zero value behaves. Durations
// count from the call of Driver.Behave unless their comment says otherwise.
type Behavior struct {
	// SoftStop is what the guest does when it is asked to shut down.
	SoftStop SoftStop
	// Stuck transitions do not end, forced or not.
	Stuck bool
	// NoStock lets a start end in stopped again, with a failed operation.
	NoStock bool
	// Slow is added to the time of each transition.
	Slow time.Duration
	// IgnoreMode keeps charging whatever a stop asks for.
	IgnoreMode bool
	// RefuseMode refuses to stop charging although nothing in the instance speaks
	// against it.
	RefuseMode bool
	// ModeLag is how long after a stop has ended the mode reads ModeMeanwhile
	// instead of what it is.
	ModeLag       time.Duration
	ModeMeanwhile backend.StoppedMode
	// ReadLag lets Describe show the instance as it was this long ago.
	ReadLag time.Duration
	// OddWord is shown as the state for OddWordFor; it is in no table.
	OddWord    string
	OddWordFor time.Duration
	// AppearAfter hides an instance that was just created.
	AppearAfter time.Duration
	// VanishAfter removes the instance; 0 means never.
	VanishAfter time.Duration
	// VanishAfterDescribes removes the instance once it was shown so many
	// times; 0 means never.
	VanishAfterDescribes int
	// Hidden instances may not be seen or touched by this account: Describe
	// leaves them out, and everything else is denied.
	Hidden bool
}

// SoftStop is what a guest makes of a graceful stop.
type SoftStop int

// The ways to take a graceful stop.
const (
	// Obeys shuts down.
	Obeys SoftStop = iota
	// Hangs stays in stopping until the power is cut.
	Hangs
	// FallsBack runs again after the time that a stop takes, and the operation
	// has failed.
	FallsBack
)

// exists is false before an instance appears and after it vanished.
func (in *instance) exists(now time.Time) bool {
	age, b := now.Sub(in.since), in.behavior
	switch {
	case b.AppearAfter > 0 && age < b.AppearAfter,
		b.VanishAfter > 0 && age >= b.VanishAfter,
		b.VanishAfterDescribes > 0 && in.described >= b.VanishAfterDescribes:
		return false
	}
	return true
}

// seenAt returns a copy of the instance as it is at a time. It was always as it
// was at its first moment.
func (in *instance) seenAt(at time.Time) backend.Instance {
	seen := in.moments[0].seen
	for _, m := range in.moments[1:] {
		if m.at.After(at) {
			break
		}
		seen = m.seen
	}
	return clone(seen)
}

// describe is what a describe call returns, with all that may be wrong with it.
func (in *instance) describe(now time.Time) (seen backend.Instance, ok bool) {
	if !in.exists(now) || in.behavior.Hidden {
		return backend.Instance{}, false
	}
	in.described++
	seen = in.seenAt(now.Add(-in.behavior.ReadLag))
	if in.behavior.OddWord != "" && now.Sub(in.since) < in.behavior.OddWordFor {
		seen.State, seen.Raw = backend.Unknown, in.behavior.OddWord
	}
	return seen, true
}

// forget drops the moments that have not come yet.
func (in *instance) forget(now time.Time) {
	in.moments = slices.DeleteFunc(in.moments, func(m moment) bool { return m.at.After(now) })
}

func clone(seen backend.Instance) backend.Instance {
	seen.Tags = maps.Clone(seen.Tags)
	if seen.LastOperation != nil {
		operation := *seen.LastOperation
		seen.LastOperation = &operation
	}
	return seen
}

// word is this cloud's own for a state.
func word(state backend.State) string { return strings.ToUpper(state.String()) }
