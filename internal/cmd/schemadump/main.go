// Command schemadump prints the provider's schema in the form of "terraform
// providers schema -json", for the generator of the documentation. It asks the
// provider's own server, so it needs no Terraform, and unlike Terraform before
// 1.14 it leaves out neither actions nor list resources. What the pages look
// like is the generator's business.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/provider"
)

// providerName is the key of the provider in the output: tfplugindocs looks
// for the short name.
const providerName = "instance"

func main() {
	if err := run(context.Background(), os.Stdout, provider.New("dev")()); err != nil {
		fmt.Fprintln(os.Stderr, "schemadump:", err)
		os.Exit(1)
	}
}

// run prints the schema of p on w.
func run(ctx context.Context, w io.Writer, p fwprovider.Provider) error {
	server := provider.NewServer(func() fwprovider.Provider { return p })()

	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("get provider schema: %w", err)
	}
	if err := firstError(schemas.Diagnostics); err != nil {
		return fmt.Errorf("get provider schema: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("get resource identity schemas: %w", err)
	}
	if err := firstError(identities.Diagnostics); err != nil {
		return fmt.Errorf("get resource identity schemas: %w", err)
	}

	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(providersJSON{
		FormatVersion: "1.0",
		Providers:     map[string]providerJSON{providerName: newProvider(schemas, identities)},
	})
}

// firstError returns the first diagnostic that is an error, as an error.
func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}
