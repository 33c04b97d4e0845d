package zenlayercloud

import (
	"net/http"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// operate serves StopInstances, StartInstances and RebootInstances. All of them
// are accepted first and done later; vm answers nothing but the id of the
// request, zec the ids of the instances that it did not accept
// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances).
func (w *Wire) operate(req *simulator.Request, params *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		order := simulator.Order{Op: req.Call.Op, Force: req.Call.Force}
		var good, failed []string
		var first *simulator.Refusal
		codes := map[string]string{}
		for _, id := range simulator.Unique(params.ids) {
			d := check(tx, req.Call.Service, id, order)
			if d == nil {
				good = append(good, id)
				continue
			}
			refusal := denied(tx, order.Op, d)
			if first == nil {
				first = &refusal
			}
			failed = append(failed, id)
			codes[id] = refusal.Code
		}
		whole := first != nil && refusesWhole(tx, req.Call.Service, len(good))
		if !whole || tx.Setting(Batch) == Partial {
			for _, id := range good {
				tx.Apply(id, order)
			}
		}
		if whole {
			return w.Refuse(req, *first)
		}
		fields := map[string]any{}
		if len(failed) > 0 {
			req.Call.ItemCodes = codes
		}
		if req.Call.Service == ZEC && (len(failed) > 0 || tx.Setting(NoFailures) == EmptyList) {
			fields["instanceIds"] = orEmpty(failed)
		}
		return success(req, params, fields)
	})
}

// refusesWhole reports whether instances that cannot be operated fail the call
// as a whole: always with vm, with zec by a switch.
func refusesWhole(tx *simulator.Tx, service string, good int) bool {
	if service != ZEC {
		return true
	}
	switch tx.Setting(Failures) {
	case RefusedWhole:
		return true
	case ListedUnlessAll:
		return good == 0
	default:
		return false
	}
}

// check is the check of the shared machine with what differs between the two
// services: each knows its own instances only, and vm does not stop what is
// stopping.
func check(tx *simulator.Tx, service, id string, order simulator.Order) *simulator.Denial {
	i, ok := tx.Instance(id)
	if !ok || serviceOf(i) != service {
		return &simulator.Denial{ID: id, Reason: simulator.NotFound}
	}
	if d := tx.Check(id, order); d != nil {
		return d
	}
	if service == VM && order.Op == simulator.OpStop && i.Status == stopping {
		return &simulator.Denial{ID: id, Reason: simulator.WrongState, Status: i.Status}
	}
	return nil
}

// success wraps an answer as the pages show it
// (https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/response).
func success(req *simulator.Request, params *parameters, fields map[string]any) simulator.Answer {
	fields["requestId"] = req.Call.RequestID
	if params.unwrapped {
		return simulator.JSON(http.StatusOK, fields)
	}
	return simulator.JSON(http.StatusOK, map[string]any{"requestId": req.Call.RequestID, "response": fields})
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
