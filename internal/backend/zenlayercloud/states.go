package zenlayercloud

import (
	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// states are the words of both services. Where nothing else is said, they are
// the values of InstanceStatus (vm) and InstanceStatusValue (zec) on the pages
// https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/describeinstances
// and https://docs.console.zenlayer.com/api-reference/compute/zec/instance/describeinstances.
var states = driverkit.States{
	"RUNNING":  {State: backend.Running},
	"STOPPED":  {State: backend.Stopped},
	"STOPPING": {State: backend.Stopping},
	"BOOTING":  {State: backend.Starting},
	// The page of zec StartInstances says STARTING for BOOTING.
	"STARTING": {State: backend.Starting},
	// Being created. PENDING is listed for vm; the vendor's Terraform provider
	// waits for it in zec too.
	"PENDING":   {State: backend.Starting},
	"DEPLOYING": {State: backend.Starting},
	"REBOOT":    {State: backend.Restarting},
	// A reinstallation of the system.
	"REBUILDING": {State: backend.Restarting},
	// An image of the system disk is being made.
	"IMAGING": {State: backend.Restarting},
	// zec only.
	"RESIZING": {State: backend.Restarting},
	// On the way out: what follows is the recycle bin or nothing at all.
	"RECYCLING": {State: backend.Unavailable, Blocked: "it is being moved to the recycle bin"},
	"RELEASING": {State: backend.Unavailable, Blocked: "it is being released"},
	"RECYCLE":   {State: backend.Unavailable, Blocked: "it is in the recycle bin"},
	// The page of zec ReleaseInstances says RECYCLED for RECYCLE.
	"RECYCLED":      {State: backend.Unavailable, Blocked: "it is in the recycle bin"},
	"CREATE_FAILED": {State: backend.Unavailable, Blocked: "its creation failed"},
	// Not in the enumeration; the vendor's Terraform provider knows it for zec.
	"REINSTALL_FAILED": {State: backend.Unavailable, Blocked: "its reinstallation failed"},
}

// chargeTypes are the words of instanceChargeType, which only the vm service has:
// a listing of zec does not say how an instance is paid for (SDK source,
// InstanceInfo of both).
var chargeTypes = map[string]backend.ChargeType{
	"PREPAID":  backend.Prepaid,
	"POSTPAID": backend.PayAsYouGo,
}

// stopChargingBar is the same for every instance: no request field and no
// answer of either service knows of a stop that ends billing. Pay-as-you-go
// ends when the instance is terminated
// (https://docs.console.zenlayer.com/api-reference/vm/instance/terminateinstance).
const stopChargingBar = "this cloud bills stopped instances like running ones"

// instanceOf translates one instance of a listing.
func instanceOf(from *instance) backend.Instance {
	// Each service fills in one of the two.
	raw := from.InstanceStatus
	if raw == "" {
		raw = from.Status
	}
	meaning := states[raw]
	instance := backend.Instance{
		ID:              from.InstanceID,
		Name:            from.InstanceName,
		State:           meaning.State,
		Raw:             raw,
		Blocked:         meaning.Blocked,
		StopChargingBar: stopChargingBar,
		ChargeType:      chargeTypes[from.InstanceChargeType],
		Type:            from.InstanceType,
		Zone:            from.ZoneID,
		PublicIP:        driverkit.First(from.PublicIPAddresses...),
		PrivateIP:       driverkit.First(from.PrivateIPAddresses...),
		Tags:            driverkit.Tags(from.Tags.Tags, tagOf),
	}
	if instance.State == backend.Stopped {
		instance.StoppedMode = backend.KeepCharging
	}
	return instance
}

func tagOf(t tag) (key, value string, ok bool) { return t.Key, t.Value, true }
