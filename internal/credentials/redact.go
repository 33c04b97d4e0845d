package credentials

import (
	"regexp"
	"strings"

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

// tokenSecrets are the parts of a JSON Web Token that no text may show: the token and
// its signature, without which the rest opens nothing.
func tokenSecrets(token string) []string {
	if at := strings.LastIndexByte(token, '.'); at >= 0 && at < len(token)-1 {
		return []string{token, token[at+1:]}
	}
	return []string{token}
}

// clean makes a text visible and bounds it.
func clean(text string) string { return driverkit.Visible(text) }
