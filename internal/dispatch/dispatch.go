// Package dispatch sends calls about instances to one cloud, account and region:
// batched, limited, split when the cloud refuses a batch for one member, and polled.
// It knows no Terraform and no target, and never decides what is to be done.
package dispatch

import (
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// Options are the rarely changing parameters of a Dispatcher. The zero value works:
// no batching of single operations, the cloud's documented rates, no log.
type Options struct {
	// BatchWindow is how long a call of a single operation waits for others to join
	// it, after the last operation has begun. One that is alone waits a quarter of it.
	// 0 switches batching of single operations off.
	BatchWindow time.Duration
	// RequestsPerSecond replaces the rates of the driver's Capabilities for every
	// action, where it is more than 0.
	RequestsPerSecond float64
	// Logger is for events outside a request; nil discards.
	Logger hclog.Logger
}

// Caller tells single operations from fleets: each has batches of its own, and they
// alternate at the limiter.
type Caller int

// The callers.
const (
	Single Caller = iota
	Fleet
	callers // their number
)

// Dispatcher sends the calls about the instances of one cloud, account and region.
// It is safe for concurrent use.
type Dispatcher struct {
	cloud, region string
	driver        backend.Driver
	batchWindow   time.Duration
	log           hclog.Logger

	batcher *coalesce.Group[batchKey, item, *answer]
	poller  poller

	reads  *limiter
	writes map[backend.Op]*limiter
	// absences limits the question whether an instance is really absent. A cloud may
	// have to be asked by the dry run of a write, and limit it as one.
	absences *limiter

	operations operations
	flights    flights
	splits     splitCounter
}

// New returns a Dispatcher for the account and region that driver is bound to. cloud
// and region are for log messages; region may be empty.
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
		cloud: cloud, region: region, driver: driver, batchWindow: opts.BatchWindow,
		log:   opts.Logger.With("cloud", cloud, "region", region),
		reads: newLimiter(readRate, burst),
		writes: map[backend.Op]*limiter{
			backend.OpStart:  newLimiter(writeRate, burst),
			backend.OpStop:   newLimiter(writeRate, burst),
			backend.OpReboot: newLimiter(writeRate, burst),
		},
		absences: newLimiter(writeRate, burst),
	}
	d.batcher = coalesce.New(coalesce.Options[batchKey]{
		Size:    driver.BatchSize(),
		Window:  d.window,
		Waiting: func(k batchKey, more int) { d.operations.wait(k.caller, more) },
		Lapsed:  d.operations.lapsed,
	}, d.send)
	d.poller.waiting = func(by Caller, more int) {
		d.operations.wait(by, more)
		if more > 0 {
			d.batcher.Reconsider()
		}
	}
	return d
}
