package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// What the data source of many and the list resource say of their arguments.
const (
	findName   = "Only instances with this name. `*` matches any characters, as in `web-*`."
	findTags   = "Only instances that have all of these tags. An empty value matches any value."
	findStates = "Only instances in one of these states: `running`, `stopped`, `starting`, `stopping`, `restarting`, `unavailable`, `unknown`."
	findBilled = "`true`: only instances whose compute is billed now; `false`: only those whose compute is not. " +
		"Instances whose billing the cloud does not report are in neither."
)

func findRegion(clouds map[string]cloud) string {
	return "Region to search. Default: the provider's region for the cloud" + noRegions(clouds) + "."
}

func findCloud(clouds map[string]cloud) string {
	return "Cloud to search: " + quoteAll(cloudNames(clouds)) + ". Default: the only cloud that the provider configures."
}

// stateWords are the states that an instance can be found in.
func stateWords() []string {
	var words []string
	for _, state := range backend.States() {
		if state != backend.Absent {
			words = append(words, state.String())
		}
	}
	return words
}

// search is what is looked for: the filter for the driver, and what is compared
// here because it is ours and not the cloud's.
type search struct {
	filter   backend.Filter
	states   []string // empty for all
	charging *bool    // nil for either
}

func newSearch(ctx context.Context, name types.String, tags types.Map, states types.List, charging types.Bool) (search, diag.Diagnostics) {
	s := search{filter: backend.Filter{Name: name.ValueString()}, charging: charging.ValueBoolPointer()}
	var wanted map[string]types.String
	diags := tags.ElementsAs(ctx, &wanted, false)
	// What is null or empty by mistake, since a variable is, must not find more
	// than was meant: what is found may be stopped.
	refuse := func(attribute, summary, detail string) {
		diags.AddAttributeError(path.Root(attribute), summary, detail)
	}
	if !name.IsNull() && !name.IsUnknown() && name.ValueString() == "" {
		refuse("name", "Empty name", "`name` is empty. Leave it out, or set it to null, to find instances of any name.")
	}
	if slices.ContainsFunc(states.Elements(), attr.Value.IsNull) {
		refuse("states", "State that is null", "An element of `states` is null. Leave it out, or give it a value.")
		return s, diags
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		value := wanted[key]
		if value.IsNull() {
			refuse("tags", "Tag without a value",
				fmt.Sprintf("The value of the tag %q in `tags` is null. Set it to the value that is looked for, or to an empty string to find instances with any value of it.", key))
		}
		if s.filter.Tags == nil {
			s.filter.Tags = make(map[string]string, len(wanted))
		}
		s.filter.Tags[key] = value.ValueString()
	}
	diags.Append(states.ElementsAs(ctx, &s.states, false)...)
	return s, diags
}

// fits reports whether an instance that the driver found is looked for.
func (s search) fits(in backend.Instance) bool {
	if len(s.states) > 0 && !slices.Contains(s.states, in.State.String()) {
		return false
	}
	if s.charging == nil {
		return true
	}
	billed := powerstate.Charging(in)
	return billed != nil && *billed == *s.charging
}

// locate is place for an argument that is never computed: null means that the
// provider's default is taken.
func (d *providerData) locate(cloudName, region *types.String) diag.Diagnostics {
	at := location{Cloud: *cloudName, Region: *region}
	at.unset()
	diags := d.place(&at)
	*cloudName, *region = at.Cloud, at.Region
	return diags
}

// id is the id of an instance as the resource has it.
func (d *providerData) id(cloudName, region types.String, instanceID string) types.String {
	return types.StringValue(formatID(cloudName.ValueString(), d.scope(cloudName.ValueString(), region.ValueString()), instanceID))
}

// diagnoseList is diagnose for a listing.
func diagnoseList(client *powerstate.Client, err error, within limit) diag.Diagnostic {
	failure, ok := asFailure(err)
	if !ok {
		return diagnose(err, within)
	}
	return diag.NewErrorDiagnostic("Unable to list the instances of "+placeOf(client), detail(failure, within))
}

// warnOfNone says that an empty listing may not be the truth, on a cloud where
// it may not be.
func (d *providerData) warnOfNone(client *powerstate.Client, found int) diag.Diagnostics {
	var diags diag.Diagnostics
	if _, ambiguous := client.Driver().(backend.AbsenceChecker); found == 0 && ambiguous {
		diags.AddWarning("No instance found in "+placeOf(client),
			fmt.Sprintf("%s answers with an empty list also where the credentials may not list instances. If there should be some, check the permissions.",
				d.clouds[client.Cloud()].title))
	}
	return diags
}

// foundInstance is an instance as the data sources show it.
type foundInstance struct {
	ID           types.String `tfsdk:"id"`
	State        types.String `tfsdk:"state"`
	Status       types.String `tfsdk:"status"`
	StoppedMode  types.String `tfsdk:"stopped_mode"`
	Charging     types.Bool   `tfsdk:"charging"`
	InstanceName types.String `tfsdk:"instance_name"`
	PublicIP     types.String `tfsdk:"public_ip"`
	PrivateIP    types.String `tfsdk:"private_ip"`
	Tags         types.Map    `tfsdk:"tags"`
}

var foundInstanceType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.StringType, "state": types.StringType, "status": types.StringType, "stopped_mode": types.StringType,
	"charging": types.BoolType, "instance_name": types.StringType, "public_ip": types.StringType, "private_ip": types.StringType,
	"tags": types.MapType{ElemType: types.StringType},
}}

func foundInstanceOf(id types.String, in backend.Instance) foundInstance {
	s := foundInstance{
		ID:           id,
		State:        types.StringValue(in.State.String()),
		Status:       types.StringValue(in.Raw),
		StoppedMode:  types.StringNull(),
		Charging:     types.BoolPointerValue(powerstate.Charging(in)),
		InstanceName: types.StringValue(in.Name),
		PublicIP:     orNull(in.PublicIP),
		PrivateIP:    orNull(in.PrivateIP),
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
