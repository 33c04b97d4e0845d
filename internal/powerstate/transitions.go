package powerstate

import (
	"context"
	"slices"
	"sync"
)

// Transitions limits how many instances are in a transition at a time, over all
// operations that share it. An instance counts from before its first call until its
// operation ends, and one that is found in a transition counts from then on, whatever
// the limit.
type Transitions struct {
	most int

	mu      sync.Mutex
	held    int
	waiting []chan struct{} // closed when it is counted; in the order of arrival
}

// NewTransitions returns a limit of most instances at a time, at least one.
func NewTransitions(most int) *Transitions { return &Transitions{most: max(most, 1)} }

// acquire counts an instance as soon as there are fewer than most, or returns the cause
// of ctx; waited tells whether there were as many.
func (t *Transitions) acquire(ctx context.Context) (waited bool, err error) {
	t.mu.Lock()
	if t.held < t.most {
		t.held++
		t.mu.Unlock()
		return false, nil
	}
	counted := make(chan struct{})
	t.waiting = append(t.waiting, counted)
	t.mu.Unlock()
	select {
	case <-counted:
		return true, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at := slices.Index(t.waiting, counted); at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
	} else {
		t.release() // It was counted in the same moment.
	}
	return true, context.Cause(ctx)
}

// join counts an instance that is in a transition already.
func (t *Transitions) join() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held++
}

// leave no longer counts an instance, and lets in those that wait.
func (t *Transitions) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.release()
}

func (t *Transitions) release() {
	t.held--
	for t.held < t.most && len(t.waiting) > 0 {
		close(t.waiting[0])
		t.waiting = t.waiting[1:]
		t.held++
	}
}

// enter counts the instance before a call. After a wait the call is decided anew, from an
// observation of that time: anew is set.
func (o *operation) enter(ctx context.Context) (anew bool, err error) {
	if o.opts.Transitions == nil || o.counted {
		return false, nil
	}
	o.held = true
	anew, err = o.opts.Transitions.acquire(ctx)
	if err != nil {
		return anew, o.ended(ctx, err)
	}
	o.held, o.counted = false, true
	return anew, nil
}

// counts makes an instance that is in a transition count.
func (o *operation) counts() {
	if o.opts.Transitions != nil && !o.counted && inTransition(o.last.Instance.State) {
		o.opts.Transitions.join()
		o.counted = true
	}
}

// leave ends what enter or counts began.
func (o *operation) leave() {
	if o.counted {
		o.counted = false
		o.opts.Transitions.leave()
	}
}
