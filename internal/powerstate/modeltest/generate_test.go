package modeltest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// features are what scenarios must contain, each in some of them.
var features = map[string]func(Scenario) bool{
	"one instance":           func(s Scenario) bool { return len(s.Instances) == 1 },
	"more than 100":          func(s Scenario) bool { return len(s.Instances) > 100 },
	"batches of one":         func(s Scenario) bool { return s.Cloud.BatchSize == 1 },
	"batches of 100":         func(s Scenario) bool { return s.Cloud.BatchSize == 100 },
	"no batching":            func(s Scenario) bool { return s.Client.BatchWindow == 0 },
	"a limit of the user":    func(s Scenario) bool { return s.Client.RequestsPerSecond > 0 },
	"an outcome for each id": func(s Scenario) bool { return s.Cloud.PerItemOutcomes },
	"shared refusals":        func(s Scenario) bool { return !s.Cloud.PerItemOutcomes && !s.Cloud.NamesIDs },
	"shared refusals that name the id": func(s Scenario) bool {
		return !s.Cloud.PerItemOutcomes && s.Cloud.NamesIDs
	},
	"latency":       func(s Scenario) bool { return s.Cloud.Latency >= 300*time.Millisecond },
	"fixed lag":     instances(func(in Instance) bool { return in.Lag > time.Second && !in.LagVaries }),
	"varying lag":   instances(func(in Instance) bool { return in.Lag > time.Second && in.LagVaries }),
	"odd words":     instances(func(in Instance) bool { return in.OddTo > 0 }),
	"ignored modes": instances(func(in Instance) bool { return in.IgnoresMode }),
	"refused modes": instances(func(in Instance) bool { return in.RefusesMode }),
	"preferred modes": operations(func(op Operation) bool {
		return op.Target.Mode == powerstate.StopChargingIfSupported
	}),
	"late modes":         instances(func(in Instance) bool { return in.ModeLate > 0 }),
	"barred modes":       instances(func(in Instance) bool { return in.StopChargingBar != "" }),
	"stuck stops":        instances(func(in Instance) bool { return in.Stop.Fate == Stuck }),
	"fallen-back stops":  instances(func(in Instance) bool { return in.Stop.Fate == FallsBack }),
	"ignored stops":      instances(func(in Instance) bool { return in.Stop.Fate == Ignored }),
	"fallen-back starts": instances(func(in Instance) bool { return in.Start.Fate == FallsBack }),
	"stuck reboots":      instances(func(in Instance) bool { return in.Reboot.Fate == Stuck }),
	"locks":              instances(func(in Instance) bool { return in.Locked }),
	"blocks":             instances(func(in Instance) bool { return in.Blocked != "" }),
	"endless operations": instances(func(in Instance) bool { return in.OperationStays }),
	"hidden instances":   instances(func(in Instance) bool { return in.Hidden }),
	"late appearance":    instances(func(in Instance) bool { return in.State == backend.Absent && in.Appears > 0 }),
	"a transition that is given up": instances(func(in Instance) bool {
		return in.State == backend.Stopping && in.GivenUp && in.Ends > 0
	}),
	"endless transitions": instances(func(in Instance) bool {
		return in.State == backend.Stopping && in.Ends == Never
	}),
	"throttles":           troubles(func(t Trouble) bool { return t.Fault.Kind == backend.KindThrottled }),
	"Retry-After of days": troubles(func(t Trouble) bool { return t.Fault.RetryAfter > 24*time.Hour }),
	"Retry-After of seconds": troubles(func(t Trouble) bool {
		return 0 < t.Fault.RetryAfter &&
			t.Fault.RetryAfter < 10*time.Second
	}),
	"Retry-After on a 503": troubles(func(t Trouble) bool { return t.Fault.Status == 503 && t.Fault.RetryAfter > 0 }),
	"writes lost before their effect": troubles(func(t Trouble) bool {
		return t.Op.Writes() && t.Fault.Kind == backend.KindUnavailable && !t.Lost
	}),
	"writes lost after their effect": troubles(func(t Trouble) bool { return t.Lost }),
	"reads that hang":                troubles(func(t Trouble) bool { return t.Hang && t.Op == Describe }),
	"writes that hang":               troubles(func(t Trouble) bool { return t.Hang && t.Op.Writes() }),
	"poison ids": troubles(func(t Trouble) bool {
		return t.Op == Describe && t.ID != "" && t.Times == Always && t.Fault.Kind == backend.KindInvalid
	}),
	"no stock":               troubles(func(t Trouble) bool { return t.Fault.Code == "NoStock" }),
	"denied calls":           troubles(func(t Trouble) bool { return t.Fault.Kind == backend.KindDenied }),
	"busy without a reason":  troubles(func(t Trouble) bool { return t.Fault.Unexplained }),
	"refused dry runs":       troubles(func(t Trouble) bool { return t.Op == DryRun }),
	"refused absence checks": troubles(func(t Trouble) bool { return t.Op == CheckAbsent }),
	"somebody who acts on a state": func(s Scenario) bool {
		return slices.ContainsFunc(s.Interferences, func(a Interference) bool { return a.On == OnState })
	},
	"somebody who acts on a write": func(s Scenario) bool {
		return slices.ContainsFunc(s.Interferences, func(a Interference) bool { return a.On == OnWrite })
	},
	"a fleet": operations(func(op Operation) bool {
		return op.Kind == ReachAll &&
			len(op.IDs) > 20
	}),
	"a reboot": operations(func(op Operation) bool {
		return op.Target.Goal == powerstate.GoalRebooted
	}),
	"a restart":                              operations(func(op Operation) bool { return op.Target.AllowRestart }),
	"force":                                  operations(func(op Operation) bool { return op.Target.ForceStop }),
	"escalation":                             operations(func(op Operation) bool { return op.Target.ForceStopAfter > 0 }),
	"former durations":                       operations(func(op Operation) bool { return op.Lasted > 0 }),
	"a limit of transitions":                 operations(func(op Operation) bool { return op.Most > 0 }),
	"no wait":                                operations(func(op Operation) bool { return op.NoWait }),
	"an operation that awaits an appearance": operations(func(op Operation) bool { return op.Appear }),
	"a dry run": operations(func(op Operation) bool {
		return op.Kind == Preflight &&
			op.DryRun
	}),
	"a cancellation":             operations(func(op Operation) bool { return op.Cancel > 0 }),
	"a deadline of microseconds": operations(func(op Operation) bool { return op.Timeout < time.Millisecond }),
	"a deadline of 40 minutes":   operations(func(op Operation) bool { return op.Timeout == 40*time.Minute }),
	"operations on the same instance": func(s Scenario) bool {
		return len(s.Operations) > 1 && s.Operations[0].IDs[0] == s.Operations[1].IDs[0]
	},
}

func instances(is func(Instance) bool) func(Scenario) bool {
	return func(s Scenario) bool { return slices.ContainsFunc(s.Instances, is) }
}

func troubles(is func(Trouble) bool) func(Scenario) bool {
	return func(s Scenario) bool { return slices.ContainsFunc(s.Troubles, is) }
}

func operations(is func(Operation) bool) func(Scenario) bool {
	return func(s Scenario) bool { return slices.ContainsFunc(s.Operations, is) }
}

func TestScenariosHaveAllThatCanStandInTheWay(t *testing.T) {
	t.Parallel()
	has := map[string]int{}
	for seed := range uint64(2000) {
		s := Generate(seed)
		for name, is := range features {
			if is(s) {
				has[name]++
			}
		}
		for _, in := range s.Instances {
			has["state "+in.State.String()]++
		}
		for _, op := range s.Operations {
			has["kind "+op.Kind.String()]++
		}
		for _, act := range s.Interferences {
			has["somebody else "+act.Action.String()]++
		}
	}
	want := []string{}
	for name := range features {
		want = append(want, name)
	}
	for _, state := range backend.States() {
		want = append(want, "state "+state.String())
	}
	for kind := Reach; kind <= Preflight; kind++ {
		want = append(want, "kind "+kind.String())
	}
	for action := DoStop; action <= DoMakeUnavailable; action++ {
		want = append(want, "somebody else "+action.String())
	}
	for _, name := range want {
		if has[name] < 5 {
			t.Errorf("%q is in %d of 2000 scenarios, want 5 or more", name, has[name])
		}
	}
}

func TestASeedMakesTheSameScenario(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		if one, two := Generate(seed), Generate(seed); !reflect.DeepEqual(one, two) {
			t.Fatalf("seed %d makes\n%s\nand\n%s", seed, one, two)
		}
	}
}
