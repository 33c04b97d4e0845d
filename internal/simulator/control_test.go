package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func TestControlRoundTrips(t *testing.T) {
	t.Parallel()
	server, _ := startToy(t)
	ctx := t.Context()
	k := simulator.NewControl(server.URL()+"/", "toy")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	rich := simulator.Instance{
		ID: "rich", Name: "n", Region: "r2", Zone: "z", Type: "large", Status: "MOONWALK", ChargeType: "monthly",
		LocalDisk: true, Spot: true,
		Classic: true, Locks: []string{"l"}, Arrears: true, Recycled: true, StoppedMode: "m", PublicIP: "203.0.113.1",
		ElasticIP: "203.0.113.2",
		PrivateIP: "10.1.1.1", Tags: map[string]string{"a": "b"}, Extra: map[string]string{"c": "d"},
		CreatedAt:     time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
		LastOperation: simulator.LastOperation{Action: "Stop", State: simulator.Failed, RequestID: "r", Message: "no"},
		Durations:     &simulator.Durations{Stop: simulator.Duration(time.Minute)},
	}
	check(k.Seed(ctx, rich))
	got, err := k.Instance(ctx, "rich")
	check(err)
	if diff := cmp.Diff(rich, got); diff != "" {
		t.Errorf("an instance that went there and back (-want +got):\n%s", diff)
	}
	check(k.Change(ctx, "rich", map[string]any{"name": "m", "locks": []string{}}))
	got, err = k.Instance(ctx, "rich")
	check(err)
	if got.Name != "m" || len(got.Locks) != 0 || got.Type != "large" {
		t.Errorf("after the change it is %+v", got)
	}
	ids, err := k.SeedBulk(ctx, simulator.Bulk{Count: 3, IDPattern: "b-##", Template: simulator.Instance{Region: "r2"}})
	check(err)
	check(k.Remove(ctx, "rich", "b-00"))
	all, err := k.Instances(ctx)
	check(err)
	if len(ids) != 3 || len(all) != 4 {
		t.Errorf("there are %d new and %d instances, want 3 and 4", len(ids), len(all))
	}

	key := simulator.Credential{AccessKeyID: "seeded", Secret: "s", Policy: simulator.AllowOnly("toy:look")}
	check(k.SeedCredentials(ctx, key))
	credentials, err := k.Credentials(ctx)
	check(err)
	if diff := cmp.Diff([]simulator.Credential{key}, credentials); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}

	off, skew := false, simulator.Duration(time.Hour)
	check(k.ChangeSettings(ctx, simulator.Settings{
		Switches: map[string]string{"answer": "no"}, RateLimits: &off, MaxClockSkew: &skew,
		Rates: map[string]simulator.Rate{"stop": {Calls: 3, Window: simulator.Duration(time.Second)}},
	}))
	settings, err := k.Settings(ctx)
	check(err)
	durations := simulator.DefaultDurations()
	want := simulator.Settings{
		Switches: map[string]string{"answer": "no"}, Durations: &durations, RateLimits: &off, MaxClockSkew: &skew,
		Rates: map[string]simulator.Rate{"stop": {Calls: 3, Window: simulator.Duration(time.Second)}},
	}
	if diff := cmp.Diff(want, settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}

	trouble := simulator.Trouble{
		Kind: simulator.Throttle, Action: "stop", InstanceIDs: []string{"i"}, Skip: 1, Count: 2,
		RetryAfter: simulator.Duration(time.Second),
	}
	id, err := k.AddTrouble(ctx, trouble)
	check(err)
	call(ctx, server, "stop", "i")
	call(ctx, server, "stop", "i")
	troubles, err := k.Troubles(ctx)
	check(err)
	trouble.ID, trouble.Hits = id, 1
	if diff := cmp.Diff([]simulator.Trouble{trouble}, troubles); diff != "" {
		t.Errorf("troubles (-want +got):\n%s", diff)
	}
	check(k.ClearTroubles(ctx, id))

	calls, err := k.Calls(ctx, 1)
	check(err)
	wantCall := simulator.Call{
		Index: 1, Cloud: "toy", Region: "r1", Action: "stop", Op: simulator.OpStop, InstanceIDs: []string{"i"},
		Force:         simulator.Graceful,
		ForceExplicit: true, Code: "default.throttle", HTTPStatus: 429, Trouble: simulator.Throttle, Delivered: true,
		UserAgent: "Go-http-client/1.1",
	}
	if diff := cmp.Diff([]simulator.Call{wantCall}, calls,
		cmpopts.IgnoreFields(simulator.Call{}, "Time", "RequestID")); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	counts, err := k.CallCounts(ctx)
	check(err)
	if diff := cmp.Diff(map[string]int{"stop": 2}, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	breaches, err := k.Audit(ctx, simulator.AuditOptions{})
	check(err)
	if len(breaches) != 0 {
		t.Errorf("the audit finds %q, want nothing", breaches)
	}
	status, body := control(t, server, "POST", "toy/audit", "")
	if status != http.StatusOK || strings.TrimSpace(body) != "[]" {
		t.Errorf("an audit without options is answered with %d %s, want 200 and nothing found", status, body)
	}
	check(k.ForgetCalls(ctx))
	check(k.Reset(ctx))
	all, err = k.Instances(ctx)
	check(err)
	calls, err = k.Calls(ctx, 0)
	check(err)
	if len(all) != 0 || len(calls) != 0 {
		t.Errorf("after the reset there are %d instances and %d calls, want none", len(all), len(calls))
	}
}

func TestControlRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	server, _ := startToy(t)
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"a field of a trouble", "POST", "toy/troubles", `{"kind":"busy","shade":"red"}`, 400, `shade`},
		{"a field of an audit", "POST", "toy/audit", `{"shade":"red"}`, 400, `shade`},
		{"a field of an instance", "PATCH", "toy/instances/i", `{"shade":"red"}`, 400, `shade`},
		{"a kind", "POST", "toy/troubles", `{"kind":"earthquake"}`, 400, `earthquake`},
		{"a switch", "PATCH", "toy/settings", `{"switches":{"mood":"good"}}`, 400, `mood`},
		{"a value of a switch", "PATCH", "toy/settings", `{"switches":{"answer":"perhaps"}}`, 400, `perhaps`},
		{"a duration without a unit", "PATCH", "toy/settings", `{"durations":{"stop":5}}`, 400, `1m30s`},
		{"a region", "POST", "toy/instances", `[{"id":"x","region":"mars"}]`, 400, `mars`},
		{"an instance without an id", "POST", "toy/instances", `[{}]`, 400, `id`},
		{"two ids", "PUT", "toy/instances/x", `{"id":"y"}`, 400, `y`},
		{"a second value", "PUT", "toy/instances/x", `{} {}`, 400, `more than one`},
		{"a pattern without a number", "POST", "toy/bulk", `{"count":2,"id_pattern":"x"}`, 400, `#`},
		{"a cloud", "GET", "moon/instances", ``, 404, `moon`},
		{"an instance", "GET", "toy/instances/none", ``, 404, `none`},
		{"a trouble", "DELETE", "toy/troubles/t-9", ``, 404, `t-9`},
		{"a method", "PUT", "toy/settings", `{}`, 405, `/_simulator/v1/toy/settings takes GET, HEAD, PATCH, not PUT`},
		{"a path", "GET", "toy/instances/i/name", ``, 404, `has no GET /_simulator/v1/toy/instances/i/name`},
		{"a number of a call", "GET", "toy/calls?since=yesterday", ``, 400, `since`},
		{"an operation", "GET", "toy/calls?op=stopp", ``, 400, `stopp`},
		{"a form", "GET", "toy/calls?format=csv", ``, 400, `csv`},
		{"a parameter of a list", "GET", "toy/calls?actoin=stop", ``, 400, `actoin`},
		{"a query that is malformed", "GET", "toy/calls?action=%zz", ``, 400, `%zz`},
		{"a query where there is none", "DELETE", "toy/calls?since=3", ``, 400, `takes no query`},
		{"a field twice", "PUT", "toy/instances/x", `{"name":"a","name":"b"}`, 400, `field name is there twice`},
		{"a tag twice", "PUT", "toy/instances/x", `{"tags":{"a":"1","a":"2"}}`, 400, `field a is there twice`},
		{"a brace too many", "PUT", "toy/instances/x", `{}}`, 400, `more than one`},
		{"no body", "POST", "toy/instances", ``, 400, `there is no JSON value`},
		{"an address", "PUT", "toy/instances/x", `{"public_ip":"home"}`, 400, `field public_ip: `},
		{"an id that cannot be seen", "POST", "toy/instances", `[{"id":"a\u202eb"}]`, 400, `cannot be seen`},
		{"a parameter of another kind", "POST", "toy/troubles", `{"kind":"slow","delay":"1s","word":"x"}`, 400, `field word`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, body := control(t, server, test.method, test.path, test.body)
			if status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("answer is %d %s, want %d with %q", status, body, test.status, test.says)
			}
		})
	}
}

func TestControlRefusesALargeBody(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	before := len(cloud.Instances())
	status, body := control(t, server, "POST", "toy/instances", strings.Repeat(" ", 32<<20)+"[]")
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, `"error"`) {
		t.Errorf("it is answered with %d %s", status, body)
	}
	if after := len(cloud.Instances()); after != before {
		t.Errorf("there are %d instances, and %d before", after, before)
	}
}

// A change is made whole or not at all, and two changes at a time are both made.
func TestSettingsChangeInOneStep(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	before := cloud.CurrentSettings()
	for _, change := range []string{
		`{"switches":{"answer":"no","mood":"good"}}`,
		`{"durations":{"stop":"9s"},"rates":{"stop":{"calls":1}}}`,
		`{"max_clock_skew":"9s","switches":{"answer":"perhaps"}}`,
	} {
		if status, body := control(t, server, "PATCH", "toy/settings", change); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d %s", change, status, body)
		}
		if diff := cmp.Diff(before, cloud.CurrentSettings()); diff != "" {
			t.Errorf("%s has changed (-before +after):\n%s", change, diff)
		}
	}
	var changes sync.WaitGroup
	for _, change := range []string{
		`{"durations":{"start":"1m"}}`, `{"durations":{"stop":"1m"}}`, `{"durations":{"forced_stop":"1m"}}`,
		`{"durations":{"reboot":"1m"}}`, `{"durations":{"grace":"1m"}}`,
	} {
		changes.Go(func() { control(t, server, "PATCH", "toy/settings", change) })
	}
	changes.Wait()
	const minute = simulator.Duration(time.Minute)
	want := simulator.Durations{Start: minute, Stop: minute, ForcedStop: minute, Reboot: minute, Grace: minute}
	if got := cloud.Durations(); got != want {
		t.Errorf("durations are %+v, want a minute each", got)
	}
}

func TestAResetPutsTheClockSkewBack(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	before := *cloud.CurrentSettings().MaxClockSkew
	if status, body := control(t, server, "PATCH", "toy/settings", `{"max_clock_skew":"1h"}`); status != http.StatusOK {
		t.Fatal(body)
	}
	if status, body := control(t, server, "POST", "toy/reset", ""); status != http.StatusOK {
		t.Fatal(body)
	}
	if after := *cloud.CurrentSettings().MaxClockSkew; after != before {
		t.Errorf("after a reset the skew is %s, want %s", after, before)
	}
}

// A cloud is never seen empty while it is reset.
func TestAResetIsOneStep(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	cloud.Baseline()
	want := len(cloud.Instances())
	var resets sync.WaitGroup
	for range 50 {
		resets.Go(func() { control(t, server, "POST", "toy/reset", "") })
		resets.Go(func() {
			if got := len(cloud.Instances()); got != want {
				t.Errorf("there are %d instances during a reset, want %d", got, want)
			}
		})
	}
	resets.Wait()
}

func TestAnInstanceThatIsStartedFromOutsideHasNoMode(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	if err := cloud.Seed(simulator.Instance{ID: "x", Status: "down", StoppedMode: "free"}); err != nil {
		t.Fatal(err)
	}
	if status, body := control(t, server, "PATCH", "toy/instances/x", `{"status":"up"}`); status != http.StatusOK {
		t.Fatal(body)
	}
	if i, _ := cloud.Instance("x"); i.StoppedMode != "" {
		t.Errorf("it runs in the mode %q", i.StoppedMode)
	}
}

func TestControlHelpAndOverview(t *testing.T) {
	t.Parallel()
	server, cloud := startToy(t)
	if status, body := control(t, server, "GET", "", ""); status != 200 || body != simulator.ControlHelp {
		t.Errorf("help is %d %q", status, body)
	}
	var clouds []simulator.CloudInfo
	_, body := control(t, server, "GET", "clouds", "")
	if err := json.Unmarshal([]byte(body), &clouds); err != nil {
		t.Fatal(err)
	}
	if len(clouds) != 1 || clouds[0].Name != "toy" || clouds[0].Instances != 2 || !slices.Equal(clouds[0].Regions,
		[]string{"r1", "r2"}) {
		t.Errorf("clouds are %+v", clouds)
	}
	if status, body := control(t, server, "POST", "reset", ""); status != 200 || len(cloud.Instances()) != 0 {
		t.Errorf("reset answers %d %s and leaves %d instances", status, body, len(cloud.Instances()))
	}
	call(t.Context(), server, "describe")
	call(t.Context(), server, "stop", "none")
	var calls []simulator.Call
	_, body = control(t, server, "GET", "toy/calls?op=stop&action=stop", "")
	if err := json.Unmarshal([]byte(body), &calls); err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0].Code != "not_found" {
		t.Errorf("the stops are %+v, want the one that found nothing", calls)
	}
}

func control(t *testing.T, server *simulator.Server, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL()+simulator.ControlPrefix+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}
