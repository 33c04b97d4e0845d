package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// stateWords are the states that an instance can be found in, the unknown one last.
func stateWords() []string {
	var words []string
	for _, state := range backend.States() {
		if state != backend.Absent && state != backend.Unknown {
			words = append(words, state.String())
		}
	}
	return append(words, backend.Unknown.String())
}

// chargeTypeWords are the charge types that a search can name.
func chargeTypeWords() []string {
	return []string{string(backend.PayAsYouGo), string(backend.Prepaid), string(backend.Spot)}
}

// searchModel are the arguments of a search as Terraform holds them.
type searchModel struct {
	Name            types.String `tfsdk:"name"`
	Tags            types.Map    `tfsdk:"tags"`
	States          types.List   `tfsdk:"states"`
	Charging        types.Bool   `tfsdk:"charging"`
	ChargeTypes     types.List   `tfsdk:"charge_types"`
	InstanceTypes   types.List   `tfsdk:"instance_types"`
	Zones           types.List   `tfsdk:"zones"`
	CanStopCharging types.Bool   `tfsdk:"can_stop_charging"`
}

// search is a filter for the driver, and what is compared here because the clouds
// cannot filter by it.
type search struct {
	filter backend.Filter
	// An empty list stands for all, and nil for either.
	states, chargeTypes, instanceTypes, zones []string
	charging, canStopCharging                 *bool
}

// newSearch reads the arguments. Those that are not known yet, which only
// validation meets, restrict nothing. One that is null or empty by mistake, since
// a variable is, is refused: it must not find more than was meant, because the
// instances that are found may be stopped.
func newSearch(m searchModel) (search, diag.Diagnostics) {
	s := search{
		filter:          backend.Filter{Name: m.Name.ValueString()},
		charging:        m.Charging.ValueBoolPointer(),
		canStopCharging: m.CanStopCharging.ValueBoolPointer(),
	}
	var diags diag.Diagnostics
	if !m.Name.IsNull() && !m.Name.IsUnknown() && m.Name.ValueString() == "" {
		diags.AddAttributeError(path.Root("name"), "Empty name",
			"`name` is empty. Leave it out, or set it to null, to find instances of any name.")
	}
	for _, list := range []struct {
		attribute, summary string
		from               types.List
		to                 *[]string
	}{
		{"states", "State that is null", m.States, &s.states},
		{"charge_types", "Charge type that is null", m.ChargeTypes, &s.chargeTypes},
		{"instance_types", "Type that is null", m.InstanceTypes, &s.instanceTypes},
		{"zones", "Zone that is null", m.Zones, &s.zones},
	} {
		words, null := knownWords(list.from)
		if null {
			diags.AddAttributeError(path.Root(list.attribute), list.summary,
				fmt.Sprintf("An element of `%s` is null. Leave it out, or give it a value.", list.attribute))
		}
		*list.to = words
	}
	tags, more := tagsOf(m.Tags)
	diags.Append(more...)
	s.filter.Tags = tags
	return s, diags
}

// knownWords returns the elements of a list that are known, and whether one is null.
func knownWords(list types.List) (words []string, null bool) {
	for _, element := range list.Elements() {
		null = null || element.IsNull()
		if word, ok := element.(types.String); ok && !word.IsNull() && !word.IsUnknown() {
			words = append(words, word.ValueString())
		}
	}
	return words, null
}

func tagsOf(tags types.Map) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	elements := tags.Elements()
	if len(elements) == 0 {
		return nil, nil
	}
	values := make(map[string]string, len(elements))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if elements[key].IsNull() {
			diags.AddAttributeError(path.Root("tags"), "Tag without a value",
				fmt.Sprintf("The value of the tag %s in `tags` is null. Set it to the value to search for, or to an empty "+
					"string to find instances with any value of the tag.", shown(key)))
		}
		value, _ := elements[key].(types.String)
		values[key] = value.ValueString()
	}
	return values, diags
}

// fits reports whether an instance that the driver found matches the search.
func (s search) fits(client *powerstate.Client, in backend.Instance) bool {
	among := func(words []string, word string) bool { return len(words) == 0 || slices.Contains(words, word) }
	if !among(s.states, in.State.String()) || !among(s.chargeTypes, string(in.ChargeType)) ||
		!among(s.instanceTypes, in.Type) || !among(s.zones, in.Zone) {
		return false
	}
	if s.canStopCharging != nil && *s.canStopCharging != client.CanStopCharging(in) {
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
	scope := d.scope(cloudName.ValueString(), region.ValueString())
	return types.StringValue(formatID(cloudName.ValueString(), scope, instanceID))
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
			fmt.Sprintf("%s also returns an empty list if the credentials lack the permission to list instances. If there "+
				"should be some, check the permissions.", d.clouds[client.Cloud()].title))
	}
	return diags
}
