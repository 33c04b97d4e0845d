// Package renewing makes a backend.Driver that signs each call with the current
// keys of a source, and opens the cloud's own driver anew when these change. A
// call that the cloud refuses because its keys have expired is made once more,
// with new ones. It knows no cloud, and leaves finding and renewing keys to
// package credentials.
package renewing

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
)

// Keys is a source of keys; *credentials.Chain is one.
type Keys interface {
	// Keys returns keys that have not ended.
	Keys(ctx context.Context) (credentials.Set, error)
	// Invalidate is for keys that the cloud has called expired.
	Invalidate(set credentials.Set)
}

// Options are what New needs.
type Options struct {
	Keys Keys
	// Expired are the codes with which the cloud calls keys expired. It refuses
	// such a call before it acts, so that a write may be repeated too.
	Expired []string
	// Open makes the cloud's driver for a set of keys, without a request. secrets
	// are all values that no text may show: those of the set, and those of the
	// one before it, which calls under way may still bring back. previous is the
	// driver that the new one takes the place of; nil at first.
	Open func(set credentials.Set, secrets []string, previous backend.Driver) (backend.Driver, error)
}

// New returns a driver that begins with the keys of first. It has the optional
// interfaces of the cloud's own driver, which must not change with the keys.
func New(first credentials.Set, opts Options) (backend.Driver, error) {
	opened, err := opts.Open(first, first.Secrets(), nil)
	if err != nil {
		return nil, err
	}
	d := &driver{opts: opts, set: first, current: opened}
	_, dry := opened.(backend.DryRunner)
	_, absent := opened.(backend.AbsenceChecker)
	_, list := opened.(backend.Lister)
	switch {
	case dry && absent && list:
		return withAll{d, dryRunner{d}, absenceChecker{d}, lister{d}}, nil
	case dry && list:
		return withDryRunLister{d, dryRunner{d}, lister{d}}, nil
	case absent && list:
		return withAbsenceLister{d, absenceChecker{d}, lister{d}}, nil
	case dry && absent:
		return withDryRunAbsence{d, dryRunner{d}, absenceChecker{d}}, nil
	case dry:
		return withDryRun{d, dryRunner{d}}, nil
	case absent:
		return withAbsence{d, absenceChecker{d}}, nil
	case list:
		return withLister{d, lister{d}}, nil
	}
	return d, nil
}

// driver is the part that every cloud has.
type driver struct {
	opts Options

	mu      sync.Mutex
	set     credentials.Set
	current backend.Driver
}

// The engine finds out by type assertion what a driver can do, so that there is a
// type for each combination.
type (
	withAll struct {
		*driver
		dryRunner
		absenceChecker
		lister
	}
	withDryRunLister struct {
		*driver
		dryRunner
		lister
	}
	withAbsenceLister struct {
		*driver
		absenceChecker
		lister
	}
	withDryRunAbsence struct {
		*driver
		dryRunner
		absenceChecker
	}
	withDryRun struct {
		*driver
		dryRunner
	}
	withAbsence struct {
		*driver
		absenceChecker
	}
	withLister struct {
		*driver
		lister
	}
	dryRunner      struct{ renewed *driver }
	absenceChecker struct{ renewed *driver }
	lister         struct{ renewed *driver }
)

// Format names the driver without its keys, whatever the verb.
func (*driver) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, "driver with renewed keys") }

// use returns the driver for the keys as they are now.
func (d *driver) use(ctx context.Context) (backend.Driver, credentials.Set, error) {
	set, err := d.opts.Keys.Keys(ctx)
	if err != nil {
		return nil, set, &keysError{err: err}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if same(set, d.set) {
		return d.current, set, nil
	}
	secrets := append(set.Secrets(), d.set.Secrets()...)
	next, err := d.opts.Open(set, secrets, d.current)
	if err != nil {
		return nil, set, &keysError{err: err}
	}
	d.set, d.current = set, next
	return next, set, nil
}

func same(a, b credentials.Set) bool {
	return a.ID == b.ID && a.Secret == b.Secret && a.Token == b.Token
}

// now returns the driver that was opened last.
func (d *driver) now() backend.Driver {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.current
}

// expired reports whether the cloud called the keys of a call expired.
func (d *driver) expired(err error) bool {
	return err != nil && slices.Contains(d.opts.Expired, d.now().Fault(err).Code)
}

// once makes a call, and makes it once more with new keys where the cloud calls
// those of the first expired. Where there are no others, the first answer stands.
func once[T any](ctx context.Context, d *driver, call func(backend.Driver) (T, error)) (T, error) {
	var none T
	current, set, err := d.use(ctx)
	if err != nil {
		return none, err
	}
	got, err := call(current)
	if !d.expired(err) {
		return got, err
	}
	d.opts.Keys.Invalidate(set)
	current, renewed, failed := d.use(ctx)
	switch {
	case failed != nil:
		return none, failed
	case same(renewed, set):
		return got, err
	}
	return call(current)
}

// write is once for a call that has an outcome for each id. Keys that have
// expired are the reason of all of them.
func (d *driver) write(
	ctx context.Context,
	ids []string,
	call func(backend.Driver) []backend.Outcome,
) []backend.Outcome {
	outcomes, err := once(ctx, d, func(current backend.Driver) ([]backend.Outcome, error) {
		outcomes := call(current)
		for _, outcome := range outcomes {
			if !d.expired(outcome.Err) {
				return outcomes, nil
			}
		}
		return outcomes, outcomes[0].Err
	})
	if outcomes == nil {
		return slices.Repeat([]backend.Outcome{{Err: err}}, len(ids))
	}
	return outcomes
}

// Describe implements backend.Driver.
func (d *driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	return once(ctx, d, func(current backend.Driver) ([]backend.Instance, error) { return current.Describe(ctx, ids) })
}

// Start implements backend.Driver.
func (d *driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, ids, func(current backend.Driver) []backend.Outcome { return current.Start(ctx, ids) })
}

// Stop implements backend.Driver.
func (d *driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, ids, func(current backend.Driver) []backend.Outcome { return current.Stop(ctx, ids, opts) })
}

// Reboot implements backend.Driver.
func (d *driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, ids, func(current backend.Driver) []backend.Outcome { return current.Reboot(ctx, ids, opts) })
}

// BatchSize implements backend.Driver.
func (d *driver) BatchSize() int { return d.now().BatchSize() }

// Capabilities implements backend.Driver.
func (d *driver) Capabilities() backend.Capabilities { return d.now().Capabilities() }

// DryRun implements backend.DryRunner. Only the questions that were refused are
// asked again: the others have their answer.
func (o dryRunner) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	d := o.renewed
	errs := make([]error, len(ids))
	open := make([]int, len(ids)) // The places in ids that have no answer yet.
	for i := range ids {
		open[i] = i
	}
	_, err := once(ctx, d, func(current backend.Driver) (bool, error) {
		asked := make([]string, len(open))
		for i, at := range open {
			asked[i] = ids[at]
		}
		var again []int
		var refused error
		runner := current.(backend.DryRunner) //nolint:errcheck,forcetypeassert // See New.
		for i, err := range runner.DryRun(ctx, op, asked, opts) {
			errs[open[i]] = err
			if d.expired(err) {
				again, refused = append(again, open[i]), err
			}
		}
		open = again
		return true, refused
	})
	if err != nil && !d.expired(err) {
		for _, at := range open { // There are no keys to ask with.
			errs[at] = err
		}
	}
	return errs
}

// CheckAbsent implements backend.AbsenceChecker.
func (o absenceChecker) CheckAbsent(ctx context.Context, id string) error {
	_, err := once(ctx, o.renewed, func(current backend.Driver) (bool, error) {
		return true, current.(backend.AbsenceChecker).CheckAbsent(ctx, id) //nolint:errcheck,forcetypeassert // See New.
	})
	return err
}

// page is one page of a listing.
type page struct {
	instances []backend.Instance
	next      string
}

// ListPage implements backend.Lister.
func (o lister) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) ([]backend.Instance, string, error) {
	got, err := once(ctx, o.renewed, func(current backend.Driver) (page, error) {
		lister := current.(backend.Lister) //nolint:errcheck,forcetypeassert // See New.
		instances, next, err := lister.ListPage(ctx, filter, cursor)
		return page{instances, next}, err
	})
	return got.instances, got.next, err
}
