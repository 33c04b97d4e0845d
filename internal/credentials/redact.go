package credentials

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const redacted = "***"

// minSecret is the length from which a value is redacted: a shorter one could
// be a part of any word, and real keys are much longer.
const minSecret = 4

// tokenForm is a JSON Web Token, and userForm the user of a URL.
var (
	tokenForm = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`)
	userForm  = regexp.MustCompile(`://[^/\s@]+@`)
)

// redact removes secrets from a text of a cloud, raw and as they are encoded in
// forms and JSON, and everything that has the form of a token. It bounds the
// text, and replaces control characters.
func redact(text string, secrets []string) string {
	sorted := slices.Clone(secrets)
	slices.SortFunc(sorted, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range sorted {
		if len(secret) < minSecret {
			continue
		}
		for _, form := range []string{
			secret,
			url.QueryEscape(secret),
			url.PathEscape(secret),
			strings.ReplaceAll(secret, "/", `\/`),
			base64.StdEncoding.EncodeToString([]byte(secret)),
		} {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	text = tokenForm.ReplaceAllString(text, redacted)
	text = userForm.ReplaceAllString(text, "://"+redacted+"@")
	return clean(text)
}

// maxText bounds a text of a cloud, in runes.
const maxText = 500

// clean makes one printable line of bounded length.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText]) + "..."
	}
	return text
}
