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
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
	"github.com/instance-power/terraform-provider-instance/internal/renewing"
)

// arguments are the values of a block.
type arguments map[string]attr.Value

func (a arguments) text(argument credentials.Argument) string { return stringOf(a[argument.Name]) }

func (a arguments) number(argument credentials.Argument) int64 {
	n, _ := a[argument.Name].(types.Number)
	return int64(wholeNumber(n))
}

// block returns the arguments of a nested block, and false where it is not
// written.
func (a arguments) block(name string) (arguments, bool) {
	object, ok := a[name].(types.Object)
	return object.Attributes(), ok && !object.IsNull()
}

// credentialsOf reads what a cloud's block has about credentials. All of its
// values must be known.
func credentialsOf(account *credentials.Cloud, a arguments, region string) credentials.Config {
	n := account.Names()
	config := credentials.Config{
		ID: a.text(n.ID), Secret: a.text(n.Secret), Token: a.text(n.Token),
		Profile: a.text(n.Profile), File: a.text(n.File), MachineRole: a.text(n.MachineRole),
		STSEndpoint:      stringOf(a["sts_endpoint"]),
		MetadataEndpoint: stringOf(a["metadata_endpoint"]),
		Region:           region,
	}
	if allowed, ok := a["allowed_account_ids"].(types.Set); ok {
		for _, id := range allowed.Elements() {
			config.AllowedAccountIDs = append(config.AllowedAccountIDs, stringOf(id))
		}
		slices.Sort(config.AllowedAccountIDs)
	}
	if role, ok := a.block(n.AssumeRole.Block); ok {
		r := n.AssumeRole
		config.AssumeRole = &credentials.AssumeRole{
			RoleARN: role.text(r.RoleARN), SessionName: role.text(r.SessionName), DurationSeconds: role.number(r.Duration),
			ExternalID: role.text(r.ExternalID), Policy: role.text(r.Policy), SourceIdentity: role.text(r.SourceIdentity),
		}
	}
	if role, ok := a.block(n.WebIdentity.Block); ok {
		r := n.WebIdentity
		config.WebIdentity = &credentials.WebIdentity{
			RoleARN: role.text(r.RoleARN), RoleARNFile: role.text(r.RoleARNFile), Provider: role.text(r.Provider),
			Token: role.text(r.Token), TokenFile: role.text(r.TokenFile), TFCTag: role.text(r.TFCTag),
			SessionName: role.text(r.SessionName), DurationSeconds: role.number(r.Duration), Policy: role.text(r.Policy),
		}
	}
	return config
}

// checkCredentials returns what is wrong with a configuration by itself. A problem of
// a secret is put at the block: Terraform shows the line of the configuration at
// which an error is.
func checkCredentials(name string, account *credentials.Cloud, config credentials.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	n := account.Names()
	secrets := []string{n.ID.Name, n.Secret.Name, n.Token.Name, n.WebIdentity.Token.Name}
	for _, problem := range account.Check(config) {
		at := path.Root(name)
		if problem.Block != "" {
			at = at.AtName(problem.Block)
		}
		if problem.Argument != "" && !slices.Contains(secrets, problem.Argument) {
			at = at.AtName(problem.Argument)
		}
		diags.AddAttributeError(at, "Invalid configuration of "+name, upperFirst(problem.Text)+".")
	}
	return diags
}

// chain returns the credentials of a cloud, which all of its regions share.
func (d *providerData) chain(name string) *credentials.Chain {
	d.mu.Lock()
	defer d.mu.Unlock()
	if chain := d.chains[name]; chain != nil {
		return chain
	}
	system := credentials.System{UserAgent: d.userAgent, Log: d.log}
	if test := d.clouds[name].transport; test != nil {
		system.Transport, system.MetadataTransport = test, test
	} else {
		transport := driverkit.NewBase()
		// Exchanges are rare: a connection does not live until the next one.
		transport.DisableKeepAlives = true
		system.Transport = transport
	}
	chain := credentials.New(d.clouds[name].account, d.settings[name].credentials, system)
	if d.chains == nil {
		d.chains = make(map[string]*credentials.Chain)
	}
	d.chains[name] = chain
	return chain
}

// log writes a message of package credentials, which has no secret in its fields.
func (d *providerData) log(_ context.Context, message string, fields map[string]any) {
	if d.engine.Logger == nil {
		return
	}
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		pairs = append(pairs, name, fields[name])
	}
	d.engine.Logger.Debug(message, pairs...)
}

// driver opens a cloud for a region. Without keys the diagnostic says why there are
// none.
func (d *providerData) driver(ctx context.Context, name, region string) (backend.Driver, diag.Diagnostics) {
	var diags diag.Diagnostics
	c, s := d.clouds[name], d.settings[name]
	opts := openOptions{endpoint: s.endpoint, userAgent: d.userAgent}
	failed := func(err error) (backend.Driver, diag.Diagnostics) {
		diags.AddAttributeError(path.Root("cloud"), "Unable to set up "+name,
			fmt.Sprintf("The provider's `%s` block does not work: %s.", name, err))
		return nil, diags
	}
	if c.account == nil {
		driver, err := c.open(s.values, region, opts)
		if err != nil {
			return failed(err)
		}
		return driver, diags
	}
	chain := d.chain(name)
	first, err := chain.Keys(ctx)
	if err != nil {
		diags.AddAttributeError(path.Root("cloud"), "Unable to get credentials for "+name, upperFirst(err.Error()))
		return nil, diags
	}
	if opts.http = c.transport; opts.http == nil {
		opts.http = driverkit.NewBase() // The connections outlive the keys.
	}
	driver, err := renewing.New(first, renewing.Options{
		Keys: chain, Expired: c.account.ExpiredCodes(),
		Open: func(set credentials.Set, secrets []string, previous backend.Driver) (backend.Driver, error) {
			own := opts
			own.secrets, own.previous = secrets, previous
			return c.open(s.with(c.account.Names(), set), region, own)
		},
	})
	if err != nil {
		return failed(err)
	}
	return driver, diags
}

// with returns the values of a cloud with a set of keys in the place of the
// configured ones.
func (s settings) with(n credentials.Names, set credentials.Set) values {
	v := make(values, len(s.values)+3)
	for name, value := range s.values {
		v[name] = value
	}
	v[n.ID.Name], v[n.Secret.Name], v[n.Token.Name] = set.ID, set.Secret, set.Token
	return v
}
