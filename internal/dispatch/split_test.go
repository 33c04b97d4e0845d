package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// refusing is a cloud that refuses calls about some instances, as clouds do.
type refusing struct {
	*memory.Driver
	bad map[string]backend.Fault // by id, when it is called alone
	by  manner

	mu    sync.Mutex
	calls [][]string
	alone map[string]int // how often each was called alone
}

// manner is how a cloud refuses a call of several ids for some of them.
type manner struct {
	shared  bool // the call is refused for all; else each id has an outcome of its own
	named   bool // the fault names the bad ids
	first   bool // of several bad ids only the first is named, and its fault returned
	strange bool // it names an id that is not in the call
	all     bool // it names all ids of the call
	partial bool // the good ones before the first bad one are done, and have no error
}

func (r *refusing) refuse(ids []string) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, slices.Clone(ids))
	if len(ids) == 1 {
		r.alone[ids[0]]++
	}
	errs := make([]error, len(ids))
	bad := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := r.bad[id]; return !ok })
	if len(bad) == 0 {
		return errs
	}
	if !r.by.shared || len(ids) == 1 {
		for i, id := range ids {
			if fault, ok := r.bad[id]; ok {
				errs[i] = &memory.Error{Fault: fault}
			}
		}
		return errs
	}
	fault := r.bad[bad[0]]
	fault.Shared = true
	switch {
	case r.by.named && r.by.first:
		fault.IDs = bad[:1]
	case r.by.named:
		fault.IDs = bad
	case r.by.strange:
		fault.IDs = []string{"i-other"}
	case r.by.all:
		fault.IDs = ids
	}
	done := r.by.partial
	for i, id := range ids {
		if _, ok := r.bad[id]; ok {
			done = false
		}
		if !done {
			errs[i] = &memory.Error{Fault: fault}
		}
	}
	return errs
}

func (r *refusing) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	for _, err := range r.refuse(ids) {
		var own *memory.Error
		if errors.As(err, &own) {
			fault := own.Fault
			fault.Shared = len(ids) > 1 // A describe has one error for all its ids.
			return nil, &memory.Error{Fault: fault}
		}
	}
	return r.Driver.Describe(ctx, ids)
}

func (r *refusing) Stop(_ context.Context, ids []string, _ backend.StopOptions) []backend.Outcome {
	var outcomes []backend.Outcome
	for _, err := range r.refuse(ids) {
		outcomes = append(outcomes, backend.Outcome{Err: err})
	}
	return outcomes
}

func (r *refusing) DryRun(_ context.Context, _ backend.Op, ids []string, _ backend.StopOptions) []error {
	return r.refuse(ids)
}

// verdicts makes the call for all ids and returns the code of each that is refused.
type verdicts func(f *fixture, id string) (code string, err error)

// The three kinds of batched calls, each repeated as its callers do.
var kinds = map[string]verdicts{
	"an observation": func(f *fixture, id string) (string, error) {
		_, err := f.Observe(context.Background(), id, Fleet)
		var failed *CallError
		if errors.As(err, &failed) {
			return failed.Fault.Code, nil
		}
		return "", err
	},
	"a dry run": func(f *fixture, id string) (string, error) {
		fault, err := f.DryRun(context.Background(), id, stop, Fleet)
		if fault != nil {
			return fault.Code, err
		}
		return "", err
	},
	"a write": func(f *fixture, id string) (string, error) {
		for split := (Split{}); ; {
			reply, err := f.Send(context.Background(), id, stop, Fleet, split, time.Time{})
			switch {
			case err != nil:
				return "", err
			case reply.Err == nil:
				return "", nil
			case reply.Split.IsZero():
				return reply.Fault.Code, nil
			}
			if err := Sleep(context.Background(), reply.Pause); err != nil {
				return "", err
			}
			split = reply.Split
		}
	},
}

var manners = map[string]manner{
	"each has its own outcome":         {},
	"refused for all, the bad named":   {shared: true, named: true},
	"refused for all, the first named": {shared: true, named: true, first: true},
	"refused for all, none named":      {shared: true},
	"refused for all, another named":   {shared: true, strange: true},
	"refused for all, all named":       {shared: true, all: true},
	"the good ones before it are done": {shared: true, partial: true},
}

// wantVerdicts runs one refused batch and checks that each instance has the verdict that
// is its own.
func wantVerdicts(t *testing.T, call verdicts, n int, by manner, bad map[int]backend.Fault) (calls int) {
	t.Helper()
	f, ids := newFixture(n, memory.Options{}, Options{})
	driver := &refusing{Driver: f.Driver, by: by, bad: map[string]backend.Fault{}, alone: map[string]int{}}
	for at, fault := range bad {
		driver.bad[ids[at]] = fault
	}
	f.use(driver)
	each(ids, func(id string) {
		code, err := call(f, id)
		if want := driver.bad[id].Code; err != nil || code != want {
			t.Errorf("%s got the code %q and the error %v, want %q and none", id, code, err, want)
		}
	})
	for id, times := range driver.alone {
		if times > 1 {
			t.Errorf("%s was called alone %d times, want once at most", id, times)
		}
	}
	return len(driver.calls)
}

// TestARefusedBatchIsSplit has one bad id at every place of batches of every size.
func TestARefusedBatchIsSplit(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		for name, by := range manners {
			t.Run(kind+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					for _, n := range []int{1, 2, 3, 4, 5, 8, 9, 17} {
						for at := range n {
							fault := backend.Fault{Kind: backend.KindInvalid, Code: "Bad"}
							if at%2 == 1 {
								fault.Kind = backend.KindDenied
							}
							calls := wantVerdicts(t, call, n, by, map[int]backend.Fault{at: fault})
							// Two calls for each halving, and the last three alone.
							if most := 1 + 2*log2(n) + singles; calls > most {
								t.Errorf("%d of %d: got %d calls, want at most %d", at, n, calls, most)
							}
							if t.Failed() {
								t.Fatalf("with the bad one at %d of %d", at, n)
							}
						}
					}
				})
			})
		}
	}
}

func log2(n int) (log int) {
	for ; n > 1; n = (n + 1) / 2 {
		log++
	}
	return log
}

// TestAnyRefusalIsEachItsOwn has any number of bad ids of any kind at any place.
func TestAnyRefusalIsEachItsOwn(t *testing.T) {
	t.Parallel()
	faults := []backend.Fault{
		{Kind: backend.KindInvalid, Code: "NoStock"},
		{Kind: backend.KindDenied, Code: "Denied"},
		{Kind: backend.KindDenied, Code: "DeniedToo"},
		{Kind: backend.KindNotFound, Code: "Missing"},
		{Kind: backend.KindBusy, Code: "Busy"},
		{Kind: backend.KindOther, Code: "Odd"},
	}
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				all := []manner{}
				for _, name := range slices.Sorted(maps.Keys(manners)) {
					all = append(all, manners[name])
				}
				random := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // The same in each run.
				for round := range 210 {
					n := 1 + random.IntN(40)
					bad := map[int]backend.Fault{}
					some := 1 + random.IntN(len(faults))
					// A denial of all is not tried for each: the verdict is the same.
					for range random.IntN(n + 1) {
						bad[random.IntN(n)] = faults[random.IntN(some)]
					}
					by := all[round%len(all)]
					wantVerdicts(t, call, n, by, bad)
					if t.Failed() {
						t.Fatalf("round %d: %d ids, %+v, %v", round, n, by, bad)
					}
				}
			})
		})
	}
}

// TestADenialOfAllIsFoundInFewCalls whatever is called.
func TestADenialOfAllIsFoundInFewCalls(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				bad := map[int]backend.Fault{}
				for at := range 100 {
					bad[at] = backend.Fault{Kind: backend.KindDenied, Code: "Denied"}
				}
				if got := wantVerdicts(t, call, 100, manner{shared: true}, bad); got > 14 {
					t.Errorf("got %d calls, want at most 14", got)
				}
			})
		})
	}
}

// TestOtherRefusalsAreTriedForEach: want of stock may concern all but one.
func TestOtherRefusalsAreTriedForEach(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for good := range 12 {
			bad := map[int]backend.Fault{}
			for at := range 100 {
				if at != good {
					bad[at] = backend.Fault{Kind: backend.KindInvalid, Code: "NoStock"}
				}
			}
			wantVerdicts(t, kinds["a write"], 100, manner{shared: true}, bad)
		}
	})
}

// TestAThrottledOrLostBatchIsNotSplit: it is no member's fault.
func TestAThrottledOrLostBatchIsNotSplit(t *testing.T) {
	t.Parallel()
	for _, kind := range []backend.Kind{backend.KindThrottled, backend.KindUnavailable} {
		for name, call := range map[string]func(f *fixture, id string) (split bool){
			"a read": func(f *fixture, id string) bool {
				_, err := f.Observe(context.Background(), id, Fleet)
				return err != nil
			},
			"a write": func(f *fixture, id string) bool {
				reply, err := f.Send(context.Background(), id, stop, Fleet, Split{}, time.Time{})
				return err != nil || !reply.Split.IsZero()
			},
		} {
			t.Run(fmt.Sprintf("%s, %v", name, kind), func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					f, ids := newFixture(10, memory.Options{}, Options{})
					f.Fail(memory.Trouble{Fault: backend.Fault{Kind: kind, Shared: true}})
					each(ids, func(id string) {
						if call(f, id) {
							t.Errorf("%s was split, or got an error", id)
						}
					})
					for _, c := range f.Calls() {
						if len(c.IDs) != len(ids) {
							t.Errorf("a call has %d ids, want all", len(c.IDs))
						}
					}
				})
			})
		}
	}
}

func TestWhenARefusalConcernsAll(t *testing.T) {
	t.Parallel()
	denied := backend.Fault{Kind: backend.KindDenied, Code: "No", Shared: true}
	type answered struct {
		role  splitRole
		fault *backend.Fault // nil when it was accepted
	}
	all := []answered{{half, &denied}, {half, &denied}}
	for range probes {
		all = append(all, answered{probe, &denied})
	}
	and := func(role splitRole, fault *backend.Fault) []answered {
		return append(slices.Clone(all), answered{role, fault})
	}
	fault := func(kind backend.Kind, code string, named ...string) *backend.Fault {
		return &backend.Fault{Kind: kind, Code: code, Shared: true, IDs: named}
	}
	for name, test := range map[string]struct {
		answers []answered
		want    bool
	}{
		"halves and probes were refused with it": {all, true},
		"smaller groups too":                     {and(smaller, &denied), true},
		"a throttle tells nothing":               {and(smaller, fault(backend.KindThrottled, "")), true},
		"a lost answer tells nothing":            {and(smaller, fault(backend.KindUnavailable, "")), true},
		"not when something was accepted":        {and(smaller, nil), false},
		"not when one has another code":          {and(smaller, fault(backend.KindDenied, "NotThis")), false},
		"not when one has another kind":          {and(smaller, fault(backend.KindInvalid, "No")), false},
		"not when one names an id":               {and(smaller, fault(backend.KindDenied, "No", "i-1")), false},
		"not while a probe is in flight":         {all[:len(all)-1], false},
		"not while a half is in flight":          {all[1:], false},
		"not when only halves were refused":      {all[:2], false},
		"not when it is only the first refusal":  {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cause := &memory.Error{Fault: denied}
			b := &refusedBatch{fault: &denied}
			for _, one := range test.answers {
				a := answer{fault: one.fault}
				if one.fault != nil {
					a.err = cause
				}
				b.note(one.role, a)
			}
			got, ok := (Split{batch: b}).final()
			if ok != test.want {
				t.Errorf("it is final: %v, want %v", ok, test.want)
			}
			if ok && !errors.Is(got.err, cause) {
				t.Errorf("its error is %v, want %v", got.err, cause)
			}
		})
	}
}
