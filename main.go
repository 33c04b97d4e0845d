// Command terraform-provider-instance is a Terraform provider for the power
// state of virtual machines.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/instance-power/terraform-provider-instance/internal/provider"
)

// version is set by the linker at a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flag.Parse()
	if err := provider.Serve(version, *debug); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
