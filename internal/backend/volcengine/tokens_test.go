package volcengine

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// script is a cloud without a network that gives one answer after the other, and
// keeps the tokens of the writes.
type script struct {
	mu      sync.Mutex
	answers []string
	tokens  []string
}

const lost = "" // an answer that does not come

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	if query.Has("ClientToken") {
		s.tokens = append(s.tokens, query.Get("ClientToken"))
	}
	answer := accepted(query)
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	if answer == lost {
		return nil, errors.New("connection reset")
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(answer)),
		Request:    r,
	}, nil
}

func scripted(t *testing.T, answers ...string) (*Driver, *script) {
	t.Helper()
	s := &script{answers: answers}
	driver, err := New(Credentials{AccessKey: testAccessKey, SecretKey: testSecretKey}, "cn-beijing", Options{HTTP: s})
	if err != nil {
		t.Fatalf("New: got error %v, want nil", err)
	}
	return driver, s
}

func TestARepeatCarriesTheTokenOfACallWhoseOutcomeIsOpen(t *testing.T) {
	t.Parallel()
	processing := refusal("IdempotentProcessing", "wait")
	running := result(`{"TotalCount":1,"Instances":[{"InstanceId":"i-1","Status":"RUNNING"}]}`)
	stopped := result(`{"TotalCount":1,"Instances":[{"InstanceId":"i-1","Status":"STOPPED"}]}`)
	stop := func(d *Driver, t *testing.T, ids ...string) {
		t.Helper()
		d.Stop(t.Context(), ids, backend.StopOptions{})
	}
	force := func(d *Driver, t *testing.T, ids ...string) {
		t.Helper()
		d.Stop(t.Context(), ids, backend.StopOptions{Force: backend.Forced})
	}
	economical := func(d *Driver, t *testing.T, ids ...string) {
		t.Helper()
		d.Stop(t.Context(), ids, backend.StopOptions{Mode: backend.StopCharging})
	}
	start := func(d *Driver, t *testing.T, ids ...string) {
		t.Helper()
		d.Start(t.Context(), ids)
	}
	observe := func(d *Driver, t *testing.T, ids ...string) {
		t.Helper()
		if _, err := d.Describe(t.Context(), ids); err != nil {
			t.Errorf("Describe: got error %v, want nil", err)
		}
	}
	twice := func(d *Driver, t *testing.T) { stop(d, t, "i-1"); stop(d, t, "i-1") }
	withObservation := func(d *Driver, t *testing.T) { stop(d, t, "i-1"); observe(d, t, "i-1"); stop(d, t, "i-1") }
	for name, test := range map[string]struct {
		answers []string
		do      func(*Driver, *testing.T)
		same    bool // whether the last write has the token of the first
	}{
		"after a lost answer": {
			[]string{lost}, twice, true,
		},
		"after a lost answer, with the ids in another order": {
			[]string{lost}, func(d *Driver, t *testing.T) { stop(d, t, "i-1", "i-2"); stop(d, t, "i-2", "i-1") }, true,
		},
		"after a lost answer and an observation that shows no effect": {
			[]string{lost, running}, withObservation, true,
		},
		"after a lost answer and an observation that shows the target": {
			[]string{lost, stopped}, withObservation, false,
		},
		"after two lost answers": {
			[]string{lost, lost}, func(d *Driver, t *testing.T) {
				t.Helper()
				stop(d, t, "i-1")
				stop(d, t, "i-1")
				stop(d, t, "i-1")
			}, true,
		},
		"after IdempotentProcessing": {
			[]string{processing}, twice, true,
		},
		"after an error of the server": {
			[]string{refusal("InternalError", "x")}, twice, true,
		},
		"after an answer that says nothing of the instance": {
			[]string{result(`{"OperationDetails":[]}`)}, twice, true,
		},
		"not after success": {
			nil, twice, false,
		},
		"not after a lost answer that a success followed": {
			[]string{lost}, func(d *Driver, t *testing.T) {
				t.Helper()
				stop(d, t, "i-1")
				stop(d, t, "i-1")
				stop(d, t, "i-1")
			}, false,
		},
		"not after a refusal": {
			[]string{refusal("InvalidInstanceStatus", "x")}, twice, false,
		},
		"not for other ids": {
			[]string{lost}, func(d *Driver, t *testing.T) { t.Helper(); stop(d, t, "i-1"); stop(d, t, "i-2") }, false,
		},
		"not with another force": {
			[]string{lost}, func(d *Driver, t *testing.T) { t.Helper(); stop(d, t, "i-1"); force(d, t, "i-1") }, false,
		},
		"not with another mode": {
			[]string{lost}, func(d *Driver, t *testing.T) { t.Helper(); stop(d, t, "i-1"); economical(d, t, "i-1") }, false,
		},
		"not for another operation": {
			[]string{lost}, func(d *Driver, t *testing.T) { t.Helper(); stop(d, t, "i-1"); start(d, t, "i-1") }, false,
		},
		"not when another operation came between": {
			[]string{lost}, func(d *Driver, t *testing.T) {
				t.Helper()
				stop(d, t, "i-1")
				start(d, t, "i-1")
				stop(d, t, "i-1")
			}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver, cloud := scripted(t, test.answers...)
			test.do(driver, t)
			first, last := cloud.tokens[0], cloud.tokens[len(cloud.tokens)-1]
			if got := first == last; got != test.same || len(cloud.tokens) < 2 {
				t.Errorf("got tokens %q, want the first and the last equal: %v", cloud.tokens, test.same)
			}
		})
	}
}

func TestATokenEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	for wait, same := range map[time.Duration]bool{10*time.Minute - 1: true, 10 * time.Minute: false} {
		synctest.Test(t, func(t *testing.T) {
			driver, cloud := scripted(t, lost)
			driver.Reboot(t.Context(), []string{"i-1"}, backend.StopOptions{})
			time.Sleep(wait)
			driver.Reboot(t.Context(), []string{"i-1"}, backend.StopOptions{})
			if got := cloud.tokens[0] == cloud.tokens[1]; got != same {
				t.Errorf("after %v: got the same token: %v, want %v", wait, got, same)
			}
		})
	}
}

func TestOpenCallsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		driver, cloud := scripted(t)
		cloud.answers = make([]string, maxTokens+1) // all lost
		for i := range maxTokens + 1 {
			driver.Start(t.Context(), []string{fmt.Sprintf("i-%d", i)})
			time.Sleep(time.Second)
		}
		if got := len(driver.tokens.open); got != maxTokens {
			t.Errorf("got %d open calls, want %d", got, maxTokens)
		}
		driver.Start(t.Context(), []string{"i-1"})
		driver.Start(t.Context(), []string{"i-0"})
		last := len(cloud.tokens) - 1
		if cloud.tokens[last-1] != cloud.tokens[1] {
			t.Error("i-1: got another token, want that of its open call")
		}
		if cloud.tokens[last] == cloud.tokens[0] {
			t.Error("i-0: got the old token, want a new one: it was the oldest, and had to go")
		}
	})
}

func TestARebootIsNotSettledByALook(t *testing.T) {
	t.Parallel()
	driver, cloud := scripted(t, lost, result(`{"TotalCount":1,"Instances":[{"InstanceId":"i-1","Status":"RUNNING"}]}`))
	driver.Reboot(t.Context(), []string{"i-1"}, backend.StopOptions{})
	if _, err := driver.Describe(t.Context(), []string{"i-1"}); err != nil {
		t.Fatalf("Describe: got error %v, want nil", err)
	}
	driver.Reboot(t.Context(), []string{"i-1"}, backend.StopOptions{})
	if cloud.tokens[0] != cloud.tokens[1] {
		t.Errorf("got tokens %q, want the same: an observation cannot tell whether the reboot was done", cloud.tokens)
	}
}

// Keys may be renewed between a lost answer and the repeat.
func TestARepeatWithOtherKeysCarriesTheSameToken(t *testing.T) {
	t.Parallel()
	for _, continued := range []bool{true, false} {
		before, sent := scripted(t, lost)
		before.Stop(t.Context(), []string{"i-1"}, backend.StopOptions{})
		after, repeated := scripted(t)
		if continued {
			after.Continue(before)
		}
		after.Stop(t.Context(), []string{"i-1"}, backend.StopOptions{})
		if got := sent.tokens[0] == repeated.tokens[0]; got != continued {
			t.Errorf("the driver continues the other one: %v; the token is the same: %v", continued, got)
		}
	}
}
