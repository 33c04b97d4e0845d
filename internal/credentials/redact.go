package credentials

import (
	"regexp"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// userForm is the user of a URL, with its password.
var userForm = regexp.MustCompile(`://[^/\s@]+@`)

// redact returns a text of a cloud as it may be shown: without the secrets, in
// any encoding, without tokens and users of URLs, visible and bounded.
func redact(text string, secrets []string) string {
	text = userForm.ReplaceAllString(text, "://***@")
	return driverkit.NewRedactor(secrets...).Clean(text)
}

// clean makes a text visible and bounds it.
func clean(text string) string { return driverkit.Visible(text) }
