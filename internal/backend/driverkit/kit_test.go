package driverkit_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// TestFaultOfACode: a call of three ids is refused with a code and a status.
func TestFaultOfACode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code   string
		status int
		kind   backend.Kind
		shared bool
	}{
		"a code of the table":                            {"Gone", 404, backend.KindNotFound, true},
		"a code that means something else with a status": {"Gone", 403, backend.KindInvalid, true},
		"a code whatever its status":                     {"Gone", 500, backend.KindNotFound, true},
		"a code of the table that is of no kind":         {"Odd", 400, backend.KindOther, true},
		"a policy, which may be of one instance":         {"Policy", 200, backend.KindDenied, true},
		"a key, which is the whole call's":               {"Key", 403, backend.KindDenied, false},
		"a code about the call":                          {"Action", 404, backend.KindInvalid, false},
		"a family":                                       {"Busy.State", 400, backend.KindBusy, true},
		"the name of a family":                           {"Busy", 400, backend.KindBusy, true},
		"the longest family":                             {"Busy.Disk.Full", 400, backend.KindInvalid, true},
		"a family that ends in a dot":                    {"Slow.User", 400, backend.KindThrottled, false},
		"the head of such a family is another code":      {"Slow", 400, backend.KindInvalid, true},
		"too many calls, whatever the code":              {"Gone", 429, backend.KindThrottled, false},
		"an unknown code by 400":                         {"New", 400, backend.KindInvalid, true},
		"an unknown code by 401":                         {"New", 401, backend.KindDenied, false},
		"an unknown code by 403":                         {"New", 403, backend.KindDenied, true},
		"an unknown code by 404":                         {"New", 404, backend.KindOther, true},
		"an unknown code by 408":                         {"New", 408, backend.KindUnavailable, false},
		"an unknown code by 409":                         {"New", 409, backend.KindOther, true},
		"an unknown code by 500":                         {"New", 500, backend.KindUnavailable, false},
		"an unknown code by 200":                         {"New", 200, backend.KindOther, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit := newKit(t)
			refusal := &driverkit.APIError{Code: test.code, Message: "It is i-2, not i-33.", RequestID: "r"}
			ex := driverkit.Exchange{Status: test.status, Header: http.Header{"X-Request-Id": {"other"}}}
			got := driverkit.Fault(kit.Fail(t.Context(), &ex, []string{"i-1", "i-2", "i-3"}, refusal))
			want := backend.Fault{
				Kind:      test.kind,
				Code:      test.code,
				Message:   refusal.Message,
				RequestID: "r",
				Status:    test.status,
				Shared:    test.shared,
				Advice:    got.Advice,
			}
			if test.shared {
				want.IDs = []string{"i-2"}
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("fault (-got +want):\n%s", diff)
			}
			alone := driverkit.Fault(kit.Fail(t.Context(), &ex, []string{"i-2"}, refusal))
			if alone.Shared || len(alone.IDs) > 0 {
				t.Errorf("the fault of a call of one id blames %v, shared %v", alone.IDs, alone.Shared)
			}
			if item := driverkit.Fault(kit.FailOne(&ex, *refusal)); item.Shared || item.Kind != test.kind {
				t.Errorf("the fault of one id of a call is %+v, want %v and not shared", item, test.kind)
			}
		})
	}
}

// TestAClockThatIsOffIsNamed: a signature is refused for its time, or for another reason.
func TestAClockThatIsOffIsNamed(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		code, date, want string
		unsent           bool
	}{
		"ahead": {
			code: "Late", date: "Mon, 30 Nov 2026 11:50:00 GMT",
			want: "Check the clock. The clock of this machine is 10m0s ahead of the cloud's.",
		},
		"behind": {
			code: "Late", date: "Mon, 30 Nov 2026 12:01:01 GMT",
			want: "Check the clock. The clock of this machine is 1m1s behind the cloud's.",
		},
		"as far off as an answer may take": {code: "Late", date: "Mon, 30 Nov 2026 12:01:00 GMT", want: "Check the clock."},
		"no date":                          {code: "Late", want: "Check the clock."},
		"a date that is none":              {code: "Late", date: "soon", want: "Check the clock."},
		"a time of sending that is unknown": {
			code: "Late", date: "Mon, 30 Nov 2026 11:50:00 GMT", want: "Check the clock.", unsent: true,
		},
		"a code for another reason": {code: "Gone", date: "Mon, 30 Nov 2026 11:50:00 GMT", want: "Look elsewhere."},
	} {
		ex := driverkit.Exchange{Status: http.StatusForbidden, Header: http.Header{"Date": {test.date}}, Sent: sent}
		if test.code == "Gone" {
			ex.Status = http.StatusNotFound
		}
		if test.unsent {
			ex.Sent = time.Time{}
		}
		err := newKit(t).Fail(t.Context(), &ex, nil, &driverkit.APIError{Code: test.code})
		if got := driverkit.Fault(err).Advice; got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestNamedIDsAreWordsOfTheMessage(t *testing.T) {
	t.Parallel()
	ids := []string{
		"1", "12", "3", "vm_3", "4", "x-4", "i-5", "absent",
		"srv.7f3a", "v1.server.eu..aaa", "zones/a/servers/web", "urn:vm:8",
	}
	for message, want := range map[string][]string{
		"instances `12`, [vm_3] and x-4 do not exist": {"12", "vm_3", "x-4"},
		"acs:ecs::instance/i-5(stopped)":              {"i-5"},
		"i-55 and xi-5 are others":                    nil,
		"`srv.7f3a` is busy.":                         {"srv.7f3a"},
		"No such server: v1.server.eu..aaa.":          {"v1.server.eu..aaa"},
		"//api/zones/a/servers/web is stopped":        {"zones/a/servers/web"},
		"urn:vm:88 and srv.7f3a9, then urn:vm:8":      {"urn:vm:8"},
		strings.Repeat("long ", 500) + "i-5":          {"i-5"},
	} {
		ex := driverkit.Exchange{Status: http.StatusBadRequest}
		refusal := &driverkit.APIError{Code: "New", Message: message}
		err := newKit(t).Fail(t.Context(), &ex, ids, refusal)
		got := driverkit.Fault(err).IDs
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("ids in %.60q (-got +want):\n%s", message, diff)
		}
		clear(got) // The fault of the next member of the call is another one.
		if diff := cmp.Diff(driverkit.Fault(err).IDs, want); diff != "" {
			t.Errorf("ids in %.60q, read again (-got +want):\n%s", message, diff)
		}
	}
}

func TestAnswersWithoutACode(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]backend.Kind{
		200: backend.KindUnavailable, 302: backend.KindUnavailable, 400: backend.KindInvalid,
		401: backend.KindDenied, 403: backend.KindDenied, 404: backend.KindOther, 409: backend.KindOther,
		429: backend.KindThrottled, 500: backend.KindUnavailable, 503: backend.KindUnavailable,
	} {
		ex := driverkit.Exchange{Status: status, Header: http.Header{"Retry-After": {"4"}, "X-Request-Id": {"r"}}}
		for text, err := range map[string]error{
			"the answer cannot be read: odd":                                  errors.New("odd"),
			fmt.Sprintf("the answer has no message (HTTP status %d)", status): &driverkit.APIError{},
		} {
			got := driverkit.Fault(newKit(t).Fail(t.Context(), &ex, []string{"i-1", "i-2"}, err))
			wanted := backend.Fault{
				Kind:       want,
				Message:    text,
				RequestID:  "r",
				Status:     status,
				RetryAfter: 4 * time.Second,
				Advice:     got.Advice,
			}
			if diff := cmp.Diff(got, wanted); diff != "" {
				t.Errorf("status %d (-got +want):\n%s", status, diff)
			}
		}
	}
}

func TestFaultsOfTheDriverItself(t *testing.T) {
	t.Parallel()
	kit := newKit(t)
	ok := &driverkit.Exchange{Status: http.StatusOK}
	odd := "If it stays so, check `endpoint`: something answers there that is not the API, or speaks another " +
		"version of it."
	for name, test := range map[string]struct {
		err  error
		want backend.Fault
	}{
		"an incomplete answer": {
			kit.Incomplete(ok, "r", "it has no list"),
			backend.Fault{
				Kind: backend.KindUnavailable, Message: "the answer is incomplete: it has no list",
				RequestID: "r", Status: 200, Advice: odd,
			},
		},
		"pages without an end": {
			kit.Incomplete(&driverkit.Exchange{}, "", "its pages do not end"),
			backend.Fault{Kind: backend.KindUnavailable, Message: "the answer is incomplete: its pages do not end", Advice: odd},
		},
		"a call that is not made": {
			kit.Unsent("no such thing", "Do another."),
			backend.Fault{Kind: backend.KindInvalid, Message: "no such thing", Unsent: true, Advice: "Do another."},
		},
		"an SDK's own refusal": {
			kit.Fail(t.Context(), new(driverkit.Exchange), []string{"i-1"}, errors.New("the dog ate it")),
			backend.Fault{Kind: backend.KindOther, Message: "the dog ate it", Unsent: true},
		},
		"an error of somebody else": {
			errors.New("the dog\x1b ate it"),
			backend.Fault{Kind: backend.KindOther, Message: `the dog\x1b ate it`},
		},
		"no error": {nil, backend.Fault{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(driverkit.Fault(test.err), test.want); diff != "" {
				t.Errorf("fault (-got +want):\n%s", diff)
			}
		})
	}
}

func TestACallErrorShowsNothingOfTheVendors(t *testing.T) {
	t.Parallel()
	vendor := &driverkit.APIError{Code: "Gone", Message: "key 0123456789abcdef \x1b]52;c;x\x07", RequestID: "r"}
	err := newKit(t).Fail(t.Context(), &driverkit.Exchange{Status: 404}, nil, vendor)
	if got, want := err.Error(), `Gone: key *** \x1b]52;c;x\x07`; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
	var reached *driverkit.APIError
	if !errors.As(err, &reached) || reached.Message != vendor.Message {
		t.Errorf("errors.As reaches %v, want the vendor's error as it is", reached)
	}
}

func TestFurtherSecretsAreShownNeither(t *testing.T) {
	t.Parallel()
	api := driverkit.API{
		Host:     func(string) (string, error) { return "api.example.com", nil },
		IsAnswer: driverkit.IsObject,
	}
	keys := driverkit.Keys{{Name: "key", Value: "the-current-key"}}
	for _, secrets := range [][]string{nil, {"the-former-key"}} {
		kit, err := api.Open(keys, "", driverkit.Options{Secrets: secrets})
		if err != nil {
			t.Fatal(err)
		}
		want := "*** after the-former-key"
		if secrets != nil {
			want = "*** after ***"
		}
		if got := kit.Clean("the-current-key after the-former-key"); got != want {
			t.Errorf("with the secrets %q: got %q, want %q", secrets, got, want)
		}
	}
}
