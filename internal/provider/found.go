package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// foundAttributes are the attributes of an instance in a data source.
func foundAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "`cloud/region/instance_id`, as an import of the resource takes it; a cloud without regions " +
				"has its service in place of the region.",
		},
		"state": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "`running`, `stopped`, `starting`, `stopping`, `restarting`, `unavailable` (exists but " +
				"cannot be started or stopped) or `unknown`.",
		},
		"status": schema.StringAttribute{
			Computed: true, MarkdownDescription: "State as the cloud reports it, unchanged, such as `RUNNING`.",
		},
		"stopped_mode": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "`keep_charging` or `stop_charging`; null unless the instance is stopped and the cloud " +
				"reports its mode.",
		},
		"charging": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether compute is billed now: `true`, `false`, or null if the cloud does not report it. " +
				"Disks, images and addresses are billed regardless.",
		},
		"instance_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the instance."},
		"public_ip":     schema.StringAttribute{Computed: true, MarkdownDescription: "First public address, or null."},
		"private_ip":    schema.StringAttribute{Computed: true, MarkdownDescription: "First private address, or null."},
		"tags": schema.MapAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "Tags of the instance.",
		},
		"charge_type": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "How compute is paid for: `pay_as_you_go`, `prepaid`, `spot`, or null if the cloud reports " +
				"none of these.",
		},
		"instance_type": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Type of the instance in the cloud's own words, such as `S5.MEDIUM4`, or null.",
		},
		"zone": schema.StringAttribute{
			Computed: true, MarkdownDescription: "Zone of the instance, such as `ap-guangzhou-3`, or null.",
		},
		"can_stop_charging": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the instance can stop charging while it is stopped: `false` if the cloud cannot, or " +
				"if the cloud's description of the instance rules it out.",
		},
	}
}

// foundInstance is an instance as the data sources show it.
type foundInstance struct {
	ID              types.String `tfsdk:"id"`
	State           types.String `tfsdk:"state"`
	Status          types.String `tfsdk:"status"`
	StoppedMode     types.String `tfsdk:"stopped_mode"`
	Charging        types.Bool   `tfsdk:"charging"`
	InstanceName    types.String `tfsdk:"instance_name"`
	PublicIP        types.String `tfsdk:"public_ip"`
	PrivateIP       types.String `tfsdk:"private_ip"`
	Tags            types.Map    `tfsdk:"tags"`
	ChargeType      types.String `tfsdk:"charge_type"`
	InstanceType    types.String `tfsdk:"instance_type"`
	Zone            types.String `tfsdk:"zone"`
	CanStopCharging types.Bool   `tfsdk:"can_stop_charging"`
}

// foundInstanceType is the type of foundInstance.
func foundInstanceType() types.ObjectType {
	attributes := make(map[string]attr.Type)
	for name, attribute := range foundAttributes() {
		attributes[name] = attribute.GetType()
	}
	return types.ObjectType{AttrTypes: attributes}
}

func foundInstanceOf(client *powerstate.Client, id types.String, in backend.Instance) foundInstance {
	s := foundInstance{
		ID:              id,
		State:           types.StringValue(in.State.String()),
		Status:          types.StringValue(in.Raw),
		StoppedMode:     types.StringNull(),
		Charging:        types.BoolPointerValue(powerstate.Charging(in)),
		InstanceName:    types.StringValue(in.Name),
		PublicIP:        orNull(in.PublicIP),
		PrivateIP:       orNull(in.PrivateIP),
		ChargeType:      orNull(string(in.ChargeType)),
		InstanceType:    orNull(in.Type),
		Zone:            orNull(in.Zone),
		CanStopCharging: types.BoolValue(client.CanStopCharging(in)),
	}
	if in.State == backend.Stopped {
		s.StoppedMode = observedMode(types.StringNull(), in.StoppedMode)
	}
	tags := make(map[string]attr.Value, len(in.Tags))
	for key, value := range in.Tags {
		tags[key] = types.StringValue(value)
	}
	s.Tags = types.MapValueMust(types.StringType, tags)
	return s
}
