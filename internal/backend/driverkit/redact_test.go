package driverkit_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// encodings are the ways in which a server may repeat what it was sent.
var encodings = map[string]func(string) string{
	"as it is":                   func(s string) string { return s },
	"percent-encoded":            url.QueryEscape,
	"percent-encoded as a path":  url.PathEscape,
	"percent-encoded, all of it": func(s string) string { return each(s, "%%%02X") },
	"percent-encoded, small":     func(s string) string { return each(s, "%%%02x") },
	"percent-encoded twice":      func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"JSON-escaped":               escapeJSON,
	"JSON-escaped, all of it":    func(s string) string { return each(s, `\u%04x`) },
	"JSON-escaped twice":         func(s string) string { return escapeJSON(escapeJSON(s)) },
	"JSON with escaped slashes":  func(s string) string { return strings.ReplaceAll(escapeJSON(s), "/", `\/`) },
	"HTML-escaped":               html.EscapeString,
	"HTML-escaped, all of it":    func(s string) string { return each(s, "&#%d;") },
	"base64":                     encode(base64.StdEncoding),
	"base64 without padding":     encode(base64.RawStdEncoding),
	"base64 for URLs":            encode(base64.URLEncoding),
	"base64 for URLs, unpadded":  encode(base64.RawURLEncoding),
	"base64 behind other bytes":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s)) },
	"base64 within other bytes": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte("{" + s + "}..."))
	},
	"base64, percent-encoded": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s)))
	},
	"base64 of percent-encoded": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(s)))
	},
	"base64 of base64": func(s string) string {
		return encode(base64.StdEncoding)(encode(base64.StdEncoding)(s))
	},
	"base64 in lines": func(s string) string { return lines(base64.StdEncoding.EncodeToString([]byte(s))) },
	"base64 in lines, as JSON": func(s string) string {
		return escapeJSON(lines(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"hexadecimal":                 func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hexadecimal, large":          func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"JSON-escaped within a query": func(s string) string { return url.QueryEscape(escapeJSON(s)) },
}

func each(s, form string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, form, s[i])
	}
	return b.String()
}

func escapeJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text[1 : len(text)-1])
}

func encode(e *base64.Encoding) func(string) string {
	return func(s string) string { return e.EncodeToString([]byte(s)) }
}

func lines(s string) string {
	var b strings.Builder
	for chunk := range slices.Chunk([]byte(s), 8) {
		b.Write(chunk)
		b.WriteString("\r\n")
	}
	return b.String()
}

// A token with the parts of a real one, from an issuer of tests.
const testJWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJpc3MiOiJodHRwczovL2V4YW1wbGUuaW52YWxpZCIsInN1YiI6IngifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"

func TestSecretsAreRedactedInEveryEncoding(t *testing.T) {
	t.Parallel()
	secrets := []string{
		"AKIDz8krbsJ5yKBZQpn74WFk",
		`wJalr/XUtn+FEMI==K7MDENG&"bPx<Rf'`,
		"sts.token_value-with.dots-1234567890",
	}
	redactor := driverkit.NewRedactor(secrets...)
	for name, encoded := range encodings {
		for _, secret := range append(slices.Clone(secrets), testJWT) {
			for _, frame := range []string{
				"%s", "before %s after", "https://h/p?key=%s&other=1", `{"key":"%s"}`, "Bearer %s,", "a/%s/b", "x%s",
			} {
				text := fmt.Sprintf(frame, encoded(secret))
				if strings.HasPrefix(frame, "x") && secret == testJWT && name != "as it is" {
					continue // A letter before it makes another first object of it.
				}
				got := redactor.Redact(text)
				if strings.Contains(got, encoded(secret)) || !strings.Contains(got, "***") {
					t.Errorf("%s: %q became %q", name, text, got)
				}
				if before, _, _ := strings.Cut(frame, "%s"); !strings.HasPrefix(got, before) {
					t.Errorf("%s: %q lost its beginning: %q", name, text, got)
				}
			}
		}
	}
}

// A secret may begin and end anywhere within something in base64, which may itself stand
// between other letters.
func TestSecretsAreRedactedAnywhereInBase64(t *testing.T) {
	t.Parallel()
	const secret = "AKIDz8krbsJ5yKBZQpn74WFk"
	redactor := driverkit.NewRedactor(secret)
	for before := range 4 {
		for after := range 8 {
			encoded := base64.RawStdEncoding.EncodeToString(
				[]byte(strings.Repeat("u", before) + secret + strings.Repeat(".", after)))
			for letters := range 16 {
				text := strings.Repeat("x", letters/4) + encoded + strings.Repeat("y", letters%4)
				if got := redactor.Redact(text); !strings.Contains(got, "***") {
					t.Errorf("%q, with %d bytes before the secret and %d after it, became %q", text, before, after, got)
				}
			}
		}
	}
}

// TestATextWithoutEndToItsEncodings: each encoding within another multiplies the texts that
// come of it, here to some 2 GB.
func TestATextWithoutEndToItsEncodings(t *testing.T) {
	t.Parallel()
	const secret = "AKIDz8krbsJ5yKBZQpn74WFk"
	text := secret + strings.Repeat("filler ", 1000)
	for range 2 {
		text = `%2525252525 \u005cu005cu005cu005c &amp;amp;amp;amp; ` + "\r\n" +
			base64.RawStdEncoding.EncodeToString([]byte(text))
	}
	const want = "*** (this text cannot be searched for secrets in reasonable time)"
	if got := driverkit.NewRedactor(secret).Redact(text); got != want {
		t.Errorf("a text of %d bytes became %.200q, want %q", len(text), got, want)
	}
}

func TestWebTokensAreRedacted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ew", 4000)
	for text, want := range map[string]string{
		testJWT:                     "***",
		"x." + testJWT:              "x.***",
		"Bearer " + testJWT + ", x": "Bearer ***, x",
		testJWT + " " + testJWT:     "*** ***",
		long:                        long,
		long + "." + testJWT:        long + ".***",
	} {
		if got := driverkit.NewRedactor().Redact(text); got != want {
			t.Errorf("%.200q became %.200q, want %.200q", text, got, want)
		}
	}
}

func TestRedactLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	redactor := driverkit.NewRedactor("AKIDz8krbsJ5yKBZQpn74WFk", "short", "")
	for _, text := range []string{
		"", "plain", "a short word", "100% of it", "50%2F50", `C:\users\new`, "&amp; &lt;", "a.b.c",
		"ecs.cn-hangzhou.aliyuncs.com",
		"eyes1234567.example.com", "the request id 7C9D0E1F-AAAA-4F4F-8B8B-0123456789AB", "i-bp67acfmxazb4ph12345",
	} {
		if got := redactor.Redact(text); got != text {
			t.Errorf("%q became %q, want it as it was", text, got)
		}
	}
}

func TestSignaturesAreRedacted(t *testing.T) {
	t.Parallel()
	redactor := driverkit.NewRedactor()
	for text, want := range map[string]string{
		"Credential=x, Signature=0123456789abcdef": "Credential=x, Signature=***",
		`"Signature": "abc+/def012=="`:             `"Signature": "***"`,
		"a=1&X-Signature=0123456789abcdef&b=2":     "a=1&X-Signature=***&b=2",
		"the signature does not match":             "the signature does not match",
	} {
		if got := redactor.Redact(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestALongTextHidesTheHeadOfASecret(t *testing.T) {
	t.Parallel()
	const secret = "AKIDz8krbsJ5yKBZQpn74WFk"
	redactor := driverkit.NewRedactor(secret)
	// The first secrets are removed, so that what stood far behind moves ahead.
	for length := 16<<10 - len(secret); length < 16<<10; length++ {
		text := strings.Repeat(secret+" ", 600)
		text = text[:min(len(text), length)]
		text += strings.Repeat(" ", length-len(text)) + secret + strings.Repeat(" "+secret, 100)
		got := redactor.Redact(text)
		if strings.Contains(got, secret[:minPart]) {
			t.Fatalf("a part of the secret is left when it begins at %d: %q", length, tail(got))
		}
	}
}

// minPart is a part of a secret that no text has by accident.
const minPart = 8

// FuzzRedact: no encoding of a secret, wherever it stands, survives.
func FuzzRedact(f *testing.F) {
	names := slices.Sorted(maps.Keys(encodings))
	for i := range names {
		f.Add(`wJalr/XUtn+FEMI==K7MDENG`, "before ", " after", byte(i))
	}
	f.Add("AKIDz8krbsJ5", "%", "\\u", byte(0))
	f.Add("eyJhbGci.eyJh.x", "ey", ".ey", byte(5))
	for i := range names {
		f.Add(`0%000/00`, "0", "0", byte(i))
		f.Add(`a%252Fb\u0041&amp;/"c`, "", "", byte(i))
		f.Add(`%2500\\"0`, "0", "0", byte(i))
		f.Add(`&amp\x0000&ac;0`, "", "0", byte(i))
	}
	f.Fuzz(func(t *testing.T, secret, before, after string, which byte) {
		if len(secret) < minPart || len(secret) > 200 ||
			strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Skip("no key looks like that")
		}
		if len(before)+len(after) > 2000 || strings.Contains(before+after, secret) {
			t.Skip("the text is about the secret by itself")
		}
		encoded := encodings[names[int(which)%len(names)]](secret)
		got := driverkit.NewRedactor(secret).Redact(before + " " + encoded + " " + after)
		if strings.Contains(got, encoded) || strings.Contains(got, secret) {
			t.Errorf("%s: %q is still in %q", names[int(which)%len(names)], encoded, got)
		}
	})
}

// TestThePasswordOfAProxyIsASecret is not parallel, since it sets variables.
func TestThePasswordOfAProxyIsASecret(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("user:Pro/xy@Word-1"))
	text := "Basic " + basic + ", Pro%2Fxy%40Word-1, Pro/xy@Word-1 of proxy.example.com"
	for _, address := range []string{
		"http://user:Pro%2Fxy%40Word-1@proxy.example.com:3128", "user:Pro%2Fxy%40Word-1@proxy.example.com:3128",
		"socks5://user:Pro/xy@Word-1@proxy.example.com", "http://user:Pro/xy@Word-1@pro xy:port",
	} {
		t.Setenv("HTTPS_PROXY", address)
		if got := driverkit.NewRedactor().Redact(text); strings.Contains(got, "Word") || strings.Contains(got, basic[8:]) ||
			!strings.HasSuffix(got, " of proxy.example.com") {
			t.Errorf("%s: got %q", address, got)
		}
	}
	t.Setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
	if got := driverkit.NewRedactor().Redact(text); got != text {
		t.Errorf("without a password: got %q, want %q", got, text)
	}
}
