package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A provider block can hold values that are known only after another resource was
// applied. Nothing can be read of its cloud then. A client that allows it is asked to
// do the rest in a later run; any other goes on with what is known, and is warned. The
// whole provider is never deferred, since its other blocks may be known.

// notConfigured reports whether the block of a cloud is not known yet.
func (d *providerData) notConfigured(cloudName types.String) bool {
	return d.settings[cloudName.ValueString()].unknown
}

// deferred is the answer of a resource to a client that allows deferral, where the block
// of the cloud is not known yet; nil otherwise.
func (d *providerData) deferred(cloudName types.String, allowed bool) *resource.Deferred {
	if !allowed || !d.notConfigured(cloudName) {
		return nil
	}
	return &resource.Deferred{Reason: resource.DeferredReasonProviderConfigUnknown}
}

// deferredData is deferred for a data source.
func (d *providerData) deferredData(cloudName types.String, allowed bool) *datasource.Deferred {
	if !allowed || !d.notConfigured(cloudName) {
		return nil
	}
	return &datasource.Deferred{Reason: datasource.DeferredReasonProviderConfigUnknown}
}

// notRead says that a data source has no result. A result must be known in a plan, so
// that it is null: an empty one would say that there is nothing.
func notRead(cloudName types.String, what string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("Data source not read",
		fmt.Sprintf("The provider's `%s` block is not known yet, so %s not read: what the data source would return is "+
			"null in this run. The next run reads it. What depends on it must allow for null, or the block's values must "+
			"be given as variables.", cloudName.ValueString(), what))}
}

// nullIfUnknown makes null what is not known, as a region that the provider's block gives.
func nullIfUnknown(value types.String) types.String {
	if value.IsUnknown() {
		return types.StringNull()
	}
	return value
}

// foundNothing is an instance of which nothing was read: unknown where the client reads
// it later, null otherwise.
func foundNothing(later bool) foundInstance {
	text, yes, tags := types.StringNull(), types.BoolNull(), types.MapNull(types.StringType)
	if later {
		text, yes, tags = types.StringUnknown(), types.BoolUnknown(), types.MapUnknown(types.StringType)
	}
	return foundInstance{
		ID: text, State: text, Status: text, StoppedMode: text, InstanceName: text, PublicIP: text, PrivateIP: text,
		ChargeType: text, InstanceType: text, Zone: text, Charging: yes, CanStopCharging: yes, Tags: tags,
	}
}

// foundNone are the results of a search that was not made.
func foundNone(later bool) (ids types.List, instances types.Map) {
	if later {
		return types.ListUnknown(types.StringType), types.MapUnknown(foundInstanceType())
	}
	return types.ListNull(types.StringType), types.MapNull(foundInstanceType())
}
