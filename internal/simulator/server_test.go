package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// call sends one call of the toy cloud on a connection of its own.
func call(ctx context.Context, server *simulator.Server, action string, ids ...string) reply {
	body, err := json.Marshal(ids)
	if err != nil {
		return reply{err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL()+"/toy/"+action,
		strings.NewReader(string(body)))
	if err != nil {
		return reply{err: err}
	}
	req.Close = true
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	data, err := io.ReadAll(resp.Body)
	return reply{
		status: resp.StatusCode, header: resp.Header, body: string(data), err: errors.Join(err, resp.Body.Close()),
	}
}

func addTrouble(t *testing.T, c *simulator.Cloud, trouble simulator.Trouble) {
	t.Helper()
	if _, err := c.AddTrouble(trouble); err != nil {
		t.Fatal(err)
	}
}

func lastCall(t *testing.T, c *simulator.Cloud) simulator.Call {
	t.Helper()
	calls := c.Calls(0)
	if len(calls) == 0 {
		t.Fatal("no call was logged")
	}
	return calls[len(calls)-1]
}

func status(t *testing.T, c *simulator.Cloud, id string) string {
	t.Helper()
	i, ok := c.Instance(id)
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	return i.Status
}

// fate is the part of a logged call that says what became of it.
type fate struct {
	Trouble                 simulator.Kind
	Code                    string
	HTTPStatus              int
	Effect, Delivered, Lost bool
}

func fateOf(k simulator.Call) fate {
	return fate{k.Trouble, k.Code, k.HTTPStatus, k.Effect, k.Delivered, k.Lost}
}

func TestTroublesOfACall(t *testing.T) {
	t.Parallel()
	const short = simulator.Duration(30 * time.Millisecond)
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		answer  string // in the body; empty when there is no answer
		header  string
		want    fate
	}{
		{
			"a throttle with the cloud's own code",
			simulator.Trouble{Kind: simulator.Throttle, RetryAfter: simulator.Duration(1500 * time.Millisecond)},
			"default.throttle", "2",
			fate{simulator.Throttle, "default.throttle", 429, false, true, false},
		},
		{
			"an error with any code",
			simulator.Trouble{Kind: simulator.Error, Code: "Odd.Code", Status: 418},
			"Odd.Code", "",
			fate{simulator.Error, "Odd.Code", 418, false, true, false},
		},
		{
			"a server error before the effect",
			simulator.Trouble{Kind: simulator.ServerError},
			"<html>", "",
			fate{simulator.ServerError, "http.502", 502, false, true, true},
		},
		{
			"a server error after the effect",
			simulator.Trouble{Kind: simulator.ServerError, Effect: true, Status: 503},
			"<html>", "",
			fate{simulator.ServerError, "http.503", 503, true, true, true},
		},
		{
			"a page of a gateway",
			simulator.Trouble{Kind: simulator.GatewayPage},
			"<html>", "",
			fate{simulator.GatewayPage, "http.403", 403, false, true, false},
		},
		{
			"a reset before the effect",
			simulator.Trouble{Kind: simulator.ResetBefore},
			"", "",
			fate{simulator.ResetBefore, "", 0, false, false, true},
		},
		{
			"a reset after the effect",
			simulator.Trouble{Kind: simulator.ResetAfter},
			"", "",
			fate{simulator.ResetAfter, "", 0, true, false, true},
		},
		{
			"an answer that never comes",
			simulator.Trouble{Kind: simulator.LostAnswer, Delay: short},
			"", "",
			fate{simulator.LostAnswer, "", 0, true, false, true},
		},
		{
			"an answer that is slow",
			simulator.Trouble{Kind: simulator.Slow, Delay: short},
			"{}", "",
			fate{simulator.Slow, "", 200, true, true, false},
		},
		{
			"fields that nobody knows",
			simulator.Trouble{Kind: simulator.UnknownFields},
			"SimulatorUnknownText", "",
			fate{simulator.UnknownFields, "", 200, true, true, false},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, cloud := startToy(t)
			test.trouble.Count = 1
			test.trouble.Action = "stop"
			addTrouble(t, cloud, test.trouble)

			got := call(t.Context(), server, "stop", "i")
			if test.answer == "" && got.err == nil {
				t.Errorf("there is an answer, %d %q; want none", got.status, got.body)
			}
			if test.answer != "" && (got.err != nil || !strings.Contains(got.body, test.answer)) {
				t.Errorf("answer is %q, error %v; want %q in it", got.body, got.err, test.answer)
			}
			if h := got.header.Get("Retry-After"); h != test.header {
				t.Errorf("Retry-After is %q, want %q", h, test.header)
			}
			if diff := cmp.Diff(test.want, fateOf(lastCall(t, cloud))); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			wantStatus := "up"
			if test.want.Effect {
				wantStatus = "going-down"
			}
			if got := status(t, cloud, "i"); got != wantStatus {
				t.Errorf("status is %q, want %q", got, wantStatus)
			}
			if got := call(t.Context(), server, "stop", "j"); got.status != http.StatusOK {
				t.Errorf("the call after the trouble answers %d (%v), want 200", got.status, got.err)
			}
		})
	}
}

func TestASlowCallThatTheClientGivesUpOnIsLost(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	addTrouble(t, cloud, simulator.Trouble{Kind: simulator.Slow, Delay: simulator.Duration(time.Hour)})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := call(ctx, server, "stop", "i"); !errors.Is(got.err, context.DeadlineExceeded) {
		t.Fatalf("error is %v, want the end of the context", got.err)
	}
	until(t, "the call is lost", func() bool { return lastCall(t, cloud).Lost })
	cloud.ClearTroubles()
	call(t.Context(), server, "stop", "i")
	if n := len(simulator.Audit(cloud.Calls(0), simulator.AuditOptions{})); n != 1 {
		t.Errorf("the audit finds %d breaches of a blind repeat, want 1", n)
	}
}

// until waits for what the server does after the client has left. Its limit ends a test
// that hangs, and measures nothing.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for range 10_000 {
		if is() {
			return
		}
		<-ticker.C
	}
	t.Fatalf("%s: not yet", what)
}

func TestCloseEndsCallsThatHang(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	addTrouble(t, cloud, simulator.Trouble{Kind: simulator.LostAnswer, Delay: simulator.Duration(time.Hour)})
	ended := make(chan error, 1)
	go func() { ended <- call(t.Context(), server, "stop", "i").err }()
	until(t, "the stop took effect", func() bool { return status(t, cloud, "i") != "up" })
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the call was answered")
		}
	case <-time.After(5 * time.Second):
		t.Error("the call still hangs after Close")
	}
}

func TestHiddenAndEmptyLists(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	addTrouble(t, cloud, simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{"i"}, Count: 2})
	for _, want := range []string{`{"ids":["j"]}`, `{"ids":["j"]}`, `{"ids":["i","j"]}`} {
		if got := call(t.Context(), server, "describe"); got.body != want {
			t.Errorf("the list is %s, want %s", got.body, want)
		}
	}
	if diff := cmp.Diff([]string{"i", "j"}, lastCall(t, cloud).Shown); diff != "" {
		t.Errorf("the log says it showed (-want +got):\n%s", diff)
	}
	addTrouble(t, cloud, simulator.Trouble{Kind: simulator.EmptyList})
	if got := call(t.Context(), server, "describe", "j"); got.body != `{}` {
		t.Errorf("the list is %s, want it empty", got.body)
	}
	if got := call(t.Context(), server, "stop", "i"); got.status != http.StatusOK {
		t.Errorf("a hidden instance cannot be stopped: %d %s", got.status, got.body)
	}
}

func TestRequestsForNobody(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+"/elsewhere", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusNotFound || !strings.Contains(string(body), `"toy"`) {
		t.Errorf("answer is %d %s, want 404 with the names of the clouds", resp.StatusCode, body)
	}
	if n := len(cloud.Calls(0)); n != 0 {
		t.Errorf("%d calls were logged, want none", n)
	}
}

func TestOnlyLoopbackAddresses(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "192.0.2.1:0": false,
		"example.com:0": false, "nonsense": false,
	} {
		server, err := simulator.NewServer(newToy())
		if err != nil {
			t.Fatal(err)
		}
		err = server.Start(t.Context(), address)
		if got := err == nil; got != allowed {
			t.Errorf("listening on %q: error %v, want allowed: %v", address, err, allowed)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := simulator.NewServer(newToy(), newToy()); err == nil {
		t.Error("two wires of one name were taken")
	}
}
