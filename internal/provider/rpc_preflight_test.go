package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// withDryRun is the driver of a cloud with a dry run.
func withDryRun(d *memory.Driver) backend.Driver { return memory.WithDryRun(d) }

func TestAPreflightCostsOneReadAtMost(t *testing.T) {
	t.Parallel()
	dryRun, off := map[string]any{"preflight": "dry_run"}, map[string]any{"preflight": "off"}
	for name, test := range map[string]struct {
		provider        map[string]any
		refreshed       bool
		config          map[string]any
		reads, dryRuns  int
		wantDryRun      backend.Op
		wantDryRunForce backend.Force
	}{
		"one where there was no refresh": {nil, false, resourceOf("stopped", nil), 1, 0, 0, 0},
		"none after a refresh":           {nil, true, resourceOf("stopped", nil), 0, 0, 0, 0},
		"none when it is off":            {off, false, resourceOf("stopped", nil), 0, 0, 0, 0},
		"none when nothing changes":      {dryRun, true, resourceOf("running", nil), 0, 0, 0, 0},
		"and one dry run of a stop": {
			dryRun, false, resourceOf("stopped", nil), 1, 1, backend.OpStop, backend.Graceful,
		},
		"and one dry run as it will be stopped": {
			dryRun, true, resourceOf("stopped", map[string]any{"force_stop": true}), 0, 1, backend.OpStop, backend.Forced,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{}, withDryRun, test.provider, machine(backend.Running))
				prior := held{}
				if test.refreshed {
					prior = s.refresh(s.step(resourceOf("running", nil), held{}))
				}
				s.cloud.ForgetCalls()
				if plan := s.plan(test.config, prior); hasError(plan.Diagnostics) {
					t.Fatal(texts(plan.Diagnostics))
				}
				s.wantCalls(test.reads, memory.Describe)
				s.wantCalls(test.dryRuns, memory.DryRun)
				s.wantCalls(test.reads + test.dryRuns)
				for _, call := range s.cloud.Calls(memory.DryRun) {
					got := []any{call.Checked, call.Options.Force, call.IDs}
					if diff := cmp.Diff(got, []any{test.wantDryRun, test.wantDryRunForce, []string{"h-1"}}); diff != "" {
						t.Errorf("dry run (-got +want):\n%s", diff)
					}
				}
			})
		})
	}
}

func TestADryRunOfWhatIsAlreadySoIsNotMade(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := setupOf(t, memory.Options{}, withDryRun, map[string]any{"preflight": "dry_run"}, machine(backend.Stopped))
		wantTexts(t, s.plan(resourceOf("stopped", nil), held{}).Diagnostics, "")
		s.wantCalls(0, memory.DryRun)
		s.nextRun()
		wantTexts(t, s.plan(resourceOf("running", nil), held{}).Diagnostics, "")
		s.wantCalls(1, memory.DryRun)
	})
}

func TestWhatADryRunAnswersIsTold(t *testing.T) {
	t.Parallel()
	facts := func(code string) string {
		return "\n\n" +
			"  Cloud:       here, r-1\n  Last seen:   running (RUNNING)\n  Code:        " + code + "\n  Request id:  req-2\n\n"
	}
	const fails = "\n\nThe apply will probably fail for this instance, and goes on with the others. " + strictHint
	for name, test := range map[string]struct {
		fault backend.Fault
		want  string
	}{
		"a refusal": {
			backend.Fault{Kind: backend.KindInvalid, Code: "Spot.NotSupported", Message: "a spot instance cannot be stopped"},
			"warning: Dry run: unable to stop instance \"h-1\"\n\n" +
				"The cloud answered: a spot instance cannot be stopped." + facts("Spot.NotSupported") +
				"Check the attributes of the resource against what this instance supports." + fails,
		},
		"the advice of the code comes first": {
			backend.Fault{Kind: backend.KindInvalid, Code: "Spot.NotSupported", Message: "No.", Advice: "Buy another."},
			"warning: Dry run: unable to stop instance \"h-1\"\n\n" +
				"The cloud answered: No." + facts("Spot.NotSupported") + "Buy another." + fails,
		},
		"an instance that is gone": {
			backend.Fault{Kind: backend.KindNotFound, Code: "NoInstance", Message: "there is none"},
			"warning: Dry run: unable to stop instance \"h-1\"\n\n" +
				"The cloud answered: there is none." + facts("NoInstance") + "Check `instance_id` and `region`." + fails,
		},
		"a denied question is a warning": {
			backend.Fault{Kind: backend.KindDenied, Code: "Forbidden.RAM", Message: "not authorized"},
			"warning: Dry run denied for instance \"h-1\"\n\nThe cloud answered: not authorized." + facts("Forbidden.RAM") +
				"The plan goes on without the dry run; an apply may be denied as well. " +
				"Check the credentials of the provider's configuration and the permissions of their owner.",
		},
		"a transition is a warning": {
			backend.Fault{Kind: backend.KindBusy, Code: "IncorrectStatus", Message: "in a transition"},
			"warning: No dry run for instance \"h-1\"\n\n" +
				"The cloud answered: in a transition." + facts("IncorrectStatus") + "The plan goes on without the dry run.",
		},
		"an unknown code is a warning": {
			backend.Fault{Code: "Strange", Message: "a strange thing"},
			"warning: No dry run for instance \"h-1\"\n\n" +
				"The cloud answered: a strange thing." + facts("Strange") + "The plan goes on without the dry run.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{}, withDryRun, map[string]any{"preflight": "dry_run"}, machine(backend.Running))
				s.cloud.Fail(memory.Trouble{Op: memory.DryRun, Fault: test.fault})
				plan := s.plan(resourceOf("stopped", nil), held{})
				wantTexts(t, plan.Diagnostics, test.want)
				s.wantCalls(1, memory.DryRun)
				// strict_plan makes errors of refusals, and of nothing else.
				more := map[string]any{"preflight": "dry_run", "strict_plan": true}
				strict := setupOf(t, memory.Options{}, withDryRun, more, machine(backend.Running))
				strict.cloud.Fail(memory.Trouble{Op: memory.DryRun, Fault: test.fault})
				got := hasError(strict.plan(resourceOf("stopped", nil), held{}).Diagnostics)
				if want := strings.HasSuffix(test.want, fails); got != want {
					t.Errorf("with strict_plan the plan has an error: %v, want %v", got, want)
				}
				s.wantWrites()
			})
		})
	}
}

// TestADryRunThatGetsNoAnswer is repeated for a while, and then a warning.
func TestADryRunThatGetsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble memory.Trouble
		want    string
	}{
		"since it is throttled": {
			memory.Trouble{Fault: backend.Fault{Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down"}},
			"The cloud answered: slow down.",
		},
		"since its answers are lost": {
			memory.Trouble{Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "InternalError", Message: "try again"}},
			"The cloud answered: try again.",
		},
		"since it hangs": {
			memory.Trouble{Hang: true}, "The cloud could not be reached: the dry run got no answer within 30s.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{}, withDryRun, map[string]any{"preflight": "dry_run"}, machine(backend.Running))
				test.trouble.Op, test.trouble.Times = memory.DryRun, memory.Always
				s.cloud.Fail(test.trouble)
				began := time.Now()
				got := texts(s.plan(resourceOf("stopped", nil), held{}).Diagnostics)
				if want := "warning: No dry run for instance \"h-1\"\n\n" + test.want + "\n\n"; !strings.HasPrefix(got, want) ||
					!strings.HasSuffix(got, "The plan goes on without the dry run.") {
					t.Errorf("got %s, want %s", got, want)
				}
				wantElapsed(t, began, 30*time.Second)
				s.wantWrites()
			})
		})
	}
}

func TestAPreflightThatGetsNoAnswer(t *testing.T) {
	t.Parallel()
	limited := map[string]any{"timeouts": map[string]any{"read": "3s"}}
	for name, test := range map[string]struct {
		trouble memory.Trouble
		want    string
	}{
		"a read that hangs": {memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true}, `
error: Unable to stop instance "h-1"

The time limit of 3s (` + "`timeouts.read`" + `) passed before the instance could be read.

  Cloud:       here, r-1
  Wanted:      stopped

Nothing was changed. If the cloud is often that slow, raise ` + "`timeouts.read`."},
		"a read that is denied": {memory.Trouble{
			Op: memory.Describe, Fault: backend.Fault{Kind: backend.KindDenied, Code: "AuthFailure", Message: "wrong key"},
		}, `
error: Unable to stop instance "h-1"

The cloud answered: wrong key.

  Cloud:       here, r-1
  Wanted:      stopped
  Code:        AuthFailure
  Request id:  req-1

Check the credentials of the provider's configuration and the permissions of their owner.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.cloud.Fail(test.trouble)
				wantTexts(t, s.plan(resourceOf("stopped", limited), held{}).Diagnostics, test.want)
			})
		})
	}
	t.Run("a dry run that hangs", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := setupOf(t, memory.Options{}, withDryRun, map[string]any{"preflight": "dry_run"}, machine(backend.Running))
			s.cloud.Fail(memory.Trouble{Op: memory.DryRun, Hang: true})
			plan := s.plan(resourceOf("stopped", limited), held{})
			wantTexts(t, plan.Diagnostics, `
error: Unable to stop instance "h-1"

The time limit of 3s (`+"`timeouts.read`"+`) passed before the dry run was answered.

  Cloud:       here, r-1
  Wanted:      stopped
  Last seen:   running (RUNNING), for 3s

Nothing was changed. If the cloud is often that slow, raise `+"`timeouts.read`.")
		})
	})
}
