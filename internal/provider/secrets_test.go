package provider

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// forms are the ways in which a text may hold a secret: as it is, percent-encoded,
// as JSON, and in base64, whose characters depend on how many bytes come before.
func forms(secret string) map[string]string {
	text, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	all := map[string]string{
		"as it is":        secret,
		"percent-encoded": url.QueryEscape(secret),
		"as JSON":         string(text[1 : len(text)-1]),
	}
	for name, encoding := range map[string]*base64.Encoding{
		"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding,
	} {
		for offset, place := range []string{"", ", one byte in", ", two bytes in"} {
			all[name+place] = inside(encoding, secret, offset)
		}
	}
	return all
}

// inside returns the characters of a base64 text that a secret alone decides, where
// its first byte is the one at offset of a group of three.
func inside(encoding *base64.Encoding, secret string, offset int) string {
	text := encoding.EncodeToString([]byte(strings.Repeat("?", offset) + secret))
	first := 0
	if offset > 0 {
		first = offset + 1 // These characters have bits of the bytes before.
	}
	last := len(text)
	if (offset+len(secret))%3 != 0 {
		last-- // This one has bits of the bytes after.
	}
	return text[first:last]
}

// found returns the form in which a text holds a secret, and what is around it; it is
// empty where the text does not.
func found(text, secret string) string {
	for name, form := range forms(secret) {
		if at := strings.Index(text, form); at >= 0 {
			return name + ": ..." + text[max(0, at-120):min(len(text), at+60)] + "..."
		}
	}
	return ""
}

// wantNoSecret fails where a text holds one of the secrets in any form.
func wantNoSecret(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if len(secret) < 8 {
			t.Fatalf("%q is too short to be recognized", secret)
		}
		if how := found(text, secret); how != "" {
			t.Errorf("%s: holds a secret %s", where, how)
		}
	}
}

func TestASecretIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const secret = "s3cret/with+signs=\"&"
	for name, text := range map[string]string{
		"as it is":            "key " + secret,
		"percent-encoded":     "?key=" + url.QueryEscape(secret),
		"as JSON":             `{"key":"s3cret/with+signs=\"\u0026"}`,
		"base64":              base64.StdEncoding.EncodeToString([]byte("id:" + secret + " and more")),
		"base64, one byte":    base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"base64, two bytes":   base64.StdEncoding.EncodeToString([]byte("users:" + secret + "!")),
		"base64 for URLs":     base64.URLEncoding.EncodeToString([]byte("\xff\xff\xff" + secret + ">>")),
		"base64 for URLs, 1":  base64.RawURLEncoding.EncodeToString([]byte("\xff" + secret)),
		"base64 for URLs, 2":  base64.RawURLEncoding.EncodeToString([]byte("\xff\xff" + secret + "?")),
		"base64 without more": base64.RawStdEncoding.EncodeToString([]byte(secret)),
	} {
		if found(text, secret) == "" {
			t.Errorf("%s: %q is not recognized", name, text)
		}
	}
	if how := found("s3cret/with and "+base64.StdEncoding.EncodeToString([]byte("s3cret/with+sign")), secret); how != "" {
		t.Errorf("a part is taken for the whole: %s", how)
	}
}
