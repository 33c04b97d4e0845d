package volcengine

import (
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// states are the values of Status in DescribeInstances. The public reference
// (https://api.volcengine.com/api-docs/view?serviceCode=ecs&version=2020-04-01&action=DescribeInstances)
// lists all but three; ERROR, DELETING and MODIFYING_VPC are in the schema of the
// vendor's Cloud Control provider (volcengine/volcenginecc, resource ECS
// instance). The console also shows a state for a move into a deployment set,
// whose word in the API no page gives: it would be Unknown, and waited on.
var states = driverkit.States{
	"CREATING":      {State: backend.Starting},
	"RUNNING":       {State: backend.Running},
	"STOPPING":      {State: backend.Stopping},
	"STOPPED":       {State: backend.Stopped},
	"STARTING":      {State: backend.Starting},
	"REBOOTING":     {State: backend.Restarting},
	"REBUILDING":    {State: backend.Restarting}, // reinstallation; ends RUNNING
	"RESIZING":      {State: backend.Restarting},
	"MODIFYING_VPC": {State: backend.Restarting},
	"ERROR":         {State: backend.Unavailable, Blocked: "the cloud reports that it failed"},
	"DELETING":      {State: backend.Unavailable, Blocked: "it is being deleted"},
}

// The words of StoppedMode. The reference spells the last one without a hyphen;
// a sister cloud with the same API has one.
var modes = driverkit.Modes{
	"KeepCharging":   backend.KeepCharging,
	"StopCharging":   backend.StopCharging,
	"NotApplicable":  backend.NotApplicable,
	"Not-applicable": backend.NotApplicable,
}

const prePaid = "PrePaid"

// chargeTypes are the words of InstanceChargeType
// (https://api.volcengine.com/api-docs/view?serviceCode=ecs&version=2020-04-01&action=DescribeInstances).
var chargeTypes = map[string]backend.ChargeType{prePaid: backend.Prepaid, "PostPaid": backend.PayAsYouGo}

// noSpot is the word of SpotStrategy for an instance that is no spot instance.
const noSpot = "NoSpot"

// stopChargingBar gives the conditions of StopInstance
// (https://www.volcengine.com/docs/6396/70468): only pay-as-you-go, no local
// disks, no elastic bare metal, no HPC type, no elastic scheduled instance.
func (i *instance) stopChargingBar() string {
	family := familyOf(i.InstanceTypeID)
	scheduled := i.ElasticScheduledInstanceType
	switch {
	case i.InstanceChargeType == prePaid:
		return "it is prepaid"
	case slices.ContainsFunc(i.LocalVolumes, func(v *struct{}) bool { return v != nil }):
		return "it has local disks"
	case isHPC(family):
		return "its type is for high-performance computing"
	case strings.HasPrefix(family, "ebm"):
		return "it is an elastic bare metal instance"
	case i.ScheduledInstanceID != "", scheduled != "" && scheduled != "NoEsi":
		return "it is an elastic scheduled instance"
	}
	return ""
}

// familyOf returns the middle of a type such as "ecs.ebmg2.31xlarge".
func familyOf(typeID string) string {
	family, _, _ := strings.Cut(strings.TrimPrefix(typeID, "ecs."), ".")
	return family
}

// forcedFamilies are the HPC families that StopInstance names as always stopped
// by force, beside elastic bare metal (https://www.volcengine.com/docs/6396/70468).
var forcedFamilies = []string{"ebmhpcpni2l", "ebmhpcpni2", "ebmhpchfpni2"}

func alwaysForced(typeID string) bool {
	return strings.HasPrefix(typeID, "ecs.ebm") || slices.Contains(forcedFamilies, familyOf(typeID))
}

func isHPC(family string) bool {
	return strings.HasPrefix(family, "hpc") || strings.HasPrefix(family, "ebmhpc")
}
