package volcengine

import (
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The names of the switches.
const (
	// AlreadyThere: a start of what runs or starts, a stop of what is stopped
	// or stopping. The pages have no code of its own for it.
	AlreadyThere = "already_there"
	// ForceWhileStopping: a stop with force of an instance that is STOPPING.
	ForceWhileStopping = "force_while_stopping"
	// RebootStopped: a reboot of a stopped instance.
	RebootStopped = "reboot_stopped"
	// ErrorState: whether an instance in the state ERROR can be operated.
	ErrorState = "error_state"
	// ModeChange: a stop that names another mode than the one that a stopped
	// instance has. InvalidStoppedMode.Conflict exists, but no page says in
	// which direction it is answered.
	ModeChange = "mode_change"
	// DefaultStoppedMode is the account's: what a stop without a mode means for
	// an instance that qualifies
	// (https://docs.byteplus.com/id/docs/ecs/StopInstances).
	DefaultStoppedMode = "default_stopped_mode"
	// RunningReads: the StoppedMode of an instance that is not stopped.
	RunningReads = "running_reads"
	// IneligibleReads: the StoppedMode of a stopped instance that can never
	// stop charging.
	IneligibleReads = "ineligible_reads"
	// ThrottleStatus: the HTTP status of the throttling codes.
	ThrottleStatus = "throttle_status"
	// ExpiredTokenCode: the code for a session token whose time is over.
	ExpiredTokenCode = "expired_token_code"
	// ClientTokens: whether a repeated call with a client token is answered from
	// the first one, however old.
	ClientTokens = "client_tokens"
	// RefusedTokens: whether a call that had no effect at all uses up its
	// client token too, and a repeat gets its refusal again.
	RefusedTokens = "refused_tokens"
	// UnknownParameters: parameters that an action does not have.
	UnknownParameters = "unknown_parameters"
)

// The values of the switches that are no words of the API.
const (
	Refused        = "refused"
	Accepted       = "accepted"
	Conflict       = "conflict"
	ToKeepCharging = "to_keep_charging"
	ToStopCharging = "to_stop_charging"
	Honored        = "honored"
	Ignored        = "ignored"
	Forgotten      = "forgotten"
	Kept           = "kept"
	Empty          = "empty"
)

func settings() []simulator.Setting {
	return []simulator.Setting{
		{
			Name: AlreadyThere, Doc: "a write that asks for what is so already, or on its way",
			Values: []string{Refused, Accepted},
		},
		{
			Name: ForceWhileStopping, Doc: "a stop with force of an instance that is STOPPING",
			Values: []string{Refused, Accepted},
		},
		{Name: RebootStopped, Doc: "a reboot of an instance that is STOPPED", Values: []string{Refused, Accepted}},
		{Name: ErrorState, Doc: "any write to an instance in the state ERROR", Values: []string{Refused, Accepted}},
		{
			Name: ModeChange, Doc: "a stop with another mode of an instance that is STOPPED",
			Values: []string{Conflict, Accepted, ToKeepCharging, ToStopCharging},
		},
		{
			Name: DefaultStoppedMode, Doc: "the account's mode for a stop that names none",
			Values: []string{keepCharging, stopCharging},
		},
		{
			Name: RunningReads, Doc: "StoppedMode of an instance that is not stopped",
			Values: []string{notApplicable, "Not-applicable", keepCharging, Empty},
		},
		{
			Name: IneligibleReads, Doc: "StoppedMode of a stopped instance that cannot stop charging",
			Values: []string{notApplicable, keepCharging},
		},
		{Name: ThrottleStatus, Doc: "HTTP status of a throttled call", Values: []string{"429", "400", "200"}},
		{
			Name: ExpiredTokenCode, Doc: "code for a session token that has expired",
			Values: []string{"ExpiredToken", "InvalidSecurityToken"},
		},
		{
			Name: ClientTokens, Doc: "whether a repeat with the same client token has no second effect",
			Values: []string{Honored, Ignored},
		},
		{
			Name: RefusedTokens, Doc: "whether a call without any effect uses up its client token",
			Values: []string{Forgotten, Kept},
		},
		{Name: UnknownParameters, Doc: "parameters that the action does not have", Values: []string{Refused, Ignored}},
	}
}

// legal says from which states an order may begin. It lets a stop of a stopped
// instance pass, since that depends on the modes, which the caller compares.
func legal(tx *simulator.Tx, order simulator.Order, status string) bool {
	accepts := func(setting string) bool { return tx.Setting(setting) == Accepted }
	if status == errorWord && order.Op.Write() {
		return accepts(ErrorState)
	}
	switch order.Op {
	case simulator.OpStop:
		switch status {
		case running, stopped:
			return true
		case stopping:
			return accepts(AlreadyThere) || cutsShort(tx, order, status)
		}
	case simulator.OpStart:
		return status == stopped || (status == running || status == starting) && accepts(AlreadyThere)
	case simulator.OpReboot:
		return status == running || status == stopped && accepts(RebootStopped)
	case simulator.OpDescribe, simulator.OpOther:
	}
	return false
}

// cutsShort reports whether a stop ends a shutdown that is under way.
func cutsShort(tx *simulator.Tx, order simulator.Order, status string) bool {
	return status == stopping && order.Force == simulator.Forced && tx.Setting(ForceWhileStopping) == Accepted
}

// The names of Instance.Extra that this wire reads.
const (
	// extraScheduled is ElasticScheduledInstanceType: NoEsi, Esi or Segmented.
	extraScheduled = "elastic_scheduled_instance_type"
	notScheduled   = "NoEsi"
	// extraBareMetal, when "true", makes a bare metal instance of one whose
	// type does not tell.
	extraBareMetal = "bare_metal"
)

// bareMetal reports whether the instance is elastic bare metal. The three HPC
// types whose power is always cut too, ebmhpcpni2l, ebmhpcpni2 and
// ebmhpchfpni2, begin with the same letters
// (https://www.volcengine.com/docs/6396/70468).
func bareMetal(i simulator.Instance) bool {
	return strings.HasPrefix(i.Type, "ecs.ebm") || i.Extra[extraBareMetal] == "true"
}

// highPerformance reports whether the instance is of an HPC type.
func highPerformance(i simulator.Instance) bool { return strings.HasPrefix(i.Type, "ecs.hpc") }

func scheduled(i simulator.Instance) string {
	if v := i.Extra[extraScheduled]; v != "" {
		return v
	}
	return notScheduled
}

// ineligible returns why an instance cannot stop charging, or nil
// (https://www.volcengine.com/docs/6396/70468).
func ineligible(i simulator.Instance) *simulator.Refusal {
	switch {
	case scheduled(i) != notScheduled:
		return refuse("InvalidStoppedModeForScheduledInstance.Unsupported",
			"The scheduled instance %s does not support the specified StoppedMode.", i.ID)
	case i.ChargeType != postPaid:
		return refuse("InvalidStoppedMode.ChargeTypeMismatch",
			"The charge type %s of the instance %s does not support the specified StoppedMode.", i.ChargeType, i.ID)
	case i.LocalDisk || bareMetal(i) || highPerformance(i):
		return refuse("InvalidStoppedMode.InstanceTypeMismatch",
			"The type %s of the instance %s does not support the specified StoppedMode.", i.Type, i.ID)
	default:
		return nil
	}
}
