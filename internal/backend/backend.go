// Package backend is the contract between the power-state engine and one cloud:
// the Driver interface, the instances that it reports, and the faults that it
// meets. It knows no cloud, no Terraform and no clock; a driver beneath it
// translates to one vendor's API, and package powerstate above it decides,
// waits, retries and joins.
package backend

import (
	"context"
	"time"
)

// Driver is what one cloud implements. A value is bound to one account and one
// region, so its methods take only ids. It translates: it does not wait, retry,
// join, log or know of Terraform. Every method obeys ctx, and is safe for
// concurrent use.
//
// No method is called with an empty list of ids, with an empty id, with the
// same id twice, or with more than BatchSize ids.
type Driver interface {
	// Describe returns the instances that it found, in any order. One that does
	// not exist is absent from the result; that is not an error. A stopped one
	// exists. Describe never cuts the result at a page. A cloud that refuses a
	// call of several ids for one that does not exist is a Shared
	// KindNotFound fault.
	Describe(ctx context.Context, ids []string) ([]Instance, error)

	// Start asks that the instances run, and does not wait for it. The result
	// has one outcome for each id, in order. Starting an instance that runs is no
	// error, or a KindBusy fault where the cloud's answer does not distinguish the
	// two.
	Start(ctx context.Context, ids []string) []Outcome

	// Stop asks that the instances stop, and does not wait for it. The result
	// is as for Start, and stopping an instance that is stopped is no error, or
	// KindBusy. Every call states explicitly how hard to stop, whatever the cloud's
	// default.
	Stop(ctx context.Context, ids []string, opts StopOptions) []Outcome

	// Reboot asks that running instances restart, and does not wait for it.
	// The result is as for Start. Only opts.Force has a meaning here.
	Reboot(ctx context.Context, ids []string, opts StopOptions) []Outcome

	// BatchSize is the most ids that one call may carry: 1 where the cloud
	// takes one at a time.
	BatchSize() int

	// Capabilities returns what this cloud can do. It makes no API call.
	Capabilities() Capabilities

	// Fault reads an error that one of the methods above returned: its kind,
	// and the cloud's code, request id and Retry-After where it gave them. An
	// error that is not the driver's gets KindOther.
	Fault(err error) Fault
}

// Outcome is what the cloud answered for one id. An outcome without an error
// means accepted, not done.
type Outcome struct {
	// RequestID is the cloud's id of the call, where it gave one. A later
	// Operation of the instance may carry it.
	RequestID string
	// Err is nil, or the vendor's error as it is; Driver.Fault reads it. Where
	// the cloud refuses the call as a whole, every id has the same error.
	Err error
}

// StopOptions are the options of a stop. The zero value is a graceful stop in the
// default mode of the cloud, or of the account.
type StopOptions struct {
	Force Force
	// Mode is sent only when it is KeepCharging or StopCharging.
	Mode StoppedMode
}

// Force is how hard an instance is stopped.
type Force int

// The ways to stop. Only Forced and EscalateLater may cost unsaved data.
const (
	// Graceful asks the guest, and never cuts the power.
	Graceful Force = iota
	// EscalateLater asks the guest; the power may be cut when it does not
	// obey. A cloud that can do this by itself is told so; elsewhere it goes
	// out as Graceful, and a Forced stop follows later.
	EscalateLater
	// Forced cuts the power at once.
	Forced
)

// String returns the word for logs.
func (f Force) String() string {
	switch f {
	case Graceful:
		return "graceful"
	case EscalateLater:
		return "escalate_later"
	case Forced:
		return "forced"
	}
	return "invalid"
}

// StoppedMode is whether compute is paid for while an instance is stopped.
type StoppedMode string

// The modes. A cloud's own spelling never leaves its driver.
const (
	// UnknownMode is in a request the cloud's default, and in an observation a mode
	// that the cloud did not report.
	UnknownMode StoppedMode = ""
	// KeepCharging keeps the hardware reserved and paid for.
	KeepCharging StoppedMode = "keep_charging"
	// StopCharging releases CPU and memory, which are then not paid for.
	StopCharging StoppedMode = "stop_charging"
	// NotApplicable is only ever observed: the cloud says that the question
	// does not arise, since the instance runs or cannot stop charging. A
	// stopped one keeps being charged.
	NotApplicable StoppedMode = "not_applicable"
)

// ChargeType is how the compute of an instance is paid for.
type ChargeType string

// The charge types. A cloud's own spelling never leaves its driver.
const (
	// UnknownChargeType means that the cloud does not report it, or reports a way
	// to pay that is none of these.
	UnknownChargeType ChargeType = ""
	// PayAsYouGo is paid for by the time that it is used.
	PayAsYouGo ChargeType = "pay_as_you_go"
	// Prepaid is paid for in advance, running or not.
	Prepaid ChargeType = "prepaid"
	// Spot is paid for by the time that it is used, at a price that changes, and
	// may be taken back by the cloud.
	Spot ChargeType = "spot"
)

// Instance is one instance as the cloud reports it. A driver fills in the fields
// that the cloud reports and leaves the rest zero.
type Instance struct {
	ID   string
	Name string
	// State is Raw translated by the cloud's table; Unknown when Raw is not in
	// the table. It is never Absent.
	State State
	// Raw is the cloud's own word for the state, unchanged.
	Raw string
	// StoppedMode is meaningful only while the instance is Stopped.
	StoppedMode StoppedMode
	// StopChargingBar says why this instance cannot stop charging, as a clause
	// ("it is prepaid"), or is empty when nothing that the cloud shows speaks
	// against it.
	StopChargingBar string
	// Blocked says why this instance cannot be operated although its State may
	// look ordinary, as a clause ("it is locked for security reasons"), or is
	// empty.
	Blocked string
	// StartBlocked is like Blocked where only a start, or a reboot, is out of
	// the question.
	StartBlocked string
	// AlwaysForced is set for a type that the cloud stops by cutting the power
	// whatever it is asked.
	AlwaysForced bool
	ChargeType   ChargeType
	// Type is the cloud's name of the hardware, such as "S5.MEDIUM4".
	Type string
	// Zone is where in the region the instance is, such as "ap-guangzhou-3".
	Zone string
	// PublicIP and PrivateIP are the first address of each kind.
	PublicIP, PrivateIP string
	// PublicIPKept is set when PublicIP survives a stop that stops charging:
	// an elastic address rather than an assigned one.
	PublicIPKept bool
	// LastOperation is nil where the cloud does not report one.
	LastOperation *Operation
	// Tags are the user's own labels.
	Tags map[string]string
}

// Operation is the last operation that the cloud carried out on an instance.
type Operation struct {
	// Name is the cloud's own name for it, such as "StopInstances"; it may be empty.
	Name string
	// RequestID is that of the call which began it.
	RequestID string
	State     OperationState
	// Message is the cloud's own reason for a failure.
	Message string
}

// OperationState is how far an Operation has come.
type OperationState int

// The states of an operation.
const (
	OperationUnknown OperationState = iota
	OperationRunning
	OperationSucceeded
	OperationFailed
)

// Capabilities is what a cloud can do. The tables of the documentation are
// made from it.
type Capabilities struct {
	// StopCharging: compute can go unpaid while stopped.
	StopCharging bool
	// NativeEscalation: the cloud itself cuts the power when the guest does
	// not obey (EscalateLater).
	NativeEscalation bool
	// ModeChangeNeedsRestart: no call changes the mode of a stopped instance.
	ModeChangeNeedsRestart bool
	// OperationReason: a failed transition is reported with a reason.
	OperationReason bool
	// PerItemOutcomes: one bad id does not fail its neighbors in a call.
	PerItemOutcomes bool
	// ReadsPerSecond and WritesPerSecond are the documented limits, or our
	// careful assumption where nothing is documented (RatesAssumed).
	ReadsPerSecond, WritesPerSecond float64
	RatesAssumed                    bool
	// Burst is how many calls of one action may go out at once before that
	// pace holds; 0 means one.
	Burst int
}

// AssumedBurst is the Burst of a cloud that documents no limits: a fleet of a
// thousand instances observes all of them twice, with ten calls each, before its
// first call, and would spend more time on its own limit than on the transition.
const AssumedBurst = 20

// DryRunner is implemented by a driver whose cloud can check an operation
// without doing it.
type DryRunner interface {
	// DryRun asks the cloud whether it would accept the operation, one answer
	// for each id, in order; nil means that it would. It changes nothing.
	DryRun(ctx context.Context, op Op, ids []string, opts StopOptions) []error
}

// Lister is implemented by a driver that can list the instances of its account
// and region.
type Lister interface {
	// ListPage returns one page of the instances that match the filter, of
	// about 100, and the cursor of the next page; an empty cursor in begins,
	// an empty cursor out ends. A page may be empty and not the last. What the
	// cloud cannot filter by itself, the driver filters from the page.
	ListPage(ctx context.Context, filter Filter, cursor string) (page []Instance, next string, err error)
}

// Filter narrows a listing; what is zero does not. An instance matches when it
// matches all of it.
type Filter struct {
	// Name is the name, in which * stands for any characters.
	Name string
	// Tags must all be there with these values; an empty value stands for any.
	Tags map[string]string
}

// AbsenceChecker is implemented by a driver whose cloud answers a missing
// permission with an empty list, as it answers an instance that is gone.
type AbsenceChecker interface {
	// CheckAbsent returns nil when the cloud confirms that no such instance
	// exists, and otherwise an error with the reason why it does not: the vendor's
	// own where it denied the question.
	CheckAbsent(ctx context.Context, id string) error
}

// Op is an operation that changes the power state.
type Op int

// The operations.
const (
	OpStart Op = iota + 1
	OpStop
	OpReboot
)

// String returns the verb.
func (o Op) String() string {
	switch o {
	case OpStart:
		return "start"
	case OpStop:
		return "stop"
	case OpReboot:
		return "reboot"
	}
	return "invalid"
}

// Fault is an error of a driver, classified.
type Fault struct {
	Kind Kind
	// Code is the cloud's own, unchanged; empty where there was none.
	Code string
	// Message is the cloud's own text. It never holds a secret.
	Message string
	// RequestID is the cloud's id of the failed call.
	RequestID string
	// Status is the HTTP status, or 0 where no answer came.
	Status int
	// RetryAfter is how long the cloud asks us to stay away, or 0.
	RetryAfter time.Duration
	// IDs are the ids that the cloud names as the reason for refusing a whole
	// call. It may be empty, and is a hint: never the only ground.
	IDs []string
	// Shared is set when the cloud refused the call as a whole, so that
	// another id of the same call may be to blame.
	Shared bool
	// Unreachable is set where the API did not answer: the connection failed, or
	// something on the way answered in its place. Where no retry can help, Kind is
	// KindInvalid or KindDenied, and Advice says what can.
	Unreachable bool
	// Unsent is set where the driver did not make the call.
	Unsent bool
	// Unexplained is set beside KindBusy when the cloud gave no reason at all: the
	// instance may be busy, and it may be refused for good.
	Unexplained bool
	// ModeRefused is set beside KindInvalid when a stop was refused for its mode:
	// this instance cannot stop charging, and the cloud may accept a stop that keeps
	// charging.
	ModeRefused bool
	// Advice is what the user can do about this code, as a sentence, where the
	// kind alone does not say it.
	Advice string
}

// Kind classifies a fault by what can be done about it. The set is closed.
type Kind int

// The kinds.
const (
	// KindOther is a fault that no table knows: it is reported, and not retried.
	KindOther Kind = iota
	// KindNotFound: no such instance.
	KindNotFound
	// KindThrottled: too many calls; nothing was done, and the same call may be
	// made again later.
	KindThrottled
	// KindBusy: the instance is in a transition or in another state than the
	// operation needs; nothing was done. An observation tells more.
	KindBusy
	// KindDenied: credentials or permissions.
	KindDenied
	// KindInvalid: the request is wrong, or this instance can never do that.
	KindInvalid
	// KindUnavailable: the cloud or the way to it failed. Whether a write took
	// effect is unknown.
	KindUnavailable
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case KindOther:
		return "Other"
	case KindNotFound:
		return "NotFound"
	case KindThrottled:
		return "Throttled"
	case KindBusy:
		return "Busy"
	case KindDenied:
		return "Denied"
	case KindInvalid:
		return "Invalid"
	case KindUnavailable:
		return "Unavailable"
	}
	return "invalid"
}
