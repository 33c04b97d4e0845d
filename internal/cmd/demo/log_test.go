package main

import (
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// wantError checks an error against a part of its text; "" means none.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got error %q, want none", err)
	case want != "" && err == nil:
		t.Errorf("got no error, want one with %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("got error %q, want %q in it", err, want)
	}
}

func TestCheckWrites(t *testing.T) {
	t.Parallel()
	stop := simulator.Call{Op: simulator.OpStop, InstanceIDs: []string{"ins-a", "ins-b"}}
	again := simulator.Call{Op: simulator.OpStart, InstanceIDs: []string{"ins-a"}}
	describe := simulator.Call{Op: simulator.OpDescribe, InstanceIDs: []string{"ins-c"}}
	dry := simulator.Call{Op: simulator.OpStop, InstanceIDs: []string{"ins-c"}, DryRun: true}
	a, b := key{"tencentcloud", "ins-a"}, key{"tencentcloud", "ins-b"}
	tests := []struct {
		name     string
		calls    []simulator.Call
		expected []key
		want     string
	}{
		{"reads and dry runs are no writes", []simulator.Call{describe, dry}, nil, ""},
		{"every instance that was written is expected", []simulator.Call{stop, again}, []key{b, a}, ""},
		{
			"one that is not expected is named",
			[]simulator.Call{stop},
			[]key{a},
			"were told to start or stop tencentcloud ins-a, tencentcloud ins-b, and it should have been tencentcloud ins-a",
		},
		{
			"one that was left out is named", nil,
			[]key{a},
			"told to start or stop nothing, and it should have been tencentcloud ins-a",
		},
		{"a write where none is expected", []simulator.Call{again}, nil, "and it should have been nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, checkWrites(map[string][]simulator.Call{"tencentcloud": tt.calls, "alicloud": nil}, tt.expected...),
				tt.want)
		})
	}
}

func TestWaitedIsFromTheFirstWriteToTheLastLook(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	call := func(op simulator.Op, effect bool, after time.Duration) simulator.Call {
		return simulator.Call{Op: op, Effect: effect, Time: began.Add(after)}
	}
	calls := map[string][]simulator.Call{
		"alicloud": {
			call(simulator.OpDescribe, false, 0),
			call(simulator.OpStop, false, time.Second), // refused
			call(simulator.OpStop, true, 2*time.Second),
			call(simulator.OpStart, true, 3*time.Second),
			call(simulator.OpDescribe, false, 5500*time.Millisecond),
		},
		"tencentcloud": {
			call(simulator.OpStop, true, 0),
			call(simulator.OpDescribe, false, 3*time.Second),
		},
		"volcengine": {call(simulator.OpDescribe, false, 0), call(simulator.OpDescribe, false, time.Minute)},
	}
	if got, want := waited(calls), 3500*time.Millisecond; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := waited(map[string][]simulator.Call{"volcengine": calls["volcengine"]}); got != 0 {
		t.Errorf("without a write: got %s, want 0s", got)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	demo := simulator.Credential{AccessKeyID: "demo"}
	stop := simulator.Call{
		Cloud: "alicloud", Action: "StopInstances", Op: simulator.OpStop, InstanceIDs: []string{"i-1"}, AccessKeyID: "demo",
	}
	tests := []struct {
		name   string
		change func(*simulator.Call)
		want   string
	}{
		{"a graceful stop that says so", func(k *simulator.Call) { k.Force, k.ForceExplicit = simulator.Graceful, true }, ""},
		{
			"a forced stop", func(k *simulator.Call) { k.Force, k.ForceExplicit = simulator.Forced, true },
			"is forced for i-1, by its own word",
		},
		{
			"a stop that leaves it to the default", func(k *simulator.Call) { k.Force = simulator.Graceful },
			"leaves the use of force to the cloud's default",
		},
		{
			"a key of somebody else",
			func(k *simulator.Call) {
				k.Force, k.ForceExplicit, k.AccessKeyID = simulator.Graceful, true, "LTAI-real"
			},
			`carries the key "LTAI-real"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			call := stop
			tt.change(&call)
			wantError(t, audit([]simulator.Call{call}, demo), tt.want)
		})
	}
}

func TestAuditOfATokenThatIsExchanged(t *testing.T) {
	t.Parallel()
	exchange := simulator.Call{Cloud: "alicloud", Action: "AssumeRoleWithOIDC", Op: simulator.OpOther, Issued: "STS.1"}
	read := simulator.Call{Cloud: "alicloud", Action: "DescribeInstances", Op: simulator.OpDescribe, AccessKeyID: "STS.1"}
	wantError(t, audit([]simulator.Call{exchange, read}, simulator.Credential{}), "")
	wantError(t, audit([]simulator.Call{read}, simulator.Credential{}), `carries the key "STS.1"`)
	read.AccessKeyID = ""
	wantError(t, audit([]simulator.Call{exchange, read}, simulator.Credential{}), `carries the key ""`)
}
