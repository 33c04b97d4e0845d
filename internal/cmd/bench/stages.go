package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// measure runs a scenario: take the instances over as they are, plan their stop,
// apply it, and plan again.
func (b *bench) measure(ctx context.Context, s scenario) result {
	r := result{scenario: s}
	w, err := newRunCloud(ctx, s.service, s.n, b.o.transition)
	if err != nil {
		r.err = err
		return r
	}
	defer func() { r.err = errors.Join(r.err, w.server.Close()) }()
	folder, err := b.newFolder(configuration(s.service, w.server.URL(), s.fleet, w.ids))
	if err != nil {
		r.err = err
		return r
	}
	if r.err = b.stages(ctx, w, folder, &r); r.err != nil {
		return r
	}
	r.breaches = simulator.Audit(w.cloud.Calls(0), simulator.AuditOptions{ExplicitForce: true})
	r.limits, r.unlimited = w.limited(s.n), w.unlimited()
	if r.err = os.RemoveAll(folder); r.err != nil || s.n > mostSingles {
		return r
	}
	r.base, r.err = b.base(ctx, s.n, s.parallelism)
	return r
}

// stages runs the four commands of a scenario.
func (b *bench) stages(ctx context.Context, w *runCloud, folder string, r *result) error {
	parallelism := "-parallelism=" + strconv.Itoa(r.parallelism)
	cli := b.cli.within(b.o.limit + time.Duration(r.waves())*2*b.o.transition)
	const running, stopped, plan = "-var=state=running", "-var=state=stopped", "-out=plan.bin"
	index := 0
	stage := func(name string, into *account, args ...string) (time.Duration, error) {
		got, err := cli.must(ctx, folder, args...)
		r.memory = max(r.memory, got.provider.Memory)
		if err == nil {
			err = b.keep(r.String()+": "+name, w.cloud.Calls(index))
		}
		*into, index = w.since(index)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return got.wall, err
	}
	var err error
	if r.adoptTook, err = stage("take over", &r.adopt, "apply", "-auto-approve", parallelism, running); err != nil {
		return err
	}
	if _, err = stage("plan of the stop", &r.plan, "plan", parallelism, stopped, plan); err != nil {
		return err
	}
	if r.wall, err = stage("apply", &r.apply, "apply", parallelism, "plan.bin"); err != nil {
		return err
	}
	if err := w.stopped(); err != nil {
		return err
	}
	// With this flag a plan that is not empty ends with code 2.
	r.emptyTook, err = stage("empty plan", &r.empty, "plan", "-detailed-exitcode", parallelism, stopped)
	return err
}

// keep writes a log of calls, one line for each, with the time since the first.
func (b *bench) keep(name string, calls []simulator.Call) error {
	if b.calls == nil || len(calls) == 0 {
		return nil
	}
	lines := []string{"# " + name}
	for _, k := range calls {
		first := ""
		if len(k.InstanceIDs) > 0 {
			first = k.InstanceIDs[0]
		}
		lines = append(lines,
			fmt.Sprintf("%9.3f s  %-18s %3d ids  %s %s", k.Time.Sub(calls[0].Time).Seconds(), k.Action, len(k.InstanceIDs),
				first, k.Code))
	}
	_, err := fmt.Fprintln(b.calls, strings.Join(lines, "\n"))
	return err
}

// base measures, once, what the CLI needs for n resources that make no call.
func (b *bench) base(ctx context.Context, n, parallelism int) (*base, error) {
	key := [2]int{n, min(n, parallelism)}
	if known, ok := b.bases[key]; ok {
		return &known, nil
	}
	b.say("  and as many terraform_data resources")
	folder, err := b.newFolder(baseConfiguration(n))
	if err != nil {
		return nil, err
	}
	flag := "-parallelism=" + strconv.Itoa(parallelism)
	apply, err := b.cli.must(ctx, folder, "apply", "-auto-approve", flag, "-var=state=running")
	if err != nil {
		return nil, fmt.Errorf("terraform_data: %w", err)
	}
	plan, err := b.cli.must(ctx, folder, "plan", "-detailed-exitcode", flag, "-var=state=running")
	if err != nil {
		return nil, fmt.Errorf("terraform_data: %w", err)
	}
	got := base{apply: apply.wall, plan: plan.wall}
	b.bases[key] = got
	return &got, os.RemoveAll(folder)
}
