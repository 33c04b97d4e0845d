package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// durationValidator accepts what time.ParseDuration does, above zero (or from
// zero), up to most where that is set.
type durationValidator struct {
	zero bool
	most time.Duration
}

var _ validator.String = durationValidator{}

func (v durationValidator) Description(context.Context) string {
	text := "a duration such as `90s`, `10m` or `1h30m`"
	if v.most > 0 {
		text += fmt.Sprintf(", at most `%s`", v.most)
	}
	return text
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	d, err := time.ParseDuration(value)
	if err == nil && (d > 0 || v.zero && d == 0) && (v.most == 0 || d <= v.most) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
		fmt.Sprintf("`%s` must be %s, got %q.", req.Path, v.Description(ctx), value))
}
