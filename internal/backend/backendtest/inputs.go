package backendtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Inputs is one cloud as its API answers, for whatever a server, a proxy or a
// user may hand to a driver. RunInputs runs one table of them through it, which
// reads the same for every cloud.
type Inputs struct {
	// Open makes a driver. keys are by name of attribute. endpoint may be empty,
	// and base nil, as in the options of a driver.
	Open func(keys map[string]driverkit.Secret, region, endpoint string, base http.RoundTripper) (backend.Driver, error)
	// Required are the names of the keys that must be there, and Token that of
	// one that need not be.
	Required []string
	Token    string
	// Region is one of the cloud's, or empty where it has none.
	Region string
	// ID has the form of the cloud's.
	ID string
	// Refusal is the body of an error of the API.
	Refusal func(code, message, requestID string) string
	// RefusalStatus is the HTTP status that it comes with.
	RefusalStatus int
	// NotFound is the code for an instance that does not exist.
	NotFound string
	// Accepted is the body of the answer to a stop of the instance ID.
	Accepted func(requestID string) string
	// Listing is the body of a description of one instance.
	Listing func(in Listed) string
	// ContentType is that of the bodies; empty means JSON.
	ContentType string
	// WellFormed reports whether a body is a whole document; nil means JSON.
	WellFormed func(body []byte) bool
	// Carries reports whether a body can hold a text as it is, which XML cannot do with
	// most control characters. It may be nil where any text fits.
	Carries func(text string) bool
}

func (in Inputs) wellFormed(body []byte) bool {
	if in.WellFormed == nil {
		return json.Valid(body)
	}
	return in.WellFormed(body)
}

func (in Inputs) carries(text string) bool { return in.Carries == nil || in.Carries(text) }

// Listed are the texts of one instance in a description.
type Listed struct{ ID, Name, Status, TagKey, TagValue string }

// testKeys are the values of keys, long enough to be redacted, with
// the characters that encodings change.
var testKeys = []string{"AKIDtest/Access+Key0001", "test/Secret+Key=Value&0002==", "test.Session/Token+0003=="}

// keys returns the keys by name: the required ones, and the token where it is
// asked for.
func (in Inputs) keys(token bool) map[string]driverkit.Secret {
	keys := map[string]driverkit.Secret{}
	for i, name := range in.Required {
		keys[name] = driverkit.Secret(testKeys[i])
	}
	if token {
		keys[in.Token] = driverkit.Secret(testKeys[2])
	}
	return keys
}

// answer is one HTTP answer, or the error of a connection.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// answers is a transport without a network. It gives one answer after the other,
// and the last one again and again.
type answers struct {
	list []answer
	// contentType is for answers that have none of their own.
	contentType string
	// last is the request that it got last.
	last *http.Request
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	a.last = req
	if req.Body != nil {
		_, err := io.Copy(io.Discard, req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
	}
	next := a.list[0]
	if len(a.list) > 1 {
		a.list = a.list[1:]
	}
	if next.err != nil {
		return nil, next.err
	}
	header := next.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", cmp.Or(a.contentType, "application/json"))
	}
	return &http.Response{
		Status:        http.StatusText(next.status),
		StatusCode:    next.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader([]byte(next.body))),
		ContentLength: int64(len(next.body)),
		Request:       req,
	}, nil
}

// driver returns a driver with all keys, for a cloud that gives the answers.
func (in Inputs) driver(t *testing.T, list ...answer) backend.Driver {
	t.Helper()
	driver, err := in.Open(in.keys(true), in.Region, "", &answers{list: list, contentType: in.ContentType})
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

// refusal is an error of the API.
func (in Inputs) refusal(code, message, requestID string) answer {
	return answer{status: in.RefusalStatus, body: in.Refusal(code, message, requestID)}
}

// fails makes each kind of call, and returns the errors, none of which is nil.
func (in Inputs) fails(t *testing.T, driver backend.Driver) map[string]error {
	t.Helper()
	_, described := driver.Describe(t.Context(), []string{in.ID})
	errs := map[string]error{
		"describe": described,
		"start":    driver.Start(t.Context(), []string{in.ID})[0].Err,
		"stop":     driver.Stop(t.Context(), []string{in.ID}, backend.StopOptions{})[0].Err,
		"reboot":   driver.Reboot(t.Context(), []string{in.ID}, backend.StopOptions{})[0].Err,
	}
	if lister, ok := driver.(backend.Lister); ok {
		_, _, errs["list"] = lister.ListPage(t.Context(), backend.Filter{}, "")
	}
	if runner, ok := driver.(backend.DryRunner); ok {
		errs["dry run"] = runner.DryRun(t.Context(), backend.OpStop, []string{in.ID}, backend.StopOptions{})[0]
	}
	if checker, ok := driver.(backend.AbsenceChecker); ok {
		errs["check of absence"] = checker.CheckAbsent(t.Context(), in.ID)
	}
	for name, err := range errs {
		if err == nil {
			t.Errorf("%s: got no error, want one", name)
			delete(errs, name)
		}
	}
	return errs
}

// RunInputs runs the table.
func RunInputs(t *testing.T, in Inputs) {
	t.Helper()
	for name, run := range map[string]func(*testing.T, Inputs){
		"keys":                         testBadKeys,
		"regions":                      testRegions,
		"endpoints":                    testEndpoints,
		"secrets that come back":       testSecretsThatComeBack,
		"texts around secrets":         testTextsAroundSecrets,
		"texts that act on a terminal": testHostileTexts,
		"long texts":                   testLongTexts,
		"bodies of every kind":         testBodies,
		"pages":                        testPages,
		"pages one after the other":    testPagesAgain,
		"connections":                  testConnections,
		"certificates":                 testCertificates,
		"proxies":                      testProxies,
		"streams that are reset":       testHTTP2,
		"instances that do not exist":  testMissing,
		"one clock":                    testOneClock,
		"one host":                     testOneHost,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, in)
		})
	}
}

// wantError compares the text of an error that New returned, which must not hold
// a value that it was given.
func wantError(t *testing.T, err error, want string, values ...string) {
	t.Helper()
	switch {
	case err == nil:
		t.Fatalf("got no error, want %q", want)
	case err.Error() != want:
		t.Errorf("got %q, want %q", err, want)
	}
	for _, value := range values {
		if len(value) > 3 && strings.Contains(err.Error(), value) {
			t.Errorf("the error repeats %q: %q", value, err)
		}
	}
}

func testBadKeys(t *testing.T, in Inputs) {
	for _, token := range []bool{false, true} {
		if _, err := in.Open(in.keys(token), in.Region, "", nil); err != nil {
			t.Errorf("good keys, with a token %v: got %v, want no error", token, err)
		}
	}
	for _, name := range in.Required {
		keys := in.keys(false)
		keys[name] = ""
		_, err := in.Open(keys, in.Region, "", nil)
		wantError(t, err, "`"+name+"` is empty")
	}
	for _, name := range append(slices.Clone(in.Required), in.Token) {
		good := string(in.keys(true)[name])
		for contains, value := range map[string]string{
			"a space":                    "two " + good,
			"a tab":                      good + "\t",
			"a line feed":                good + "\n",
			"a carriage return":          good + "\r\n",
			`the control character \x00`: good + "\x00",
			`the control character \x7f`: "\x7f" + good,
		} {
			refuseKey(t, in, name, value, contains)
		}
		for _, value := range []string{
			good + "\u200b", "\ufeff" + good, good[:4] + "\u00a0" + good[4:], good + "é", "ｋ" + good, good + "\xff",
		} {
			refuseKey(t, in, name, value, "a character that is not ASCII")
		}
	}
}

func refuseKey(t *testing.T, in Inputs, name, value, contains string) {
	t.Helper()
	keys := in.keys(name == in.Token)
	keys[name] = driverkit.Secret(value)
	_, err := in.Open(keys, in.Region, "", nil)
	want := "`" + name + "` contains " + contains + ", which no key does: copy it again, without what is around it"
	wantError(t, err, want, value, string(keys[in.Required[0]]))
}

func testRegions(t *testing.T, in Inputs) {
	if in.Region == "" {
		t.Skip("this cloud has no regions")
	}
	for region, want := range map[string]string{
		"":                   "`region` is empty",
		"a b":                "`region` is \"a b\", which is not the name of a region",
		"evil.example/#":     "`region` is \"evil.example/#\", which is not the name of a region",
		in.Region + "\n":     "`region` is \"" + in.Region + "\\n\", which is not the name of a region",
		"-" + in.Region:      "`region` is \"-" + in.Region + "\", which is not the name of a region",
		in.Region + "\u200b": "`region` is \"" + in.Region + "\\u200b\", which is not the name of a region",
	} {
		_, err := in.Open(in.keys(false), region, "", nil)
		wantError(t, err, want)
	}
	var urls []string
	for _, region := range []string{in.Region, strings.ToUpper(in.Region)} {
		base := &answers{list: []answer{{err: errors.New("no network")}}}
		driver, err := in.Open(in.keys(false), region, "", base)
		if err != nil {
			t.Fatalf("%s: %v", region, err)
		}
		in.fails(t, driver)
		urls = append(urls, base.last.URL.Scheme+"://"+base.last.URL.Host)
	}
	if urls[0] != urls[1] || !strings.HasPrefix(urls[0], "https://") {
		t.Errorf("the requests went to %v, want one host, by https", urls)
	}
}

// JSON returns a text as JSON has it.
func JSON(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}
