package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/gate"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// The states of the provider.
const (
	running = "running"
	stopped = "stopped"
)

// transition is how long a start and a stop take, and settle how long the process
// has to close what a CLI that has ended leaves open.
const (
	transition = time.Second
	settle     = 500 * time.Millisecond
)

// sample is what was read after a cycle.
type sample struct {
	usage

	at          time.Duration // since the beginning
	connections int           // to the clouds
}

// soak is one run.
type soak struct {
	services []simulator.Service
	server   *simulator.Server // it does not listen; the gate is before it
	gate     *gate.Gate
	child    *child
	runner   *terraform.Runner
	folder   string
}

// run runs cycles until the time is over, and as many as there are at the least.
func run(ctx context.Context, o options, progress io.Writer) (r *report, err error) {
	folder, err := os.MkdirTemp("", "soak-") // Short, since there is a limit for the path of a socket.
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s := &soak{services: clouds(), folder: folder}
	if err := s.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, s.close())
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r = &report{date: time.Now(), instances: len(s.services) * (singles + o.members)}
	if r.cli, err = s.runner.Version(ctx, folder); err != nil {
		return nil, err
	}
	for n := 0; n < o.cycles || time.Since(r.date) < o.time; n++ {
		began := time.Now()
		if err := s.cycle(ctx, n); err != nil {
			return nil, fmt.Errorf("cycle %d: %w", n+1, err)
		}
		got, err := s.sample(ctx, r.date)
		if err != nil {
			return nil, fmt.Errorf("cycle %d: %w", n+1, err)
		}
		r.samples = append(r.samples, got)
		r.calls += s.forget()
		if n%10 == 0 {
			fmt.Fprintf(progress, "cycle %d, %s: %s\n", n+1, got.at.Round(time.Second), got)
		}
		if err := sleep(ctx, o.every-time.Since(began)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// String is a sample on a line.
func (s sample) String() string {
	return fmt.Sprintf("heap %.1f MiB, resident %.1f MiB, %d goroutines, %d connections, %d descriptors",
		mib(s.Heap), mib(s.Resident), s.Goroutines, s.connections, s.Descriptors)
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// prepare starts the clouds and the provider, and writes the configuration.
func (s *soak) prepare(ctx context.Context, o options) error {
	var err error
	if s.server, err = localcloud.New(); err != nil {
		return err
	}
	localcloud.SetTransition(s.server, transition)
	for _, service := range s.services {
		for _, id := range service.IDs(singles + o.members) {
			if err := s.server.Cloud(service.Cloud).Seed(service.Instance(id)); err != nil {
				return err
			}
		}
	}
	if s.gate, err = gate.Open(ctx, s.server.Handler()); err != nil {
		return err
	}
	if s.child, err = startChild(ctx, o.environment, s.folder); err != nil {
		return err
	}
	set := append(terraform.Settings(os.DevNull), terraform.NoColor, s.child.attach)
	s.runner = &terraform.Runner{Path: o.cli, Environment: terraform.Environment(o.environment, set...)}
	return os.WriteFile(filepath.Join(s.folder, "main.tf"),
		[]byte(configuration(s.services, s.gate.URL(), o.members)), 0o600)
}

func (s *soak) close() error {
	var errs []error
	if s.child != nil {
		errs = append(errs, s.child.end())
	}
	if s.gate != nil {
		errs = append(errs, s.gate.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	return errors.Join(errs...)
}

// cycle changes the state of all instances, with a change by somebody else and
// faults of the clouds before it, and demands that the plan after it is empty.
func (s *soak) cycle(ctx context.Context, n int) error {
	state := [...]string{stopped, running}[n%2]
	for _, service := range s.services {
		if err := s.disturb(service, n); err != nil {
			return err
		}
	}
	if err := s.runner.Must(ctx, s.folder, "apply", "-auto-approve", "-var=state="+state); err != nil {
		return err
	}
	if err := s.runner.Must(ctx, s.folder, "plan", "-detailed-exitcode", "-var=state="+state); err != nil {
		return err
	}
	for _, service := range s.services {
		cloud := s.server.Cloud(service.Cloud)
		cloud.ClearTroubles()
		want := cloud.Words().Running
		if state == stopped {
			want = cloud.Words().Stopped
		}
		for _, in := range cloud.Instances() {
			if in.Status != want {
				return fmt.Errorf("%s of %s is %q, want %q", in.ID, service.Cloud, in.Status, want)
			}
		}
	}
	return nil
}

// disturb starts one instance, and makes some calls of the cycle fail.
func (s *soak) disturb(service simulator.Service, n int) error {
	cloud := s.server.Cloud(service.Cloud)
	instances := cloud.Instances()
	if err := cloud.Change(instances[n%len(instances)].ID, func(in *simulator.Instance) error {
		in.Status, in.StoppedMode = cloud.Words().Running, ""
		return nil
	}); err != nil {
		return err
	}
	faults := []simulator.Trouble{
		{Kind: simulator.Throttle, Count: 2},
		{Kind: simulator.ResetAfter, Action: "write", Count: 1},
		{Kind: simulator.ServerError, Action: "describe", Count: 2},
		{Kind: simulator.ResetBefore, Count: 2},
	}
	_, err := cloud.AddTrouble(faults[n%len(faults)])
	return err
}

// sample reads the usage after the CLI has ended.
func (s *soak) sample(ctx context.Context, began time.Time) (sample, error) {
	if err := sleep(ctx, settle); err != nil {
		return sample{}, err
	}
	u, err := s.child.usage()
	return sample{usage: u, at: time.Since(began), connections: s.gate.Connections()}, err
}

// forget empties the logs of the clouds, and returns how many calls were in them.
func (s *soak) forget() int {
	n := 0
	for _, service := range s.services {
		cloud := s.server.Cloud(service.Cloud)
		n += len(cloud.Calls(0))
		cloud.ForgetCalls()
	}
	return n
}

// sleep waits, unless the time is over already.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
