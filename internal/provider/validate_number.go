package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// numberValidator accepts numbers from least to most. Attributes are of the type Number
// and not Int64 or Float64: the framework calls a number that these cannot hold a bug of
// the provider.
type numberValidator struct {
	whole       bool
	least, most float64
}

var _ validator.Number = numberValidator{}

// Description implements validator.Number.
func (v numberValidator) Description(context.Context) string {
	kind := "a number"
	if v.whole {
		kind = "a whole number"
	}
	return fmt.Sprintf("%s from %s to %s", kind, plainNumber(v.least), plainNumber(v.most))
}

func (v numberValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateNumber implements validator.Number.
func (v numberValidator) ValidateNumber(
	ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse,
) {
	value := req.ConfigValue
	if value.IsNull() || value.IsUnknown() {
		return
	}
	number := value.ValueBigFloat()
	if n, _ := number.Float64(); n < v.least || n > v.most || v.whole && !number.IsInt() {
		resp.Diagnostics.Append(invalid(req.Path, v.Description(ctx), "got "+number.Text('g', 10)))
	}
}

// plainNumber is a number without an exponent.
func plainNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// wholeNumber is a value that numberValidator has accepted; 0 where there is none.
func wholeNumber(value types.Number) int {
	if value.IsNull() || value.IsUnknown() {
		return 0
	}
	n, _ := value.ValueBigFloat().Int64()
	return int(n)
}
