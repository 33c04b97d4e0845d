package powerstate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// newBluntTestCloud returns a cloud with n running instances that takes a call for
// all of its ids or for none, and names none.
func newBluntTestCloud(n int, change func(*memory.Options)) (*testCloud, []string) {
	can := memory.AllCapabilities()
	can.PerItemOutcomes = false
	cloud := brisk
	cloud.Capabilities, cloud.HideCulprits = &can, true
	if change != nil {
		change(&cloud)
	}
	w := newEmptyTestCloud(cloud, Options{})
	return w, w.AddN(n, backend.Instance{ID: "i", State: backend.Running})
}

func slowly(o *memory.Options) {
	o.Capabilities.ReadsPerSecond, o.Capabilities.WritesPerSecond = 40, 10
}

func TestARefusalThatConcernsAllIsNotAskedForEach(t *testing.T) {
	t.Parallel()
	denied := backend.Fault{Kind: backend.KindDenied, Code: "UnauthorizedOperation", Shared: true}
	for name, test := range map[string]struct {
		n      int
		op     memory.Op
		fault  backend.Fault
		change func(*memory.Options)
		most   int
	}{
		"of 20": {20, memory.Stop, denied, nil, 15},
		"of 40": {40, memory.Stop, denied, nil, 15},
		"of 40 that take a second": {
			40, memory.Stop, denied,
			func(o *memory.Options) { o.Latency = time.Second }, 16,
		},
		"of 40 on a cloud that takes a few":  {40, memory.Stop, denied, slowly, 15},
		"of 100":                             {100, memory.Stop, denied, nil, 15},
		"of a thousand":                      {1000, memory.Stop, denied, nil, 150},
		"of a thousand at ten a second":      {1000, memory.Stop, denied, slowly, 150},
		"of 40 reads":                        {40, memory.Describe, denied, nil, 15},
		"of a thousand reads, some a second": {1000, memory.Describe, denied, slowly, 150},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids := newBluntTestCloud(test.n, test.change)
				w.Fail(always(memory.Trouble{Op: test.op, Fault: test.fault}))
				for i, result := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
					e := wantError(t, result.Err, CloudFault)
					if e.InstanceID != ids[i] || e.Fault.Code != test.fault.Code {
						t.Errorf("%s got %v with %+v, want the refusal, about itself", ids[i], result.Err, e.Fault)
					}
				}
				if got := w.Count(test.op); got > test.most {
					t.Errorf("got %d calls, want at most %d: %q", got, test.most, w.trace(test.op))
				}
				wantReadsForEach(t, w, ids)
				t.Logf("%d calls, %d reads, %v", w.Count(test.op), w.Count(memory.Describe), w.elapsed())
			})
		})
	}
}

// TestAFewBadIDsAreNotMistakenForAll puts up to four anywhere in a batch, also where
// both halves, and the two that are asked alone, are refused.
func TestAFewBadIDsAreNotMistakenForAll(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // The same in each run.
	some := func(n, of int) []int { return random.Perm(of)[:n] }
	cases := map[string][]int{
		"two, one in each half":             {3, 30},
		"two, one of which is asked alone":  {3, 26},
		"four, two of which would be alone": {3, 13, 26, 33},
		"four, in all but what is left":     {3, 13, 6, 33},
	}
	for i := range 40 {
		cases[fmt.Sprintf("%d anywhere, round %d", 1+i%4, i)] = some(1+i%4, 40)
	}
	for name, bad := range cases {
		for cloud, change := range map[string]func(*memory.Options){
			"at once":            nil,
			"at one in a second": func(o *memory.Options) { o.Capabilities.WritesPerSecond = 1 },
		} {
			t.Run(name+" "+cloud, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w, ids := newBluntTestCloud(40, change)
					for _, i := range bad {
						w.Fail(always(memory.Trouble{
							Op: memory.Stop, ID: ids[i],
							Fault: backend.Fault{Kind: backend.KindDenied, Code: "No"},
						}))
					}
					for i, result := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
						if want := slices.Contains(bad, i); (result.Err != nil) != want {
							t.Errorf("%s got %v, want an error: %v", ids[i], result.Err, want)
						}
					}
					if got, most := w.Count(memory.Stop), 14*len(bad); len(bad) == 1 && got > 12 || got > most {
						t.Errorf("got %d writes for %d bad ids, want at most 12 for one, and %d", got, len(bad), most)
					}
					wantReadsForEach(t, w, ids)
				})
			})
		}
	}
}

// TestMembersOfTwoKindsAreToldApart: most of a batch are refused for their type,
// and the others are started.
func TestMembersOfTwoKindsAreToldApart(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids := newBluntTestCloud(40, nil)
		for i := range ids {
			if i%10 != 0 {
				w.Fail(always(memory.Trouble{
					Op: memory.Stop, ID: ids[i],
					Fault: backend.Fault{Kind: backend.KindInvalid, Code: "NoStock"},
				}))
			}
		}
		for i, result := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
			if want := i%10 != 0; (result.Err != nil) != want {
				t.Errorf("%s got %v, want an error: %v", ids[i], result.Err, want)
			}
		}
	})
}

// TestASplitEndsWithTheAcceptedCall: what was refused together and accepted in halves is
// one batch again when the power is cut.
func TestASplitEndsWithTheAcceptedCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids := newBluntTestCloud(20, func(o *memory.Options) { o.Capabilities.NativeEscalation = false })
		for _, one := range ids {
			w.Behave(one, memory.Behavior{SoftStop: memory.Hangs})
		}
		w.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{Kind: backend.KindInvalid, Code: "No", Shared: true}})
		for i, result := range w.client.ReachAll(t.Context(), ids, after(20*time.Second), ReachOptions{}) {
			if result.Err != nil {
				t.Errorf("%s got %v, want no error", ids[i], result.Err)
			}
		}
		if graceful, forced := w.gracefulStops(), w.forcedStops(); len(graceful) != 3 || len(forced) != 1 {
			t.Errorf("the writes are %q, want the refused stop, its halves, and one cut", w.writes())
		}
	})
}
