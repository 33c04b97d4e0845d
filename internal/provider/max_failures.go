package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// failuresForm is what max_failures takes: a number, or a percentage of the ids. Terraform
// converts a number that is written without quotes.
var failuresForm = regexp.MustCompile(`^([0-9]{1,6}|(100|[0-9]{1,2})%)$`)

// mayFail is how many of so many instances may fail. While it is not known, all may: a
// plan that would be right is not refused.
func (m members) mayFail(total int) int {
	if m.MaxFailures.IsUnknown() {
		return total
	}
	number, percentage := strings.CutSuffix(m.MaxFailures.ValueString(), "%")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil:
		return 0 // Not set: validated with the configuration.
	case percentage:
		return total * n / 100
	}
	return n
}

// failuresName names the attribute in a message, with its value where that is not the
// number itself.
func (m members) failuresName() string {
	if value := m.MaxFailures.ValueString(); strings.HasSuffix(value, "%") {
		return fmt.Sprintf("`max_failures = %q`", value)
	}
	return "`max_failures`"
}

// failures accepts a number or a percentage.
func failures() validator.String {
	form := "a number of instances such as `3`, or a percentage of the ids such as `\"10%\"`, without a sign or a fraction"
	return textValidator{form, failuresForm.MatchString}
}
