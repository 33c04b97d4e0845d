// Package powerstate brings instances to a power state and proves it: it
// observes, decides, acts and waits, over any backend.Driver. All that is hard
// about that is here and nowhere else: one clock, one layer of retries, calls
// joined and limited, waits that end only on a reading taken after their own
// call. It leaves the cloud's protocol to the driver and Terraform to package
// provider.
package powerstate

import (
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// Options are what rarely changes about a Client. The zero value works: no
// joining, the cloud's documented rates, no log.
type Options struct {
	// BatchWindow is about how long a call waits for others to join it; 0
	// switches joining off.
	BatchWindow time.Duration
	// RequestsPerSecond replaces the rates of the driver's Capabilities for
	// every action, where it is more than 0.
	RequestsPerSecond float64
	// Logger is for what happens outside a request; nil discards.
	Logger hclog.Logger
	// Silent leaves out what requests log of each instance. With thousands of
	// them, making lines that nobody reads takes more memory than all else.
	Silent bool
	// AppearGrace is how long an instance that is missing when a create begins
	// is looked for; 0 means 30 seconds.
	AppearGrace time.Duration
	// ModeGrace is how long a stopped instance may read back another mode than
	// was asked for before that is an error; 0 means 30 seconds.
	ModeGrace time.Duration
}

// Client works on the instances of one cloud, account and region. It is safe
// for concurrent use; all operations share its joins, limits and watcher.
type Client struct {
	cloud, region string
	driver        backend.Driver
	opts          Options
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
	history  *history
	recent   *recent
	// traffic are the operations on single instances, inFleets the instances that
	// operations on many are about.
	traffic  traffic
	inFleets atomic.Int64

	// splitCount numbers the splits of refused batches, so that the members of
	// one part find each other again and nobody else.
	splitCount atomic.Uint64
}

// New returns a Client for what driver is bound to. cloud and region are for
// messages; region may be empty.
func New(cloud, region string, driver backend.Driver, opts Options) *Client {
	if opts.Logger == nil {
		opts.Logger = hclog.NewNullLogger()
	}
	if opts.AppearGrace <= 0 {
		opts.AppearGrace = 30 * time.Second
	}
	if opts.ModeGrace <= 0 {
		opts.ModeGrace = 30 * time.Second
	}
	can := driver.Capabilities()
	readRate, writeRate, burst := can.ReadsPerSecond, can.WritesPerSecond, can.Burst
	if opts.RequestsPerSecond > 0 {
		readRate, writeRate, burst = opts.RequestsPerSecond, opts.RequestsPerSecond, 1
	}
	c := &Client{
		cloud: cloud, region: region, driver: driver, opts: opts,
		log:   opts.Logger.With("cloud", cloud, "region", region),
		reads: newBucket(readRate, burst),
		writes: map[backend.Op]*bucket{
			backend.OpStart:  newBucket(writeRate, burst),
			backend.OpStop:   newBucket(writeRate, burst),
			backend.OpReboot: newBucket(writeRate, burst),
		},
		absences: newBucket(writeRate, burst),
		history:  newHistory(),
		recent:   newRecent(),
	}
	c.single = c.singleLanes(opts.BatchWindow)
	c.splits = c.lanes(coalesce.Options{Idle: partIdle, Max: 10 * partIdle})
	c.fleet = c.lanes(coalesce.Options{Idle: fleetIdle, Max: 10 * (fleetIdle + fleetStretch), Stretch: func() time.Duration {
		if c.inFleets.Load() > int64(driver.BatchSize()) {
			return fleetStretch
		}
		return 0
	}})
	c.watcher = newWatcher(c)
	return c
}

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

// singleLanes are for a window. A call that is alone in the client waits a quarter
// of it, so that the looks and the call of one apply (in the plan, in the plan
// that the CLI makes once more, before the call, and the call) wait a window
// together. While operations on other instances are under way, or have been a
// moment ago, more calls are likely to come: a CLI that has much to do hands out
// one every 30 to 100 milliseconds, and pauses when it has handed out hundreds.
// A write that a plan foresaw is certain to come, so that those before it wait for
// it: in an apply the CLI plans each resource once more right before it applies it.
func (c *Client) singleLanes(window time.Duration) *lanes {
	stretch := func() time.Duration {
		switch active, others := c.traffic.state(); {
		case active > c.driver.BatchSize():
			return 4 * window
		case others:
			return 2 * window
		}
		return 0
	}
	return &lanes{
		looks: c.looks(coalesce.Options{Idle: window / 4, Max: 20 * window, Stretch: stretch}),
		acts: c.acts(coalesce.Options{Idle: window / 4, Max: 40 * window, Stretch: func() time.Duration {
			if c.traffic.foresees() {
				return max(stretch(), min(20*window, lull))
			}
			return stretch()
		}}),
	}
}

// came notes that a write that was foreseen is asked for, or will not be. After the
// last one nobody waits for it any more, also those of another force or mode.
func (c *Client) came(id string) {
	if c.traffic.come(id) {
		c.single.acts.Shorten()
	}
}

func (c *Client) lanes(join coalesce.Options) *lanes {
	return &lanes{looks: c.looks(join), acts: c.acts(join)}
}

func (c *Client) looks(join coalesce.Options) *coalesce.Group[part, string, reading] {
	join.Size = c.driver.BatchSize()
	return coalesce.NewInTurn(join, c.read)
}

func (c *Client) acts(join coalesce.Options) *coalesce.Group[actKey, string, answer] {
	join.Size = c.driver.BatchSize()
	return coalesce.NewInTurn(join, c.write)
}

// Driver returns the driver that the Client works through.
func (c *Client) Driver() backend.Driver { return c.driver }

// Cloud returns the name of the cloud.
func (c *Client) Cloud() string { return c.cloud }

// Region returns the region; it is empty for a cloud without regions.
func (c *Client) Region() string { return c.region }
