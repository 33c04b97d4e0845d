package volcengine

import (
	"slices"
	"strings"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// meaning is a state and, for one that cannot be operated, the reason.
type meaning struct {
	state   backend.State
	blocked string
}

// states are the values of Status in DescribeInstances. The public reference
// (https://api.volcengine.com/api-docs/view?serviceCode=ecs&version=2020-04-01&action=DescribeInstances)
// lists all but three; ERROR, DELETING and MODIFYING_VPC are in the schema of the
// vendor's Cloud Control provider (volcengine/volcenginecc, resource ECS
// instance). The console also shows a state for a move into a deployment set,
// whose word in the API no page gives: it would be Unknown, and waited on.
var states = map[string]meaning{
	"CREATING":      {state: backend.Starting},
	"RUNNING":       {state: backend.Running},
	"STOPPING":      {state: backend.Stopping},
	"STOPPED":       {state: backend.Stopped},
	"STARTING":      {state: backend.Starting},
	"REBOOTING":     {state: backend.Restarting},
	"REBUILDING":    {state: backend.Restarting}, // reinstallation; ends RUNNING
	"RESIZING":      {state: backend.Restarting},
	"MODIFYING_VPC": {state: backend.Restarting},
	"ERROR":         {state: backend.Unavailable, blocked: "the cloud reports that it failed"},
	"DELETING":      {state: backend.Unavailable, blocked: "it is being deleted"},
}

// The words of StoppedMode. The reference spells the last one without a hyphen;
// a sister cloud with the same API has one.
var modes = map[string]backend.StoppedMode{
	"KeepCharging":   backend.KeepCharging,
	"StopCharging":   backend.StopCharging,
	"NotApplicable":  backend.NotApplicable,
	"Not-applicable": backend.NotApplicable,
}

// wordOfMode returns what a stop sends, or nothing for the default.
func wordOfMode(mode backend.StoppedMode) string {
	switch mode {
	case backend.KeepCharging:
		return "KeepCharging"
	case backend.StopCharging:
		return "StopCharging"
	case backend.UnknownMode, backend.NotApplicable:
	}
	return ""
}

func instanceOf(item *ecs.InstanceForDescribeInstancesOutput) backend.Instance {
	raw := sdk.StringValue(item.Status)
	known := states[raw]
	instance := backend.Instance{
		ID:              sdk.StringValue(item.InstanceId),
		Name:            sdk.StringValue(item.InstanceName),
		State:           known.state,
		Raw:             raw,
		StoppedMode:     modes[sdk.StringValue(item.StoppedMode)],
		StopChargingBar: stopChargingBar(item),
		Blocked:         known.blocked,
		AlwaysForced:    alwaysForced(sdk.StringValue(item.InstanceTypeId)),
		Prepaid:         prepaid(item),
		PrivateIP:       privateIP(item),
		Tags:            tagsOf(item),
	}
	if item.EipAddress != nil {
		// The only public addresses are elastic ones, which a stop keeps in
		// either mode (https://www.volcengine.com/docs/6396/70468).
		instance.PublicIP = sdk.StringValue(item.EipAddress.IpAddress)
		instance.PublicIPKept = instance.PublicIP != ""
	}
	return instance
}

func prepaid(item *ecs.InstanceForDescribeInstancesOutput) bool {
	return sdk.StringValue(item.InstanceChargeType) == "PrePaid"
}

// stopChargingBar gives the conditions of StopInstance
// (https://www.volcengine.com/docs/6396/70468): only pay-as-you-go, no local
// disks, no elastic bare metal, no HPC type, no elastic scheduled instance.
func stopChargingBar(item *ecs.InstanceForDescribeInstancesOutput) string {
	family := familyOf(sdk.StringValue(item.InstanceTypeId))
	scheduled := sdk.StringValue(item.ElasticScheduledInstanceType)
	switch {
	case prepaid(item):
		return "it is prepaid"
	case slices.ContainsFunc(item.LocalVolumes, func(v *ecs.LocalVolumeForDescribeInstancesOutput) bool { return v != nil }):
		return "it has local disks"
	case isHPC(family):
		return "its type is for high-performance computing"
	case strings.HasPrefix(family, "ebm"):
		return "it is an elastic bare metal instance"
	case sdk.StringValue(item.ScheduledInstanceId) != "", scheduled != "" && scheduled != "NoEsi":
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

// privateIP returns the address of the primary network interface, or of the
// first one that has an address.
func privateIP(item *ecs.InstanceForDescribeInstancesOutput) string {
	first := ""
	for _, nic := range item.NetworkInterfaces {
		if nic == nil || sdk.StringValue(nic.PrimaryIpAddress) == "" {
			continue
		}
		if sdk.StringValue(nic.Type) == "primary" {
			return *nic.PrimaryIpAddress
		}
		if first == "" {
			first = *nic.PrimaryIpAddress
		}
	}
	return first
}

func tagsOf(item *ecs.InstanceForDescribeInstancesOutput) map[string]string {
	tags := make(map[string]string, len(item.Tags))
	for _, tag := range item.Tags {
		if tag != nil && tag.Key != nil {
			tags[*tag.Key] = sdk.StringValue(tag.Value)
		}
	}
	if len(tags) == 0 {
		return nil
	}
	return tags
}
