package powerstate

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

var preferred = Target{Goal: GoalStopped, Mode: StopChargingIfSupported}

func TestStopChargingIfSupported(t *testing.T) {
	t.Parallel()
	without := memory.AllCapabilities()
	without.StopCharging = false
	for name, test := range map[string]struct {
		cloud    memory.Options
		from     backend.Instance
		behavior memory.Behavior
		writes   []string
		mode     backend.StoppedMode
		charging bool
		within   time.Duration
	}{
		"an instance that can stop charging does": {
			writes: []string{"0s stop graceful stop_charging"}, mode: backend.StopCharging, within: 5 * time.Second,
		},
		"a mode that is read back late is waited for": {
			behavior: memory.Behavior{ModeLag: 20 * time.Second, ModeMeanwhile: backend.KeepCharging},
			writes:   []string{"0s stop graceful stop_charging"}, mode: backend.StopCharging, within: 27 * time.Second,
		},
		"an instance that cannot keeps charging": {
			from:   backend.Instance{StopChargingBar: "it is prepaid", ChargeType: backend.Prepaid},
			writes: []string{"0s stop graceful keep_charging"}, mode: backend.NotApplicable, charging: true,
			within: 5 * time.Second,
		},
		"an instance on a cloud that cannot keeps charging": {
			cloud:  memory.Options{Capabilities: &without},
			writes: []string{"0s stop graceful keep_charging"}, mode: backend.KeepCharging, charging: true,
			within: 5 * time.Second,
		},
		"a mode that the cloud refuses is not asked for again": {
			behavior: memory.Behavior{RefuseMode: true},
			writes:   []string{"0s stop graceful stop_charging", "0s stop graceful keep_charging"},
			mode:     backend.KeepCharging, charging: true, within: 5 * time.Second,
		},
		"a mode that the cloud ignores is given its time": {
			behavior: memory.Behavior{IgnoreMode: true},
			writes:   []string{"0s stop graceful stop_charging"}, mode: backend.KeepCharging, charging: true,
			within: 37 * time.Second,
		},
		"an instance that is stopped and charged stays so, and is not restarted": {
			from: backend.Instance{State: backend.Stopped, StoppedMode: backend.KeepCharging},
			mode: backend.KeepCharging, charging: true, within: time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				cloud := test.cloud
				cloud.StartTime, cloud.StopTime = brisk.StartTime, brisk.StopTime
				w := newEmptyTestCloud(cloud, Options{})
				from := test.from
				from.ID = id
				if from.State == backend.Unknown {
					from.State = backend.Running
				}
				w.Add(from)
				w.Behave(id, test.behavior)
				target := preferred
				target.AllowRestart = true
				got := w.mustReach(t, target)
				if got.After.StoppedMode != test.mode {
					t.Errorf("the mode is %q, want %q", got.After.StoppedMode, test.mode)
				}
				if billed := Charging(got.After); billed == nil || *billed != test.charging {
					t.Errorf("charging is %v, want %v", billed, test.charging)
				}
				w.wantWrites(t, test.writes...)
				if w.elapsed() > test.within {
					t.Errorf("it lasted %v, want at most %v", w.elapsed(), test.within)
				}
			})
		})
	}
}

// TestAPreferredModeDoesNotOutlastTheDeadline: the instance is stopped, so that the
// target is reached whatever becomes of the wait for its mode.
func TestAPreferredModeDoesNotOutlastTheDeadline(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context) (context.Context, context.CancelFunc){
		"a deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Second)
		},
		"a cancellation": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Second, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Behave(id, memory.Behavior{IgnoreMode: true})
				ctx, cancel := end(t.Context())
				defer cancel()
				got, err := w.reach(ctx, preferred)
				if err != nil || got.After.State != backend.Stopped || got.After.StoppedMode != backend.KeepCharging {
					t.Errorf("got %v, %q and error %v, want stopped, keep_charging and none", got.After.State,
						got.After.StoppedMode, err)
				}
				if w.elapsed() > 11*time.Second {
					t.Errorf("it lasted %v, want 10s", w.elapsed())
				}
			})
		})
	}
}

// TestAFleetThatPrefersToStopCharging: those that cannot are in a call of their own, and
// one that the cloud refuses although nothing speaks against it delays no other.
func TestAFleetThatPrefersToStopCharging(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]bool{
		"a cloud that answers for each":          false,
		"a cloud that refuses a call as a whole": true,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				capabilities := memory.AllCapabilities()
				capabilities.PerItemOutcomes = !whole
				cloud := brisk
				cloud.Capabilities = &capabilities
				w, ids := manyOf(30, backend.Running, cloud)
				prepaid := w.AddN(10, backend.Instance{
					ID: "p", State: backend.Running,
					StopChargingBar: "it is prepaid",
				})
				w.Behave(ids[3], memory.Behavior{RefuseMode: true})
				all := slices.Concat(ids, prepaid)
				for i, r := range w.client.ReachAll(t.Context(), all, preferred, ReachOptions{}) {
					if r.Err != nil {
						t.Errorf("%s: %v", all[i], r.Err)
						continue
					}
					want := backend.StopCharging
					switch {
					case i >= len(ids):
						want = backend.NotApplicable
					case i == 3:
						want = backend.KeepCharging
					}
					if got := r.After.StoppedMode; got != want {
						t.Errorf("%s: got the mode %q, want %q", all[i], got, want)
					}
				}
				modes := map[backend.StoppedMode]int{}
				for _, call := range w.Calls(memory.Stop) {
					modes[call.Options.Mode]++
				}
				want := map[backend.StoppedMode]int{backend.StopCharging: 1, backend.KeepCharging: 2}
				if whole {
					want[backend.StopCharging] = 3 // One refused call, the rest of it, and the one to blame.
				}
				if diff := cmp.Diff(modes, want); diff != "" {
					t.Errorf("stops by mode (-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestADryRunOfAPreferredMode(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{RefuseMode: true})
		w.through(memory.WithDryRun(w.Driver))
		got, err := w.client.Preflight(t.Context(), id, preferred, PreflightOptions{DryRun: true})
		if err != nil || got.DryRun != nil {
			t.Errorf("got the dry run %v and the error %v, want neither", got.DryRun, err)
		}
		w.wantTrace(t, "0s describe", "0s dry run graceful stop_charging", "0s dry run graceful keep_charging")
	})
}
