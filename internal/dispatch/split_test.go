package dispatch

import (
	"slices"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestWhenARefusalConcernsAll(t *testing.T) {
	t.Parallel()
	denied := backend.Fault{Kind: backend.KindDenied, Code: "No", Shared: true}
	type answered struct {
		of    rank
		fault *backend.Fault // nil when it was accepted
	}
	all := []answered{{half, &denied}, {half, &denied}}
	for range probes {
		all = append(all, answered{probe, &denied})
	}
	and := func(more answered) []answered { return append(slices.Clone(all), more) }
	for name, test := range map[string]struct {
		answers []answered
		want    bool
	}{
		"halves and probes were refused with it":   {all, true},
		"smaller ones too":                         {and(answered{smaller, &denied}), true},
		"a throttle says nothing":                  {and(answered{smaller, &backend.Fault{Kind: backend.KindThrottled}}), true},
		"a lost answer says nothing":               {and(answered{smaller, &backend.Fault{Kind: backend.KindUnavailable}}), true},
		"not when something was accepted":          {and(answered{smaller, nil}), false},
		"not when one has another code":            {and(answered{smaller, &backend.Fault{Kind: backend.KindDenied, Code: "NotThis"}}), false},
		"not when one has another kind":            {and(answered{smaller, &backend.Fault{Kind: backend.KindInvalid, Code: "No"}}), false},
		"not when one names somebody":              {and(answered{smaller, &backend.Fault{Kind: backend.KindDenied, Code: "No", Shared: true, IDs: []string{"i-1"}}}), false},
		"not while a probe is to be answered":      {all[:len(all)-1], false},
		"not while a half is to be answered":       {all[1:], false},
		"not when only halves were refused":        {all[:2], false},
		"not when it is only the batch as a whole": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cause := &memory.Error{Fault: denied}
			r := &refusal{fault: denied, err: cause}
			for _, one := range test.answers {
				if one.fault == nil {
					r.note(one.of, nil, backend.Fault{})
					continue
				}
				r.note(one.of, cause, *one.fault)
			}
			if got := (part{of: r}).final() != nil; got != test.want {
				t.Errorf("it is final: %v, want %v", got, test.want)
			}
		})
	}
}
