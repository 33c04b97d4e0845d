package tencentcloud

import (
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// operate serves StopInstances, StartInstances and RebootInstances. An answer
// has no part for each instance: one that cannot be operated fails the call.
func (w *Wire) operate(req *simulator.Request, params *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		ids := simulator.Unique(params.InstanceIDs)
		order := simulator.Order{Op: req.Call.Op, Force: req.Call.Force}
		if order.Op == simulator.OpStop {
			order.Mode = keepCharging
			if params.StoppedMode != nil {
				order.Mode = *params.StoppedMode
			}
		}
		good, refusal := w.inspect(req, tx, ids, order)
		if refusal != nil && tx.Setting(Batch) == Atomic {
			return w.Refuse(req, *refusal)
		}
		for _, id := range good {
			one := order
			i, ok := tx.Instance(id)
			if ok && order.Op == simulator.OpStop && i.Status == stopped && tx.Setting(StopWhileStopped) == Ignored {
				continue
			}
			if ok && one.Mode == stopCharging && !eligible(i) {
				// The other instances of the call can have it: this one is
				// stopped all the same, and keeps charging
				// (https://cloud.tencent.com/document/product/213/19918).
				one.Mode = keepCharging
			}
			tx.Apply(id, one)
		}
		if refusal != nil {
			return w.Refuse(req, *refusal)
		}
		return simulator.JSON(http.StatusOK, map[string]any{"Response": map[string]any{"RequestId": req.Call.RequestID}})
	})
}

// inspect returns the instances that can be operated, and why the call is
// refused if one cannot.
func (w *Wire) inspect(
	req *simulator.Request, tx *simulator.Tx, ids []string, order simulator.Order,
) (good []string, refusal *simulator.Refusal) {
	var absent, eligibles []string
	for _, id := range ids {
		i, ok := tx.Instance(id)
		if !ok {
			absent = append(absent, id)
			continue
		}
		if eligible(i) {
			eligibles = append(eligibles, id)
		}
		if d := tx.Check(id, order); d != nil {
			if refusal == nil {
				r := denied(req, d)
				refusal = &r
			}
			continue
		}
		good = append(good, id)
	}
	if len(absent) > 0 {
		return good, notFound(absent)
	}
	if refusal == nil && order.Mode == stopCharging && len(eligibles) == 0 && tx.Setting(IneligibleAlone) == Refused {
		fragment, _, _ := strings.Cut(req.Call.RequestID, "-")
		return nil, unsupportedMode(ids[0], fragment)
	}
	return good, refusal
}

// eligible reports whether a stopped instance can be free of charge: paid by
// the hour, not spot, and with cloud disks alone
// (https://cloud.tencent.com/document/product/213/19918).
func eligible(i simulator.Instance) bool {
	return i.ChargeType == postPaid && !i.Spot && !i.LocalDisk
}
