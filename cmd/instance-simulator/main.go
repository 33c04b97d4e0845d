// Command instance-simulator serves the simulated clouds on one loopback port,
// so that the provider can be run without an account anywhere. What it serves
// is in internal/simulator; this program reads flags, seeds instances, and
// ends when it is told to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// defaultListen is a fixed port, so that what -env prints holds for a simulator
// that is started in another terminal.
const defaultListen = "127.0.0.1:8090"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "instance-simulator:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	listen     string
	seed       string
	demo       bool
	env        bool
	transition time.Duration
	readyFile  string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("instance-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", defaultListen, "loopback `address` and port to serve on; port 0 picks a free one")
	flags.StringVar(&o.seed, "seed", "", "JSON `file` of instances: an object from cloud names to lists")
	flags.BoolVar(&o.demo, "demo", false, "seed a small fleet for each cloud")
	flags.DurationVar(&o.transition, "transition", 2*time.Second, "how long a start, stop or reboot takes")
	flags.StringVar(&o.readyFile, "ready-file", "", "`file` to write the URL to once the simulator serves")
	flags.BoolVar(&o.env, "env", false, "print what points clients at the simulator, for eval in a shell, and end")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.transition < 0 {
		return o, fmt.Errorf("-transition %s is negative", o.transition)
	}
	return o, nil
}

// run serves until ctx ends. On stdout goes one line, the URL, when it serves.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.env {
		return printEnvironment(stdout, o.listen)
	}
	server, err := localcloud.New()
	if err != nil {
		return err
	}
	if err := prepare(server, o); err != nil {
		return err
	}
	if err := server.Start(ctx, o.listen); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if _, err := fmt.Fprintln(stdout, server.URL()); err != nil {
		return err
	}
	if o.readyFile != "" {
		if err := writeReady(o.readyFile, server.URL()); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// prepare seeds the clouds. A reset through the control interface comes back to
// this.
func prepare(server *simulator.Server, o options) error {
	localcloud.SetTransition(server, o.transition)
	if o.demo {
		if err := localcloud.Demo(server); err != nil {
			return err
		}
	}
	if o.seed != "" {
		data, err := os.ReadFile(o.seed)
		if err != nil {
			return err
		}
		if err := localcloud.Seed(server, data); err != nil {
			return fmt.Errorf("%s: %w", o.seed, err)
		}
	}
	localcloud.Baseline(server)
	return nil
}

// writeReady writes the file in one step: whoever waits for it never reads half
// of it.
func writeReady(path, url string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return err
	}
	_, err = temporary.WriteString(url + "\n")
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
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
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if port == "0" {
		return errors.New("-env needs a -listen address with a fixed port")
	}
	server, err := localcloud.New()
	if err != nil {
		return err
	}
	url := "http://" + listen
	var out strings.Builder
	for _, wire := range server.Wires() {
		for _, variable := range wire.Environment(url) {
			name, value, _ := strings.Cut(variable, "=")
			fmt.Fprintf(&out, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
		}
	}
	out.WriteString("# provider \"instance\" {\n")
	for _, wire := range server.Wires() {
		fmt.Fprintf(&out, "#   %s {\n#     endpoint = %q\n", wire.Cloud().Name(), url)
		if _, ok := wire.(simulator.MultiWire); ok {
			fmt.Fprintf(&out, "#     sts_endpoint = %[1]q\n#     metadata_endpoint = %[1]q\n", url)
		}
		out.WriteString("#   }\n")
	}
	out.WriteString("# }\n")
	if err := writeFederation(&out, url); err != nil {
		return err
	}
	_, err = io.WriteString(w, out.String())
	return err
}
