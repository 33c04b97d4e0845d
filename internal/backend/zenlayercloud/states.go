package zenlayercloud

import "github.com/instance-power/terraform-provider-instance/internal/backend"

// word is what one of the cloud's states means.
type word struct {
	state backend.State
	// blocked is the clause for backend.Instance.Blocked.
	blocked string
}

// states are the words of both services. Where nothing else is said, they are
// the values of InstanceStatus (vm) and InstanceStatusValue (zec) on the pages
// https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/describeinstances
// and https://docs.console.zenlayer.com/api-reference/compute/zec/instance/describeinstances.
var states = map[string]word{
	"RUNNING":  {state: backend.Running},
	"STOPPED":  {state: backend.Stopped},
	"STOPPING": {state: backend.Stopping},
	"BOOTING":  {state: backend.Starting},
	// The page of zec StartInstances says STARTING for BOOTING.
	"STARTING": {state: backend.Starting},
	// Being created. PENDING is listed for vm; the vendor's Terraform provider
	// waits for it in zec too.
	"PENDING":   {state: backend.Starting},
	"DEPLOYING": {state: backend.Starting},
	"REBOOT":    {state: backend.Restarting},
	// A reinstallation of the system.
	"REBUILDING": {state: backend.Restarting},
	// An image of the system disk is being made.
	"IMAGING": {state: backend.Restarting},
	// zec only.
	"RESIZING": {state: backend.Restarting},
	// On the way out: what follows is the recycle bin or nothing at all.
	"RECYCLING": {state: backend.Unavailable, blocked: "it is being moved to the recycle bin"},
	"RELEASING": {state: backend.Unavailable, blocked: "it is being released"},
	"RECYCLE":   {state: backend.Unavailable, blocked: "it is in the recycle bin"},
	// The page of zec ReleaseInstances says RECYCLED for RECYCLE.
	"RECYCLED":      {state: backend.Unavailable, blocked: "it is in the recycle bin"},
	"CREATE_FAILED": {state: backend.Unavailable, blocked: "its creation failed"},
	// Not in the enumeration; the vendor's Terraform provider knows it for zec.
	"REINSTALL_FAILED": {state: backend.Unavailable, blocked: "its reinstallation failed"},
}

// stopChargingBar is the same for every instance: no request field and no
// answer of either service knows of a stop that ends billing. Pay-as-you-go
// ends when the instance is terminated
// (https://docs.console.zenlayer.com/api-reference/vm/instance/terminateinstance).
const stopChargingBar = "this cloud bills stopped instances like running ones"

// instanceOf translates one instance of a listing.
func instanceOf(from *item) backend.Instance {
	// Each service fills in one of the two.
	raw := from.InstanceStatus
	if raw == "" {
		raw = from.Status
	}
	meaning := states[raw]
	instance := backend.Instance{
		ID:              from.InstanceID,
		Name:            from.InstanceName,
		State:           meaning.state,
		Raw:             raw,
		Blocked:         meaning.blocked,
		StopChargingBar: stopChargingBar,
		Prepaid:         from.InstanceChargeType == "PREPAID",
		PublicIP:        first(from.PublicIPAddresses),
		PrivateIP:       first(from.PrivateIPAddresses),
	}
	if instance.State == backend.Stopped {
		instance.StoppedMode = backend.KeepCharging
	}
	if len(from.Tags.Tags) > 0 {
		instance.Tags = make(map[string]string, len(from.Tags.Tags))
		for _, tag := range from.Tags.Tags {
			instance.Tags[tag.Key] = tag.Value
		}
	}
	return instance
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
