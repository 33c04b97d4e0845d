package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// longest is how many characters of a user's value a message shows.
const longest = 100

// shown is a user's value as messages show it: escaped, and cut where it is too long to
// be read. A character that does not show is not one that quoting escapes.
func shown(value string) string {
	quoted := func(text string) string { return driverkit.Visible(fmt.Sprintf("%q", text)) }
	if utf8.RuneCountInString(value) <= longest {
		return quoted(value)
	}
	return fmt.Sprintf("%s... (%d characters)", quoted(string([]rune(value)[:longest])), utf8.RuneCountInString(value))
}

// nameAt is the name of an attribute, or of an element, in a message. The key of a map
// is a user's value.
func nameAt(at path.Path) string {
	name := at.String()
	if utf8.RuneCountInString(name) <= longest {
		return name
	}
	return string([]rune(name)[:longest]) + "..."
}

// invalid is the error of a value that an attribute does not take. form completes the
// sentence "it must be".
func invalid(at path.Path, form, problem string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid "+nameAt(at),
		fmt.Sprintf("`%s` must be %s; %s.", nameAt(at), form, problem))
}

// textValidator accepts the strings that match; form completes the sentence "it must be".
type textValidator struct {
	form    string
	matches func(string) bool
}

var _ validator.String = textValidator{}

func (v textValidator) Description(context.Context) string { return v.form }

func (v textValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v textValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	value := req.ConfigValue
	if value.IsNull() || value.IsUnknown() || v.matches(value.ValueString()) {
		return
	}
	problem := "got " + shown(value.ValueString())
	if value.ValueString() == "" {
		problem = "it is empty"
	}
	resp.Diagnostics.Append(invalid(req.Path, v.form, problem))
}

// oneOf accepts one of some words.
func oneOf(words ...string) validator.String {
	return textValidator{eitherOf(words), func(value string) bool { return slices.Contains(words, value) }}
}

// eitherOf lists words of which one may be chosen.
func eitherOf(words []string) string {
	if len(words) < 2 {
		return quoteAll(words)
	}
	last := len(words) - 1
	return quoteAll(words[:last]) + " or " + quoteAll(words[last:])
}

// notEmpty accepts any text but the empty one.
func notEmpty() validator.String {
	return textValidator{"a text of at least one character", func(value string) bool { return value != "" }}
}

// word is what ids and regions consist of; no cloud has one of half that length.
var word = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// plainWord accepts one word without spaces or slashes.
func plainWord(form string) validator.String { return textValidator{form, word.MatchString} }

// The forms of words.
const (
	regionForm = "a region, such as `ap-guangzhou`"
	idForm     = "the cloud's id of an instance, such as `ins-r8hr2upy`"
)

// optionalRegion accepts a region of the provider's configuration, where an empty one is
// as good as none.
func optionalRegion() validator.String {
	return textValidator{regionForm, func(value string) bool { return value == "" || word.MatchString(value) }}
}

// duration accepts a duration above zero.
func duration() validator.String {
	return textValidator{"a duration above zero, such as `90s`, `10m` or `1h30m`", func(value string) bool {
		d, err := time.ParseDuration(value)
		return err == nil && d > 0
	}}
}

// durationUpTo accepts a short duration, or zero.
func durationUpTo(most time.Duration) validator.String {
	form := fmt.Sprintf("a duration such as `50ms` or `2s`, at most `%s`", most)
	return textValidator{form, func(value string) bool {
		d, err := time.ParseDuration(value)
		return err == nil && 0 <= d && d <= most
	}}
}

// anyMode accepts a stopped mode in any cloud's spelling.
func anyMode() validator.String {
	form := "`keep_charging`, `stop_charging` or `stop_charging_if_supported`, or the cloud's own spelling of these"
	return textValidator{form, func(value string) bool {
		mode, ok := parseMode(value)
		return ok && mode != backend.UnknownMode
	}}
}

// elementsValidator checks a list, or a map: how many elements it has, the values, and the keys
// of a map. A mistake in the expression that makes the elements is in each of them, so
// that the first few are named, and the others are counted.
type elementsValidator struct {
	least, most int // 0: any number
	values      validator.String
	keys        validator.String
}

var (
	_ validator.List = elementsValidator{}
	_ validator.Map  = elementsValidator{}
)

// oneOrMore checks the values of a list that must not be empty: an empty one would find
// nothing.
func oneOrMore(values validator.String) []validator.List {
	return []validator.List{elementsValidator{least: 1, values: values}}
}

func (v elementsValidator) Description(ctx context.Context) string {
	var forms []string
	if v.least > 0 {
		forms = append(forms, "at least one element")
	}
	if v.most > 0 {
		forms = append(forms, fmt.Sprintf("at most %d elements", v.most))
	}
	if v.keys != nil {
		forms = append(forms, "each key "+v.keys.Description(ctx))
	}
	return strings.Join(append(forms, "each value "+v.values.Description(ctx)), ", ")
}

func (v elementsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList implements validator.List.
func (v elementsValidator) ValidateList(ctx context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	values := req.ConfigValue.Elements()
	resp.Diagnostics.Append(v.checkNumber(req.Path, len(values))...)
	var wrong diag.Diagnostics
	for i, value := range values {
		wrong = append(wrong, check(ctx, v.values, req.Path.AtListIndex(i), req.Config, value)...)
	}
	resp.Diagnostics.Append(firstErrors(req.Path, wrong)...)
}

// ValidateMap implements validator.Map.
func (v elementsValidator) ValidateMap(ctx context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	values := req.ConfigValue.Elements()
	resp.Diagnostics.Append(v.checkNumber(req.Path, len(values))...)
	var wrong diag.Diagnostics
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at := req.Path.AtMapKey(key)
		if v.keys != nil {
			wrong = append(wrong, check(ctx, v.keys, at, req.Config, types.StringValue(key))...)
		}
		wrong = append(wrong, check(ctx, v.values, at, req.Config, values[key])...)
	}
	resp.Diagnostics.Append(firstErrors(req.Path, wrong)...)
}

func (v elementsValidator) checkNumber(at path.Path, n int) diag.Diagnostics {
	switch {
	case n < v.least:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Empty "+nameAt(at),
			fmt.Sprintf("`%s` is empty, so it matches nothing. Leave it out, or set it to null, to match everything.",
				nameAt(at)))}
	case v.most > 0 && n > v.most:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Too many elements in "+nameAt(at),
			fmt.Sprintf("`%s` has %d elements, and may have %d. Divide them among several blocks.", nameAt(at), n, v.most))}
	}
	return nil
}

// check runs a validator on one string.
func check(
	ctx context.Context, v validator.String, at path.Path, config tfsdk.Config, value attr.Value,
) diag.Diagnostics {
	text, ok := value.(types.String)
	if !ok {
		return nil
	}
	var resp validator.StringResponse
	req := validator.StringRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: text}
	v.ValidateString(ctx, req, &resp)
	return resp.Diagnostics
}

// firstErrors are the first of many errors about the elements of an attribute, and how
// many more there are.
func firstErrors(at path.Path, all diag.Diagnostics) diag.Diagnostics {
	if len(all) <= mostListed {
		return all
	}
	more := len(all) - mostListed
	return append(all[:mostListed:mostListed], diag.NewAttributeErrorDiagnostic(at, "Invalid elements in "+nameAt(at),
		fmt.Sprintf("%d more elements of `%s` are invalid too.", more, nameAt(at))))
}
