package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// introduce tells people what is served and what they do next, and warns them when
// others can reach it.
func introduce(w io.Writer, server *simulator.Server, o options) error {
	var out strings.Builder
	if !simulator.IsLoopback(o.listen) {
		fmt.Fprintf(&out, "WARNING: other machines can reach %s. Its keys are public and its control interface has no "+
			"password: everyone who reaches it can change the simulated clouds.\n\n", server.Address())
		if !simulator.IsLoopback(strings.TrimPrefix(simulator.BaseURL(o.listen), "http://")) {
			out.WriteString("The provider takes plain HTTP on loopback addresses alone: to use it with this simulator, " +
				"forward a port of its machine.\n\n")
		}
	}
	if !o.quiet {
		writeSteps(&out, server)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// writeSteps writes what a user does next.
func writeSteps(out *strings.Builder, server *simulator.Server) {
	url := server.URL()
	var counts []string
	for _, wire := range server.Wires() {
		counts = append(counts, fmt.Sprintf("%s %d", wire.Cloud().Name(), wire.Cloud().Count()))
	}
	out.WriteString("Instances in the simulated clouds: " + strings.Join(counts, ", "))
	out.WriteString("\n\n1. In the shell in which you run Terraform or OpenTofu, paste:\n\n")
	writeExports(out, server, url)
	out.WriteString("\n2. In the configuration, point the clouds that you use at the simulator:\n\n")
	writeProvider(out, server, url, "")
	out.WriteString("\n3. Show the calls that a cloud received, and what else can be read and changed:\n\n")
	fmt.Fprintf(out, "curl '%s%s%s/calls?format=table'\n", url, simulator.ControlPrefix, server.Wires()[0].Cloud().Name())
	fmt.Fprintf(out, "curl %s/_simulator/\n\n", url)
	out.WriteString("Ctrl-C ends the simulator.\n")
}

// writeExports writes the variables of all clouds, for a shell.
func writeExports(out *strings.Builder, server *simulator.Server, url string) {
	for _, wire := range server.Wires() {
		for _, variable := range wire.Environment(url) {
			name, value, _ := strings.Cut(variable, "=")
			fmt.Fprintf(out, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
		}
	}
}

// writeProvider writes the provider block, for what has no variable. Each line begins
// with the prefix.
func writeProvider(out *strings.Builder, server *simulator.Server, url, prefix string) {
	line := func(format string, args ...any) { fmt.Fprintf(out, prefix+format+"\n", args...) }
	line("provider \"instance\" {")
	for _, wire := range server.Wires() {
		line("  %s {", wire.Cloud().Name())
		if _, ok := wire.(simulator.MultiWire); ok {
			line("    endpoint          = %q", url)
			line("    sts_endpoint      = %q", url)
			line("    metadata_endpoint = %q", url)
		} else {
			line("    endpoint = %q", url)
		}
		line("  }")
	}
	line("}")
}

// writeFederation writes, as comments, how each cloud is used without a key: the
// command that gets a token, and the block that uses it.
func writeFederation(out *strings.Builder, url string) error {
	out.WriteString("# Without keys, by the token of a run of HCP Terraform:\n")
	for _, s := range localcloud.Services() {
		f := s.Federation
		if !f.Tokens() {
			continue
		}
		request, err := json.Marshal(f.Request("apply"))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "# %s: curl -s -H 'Accept: text/plain' -d '%s' %s%sissuer/token\n", s.Cloud, request, url,
			simulator.ControlPrefix)
		for line := range strings.Lines(f.Configuration(f.ApplyRole, "TOKEN") + "\n") {
			out.WriteString("#   " + line)
		}
	}
	return nil
}

// printEnvironment prints the variables of all clouds, and, as a comment, the
// provider block for what has no variable and the tokens that take the place of
// keys.
func printEnvironment(w io.Writer, listen string) error {
	server, err := localcloud.New()
	if err != nil {
		return err
	}
	url := simulator.BaseURL(listen)
	var out strings.Builder
	writeExports(&out, server, url)
	writeProvider(&out, server, url, "# ")
	if err := writeFederation(&out, url); err != nil {
		return err
	}
	_, err = io.WriteString(w, out.String())
	return err
}

// ownVersion is the version of a release, or the one that the Go command installed.
func ownVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "unknown"
}
