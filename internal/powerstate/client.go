// Package powerstate brings instances to a power state and proves it: it observes,
// decides, acts and waits, over any backend.Driver. One pure function judges every
// observation, and an operation ends only on one that was requested after its own last
// call was answered. How calls are sent is left to package dispatch, the cloud's
// protocol to the driver, and Terraform to package provider.
package powerstate

import (
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// Options are what rarely changes about a Client. The zero value works: no
// batching of single calls, the cloud's documented rates, no log.
type Options struct {
	// BatchWindow is how long a call about a single instance waits for others to
	// join it; 0 switches batching of these off.
	BatchWindow time.Duration
	// RequestsPerSecond replaces the rates of the driver's Capabilities for
	// every action, where it is more than 0.
	RequestsPerSecond float64
	// Logger is for what happens outside a request; nil discards.
	Logger hclog.Logger
	// Silent leaves out what requests log of each instance. With thousands of
	// them, making lines that are never read takes more memory than all else.
	Silent bool
	// AppearGrace is how long an instance that is missing when a create begins
	// is searched for; 0 means 30 seconds.
	AppearGrace time.Duration
	// ModeGrace is how long a stopped instance may report another mode than was
	// asked for before that is an error; 0 means 30 seconds.
	ModeGrace time.Duration
}

// Client works on the instances of one cloud, account and region. It is safe
// for concurrent use; all operations share its batches, limits and poller.
type Client struct {
	cloud, region string
	driver        backend.Driver
	opts          Options

	dispatch *dispatch.Dispatcher
	history  *history
	cache    cache
	queue    queue
	found    found
}

// New returns a Client for what driver is bound to. cloud and region are for
// messages; region may be empty.
func New(cloud, region string, driver backend.Driver, opts Options) *Client {
	if opts.AppearGrace <= 0 {
		opts.AppearGrace = defaultAppearGrace
	}
	if opts.ModeGrace <= 0 {
		opts.ModeGrace = defaultModeGrace
	}
	return &Client{
		cloud: cloud, region: region, driver: driver, opts: opts,
		dispatch: dispatch.New(cloud, region, driver, dispatch.Options{
			BatchWindow: opts.BatchWindow, RequestsPerSecond: opts.RequestsPerSecond, Logger: opts.Logger,
		}),
		history: newHistory(),
	}
}

// Driver returns the driver that the Client works through.
func (c *Client) Driver() backend.Driver { return c.driver }

// Cloud returns the name of the cloud.
func (c *Client) Cloud() string { return c.cloud }

// Region returns the region; it is empty for a cloud without regions.
func (c *Client) Region() string { return c.region }
