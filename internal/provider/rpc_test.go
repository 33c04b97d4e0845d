package provider

// The tests over RPC speak the plugin protocol to the provider in process, over
// clouds in memory: no CLI, no HTTP. They see diagnostics word for word.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// rpc is a provider server over clouds in memory.
type rpc struct {
	t      testing.TB
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
	// config is that of the provider.
	config map[string]any
}

// memoryClouds are two clouds: "here" with regions, and "flat" without.
func memoryClouds(driver backend.Driver) map[string]cloud {
	open := func(values, string, openOptions) (backend.Driver, error) { return driver, nil }
	keys := []field{
		{name: "access_key", sensitive: true, description: "Id."},
		{name: "secret_key", sensitive: true, description: "Secret."},
	}
	return map[string]cloud{
		"here": {
			title: "Here Cloud", fields: keys, regionEnv: []string{"HERE_REGION"}, example: "h-1",
			validID: func(id string) bool { return strings.HasPrefix(id, "h-") }, open: open,
		},
		"flat": {
			title: "Flat Cloud", example: "f-1", scopeField: "service",
			fields:  []field{{name: "service", fallback: "vm", oneOf: []string{"vm", "zec"}, description: "Product."}},
			validID: func(id string) bool { return strings.HasPrefix(id, "f-") },
			open:    open,
		},
	}
}

// configured is the provider's configuration of most tests.
var configured = map[string]any{"here": map[string]any{"region": "r-1", "access_key": "id", "secret_key": "secret"}}

func newRPC(t testing.TB, driver backend.Driver, config map[string]any) *rpc {
	t.Helper()
	r := bareRPC(t, driver)
	r.config = config
	if got := r.configure(config); len(got) > 0 {
		t.Fatalf("configure: %s", texts(got))
	}
	return r
}

func bareRPC(t testing.TB, driver backend.Driver) *rpc {
	t.Helper()
	return rpcOf(t, memoryClouds(driver))
}

// rpcOf is a provider server over other clouds, not configured yet.
func rpcOf(t testing.TB, clouds map[string]cloud) *rpc {
	t.Helper()
	return rpcOfEngine(t, clouds, powerstate.Options{AppearGrace: time.Second, ModeGrace: time.Second})
}

func rpcOfEngine(t testing.TB, clouds map[string]cloud, engine powerstate.Options) *rpc {
	t.Helper()
	server := NewServer(newWith("test", clouds, engine))()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return &rpc{t: t, server: server, schema: schema}
}

func (r *rpc) configure(config map[string]any) []*tfprotov6.Diagnostic {
	r.t.Helper()
	value := r.dynamic(r.schema.Provider.ValueType(), config)
	valid, err := r.server.ValidateProviderConfig(r.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: value})
	r.must(err)
	if len(valid.Diagnostics) > 0 {
		return valid.Diagnostics
	}
	resp, err := r.server.ConfigureProvider(r.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: value,
	})
	r.must(err)
	return resp.Diagnostics
}

func (r *rpc) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

const powerStateType = "instance_power_state"

func (r *rpc) resourceType() tftypes.Type {
	return r.schema.ResourceSchemas[powerStateType].ValueType()
}

func (r *rpc) validate(config map[string]any) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ValidateResourceConfig(r.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: powerStateType, Config: r.dynamic(r.resourceType(), config),
	})
	r.must(err)
	return resp.Diagnostics
}

// held is a resource as Terraform holds it between calls.
type held struct {
	state   *tfprotov6.DynamicValue
	private []byte
}

// plan plans a configuration over what is held; nil attributes of the proposal
// are as the core proposes them: what is held for computed ones.
func (r *rpc) plan(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse {
	r.t.Helper()
	priorState := prior.state
	if priorState == nil {
		priorState = r.dynamic(r.resourceType(), nil)
	}
	resp, err := r.server.PlanResourceChange(r.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: powerStateType, PriorState: priorState, PriorPrivate: prior.private,
		Config: r.dynamic(r.resourceType(), config), ProposedNewState: r.propose(config, prior),
	})
	r.must(err)
	return resp
}

// planReplacement plans as the core does when it replaces: once more without what is
// held, but with what the first plan left in the private state. Of the second plan, the
// core shows errors alone.
func (r *rpc) planReplacement(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse {
	r.t.Helper()
	first := r.plan(config, prior)
	second := r.plan(config, held{private: first.PlannedPrivate})
	if !hasError(second.Diagnostics) {
		second.Diagnostics = first.Diagnostics
	}
	return second
}

// nextRun configures the provider again, as the CLI does for each of its runs: what one
// run has declared means nothing to the next.
func (r *rpc) nextRun() {
	r.t.Helper()
	if got := r.configure(r.config); len(got) > 0 {
		r.t.Fatalf("configure: %s", texts(got))
	}
}

// propose is the core's proposal: the configuration, with what is held, or
// unknown, for computed attributes that it does not set.
func (r *rpc) propose(config map[string]any, prior held) *tfprotov6.DynamicValue {
	r.t.Helper()
	if config == nil {
		return r.dynamic(r.resourceType(), nil)
	}
	proposed := maps.Clone(config)
	was := r.values(prior.state)
	for _, attribute := range r.schema.ResourceSchemas[powerStateType].Block.Attributes {
		if _, set := config[attribute.Name]; set || !attribute.Computed {
			continue
		}
		if prior.state != nil {
			proposed[attribute.Name] = was[attribute.Name]
			continue
		}
		proposed[attribute.Name] = tftypes.UnknownValue
	}
	return r.dynamic(r.resourceType(), proposed)
}

// apply carries out a plan.
func (r *rpc) apply(
	ctx context.Context, config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse,
) (held, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	priorState := prior.state
	if priorState == nil {
		priorState = r.dynamic(r.resourceType(), nil)
	}
	resp, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: powerStateType, PriorState: priorState, PlannedState: plan.PlannedState,
		Config: r.dynamic(r.resourceType(), config), PlannedPrivate: plan.PlannedPrivate,
	})
	r.must(err)
	return held{state: resp.NewState, private: resp.Private}, resp.Diagnostics
}

// reach plans and applies, and fails the test on any error.
func (r *rpc) reach(config map[string]any, prior held) held {
	r.t.Helper()
	plan := r.plan(config, prior)
	if hasError(plan.Diagnostics) {
		r.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	after, diags := r.apply(r.t.Context(), config, prior, plan)
	if hasError(diags) {
		r.t.Fatalf("apply: %s", texts(diags))
	}
	return after
}

func (r *rpc) read(prior held) (held, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.ReadResource(r.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: powerStateType, CurrentState: prior.state, Private: prior.private,
	})
	r.must(err)
	return held{state: resp.NewState, private: resp.Private}, resp.Diagnostics
}

func (r *rpc) importID(id string) (held, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.ImportResourceState(r.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: powerStateType, ID: id,
	})
	r.must(err)
	if len(resp.ImportedResources) == 0 {
		return held{}, resp.Diagnostics
	}
	one := resp.ImportedResources[0]
	return held{state: one.State, private: one.Private}, resp.Diagnostics
}

// values reads a state as a map; unknown values are tftypes.UnknownValue.
func (r *rpc) values(state *tfprotov6.DynamicValue) map[string]any {
	r.t.Helper()
	if state == nil {
		return nil
	}
	value, err := state.Unmarshal(r.resourceType())
	r.must(err)
	if value.IsNull() {
		return nil
	}
	var attributes map[string]tftypes.Value
	r.must(value.As(&attributes))
	out := make(map[string]any, len(attributes))
	for name, attribute := range attributes {
		out[name] = plain(attribute)
	}
	return out
}

func plain(value tftypes.Value) any {
	if !value.IsKnown() {
		return tftypes.UnknownValue
	}
	if value.IsNull() {
		return nil
	}
	var text string
	if value.As(&text) == nil {
		return text
	}
	var yes bool
	if value.As(&yes) == nil {
		return yes
	}
	var object map[string]tftypes.Value
	if value.As(&object) == nil {
		out := map[string]any{}
		for name, attribute := range object {
			out[name] = plain(attribute)
		}
		return out
	}
	return value.String()
}

// dynamic encodes a map as a value of an object type; what is missing is null.
func (r *rpc) dynamic(typ tftypes.Type, values map[string]any) *tfprotov6.DynamicValue {
	r.t.Helper()
	value := tftypes.NewValue(typ, nil)
	if values != nil {
		value = encode(r.t, typ, values)
	}
	out, err := tfprotov6.NewDynamicValue(typ, value)
	r.must(err)
	return &out
}

func encode(t testing.TB, typ tftypes.Type, value any) tftypes.Value {
	t.Helper()
	object, isObject := typ.(tftypes.Object)
	values, isMap := value.(map[string]any)
	if !isObject || !isMap {
		return tftypes.NewValue(typ, value)
	}
	for name := range values {
		if _, ok := object.AttributeTypes[name]; !ok {
			t.Fatalf("there is no attribute %q", name)
		}
	}
	attributes := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, of := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(of, nil)
		if v, ok := values[name]; ok && v != nil {
			attributes[name] = encode(t, of, v)
		}
	}
	return tftypes.NewValue(typ, attributes)
}

func hasError(diags []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diags,
		func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// texts renders diagnostics as "error at attribute: summary", an empty line and
// the detail.
func texts(diags []*tfprotov6.Diagnostic) string {
	var all []string
	for _, d := range diags {
		at := ""
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			at = " at " + d.Attribute.String()
		}
		all = append(all, fmt.Sprintf("%s%s: %s\n\n%s", strings.ToLower(d.Severity.String()), at, d.Summary, d.Detail))
	}
	return strings.Join(all, "\n---\n")
}

// wantTexts compares diagnostics word for word.
func wantTexts(t testing.TB, diags []*tfprotov6.Diagnostic, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(texts(diags))); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// newMemory is a driver in memory whose transitions take a moment.
func newMemory() *memory.Driver {
	return memory.New(memory.Options{})
}
