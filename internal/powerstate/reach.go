package powerstate

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// ReachOptions are for one call of Reach. The zero value works.
type ReachOptions struct {
	// AwaitAppearance looks for a missing instance again for a short while,
	// since listings lag behind a creation.
	AwaitAppearance bool
	// NoWait ends the attempt when the cloud has accepted the call: the state
	// that the call leads to was not read then.
	NoWait bool
	// Taken is how long former transitions of these instances took, where that
	// is known.
	Taken Taken
	// Finished, when set, is told of each result of ReachAll as it comes, from
	// many goroutines.
	Finished func(id string, result Result)
}

// Observe reads one instance now. One that does not exist comes back with the
// state Absent and no error; one of which the cloud does not say whether it
// exists is an error. Reads that are throttled, or that do not get through, are
// repeated until ctx ends.
func (c *Client) Observe(ctx context.Context, id string) (backend.Instance, error) {
	defer c.dispatch.Begin(id)()
	a := c.attempt(id, Target{}, dispatch.Single)
	if err := a.look(ctx); err != nil {
		return backend.Instance{}, err
	}
	return *a.last, nil
}

// Reached is an instance before and after an attempt.
type Reached struct {
	// Before is what the first look saw, After the reading that ended the
	// attempt.
	Before, After backend.Instance
	// Took is about how long the transitions of the attempt took, each from the
	// cloud's acceptance; none where nothing was waited for.
	Took Taken
}

// Reach brings an instance to the target. No error means that the target was
// read from the cloud, after the last call that was made. ctx is the only
// clock. Any error is an *Error, whose Last is what was read last.
func (c *Client) Reach(ctx context.Context, id string, target Target, opts ReachOptions) (Reached, error) {
	defer c.dispatch.Begin(id)()
	a := c.attempt(id, target, dispatch.Single)
	err := a.reach(ctx, opts)
	if err != nil {
		return Reached{}, err
	}
	return a.reached(), nil
}

// reached is what an attempt that succeeded came to.
func (a *attempt) reached() Reached { return Reached{Before: a.before, After: *a.last, Took: a.took} }

// attempt is the work on one instance. It belongs to one goroutine.
type attempt struct {
	c      *Client
	by     dispatch.Caller
	id     string
	target Target
	began  time.Time
	op     backend.Op // what is being done now

	before    backend.Instance  // as first seen
	last      *backend.Instance // as last seen
	lastSince time.Time         // since when it looks like that
	due       time.Time         // when the last look through the watcher was due; it may have come earlier
	misread   *backend.Fault    // what the last look was refused with, until one succeeds
	refusal   *backend.Fault    // the same of a write, until one is accepted or needless
	moved     bool              // a transition was seen, or may have been begun
	asked     bool              // a stop in the wanted mode went out, and was not refused
	strayed   time.Time         // since when it is stopped in another mode
	split     dispatch.Split    // the split key after a refused batch
	retry     retry             // between calls that were refused or lost
	puzzles   int               // how often a call was refused without a reason
	patient   bool              // absence is not looked into yet
	noWait    bool              // an accepted call is the end
	rebooting bool              // the target is a reboot
	accepted  bool              // with noWait, or of a reboot: it is done
	former    Taken             // how long transitions took before this attempt
	took      Taken             // how long they took in it
}

func (c *Client) attempt(id string, target Target, by dispatch.Caller) *attempt {
	return &attempt{c: c, by: by, id: id, target: target, began: time.Now()}
}

// reach is the one loop: observe, decide, act, wait.
func (a *attempt) reach(ctx context.Context, opts ReachOptions) error {
	a.patient, a.noWait, a.former = opts.AwaitAppearance, opts.NoWait, opts.Taken
	if err := a.look(ctx); err != nil {
		return err
	}
	if err := a.appear(ctx); err != nil {
		return err
	}
	a.before = *a.last
	for {
		decision := a.decide()
		a.logDecision(ctx, decision)
		if a.inOtherMode(decision) {
			if time.Since(a.strayed) < a.c.opts.ModeGrace {
				decision = Decision{Step: Wait}
			} else if a.asked {
				return a.fail(ModeIgnored, NoReason, nil)
			}
		}
		var err error
		switch decision.Step {
		case Done:
			return nil
		case Refuse:
			return a.refuse(decision.Reason)
		case Act, Restart:
			err = a.act(ctx, decision.Op)
		case Wait:
			if inTransition(a.last.State) {
				a.refusal = nil // Whoever began it, there is nothing to be asked again now.
			}
			err = a.waitOut(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// decide is Decide for what this attempt is about.
func (a *attempt) decide() Decision {
	switch {
	case a.accepted:
		return Decision{Step: Done}
	case a.rebooting:
		return decideReboot(*a.last)
	}
	return Decide(*a.last, a.target)
}

// appear gives an instance that is missing at the start some time to be
// listed, and only then asks whether it is really absent.
func (a *attempt) appear(ctx context.Context) error {
	if !a.patient {
		return nil
	}
	return a.appearWithin(ctx, a.c.opts.AppearGrace)
}

func (a *attempt) appearWithin(ctx context.Context, grace time.Duration) error {
	for a.last.State == backend.Absent && time.Since(a.began) < grace {
		if err := a.next(ctx, a.after(a.began, blind)); err != nil {
			return err
		}
	}
	a.patient = false
	if a.last.State != backend.Absent {
		return nil
	}
	return a.confirmAbsent(ctx)
}

// refuse is the error of a target that cannot be reached, which is another one
// when the instance was there in the beginning.
func (a *attempt) refuse(reason Reason) error {
	switch {
	case reason == IsAbsent && a.before.State != backend.Absent:
		return a.fail(Vanished, NoReason, nil)
	case reason == IsUnavailable && a.before.State != backend.Unavailable:
		return a.fail(BecameUnavailable, NoReason, nil)
	}
	return a.fail(Refused, reason, nil)
}

// inOtherMode reports whether the decision is about the mode of a stopped
// instance that was seen on its way there in this attempt, so that the mode may
// still change by itself.
func (a *attempt) inOtherMode(decision Decision) bool {
	isMode := decision.Step == Restart || decision.Reason == ModeNeedsRestart || decision.Reason == ModeUnsupported
	return isMode && a.last.State == backend.Stopped && a.moved
}

// waitOut looks once more at an instance that is left alone for now, and
// escalates a graceful stop, whoever began it, when its time is up.
func (a *attempt) waitOut(ctx context.Context) error {
	since := a.lastSince
	due := a.after(since, blind)
	hangs := a.last.State == backend.Stopping && a.target.State == backend.Stopped && a.target.ForceStopAfter > 0
	if !hangs {
		return a.next(ctx, due)
	}
	if escalate := since.Add(a.target.ForceStopAfter); time.Now().Before(escalate) {
		return a.next(ctx, earlier(due, escalate))
	}
	a.op = backend.OpStop
	return a.await(ctx, &wait{op: backend.OpStop, since: since, escalateAt: time.Now()})
}

// mostPuzzles is how often the same call is refused without a reason until that
// is taken for an answer. With the pauses between them it is about a quarter of a
// minute, in which what was only busy has mostly passed.
const mostPuzzles = 5

// act sends one call and, when the cloud accepted it, waits for its end. It
// returns nil when the outcome is to be decided anew from a.last.
func (a *attempt) act(ctx context.Context, op backend.Op) error {
	a.op = op
	if a.retry.due() {
		if err := a.retry.pause(ctx); err != nil {
			return a.ended(ctx, err)
		}
		if err := a.look(ctx); err != nil {
			return err
		}
		if again := a.decide(); again.Step != Act && again.Step != Restart || again.Op != op {
			return nil
		}
	}
	opts := a.target.optionsFor(op)
	before := a.last.State
	got, err := a.call(ctx, op, opts)
	if err != nil {
		return a.undelivered(ctx, err)
	}
	if got.Err == nil {
		a.retry.reset()
		a.refusal = nil
		a.moved, a.asked = true, a.asked || op == backend.OpStop
		return a.follow(ctx, a.newWait(op, got.RequestID, opts.Force))
	}
	if err := a.refused(ctx, got); err != nil {
		return err
	}
	fault := *a.refusal
	lost := fault.Kind == backend.KindUnavailable
	a.asked = a.asked || lost && op == backend.OpStop
	if err := a.look(ctx); err != nil {
		return err
	}
	if fault.Unexplained {
		a.puzzles++
		if again := a.decide(); a.puzzles >= mostPuzzles && again.Op == op {
			return a.fault(got.Err, fault)
		}
	}
	if lost && (op == backend.OpReboot || a.last.State != before) {
		// The call took effect although its answer was lost; of a reboot that
		// cannot be told from one look, and it must not be done twice.
		a.moved = true
		if op != backend.OpReboot {
			a.refusal = nil
		}
		w := a.newWait(op, "", opts.Force)
		w.lost = true
		return a.follow(ctx, w)
	}
	return nil
}

// follow waits for the end of a call that took effect, unless its acceptance is
// all that is wanted. A start that is only the first half of a restart is always
// waited for, and so is what may not have been accepted.
func (a *attempt) follow(ctx context.Context, w *wait) error {
	last := w.op == backend.OpReboot || w.op == backend.OpStart == (a.target.State == backend.Running)
	if a.noWait && last && !w.lost {
		a.accepted = true
		return nil
	}
	if err := a.await(ctx, w); err != nil {
		return err
	}
	// What was rebooted looks as it did before: only this tells that it is done.
	a.accepted = w.op == backend.OpReboot
	return nil
}

func (a *attempt) newWait(op backend.Op, requestID string, force backend.Force) *wait {
	w := &wait{op: op, requestID: requestID, since: time.Now(), forced: force == backend.Forced, mode: a.target.Mode}
	if op == backend.OpStop && force == backend.EscalateLater {
		w.escalateAt = w.since.Add(a.target.ForceStopAfter)
	}
	return w
}

// refused judges an error of a call: nil means that a look and a new decision
// can help.
func (a *attempt) refused(ctx context.Context, got dispatch.Reply) error {
	if ctx.Err() != nil {
		return a.ended(ctx, context.Cause(ctx))
	}
	fault := *got.Fault
	a.refusal = &fault
	if !got.Split.IsZero() {
		a.split = got.Split
		if got.Pause > 0 {
			a.retry.wait(got.Pause)
		}
		return nil
	}
	switch fault.Kind {
	case backend.KindThrottled:
		// The bucket holds everybody back; there is nothing more to wait for.
		return nil
	case backend.KindBusy:
		a.retry.arm()
		return nil
	case backend.KindUnavailable:
		a.retry.lost(got.Pause)
		return nil
	case backend.KindNotFound, backend.KindDenied, backend.KindInvalid, backend.KindOther:
	}
	return a.fault(got.Err, fault)
}

// call makes one joined call.
func (a *attempt) call(ctx context.Context, op backend.Op, opts backend.StopOptions) (dispatch.Reply, error) {
	a.logCall(ctx, op, opts)
	split := a.split
	a.split = dispatch.Split{}
	return a.c.dispatch.Send(ctx, a.id, dispatch.Call{Op: op, Options: opts}, a.by, split)
}

// fail makes the error of this attempt. Its fault is the cloud's last refusal, if
// that was not overcome.
func (a *attempt) fail(cause Cause, reason Reason, err error) *Error {
	e := &Error{
		Cause: cause, Reason: reason, Op: a.op, Cloud: a.c.cloud, Region: a.c.region, InstanceID: a.id,
		Target: a.target, Fault: a.misread, Last: a.last, Elapsed: time.Since(a.began), Err: err,
	}
	if e.Fault == nil {
		e.Fault = a.refusal
	}
	if a.last != nil {
		e.LastFor = time.Since(a.lastSince)
	}
	return e
}

func (a *attempt) fault(err error, fault backend.Fault) *Error {
	e := a.fail(CloudFault, NoReason, err)
	e.Fault = &fault
	return e
}

// ended turns the end of the context, or of a joined call, into the error of
// this attempt. The context itself says which: its cause may be any error.
func (a *attempt) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return a.fail(endOf(ctx.Err()), NoReason, err)
	}
	return a.fail(CloudFault, NoReason, err)
}
