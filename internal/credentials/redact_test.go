package credentials

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
)

func TestATextOfACloudIsShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	const secret = "test/Secret+Key=Value&0002=="
	for form, text := range map[string]string{
		"as it is":                      secret,
		"percent-encoded":               url.QueryEscape(secret),
		"hexadecimal":                   hex.EncodeToString([]byte(secret)),
		"base64 for URLs":               base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"base64 of a user and a secret": base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
	} {
		got := redact("denied "+text+" today", []string{secret})
		if strings.Contains(got, text) || !strings.Contains(got, "***") {
			t.Errorf("%s: got %q, want it without the secret", form, got)
		}
	}
	for text, want := range map[string]string{
		"proxy http://ops:hunter2@proxy.example.com refused": "proxy http://***@proxy.example.com refused",
		"red \x1b[31m text\u202e":                            `red \x1b[31m text\u202e`,
	} {
		if got := redact(text, nil); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
