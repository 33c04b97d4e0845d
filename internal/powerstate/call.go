package powerstate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// reading is what one describe said about one instance.
type reading struct {
	// in is shared by all who asked for it, and never changed; its State is
	// Absent when the describe did not list it.
	in  *backend.Instance
	err error
	// part is the join key for asking again, set when the cloud refused a
	// whole batch for what may be the fault of one member.
	part string
}

// actKey is everything that must be equal for two calls to be joined.
type actKey struct {
	op   backend.Op
	opts backend.StopOptions
	part string
}

// answer is what one call said about one instance.
type answer struct {
	backend.Outcome
	part string
}

// callLimit is when a joined call is given up as lost: those who wait for it
// may have far more time left, and a connection that died silently none.
const callLimit = time.Minute

// ask makes one call: in its turn, with a time limit of its own, and with its
// outcome noted. call returns the error that stands for the whole of it. An error
// of ask is that the turn never came.
func (c *Client) ask(ctx context.Context, b *bucket, operation string, ids []string, call func(ctx context.Context) error) error {
	leave, err := b.enter(ctx)
	if err != nil {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err = call(callCtx)
	leave()
	c.settle(ctx, b, operation, ids, err)
	return nil
}

// describe is the joined read.
func (c *Client) describe(ctx context.Context, _ string, ids []string) []reading {
	ids, back := unique(ids)
	var found []backend.Instance
	var err error
	if ended := c.ask(ctx, c.reads, "describe", ids, func(ctx context.Context) error {
		found, err = c.driver.Describe(ctx, ids)
		return err
	}); ended != nil {
		return spread(back, repeat(reading{err: ended}, len(ids)))
	}
	if err != nil {
		return spread(back, c.splitRead(ids, err))
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
		readings[i] = reading{in: in}
	}
	return spread(back, readings)
}

func (c *Client) splitRead(ids []string, err error) []reading {
	readings := repeat(reading{err: err}, len(ids))
	for i, part := range c.split(ids, err) {
		readings[i].part = part
	}
	return readings
}

// write is the joined start, stop or reboot.
func (c *Client) write(ctx context.Context, key actKey, ids []string) []answer {
	ids, back := unique(ids)
	answers := make([]answer, len(ids))
	if ended := c.ask(ctx, c.writes[key.op], key.op.String(), ids, func(ctx context.Context) error {
		outcomes := c.operate(ctx, key, ids)
		for i, id := range ids {
			if i < len(outcomes) {
				answers[i].Outcome = outcomes[i]
				continue
			}
			answers[i].Err = fmt.Errorf("%s: the driver gave no outcome for %s", key.op, id)
		}
		return c.gist(answers)
	}); ended != nil {
		return spread(back, repeat(answer{Outcome: backend.Outcome{Err: ended}}, len(ids)))
	}
	for i, part := range c.split(ids, answers[0].Err) {
		answers[i].part = part
	}
	return spread(back, answers)
}

// operate passes a call on to the driver.
func (c *Client) operate(ctx context.Context, key actKey, ids []string) []backend.Outcome {
	switch key.op {
	case backend.OpStart:
		return c.driver.Start(ctx, ids)
	case backend.OpStop:
		return c.driver.Stop(ctx, ids, key.opts)
	case backend.OpReboot:
		return c.driver.Reboot(ctx, ids, key.opts)
	}
	return nil
}

// gist is the error that stands for a whole call: the first throttle, since
// that concerns the calls to come, or what the first id got.
func (c *Client) gist(answers []answer) error {
	for _, a := range answers {
		if a.Err != nil && c.driver.Fault(a.Err).Kind == backend.KindThrottled {
			return a.Err
		}
	}
	return answers[0].Err
}

// settle tells the bucket how a call went, and logs the call.
func (c *Client) settle(ctx context.Context, b *bucket, operation string, ids []string, err error) {
	fields := map[string]any{"cloud": c.cloud, "region": c.region, "operation": operation, "instances": len(ids)}
	if len(ids) == 1 {
		fields["instance_id"] = ids[0]
	}
	if err == nil {
		b.passed()
		tflog.Debug(ctx, "Called the cloud", fields)
		return
	}
	fault := c.driver.Fault(err)
	if fault.Kind == backend.KindThrottled {
		b.throttled(fault.RetryAfter)
	}
	fields["kind"], fields["code"], fields["request_id"] = fault.Kind.String(), fault.Code, fault.RequestID
	tflog.Debug(ctx, "The cloud answered with an error", fields)
}

// singles is how many ids of a refused batch are asked one by one rather than
// in halves again.
const singles = 3

// split says how the ids of a refused batch are to be asked again: the ids
// that the cloud named each alone and the others together, else in halves. It
// returns no parts when err is no such refusal; a throttle or a lost answer is
// no member's fault.
func (c *Client) split(ids []string, err error) []string {
	if err == nil || len(ids) < 2 {
		return nil
	}
	fault := c.driver.Fault(err)
	if !fault.Shared || fault.Kind == backend.KindThrottled || fault.Kind == backend.KindUnavailable {
		return nil
	}
	c.log.Info("The cloud refused a joined call; it is split", "instances", len(ids), "code", fault.Code, "named", len(fault.IDs))
	batch := c.parts.Add(1)
	result := make([]string, len(ids))
	// Only ids of this call count: a hint that singles out nobody, or everybody,
	// would have the same batch asked again.
	blamed := 0
	for _, id := range ids {
		if slices.Contains(fault.IDs, id) {
			blamed++
		}
	}
	named := blamed > 0 && blamed < len(ids)
	for i, id := range ids {
		part := "rest"
		switch {
		case named && slices.Contains(fault.IDs, id), !named && len(ids) <= singles:
			part = id
		case !named:
			part = fmt.Sprint(2 * i / len(ids))
		}
		result[i] = fmt.Sprintf("%d/%s", batch, part)
	}
	return result
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
