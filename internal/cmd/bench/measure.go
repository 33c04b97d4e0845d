package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// bench is one measurement.
type bench struct {
	o        options
	cli      *cli
	folder   string // everything that is written is beneath it
	progress io.Writer
	runs     atomic.Int64
	bases    map[[2]int]base
	calls    io.Writer // the logs of the simulators; nil for nowhere
}

// base is what the CLI needs for as many resources that make no call.
type base struct {
	apply, plan time.Duration
}

// result is what one scenario came to.
type result struct {
	scenario

	adopt, plan, apply, empty account // what the commands asked of the cloud
	adoptTook, emptyTook      time.Duration
	wall                      time.Duration // of the apply that stops
	limits                    time.Duration // what the cloud's rate limits add to it, at the least
	unlimited                 bool          // it documents none, and the provider's own add to it
	base                      *base
	memory                    int64
	breaches                  []string // of the promises that simulator.Audit knows
	err                       error
}

// measureAll builds the provider and runs everything. An error is that it could
// not go on; that of a single run is in its result.
func measureAll(ctx context.Context, o options, progress io.Writer) (r *report, err error) {
	b := &bench{o: o, progress: progress, bases: map[[2]int]base{}}
	if b.folder, err = os.MkdirTemp("", "instance-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	r = &report{options: o, machine: thisMachine(), load: load("/proc/loadavg"), date: time.Now()}
	if err := b.prepare(ctx, r); err != nil {
		return nil, err
	}
	if o.calls != "" {
		file, err := os.Create(o.calls)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		b.calls = file
	}
	chosen := choose(o)
	r.left = chosen.left
	for _, s := range chosen.run {
		b.say("%s", s)
		got := b.measure(ctx, s)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if got.err != nil {
			b.say("  failed: %s", got.err)
		}
		r.results = append(r.results, got)
	}
	if (len(o.counts) == 0 || slices.Contains(o.counts, 1)) && o.shape != shapeFleet {
		parts := []func(context.Context, *report) error{b.goals, b.notices}
		if !o.goals {
			parts = append(parts, b.windows)
		}
		for _, more := range parts {
			if err := more(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (b *bench) prepare(ctx context.Context, r *report) error {
	binaries, err := b.binaries(ctx)
	if err != nil {
		return err
	}
	metered, records := filepath.Join(b.folder, "metered"), filepath.Join(b.folder, "records")
	if err := errors.Join(install(metered), os.Mkdir(records, 0o700)); err != nil {
		return err
	}
	file := filepath.Join(b.folder, "cli.tfrc")
	if err := os.WriteFile(file, []byte(terraform.Configuration(metered)), 0o600); err != nil {
		return err
	}
	set := append(terraform.Settings(file), terraform.NoColor,
		meteredVariable+"="+filepath.Join(binaries, terraform.BinaryName))
	b.cli = &cli{
		path: b.o.cli, limit: b.o.limit, records: records, environment: terraform.Environment(os.Environ(), set...),
	}
	r.cli, err = b.cli.version(ctx, b.folder)
	return err
}

func (b *bench) binaries(ctx context.Context) (string, error) {
	if b.o.provider != "" {
		return binaryFolder(b.o.provider)
	}
	b.say("building the provider")
	return build(ctx, filepath.Join(b.folder, "bin"))
}

// say tells what is going on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }

// newFolder makes a folder with a configuration.
func (b *bench) newFolder(configuration string) (string, error) {
	folder := filepath.Join(b.folder, "run-"+strconv.FormatInt(b.runs.Add(1), 10))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, "main.tf"), []byte(configuration), 0o600)
}

// runCloud is the simulated cloud of one run.
type runCloud struct {
	server   *simulator.Server
	cloud    *simulator.Cloud
	throttle string // the code of its throttling
	ids      []string
}

// newRunCloud starts a simulator with n running instances.
func newRunCloud(ctx context.Context, s service, n int, transition time.Duration) (*runCloud, error) {
	server, err := localcloud.Start(ctx, simulator.DefaultAddress)
	if err != nil {
		return nil, err
	}
	w := &runCloud{server: server, cloud: server.Cloud(s.Cloud), ids: s.IDs(n)}
	localcloud.SetTransition(server, transition)
	for _, wire := range server.Wires() {
		if wire.Cloud() == w.cloud {
			w.throttle = wire.Default(simulator.Throttle).Code
		}
	}
	instances := make([]simulator.Instance, n)
	for i, id := range w.ids {
		instances[i] = s.Instance(id)
	}
	if err := w.cloud.Seed(instances...); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return w, nil
}

// takes is how long the stop of an instance takes.
func (w *runCloud) takes(id string) time.Duration {
	if in, ok := w.cloud.Instance(id); ok && in.Durations != nil {
		return in.Durations.Stop.Std()
	}
	return w.cloud.Durations().Stop.Std()
}

// since returns what the calls from an index of the log on come to, and the
// index after them.
func (w *runCloud) since(index int) (account, int) {
	calls := w.cloud.Calls(index)
	return reckon(calls, w.takes, w.throttle), index + len(calls)
}

// stopped returns an error when an instance is not stopped.
func (w *runCloud) stopped() error {
	wrong := 0
	for _, in := range w.cloud.Instances() {
		if in.Status != w.cloud.Words().Stopped {
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d instances are not stopped, though the apply ended well", wrong)
	}
	return nil
}

// limited is what the cloud's rate limits add to a stop of all instances at the
// least: their calls, and one round of reads before and one after. What a limit
// allows at once adds nothing.
func (w *runCloud) limited(n int) time.Duration {
	rates, on := w.cloud.Rates()
	if !on {
		return 0
	}
	spread := func(action string, calls int) time.Duration {
		r, limited := rates[action]
		if !limited {
			return 0
		}
		return r.Window.Std() * time.Duration(ceil(calls, r.Calls)-1)
	}
	pages := ceil(n, batchSize)
	return spread("StopInstances", pages) + 2*spread("DescribeInstances", pages)
}

// unlimited reports whether the cloud documents no limits.
func (w *runCloud) unlimited() bool {
	rates, on := w.cloud.Rates()
	return !on || len(rates) == 0
}
