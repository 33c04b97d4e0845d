package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// settings are the resolved configuration of one cloud.
type settings struct {
	// configured is set when the configuration has the cloud's block.
	configured bool
	// unknown is set when a value is not known yet, while planning.
	unknown  bool
	region   string
	endpoint string
	rate     float64
	// values are the cloud's own fields, without keys.
	values values
	// credentials are how its keys are found.
	credentials credentials.Config
}

// resolve reads the configuration block of a cloud. The region alone may come from
// the environment here; keys are looked for at the first use.
func resolve(ctx context.Context, name string, c cloud, block types.Object) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	given := arguments(block.Attributes())
	s := settings{
		configured: !block.IsNull(),
		unknown:    !isKnown(ctx, block),
		values:     make(values, len(c.fields)),
		region:     firstSet(stringOf(given["region"]), c.regionEnv, ""),
		endpoint:   stringOf(given["endpoint"]),
	}
	for _, f := range c.fields {
		s.values[f.name] = firstSet(stringOf(given[f.name]), nil, f.fallback)
	}
	if rate, ok := given["requests_per_second"].(types.Float64); ok {
		s.rate = rate.ValueFloat64()
	}
	if problem := endpointProblem(s.endpoint, c.hasRegion()); problem != "" {
		diags.AddAttributeError(path.Root(name).AtName("endpoint"), "Invalid endpoint of "+name, problem)
	}
	if c.account != nil && !s.unknown {
		s.credentials = credentialsOf(c.account, given, s.region)
		diags.Append(checkCredentials(name, c.account, s.credentials)...)
	}
	return s, diags
}

// isKnown reports whether a value, and all that is in it, is known.
func isKnown(ctx context.Context, value attr.Value) bool {
	plain, err := value.ToTerraformValue(ctx)
	return err == nil && plain.IsFullyKnown()
}

func stringOf(value attr.Value) string {
	s, ok := value.(types.String)
	if !ok {
		return ""
	}
	return s.ValueString()
}

// endpointProblem returns what is wrong with an endpoint, and nothing where a
// driver takes it. A region that it may hold is that of a resource, and not known
// yet.
func endpointProblem(endpoint string, regional bool) string {
	if endpoint == "" {
		return ""
	}
	region := ""
	if regional {
		region = "region"
	}
	if _, err := driverkit.ParseEndpoint(endpoint, region); err != nil {
		return err.Error() + ", or leave it out to use the cloud's own."
	}
	return ""
}

// providerData is what Configure hands to resources: the clouds, and the
// clients that were made so far. A cloud is set up when it is first used.
type providerData struct {
	clouds    map[string]cloud
	settings  map[string]settings
	preflight string
	// strictPlan makes errors of a plan of what an apply would fail for.
	strictPlan bool
	registry   registry
	userAgent  string
	engine     powerstate.Options

	mu      sync.Mutex
	clients map[[2]string]*powerstate.Client
	// chains find the keys of each cloud.
	chains map[string]*credentials.Chain
}

// client returns the client of a cloud and region. Errors name the attribute
// or the variable, and the remedy.
func (d *providerData) client(ctx context.Context, cloudName, region string) (*powerstate.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	_, known := d.clouds[cloudName]
	s := d.settings[cloudName]
	if !known {
		diags.AddAttributeError(path.Root("cloud"), "Unknown cloud",
			fmt.Sprintf("`cloud` is %q, which is none of %s. A state that names none was not written by this resource: remove it from the state (`state rm`), and import the "+
				"instance instead.", cloudName, quoteAll(cloudNames(d.clouds))))
		return nil, diags
	}
	if s.unknown {
		diags.AddAttributeError(path.Root("cloud"), "Configuration of "+cloudName+" is not known yet",
			fmt.Sprintf("The provider's `%s` block holds values that are known only after another resource was applied. "+
				"Apply that resource first (`-target`), or give the values as variables.", cloudName))
		return nil, diags
	}
	// A region is the same in capitals, and so are its limits.
	key := [2]string{cloudName, strings.ToLower(region)}
	if client := d.opened(key); client != nil {
		return client, diags
	}
	driver, diags := d.driver(ctx, cloudName, region)
	if diags.HasError() {
		return nil, diags
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if client := d.clients[key]; client != nil { // Somebody else was faster.
		return client, diags
	}
	opts := d.engine
	opts.RequestsPerSecond = s.rate
	if d.clients == nil {
		d.clients = make(map[[2]string]*powerstate.Client)
	}
	d.clients[key] = powerstate.New(cloudName, region, driver, opts)
	return d.clients[key], diags
}

// clientOf is client for a declaration, of which id is the id in the state, if it has
// one. It makes no client where something is wrong so far.
func (d *providerData) clientOf(ctx context.Context, at location, id types.String, so diag.Diagnostics) (*powerstate.Client, diag.Diagnostics) {
	if so.HasError() {
		return nil, nil
	}
	client, diags := d.client(ctx, at.Cloud.ValueString(), at.Region.ValueString())
	diags.Append(d.checkScope(at.Cloud.ValueString(), id)...)
	return client, diags
}

func (d *providerData) opened(key [2]string) *powerstate.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clients[key]
}

// scope is the second part of an id: the region, or what stands for it.
func (d *providerData) scope(cloudName, region string) string {
	if c := d.clouds[cloudName]; c.scopeField != "" {
		return d.settings[cloudName].values[c.scopeField]
	}
	return region
}

// scopeKnown reports whether scope has an answer yet, while planning.
func (d *providerData) scopeKnown(cloudName string, region types.String) bool {
	if d.clouds[cloudName].scopeField != "" {
		return !d.settings[cloudName].unknown
	}
	return !region.IsUnknown()
}

// checkScope refuses an instance of another service than the configured one,
// which would not find it.
func (d *providerData) checkScope(cloudName string, id types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	c, own := d.clouds[cloudName], d.scope(cloudName, "")
	parts := strings.Split(id.ValueString(), "/")
	if c.scopeField == "" || len(parts) < 2 || parts[1] == own {
		return diags
	}
	diags.AddAttributeError(path.Root("cloud"), "Instance of another "+c.scopeField,
		fmt.Sprintf("The id %q is of the %s %q, and the provider is configured for %q. Use a provider configuration with `%s { %s = %q }`, "+
			"or remove the resource from the state (`terraform state rm`).", id.ValueString(), c.scopeField, parts[1], own, cloudName, c.scopeField, parts[1]))
	return diags
}

// defaultCloud returns the one cloud that the configuration names.
func (d *providerData) defaultCloud() (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	var configured []string
	for _, name := range cloudNames(d.clouds) {
		if d.settings[name].configured {
			configured = append(configured, name)
		}
	}
	switch len(configured) {
	case 1:
		return configured[0], diags
	case 0:
		diags.AddAttributeError(path.Root("cloud"), "Cloud is not named",
			"`cloud` is not set, and the provider's configuration has the block of no cloud to take as the default. "+
				"Set `cloud` to one of "+quoteAll(cloudNames(d.clouds))+".")
	default:
		diags.AddAttributeError(path.Root("cloud"), "Cloud is not named",
			"`cloud` is not set, and the provider configures several clouds: "+quoteAll(configured)+". Set `cloud` to one of them.")
	}
	return "", diags
}

// defaultRegion returns the region that the provider has for a cloud; it is
// empty for a cloud without regions.
func (d *providerData) defaultRegion(cloudName string) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	c := d.clouds[cloudName]
	if !c.hasRegion() {
		return "", diags
	}
	region := d.settings[cloudName].region
	if region == "" {
		diags.AddAttributeError(path.Root("region"), "Region is not named",
			fmt.Sprintf("`region` is not set, and there is no default region for %s. Set `region` on the resource, `region` in the provider's "+
				"`%s` block, or the environment variable %s.", cloudName, cloudName, strings.Join(c.regionEnv, " or ")))
	}
	return region, diags
}

// place fills in the cloud and the region of a resource where the configuration
// leaves them to the provider's.
func (d *providerData) place(at *location) diag.Diagnostics {
	diags := d.placeCloud(&at.Cloud)
	if !diags.HasError() {
		diags.Append(d.placeRegion(at.Cloud.ValueString(), &at.Region)...)
	}
	return diags
}

func (d *providerData) placeCloud(cloudName *types.String) diag.Diagnostics {
	if !cloudName.IsUnknown() {
		return nil
	}
	name, diags := d.defaultCloud()
	if !diags.HasError() {
		*cloudName = types.StringValue(name)
	}
	return diags
}

func (d *providerData) placeRegion(name string, region *types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case !d.clouds[name].hasRegion() && region.ValueString() != "":
		diags.AddAttributeError(path.Root("region"), "Region on a cloud without regions",
			fmt.Sprintf("%s has no regions: remove `region` from the resource.", d.clouds[name].title))
	case !d.clouds[name].hasRegion():
		*region = types.StringNull()
	case (region.IsUnknown() || region.IsNull()) && !d.settings[name].unknown: // Null: moved, and not refreshed yet.
		found, more := d.defaultRegion(name)
		diags.Append(more...)
		*region = types.StringValue(found)
	}
	return diags
}

// planPlace is place for a plan: what the configuration says and does not know
// yet stays unknown, and a region that it does not name is not taken over from
// another cloud. prior is nil at a create.
func (d *providerData) planPlace(config location, prior, plan *location) diag.Diagnostics {
	if config.Region.IsNull() && (config.Cloud.IsUnknown() || prior != nil && !plan.Cloud.Equal(prior.Cloud)) {
		plan.Region = types.StringUnknown()
	}
	if config.Cloud.IsUnknown() {
		return nil
	}
	diags := d.placeCloud(&plan.Cloud)
	if diags.HasError() || config.Region.IsUnknown() {
		return diags
	}
	return append(diags, d.placeRegion(plan.Cloud.ValueString(), &plan.Region)...)
}

// dataOf reads what Configure of the provider handed on; nil before that.
func dataOf(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *providerData, got %T. This is a bug of the provider.", handed))
	}
	return data
}

// parseImport reads the id of an import: cloud/region/rest.
func (d *providerData) parseImport(id string) (cloudName string, region types.String, rest string, diags diag.Diagnostics) {
	cloudName, scope, rest, err := parseID(d.clouds, id)
	if err != nil {
		diags.AddError("Invalid import id", upperFirst(err.Error()))
		return "", types.StringNull(), "", diags
	}
	c := d.clouds[cloudName]
	if c.hasRegion() {
		return cloudName, types.StringValue(scope), rest, diags
	}
	if own := d.scope(cloudName, ""); scope != own {
		diags.AddError("Invalid import id",
			fmt.Sprintf("The id %q is of the %s %q, and the provider is configured for %q. Use a provider configuration with `%s { %s = %q }`.",
				id, c.scopeField, scope, own, cloudName, c.scopeField, scope))
	}
	return cloudName, types.StringNull(), rest, diags
}

func quoteAll(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}
