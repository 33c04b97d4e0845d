package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
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
	if diff := cmp.Diff([]simulator.Call{wantCall}, calls, cmpopts.IgnoreFields(simulator.Call{}, "Time", "RequestID")); diff != "" {
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
		{"a method", "PUT", "toy/settings", `{}`, 405, ``},
		{"a number of a call", "GET", "toy/calls?since=yesterday", ``, 400, `since`},
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
