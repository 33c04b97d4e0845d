package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// reading is what one describe said about one instance.
type reading struct {
	// in is shared by all who asked for it, and never changed; its State is
	// Absent when the describe did not list it.
	in  *backend.Instance
	at  time.Time // when it was asked for, of an instance that was read
	err error
	// part is the join key for asking again, set when the cloud refused a
	// whole batch for what may be the fault of one member.
	part part
	// pause is how long to wait before asking again, set when the answer was
	// lost: one for all members of the call, so that they come back together.
	pause time.Duration
}

// actKey is everything that must be equal for two calls to be joined.
type actKey struct {
	op   backend.Op
	opts backend.StopOptions
	dry  bool // a dry run
	part part
}

func (k actKey) String() string {
	if k.dry {
		return "dry run " + k.op.String()
	}
	return k.op.String()
}

// answer is what one call said about one instance.
type answer struct {
	backend.Outcome
	part  part          // as in a reading
	pause time.Duration // as in a reading
}

// callLimit is when a joined call is given up as lost: those who wait for it
// may have far more time left, and a connection that died silently none.
const callLimit = time.Minute

// ask makes one call: in its turn, with a time limit of its own, and with its
// outcome noted. call returns the error that stands for the whole of it. pause is
// how long to wait before asking again when the answer was lost. An error of ask
// is that the turn never came.
func (d *Dispatcher) ask(ctx context.Context, b *bucket, operation string, ids []string, call func(ctx context.Context) error) (pause time.Duration, err error) {
	turn, err := b.enter(ctx)
	if err != nil {
		return 0, err
	}
	return d.askIn(ctx, turn, operation, ids, call), nil
}

// askIn is ask when the turn has come.
func (d *Dispatcher) askIn(ctx context.Context, in *turn, operation string, ids []string, call func(ctx context.Context) error) (pause time.Duration) {
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err := call(callCtx)
	in.leave()
	return d.settle(ctx, in.of, operation, ids, err)
}

// inTurn waits for the turn of a joined call and then seals its batch, so that
// nobody is in the call who left while it waited. It returns no ids when there
// is nobody left to ask for.
func (d *Dispatcher) inTurn(ctx context.Context, b *bucket, seal func() []string) (*turn, []string) {
	turn, err := b.enter(ctx)
	if err != nil {
		return nil, nil // All have left: nothing else ends this context.
	}
	ids := seal()
	if len(ids) == 0 {
		turn.giveBack()
	}
	return turn, ids
}

// read is the joined describe.
func (d *Dispatcher) read(ctx context.Context, from part, seal func() []string) []reading {
	turn, members := d.inTurn(ctx, d.reads, seal)
	if len(members) == 0 {
		return nil
	}
	ids, back := unique(members)
	if err := from.final(); err != nil {
		turn.giveBack()
		return spread(back, repeat(reading{err: err}, len(ids)))
	}
	return spread(back, d.describe(ctx, turn, from, ids))
}

// readPage is a describe of the watcher, when its turn has come.
func (d *Dispatcher) readPage(ctx context.Context, turn *turn, ids []string) []reading {
	ids, back := unique(ids)
	return spread(back, d.describe(ctx, turn, part{}, ids))
}

// refusedRead gives each id the same reading, and its part where there are any.
func refusedRead(ids []string, same reading, parts []part) []reading {
	readings := repeat(same, len(ids))
	for i, part := range parts {
		readings[i].part = part
	}
	return readings
}

// describe makes the call of a read.
func (d *Dispatcher) describe(ctx context.Context, in *turn, from part, ids []string) []reading {
	var found []backend.Instance
	var err error
	at := time.Now()
	pause := d.askIn(ctx, in, "describe", ids, func(ctx context.Context) error {
		found, err = d.driver.Describe(ctx, ids)
		return err
	})
	d.note(from, repeat(err, len(ids)))
	if err != nil {
		return refusedRead(ids, reading{err: err, pause: pause}, d.split(from, ids, err))
	}
	byID := make(map[string]*backend.Instance, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	readings := make([]reading, len(ids))
	for i, id := range ids {
		in, ok := byID[id]
		if !ok {
			in = &backend.Instance{ID: id, State: backend.Absent}
		}
		readings[i] = reading{in: in, at: at}
	}
	return readings
}

// write is the joined start, stop or reboot.
func (d *Dispatcher) write(ctx context.Context, key actKey, seal func() []string) []answer {
	turn, members := d.inTurn(ctx, d.writes[key.op], seal)
	if len(members) == 0 {
		return nil
	}
	ids, back := unique(members)
	if err := key.part.final(); err != nil {
		turn.giveBack()
		return spread(back, repeat(answer{Outcome: backend.Outcome{Err: err}}, len(ids)))
	}
	return spread(back, d.send(ctx, turn, key, ids))
}

// send makes the call of a write.
func (d *Dispatcher) send(ctx context.Context, in *turn, key actKey, ids []string) []answer {
	answers := make([]answer, len(ids))
	pause := d.askIn(ctx, in, key.String(), ids, func(ctx context.Context) error {
		outcomes := d.operate(ctx, key, ids)
		for i, id := range ids {
			if i < len(outcomes) {
				answers[i].Outcome = outcomes[i]
				continue
			}
			answers[i].Err = fmt.Errorf("%s: the driver gave no outcome for %s", key, id)
		}
		return d.gist(answers)
	})
	errs := make([]error, len(ids))
	for i := range answers {
		answers[i].pause, errs[i] = pause, answers[i].Err
	}
	if id := answers[0].RequestID; id != "" {
		tflog.Debug(ctx, "The cloud gave the call an id", map[string]any{"cloud": d.cloud, "region": d.region, "operation": key.String(), "request_id": id})
	}
	d.note(key.part, errs)
	for i, part := range d.split(key.part, ids, errs[0]) {
		answers[i].part = part
	}
	return answers
}

// operate passes a call on to the driver.
func (d *Dispatcher) operate(ctx context.Context, key actKey, ids []string) []backend.Outcome {
	if key.dry {
		return d.dryRun(ctx, key, ids)
	}
	switch key.op {
	case backend.OpStart:
		return d.driver.Start(ctx, ids)
	case backend.OpStop:
		return d.driver.Stop(ctx, ids, key.opts)
	case backend.OpReboot:
		return d.driver.Reboot(ctx, ids, key.opts)
	}
	return nil
}

// gist is the error that stands for a whole call: the first throttle, since
// that concerns the calls to come, else the first lost answer, whose pause all
// share who lost theirs, or what the first id got.
func (d *Dispatcher) gist(answers []answer) error {
	for _, kind := range []backend.Kind{backend.KindThrottled, backend.KindUnavailable} {
		for _, a := range answers {
			if a.Err != nil && d.driver.Fault(a.Err).Kind == kind {
				return a.Err
			}
		}
	}
	return answers[0].Err
}

// settle tells the bucket how a call went, and logs the call. It returns for how
// long to stay away when the answer was lost.
func (d *Dispatcher) settle(ctx context.Context, b *bucket, operation string, ids []string, err error) (pause time.Duration) {
	fields := map[string]any{"cloud": d.cloud, "region": d.region, "operation": operation, "instances": len(ids)}
	if len(ids) == 1 {
		fields["instance_id"] = ids[0]
	}
	if err == nil {
		b.passed()
		tflog.Debug(ctx, "Called the cloud", fields)
		return 0
	}
	fault := d.driver.Fault(err)
	switch fault.Kind {
	case backend.KindThrottled:
		b.throttled(fault.RetryAfter)
	case backend.KindUnavailable:
		if ctx.Err() == nil { // Else nobody was left who waited for it.
			pause = b.lost()
		}
	case backend.KindOther, backend.KindNotFound, backend.KindBusy, backend.KindDenied, backend.KindInvalid:
	}
	fields["kind"], fields["code"], fields["request_id"] = fault.Kind.String(), fault.Code, fault.RequestID
	tflog.Debug(ctx, "The cloud answered with an error", fields)
	return pause
}

// unique drops ids that two callers joined with; back holds, for each of the
// original ids, its place in the result.
func unique(ids []string) (result []string, back []int) {
	place := make(map[string]int, len(ids))
	back = make([]int, len(ids))
	for i, id := range ids {
		at, ok := place[id]
		if !ok {
			at = len(result)
			place[id] = at
			result = append(result, id)
		}
		back[i] = at
	}
	return result, back
}

// spread gives each of the original ids the answer of its place.
func spread[T any](back []int, answers []T) []T {
	result := make([]T, len(back))
	for i, at := range back {
		result[i] = answers[at]
	}
	return result
}

func repeat[T any](value T, n int) []T {
	result := make([]T, n)
	for i := range result {
		result[i] = value
	}
	return result
}
