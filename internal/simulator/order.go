package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Order is what a write asks of one instance.
type Order struct {
	Op    Op
	Force Force
	// Mode is the stopped mode that a stop leaves, in the cloud's word. The wire
	// resolves the default and decides about instances that cannot have it.
	Mode string
}

// Reason says why an order is refused; the wire knows the cloud's code for it.
type Reason string

// The reasons that the machine itself has.
const (
	NotFound    Reason = "not_found"
	WrongState  Reason = "wrong_state" // Denial.Status has the status
	IsBusy      Reason = "busy"
	Locked      Reason = "locked" // Denial.Lock has the lock
	Unpaid      Reason = "arrears"
	InBin       Reason = "recycled"
	SoldOut     Reason = "no_stock"
	ModeRefused Reason = "mode_refused"
	Repairing   Reason = "host_repair"
	Imaging     Reason = "making_image"
)

// Denial is an order that cannot be carried out. Code, HTTPStatus and Message
// are set when a trouble dictates them.
type Denial struct {
	ID         string
	Reason     Reason
	Status     string
	Lock       string
	Code       string
	HTTPStatus int
	Message    string
}

// Refusal fills in what a trouble dictates over what the wire would say.
func (d *Denial) Refusal(usual Refusal) Refusal {
	if d.Code != "" {
		usual.Code = d.Code
	}
	if d.HTTPStatus != 0 {
		usual.Status = d.HTTPStatus
	}
	if d.Message != "" {
		usual.Message = d.Message
	}
	return usual
}

// Check reports why the order cannot be carried out on the instance, or nil.
// Nothing changes but the counts of the troubles that were met.
func (tx *Tx) Check(id string, order Order) *Denial {
	rec := tx.record(id)
	if rec == nil {
		return &Denial{ID: id, Reason: NotFound}
	}
	i := rec.truth(tx.now)
	tx.condition(&i, rec)
	deny := func(reason Reason, t *Trouble) *Denial {
		d := &Denial{ID: id, Reason: reason, Status: i.Status}
		if t != nil {
			d.Code, d.HTTPStatus, d.Message = t.Code, t.Status, t.Message
		}
		return d
	}
	blocked := func(kind Kind) *Trouble { return tx.Hit(id, kind) }

	if t := blocked(Recycle); t != nil || i.Recycled && tx.cloud.standing(Recycle, rec, tx.now) == nil {
		return deny(InBin, t)
	}
	if t := blocked(InArrears); t != nil || i.Arrears && tx.cloud.standing(InArrears, rec, tx.now) == nil {
		return deny(Unpaid, t)
	}
	if lock, ok := tx.lockedFor(order.Op, rec); ok {
		d := deny(Locked, blocked(Lock))
		d.Lock = lock
		return d
	}
	if t := blocked(HostRepair); t != nil {
		return deny(Repairing, t)
	}
	if t := blocked(MakingImage); t != nil {
		return deny(Imaging, t)
	}
	if t := tx.Hit(id, UnknownWord, LiveMigration, Rescue); t != nil {
		return deny(WrongState, t)
	}
	if t := blocked(Busy); t != nil {
		return deny(IsBusy, t)
	}
	if !tx.legal(order, i.Status) {
		return deny(WrongState, nil)
	}
	if order.Op == OpStop && order.Mode != "" && order.Mode == tx.cloud.words.StopCharging {
		if t := blocked(RefuseMode); t != nil {
			return deny(ModeRefused, t)
		}
	}
	if order.Op == OpStart {
		if t := tx.noStock(id, false); t != nil {
			return deny(SoldOut, t)
		}
	}
	return nil
}

// lockedFor returns the first lock that blocks the operation.
func (tx *Tx) lockedFor(op Op, rec *record) (string, bool) {
	locks := slices.Clone(rec.inst.Locks)
	for _, t := range tx.cloud.troubles {
		if !t.spent() && t.matches(Lock, tx.req.Call, []string{rec.inst.ID}, tx.now) {
			locks = append(locks, t.Word)
		}
	}
	allows := tx.cloud.words.LockAllows
	for _, lock := range locks {
		if allows == nil || !allows(tx, op, lock) {
			return lock, true
		}
	}
	return "", false
}

// noStock looks for a want of stock that shows at the call, or late.
func (tx *Tx) noStock(id string, late bool) *Trouble {
	for _, t := range tx.cloud.troubles {
		if t.Late == late && t.matches(NoStock, tx.req.Call, []string{id}, tx.now) && t.take() {
			found := t.Trouble
			return &found
		}
	}
	return nil
}

// Apply begins the transition that the order asks for. The wire has checked it
// before, in the same Do. It returns the status before and the one shown now.
func (tx *Tx) Apply(id string, order Order) (before, after string) {
	rec := tx.record(id)
	if rec == nil {
		return "", ""
	}
	c, call := tx.cloud, tx.req.Call
	before = rec.truth(tx.now).Status
	if rec.move != nil {
		// The status under the transition that is cut short is where a failed
		// one would fall back to.
		rec.inst.Status = before
	}
	m := tx.move(rec, order)
	tx.trouble(rec, order, m)
	rec.move = m
	rec.inst.LastOperation = LastOperation{Action: call.Action, State: Operating, RequestID: call.RequestID}
	rec.remember(tx.now)
	call.Accepted = append(call.Accepted, id)
	call.Effect = true
	if !m.ends.IsZero() && !tx.now.Before(m.ends) {
		c.finish(rec)
	}
	return before, rec.truth(tx.now).Status
}

// move is the transition as it goes when nothing is wrong.
func (tx *Tx) move(rec *record, order Order) *move {
	w, d := tx.cloud.words, tx.cloud.durationsOf(rec)
	m := &move{order: order, began: tx.now}
	switch order.Op {
	case OpStart:
		m.steps, m.target, m.length = []string{w.Starting}, w.Running, d.Start.Std()
	case OpStop:
		m.steps, m.target, m.length = []string{w.Stopping}, w.Stopped, d.Stop.Std()
		m.mode = order.Mode
		if order.Force == Forced {
			m.length = d.ForcedStop.Std()
		}
	case OpReboot, OpDescribe, OpOther:
		m.steps, m.target, m.length = []string{w.Rebooting}, w.Running, d.Reboot.Std()
		if len(w.RebootSteps) > 0 {
			m.steps = w.RebootSteps
		}
		if w.RebootStepsFor != nil {
			m.steps = w.RebootStepsFor(tx)
		}
	}
	m.ends = tx.now.Add(m.length)
	return m
}

// trouble changes a transition by what goes wrong with it.
func (tx *Tx) trouble(rec *record, order Order, m *move) {
	id := rec.inst.ID
	w, d := tx.cloud.words, tx.cloud.durationsOf(rec)
	hold := func(t *Trouble) { m.heldBy, m.shows, m.ends = t.ID, 0, time.Time{} }
	if order.Op == OpStop && order.Force != Forced {
		if t := tx.Hit(id, SoftStopIgnored); t != nil {
			switch {
			case order.Force == FirstGraceful:
				m.length = d.Grace.Std() + d.ForcedStop.Std()
				m.ends = tx.now.Add(m.length)
			case t.Mode == Fallback:
				m.target = w.Running
				m.failed = orElse(t.Message, "The guest operating system did not shut down in time.")
			default:
				hold(t)
			}
		}
	}
	if order.Op == OpStop && m.mode != "" && m.mode == w.StopCharging && tx.Hit(id, IgnoreMode) != nil {
		m.mode = w.KeepCharging
	}
	if order.Op == OpStart {
		if t := tx.noStock(id, true); t != nil {
			m.target = w.Stopped
			m.failed = orElse(t.Message,
				fmt.Sprintf("The resources of %s are insufficient in zone %s.", rec.inst.Type, rec.inst.Zone))
		}
	}
	if t := tx.Hit(id, Stuck); t != nil {
		hold(t)
		m.shows = t.After
	}
	rec.lag, rec.modeLag, rec.laggingMode = 0, 0, ""
	if t := tx.Hit(id, Lag); t != nil {
		rec.lag = t.Delay.Std()
	}
	if t := tx.Hit(id, ModeLag); t != nil && order.Op == OpStop {
		rec.modeLag, rec.laggingMode = t.Delay.Std(), t.Word
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
