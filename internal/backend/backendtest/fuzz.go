package backendtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// A fuzzed answer has a status from 200 to 599.
const leastStatus, statuses = 200, 400

// FuzzAnswers gives whatever is fuzzed as the answer to each call of a driver:
// cut off, nested, of other types, with keys twice. It starts from whole answers, and
// makes of them by itself what testBodies gives.
func FuzzAnswers(f *testing.F, in Inputs) {
	f.Helper()
	for _, seed := range in.whole() {
		f.Add(uint16(seed.status-leastStatus), []byte(seed.body), "1") //nolint:gosec // A status is small.
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte, header string) {
		wantSoundCalls(t, in, answer{
			status: leastStatus + int(status%statuses),
			header: http.Header{
				"Retry-After": {header}, "X-Acs-Retry-After": {header}, "X-Ratelimit-User": {header}, "Date": {header},
			},
			body: string(body),
		})
	})
}

// testBodies gives bodies of every kind with the statuses that mean most: a success, an
// absence, and a failure of the cloud.
func testBodies(t *testing.T, in Inputs) {
	for _, body := range in.bodies() {
		for _, status := range []int{http.StatusOK, http.StatusNotFound, http.StatusInternalServerError} {
			wantSoundCalls(t, in, answer{status: status, body: body})
			if t.Failed() {
				t.Fatalf("that was status %d with the body %.2000q", status, body)
			}
		}
	}
}

// wantSoundCalls makes each kind of call, which gets the answer. It may fail, and must
// not panic, take forever, forget an id, invent an instance, take for a success what is
// none, or return a text that acts on a terminal or shows a key.
func wantSoundCalls(t *testing.T, in Inputs, given answer) {
	t.Helper()
	began := time.Now()
	driver := in.driver(t, given)
	ids := []string{in.ID, in.ID + "0", in.ID + "1"}
	found, err := driver.Describe(t.Context(), ids)
	in.wantSound(t, driver, given, err)
	for i, got := range found {
		if !slices.Contains(ids, got.ID) ||
			slices.ContainsFunc(found[:i], func(one backend.Instance) bool { return one.ID == got.ID }) {
			t.Errorf("describe found %q, want each of %v at most once", got.ID, ids)
		}
		wantSoundInstance(t, got)
	}
	for _, o := range writes() {
		outcomes := o.call(t.Context(), driver, ids)
		if len(outcomes) != len(ids) {
			t.Errorf("%s has %d outcomes for %d ids", o.name, len(outcomes), len(ids))
		}
		for _, outcome := range outcomes {
			in.wantSound(t, driver, given, outcome.Err)
			wantSoundText(t, "the request id", outcome.RequestID)
			wantNoKey(t, outcome.RequestID)
		}
	}
	if lister, ok := driver.(backend.Lister); ok {
		page, _, err := lister.ListPage(t.Context(), backend.Filter{Name: "w*"}, "")
		in.wantSound(t, driver, given, err)
		for _, got := range page {
			wantSoundInstance(t, got)
		}
	}
	if runner, ok := driver.(backend.DryRunner); ok {
		for _, err := range runner.DryRun(t.Context(), backend.OpStop, ids[:2], backend.StopOptions{}) {
			// A dry run that passed is an error of the API, whatever its status.
			in.wantSound(t, driver, answer{status: http.StatusOK, body: given.body}, err)
		}
	}
	if checker, ok := driver.(backend.AbsenceChecker); ok {
		err := checker.CheckAbsent(t.Context(), in.ID)
		if err == nil && given.status < http.StatusBadRequest {
			t.Errorf("the status %d confirms that %q is gone", given.status, in.ID)
		}
		in.wantSound(t, driver, answer{status: http.StatusOK, body: given.body}, err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the answer took %v to read", took)
	}
}

func wantSoundText(t *testing.T, what, text string) {
	t.Helper()
	if len(text) > 1000 || !utf8.ValidString(text) || strings.ContainsFunc(text, acts) {
		t.Errorf("%s is %.100q, of %d bytes", what, text, len(text))
	}
}

func wantSoundInstance(t *testing.T, in backend.Instance) {
	t.Helper()
	if !slices.Contains(backend.States(), in.State) || in.State == backend.Absent {
		t.Errorf("the state of %q is %v", in.ID, in.State)
	}
	texts := map[string]string{
		"id":               in.ID,
		"name":             in.Name,
		"state":            in.Raw,
		"bar":              in.StopChargingBar,
		"block":            in.Blocked,
		"block of a start": in.StartBlocked,
		"type":             in.Type,
		"zone":             in.Zone,
		"public address":   in.PublicIP,
		"private address":  in.PrivateIP,
	}
	for key, value := range in.Tags {
		texts["key "+key], texts["value of "+key] = key, value
	}
	if in.LastOperation != nil {
		op := in.LastOperation
		texts["operation"], texts["operation's id"], texts["operation's name"] = op.Message, op.RequestID, op.Name
	}
	for what, text := range texts {
		wantSoundText(t, what, text)
	}
}

// wantNoKey is for a text of the cloud that is no instance's.
func wantNoKey(t *testing.T, text string) {
	t.Helper()
	if slices.ContainsFunc(testKeys, func(key string) bool { return strings.Contains(text, key) }) {
		t.Errorf("a key is in %q", text)
	}
}

// success reports whether an API may have answered so to a call that it took.
func (in Inputs) success(a answer) bool {
	return a.status < http.StatusBadRequest && in.wellFormed([]byte(a.body))
}

// wantSound checks the error of a call that got the answer.
func (in Inputs) wantSound(t *testing.T, driver backend.Driver, given answer, err error) {
	t.Helper()
	if err == nil {
		if !in.success(given) {
			t.Errorf("a call that was answered with status %d and %.200q has no error", given.status, given.body)
		}
		return
	}
	fault := driver.Fault(err)
	if fault.Kind.String() == "invalid" || fault.Message == "" || fault.RetryAfter < 0 ||
		len(fault.IDs) > 0 && !fault.Shared {
		t.Errorf("the fault of %v is %+v", err, fault)
	}
	for what, text := range map[string]string{
		"error": err.Error(), "code": fault.Code, "message": fault.Message, "request id": fault.RequestID,
		"advice": fault.Advice,
	} {
		wantSoundText(t, "the "+what, text)
		wantNoKey(t, text)
	}
}

// whole are one answer of each kind.
func (in Inputs) whole() []answer {
	return []answer{
		in.refusal("Some.Code", "The instance "+in.ID+" is busy.", "r-1"),
		in.refusal("Some.Code", strings.Repeat("long ", 600), "r-1"),
		in.refusal("Some.Code "+testKeys[2], "Denied "+testKeys[1], "r "+testKeys[0]),
		in.refusal(in.NotFound, "There is no "+in.ID+".", "r-1"),
		{status: http.StatusOK, body: in.Accepted("r-1")},
		{status: http.StatusOK, body: in.Listing(Listed{
			ID: in.ID, Name: "web", Status: "RUNNING", TagKey: "team", TagValue: "blue",
		})},
	}
}

// bodies are those of the whole answers, whole and spoiled, and some that are none of an
// API, each once.
func (in Inputs) bodies() []string {
	all := []string{
		"", "{}", "[]", "null", "0", `""`, "{", `{"a":`, "<", "<a>", "<?xml?>",
		"\ufeff{}", "<html><title>Busy</title></html>", "\xff\xfe{}",
		strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500),
	}
	for _, a := range in.whole() {
		body := a.body
		all = append(all,
			body, body[:len(body)/2], body+body, strings.ReplaceAll(body, `"`+in.ID+`"`, "12"),
			strings.ReplaceAll(body, in.ID, ""), twice(body), strings.ToUpper(body), entities+body,
		)
		for _, swap := range swaps {
			all = append(all, swap.Replace(body))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// swaps put values of another type, or bytes that are no text, into a body.
var swaps = []*strings.Replacer{
	strings.NewReplacer(`"r`, `["r`, `-1"`, `-1"]`),
	strings.NewReplacer(":1", `:"1"`),
	strings.NewReplacer(":1", ":-1"),
	strings.NewReplacer(":1", ":1e99"),
	strings.NewReplacer("[{", "{", "}]", "}"),
	strings.NewReplacer("[", "null,[", `"web"`, "null"),
	strings.NewReplacer("web", "\xff\xc0"),
	strings.NewReplacer("web", `\u001b[31m\u202e`),
	strings.NewReplacer(`:"`, `:{"x":"`),
	strings.NewReplacer("RUNNING", `\ud800`),
	strings.NewReplacer("[{", "[null,{"),
	strings.NewReplacer(">1<", ">-1<"),
	strings.NewReplacer(">1<", ">1e99<"),
	strings.NewReplacer(">1<", "><"),
	strings.NewReplacer("</", "<"),
	strings.NewReplacer("web", "<x>web</x>"),
	strings.NewReplacer("web", "<![CDATA[\x1b]]>"),
	strings.NewReplacer("web", "&#x202e;&#27;&a;"),
}

// entities stand before a document in XML, which need not be that: "&a;" grows.
const entities = `<!DOCTYPE x [<!ENTITY b "aaaaaaaa"><!ENTITY a "&b;&b;&b;&b;&b;&b;&b;&b;">]>`

// leaf is an element in XML that has a text alone.
var leaf = regexp.MustCompile(`<(\w+)>[^<]*</(\w+)>`)

// twice repeats each key of the outer object, with null; in XML each element that has a
// text alone.
func twice(body string) string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		return leaf.ReplaceAllString(body, "$0$0")
	}
	var b strings.Builder
	b.WriteString("{")
	for _, key := range slices.Sorted(maps.Keys(object)) {
		fmt.Fprintf(&b, "%q:%s,%q:null,", key, object[key], key)
	}
	return strings.TrimSuffix(b.String(), ",") + "}"
}
