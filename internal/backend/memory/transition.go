package memory

import (
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// judge decides what the cloud makes of an operation on one instance: act on
// it, accept it without an effect, or refuse it.
func (d *Driver) judge(op Op, in *instance, opts backend.StopOptions, now time.Time) (act bool, fault *backend.Fault) {
	if in.behavior.Hidden {
		return false, refusal(backend.KindDenied, "this account may not operate the instance")
	}
	seen := in.seenAt(now)
	if seen.Blocked != "" {
		return false, refusal(backend.KindInvalid, "the instance cannot be operated: "+seen.Blocked)
	}
	if seen.StartBlocked != "" && op != Stop {
		return false, refusal(backend.KindInvalid, "the instance cannot be started: "+seen.StartBlocked)
	}
	if op == Stop && opts.Mode == backend.StopCharging {
		if fault := d.judgeStopCharging(seen, in.behavior.RefuseMode); fault != nil {
			return false, fault
		}
	}
	busy := refusal(backend.KindBusy, fmt.Sprintf("cannot %s an instance that is %s", op, seen.State))
	switch seen.State {
	case backend.Running:
		if op == Stop || op == Reboot {
			return true, nil
		}
		return false, d.alreadySo(busy)
	case backend.Stopped:
		switch {
		case op == Start:
			return true, nil
		case op == Reboot:
			return false, busy
		case !d.capabilities.ModeChangeNeedsRestart && d.changesMode(seen, opts.Mode):
			return true, nil
		}
		return false, d.alreadySo(busy)
	case backend.Stopping:
		if op == Stop && opts.Force == backend.Forced && !d.opts.BusyWhenForcedWhileStopping {
			return true, nil
		}
		return false, busy
	case backend.Starting, backend.Restarting:
		return false, busy
	case backend.Unknown, backend.Unavailable, backend.Absent:
		return false, refusal(backend.KindInvalid, fmt.Sprintf("cannot %s an instance in the state %s", op, seen.Raw))
	}
	return false, refusal(backend.KindOther, "no such state")
}

func (d *Driver) alreadySo(busy *backend.Fault) *backend.Fault {
	if d.opts.BusyWhenAlreadySo {
		return busy
	}
	return nil
}

func (d *Driver) judgeStopCharging(seen backend.Instance, refuses bool) *backend.Fault {
	switch {
	case !d.capabilities.StopCharging:
		return modeRefusal("this cloud charges for stopped instances")
	case refuses:
		return modeRefusal("the instance cannot stop charging")
	case seen.StopChargingBar != "" && d.opts.RefuseBarredMode:
		return modeRefusal("the instance cannot stop charging: " + seen.StopChargingBar)
	}
	return nil
}

func (d *Driver) changesMode(seen backend.Instance, mode backend.StoppedMode) bool {
	return mode != backend.UnknownMode && d.stoppedMode(seen, mode) != seen.StoppedMode
}

// carryOut lays down the future of an instance for an operation that was
// accepted.
func (d *Driver) carryOut(op Op, in *instance, opts backend.StopOptions, requestID string, now time.Time) {
	seen, b := in.seenAt(now), in.behavior
	in.forget(now)
	operation := func(state backend.OperationState, reason string) *backend.Operation {
		return &backend.Operation{RequestID: requestID, State: state, Message: reason}
	}
	switch op {
	case Start:
		d.reach(in, now, backend.Starting, d.runningMode(), operation(backend.OperationRunning, ""))
		end := now.Add(d.opts.StartTime + b.Slow)
		switch {
		case b.Stuck:
		case b.NoStock:
			d.reach(in, end, backend.Stopped, seen.StoppedMode,
				operation(backend.OperationFailed, "there is no stock of the instance type"))
		default:
			d.reach(in, end, backend.Running, d.runningMode(), operation(backend.OperationSucceeded, ""))
		}
	case Reboot:
		d.reach(in, now, backend.Restarting, d.runningMode(), operation(backend.OperationRunning, ""))
		if !b.Stuck {
			d.reach(in, now.Add(d.opts.RebootTime+b.Slow), backend.Running, d.runningMode(),
				operation(backend.OperationSucceeded, ""))
		}
	case Stop:
		d.carryOutStop(in, seen, opts, operation, now)
	case Describe, DryRun, CheckAbsent, List:
		// These change nothing.
	}
}

func (d *Driver) carryOutStop(
	in *instance, seen backend.Instance, opts backend.StopOptions,
	operation func(backend.OperationState, string) *backend.Operation, now time.Time,
) {
	b := in.behavior
	mode := d.stoppedMode(seen, opts.Mode)
	if b.IgnoreMode {
		mode = backend.KeepCharging
	}
	if seen.State == backend.Stopped {
		d.reach(in, now, backend.Stopped, mode, operation(backend.OperationSucceeded, ""))
		return
	}
	d.reach(in, now, backend.Stopping, d.runningMode(), operation(backend.OperationRunning, ""))
	end := now.Add(d.opts.StopTime + b.Slow)
	obeys := b.SoftStop == Obeys || opts.Force == backend.Forced || seen.AlwaysForced
	if !obeys && opts.Force == backend.EscalateLater && d.capabilities.NativeEscalation {
		// The cloud gives the guest its time, and then cuts the power.
		obeys, end = true, end.Add(d.opts.StopTime)
	}
	switch {
	case b.Stuck, !obeys && b.SoftStop == Hangs:
		// Nothing follows.
	case !obeys:
		d.reach(in, end, backend.Running, d.runningMode(), operation(backend.OperationFailed, "the guest did not shut down"))
	case b.ModeLag > 0:
		d.reach(in, end, backend.Stopped, b.ModeMeanwhile, operation(backend.OperationSucceeded, ""))
		d.reach(in, end.Add(b.ModeLag), backend.Stopped, mode, operation(backend.OperationSucceeded, ""))
	default:
		d.reach(in, end, backend.Stopped, mode, operation(backend.OperationSucceeded, ""))
	}
}

// reach appends a moment to the timeline. The rest of the instance stays as it
// was at the moment before.
func (d *Driver) reach(
	in *instance, at time.Time, state backend.State, mode backend.StoppedMode, operation *backend.Operation,
) {
	seen := clone(in.moments[len(in.moments)-1].seen)
	seen.State, seen.Raw, seen.StoppedMode = state, word(state), mode
	if operation != nil && d.capabilities.OperationReason {
		seen.LastOperation = operation
	}
	in.moments = append(in.moments, moment{at: at, seen: seen})
}

// runningMode is what the cloud reports as the mode of what is not stopped.
func (d *Driver) runningMode() backend.StoppedMode {
	if !d.capabilities.StopCharging {
		return backend.KeepCharging
	}
	return backend.NotApplicable
}

// stoppedMode is what comes of a mode that a stop asks for.
func (d *Driver) stoppedMode(seen backend.Instance, asked backend.StoppedMode) backend.StoppedMode {
	switch {
	case !d.capabilities.StopCharging:
		return backend.KeepCharging
	case seen.StopChargingBar != "":
		return backend.NotApplicable
	case asked == backend.UnknownMode:
		return d.opts.DefaultMode
	}
	return asked
}
