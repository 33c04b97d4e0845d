package powerstate

import "github.com/instance-power/terraform-provider-instance/internal/backend"

// Charging reports whether compute of the instance is billed now: nil for unknown.
func Charging(in backend.Instance) *bool {
	billed := true
	switch in.State {
	case backend.Running, backend.Stopping, backend.Restarting:
		return &billed
	case backend.Stopped:
	case backend.Starting, backend.Unavailable, backend.Unknown, backend.Absent:
		return prepaid(in)
	}
	switch in.StoppedMode {
	case backend.KeepCharging, backend.NotApplicable:
		return &billed
	case backend.StopCharging:
		billed = in.ChargeType == backend.Prepaid
		return &billed
	case backend.UnknownMode:
	}
	return prepaid(in)
}

// CanStopCharging reports whether an instance can stop charging while it is stopped,
// as far as the cloud's description of it shows.
func (c *Client) CanStopCharging(in backend.Instance) bool {
	return c.Driver().Capabilities().StopCharging && in.StopChargingBar == ""
}

func prepaid(in backend.Instance) *bool {
	if in.ChargeType != backend.Prepaid {
		return nil
	}
	billed := true
	return &billed
}
