package provider

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// progressIn are the sentences in a log.
func progressIn(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	sentences := []string{}
	lines, err := tflogtest.MultilineJSONDecode(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line["@message"] == "Fleet progress" && line["@level"] == "info" {
			sentences = append(sentences, fmt.Sprint(line["progress"]))
		}
	}
	return sentences
}

func TestAFleetLogsItsProgress(t *testing.T) {
	t.Parallel()
	slow := func(t *testing.T) (*fleetSetup, []string) {
		t.Helper()
		f, ids := newFleet(t, 5, backend.Running)
		f.cloud.Behave(ids[1], memory.Behavior{Slow: 15 * time.Second})
		f.cloud.Behave(ids[3], memory.Behavior{Slow: 15 * time.Second})
		return f, ids
	}
	t.Run("every ten seconds, and how it ended", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := slow(t)
			config := fleetOf("stopped", ids, nil)
			var log bytes.Buffer
			before, diags := f.apply(tflogtest.RootLogger(t.Context(), &log), config, held{}, f.plan(config, held{}))
			wantTexts(t, diags, "")
			got := progressIn(t, &log)
			want := []string{
				"0 of 5 instances stopped after 10s; waiting for 5: h-000, h-001, h-002 and 2 more.",
				"3 of 5 instances stopped after 20s; waiting for 2: h-001, h-003.",
			}
			if len(got) != 3 || !slices.Equal(got[:2], want) || !strings.HasPrefix(got[2], "5 of 5 instances stopped after ") {
				t.Errorf("the log says %q", got)
			}
			// One whose settings alone change has no progress.
			log.Reset()
			config["force_stop"] = true
			_, diags = f.apply(tflogtest.RootLogger(t.Context(), &log), config, before, f.plan(config, before))
			wantTexts(t, diags, "")
			wantNames(t, "progress of settings alone", progressIn(t, &log))
		})
	})
	t.Run("of a state for each, in an update, and of a destroy", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := slow(t)
			all := map[string]any{"on_destroy": "restore"}
			before := f.step(fleetBy(statesOf(ids, 0), all), held{})
			config := fleetBy(statesOf(ids, 2), all)
			var log bytes.Buffer
			after, _ := f.apply(tflogtest.RootLogger(t.Context(), &log), config, before, f.plan(config, before))
			const second = "1 of 2 instances as declared after 20s; waiting for 1: h-001."
			if got := progressIn(t, &log); len(got) != 3 || got[1] != second {
				t.Errorf("the log of the update says %q", got)
			}
			log.Reset()
			f.apply(tflogtest.RootLogger(t.Context(), &log), nil, after, f.plan(nil, after))
			if got := progressIn(t, &log); len(got) == 0 {
				t.Error("the log of the destroy says nothing")
			} else if last := got[len(got)-1]; !strings.HasPrefix(last, "5 of 5 instances left as declared after ") {
				t.Errorf("the log of the destroy ends with %s", last)
			}
		})
	})
}

func TestAFleetOfWhichFewAreInTransition(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 5, backend.Running)
		some := map[string]any{"max_in_transition": 2}
		before := f.step(fleetBy(statesOf(ids, 4), some), held{})
		f.wantWritten("stop graceful of 2", "stop graceful of 2")
		some["on_destroy"] = "restore"
		next := map[string]any{ids[0]: "running", ids[1]: "running", ids[4]: "stopped"}
		before = f.step(fleetBy(next, some), before) // Two start, one stops, and two are started as they leave.
		f.wantFewAtATime(2)
		f.wantMembers(before, map[string]string{ids[0]: "running", ids[1]: "running", ids[4]: "stopped"})
		late := map[string]any{"max_in_transition": 1, "timeouts": map[string]any{"update": "8s"}}
		_, diags := f.try(fleetBy(map[string]any{ids[0]: "stopped", ids[1]: "stopped", ids[4]: "stopped"}, late), before)
		want := "The time limit of 8s (`timeouts.update`) passed before the call was made: " +
			"as many instances as `max_in_transition` permits were still in a transition."
		const remedy = "Raise `max_in_transition` or `timeouts.update`."
		if got := texts(diags); !strings.Contains(got, want) || !strings.Contains(got, remedy) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("in a destroy", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			before := f.step(fleetOf("stopped", ids, map[string]any{"max_in_transition": 2, "on_destroy": "restore"}), held{})
			f.cloud.ForgetCalls()
			_, diags := f.destroy(before)
			wantTexts(t, diags, "")
			f.wantWritten("start of 1", "start of 2", "start of 2")
			f.wantFewAtATime(2)
		})
	})
}

// wantFewAtATime fails if more instances than most are in a transition at a time.
func (f *fleetSetup) wantFewAtATime(most int) {
	f.t.Helper()
	writes := f.cloud.Calls(memory.Start, memory.Stop)
	for i, call := range writes {
		n := 0
		for _, other := range writes[i:] {
			if other.At.Sub(call.At) < transition {
				n += len(other.IDs)
			}
		}
		if n > most {
			f.t.Errorf("%d are in transition at a time, want at most %d: %v", n, most, f.writes())
		}
	}
}
