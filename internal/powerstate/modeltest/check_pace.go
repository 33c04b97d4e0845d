package modeltest

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// checkPaced proves Paced: an instance counts from its first write until it is finished.
// One that was found in a transition before that counts whatever the limit, and is left
// out, and so is one whose call is refused for good in the instant in which it goes out.
func (c *checker) checkPaced() {
	for number, record := range c.h.Operations {
		if record.Most == 0 || !record.Ended.Happened() {
			continue
		}
		var counted []*operationView
		began := map[*operationView]event{}
		for _, id := range record.IDs {
			v := c.instances[id]
			for _, o := range v.operations {
				if o.OperationRecord != record {
					continue
				}
				if w, ok := v.beginsTransition(o); ok && w.Requested.At < o.ended.At {
					counted, began[o] = append(counted, o), w
				}
			}
		}
		for _, o := range counted {
			at := began[o].Requested.At
			n := 0
			for _, other := range counted {
				// Of what happens in the same instant, the end comes first.
				if began[other].Requested.At <= at && (other.ended.At > at || other == o) {
					n++
				}
			}
			if n > record.Most {
				c.report(Paced, o.id, "with %v, %d instances of operation %d are in a transition, and %d may be",
					began[o], n, number+1, record.Most)
			}
		}
	}
}

// beginsTransition is the first write of the operation about the instance, unless it was
// observed in a transition before.
func (v *instanceView) beginsTransition(o *operationView) (event, bool) {
	writes := v.writesIn(o)
	if !o.only || len(writes) == 0 {
		return event{}, false
	}
	moving := func(r event) bool {
		return r.Answered.Before(writes[0].Requested) &&
			slices.Contains([]backend.State{backend.Starting, backend.Stopping, backend.Restarting}, r.state())
	}
	return writes[0], !slices.ContainsFunc(v.readsIn(o), moving)
}
