package powerstate

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// operation is the work on one instance until its target or an error. It belongs to
// one goroutine.
type operation struct {
	c       *Client
	by      dispatch.Caller
	id      string
	target  Target
	began   time.Time
	opts    ReachOptions
	queued  bool       // there was another operation on the instance
	fresh   bool       // the first observation is to be its own
	held    bool       // it waits until fewer instances are in a transition
	counted bool       // it counts as in a transition
	op      backend.Op // the call that was made last, or is being made
	forced  bool       // it cuts the power

	wait   wait
	before *backend.Instance    // as first observed; nil while it was not
	last   dispatch.Observation // its Instance is nil while there is none
	lastAt time.Time            // when the last observation was answered
	since  time.Time            // since when the instance is so
	due    time.Time            // when the last poll was due; it may have come earlier

	split     dispatch.Split // the split key after a refused batch
	retry     retry
	readFault *backend.Fault // of the read that ended the operation
	callFault *backend.Fault // the same of a call, until one is accepted or needless
	callErr   error          // the vendor's error beside it
	inFlight  bool           // the operation ended before the answer to its call
	durations Durations      // how long the transitions lasted
	others    expectation    // by those of others that had ended before our last call
}

// operation begins the work on an instance. It is kept out of its callers, as are the other
// functions that say so: ten thousand of these wait at a time, and what is on their stacks
// then is most of what a fleet costs in memory. Four KiB are enough for all of it.
//
//go:noinline
func (c *Client) operation(id string, target Target, by dispatch.Caller) *operation {
	return &operation{c: c, by: by, id: id, target: target, began: time.Now()}
}

// reach is the one loop: observe, judge, wait or call. The operations on one instance
// run one after the other.
func (o *operation) reach(ctx context.Context) error {
	release, waited, err := o.c.queue.acquire(ctx, o.id)
	o.queued, o.fresh = waited, o.fresh || waited
	if err != nil {
		return o.ended(ctx, err)
	}
	defer release()
	defer o.leave()
	if o.opts.Withdrawn != nil && o.opts.Withdrawn(o.id) {
		return o.fail(Withdrawn, NoReason, nil)
	}
	// One that was canceled may have left its call behind.
	if waited, err = o.c.dispatch.WaitForWrites(ctx, o.id); err != nil {
		o.queued = true
		return o.ended(ctx, err)
	}
	o.fresh = o.fresh || waited
	o.prepare()
	v, err := o.first(ctx)
	for err == nil {
		o.logVerdict(ctx, v)
		switch v.outcome {
		case reached:
			return nil
		case failed:
			return o.verdictError(v)
		case calling:
			v, err = o.call(ctx, v)
		case waiting:
			o.counts()
			enough := v.enough
			if v, err = o.observeBy(ctx, v); err != nil && enough {
				return nil
			}
		}
	}
	return err
}

// prepare makes the wait ready for the first observation.
//
//go:noinline
func (o *operation) prepare() {
	o.wait.target, o.wait.modeGrace = o.target, o.c.opts.ModeGrace
	if o.opts.AwaitAppearance && !o.c.cache.absent(o.id) {
		o.wait.searchUntil = o.began.Add(o.c.opts.AppearGrace)
	}
}

// first judges the first observation. One of this process that is younger than a
// second serves the decision to act, unless there was another operation.
func (o *operation) first(ctx context.Context) (verdict, error) {
	if v, ok := o.fromCache(ctx); ok {
		return v, nil
	}
	return o.observe(ctx)
}

//go:noinline
func (o *operation) fromCache(ctx context.Context) (verdict, bool) {
	cached, ok := o.c.cache.get(o.id, cachedForAct)
	if !ok || o.fresh {
		return verdict{}, false
	}
	w := o.wait
	v := judge(&w, cached)
	if v.outcome != calling || v.restart {
		return verdict{}, false
	}
	o.take(ctx, cached)
	o.wait, o.lastAt = w, cached.Requested
	return v, true
}

// observe reads the instance now, batched with other reads, and judges it.
func (o *operation) observe(ctx context.Context) (verdict, error) {
	got, err := o.c.dispatch.Observe(ctx, o.id, o.by)
	return o.judge(ctx, got, err)
}

// observeBy reads the instance when v asks for it, or at the regular interval of a
// wait, through the poller, and judges it.
func (o *operation) observeBy(ctx context.Context, v verdict) (verdict, error) {
	if v.held && !inTransition(o.last.Instance.State) {
		if err := dispatch.Sleep(ctx, time.Until(v.by)); err != nil {
			return verdict{}, o.ended(ctx, err)
		}
		return o.observe(ctx)
	}
	due := o.nextDue()
	if !v.by.IsZero() {
		due = earlier(due, v.by)
	}
	o.due = due
	got, err := o.c.dispatch.Poll(ctx, o.id, due, o.by)
	return o.judge(ctx, got, err)
}

// nextDue is when the next poll is due at the regular interval. It counts from when
// the last one was due: one that came earlier, to share a call, must not bring those
// after it forward too, or waits among others would take more reads than one alone.
func (o *operation) nextDue() time.Time {
	since, interval := o.since, blind
	if o.wait.owner == ours {
		since = o.wait.call.answered
		interval = func(age time.Duration) time.Duration { return o.expect(age).interval(age) }
	}
	if o.last.Instance.State == backend.Absent {
		since = o.began
	}
	from := later(time.Now(), o.due)
	return from.Add(interval(from.Sub(since)))
}

// expect is when the end of the transition of our call is likely, in a wait that is age
// old. How long the same transition of the same instance lasted before is the best guess.
func (o *operation) expect(age time.Duration) expectation {
	former := o.opts.Durations[kindOf(o.wait.call.op, o.wait.call.forced)]
	return expect(former).at(age, o.others)
}

// judge takes in an observation, or the error in its place, and returns what it means.
// Absence is confirmed where the cloud answers a missing permission like this too.
func (o *operation) judge(ctx context.Context, got dispatch.Observation, err error) (verdict, error) {
	if err != nil {
		return verdict{}, o.unanswered(ctx, err, &o.readFault)
	}
	if got.Instance.State == backend.Absent && !o.searching(got) {
		if err := o.c.dispatch.CheckAbsent(ctx, o.id); err != nil {
			return verdict{}, o.unanswered(ctx, err, &o.readFault)
		}
	}
	waitedForOurs, polled := o.wait.owner == ours, o.last.Requested
	o.take(ctx, got)
	v := judge(&o.wait, got)
	if waitedForOurs && (o.wait.owner == none || v.outcome == reached) {
		o.remember(polled)
	}
	return v, nil
}

// take makes an observation the last one.
func (o *operation) take(ctx context.Context, got dispatch.Observation) {
	in, last := got.Instance, o.last.Instance
	if last == nil || last.State != in.State || last.Raw != in.Raw {
		if inTransition(in.State) && !o.wait.notFound {
			o.callFault, o.callErr = nil, nil // The call is needless for now.
		}
		o.since = time.Now()
		o.logState(ctx, in)
	}
	o.last, o.lastAt = got, time.Now()
	if in.State == backend.Absent && o.searching(got) {
		return // It tells nothing yet.
	}
	if o.before == nil {
		o.before = in
	}
	o.c.cache.put(got)
	o.c.found.put(in)
}

// searching reports whether an instance that was observed absent is still searched
// for.
func (o *operation) searching(got dispatch.Observation) bool {
	return !o.wait.found && got.Requested.Before(o.wait.searchUntil)
}

// remember keeps how long the transition of our call lasted: it ended at some time
// between the last two observations, and not before it was likely to, so that the wait
// had not begun to read.
func (o *operation) remember(polled time.Time) {
	of := &o.wait.call
	if of.op != backend.OpReboot && o.last.Instance.State != transitions[of.op].to {
		return
	}
	kind := kindOf(of.op, of.forced)
	most := max(0, o.last.Requested.Sub(of.answered))
	least := max(polled.Sub(of.answered), o.expect(0).from)
	durations := []time.Duration{min(least, most), most}
	o.c.history.add(kind, durations...)
	if o.durations == nil {
		o.durations = make(Durations)
	}
	o.durations[kind] = durations
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
