package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// The keys of private state: what a resource remembers that no user reads.
const (
	originKey    = "origin"
	durationsKey = "durations"
	modeKey      = "mode"
)

// privateData is the private state of a request or a response.
type privateData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// savePrivate keeps a value; what names it in an error.
func savePrivate(ctx context.Context, private privateSetter, key, what string, value any) diag.Diagnostics {
	raw, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to note "+what, err.Error())}
	}
	return private.SetKey(ctx, key, raw)
}

// loadPrivate fills in a value; ok is false where none was kept.
func loadPrivate(
	ctx context.Context, private privateData, key, what string, value any,
) (ok bool, diags diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, key)
	if diags.HasError() || len(raw) == 0 {
		return false, diags
	}
	if err := json.Unmarshal(raw, value); err != nil {
		diags.AddError("Unable to read "+what, err.Error())
		return false, diags
	}
	return true, diags
}

// origin is the state found at create or import, kept in private state for
// on_destroy = "restore".
type origin struct {
	State, Mode string
}

// originOf says which settled state an instance was in, or was on the way to;
// ok is false when that cannot be told.
func originOf(in backend.Instance) (o origin, ok bool) {
	switch in.State {
	case backend.Running, backend.Starting, backend.Restarting:
		return origin{State: stateRunning}, true
	case backend.Stopped:
		return origin{State: stateStopped, Mode: observedMode(types.StringNull(), in.StoppedMode).ValueString()}, true
	case backend.Stopping:
		return origin{State: stateStopped}, true
	case backend.Unknown, backend.Unavailable, backend.Absent:
	}
	return origin{}, false
}

func saveOrigin(ctx context.Context, private privateSetter, in backend.Instance) diag.Diagnostics {
	o, ok := originOf(in)
	if !ok {
		return nil
	}
	return savePrivate(ctx, private, originKey, "the original state", o)
}

func loadOrigin(ctx context.Context, private privateData) (o origin, ok bool, diags diag.Diagnostics) {
	ok, diags = loadPrivate(ctx, private, originKey, "the original state", &o)
	return o, ok, diags
}

// saveMode keeps the stopped_mode that the configuration declares. While an instance is
// stopped, the state holds the mode that is observed; when it runs again, the declared
// one comes back, so that neither is a change in a plan that ignores the state.
func saveMode(ctx context.Context, private privateSetter, config declaration) diag.Diagnostics {
	return savePrivate(ctx, private, modeKey, "the declared mode", config.StoppedMode.ValueStringPointer())
}

// loadMode returns the declared mode; ok is false before the first apply, as after an
// import.
func loadMode(ctx context.Context, private privateData) (mode types.String, ok bool, diags diag.Diagnostics) {
	var declared *string
	ok, diags = loadPrivate(ctx, private, modeKey, "the declared mode", &declared)
	return types.StringPointerValue(declared), ok, diags
}

// restoreMode puts the declared mode in the place of one that was observed.
func (d *declaration) restoreMode(ctx context.Context, private privateData) diag.Diagnostics {
	mode, ok, diags := loadMode(ctx, private)
	if ok {
		d.StoppedMode = mode
	}
	return diags
}

// loadDurations returns how long former transitions of a resource lasted. It tells when
// to read at short intervals, so one that cannot be read is as good as none.
func loadDurations(ctx context.Context, private privateData) powerstate.Durations {
	var durations powerstate.Durations
	if _, diags := loadPrivate(ctx, private, durationsKey, "how long transitions lasted", &durations); diags.HasError() {
		return nil
	}
	return durations
}

// saveDurations keeps how long transitions lasted, for the next run: each run is a
// process of its own, which knows nothing else about that.
func saveDurations(ctx context.Context, private privateSetter, former, later powerstate.Durations) diag.Diagnostics {
	if len(later) == 0 {
		return nil
	}
	return savePrivate(ctx, private, durationsKey, "how long transitions lasted", former.With(later))
}
