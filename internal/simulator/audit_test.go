package simulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	ids := []string{"i", "j"}
	lost := Call{
		Cloud: "c", Action: "Stop", Op: OpStop, InstanceIDs: ids, Force: Graceful, ForceExplicit: true, Lost: true,
	}
	again := Call{
		Index: 2, Cloud: "c", Action: "Stop", Op: OpStop, InstanceIDs: []string{"i"}, Force: Graceful, ForceExplicit: true,
		Delivered: true,
	}
	described := Call{
		Index: 1, Cloud: "c", Action: "Describe", Op: OpDescribe, InstanceIDs: []string{"i"}, Delivered: true,
	}
	with := func(k Call, change func(*Call)) Call {
		change(&k)
		return k
	}
	repeated := "call 2 (c Stop): repeats the write of call 0 for i, whose answer was lost, without a describe in between"
	for _, test := range []struct {
		name    string
		calls   []Call
		options AuditOptions
		want    []string
	}{
		{"a repeat after a lost answer", []Call{lost, again}, AuditOptions{}, []string{repeated}},
		{"a describe in between", []Call{lost, described, again}, AuditOptions{}, nil},
		{
			"a describe of another instance",
			[]Call{lost, with(described, func(k *Call) { k.InstanceIDs = []string{"j"} }), again},
			AuditOptions{},
			[]string{repeated},
		},
		{
			"a describe that was not answered",
			[]Call{lost, with(described, func(k *Call) { k.Delivered = false }), again},
			AuditOptions{},
			[]string{repeated},
		},
		{
			"a describe that was refused",
			[]Call{lost, with(described, func(k *Call) { k.Code = "Denied" }), again},
			AuditOptions{},
			[]string{repeated},
		},
		{
			"a listing that shows it",
			[]Call{lost, with(described, func(k *Call) { k.InstanceIDs, k.Shown = nil, []string{"i"} }), again},
			AuditOptions{},
			nil,
		},
		{
			"a listing that does not",
			[]Call{lost, with(described, func(k *Call) { k.InstanceIDs, k.Shown = nil, []string{"x"} }), again},
			AuditOptions{},
			[]string{repeated},
		},
		{"a repeat after an answer", []Call{with(lost, func(k *Call) { k.Lost = false }), again}, AuditOptions{}, nil},
		{"another action", []Call{lost, with(again, func(k *Call) { k.Op = OpStart })}, AuditOptions{}, nil},
		{"another region", []Call{lost, with(again, func(k *Call) { k.Region = "r" })}, AuditOptions{}, nil},
		{"a dry run", []Call{lost, with(again, func(k *Call) { k.DryRun = true })}, AuditOptions{}, nil},
		{
			"force by its own word",
			[]Call{with(again, func(k *Call) { k.Force = Forced })},
			AuditOptions{},
			[]string{"call 2 (c Stop): is forced for i, by its own word"},
		},
		{
			"force by default",
			[]Call{with(again, func(k *Call) { k.Force, k.ForceExplicit = Forced, false })},
			AuditOptions{},
			[]string{"call 2 (c Stop): is forced for i, by the cloud's default"},
		},
		{
			"force by the type of one instance",
			[]Call{with(again, func(k *Call) { k.InstanceIDs, k.ForcedByType = ids, []string{"j"} })},
			AuditOptions{},
			[]string{"call 2 (c Stop): is forced for j, by the type of the instance"},
		},
		{
			"force that is allowed",
			[]Call{with(again, func(k *Call) { k.Force = Forced })},
			AuditOptions{AllowForced: []string{"i"}},
			nil,
		},
		{
			"force that is allowed for another",
			[]Call{with(again, func(k *Call) { k.Force = FirstGraceful })},
			AuditOptions{AllowFirstGraceful: []string{"j"}},
			[]string{"call 2 (c Stop): is first_graceful for i, by its own word"},
		},
		{
			"force that is allowed for all",
			[]Call{with(again, func(k *Call) { k.Force = FirstGraceful })},
			AuditOptions{AllowFirstGraceful: []string{"*"}},
			nil,
		},
		{
			"a stop that does not say",
			[]Call{with(again, func(k *Call) { k.ForceExplicit = false })},
			AuditOptions{ExplicitForce: true},
			[]string{"call 2 (c Stop): leaves the use of force to the cloud's default"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Audit(test.calls, test.options)); diff != "" {
				t.Errorf("breaches (-want +got):\n%s", diff)
			}
		})
	}
}
