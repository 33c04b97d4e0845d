package backendtest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// brokenEnv is set in the child process in which the broken drivers run, since
// the suite fails there.
const brokenEnv = "BACKENDTEST_BROKEN"

// TestBrokenDriversFail shows that the suite can fail: each of the drivers does
// one thing wrong and is found out, and there is no subtest that finds nothing.
func TestBrokenDriversFail(t *testing.T) {
	if os.Getenv(brokenEnv) != "" {
		runBrokenDrivers(t)
		return
	}
	t.Parallel()
	if testing.Short() {
		t.Skip("it runs the suite once for each broken driver")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestBrokenDriversFail$", "-test.v", "-test.parallel=64")
	child.Env = append(os.Environ(), brokenEnv+"=1")
	output, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the child ended with %v, want failed tests:\n%s", err, output)
	}

	if panicked := strings.Index(string(output), "\npanic: "); panicked >= 0 {
		t.Fatalf("the suite does not survive a broken driver:\n%s", output[panicked:])
	}

	failed := map[string][]string{} // subtests by driver
	subtests := map[string]bool{}   // and whether any driver fails each
	result := regexp.MustCompile(`--- (PASS|FAIL|SKIP): TestBrokenDriversFail/([^/\s]+)/([^/\s]+/\S+)`)
	for _, m := range result.FindAllStringSubmatch(string(output), -1) {
		subtests[m[3]] = subtests[m[3]] || m[1] == "FAIL"
		if m[1] == "FAIL" {
			failed[m[2]] = append(failed[m[2]], m[3])
		}
	}
	for _, b := range brokenDrivers() {
		name := strings.ReplaceAll(b.name, " ", "_")
		want := strings.ReplaceAll(b.want, " ", "_")
		if !slices.ContainsFunc(failed[name], func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("a driver that %s fails %q, want %q too", b.name, failed[name], want)
		}
	}
	if got := failed["does_all_right"]; len(got) > 0 {
		t.Errorf("a driver that does all right fails %q", got)
	}
	for name, found := range subtests {
		if !found {
			t.Errorf("no broken driver fails %q", name)
		}
	}
}

func runBrokenDrivers(t *testing.T) {
	t.Helper()
	for _, b := range append(brokenDrivers(), brokenDriver{name: "does all right"}) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, func(t *testing.T) backendtest.Harness {
				t.Helper()
				opts := memory.Options{StartTime: time.Hour, StopTime: time.Hour, RebootTime: time.Hour}
				if b.opts != nil {
					b.opts(&opts)
				}
				cloud := memory.New(opts)
				h := newHarness(cloud)
				for _, d := range []*backend.Driver{&h.Driver, &h.WrongSecret} {
					right, ok := (*d).(both)
					if !ok {
						t.Fatalf("%T lacks an optional interface", *d)
					}
					*d = &hooked{both: right, cloud: cloud, brokenDriver: b}
				}
				if b.wire != nil {
					arrived := h.Writes
					h.Writes = func() []backendtest.Write {
						all := arrived()
						for i := range all {
							b.wire(&all[i])
						}
						return all
					}
				}
				return h
			})
		})
	}
}

type both interface {
	backend.Driver
	backend.DryRunner
	backend.AbsenceChecker
	backend.Lister
}

// brokenDriver is a driver that is right but for its hooks.
type brokenDriver struct {
	name string
	// want is part of the name of a subtest that must fail.
	want string

	opts     func(o *memory.Options)
	describe func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error)
	instance func(in *backend.Instance)
	write    func(h *hooked, ctx context.Context, w write) []backend.Outcome
	wire     func(w *backendtest.Write)
	fault    func(f *backend.Fault)
	can      func(c *backend.Capabilities)
	batch    func(h *hooked, n int) int
	dryRun   func(h *hooked, ctx context.Context, w write, answers []error) []error
	absent   func(id string, err error) error
	list     listing
	ctx      func(ctx context.Context) context.Context
	err      func(err error) error
}

type write struct {
	op   backend.Op
	ids  []string
	opts backend.StopOptions
}

type hooked struct {
	both
	brokenDriver
	cloud *memory.Driver
	busy  sync.Mutex
	mu    sync.Mutex
	asked string // the last cursor; guarded by mu
}

func (h *hooked) observe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	return h.both.Describe(ctx, ids)
}

func (h *hooked) do(ctx context.Context, w write) []backend.Outcome {
	switch w.op {
	case backend.OpStart:
		return h.both.Start(ctx, w.ids)
	case backend.OpStop:
		return h.both.Stop(ctx, w.ids, w.opts)
	case backend.OpReboot:
		return h.both.Reboot(ctx, w.ids, w.opts)
	}
	return nil
}

func (h *hooked) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	if h.ctx != nil {
		ctx = h.ctx(ctx)
	}
	observe := (*hooked).observe
	if h.describe != nil {
		observe = h.describe
	}
	found, err := observe(h, ctx, ids)
	if h.instance != nil {
		for i := range found {
			h.instance(&found[i])
		}
	}
	if h.err != nil && err != nil {
		err = h.err(err)
	}
	return found, err
}

func (h *hooked) Start(ctx context.Context, ids []string) []backend.Outcome {
	return h.change(ctx, write{op: backend.OpStart, ids: ids})
}

func (h *hooked) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return h.change(ctx, write{op: backend.OpStop, ids: ids, opts: opts})
}

func (h *hooked) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return h.change(ctx, write{op: backend.OpReboot, ids: ids, opts: opts})
}

func (h *hooked) change(ctx context.Context, w write) []backend.Outcome {
	if h.ctx != nil {
		ctx = h.ctx(ctx)
	}
	do := (*hooked).do
	if h.write != nil {
		do = h.write
	}
	outcomes := do(h, ctx, w)
	for i := range outcomes {
		if h.err != nil && outcomes[i].Err != nil {
			outcomes[i].Err = h.err(outcomes[i].Err)
		}
	}
	return outcomes
}

func (h *hooked) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	answers := h.both.DryRun(ctx, op, ids, opts)
	if h.dryRun != nil {
		answers = h.dryRun(h, ctx, write{op, ids, opts}, answers)
	}
	return answers
}

func (h *hooked) CheckAbsent(ctx context.Context, id string) error {
	err := h.both.CheckAbsent(ctx, id)
	if h.absent != nil {
		err = h.absent(id, err)
	}
	return err
}

func (h *hooked) Fault(err error) backend.Fault {
	fault := h.both.Fault(err)
	if h.fault != nil {
		h.fault(&fault)
	}
	return fault
}

func (h *hooked) Capabilities() backend.Capabilities {
	capabilities := h.both.Capabilities()
	if h.can != nil {
		h.can(&capabilities)
	}
	return capabilities
}

func (h *hooked) BatchSize() int {
	if h.batch != nil {
		return h.batch(h, h.both.BatchSize())
	}
	return h.both.BatchSize()
}
