package volcengine

import (
	"net/http"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestFaultOfAnswersThatAreNotTheAPIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kind   backend.Kind
		code   string
	}{
		"cut JSON with 200": {
			200, `{"ResponseMetadata":{"RequestId":"x"`, backend.KindUnavailable, "",
		},
		"cut JSON with 500": {
			500, `{"ResponseMetadata":{"RequestId":"x"`, backend.KindUnavailable, "",
		},
		"an empty object with 403": {403, `{}`, backend.KindDenied, ""},
		"an empty object with 404": {404, `{}`, backend.KindOther, ""},
		"a Result of another form": {200, result(`"done"`), backend.KindUnavailable, ""},
		"no Result": {
			200, `{"ResponseMetadata":{"RequestId":"x"}}`, backend.KindUnavailable, "",
		},
		"metadata without an Error and 500": {
			500, `{"ResponseMetadata":{"RequestId":"x"}}`, backend.KindUnavailable, "",
		},
		"metadata with a null Error and 400": {
			400, `{"ResponseMetadata":{"RequestId":"x","Error":null}}`, backend.KindInvalid, "",
		},
		"metadata with an empty Error and 400": {
			400, `{"ResponseMetadata":{"RequestId":"x","Error":{}}}`, backend.KindInvalid, "",
		},
		"an Error with a message only": {
			400, `{"ResponseMetadata":{"RequestId":"x","Error":{"Message":"no"}}}`, backend.KindInvalid, "",
		},
		"a code of another type": {
			400, `{"ResponseMetadata":{"RequestId":"x","Error":{"Code":7}}}`, backend.KindInvalid, "",
		},
		"the simple form": {
			400, `{"HTTPCode":400,"errorcode":"InvalidArgument","message":"no"}`, backend.KindInvalid, "InvalidArgument",
		},
		"the simple form with a status of success": {
			200, `{"errorcode":"FlowLimitExceeded","message":"no"}`, backend.KindThrottled, "FlowLimitExceeded",
		},
		"a redirect": {302, `{}`, backend.KindInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver, cloud := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("Location", "/elsewhere")
				reply(w, test.status, test.body)
			})
			for _, call := range []struct {
				name string
				do   func() error
			}{
				{"Describe", func() error {
					_, err := driver.Describe(t.Context(), []string{"i-1"})
					return err
				}},
				{"Start", func() error { return driver.Start(t.Context(), []string{"i-1"})[0].Err }},
				{"DryRun", func() error {
					return driver.DryRun(t.Context(), backend.OpStart, []string{"i-1"}, backend.StopOptions{})[0]
				}},
			} {
				before := len(cloud.calls())
				err := call.do()
				if err == nil {
					t.Errorf("%s: got nil, want an error", call.name)
					continue
				}
				got := driver.Fault(err)
				if got.Kind != test.kind || got.Code != test.code || got.Status != test.status {
					t.Errorf("%s: got kind %v, code %q, status %d, want %v, %q, %d",
						call.name, got.Kind, got.Code, got.Status, test.kind, test.code, test.status)
				}
				if got.Message == "" {
					t.Errorf("%s: got no message, want one", call.name)
				}
				if got.RetryAfter != 7*time.Second && test.status != http.StatusOK {
					t.Errorf("%s: got RetryAfter %v, want 7s", call.name, got.RetryAfter)
				}
				if sent := len(cloud.calls()) - before; sent != 1 {
					t.Errorf("%s: got %d requests, want 1", call.name, sent)
				}
			}
		})
	}
}
