package powerstate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// sameModeTable tells, by the target's mode and the observed one, whether a stopped instance is in
// the target's mode.
var sameModeTable = map[[2]backend.StoppedMode]bool{
	{"", ""}:                                 true,
	{"", backend.KeepCharging}:               true,
	{"", backend.StopCharging}:               true,
	{"", backend.NotApplicable}:              true,
	{backend.KeepCharging, ""}:               false, // not told is not read back
	{backend.KeepCharging, "keep_charging"}:  true,
	{backend.KeepCharging, "stop_charging"}:  false,
	{backend.KeepCharging, "not_applicable"}: true, // it is paid for all the same
	{backend.StopCharging, ""}:               false,
	{backend.StopCharging, "keep_charging"}:  false,
	{backend.StopCharging, "stop_charging"}:  true,
	{backend.StopCharging, "not_applicable"}: false,
	// Any mode satisfies the one that is only preferred.
	{StopChargingIfSupported, ""}:               true,
	{StopChargingIfSupported, "keep_charging"}:  true,
	{StopChargingIfSupported, "stop_charging"}:  true,
	{StopChargingIfSupported, "not_applicable"}: true,
}

// rule is one line of the specification: the first rule that applies decides.
type rule struct {
	when string // words that must all hold; see factsOf and factsFor
	want string
}

// rules is what Decide is to return, in words. How hard to stop matters nothing to
// it.
var rules = []rule{
	{"target-invalid", "refuse"},
	{"no-such-state", "refuse"},
	{"absent", "refuse because it is absent"},
	{"unavailable", "refuse because it is unavailable"},
	{"unknown", "wait"},
	{"starting", "wait"},
	{"stopping", "wait"},
	{"restarting", "wait"},
	{"running to-running", "done"},
	{"stopped to-stopped same-mode", "done"},

	{"stopped to-rebooted", "refuse because it is stopped"},
	{"running to-rebooted blocked", "refuse because it is blocked"},
	{"running to-rebooted start-blocked", "refuse because it is blocked"},
	{"running to-rebooted operation-running", "wait"},
	{"running to-rebooted", "reboot"},

	{"stopped to-running blocked", "refuse because it is blocked"},
	{"stopped to-running start-blocked", "refuse because it is blocked"},
	{"stopped to-running operation-running", "wait"},
	{"stopped to-running", "start"},

	{"running to-stopped wants-no-charge barred", "refuse because of the mode"},
	{"running to-stopped blocked", "refuse because it is blocked"},
	{"running to-stopped operation-running", "wait"},
	{"running to-stopped", "stop"},

	{"stopped to-stopped wants-no-charge barred", "refuse because of the mode"},
	{"stopped to-stopped may-not-restart", "refuse because of a restart"},
	{"stopped to-stopped blocked", "refuse because it is blocked"},
	{"stopped to-stopped start-blocked", "refuse because it is blocked"},
	{"stopped to-stopped operation-running", "wait"},
	{"stopped to-stopped", "start for the mode"},
}

var answers = map[string]Decision{
	"refuse":                           {Step: Refuse},
	"refuse because it is absent":      {Step: Refuse, Reason: IsAbsent},
	"refuse because it is unavailable": {Step: Refuse, Reason: IsUnavailable},
	"refuse because it is blocked":     {Step: Refuse, Reason: IsBlocked},
	"refuse because it is stopped":     {Step: Refuse, Reason: IsStopped},
	"refuse because of the mode":       {Step: Refuse, Reason: ModeUnsupported},
	"refuse because of a restart":      {Step: Refuse, Reason: ModeNeedsRestart},
	"done":                             {Step: Done},
	"wait":                             {Step: Wait},
	"start":                            {Step: Act, Op: backend.OpStart},
	"stop":                             {Step: Act, Op: backend.OpStop},
	"reboot":                           {Step: Act, Op: backend.OpReboot},
	"start for the mode":               {Step: Restart, Op: backend.OpStart},
}

// words is a set of the words of the rules: a bit for each.
type words uint32

var vocabulary = []string{
	"no-such-state", "absent", "unavailable", "unknown", "starting", "stopping", "restarting", "running", "stopped",
	"target-invalid", "to-running", "to-stopped", "to-rebooted", "same-mode", "wants-no-charge", "may-not-restart",
	"barred", "blocked", "start-blocked", "operation-running",
}

func wordsOf(t *testing.T, text string) words {
	t.Helper()
	var set words
	for word := range strings.FieldsSeq(text) {
		at := slices.Index(vocabulary, word)
		if at < 0 {
			t.Fatalf("no rule knows the word %q", word)
		}
		set |= 1 << at
	}
	return set
}

// factsOf puts an instance into the words of the rules.
func factsOf(t *testing.T, in backend.Instance) words {
	t.Helper()
	text := in.State.String()
	if text == "invalid" {
		text = "no-such-state"
	}
	for word, holds := range map[string]bool{
		"barred":            in.StopChargingBar != "",
		"blocked":           in.Blocked != "",
		"start-blocked":     in.StartBlocked != "",
		"operation-running": in.LastOperation != nil && in.LastOperation.State == backend.OperationRunning,
	} {
		if holds {
			text += " " + word
		}
	}
	return wordsOf(t, text)
}

// factsFor puts a target into the words of the rules.
func factsFor(t *testing.T, target Target) words {
	t.Helper()
	text := ""
	for word, holds := range map[string]bool{
		"to-running":      target.Goal == GoalRunning,
		"to-stopped":      target.Goal == GoalStopped,
		"to-rebooted":     target.Goal == GoalRebooted,
		"target-invalid":  target.Goal < GoalRunning || target.Goal > GoalRebooted,
		"wants-no-charge": target.Mode == backend.StopCharging,
		"may-not-restart": !target.AllowRestart,
	} {
		if holds {
			text += " " + word
		}
	}
	return wordsOf(t, text)
}

// everyInstance yields each state, two that do not exist, with each
// combination of what qualifies it.
func everyInstance(yield func(backend.Instance) bool) {
	states := append(backend.States(), backend.State(len(backend.States())), backend.State(-1))
	operations := []*backend.Operation{nil}
	for _, state := range []backend.OperationState{
		backend.OperationUnknown, backend.OperationRunning,
		backend.OperationSucceeded, backend.OperationFailed,
	} {
		operations = append(operations, &backend.Operation{State: state})
	}
	for _, state := range states {
		for _, mode := range []backend.StoppedMode{
			backend.UnknownMode, backend.KeepCharging, backend.StopCharging,
			backend.NotApplicable,
		} {
			for _, operation := range operations {
				for bits := range 8 {
					in := backend.Instance{ID: id, State: state, StoppedMode: mode, LastOperation: operation}
					if bits&1 != 0 {
						in.StopChargingBar = "it is prepaid"
					}
					if bits&2 != 0 {
						in.Blocked = "it is locked"
					}
					if bits&4 != 0 {
						in.StartBlocked = "the account is in arrears"
					}
					if !yield(in) {
						return
					}
				}
			}
		}
	}
}

func everyTarget(yield func(Target) bool) {
	for goal := Goal(-1); goal <= GoalRebooted+1; goal++ {
		for _, mode := range []backend.StoppedMode{
			backend.UnknownMode, backend.KeepCharging, backend.StopCharging, StopChargingIfSupported,
		} {
			for bits := range 8 {
				target := Target{Goal: goal, Mode: mode, ForceStop: bits&1 != 0, AllowRestart: bits&4 != 0}
				if bits&2 != 0 {
					target.ForceStopAfter = time.Minute
				}
				if !yield(target) {
					return
				}
			}
		}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	used := make([]int, len(rules))
	needs := make([]words, len(rules))
	for i, r := range rules {
		needs[i] = wordsOf(t, r.when)
	}
	targets := map[Target]words{}
	for target := range everyTarget {
		targets[target] = factsFor(t, target)
	}
	sameMode := wordsOf(t, "same-mode")
	wrong := 0
	for in := range everyInstance {
		facts := factsOf(t, in)
		for target, about := range targets {
			known := facts | about
			if sameModeTable[[2]backend.StoppedMode{target.Mode, in.StoppedMode}] {
				known |= sameMode
			}
			at := slices.IndexFunc(needs, func(need words) bool { return known&need == need })
			if at < 0 {
				t.Fatalf("no rule for %+v and %+v", in, target)
			}
			used[at]++
			if got, want := Decide(&in, target), answers[rules[at].want]; got != want {
				if wrong++; wrong <= 10 {
					t.Errorf("rule %q: Decide returns %v, want %v (%s), for %s", rules[at].when, got, want,
						rules[at].want,
						describe(in, target))
				}
			}
		}
	}
	if wrong > 10 {
		t.Errorf("%d combinations are wrong in all", wrong)
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("rule %q never decided", rules[i].when)
		}
	}
}

func describe(in backend.Instance, target Target) string {
	return fmt.Sprintf("%v, mode %q, bar %q, blocked %q, start blocked %q, operation %v; target %+v",
		in.State, in.StoppedMode, in.StopChargingBar, in.Blocked, in.StartBlocked, in.LastOperation, target)
}

func TestStepsHaveWords(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	for _, step := range []Step{Refuse, Done, Act, Wait, Restart} {
		word := step.String()
		if word == "invalid" || words[word] {
			t.Errorf("step %d is called %q, want a word of its own", step, word)
		}
		words[word] = true
	}
	if got := Step(len(words)).String(); got != "invalid" {
		t.Errorf("the step after the last is called %q, want %q", got, "invalid")
	}
}
