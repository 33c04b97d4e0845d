// Command instance-simulator serves the simulated clouds on one port, so that the
// provider, and modules that use it, can be run without an account anywhere. What it
// serves is in internal/simulator; this program reads flags, seeds instances, says
// how it is used, and ends when it is told to.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// defaultListen is a fixed port, so that what -env prints holds for a simulator
// that is started in another terminal.
const defaultListen = "127.0.0.1:8090"

// version is set by the linker at a release.
var version string

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
	remote     bool
	quiet      bool
	version    bool
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
	flags.StringVar(&o.listen, "listen", defaultListen, "`address` and port to serve on; port 0 picks a free one")
	flags.BoolVar(&o.remote, "allow-remote", false,
		"allow an address that other machines can reach; everyone who does can change the clouds")
	flags.BoolVar(&o.quiet, "quiet", false, "do not print the next steps")
	flags.StringVar(&o.seed, "seed", "", "JSON `file` of instances: an object from cloud names to lists")
	flags.BoolVar(&o.demo, "demo", false, "seed a small fleet for each cloud")
	flags.DurationVar(&o.transition, "transition", 2*time.Second, "how long a start, stop or reboot takes")
	flags.StringVar(&o.readyFile, "ready-file", "", "`file` that holds the URL while the simulator serves")
	flags.BoolVar(&o.env, "env", false, "print what points clients at the simulator, for eval in a shell, and end")
	flags.BoolVar(&o.version, "version", false, "print the version, and end")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.transition < 0 {
		return o, fmt.Errorf("-transition %s is negative", o.transition)
	}
	_, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return o, fmt.Errorf("-listen: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return o, fmt.Errorf("-listen: %q is not the number of a port", port)
	}
	if o.env && number == 0 {
		return o, errors.New("-env needs a -listen address with a fixed port")
	}
	if !o.remote && !simulator.IsLoopback(o.listen) {
		return o, fmt.Errorf("-listen: other machines may reach %s, and everyone who does can change the clouds: "+
			"choose a loopback address, or add -allow-remote", o.listen)
	}
	return o, nil
}

// run serves until ctx ends. On stdout goes one line, the URL, when it serves; what
// people read goes to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.version {
		_, err := fmt.Fprintln(stdout, ownVersion())
		return err
	}
	if o.env {
		return printEnvironment(stdout, o.listen)
	}
	if err := removeReady(o.readyFile); err != nil {
		return err
	}
	server, err := localcloud.New()
	if err != nil {
		return err
	}
	if err := prepare(server, o); err != nil {
		return err
	}
	if err := listen(ctx, server, o.listen); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if _, err := fmt.Fprintln(stdout, server.URL()); err != nil {
		return err
	}
	if err := introduce(stderr, server, o); err != nil {
		return err
	}
	if o.readyFile != "" {
		if err := writeReady(o.readyFile, server.URL()); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, removeReady(o.readyFile)) }()
	}
	<-ctx.Done()
	return nil
}

// listen starts the server.
func listen(ctx context.Context, server *simulator.Server, address string) error {
	err := server.StartAnywhere(ctx, address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("-listen: another program, perhaps another simulator, has %s: end it, or choose another port "+
			"(0 picks a free one)", address)
	}
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
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
		return fmt.Errorf("-ready-file: %w", err)
	}
	_, err = temporary.WriteString(url + "\n")
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("-ready-file: %w", errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

// removeReady removes the file, so that it is there while the simulator serves and at
// no other time: one of a former run would tell a script that this one serves.
func removeReady(path string) error {
	if path == "" {
		return nil
	}
	//nolint:gosec // The file that the user names.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("-ready-file: %w", err)
	}
	return nil
}
