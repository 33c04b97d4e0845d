package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// progressEvery is how often a waiting action says how far it is.
const progressEvery = 10 * time.Second

// slowest is how many of the instances that are still awaited a message names.
const slowest = 3

// progress counts the results of an action, or of a fleet, as they come.
type progress struct {
	op    backend.Op // what an action does; a fleet has no one operation
	word  string     // what becomes of an instance
	wait  bool
	began time.Time

	mu      sync.Mutex
	waiting map[string]bool
	done    int
	so      int // without wait: those that got no call, since they were so already
	failed  int
}

func newProgress(op backend.Op, word string, ids []string, wait bool) *progress {
	t := &progress{op: op, word: word, wait: wait, began: time.Now(), waiting: make(map[string]bool, len(ids))}
	for _, id := range ids {
		t.waiting[id] = true
	}
	return t
}

func (t *progress) finished(id string, r powerstate.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, id)
	switch {
	case r.Err != nil:
		t.failed++
	case !t.wait && t.uncalled(r):
		t.so++
	default:
		t.done++
	}
}

// uncalled reports whether an instance came to be so without a call: it is in
// the state that a call leads to, which is not read after one that is not waited
// for, and it was not seen in the state that the call is for.
func (t *progress) uncalled(r powerstate.Result) bool {
	switch t.op {
	case backend.OpStart:
		return r.After.State == backend.Running && r.Before.State != backend.Stopped
	case backend.OpStop:
		return r.After.State == backend.Stopped && r.Before.State != backend.Running
	case backend.OpReboot: // It is never so already.
	}
	return false
}

// sentence reports how many instances are done, how many are left, and which are slow.
func (t *progress) sentence() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.done + t.so + t.failed + len(t.waiting)
	text := fmt.Sprintf("%d of %s %s after %s", t.done, instances(total), t.participle(), round(time.Since(t.began)))
	if t.so > 0 {
		text += fmt.Sprintf(", %d %s already", t.so, t.word)
	}
	if t.failed > 0 {
		text += fmt.Sprintf(", %d failed", t.failed)
	}
	if len(t.waiting) > 0 {
		left := make([]string, 0, len(t.waiting))
		for id := range t.waiting {
			left = append(left, id)
		}
		slices.Sort(left)
		text += fmt.Sprintf("; waiting for %d: %s", len(left), strings.Join(left[:min(slowest, len(left))], ", "))
		if len(left) > slowest {
			text += fmt.Sprintf(" and %d more", len(left)-slowest)
		}
	}
	return text + "."
}

// participle names what became of those that are counted as done.
func (t *progress) participle() string {
	if !t.wait {
		return "asked to " + t.op.String()
	}
	return t.word
}

// outcome is what can be said of all those that did not fail.
func (t *progress) outcome() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	so := t.word + " already"
	switch {
	case t.so == 0:
		return t.participle()
	case t.done == 0:
		return so
	}
	return t.participle() + ", or " + so
}

// ended is what an operation that has ended made of an instance.
func ended(op backend.Op) string {
	return map[backend.Op]string{backend.OpStart: "running", backend.OpStop: "stopped", backend.OpReboot: "rebooted"}[op]
}

// report says the sentence at intervals until stop is called, which returns
// only when nothing more will be said. It may be called again.
func (t *progress) report(ctx context.Context, say func(string)) (stop func()) {
	ticker := time.NewTicker(progressEvery)
	quit := make(chan struct{})
	var reporter panics.Group
	reporter.Go(func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				say(t.sentence())
			case <-quit:
				return
			case <-ctx.Done():
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(quit)
		reporter.Wait()
	})
}

// logProgress logs at INFO how far an operation on a fleet is, as an action shows it, until
// stop is called, which adds how it ended. finished takes the results.
func logProgress(
	ctx context.Context, word string, ids []string,
) (finished func(string, powerstate.Result), stop func()) {
	if len(ids) == 0 {
		return nil, func() {}
	}
	t := newProgress(0, word, ids, true)
	say := func(text string) { tflog.Info(ctx, "Fleet progress", map[string]any{"progress": text}) }
	end := t.report(ctx, say)
	return t.finished, func() {
		end()
		say(t.sentence())
	}
}
