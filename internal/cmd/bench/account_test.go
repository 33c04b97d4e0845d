package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// at is a time that many milliseconds after an arbitrary one.
func at(ms int) time.Time {
	return time.Unix(1_700_000_000, 0).Add(time.Duration(ms) * time.Millisecond)
}

func describe(ms int, ids ...string) simulator.Call {
	return simulator.Call{Time: at(ms), Action: "DescribeInstances", Op: simulator.OpDescribe, InstanceIDs: ids}
}

func stop(ms int, ids ...string) simulator.Call {
	return simulator.Call{Time: at(ms), Action: "StopInstances", Op: simulator.OpStop, InstanceIDs: ids, Accepted: ids}
}

func refused(k simulator.Call, code string) simulator.Call {
	k.Code, k.Accepted = code, nil
	return k
}

func secondEach(string) time.Duration { return time.Second }

func TestReckon(t *testing.T) {
	t.Parallel()
	const throttle = "LimitExceeded"
	for _, test := range []struct {
		name  string
		calls []simulator.Call
		want  account
	}{
		{"an empty log", nil, account{actions: map[string]int{}}},
		{
			"the notice is the first read after the end of the transition",
			[]simulator.Call{describe(0, "a"), stop(100, "a"), describe(600, "a"), describe(1400, "a"), describe(2400, "a")},
			account{
				actions: map[string]int{"DescribeInstances": 4, "StopInstances": 1}, reads: 4, stops: 1, mostReads: 4,
				roundReads: 1, mostWaitReads: 2, notice: []time.Duration{300 * time.Millisecond},
			},
		},
		{
			"each instance has a notice and the reads at the busiest count",
			[]simulator.Call{stop(0, "a", "b"), describe(500, "a"), describe(1000, "a", "b")},
			account{
				actions: map[string]int{"DescribeInstances": 2, "StopInstances": 1}, reads: 2, stops: 1, mostReads: 2,
				roundReads: 1, mostWaitReads: 2, notice: []time.Duration{0, 0},
			},
		},
		{
			"the describes of a round are those before one names an instance again",
			[]simulator.Call{
				describe(0, "a"), describe(1, "b"), describe(2, "c"), describe(3, "b"), describe(4, "a"), describe(500, "a", "b"),
			},
			account{actions: map[string]int{"DescribeInstances": 6}, reads: 6, mostReads: 3, roundReads: 3},
		},
		{
			"a read that was refused notices nothing",
			[]simulator.Call{stop(0, "a"), refused(describe(1100, "a"), throttle), describe(1500, "a")},
			account{
				actions: map[string]int{"DescribeInstances": 2, "StopInstances": 1}, reads: 2, stops: 1, throttled: 1, mostReads: 2,
				roundReads: 1, mostWaitReads: 2, notice: []time.Duration{500 * time.Millisecond},
			},
		},
		{
			"a stop that was refused begins no transition",
			[]simulator.Call{refused(stop(0, "a"), "Busy"), describe(100, "a"), stop(5000, "a"), describe(6200, "a")},
			account{
				actions: map[string]int{"DescribeInstances": 2, "StopInstances": 2}, reads: 2, stops: 2, refused: 1, mostReads: 2,
				roundReads: 1, mostWaitReads: 1, notice: []time.Duration{200 * time.Millisecond},
			},
		},
		{
			"a read that arrived before the end and was answered after it is no delay",
			[]simulator.Call{stop(0, "a"), describe(999, "a")},
			account{
				actions: map[string]int{"DescribeInstances": 1, "StopInstances": 1}, reads: 1, stops: 1, mostReads: 1,
				roundReads: 1, mostWaitReads: 1, notice: []time.Duration{0},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := reckon(test.calls, secondEach, throttle)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(account{})); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAccountsAddUp(t *testing.T) {
	t.Parallel()
	a := reckon([]simulator.Call{describe(0, "a"), describe(1, "a")}, secondEach, "T")
	b := reckon([]simulator.Call{describe(0, "a"), refused(stop(5, "a"), "T")}, secondEach, "T")
	sum := a.add(b)
	if diff := cmp.Diff(map[string]int{"DescribeInstances": 3, "StopInstances": 1}, sum.actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	if sum.reads != 3 || sum.stops != 1 || sum.throttled != 1 || sum.mostReads != 2 {
		t.Errorf("got %d reads, %d stops, %d throttled, %d of one; want 3, 1, 1, 2", sum.reads, sum.stops, sum.throttled,
			sum.mostReads)
	}
	if diff := cmp.Diff(map[string]int{"DescribeInstances": 2}, a.actions); diff != "" {
		t.Errorf("the first account is not as before (-want +got):\n%s", diff)
	}
}

func TestTellTakesTheLogApart(t *testing.T) {
	t.Parallel()
	takes := map[string]time.Duration{"a": time.Second, "b": 2 * time.Second, "c": time.Second, "d": 2 * time.Second}
	calls := []simulator.Call{
		stop(0, "a"), stop(0, "b"), stop(0, "c", "d"),
		describe(1000, "c", "d"), describe(1500, "a"), describe(2250, "b"), describe(2750, "c", "d"),
	}
	got := tell(calls, []time.Duration{time.Second, 2 * time.Second}, []string{"a", "b", "c", "d"},
		func(id string) time.Duration { return takes[id] }, "T", true)
	want := []noticed{
		{
			length: time.Second, first: true, alone: []time.Duration{500 * time.Millisecond}, together: []time.Duration{0},
			readsAlone: 1, readsTogether: 1,
		},
		{
			length: 2 * time.Second, first: true, alone: []time.Duration{250 * time.Millisecond},
			together: []time.Duration{750 * time.Millisecond}, readsAlone: 1, readsTogether: 2,
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(noticed{})); diff != "" {
		t.Errorf("notice (-want +got):\n%s", diff)
	}
	if got := len(calls[2].Accepted); got != 2 {
		t.Errorf("a call of the log has %d accepted ids after it was read, want 2", got)
	}
}
