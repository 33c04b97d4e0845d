package volcengine

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestFaultOfAnswersThatAreNotTheAPIs(t *testing.T) {
	t.Parallel()
	const page = "<html><head><title>Bad things</title></head><body>x</body></html>"
	for name, test := range map[string]struct {
		status int
		body   string
		kind   backend.Kind
		code   string
	}{
		"a page with 502":                          {502, page, backend.KindUnavailable, ""},
		"a page with 503":                          {503, page, backend.KindUnavailable, ""},
		"a page with 403":                          {403, page, backend.KindDenied, ""},
		"a page with 429":                          {429, page, backend.KindThrottled, ""},
		"a page with 404":                          {404, page, backend.KindOther, ""},
		"a page with 200":                          {200, page, backend.KindUnavailable, ""},
		"nothing with 200":                         {200, "", backend.KindUnavailable, ""},
		"nothing with 503":                         {503, "", backend.KindUnavailable, ""},
		"cut JSON with 200":                        {200, `{"ResponseMetadata":{"RequestId":"x"`, backend.KindUnavailable, ""},
		"cut JSON with 500":                        {500, `{"ResponseMetadata":{"RequestId":"x"`, backend.KindUnavailable, ""},
		"an empty object with 200":                 {200, `{}`, backend.KindUnavailable, ""},
		"an empty object with 403":                 {403, `{}`, backend.KindDenied, ""},
		"an empty object with 404":                 {404, `{}`, backend.KindOther, ""},
		"a Result of another form":                 {200, result(`"done"`), backend.KindUnavailable, ""},
		"no Result":                                {200, `{"ResponseMetadata":{"RequestId":"x"}}`, backend.KindUnavailable, ""},
		"metadata without an Error and 500":        {500, `{"ResponseMetadata":{"RequestId":"x"}}`, backend.KindUnavailable, ""},
		"metadata with a null Error and 400":       {400, `{"ResponseMetadata":{"RequestId":"x","Error":null}}`, backend.KindInvalid, ""},
		"metadata with an empty Error and 400":     {400, `{"ResponseMetadata":{"RequestId":"x","Error":{}}}`, backend.KindInvalid, ""},
		"an Error with a message only":             {400, `{"ResponseMetadata":{"RequestId":"x","Error":{"Message":"no"}}}`, backend.KindInvalid, ""},
		"a code of another type":                   {400, `{"ResponseMetadata":{"RequestId":"x","Error":{"Code":7}}}`, backend.KindInvalid, ""},
		"the simple form":                          {400, `{"HTTPCode":400,"errorcode":"InvalidArgument","message":"no"}`, backend.KindInvalid, "InvalidArgument"},
		"the simple form with a status of success": {200, `{"errorcode":"FlowLimitExceeded","message":"no"}`, backend.KindThrottled, "FlowLimitExceeded"},
		"a redirect":                               {302, `{}`, backend.KindOther, ""},
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

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	driver, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		reply(w, http.StatusTooManyRequests, refusal("FlowLimitExceeded", "slow down"))
	})
	_, err := driver.Describe(t.Context(), []string{"i-1"})
	if got, want := driver.Fault(err).RetryAfter, 3*time.Second; got != want {
		t.Errorf("got RetryAfter %v, want %v", got, want)
	}
}

func TestConnectionThatEndsBeforeTheAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, stop := range operations {
		before := len(cloud.calls())
		outcome := stop(driver, t, "i-1", "i-2")[1]
		fault := driver.Fault(outcome.Err)
		if fault.Kind != backend.KindUnavailable || fault.Status != 0 || fault.Shared {
			t.Errorf("%s: got fault %+v, want Unavailable, without a status, not Shared", name, fault)
		}
		if sent := len(cloud.calls()) - before; sent != 1 {
			t.Errorf("%s: got %d requests, want 1: a lost write must not be sent again", name, sent)
		}
	}
}

func TestContextEndsACall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begin bool // whether the answer begins before it hangs
		ctx   func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		"a deadline before the answer": {false, deadline, context.DeadlineExceeded},
		"a deadline amid the answer":   {true, deadline, context.DeadlineExceeded},
		"a cancel before the answer":   {false, canceled, context.Canceled},
		"a cancel amid the answer":     {true, canceled, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if test.begin {
					reply(w, http.StatusOK, `{"ResponseMetadata":`)
					_ = http.NewResponseController(w).Flush()
				}
				select {
				case <-release:
				case <-r.Context().Done():
				}
			})
			defer close(release)
			ctx, cancel := test.ctx(t.Context())
			defer cancel()
			err := driver.Stop(ctx, []string{"i-1"}, backend.StopOptions{})[0].Err
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want errors.Is %v", err, test.want)
			}
			if got := driver.Fault(err).Kind; got != backend.KindUnavailable {
				t.Errorf("got kind %v, want Unavailable", got)
			}
			if got := len(cloud.calls()); got != 1 {
				t.Errorf("got %d requests, want 1", got)
			}
		})
	}
}

func deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 200*time.Millisecond)
}

func canceled(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(200*time.Millisecond, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}
