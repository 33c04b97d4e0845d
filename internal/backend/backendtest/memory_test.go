package backendtest_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	nothing := backend.Capabilities{ReadsPerSecond: 1, WritesPerSecond: 1}
	one := nothing
	one.PerItemOutcomes = true
	whole := memory.AllCapabilities()
	whole.PerItemOutcomes = false
	flexible := memory.AllCapabilities()
	flexible.ModeChangeNeedsRestart = false
	for name, opts := range map[string]memory.Options{
		"a cloud that can do everything":                {},
		"a cloud that can do nothing special":           {Capabilities: &nothing},
		"a cloud that takes one id at a time":           {Capabilities: &one, BatchSize: 1},
		"a cloud that takes a call as a whole":          {Capabilities: &whole, BusyWhenAlreadySo: true},
		"a cloud that names no culprits":                {Capabilities: &whole, HideCulprits: true},
		"a cloud that changes the mode while stopped":   {Capabilities: &flexible},
		"a cloud that refuses a mode that cannot be":    {RefuseBarredMode: true},
		"a cloud that does not let a stop be cut short": {BusyWhenForcedWhileStopping: true},
	} {
		// Far longer than any test: only Finish ends a transition.
		opts.StartTime, opts.StopTime, opts.RebootTime = time.Hour, time.Hour, time.Hour
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, func(*testing.T) backendtest.Harness { return newHarness(memory.New(opts)) })
		})
	}
}

const secret = "swordfish"

func newHarness(cloud *memory.Driver) backendtest.Harness {
	stranger := memory.New(memory.Options{Capabilities: new(cloud.Capabilities()), BatchSize: cloud.BatchSize()})
	stranger.Fail(memory.Trouble{Times: memory.Always, Fault: backend.Fault{Kind: backend.KindDenied}})
	next := func(trouble memory.Trouble) { cloud.Fail(trouble) }
	made := 0
	return backendtest.Harness{
		Driver:      memory.WithBoth(cloud),
		WrongSecret: memory.WithBoth(stranger),
		Secrets:     []string{secret},
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		IDs: func(n int) []string {
			ids := make([]string, n)
			for i := range ids {
				made++
				ids[i] = fmt.Sprintf("i-%04d", made)
			}
			return ids
		},
		Seed: func(_ *testing.T, ids []string, seed backendtest.Seed) {
			for _, id := range ids {
				in := backend.Instance{ID: id, State: seed.State, StoppedMode: seed.StoppedMode, Name: seed.Name, Tags: seed.Tags}
				in.Type, in.Zone, in.ChargeType = seed.Type, seed.Zone, cmp.Or(seed.ChargeType, backend.PayAsYouGo)
				if seed.ChargeType == backend.Prepaid {
					in.StopChargingBar = "it is prepaid"
				}
				cloud.Add(in)
			}
		},
		SetWord: func(_ *testing.T, id, word string) {
			cloud.Behave(id, memory.Behavior{OddWord: word, OddWordFor: time.Hour})
		},
		FailTransition: func(_ *testing.T, id string) {
			cloud.Behave(id, memory.Behavior{SoftStop: memory.FallsBack, NoStock: true})
		},
		Settle: func(*testing.T) { cloud.Finish() },
		Writes: func() []backendtest.Write { return writes(cloud) },
		Throttle: func(_ *testing.T, retryAfter time.Duration) {
			next(memory.Trouble{Fault: backend.Fault{Kind: backend.KindThrottled, RetryAfter: retryAfter}})
		},
		Forbid: func(*testing.T) {
			next(memory.Trouble{Fault: backend.Fault{Kind: backend.KindDenied, Shared: true}})
		},
		ServerError: func(*testing.T) {
			next(memory.Trouble{Fault: backend.Fault{Kind: backend.KindUnavailable, Status: http.StatusInternalServerError}})
		},
		Page: func(*testing.T) {
			next(memory.Trouble{
				Fault: backend.Fault{Kind: backend.KindUnavailable, Status: http.StatusBadGateway, Unreachable: true},
			})
		},
		Disconnect: func(*testing.T) {
			next(memory.Trouble{Fault: backend.Fault{Kind: backend.KindUnavailable, Unreachable: true}, Lost: true})
		},
		Hang: func(*testing.T) { next(memory.Trouble{Hang: true}) },
	}
}

// writes tells the calls as the bytes of a real driver would: what the cloud
// has no field for is left out.
func writes(cloud *memory.Driver) []backendtest.Write {
	ops := []memory.Op{memory.Start, memory.Stop, memory.Reboot}
	capabilities := cloud.Capabilities()
	var all []backendtest.Write
	for _, call := range cloud.Calls(ops...) {
		w := backendtest.Write{
			Op:            backend.Op(slices.Index(ops, call.Op) + 1),
			IDs:           call.IDs,
			Force:         call.Options.Force,
			ForceExplicit: call.Op != memory.Start,
			Mode:          call.Options.Mode,
		}
		if w.Force == backend.EscalateLater && !capabilities.NativeEscalation {
			w.Force = backend.Graceful
		}
		if !capabilities.StopCharging || w.Mode == backend.NotApplicable {
			w.Mode = backend.UnknownMode
		}
		all = append(all, w)
	}
	return all
}
