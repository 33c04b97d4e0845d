package backendtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// encodings are the ways in which a server may repeat what it was sent. Package
// driverkit tests more of them; these show that a driver uses it.
var encodings = map[string]func(string) string{
	"as it is":        func(s string) string { return s },
	"percent-encoded": url.QueryEscape,
	"percent-encoded in small letters": func(s string) string {
		return strings.NewReplacer("/", "%2f", "+", "%2b", "=", "%3d", "&", "%26").Replace(s)
	},
	"JSON-escaped": func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return strings.ReplaceAll(string(text[1:len(text)-1]), "/", `\/`)
	},
	"base64":                      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 without padding":      func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":             func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs, no padding": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 of a user and a secret": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte("user:" + s))
	},
	"base64 that is percent-encoded": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s)))
	},
}

// webToken has the form of a token that no key of the account is.
const webToken = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJpc3MiOiJodHRwczovL2V4YW1wbGUuaW52YWxpZCIsInN1YiI6IngifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"

// places are where a text can stand in an answer.
func places(in Inputs) map[string]func(text string) answer {
	page := func(status int, form string) func(string) answer {
		return func(text string) answer {
			return answer{
				status: status,
				header: http.Header{"Content-Type": {"text/html"}},
				body:   fmt.Sprintf(form, text),
			}
		}
	}
	const title = "<html><head><title>Denied %s today</title></head></html>"
	return map[string]func(text string) answer{
		"the message": func(text string) answer {
			return in.refusal("Some.Code", "Denied "+text+" today", "r-1")
		},
		"the code":                 func(text string) answer { return in.refusal("Some.Code "+text, "Denied", "r-1") },
		"the request id":           func(text string) answer { return in.refusal("Some.Code", "Denied", "r-1 "+text) },
		"the title of a page":      page(http.StatusForbidden, title),
		"the title of a page, 200": page(http.StatusOK, title),
		"the title of a page, 502": page(http.StatusBadGateway, title),
		"a page without a title":   page(http.StatusBadGateway, "<p>Denied <b>%s</b> today</p>"),
		"a plain text":             page(http.StatusServiceUnavailable, "Denied %s today"),
		"an answer that is cut off": func(text string) answer {
			whole, _, _ := strings.Cut(in.Refusal("Some.Code", "Denied "+text+" today", "r-1"), " today")
			return answer{status: http.StatusOK, body: whole}
		},
		"an answer in JSON that is cut off": func(text string) answer {
			return answer{status: http.StatusOK, body: `{"half":"Denied ` + text + ` today`}
		},
		"the headers": func(text string) answer {
			got := in.refusal("Some.Code", "Denied", "")
			got.header = http.Header{}
			for _, name := range []string{"X-TC-RequestId", "X-Request-Id", "X-Acs-Request-Id", "X-Tt-Logid", "Retry-After"} {
				got.header.Set(name, text)
			}
			return got
		},
	}
}

// textsOf are all texts of an error and of its fault.
func textsOf(driver backend.Driver, err error) string {
	fault := driver.Fault(err)
	return fmt.Sprintf("%v\n%+v\n%#v\n%+v\n%#v", err, err, err, fault, fault)
}

func testSecretsThatComeBack(t *testing.T, in Inputs) {
	secrets := map[string]string{"a web token": webToken}
	for name, value := range in.keys(true) {
		secrets[name] = string(value)
	}
	for place, answerOf := range places(in) {
		for what, secret := range secrets {
			for how, encode := range encodings {
				encoded := encode(secret)
				driver := in.driver(t, answerOf(encoded))
				for call, err := range in.fails(t, driver) {
					if got := textsOf(driver, err); strings.Contains(got, encoded) || strings.Contains(got, secret) {
						t.Errorf("%s: %s, %s, in %s is shown: %s", call, what, how, place, got)
					}
				}
			}
		}
	}
}

// testTextsAroundSecrets: that something was removed shows, and the rest is kept.
func testTextsAroundSecrets(t *testing.T, in Inputs) {
	driver := in.driver(t, in.refusal("Some.Code", "Denied "+testKeys[1]+" today", "r-1"))
	for call, err := range in.fails(t, driver) {
		if got, want := driver.Fault(err).Message, "Denied *** today"; got != want {
			t.Errorf("%s: the message is %q, want %q", call, got, want)
		}
	}
	driver = in.driver(t, answer{status: http.StatusOK, body: in.Accepted("r " + testKeys[1])})
	outcome := driver.Stop(t.Context(), []string{in.ID}, backend.StopOptions{})[0]
	if got, want := outcome.RequestID, "r ***"; got != want {
		t.Errorf("the request id of a stop is %q, want %q", got, want)
	}
	driver = in.driver(t, places(in)["the title of a page"](testKeys[0]))
	for call, err := range in.fails(t, driver) {
		const want = `the answer is not from the API (HTTP status 403, "Denied *** today")`
		if got := driver.Fault(err).Message; got != want {
			t.Errorf("%s: the message is %q, want %q", call, got, want)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, in.driver(t, answer{}))
		for _, secret := range testKeys {
			if strings.Contains(text, secret) {
				t.Errorf("%s of the driver shows a key", verb)
			}
		}
	}
}

// hostile are texts that act on a terminal, and how they must read.
var hostile = map[string]string{
	"red \x1b[31m text":           `red \x1b[31m text`,
	"\x1b]52;c;aGVsbG8=\x07":      `\x1b]52;c;aGVsbG8=\x07`,
	"one\rtwo\nthree":             `one\rtwo\nthree`,
	"\u009b31m":                   `\u009b31m`,
	"user\u202egnp.exe":           `user\u202egnp.exe`,
	"a\u2066b\u2069c":             `a\u2066b\u2069c`,
	"a\u2028b\u2029c":             `a\u2028b\u2029c`,
	"a\u200bb\u200dc\u2060\ufeff": `a\u200bb\u200dc\u2060\ufeff`,
	"a\x00b\x7fc\x08":             `a\x00b\x7fc\x08`,
	"tag \U000e0041":              `tag \U000e0041`,
}

func acts(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// wantVisible checks all texts but for the line ends of this suite.
func wantVisible(t *testing.T, where, text string) {
	t.Helper()
	if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), acts) || !utf8.ValidString(text) {
		t.Errorf("%s acts on a terminal: %q", where, text)
	}
}

func testHostileTexts(t *testing.T, in Inputs) {
	for raw, shown := range hostile {
		for place, answerOf := range places(in) {
			driver := in.driver(t, answerOf(raw))
			for call, err := range in.fails(t, driver) {
				fault := driver.Fault(err)
				wantVisible(t, call+", "+place, err.Error()+fault.Code+fault.Message+fault.RequestID+fault.Advice)
			}
		}
		if !in.carries(raw) {
			continue
		}
		driver := in.driver(t, in.refusal("Code"+raw, "Message "+raw, "r-"+raw))
		for call, err := range in.fails(t, driver) {
			fault := driver.Fault(err)
			if fault.Code != "Code"+shown || fault.Message != "Message "+shown || fault.RequestID != "r-"+shown {
				t.Errorf("%s: got code %q, message %q, request id %q, want them to hold %q", call, fault.Code,
					fault.Message, fault.RequestID, shown)
			}
			wantVisible(t, call, err.Error())
		}
		outcome := in.driver(t, answer{status: http.StatusOK, body: in.Accepted("r-" + raw)}).Stop(t.Context(),
			[]string{in.ID}, backend.StopOptions{})[0]
		if outcome.Err != nil || outcome.RequestID != "r-"+shown {
			t.Errorf("the outcome is %q, %v, want the request id %q", outcome.RequestID, outcome.Err, "r-"+shown)
		}
		listed := answer{status: http.StatusOK, body: in.Listing(Listed{
			ID: in.ID, Name: "web" + raw, Status: "ST" + raw, TagKey: "key" + raw, TagValue: "value" + raw,
		})}
		wantShown(t, in, "describe", shown, func() ([]backend.Instance, error) {
			return in.driver(t, listed).Describe(t.Context(), []string{in.ID})
		})
		if lister, ok := in.driver(t, listed).(backend.Lister); ok {
			wantShown(t, in, "list", shown, func() ([]backend.Instance, error) {
				// The filter is about the texts as they are.
				filter := backend.Filter{Name: "web" + raw, Tags: map[string]string{"key" + raw: "value" + raw}}
				page, _, err := lister.ListPage(t.Context(), filter, "")
				return page, err
			})
		}
	}
}

func wantShown(t *testing.T, in Inputs, call, shown string, do func() ([]backend.Instance, error)) {
	t.Helper()
	found, err := do()
	if err != nil || len(found) != 1 {
		t.Errorf("%s: got %v, %v, want one instance", call, found, err)
		return
	}
	got := found[0]
	if got.ID != in.ID || got.Name != "web"+shown || got.Raw != "ST"+shown || got.State != backend.Unknown ||
		got.Tags["key"+shown] != "value"+shown ||
		len(got.Tags) != 1 {
		t.Errorf("%s: got %+v, want texts that hold %q", call, got, shown)
	}
}

func testLongTexts(t *testing.T, in Inputs) {
	const most, mark = 1000, " ... (cut)"
	code := strings.Repeat("C", 3000)
	for name, test := range map[string]struct{ text, want string }{
		"of 3 kB":                      {strings.Repeat("x", 3000), strings.Repeat("x", most-len(mark)) + mark},
		"of 3 kB in words":             {strings.Repeat("word ", 600), strings.Repeat("word ", 600)[:most-len(mark)] + mark},
		"of 100 kB":                    {strings.Repeat("x", 100_000), strings.Repeat("x", most-len(mark)) + mark},
		"of 3 kB, 2 bytes a character": {strings.Repeat("é", 1500), strings.Repeat("é", (most-len(mark))/2) + mark},
	} {
		driver := in.driver(t, in.refusal(code, test.text, test.text))
		for call, err := range in.fails(t, driver) {
			fault := driver.Fault(err)
			if fault.Message != test.want || fault.RequestID != test.want {
				t.Errorf("%s, %s: the message has %d bytes and the request id %d, want %d", call, name, len(fault.Message),
					len(fault.RequestID), len(test.want))
			}
			if len(fault.Code) > most || len(err.Error()) > most {
				t.Errorf("%s, %s: the code has %d bytes and the error %d, want at most %d", call, name, len(fault.Code),
					len(err.Error()), most)
			}
		}
		for place, answerOf := range places(in) {
			driver := in.driver(t, answerOf(test.text))
			for call, err := range in.fails(t, driver) {
				fault := driver.Fault(err)
				for _, text := range []string{fault.Code, fault.Message, fault.RequestID, fault.Advice, err.Error()} {
					if len(text) > most || !utf8.ValidString(text) {
						t.Errorf("%s, %s in %s: a text of %d bytes is shown, want at most %d: %.40q", call, name, place,
							len(text), most, text)
					}
				}
			}
		}
	}
	long := strings.Repeat("n", 3000)
	outcome := in.driver(t, answer{status: http.StatusOK, body: in.Accepted(long)}).Stop(t.Context(),
		[]string{in.ID}, backend.StopOptions{})[0]
	if outcome.Err != nil || len(outcome.RequestID) != most {
		t.Errorf("the outcome is %.200q, %v, want a request id of %d bytes", outcome.RequestID, outcome.Err, most)
	}
	listed := answer{status: http.StatusOK, body: in.Listing(Listed{
		ID: in.ID, Name: long, Status: long, TagKey: "k", TagValue: long,
	})}
	found, err := in.driver(t, listed).Describe(t.Context(), []string{in.ID})
	if err != nil || len(found) != 1 || len(found[0].Name) != most || len(found[0].Raw) != most ||
		len(found[0].Tags["k"]) != most {
		t.Errorf("describe: got %.200v, %v, want a name, a status and a tag of %d bytes", found, err, most)
	}
}
