package tencentcloud

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// states translates InstanceState. The words are those of the table at
// https://cloud.tencent.com/document/api/213/15753#InstanceStatus, which the
// SDK repeats at its type InstanceStatus; the three of the live migration are
// in the SDK source alone.
var states = driverkit.States{
	"PENDING":       {State: backend.Starting}, // being created
	"LAUNCH_FAILED": {State: backend.Unavailable, Blocked: "its creation failed"},
	"RUNNING":       {State: backend.Running},
	"STOPPED":       {State: backend.Stopped},
	"STARTING":      {State: backend.Starting},
	"STOPPING":      {State: backend.Stopping},
	"REBOOTING":     {State: backend.Restarting},
	"SHUTDOWN":      {State: backend.Unavailable, Blocked: "it was stopped and waits to be destroyed"},
	"TERMINATING":   {State: backend.Unavailable, Blocked: "it is being destroyed"},

	"ENTER_RESCUE_MODE": {State: backend.Restarting},                                   // ends in RESCUE_MODE
	"RESCUE_MODE":       {State: backend.Unavailable, Blocked: "it is in rescue mode"}, // ends when a person ends it
	"EXIT_RESCUE_MODE":  {State: backend.Restarting},

	"ENTER_SERVICE_LIVE_MIGRATE": {State: backend.Restarting},
	"SERVICE_LIVE_MIGRATE":       {State: backend.Restarting},
	"EXIT_SERVICE_LIVE_MIGRATE":  {State: backend.Restarting},
}

// blockedBySource are the clauses for IsolatedSource (SDK source, Instance).
var blockedBySource = map[string]string{
	"ARREAR":  "it is isolated because the account is in arrears",
	"EXPIRE":  "it is isolated because its paid period has ended",
	"MANMADE": "it is isolated in the recycle bin because it was returned",
}

// blockedByRestriction are the clauses for RestrictState (SDK source,
// Instance).
var blockedByRestriction = map[string]string{
	"EXPIRED":               "its paid period has ended",
	"PROTECTIVELY_ISOLATED": "it is isolated for security reasons",
}

// The words of StoppedMode and StopChargingMode (SDK source,
// StopInstancesRequest and Instance).
var modes = driverkit.Modes{
	"KEEP_CHARGING":  backend.KeepCharging,
	"STOP_CHARGING":  backend.StopCharging,
	"NOT_APPLICABLE": backend.NotApplicable,
}

// operationStates translates LatestOperationState (SDK source, Instance).
var operationStates = map[string]backend.OperationState{
	"SUCCESS":   backend.OperationSucceeded,
	"OPERATING": backend.OperationRunning,
	"FAILED":    backend.OperationFailed,
}

// The words of InstanceChargeType (SDK source, Instance).
const (
	chargeHourly  = "POSTPAID_BY_HOUR"
	chargePrepaid = "PREPAID"
	chargeSpot    = "SPOTPAID"
)

// chargeTypes leaves out the two words of a host and of a cluster that are paid
// for in place of the instance.
var chargeTypes = map[string]backend.ChargeType{
	chargeHourly:  backend.PayAsYouGo,
	chargePrepaid: backend.Prepaid,
	chargeSpot:    backend.Spot,
}

// barByCharge says why other billing types cannot stop charging: only hourly
// ones can (https://cloud.tencent.com/document/product/213/19918).
var barByCharge = map[string]string{
	chargePrepaid: "it is prepaid",
	chargeSpot:    "it is a spot instance",
	"CDHPAID":     "it is on a dedicated host, which is paid for instead",
	"CDCPAID":     "it is in a dedicated cluster, which is paid for instead",
}
