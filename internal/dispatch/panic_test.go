package dispatch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// failing panics in every call but those of a describe that are hedged.
type failing struct {
	*memory.Driver
	cause error
	hangs bool // the first describe does, and its repeat panics
}

func (d failing) Describe(ctx context.Context, _ []string) ([]backend.Instance, error) {
	if d.hangs && !backend.WantsNewConnection(ctx) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	panic(d.cause)
}

func (d failing) Stop(context.Context, []string, backend.StopOptions) []backend.Outcome {
	panic(d.cause)
}

func (d failing) CheckAbsent(context.Context, string) error { panic(d.cause) }

// TestAPanicIsOneOfEachCaller, and none of the limiter's permits is lost by it.
func TestAPanicIsOneOfEachCaller(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hangs bool
		call  func(f *fixture, id string) error
	}{
		"of a describe": {false, func(f *fixture, id string) error {
			_, err := f.Observe(context.Background(), id, Fleet)
			return err
		}},
		"of a describe that is repeated": {true, func(f *fixture, id string) error {
			_, err := f.Observe(context.Background(), id, Fleet)
			return err
		}},
		"of a poll": {false, func(f *fixture, id string) error {
			_, err := f.Poll(context.Background(), id, time.Now(), Fleet)
			return err
		}},
		"of a write": {false, func(f *fixture, id string) error {
			_, err := f.Send(context.Background(), id, stop, Fleet, Split{}, time.Time{})
			return err
		}},
		"of a question about absence": {false, func(f *fixture, id string) error {
			return f.CheckAbsent(context.Background(), id)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(3, limits(10, 10), Options{})
				cause := errors.New("the driver failed")
				f.use(failing{f.Driver, cause, test.hangs})
				var mu sync.Mutex
				caught := 0
				each(ids, func(id string) {
					p := panics.Catch(func() {
						if err := test.call(f, id); err != nil {
							t.Errorf("%s got %v, want a panic", id, err)
						}
					})
					if p == nil || p.Value != any(cause) {
						t.Errorf("%s got %v, want the panic of the driver", id, p)
					}
					mu.Lock()
					defer mu.Unlock()
					caught++
				})
				if caught != len(ids) {
					t.Errorf("%d callers returned, want %d", caught, len(ids))
				}
				for _, l := range []*limiter{f.reads, f.absences, f.writes[backend.OpStop]} {
					wantFree(t, l, 10)
				}
			})
		})
	}
}
