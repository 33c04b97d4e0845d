package powerstate

import (
	"context"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// ReachOptions are for one call of Reach. The zero value works.
type ReachOptions struct {
	// AwaitAppearance searches for a missing instance for a short while, since
	// listings lag behind a creation; not for one that this process has just
	// observed to be absent.
	AwaitAppearance bool
	// NoWait ends the operation when the cloud has accepted the call: the target
	// was not observed then.
	NoWait bool
	// Durations are how long former transitions of these instances lasted, where
	// that is known.
	Durations Durations
	// Withdrawn, when set, is asked once the operation has the instance to itself,
	// before it observes or calls anything: where it returns true, the operation ends
	// with that cause.
	Withdrawn func(id string) bool
	// Transitions, when set, limits how many instances are in a transition at a time.
	Transitions *Transitions
	// Finished, when set, is called with each result of ReachAll as it comes, from
	// many goroutines.
	Finished func(id string, result Result)
}

// Reached is an instance before and after an operation.
type Reached struct {
	// Before is the first observation, After the one that ended the operation.
	Before, After backend.Instance
	// Durations are about how long the transitions of the operation lasted, each
	// from the cloud's acceptance; none where nothing was waited for.
	Durations Durations
}

// Observe reads one instance now. One that does not exist comes back with the
// state Absent and no error; one of which the cloud does not tell whether it
// exists is an error. Reads that are throttled, or that do not get through, are
// repeated until ctx ends.
func (c *Client) Observe(ctx context.Context, id string) (backend.Instance, error) {
	defer c.dispatch.Begin(id)()
	o := c.operation(id, Target{}, dispatch.Single)
	if err := o.read(ctx); err != nil {
		return backend.Instance{}, err
	}
	return *o.last.Instance, nil
}

// read is one observation that nothing depends on but its caller.
func (o *operation) read(ctx context.Context) error {
	_, err := o.observe(ctx)
	return err
}

// Reach brings an instance to the target. No error means that the target was
// observed, by a read that was requested after the last call was answered. ctx is the
// only clock. Any error is an *Error, whose Last is the last observation. Operations
// on one instance run one after the other.
func (c *Client) Reach(ctx context.Context, id string, target Target, opts ReachOptions) (Reached, error) {
	defer c.dispatch.Begin(id)()
	o := c.operation(id, target, dispatch.Single)
	o.opts = opts
	if err := o.reach(ctx); err != nil {
		return Reached{}, err
	}
	var result Reached
	o.reached(&result)
	return result, nil
}

// reached fills in what an operation that succeeded came to.
func (o *operation) reached(result *Reached) {
	result.Before, result.After, result.Durations = *o.before, *o.last.Instance, o.durations
}
