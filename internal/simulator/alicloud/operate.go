package alicloud

import (
	"net/http"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// verdict is what an operation means for one instance.
type verdict struct {
	id      string
	order   simulator.Order
	status  string
	refusal *simulator.Refusal
	// idle says that the call is accepted and nothing is to be done.
	idle bool
}

// operate serves StopInstances, StartInstances and RebootInstances, and the
// forms for one instance; see
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
// and https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstance.
func (w *Wire) operate(req *simulator.Request, p *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		if p.dryRun && p.batch == successFirst {
			// This dry run succeeds whatever the checks would say.
			return w.Refuse(req, *refuse(dryRunPlural))
		}
		var verdicts []verdict
		for _, id := range simulator.Unique(p.ids) {
			verdicts = append(verdicts, judge(req, tx, p, id))
		}
		failed := slices.IndexFunc(verdicts, func(v verdict) bool { return v.refusal != nil })
		switch {
		case failed >= 0 && p.batch != successFirst:
			if !p.dryRun {
				rollBack(tx, verdicts)
			}
			return w.Refuse(req, *verdicts[failed].refusal)
		case p.dryRun && p.single:
			return w.Refuse(req, *refuse(dryRunSingular))
		case p.dryRun:
			return w.Refuse(req, *refuse(dryRunPlural))
		}
		items := make([]map[string]any, len(verdicts))
		for n, v := range verdicts {
			items[n] = carryOut(req, tx, v)
		}
		body := map[string]any{"RequestId": req.Call.RequestID}
		if !p.single {
			body["InstanceResponses"] = map[string]any{"InstanceResponse": items}
		}
		return answer(req, http.StatusOK, req.Call.Action+"Response", body)
	})
}

// judge decides about one instance without changing it.
func judge(req *simulator.Request, tx *simulator.Tx, p *parameters, id string) verdict {
	v := verdict{id: id, order: simulator.Order{Op: req.Call.Op, Force: req.Call.Force}}
	deny := func(r simulator.Refusal) verdict {
		v.refusal = &r
		return v
	}
	i, ok := tx.Instance(id)
	v.status = i.Status
	if ok && p.dryRun && tx.Setting(HiddenDryRun) == Forbidden && tx.Standing(id, simulator.Hidden, simulator.EmptyList) {
		return deny(*refuse("Forbidden.RAM"))
	}
	unsupported := false
	if ok && v.order.Op == simulator.OpStop {
		v.order.Mode, unsupported = stoppedMode(tx, p, i)
	}
	if d := tx.Check(id, v.order); d != nil {
		return deny(denied(tx, d, i))
	}
	if unsupported {
		return deny(naming(tx, *refuse("InvalidInstanceId.NotSupport"), id))
	}
	// A reboot shows Stopped or Running for a moment. It is still under way.
	if i.LastOperation.State == simulator.Operating && (i.Status == stopped || i.Status == running) {
		return deny(naming(tx, *refuse("IncorrectInstanceStatus"), id))
	}
	switch {
	case v.order.Op == simulator.OpStart:
		v.idle = i.Status == running
	case v.order.Op == simulator.OpStop && i.Status == stopped:
		v.idle = tx.Setting(StopWhileStopped) == Ignored
	}
	return v
}

// stoppedMode is the mode that a stop leaves. An instance that cannot stop
// charging keeps charging, and refuses only a request that says StopCharging
// itself, if the switch has it so.
func stoppedMode(tx *simulator.Tx, p *parameters, i simulator.Instance) (mode string, unsupported bool) {
	mode = p.stoppedMode
	if mode == "" {
		mode = tx.Setting(DefaultStopMode)
	}
	if mode == keepCharging || eligible(tx, i) {
		return mode, false
	}
	return keepCharging, p.stoppedMode != "" && tx.Setting(IneligibleStopCharging) == Refused
}

// rollBack is what becomes of the good instances of a stop that fails as a
// whole.
func rollBack(tx *simulator.Tx, verdicts []verdict) {
	if tx.Setting(FailedTogether) != RolledBack {
		return
	}
	for _, v := range verdicts {
		if v.refusal == nil && !v.idle && v.order.Op == simulator.OpStop && v.status == running {
			tx.Apply(v.id, simulator.Order{Op: simulator.OpReboot, Force: v.order.Force})
		}
	}
}

// carryOut does to one instance what was decided, and makes its part of the
// answer.
func carryOut(req *simulator.Request, tx *simulator.Tx, v verdict) map[string]any {
	if v.refusal != nil {
		if req.Call.ItemCodes == nil {
			req.Call.ItemCodes = map[string]string{}
		}
		req.Call.ItemCodes[v.id] = v.refusal.Code
		r := complete(*v.refusal)
		return map[string]any{
			"InstanceId": v.id, "Code": r.Code, "Message": r.Message, "PreviousStatus": "", "CurrentStatus": "",
		}
	}
	item := map[string]any{
		"InstanceId": v.id, "Code": "200", "Message": "success", "PreviousStatus": v.status, "CurrentStatus": v.status,
	}
	if tx.Setting(ItemCode) == CodeNumber {
		item["Code"] = http.StatusOK
	}
	if !v.idle {
		item["PreviousStatus"], item["CurrentStatus"] = tx.Apply(v.id, v.order)
	}
	return item
}
