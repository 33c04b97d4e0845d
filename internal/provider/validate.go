package provider

import (
	"context"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// word is what ids and regions consist of.
var word = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// maxWord is how many characters it takes; no cloud has an id or a region of half that.
const maxWord = 128

// plainWordValidator accepts one word without spaces or slashes.
type plainWordValidator struct{ what string }

var _ validator.String = plainWordValidator{}

func plainWord(what string) validator.String { return plainWordValidator{what: what} }

func (v plainWordValidator) Description(context.Context) string { return v.what }

func (v plainWordValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v plainWordValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || word.MatchString(req.ConfigValue.ValueString()) {
		return
	}
	value := req.ConfigValue.ValueString()
	problem := fmt.Sprintf("got %q", value)
	switch {
	case value == "":
		problem = "it is empty"
	case len(value) > maxWord:
		problem = fmt.Sprintf("it has %d characters, and may have %d", utf8.RuneCountInString(value), maxWord)
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), fmt.Sprintf("`%s` must be %s; %s.", req.Path, v.what, problem))
}

// modeValidator accepts a stopped mode in any cloud's spelling.
type modeValidator struct{}

var _ validator.String = modeValidator{}

func (modeValidator) Description(context.Context) string {
	return "`keep_charging`, `stop_charging` or `stop_charging_if_supported`"
}

func (v modeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v modeValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if _, ok := parseMode(value); ok && value != "" {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid stopped_mode",
		fmt.Sprintf("`%s` must be %s, or the cloud's own spelling of these; got %q.", req.Path, v.Description(ctx), value))
}
