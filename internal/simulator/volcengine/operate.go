package volcengine

import (
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// detail is an entry of OperationDetails. One without an error was accepted
// (https://www.volcengine.com/docs/6396/101068).
type detail struct {
	InstanceId string       //nolint:revive // The name is the wire's.
	Error      *detailError `json:"Error,omitempty"`
}

type detailError struct {
	Code    string
	Message string
}

// operate serves the six actions that change the power state.
func (w *Wire) operate(req *simulator.Request, p *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		if answer, ok := w.replay(req, tx, p); ok {
			return answer
		}
		if p.singular {
			return w.operateOne(req, tx, p)
		}
		return w.operateAll(req, tx, p)
	})
}

// operateAll serves the plural actions: what is wrong with one instance is told
// in its own entry, and has no influence on the others.
func (w *Wire) operateAll(req *simulator.Request, tx *simulator.Tx, p *parameters) simulator.Answer {
	details := []detail{}
	for _, id := range simulator.Unique(p.ids) {
		d := detail{InstanceId: id}
		if refusal := w.attempt(req, tx, id, p); refusal != nil {
			d.Error = &detailError{refusal.Code, refusal.Message}
			if req.Call.ItemCodes == nil {
				req.Call.ItemCodes = map[string]string{}
			}
			req.Call.ItemCodes[id] = refusal.Code
		}
		if tx.Hit(id, MissingDetail) == nil {
			details = append(details, d)
		}
	}
	result := map[string]any{"OperationDetails": details}
	remember(req, tx, p, outcome{result: result})
	return success(req, result)
}

// operateOne serves the singular actions. A dry run that finds nothing wrong is
// an error all the same (https://www.volcengine.com/docs/6396/70468).
func (w *Wire) operateOne(req *simulator.Request, tx *simulator.Tx, p *parameters) simulator.Answer {
	refusal := w.attempt(req, tx, p.ids[0], p)
	if p.dryRun && refusal == nil {
		refusal = refuse("DryRunOperation", "The request has passed the dry run.")
	}
	if refusal != nil {
		remember(req, tx, p, outcome{refusal: refusal})
		return w.Refuse(req, *refusal)
	}
	result := map[string]any{}
	remember(req, tx, p, outcome{result: result})
	return success(req, result)
}

// attempt carries the order out on one instance, or, in a dry run, only checks
// that it could.
func (w *Wire) attempt(req *simulator.Request, tx *simulator.Tx, id string, p *parameters) *simulator.Refusal {
	order := simulator.Order{Op: req.Call.Op, Force: req.Call.Force}
	i, found := tx.Instance(id)
	if order.Op == simulator.OpStop {
		order.Mode = p.stoppedMode
		if order.Mode == "" {
			order.Mode = defaultMode(tx, i)
		}
		if found && bareMetal(i) {
			order.Force = simulator.Forced
		}
	}
	if d := tx.Check(id, order); d != nil {
		refusal := denied(order.Op, d)
		return &refusal
	}
	if p.stoppedMode == stopCharging {
		if refusal := ineligible(i); refusal != nil {
			return refusal
		}
	}
	effect, refusal := w.judge(tx, i, order, p)
	if refusal == nil && effect && !p.dryRun {
		if order.Force != req.Call.Force {
			req.Call.ForcedByType = append(req.Call.ForcedByType, id)
		}
		tx.Apply(id, order)
	}
	return refusal
}

// judge decides about an instance that is already where the order would take
// it, or on its way there.
func (w *Wire) judge(
	tx *simulator.Tx, i simulator.Instance, order simulator.Order, p *parameters,
) (effect bool, refusal *simulator.Refusal) {
	if !there(order.Op, i.Status) || cutsShort(tx, order, i.Status) {
		return true, nil
	}
	if order.Op == simulator.OpStop && i.Status == stopped && p.stoppedMode != "" && p.stoppedMode != modeOf(i) {
		if !changes(tx.Setting(ModeChange), p.stoppedMode) {
			return false, refuse("InvalidStoppedMode.Conflict",
				"The specified StoppedMode conflicts with the status of the instance %s.", i.ID)
		}
		return true, nil
	}
	if tx.Setting(AlreadyThere) == Accepted {
		return false, nil
	}
	return false, wrongState(i.ID, i.Status)
}

func there(op simulator.Op, status string) bool {
	switch op {
	case simulator.OpStop:
		return status == stopped || status == stopping
	case simulator.OpStart:
		return status == running || status == starting
	case simulator.OpReboot, simulator.OpDescribe, simulator.OpOther:
	}
	return false
}

// changes reports whether the switch ModeChange allows a change to the mode.
func changes(setting, mode string) bool {
	switch setting {
	case Accepted:
		return true
	case ToKeepCharging:
		return mode == keepCharging
	case ToStopCharging:
		return mode == stopCharging
	default:
		return false
	}
}

// defaultMode is the mode of a stop that names none: the account's, where the
// instance qualifies (https://docs.byteplus.com/id/docs/ecs/StopInstances).
func defaultMode(tx *simulator.Tx, i simulator.Instance) string {
	if tx.Setting(DefaultStoppedMode) == stopCharging && ineligible(i) == nil {
		return stopCharging
	}
	return keepCharging
}

// modeOf is the mode that a stopped instance has. One that was not stopped
// through the API keeps charging.
func modeOf(i simulator.Instance) string {
	if i.StoppedMode == "" {
		return keepCharging
	}
	return i.StoppedMode
}
