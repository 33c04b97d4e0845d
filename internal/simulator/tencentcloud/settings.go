package tencentcloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The names of the switches and their values, the default first.
const (
	// ForceWhileStopping: the pages say that only RUNNING can be stopped, and
	// do not say whether a power cut can end a shutdown that hangs.
	ForceWhileStopping = "force_while_stopping"
	Refused            = "refused"
	Accepted           = "accepted"

	// StopWhileStopped: the list of codes has one for a stop of an instance that is
	// stopped; no page says whether a stop with the other mode gets it too.
	StopWhileStopped = "stop_while_stopped"
	Ignored          = "ignored"
	SwitchesMode     = "switches_mode"

	// BothForces: StopType together with the deprecated parameter that it replaces.
	// The SDK's comment forbids it; no page says with which code, or which one wins.
	BothForces = "both_force_parameters"

	// IneligibleAlone: what becomes of a stop without charging when none of its
	// instances can have it.
	IneligibleAlone = "ineligible_stop_charging_alone"
	Downgraded      = "downgraded"

	// Batch: whether one bad instance keeps the others of its call from being
	// operated. The call fails either way.
	Batch   = "batch"
	Atomic  = "atomic"
	Partial = "partial"

	// IneligibleReads: the StopChargingMode of a stopped instance that can
	// never have STOP_CHARGING. NOT_APPLICABLE is documented to cover both "not
	// stopped" and "not eligible".
	IneligibleReads = "ineligible_reads"

	// LatestOperation: the fields about the last operation may be null. They are
	// for an instance that was never operated; whether for others too, no page says.
	LatestOperation = "latest_operation"
	OfTheLastCall   = "last_call"
	Null            = "null"

	// PageOfIDs: whether a describe by ids without a Limit is cut at the default
	// one.
	PageOfIDs   = "page_of_ids"
	DefaultPage = "default_page"
	AllIDs      = "all"
)

func settings() []simulator.Setting {
	return []simulator.Setting{
		{
			Name: ForceWhileStopping, Doc: "a stop with force of an instance that is STOPPING",
			Values: []string{Refused, Accepted},
		},
		{
			Name: StopWhileStopped, Doc: "a stop of a STOPPED instance: refused, accepted without effect, or switching its mode",
			Values: []string{Refused, Ignored, SwitchesMode},
		},
		{
			Name: BothForces, Doc: "StopType together with the deprecated ForceStop or ForceReboot; it wins if both are taken",
			Values: []string{Refused, Accepted},
		},
		{
			Name: IneligibleAlone, Doc: "STOP_CHARGING when no instance of the call can have it",
			Values: []string{Refused, Downgraded},
		},
		{Name: Batch, Doc: "whether the good instances of a refused call are operated", Values: []string{Atomic, Partial}},
		{
			Name: IneligibleReads, Doc: "StopChargingMode of a stopped instance that cannot have STOP_CHARGING",
			Values: []string{notApplicable, keepCharging},
		},
		{
			Name: LatestOperation, Doc: "the fields about the last operation: those of the last call, or null",
			Values: []string{OfTheLastCall, Null},
		},
		{
			Name: PageOfIDs, Doc: "whether a describe by ids without a Limit is cut at 20",
			Values: []string{DefaultPage, AllIDs},
		},
	}
}
