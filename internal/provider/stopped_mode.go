package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// parseMode reads a mode in any cloud's spelling. ok is false for a word that
// is none; the empty string is the unknown mode.
func parseMode(s string) (mode backend.StoppedMode, ok bool) {
	switch strings.ToLower(strings.ReplaceAll(s, "_", "")) {
	case "":
		return backend.UnknownMode, true
	case "keepcharging":
		return backend.KeepCharging, true
	case "stopcharging":
		return backend.StopCharging, true
	case "stopchargingifsupported":
		return powerstate.StopChargingIfSupported, true
	}
	return backend.UnknownMode, false
}

// plainMode is a mode as users write it: an instance to which the question does
// not apply keeps being charged.
func plainMode(mode backend.StoppedMode) backend.StoppedMode {
	if mode == backend.NotApplicable {
		return backend.KeepCharging
	}
	return mode
}

// observedMode is the mode to store for a stopped instance: in the spelling
// that is there already, when it says the same. Any mode satisfies one that is only
// preferred, and charging shows which it is.
func observedMode(stored types.String, seen backend.StoppedMode) types.String {
	seen = plainMode(seen)
	mode, _ := parseMode(stored.ValueString())
	if mode == powerstate.StopChargingIfSupported || mode == seen && seen != backend.UnknownMode {
		return stored
	}
	return orNull(string(seen))
}
