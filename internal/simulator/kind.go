package simulator

import "slices"

// Kind names a trouble.
type Kind string

// Troubles of a call, which the server applies around the wire's own handling.
const (
	// Throttle refuses the call with the cloud's throttling error. Code picks
	// another of the cloud's codes; RetryAfter is told to the client.
	Throttle Kind = "throttle"
	// Error refuses the call with any Code, Status and Message, in the cloud's
	// error shape, without an effect.
	Error Kind = "error"
	// ServerError answers with an HTML page and a 5xx Status (default 502). With
	// Effect the call took effect first.
	ServerError Kind = "server_error"
	// GatewayPage answers with an HTML page and any Status (default 403), before
	// the call reaches the cloud.
	GatewayPage Kind = "gateway_page"
	// ResetBefore cuts the connection before the call takes effect.
	ResetBefore Kind = "reset_before"
	// ResetAfter cuts the connection after the call took effect.
	ResetAfter Kind = "reset_after"
	// LostAnswer lets the call take effect and never answers: the connection is
	// cut when the client leaves, or after Delay (default one minute).
	LostAnswer Kind = "lost_answer"
	// Slow answers after Delay; the effect is there at once.
	Slow Kind = "slow"
	// EmptyList makes describes answer that there is nothing, as some clouds do
	// for a caller without permission.
	EmptyList Kind = "empty_list"
	// Hidden leaves the instances out of describes; they can be operated.
	Hidden Kind = "hidden"
	// UnknownFields adds fields that no reference page lists to JSON answers.
	UnknownFields Kind = "unknown_fields"
)

// Troubles of an instance, which the machine applies.
const (
	// SoftStopIgnored makes the guest ignore a graceful stop. Mode "hang" (the
	// default): it stays in the stopping word until the power is cut. Mode
	// "fallback": it runs again after the duration of a stop, and the operation
	// failed with Message.
	SoftStopIgnored Kind = "soft_stop_ignored"
	// Stuck makes a transition never end, forced or not, until it is cleared. With
	// After it takes its ordinary time once so many describes have shown it: that
	// is how a test is sure that a client sees it, however late it reads.
	Stuck Kind = "stuck"
	// Lag makes reads show what was true Delay ago, for a write that it hits.
	Lag Kind = "lag"
	// ModeLag does the same to the stopped mode alone. Where there was no mode
	// before, Word is shown, or the cloud's word for keeping to charge.
	ModeLag Kind = "mode_lag"
	// IgnoreMode makes a stop keep charging, whatever it asked for.
	IgnoreMode Kind = "ignore_mode"
	// RefuseMode makes a stop that asks for no charging be refused.
	RefuseMode Kind = "refuse_mode"
	// NoStock makes a start be refused for want of capacity; with Late it is
	// accepted and fails, with Message, back in the stopped state.
	NoStock Kind = "no_stock"
	// Busy makes writes be refused because another operation runs: Count times,
	// or for Delay.
	Busy Kind = "busy"
	// Lock puts the lock Word on the instance.
	Lock Kind = "lock"
	// InArrears makes the instance belong to an account that has not paid.
	InArrears Kind = "arrears"
	// Recycle puts the instance into the recycle bin.
	Recycle Kind = "recycle"
	// Vanish makes the instance disappear after Delay, or after it was listed in
	// After describes; with an Action, as such a call arrives.
	Vanish Kind = "vanish"
	// UnknownWord makes the status read Word, and writes be refused.
	UnknownWord Kind = "unknown_word"
	// HostRepair, MakingImage, LiveMigration and Rescue show the cloud's word
	// for it, if it has one, and make writes be refused.
	HostRepair    Kind = "host_repair"
	MakingImage   Kind = "making_image"
	LiveMigration Kind = "live_migration"
	Rescue        Kind = "rescue"
)

// modifiers are troubles of a call that can come together with others.
var modifiers = []Kind{EmptyList, Hidden, UnknownFields}

// exclusive are troubles of a call of which one alone can hit.
var exclusive = []Kind{
	Throttle, Error, ServerError, GatewayPage, ResetBefore, ResetAfter, LostAnswer, Slow,
}

// ofInstance are the troubles of an instance.
var ofInstance = []Kind{
	SoftStopIgnored, Stuck, Lag, ModeLag, IgnoreMode, RefuseMode, NoStock, Busy, Lock, InArrears,
	Recycle, Vanish, UnknownWord, HostRepair, MakingImage, LiveMigration, Rescue,
}

// lasting are the troubles whose Delay says how long they last from the time
// at which they were put.
var lasting = []Kind{
	Busy, Lock, InArrears, Recycle, UnknownWord, HostRepair, MakingImage, LiveMigration, Rescue,
	EmptyList, Hidden, UnknownFields, Throttle,
}

func (k Kind) isExclusive() bool { return slices.Contains(exclusive, k) }
func (k Kind) isModifier() bool  { return slices.Contains(modifiers, k) }
func (k Kind) isLasting() bool   { return slices.Contains(lasting, k) }
func (k Kind) isShared() bool {
	return k.isExclusive() || k.isModifier() || slices.Contains(ofInstance, k)
}
