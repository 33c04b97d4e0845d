package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// origins are the states found at create or import, by state and mode, kept in
// private state for on_destroy = "restore".
type origins map[origin][]string

// byID returns the origin of an id.
func (o origins) byID() map[string]origin {
	all := make(map[string]origin)
	for what, ids := range o {
		for _, id := range ids {
			all[id] = what
		}
	}
	return all
}

// MarshalText makes an origin the key of a JSON object.
func (o origin) MarshalText() ([]byte, error) { return []byte(o.State + "/" + o.Mode), nil }

// UnmarshalText reads what MarshalText wrote.
func (o *origin) UnmarshalText(text []byte) error {
	state, mode, ok := strings.Cut(string(text), "/")
	if !ok {
		return fmt.Errorf("origin %q has no slash", text)
	}
	*o = origin{State: state, Mode: mode}
	return nil
}

// noteOrigins adds the origins of touched ids that have none yet, and forgets those of
// ids that left: all are the others.
func noteOrigins(known map[string]origin, all, touched []string, results []powerstate.Result) origins {
	found := make(map[string]origin, len(touched))
	for i, id := range touched {
		if what, ok := originOf(results[i].Before); ok {
			found[id] = what
		}
	}
	noted := make(origins)
	for _, id := range all {
		what, ok := known[id]
		if !ok {
			what, ok = found[id]
		}
		if ok {
			noted[what] = append(noted[what], id)
		}
	}
	return noted
}

func saveOrigins(ctx context.Context, private privateSetter, all origins) diag.Diagnostics {
	return savePrivate(ctx, private, originKey, "the original states", all)
}

func loadOrigins(ctx context.Context, private privateData) (map[string]origin, diag.Diagnostics) {
	all := make(origins)
	_, diags := loadPrivate(ctx, private, originKey, "the original states", &all)
	return all.byID(), diags
}
