// Package dispatch sends calls about instances to one cloud, account and region:
// batched, limited, split when the cloud refuses a batch for one member, and
// polled. It knows no Terraform and no target, and never decides what is to be
// done.
package dispatch

import (
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// Options are what rarely changes about a Dispatcher. The zero value works: no
// batching of single callers, the cloud's documented rates, no log.
type Options struct {
	// BatchWindow is how long a call of a single operation waits for others to
	// join it; 0 turns batching of single callers off.
	BatchWindow time.Duration
	// RequestsPerSecond replaces the rates of the driver's Capabilities for
	// every action, where it is more than 0.
	RequestsPerSecond float64
	// Logger is for what happens outside a request; nil discards.
	Logger hclog.Logger
}

// Caller tells single operations from fleets: they have batches of their own and
// take turns at the limiter.
type Caller int

// The callers.
const (
	Single Caller = iota
	Fleet
)

// Dispatcher sends the calls about the instances of one cloud, account and
// region. It is safe for concurrent use.
type Dispatcher struct {
	cloud, region string
	driver        backend.Driver
	log           hclog.Logger

	reads  *bucket
	writes map[backend.Op]*bucket
	// absences is for the question whether an instance is really absent. A
	// cloud may have to be asked by the dry run of a write, and limit it as one.
	absences *bucket
	single   *lanes // for calls about one instance each
	fleet    *lanes // for calls that one operation makes about many
	splits   *lanes // for the parts of a refused batch
	watcher  *watcher
	// traffic are the operations on single instances, inFleets the instances that
	// operations on many are about.
	traffic  traffic
	inFleets atomic.Int64

	// splitCount numbers the splits of refused batches, so that the members of
	// one part find each other again and nobody else.
	splitCount atomic.Uint64
}

// New returns a Dispatcher for the account and region that driver is bound to.
// cloud and region are for log messages; region may be empty.
func New(cloud, region string, driver backend.Driver, opts Options) *Dispatcher {
	if opts.Logger == nil {
		opts.Logger = hclog.NewNullLogger()
	}
	can := driver.Capabilities()
	readRate, writeRate, burst := can.ReadsPerSecond, can.WritesPerSecond, can.Burst
	if opts.RequestsPerSecond > 0 {
		readRate, writeRate, burst = opts.RequestsPerSecond, opts.RequestsPerSecond, 1
	}
	d := &Dispatcher{
		cloud: cloud, region: region, driver: driver,
		log:   opts.Logger.With("cloud", cloud, "region", region),
		reads: newBucket(readRate, burst),
		writes: map[backend.Op]*bucket{
			backend.OpStart:  newBucket(writeRate, burst),
			backend.OpStop:   newBucket(writeRate, burst),
			backend.OpReboot: newBucket(writeRate, burst),
		},
		absences: newBucket(writeRate, burst),
	}
	d.single = d.singleLanes(opts.BatchWindow)
	d.splits = d.lanes(coalesce.Options{Idle: partIdle, Max: 10 * partIdle})
	d.fleet = d.lanes(coalesce.Options{Idle: fleetIdle, Max: 10 * (fleetIdle + fleetStretch), Stretch: func() time.Duration {
		if d.inFleets.Load() > int64(driver.BatchSize()) {
			return fleetStretch
		}
		return 0
	}})
	d.watcher = newWatcher(d)
	return d
}

// Begin counts an operation on one instance until end is called: while others are
// under way, calls wait longer for each other.
func (d *Dispatcher) Begin(id string) (end func()) { return d.traffic.enter(id) }

// BeginFleet is Begin for an operation on n instances.
func (d *Dispatcher) BeginFleet(n int) (end func()) {
	d.inFleets.Add(int64(n))
	return func() { d.inFleets.Add(-int64(n)) }
}

// Expect notes that a write about the instance is certain to follow: a batch of
// writes waits for it for a while. Send takes that back, and so does Unexpect.
func (d *Dispatcher) Expect(id string) { d.traffic.foresee(id) }

// Unexpect notes that the write which was expected will not come.
func (d *Dispatcher) Unexpect(id string) { d.came(id) }

// How long a batch of a fleet waits for its next member. The calls of a fleet
// come all at once; where they fill more than one batch, all but the last are
// full long before, so that it costs nothing to be patient.
const (
	fleetIdle    = 25 * time.Millisecond
	fleetStretch = 175 * time.Millisecond
)

// partIdle is the same for the parts of a refused batch. Their members are let
// go together, but by the answer of a look, after which a busy machine can take
// a while to wake all of them.
const partIdle = 100 * time.Millisecond

// lanes are where calls are joined.
type lanes struct {
	looks *coalesce.Group[part, string, reading]
	acts  *coalesce.Group[actKey, string, answer]
}

// through returns the lanes for a join key's part.
func (d *Dispatcher) through(in part, by Caller) *lanes {
	switch {
	case in.of != nil:
		return d.splits
	case by == Fleet:
		return d.fleet
	}
	return d.single
}

// singleLanes are for a window. A call that is alone in the client waits a quarter
// of it, so that the looks and the call of one apply (in the plan, in the plan
// that the CLI makes once more, before the call, and the call) wait a window
// together. While operations on other instances are under way, or have been a
// moment ago, more calls are likely to come: a CLI that has much to do hands out
// one every 30 to 100 milliseconds, and pauses when it has handed out hundreds.
// A write that a plan foresaw is certain to come, so that those before it wait for
// it: in an apply the CLI plans each resource once more right before it applies it.
func (d *Dispatcher) singleLanes(window time.Duration) *lanes {
	stretch := func() time.Duration {
		switch active, others := d.traffic.state(); {
		case active > d.driver.BatchSize():
			return 4 * window
		case others:
			return 2 * window
		}
		return 0
	}
	return &lanes{
		looks: d.looks(coalesce.Options{Idle: window / 4, Max: 20 * window, Stretch: stretch}),
		acts: d.acts(coalesce.Options{Idle: window / 4, Max: 40 * window, Stretch: func() time.Duration {
			if d.traffic.foresees() {
				return max(stretch(), min(20*window, lull))
			}
			return stretch()
		}}),
	}
}

// came notes that a write that was foreseen is asked for, or will not be. After the
// last one nobody waits for it any more, also those of another force or mode.
func (d *Dispatcher) came(id string) {
	if d.traffic.come(id) {
		d.single.acts.Shorten()
	}
}

func (d *Dispatcher) lanes(join coalesce.Options) *lanes {
	return &lanes{looks: d.looks(join), acts: d.acts(join)}
}

func (d *Dispatcher) looks(join coalesce.Options) *coalesce.Group[part, string, reading] {
	join.Size = d.driver.BatchSize()
	return coalesce.NewInTurn(join, d.read)
}

func (d *Dispatcher) acts(join coalesce.Options) *coalesce.Group[actKey, string, answer] {
	join.Size = d.driver.BatchSize()
	return coalesce.NewInTurn(join, d.write)
}
