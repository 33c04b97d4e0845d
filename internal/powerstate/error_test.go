package powerstate

import (
	"context"
	"errors"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestErrorIsOneLine(t *testing.T) {
	t.Parallel()
	vendor := errors.New("vendor says no")
	stopping := &backend.Instance{ID: id, State: backend.Stopping, Raw: "STOPPING"}
	for name, test := range map[string]struct {
		err  Error
		want string
	}{
		"a fault with a code": {
			Error{Op: backend.OpStop, Err: vendor, Fault: &backend.Fault{Code: "No.Way", Message: "not today"}},
			"stop memory instance i-1: No.Way: not today",
		},
		"a fault without a code": {
			Error{Op: backend.OpStart, Err: vendor, Fault: &backend.Fault{}},
			"start memory instance i-1: vendor says no",
		},
		"an error that is no fault": {Error{Err: vendor}, "read memory instance i-1: vendor says no"},
		"a refusal": {
			Error{Cause: Refused, Last: &backend.Instance{State: backend.Absent}},
			"read memory instance i-1: refused (last observed: absent)",
		},
		"a deadline": {
			Error{
				Cause: TimedOut, Op: backend.OpStop, Err: context.DeadlineExceeded, Last: stopping,
				Fault: &backend.Fault{Code: "Busy"},
			},
			`stop memory instance i-1: timed out (last observed: stopping, "STOPPING")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.err.Cloud, test.err.InstanceID = "memory", id
			if got := test.err.Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if test.err.Err != nil && !errors.Is(&test.err, test.err.Err) {
				t.Errorf("errors.Is does not find %v", test.err.Err)
			}
		})
	}
}

func TestCausesHaveWords(t *testing.T) {
	t.Parallel()
	causes := []Cause{
		CloudFault, Refused, TimedOut, Canceled, NoEffect, AnswerLost, ModeIgnored, Vanished,
		BecameUnavailable, Withdrawn,
	}
	words := map[string]bool{}
	for i, cause := range causes {
		word := cause.String()
		if int(cause) != i || word == "invalid" || words[word] {
			t.Errorf("cause %d is %d and called %q, want the numbers in order and a word of its own", i, cause, word)
		}
		words[word] = true
	}
	if got := Cause(len(causes)).String(); got != "invalid" {
		t.Errorf("the cause after the last is called %q, want %q: is the list complete?", got, "invalid")
	}
}
