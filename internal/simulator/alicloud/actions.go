package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

const (
	describeInstances         = "DescribeInstances"
	describeInstanceStatus    = "DescribeInstanceStatus"
	describeInstanceAttribute = "DescribeInstanceAttribute"
)

// action is what the wire knows about an action.
type action struct {
	op simulator.Op
	// single says that the action is about one instance, which InstanceId names.
	single bool
	// required and optional are the parameters beside the common ones, those of
	// lists without their number.
	required, optional []string
	// force is the parameter that asks for a power cut.
	force string
}

// actions are those of
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-overview
// that have to do with the power state. None has a ClientToken.
func actions() map[string]action {
	return map[string]action{
		"StopInstances": {
			op: simulator.OpStop, required: []string{"RegionId"}, force: "ForceStop",
			optional: []string{"InstanceId.N", "ForceStop", "StoppedMode", "BatchOptimization", "DryRun"},
		},
		"StartInstances": {
			op: simulator.OpStart, required: []string{"RegionId"},
			optional: []string{"InstanceId.N", "BatchOptimization", "DryRun"},
		},
		"RebootInstances": {
			op: simulator.OpReboot, required: []string{"RegionId"}, force: "ForceReboot",
			optional: []string{"InstanceId.N", "ForceReboot", "BatchOptimization", "DryRun"},
		},
		"StopInstance": {
			op: simulator.OpStop, single: true, required: []string{"InstanceId"}, force: "ForceStop",
			optional: []string{"RegionId", "ForceStop", "StoppedMode", "DryRun", "ConfirmStop", "Hibernate"},
		},
		"StartInstance": {
			op: simulator.OpStart, single: true, required: []string{"InstanceId"},
			optional: []string{"RegionId", "DryRun", "InitLocalDisk"},
		},
		"RebootInstance": {
			op: simulator.OpReboot, single: true, required: []string{"InstanceId"}, force: "ForceStop",
			optional: []string{"RegionId", "ForceStop", "DryRun"},
		},
		describeInstances: {
			op: simulator.OpDescribe, required: []string{"RegionId"},
			optional: []string{
				"InstanceIds", "MaxResults", "NextToken", "PageNumber", "PageSize", "DryRun", "Tag.N.Key", "Tag.N.Value",
				"AdditionalAttributes.N", "Status", "LockReason", "InstanceChargeType", "VpcId", "ZoneId", "VSwitchId",
				"InstanceName", "InstanceType", "InstanceTypeFamily", "InstanceNetworkType", "ImageId", "SecurityGroupId",
				"KeyPairName", "ResourceGroupId", "PrivateIpAddresses", "PublicIpAddresses", "EipAddresses", "InnerIpAddresses",
			},
		},
		// Clients of the vendor's older SDK send RegionId with whatever they call;
		// the host of a region knows no instance of another one.
		describeInstanceAttribute: {
			op: simulator.OpDescribe, single: true, required: []string{"InstanceId"}, optional: []string{"RegionId"},
		},
		describeInstanceStatus: {
			op: simulator.OpDescribe, required: []string{"RegionId"},
			optional: []string{"InstanceId.N", "ZoneId", "PageNumber", "PageSize", "ClusterId"},
		},
	}
}

// commonNames are the parameters that every action has: those of a signature
// in the query, and some that the service keeps for the past.
func commonNames() []string {
	return []string{
		"Action", "Version", "Format", "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce",
		"SignatureType", "Timestamp", "SecurityToken", "OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId",
	}
}
