package coalesce_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// A script is a sequence of bytes that describes one round: five
// bytes for the options and the times of a call, and four for each caller. Any bytes are a script.
const (
	scriptHead    = 5
	scriptCaller  = 4
	scriptCallers = 60
)

// caller is one call of Do in a round, and its outcome.
type caller struct {
	arrives, ends time.Duration // ends is 0 for one that is not canceled
	key           int

	got    string
	err    error
	ended  time.Duration
	sentAt []time.Duration
}

// The keys whose items fail.
const (
	keyFails = 2 // each third result is an error of its own
	keyShort = 3 // the last result is missing
)

type outcome struct {
	text string
	err  error
}

type itemError struct{ item int }

func (e itemError) Error() string { return fmt.Sprintf("item %d failed", e.item) }

// play runs a script in fake time and checks the properties that hold whatever happens.
func play(t *testing.T, script []byte) {
	t.Helper()
	if len(script) < scriptHead+scriptCaller {
		t.Skip("too short for a script")
	}
	size := int(script[0] % 9)
	window := coalesce.Window{
		Idle: time.Duration(script[1]%30) * time.Millisecond,
		Max:  time.Duration(script[2]) * time.Millisecond,
	}
	opts := coalesce.Options[int]{Size: size, Window: func(int) coalesce.Window {
		w := window
		if script[2]%2 == 0 && w.Idle > 0 {
			// There is a sign of more all the time.
			w.Since = time.Now().Truncate(7 * time.Millisecond)
		}
		return w
	}}
	var callers []*caller
	now := time.Duration(0)
	rest := script[scriptHead:]
	for ; len(rest) >= scriptCaller && len(callers) < scriptCallers; rest = rest[scriptCaller:] {
		// Odd microseconds keep callers apart from the ends of windows.
		now += time.Duration(rest[0]%40)*time.Millisecond + time.Microsecond
		c := &caller{arrives: now, key: int(rest[1] % 4)}
		if rest[2]%3 == 0 {
			c.ends = now + time.Duration(rest[3])*time.Millisecond + 500*time.Microsecond
		}
		callers = append(callers, c)
	}
	// Even microseconds again, so that no caller ends at the moment of a flush or
	// of a result.
	delays := times{
		permit: time.Duration(script[3]%80)*time.Millisecond + 200*time.Microsecond,
		call:   time.Duration(script[4]%80)*time.Millisecond + 200*time.Microsecond,
	}
	if script[3]%4 == 0 {
		delays.permit = 0
	}
	synctest.Test(t, func(t *testing.T) { playRound(t, opts, window, delays, callers) })
}

// times is how long a call waits for its permit, and takes then.
type times struct{ permit, call time.Duration }

func playRound(t *testing.T, opts coalesce.Options[int], window coalesce.Window, delays times, callers []*caller) {
	t.Helper()
	began := time.Now()
	size := max(1, opts.Size)
	if window.Idle == 0 {
		size = 1
	}
	var mu sync.Mutex
	missing := map[int]bool{} // Items that got no result on purpose.
	g := coalesce.New(opts, func(ctx context.Context, key int, flush func() []int) []outcome {
		time.Sleep(delays.permit)
		items := flush()
		if len(items) == 0 {
			return nil // All were canceled.
		}
		defer time.Sleep(delays.call)
		mu.Lock()
		defer mu.Unlock()
		if len(items) < 1 || len(items) > size {
			t.Errorf("a call has %d items, want 1 to %d", len(items), size)
		}
		if ctx.Err() != nil {
			t.Errorf("the context of a call with callers is done: %v", ctx.Err())
		}
		out := make([]outcome, len(items))
		for i, item := range items {
			if callers[item].key != key {
				t.Errorf("item %d of key %d is in a call of key %d", item, callers[item].key, key)
			}
			callers[item].sentAt = append(callers[item].sentAt, time.Since(began))
			out[i] = outcome{text: fmt.Sprint("result ", item)}
			if key == keyFails && item%3 == 0 {
				out[i] = outcome{err: itemError{item}}
			}
		}
		if key == keyShort && len(items) > 1 {
			missing[items[len(items)-1]] = true
			out = out[:len(items)-1]
		}
		return out
	})
	var all sync.WaitGroup
	for item, c := range callers {
		all.Go(func() {
			time.Sleep(c.arrives)
			ctx := t.Context()
			if c.ends > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.ends-c.arrives)
				defer cancel()
			}
			got, err := g.Do(ctx, c.key, item)
			c.got, c.err, c.ended = got.text, err, time.Since(began)
			if err == nil {
				c.err = got.err
			}
		})
	}
	all.Wait()
	time.Sleep(delays.permit + delays.call) // For a call that no caller waits for any more.
	synctest.Wait()
	longest := max(window.Idle, window.Max)
	if size == 1 {
		longest = 0
	}
	for item, c := range callers {
		check(t, item, c, missing[item], longest+delays.permit, delays.call)
	}
}

func check(t *testing.T, item int, c *caller, missing bool, longest, latency time.Duration) {
	t.Helper()
	if len(c.sentAt) > 1 {
		t.Errorf("item %d was sent %d times, want once", item, len(c.sentAt))
	}
	sent := len(c.sentAt) > 0
	switch {
	case errors.Is(c.err, context.DeadlineExceeded):
		if c.ends == 0 || c.ended != c.ends {
			t.Errorf("item %d ended with %v at %v, want that at %v only", item, c.err, c.ended, c.ends)
		}
		if sent && c.sentAt[0] > c.ends {
			t.Errorf("item %d was sent at %v, after its caller was canceled at %v", item, c.sentAt[0], c.ends)
		}
		return
	case !sent:
		t.Errorf("item %d was lost: its caller got %q, %v", item, c.got, c.err)
		return
	}
	if wait := c.sentAt[0] - c.arrives; wait < 0 || wait > longest {
		t.Errorf("item %d waited %v for its call, want at most %v", item, wait, longest)
	}
	if c.ended != c.sentAt[0]+latency {
		t.Errorf("item %d was returned at %v, want %v, when its call was", item, c.ended, c.sentAt[0]+latency)
	}
	var own itemError
	switch {
	case missing:
		if !errors.Is(c.err, coalesce.ErrNoResult) {
			t.Errorf("item %d got %q, %v, want %v", item, c.got, c.err, coalesce.ErrNoResult)
		}
	case c.key == keyFails && item%3 == 0:
		if !errors.As(c.err, &own) || own.item != item {
			t.Errorf("item %d got %q, %v, want its own error", item, c.got, c.err)
		}
	case c.err != nil || c.got != fmt.Sprint("result ", item):
		t.Errorf("item %d got %q, %v, want its own result", item, c.got, c.err)
	}
}

// TestAnyOrderGivesEachItsOwn plays many rounds at random, the same in every
// run.
func TestAnyOrderGivesEachItsOwn(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{1})
	for round := range 400 {
		script := make([]byte, scriptHead+scriptCaller*(1+random.Uint64()%scriptCallers))
		if _, err := random.Read(script); err != nil {
			t.Fatal(err)
		}
		if round%2 == 0 {
			// All arrive at about the same time.
			for i := scriptHead; i < len(script); i += scriptCaller {
				script[i] %= 3
			}
		}
		play(t, script)
		if t.Failed() {
			t.Fatalf("round %d failed with the script %v", round, script)
		}
	}
}

// FuzzAnyOrder searches for a script that breaks one.
func FuzzAnyOrder(f *testing.F) {
	f.Add([]byte{3, 25, 100, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 5, 0, 0, 1, 0})
	f.Add([]byte{1, 0, 0, 30, 9, 5, 2, 0, 0, 5, 3, 1, 9})
	f.Add([]byte{8, 29, 255, 41, 70, 1, 3, 1, 1, 1, 3, 1, 1, 1, 3, 0, 1, 1, 2, 1, 1})
	f.Fuzz(play)
}
