package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// quickReboot is how long after an accepted call an instance that was never
// seen to leave the running state counts as rebooted all the same.
const quickReboot = 30 * time.Second

// decideReboot says what to do about an instance, seen as it is, that is to be
// rebooted. It is as total as Decide.
func decideReboot(seen backend.Instance) Decision {
	switch seen.State {
	case backend.Absent:
		return Decision{Step: Refuse, Reason: IsAbsent}
	case backend.Unavailable:
		return Decision{Step: Refuse, Reason: IsUnavailable}
	case backend.Stopped:
		return Decision{Step: Refuse, Reason: IsStopped}
	case backend.Running:
	case backend.Unknown, backend.Starting, backend.Stopping, backend.Restarting:
		return Decision{Step: Wait}
	}
	if seen.Blocked != "" || seen.StartBlocked != "" {
		return Decision{Step: Refuse, Reason: IsBlocked}
	}
	if op := seen.LastOperation; op != nil && op.State == backend.OperationRunning {
		return Decision{Step: Wait}
	}
	return Decision{Step: Act, Op: backend.OpReboot}
}

// judgeReboot reads one observation of a wait for a reboot. Some clouds show it
// as a stop and a start, so that a stopped instance is only on its way.
func (w *wait) judgeReboot(in *backend.Instance) verdict {
	ours := in.LastOperation != nil && w.requestID != "" && in.LastOperation.RequestID == w.requestID
	switch {
	case in.State == backend.Absent:
		return vanished
	case in.State == backend.Unavailable:
		return unavailable
	case ours && in.LastOperation.State == backend.OperationFailed:
		return failed
	case in.State != backend.Running:
		w.left = true
		return pending
	case w.left, ours && in.LastOperation.State == backend.OperationSucceeded:
		return reached
	case time.Since(w.since) < quickReboot:
		return pending
	case w.requestID == "" && w.lost:
		return failed
	}
	return reached
}
