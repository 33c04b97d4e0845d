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
		region:     regionName(firstSet(stringOf(given["region"]), c.regionEnv, "")),
		endpoint:   stringOf(given["endpoint"]),
	}
	for _, f := range c.fields {
		s.values[f.name] = firstSet(stringOf(given[f.name]), nil, f.fallback)
	}
	if rate, ok := given["requests_per_second"].(types.Number); ok && !rate.IsNull() && !rate.IsUnknown() {
		s.rate, _ = rate.ValueBigFloat().Float64()
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
	// strictPlan makes it an error of the plan if an apply would fail as observed.
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
			fmt.Sprintf("`cloud` is %s, which is none of %s. A state that names none was not written by this resource: remove "+
				"it from the state (`state rm`), and import the instance instead.",
				shown(cloudName), quoteAll(cloudNames(d.clouds))))
		return nil, diags
	}
	if s.unknown {
		diags.AddAttributeError(path.Root("cloud"), "Configuration of "+cloudName+" is not known yet",
			fmt.Sprintf("The provider's `%s` block holds values that are known only after another resource was applied. "+
				"Apply that resource first (`-target`), or give the values as variables.", cloudName))
		return nil, diags
	}
	region = regionName(region)
	key := [2]string{cloudName, region}
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
func (d *providerData) clientOf(
	ctx context.Context, at location, id types.String, so diag.Diagnostics,
) (*powerstate.Client, diag.Diagnostics) {
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

// scope is the second part of a new id: the region, or what stands for it.
func (d *providerData) scope(cloudName, region string) string {
	if c := d.clouds[cloudName]; c.scopeField != "" {
		return d.settings[cloudName].values[c.scopeField]
	}
	return regionName(region)
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
		d.otherScope(cloudName, id.ValueString(), parts[1])+", or remove the resource from the state (`terraform state rm`).")
	return diags
}

// otherScope says, without a full stop, that an id is of another service than the
// configured one.
func (d *providerData) otherScope(cloudName, id, scope string) string {
	field := d.clouds[cloudName].scopeField
	return fmt.Sprintf("The id %s is of the %s %s, and the provider is configured for %q. Use a provider configuration "+
		"with `%s { %s = %s }`",
		shown(id), field, shown(scope), d.scope(cloudName, ""), cloudName, field, shown(scope))
}

// dataOf reads what Configure of the provider handed on; nil before that.
func dataOf(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected *providerData, got %T. This is a bug of the provider.", handed))
	}
	return data
}

func quoteAll(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}
