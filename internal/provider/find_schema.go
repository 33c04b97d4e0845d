package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// searchAttributes are the arguments of a search. The data source of many takes them,
// and the list resource, since an attribute fits into a schema of either kind. Where
// they are computed, the result holds the cloud and the region that were searched.
func searchAttributes(clouds map[string]cloud, computed bool) map[string]schema.Attribute {
	words := func(description string, values validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: description,
			Validators:          oneOrMore(values),
		}
	}
	return map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			Optional:            true,
			Computed:            computed,
			MarkdownDescription: cloudDescription("Cloud to search", clouds),
			Validators:          []validator.String{oneOf(cloudNames(clouds)...)},
		},
		"region": schema.StringAttribute{
			Optional:            true,
			Computed:            computed,
			MarkdownDescription: regionDescription("Region to search", clouds),
			Validators:          []validator.String{plainWord(regionForm)},
		},
		"name": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Only instances with this name. `*` matches any characters, as in `web-*`.",
		},
		"tags": schema.MapAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Only instances that have all of these tags. An empty value matches any value.",
		},
		"states": words("Only instances in one of these states: `running`, `stopped`, `starting`, `stopping`, "+
			"`restarting`, `unavailable`, `unknown`.", oneOf(stateWords()...)),
		"charging": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`true`: only instances whose compute is billed now; `false`: only those whose compute is " +
				"not. An instance whose billing the cloud does not report never matches.",
		},
		"charge_types": words("Only instances of one of these charge types: `pay_as_you_go`, `prepaid`, `spot`. "+
			"An instance whose charge type the cloud does not report never matches.", oneOf(chargeTypeWords()...)),
		"instance_types": words("Only instances of one of these types, in the cloud's own words, such as `S5.MEDIUM4`.",
			notEmpty()),
		"zones": words("Only instances in one of these zones, such as `ap-guangzhou-3`.", notEmpty()),
		"can_stop_charging": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`true`: only instances that can stop charging while they are stopped; `false`: only those " +
				"that cannot.",
		},
	}
}
